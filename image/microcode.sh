#!/bin/sh
# microcode.sh - the processors' microcode as the kernel looks for it: first in the initrd, not packed.
#
# usage: microcode.sh OS-ROOT OUT.img        (inside the build root)
#
# OUT.img is empty when the OS root was made without the firmware packages.
set -eu
die() { echo "microcode.sh: $*" >&2; exit 1; }

[ $# -eq 2 ] || die "usage: microcode.sh OS-ROOT OUT.img"
os=$1 out=$2
: "${SOURCE_DATE_EPOCH:?must be set: the build has to be reproducible}"
firmware=$os/usr/lib/firmware
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
to=$work/kernel/x86/microcode

: >"$out"
[ -d "$firmware/intel-ucode" ] || [ -d "$firmware/amd-ucode" ] || exit 0
mkdir -p "$to"
# -initramfs files are for processors whose update must not come this early.
find "$firmware/intel-ucode" -type f ! -name '*initramfs*' | LC_ALL=C sort | xargs -r cat >"$to/GenuineIntel.bin"
find "$firmware/amd-ucode" -name '*.bin' | LC_ALL=C sort | xargs -r cat >"$to/AuthenticAMD.bin"
find "$work" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
(cd "$work" && find kernel | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0) >"$out"
