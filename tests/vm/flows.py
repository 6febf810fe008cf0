"""What a person does on the screens, step by step, and what the installed system has to be."""

import contextlib
import json
import re

from machine import PATIENCE, Timeout

MENU_KEYS = 20

# A screen's title with its last row: a slow machine draws line by line.
DRAWN = ".*ESC: back"
DISKS = "select the target disk" + DRAWN
COMPLETE = "When the installation is complete" + DRAWN
SUMMARY = "Installation Summary" + DRAWN
INSTALLING = "Interactive Installer - installing"
INSTALLED = "Installed in"
FAILED = "(Installation failed|could not be installed|Installation stopped)" + DRAWN
CONSOLE = "Palette TUI - Create account"
MEDIUM_MENU = r"\(live, no installation\)"
DISK_MENU = r"Palette Edge \(fallback\)"
STEPS = [
    "Destroy the old boot code", "Write the OS image", "Read both slots back",
    "Make the EFI system partition", "Make the data partition", "Write GRUB for legacy BIOS",
    "Write the partition table", "Write the boot sector", "Put the disk first",
]


def to_disks(machine, patience=PATIENCE):
    """From power-on to the list of disks; the menu's own choice is taken, five seconds early."""
    machine.wait(MEDIUM_MENU, patience)
    machine.type("enter")
    machine.wait(DISKS, patience)


def mark_row(machine, path):
    """Puts the mark on the row of @path."""
    row = "> " + re.escape(path) + r"\b"
    machine.wait(re.escape(path) + r"\b")
    while not re.search(row, machine.text()):
        before = machine.text()
        machine.type("down")
        machine.until(lambda text=before: machine.text() != text, "another row")
    # The details below the list are drawn after the mark.
    machine.wait(re.escape(path) + ".*├.*" + re.escape(path) + "|" + row)


def choose_disk(machine, path):
    mark_row(machine, path)
    machine.type("enter")
    machine.wait(COMPLETE)


def to_summary(machine, action="nothing", disk=None):
    """From the list of disks to the Installation Summary."""
    machine.wait(DISKS)
    if disk:
        choose_disk(machine, disk)
    else:
        machine.type("enter")
        machine.wait(COMPLETE)
    machine.type(action[0])
    machine.wait("> " + action)
    machine.type("enter")
    machine.wait(SUMMARY)


def start(machine):
    """ENTER on the summary."""
    machine.type("enter")
    machine.wait(INSTALLING)


def open_shell(machine):
    """A root shell of the installer on the serial port; leave_shell() ends it."""
    machine.type("ctrl-c")
    machine.wait("Open a shell on this console\\?")
    machine.type("enter")
    machine.wait(r"[#$] *\n")


def leave_shell(machine, screen):
    machine.type("exit", "enter")
    machine.wait(screen)


def install(machine, action="nothing", disk=None):
    """The whole installation, to the result screen."""
    to_disks(machine)
    to_summary(machine, action, disk)
    start(machine)
    finish(machine)


def finish(machine):
    machine.wait("%s|%s" % (INSTALLED, FAILED), 2 * PATIENCE)
    assert re.search(INSTALLED, machine.text()), machine.text()


def fail(machine):
    """Waits for the end of an installation that must fail; the failure's screen."""
    machine.wait("%s|%s" % (INSTALLED, FAILED), 2 * PATIENCE)
    assert not re.search(INSTALLED, machine.text()), machine.text()
    return unwrapped(machine.text())


def on_vga(machine, pattern):
    return re.search(pattern, machine.vga_text(), re.S)


def unwrapped(text):
    """The words of a screen in one line, without frames: a message may be broken anywhere."""
    return " ".join(re.sub("[│┌┐└┘├┤─|]", " ", text).split())


def disk_menu(machine, patience=PATIENCE):
    """Waits for the disk's GRUB and takes what it chose, without the five seconds."""
    machine.wait(DISK_MENU, patience)
    machine.type("enter")


def disk_entry(machine, title, patience=PATIENCE):
    """Waits for the disk's GRUB and starts another entry than its own choice."""
    machine.wait(r"\(recovery\)", patience, raw=True)
    mark_entry(machine, title)
    machine.type("enter")


def mark_entry(machine, title):
    """Puts GRUB's mark on an entry, a step at a time."""
    def drawn():
        # What came, not the screen: UEFI firmware draws for a wider one.
        rows = re.findall(r"([ *])((?:Palette Edge|Verify)[^|│\n\x1b]*?)  ", machine.output())
        return [name for _, name in rows], [name for star, name in rows if star == "*"]

    def marked():
        return drawn()[1][-1:]

    for _ in range(MENU_KEYS):
        machine.until(lambda: title in drawn()[0] and marked(), "the mark of the menu")
        machine.settled()
        names, before = drawn()[0], marked()
        if before == [title]:
            return
        machine.type("down" if names.index(title) > names.index(before[0]) else "up")
        # Firmware loses a key now and then: it is pressed again.
        with contextlib.suppress(Timeout):
            machine.until(lambda old=before: marked() != old, "another entry", 10)
    raise Timeout("%s cannot be marked:\n%s" % (title, machine.text()))


def boot(machine, patience=PATIENCE):
    """From power-on of an installed disk to its console."""
    disk_menu(machine, patience)
    machine.wait(CONSOLE, patience)


def slots(shell):
    return json.loads(shell.check("palette-slot status --json"))


def check_runs(machine, slot="a"):
    """The system runs from a slot of the disk, under dm-verity, on a root nobody can write to."""
    shell = machine.shell
    conf = shell.check("cat /run/palette/boot.conf")
    assert re.search("role *= *run", conf) and re.search("slot *= *" + slot, conf), conf
    assert slots(shell)["running"] == slot
    # Two targets of one device: the slot's partition, and what the system is mounted from.
    part = shell.check("tr ' ' '\\n' </proc/cmdline | sed -n 's/^palette.system=//p'")
    mounted = shell.check("findmnt -n -o SOURCE,FSTYPE,OPTIONS /").split()
    assert mounted[1] == "squashfs" and "ro" in mounted[2].split(","), mounted
    major_minor = shell.check("findmnt -n -o MAJ:MIN /").strip()
    dm = shell.check("readlink -f /sys/dev/block/" + major_minor)
    assert shell.check("cat %s/dm/name" % dm) == "palette-system"
    assert "device-mapper: verity: sha256" in shell.check("dmesg")
    lower = shell.check("ls %s/slaves" % dm)
    name = shell.check("basename $(readlink -f /dev/disk/by-partuuid/%s)" % part)
    assert lower == name, (lower, name)
    label = shell.check("sed -n 's/^PARTNAME=//p' /sys/class/block/%s/uevent" % name)
    assert label == "palette-system-" + slot
