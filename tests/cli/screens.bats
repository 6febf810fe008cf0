#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The screens of the interactive installer on recorded machines, with an apply that installs nothing.

setup_file() {
	export MEDIUM="$BATS_FILE_TMPDIR/medium"
	"$BATS_TEST_DIRNAME/make-medium.sh" "$MEDIUM" 300
}

setup() {
	MACHINE="$BATS_TEST_TMPDIR/machine"
	cd "$BATS_TEST_TMPDIR"
	LOG=install.log # screens name it
	unset PALETTE_CONSOLE_SOCKET
}

teardown() {
	rm -f "/dev/shm/stick$$"
}

# machine FIRMWARE: makes the machine from the lines on standard input
machine() {
	"$BATS_TEST_DIRNAME/make-machine.sh" "$MACHINE" "$1"
}

# three_disks FIRMWARE: a server with a CD drive
three_disks() {
	machine "$1" <<-END
		sda ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R612003
		nvme0n1 nvme 3840 /Dell_Ent_NVMe_CM6_RI_3.84TB/Y0G0A01WTCE8 content=parts
		sdb ata 480 ATA/INTEL_SSDSC2KB480G8/PHYF012345
		sr0 cd 1 iDRAC/Virtual_CDROM/ medium=$MEDIUM
	END
}

# install [ENV=VALUE ...]: runs the script on standard input against the installer's screens
install() {
	env "$@" "$BATS_TEST_DIRNAME/screen.py" - -- "$PALETTE_BUILD/tests/palette-install-fake" \
		--sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG" \
		--seed 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
}

@test "from the first screen to the reboot, each screen as it should be" {
	three_disks secure
	install <<-END
		wait select the target disk
		screen disk
		key n
		screen disk-second
		key ENTER
		wait When the installation is complete
		screen action
		key r ENTER
		wait Installation Summary
		screen summary-uefi
		key ENTER
		wait The machine restarts
		wait in 5 s
		screen done-reboot
		exit 10
	END
	grep -q 'info: disk: /dev/nvme0n1' "$LOG"
	grep -q 'info: action: reboot' "$LOG"
	grep -q 'info: start: yes, plan [0-9a-f]*' "$LOG"
}

@test "legacy BIOS: the summary and the result warn about the boot order" {
	three_disks bios
	install <<-END
		wait select the target disk
		key s ENTER ENTER
		wait Installation Summary
		screen summary-bios
		key ENTER
		wait Installed in
		screen done-bios
	END
}

@test "a machine that is less than recommended is told so, and not refused" {
	machine uefi <<-END
		memory 2 1
		vda virtio 16 //
		sr0 cd 1 QEMU/DVD/ medium=$MEDIUM
	END
	install <<-END
		wait select the target disk
		key ENTER ENTER
		wait Less than recommended
		screen summary-small
		key ENTER
		wait Installed in
	END
}

@test "ESC goes back from everywhere before the start, and the choices are kept" {
	three_disks uefi
	install <<-END
		wait select the target disk
		key s s ENTER
		wait When the installation is complete
		key p ENTER
		wait Installation Summary
		wait /dev/sdb
		key ESC
		wait > poweroff
		key ESC
		wait > /dev/sdb
		key ENTER ENTER
		wait Installation Summary
		wait poweroff
		key ESC ESC ESC
		wait Nothing has been written to any disk.
		screen leave
		key ESC
		wait > /dev/sdb
		key ESC r ENTER
		exit 12
	END
}

@test "the disks left out are listed with their reasons" {
	machine uefi <<-END
		sda ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R612003
		sdb ata 4 ATA/SanDisk_pSSD/0042
		sdc ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R612004 ro=1
		sdd usb 0 iDRAC/Virtual_Floppy/
		sde usb 16 SanDisk/Ultra/4C530001 medium=$MEDIUM
	END
	install <<-END
		wait F2 Left out (4)
		key F2
		wait disks left out
		screen left-out
		key DOWN DOWN
		wait it has no size
		key DOWN
		wait this installation is read from it
		key ESC
		wait select the target disk
		key DOWN
		wait > /dev/sda
	END
}

@test "no disk: why for each, and the RAID controller's setup is named" {
	machine uefi <<-END
		sdb ata 4 ATA/SanDisk_pSSD/0042
		sr0 cd 1 QEMU/DVD/ medium=$MEDIUM
		raid 0x1000
	END
	install <<-END
		wait None of the disks found
		screen no-disk
		key F2
		wait disks left out
		key ESC
		wait None of the disks
		key p ENTER
		exit 11
	END
}

@test "no disk at all" {
	machine uefi </dev/null
	install <<-END
		wait No disk was found.
		screen no-disk-at-all
		key ESC
		wait Nothing has been written
	END
}

@test "a disk that appears is shown without being asked for; the selection stays" {
	three_disks uefi
	install <<-END &
		wait select the target disk
		key s s
		wait > /dev/sdb
		wait /dev/sdz
		wait > /dev/sdb
		key ENTER
		wait When the installation
	END
	local pid=$!
	sleep 0.5
	echo 'sdz usb 64 Example/Stick/1' | machine uefi
	wait $pid
}

@test "twelve disks fit on 80x24 with the detail of the selected one" {
	for disk in a b c d e f g h i j k l; do
		echo "sd$disk ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R61200$disk"
	done | machine uefi
	install <<-END
		wait select the target disk
		key END
		screen disk-twelve
	END
}

@test "a virtual disk without a serial number is told apart by where it is" {
	machine uefi <<-END
		sda scsi 64 VMware/Virtual_disk/
		sdb scsi 64 VMware/Virtual_disk/
	END
	install <<-END
		wait select the target disk
		screen disk-vmware
	END
}

@test "while it installs: steps, speed, time left" {
	three_disks uefi
	install FAKE_APPLY=hold <<-END
		wait select the target disk
		key s ENTER ENTER ENTER
		wait [>] Write the OS image
		wait left
		screen progress
	END
}

@test "a disk or a medium that does not answer is named" {
	three_disks uefi
	for trouble in stall gone; do
		install FAKE_APPLY=$trouble <<-END
			wait select the target disk
			key s ENTER ENTER ENTER
			wait [>] Write the OS image
			wait (44 %)
			screen progress-$trouble
		END
	done
}

@test "Ctrl+C asks before it stops, says what stopping leaves, and can be taken back" {
	three_disks uefi
	install FAKE_APPLY=hold <<-END
		wait select the target disk
		key s ENTER ENTER ENTER
		wait [>] Write the OS image
		key ^C
		wait Stop the installation?
		screen stop
		key ENTER
		wait [>] Write the OS image
		key ESC
		wait Stop the installation?
		key ESC
		wait [>] Write the OS image
		key ^C s ENTER
		wait Installation stopped.
		screen stopped
		key ENTER
		wait Installation Summary
	END
	grep -q 'warn: stopped by a person' "$LOG"
}

@test "a failure says what failed on what, that the disk does not start, and what can be done" {
	three_disks uefi
	install FAKE_APPLY=fail <<-END
		wait select the target disk
		key s ENTER ENTER ENTER
		wait Installation failed
		wait write /dev/sda at byte 3221225472: Input/output error
		wait /dev/sda does not start
		key l ENTER
		wait error: write /dev/sda at byte 3221225472
		key ENTER
		wait > log
		key s ENTER
		wait No USB stick is plugged in.
		key ESC
		wait > save
		key HOME ENTER
		wait Installation Summary
		key ESC ESC ESC
		wait /dev/sda was written to and does not start.
		key q ENTER
		exit 1
	END
}

# save_log TEXT [ENV=VALUE ...]: the log of a failed installation on the only stick, and what is said of it then
save_log() {
	local text=$1
	shift
	install FAKE_APPLY=fail "$@" <<-END
		wait select the target disk
		key s ENTER ENTER ENTER
		wait Installation failed
		key s ENTER
		wait Save the log to a USB stick
		key ENTER
		wait $text
		key ENTER
		wait > save
		key ESC
		wait select the target disk
		key ESC
		wait /dev/sda was written to and does not start.
		key q ENTER
		exit 1
	END
}

@test "a stick can be removed when the log is on it, and not when it was lost on the way" {
	# A disk of a recorded machine that is there: its path is /dev/shm/...
	stick=stick$$
	machine uefi <<-END
		sda ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R612003
		shm!$stick usb 8 SanDisk/Ultra/
		sr0 cd 1 iDRAC/Virtual_CDROM/ medium=$MEDIUM
	END
	export MTOOLS_SKIP_CHECK=1 MTOOLSRC=/dev/null
	mformat -C -i "/dev/shm/$stick" -f 2880
	save_log "The stick can be removed."
	mtype -i "/dev/shm/$stick" ::palette-install.log | grep -q 'error: write /dev/sda'
	save_log "/dev/shm/$stick did not keep the log" FAULT="flush $stick 0 0" LD_PRELOAD="$PALETTE_BUILD/tests/fault.so"
}

@test "a refusal before the first write says that nothing was written" {
	three_disks uefi
	install FAKE_APPLY=refuse <<-END
		wait select the target disk
		key s ENTER ENTER ENTER
		wait is no longer the disk that was chosen
		wait Nothing was written: /dev/sda is as it was.
		key p ENTER
		exit 11
	END
}

@test "the disks of a recorded machine are never written to" {
	three_disks uefi
	"$BATS_TEST_DIRNAME/screen.py" - -- "$PALETTE_BUILD/bin/palette-install" \
		--sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG" <<-END
		wait select the target disk
		key s ENTER ENTER ENTER
		wait is a recorded machine
		wait Nothing was written
	END
}

# content_medium: $MEDIUM with 400 MB of content
content_medium() {
	cp -r --sparse=always "$MEDIUM" "$BATS_TEST_TMPDIR/content"
	MEDIUM="$BATS_TEST_TMPDIR/content"
	mkdir "$MEDIUM/palette/content"
	truncate -s 400000000 "$MEDIUM/palette/content/bundle.tar.zst"
	printf 'file = %064d 400000000 bundle.tar.zst\n' 0 > "$MEDIUM/palette/content.manifest"
}

@test "content is checked first: until then nothing is written, and the screens say so" {
	content_medium
	three_disks uefi
	install FAKE_APPLY=hold <<-END
		wait select the target disk
		key ENTER ENTER ENTER
		wait [>] Check the content
		wait left
		screen progress-check
		key ESC
		wait Stop the installation?
		screen stop-check
		key s ENTER
		wait Installation stopped
		wait Nothing was written: /dev/nvme0n1 is as it was.
	END
	install FAKE_APPLY=damaged <<-END
		wait select the target disk
		key ENTER ENTER ENTER
		wait bundle.tar.zst on the medium is damaged
		wait Nothing was written: /dev/nvme0n1 is as it was.
		key ESC
		wait select the target disk
	END
}

@test "nothing: the result waits with reboot, poweroff and shell" {
	three_disks uefi
	install FAKE_APPLY=warn <<-END
		wait select the target disk
		key ENTER ENTER ENTER
		wait Installed in
		screen done-nothing
		key p ENTER
		exit 11
	END
	install <<-END
		wait select the target disk
		key ENTER ENTER ENTER
		wait Installed in
		key ESC
		exit 0
	END
}

@test "a key holds the countdown; a stick is named for removal" {
	machine uefi <<-END
		sda ata 960 ATA/SAMSUNG_MZ7LH960/S4XYNX0R612003
		sdb usb 16 SanDisk/Ultra/4C530001 medium=$MEDIUM
	END
	install <<-END
		wait select the target disk
		key ENTER p ENTER ENTER
		wait The machine is switched off
		wait Remove the installation stick now: /dev/sdb, SanDisk Ultra.
		key x
		wait > poweroff
		screen done-held
		key r ENTER
		exit 10
	END
}

@test "Ctrl+C offers the shell at the summary, too, and goes back there" {
	three_disks uefi
	install <<-END
		wait select the target disk
		key s ENTER ENTER
		wait Installation Summary
		key ^C
		wait Open a shell
		key ESC
		wait Installation Summary
		key ^C ^C
		wait Installation Summary
		key ENTER
		wait Installed in
	END
}

@test "a shell: the console's own where there is one, else in this terminal" {
	three_disks uefi
	install <<-END
		wait select the target disk
		key ^C
		wait Open a shell
		screen shell
		key ENTER
		wait A shell of the installer.
		type echo it is \$((40 + 2))
		key ENTER
		wait it is 42
		type exit
		key ENTER
		wait select the target disk
	END
	/usr/bin/python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(20)
print(s.recv(100).decode())' "$BATS_TEST_TMPDIR/console" > "$BATS_TEST_TMPDIR/asked" &
	local listener=$!
	while [ ! -S "$BATS_TEST_TMPDIR/console" ]; do sleep 0.05; done
	install PALETTE_CONSOLE_SOCKET="$BATS_TEST_TMPDIR/console" <<-END
		wait select the target disk
		key ^C ENTER
		wait select the target disk
		key ESC
		wait Nothing has been written
		gone quit
	END
	wait $listener
	[ "$(cat "$BATS_TEST_TMPDIR/asked")" = shell ]
}

@test "a medium that is damaged is said so before anything is asked" {
	three_disks uefi
	cp -r "$MEDIUM" "$BATS_TEST_TMPDIR/damaged"
	MEDIUM="$BATS_TEST_TMPDIR/damaged"
	truncate -s -4096 "$MEDIUM/palette/os.img"
	install <<-END
		wait The installation medium cannot be used
		wait os.img
		key p ENTER
		exit 11
	END
}

@test "the same flow runs from a script" {
	three_disks uefi
	printf '%s\n' 'disk = /dev/sda' 'action = poweroff' 'start = yes' > "$BATS_TEST_TMPDIR/answers"
	run "$PALETTE_BUILD/tests/palette-install-fake" --script "$BATS_TEST_TMPDIR/answers" \
		--sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG"
	[ "$status" -eq 11 ]
	[[ "$output" == *"Installed in 2 min 5 s"* ]]

	echo 'disk = /dev/sda' > "$BATS_TEST_TMPDIR/answers"
	run "$PALETTE_BUILD/tests/palette-install-fake" --script "$BATS_TEST_TMPDIR/answers" \
		--sysroot "$MACHINE" --source "$MEDIUM" --log "$LOG"
	[ "$status" -eq 1 ]
	[[ "$output" == *'no answer to the question "action"'* ]]
}
