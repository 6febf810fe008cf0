#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Installations that are told instead of asked: the places answers come from, what is refused, the
# screens that are left. The apply installs nothing but in the last tests.

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

# with_earlier NAME SERIAL LABELS: a machine of its own whose disk sdb has those partitions
with_earlier() {
	cp -r --sparse=always "$MACHINE" machine
	MACHINE=$BATS_TEST_TMPDIR/machine
	find machine/sys -type l | while read -r link; do
		ln -sfn "$(readlink "$link" | sed "s|$BATS_FILE_TMPDIR/machine|$MACHINE|")" "$link"
	done
	sfdisk -q "machine/heads/$1.img"
}

@test "unattended: every question is answered, progress is plain lines" {
	answers 'unattended = yes' 'disk = serial=S4XYNX0R612003' 'action = poweroff' 'hostname = edge-1'
	unattended
	[ "$status" -eq 11 ]
	[[ "$output" == *"[1/"*"Destroy the old boot code"* ]]
	[[ "$output" == *"Installed in 2 min 5 s"* ]]
	[[ "$output" == *"answers:"*"disk = serial=S4XYNX0R612003"*"hostname = edge-1"* ]]
	grep -q 'disk: /dev/sda, as answered' "$LOG"
}

@test "unattended: progress as JSON lines, and nothing else on standard output" {
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot'
	unattended --progress=json
	json_lines
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot' 'progress = json'
	unattended
	json_lines
	# One that asks for them and has a mistake gets that in one, too.
	answers 'unattended = yes' 'progress = json' 'disk = /dev/sda' 'colour = red'
	unattended
	[ "$(printf '%s\n' "$output" | jq -r .event)" = failed ]
}

json_lines() {
	[ "$status" -eq 10 ]
	printf '%s\n' "$output" | python3 -c '
import json, sys
events = [json.loads(line) for line in sys.stdin]
assert events[0]["event"] == "start" and events[0]["disk"] == "/dev/sda", events[0]
assert events[-1] == {"event": "installed", "milliseconds": 125000}, events[-1]
steps = [event for event in events if event["event"] == "step"]
assert [step["step"] for step in steps] == list(range(1, steps[0]["steps"] + 1)), steps
assert any(event["event"] == "progress" and 0 < event["percent"] < 100 for event in events)
'
}

@test "a question that is left open is an error that names its key" {
	answers 'unattended = yes' 'disk = /dev/sda'
	unattended
	refused 'no answer to the question "action"'
	answers 'unattended = yes' 'action = reboot'
	unattended
	refused 'no answer to the question "disk"'
}

@test "mistakes are named with their place before anything is written" {
	local bad
	while IFS='|' read -r bad message; do
		printf "unattended = yes\ndisk = /dev/sda\naction = reboot\n$bad" > answers
		unattended
		refused "answers, line 4: $message"
	done <<-'END'
		colour = red\n|nothing is called "colour"
		on-failure = explode\n|on-failure: "explode" is none of nothing, reboot and poweroff
		disk = /dev/sdb\n|disk is there twice
		hostname = edge\r\n|it ends in CR LF
		hostname = ed\0ge\n|a NUL byte
		account.password-hash = $1$abcdefgh$0123456789012345678901\n|account.password-hash: password: its hash is none of yescrypt
		nonsense\n|"nonsense" is not "key = value"
	END
	printf '\357\273\277unattended = yes\n' > answers
	unattended
	refused 'answers: it begins with a byte order mark'
	head -c 10000000 /dev/urandom > answers
	unattended
	refused 'answers has more than 262144 bytes'
}

@test "a wrong value for the host is a mistake of its line, not an answer that is incomplete" {
	local bad message key
	while IFS='|' read -r bad message; do
		key=${bad%% =*}
		answers '# the host' "$bad"
		run --separate-stderr "$INSTALL" --check-answers answers
		[ "$status" -eq 3 ] || { echo "$bad: status $status"; return 1; }
		[[ "$stderr" == "palette-install: answers, line 2: $key: $message"* ]] || { echo "$bad: $stderr"; return 1; }
	done <<-'END'
		adapter.ens192.mode = dchp|addressing: "dchp" is neither
		adapter.ens192.address = 192.0.2|IP address: "192.0.2" is no IPv4 address
		adapter.ens192.netmask = 33|subnet mask: "33" is outside
		adapter.ens192.gateway = router|default gateway: "router" is no IPv4 address
		adapter.ens192.vlan = 9999|VLAN ID: "9999" is no number from 1 to 4094
		adapter.ens192.mtu = 576|MTU: "576" is no number from 1280
		dns.primary = 1.2.3|primary name server: "1.2.3" is no IPv4 address
		dns.alternate = fe80::1|alternate name server: "fe80::1" looks like IPv6
		dns.search = -x|search domain: "-x" is no domain
		ntp.servers = a b c d e f g h i|NTP server: there are 9, at most 8 are allowed
		proxy.http = nonsense|HTTP Endpoint: "nonsense" must start with
		proxy.https = http://proxy|HTTPS Endpoint: "http://proxy" has no port
		proxy.no-proxy = a b/c|No Proxy: "b/c" is no host
		proxy.ca = !|CA Certificates: is neither base64 nor PEM
	END
	# Nor is what lines say against each other: no other place mends that by adding.
	while IFS='|' read -r bad message; do
		printf "$bad" > answers
		run --separate-stderr "$INSTALL" --check-answers answers
		[ "$status" -eq 3 ] || { echo "$bad: status $status"; return 1; }
		[[ "$stderr" == "palette-install: the answers for the installed host: "*"$message"* ]] || { echo "$bad: $stderr"; return 1; }
	done <<-'END'
		adapter.e.mode = static\nadapter.e.address = 192.0.2.9/24\nadapter.e.gateway = 10.0.0.1\n|adapter e: default gateway: "10.0.0.1" is not in
		account.user = alice\ndns.primary = 192.0.2.1\ndns.alternate = 192.0.2.1\n|"192.0.2.1" is the primary one already
		adapter.e.mode = dhcp\nadapter.e.address = 192.0.2.9/24\n|adapter.e.address needs adapter.e.mode = static, not dhcp
		adapter.e.mode = static\nadapter.e.address = 192.0.2.9/24\nadapter.f.address = 192.0.2.9/24\n|adapter f: IP address: "192.0.2.9" is in use on e already
	END
	for i in {1..17}; do echo "adapter.e$i.vlan = 1"; done > answers
	run --separate-stderr "$INSTALL" --check-answers answers
	[ "$status" -eq 3 ]
	[ "$stderr" = 'palette-install: the answers for the installed host: adapter.e17.vlan: adapter: is one too many: at most 16 can be preset' ]
	# What another place may complete is none.
	for line in 'adapter.ens192.mode = static' 'adapter.ens192.address = 192.0.2.1/24' 'dns.alternate = 192.0.2.1' 'account.user = alice'; do
		answers "$line"
		run "$INSTALL" --check-answers answers
		[ "$status" -eq 1 ]
	done
	answers 'adapter.ens192.mode = dchp'
	SOURCE=$BATS_FILE_TMPDIR/small install --size 2G --yes --answers answers
	[ "$status" -eq 3 ]
	[[ "$output" == *'answers, line 1: adapter.ens192.mode: addressing: "dchp"'* ]]
	[ ! -e disk.img ]
}

@test "an answer that an unattended run cannot do without is told before it starts" {
	check() { # STATUS MESSAGE LINE ...
		local want=$1 message=$2
		answers "${@:3}"
		run --separate-stderr "$INSTALL" --check-answers answers
		[ "$status" -eq "$want" ] && [ "$stderr" = "${message:+palette-install: $message}" ] || { echo "$status: $stderr"; return 1; }
	}
	check 0 '' 'disk = largest'
	check 0 '' 'unattended = yes' 'disk = largest' 'action = reboot'
	check 1 'unattended = yes needs action too, here or at another place' 'unattended = yes' 'disk = largest'
	check 1 'unattended = yes needs disk and action too, here or at another place' 'unattended = yes'
	check 1 'unattended = yes needs disk and action too, here or at another place; the answers for the installed host: user name: account.user and account.password-hash belong together' \
		'unattended = yes' 'account.user = alice'
}

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

@test "the disk is one disk or none" {
	answers 'unattended = yes' 'disk = transport=sata' 'action = reboot'
	unattended
	refused 'disk = transport=sata: 2 disks match, one must: /dev/sda (960 GB, SATA, serial S4XYNX0R612003); /dev/sdb'
	answers 'unattended = yes' 'disk = serial=nobody' 'action = reboot'
	unattended
	refused 'disk = serial=nobody: no such disk can be installed on; there are: /dev/nvme0n1'
	answers 'unattended = yes' 'disk = transport=sata, smallest' 'action = reboot'
	unattended
	[ "$status" -eq 10 ]
	grep -q 'disk: /dev/sdb, as answered' "$LOG"
}

@test "the disk by its place, as udev writes it" {
	for row in pci-0000:00:1f.2-ata-1:sda pci-0000:00:1f.2-ata-3.0:sdb pci-0000:01:00.0-nvme-1:nvme0n1; do
		answers 'unattended = yes' "disk = /dev/disk/by-path/${row%:*}" 'action = reboot' 'overwrite = yes'
		unattended
		[ "$status" -eq 10 ]
		grep -q "disk: /dev/${row##*:}, as answered" "$LOG"
	done
	answers 'unattended = yes' 'disk = /dev/disk/by-path/pci-0000:00:1f.2-ata-2' 'action = reboot'
	LOG=other.log
	unattended
	refused 'no such disk can be installed on'
}

@test "a disk that holds data needs overwrite = yes" {
	answers 'unattended = yes' 'disk = transport=nvme' 'action = reboot'
	unattended
	refused '/dev/nvme0n1 holds data (GPT, 2 partitions'
	echo 'overwrite = yes' >> answers
	unattended
	[ "$status" -eq 10 ]
}

@test "what this very medium has installed needs reinstall = yes" {
	with_earlier sdb <<-END
		label: gpt
		size=64MiB, type=U, name=palette-esp
		size=64MiB, type=L, name=palette-data
	END
	mkfs.fat --offset 2048 -F 32 machine/heads/sdb.img 65536 > /dev/null 2>&1
	printf 'version = 1\nmedium-id = 0123456789abcdef\n' > install.conf
	mmd -i machine/heads/sdb.img@@1M ::palette
	mcopy -i machine/heads/sdb.img@@1M install.conf ::palette/install.conf
	answers 'unattended = yes' 'disk = /dev/sdb' 'action = reboot' 'overwrite = yes'
	unattended
	refused '/dev/sdb holds an installation made from this very medium: it is installed again only with "reinstall = yes"'
	echo 'reinstall = yes' >> answers
	unattended
	[ "$status" -eq 10 ]
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

@test "the result and the log are on the second medium" {
	mkdir seed
	printf 'unattended = yes\ndisk = /dev/sda\naction = reboot\n' > seed/answers.conf
	: > answers
	unattended --seed-medium "PALETTE_SEED:$PWD/seed"
	[ "$status" -eq 10 ]
	python3 -c '
import json
result = json.load(open("seed/palette-result.json"))
assert result["result"] == "installed" and result["disk"] == "/dev/sda", result
assert result["serial"] == "7XK2PQ3" and result["milliseconds"] == 125000, result
'
	grep -q 'installed in 125000 ms' seed/palette-install.log
	# The same under the machine's own name: the stick goes to the next one.
	cmp seed/palette-result.json seed/palette-result-7XK2PQ3.json
	cmp seed/palette-install.log seed/palette-install-7XK2PQ3.log
	cp -a "$MACHINE" rack
	MACHINE=$PWD/rack
	echo 'A/../B C' > rack/sys/class/dmi/id/product_serial
	unattended --seed-medium "PALETTE_SEED:$PWD/seed"
	cmp seed/palette-result.json seed/palette-result-A_.._B_C.json
	grep -q '"serial": "7XK2PQ3"' seed/palette-result-7XK2PQ3.json
	FAKE_APPLY=fail unattended --seed-medium "PALETTE_SEED:$PWD/seed"
	[ "$status" -eq 1 ]
	python3 -c '
import json
result = json.load(open("seed/palette-result.json"))
assert result["result"] == "failed" and "write /dev/sda at byte" in result["message"], result
'
}

@test "secrets are in no output, no log and no result" {
	mkdir seed
	printf '%s\n' 'unattended = yes' 'disk = /dev/sda' 'action = reboot' 'account.user = alice' \
		"account.password-hash = $HASH" 'proxy.https = http://me:geheim@proxy.example:3128' > seed/answers.conf
	: > answers
	unattended --seed-medium "PALETTE_SEED:$PWD/seed"
	[ "$status" -eq 10 ]
	[[ "$output" == *'proxy.https = http://***@proxy.example:3128'* ]]
	# A hash or an address in a line that is no answer.
	for line in "$HASH" "account.password-hash $HASH" 'http://me:geheim@proxy.example/?a=b'; do
		printf '%s\n' 'unattended = yes' "$line" > seed/answers.conf
		LOG=$BATS_TEST_TMPDIR/refused.log
		FAKE_APPLY=fail unattended --seed-medium "PALETTE_SEED:$PWD/seed"
		refused 'line 2: '
		printf '%s\n' "$output" "$stderr" >> said
	done
	run "$INSTALL" --check-answers seed/answers.conf
	[ "$status" -eq 3 ]
	printf '%s\n' "$output" >> said
	! grep -rF -e geheim -e "${HASH#*h}" said ./*.log seed/palette-* || false
}

@test "an unattended run that failed shows why, and does its on-failure when nobody comes" {
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot' 'on-failure = poweroff'
	FAKE_APPLY=fail "$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" \
		--source "$MEDIUM" --log "$LOG" --answers answers --failure-timeout 3 <<-END
		wait Installation failed
		wait unless something is chosen here
		exit 11
	END
	grep -q 'on-failure: poweroff' "$LOG"
}

@test "the result is that of the person who went on after an unattended failure" {
	mkdir seed
	printf '%s\n' 'unattended = yes' 'disk = /dev/sda' 'action = nothing' > seed/answers.conf
	FAKE_APPLY=fail-once "$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" \
		--log "$LOG" --seed-medium "PALETTE_SEED:$PWD/seed" <<-END
		wait try again, with the choices made
		sh grep -q '"result": "failed"' $PWD/seed/palette-result.json
		key HOME ENTER
		wait Installation Summary
		key ENTER
		wait Installed in 2 min 5 s
		sh grep -q '"result": "installed"' $PWD/seed/palette-result.json
		sh grep -q 'installed in 125000 ms' $PWD/seed/palette-install.log
	END
}

@test "answers that are refused still say what to do about it, and their medium has the result" {
	mkdir seed
	printf '%s\n' 'unattended = yes' 'on-failure = poweroff' 'colour = red' > seed/answers.conf
	"$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG" \
		--seed-medium "PALETTE_SEED:$PWD/seed" --failure-timeout 3 <<-END
		wait nothing is called
		wait unless something is chosen here
		exit 11
	END
	grep -q 'on-failure: poweroff' "$LOG"
	result() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(r["result"], r["message"])' "$PWD/seed/palette-result.json"; }
	[[ $(result) == 'refused '*'/seed (PALETTE_SEED), line 3: nothing is called "colour"' ]]
	rm seed/palette-*
	# Nobody said unattended: a person is asked, the medium has the result all the same.
	printf '%s\n' 'colour = red' > seed/answers.conf
	"$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG" \
		--seed-medium "PALETTE_SEED:$PWD/seed" <<-END
		wait nothing is called
		key ESC
		wait select the target disk
	END
	[[ $(result) == 'refused '*', line 1: nothing is called "colour"' ]]
}

@test "an unattended installer that was killed does not begin again for ever" {
	mkdir seed
	printf '%s\n' 'unattended = yes' 'disk = /dev/sda' 'action = reboot' 'on-failure = reboot' > seed/answers.conf
	"$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG" \
		--seed-medium "PALETTE_SEED:$PWD/seed" --failure-timeout 3 --ended 139 <<-END
		wait ended unexpectedly (status 139, Segmentation fault)
		wait unless something is chosen here
		gone Nothing was written
		exit 12
	END
	grep -q '"result": "failed"' seed/palette-result.json
	! grep -q 'start: yes' "$LOG" || false
	# A person begins again.
	: > answers
	"$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG" --ended 139 <<-END
		wait select the target disk
	END
}

@test "without unattended the answers are defaults: what they answer is not asked, the summary is" {
	answers 'disk = serial=S4XYNX0R612003' 'action = poweroff' 'hostname = edge-1'
	"$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" \
		--log "$LOG" --seed $SEED --answers answers <<-END
		wait Installation Summary
		wait /dev/sda
		key END
		wait hostname = edge-1
		wait disk = serial=S4XYNX0R612003
		gone not used
		key ESC
		wait > poweroff
		key ESC
		wait > /dev/sda
		key ENTER
		wait > poweroff
		key r ENTER
		wait Installation Summary
		key END
		wait disk = serial=S4XYNX0R612003 (not used: chosen on the
		wait action = poweroff (not used: chosen on the screen)
		key ENTER
		wait The machine restarts
		exit 10
	END
}

@test "other disks with an earlier installation are listed, and wiped only where one says so" {
	with_earlier sdb <<-END
		label: gpt
		size=64MiB, type=U, name=palette-esp
		size=64MiB, type=L, name=palette-data
	END
	"$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" \
		--log "$LOG" --seed $SEED <<-END
		wait select the target disk
		key ENTER
		wait When the installation is complete
		key p ENTER
		wait earlier installations
		wait /dev/sdb
		screen leftovers
		key SPACE ENTER
		wait Installation Summary
		wait Wiped too
		key ESC
		wait earlier installations
		key SPACE ENTER
		wait Installation Summary
		gone Wiped too
	END
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot'
	unattended
	refused 'no answer to the question "leftovers": /dev/sdb holds an earlier installation (palette-esp, palette-data); say keep or wipe'
	echo 'leftovers = keep' >> answers
	unattended
	[ "$status" -eq 10 ]
	[[ "$output" != *"Wiped too"* ]]
}

@test "another path to the disk that is installed on is no other disk: it is not wiped" {
	"$BATS_TEST_DIRNAME/make-machine.sh" two uefi <<-END
		sda scsi 100 IBM/2145/6005 wwn=naa.6005076300000001
		sdb scsi 100 IBM/2145/6005 wwn=naa.6005076300000001
		sdc ata 480 ATA/INTEL_SSDSC2KB480G8/PHYF012345
		sr0 cd 1 iDRAC/Virtual_CDROM/ medium=$BATS_FILE_TMPDIR/medium
	END
	MACHINE=two
	for disk in sda sdb sdc; do
		printf 'label: gpt\nsize=64MiB, type=U, name=palette-esp\n' | sfdisk -q two/heads/$disk.img
	done
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot' 'overwrite = yes' 'leftovers = keep'
	unattended
	[ "$status" -eq 10 ]
	grep -q 'leftovers on /dev/sdc' "$LOG"
	! grep -q 'leftovers on /dev/sd[ab]' "$LOG" || false
}

@test "the medium with the answers is no target and has no leftovers" {
	mkdir seed
	"$BATS_TEST_DIRNAME/make-machine.sh" stick uefi <<-END
		sda usb 100 Kingston/DataTraveler/001 medium=$PWD/seed
		sr0 cd 1 iDRAC/Virtual_CDROM/ medium=$BATS_FILE_TMPDIR/medium
	END
	MACHINE=stick
	: > answers
	for row in '/dev/sda|/dev/sda: /dev/sda cannot be installed on: the answers are read from it' \
		'transport=usb|transport=usb: no such disk can be installed on'; do
		printf 'unattended = yes\ndisk = %s\naction = reboot\noverwrite = yes\n' "${row%%|*}" > seed/answers.conf
		unattended --seed-medium "PALETTE_SEED:$PWD/seed"
		refused "disk = ${row#*|}"
	done
}

@test "partitions of the product before us are known by the labels of their file systems" {
	with_earlier sdb <<-END
		label: gpt
		size=64MiB, type=L
	END
	mke2fs -q -F -t ext4 -L COS_PERSISTENT -E offset=$((1024 * 1024)) machine/heads/sdb.img 64M
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot'
	unattended
	refused '/dev/sdb holds an earlier installation (COS_PERSISTENT)'
}

@test "what the host is to be is on its data partition, for root alone" {
	need /usr/sbin/debugfs
	answers 'hostname = edge-1' 'account.user = alice' "account.password-hash = $HASH" 'console = tty0 ttyS1,9600'
	SOURCE=$BATS_FILE_TMPDIR/small install --size 2G --yes --answers answers
	[ "$status" -eq 0 ]
	part $DATA_MIB 1900
	debugfs -R 'cat /keep/settings.conf' part 2> /dev/null > settings
	diff settings <(printf 'hostname = edge-1\naccount.user = alice\naccount.password-hash = %s\n' "$HASH")
	debugfs -R 'stat /keep/settings.conf' part 2> /dev/null | grep -q 'Mode:  0600'
	mtype -i disk.img@@${ESP_MIB}M ::boot/grub/grubenv | grep -qx 'consoles=console=tty0 console=ttyS1,9600'
	mdir -b -i disk.img@@${ESP_MIB}M ::palette | grep -q installed-0123456789abcdef
	! grep -rqF "$HASH" install.log || false
}

@test "with --target the installation is told by options" {
	answers 'disk = /dev/sda'
	SOURCE=$BATS_FILE_TMPDIR/small install --size 2G --yes --answers answers
	[ "$status" -eq 3 ]
	[[ "$output" == *'answers: with --target, disk is an option or has no meaning'* ]]
	[ ! -e disk.img ]
}

@test "the page of the answers has every key of the installed host" {
	local docs=$BATS_TEST_DIRNAME/../../docs keys
	keys() { sed -n 's/^| \(`[a-z].*\) | .*/\1/p' "$1" | sed 's/ | .*//' | grep -o '`[^`]*`' | sort; }
	keys "$docs/SETTINGS.md" > settings
	[ "$(wc -l < settings)" -ge 18 ]
	[ -z "$(keys "$docs/ANSWERS.md" | sort -u | comm -13 - settings)" ]
}

@test "the page of the answers has every key of the installation" {
	local root=$BATS_TEST_DIRNAME/../..
	sed -n '/^## Keys of the installation/,/^## Keys of the installed host/s/^| \(`[^|]*\) | .*/\1/p' "$root/docs/ANSWERS.md" |
		grep -o '`[a-z][^`=]*`' | tr -d '`' | grep -vx 'smallest\|largest' | sort > page
	sed -n '/^} keys\[\] = {/,/^};/p' "$root/installer/answers_keys.c" | grep -o '"[^"]*"' | tr -d '"' | sort > table
	[ "$(wc -l < table)" -ge 12 ]
	diff page table
}
