#!/bin/sh
# addpackages.sh - install a package list into an existing root, with the package cache.
#
# usage: addpackages.sh ROOT CACHE LIST        (as root)
set -eu
die() { echo "addpackages.sh: $*" >&2; exit 1; }

[ $# -eq 3 ] || die "usage: addpackages.sh ROOT CACHE LIST"
root=$1 cache=$2 list=$3
here=$(dirname "$0")
packages=$(sed 's/#.*//' "$list" | grep -v '^ *$' | paste -sd' ' -)
mkdir -p "$cache/debs"

# The root's own apt keeps its cache for later runs: linked where the file system allows it.
cp -lu "$cache"/debs/*.deb "$root/var/cache/apt/archives/" 2>/dev/null ||
	cp -u "$cache"/debs/*.deb "$root/var/cache/apt/archives/" 2>/dev/null || :
# shellcheck disable=SC2086 # a list of package names
"$here/enter.sh" "$root" sh -c 'apt-get -q update && DEBIAN_FRONTEND=noninteractive exec apt-get \
	-q -o APT::Keep-Downloaded-Packages=true -o Binary::apt-get::APT::Keep-Downloaded-Packages=true \
	install -y --no-install-recommends "$@"' sh $packages
cp -lu "$root"/var/cache/apt/archives/*.deb "$cache/debs/" 2>/dev/null ||
	cp -u "$root"/var/cache/apt/archives/*.deb "$cache/debs/" 2>/dev/null || :
rm -f "$root"/var/cache/apt/archives/*.deb
