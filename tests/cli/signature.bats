#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The signature of the medium's manifest, made by the recipe of the build (image/sign.sh).

load common

setup_file() {
	need openssl
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/medium"
	cd "$BATS_FILE_TMPDIR"
	for who in maker other; do
		openssl genpkey -algorithm ed25519 -out $who.pem 2> /dev/null
		"$BATS_TEST_DIRNAME/../../image/sign.sh" public $who.pem > $who.pub
	done
	"$BATS_TEST_DIRNAME/../../image/sign.sh" file maker.pem medium/palette/manifest medium/palette/manifest.sig
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	medium
	KEY=$BATS_FILE_TMPDIR/maker.pub
	NAME=$(tr -d '\n' < "$KEY" | sed 's/../\\x&/g' | xargs -0 printf | sha256sum | cut -c1-16)
	head -c 1M /dev/urandom > disk.img && truncate -s 128M disk.img
	BEFORE=$(sha256sum < disk.img)
}

# refused TEXT: with the disk as it was
refused() {
	SOURCE=medium install --key "$KEY" --yes
	echo "$output"
	[ "$status" = 3 ]
	[ "$output" = "palette-install: $1" ]
	[ "$BEFORE" = "$(sha256sum < disk.img)" ]
}

@test "a medium that is signed with the key is installed, and the summary names the key" {
	SOURCE=medium install --key "$KEY"
	[ "$status" = 0 ]
	[[ $output == *"Signature      signed with key $NAME"* ]]
	SOURCE=medium install --key "$KEY" --yes
	echo "$output"
	[ "$status" = 0 ]
	slot_is_right $A_MIB
}

@test "without a key any medium is taken, and called unsigned" {
	SOURCE=medium install
	[ "$status" = 0 ]
	[[ $output == *"Signature      unsigned build"* ]]
}

@test "a medium without signature, or with somebody else's, is refused before anything is written" {
	mv medium/palette/manifest.sig sig
	refused "the medium is not signed; this installer takes what is signed with key $NAME"
	"$BATS_TEST_DIRNAME/../../image/sign.sh" file "$BATS_FILE_TMPDIR/other.pem" medium/palette/manifest \
		medium/palette/manifest.sig
	refused "the signature of the medium is not of its manifest and key $NAME: it was changed, or made by somebody else"
	head -c 63 sig > medium/palette/manifest.sig
	refused "the signature of the medium is not of its manifest and key $NAME: it was changed, or made by somebody else"
}

@test "a payload that was exchanged together with its digest is refused" {
	printf X | dd of=medium/palette/os.img bs=1 seek=5000000 conv=notrunc status=none
	sed -i "s/^file = [0-9a-f]* \([0-9]* palette\/os.img\)/file = $(sha256sum < medium/palette/os.img | cut -d' ' -f1) \1/" \
		medium/palette/manifest
	refused "the signature of the medium is not of its manifest and key $NAME: it was changed, or made by somebody else"
}

@test "on a VMware machine nothing is run from a medium that is not as it was signed" {
	"$BATS_TEST_DIRNAME/make-machine.sh" machine uefi <<< "sda ata 960 ATA/SAMSUNG/1"
	echo 'VMware, Inc.' > machine/sys/class/dmi/id/sys_vendor
	mkdir machine/guestinfo
	echo 'install: {device: /dev/sda, auto: true, poweroff: true}' > machine/guestinfo/userdata
	ask() {
		rm -f install.log
		run "$PALETTE_BUILD/tests/palette-install-fake" --sysroot machine --source medium --log install.log \
			--key "$KEY" < /dev/null
		echo "$output"
	}
	ask
	grep -q 'answer: disk = /dev/sda (guestinfo.userdata)' install.log
	printf X | dd of=medium/palette/os.img bs=1 seek=5000000 conv=notrunc status=none
	ask
	grep -q 'guestinfo.userdata cannot be asked for: palette/os.img on the medium is damaged' install.log
	! grep -q 'answer:' install.log || false
	mv medium/palette/manifest.sig sig
	ask
	grep -q 'guestinfo.userdata cannot be asked for: the medium is not signed' install.log
	! grep -q 'answer:' install.log || false
}

@test "a key that is none is an error, not an unsigned build" {
	echo 0123 > short
	KEY=$PWD/short refused "$PWD/short is no key: it has to be 64 hex digits"
	SOURCE=medium install --key nowhere --yes
	[ "$status" = 3 ]
	[ "$output" = "palette-install: open nowhere: No such file or directory" ]
}

@test "the recipe takes nothing but an Ed25519 key" {
	openssl ecparam -genkey -name prime256v1 -out ec.pem 2> /dev/null
	run "$BATS_TEST_DIRNAME/../../image/sign.sh" public ec.pem
	[ "$status" = 1 ]
	[[ $output == *"ec.pem is no Ed25519 private key"* ]]
}

@test "an ISO's own signature is checked as docs/THREATS.md says, with nothing but openssl" {
	head -c 3000000 /dev/urandom > palette-edge.iso
	"$BATS_TEST_DIRNAME/../../image/sign.sh" file "$BATS_FILE_TMPDIR/maker.pem" palette-edge.iso \
		palette-edge.iso.sig palette-edge.iso.pub
	command=$(grep -o 'openssl pkeyutl -verify .*' "$BATS_TEST_DIRNAME/../../docs/THREATS.md")
	run sh -c "$command"
	[ "$status" = 0 ]
	printf X | dd of=palette-edge.iso bs=1 seek=1500000 conv=notrunc status=none
	run sh -c "$command"
	[ "$status" = 1 ]
}

# builds_with KEY: the recipes' initrd and medium of a build with that key, unpacked: ./initrd has the medium in it
builds_with() {
	local conf=$PWD/image.conf here=$PWD
	echo 'version = 2026.11.23-test' > image.conf
	grep '^os-' medium/palette/manifest | tee -a image.conf > os.conf
	: > microcode
	echo drivers > drivers
	echo '{}' > sbom
	cd "$BATS_TEST_DIRNAME/../.."
	export SOURCE_DATE_EPOCH=1795000000
	image/initrd-programs.sh "$PALETTE_BUILD/bin" "$conf" "${1%.pem}.pub" overlays/initrd "$here/initrd.cpio"
	image/iso.sh 2026.11.23-test "$here/medium/palette/os.img" "$here/os.conf" "$here/medium/boot/vmlinuz" \
		"$here/initrd.cpio" "$here/drivers" "$here/microcode" "$here/sbom" "$1" "$here/signed.iso" 2> /dev/null
	cd "$here"
	mkdir -p initrd
	(cd initrd && cpio --quiet -id < ../initrd.cpio)
	xorriso -osirrox on -indev signed.iso -extract / initrd/medium 2> /dev/null
	chmod -R u+w initrd/medium
}

# in_initrd ARGUMENT ...: palette-install of that build, which knows its key by the default path
in_initrd() {
	run $([ "$(id -u)" = 0 ] || echo unshare -r) chroot initrd /usr/bin/palette-install "$@" --source /medium
	echo "$output"
}

@test "what a build with SIGN_KEY makes: its installer takes its own medium and no other, by the default path" {
	need xorriso cpio grub-mkimage mkfs.fat
	builds_with "$BATS_FILE_TMPDIR/maker.pem"
	cmp initrd/etc/palette/manifest.pub "$KEY"
	in_initrd --verify
	[ "$status" = 0 ]
	mv initrd/medium/palette/manifest.sig sig
	in_initrd --verify
	[ "$status" = 1 ]
	[ "$output" = "palette-install: the medium is not signed; this installer takes what is signed with key $NAME" ]
	"$BATS_TEST_DIRNAME/../../image/sign.sh" file "$BATS_FILE_TMPDIR/other.pem" initrd/medium/palette/manifest \
		initrd/medium/palette/manifest.sig
	in_initrd --verify
	[ "$status" = 1 ]
	[ "$output" = "palette-install: the signature of the medium is not of its manifest and key $NAME: it was changed, or made by somebody else" ]
	mv sig initrd/medium/palette/manifest.sig
	echo '# a comment' >> initrd/medium/palette/manifest
	in_initrd --verify
	[ "$status" = 1 ]
}
