#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A file of more than 4 GiB on an ISO made to order, from the folder to the data partition. Takes minutes
# and 20 GB: `make big`, not a part of `make check`.

load ../cli/common

setup() {
	need xorriso debugfs e2fsck
	cd "$BATS_TEST_TMPDIR"
}

@test "a file of 5 GiB travels whole, across the border between its extents on the ISO" {
	mkdir content
	truncate -s 5G content/large.bin
	# at both ends, and on both sides of 4 GiB
	for at in 0 4294965248 4294967296 5368709116; do
		printf 'at %d' "$at" | head -c 4 | dd of=content/large.bin bs=1 seek="$at" conv=notrunc status=none
		printf '%d' "$at" | tail -c 4 | dd of=content/large.bin bs=1 seek="$at" conv=notrunc status=none
	done
	[ "$(stat -c %s content/large.bin)" = 5368709120 ]
	"$BATS_TEST_DIRNAME/../../image/palette-iso" customize "$PALETTE_ISO" made.iso --content content
	"$BATS_TEST_DIRNAME/../../image/palette-iso" verify made.iso
	xorriso -osirrox on -indev made.iso -extract / medium 2> /dev/null
	rm made.iso
	cmp medium/palette/content/large.bin content/large.bin
	"$INSTALL" --target disk.img --size 16G --source medium --log install.log --yes
	start=$(sfdisk -d disk.img | sed -n 's/.*5 : start= *\([0-9]*\).*/\1/p')
	dd if=disk.img of=part bs=1M skip=$((start / 2048)) conv=sparse status=none
	e2fsck -fn part
	debugfs -R 'dump /content/files/large.bin out' part
	cmp out content/large.bin
}
