#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# "Verify this medium": every byte of the payload against the manifest, and damage told by its place.

load common

setup_file() {
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/medium"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	medium
	BYTES=$(awk '/^file/ { n += $4 } END { print n }' medium/palette/manifest)
}

verify() {
	run "$INSTALL" --verify --source medium "$@"
	echo "$output"
}

flip() { # FILE OFFSET
	local byte
	byte=$(dd if="$1" bs=1 skip="$2" count=1 status=none | od -An -tu1)
	put_bytes "$1" "$2" "\\$(printf '%03o' $((byte ^ 1)))"
}

@test "a good medium: all bytes were read, with the time and the rate" {
	verify
	[ "$status" = 0 ]
	[ "${lines[0]}" = "Palette Edge 2026.11.23-test in medium" ]
	[[ ${lines[1]} =~ ^[0-9.]+\ MB\ in\ 10\ files\ read\ in\ [0-9]+\.[0-9]\ s,\ [0-9.]+\ [kMG]B/s\.$ ]]
	[ "${lines[2]}" = "Every byte of these files is as the manifest says. Nothing else was read: the medium is a folder, no ISO." ]
	[ "$((BYTES / 1000000))" = "$(grep -o '^[0-9]*' <<< "${lines[1]}")" ]
}

@test "one flipped bit is told by file and place, wherever it is" {
	for at in 0 1048575 1048576 5000000 9437183; do
		rm -rf medium && medium
		flip medium/palette/os.img $at
		verify
		[ "$status" = 1 ]
		first=$((at / 1048576 * 1048576))
		[ "${lines[2]}" = "DAMAGED: palette/os.img, between byte $first and $((first + 1048575))" ]
		[ "${#lines[@]}" = 3 ]
	done
}

@test "two damaged files are both told; one without a list of its parts as a whole" {
	flip medium/boot/vmlinuz 100
	flip medium/palette/core.img 19999
	verify
	[ "$status" = 1 ]
	kernel=$(stat -c %s medium/boot/vmlinuz)
	[[ $output == *"DAMAGED: boot/vmlinuz, between byte 0 and $((kernel - 1))"* ]]
	[[ $output == *"DAMAGED: palette/core.img, between byte 0 and 19999"* ]]
}

@test "many damaged files with long names leave the screen its menu; the log names each" {
	local n name
	mkdir medium/palette/content
	for n in 1 2 3 4 5; do
		name=some-long-näme-of-a-bundle-that-somebody-made-for-host-$n.tar.zst
		echo "data $n" > "medium/palette/content/$name"
		echo "file = $(sha256sum < /dev/null | cut -d' ' -f1) 7 $name"
	done > medium/palette/content.manifest
	verify --log log
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 6 ]
	[ "${lines[2]}" = "DAMAGED: ...long-näme-of-a-bundle-that-somebody-made-for-host-1.tar.zst, between byte 0 and 6" ]
	[ "${lines[5]}" = "and 2 more places, which the log has" ]
	[ "$(grep -c "$name is damaged" <<< "$output"; grep -c 'host-[1-5].tar.zst is damaged' log)" = $'0\n5' ]
}

@test "a damaged list of parts is damage itself, and blames nobody else" {
	flip medium/palette/chunks 3
	verify
	[ "$status" = 1 ]
	bytes=$(stat -c %s medium/palette/chunks)
	[ "${lines[2]}" = "DAMAGED: palette/chunks, between byte 0 and $((bytes - 1))" ]
	[ "${#lines[@]}" = 3 ]
}

@test "a file that cannot be read ends it, with file and byte" {
	run env FAULT="read palette/os.img 2000000 2000000" LD_PRELOAD="$PALETTE_BUILD/tests/fault.so" \
		"$INSTALL" --verify --source medium --medium-timeout 1
	echo "$output"
	[ "$status" = 1 ]
	[ "$output" = "palette-install: read medium/palette/os.img at byte 1048576, tried for 1 s: Input/output error" ]
}

@test "the entry of the medium's menu: the result, then the installer, another look, or off" {
	echo 'verified = poweroff' > answers
	run "$INSTALL" --verify-screen --source medium --script answers --log log
	echo "$output"
	[ "$status" = 11 ]
	[[ $output == *"This medium is good: Palette Edge 2026.11.23-test."* ]]
	flip medium/palette/os.img 6000000
	run "$INSTALL" --verify-screen --source medium --script answers --log log
	[ "$status" = 11 ]
	[[ $output == *"This medium is DAMAGED: make it again."* ]]
	[[ $output == *"DAMAGED: palette/os.img, between byte 5242880 and 6291455"* ]]
	truncate -s -1 medium/palette/os.img
	run "$INSTALL" --verify-screen --source medium --script answers --log log
	[ "$status" = 11 ]
	[[ $output == *"This medium cannot be used:"*"the manifest says"* ]]
}
