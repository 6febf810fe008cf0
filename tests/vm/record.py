#!/usr/bin/python3
"""Records the disks of emulated machines for tests/fixtures/machines, with the kernel and initrd of an ISO.

usage: record.py ISO [NAME ...]        (in the build root; writes tests/fixtures/machines/qemu-NAME.tree)

Each machine starts the installer's initrd without a medium; record-machine.sh runs in its rescue shell.
"""

import base64
import pathlib
import re
import subprocess
import sys
import tempfile

from machine import Machine, accelerator

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDER = ROOT / "tests/cli/record-machine.sh"
FIXTURES = ROOT / "tests/fixtures/machines"


def drive(name, size="20G", **options):
    return ["-blockdev", "driver=null-co,node-name=%s,size=%s,read-zeroes=on%s" % (
        name, size.replace("G", "000000000").replace("M", "000000"),
        "".join(",%s=%s" % option for option in options.items()))]


def device(text, drive_name, **options):
    return ["-device", "%s,drive=%s" % (text, drive_name), *drive(drive_name, **options)]


# What each machine has besides the chipset's own devices.
MACHINES = {
    "ide": ("pc", device("ide-hd,bus=ide.0,unit=0,serial=IDE0001", "a") + device("ide-hd,bus=ide.1,unit=0", "b") +
            ["-drive", "if=none,id=cd,media=cdrom", "-device", "ide-cd,bus=ide.0,unit=1,drive=cd"]),
    "ahci": ("q35", device("ide-hd,bus=ide.0,serial=SATA0001,wwn=0x5000c50012345678", "a") +
             device("ide-hd,bus=ide.1,model=Samsung SSD 870 EVO 500GB,serial=S62ANJ0R123456", "b")),
    "virtio": ("q35", device("virtio-blk-pci,serial=VB0001", "a") + device("virtio-blk-pci", "b") +
               device("scsi-hd,bus=scsi.0,serial=VS0001", "c")),
    "nvme": ("q35", device("nvme,serial=NV0001", "a") +
             device("nvme,serial=NV0002,logical_block_size=4096,physical_block_size=4096", "b")),
    "nvme-multipath": ("q35", ["-device", "nvme-subsys,id=sub,nqn=two", "-device",
                               "nvme,serial=NVM001,subsys=sub", "-device", "nvme,serial=NVM001,subsys=sub",
                               "-device", "nvme-ns,drive=a,nsid=1,shared=on,eui64=0x5254000000000001",
                               *drive("a")]),
    "usb": ("q35", device("usb-storage,bus=xhci.0,serial=USB0001,removable=on", "a") +
            ["-device", "usb-ehci,id=ehci"] + device("usb-storage,bus=ehci.0,removable=on", "b", size="4G") +
            ["-device", "usb-bot,id=bot,bus=xhci.0", "-drive", "if=none,id=cd,media=cdrom",
             "-device", "scsi-cd,bus=bot.0,drive=cd"]),
    "pvscsi": ("pc", ["-device", "pvscsi,id=pv"] + device("scsi-hd,bus=pv.0,device_id=drive-scsi0", "a") +
               device("scsi-hd,bus=pv.0,serial=PV0002", "b")),
    "megasas": ("pc", ["-device", "megasas,id=raid"] + device("scsi-hd,bus=raid.0", "a")),
    "lsi": ("pc", ["-device", "lsi53c895a,id=lsi"] + device("scsi-hd,bus=lsi.0,serial=LSI0001", "a")),
    "mptsas": ("pc", ["-device", "mptsas1068,id=sas"] +
               device("scsi-hd,bus=sas.0,wwn=0x5000c50011111111", "a")),
    "sd-card": ("q35", ["-device", "sdhci-pci"] + device("sd-card", "a", size="34359738368")),
    # One disk that is there twice: two host adapters, one WWN.
    "two-paths": ("q35", ["-device", "virtio-scsi-pci,id=other"] +
                  device("scsi-hd,bus=scsi.0,serial=MP01,wwn=0x5000c500aaaaaaaa,share-rw=on", "a") +
                  device("scsi-hd,bus=other.0,serial=MP01,wwn=0x5000c500aaaaaaaa,share-rw=on", "b")),
    "scsi-4096": ("pc", device("scsi-hd,bus=scsi.0,serial=S4K,logical_block_size=4096,"
                               "physical_block_size=4096", "a")),
    "read-only": ("q35", device("scsi-hd,bus=scsi.0,serial=RO1", "a", **{"read-only": "on"})),
    "floppy": ("pc", device("floppy", "a", size="1474560") + device("virtio-blk-pci", "b", size="8G")),
}


def record(name, iso, work, accel):
    chipset, extra = MACHINES[name]
    with Machine(work, chipset=chipset, accel=accel, name=name, extra=extra + [
            "-kernel", str(work / "vmlinuz"), "-initrd", str(work / "initrd.img"), "-append",
            "quiet loglevel=3 console=ttyS0,115200n8 palette.role=install palette.medium=0123456789abcdef"
    ]) as machine:
        machine.wait("Looking for the installation medium.*Devices seen so far: (?!none).*shell")
        machine.type("s")
        machine.wait(r"[#$] *\n")
        text = base64.b64encode(RECORDER.read_bytes()).decode()
        machine.type("stty -echo cols 4000", "enter")
        for at in range(0, len(text), 500):
            machine.type("echo %s >>/tmp/r" % text[at:at + 500], "enter")
        machine.type("busybox base64 -d /tmp/r >/tmp/r.sh; echo BE''GIN; sh /tmp/r.sh; echo E''ND", "enter")
        out = machine.wait("BEGIN\r?\n(.*)END", raw=True).group(1)
    lines = [line for line in out.replace("\r", "").split("\n")
             # Without a disk: what every machine has in its initrd.
             if line and not re.search(r"/(ram|loop)\d+( |/|$)|dev/(ram|loop)", line)]
    path = FIXTURES / ("qemu-%s.tree" % name)
    path.write_text("# Recorded in QEMU (tests/vm/record.py): %s.\n%s\n" % (name, "\n".join(lines)))
    print(path, len(lines), "lines", flush=True)


def main():
    iso, *names = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        for name in ("vmlinuz", "initrd.img"):
            subprocess.run(["xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/boot/" + name,
                            str(work / name)], check=True, stderr=subprocess.DEVNULL)
        accel = accelerator(str(work / "vmlinuz"))
        for name in names or MACHINES:
            record(name, iso, work, accel)


main()
