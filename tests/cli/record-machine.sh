#!/bin/sh
# record-machine.sh - this machine's disks as a fixture: what palette-install reads to list them.
#
# usage: record-machine.sh > FILE.tree        (as root, for the serial numbers)
#
# Names and sizes only, no bytes of the disks. Look through it before it leaves the machine: it has
# serial numbers and mount points.
set -eu

attributes='dev size ro removable hidden diskseq partition wwid serial nsid
	queue/logical_block_size queue/physical_block_size queue/rotational
	device/type device/vendor device/model device/name device/serial device/wwid
	loop/backing_file md/level'

show() { # DIR: the attributes that are there, one line each
	for a in $attributes; do
		[ -f "$1/$a" ] || continue
		printf '%s/%s = %s\n' "${1#/}" "$a" "$(tr -d '\000' < "$1/$a" 2>/dev/null | head -n 1)"
	done
	for page in vpd_pg80 vpd_pg83 vpd_pg89; do
		[ -f "$1/device/$page" ] || continue
		printf '%s/device/%s := %s\n' "${1#/}" "$page" "$(hexdump -v -e '1/1 "%02x"' "$1/device/$page")"
	done
	for list in slaves holders; do
		[ -d "$1/$list" ] || continue
		for link in "$1/$list"/*; do
			[ -L "$link" ] && printf '%s -> %s\n' "${link#/}" "$(readlink "$link")"
		done
	done
	return 0
}

for disk in /sys/block/*; do
	dir=$(readlink -f "$disk")
	printf '%s -> %s\n' "${disk#/}" "$(readlink "$disk")"
	printf 'sys/class/block/%s -> ../../%s\n' "${disk##*/}" "${dir#/sys/}"
	# A hidden path of NVMe has no number.
	[ ! -f "$dir/dev" ] || printf 'sys/dev/block/%s -> ../../%s\n' "$(cat "$dir/dev")" "${dir#/sys/}"
	show "$dir"
	for part in "$dir/${disk##*/}"*; do
		[ -f "$part/partition" ] || continue
		printf 'sys/dev/block/%s -> ../../%s\n' "$(cat "$part/dev")" "${part#/sys/}"
		show "$part"
	done
	case ${disk##*/} in
	loop* | ram* | zram* | sr* | dm-*) ;;
	*) printf 'head %s %s\n' "${disk##*/}" "$(($(cat "$dir/size") * 512))" ;;
	esac
done
for host in /sys/class/scsi_host/*; do
	[ -f "$host/proc_name" ] || continue
	printf '%s/proc_name = %s\n' "${host#/}" "$(cat "$host/proc_name")"
done
for port in /sys/class/ata_port/*; do
	[ -f "$port/port_no" ] || continue
	dir=$(readlink -f "$port")
	printf '%s/port_no = %s\n' "${dir#/}" "$(cat "$port/port_no")"
done
for name in sys_vendor product_name product_serial; do
	[ -r "/sys/class/dmi/id/$name" ] || continue
	printf 'sys/class/dmi/id/%s = %s\n' "$name" "$(cat "/sys/class/dmi/id/$name")"
done
[ ! -d /sys/firmware/efi ] || echo 'sys/firmware/efi/'
sed 's/^/proc\/self\/mountinfo += /' /proc/self/mountinfo
sed 's/^/proc\/swaps += /' /proc/swaps
