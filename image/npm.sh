#!/bin/sh
# npm.sh - fetch the packages of the page (npm ci) inside the build root, with the machine's own npm settings.
#
# usage: npm.sh ROOT CACHE DIR        (as root)
#
# The lock file names no registry: it is the one of npm_config_registry, ~/.npmrc (also of who called
# sudo) or npm's default, reached through the machine's proxy and trusted by its CA certificates.
# CACHE/npm keeps what was fetched; with it no network is needed.
set -eu
die() { echo "npm.sh: $*" >&2; exit 1; }

[ $# -eq 3 ] || die "usage: npm.sh ROOT CACHE DIR"
root=$1 cache=$2/npm dir=$3
here=$(dirname "$0")
[ -f "$dir/package-lock.json" ] || die "$dir/package-lock.json is missing"
mkdir -p "$cache"
cache=$(realpath "$cache")
# Only for the time of this run: a .npmrc may hold a password.
settings=$(mktemp -d)
trap 'rm -rf "$settings"' EXIT

caller=${SUDO_USER:+$(getent passwd "$SUDO_USER" | cut -d: -f6)}
for file in "$HOME/.npmrc" ${caller:+"$caller/.npmrc"}; do
	[ -f "$file" ] && grep -v '^ *\(cafile\|cache\|prefix\) *=' "$file" >"$settings/npmrc" && break
done
for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
	"${NODE_EXTRA_CA_CERTS:-}" "${npm_config_cafile:-}"; do
	[ ! -f "$file" ] || cat "$file"
done >"$settings/ca.pem"

set --
for name in $(env | sed -n 's/^\([Nn][Pp][Mm]_[Cc][Oo][Nn][Ff][Ii][Gg]_[A-Za-z0-9_]*\)=.*/\1/p'); do
	case $name in
	*_cafile | *_cache | *_prefix | *config) ;;
	*) set -- "$@" "$name=$(printenv "$name")" ;;
	esac
done
# What a system-wide npmrc says is known to the machine's npm alone.
registry=$(cd / && npm config get registry 2>/dev/null) || registry=
[ -z "$registry" ] || set -- "npm_config_registry=$registry" "$@"

"$here/enter.sh" -b "$cache" -b "$settings" "$root" env "$@" npm_config_userconfig="$settings/npmrc" \
	NODE_EXTRA_CA_CERTS="$settings/ca.pem" npm_config_cache="$cache" \
	npm ci --prefix "$dir" --prefer-offline --no-audit --no-fund --loglevel=error ||
	die "the packages of $dir could not be fetched. Without a network they must all be in $cache;
with one, see that the npm registry is reached: 'registry', 'proxy' and the like in ~/.npmrc or as npm_config_*"
