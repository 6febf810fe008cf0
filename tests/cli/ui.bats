#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The libdialog side of lib/ui.h, through a pseudo-terminal.

# ui QUESTION [OPTION ...]: runs the script on standard input against one question of ui_demo
ui() {
	local question=$1
	shift
	"$BATS_TEST_DIRNAME/screen.py" "$@" - -- "$PALETTE_BUILD/tests/ui_demo" "$question"
}

@test "a list shows the detail of the selected row and the keys that work" {
	ui menu <<-END
		wait few
		wait many
		screen ui-menu
		key DOWN
		wait many
		screen ui-menu-second
	END
}

@test "the first letter selects a row, ENTER takes it, F2 is the extra button" {
	ui menu <<-END
		wait few
		key d ENTER
		exit 0
		output menu: 0, row 3
	END
	ui menu <<-END
		wait few
		key c F2
		exit 0
		output menu: 2, row 2
	END
}

@test "TAB goes to the next row and round the end; left and right go through the buttons" {
	ui menu <<-END
		wait few
		key TAB TAB BACKTAB RIGHT
		wait many
		screen ui-menu-button
		key RIGHT ENTER
		exit 0
		output menu: 1, row 1
	END
}

@test "ESC goes back and Ctrl+C is told apart from it" {
	ui menu <<-END
		wait few
		key ESC
		exit 0
		output menu: 1, row 0
	END
	ui menu <<-END
		wait few
		key ^C
		exit 0
		output menu: 4, row 0
	END
}

@test "a tick refreshes the text and keeps the selected row, scrolled list and button" {
	ui list <<-END
		wait few
		key END RIGHT
		wait many
		screen ui-list-end
		key ENTER
		exit 0
		output menu: 2, row 39
	END
}

@test "a list that is longer than the screen scrolls and says how much is hidden" {
	ui list <<-END
		wait few
		wait 27 more below
		key PGDN
		wait 1 more above
		key HOME
		wait > row a0
	END
}

@test "Ctrl+L paints all of it again" {
	ui menu <<-END
		wait few
		blank
		key ^L
		wait row a0
		wait few
	END
}

@test "TAB goes from field to field, then to the buttons, then round" {
	ui form <<-END
		wait words
		key TAB x TAB
		wait < Apply >
		key TAB
		wait < F2 Show
		key TAB TAB y ENTER
		exit 0
		output form: 0, user 'edgey', password 'x'
	END
}

@test "a tick keeps what was typed and where the cursor is" {
	ui form <<-END
		wait words
		key LEFT LEFT
		cursor 12 20
		wait Other
		cursor 12 20
		key X ENTER
		exit 0
		output user 'edXge'
	END
}

@test "a field that is full says so, until there is room or another field" {
	ui form <<-END
		wait words
		type 01234567890123456789012345
		wait Other
		gone No more room
		type 67
		wait No more room in this field
		screen ui-form-full
		key BS
		gone No more room
		key 6 7
		wait No more room
		key TAB
		gone No more room
		key ENTER
		exit 0
		output user 'edge012345678901234567890123456'
	END
}

@test "a password is stars with its length until F2 shows it" {
	ui form <<-END
		wait words
		key TAB s e c r e t
		wait Other
		screen ui-form-hidden
		key F2
		wait Other
		screen ui-form-shown
		wait Other
		wait [secret
		key F2
		gone secret
	END
}

@test "a field takes no more than fits, and keys edit it" {
	ui form <<-END
		wait words
		type 0123456789012345678901234567890
		key HOME DEL END BS ^A A ENTER
		exit 0
		output user 'Adge01234567890123456789012345'
	END
}

@test "a question has two buttons" {
	ui confirm <<-END
		wait Shall
		screen ui-confirm
		key y n
		key TAB ENTER
		exit 0
		output result: 1
	END
}

@test "a long text scrolls and says how much is below" {
	ui message <<-END
		wait 27 more lines below
		screen ui-message
		key END
		wait end
		screen ui-message-end
		key ENTER
		exit 0
		output result: 0
	END
}

@test "any key holds a countdown" {
	ui countdown <<-END
		wait in 59 s
		key DOWN
		exit 0
		output result: 1
	END
}

@test "progress is drawn without waiting, and Ctrl+C and ESC are reported" {
	for key in ^C ESC; do
		ui progress <<-END
			wait 42 %
			screen ui-progress
			key $key
			exit 0
			output progress: 1
		END
	done
}

@test "a shell gets the terminal, and the next question takes it back" {
	ui shell <<-END
		wait The shell comes next.
		key ENTER
		wait in the shell
		gone Before
		key ENTER
		wait That was the shell.
		gone in the shell
		key ENTER
		exit 0
	END
}

@test "every terminal shows it: ASCII lines on a VT, an unknown type is taken for an xterm" {
	for term in vt100 vt220; do
		ui menu --term $term <<-END
			wait few
			key DOWN
			wait many
			screen ui-menu-ascii
		END
	done
	for term in xterm-256color screen nobody-knows-it; do
		ui menu --term $term <<-END
			wait few
			key DOWN
			wait many
			screen ui-menu-second
		END
	done
}

@test "keys work as any terminal sends them: all consoles come through one" {
	for term in linux xterm vt220; do
		for keys in linux xterm vt220; do
			ui menu --term $term --keys $keys <<-END
				wait few
				key END UP HOME DOWN DOWN PGDN BACKTAB F2
				exit 0
				output menu: 2, row 3
			END
		done
	done
}

@test "a terminal that cannot move its cursor is refused with what to do" {
	ui menu --term dumb <<-END
		exit 1
		output set TERM, e.g. TERM=vt220
	END
}

@test "a terminal without a size has 80x24" {
	ui menu --size 0x0 <<-END
		wait few
		wait many
		screen ui-menu
	END
}

@test "a terminal that is too small says so, and a larger one shows the question" {
	ui menu --size 40x6 <<-END
		wait too small
		resize 100x30
		wait row a0
		key ENTER
		exit 0
	END
}

@test "a terminal that goes away ends the question instead of spinning" {
	ui menu <<-END
		wait few
		hangup
		exit 0
	END
}

@test "without a terminal it is refused" {
	run "$PALETTE_BUILD/tests/ui_demo" menu </dev/null
	[ "$status" -eq 1 ]
	[ "$output" = "standard input and output must be a terminal" ]
}
