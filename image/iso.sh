#!/bin/sh
# iso.sh - the installation medium: payload, manifest, menu.
#
# usage: iso.sh VERSION OS.img OS.conf VMLINUZ INITRD DRIVERS.img MICROCODE.img SBOM KEY OUT.iso        (inside the build root)
#
# MICROCODE.img may be empty: then the medium has none. KEY is a private key, or "" for an unsigned medium.
# The same inputs and SOURCE_DATE_EPOCH give the same bytes.
set -eu
die() { echo "iso.sh: $*" >&2; exit 1; }

[ $# -eq 10 ] ||
	die "usage: iso.sh VERSION OS.img OS.conf VMLINUZ INITRD DRIVERS.img MICROCODE.img SBOM KEY OUT.iso"
version=$1 os=$2 os_conf=$3 vmlinuz=$4 initrd=$5 drivers=$6 microcode=$7 sbom=$8 key=$9
shift 9
out=$1
: "${SOURCE_DATE_EPOCH:?must be set: the build has to be reproducible}"
work=$(mktemp -d -p "$(dirname "$out")")
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$tree/palette" "$tree/boot/grub"

. image/grub-modules.sh

payload() { # everything the manifest lists
	cp "$os" "$tree/palette/os.img"
	cp "$vmlinuz" "$tree/boot/vmlinuz"
	cp "$initrd" "$tree/boot/initrd.img"
	cp "$drivers" "$tree/palette/drivers.img"
	if [ -s "$microcode" ]; then
		cp "$microcode" "$tree/palette/microcode.img"
	fi
	cp "$sbom" "$tree/palette/sbom.spdx.json"
	disk_boot_files "$tree"
	sbat >"$tree/palette/sbat"
}

sbat() { # the revocation levels of the loaders, as firmware and shim compare them
	for program in BOOTX64.EFI grubx64.efi mmx64.efi; do
		objcopy -O binary --only-section=.sbat "$tree/palette/efi/$program" "$work/levels"
		levels=$(tr -d '\0' <"$work/levels" | sed -n 's/^\([^,]*,[^,]*\),.*/\1/p' | paste -sd';' | sed 's/;/; /g')
		[ -n "$levels" ] || die "$program has no SBAT"
		echo "$program: $levels"
	done
}

manifest() { # the id is a digest of everything listed, so it changes with any byte of the payload
	cat "$os_conf" >"$work/list"
	(cd "$tree" && find palette boot -type f | LC_ALL=C sort | while read -r file; do
		echo "file = $(sha256sum "$file" | cut -d' ' -f1) $(stat -c %s "$file") $file"
	done) >>"$work/list"
	id=$(sha256sum "$work/list" | cut -c1-16)
	{
		echo "version = $version"
		echo "medium-id = $id"
		cat "$work/list"
	} >"$tree/palette/manifest"
	: >"$tree/palette/id-$id"
	[ -z "$key" ] || image/sign.sh file "$key" "$tree/palette/manifest" "$tree/palette/manifest.sig"
}

grub_config() {
	sed -e "s/@ID@/$id/g" -e "s/@VERSION@/$version/g" grub/iso-grub.cfg >"$tree/boot/grub/grub.cfg"
	cp grub/loopback.cfg "$tree/boot/grub/loopback.cfg"
}

chunks() { # the digest of each MiB of the payload: damage is told by its place
	(cd "$tree" && find palette boot -type f | LC_ALL=C sort | while read -r file; do
		split -b 1M --filter=sha256sum "$file" |
			awk -v file="$file" '{ printf "%s %.0f %s\n", $1, (NR - 1) * 1048576, file }'
	done) >"$work/chunks"
	mv "$work/chunks" "$tree/palette/chunks"
}

payload
chunks
manifest
grub_config
image/hybrid.sh "$tree" PALETTE_EDGE "$id" "$out"
