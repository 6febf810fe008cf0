#!/bin/sh
# os-setup.sh - settings of the OS root that are more than a file to copy.
#
# usage: os-setup.sh TREE
set -eu
tree=$1

turn_on() { systemctl --root="$tree" --quiet enable "$@"; }
mask() { systemctl --root="$tree" --quiet mask "$@"; }

turn_on systemd-networkd.service systemd-resolved.service systemd-timesyncd.service ssh.service
for unit in "$tree"/usr/lib/systemd/system/palette-*.service; do
	[ -e "$unit" ] || continue
	grep -q '^\[Install\]' "$unit" && turn_on "$(basename "$unit")"
done
# The console belongs to palette-console. Package timers change nothing on a read-only root.
mask getty@tty1.service serial-getty@.service console-getty.service apt-daily.timer \
	apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer systemd-networkd-wait-online.service \
	systemd-firstboot.service systemd-remount-fs.service
# Nobody logs in before an account was made: root has no password that matches.
sed -i 's/^root:[^:]*:/root:*:/' "$tree/etc/shadow"
