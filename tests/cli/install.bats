#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whole installations into plain files and loop devices, checked by other people's tools.

load common

setup_file() {
	"$BATS_TEST_DIRNAME/make-medium.sh" "$BATS_FILE_TMPDIR/medium"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	[ -z "${LOOP:-}" ] || losetup -d "$LOOP"
}

@test "without --yes the summary and the steps are printed and nothing is written" {
	SOURCE=$BATS_FILE_TMPDIR/medium install --size 256M --seed $SEED
	[ "$status" = 0 ]
	golden install-dry-run
	[ ! -e disk.img ]
}

@test "the help is complete" {
	run "$INSTALL" --help
	[ "$status" = 0 ]
	golden help
}

@test "a disk image has the table, the slots, the file systems and the boot code" {
	need sfdisk sgdisk parted fsck.fat e2fsck
	install --size 256M --seed $SEED --yes
	[ "$status" = 0 ]
	sfdisk -V disk.img
	sgdisk -v disk.img | grep -q 'No problems found'
	parted -s disk.img unit MiB print | grep -q pmbr_boot
	complete
	run sfdisk -d disk.img
	golden install-table
	# boot sector: code, core image at sector 2048, drive check off, active, signature
	[ "$(xxd -p -s 0 -l 3 disk.img)" = eb6390 ]
	[ "$(xxd -p -s 92 -l 8 disk.img)" = 0008000000000000 ]
	[ "$(xxd -p -s 102 -l 2 disk.img)" = 9090 ]
	[ "$(xxd -p -s 446 -l 1 disk.img)" = 80 ]
	[ "$(xxd -p -s 510 -l 2 disk.img)" = 55aa ]
	# core image: its own second sector, everything else as on the medium
	[ "$(xxd -p -s $((1048576 + 500)) -l 12 disk.img)" = 010800000000000027002008 ]
	cmp --bytes=19488 --ignore-initial=512:$((1048576 + 512)) \
		"$BATS_FILE_TMPDIR/medium/palette/core.img" disk.img
}

@test "the EFI system partition has every file, and each is the medium's" {
	need mdir mtype
	install --size 256M --seed $SEED --yes
	[ "$status" = 0 ]
	export MTOOLS_SKIP_CHECK=1 MTOOLSRC=/dev/null
	esp=disk.img@@$((ESP_MIB * 1024 * 1024))
	run sh -c 'mdir -/ -b -i "$1" :: | LC_ALL=C sort' sh "$esp"
	golden install-esp
	run mtype -i "$esp" ::boot/grub/grub.cfg
	golden install-grub-cfg
	for pair in palette/efi/BOOTX64.EFI:EFI/BOOT/BOOTX64.EFI \
		palette/efi/BOOTX64.EFI:EFI/palette/shimx64.efi \
		palette/efi/grubx64.efi:EFI/palette/grubx64.efi boot/vmlinuz:palette/a/vmlinuz \
		boot/vmlinuz:palette/b/vmlinuz boot/initrd.img:palette/b/initrd.img; do
		mtype -i "$esp" "::${pair#*:}" | cmp - "$BATS_FILE_TMPDIR/medium/${pair%:*}"
	done
	[ "$(mtype -i "$esp" ::boot/grub/grubenv | wc -c)" = 1024 ]
	mtype -i "$esp" ::boot/grub/grubenv | grep -q '^order=ab$'
	mtype -i "$esp" ::palette/install.conf | grep -q '^medium-id = 0123456789abcdef$'
	# The plan's digest on the screen, in the log and on the disk is one.
	digest=$(mtype -i "$esp" ::palette/install.conf | sed -n 's/^plan = //p')
	grep -q "plan $digest" install.log
}

@test "the data partition has the log so far and a random seed" {
	need debugfs
	install --size 256M --yes
	part $DATA_MIB 5000
	debugfs -R 'cat install.log' part 2> /dev/null | grep -q 'Make the data partition'
	debugfs -R 'stat random-seed' part 2> /dev/null | grep -q 'Size: 512'
	[ "$(blkid -p -o value -s LABEL part)" = palette-data ]
}

@test "the steps, how long it took, and an exit status for each action" {
	install --size 128M --yes --action reboot
	[ "$status" = 10 ]
	[[ $output == *"[8/8] Write the boot sector"*"Installed on disk.img in "* ]]
	install --yes --action poweroff
	[ "$status" = 11 ]
}

@test "two installations share no identifier, two from one seed share all" {
	need sfdisk
	install --size 128M --yes
	sfdisk -d disk.img | grep -o '[0-9A-F]\{8\}-[0-9A-F-]*' | sort > first
	install --size 128M --yes
	sfdisk -d disk.img | grep -o '[0-9A-F]\{8\}-[0-9A-F-]*' | sort > second
	# Only the types are the same; the Linux root type is there twice.
	[ "$(comm -12 first second | wc -l)" = 5 ]
	install --size 128M --yes --seed $SEED
	sfdisk -d disk.img > first
	install --size 128M --yes --seed $SEED
	sfdisk -d disk.img > second
	cmp first second
}

@test "an image for 4096-byte sectors has a table and a FAT of such sectors, and no boot code" {
	need fsck.fat e2fsck
	SMALL=(--esp-size 40M --system-size 16M --data-min-size 8M --sector-size 4096)
	install --size 128M --yes --seed $SEED
	[ "$status" = 0 ]
	[[ $output == *"4096-byte sectors"*"Firmware       starts by UEFI"* ]]
	[ "$(xxd -p -s 4096 -l 8 disk.img)" = 4546492050415254 ] # EFI PART in sector 1
	cmp --bytes=440 disk.img /dev/zero
	complete
	[ "$(xxd -p -s 11 -l 2 <(dd if=disk.img bs=1M skip=2 count=1 status=none))" = 0010 ]
}

# A disk with something of everybody on it.
old_disk() {
	truncate -s 200M disk.img
	printf 'label: gpt\nsize=30M, type=L\nsize=60M, type=L\nsize=30M, type=S\n' | sfdisk -q disk.img
	truncate -s 30M part && mkswap -q part
	dd if=part of=disk.img bs=1M seek=91 conv=notrunc,sparse status=none
	truncate -s 60M part && mke2fs -q -F -t ext4 -L old part
	dd if=part of=disk.img bs=1M seek=31 conv=notrunc,sparse status=none
	rm part
	# ISO 9660 behind the table, as after a stick that was written with dd
	put_bytes disk.img 32768 '\001CD001\001'
	# the boot code of an earlier system
	put_bytes disk.img 0 '\353\143\220GRUB'
	# md 1.0 at the end of the disk: its superblock is 8 KiB before, aligned to 4 KiB
	at=$(((200 * 2048 - 16) / 8 * 8 * 512))
	put_bytes disk.img $at '\374\116\053\251\001\000\000\000'
	put_bytes disk.img $((at + 144)) "$(printf '\\%03o' $((at / 512 & 255)) \
		$((at / 512 >> 8 & 255)) $((at / 512 >> 16 & 255)) 0 0 0 0 0)"
	# LVM at the start of the first partition
	put_bytes disk.img $((1048576 + 512)) 'LABELONE\001\000\000\000\000\000\000\000'
	put_bytes disk.img $((1048576 + 512 + 20)) '\040\000\000\000LVM2 001'
	# ext4 where the new data partition will begin, and a file system of the end of it
	truncate -s 40M part && mke2fs -q -F -t ext4 -L ghost part
	dd if=part of=disk.img bs=1M seek=$DATA_MIB conv=notrunc,sparse status=none
	rm part
}

@test "no signature of what was on the disk is left" {
	need sfdisk wipefs mkswap mke2fs
	old_disk
	wipefs disk.img | grep -q iso9660
	wipefs disk.img | grep -q linux_raid_member
	install --yes
	[ "$status" = 0 ]
	complete
	# On the whole disk: the new table, nothing else.
	[ "$(wipefs -n -O TYPE disk.img | sed 1d | sort -u | tr -d ' \n')" = PMBRgpt ] ||
		[ "$(wipefs -n -O TYPE disk.img | sed 1d | sort -u | tr -d ' \n')" = gptPMBR ]
	# In the old partitions' places, should somebody make them again: nothing.
	for mib in 31 91; do
		dd if=disk.img of=part bs=1M skip=$mib count=30 status=none
		[ -z "$(blkid -p -o value -s TYPE part)" ]
	done
	# In the new ones: only what we made.
	part 1 1
	[ -z "$(blkid -p part)" ]
	part $DATA_MIB 5000
	[ "$(blkid -p -o value -s LABEL part)" = palette-data ]
}

@test "an installation over an installation of ours is as good as the first" {
	install --size 128M --yes
	dd if=disk.img of=before bs=1M count=1 status=none
	install --yes
	[ "$status" = 0 ]
	complete
	! cmp -s <(dd if=disk.img bs=1M count=1 status=none) before || false
}

@test "old bytes in the place of a run of zeros do not shine through" {
	dd if=/dev/zero bs=1M count=200 status=none | tr '\000' '\377' > disk.img
	install --yes
	[ "$status" = 0 ]
	complete
}

# loop SECTOR_BYTES: $LOOP on disk.img
loop() {
	[ "$(id -u)" = 0 ] || skip "loop devices need root"
	truncate -s 128M disk.img
	LOOP=$(losetup --show -f -b "$1" disk.img) || skip "no loop device to be had"
}

@test "a block device of 512-byte sectors" {
	need losetup sfdisk sgdisk
	loop 512
	run "$INSTALL" --target "$LOOP" --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes
	echo "$output"
	[ "$status" = 0 ]
	[[ $output != *warning* ]]
	sfdisk -V "$LOOP"
	sgdisk -v "$LOOP" | grep -q 'No problems found'
	losetup -d "$LOOP"
	LOOP=
	complete
	sfdisk -V disk.img
}

@test "a block device of 4096-byte sectors is refused where legacy BIOS would have to start it" {
	need losetup
	[ ! -d /sys/firmware/efi ] || skip "this machine has UEFI"
	loop 4096
	run "$INSTALL" --target "$LOOP" --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes
	[ "$status" = 3 ]
	[[ $output == *"4096-byte sectors, which legacy BIOS cannot start"* ]]
}

@test "a disk that is in use is refused and its user named" {
	need losetup mke2fs
	loop 512
	mke2fs -q "$LOOP"
	mkdir mnt
	mount "$LOOP" mnt || skip "cannot mount"
	run "$INSTALL" --target "$LOOP" --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes
	umount mnt
	[ "$status" = 3 ]
	[[ $output == *"is in use: ${LOOP#/dev/} is mounted on $BATS_TEST_TMPDIR/mnt"* ]]
}

@test "a file that is attached to a loop device is refused" {
	need losetup
	loop 512
	install --yes
	[ "$status" = 3 ]
	[[ $output == *"disk.img cannot be installed on: it is in use: it is attached to ${LOOP#/dev/}"* ]]
}

@test "a file somebody else has locked is refused" {
	need flock
	truncate -s 128M disk.img
	flock disk.img sleep 30 &
	sleeper=$!
	until ! flock -n disk.img true; do :; done
	install --yes
	kill $sleeper
	[ "$status" = 3 ]
	[[ $output == *"disk.img is locked by another program"* ]]
	! starts || false
}

@test "what cannot be given a size is refused" {
	install --size 256M --yes
	run "$INSTALL" --target /dev/null --source "$BATS_FILE_TMPDIR/medium" --size 16G --yes
	[ "$status" = 3 ]
	[ "$output" = "palette-install: /dev/null is no plain file: only those are given a size" ]
	run "$INSTALL" --target . --source "$BATS_FILE_TMPDIR/medium" --yes
	[ "$status" = 3 ]
	[ "$output" = "palette-install: . is neither a disk nor a plain file" ]
}

# A UEFI machine for this process and its children: firmware variables as plain files in ./efivars.
uefi() {
	[ "$(id -u)" = 0 ] || skip "making a firmware needs root"
	# In a chroot "/" is no mount whose propagation could be set; /sys is one everywhere.
	unshare -m --propagation unchanged sh -ec 'mkdir -p efivars
		mount --make-private /sys
		mount -t tmpfs tmpfs /sys/firmware
		mkdir -p /sys/firmware/efi/efivars
		mount --bind efivars /sys/firmware/efi/efivars
		exec "$@"' sh "$@"
}

GUID=8be4df61-93ca-11d2-aa0d-00e098032b8c

# variable NAME: its value in hex, without the attributes
variable() {
	xxd -p -c 1000 -s 4 "efivars/$1-$GUID"
}

@test "a block device of 4096-byte sectors on a UEFI machine" {
	need losetup sfdisk fsck.fat e2fsck
	loop 4096
	run uefi "$INSTALL" --target "$LOOP" --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes
	echo "$output"
	[ "$status" = 0 ]
	sfdisk -V "$LOOP"
	losetup -d "$LOOP"
	LOOP=
	complete
	# Sector 0 has the protective MBR, no code and, for UEFI, no boot flag.
	cmp --bytes=440 disk.img /dev/zero
	[ "$(xxd -p -s 446 -l 1 disk.img)" = 00 ]
}

@test "UEFI: our boot entry is first and next, old ones of ours go, others stay" {
	need losetup
	loop 512
	mkdir efivars
	printf '\007\000\000\000\001\000\000\000\002\000' > efivars/BootOrder-$GUID
	printf '\007\000\000\000\001\000\000\000\004\000x\000\000\000\177\377\004\000' > efivars/Boot0000-$GUID
	cp efivars/Boot0000-$GUID efivars/Boot0001-$GUID
	cp efivars/Boot0000-$GUID efivars/Boot0002-$GUID
	run uefi "$INSTALL" --target "$LOOP" --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"[9/9] Put the disk first in the firmware's boot order"* ]]
	[[ $output != *warning* ]]
	[ "$(variable BootOrder)" = 0300010000000200 ]
	[ "$(variable BootNext)" = 0300 ]
	variable Boot0003 | grep -q "$(printf 'Palette Edge' | iconv -t UTF-16LE | xxd -p -c 100)"
	first=$(variable Boot0003)
	# Again: the entry of before is ours and goes, its number is free again.
	run uefi "$INSTALL" --target "$LOOP" --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes
	[ "$status" = 0 ]
	[ "$(variable BootOrder)" = 0300010000000200 ]
	[ "$(ls efivars | grep -c '^Boot0')" = 4 ]
	[ "$(variable Boot0003)" != "$first" ]
	# The entry's disk is this one: the PARTUUID of its EFI system partition.
	uuid=$(sfdisk --part-uuid "$LOOP" 2 | tr -d - | tr A-F a-f)
	le=${uuid:6:2}${uuid:4:2}${uuid:2:2}${uuid:0:2}${uuid:10:2}${uuid:8:2}${uuid:14:2}${uuid:12:2}${uuid:16}
	variable Boot0003 | grep -q "$le"
}

@test "UEFI without variables: installed all the same, with a warning" {
	need losetup
	loop 512
	run uefi sh -c 'umount /sys/firmware/efi/efivars; rmdir /sys/firmware/efi/efivars; exec "$@"' sh \
		"$INSTALL" --target "$LOOP" --source "$BATS_FILE_TMPDIR/medium" "${SMALL[@]}" --yes
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"warning: the firmware took no boot entry ("*"): choose the disk in its boot menu"* ]]
}
