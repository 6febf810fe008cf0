#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whose machine the data partition is, on a folder: a copy loses what two hosts must not share.

bats_require_minimum_version 1.5.0
load common

ONE=4c4c4544-0050-3510-8052-b7c04f4d3332
OTHER=4c4c4544-0050-3510-8052-b7c04f4d3333
SHARED="etc/machine-id var/lib/dbus/machine-id etc/ssh/ssh_host_ed25519_key etc/ssh/ssh_host_ed25519_key.pub
	etc/palette/tls/cert.pem etc/palette/tls/key.pem var/lib/systemd/random-seed"
KEPT="etc/passwd etc/shadow etc/ssh/sshd_config etc/palette/tls/own-cert.pem etc/palette/tls/own-key.pem
	etc/palette/network/ens192.conf etc/systemd/network/10-palette-ens192.network home/alice/.ssh/authorized_keys
	var/lib/palette/link/identity.pem"

setup() {
	demo=$PALETTE_BUILD/tests/reset-demo data=$BATS_TEST_TMPDIR/data
	# In memory: many starts, each with its flushes.
	mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR" 2>/dev/null || true
	log=$data/state/var/log/palette-audit.log
	cd "$BATS_TEST_TMPDIR"
	make_data
}

teardown() {
	cd /
	umount -R "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

make_data() {
	rm -rf "$data"
	mkdir -p "$data/keep" "$data/state/var/log"
	for file in $SHARED $KEPT; do
		mkdir -p "$data/state/$(dirname "$file")"
		echo "of the first" >"$data/state/$file"
	done
	echo "edge-$ONE" >"$data/state/etc/hostname"
	echo $ONE >"$data/keep/product-uuid"
}

settled() { # UUID WHAT
	run -0 --separate-stderr "$demo" identity "$data" "$1"
	echo "$output"
	[ "$output" = "$2" ]
}

is_whole() {
	for file in $SHARED $KEPT etc/hostname; do
		[ -e "$data/state/$file" ]
	done
	[ ! -e "$log" ]
}

is_new() {
	for file in $SHARED etc/hostname; do
		[ ! -e "$data/state/$file" ]
	done
	for file in $KEPT; do
		[ "$(cat "$data/state/$file")" = "of the first" ]
	done
	[ "$(cat "$data/keep/product-uuid")" = $OTHER ]
	tail -n 1 "$log" | grep -q '"actor":"system","from":"local","action":"host-copied","object":"'$ONE'","result":"ok"'
}

@test "the first start keeps the UUID, the same machine changes nothing" {
	rm "$data/keep/product-uuid"
	settled $ONE first
	[ "$(cat "$data/keep/product-uuid")" = $ONE ]
	[ "$(stat -c %a "$data/keep/product-uuid")" = 600 ]
	settled $ONE same
	is_whole
}

@test "a copy loses ids and keys, and keeps accounts, network and the owner's own certificate" {
	settled $OTHER "copy of $ONE"
	is_new
	[ "$(wc -l <"$log")" = 1 ]
	# What it makes then is its own.
	echo mine >"$data/state/etc/machine-id"
	settled $OTHER same
	[ "$(cat "$data/state/etc/machine-id")" = mine ]
	[ "$(wc -l <"$log")" = 1 ]
}

@test "a name that a person gave stays" {
	echo edge-7 >"$data/state/etc/hostname"
	settled $OTHER "copy of $ONE"
	[ "$(cat "$data/state/etc/hostname")" = edge-7 ]
}

@test "a UUID that tells no machines apart changes nothing" {
	for uuid in "" 00000000-0000-0000-0000-000000000000 ffffffff-ffff-ffff-ffff-ffffffffffff \
		03000200-0400-0500-0006-000700080009; do
		settled "$uuid" unknown
	done
	is_whole
	[ "$(cat "$data/keep/product-uuid")" = $ONE ]
}

@test "a copy of a disk that never started has nothing to lose" {
	rm -r "$data/state"
	settled $OTHER "copy of $ONE"
	[ "$(cat "$data/keep/product-uuid")" = $OTHER ]
}

@test "what cannot be removed is said, and tried again" {
	rm "$data/state/etc/machine-id"
	mkdir "$data/state/etc/machine-id"
	run -1 "$demo" identity "$data" $OTHER
	[[ $output == *"reset-demo: remove $data/state/etc/machine-id: Is a directory" ]]
	[ "$(cat "$data/keep/product-uuid")" = $ONE ]
	rmdir "$data/state/etc/machine-id"
	settled $OTHER "copy of $ONE"
	is_new
}

@test "a UUID that cannot be read is not a first start" {
	rm "$data/keep/product-uuid"
	mkdir "$data/keep/product-uuid"
	run -1 "$demo" identity "$data" $OTHER
	[[ $output == *"reset-demo: read $data/keep/product-uuid: Is a directory" ]]
	is_whole
}

@test "an audit log that cannot be written does not make it a copy at each start" {
	ln -s nowhere "$log"
	run -0 "$demo" identity "$data" $OTHER
	[[ $output == *"an event is missing in the audit log: open $log: "*"copy of $ONE" ]]
	echo mine >"$data/state/etc/machine-id"
	settled $OTHER same
	[ "$(cat "$data/state/etc/machine-id")" = mine ]
}

@test "an audit log that takes a part of the line says so" {
	mount -t tmpfs -o size=4k tmpfs "$data/state/var/log" || skip "no mounts here"
	head -c 4080 /dev/zero >"$log"
	run -0 "$demo" identity "$data" $OTHER
	umount "$data/state/var/log"
	[[ $output == *"an event is missing in the audit log: write $log: No space left on device"* ]]
	[ "$(cat "$data/keep/product-uuid")" = $OTHER ]
}

@test "a random seed that copies share is mixed in, and counts for nothing" {
	for how in "credit 64 bytes, 512 bits" "mix 64 bytes, 0 bits"; do
		printf '%064d' 0 >seed
		run -0 "$demo" seed seed "${how%% *}"
		[ "$output" = "${how#* }" ]
		# A fresh one is in its place.
		[ "$(stat -c %s seed)" = 512 ]
	done
}

@test "a power cut before any change makes it a copy again" {
	local n=1 count=$BATS_TEST_TMPDIR/count
	while rm -f "$count" && ! LD_PRELOAD=$PALETTE_BUILD/tests/cut.so CUT="$count $n" \
		setsid --wait "$demo" identity "$data" $OTHER >/dev/null 2>&1; do
		run -0 --separate-stderr "$demo" identity "$data" $OTHER
		# Cut behind the last step: that one was whole.
		[ "$output" = "copy of $ONE" ] || [ "$output" = same ]
		is_new
		make_data
		n=$((n + 1))
	done
	is_new
	echo "# $((n - 1)) places" >&3
	[ "$n" -gt 12 ]
}
