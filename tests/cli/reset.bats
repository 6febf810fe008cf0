#!/usr/bin/env bats
# The factory reset on a folder: what stays, what goes, and a power cut before each single change.

bats_require_minimum_version 1.5.0
load common

setup() {
	[ "$(id -u)" = 0 ] || skip "owners of files need root"
	demo=$PALETTE_BUILD/tests/reset-demo
	# In memory: hundreds of resets, each with its flushes.
	mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR" || true
	image=$BATS_TEST_TMPDIR/image data=$BATS_TEST_TMPDIR/data
	mkdir -p "$image"/{var/log/journal,var/lib,home,root,opt,srv,usr/local/share,etc/skel}
	echo image >"$image/var/lib/of-image"
	echo bashrc >"$image/etc/skel/.bashrc"
	make_data
}

teardown() {
	umount -R "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

put() { # PATH TEXT: a file below the state
	mkdir -p "$data/state/$(dirname "$1")"
	echo "$2" >"$data/state/$1"
}

make_data() {
	mkdir -p "$data/keep" "$data/state"
	chmod 700 "$data/keep"
	echo '{"time":1,"actor":"alice","from":"192.0.2.9"}' >"$data/keep/reset-request"
	echo 'hostname = edge' >"$data/keep/settings.conf"
	for file in etc/{passwd,shadow,hostname,machine-id} etc/palette/network/ens192.conf \
		etc/ssh/ssh_host_ed25519_key{,.pub} etc/systemd/network/10-palette-ens192.network \
		etc/systemd/resolved.conf.d/10-palette.conf etc/profile.d/palette-proxy.sh \
		etc/ssl/certs/palette-proxy-1.pem home/alice/.ssh/authorized_keys \
		usr-local/share/ca-certificates/palette-proxy-1.crt \
		var/log/palette-audit.log var/log/palette-audit.log.1; do
		put "$file" "kept $file"
	done
	for file in etc/ssh/sshd_config etc/profile.d/mine.sh etc/systemd/system/mine.service \
		home/alice/.bashrc home/alice/work/file root/file opt/file srv/content usr-local/bin/tool \
		var/lib/content/big var/log/journal/x/system.journal; do
		put "$file" "lost $file"
	done
	ln -s nowhere "$data/state/etc/ssl/certs/0123.0"
	chown -R 1000:1000 "$data/state/home/alice"
	chmod 750 "$data/state/home/alice"
	chmod 640 "$data/state/etc/shadow"
	kept_before=$(kept)
	cp -a "$data" "$data.fresh"
}

renew_data() {
	rm -r "$data"
	cp -a "$data.fresh" "$data"
}

# Path, owner, mode and content of all that has to stay.
kept() { (cd "$data/state" && find . -type f -printf '%P %U:%G %m ' -exec cat {} \; | grep ' kept ' | LC_ALL=C sort); }

check_done() {
	[ "$(ls "$data")" = $'keep\nstate' ]
	[ "$(ls "$data/keep")" = settings.conf ]
	[ "$(kept)" = "$kept_before" ]
	! grep -rq '^lost' "$data/state" || false
	[ "$(readlink "$data/state/etc/ssl/certs/0123.0")" = nowhere ]
	# The homes are new ones of the same owner; the folders of the OS are as in its image.
	[ "$(cat "$data/state/home/alice/.bashrc")" = bashrc ]
	[ "$(stat -c '%u:%g %a' "$data/state/home/alice")" = '1000:1000 750' ]
	[ "$(stat -c %u "$data/state/home/alice/.bashrc")" = 1000 ]
	[ "$(cat "$data/state/var/lib/of-image")" = image ]
	for dir in var home root opt srv usr-local; do
		[ -d "$data/state/$dir" ]
	done
	tail -n 1 "$data/state/var/log/palette-audit.log" | grep -q \
		'"actor":"alice","from":"192.0.2.9","action":"factory-reset","object":"","result":"ok"'
}

@test "the keep-set stays, the audit log goes on, everything else goes" {
	"$demo" begin "$data"
	"$demo" finish "$data" "$image"
	check_done
	[ "$(wc -l <"$data/state/var/log/palette-audit.log")" = 2 ]
	run -0 "$demo" boot "$data" "$image"
	[ "$output" = nothing ]
}

@test "the initrd's own tools do as well" {
	command -v busybox >/dev/null || skip "busybox is not installed"
	mkdir "$BATS_TEST_TMPDIR/tools"
	for tool in rm cp chown; do
		ln -s "$(command -v busybox)" "$BATS_TEST_TMPDIR/tools/$tool"
	done
	"$demo" begin "$data"
	PATH=$BATS_TEST_TMPDIR/tools "$demo" finish "$data" "$image"
	check_done
}

@test "a second reset finds the same" {
	for _ in 1 2; do
		"$demo" begin "$data"
		echo '{"time":1,"actor":"alice","from":"192.0.2.9"}' >"$data/keep/reset-request"
		"$demo" finish "$data" "$image"
	done
	check_done
}

@test "without a request it was the console; a torn last line is closed" {
	rm "$data/keep/reset-request"
	printf '{"time"' >>"$data/state/var/log/palette-audit.log"
	"$demo" begin "$data"
	"$demo" finish "$data" "$image"
	tail -n 1 "$data/state/var/log/palette-audit.log" | grep -q '^{"time":"[^"]*","actor":"console","from":"console"'
}

@test "a link in a home's place leads nowhere" {
	echo victim >"$BATS_TEST_TMPDIR/victim"
	mkdir "$BATS_TEST_TMPDIR/elsewhere"
	echo key >"$BATS_TEST_TMPDIR/elsewhere/authorized_keys"
	rm -r "$data/state/home/alice/.ssh"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$data/state/home/alice/.ssh"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$data/state/home/bob"
	"$demo" begin "$data"
	"$demo" finish "$data" "$image"
	[ ! -e "$data/state/home/bob" ]
	[ -L "$data/state/home/alice/.ssh" ]
	[ "$(cat "$BATS_TEST_TMPDIR/elsewhere/authorized_keys")" = key ]
	[ "$(stat -c %u "$BATS_TEST_TMPDIR/elsewhere/authorized_keys")" = 0 ]
}

with_rm() { # SCRIPT COMMAND...: runs it with another rm, whose arguments are -rf and PATH
	mkdir -p "$BATS_TEST_TMPDIR/tools"
	printf '#!/bin/sh\n%s\nexec /bin/rm "$@"\n' "$1" >"$BATS_TEST_TMPDIR/tools/rm"
	chmod +x "$BATS_TEST_TMPDIR/tools/rm"
	PATH="$BATS_TEST_TMPDIR/tools:$PATH" "${@:2}"
}

@test "an audit log that is a link does not end the reset" {
	ln -sf elsewhere "$data/state/var/log/palette-audit.log"
	"$demo" begin "$data"
	run -0 "$demo" finish "$data" "$image"
	[[ $output == *"an event is missing in the audit log: open $data/state.new/var/log/palette-audit.log: "* ]]
	[ "$(ls "$data")" = $'keep\nstate' ]
}

@test "what cannot be deleted does not keep the rest from making room" {
	"$demo" begin "$data"
	with_rm "case \$2 in */state.old/?*) echo \"\$2\" >>'$BATS_TEST_TMPDIR/tried'; exit 1; esac" \
		"$demo" finish "$data" "$image"
	for path in opt root srv usr-local/bin var/lib home/alice/work etc/profile.d/mine.sh; do
		grep -qx "$data/state.old/$path" "$BATS_TEST_TMPDIR/tried"
	done
	check_done
}

@test "a reset after one that could not delete a file is another one" {
	local stuck="case \$2 in */state.old*|*/state.trash) find \"\$2\" -depth ! -name content -delete; exit 1; esac"
	for _ in 1 2; do
		put srv/content "lost"
		echo '{"time":1,"actor":"alice","from":"192.0.2.9"}' >"$data/keep/reset-request"
		run -0 --separate-stderr with_rm "$stuck" "$demo" boot "$data" "$image"
		[ "$output" = nothing ] # so that the role reset looks for a request, or asks
		"$demo" begin "$data"
		with_rm "$stuck" "$demo" finish "$data" "$image"
		[ ! -e "$data/state/srv/content" ]
		[ "$(ls "$data")" = $'keep\nstate\nstate.trash' ]
	done
	# Both have left one, which goes as soon as that is possible.
	[ "$(find "$data/state.trash" -type f | wc -l)" = 2 ]
	run -0 --separate-stderr "$demo" boot "$data" "$image"
	[ "$output" = nothing ]
	check_done
}

@test "a disk that is full of content is reset" {
	mount -t tmpfs -o size=1m tmpfs "$data" || skip "no mounts here"
	cp -a "$data.fresh/." "$data"
	head -c 2M /dev/zero >"$data/state/srv/content" || true
	run -0 "$demo" begin "$data"
	run -0 "$demo" finish "$data" "$image"
	check_done
	umount "$data"
}

cut_at() { # N COMMAND...: kills it before its Nth change; fails when it ended before
	local count=$BATS_TEST_TMPDIR/count n=$1
	shift
	rm -f "$count"
	# A process group of its own, which the cut kills.
	! LD_PRELOAD=$PALETTE_BUILD/tests/cut.so CUT="$count $n" setsid --wait "$@" 2>/dev/null || false
}

whole_reset() { echo "'$demo' begin '$data' && '$demo' finish '$data' '$image'"; }

@test "a power cut before any change is finished at the next boot" {
	local n=1 nothing=0
	while cut_at "$n" sh -c "$(whole_reset)"; do
		run -0 "$demo" boot "$data" "$image"
		if [ "$output" = nothing ] && [ -e "$data/state/srv/content" ]; then
			# Cut before it was decided: all is as it was.
			nothing=$((nothing + 1))
			[ "$(kept)" = "$kept_before" ]
			[ "$(ls "$data")" = $'keep\nstate' ]
		else
			check_done
		fi
		renew_data
		n=$((n + 1))
	done
	check_done
	echo "# $((n - 1)) places, $nothing before the decision" >&3
	[ "$n" -gt 100 ] && [ "$nothing" -ge 1 ] && [ "$nothing" -lt 5 ]
}

@test "so is one that is cut again and again" {
	local n
	for n in 7 60 90 120; do
		cut_at "$n" sh -c "$(whole_reset)" || true
		for again in 3 30 20 10; do
			cut_at "$again" "$demo" boot "$data" "$image" || true
		done
		run -0 "$demo" boot "$data" "$image"
		check_done
		renew_data
	done
}
