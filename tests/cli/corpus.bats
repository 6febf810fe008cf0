#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every machine in tests/fixtures/machines: the disks offered, and the reason for each that is not.
# NAME.tree is the machine (unpack-machine.py), NAME.list what palette-install has to say of it;
# GOLDEN=update writes the lists. qemu-*.tree were recorded (tests/vm/record.py), the rest made.

load common

@test "each machine of the corpus has the list that it must have" {
	need python3
	local wrong=0 tree name
	for tree in "$BATS_TEST_DIRNAME"/../fixtures/machines/*.tree; do
		name=$(basename "$tree" .tree)
		"$BATS_TEST_DIRNAME/unpack-machine.py" "$tree" "$BATS_TEST_TMPDIR/$name"
		"$INSTALL" --list --sysroot "$BATS_TEST_TMPDIR/$name" > "$name.out"
		if [ "${GOLDEN:-}" = update ]; then
			cp "$name.out" "${tree%.tree}.list"
		fi
		diff -u "${tree%.tree}.list" "$name.out" || wrong=$((wrong + 1))
		rm -rf "$BATS_TEST_TMPDIR/$name"
	done
	[ "$wrong" = 0 ]
}

@test "the corpus has at least thirty machines, and each list is of one" {
	local trees lists
	trees=$(cd "$BATS_TEST_DIRNAME/../fixtures/machines" && ls -- *.tree)
	lists=$(cd "$BATS_TEST_DIRNAME/../fixtures/machines" && ls -- *.list)
	[ "$(wc -l <<< "$trees")" -ge 30 ]
	[ "${trees//.tree/}" = "${lists//.list/}" ]
}

@test "each bus that the emulator has was recorded from it" {
	local bus
	for bus in ide ahci virtio nvme nvme-multipath usb pvscsi megasas lsi mptsas sd-card two-paths scsi-4096 read-only floppy; do
		[ -s "$BATS_TEST_DIRNAME/../fixtures/machines/qemu-$bus.tree" ] || { echo "qemu-$bus: tests/vm/record.py makes it"; return 1; }
	done
}

setup() {
	cd "$BATS_TEST_TMPDIR"
}
