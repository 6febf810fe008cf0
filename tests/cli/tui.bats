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
		wait [edge-two
		sh host "account edge correct-horse-7"
		gone does not answer
		wait [edge-two
		key ENTER
		wait The host name is edge-two now.
	END
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

@test "who has no right is told so before any screen" {
	host "account edge correct-horse-7" denied
	tui <<-END
		exit 1
		output only root and administrators may do this
	END
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
