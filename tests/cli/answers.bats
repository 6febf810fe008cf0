#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Installations that are told instead of asked: how they run, what is refused, what they leave.

load answers

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
