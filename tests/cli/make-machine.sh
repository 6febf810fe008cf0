#!/bin/sh
# make-machine.sh - a recorded machine for palette-install's --sysroot, from a few lines.
#
# usage: make-machine.sh DIR bios|uefi|secure < LINES        (needs neither root nor network)
#
# A line is "NAME BUS GB VENDOR/MODEL/SERIAL [KEY=VALUE ...]"; '_' in texts is a space.
# BUS: ata, nvme, usb, scsi, virtio, cd. Keys: medium=DIR (DIR is mounted from it), ro=1,
# wwn=TEXT, content=parts (a partition table with two file systems). "raid PCI_VENDOR" is a RAID controller,
# "memory GIB CPUS" the machine's size.
set -eu
die() { echo "make-machine.sh: $*" >&2; exit 1; }

[ $# -eq 2 ] || die "usage: make-machine.sh DIR bios|uefi|secure < LINES"
root=$1 firmware=$2
pci=$root/sys/devices/pci0000:00
n=0

spaces() { echo "$1" | tr _ ' '; }

put() { # FILE TEXT
	mkdir -p "${1%/*}"
	printf '%s\n' "$2" > "$1"
}

device_dir() { # NAME BUS: where sysfs has the disk
	case $2 in
	ata | cd) echo "$pci/0000:00:1f.2/ata$n/host$n/target$n:0:0/$n:0:0:0/block/$1" ;;
	nvme) echo "$pci/0000:01:00.0/nvme/nvme0/$1" ;;
	usb) echo "$pci/0000:00:14.0/usb1/1-$n/1-$n:1.0/host$n/target$n:0:0/$n:0:0:0/block/$1" ;;
	scsi) echo "$pci/0000:03:00.0/host$n/target$n:0:$n/$n:0:$n:0/block/$1" ;;
	virtio) echo "$pci/0000:00:05.0/virtio$n/block/$1" ;;
	*) die "no bus called $2" ;;
	esac
}

fill() { # IMAGE: a GPT with an ESP and an ext4, as an earlier system left them
	printf 'label: gpt\nsize=64MiB, type=U\nsize=1GiB, type=L\n' | sfdisk -q "$1"
	mkfs.fat --offset 2048 -F 32 "$1" 65536 > /dev/null 2>&1
	mke2fs -q -F -t ext4 -L data -E offset=$((65 * 1024 * 1024)) "$1" 256M
}

add_disk() { # NAME BUS GB VENDOR/MODEL/SERIAL [KEY=VALUE ...]
	name=$1 bus=$2 sectors=$(($3 * 1953125))
	names=$4
	shift 4
	n=$((n + 1))
	dir=$(device_dir "$name" "$bus")
	put "$dir/size" "$sectors"
	put "$dir/removable" "$([ "$bus" = cd ] || [ "$bus" = usb ] && echo 1 || echo 0)"
	put "$dir/ro" 0
	put "$dir/diskseq" $n
	put "$dir/queue/logical_block_size" 512
	mkdir -p "$dir/device" "$root/sys/block" "$root/sys/class/block" "$root/heads"
	if [ "$bus" = scsi ]; then
		put "$root/sys/class/scsi_host/host$n/proc_name" vmw_pvscsi
	fi
	[ "$bus" != nvme ] || put "$dir/nsid" 1
	case $bus in
	ata | cd) put "${dir%/host*}/ata_port/ata$n/port_no" "$n" ;;
	esac
	[ "$bus" != cd ] || put "$dir/device/type" 5
	vendor=${names%%/*} rest=${names#*/}
	[ -z "$vendor" ] || put "$dir/device/vendor" "$(spaces "$vendor")"
	[ -z "${rest%%/*}" ] || put "$dir/device/model" "$(spaces "${rest%%/*}")"
	[ -z "${rest#*/}" ] || put "$dir/device/serial" "${rest#*/}"
	ln -s "$dir" "$root/sys/block/$name"
	ln -s "$dir" "$root/sys/class/block/$name"
	truncate -s $((sectors * 512)) "$root/heads/$name.img"
	for key in "$@"; do
		case $key in
		ro=*) put "$dir/ro" "${key#*=}" ;;
		wwn=*) put "$dir/device/wwid" "${key#*=}" ;;
		content=parts) fill "$root/heads/$name.img" ;;
		medium=*)
			echo "30 1 0:99 / ${key#*=} ro - iso9660 /dev/$name ro" \
				>> "$root/proc/self/mountinfo"
			;;
		*) die "no key called $key" ;;
		esac
	done
}

memory() { # GIB CPUS
	put "$root/proc/meminfo" "MemTotal:       $(($1 * 1024 * 1024)) kB"
	: > "$root/proc/cpuinfo"
	for cpu in $(seq 0 $(($2 - 1))); do
		printf 'processor\t: %s\n' "$cpu" >> "$root/proc/cpuinfo"
	done
}

mkdir -p "$root/sys/block" "$root/proc/self"
root=$(realpath "$root")
pci=$root/sys/devices/pci0000:00
: > "$root/proc/self/mountinfo"
: > "$root/proc/swaps"
memory 16 8
put "$root/sys/class/dmi/id/sys_vendor" 'Example Inc.'
put "$root/sys/class/dmi/id/product_name" 'ExampleServer R640'
put "$root/sys/class/dmi/id/product_serial" '7XK2PQ3'
efivars=$root/sys/firmware/efi/efivars
[ "$firmware" = bios ] || mkdir -p "$efivars"
if [ "$firmware" = secure ]; then
	printf '\006\000\000\000\001' > "$efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
fi

while read -r first rest; do
	# shellcheck disable=SC2086 # words are what is wanted
	case $first in
	'' | '#'*) ;;
	memory) memory $rest ;;
	raid)
		n=$((n + 1))
		put "$root/sys/bus/pci/devices/0000:0$n:00.0/class" 0x010400
		put "$root/sys/bus/pci/devices/0000:0$n:00.0/vendor" "$rest"
		;;
	*) add_disk "$first" $rest ;;
	esac
done
