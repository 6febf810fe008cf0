"""The same screens on every console, and a shell beside them."""

import re

import flows
from conftest import new_disk

# Both consoles draw frames, each with what it has.
FRAMES = str.maketrans("┌┐└┘├┤─│═║╔╗╚╝╠╣", "++++++-|-|++++++")


def lines(text):
    return [line.translate(FRAMES).rstrip() for line in text.split("\n")[:24]]


def press_text(machine, text):
    """Types on the emulated keyboard."""
    names = {" ": "spc", "\n": "ret", "-": "minus"}
    for number, letter in enumerate(text):
        machine.press(names.get(letter, letter))
        # A key is held for 100 ms: the next one comes when this one is seen.
        shown = text[:number + 1].rstrip()
        machine.wait_vga(re.escape(shown))


def test_screen_and_serial_port_show_and_drive_the_same(work, start):
    machine = start(disks=[new_disk(work / "a.img"), new_disk(work / "b.img")], iso=True)
    flows.to_disks(machine)
    machine.wait("> /dev/vda")
    machine.until(lambda: lines(machine.vga_text()) == lines(machine.text()),
                  "the serial screen on the VGA screen:\n" + machine.vga_text())
    # A key of the one moves the mark on the other.
    machine.press_until(["down"], lambda: "> /dev/vdb" in machine.text(), "the mark on vdb")
    machine.wait_vga("> /dev/vdb")
    machine.type("up")
    machine.wait_vga("> /dev/vda")


def test_ctrl_alt_f2_has_a_shell_and_the_serial_port_keeps_the_screen(work, start):
    machine = start(disks=[new_disk(work / "disk.img")], iso=True)
    flows.to_disks(machine)
    before = machine.settled()
    machine.press_until(["ctrl", "alt", "f2"],
                        lambda: "Press ENTER for a shell" in machine.vga_text(), "the other screen")
    machine.press("ret")
    machine.wait_vga("[#$] *\n")
    press_text(machine, "echo on-tty2\n")
    machine.wait_vga("\non-tty2")
    assert machine.text() == before
    machine.press("alt", "f1")
    machine.wait_vga(flows.DISKS)


def test_ctrl_c_on_the_serial_port_asks_and_opens_a_shell_there(work, start):
    machine = start(disks=[new_disk(work / "disk.img")], iso=True)
    flows.to_disks(machine)
    flows.open_shell(machine)
    machine.type("echo $((6 * 7)) here", "enter")
    machine.wait("42 here")
    assert "42 here" not in machine.vga_text()
    flows.leave_shell(machine, flows.DISKS)


def test_a_disk_that_is_plugged_in_appears(work, start):
    machine = start(iso=True)
    new_disk(work / "late.img")
    machine.wait(flows.MEDIUM_MENU)
    machine.type("enter")
    machine.wait("No disk was found|None of the disks found")
    for row in ("rescan", "shell", "poweroff"):
        machine.wait(row)
    machine.qmp("blockdev-add", **{"driver": "raw", "node-name": "late", "file": {
        "driver": "file", "filename": str(work / "late.img")}})
    machine.qmp("device_add", driver="scsi-hd", id="dev-late", drive="late", bus="scsi.0",
                serial="LATE0001")
    machine.wait("LATE0001")
    machine.wait("> /dev/sda")


def test_the_live_entry_runs_from_the_medium_and_touches_no_disk(work, start):
    disk = new_disk(work / "disk.img")
    machine = start(iso=True, disks=[disk], shell=True)
    machine.wait(flows.MEDIUM_MENU)
    machine.type("down")
    machine.wait(r"\*Palette Edge \(live")
    machine.type("enter")
    machine.wait(flows.CONSOLE)
    machine.shell.ready()
    assert "role = live" in machine.shell.check("cat /run/palette/boot.conf")
    machine.shell.check("touch /etc/probe /var/probe /home/probe")
    assert machine.shell.run("touch /usr/bin/probe")[0] != 0
    machine.kill()
    assert disk.stat().st_blocks == 0
