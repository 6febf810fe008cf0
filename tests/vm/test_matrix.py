"""Every kind of disk the emulator has, by each firmware."""

import pytest

import flows
from conftest import FIRMWARES, new_disk
from machine import Disk

# UEFI firmware of Debian's OVMF has no driver for some: the disk is installed there and then started
# on another controller, which also is a disk that was moved to another machine.
CONTROLLERS = {
    "nvme": ("nvme", {"serial": "N1"}, []),
    "ahci": ("ide-hd", {"bus": "ahci.0"}, ["-device", "ich9-ahci,id=ahci"]),
    "usb": ("usb-storage", {}, []),
    "virtio-scsi": ("scsi-hd", {}, []),
    "pvscsi": ("scsi-hd", {"bus": "pv.0"}, ["-device", "pvscsi,id=pv"]),
    "megasas": ("scsi-hd", {"bus": "raid.0"}, ["-device", "megasas,id=raid"]),
    "lsi": ("scsi-hd", {"bus": "lsi.0"}, ["-device", "lsi53c895a,id=lsi"]),
    "mptsas": ("scsi-hd", {"bus": "sas.0"}, ["-device", "mptsas1068,id=sas"]),
}
NOT_BY_OVMF = ("pvscsi", "megasas", "lsi", "mptsas")


@pytest.mark.matrix
@pytest.mark.parametrize("controller", CONTROLLERS)
@pytest.mark.parametrize("firmware", FIRMWARES)
def test_a_disk_behind_this_controller_is_installed_and_starts(work, start, firmware, controller):
    device, options, extra = CONTROLLERS[controller]
    path = new_disk(work / "disk.img")
    machine = start(firmware=firmware, iso=True, extra=extra,
                    disks=[Disk(path, device=device, **options)])
    flows.install(machine, "poweroff")
    machine.wait_exit()
    disk = Disk(path, device=device, **options)
    if firmware == "uefi" and controller in NOT_BY_OVMF:
        disk, extra = Disk(path), []
    machine = start(firmware=firmware, disks=[disk], extra=extra, shell=True)
    flows.boot(machine)
    machine.shell.ready()
    flows.check_runs(machine, "a")


@pytest.mark.matrix
def test_a_disk_of_4096_byte_sectors_is_installed_by_uefi_and_starts(work, start):
    path = new_disk(work / "disk.img")

    def disk():
        return Disk(path, device="nvme", serial="N4", logical_block_size=4096,
                    physical_block_size=4096)

    machine = start(firmware="uefi", iso=True, disks=[disk()])
    flows.install(machine, "poweroff")
    machine.wait_exit()
    machine = start(firmware="uefi", disks=[disk()], shell=True)
    flows.boot(machine)
    machine.shell.ready()
    flows.check_runs(machine, "a")
