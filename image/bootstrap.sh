#!/bin/sh
# bootstrap.sh - one mmdebstrap call with our package cache; the options common to all roots.
#
# usage: bootstrap.sh SUITE CACHE VARIANT TARGET LIST[,LIST...] [MMDEBSTRAP-OPTION ...]
#
# MIRROR in the environment names another package mirror than mmdebstrap's own choice.
set -eu
die() { echo "bootstrap.sh: $*" >&2; exit 1; }

[ $# -ge 5 ] || die "usage: bootstrap.sh SUITE CACHE VARIANT TARGET LIST[,LIST...] [OPTION ...]"
suite=$1 cache=$2 variant=$3 target=$4 lists=$5
shift 5
packages=$(echo "$lists" | tr ',' '\n' | xargs sed 's/#.*//' | grep -v '^ *$' | paste -sd, -)
umask 022
mkdir -p "$cache/debs"

# The cache is copied in and out rather than mounted, so that a failed run cannot damage it. apt
# checks each cached file against the signed index again.
mmdebstrap --variant="$variant" --components=main,non-free-firmware --include="$packages" \
	--skip=download/empty,essential/unlink,cleanup/apt \
	--setup-hook='mkdir -p "$1/var/cache/apt/archives"' \
	--setup-hook="sync-in '$cache/debs' /var/cache/apt/archives/" \
	--customize-hook="sync-out /var/cache/apt/archives '$cache/debs'" \
	--customize-hook='rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*' \
	"$@" "$suite" "$target" ${MIRROR:+"$MIRROR"}
