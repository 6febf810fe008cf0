"""Machines of many kinds: each value of firmware, medium, disk, display and network, and the pairs that matter.

A cell (cells.py) is one machine: installed by the screens, then started from its disk alone. What each took, or
why it failed, is kept as JSON; matrix_table.py makes the table of it. UEFI firmware of Debian's OVMF has no driver
for some controllers: the disk is installed there and started on another one, which also is a disk that was moved.
"""

import contextlib
import dataclasses
import json
import mmap
import os
import re
import shutil
import socket

import pytest

import cells
import esp
import flows
import picture
from conftest import new_disk
from machine import Disk
from matrix_table import of_iso

# Disk: device, its options, and the controller's.
CONTROLLERS = {
    "virtio-blk": ("virtio-blk-pci", {}, []),
    "virtio-scsi": ("scsi-hd", {}, []),
    "ahci": ("ide-hd", {"bus": "ahci.0"}, ["-device", "ich9-ahci,id=ahci"]),
    "nvme": ("nvme", {"serial": "N1"}, []),
    "usb": ("usb-storage", {}, []),
    "pvscsi": ("scsi-hd", {"bus": "pv.0"}, ["-device", "pvscsi,id=pv"]),
    "megasas": ("scsi-hd", {"bus": "raid.0"}, ["-device", "megasas,id=raid"]),
    "lsi": ("scsi-hd", {"bus": "lsi.0"}, ["-device", "lsi53c895a,id=lsi"]),
    # A SAS disk has an address: without one the driver passes over it.
    "mptsas": ("scsi-hd", {"bus": "sas.0", "wwn": 0x5000c50011111111}, ["-device", "mptsas1068,id=sas"]),
}
SECTOR_4096 = {"logical_block_size": 4096, "physical_block_size": 4096}


def each(listed):
    """The cells as parameters; those of `make vm` marked."""
    return [pytest.param(cell, marks=[pytest.mark.short] if cell in cells.SHORT else []) for cell in listed]


@pytest.fixture
def record(artifacts, iso):
    """record(cell): keeps what the table is made of, also of a cell that fails; yields its figures."""
    @contextlib.contextmanager
    def keep(cell):
        path = artifacts / "matrix" / ("%s.json" % cell)
        path.parent.mkdir(exist_ok=True)
        # Neither what an earlier run left stands for this one.
        path.unlink(missing_ok=True)
        figures = {"name": str(cell), **dataclasses.asdict(cell), **of_iso(iso), "result": "failed"}
        try:
            yield figures
            figures["result"] = "ok"
        except Exception as error:
            figures["reason"] = str(error).split("; the screen")[0].strip().split("\n")[0] or type(error).__name__
            raise
        finally:
            path.write_text(json.dumps(figures, indent=1))

    return keep


def larger_stick(iso, work):
    """The ISO as `dd` leaves it at the beginning of a stick."""
    stick = work / "stick.iso"
    shutil.copy(iso, stick)
    with open(stick, "r+b") as file:
        file.truncate(2 << 30)
    return stick


def medium_of(cell, iso, work):
    """The options of Machine for the cell's medium."""
    if cell.medium == "stick":
        return {"iso": larger_stick(iso, work), "medium": "usb"}
    return {"iso": iso, "medium": cell.medium}


def disk_of(cell, path, controller):
    device, options, extra = CONTROLLERS[controller]
    options = {**options, **(SECTOR_4096 if cell.sectors == 4096 else {})}
    return Disk(path, device=device, **options), extra


def check_display(machine, cell, work, name):
    """There is a picture where there is a screen."""
    if cell.vga == "none":
        return
    path = work / ("screen-%s.png" % name)
    machine.until(lambda: picture.bright_pixels(machine.screendump(path)) > picture.BRIGHT_PIXELS,
                  "something to see on the screen (%s)" % name, 60)


def check_network(shell, cell):
    if cell.network:
        shell.check("for i in $(seq 120); do ip -4 -o addr show scope global | grep -q ' 10[.]0[.]2[.]15/' && exit 0; "
                    "sleep 1; done; ip addr; exit 1", 240)
    adapters = shell.check("ls -d /sys/class/net/*/device 2>/dev/null | wc -l").strip()
    assert adapters == ("1" if cell.network else "0"), adapters


def check_good(shell):
    """The boot reached its goal: its slot was marked good, on an EFI system partition that can be written to."""
    shell.check("for i in $(seq 240); do palette-slot status --json | "
                "grep -q '\"tries\":{\"a\":0,.*\"pending\":false' && exit 0; sleep 1; done; palette-slot status; exit 1",
                300)
    shell.check("echo kept >/efi/palette-probe && sync && grep -qx kept /efi/palette-probe && rm /efi/palette-probe")
    assert shell.check("findmnt -n -t vfat -o FSTYPE /efi").strip() == "vfat"


def check_system(machine, cell):
    """The installed system has what this machine has."""
    shell = machine.shell
    flows.check_runs(machine, "a")
    kernel = shell.check("dmesg")
    if cell.firmware == "secure":
        assert re.search("[Ss]ecure boot enabled", kernel), "the kernel does not know Secure Boot"
        assert "[integrity]" in shell.check("cat /sys/kernel/security/lockdown || "
                                            "{ mount -t securityfs s /sys/kernel/security; "
                                            "cat /sys/kernel/security/lockdown; }")
    if cell.uefi:
        assert shell.run("test -d /sys/firmware/efi")[0] == 0
    sectors = shell.check("blockdev --getss $(findmnt -no SOURCE /data)").strip()
    assert sectors == str(cell.sectors), sectors
    # The console has its screen before the drivers: what has to be there is there at the goal.
    check_good(shell)
    assert shell.run("test -e /efi/palette/drivers.img")[0] != 0, "the initrd reaches this disk without"
    check_network(shell, cell)


@pytest.mark.matrix
@pytest.mark.parametrize("cell", each(cells.CELLS), ids=str)
def test_this_machine_is_installed_and_starts(work, start, iso, record, cell):
    path = new_disk(work / "disk.img", cell.size)
    variables = {"variables": work / "variables.fd"} if cell.uefi else {}
    with record(cell) as figures:
        disk, extra = disk_of(cell, path, cell.disk)
        machine = start(disks=[disk], extra=extra, **medium_of(cell, iso, work), **variables, **cell.options())
        flows.to_disks(machine)
        figures["first_screen"] = round(machine.elapsed(), 1)
        check_display(machine, cell, work, "disks")
        flows.to_summary(machine, "poweroff")
        flows.start(machine)
        flows.finish(machine)
        figures["installed"] = re.search(r"Installed in ([^:]*):", machine.text()).group(1)
        machine.wait_exit()

        disk, extra = disk_of(cell, path, cell.started_on)
        machine = start(disks=[disk], extra=extra, shell=True, **variables, **cell.options())
        flows.disk_menu(machine)
        machine.shell.ready()
        figures["system"] = round(machine.elapsed(), 1)
        machine.wait(flows.CONSOLE)
        check_display(machine, cell, work, "system")
        check_system(machine, cell)


@pytest.mark.matrix
@pytest.mark.parametrize("cell", cells.FIRST_SCREENS, ids=str)
def test_this_medium_comes_to_the_list_of_disks(work, start, iso, record, cell):
    with record(cell) as figures:
        machine = start(disks=[new_disk(work / "disk.img")], **medium_of(cell, iso, work), **cell.options())
        flows.to_disks(machine)
        figures["first_screen"] = round(machine.elapsed(), 1)


def silent_port(work):
    """QEMU's options of a serial port that nobody reads, and how to make it take nothing any more."""
    path = str(work / "port")
    for end in (".in", ".out"):
        if os.path.exists(path + end):
            os.unlink(path + end)
        os.mkfifo(path + end)

    def stall():
        """Fills what is between the port and its reader."""
        pipe = os.open(path + ".out", os.O_WRONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(pipe, b" ")
        os.close(pipe)

    return ["-chardev", "pipe,id=silent,path=" + path, "-serial", "chardev:silent"], stall


@pytest.mark.matrix
@pytest.mark.parametrize("port", ["absent", "stalls", "goes-away"])
def test_without_its_serial_port_the_screen_does_it_all(work, start, iso, record, port):
    """The machine's only one is not there, or is lost under the installer's screens and under the system's start."""
    options, stall = silent_port(work) if port == "stalls" else ([], lambda: None)
    options = {"serial": port == "goes-away", "extra": options}

    def lose(machine):
        stall()
        if port == "goes-away":
            machine.serial.shutdown(socket.SHUT_RDWR)

    def through(figures):
        machine = start(iso=iso, disks=[new_disk(work / "disk.img")], **options)
        machine.wait_vga(flows.MEDIUM_MENU)
        machine.press("ret")
        machine.wait_vga(flows.DISKS)
        figures["first_screen"] = round(machine.elapsed(), 1)
        lose(machine)
        machine.press_until(["ret"], lambda: flows.on_vga(machine, flows.COMPLETE), "the next screen")
        machine.press_until(["p"], lambda: flows.on_vga(machine, "> poweroff"), "the mark")
        machine.press_until(["ret"], lambda: flows.on_vga(machine, flows.SUMMARY), "the summary")
        machine.press("ret")
        machine.wait_exit(2 * flows.PATIENCE)
        machine = start(disks=[work / "disk.img"], shell=True, **options)
        machine.wait_vga(flows.DISK_MENU)
        machine.press("ret")
        machine.until(lambda: not flows.on_vga(machine, flows.DISK_MENU), "the end of the menu")
        lose(machine)
        machine.shell.ready()
        figures["system"] = round(machine.elapsed(), 1)
        flows.check_runs(machine, "a")
        machine.until(lambda: flows.CONSOLE in machine.shell.check("cat /dev/vcs1"), "the console on the screen")
        # The last words go to the lost port as well.
        machine.shell.send("systemctl poweroff")
        machine.wait_exit()

    with record(cells.NO_SERIAL) if port == "absent" else contextlib.nullcontext({}) as figures:
        through(figures)


@pytest.mark.matrix
def test_a_second_serial_port_stalls_and_the_others_go_on(work, start, iso):
    options, stall = silent_port(work)
    machine = start(iso=iso, disks=[new_disk(work / "disk.img")], extra=options)
    flows.to_disks(machine)
    stall()
    flows.to_summary(machine)
    flows.start(machine)
    flows.finish(machine)
    machine.wait_vga(flows.INSTALLED)


def refused(machine, what):
    """Shim stops a changed GRUB, and GRUB a changed kernel; nothing starts."""
    if what == "kernel":
        machine.wait("bad shim signature", raw=True)
    else:
        machine.wait("Security [Vv]iolation|Verification failed|Access Denied|Security Policy", raw=True)
    assert "Linux version" not in machine.output()


@pytest.mark.matrix
@pytest.mark.short
@pytest.mark.parametrize("what", ["kernel", "grub"])
def test_secure_boot_refuses_what_was_changed(installed, work, start, what):
    disk = esp.raw_copy(installed("uefi").disk, work / "disk.img")
    names = {"kernel": ["palette/a/vmlinuz", "palette/b/vmlinuz"],
             "grub": ["EFI/BOOT/grubx64.efi", "EFI/palette/grubx64.efi"]}[what]
    for name in names:
        content = bytearray(esp.read(disk, "/" + name))
        # In the middle of the code, which the signature covers and nobody parses.
        content[len(content) // 2] ^= 0xff
        esp.write(disk, "/" + name, bytes(content), work)
    variables = work / "variables.fd"
    variables.write_bytes(installed("uefi").variables.read_bytes())
    machine = start(firmware="uefi", secure_boot=True, disks=[disk], variables=variables)
    if what == "kernel":
        flows.disk_menu(machine)
    refused(machine, what)


def flip_everywhere(medium, name):
    """Inverts a byte in the middle of a file of the ISO, in each copy of it: GRUB is on the EFI partition, too."""
    offset, size = esp.payload(medium, name)
    with open(medium, "r+b") as file, mmap.mmap(file.fileno(), 0) as image:
        middle = image[offset + size // 2:offset + size // 2 + 512]
        found, at = [], image.find(middle)
        while at >= 0:
            found.append(at)
            at = image.find(middle, at + 1)
        for at in found:
            image[at] ^= 0xff
    return len(found)


@pytest.mark.matrix
@pytest.mark.short
@pytest.mark.parametrize("what, name", [("kernel", "/boot/vmlinuz"), ("grub", "/palette/efi/grubx64.efi")])
def test_secure_boot_refuses_a_medium_that_was_changed(work, start, iso, what, name):
    medium = esp.raw_copy(iso, work / "changed.iso")
    assert flip_everywhere(medium, name) >= {"kernel": 1, "grub": 2}[what]
    machine = start(firmware="uefi", secure_boot=True, iso=medium)
    if what == "kernel":
        machine.wait(flows.MEDIUM_MENU)
        machine.type("enter")
    refused(machine, what)
