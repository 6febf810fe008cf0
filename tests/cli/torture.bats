#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The power fails while the installer writes: thirty times of what `make torture` does five hundred times.

load common

@test "after a cut the disk does not start or is complete" {
	need python3 mtype e2fsck
	run "$BATS_TEST_DIRNAME/torture.py" --count 30 --jobs 2 "$PALETTE_BUILD"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == "30 installations cut in "* ]]
}

@test "its judge finds each kind of damage that a disk which starts may have" {
	need python3 mtype e2fsck
	run "$BATS_TEST_DIRNAME/torture.py" --self-check "$PALETTE_BUILD"
	echo "$output"
	[ "$status" = 0 ]
}
