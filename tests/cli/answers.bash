# SPDX-License-Identifier: Apache-2.0
# answers.bash - what the tests of installations that are told instead of asked share: a machine with three disks and
# its medium. The apply installs nothing (fake_apply.c) unless a test says so. Loaded by bats.

bats_require_minimum_version 1.5.0
load common

setup_file() {
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/medium" 300
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/small"
	machine="$BATS_FILE_TMPDIR/machine"
	"$BATS_TEST_DIRNAME/make-machine.sh" "$machine" uefi <<-END
		sda ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R612003
		nvme0n1 nvme 3840 /Dell_Ent_NVMe_CM6_RI_3.84TB/Y0G0A01WTCE8 content=parts
		sdb ata 480 ATA/INTEL_SSDSC2KB480G8/PHYF012345
		sr0 cd 1 iDRAC/Virtual_CDROM/ medium=$BATS_FILE_TMPDIR/medium
	END
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	MEDIUM=$BATS_FILE_TMPDIR/medium
	MACHINE=$BATS_FILE_TMPDIR/machine
	FAKE=$PALETTE_BUILD/tests/palette-install-fake
	LOG=install.log
	HASH='$6$abcdefgh$0123456789012345678901234567890123456789'
	unset PALETTE_CONSOLE_SOCKET
}

# answers LINE ...: the file "answers"
answers() {
	printf '%s\n' "$@" > answers
}

# unattended [OPTION ...]: runs it without a terminal
unattended() {
	run --separate-stderr "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG" \
		--answers answers "$@" < /dev/null
}

# refused TEXT: nothing was written, and it says why
refused() {
	[ "$status" -eq 3 ] || { echo "status $status: $output $stderr"; return 1; }
	[[ "$output$stderr" == *"$1"* ]] || { echo "no \"$1\" in: $output $stderr"; return 1; }
	! grep -q 'start: yes' "$LOG" || false
}
