#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# palette-iso: what customize refuses, what it says, and what it leaves behind when it fails.

load made

@test "what the disk refused while the ISO was copied fails the whole" {
	run /usr/bin/python3 -c '
import errno, os, runpy, sys
def refused(file): raise OSError(errno.EIO, os.strerror(errno.EIO))
os.fdatasync = refused
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")' "$ISO" customize in.iso made.iso --timeout 1
	[ "$status" = 1 ]
	[[ "$output" == *"made.iso: Input/output error"* ]] || { echo "$output"; return 1; }
	[ ! -e made.iso ]
}

@test "answers that a second medium completes are taken, and what is missing is said" {
	echo 'account.user = alice' > part.conf
	run "$ISO" customize in.iso made.iso --answers part.conf --kernel-arg palette.adapter.ens3.mode=static
	echo "$output"
	[ "$status" = 0 ]
	grep -q '^palette-iso: part.conf: the answers for the installed host: .*account.user and account.password-hash belong together: the rest has to come from another place' <<< "$output"
	grep -q '^palette-iso: --kernel-arg palette.\*: the answers for the installed host: .*: the rest' <<< "$output"
	extracted /palette/answers.conf
	cmp out part.conf
	! grep -q palette-iso <("$ISO" customize in.iso made.iso --answers answers.conf 2>&1) || false
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
	run "$ISO" show content/tiny
	[ "$status" = 1 ]
	run "$ISO" customize in.iso
	[ "$status" = 2 ]
}
