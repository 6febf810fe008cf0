#!/bin/sh
# make-medium.sh - a small installation medium as a directory, with what the installer checks.
#
# usage: make-medium.sh DIR [OS_MIB]        (needs neither root nor network)
#
# os.img holds data, runs of zeros and a tail; boot.img and core.img have the fields GRUB's have.
# The same arguments give the same bytes.
set -eu
die() { echo "make-medium.sh: $*" >&2; exit 1; }

[ $# -ge 1 ] || die "usage: make-medium.sh DIR [OS_MIB]"
dir=$1 os_mib=${2:-9}
id=0123456789abcdef

# Repeatable bytes that do not compress: AES of zeros would need openssl, awk is everywhere.
noise() { # SEED KIB
	awk -v seed="$1" -v n="$2" 'BEGIN { srand(seed); for (i = 0; i < n; i++) {
		line = ""; for (k = 0; k < 64; k++) line = line sprintf("%016x", int(rand() * 2^53));
		print substr(line, 1, 1023) } }'
}

put_bytes() { # FILE OFFSET OCTAL_ESCAPES
	# shellcheck disable=SC2059
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

mkdir -p "$dir/palette/efi" "$dir/boot"
: > "$dir/palette/id-$id"

truncate -s "${os_mib}M" "$dir/palette/os.img"
noise 1 1000 | dd of="$dir/palette/os.img" conv=notrunc status=none
noise 2 300 | dd of="$dir/palette/os.img" bs=1M seek=5 conv=notrunc status=none
noise 3 4 | dd of="$dir/palette/os.img" bs=4096 seek=$((os_mib * 256 - 1)) conv=notrunc status=none
truncate -s "${os_mib}M" "$dir/palette/os.img"

noise 4 120 > "$dir/boot/vmlinuz"
noise 5 90 > "$dir/boot/initrd.img"
noise 6 20 > "$dir/palette/efi/BOOTX64.EFI"
noise 7 33 > "$dir/palette/efi/grubx64.efi"
noise 8 10 > "$dir/palette/efi/mmx64.efi"

truncate -s 512 "$dir/palette/boot.img"
put_bytes "$dir/palette/boot.img" 0 '\353\143\220'
put_bytes "$dir/palette/boot.img" 102 '\353\005'
put_bytes "$dir/palette/boot.img" 510 '\125\252'
noise 9 20 | head -c 20000 > "$dir/palette/core.img" # 40 sectors, the last one not full
put_bytes "$dir/palette/core.img" 500 '\002\000\000\000\000\000\000\000\047\000\040\010'

cat > "$dir/palette/disk-grub.cfg" <<-'CFG'
	# @VERSION@
	search --fs-uuid --set=root @ESP_UUID@
	linux /palette/a/vmlinuz palette.system=@SYSTEM_A@ palette.data=@DATA@ palette.esp=@ESP@
	linux /palette/b/vmlinuz palette.system=@SYSTEM_B@ mail=root@localhost $@
CFG

(
	cd "$dir"
	for f in palette/os.img boot/vmlinuz; do
		split -b 1M --filter=sha256sum "$f" |
			awk -v f="$f" '{ printf "%s %d %s\n", $1, (NR - 1) * 1048576, f }'
	done
) > "$dir/palette/chunks"

(
	echo "version = 2026.11.23-test"
	echo "medium-id = $id"
	echo "os-root-hash = $(printf '%064d' 0)"
	echo "os-salt = $(printf '%064d' 1)"
	echo "os-data-blocks = $((os_mib * 256 - 1))"
	cd "$dir"
	for f in palette/os.img boot/vmlinuz boot/initrd.img palette/boot.img palette/core.img \
		palette/efi/BOOTX64.EFI palette/efi/grubx64.efi palette/efi/mmx64.efi \
		palette/disk-grub.cfg palette/chunks; do
		echo "file = $(sha256sum "$f" | cut -d' ' -f1) $(stat -c %s "$f") $f"
	done
) > "$dir/palette/manifest.new"
mv "$dir/palette/manifest.new" "$dir/palette/manifest"
