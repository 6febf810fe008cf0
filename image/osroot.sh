#!/bin/sh
# osroot.sh - the packages of the appliance OS as a directory; without our own programs and files.
#
# usage: osroot.sh SUITE CACHE OUT LIST[,LIST...]        (as root)
set -eu
die() { echo "osroot.sh: $*" >&2; exit 1; }

[ $# -eq 4 ] || die "usage: osroot.sh SUITE CACHE OUT LIST[,LIST...]"
suite=$1 cache=$2 out=$3 lists=$4
here=$(dirname "$0")
[ "$(id -u)" = 0 ] || die "making the OS root needs root: run 'sudo make iso'"
rm -rf "$out" "$out.new"

# Our initrd is the only one: INITRD=No keeps the kernel package from making another.
INITRD=No "$here/bootstrap.sh" "$suite" "$cache" minbase "$out.new" "$lists" \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/info/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-include=/usr/share/doc/*/copyright'

# What must differ between machines is made by each at its first boot.
rm -f "$out.new"/etc/ssh/ssh_host_* "$out.new"/etc/hostname "$out.new"/boot/initrd.img-* \
	"$out.new"/initrd.img* "$out.new"/vmlinuz* "$out.new"/var/lib/dbus/machine-id \
	"$out.new"/etc/resolv.conf "$out.new"/var/lib/systemd/random-seed
: >"$out.new/etc/machine-id"
ln -s ../run/systemd/resolve/stub-resolv.conf "$out.new/etc/resolv.conf"

# What would give two builds different bytes, and no use to the appliance.
rm -rf "$out.new/var/log/journal"
find "$out.new/var/log" "$out.new/var/cache" "$out.new/tmp" -type f -delete
rm -f "$out.new"/etc/*- "$out.new"/var/lib/dpkg/*-old
mv "$out.new" "$out"
