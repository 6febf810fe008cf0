"""Disks that are not new, and more than one of them."""

import re
import struct
import subprocess
import uuid

import esp
import flows
from conftest import overlay
from machine import Disk

OURS = "Palette Edge"
FOREIGN = "Other System"
GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"


def foreign_entry():
    """An EFI_LOAD_OPTION as another system leaves it: a file on a partition that is not here today."""
    disk = struct.pack("<BBHIQQ16sBB", 4, 1, 42, 1, 2048, 1 << 20, uuid.uuid4().bytes, 2, 2)
    name = "\\EFI\\other\\grubx64.efi\0".encode("utf-16-le")
    path = disk + struct.pack("<BBH", 4, 4, 4 + len(name)) + name + b"\x7f\xff\x04\x00"
    return struct.pack("<IH", 1, len(path)) + (FOREIGN + "\0").encode("utf-16-le") + path


def add_foreign_entry(machine):
    """Into the firmware's variables, first of the order, by the shell of the installer."""
    def escaped(data):
        return "".join("\\%03o" % byte for byte in data)

    attributes = b"\7\0\0\0"
    for line in ("cd /sys/firmware/efi/efivars",
                 "printf '%s' >Boot0077-%s" % (escaped(attributes + foreign_entry()), GLOBAL),
                 "{ printf '%s'; tail -c +5 BootOrder-%s; } >/tmp/order" % (escaped(attributes + b"\x77\0"), GLOBAL),
                 "cat /tmp/order >BootOrder-%s; cd /; echo written $?" % GLOBAL):
        machine.type(line, "enter")
    machine.wait("written 0")


def check_lockdown(machine):
    """What the installer's kernel says, in a shell of the installer."""
    machine.type("mount -t securityfs s /sys/kernel/security; echo $(cat /sys/kernel/security/lockdown) "
                 "$(dmesg | grep -ci 'secure boot enabled') times", "enter")
    machine.wait(r"none \[integrity\] confidentiality [1-9] times")


def stored_variables(path):
    """{name: value} of the firmware's variables as they lie in its flash (EDK II, authenticated variables)."""
    flash = path.read_bytes()
    at = struct.unpack_from("<H", flash, 48)[0]
    end = at + struct.unpack_from("<I", flash, at + 16)[0]
    at += 28
    found = {}
    while at + 60 <= end and flash[at:at + 2] == b"\xaa\x55":
        state = flash[at + 2]
        name_size, size = struct.unpack_from("<II", flash, at + 36)
        name = flash[at + 60:at + 60 + name_size].decode("utf-16-le").rstrip("\0")
        if state == 0x3f:  # neither deleted nor about to be
            found[name] = flash[at + 60 + name_size:at + 60 + name_size + size]
        at = (at + 60 + name_size + size + 3) & ~3
    return found


def boot_entries(variables):
    """(order, {number: name}) of the firmware's boot entries."""
    order = variables["BootOrder"]
    names = {}
    for name, value in variables.items():
        found = re.fullmatch("Boot([0-9A-F]{4})", name)
        if found:
            text = value[6:]
            end = next(at for at in range(0, len(text), 2) if text[at:at + 2] == b"\0\0")
            names[int(found.group(1), 16)] = text[:end].decode("utf-16-le")
    return [order[at] | order[at + 1] << 8 for at in range(0, len(order), 2)], names


def test_an_installation_over_one_of_ours_leaves_one_entry_of_ours_and_all_others(
        installed, work, start):
    base = installed("uefi")
    disk = esp.raw_copy(base.disk, work / "disk.img")
    # Its first boot is over: the medium would start it otherwise.
    esp.remove_mark(disk, "pending")
    variables = work / "variables.fd"
    variables.write_bytes(base.variables.read_bytes())
    old = subprocess.run(["sfdisk", "--json", str(disk)], stdout=subprocess.PIPE, check=True).stdout

    machine = start(firmware="uefi", secure_boot=True, iso=True, disks=[disk], variables=variables)
    # The installer named the disk in BootNext, which holds for one start, before the CD.
    machine.wait(flows.DISK_MENU)
    machine.reset()
    flows.to_disks(machine)
    assert "GPT, 5 partitions" in flows.unwrapped(machine.settled()), machine.text()
    flows.open_shell(machine)
    check_lockdown(machine)
    add_foreign_entry(machine)
    flows.leave_shell(machine, flows.DISKS)
    flows.to_summary(machine, "poweroff")
    flows.start(machine)
    flows.finish(machine)
    machine.wait_exit()

    # Looked at before the next start, at which this firmware drops what it cannot find.
    order, names = boot_entries(stored_variables(variables))
    ours = [number for number, name in names.items() if name.startswith(OURS)]
    assert len(ours) == 1 and order[:2] == [ours[0], 0x77], (order, names)
    assert names[0x77] == FOREIGN and len(names) > 2, names

    new = subprocess.run(["sfdisk", "--json", str(disk)], stdout=subprocess.PIPE, check=True).stdout
    identifiers = re.compile(rb"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}")
    types = 4
    assert len(set(identifiers.findall(old)) & set(identifiers.findall(new))) == types

    machine = start(firmware="uefi", secure_boot=True, disks=[disk], variables=variables, shell=True)
    flows.boot(machine)
    machine.shell.ready()
    flows.check_runs(machine, "a")


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
