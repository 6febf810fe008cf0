# SPDX-License-Identifier: Apache-2.0
# tui.bash - what the tests of palette-tui's screens share: a host that is only pretended (fake_host.c) but has the
# real rules. Loaded by bats.

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
