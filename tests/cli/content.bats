#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Content that travels with the medium, onto the data partition of a plain file.

load common

setup_file() {
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/medium"
	cd "$BATS_FILE_TMPDIR/medium/palette"
	mkdir content
	# more than two chunks with a tail; zeros in the middle; less than a block
	seq 1 1500000 | head -c 9000001 > content/a.tar.zst
	(seq 1 200000; head -c 5000000 /dev/zero; echo end) > 'content/b "c" é.bin'
	echo tiny > content/tiny
}

setup() {
	need debugfs e2fsck
	cd "$BATS_TEST_TMPDIR"
	medium
	list
}

# list: the manifest of what is in medium/palette/content
list() {
	(
		cd medium/palette/content
		for name in *; do
			echo "file = $(sha256sum < "$name" | cut -d' ' -f1) $(stat -c %s "$name") $name"
		done
	) > medium/palette/content.manifest
}

on_disk() { # COMMAND ...: of debugfs, on the data partition
	part $DATA_MIB 5000
	debugfs -R "$*" part 2> /dev/null
}

@test "every file is on the data partition as it is on the medium, with a record of the store" {
	SOURCE=medium install --size 256M --seed $SEED --yes
	[ "$status" = 0 ]
	grep -Eqx '      file 3 of 3: tiny, 5 B(, [0-9.]+ [kMG]?B/s)?' <<< "$output"
	complete
	for name in a.tar.zst tiny; do
		on_disk "cat /content/files/$name" | cmp - "medium/palette/content/$name"
	done
	on_disk 'cat "/content/files/b ""c"" é.bin"' | cmp - 'medium/palette/content/b "c" é.bin'
	[ "$(on_disk 'cat /content/meta/tiny.conf' | head -4)" = "name = tiny
size = 5
sha256 = $(sha256sum < medium/palette/content/tiny | cut -d' ' -f1)
origin = medium" ]
	# root's, for all to read, as palette-hostd makes them
	[ "$(on_disk 'ls -p /content/files' | sed 's,/[0-9]*/,,' | sort | tail -3)" = "100644/0/0/a.tar.zst/9000001/
100644/0/0/b \"c\" é.bin/6288899/
100644/0/0/tiny/5/" ]
	on_disk 'stat /content/files' | grep -q 'Mode: *0755'
}

@test "--verify reads the content too" {
	run "$INSTALL" --verify --source medium
	[ "$status" = 0 ]
	[[ ${lines[1]} == *" in 13 files read "* ]]
	put_bytes medium/palette/content/a.tar.zst 5000000 '\377'
	run "$INSTALL" --verify --source medium
	[ "$status" = 1 ]
	[ "${lines[2]}" = "DAMAGED: palette/content/a.tar.zst, between byte 0 and 9000000" ]
}

@test "a file that is not as the manifest says is found before the first write" {
	put_bytes medium/palette/content/a.tar.zst 5000000 '\377'
	want=$(sed -n 's/^file = \(.*\) 9000001 .*/\1/p' medium/palette/content.manifest)
	got=$(sha256sum < medium/palette/content/a.tar.zst | cut -d' ' -f1)
	echo "what was there before" > disk.img
	cp disk.img before
	SOURCE=medium install --size 256M --yes
	[ "$status" = 3 ]
	[[ $output == *"palette-install: palette/content/a.tar.zst on the medium is damaged: its SHA-256 should be $want and is $got" ]]
	# The last file first: the write pass begins with what memory has.
	[[ $output == *"Check the content on the medium against its digests
      file 1 of 3: tiny, 5 B
      file 2 of 3: b "*"
      file 3 of 3: a.tar.zst, 9.0 MB"* ]]
	cmp disk.img before
	rm disk.img
	SOURCE=medium install --size 256M --yes
	[ "$status" = 3 ]
	[ ! -e disk.img ]
	# A disk of its own, not one that is made: nothing of it is touched either.
	truncate -s 256M disk.img
	printf 'mine' | dd of=disk.img bs=1M seek=100 conv=notrunc status=none
	cp disk.img before
	SOURCE=medium install --yes --progress=json
	[ "$status" = 3 ]
	tail -2 <<< "$output" | grep -q '"event": "failed".*"written": false'
	cmp disk.img before
}

@test "what is refused before the first step is an event too" {
	printf 'file = %063d 5 tiny\n' 0 > medium/palette/content.manifest
	SOURCE=medium install --size 256M --yes --progress=json
	[ "$status" = 3 ]
	grep -q '^{"event": "failed", "message": ".*is no SHA-256 digest.*", "written": false}$' <<< "$output"
}

@test "a check of the content is stopped at once, and nothing was written" {
	truncate -s 800M medium/palette/content/zz
	list
	FAULT="slow content/zz 0 900000000" LD_PRELOAD="$PALETTE_BUILD/tests/fault.so" "$INSTALL" \
		--target disk.img --size 1200M --source medium "${SMALL[@]}" --log install.log --yes > out 2>&1 &
	while ! grep -q 'file 1 of 4: zz' out; do sleep 0.05; done
	kill -INT $!
	status=0
	wait $! || status=$?
	[ "$status" = 3 ]
	[ "$(tail -1 out)" = "palette-install: the installation was stopped" ]
	[ ! -e disk.img ]
}

@test "a disk that returns another bit of a content file than was written is told where" {
	SOURCE=medium install --size 256M --seed $SEED --yes
	[ "$status" = 0 ]
	at=$(python3 -c 'import sys
disk, name = sys.argv[1:]
print(open(disk, "rb").read().find(open(name, "rb").read(65536)))' disk.img medium/palette/content/a.tar.zst)
	[ "$at" -gt 0 ]
	# The highest bit of each word in the last row of 32 bytes of the first chunk, and one in its middle.
	for bit in "flip-top $((at + 4194304 - 25))" "flip-top $((at + 4194304 - 17))" \
		"flip-top $((at + 4194304 - 9))" "flip-top $((at + 4194304 - 1))" "flip $((at + 2000000))"; do
		run env FAULT="${bit% *} disk.img ${bit#* } ${bit#* }" LD_PRELOAD="$PALETTE_BUILD/tests/fault.so" \
			"$INSTALL" --target disk.img --source medium "${SMALL[@]}" --seed $SEED --log install.log --yes
		echo "$bit: $output"
		[ "$status" = 1 ]
		[[ $output == *"disk.img does not return what was written: bytes 0 to 4194303 of a.tar.zst are wrong"* ]]
		# In a pass of its own, when all of them were written; none has a name yet.
		[[ $output == *"Write the content
"*"file 3 of 3: tiny"*"Read the content back and compare
"*"file 1 of 3: a.tar.zst"* ]]
		! starts || false
		! on_disk 'ls -p /content' | grep -q files || false
	done
}

@test "tables of the file system that do not come back are found when the content is in it" {
	SOURCE=medium install --size 256M --seed $SEED --yes
	[ "$status" = 0 ]
	# The journal's first block.
	at=$(LC_ALL=C grep -aboP '\xc0\x3b\x39\x98\x00\x00\x00\x04' disk.img | tail -1 | cut -d: -f1)
	run env FAULT="flip disk.img $at $at" LD_PRELOAD="$PALETTE_BUILD/tests/fault.so" "$INSTALL" \
		--target disk.img --source medium "${SMALL[@]}" --seed $SEED --log install.log --yes
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"file 3 of 3"*"disk.img does not return what was written; the disk or its cable is damaged: e2fsck failed"* ]]
	! starts
}

@test "a medium that changes after the check ends the installation; the disk does not start and has no such name" {
	run env FAULT="late content/a.tar.zst 5000000 5000000" LD_PRELOAD="$PALETTE_BUILD/tests/fault.so" \
		"$INSTALL" --target disk.img --size 256M --source medium "${SMALL[@]}" --log install.log --yes
	[ "$status" = 1 ]
	[[ $output == *"palette/content/a.tar.zst on the medium changed after it was checked: bytes 4194304 to 8388607 were read differently"* ]]
	[[ $output == *"disk.img was left so that it does not start"* ]]
	! starts || false
	! on_disk 'ls -p /content/files' | grep -q a.tar.zst || false
}

@test "what can be known before is refused before the first write, by name" {
	refused() { # MESSAGE
		SOURCE=medium install --size 256M --yes
		[ "$status" = 3 ] && [ ! -e disk.img ] && [[ $output == *"$1"* ]] || { echo "$output"; return 1; }
	}
	mv medium/palette/content/tiny .
	refused 'content is damaged: open medium/palette/content/tiny: No such file'
	echo longer > medium/palette/content/tiny
	refused 'medium/palette/content/tiny has 7 bytes, the manifest says 5'
	mv tiny medium/palette/content/tiny
	for name in .. ../manifest a/b .hidden; do
		printf 'file = %064d 5 %s\n' 0 "$name" > medium/palette/content.manifest
		refused "content.manifest: line 1: name: \"$name\" must not"
	done
	printf 'file = %063d 5 tiny\n' 0 > medium/palette/content.manifest
	refused 'is no SHA-256 digest'
	truncate -s 150M medium/palette/content/large
	list
	refused "the medium's content needs 165 MiB (4 files), the data partition on disk.img would have 144 MiB for it"
}

@test "memory does not grow with the content" {
	truncate -s 300M medium/palette/content/large
	list
	run python3 - "$INSTALL" <<-'P'
		import os, sys
		pid = os.spawnv(os.P_NOWAIT, sys.argv[1], [sys.argv[1], "--target", "disk.img", "--source", "medium",
		      "--size", "640M", "--esp-size", "40M", "--system-size", "16M", "--data-min-size", "8M",
		      "--log", "install.log", "--yes"])
		_, status, usage = os.wait4(pid, 0)
		assert status == 0, status
		print("KIB", usage.ru_maxrss)
	P
	[ "$status" = 0 ]
	kib=$(sed -n 's/^KIB //p' <<< "$output")
	echo "$kib KiB"
	[ "$kib" -le 49152 ]
}
