#!/bin/sh
# build-time.sh - how long `make iso` takes after one installer file was touched, and from nothing.
#
# usage: build-time.sh BUILD-DIR        (as root, on the machine; packages are in the cache)
set -eu
die() { echo "build-time.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: build-time.sh BUILD-DIR"
build=$1

seconds() { # the wall seconds of a command
	start=$(date +%s)
	"$@" >/dev/null 2>&1 || die "$* failed"
	echo $(($(date +%s) - start))
}

make O="$build" iso >/dev/null 2>&1
touch installer/main.c
echo "| make iso after touching installer/main.c | $(seconds make O="$build" iso) s | - | - | <= 20 s |"

clone=$(mktemp -d -p "$build")
trap 'rm -rf "$clone"' EXIT
git clone -q . "$clone/palette-edge"
echo "| make deps iso in a fresh clone, packages cached | $(seconds make -C "$clone/palette-edge" deps iso) s | - | - | <= 360 s |"
