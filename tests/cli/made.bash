# SPDX-License-Identifier: Apache-2.0
# made.bash - what the tests of palette-iso share: a small ISO, content, answers. Loaded by bats.

load common

ISO=$BATS_TEST_DIRNAME/../../image/palette-iso

setup_file() {
	command -v xorriso > /dev/null || return 0
	cd "$BATS_FILE_TMPDIR"
	"$BATS_TEST_DIRNAME/make-medium.sh" tree
	mkdir tree/boot/grub
	cd "$BATS_TEST_DIRNAME/../.."
	id=$(sed -n 's/^medium-id = //p' "$BATS_FILE_TMPDIR/tree/palette/manifest")
	sed -e "s/@ID@/$id/" -e s/@VERSION@/test/ grub/iso-grub.cfg > "$BATS_FILE_TMPDIR/tree/boot/grub/grub.cfg"
	cp grub/loopback.cfg "$BATS_FILE_TMPDIR/tree/boot/grub/"
	. image/grub-modules.sh
	efi_files "$BATS_FILE_TMPDIR/tree/palette/efi"
	( # the loaders are the real ones here, as hybrid.sh puts them on the EFI partition
		cd "$BATS_FILE_TMPDIR/tree"
		grep -v '/efi/' palette/manifest > ../manifest
		echo '{"spdxVersion": "SPDX-2.3"}' > palette/sbom.spdx.json
		echo 'grubx64.efi: sbat,1; grub,5' > palette/sbat
		for file in palette/efi/* palette/sbom.spdx.json palette/sbat; do
			echo "file = $(sha256sum "$file" | cut -d' ' -f1) $(stat -c %s "$file") $file"
		done >> ../manifest
		mv ../manifest palette/manifest
	)
	SOURCE_DATE_EPOCH=1795000000 image/hybrid.sh "$BATS_FILE_TMPDIR/tree" PALETTE_EDGE "$id" \
		"$BATS_FILE_TMPDIR/in.iso" 2> /dev/null
}

setup() {
	need xorriso mcopy
	cd "$BATS_TEST_TMPDIR"
	ln -s "$BATS_FILE_TMPDIR/in.iso"
	mkdir content
	noise 1 3000000 > "content/bundle one.tar.zst"
	noise 2 70000 > "content/it's \"quoted\" é.bin"
	echo tiny > content/tiny
	printf 'action = reboot\n' > answers.conf
}

# noise SEED BYTES
noise() {
	openssl enc -aes-128-ctr -nosalt -pass "pass:$1" -pbkdf2 < /dev/zero 2> /dev/null | head -c "$2"
}

# made [OPTION ...]: made.iso from in.iso, with everything
made() {
	run "$ISO" customize "${IN:-in.iso}" "${OUT:-made.iso}" --answers answers.conf --content "${CONTENT:-content}" \
		--default-entry live --timeout 0 --kernel-arg palette.debug=1 --kernel-arg quiet "$@"
	[ "$status" = 0 ] || { echo "$output"; return 1; }
}

# extracted FILE: of made.iso, to ./out
extracted() {
	rm -f out
	xorriso -osirrox on -indev made.iso -extract "$1" out 2> /dev/null
}
