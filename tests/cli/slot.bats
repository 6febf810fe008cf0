#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# palette-slot on a directory that stands for the EFI system partition; GRUB's own tool reads along.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p esp/boot/grub esp/palette
	echo "quiet palette.role=run palette.slot=a" > cmdline
	command -v grub-editenv > /dev/null || skip "grub-editenv is not installed"
	grub-editenv esp/boot/grub/grubenv create
	grub-editenv esp/boot/grub/grubenv set order=ab tries_a=2 tries_b=3 "other=a b"
}

slot() {
	run "$PALETTE_BUILD/bin/palette-slot" --esp esp --cmdline cmdline "$@"
}

grubenv() {
	grub-editenv esp/boot/grub/grubenv list | sort
}

@test "slot: status says what runs, what comes next, and the attempts" {
	slot status
	[ "$status" = 0 ]
	[ "${lines[0]}" = "running   a" ]
	[ "${lines[1]}" = "next      a" ]
	[ "${lines[3]}" = "tries a   2 of 3" ]
	slot status --json
	python3 -c 'import json, sys
status = json.loads(sys.argv[1])
assert status == {"running": "a", "next": "a", "order": ["a", "b"], "tries": {"a": 2, "b": 3},
                  "tries_max": 3, "pending": False}, status' "$output"
}

@test "slot: a good boot forgets its attempts and the pending file, and keeps what is not ours" {
	touch esp/palette/pending-0123456789abcdef esp/palette/install.conf
	slot mark-good
	[ "$status" = 0 ]
	[ "$(grubenv)" = "$(printf 'order=ab\nother=a b\ntries_a=0\ntries_b=3')" ]
	[ "$(ls esp/palette)" = install.conf ]
	[ "$(stat -c %s esp/boot/grub/grubenv)" = 1024 ]
}

@test "slot: a second good boot writes nothing" {
	slot mark-good
	touch -d @1000 esp/boot/grub/grubenv
	chmod 444 esp/boot/grub/grubenv
	slot mark-good
	[ "$status" = 0 ]
	[ "$(stat -c %Y esp/boot/grub/grubenv)" = 1000 ]
}

@test "slot: the file stays the same one, as GRUB writes to its sectors" {
	before=$(stat -c %i esp/boot/grub/grubenv)
	slot set-next b
	[ "$status" = 0 ]
	[ "$(stat -c %i esp/boot/grub/grubenv)" = "$before" ]
	[ "$(grubenv)" = "$(printf 'order=ba\nother=a b\ntries_a=2\ntries_b=0')" ]
}

@test "slot: who changes the file waits for who does already, and keeps what that wrote" {
	exec 8< esp/boot/grub/grubenv
	flock 8
	"$PALETTE_BUILD/bin/palette-slot" --esp esp --cmdline cmdline mark-good 8<&- &
	for _ in $(seq 500); do
		! grep -q -- "-> FLOCK .* $! " /proc/locks || break
		sleep 0.01
	done
	grep -q -- "-> FLOCK .* $! " /proc/locks
	grub-editenv esp/boot/grub/grubenv set next_entry=reset
	exec 8<&-
	wait $!
	[ "$(grubenv)" = "$(printf 'next_entry=reset\norder=ab\nother=a b\ntries_a=0\ntries_b=3')" ]
}

@test "slot: a damaged environment is said, and made anew by a good boot" {
	head -c 1024 /dev/zero > esp/boot/grub/grubenv
	slot status
	[ "$status" = 1 ]
	[[ "$output" == *"does not begin with GRUB's header"* ]]
	slot mark-good
	[ "$status" = 0 ]
	[ "$(grubenv)" = "$(printf 'order=ab\ntries_a=0\ntries_b=0')" ]
}

@test "slot: a system that runs from no slot is not marked" {
	echo "palette.role=live" > cmdline
	before=$(grubenv)
	slot mark-good
	[ "$status" = 1 ]
	[[ "$output" == *"not started from a slot"* ]]
	[ "$(grubenv)" = "$before" ]
}

@test "slot: wrong usage is said and changes nothing" {
	before=$(grubenv)
	for words in "" "bogus" "set-next" "set-next c" "--bogus"; do
		# shellcheck disable=SC2086 # words
		slot $words
		[ "$status" = 2 ]
	done
	[ "$(grubenv)" = "$before" ]
}
