#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Which disk "disk = ..." of the answers means and how it is laid out, on the machines of
# tests/fixtures/machines. Nothing is installed: tests/cli/fake_apply.c.

bats_require_minimum_version 1.5.0
load common

setup_file() {
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/medium"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	LOG=install.log
	unset PALETTE_CONSOLE_SOCKET
}

# machine NAME: unpacks tests/fixtures/machines/NAME.tree
machine() {
	need python3
	"$BATS_TEST_DIRNAME/unpack-machine.py" "$BATS_TEST_DIRNAME/../fixtures/machines/$1.tree" "$1"
	ROOT=$1
}

# answered DISK [LINE ...]: an unattended installation on it
answered() {
	rm -f "$LOG"
	printf '%s\n' 'unattended = yes' 'action = reboot' "disk = $1" "${@:2}" > answers
	run --separate-stderr "$PALETTE_BUILD/tests/palette-install-fake" --sysroot "$ROOT" \
		--source "$BATS_FILE_TMPDIR/medium" --log "$LOG" --answers answers < /dev/null
}

# refused TEXT: nothing was written, and it says why
refused() {
	[ "$status" -eq 3 ] || { echo "status $status: $output $stderr"; return 1; }
	[[ "$output$stderr" == *"$1"* ]] || { echo "no \"$1\" in: $output $stderr"; return 1; }
	! grep -q 'start: yes' "$LOG"
}

# taken PATH
taken() {
	[ "$status" -eq 10 ] || { echo "status $status: $output $stderr"; return 1; }
	grep -q "disk: $1, as answered" "$LOG"
}

@test "a link that two disks share is refused and both are listed" {
	machine cheap-twins
	answered /dev/disk/by-id/nvme-eui.0000000001000000
	refused "2 disks match, one must: /dev/nvme0n1 (512 GB, NVMe, serial NE5S0000123); /dev/nvme1n1 (512 GB, NVMe, serial NE5S0000987)"
}

@test "a link with an NVMe disk's name, with and without the number of the namespace" {
	machine cheap-twins
	for name in NE5S0000987 NE5S0000987_1; do
		answered /dev/disk/by-id/nvme-NE-512_$name
		taken /dev/nvme1n1
	done
	answered /dev/disk/by-id/nvme-NE-512_NE5S0000987_2
	refused 'no such disk can be installed on'
}

@test "a SATA disk is found by its whole model, of which SCSI has room for 16 characters" {
	machine qemu-ahci
	answered 'model=Samsung SSD 870 EVO*'
	taken /dev/sdb
	for name in ata-Samsung_SSD_870_EVO_500GB scsi-SATA_Samsung_SSD_870; do
		answered /dev/disk/by-id/${name}_S62ANJ0R123456
		taken /dev/sdb
	done
}

@test "a SCSI disk without a serial number is found by what identifies it otherwise" {
	machine qemu-pvscsi
	answered /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi0
	taken /dev/sdb
}

@test "a disk that holds what nobody knows is not overwritten without a word; an erased one is" {
	machine qemu-ahci
	for at in 0 900 19999999000; do
		rm -f "$ROOT/heads/sdb.img"
		truncate -s 20000000000 "$ROOT/heads/sdb.img"
		printf secret | dd of="$ROOT/heads/sdb.img" bs=1 seek=$at conv=notrunc status=none
		answered serial=S62ANJ0R123456
		refused '/dev/sdb holds data (data of an unknown kind): it is overwritten only with "overwrite = yes"'
	done
	answered serial=S62ANJ0R123456 'overwrite = yes'
	taken /dev/sdb
	# Its last mebibyte is the 19074th: the file ends with it.
	for at in 0 19073; do
		head -c 1M /dev/zero | tr '\0' '\377' | dd of="$ROOT/heads/sdb.img" bs=1M seek=$at conv=notrunc status=none
	done
	answered serial=S62ANJ0R123456
	taken /dev/sdb
}

@test "the stick that the product before was installed from is no earlier installation" {
	need mke2fs sfdisk
	machine qemu-ahci
	printf 'label: gpt\nsize=64M\n' | sfdisk -q "$ROOT/heads/sda.img"
	mke2fs -q -F -t ext4 -L COS_LIVE -E offset=$((1024 * 1024)) "$ROOT/heads/sda.img" 64M
	answered serial=S62ANJ0R123456
	taken /dev/sdb
	mke2fs -q -F -t ext4 -L COS_STATE -E offset=$((1024 * 1024)) "$ROOT/heads/sda.img" 64M
	answered serial=S62ANJ0R123456
	refused '/dev/sda holds an earlier installation (COS_STATE)'
}

@test "more earlier installations than are wiped at once are counted, not passed over" {
	need sfdisk mke2fs
	local i
	truncate -s 1G old.img
	printf 'label: gpt\nsize=64M\n' | sfdisk -q old.img
	mke2fs -q -F -t ext4 -L COS_STATE -E offset=$((1024 * 1024)) old.img 64M
	for i in a b c d e f g h i j k l m n o p q r s t u v w x y z; do
		echo "sd$i ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R6120$i"
	done > disks
	"$BATS_TEST_DIRNAME/make-machine.sh" server uefi < disks
	for i in server/heads/sd[b-z].img; do
		dd if=old.img of="$i" bs=1M conv=notrunc,sparse status=none
	done
	ROOT=server
	answered /dev/sda 'leftovers = wipe'
	refused 'leftovers = wipe: 25 other disks hold an earlier installation, 24 are wiped at once'
	answered /dev/sda 'leftovers = keep'
	taken /dev/sda
	grep -q 'leftovers on /dev/sdz: COS_STATE; it is one too many' "$LOG"
}

@test "of more disks than the message has room for the log has every one" {
	local i
	for i in a b c d e f g h i j k l; do
		echo "sd$i ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R6120$i"
	done > disks
	echo "sr0 cd 1 iDRAC/Virtual_CDROM/ medium=$BATS_FILE_TMPDIR/medium" >> disks
	"$BATS_TEST_DIRNAME/make-machine.sh" server uefi < disks
	ROOT=server
	answered 'model=SAMSUNG*'
	refused '12 disks match, one must: /dev/sda (960 GB, SATA, serial S4XYNX0R6120a); /dev/sdb ('
	[[ "$output$stderr" =~ \)\;\ and\ [1-9]\ more:\ the\ log\ lists\ all ]]
	[ "$(grep -c 'disk /dev/sd[a-l] (960 GB, SATA, SAMSUNG MZ7LH960, serial S4XYNX0R6120[a-l]) matches$' "$LOG")" -eq 12 ]
	answered 'serial=nobody'
	refused 'no such disk can be installed on; there are: /dev/sda (960 GB, '
	[ "$(grep -c 'disk /dev/sd[a-l] .* does not match$' "$LOG")" -eq 12 ]
}

@test "a condition that is there twice is refused with its place" {
	machine cheap-twins
	answered 'size>=100G, size>=1G, smallest'
	refused 'answers, line 3: disk: size>= is there twice: leave one of them'
}

@test "a size in the unit of a disk's label; one that no disk has is said in it too" {
	machine cheap-twins
	answered 'size>=512GB, serial=NE5S0000123'
	taken /dev/nvme0n1
	answered 'serial=NE5S0000123, size>=512G'
	refused 'size>=512G (at least 549 GB): no such disk can be installed on; there are: /dev/nvme0n1 (512 GB, '
}

@test "a link to a disk that is there by several paths is taken" {
	machine two-paths-sas
	answered /dev/disk/by-id/wwn-0x5000cca0163d53f4
	taken /dev/sda
	machine qemu-nvme-multipath
	answered /dev/disk/by-id/nvme-nvme.1b36-4e564d303031-51454d55204e564d65204374726c-00000001
	taken /dev/nvme0n1
}

@test "the sizes of the answers are those of the layout" {
	machine cheap-twins
	answered /dev/nvme0n1 'esp-size = 1G' 'system-size = 6G' 'data-min-size = 400G'
	taken /dev/nvme0n1
	[[ "$output" =~ palette-esp\ +1\ GiB ]]
	[[ "$output" =~ palette-system-a\ +6\ GiB ]]
	[[ "$output" =~ palette-system-b\ +6\ GiB ]]
	[[ "$output" =~ palette-data\ +463\ GiB ]]
	answered /dev/nvme0n1 'data-min-size = 470G'
	refused 'disk = /dev/nvme0n1: /dev/nvme0n1 cannot be installed on: it is too small: it has 488386 MiB, the system needs 489987 MiB'
}

@test "with --target the sizes are options, which is said" {
	printf 'system-size = 6G\n' > answers
	run "$INSTALL" --target disk.img --size 32G --source "$BATS_FILE_TMPDIR/medium" --answers answers
	[ "$status" -eq 3 ]
	[[ "$output" == *'answers: with --target, system-size is an option or has no meaning'* ]]
	run "$INSTALL" --target disk.img --size 32GB --source "$BATS_FILE_TMPDIR/medium" --system-size 6G
	[ "$status" -eq 0 ]
	[[ "$output" =~ palette-system-a\ +6\ GiB ]]
	[[ "$output" == *"32 GB (29.8 GiB)"* ]]
}
