"""From the medium, by each firmware, to a disk that starts alone; what a CD installed starts in test_system.py."""

import os
import re

import pytest

import flows
import made
import picture
from conftest import FIRMWARES, digest, new_disk

MIB = 1 << 20
# What the layout takes, and the memory the installer is content with.
NEEDED_MIB = 10755
LEAST_MEMORY = {"bios": 256, "uefi": 320}


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_a_stick_made_to_order_installs_a_disk_that_starts_alone(work, start, iso, firmware):
    """On a machine with the least memory, by UEFI with Secure Boot, and beside disks that must stay as they are."""
    iso, content = made.to_order(iso, work)
    target = new_disk(work / "target.img")
    others = {"/dev/vdb": new_disk(work / "tiny.img", 1 * MIB),
              "/dev/vdc": new_disk(work / "short.img", (NEEDED_MIB - 1) * MIB),
              "/dev/vdd": new_disk(work / "copy.img", 11 << 30)}
    for other in others.values():
        with open(other, "r+b") as disk, open(iso, "rb") as medium:
            disk.write(medium.read(1 * MIB))
            if os.path.getsize(other) > os.path.getsize(iso):
                # The backup partition table: UEFI firmware writes one that is missing.
                disk.seek(medium.seek(-63 * 512, os.SEEK_END))
                disk.write(medium.read())
    before = [digest(other) for other in others.values()]
    machine = start(firmware=firmware, iso=iso, medium="usb", disks=[target, *others.values()],
                    memory=LEAST_MEMORY[firmware], secure_boot=firmware == "uefi")
    flows.to_disks(machine)
    assert ("Secure Boot on" in machine.settled()) == (firmware == "uefi"), machine.text()
    offered = re.findall("/dev/[a-z]+", machine.settled())
    assert offered == ["/dev/vda", "/dev/vdd"], machine.text()
    machine.type("f2")
    machine.wait("disks left out")
    flows.mark_row(machine, "/dev/sda")
    machine.wait("/dev/sda: this installation is read from it")
    flows.mark_row(machine, "/dev/vdb")
    machine.wait("/dev/vdb: it is too small: it has 1 MiB, the system needs %d MiB" % NEEDED_MIB)
    flows.mark_row(machine, "/dev/vdc")
    machine.wait("/dev/vdc: it is too small: it has %d MiB, the system needs %d MiB" % (
        NEEDED_MIB - 1, NEEDED_MIB))
    machine.type("esc")
    flows.to_summary(machine, "poweroff", "/dev/vda")
    assert "2 files, 9.0 MB, to the data partition" in machine.settled(), machine.text()
    flows.start(machine)
    flows.finish(machine)
    machine.wait("Remove the installation stick now")
    machine.wait_exit()
    assert [digest(other) for other in others.values()] == before, "another disk was written to"

    machine = start(firmware=firmware, disks=[target], shell=True)
    flows.boot(machine)
    machine.shell.ready()
    flows.check_runs(machine, "a")
    made.check_content(machine.shell, content)


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_each_screen_is_seen_on_the_vga_screen_too(installed, firmware):
    base = installed(firmware)
    for name, text in base.screens().items():
        assert text.strip(), name
        bright = picture.bright_pixels(base.disk.parent / ("screen-%s.png" % name))
        assert bright > picture.BRIGHT_PIXELS, "the picture of %s is black" % name


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_the_summary_names_disk_layout_image_and_action(installed, firmware):
    screens = installed(firmware).screens()
    summary = flows.unwrapped(screens["summary"])
    for words in ("/dev/vda", "BASE0001", "empty", "palette-system-a", "4 GiB", "digest",
                  "poweroff", "legacy BIOS" if firmware == "bios" else "UEFI"):
        assert words in summary, (words, screens["summary"])
    assert ("put this disk first" in summary) == (firmware == "bios")
