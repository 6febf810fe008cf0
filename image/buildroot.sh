#!/bin/sh
# buildroot.sh - make the root in which our programs are compiled and the images assembled.
#
# usage: buildroot.sh SUITE ROOT CACHE        (as root)
#
# Everything that reaches the ISO is of SUITE, whatever the machine that builds runs.
set -eu
die() { echo "buildroot.sh: $*" >&2; exit 1; }

[ $# -eq 3 ] || die "usage: buildroot.sh SUITE ROOT CACHE"
suite=$1 root=$2 cache=$3
here=$(dirname "$0")
[ "$(id -u)" = 0 ] || die "making the build root needs root: run 'sudo make deps'"
command -v mmdebstrap >/dev/null || {
	command -v apt-get >/dev/null && apt-get -q update && apt-get -q install -y mmdebstrap
} || die "mmdebstrap is missing: install it with the machine's package manager"
mkdir -p "$cache/debs" "$(dirname "$root")"

# A root that is there already only gets what the list has gained.
if [ -x "$root/bin/sh" ]; then
	exec "$here/addpackages.sh" "$root" "$cache" "$here/packages/build.list"
fi
rm -rf "$root.new"
"$here/bootstrap.sh" "$suite" "$cache" apt "$root.new" "$here/packages/build.list"
mv "$root.new" "$root"
