#!/bin/sh
# iso.sh - one hybrid ISO: El Torito for BIOS and UEFI, GPT and MBR for sticks.
#
# usage: iso.sh VERSION OS.img OS.conf VMLINUZ INITRD OUT.iso        (inside the build root)
#
# The same inputs and SOURCE_DATE_EPOCH give the same bytes. The recipe's parts and the firmware
# traps they avoid: appended ESP with a GPT entry (ESXi), the CD variant of the signed GRUB (its
# prefix is found on any medium), EFI/BOOT in the ISO tree too (old Supermicro), an active dummy
# entry in the MBR (strict BIOSes).
set -eu
die() { echo "iso.sh: $*" >&2; exit 1; }

[ $# -eq 6 ] || die "usage: iso.sh VERSION OS.img OS.conf VMLINUZ INITRD OUT.iso"
version=$1 os=$2 os_conf=$3 vmlinuz=$4 initrd=$5 out=$6
: "${SOURCE_DATE_EPOCH:?must be set: the build has to be reproducible}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$tree/palette/efi" "$tree/boot/grub/i386-pc" "$tree/EFI/BOOT"

# Modules of GRUB's BIOS images. They are built in: nothing is loaded from a disk that may be damaged.
modules='biosdisk iso9660 part_gpt part_msdos fat ext2 normal configfile linux loadenv test echo
	search search_fs_file search_fs_uuid serial terminal minicmd reboot halt sleep ls cat loopback
	regexp true all_video gzio'

efi_files() { # the three signed files, to DIR
	cp /usr/lib/shim/shimx64.efi.signed "$1/BOOTX64.EFI"
	cp /usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed "$1/grubx64.efi"
	cp /usr/lib/shim/mmx64.efi.signed "$1/mmx64.efi"
}

payload() { # everything the manifest lists
	ln "$os" "$tree/palette/os.img" 2>/dev/null || cp "$os" "$tree/palette/os.img"
	cp "$vmlinuz" "$tree/boot/vmlinuz"
	cp "$initrd" "$tree/boot/initrd.img"
	cp /usr/lib/grub/i386-pc/boot.img "$tree/palette/boot.img"
	# shellcheck disable=SC2086 # a list of module names
	grub-mkimage -O i386-pc -p '(,gpt2)/boot/grub' -o "$tree/palette/core.img" $modules
	efi_files "$tree/palette/efi"
	cp grub/disk-grub.cfg "$tree/palette/disk-grub.cfg"
}

manifest() { # the id is a digest of everything listed, so it changes with any byte of the payload
	cat "$os_conf" >"$work/list"
	(cd "$tree" && find palette boot -type f | LC_ALL=C sort | while read -r file; do
		echo "file = $(sha256sum "$file" | cut -d' ' -f1) $(stat -c %s "$file") $file"
	done) >>"$work/list"
	id=$(sha256sum "$work/list" | cut -c1-16)
	{
		echo "version = $version"
		echo "medium-id = $id"
		cat "$work/list"
	} >"$tree/palette/manifest"
	: >"$tree/palette/id-$id"
}

grub_config() {
	sed -e "s/@ID@/$id/g" -e "s/@VERSION@/$version/g" grub/iso-grub.cfg >"$tree/boot/grub/grub.cfg"
	sed -e "s/@ID@/$id/g" grub/iso-find.cfg >"$work/find.cfg"
	# shellcheck disable=SC2086
	grub-mkimage -O i386-pc-eltorito -p /boot/grub -c "$work/find.cfg" \
		-o "$tree/boot/grub/eltorito.img" $modules
}

esp_image() { # small: El Torito counts its sectors in 16 bits
	mkdir -p "$work/esp"
	efi_files "$work/esp"
	truncate -s 8M "$work/esp.img"
	mkfs.fat -F 16 -s 1 -n PALETTE --invariant "$work/esp.img" >/dev/null
	mmd -i "$work/esp.img" ::/EFI ::/EFI/BOOT ::/boot ::/boot/grub
	find "$work/esp" "$work/find.cfg" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	mcopy -m -i "$work/esp.img" "$work"/esp/* ::/EFI/BOOT/
	mcopy -m -i "$work/esp.img" "$work/find.cfg" ::/boot/grub/grub.cfg
}

payload
manifest
grub_config
cp "$tree"/palette/efi/* "$tree/EFI/BOOT/"
esp_image
find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +

stamp=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S00)
guid=$(echo "$id$id" | sed 's/\(.\{8\}\)\(.\{4\}\).\(.\{3\}\).\(.\{3\}\)\(.\{12\}\)/\1-\2-4\3-8\4-\5/')
rm -f "$out.new"
xorriso -report_about WARNING -preparer_id "PALETTE EDGE" -volume_date all_file_dates "=$SOURCE_DATE_EPOCH" \
	-as mkisofs -quiet -o "$out.new" -V PALETTE_EDGE -volset "$id" -r -J -joliet-long -iso-level 3 \
	--hardlinks --modification-date="$stamp" \
	--grub2-mbr /usr/lib/grub/i386-pc/boot_hybrid.img -partition_offset 16 --mbr-force-bootable \
	-append_partition 2 28732ac11ff8d211ba4b00a0c93ec93b "$work/esp.img" -appended_part_as_gpt \
	-iso_mbr_part_type a2a0d0ebe5b9334487c068b6b72699c7 --gpt_disk_guid "$guid" \
	-c /boot/boot.cat -b /boot/grub/eltorito.img -no-emul-boot -boot-load-size 4 \
	-boot-info-table --grub2-boot-info \
	-eltorito-alt-boot -e '--interval:appended_partition_2:all::' -no-emul-boot "$tree"
mv "$out.new" "$out"
