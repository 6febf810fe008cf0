#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# palette-console between pseudo-terminals; each test is a function of console.py.

check() {
	"$BATS_TEST_DIRNAME/console.py" "$PALETTE_BUILD/bin/palette-console" "$1"
}

@test "console: both terminals show the same" {
	check both_terminals_show_the_same
}

@test "console: keys come from either" {
	check keys_come_from_either
}

@test "console: keys of any terminal arrive as those of one" {
	check keys_of_any_terminal_arrive_as_those_of_one
}

@test "console: an escape alone arrives after a moment" {
	check an_escape_alone_arrives_after_a_moment
}

@test "console: a terminal that takes nothing holds up nobody" {
	check a_terminal_that_takes_nothing_holds_up_nobody
}

@test "console: it is repainted when it takes something again" {
	check it_is_repainted_when_it_takes_something_again
}

@test "console: a key there has it repainted" {
	check a_key_there_has_it_repainted
}

@test "console: the terminal is 80x24 and of a type all share" {
	check the_terminal_is_80x24_and_of_a_type_all_share
}

@test "console: the status is the programs" {
	check the_status_is_the_programs
}

@test "console: the last words are shown" {
	check the_last_words_are_shown
}

@test "console: told to end it ends the program" {
	check told_to_end_it_ends_the_program
}

@test "console: a terminal that goes away takes nobody along" {
	check a_terminal_that_goes_away_takes_nobody_along
}

@test "console: a shell opens where the last key came from and the other keeps the screen" {
	check a_shell_opens_where_the_last_key_came_from_and_the_other_keeps_the_screen
}

@test "console: nobody else may ask" {
	check nobody_else_may_ask
}

@test "console: wrong usage is said" {
	check wrong_usage_is_said
}
