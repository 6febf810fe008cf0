#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The recovery's "repair" on disk images: what starts an installed disk is made as it was.

load common

setup_file() {
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/medium"
	cd "$BATS_FILE_TMPDIR"
	# Its kernel has a kernel's mark.
	put_bytes medium/boot/vmlinuz 514 HdrS
	sed -i "s|^file = [0-9a-f]* \\([0-9]* boot/vmlinuz\\)|file = $(sha256sum medium/boot/vmlinuz | cut -d' ' -f1) \\1|" \
		medium/palette/manifest
	"$INSTALL" --target good.img --source medium "${SMALL[@]}" --size 256M --seed $SEED --yes
	# The OS image's boot files, and the image.conf of its initrd.
	mkdir -p files root/etc/palette root/sys
	cp -r medium/palette files/
	rm files/palette/os.img files/palette/manifest
	local blocks
	blocks=$(sed -n 's/^os-data-blocks = //p' medium/palette/manifest)
	{
		echo 'version = 2026.11.23-test'
		echo "os-salt = $(printf '%064d' 1)"
		echo "os-data-blocks = $blocks"
		echo "os-root-hash = $({
			head -c 31 /dev/zero
			printf '\001'
			dd if=medium/palette/os.img bs=4096 skip="$blocks" count=1 status=none
		} | sha256sum | cut -d' ' -f1)"
	} >root/etc/palette/image.conf
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	cp --sparse=always "$BATS_FILE_TMPDIR/good.img" disk.img
	export MTOOLS_SKIP_CHECK=1
	ESP=disk.img@@${ESP_MIB}M
}

repair() {
	run "$INSTALL" --repair disk.img --source "$BATS_FILE_TMPDIR/files" \
		--sysroot "$BATS_FILE_TMPDIR/root" --log repair.log "$@"
}

# as_installed FILE ...: these files on the EFI system partition are what the installer wrote
as_installed() {
	local file
	for file; do
		cmp <(mtype -i "$BATS_FILE_TMPDIR/good.img@@${ESP_MIB}M" "::$file") \
			<(mtype -i "$ESP" "::$file") || return 1
	done
}

zero() { # OFFSET BYTES
	dd if=/dev/zero of=disk.img bs=1 seek="$1" count="$2" conv=notrunc status=none
}

@test "a disk in order is not written to" {
	repair
	[ "$status" = 0 ]
	[ "$output" = 'Nothing was wrong with what starts disk.img.' ]
	cmp disk.img "$BATS_FILE_TMPDIR/good.img"
}

@test "boot sector, core image and loaders are as the installer wrote them" {
	zero 0 440
	zero 1048576 20000
	mdeltree -i "$ESP" ::/EFI
	mdel -i "$ESP" ::/boot/grub/grub.cfg
	repair
	[ "$status" = 0 ]
	diff <(echo "$output") - <<-END
		EFI/BOOT/BOOTX64.EFI
		EFI/palette/shimx64.efi
		EFI/BOOT/grubx64.efi
		EFI/palette/grubx64.efi
		EFI/BOOT/mmx64.efi
		EFI/palette/mmx64.efi
		boot/grub/grub.cfg
		GRUB's core image for legacy BIOS
		the boot sector
	END
	as_installed EFI/BOOT/{BOOTX64.EFI,grubx64.efi,mmx64.efi} EFI/palette/{shimx64.efi,grubx64.efi,mmx64.efi} \
		boot/grub/grub.cfg
	cmp --bytes=$((2 * 1024 * 1024)) disk.img "$BATS_FILE_TMPDIR/good.img"
	complete
	repair
	[ "$output" = 'Nothing was wrong with what starts disk.img.' ]
}

@test "a damaged kernel is taken from the good slot where both have one image" {
	mtype -i "$ESP" ::/palette/b/vmlinuz | head -c 5000 >short
	mcopy -o -i "$ESP" short ::/palette/b/vmlinuz
	mdel -i "$ESP" ::/palette/b/initrd.img
	repair
	[ "$status" = 0 ]
	[ "$output" = $'palette/b/vmlinuz\npalette/b/initrd.img' ]
	as_installed palette/{a,b}/{vmlinuz,initrd.img}

	# Started from slot b: the other way round.
	mdel -i "$ESP" ::/palette/a/vmlinuz
	repair --slot b
	[ "$output" = palette/a/vmlinuz ]
	as_installed palette/{a,b}/{vmlinuz,initrd.img}
}

@test "the kernel of another image is left alone, and said" {
	mdel -i "$ESP" ::/palette/b/vmlinuz
	local blocks
	blocks=$(sed -n 's/^os-data-blocks = //p' "$BATS_FILE_TMPDIR/root/etc/palette/image.conf")
	put_bytes disk.img $((B_MIB * 1048576 + blocks * 4096)) 'another image'
	repair
	[ "$status" = 1 ]
	[ "$output" = 'slot b has another image than slot a: its kernel is left as it is' ]
	! mtype -i "$ESP" ::/palette/b/vmlinuz || false
}

@test "a good slot without its kernel is said, the rest is repaired" {
	mdel -i "$ESP" ::/palette/a/vmlinuz
	zero 0 440
	repair
	[ "$status" = 1 ]
	[[ $output == *'palette/a/vmlinuz: read palette/a/vmlinuz of the FAT file system on '* ]]
	[[ $output == *'the boot sector'* ]]
}

@test "grubenv keeps its order and forgets the attempts; one that is none is made anew" {
	{
		printf '# GRUB Environment Block\norder=ba\ntries_a=3\ntries_b=1\nmine=1\n'
		head -c 1024 /dev/zero | tr '\0' '#'
	} | head -c 1024 >grubenv
	mcopy -o -i "$ESP" grubenv ::/boot/grub/grubenv
	repair
	[ "$output" = boot/grub/grubenv ]
	mtype -i "$ESP" ::/boot/grub/grubenv >now
	[ "$(stat -c %s now)" = 1024 ]
	grep -qx order=ba now && grep -qx tries_a=0 now && grep -qx tries_b=0 now && grep -qx mine=1 now

	echo garbage >grubenv
	mcopy -o -i "$ESP" grubenv ::/boot/grub/grubenv
	repair
	as_installed boot/grub/grubenv
}

@test "a disk that is none of ours is refused before anything is written" {
	truncate -s 64M other.img
	run "$INSTALL" --repair other.img --source "$BATS_FILE_TMPDIR/files" --sysroot "$BATS_FILE_TMPDIR/root"
	[ "$status" = 1 ]
	[[ $output == *'other.img has no GPT'* ]]
	cmp other.img <(head -c 64M /dev/zero)

	sfdisk -q --part-label disk.img 4 somebody-elses
	cp disk.img before.img
	repair
	[ "$status" = 1 ]
	[[ $output == *'partition 4 of disk.img is not palette-system-b: this is no disk of ours'* ]]
	cmp disk.img before.img
}
