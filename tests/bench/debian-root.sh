#!/bin/sh
# debian-root.sh - a plain Debian root of the appliance's suite and packages, for `make bench`.
#
# usage: debian-root.sh SUITE CACHE OUT        (as root, on the machine)
#
# mmdebstrap's result with Debian's own initrd and default services: what the appliance's start is
# compared with.
set -eu
die() { echo "debian-root.sh: $*" >&2; exit 1; }

[ $# -eq 3 ] || die "usage: debian-root.sh SUITE CACHE OUT"
suite=$1 cache=$2 out=$3
[ ! -e "$out" ] || exit 0
mkdir -p "$(dirname "$out")"
list=$(mktemp)
trap 'rm -f "$list"' EXIT
echo initramfs-tools >"$list"
image/bootstrap.sh "$suite" "$cache" minbase "$out.new" "image/packages/os.list,$list"
echo debian >"$out.new/etc/hostname"
mv "$out.new" "$out"
