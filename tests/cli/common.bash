# SPDX-License-Identifier: Apache-2.0
# common.bash - what the program tests of palette-install share. Loaded by bats.

INSTALL=$PALETTE_BUILD/bin/palette-install
SEED=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

# A layout for small files, in MiB: bios 1-2, esp 2-42, slot a 42-58, slot b 58-74, data 74-.
SMALL=(--esp-size 40M --system-size 16M --data-min-size 8M)
ESP_MIB=2 ESP_MIBS=40 A_MIB=42 B_MIB=58 DATA_MIB=74

# need TOOL ...: skips the test where one is missing
need() {
	local tool
	for tool; do
		command -v "$tool" > /dev/null || skip "$tool is not installed"
	done
}

# golden NAME: $output is what tests/cli/golden/NAME says; GOLDEN=update writes it
golden() {
	local file=$BATS_TEST_DIRNAME/golden/$1
	if [ "${GOLDEN:-}" = update ]; then
		printf '%s\n' "$output" > "$file"
	fi
	diff -u "$file" <(printf '%s\n' "$output")
}

# medium: a small medium of the test's own, in ./medium
medium() {
	cp -a "$BATS_FILE_TMPDIR/medium" medium
}

# install [OPTION ...]: runs it on disk.img from ./medium
install() {
	run "$INSTALL" --target disk.img --source "${SOURCE:-$BATS_FILE_TMPDIR/medium}" "${SMALL[@]}" \
		--log install.log "$@"
}

# part MIB MIBS: that part of disk.img as the file "part"
part() {
	dd if=disk.img of=part bs=1M skip="$1" count="$2" conv=sparse status=none
}

# slot_is_right MIB: the slot there holds os.img
slot_is_right() {
	local os=$BATS_FILE_TMPDIR/medium/palette/os.img
	cmp --bytes="$(stat -c %s "$os")" "$os" disk.img 0 $(($1 * 1024 * 1024))
}

# complete: all that a disk must have before it may start
complete() {
	slot_is_right $A_MIB && slot_is_right $B_MIB || return 1
	part $ESP_MIB $ESP_MIBS && fsck.fat -n part > /dev/null || return 1
	part $DATA_MIB 5000 && e2fsck -fn part > /dev/null 2>&1
}

# starts: does firmware find something to start on disk.img?
starts() {
	! cmp -s --bytes=440 disk.img /dev/zero || has_table
}

has_table() {
	sfdisk -d disk.img > /dev/null 2>&1 || [ -n "$(blkid -p -o value -s PTTYPE disk.img)" ]
}

# put_bytes FILE OFFSET OCTAL_ESCAPES
put_bytes() {
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
