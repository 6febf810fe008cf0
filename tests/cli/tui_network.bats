#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# palette-tui: adapters and name servers.

load tui

# to_eno2: in a script, from the main menu to the form of eno2
to_eno2() {
	printf '%s\n' 'wait Hostname' 'key n ENTER' 'wait eno2' 'key e ENTER' 'wait In force'
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
		$(to_eno2)
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
		$(to_eno2)
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
		$(to_eno2)
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
		$(to_eno2)
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
