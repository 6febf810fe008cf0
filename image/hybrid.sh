#!/bin/sh
# hybrid.sh - pack a tree into one ISO that boots by BIOS and UEFI, from CD and from a stick.
#
# usage: hybrid.sh TREE LABEL ID OUT.iso        (inside the build root)
#
# TREE has boot/grub/grub.cfg and palette/id-ID, by which GRUB finds the medium again; ID is 16 hex
# digits. The same TREE and SOURCE_DATE_EPOCH give the same bytes.
#
# The recipe's parts and the firmware traps they avoid: the EFI partition appended with a GPT entry
# (ESXi), EFI/BOOT in the ISO tree too (old Supermicro), an active dummy entry in the MBR (strict
# BIOSes), a small EFI image (El Torito counts its sectors in 16 bits).
set -eu
die() { echo "hybrid.sh: $*" >&2; exit 1; }

[ $# -eq 4 ] || die "usage: hybrid.sh TREE LABEL ID OUT.iso"
tree=$1 label=$2 id=$3 out=$4
: "${SOURCE_DATE_EPOCH:?must be set: the build has to be reproducible}"
[ -f "$tree/boot/grub/grub.cfg" ] || die "$tree has no boot/grub/grub.cfg"
[ -f "$tree/palette/id-$id" ] || die "$tree has no palette/id-$id"
. image/grub-modules.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bios_image() {
	# shellcheck disable=SC2086 # a list of module names
	grub-mkimage -O i386-pc-eltorito -p /boot/grub -c "$work/find.cfg" \
		-o "$tree/boot/grub/eltorito.img" $modules
}

esp_image() {
	mkdir -p "$work/esp" "$tree/EFI/BOOT"
	efi_files "$work/esp"
	cp "$work"/esp/* "$tree/EFI/BOOT/"
	truncate -s 8M "$work/esp.img"
	mkfs.fat -F 16 -s 1 -n PALETTE --invariant "$work/esp.img" >/dev/null
	mmd -i "$work/esp.img" ::/EFI ::/EFI/BOOT ::/boot ::/boot/grub
	find "$work/esp" "$work/find.cfg" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	mcopy -m -i "$work/esp.img" "$work"/esp/* ::/EFI/BOOT/
	mcopy -m -i "$work/esp.img" "$work/find.cfg" ::/boot/grub/grub.cfg
}

sed "s/@ID@/$id/g" grub/iso-find.cfg >"$work/find.cfg"
bios_image
esp_image
# Filled below. A tree without manifest, such as that of a benchmark, is no installation medium.
if [ -f "$tree/palette/manifest" ]; then
	head -c 16384 /dev/zero >"$tree/palette/areas"
fi
find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +

stamp=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S00)
guid=$(echo "$id$id" | sed 's/\(.\{8\}\)\(.\{4\}\).\(.\{3\}\).\(.\{3\}\)\(.\{12\}\)/\1-\2-4\3-8\4-\5/')
rm -f "$out.new"
xorriso -report_about WARNING -preparer_id "PALETTE EDGE" \
	-volume_date all_file_dates "=$SOURCE_DATE_EPOCH" \
	-as mkisofs -quiet -o "$out.new" -V "$label" -volset "$id" -r -J -joliet-long -iso-level 3 \
	--modification-date="$stamp" \
	--grub2-mbr /usr/lib/grub/i386-pc/boot_hybrid.img -partition_offset 16 --mbr-force-bootable \
	-append_partition 2 28732ac11ff8d211ba4b00a0c93ec93b "$work/esp.img" -appended_part_as_gpt \
	-iso_mbr_part_type a2a0d0ebe5b9334487c068b6b72699c7 --gpt_disk_guid "$guid" \
	-c /boot/boot.cat -b /boot/grub/eltorito.img -no-emul-boot -boot-load-size 4 \
	-boot-info-table --grub2-boot-info \
	-eltorito-alt-boot -e '--interval:appended_partition_2:all::' -no-emul-boot "$tree"
if [ -f "$tree/palette/manifest" ]; then
	image/areas.sh "$tree/palette/manifest" "$out.new"
fi
mv "$out.new" "$out"
