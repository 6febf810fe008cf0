#!/bin/sh
# syncthing.sh - compile Debian's Syncthing so that it uses the processor's instructions for SHA-256 and AES.
#
# usage: syncthing.sh OUT        (inside the build root)
#
# Debian's own binary is compiled with the tag "purego", which takes the assembler out of Go's standard library too.
# The source is Debian's package, unchanged; this leaves out the tag and nothing else. Offline, the same bytes each time.
set -eu
die() { echo "syncthing.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: syncthing.sh OUT"
out=$(realpath -m "$1")
package=golang-github-syncthing-syncthing-dev
version=$(dpkg-query -W -f '${source:Upstream-Version}' "$package") || die "$package is missing: run 'sudo make deps'"
build=github.com/syncthing/syncthing/lib/build

mkdir -p "$(dirname "$out")"
cd /usr/share/gocode/src/github.com/syncthing/syncthing
env GO111MODULE=off GOPATH=/usr/share/gocode GOTOOLCHAIN=local GOFLAGS= CGO_ENABLED=0 GOAMD64=v1 \
	go build -trimpath -buildvcs=false -tags noupgrade -o "$out.new" \
	-ldflags "-s -w -X $build.Version=v${version%~*} -X $build.Stamp=${SOURCE_DATE_EPOCH:?} -X $build.User=debian -X $build.Host=palette-edge" \
	./cmd/syncthing
mv "$out.new" "$out"
