#!/bin/sh
# sign.sh - Ed25519 signatures of the manifest and of the ISO, by openssl.
#
# usage: sign.sh public KEY.pem                          the public key as 64 hex digits
#        sign.sh file KEY.pem FILE OUT.sig [OUT.pub]     signs FILE; OUT.pub is the public key as PEM
#
# Whoever has the maker's public key checks an ISO by
#   openssl pkeyutl -verify -pubin -inkey palette-edge.iso.pub -rawin -in palette-edge.iso -sigfile palette-edge.iso.sig
set -eu
die() { echo "sign.sh: $*" >&2; exit 1; }

usage="usage: sign.sh public KEY.pem | file KEY.pem FILE OUT.sig [OUT.pub]"
[ $# -ge 2 ] || die "$usage"
what=$1 key=$2
[ -r "$key" ] || die "SIGN_KEY: $key cannot be read"
openssl pkey -in "$key" -noout -text 2>/dev/null | grep -q '^ED25519 Private-Key' ||
	die "SIGN_KEY: $key is no Ed25519 private key (make one: openssl genpkey -algorithm ed25519)"

case $what in
public) # the last 32 bytes of its DER form
	openssl pkey -in "$key" -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n'
	echo
	;;
file)
	[ $# -ge 4 ] || die "$usage"
	openssl pkeyutl -sign -inkey "$key" -rawin -in "$3" -out "$4.new"
	mv "$4.new" "$4"
	[ $# -lt 5 ] || openssl pkey -in "$key" -pubout -out "$5"
	;;
*) die "$usage" ;;
esac
