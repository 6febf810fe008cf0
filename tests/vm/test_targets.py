"""Disks that are not new, and more than one of them."""

import re
import subprocess

import esp
import flows
from conftest import overlay
from machine import Disk

OURS = "Palette Edge"


def boot_entries(shell):
    """(order, {number: name}) of the firmware's boot entries."""
    def words(name):
        text = shell.check(
            "od -An -v -tx1 /sys/firmware/efi/efivars/%s-8be4df61-93ca-11d2-aa0d-00e098032b8c" % name)
        return bytes.fromhex("".join(text.split()))[4:]

    order = words("BootOrder")
    numbers = [int.from_bytes(order[at:at + 2], "little") for at in range(0, len(order), 2)]
    names = {}
    for name in shell.check("ls /sys/firmware/efi/efivars").split():
        found = re.fullmatch("Boot([0-9A-F]{4})-.*", name)
        if found:
            text = words("Boot" + found.group(1))[6:]
            end = next(at for at in range(0, len(text), 2) if text[at:at + 2] == b"\0\0")
            names[int(found.group(1), 16)] = text[:end].decode("utf-16-le")
    return numbers, names


def test_an_installation_over_one_of_ours_leaves_one_boot_entry_and_no_old_identity(
        installed, work, start):
    base = installed("uefi")
    disk = esp.raw_copy(base.disk, work / "disk.img")
    # Its first boot is over: the medium would start it otherwise.
    esp.remove_pending(disk)
    variables = work / "variables.fd"
    variables.write_bytes(base.variables.read_bytes())
    old = subprocess.run(["sfdisk", "--json", str(disk)], stdout=subprocess.PIPE, check=True).stdout

    machine = start(firmware="uefi", secure_boot=True, iso=True, disks=[disk], variables=variables)
    # The installer named the disk in BootNext, which holds for one start, before the CD.
    machine.wait(flows.DISK_MENU)
    machine.reset()
    flows.to_disks(machine)
    assert "GPT, 5 partitions" in flows.unwrapped(machine.settled()), machine.text()
    flows.to_summary(machine, "poweroff")
    flows.start(machine)
    flows.finish(machine)
    machine.wait_exit()

    new = subprocess.run(["sfdisk", "--json", str(disk)], stdout=subprocess.PIPE, check=True).stdout
    identifiers = re.compile(rb"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}")
    types = 4
    assert len(set(identifiers.findall(old)) & set(identifiers.findall(new))) == types

    machine = start(firmware="uefi", secure_boot=True, disks=[disk], variables=variables, shell=True)
    flows.boot(machine)
    machine.shell.ready()
    flows.check_runs(machine, "a")
    order, names = boot_entries(machine.shell)
    ours = [number for number, name in names.items() if name.startswith(OURS)]
    assert len(ours) == 1 and order[0] == ours[0], (order, names)
    others = [name for name in names.values() if not name.startswith(OURS)]
    assert others, names


def test_of_two_installed_disks_the_one_that_was_started_runs(installed, work, start):
    first = Disk(overlay(installed("bios").disk, work / "first.qcow2"))
    second = Disk(overlay(installed("uefi").disk, work / "second.qcow2"), device="scsi-hd")
    wanted = esp.partitions(installed("uefi").disk)
    part = esp.run("sfdisk", "--part-uuid", str(installed("uefi").disk), "3").strip().lower()
    assert "palette-system-a" in wanted
    # The firmware starts the disk that is first for it; the kernel may find the other one first.
    machine = start(disks=[second, first], shell=True)
    flows.boot(machine)
    machine.shell.ready()
    assert "palette.system=" + part in machine.shell.check("cat /proc/cmdline")
    flows.check_runs(machine, "a")
