#!/bin/sh
# os-setup.sh - settings of the OS root that are more than a file to copy.
#
# usage: os-setup.sh TREE
set -eu
tree=$1

# The image's own systemctl; it sees that it is in a chroot and changes links only.
turn_on() { chroot "$tree" systemctl --quiet enable "$@"; }
mask() { chroot "$tree" systemctl --quiet mask "$@"; }

turn_on systemd-networkd.service systemd-resolved.service systemd-timesyncd.service ssh.service
for unit in "$tree"/usr/lib/systemd/system/palette-*.service "$tree"/usr/lib/systemd/system/palette-*.path; do
	if [ -e "$unit" ] && grep -q '^\[Install\]' "$unit"; then
		turn_on "$(basename "$unit")"
	fi
done

# The console belongs to palette-console.
mask getty@tty1.service serial-getty@.service console-getty.service
# Nothing is installed or updated on a read-only root.
mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer ldconfig.service \
	systemd-journal-catalog-update.service systemd-hwdb-update.service systemd-update-done.service \
	systemd-firstboot.service
# Never the reason why a console comes late: these wait for what may not be there.
mask systemd-networkd-wait-online.service e2scrub_all.timer e2scrub_reap.service systemd-remount-fs.service

# Nothing here reads settings from a firmware's credentials, or mounts partitions it happens to find:
# the initrd has mounted what this system uses.
mask systemd-network-generator.service systemd-udev-load-credentials.service \
	sys-fs-fuse-connections.mount sys-kernel-config.mount
# Nor are these used here; each would be a process of its own before the first screen.
mask sys-kernel-debug.mount sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount modprobe@drm.service \
	systemd-initctl.socket systemd-creds.socket systemd-ask-password-console.path systemd-ask-password-wall.path
mkdir -p "$tree/etc/systemd/system-generators"
for generator in getty gpt-auto hibernate-resume rc-local run ssh system-update sysv tpm2; do
	ln -s /dev/null "$tree/etc/systemd/system-generators/systemd-$generator-generator"
done

# What the masked update services would do at the first boot of every machine, done once, here.
chroot "$tree" /usr/sbin/ldconfig
rm -rf "$tree/var/cache/ldconfig"
chroot "$tree" /usr/bin/journalctl --update-catalog
chroot "$tree" /usr/bin/systemd-sysusers
# pwquality's dictionary: in the read-only system, not in /var.
mkdir -p "$tree/usr/share/palette"
chroot "$tree" /usr/sbin/create-cracklib-dict -o /usr/share/palette/dictionary /usr/share/dict/cracklib-small
for dir in etc var; do
	printf 'TIMESTAMP_NSEC=%s000000000\n' "$SOURCE_DATE_EPOCH" >"$tree/$dir/.updated"
done

# Nobody logs in before an account was made: no password matches, no key is known.
sed -i 's/^\([^:]*\):[^:*!]*:/\1:*:/' "$tree/etc/shadow"

# What is installed belongs to the image, not to the state: after an update it would be the old list.
mkdir -p "$tree/usr/lib/sysimage"
mv "$tree/var/lib/dpkg" "$tree/usr/lib/sysimage/dpkg"
ln -s ../../usr/lib/sysimage/dpkg "$tree/var/lib/dpkg"
