#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# palette-tui: Device Info, the host name, and a host service that is late, slow or gone.

load tui

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

@test "a copy of another machine says so on Device Info" {
	host "account edge correct-horse-7" "copied 4c4c4544-0050-3510-8052-b7c04f4d3331"
	console <<-END
		wait machine id and keys are new
		screen tui-device-copied
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
