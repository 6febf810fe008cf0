#!/bin/sh
# os.sh - the OS image: the package root, our files and programs over it, squashfs, dm-verity behind.
#
# usage: os.sh OS-ROOT OVERLAY BIN-DIR WEB-DIR LEVEL OUT.img OUT.conf        (as root, in the build root)
#
# LEVEL is the zstd level. OUT.conf gets the os-* lines of the manifest.
set -eu
die() { echo "os.sh: $*" >&2; exit 1; }

[ $# -eq 7 ] || die "usage: os.sh OS-ROOT OVERLAY BIN-DIR WEB-DIR LEVEL OUT.img OUT.conf"
root=$(realpath "$1") overlay=$2 bin=$3 web=$4 level=$5 img=$6 conf=$7
: "${SOURCE_DATE_EPOCH:?must be set: the build has to be reproducible}"
# The merged tree is an overlay mount: the package root stays as it is for the next build.
work=$(mktemp -d)
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/tree"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/work" "$work/tree"
trap 'umount "$work/tree" "$work"; rmdir "$work"' EXIT
tree=$work/tree

image/copy.sh "$overlay" "$tree"
while read -r program; do
	[ -x "$bin/$program" ] || die "$bin/$program is missing: run 'make programs' first"
	install -m 755 "$bin/$program" "$tree/usr/bin/$program"
	strip "$tree/usr/bin/$program"
done <image/os-programs.list
[ -f "$web/index.html" ] || die "$web/index.html is missing: run 'make page' first"
install -d -m 755 "$tree/usr/share/palette-localui" "$tree/usr/share/palette-localui/web"
image/copy.sh "$web" "$tree/usr/share/palette-localui/web"
install -m 644 localui/openapi.json "$tree/usr/share/palette-localui/openapi.json"
mkdir -p "$tree/data" "$tree/efi"
. image/grub-modules.sh
disk_boot_files "$tree/usr/lib/palette/boot"
sh image/os-setup.sh "$tree"

rm -f "$img.new"
env -u SOURCE_DATE_EPOCH mksquashfs "$tree" "$img.new" -quiet -no-progress -comp zstd -Xcompression-level "$level" -b 256K \
	-noappend -reproducible -all-time "$SOURCE_DATE_EPOCH" -mkfs-time "$SOURCE_DATE_EPOCH" \
	-e boot var/cache/apt var/lib/apt/lists usr/lib/firmware/intel-ucode usr/lib/firmware/amd-ucode >/dev/null
truncate -s %4096 "$img.new"
blocks=$(($(stat -c %s "$img.new") / 4096))
# A salt from the content: the same content gives the same tree.
salt=$(sha256sum "$img.new" | cut -d' ' -f1)
hash=$(veritysetup format --no-superblock --hash=sha256 --data-block-size=4096 \
	--hash-block-size=4096 --salt="$salt" --data-blocks="$blocks" \
	--hash-offset=$((blocks * 4096)) "$img.new" "$img.new" | sed -n 's/^Root hash:[ \t]*//p')
[ "${#hash}" = 64 ] || die "veritysetup gave no root hash for $img"
truncate -s %4096 "$img.new"
printf 'os-root-hash = %s\nos-salt = %s\nos-data-blocks = %s\n' "$hash" "$salt" "$blocks" >"$conf"
mv "$img.new" "$img"
