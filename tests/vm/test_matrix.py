"""Machines of many kinds: each value of firmware, medium, disk, display and network, and the pairs that matter.

A cell is one machine: installed by the screens, then started from its disk alone. What each took is kept as
JSON; matrix_table.py makes the table of it. UEFI firmware of Debian's OVMF has no driver for some controllers: the
disk is installed there and started on another one, which also is a disk that was moved.
"""

import contextlib
import dataclasses
import json
import os
import re
import shutil
import socket
import subprocess

import pytest

import esp
import flows
from conftest import DISK_BYTES, new_disk
from machine import Disk

TIB = 1 << 40

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
NOT_BY_OVMF = ("pvscsi", "megasas", "lsi", "mptsas")
SECTOR_4096 = {"logical_block_size": 4096, "physical_block_size": 4096}


@dataclasses.dataclass(frozen=True)
class Cell:
    firmware: str  # i440fx, q35: SeaBIOS; ovmf; secure: Secure Boot enforced with Microsoft's keys
    medium: str  # as in machine.MEDIA; "stick": copied with dd to a larger one
    disk: str
    vga: str = "std"
    network: object = "virtio-net-pci"
    sectors: int = 512
    size: int = DISK_BYTES
    memory: int = 1024

    def __str__(self):
        words = [self.firmware, self.medium, self.disk]
        words += ["4kn"] if self.sectors == 4096 else []
        words += ["3tib"] if self.size > 2 * TIB else []
        words += ["vga-" + self.vga] if self.vga != "std" else []
        words += [self.network or "no-net"] if self.network != "virtio-net-pci" else []
        words += ["%dm" % self.memory] if self.memory != 1024 else []
        return "-".join(words)

    @property
    def uefi(self):
        return self.firmware in ("ovmf", "secure")

    def options(self):
        """Those of Machine that the firmware and the screen decide."""
        options = {"firmware": "uefi" if self.uefi else "bios", "vga": self.vga, "memory": self.memory,
                   "secure_boot": self.firmware == "secure", "network": self.network}
        if self.firmware == "q35":
            options["chipset"] = "q35"
        return options


CELLS = [
    Cell("secure", "cd", "nvme"),
    Cell("ovmf", "usb", "nvme", sectors=4096, network="e1000e"),
    Cell("i440fx", "cd", "ahci", size=3 * TIB),
    Cell("i440fx", "cd", "pvscsi", vga="vmware", network="vmxnet3"),
    Cell("q35", "usb-ehci", "nvme", network="e1000e"),
    Cell("q35", "cd", "megasas"),
    Cell("ovmf", "cd", "pvscsi", vga="vmware", network="vmxnet3"),
    Cell("secure", "usb", "ahci", network="e1000e"),
    Cell("i440fx", "usb", "mptsas", vga="none", network=None),
    Cell("q35", "usb-cd", "virtio-scsi"),
    Cell("ovmf", "stick", "virtio-scsi", network=None),
    Cell("i440fx", "stick", "lsi"),
    Cell("i440fx", "sata-cd", "virtio-blk", memory=256),
    Cell("secure", "usb-cd", "virtio-blk", memory=320),
    Cell("ovmf", "usb-ehci", "megasas", vga="none"),
    Cell("ovmf", "cd", "lsi", sectors=512, network="e1000e"),
    Cell("ovmf", "usb-cd", "mptsas", network=None),
    Cell("q35", "stick", "usb", network="vmxnet3"),
    Cell("ovmf", "cd", "ahci", sectors=4096),
    Cell("i440fx", "usb-ehci", "virtio-blk"),
]


@pytest.fixture
def record(artifacts):
    """record(cell, figures): keeps what the table is made of."""
    def keep(name, **figures):
        directory = artifacts / "matrix"
        directory.mkdir(exist_ok=True)
        (directory / (name + ".json")).write_text(json.dumps({"name": name, **figures}, indent=1))

    return keep


def sbat(iso, work):
    """{program: its SBAT levels} of the loaders on the medium."""
    levels = {}
    for name in ("BOOTX64.EFI", "grubx64.efi"):
        path = work / name
        path.unlink(missing_ok=True)
        esp.run("xorriso", "-osirrox", "on", "-indev", str(iso), "-extract", "/EFI/BOOT/" + name, str(path))
        path.chmod(0o644)
        text = subprocess.run(["objcopy", "-O", "binary", "--only-section=.sbat", str(path), "/dev/stdout"],
                              check=True, stdout=subprocess.PIPE).stdout.decode("ascii", "replace")
        levels[name] = [",".join(line.split(",")[:2]) for line in text.strip("\0\n").split("\n") if line]
        path.unlink()
    return levels


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


def disk_of(cell, path):
    device, options, extra = CONTROLLERS[cell.disk]
    options = {**options, **(SECTOR_4096 if cell.sectors == 4096 else {})}
    return Disk(path, device=device, **options), extra


def check_system(machine, cell):
    """The installed system has what this machine has; the figures."""
    shell = machine.shell
    flows.check_runs(machine, "a")
    adapters = shell.check("ls -d /sys/class/net/*/device 2>/dev/null | wc -l").strip()
    assert adapters == ("1" if cell.network else "0"), adapters
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


@pytest.mark.matrix
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_this_machine_is_installed_and_starts(work, start, iso, record, cell):
    path = new_disk(work / "disk.img", cell.size)
    variables = {"variables": work / "variables.fd"} if cell.uefi else {}
    disk, extra = disk_of(cell, path)
    machine = start(disks=[disk], extra=extra, **medium_of(cell, iso, work), **variables, **cell.options())
    flows.to_disks(machine)
    first_screen = machine.elapsed()
    flows.to_summary(machine, "poweroff")
    flows.start(machine)
    flows.finish(machine)
    installed = re.search(r"Installed in ([^:]*):", machine.text()).group(1)
    machine.wait_exit()

    moved = cell.uefi and cell.disk in NOT_BY_OVMF
    disk, extra = (Disk(path), []) if moved else disk_of(cell, path)
    machine = start(disks=[disk], extra=extra, shell=True, **variables, **cell.options())
    flows.disk_menu(machine)
    machine.shell.ready()
    check_system(machine, cell)
    record(str(cell), **dataclasses.asdict(cell), first_screen=round(first_screen, 1), installed=installed,
           system=round(machine.elapsed(), 1), started_on="virtio-blk" if moved else cell.disk,
           sbat=sbat(iso, work) if cell.firmware == "secure" else None)


# Firmware and media of which no cell is made: how long until the installer's screen?
FIRST_SCREENS = [Cell(firmware, medium, "virtio-blk") for firmware, medium in (
    ("i440fx", "usb-cd"), ("q35", "usb"), ("secure", "usb-ehci"), ("secure", "stick"))]


@pytest.mark.matrix
@pytest.mark.parametrize("cell", FIRST_SCREENS, ids=str)
def test_this_medium_comes_to_the_list_of_disks(work, start, iso, record, cell):
    machine = start(disks=[new_disk(work / "disk.img")], **medium_of(cell, iso, work), **cell.options())
    flows.to_disks(machine)
    record(str(cell), **dataclasses.asdict(cell), first_screen=round(machine.elapsed(), 1))


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

    machine = start(iso=iso, disks=[new_disk(work / "disk.img")], **options)
    machine.wait_vga(flows.MEDIUM_MENU)
    machine.press("ret")
    machine.wait_vga(flows.DISKS)
    first_screen = machine.elapsed()
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
    flows.check_runs(machine, "a")
    machine.until(lambda: flows.CONSOLE in machine.shell.check("cat /dev/vcs1"), "the console on the screen")
    if port == "absent":
        record("i440fx-cd-virtio-blk-no-serial", **dataclasses.asdict(Cell("i440fx", "cd", "virtio-blk")),
               serial=False, first_screen=round(first_screen, 1), system=round(machine.elapsed(), 1),
               started_on="virtio-blk")
    # The last words go to the lost port as well.
    machine.shell.send("systemctl poweroff")
    machine.wait_exit()


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


@pytest.mark.matrix
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
        machine.wait("bad shim signature", raw=True)
    else:
        machine.wait("Security [Vv]iolation|Verification failed|Access Denied|Security Policy", raw=True)
    assert "Linux version" not in machine.output()
