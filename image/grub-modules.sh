# grub-modules.sh - sourced: what both GRUBs for legacy BIOS are made of, and the signed EFI files.
# shellcheck shell=sh

# Built in: nothing is loaded from a disk that may be damaged.
modules='biosdisk iso9660 part_gpt part_msdos fat ext2 normal configfile linux loadenv test echo
	search search_fs_file search_fs_uuid search_label serial terminal minicmd reboot halt sleep ls cat loopback
	probe regexp true gzio'

# The CD variant of the signed GRUB: it finds /boot/grub on whatever medium it came from.
efi_files() { # DIR
	cp /usr/lib/shim/shimx64.efi.signed "$1/BOOTX64.EFI"
	cp /usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed "$1/grubx64.efi"
	cp /usr/lib/shim/mmx64.efi.signed "$1/mmx64.efi"
}

# What starts an installed disk, laid out as on the medium: the medium has it for the installer, the
# OS image for the disk's own "repair".
disk_boot_files() { # DIR
	mkdir -p "$1/palette/efi"
	cp /usr/lib/grub/i386-pc/boot.img "$1/palette/boot.img"
	# shellcheck disable=SC2086 # a list of module names
	grub-mkimage -O i386-pc -p '(,gpt2)/boot/grub' -o "$1/palette/core.img" $modules
	efi_files "$1/palette/efi"
	cp grub/disk-grub.cfg "$1/palette/disk-grub.cfg"
}
