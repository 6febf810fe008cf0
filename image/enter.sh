#!/bin/sh
# enter.sh - run a command inside the build root, with the project at the same path.
#
# usage: enter.sh [-b DIR ...] ROOT COMMAND [ARG ...]        (as root)
#
# -b: DIR is there too, at the same path.
# The mounts live in a mount namespace of their own and end with the command.
set -eu
die() { echo "enter.sh: $*" >&2; exit 1; }

usage="usage: enter.sh [-b DIR ...] ROOT COMMAND [ARG ...]"
binds=
while getopts b: option; do
	case $option in
	b) binds="$binds -b $(realpath "$OPTARG")" ;;
	*) die "$usage" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || die "$usage"
root=$(realpath "$1")
shift
[ "$(id -u)" = 0 ] || die "entering the build root needs root: run it with sudo"
[ -x "$root/bin/sh" ] || die "$root is no build root: run 'sudo make deps'"

if [ "${PALETTE_IN_NAMESPACE:-}" != 1 ]; then
	# shellcheck disable=SC2086 # paths without spaces
	PALETTE_IN_NAMESPACE=1 exec unshare --mount --propagation private "$0" $binds "$root" "$@"
fi
unset PALETTE_IN_NAMESPACE
# File modes in the images must not depend on who builds.
umask 022
project=$(pwd)
mkdir -p "$root$project"
mount --bind "$project" "$root$project"
for dir in $binds; do
	[ "$dir" != -b ] || continue
	mkdir -p "$root$dir"
	mount --bind "$dir" "$root$dir"
done
# /dev with its subtrees: the tests open pseudo-terminals, shared memory and loop devices.
for dir in dev proc sys; do
	mount --rbind "/$dir" "$root/$dir"
done
mount -t tmpfs tmpfs "$root/run"
# The machine's name servers, whatever the root's packages made of the file.
if [ -e /etc/resolv.conf ]; then
	rm -f "$root/etc/resolv.conf"
	cat /etc/resolv.conf >"$root/etc/resolv.conf"
fi
exec env -i ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
	${no_proxy:+no_proxy="$no_proxy"} \
	PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" \
	SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-0}" MAKEFLAGS="${MAKEFLAGS:-}" \
	chroot "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$project" "$@"
