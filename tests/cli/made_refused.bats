#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# palette-iso: what customize refuses, what it says, and what it leaves behind when it fails.

load made

teardown() {
	[ -z "${mounted:-}" ] || umount "$mounted"
}

# nothing_left: neither OUT nor anything half-made
nothing_left() {
	[ ! -e made.iso ] && [ -z "$(ls -A | grep palette-iso)" ]
}

# patched CODE OPTION ...: palette-iso, after the Python CODE
patched() {
	run /usr/bin/python3 -B -c '
import runpy, sys
exec(sys.argv[1])
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")' "$1" "$ISO" "${@:2}"
}

@test "what the disk refused while the ISO was copied fails the whole" {
	patched '
import errno, os
def refused(file): raise OSError(errno.EIO, os.strerror(errno.EIO))
os.fdatasync = refused' customize in.iso made.iso --timeout 1
	[ "$status" = 1 ]
	[[ "$output" == *"made.iso: Input/output error"* ]] || { echo "$output"; return 1; }
	nothing_left
}

@test "a disk that is full while the ISO is copied fails the whole" {
	patched '
import errno, os
copy = os.copy_file_range
def full(source, target, size, *at):
    if at[0] > 1 << 20: raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return copy(source, target, min(size, 1 << 20), *at)
os.copy_file_range = full' customize in.iso made.iso --timeout 1
	[ "$status" = 1 ]
	[[ "$output" == *"made.iso: No space left on device"* ]] || { echo "$output"; return 1; }
	nothing_left
}

@test "a disk that is too small and a folder that is missing are told before any content is read" {
	mkdir small
	mount -t tmpfs -o size=20M tmpfs small 2> /dev/null || skip "no file system can be mounted here"
	mounted=$PWD/small
	truncate -s 1T content/large.bin # would be read for an hour
	run timeout 10 "$ISO" customize in.iso small/made.iso --content content
	[ "$status" = 1 ] && [ -z "$(ls -A small)" ] || { echo "$output"; return 1; }
	[[ "$output" =~ /small\ has\ [0-9.]+\ MB\ free,\ the\ new\ ISO\ needs\ 1099\.[0-9]\ GB ]] || { echo "$output"; return 1; }
	run timeout 10 "$ISO" customize in.iso nowhere/made.iso --content content
	[ "$status" = 1 ] && [[ "$output" == *"made.iso: no file can be made in $PWD/nowhere: No such file or directory" ]] ||
		{ echo "$output"; return 1; }
}

@test "what is no plain file is not replaced; of a link, what it leads to is" {
	mkfifo pipe
	mkdir folder
	ln -s pipe to-pipe
	mknod device c 1 3 || touch no-root
	for name in pipe folder to-pipe $(find . -type c); do
		run timeout 10 "$ISO" customize in.iso "$name" --content content
		[ "$status" = 1 ] && [[ "$output" == "palette-iso: $name is no plain file"* ]] || { echo "$output"; return 1; }
	done
	[ -p pipe ] && [ -d folder ] && [ -L to-pipe ] && { [ -c device ] || [ -e no-root ]; }
	ln -s folder/real.iso made.iso
	"$ISO" customize in.iso made.iso
	[ -L made.iso ] && cmp in.iso folder/real.iso
}

@test "a signal stops it, and nothing is left behind" {
	mkdir tools
	cat > tools/xorriso <<-TOOL
		#!/bin/sh
		case " \$* " in
		*" -map "*)
			echo \$\$ > xorriso.pid
			exec sleep 60 ;;
		esac
		exec $(command -v xorriso) "\$@"
	TOOL
	chmod +x tools/xorriso
	for signal in TERM HUP INT; do
		rm -f xorriso.pid
		# what the shell starts in the background has INT ignored
		PATH=$PWD/tools:$PATH env --default-signal=INT "$ISO" customize in.iso made.iso --content content 2> said 3>&- &
		for i in $(seq 100); do
			[ ! -s xorriso.pid ] || break
			sleep 0.1
		done
		[ -n "$(find . -path './.palette-iso.*/new.iso')" ]
		kill -$signal $!
		status=0
		wait $! || status=$?
		[ "$status" = 130 ] && [ "$(cat said)" = "palette-iso: stopped" ] || { echo "$signal: $status"; cat said; return 1; }
		! kill -0 "$(cat xorriso.pid)" 2> /dev/null || false
		nothing_left
	done
}

@test "answers that a second medium completes are taken, and what is missing is said" {
	echo 'account.user = alice' > part.conf
	run "$ISO" customize in.iso made.iso --answers part.conf --kernel-arg palette.adapter.ens3.mode=static
	echo "$output"
	[ "$status" = 0 ]
	grep -q '^palette-iso: part.conf and --kernel-arg palette.\*: the answers for the installed host: adapter ens3: .*: the rest' <<< "$output"
	run "$ISO" customize in.iso made.iso --answers part.conf
	grep -q '^palette-iso: part.conf: the answers for the installed host: .*account.user and account.password-hash belong together: the rest has to come from another place' <<< "$output"
	run "$ISO" customize in.iso made.iso --answers part.conf --kernel-arg quiet
	extracted /palette/answers.conf
	cmp out part.conf
	! grep -q palette-iso <("$ISO" customize in.iso made.iso --answers answers.conf 2>&1) || false
}

@test "answers in the file and among the arguments are checked as one, an argument in the place of the file's lines" {
	printf '%s\n' 'adapter.ens3.mode = static' 'adapter.ens3.address = 192.0.2.7' 'dns.alternate = 192.0.2.2' > part.conf
	completed=(--kernel-arg palette.adapter.ens3.netmask=24 --kernel-arg palette.dns.primary=192.0.2.1)
	run "$ISO" customize in.iso made.iso --answers part.conf
	[[ "$output" == *": the rest has to come from another place"* ]]
	run "$ISO" customize in.iso made.iso --answers part.conf "${completed[@]}"
	[ "$status" = 0 ] && [ "${#lines[@]}" = 1 ] || { echo "$output"; return 1; }
	run "$ISO" customize in.iso made.iso --answers part.conf "${completed[@]}" --kernel-arg palette.adapter.ens3.address=
	[[ "$output" == *"part.conf and --kernel-arg palette.*: the answers for the installed host: adapter ens3: IP address: is empty"* ]]
	# the installer would read the file's wrong line, too
	echo 'action = reboo' > part.conf
	run "$ISO" customize in.iso bad.iso --answers part.conf --kernel-arg palette.action=reboot
	[ "$status" = 1 ] && [[ "$output" == 'palette-iso: part.conf, line 1: action: "reboo"'* ]]
}

# elsewhere: palette-iso without the project's build, whose palette-install runs here; ./build/bin has one that does not
elsewhere() {
	mkdir -p away/image build/bin
	cp -r "$ISO" "${ISO%/*}/lib" away/image/
	cat > build/bin/palette-install <<-'PROGRAM'
		#!/bin/sh
		echo "$0: /lib/x86_64-linux-gnu/libc.so.6: version \`GLIBC_2.38' not found (required by $0)" >&2
		exit 1
	PROGRAM
	chmod +x build/bin/palette-install
	export PALETTE_BUILD=$PWD/build
	ISO=away/image/palette-iso
}

@test "a palette-install that does not run here checks nothing: answers are refused, or taken with --unchecked" {
	elsewhere
	for answers in '--answers answers.conf' '--kernel-arg palette.colour=red'; do
		run "$ISO" customize in.iso bad.iso $answers
		[ "$status" = 1 ] && [ "${#lines[@]}" = 1 ] && [ ! -e bad.iso ] || { echo "$output"; return 1; }
		[[ "$output" == *"no palette-install that checks ${answers#--answers }"* || "$output" == *"checks --kernel-arg palette.* runs here"* ]]
		[[ "$output" == *"GLIBC_2.38' not found"*"--unchecked" ]]
	done
	run "$ISO" customize in.iso made.iso --answers answers.conf --kernel-arg palette.action=reboot --unchecked
	[ "$status" = 0 ] && [ "${#lines[@]}" = 2 ] && [[ "$output" == *": taken unchecked"* ]] || { echo "$output"; return 1; }
	# nothing to check
	run "$ISO" customize in.iso made.iso --timeout 1 --kernel-arg palette.debug=1
	[ "$status" = 0 ] && [ "${#lines[@]}" = 1 ]
	# no program at all: the next one is asked, and it is not there
	echo 'text' > build/bin/palette-install
	run "$ISO" customize in.iso bad.iso --answers answers.conf
	[ "$status" = 1 ] && [[ "$output" == *"palette-install: Exec format error"* ]] || { echo "$output"; return 1; }
	rm build/bin/palette-install
	run "$ISO" customize in.iso bad.iso --answers answers.conf
	[ "$status" = 1 ] && [[ "$output" == *"(none was built or installed)"* ]] || { echo "$output"; return 1; }
}

@test "the build's palette-install runs with the build root's libraries where this machine's are too old" {
	elsewhere
	mkdir -p build/image/bin build/root/lib64 build/root/usr/lib
	# This machine does not have the loader that it names.
	sed 's,/lib64/ld-linux-x86-64.so.2,/lib64/ld-older-x86-64.so.2,' "$INSTALL" > build/image/bin/palette-install
	chmod +x build/image/bin/palette-install
	! build/image/bin/palette-install --help || false
	ln -s /lib64/ld-linux-x86-64.so.2 build/root/lib64/
	ln -s /usr/lib/x86_64-linux-gnu build/root/usr/lib/
	run "$ISO" customize in.iso made.iso --answers answers.conf
	[ "$status" = 0 ] && [ "${#lines[@]}" = 1 ] || { echo "$output"; return 1; }
	echo 'colour = red' > bad.conf
	run "$ISO" customize in.iso bad.iso --answers bad.conf
	[ "$status" = 1 ] && [[ "$output" == 'palette-iso: bad.conf, line 1: nothing is called "colour"' ]] || { echo "$output"; return 1; }
}

@test "bad input is refused by name, and nothing is written" {
	refused() { # MESSAGE OPTION ...
		local message=$1
		shift
		run "$ISO" customize in.iso bad.iso "$@"
		[ "$status" = 1 ] && grep -qF -- "$message" <<< "$output" && [ ! -e bad.iso ] && [ -z "$(ls -A | grep palette-iso)" ] ||
			{ echo "$*: $output"; return 1; }
	}
	refused 'the menu has install, live' --default-entry nothing
	refused '--timeout 4000' --timeout 4000
	refused 'the menu sets this itself' --kernel-arg palette.role=run
	refused "--kernel-arg 'a b'" --kernel-arg 'a b'
	refused '$x' --kernel-arg 'a="$x"'
	mkdir -p empty folder/in
	refused 'has 0 files' --content empty
	refused 'content has no folders' --content folder
	: > empty/file
	refused 'file is empty' --content empty
	mkdir dot && echo x > dot/.x
	refused 'must not begin with a dot' --content dot
	refused 'No such file' --content nowhere
	refused 'No such file' --answers nowhere
	echo 'action = reboo' > bad.conf
	refused 'bad.conf, line 1: action: "reboo" is none of' --answers bad.conf
	refused '--kernel-arg palette.*, line 2: nothing is called "hostnam"' --kernel-arg palette.unattended=yes --kernel-arg palette.hostnam=x
	refused '--kernel-arg palette.*, line 1: action: "reboo" is none of' --kernel-arg palette.action=reboo
	echo 'dns.primary = 1.2.3' > bad.conf
	refused 'bad.conf, line 1: dns.primary: primary name server: "1.2.3" is no IPv4' --answers bad.conf
	printf '#cloud-config\nhostname: edge-1\n' > bad.conf
	refused 'bad.conf is user-data (#cloud-config)' --answers bad.conf
	run "$ISO" show content/tiny
	[ "$status" = 1 ]
	run "$ISO" customize in.iso
	[ "$status" = 2 ]
}

@test "content that is a link is what the link leads to" {
	mkdir linked
	noise 3 50000 > target.bin
	ln -s ../target.bin linked/bundle.bin
	"$ISO" customize in.iso made.iso --content linked
	"$ISO" verify made.iso
	extracted /palette/content/bundle.bin
	cmp out target.bin
	mkdir plain
	cp target.bin plain/bundle.bin
	"$ISO" customize in.iso plain.iso --content plain
	cmp made.iso plain.iso
}

# meanwhile CODE OPTION ...: palette-iso, and the Python CODE runs when the digests are made and xorriso is about to copy
meanwhile() {
	run /usr/bin/python3 -B -c '
import os, runpy, sys
code, program = sys.argv[1:3]
sys.path.insert(0, os.path.join(os.path.dirname(program), "lib"))
import isofile
xorriso = isofile.xorriso
def changed(words, *epoch):
    if "-map" in words:
        exec(code)
    return xorriso(words, *epoch)
isofile.xorriso = changed
sys.argv = sys.argv[2:]
runpy.run_path(program, run_name="__main__")' "$1" "$ISO" "${@:2}"
}

@test "content that changes while it is copied fails the whole" {
	for code in 'open("content/tiny", "a").write("more")' 'open("content/tiny", "r+").write("T")' \
		'os.truncate("content/bundle one.tar.zst", 1000)' 'open("new", "w").write("tiny\n"); os.rename("new", "content/tiny")'; do
		meanwhile "$code" customize in.iso made.iso --content content
		[ "$status" = 1 ] && [[ "$output" == *" changed while it was copied"* ]] || { echo "$code: $output"; return 1; }
		nothing_left
	done
	meanwhile 'os.utime(".")' customize in.iso made.iso --content content
	[ "$status" = 0 ]
	"$ISO" verify made.iso
}

@test "neither ISO is content" {
	"$ISO" customize in.iso content/made.iso
	cp --remove-destination "$(readlink -f in.iso)" content/in.iso
	run "$ISO" customize content/in.iso out.iso --content content
	[ "$status" = 1 ] && [[ "$output" == *"content/in.iso is content/in.iso, which is no content"* ]] || { echo "$output"; return 1; }
	rm content/in.iso
	ln -s content/made.iso link.iso
	run "$ISO" customize in.iso link.iso --content content
	[ "$status" = 1 ] && [[ "$output" == *"content/made.iso is "*", which is no content"* ]] || { echo "$output"; return 1; }
}

@test "an older Python and another system are told in one sentence" {
	for claimed in 'sys.version_info = (3, 8, 2)' 'sys.platform = "darwin"'; do
		patched "$claimed"
		[ "$status" = 1 ] && [ "${#lines[@]}" = 1 ] || { echo "$output"; return 1; }
		[[ "$output" == "palette-iso: it needs Linux and Python 3.9 or newer, this is Python 3."* ]]
	done
}
