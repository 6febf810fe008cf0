#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The recovery menu and the question before a factory reset, on a recorded machine.

setup() {
	MACHINE="$BATS_TEST_TMPDIR/machine"
	"$BATS_TEST_DIRNAME/make-machine.sh" "$MACHINE" uefi <<-END
		sda ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R612003
	END
	mkdir -p "$MACHINE/etc/palette" "$MACHINE/run/palette"
	printf '%s\n' 'version = 2026.11.23-test' "os-root-hash = $(printf '%064d' 0)" \
		"os-salt = $(printf '%064d' 1)" 'os-data-blocks = 100' >"$MACHINE/etc/palette/image.conf"
	printf 'role = recovery\nslot = b\ndisk = /dev/no-such-disk\n' >"$MACHINE/run/palette/boot.conf"
	cd "$BATS_TEST_TMPDIR"
	unset PALETTE_CONSOLE_SOCKET
}

screens() { # MODE [ENV=VALUE ...]: the script on standard input against its screens
	local mode=$1
	shift
	env "$@" "$BATS_TEST_DIRNAME/screen.py" - -- "$PALETTE_BUILD/tests/palette-install-fake" "$mode" \
		--sysroot "$MACHINE" --log recovery.log
}

@test "the question: F2 confirms, ENTER and ESC do not" {
	screens --reset-question <<-END
		wait starts normally in
		key F2
		exit 13
	END
	grep -q 'factory reset: confirmed' recovery.log
	screens --reset-question <<-END
		wait starts normally in
		key ENTER
		exit 0
	END
	screens --reset-question <<-END
		wait starts normally in
		wait in 58 s
		key ESC
		exit 0
	END
	grep -q 'factory reset: not confirmed' recovery.log
}

@test "the recovery menu, and its way out" {
	screens --recovery <<-END
		wait Palette Edge Recovery
		screen recovery
		key ESC
		wait Restart the machine
		key ESC
		wait > repair
		key p ENTER
		exit 11
	END
}

@test "what could not be opened is said above the rows" {
	echo 'open the data partition: mount /dev/sda5 as ext4 at /sysroot/data: Invalid argument' \
		>"$MACHINE/run/palette/recovery-notes"
	screens --recovery <<-END
		wait Not everything could be opened
		wait mount /dev/sda5
		key p ENTER
		exit 11
	END
}

@test "the factory reset is confirmed by F2 alone" {
	screens --recovery <<-END
		wait Palette Edge Recovery
		key f ENTER
		wait F2 Factory reset
		screen recovery-reset
		key ENTER
		wait > factory
		key ENTER
		wait F2 Factory reset
		key F2
		exit 13
	END
}

@test "a shell is a login on the console that asked, and nothing without a console" {
	screens --recovery <<-END
		wait Palette Edge Recovery
		key s s
		wait > shell
		key ENTER
		wait there is no console to log in on here
		key ENTER
		wait > shell
		key p ENTER
		exit 11
	END
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print(s.recv(64).decode(), end="", flush=True)' console >asked &
	local listener=$!
	while [ ! -S console ]; do sleep 0.05; done
	screens --recovery PALETTE_CONSOLE_SOCKET="$PWD/console" <<-END
		wait Palette Edge Recovery
		key ^C ENTER
		wait Palette Edge Recovery
		key p ENTER
		exit 11
	END
	wait $listener
	[ "$(cat asked)" = login ]
}

@test "a repair that cannot be begun says why and changes nothing" {
	screens --recovery <<-END
		wait Palette Edge Recovery
		key ENTER
		wait System and data are not touched
		screen recovery-repair
		key ENTER
		wait The repair failed
		wait /dev/no-such-disk
		key ENTER
		wait > repair
		key p ENTER
		exit 11
	END
	grep -q 'repair: .*no-such-disk' recovery.log
}
