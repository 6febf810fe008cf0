#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The places answers come from: files, media, guestinfo, kernel arguments, and cloud-init's user-data.

load answers

@test "user-data is checked before a boot, known by its first line" {
	printf '#cloud-config\nhostname: edge-7\ninstall: {device: /dev/sda, auto: true, poweroff: true}\nusers:\n- default\n- name: alice\n  passwd: %s\n' "$HASH" > answers
	run --separate-stderr "$INSTALL" --check-answers answers
	[ "$status" -eq 0 ]
	[[ "$output" == *'hostname = edge-7'*'disk = /dev/sda'*'unattended = yes'*'account.password-hash = (set)'* ]]
	[ "$stderr" = 'palette-install: answers: not read: "default" of users (line 5)' ]
	# It is the same for an installation.
	unattended
	[ "$status" -eq 11 ]
	[[ "$output" == *'answers: not read: "default" of users (line 5)'* ]]
	sed -i '/device/d' answers
	echo 'install: {auto: yes}' >> answers
	run "$INSTALL" --check-answers answers
	[ "$status" -eq 1 ]
	[[ "$output" == *'unattended = yes needs disk and action too'* ]]
	printf 'runcmd:\n- reboot\nwrite_files: [{path: /x}]\n' >> answers
	run --separate-stderr "$INSTALL" --check-answers answers
	[ "$status" -eq 3 ]
	[ "$stderr" = 'palette-install: answers: not understood: runcmd (line 8), write_files (line 10)' ]
	# Where lines belong it is refused as what it is.
	mkdir seed
	mv answers seed/answers.conf
	: > answers
	LOG=seed.log
	unattended --seed-medium "PALETTE_SEED:$PWD/seed"
	refused "(PALETTE_SEED): it is user-data (#cloud-config), and \"key = value\" lines belong here"
}

@test "later places win: medium, second medium, guestinfo, kernel arguments, file" {
	cp -r "$MEDIUM" medium && MEDIUM=$BATS_TEST_TMPDIR/medium
	mkdir seed machine && cp -r --sparse=always "$MACHINE/." machine
	printf 'unattended = yes\naction = nothing\nhostname = medium\n' > medium/palette/answers.conf
	printf 'action = reboot\nhostname = seed\ndisk = /dev/sda\n' > seed/answers.conf
	echo 'VMware, Inc.' > machine/sys/class/dmi/id/sys_vendor
	mkdir machine/guestinfo
	printf '{hostname: guest, install: {reboot: true}, stylus: {localUI: {port: 5443}}}\n' > machine/guestinfo/userdata
	printf 'localui-port = 5444\n' >> seed/answers.conf
	echo 'quiet palette.role=install palette.hostname=kernel palette.action=poweroff' > machine/proc/cmdline
	answers 'hostname = file'
	MACHINE=$BATS_TEST_TMPDIR/machine unattended --seed-medium "PALETTE_SEED:$PWD/seed"
	[ "$status" -eq 11 ]
	grep -q 'answer: disk = /dev/sda (.*/seed (PALETTE_SEED))' "$LOG"
	grep -q 'answer: localui-port = 5443 (guestinfo.userdata)' "$LOG"
	grep -q 'answer: action = poweroff (kernel arguments)' "$LOG"
	grep -q 'answer: hostname = file (answers)' "$LOG"
	grep -q 'answer: unattended = yes (the medium)' "$LOG"
	! grep -q 'hostname = seed' "$LOG" || false
}

@test "user-data of a cidata medium is a source, and what it cannot say is refused" {
	mkdir seed
	printf '#cloud-config\nhostname: edge-7\ninstall: {device: /dev/sda, auto: true, poweroff: true}\nusers:\n- name: alice\n  passwd: %s\n' "$HASH" > seed/user-data
	: > answers
	unattended --seed-medium "cidata:$PWD/seed"
	[ "$status" -eq 11 ]
	[[ "$output" == *"account.password-hash = (set)"* ]]
	! grep -rqF "$HASH" "$LOG" || false
	[[ "$output" != *network-config* ]]
	echo 'version: 2' > seed/network-config
	unattended --seed-medium "cidata:$PWD/seed"
	[ "$status" -eq 11 ]
	[[ "$output" == *"network-config on $PWD/seed (cidata) is not read: in user-data, stylus.site.network says"* ]]
	grep -q "warn: network-config on $PWD/seed" "$LOG"
	echo 'runcmd: [reboot]' >> seed/user-data
	unattended --seed-medium "cidata:$PWD/seed"
	[[ "$stderr$output" == *'seed (cidata): not understood: runcmd (line 7)'* ]]
}

@test "of meta-data the host's name is taken, and what is not read is named" {
	mkdir seed
	printf 'install: {device: /dev/sda, auto: true, poweroff: true}\n' > seed/user-data
	printf 'instance-id: i-1\nlocal-hostname: edge-9\n' > seed/meta-data
	: > seed/vendor-data
	: > answers
	unattended --seed-medium "cidata:$PWD/seed"
	[ "$status" -eq 11 ]
	[[ "$output" == *'hostname = edge-9'* ]]
	[[ "$output" != *'not read'* ]]
	# user-data's name is the host's.
	echo 'hostname: edge-8' >> seed/user-data
	echo 'public-keys: [x]' >> seed/meta-data
	echo '#cloud-config' > seed/vendor-data
	LOG=other.log
	unattended --seed-medium "cidata:$PWD/seed"
	[ "$status" -eq 11 ]
	[[ "$output" == *'hostname = edge-8'* && "$output" != *edge-9* ]]
	[[ "$output" == *"vendor-data on $PWD/seed (cidata) is not read"*"$PWD/seed (cidata), meta-data: not read: public-keys (line 3)"* ]]
	grep -q 'warn: vendor-data on' "$LOG"
	echo 'local-hostname: -x' > seed/meta-data
	LOG=refused.log
	unattended --seed-medium "cidata:$PWD/seed"
	refused 'seed (cidata), meta-data, line 1: hostname: host name: "-x"'
}

@test "user-data may say a thing at two places, alike" {
	mkdir seed
	cat > seed/user-data <<-END
		hostname: edge-7
		install: {device: /dev/sda, auto: true, poweroff: true}
		stylus:
		  site:
		    hostName: edge-7
		    network:
		      interfaces:
		        ens192: {type: dhcp, nameserver: 192.0.2.1}
		        ens224: {type: dhcp, nameserver: 192.0.2.2}
	END
	: > answers
	unattended --seed-medium "cidata:$PWD/seed"
	[ "$status" -eq 11 ]
	[[ "$output" == *"hostname = edge-7"*"dns.primary = 192.0.2.1"*"dns.alternate = 192.0.2.2"* ]]
	sed -i 's/hostName: edge-7/hostName: edge-8/' seed/user-data
	LOG=other.log
	unattended --seed-medium "cidata:$PWD/seed"
	refused 'line 5: stylus/site/hostName and hostname (line 1) differ: both set hostname'
}

@test "an SSH key of nobody is refused and not lost" {
	mkdir seed
	key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDJvPNhRyhBqjD5y1mVTtA4Yk1oxMTIrRgCHTh8r1Pd alice'
	printf 'install: {device: /dev/sda, auto: true, poweroff: true}\nssh_authorized_keys:\n- %s\n' "$key" > seed/user-data
	: > answers
	unattended --seed-medium "cidata:$PWD/seed"
	refused "SSH key: account.ssh-key is nobody's without account.user and account.password-hash"
	# Another place may name the person.
	answers "account.ssh-key = $key"
	run "$INSTALL" --check-answers answers
	[ "$status" -eq 1 ]
	answers 'account.user = alice' "account.password-hash = $HASH"
	unattended --seed-medium "cidata:$PWD/seed"
	[ "$status" -eq 11 ]
}

@test "on a VMware machine guestinfo.userdata is a source, in each of its encodings" {
	cp -r --sparse=always "$MACHINE" machine
	MACHINE=$BATS_TEST_TMPDIR/machine
	echo 'VMware, Inc.' > machine/sys/class/dmi/id/sys_vendor
	mkdir machine/guestinfo
	# No value at all, as most machines: no mistake, and the question stays open.
	answers 'unattended = yes'
	unattended
	refused 'no answer to the question "disk"'
	printf 'install: {device: /dev/sda, auto: true, poweroff: true}\n' > user-data
	# More than one line of base64.
	printf 'ssh_authorized_keys:\n- ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDJvPNhRyhBqjD5y1mVTtA4Yk1oxMTIrRgCHTh8r1Pd alice\n' >> user-data
	printf 'users:\n- name: alice\n  passwd: %s\n' "$HASH" >> user-data
	: > answers
	for encoding in '' base64 gz+b64; do
		case $encoding in
		'') cat user-data ;;
		base64) base64 user-data ;;
		*) gzip -c user-data | base64 ;;
		esac > machine/guestinfo/userdata
		echo $encoding > machine/guestinfo/userdata.encoding
		unattended
		[ "$status" -eq 11 ]
		grep -q 'answer: disk = /dev/sda (guestinfo.userdata)' "$LOG"
		rm "$LOG"
	done
	echo rot13 > machine/guestinfo/userdata.encoding
	unattended
	refused 'guestinfo.userdata: its encoding "rot13" is none of base64 and gzip+base64'
	echo base64 > machine/guestinfo/userdata.encoding
	echo 'a: ?' > machine/guestinfo/userdata
	unattended
	refused 'guestinfo.userdata: it is not base64, as its encoding says'
	echo gzip+base64 > machine/guestinfo/userdata.encoding
	base64 user-data > machine/guestinfo/userdata
	unattended
	refused 'guestinfo.userdata: gunzip failed'
	printf 'install: {auto: true}\n\0nonsense' | gzip -c | base64 > machine/guestinfo/userdata
	unattended
	refused 'guestinfo.userdata: line 1: control characters are not allowed'
	(cat user-data; head -c 600000 /dev/zero | tr '\0' '#') > large
	gzip -c large | base64 > machine/guestinfo/userdata
	unattended
	refused 'guestinfo.userdata: what is unpacked of it has more than 524286 bytes'
	base64 large > machine/guestinfo/userdata
	unattended
	refused 'guestinfo.userdata: it has more than 524286 bytes'
}

@test "two media with answers are refused" {
	mkdir one two
	printf 'disk = /dev/sda\n' | tee one/answers.conf > two/answers.conf
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot'
	unattended --seed-medium "PALETTE_SEED:$PWD/one" --seed-medium "cidata:$PWD/two"
	refused "there are two media with answers, $PWD/one (PALETTE_SEED) and $PWD/two (cidata): remove one of them"
}
