#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The screens of palette-tui, with a host that is only pretended (fake_host.c) but has the real rules.

PRINT=AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89

setup() {
	export FAKE_HOST="$BATS_TEST_TMPDIR/host"
	cd "$BATS_TEST_TMPDIR"
	unset PALETTE_CONSOLE_SOCKET SSH_CONNECTION
}

# host [LINE ...]: a machine with two adapters and these facts; in a script: sh host [LINE ...]
host() {
	{
		cat <<-END
			hostname edge-4c4c4544-0050-3510-8052-b7c04f4d3332
			machine uuid=4c4c4544-0050-3510-8052-b7c04f4d3332 serial=7XK2PQ3 vendor=Example_Inc. model=ExampleServer_R640 version=2026.11.23-1a2b3c4 slot=a print=$PRINT key=ssh-ed25519_SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQHbwXlMcdIgwJZXo
			adapter eno1 mac=52:54:00:12:34:56 link=up speed=1000 mode=dhcp addr=192.0.2.10/24,2001:db8::10/64 gw=192.0.2.1 lease=82800 driver=tg3
			adapter eno2 mac=52:54:00:12:34:57 link=down mode=dhcp driver=tg3
			dns 192.0.2.53 example.org
		END
		printf '%s\n' "$@"
	} >"$FAKE_HOST.new"
	mv "$FAKE_HOST.new" "$FAKE_HOST"
}

# without NAME [LINE]: takes that adapter away, and puts LINE in its place
without() {
	sed "s|^adapter $1 .*|${2:-}|" "$FAKE_HOST" >"$FAKE_HOST.new"
	mv "$FAKE_HOST.new" "$FAKE_HOST"
}
export PRINT
export -f host without

# tui: runs the script on standard input as over SSH; console: as on the machine's consoles
tui() {
	"$BATS_TEST_DIRNAME/screen.py" - -- "$PALETTE_BUILD/tests/palette-tui-fake" "$@"
}
console() {
	PALETTE_CONSOLE_SOCKET=/nowhere/socket tui "$@"
}

called() {
	grep -qxF "$1" "$FAKE_HOST.calls" || {
		cat "$FAKE_HOST.calls"
		return 1
	}
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

@test "F12 asks before it shuts down" {
	host "account edge correct-horse-7"
	console <<-END
		wait Provision this device
		key F12
		wait Shut this machine down now?
		screen tui-shut-down
		key ESC
		wait Provision this device
		key F12 ENTER
		wait The machine is shutting down.
	END
	called "power off"
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

@test "eight adapters fit 80x24 on Device Info and in the list, details below" {
	local n lines=()
	for n in 1 2 3 4 5 6; do
		lines+=("adapter enp${n}s0f0np0 mac=b8:59:9f:00:00:0$n link=up speed=25000 mode=static addr=198.51.100.$n/28 vlan=4${n}0 mtu=9000 driver=mlx5_core")
	done
	host "account edge correct-horse-7" "${lines[@]}"
	console <<-END
		wait Provision this device
		screen tui-device-eight
	END
	tui <<-END
		wait Hostname
		key n ENTER
		wait enp6s0f0np0
		screen tui-adapters-eight
		key END
		wait > enp6s0f0np0
		screen tui-adapters-eight-last
	END
}

@test "the host name: filled in, refused with the rule, applied" {
	host "account edge correct-horse-7"
	tui <<-END
		wait Hostname
		key ENTER
		wait By default
		screen tui-hostname
		key ^U
		type my_edge
		key ENTER
		wait Host name: "my_edge"
		wait [my_edge
		screen tui-hostname-refused
		key ^U
		type edge-one
		key ENTER
		wait The host name is edge-one now.
		screen tui-menu-hostname
	END
	called "hostname edge-one"
}

@test "an adapter: static address with VLAN and MTU" {
	host "account edge correct-horse-7"
	SSH_CONNECTION="198.51.100.7 40000 203.0.113.1 22" tui <<-END
		wait Hostname
		key n ENTER
		wait eno2
		screen tui-adapters
		key e ENTER
		wait In force: no address
		screen tui-adapter
		key SPACE TAB
		type 192.0.2.300
		key TAB
		type 255.255.255.0
		key TAB
		type 192.0.2.1
		key TAB 4 2 TAB 1 4 0 0 ENTER
		wait IP address: "192.0.2.300"
		screen tui-adapter-refused
		key BS BS BS
		type 20
		key ENTER
		wait eno2 is configured.
		screen tui-adapters-set
	END
	called "adapter eno2 static 192.0.2.20 255.255.255.0 192.0.2.1 42 1400 confirm 0"
}

@test "an adapter: what is on its cable, and a light that blinks or is not there" {
	host "account edge correct-horse-7" "cable eno1 sw-rack7, port Eth1/12 (edge-1 left)"
	SSH_CONNECTION="198.51.100.7 40000 203.0.113.1 22" tui <<-END
		wait Hostname
		key n ENTER
		wait eno2
		key ENTER
		wait On the cable: sw-rack7, port Eth1/12 (edge-1 left)
		key TAB 1 9 2 F2
		wait On the cable
		screen tui-adapter-cable
		key ESC
		wait Select an adapter
		key e ENTER
		wait In force: no address
		key F2
		wait The driver of eno2 has no light to blink
	END
	called "blink eno1 10"
}

@test "typing an address chooses static; DHCP can be chosen again" {
	host "account edge correct-horse-7"
	SSH_CONNECTION="198.51.100.7 40000 203.0.113.1 22" tui <<-END
		wait Hostname
		key n ENTER
		wait eno2
		key e ENTER
		wait (*) dhcp
		key TAB 1
		wait (*) static
		type 92.0.2.20/24
		key ENTER
		wait eno2 is configured.
		key ENTER
		wait (*) static
		key d ENTER
		wait eno2 is configured.
	END
	called "adapter eno2 static 192.0.2.20/24     confirm 0"
	called "adapter eno2 dhcp 192.0.2.20/24     confirm 0"
}

@test "a static address without a link is shown as set; DHCP that does not answer is told from none" {
	host "account edge correct-horse-7" \
		"adapter eno3 mac=52:54:00:12:34:58 link=down mode=static addr=192.0.2.30/24 gw=192.0.2.1 driver=tg3" \
		"adapter eno4 mac=52:54:00:12:34:59 link=up speed=1000 mode=dhcp driver=tg3"
	tui <<-END
		wait Hostname
		key n ENTER
		wait eno4
		key DOWN DOWN
		wait The address is set, and in force with a link.
		screen tui-adapters-set-no-link
		key DOWN
		wait DHCP: no answer yet.
		screen tui-adapters-no-answer
		key ENTER
		wait In force: no address (DHCP: no answer yet)
	END
	console <<-END
		wait Provision this device
		screen tui-device-no-link
		sh without eno4 "adapter eno4 mac=52:54:00:12:34:59 link=up speed=1000 mode=dhcp addr=192.0.2.40/24 lease=60"
		wait DHCP    192.0.2.40/24
	END
}

@test "long addresses of IPv6 are shown whole, as far as there are lines" {
	host "account edge correct-horse-7" \
		"adapter eno3 mac=52:54:00:12:34:58 link=up speed=25000 mode=static addr=192.168.100.100/24,2001:db8:1:2:5054:ff:fe12:3456/64 vlan=4094 driver=mlx5"
	console <<-END
		wait Provision this device
		screen tui-device-slaac
	END
}

@test "another screen that was faster is not overwritten without a word" {
	host "account edge correct-horse-7"
	SSH_CONNECTION="198.51.100.7 40000 203.0.113.1 22" tui <<-END
		wait Hostname
		key n ENTER
		wait eno2
		key e ENTER
		wait In force
		key TAB
		type 192.0.2.20/24
		sh without eno2 "adapter eno2 mac=52:54:00:12:34:57 link=up speed=100 mode=static addr=192.0.2.99/24 gw=192.0.2.1"
		key ENTER
		wait Changed meanwhile by somebody else, to static 192.0.2.99/24, gateway
		wait [192.0.2.20/24
		screen tui-adapter-changed
		key ENTER
		wait eno2 is configured.
		key ESC
		wait > Network Adapter
		key d ENTER
		wait In force
		type 192.0.2.1
		wait [192.0.2.1
		sh host "account edge correct-horse-7" "dns-set 192.0.2.77 192.0.2.78 example.net"
		key ENTER
		wait Changed meanwhile by somebody else, to primary 192.0.2.77
		wait [192.0.2.1
		key ENTER
		wait The name servers are set.
		key h ENTER
		wait By default
		key ^U
		type edge-one
		wait [edge-one
		sh host "account edge correct-horse-7" "hostname edge-other"
		key ENTER
		wait Changed meanwhile to edge-other, by somebody else.
		wait [edge-one
		key ENTER
		wait The host name is edge-one now.
	END
}

@test "bad input of every field is refused with the field, the value and the rule" {
	host "account edge correct-horse-7"
	SSH_CONNECTION="198.51.100.7 40000 203.0.113.1 22" tui <<-END
		wait Hostname
		key n ENTER
		wait eno2
		key e ENTER
		wait In force
		key s TAB
		type 2001:db8::1
		key ENTER
		wait IP address: "2001:db8::1"
		key ^U
		type 010.1.1.1
		key ENTER
		wait IP address: "010.1.1.1"
		key ^U
		type 10.1.1.1/24
		key TAB TAB
		type 10.9.9.9
		key ENTER
		wait Default gateway: "10.9.9.9"
		key ^U TAB
		type 4095
		key ENTER
		wait VLAN ID: "4095"
		key ^U TAB
		type 1279
		key ENTER
		wait MTU: "1279"
		wait 1280
		wait 9000
		wait [10.1.1.1/24
	END
}

@test "an only adapter without a default gateway: what that means is said while it is typed" {
	host "account edge correct-horse-7"
	SSH_CONNECTION="192.0.2.99 40000 192.0.2.10 22" tui <<-END
		wait Hostname
		key n ENTER
		wait > eno1
		key ENTER
		wait You may be connected through this adapter
		key s TAB
		type 192.0.2.11/24
		wait Without a default gateway
		screen tui-adapter-no-gateway
		key TAB TAB
		type 192.0.2.1
		gone Without a default gateway
	END
}

@test "the address one is connected through: kept when confirmed" {
	host "account edge correct-horse-7"
	SSH_CONNECTION="192.0.2.99 40000 192.0.2.10 22" tui <<-END
		wait Hostname
		key n ENTER
		wait > eno1
		key ENTER
		wait You may be connected through this adapter
		screen tui-adapter-connected
		key s TAB
		type 192.0.2.11/24
		key ENTER
		wait keep the change?
		wait in 60 s
		screen tui-change
		key ENTER
		wait The change of eno1 is kept.
	END
	called "adapter eno1 static 192.0.2.11/24     confirm 60"
	called "confirm c1"
}

@test "a new connection is asked about the change that waits, and can take it back" {
	host "account edge correct-horse-7" "waiting eno1 40"
	tui <<-END
		wait A change of eno1 is in force
		wait in 40 s
		key t ENTER
		wait The change of eno1 is taken back.
	END
	called "revert c1"
}

@test "a change that was decided elsewhere or ran out ends the question" {
	host "account edge correct-horse-7" "waiting eno1 40"
	tui <<-END
		wait A change of eno1 is in force
		sh host "account edge correct-horse-7"
		wait no longer waiting
	END
}

@test "a change is not asked about before it is known which one waits" {
	host "account edge correct-horse-7" "waiting eno1 40"
	without eno1 "adapter eno1 link=up mode=static addr=192.0.2.10/24 pending=c1"
	tui <<-END
		wait A change of eno1 is in force
		key ESC
		wait F2 Waiting change
		sh host gone
		key F2
		wait Waiting for it.
		gone take back
		sh host "account edge correct-horse-7" "waiting eno1 40"
		wait A change of eno1 is in force
	END
}

@test "two at once: what the host says of the other's change is shown, nothing typed is lost" {
	host "account edge correct-horse-7" busy
	tui <<-END
		wait Hostname
		key n ENTER
		wait eno2
		key e ENTER
		wait In force
		key s TAB
		type 192.0.2.20/24
		key ENTER
		wait A change of eno2 waits to be confirmed or taken back first
		wait [192.0.2.20/24
	END
}

@test "the list follows carrier and addresses by itself, the selection stays" {
	host "account edge correct-horse-7"
	tui <<-END
		wait Hostname
		key n ENTER
		wait no link
		key DOWN
		wait > eno2
		sh without eno2 "adapter eno2 link=up speed=100 mode=dhcp addr=192.0.2.77/24"
		wait 100 Mbit/s
		wait 192.0.2.77/24
		wait > eno2
	END
}

@test "an adapter pulled while its screen is open is named, and what was typed stays" {
	host "account edge correct-horse-7"
	tui <<-END
		wait Hostname
		key n ENTER
		wait eno2
		key e ENTER
		wait In force
		key s TAB
		type 192.0.2.20/24
		wait [192.0.2.20/24
		sh without eno2
		wait eno2 is not there (any more).
		wait [192.0.2.20/24
		key ENTER
		wait The adapter eno2 is not there
		key ESC
		wait > eno1
	END
}

@test "no adapter at all" {
	host "account edge correct-horse-7"
	sed -i '/^adapter/d' "$FAKE_HOST"
	tui <<-END
		wait none found
		key n ENTER
		wait No network adapter was found yet.
		key ENTER
		wait none found
	END
	console <<-END
		wait it has no address yet
		wait No network adapter was found yet.
	END
}

@test "name servers: what is in force by DHCP, refused, applied" {
	host "account edge correct-horse-7"
	tui <<-END
		wait Hostname
		key d ENTER
		wait In force by DHCP
		screen tui-dns
		key TAB
		type 192.0.2.2
		key ENTER
		wait Primary name server: is empty
		screen tui-dns-refused
		type 192.0.2.1
		key TAB TAB
		type example.net
		key ENTER
		wait The name servers are set.
		wait 192.0.2.1, 192.0.2.2
	END
	called "dns 192.0.2.1 192.0.2.2 example.net"
}

@test "the host service restarts while a screen is open: it is said, and nothing typed is lost" {
	host "account edge correct-horse-7"
	tui <<-END
		wait Hostname
		key ENTER
		wait By default
		key ^U
		type edge-two
		wait [edge-two
		sh host gone
		wait does not answer
		screen tui-hostname-lost
		key ENTER
		wait No answer to the last ENTER
		wait [edge-two
		sh host "account edge correct-horse-7"
		gone does not answer
		wait [edge-two
		key ENTER
		wait The host name is edge-two now.
	END
}

@test "a form whose values could not be read has nothing to apply, and comes when they are" {
	local letter row said
	while read -r letter row said; do
		host "account edge correct-horse-7" "dns-set 192.0.2.77 192.0.2.78 example.net"
		tui <<-END
			wait Hostname
			key $letter
			wait > $row
			sh host gone
			key ENTER
			wait Waiting for it.
			gone Apply
			sh host "account edge correct-horse-7" "dns-set 192.0.2.77 192.0.2.78 example.net"
			wait Apply
			key ENTER
			wait $said
		END
	done <<-END
		d DNS The name servers are set.
		h Hostname The host name is edge
	END
	called "dns 192.0.2.77 192.0.2.78 example.net"
	called "hostname edge-4c4c4544-0050-3510-8052-b7c04f4d3332"
}

@test "the host service is not there yet: the console says so and goes on by itself" {
	host gone
	console <<-END
		wait Waiting for the host service
		screen tui-start
		sh host
		wait Create account
	END
}

@test "the host service does not start at all: why is said, F12 and a login still work" {
	mkdir bin
	cat >bin/systemctl <<-'END'
		#!/bin/sh
		[ "$1" != poweroff ] || { echo poweroff >>"$FAKE_HOST.calls"; exit 0; }
		printf 'Result=exit-code\nActiveState=activating\nSubState=auto-restart\n'
	END
	printf '#!/bin/sh\necho "read /etc/palette/policy.conf: Input/output error"\n' >bin/journalctl
	chmod +x bin/*
	host gone
	PATH=$PWD/bin:$PATH PALETTE_TUI_HASTE=30 console <<-END
		wait Waiting for the host service
		wait palette-hostd.service: activating (auto-restart), result: exit-code
		wait Input/output error
		screen tui-dead-end
		key F12
		wait Shut this machine down now?
		key ESC
		wait Input/output error
		key F12 ENTER
		wait The machine is shutting down.
	END
	called poweroff
	PATH=$PWD/bin:$PATH PALETTE_TUI_HASTE=30 console <<-END
		wait Input/output error
		sh host "account edge correct-horse-7"
		wait Provision this device
	END
}

@test "a console that was left alone is logged out, also at a question" {
	host "account edge correct-horse-7"
	PALETTE_TUI_HASTE=300 console <<-END
		wait Provision this device
		key F2
		wait Log in
		type edge
		key TAB
		type correct-horse-7
		key ENTER
		wait Hostname
		wait Nobody was here for a while: logged out.
		wait Provision this device
		screen tui-device-left
		key F2
		wait Log in
		type edge
		key TAB
		type correct-horse-7
		key ENTER
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

@test "a copy of another machine says so on Device Info" {
	host "account edge correct-horse-7" "copied 4c4c4544-0050-3510-8052-b7c04f4d3331"
	console <<-END
		wait machine id and keys are new
		screen tui-device-copied
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
		type edge
		key TAB
		type correct-horse-7
		key ENTER
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

@test "Quit over SSH ends with status 0 and prints Device Info" {
	host "account edge correct-horse-7"
	tui <<-END
		wait Hostname
		key q ENTER ENTER
		exit 0
		output Provision this device through Local UI: https://192.0.2.10:5080
	END
}

@test "the terminal goes away: it ends" {
	host "account edge correct-horse-7"
	tui <<-END
		wait Hostname
		hangup
		exit 1
	END
}

@test "--show prints Device Info, --json the same for programs" {
	host "account edge correct-horse-7"
	run "$PALETTE_BUILD/tests/palette-tui-fake" --show
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "Provision this device through Local UI: https://192.0.2.10:5080" ]
	[[ "$output" == *"eno1           1 Gbit/s    DHCP    192.0.2.10/24  2001:db8::10/64"* ]]
	"$PALETTE_BUILD/tests/palette-tui-fake" --json | python3 -c '
import json, sys
device = json.load(sys.stdin)
assert device["local-ui"] == "https://192.0.2.10:5080", device
assert device["adapters"][0]["addresses"] == ["192.0.2.10/24", "2001:db8::10/64"], device
assert device["ssh-running"] is True, device
'
}

@test "wrong usage is 2 and one line" {
	run "$PALETTE_BUILD/tests/palette-tui-fake" somewhere
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 1 ]
	run "$PALETTE_BUILD/tests/palette-tui-fake" --help
	[ "$status" -eq 0 ]
}
