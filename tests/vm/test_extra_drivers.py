"""A disk behind a controller whose driver is not in the initrd: QEMU has am53c974 of those."""

import esp
import flows
from conftest import new_disk
from machine import Disk

CONTROLLER = ["-device", "am53c974,id=old"]


def behind(path):
    return Disk(path, device="scsi-hd", bus="old.0")


def started_by_qemu(path, work, arguments):
    """The options that start what GRUB would: the kernel and both initrds of the disk, one behind the other."""
    (work / "vmlinuz").write_bytes(esp.read(path, "/palette/a/vmlinuz"))
    both = b""
    for name in ("/palette/a/initrd.img", "/palette/drivers.img"):
        both += esp.read(path, name)
        both += bytes(-len(both) % 4)
    (work / "both.img").write_bytes(both)
    return ["-kernel", str(work / "vmlinuz"), "-initrd", str(work / "both.img"), "-append", arguments]


def test_a_disk_that_the_initrd_does_not_reach_is_installed_and_starts(work, start, iso):
    path = new_disk(work / "disk.img")
    machine = start(iso=iso, disks=[behind(path)], extra=CONTROLLER)
    flows.to_disks(machine)
    flows.to_summary(machine, "poweroff")
    flows.start(machine)
    flows.finish(machine)
    machine.wait_exit()
    assert any(name.endswith("/drivers.img") for name in esp.listing(path, "/palette"))

    # GRUB loads it, and a kernel that does not need it takes it. SeaBIOS may wait for ever where GRUB writes to
    # this controller.
    machine = start(disks=[path], shell=True)
    flows.disk_menu(machine)
    machine.shell.ready()
    flows.check_runs(machine)
    words = machine.shell.check("cat /proc/cmdline").split()
    machine.shell.send("systemctl poweroff")
    machine.wait_exit()

    arguments = " ".join(word for word in words if not word.startswith("BOOT_IMAGE="))
    machine = start(disks=[behind(path)], shell=True, extra=[*CONTROLLER, *started_by_qemu(path, work, arguments)])
    machine.shell.ready()
    flows.check_runs(machine)
    assert "am53c974" in machine.shell.check("lsmod")
    assert machine.shell.check("findmnt -no SOURCE /data").startswith("/dev/sd")
