#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# palette-tui: who gets in, and the first account.

load tui

# log_in: in a script, what a screen that asks for a login is told
log_in() {
	printf '%s\n' 'type edge' 'key TAB' 'type correct-horse-7' 'key ENTER'
}

@test "the first run: account, main menu, Quit, Device Info" {
	host
	console <<-END
		wait Create account
		screen tui-account
		type edge
		key TAB
		type correct-horse-7
		key TAB
		type correct-horse-7
		screen tui-account-typed
		key ENTER
		wait The account edge is there
		screen tui-menu
		key q ENTER
		wait Finish the configuration?
		screen tui-quit
		key ENTER
		wait Device Info
		screen tui-device
	END
	called "create edge correct-horse-7"
	# What follows is done as the new account.
	called "login edge from console"
	called "logout"
}

@test "an account that is refused: the message above the fields, what was typed stays" {
	host
	console <<-END
		wait Create account
		type root
		key TAB
		type correct-horse-7
		key TAB
		type correct-horse-8
		key ENTER
		wait not the same
		key BS 7 ENTER
		wait User name: "root"
		wait [root
		wait 15 characters
		screen tui-account-refused
		cursor 13 27
		key ^U e d g e ENTER
		wait The account edge is there
	END
}

# account NAME PASSWORD ANSWER: what the account screen answers to them
account() {
	host
	console <<-END
		wait Create account
		type $1
		key TAB
		type $2
		key TAB
		type $2
		wait $((${#2})) characters
		key ENTER
		wait $3
	END
}

@test "names and passwords of 300 characters are refused as they are, and not cut" {
	local long
	long=$(printf 'Zq7%.0s' {1..100})
	account "$long" correct-horse-7 'has 300 characters, at most 32 are allowed'
	account edge "$long" 'Password: has 300 bytes, at most 255 are allowed'
	account edge "$(printf 'ä%.0s' {1..300})" 'Password: has 600 bytes, at most 255 are allowed'
	[ ! -e "$FAKE_HOST.calls" ]
}

@test "names with blanks, quotes and UTF-8 are refused with the rule; passwords may have them" {
	account 'ed ge' correct-horse-7 'User name: "ed ge" may have'
	account "ed'ge" correct-horse-7 "User name: \"ed'ge\" may have"
	account 'edgé' correct-horse-7 'User name: "edgé" may have'
	account Édge correct-horse-7 'User name: "Édge" must start with'
	[ ! -e "$FAKE_HOST.calls" ]
	account edge 'a "quoted" Grüße; $(id) \ horse' 'The account edge is there'
	called 'create edge a "quoted" Grüße; $(id) \ horse'
}

@test "control characters are not typed; those of Unicode are refused" {
	host
	console <<-END
		wait Create account
		key ^B e ^G d ^T g e
		wait [edge
		key TAB
		type correct-horse-7
		key ^B ^V
		wait 15 characters
		key TAB
		type correct-horse-7
		key ^] ENTER
		wait The account edge is there
	END
	called "create edge correct-horse-7"
	account edge "correct-$(printf '\u0085')-horse-7" 'Password: has a control character'
}

@test "a login with a password of 300 characters is refused, not cut" {
	local long
	long=$(printf 'a%.0s' {1..300})
	host "account edge ${long:0:255}"
	console <<-END
		wait Provision this device
		key F2
		wait Log in
		type edge
		key TAB
		type $long
		wait 300 characters
		key ENTER
		wait User name or password is wrong
	END
}

@test "an account that somebody else makes at the same time is told of" {
	host
	console <<-END
		wait Create account
		type edge
		wait [edge
		sh host "account other secret-7"
		wait Somebody else has made the first account meanwhile.
		wait Provision this device
		screen tui-device-outrun
	END
}

@test "nobody gets past the account screen: ESC shows Device Info, which leads back" {
	host
	console <<-END
		wait Create account
		key ESC
		wait nobody can log in
		screen tui-device-no-account
		key F2
		wait nobody can log in
		key ENTER
		wait Create account
	END
}

@test "an account made elsewhere ends the account screen" {
	host
	console <<-END
		wait Create account
		wait 0 characters
		sh host "account edge secret-7"
		wait Local UI: https://192.0.2.10:5080
	END
}

@test "a machine with an account shows Device Info; F2 asks for a login and leads to the menu" {
	host "account edge correct-horse-7"
	console <<-END
		wait Provision this device
		screen tui-device
		key ESC
		key F2
		wait Log in
		screen tui-login
		type edge
		key TAB x ENTER
		wait User name or password is wrong
		wait 1 character
		key ^U
		type correct-horse-7
		key ENTER
		wait Hostname
		key ESC ENTER
		wait Provision this device
	END
	called "login edge from console"
	called "logout"
}

@test "ENTER on Device Info asks the console for a login; without one it says so" {
	host "account edge correct-horse-7"
	console <<-END
		wait Provision this device
		key ENTER
		wait No login
		wait /nowhere/socket
		key ENTER
		wait Provision this device
	END
}

@test "a console that was left alone is logged out, also at a question" {
	host "account edge correct-horse-7"
	PALETTE_TUI_HASTE=300 console <<-END
		wait Provision this device
		key F2
		wait Log in
		$(log_in)
		wait Hostname
		wait Nobody was here for a while: logged out.
		wait Provision this device
		screen tui-device-left
		key F2
		wait Log in
		$(log_in)
		wait DNS Configuration
		key q ENTER
		wait Finish the configuration?
		wait Nobody was here for a while: logged out.
	END
	[ "$(grep -c logout "$FAKE_HOST.calls")" -eq 2 ]
	# A connection by SSH has a time of its own.
	PALETTE_TUI_HASTE=1000 tui <<-END
		wait Hostname
		sh sleep 2
		key h ENTER
		wait By default
	END
}

@test "what is wrong with the settings file is said at the account and on Device Info" {
	host "problem settings.conf, line 14: mtu: \"99999\" is no number from 1280 to 9000, the range eno1 works with"
	console <<-END
		wait Create account
		screen tui-account-problem
		key ESC
		wait nobody can log in
		screen tui-device-problem
	END
}

@test "a login that has ended is asked for again and the form stays" {
	host "account edge correct-horse-7"
	tui <<-END
		wait Hostname
		key ENTER
		wait By default
		key ^U
		type edge-three
		wait [edge-three
		sh host "account edge correct-horse-7" expired
		key ENTER
		wait The login has ended
		$(log_in)
		wait Logged in again
		wait [edge-three
		key ENTER
		wait The host name is edge-three now.
	END
}

@test "who has no right is told so before any screen, though the bus refuses to say anything" {
	host "account edge correct-horse-7" denied
	tui <<-END
		exit 1
		output only root and members of palette-admin may do this
	END
	run "$PALETTE_BUILD/tests/palette-tui-fake" --show
	[ "$status" -eq 1 ]
	[[ "$output" == *"only root and members of palette-admin may do this" ]]
}
