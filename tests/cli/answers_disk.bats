#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The disk that the answers name, the data on it, and the disks with an earlier installation.

load answers

# with_earlier: a machine of its own whose disk sdb has the partitions on standard input, as sfdisk takes them
with_earlier() {
	cp -r --sparse=always "$MACHINE" machine
	MACHINE=$BATS_TEST_TMPDIR/machine
	find machine/sys -type l | while read -r link; do
		ln -sfn "$(readlink "$link" | sed "s|$BATS_FILE_TMPDIR/machine|$MACHINE|")" "$link"
	done
	sfdisk -q machine/heads/sdb.img
}

# with_ours: as an installation of ours has them
with_ours() {
	with_earlier <<-END
		label: gpt
		size=64MiB, type=U, name=palette-esp
		size=64MiB, type=L, name=palette-data
	END
}

@test "the disk is one disk or none" {
	answers 'unattended = yes' 'disk = transport=sata' 'action = reboot'
	unattended
	refused 'disk = transport=sata: 2 disks match, one must: /dev/sda (960 GB, SATA, serial S4XYNX0R612003); /dev/sdb'
	answers 'unattended = yes' 'disk = serial=nobody' 'action = reboot'
	unattended
	refused 'disk = serial=nobody: no such disk can be installed on; there are: /dev/nvme0n1'
	answers 'unattended = yes' 'disk = transport=sata, smallest' 'action = reboot'
	unattended
	[ "$status" -eq 10 ]
	grep -q 'disk: /dev/sdb, as answered' "$LOG"
}

@test "the disk by its place, as udev writes it" {
	for row in pci-0000:00:1f.2-ata-1:sda pci-0000:00:1f.2-ata-3.0:sdb pci-0000:01:00.0-nvme-1:nvme0n1; do
		answers 'unattended = yes' "disk = /dev/disk/by-path/${row%:*}" 'action = reboot' 'overwrite = yes'
		unattended
		[ "$status" -eq 10 ]
		grep -q "disk: /dev/${row##*:}, as answered" "$LOG"
	done
	answers 'unattended = yes' 'disk = /dev/disk/by-path/pci-0000:00:1f.2-ata-2' 'action = reboot'
	LOG=other.log
	unattended
	refused 'no such disk can be installed on'
}

@test "a disk that holds data needs overwrite = yes" {
	answers 'unattended = yes' 'disk = transport=nvme' 'action = reboot'
	unattended
	refused '/dev/nvme0n1 holds data (GPT, 2 partitions'
	echo 'overwrite = yes' >> answers
	unattended
	[ "$status" -eq 10 ]
}

@test "what this very medium has installed needs reinstall = yes" {
	with_ours
	mkfs.fat --offset 2048 -F 32 machine/heads/sdb.img 65536 > /dev/null 2>&1
	printf 'version = 1\nmedium-id = 0123456789abcdef\n' > install.conf
	mmd -i machine/heads/sdb.img@@1M ::palette
	mcopy -i machine/heads/sdb.img@@1M install.conf ::palette/install.conf
	answers 'unattended = yes' 'disk = /dev/sdb' 'action = reboot' 'overwrite = yes'
	unattended
	refused '/dev/sdb holds an installation made from this very medium: it is installed again only with "reinstall = yes"'
	echo 'reinstall = yes' >> answers
	unattended
	[ "$status" -eq 10 ]
}

@test "other disks with an earlier installation are listed, and wiped only where one says so" {
	with_ours
	"$BATS_TEST_DIRNAME/screen.py" - -- "$FAKE" --sysroot "$MACHINE" --source "$MEDIUM" \
		--log "$LOG" --seed $SEED <<-END
		wait select the target disk
		key ENTER
		wait When the installation is complete
		key p ENTER
		wait earlier installations
		wait /dev/sdb
		screen leftovers
		key SPACE ENTER
		wait Installation Summary
		wait Wiped too
		key ESC
		wait earlier installations
		key SPACE ENTER
		wait Installation Summary
		gone Wiped too
	END
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot'
	unattended
	refused 'no answer to the question "leftovers": /dev/sdb holds an earlier installation (palette-esp, palette-data); say keep or wipe'
	echo 'leftovers = keep' >> answers
	unattended
	[ "$status" -eq 10 ]
	[[ "$output" != *"Wiped too"* ]]
}

@test "another path to the disk that is installed on is no other disk: it is not wiped" {
	"$BATS_TEST_DIRNAME/make-machine.sh" two uefi <<-END
		sda scsi 100 IBM/2145/6005 wwn=naa.6005076300000001
		sdb scsi 100 IBM/2145/6005 wwn=naa.6005076300000001
		sdc ata 480 ATA/INTEL_SSDSC2KB480G8/PHYF012345
		sr0 cd 1 iDRAC/Virtual_CDROM/ medium=$BATS_FILE_TMPDIR/medium
	END
	MACHINE=two
	for disk in sda sdb sdc; do
		printf 'label: gpt\nsize=64MiB, type=U, name=palette-esp\n' | sfdisk -q two/heads/$disk.img
	done
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot' 'overwrite = yes' 'leftovers = keep'
	unattended
	[ "$status" -eq 10 ]
	grep -q 'leftovers on /dev/sdc' "$LOG"
	! grep -q 'leftovers on /dev/sd[ab]' "$LOG" || false
}

@test "the medium with the answers is no target and has no leftovers" {
	mkdir seed
	"$BATS_TEST_DIRNAME/make-machine.sh" stick uefi <<-END
		sda usb 100 Kingston/DataTraveler/001 medium=$PWD/seed
		sr0 cd 1 iDRAC/Virtual_CDROM/ medium=$BATS_FILE_TMPDIR/medium
	END
	MACHINE=stick
	: > answers
	for row in '/dev/sda|/dev/sda: /dev/sda cannot be installed on: the answers are read from it' \
		'transport=usb|transport=usb: no such disk can be installed on'; do
		printf 'unattended = yes\ndisk = %s\naction = reboot\noverwrite = yes\n' "${row%%|*}" > seed/answers.conf
		unattended --seed-medium "PALETTE_SEED:$PWD/seed"
		refused "disk = ${row#*|}"
	done
}

@test "partitions of the product before us are known by the labels of their file systems" {
	with_earlier <<-END
		label: gpt
		size=64MiB, type=L
	END
	mke2fs -q -F -t ext4 -L COS_PERSISTENT -E offset=$((1024 * 1024)) machine/heads/sdb.img 64M
	answers 'unattended = yes' 'disk = /dev/sda' 'action = reboot'
	unattended
	refused '/dev/sdb holds an earlier installation (COS_PERSISTENT)'
}
