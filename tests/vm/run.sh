#!/bin/sh
# run.sh - boot the ISO on a scratch disk, its serial port in this terminal.
#
# usage: run.sh ISO bios|uefi cd|usb DIR        (Ctrl+A X ends it; DIR keeps the disk)
set -eu
die() { echo "run.sh: $*" >&2; exit 1; }

[ $# -eq 4 ] || die "usage: run.sh ISO bios|uefi cd|usb DIR"
iso=$1 firmware=$2 medium=$3 dir=$4
[ -f "$iso" ] || die "$iso is missing: run 'sudo make deps iso' first"
command -v qemu-system-x86_64 >/dev/null || die "QEMU is missing: install qemu-system-x86 (and ovmf for uefi)"
mkdir -p "$dir"
[ -f "$dir/disk.img" ] || truncate -s 20G "$dir/disk.img"

set -- -m 2048 -smp 1 -nographic -no-reboot -nic user,model=virtio-net-pci \
	-drive "if=none,id=disk,format=raw,file=$dir/disk.img" -device virtio-blk-pci,drive=disk,bootindex=1
case $firmware in
bios) set -- -machine pc "$@" ;;
uefi)
	[ -f "$dir/vars.fd" ] || cp /usr/share/OVMF/OVMF_VARS_4M.fd "$dir/vars.fd" || die "install ovmf"
	set -- -machine q35 -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \
		-drive "if=pflash,format=raw,file=$dir/vars.fd" "$@" ;;
*) die "FIRMWARE is $firmware: say bios or uefi" ;;
esac
case $medium in
cd) set -- "$@" -drive "if=none,id=iso,media=cdrom,format=raw,readonly=on,file=$iso" -device ide-cd,drive=iso,bootindex=0 ;;
usb) set -- "$@" -drive "if=none,id=iso,format=raw,readonly=on,file=$iso" -device qemu-xhci \
	-device usb-storage,drive=iso,bootindex=0,removable=on ;;
*) die "MEDIUM is $medium: say cd or usb" ;;
esac
exec qemu-system-x86_64 -cpu Nehalem,vendor=AuthenticAMD "$@"
