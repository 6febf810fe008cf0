"""The machines of the matrix, as data: what test_matrix.py starts and matrix_table.py writes about."""

import dataclasses

TIB = 1 << 40
DISK_BYTES = 12 << 30
# Firmware of Debian's OVMF has no driver for these.
NOT_BY_OVMF = ("pvscsi", "megasas", "lsi", "mptsas")
# What the chipset of these firmwares does not have.
NO_IDE = ("q35", "ovmf", "secure")


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
    serial: bool = True

    def __str__(self):
        words = [self.firmware, self.drive, self.disk]
        words += ["4kn"] if self.sectors == 4096 else []
        words += ["3tib"] if self.size > 2 * TIB else []
        words += ["vga-" + self.vga] if self.vga != "std" else []
        words += [self.network or "no-net"] if self.network != "virtio-net-pci" else []
        words += ["%dm" % self.memory] if self.memory != 1024 else []
        words += [] if self.serial else ["no-serial"]
        return "-".join(words)

    @property
    def drive(self):
        """The medium with its bus: "cd" is on the chipset's own controller."""
        if self.medium != "cd":
            return self.medium
        return "sata-cd" if self.firmware in NO_IDE else "ide-cd"

    @property
    def uefi(self):
        return self.firmware in ("ovmf", "secure")

    @property
    def started_on(self):
        """The disk's controller after the installation."""
        return "virtio-blk" if self.uefi and self.disk in NOT_BY_OVMF else self.disk

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
    Cell("ovmf", "cd", "lsi", network="e1000e"),
    Cell("ovmf", "usb-cd", "mptsas", network=None),
    Cell("q35", "stick", "usb", network="vmxnet3"),
    # QEMU's SATA and IDE disks have 512-byte sectors only.
    Cell("ovmf", "cd", "virtio-scsi", sectors=4096),
    Cell("i440fx", "usb-ehci", "virtio-blk"),
]
# Installed and started by `make vm` each time: one by each kind of firmware.
SHORT = [CELLS[1], CELLS[3]]
# Driven by its keyboard alone.
NO_SERIAL = Cell("i440fx", "cd", "virtio-blk", serial=False)
# Firmware and media of which no cell is made: how long until the installer's screen?
FIRST_SCREENS = [Cell(firmware, medium, "virtio-blk") for firmware, medium in (
    ("i440fx", "usb-cd"), ("q35", "usb"), ("secure", "usb-ehci"), ("secure", "stick"))]
