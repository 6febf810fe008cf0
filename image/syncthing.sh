#!/bin/sh
# syncthing.sh - compile Debian's Syncthing so that it uses the processor's instructions for SHA-256 and AES.
#
# usage: syncthing.sh OUT        (inside the build root)
#        syncthing.sh --packages      prints the Debian packages whose source is in it
#
# Debian's own binary is compiled with the tag "purego", which takes the assembler out of Go's standard library too.
# The source is Debian's package, unchanged; this leaves out the tag and nothing else. Offline, the same bytes each time.
set -eu
die() { echo "syncthing.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: syncthing.sh OUT | --packages"
[ "$1" = --packages ] || out=$(realpath -m "$1")
package=golang-github-syncthing-syncthing-dev
version=$(dpkg-query -W -f '${source:Upstream-Version}' "$package") || die "$package is missing: run 'sudo make deps'"
# Its date is that of Debian's package: the image's would make another program for each change of the image.
changed=$(zcat "/usr/share/doc/$package/changelog.Debian.gz" | sed -n '/^ -- /{s/.*>  //p;q}')
stamp=$(date -d "${changed:?no date is in the changelog of $package}" +%s)
settings=github.com/syncthing/syncthing/lib/build
export GO111MODULE=off GOPATH=/usr/share/gocode GOTOOLCHAIN=local GOFLAGS='' CGO_ENABLED=0 GOAMD64=v1
cd /usr/share/gocode/src/github.com/syncthing/syncthing

if [ "$1" = --packages ]; then
	{ go list -deps -tags noupgrade -f '{{if not .Standard}}{{.Dir}}{{end}}' ./cmd/syncthing; realpath "$(go env GOROOT)/src"; } |
		grep . | xargs realpath | sort -u | xargs dpkg -S | sed 's/: .*//' | tr -d ' ' | tr , '\n' | sort -u
	exit
fi
mkdir -p "$(dirname "$out")"
go build -trimpath -buildvcs=false -tags noupgrade -o "$out.new" -ldflags "-s -w -X $settings.Version=v${version%~*} \
	-X $settings.Stamp=$stamp -X $settings.User=debian \
	-X $settings.Host=palette-edge" ./cmd/syncthing
mv "$out.new" "$out"
