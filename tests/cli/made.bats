#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# palette-iso: an ISO that is looked at, adapted and verified.

load made

teardown() {
	[ -z "${stick:-}" ] || losetup --detach "$stick"
}

@test "an ISO as it was built is whole, and its SHA-256 is said" {
	run "$ISO" verify in.iso
	[ "$status" = 0 ]
	grep -q "original, for its .sha256 file: $(sha256sum < in.iso | cut -d' ' -f1)" <<< "$output"
}

@test "customizing twice equals customizing once, and without options it is the original again" {
	made
	IN=made.iso OUT=again.iso made
	cmp made.iso again.iso
	cp -r content elsewhere # other inodes, another order in the folder
	touch -d 2020-01-01 elsewhere/*
	CONTENT=elsewhere OUT=elsewhere.iso made
	cmp made.iso elsewhere.iso
	"$ISO" customize made.iso original.iso
	cmp in.iso original.iso
}

@test "what IN has of an earlier call is not on OUT, and that is said" {
	made
	[ "${#lines[@]}" = 1 ]
	run "$ISO" customize made.iso plain.iso
	[ "${lines[0]}" = "palette-iso: plain.iso: what an earlier call added to made.iso is not on it any more: answers, 3 files of content (3.1 MB), default entry, timeout, kernel arguments" ] ||
		{ echo "$output"; return 1; }
	cmp in.iso plain.iso
	run "$ISO" customize made.iso made.iso --answers answers.conf --default-entry live --kernel-arg quiet
	[ "${lines[0]}" = "palette-iso: made.iso: what an earlier call added to made.iso is not on it any more: 3 files of content (3.1 MB), timeout" ] || { echo "$output"; return 1; }
	# nothing of the original's own is lost
	run "$ISO" customize in.iso plain.iso
	[ "$status" = 0 ] && [ "${#lines[@]}" = 1 ]
}

@test "a .sha256 file that was beside OUT and is not of it is told" {
	cp in.iso box.iso
	sha256sum box.iso > box.iso.sha256
	run "$ISO" customize box.iso box.iso --timeout 1
	[ "$status" = 0 ] && grep -qx 'palette-iso: box.iso.sha256 is not of the new box.iso: remove it or make it anew' <<< "$output" ||
		{ echo "$output"; return 1; }
	run "$ISO" customize box.iso box.iso
	[ "$status" = 0 ] && [[ "$output" != *sha256* ]]
	: > box.iso.sha256
	run "$ISO" verify box.iso
	[ "$status" = 0 ]
	echo "0000 box.iso" > box.iso.sha256
	run "$ISO" verify box.iso
	[ "$status" = 1 ] && grep -q 'box.iso.sha256 says SHA-256' <<< "$output"
}

@test "what was added is on it, and every byte is verified" {
	made
	run "$ISO" verify made.iso
	[ "$status" = 0 ]
	for name in "bundle one.tar.zst" "it's \"quoted\" é.bin" tiny; do
		extracted "/palette/content/$name"
		cmp out "content/$name"
	done
	extracted /palette/answers.conf
	cmp out answers.conf
	extracted /palette/manifest
	cmp out "$BATS_FILE_TMPDIR/tree/palette/manifest"
}

@test "it boots as the original does: the same boot records and partitions, with the new id in each place" {
	made
	report() {
		xorriso -indev "$1" -report_el_torito plain -report_system_area plain 2> /dev/null |
			sed 's/\(LBA\|Blocks\|start and size\|lba range\|catalog\|blks\|img :\|size\/512\|GUID\|MBR partition  \).*//'
	}
	diff <(report in.iso) <(report made.iso)
	id=$("$ISO" show made.iso | sed -n 's/^Medium id *//p')
	[ ${#id} = 16 ] && [ "$id" != 0123456789abcdef ]
	[ "$(dd if=made.iso bs=1 skip=32958 count=16 status=none)" = "$id" ]
	# the partition that begins at the ISO's own start, too
	[ "$(dd if=made.iso bs=1 skip=65726 count=16 status=none)" = "$id" ]
	esp=$(sfdisk -d made.iso 2> /dev/null | sed -n 's/.*2 : start= *\([0-9]*\).*/\1/p')
	[ -n "$esp" ]
	MTOOLS_SKIP_CHECK=1 mtype -i "made.iso@@$((esp * 512))" ::/boot/grub/grub.cfg | grep -q "id-$id"
	sgdisk -v made.iso | grep -q 'No problems found'
	extracted /palette/made.cfg
	grep -qx "set medium=$id" out
	grep -qx 'set default=live' out
	grep -qx 'set timeout=0' out
	grep -qx 'set arguments="palette.debug=1 quiet"' out
	! grep -q answers out || false
	"$ISO" customize in.iso made.iso --kernel-arg palette.debug=1 --kernel-arg palette.unattended=yes
	extracted /palette/made.cfg
	grep -qx 'set answers=yes' out
	! grep -q reinstall out || false
}

@test "the menu is told of answers that want to install again; an argument wins over the file" {
	printf 'unattended = yes\n#reinstall = no\n reinstall =On\n' > answers.conf
	"$ISO" customize in.iso made.iso --answers answers.conf
	extracted /palette/made.cfg
	grep -qx 'set reinstall=yes' out
	"$ISO" customize in.iso made.iso --answers answers.conf --kernel-arg palette.reinstall=no
	extracted /palette/made.cfg
	! grep -q '^set reinstall' out || false
	"$ISO" customize in.iso made.iso --kernel-arg palette.reinstall=yes --kernel-arg 'palette.disk=size>=10G'
	extracted /palette/made.cfg
	grep -qx 'set reinstall=yes' out
	grep -qx 'set arguments="palette.reinstall=yes palette.disk=size>=10G"' out
}

@test "more kernel arguments than the kernel takes are refused" {
	words=()
	for i in $(seq 6); do
		words+=(--kernel-arg "word$i=$(printf '%0190d' 0)")
	done
	run "$ISO" customize in.iso made.iso "${words[@]}"
	[ "$status" = 1 ]
	[[ "$output" == *"--kernel-arg: all together have 1182 bytes, at most 1024 are taken"* ]] || { echo "$output"; return 1; }
	[ ! -e made.iso ]
}

@test "show has everything but the secrets" {
	cat > answers.conf <<-'A'
		action = reboot
		account.user = alice
		account.password-hash = $6$saltsaltsalt$0123456789012345678901234567890123456789012345678901234567890123456789012345678901secret
		proxy.http = http://me:geheim@proxy:3128
		proxy.https = http://geheim@proxy:3128
		# the old one was geheim
		#account.password-hash = $6$01secret
	A
	run "$ISO" customize in.iso made.iso --answers answers.conf --content content \
		--kernel-arg palette.proxy.https=http://me:geheim@proxy:3128
	[ "$status" = 0 ]
	run "$ISO" show made.iso
	[ "$status" = 0 ]
	for word in 'Version +2026.11.23-test' 'SBAT +grubx64.efi: sbat,1; grub,5' 'BIOS from CD, UEFI from CD, BIOS from stick, UEFI from stick, Secure Boot' \
		'Menu +install starts after 5 s' 'action = reboot' 'account.password-hash = \*\*\*' 'proxy.http = http://\*\*\*@proxy:3128' \
		'kernel arguments: palette.proxy.https=http://\*\*\*@proxy:3128' '3 files, 3.1 MB' \
		"$(sha256sum < content/tiny | cut -d' ' -f1)  5 B  tiny" 'Original +medium id 0123456789abcdef'; do
		grep -qE "$word" <<< "$output" || { echo "no $word in $output"; return 1; }
	done
	! grep -qE '01secret|geheim' <<< "$output" || false
}

@test "show has the digest of the list of what it is made of, and knows another ISO's beside it" {
	made
	digest=$(sha256sum < "$BATS_FILE_TMPDIR/tree/palette/sbom.spdx.json" | cut -d' ' -f1)
	cp "$BATS_FILE_TMPDIR/tree/palette/sbom.spdx.json" made.iso.spdx.json
	"$ISO" show made.iso > shown
	grep -qxE "SBOM +palette/sbom.spdx.json, SHA-256 $digest" shown
	[ "$(grep -c 'another ISO' shown)" = 0 ]
	echo >> made.iso.spdx.json
	"$ISO" show made.iso > shown
	grep -qxE "SBOM +palette/sbom.spdx.json, SHA-256 $digest" shown
	grep -qxE ' +made.iso.spdx.json is of another ISO' shown
}

@test "one changed byte is found, wherever it is" {
	made
	# content, the answers, the OS image, the EFI partition, a partition table
	where() { xorriso -indev made.iso -find "$1" -exec report_lba -- 2> /dev/null | sed -n 's/^File data lba: *0 , *\([0-9]*\).*/\1/p'; }
	for at in $(($(where "/palette/content/bundle one.tar.zst") * 2048 + 1000000)) $(($(where /palette/answers.conf) * 2048 + 2)) \
		$(($(where /palette/os.img) * 2048 + 300000)) 600 $(($(stat -c %s made.iso) - 500)); do
		cp made.iso bad.iso
		printf '\377' | dd of=bad.iso bs=1 seek="$at" conv=notrunc status=none
		run "$ISO" verify bad.iso
		[ "$status" = 1 ] || { echo "byte $at: $output"; return 1; }
	done
	cp made.iso bad.iso
	truncate -s -1M bad.iso
	run "$ISO" verify bad.iso
	[ "$status" = 1 ]
	grep -q truncated <<< "$output"
}

# where FILE: its offset on $medium
where() {
	xorriso -indev "$medium" -find "$1" -exec report_lba -- 2> /dev/null |
		sed -n 's/^File data lba: *0 , *\([0-9]*\).*/\1/p' | awk '{ print $1 * 2048 }'
}

# partition_of ISO: the offset of its EFI partition
partition_of() {
	sfdisk -d "$1" 2> /dev/null | sed -n 's/.*2 : start= *\([0-9]*\).*/\1/p' | awk '{ print $1 * 512 }'
}

# installer_verifies ISO: as the installer of that medium does, whose files are in ./mounted
installer_verifies() {
	run "$INSTALL" --verify --source mounted --image "$1"
}

@test "the medium's own verification reads what starts it as well: a changed byte is told by its place, wherever it is" {
	local medium at part name
	for medium in in.iso made.iso; do
		[ $medium = in.iso ] || made
		rm -rf mounted
		xorriso -osirrox on -indev $medium -extract / mounted 2> /dev/null
		chmod -R u+w mounted
		installer_verifies $medium
		[ "$status" = 0 ] || { echo "$output"; return 1; }
		[[ $output == *"and "*" other areas read in"*"Every byte of the ISO is as it was made."*"grubx64.efi: sbat,1; grub,5"* ]]
		part=$(partition_of $medium)
		while read -r at name; do
			cp $medium bad.iso
			printf '\245' | dd of=bad.iso bs=1 seek="$at" conv=notrunc status=none
			! cmp -s $medium bad.iso || false
			installer_verifies bad.iso
			[ "$status" = 1 ] && [ "${#lines[@]}" = 3 ] && [[ ${lines[2]} == "DAMAGED: $name, between byte "*" of the medium" ]] ||
				{ echo "$medium, byte $at, $name: $output"; return 1; }
			run "$ISO" verify bad.iso
			[ "$status" = 1 ] && grep -q "^$name is damaged, between byte" <<< "$output" ||
				{ echo "$medium, byte $at, $name: $output"; return 1; }
		done <<- PLACES
			300 beginning
			446 beginning
			34000 beginning
			$(($(where /boot/grub/eltorito.img) + 100000)) boot/grub/eltorito.img
			$(($(where /boot/grub/grub.cfg) + 10)) boot/grub/grub.cfg
			$(($(where /boot/grub/loopback.cfg) + 10)) boot/grub/loopback.cfg
			$(($(where /EFI/BOOT/BOOTX64.EFI) + 300000)) EFI/BOOT/BOOTX64.EFI
			$((part + 3)) EFI-partition
			$((part + 1000000)) EFI-partition
			$(($(stat -L -c %s $medium) - 10000)) end
		PLACES
	done
}

@test "a damaged list of areas is told, and one that is missing is an error" {
	made
	xorriso -osirrox on -indev made.iso -extract / mounted 2> /dev/null
	chmod -R u+w mounted
	printf 0 | dd of=mounted/palette/made.areas bs=1 seek=70 conv=notrunc status=none
	installer_verifies made.iso
	[ "$status" = 1 ]
	[[ $output == *"DAMAGED: palette/made.areas, between byte 0 and $(($(stat -c %s mounted/palette/made.areas) - 1))" ]]
	rm mounted/palette/*areas
	installer_verifies made.iso
	[ "$status" = 1 ]
	[[ $output == *"open mounted/palette/areas: No such file or directory"* ]]
}

@test "the areas, the files and their list are the whole ISO, with no gap" {
	made
	for medium in in.iso made.iso; do
		list=palette/$([ $medium = in.iso ] && echo areas || echo made.areas)
		rm -f areas
		xorriso -osirrox on -indev $medium -extract /$list areas 2> /dev/null
		{
			head -n -1 areas | grep . | cut -d' ' -f2-3
			echo "$(where /$list) $(stat -c %s areas)"
			{
				sed -n 's/^file = [0-9a-f]* \([0-9]*\) /\1 /p' "$BATS_FILE_TMPDIR/tree/palette/manifest"
				[ $medium = in.iso ] || stat -c '%s palette/content/%n' -- content/* | sed 's,content/content/,content/,'
			} | while read -r bytes path; do echo "$(where "/$path") $bytes"; done
		} | sort -n | awk -v end="$(stat -L -c %s $medium)" '
			$1 != at { print "gap before byte", $1, "from", at; exit 1 } { at = $1 + $2 } END { if (at != end) { print at, end; exit 1 } }'
	done
}

@test "an ISO is adapted onto another file system, too" {
	[ "$(stat -c %d /dev/shm)" != "$(stat -L -c %d in.iso)" ] || skip "/dev/shm is the same file system"
	made
	there=$(mktemp -d -p /dev/shm palette-iso.XXXXXX)
	OUT=$there/made.iso made
	cmp made.iso "$there/made.iso"
	rm -r "$there"
}

@test "a name may end in a no-break space and have Unicode's line separators, which are no blanks and no lines here" {
	mkdir names
	echo x > names/$'no-break\xc2\xa0' # U+00A0
	echo y > names/$'line\xe2\x80\xa8 and paragraph\xe2\x80\xa9' # U+2028, U+2029
	"$ISO" customize in.iso made.iso --content names
	run "$ISO" verify made.iso
	[ "$status" = 0 ] || { echo "$output"; return 1; }
	run "$ISO" show made.iso
	[ "$status" = 0 ] && grep -qF $'line\xe2\x80\xa8 and' <<< "$output"
	for file in names/*; do
		extracted "/palette/content/${file#names/}"
		cmp out "$file"
	done
	xorriso -osirrox on -indev made.iso -extract / mounted 2> /dev/null
	installer_verifies made.iso
	[ "$status" = 0 ] || { echo "$output"; return 1; }
}

@test "what show hides of a comment it hides behind a line separator, too" {
	printf 'action = reboot\n# the old one\xe2\x80\xa8was geheim\n' > answers.conf
	made
	run "$ISO" show made.iso
	[ "$status" = 0 ]
	! grep -q geheim <<< "$output" || false
}

@test "a stick that the ISO was written to is shown, verified and adapted as the ISO is" {
	made
	for medium in in.iso made.iso; do
		cp $medium stick.img
		truncate -s +3M stick.img
		stick=$(losetup --find --show --read-only stick.img) || skip "no loop devices here"
		"$ISO" verify "$stick" > verified || status=$?
		"$ISO" show "$stick" > shown
		"$ISO" customize "$stick" original.iso
		losetup --detach "$stick"
		stick=
		[ "${status:-0}" = 0 ] || { cat verified; return 1; }
		cmp in.iso original.iso
		diff <("$ISO" show $medium | tail -n +2) <(tail -n +2 shown)
	done
	# behind a file's image nothing has any business
	run "$ISO" verify stick.img
	[ "$status" = 1 ] && grep -q '3145728 bytes stand behind' <<< "$output"
}

@test "what is neither a file nor a disk is refused by its name" {
	mkfifo pipe
	for name in pipe . /dev/null; do
		run timeout 10 "$ISO" verify "$name"
		[ "$status" = 1 ] && [[ "$output" == "palette-iso: $name is neither a file nor a disk"* ]] || { echo "$output"; return 1; }
	done
	run timeout 10 "$ISO" verify <(cat in.iso)
	[ "$status" = 1 ] && [[ "$output" == "palette-iso: /dev/fd/"*" is neither a file nor a disk"* ]]
}
