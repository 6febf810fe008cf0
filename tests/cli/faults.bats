#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What goes wrong, said in words that name the object, and never a half-written disk that starts.

load common

setup_file() {
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/medium"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	OS_BYTES=$(stat -c %s "$BATS_FILE_TMPDIR/medium/palette/os.img")
}

# faulty "WHAT FILE FIRST LAST [TIMES]" [OPTION ...]: an installation under tests/cli/fault.c
faulty() {
	local fault=$1
	shift
	run env FAULT="$fault" LD_PRELOAD="$PALETTE_BUILD/tests/fault.so" "$INSTALL" \
		--target disk.img --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --log install.log \
		--yes "$@"
}

# failed TEXT: after the disk was touched, with these words, and it does not start
failed() {
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"$1"* ]]
	[[ $output == *"disk.img was left so that it does not start"* ]]
	! starts || false
}

# refused TEXT: before anything was written
refused() {
	echo "$output"
	[ "$status" = 3 ]
	[ "$output" = "palette-install: $1" ] || [[ $output == *"palette-install: $1" ]]
}

@test "one flipped byte in the OS image: both digests are named, the disk does not start" {
	medium
	put_bytes medium/palette/os.img 5000000 X
	SOURCE=medium install --size 128M --yes
	want=$(sha256sum < "$BATS_FILE_TMPDIR/medium/palette/os.img" | cut -d' ' -f1)
	got=$(sha256sum < medium/palette/os.img | cut -d' ' -f1)
	failed "palette/os.img on the medium is damaged: its SHA-256 should be $want and is $got"
}

@test "one flipped byte in each other file stops the installation too" {
	for file in boot/vmlinuz boot/initrd.img palette/core.img palette/boot.img \
		palette/efi/BOOTX64.EFI palette/efi/grubx64.efi palette/efi/mmx64.efi \
		palette/disk-grub.cfg; do
		rm -rf medium
		medium
		put_bytes "medium/$file" 100 '\001'
		SOURCE=medium install --size 128M --yes
		failed "$file on the medium is damaged"
	done
}

@test "a truncated OS image is found before the disk is touched" {
	medium
	truncate -s -4096 medium/palette/os.img
	head -c 1M /dev/urandom > disk.img && truncate -s 128M disk.img
	before=$(sha256sum disk.img)
	SOURCE=medium install --yes
	refused "the medium is damaged: medium/palette/os.img has $((OS_BYTES - 4096)) bytes, the manifest says $OS_BYTES"
	[ "$before" = "$(sha256sum disk.img)" ]
}

@test "a medium whose end cannot be read is found before the disk is touched" {
	faulty "read palette/os.img $((OS_BYTES - 1)) $OS_BYTES" --size 128M
	refused "the medium is damaged: read the end of $BATS_FILE_TMPDIR/medium/palette/os.img: Input/output error"
	[ ! -e disk.img ]
}

@test "no medium, a bad manifest, a placeholder nobody knows" {
	SOURCE=$BATS_TEST_TMPDIR/none install --size 128M
	refused "$BATS_TEST_TMPDIR/none is no installation medium: open $BATS_TEST_TMPDIR/none/palette/manifest: No such file or directory"
	medium
	echo 'colour = red' >> medium/palette/manifest
	SOURCE=medium install --size 128M
	refused "medium/palette/manifest: line 16: colour: this key is not known"
	rm -rf medium
	medium
	echo '@WRONG@' >> medium/palette/disk-grub.cfg
	sed -i "/disk-grub/s/.*/file = $(sha256sum < medium/palette/disk-grub.cfg | cut -d' ' -f1) $(stat -c %s medium/palette/disk-grub.cfg) palette\/disk-grub.cfg/" medium/palette/manifest
	SOURCE=medium install --size 128M --yes
	failed "palette/disk-grub.cfg line 5: @WRONG@ is not known"
}

@test "a target one MiB too small is refused with both sizes, one that fits is taken" {
	install --size 82M --yes
	refused "disk.img cannot be installed on: it is too small: it has 82 MiB, the system needs 83 MiB"
	[ ! -e disk.img ]
	install --size 83M --yes
	[ "$status" = 0 ]
	complete
}

@test "a write error names the disk and the place" {
	faulty "write disk.img $((63 * 1048576)) $((63 * 1048576))" --size 128M
	failed "write disk.img at byte"
	[[ $output == *"Input/output error"* ]]
}

@test "a disk that is full in the middle of it" {
	truncate -s 128M disk.img
	trap '' XFSZ
	ulimit -f $((59 * 1024))
	install --yes
	failed "write disk.img at byte"
	[[ $output == *"File too large"* ]]
}

@test "a file system that runs full, while the image or while the file systems are written" {
	[ "$(id -u)" = 0 ] || skip "mounting a tmpfs needs root"
	mkdir small
	for row in "1M:write small/disk.img at byte *: No space left on device" \
		"3M:mkfs.fat failed with exit status 1: mkfs.fat: failed whilst writing FAT"; do
		mount -t tmpfs -o "size=${row%%:*}" tmpfs small || skip "no tmpfs"
		run "$INSTALL" --target small/disk.img --source "$BATS_FILE_TMPDIR/medium" \
			"${SMALL[@]}" --size 128M --yes
		cp --sparse=always small/disk.img disk.img
		umount small
		echo "$output"
		[ "$status" = 1 ]
		# shellcheck disable=SC2053 # a pattern
		[[ $output == *${row#*:} ]]
		! starts || false
	done
}

@test "a file system without direct I/O: it works, and what that proves less is said" {
	[ "$(id -u)" = 0 ] || skip "mounting a ramfs needs root"
	mkdir small
	mount -t ramfs ramfs small || skip "no ramfs"
	run "$INSTALL" --target small/disk.img --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" \
		--size 128M --yes
	cp --sparse=always small/disk.img disk.img
	umount small
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"warning: small/disk.img has no direct I/O"* ]]
	complete
}

@test "a disk that returns another byte than was written is told where, in either slot" {
	at=$((A_MIB * 1048576 + 5 * 1048576 + 77))
	faulty "flip disk.img $at $at" --size 128M
	failed "disk.img does not return what was written: bytes 4194304 to 8388607 of slot a are wrong"
	at=$((B_MIB * 1048576 + 77))
	faulty "flip disk.img $at $at" --size 128M
	failed "disk.img does not return what was written: bytes 0 to 4194303 of slot b are wrong"
}

@test "a disk that cannot be read back" {
	at=$((B_MIB * 1048576))
	faulty "read disk.img $at $at" --size 128M
	failed "read disk.img back at byte $at: Input/output error"
}

@test "a core image or a boot sector that does not come back as it was written" {
	faulty "flip disk.img 1048700 1048700" --size 128M
	failed "GRUB's core image on disk.img is not what was written"
}

@test "a file of the EFI system partition that does not come back as it was written" {
	install --size 128M --seed $SEED --yes
	[ "$status" = 0 ]
	read -r first last size < <(python3 -c '
import sys
disk, name = sys.argv[1:]
disk, data = open(disk, "rb").read(), open(name, "rb").read()
print(disk.find(data), disk.rfind(data), len(data))' disk.img "$BATS_FILE_TMPDIR/medium/boot/initrd.img")
	[ "$first" -gt 0 ] && [ "$last" -gt "$first" ]
	for at in $((first + size / 2)) $((last + size - 1)); do
		faulty "flip disk.img $at $at" --seed $SEED
		failed "/initrd.img on disk.img is not what was written; the disk or its cable is damaged"
	done
}

@test "a data partition that does not come back as it was written: its files, its tables" {
	printf 'hostname = edge-faults\n' > answers
	install --size 128M --seed $SEED --answers answers --yes
	[ "$status" = 0 ]
	data=$((DATA_MIB * 1048576))
	wrong="disk.img does not return what was written; the disk or its cable is damaged"
	at=$(grep -abo -m 1 'hostname = edge-faults' disk.img | tail -1 | cut -d: -f1)
	[ "$at" -gt $data ]
	faulty "flip disk.img $at $at" --seed $SEED --answers answers
	failed "$wrong: keep/settings.conf in the file system of disk.img is not what was written"
	# The journal's first block, which nothing but e2fsck reads.
	at=$(LC_ALL=C grep -aboP '\xc0\x3b\x39\x98\x00\x00\x00\x04' disk.img | tail -1 | cut -d: -f1)
	[ "$at" -gt $data ]
	faulty "flip disk.img $at $at" --seed $SEED --answers answers
	failed "$wrong: e2fsck failed with exit status"
	# A table of the groups.
	at=$((data + 4096))
	faulty "flip disk.img $at $at" --seed $SEED --answers answers
	failed "$wrong: open the root in the file system of disk.img: "
}

@test "a medium that drops out and comes back is waited for" {
	faulty "read palette/os.img 4194304 8388607 3" --size 128M
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"The medium is gone: reconnect it. Waiting for "* ]]
	grep -q 'trying again for 60 s' install.log
	complete
}

@test "a medium that stays away is given up, and the place is named" {
	faulty "read palette/os.img 4194304 8388607" --size 128M --medium-timeout 1
	failed "read $BATS_FILE_TMPDIR/medium/palette/os.img at byte 4194304, tried for 1 s: Input/output error"
}

@test "stopped by Ctrl+C while the medium is being waited for" {
	truncate -s 128M disk.img
	env FAULT="read palette/os.img 4194304 8388607" LD_PRELOAD="$PALETTE_BUILD/tests/fault.so" \
		"$INSTALL" --target disk.img --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes \
		> out 2>&1 &
	pid=$!
	until grep -q 'medium is gone' out; do kill -0 $pid; done
	kill -INT $pid
	status=0
	wait $pid || status=$?
	output=$(cat out)
	failed "palette-install: the installation was stopped"
}

@test "killed at any moment, the disk does not start unless it is complete" {
	for i in $(seq 1 16); do
		rm -f disk.img
		# On the remains of an earlier installation, so that there is something to start.
		"$INSTALL" --target disk.img --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" \
			--size 100M --yes > /dev/null
		"$INSTALL" --target disk.img --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes \
			> out 2>&1 &
		pid=$!
		case $i in
		[1-8]) until grep -q "\[$i/8\]" out || ! kill -0 $pid 2> /dev/null; do :; done ;;
		*) sleep "0.$(printf %03d $((RANDOM % 150)))" ;;
		esac
		kill -KILL $pid 2> /dev/null || true
		wait $pid 2> /dev/null || true
		if starts && grep -q '\[2/8\]' out; then
			echo "killed after: $(cat out)"
			complete
		fi
	done
}
