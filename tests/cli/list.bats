#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The disks palette-install offers, and why not the others: what corpus.bats does not see.

load common

# machine NAME: unpacks tests/fixtures/machines/NAME.tree
machine() {
	"$BATS_TEST_DIRNAME/unpack-machine.py" "$BATS_TEST_DIRNAME/../fixtures/machines/$1.tree" \
		"$BATS_TEST_TMPDIR/$1"
	ROOT=$BATS_TEST_TMPDIR/$1
}

list() {
	run "$INSTALL" --list --sysroot "$ROOT" "$@"
	[ "$status" = 0 ]
}

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "the list as JSON is one that a JSON reader takes" {
	need python3
	machine server
	list --json
	golden list-server.json
	python3 -c 'import json, sys; d = json.load(sys.stdin); assert len(d) == 19, len(d)' <<< "$output"
}

@test "a stick whose medium was copied to memory is not offered, another one is" {
	machine vmware
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_TEST_TMPDIR/ram" 1
	printf CD001 | dd of="$ROOT/heads/sda.img" bs=1 seek=32769 conv=notrunc status=none
	printf 0123456789abcdef | dd of="$ROOT/heads/sda.img" bs=1 seek=32958 conv=notrunc status=none
	printf 0123456789abcdee | dd of="$ROOT/heads/sdb.img" bs=1 seek=32958 conv=notrunc status=none
	list --source "$BATS_TEST_TMPDIR/ram"
	[ "$(grep 'copied to memory' <<< "$output")" = \
		'/dev/sda     this installation is read from it (copied to memory from it)' ]
	grep -q '^/dev/sdb .*VMware Virtual disk' <<< "$output"
}

@test "what is on a disk is told: tables, file systems, labels, several signatures, nothing" {
	need sfdisk mke2fs mkswap
	machine server
	cd "$ROOT/heads"
	printf 'label: gpt\nsize=64M, type=U\nsize=64M, type=L\nsize=64M, type=S\n' | sfdisk -q sda.img
	truncate -s 64M part && mke2fs -q -t ext4 -L 'my data' part
	dd if=part of=sda.img bs=1M seek=65 conv=notrunc,sparse status=none
	rm part && truncate -s 64M part && mkswap -q -L swap1 part
	dd if=part of=sda.img bs=1M seek=129 conv=notrunc,sparse status=none
	mke2fs -q -F -t ext4 nvme0n1.img 64M
	mke2fs -q -F -t ext4 -L both mmcblk0.img 64M
	truncate -s 64M part && mkfs.fat -I part > /dev/null
	dd if=part of=mmcblk0.img bs=512 count=1 conv=notrunc status=none
	list
	[[ $output == *"GPT, 3 partitions: ESP, ext4 'my data', swap 'swap1'"* ]]
	[[ $output == *"serial Y0G0A01WTCE8; ext4"* ]]
	[[ $output == *"several signatures: vfat, ext4"* ]]
	[[ $output == *"20 GiB, at pci-0000:00:1f.2-scsi-3:0:1:0; empty"* ]]
}

@test "a label on a stranger's disk cannot move the cursor" {
	need mke2fs
	machine vmware
	mke2fs -q -F -t ext4 -L "$(printf 'a\033[2Jb')" "$ROOT/heads/sda.img" 64M
	list
	[[ $output == *"ext4 'a?[2Jb'"* ]]
}

@test "a damaged partition table does not stop the list" {
	need sfdisk
	machine vmware
	printf 'label: gpt\nsize=64M\n' | sfdisk -q "$ROOT/heads/sda.img"
	dd if=/dev/urandom of="$ROOT/heads/sda.img" bs=512 seek=1 count=33 conv=notrunc status=none
	list
	[[ $output == *"/dev/sda "* ]]
}

@test "a partition is no target; its disk is named" {
	machine server
	ln -s ../../block/sdd/sdd2 "$ROOT/sys/class/block/x" # keep class/block there
	run "$INSTALL" --target /dev/sdd2 --sysroot "$ROOT" --source "$BATS_TEST_TMPDIR"
	[ "$status" = 3 ]
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_TEST_TMPDIR/m" 1
	run "$INSTALL" --target /dev/sdd2 --sysroot "$ROOT" --source "$BATS_TEST_TMPDIR/m"
	[ "$status" = 3 ]
	[ "$output" = "palette-install: /dev/sdd2 is a partition; the system needs a whole disk, such as /dev/sdd" ]
}

@test "a machine without sysfs is an error, not an empty list" {
	run "$INSTALL" --list --sysroot "$BATS_TEST_TMPDIR/nothing"
	[ "$status" = 1 ]
	[[ $output == "palette-install: look for disks in "*": No such file or directory" ]]
}
