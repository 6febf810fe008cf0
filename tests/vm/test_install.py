"""From the medium, by each firmware, to a disk that starts alone."""

import re

import pytest

import flows
from conftest import FIRMWARES, digest, new_disk, overlay
from machine import Disk
from PIL import Image


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_a_cd_installs_a_disk_that_starts_alone(installed, work, start, firmware):
    disk = overlay(installed(firmware).disk, work / "disk.qcow2")
    machine = start(firmware=firmware, disks=[disk], shell=True)
    flows.boot(machine)
    machine.shell.ready()
    flows.check_runs(machine, "a")


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_a_stick_installs_a_disk_that_starts_alone(work, start, firmware):
    disk, other = new_disk(work / "disk.img"), new_disk(work / "other.img", 11 << 30)
    with open(other, "r+b") as content:
        content.write(b"not a table\n" * 4096)
    before = digest(other)
    machine = start(firmware=firmware, iso=True, medium="usb", disks=[disk, other])
    flows.to_disks(machine)
    assert "QEMU USB" not in machine.text() and "/dev/sd" not in machine.text(), \
        "the boot medium was offered:\n" + machine.text()
    machine.type("f2")
    machine.wait("disks left out")
    assert re.search("/dev/sd[a-z].*USB", machine.text()), machine.text()
    machine.type("esc")
    flows.to_summary(machine, "poweroff", "/dev/vda")
    flows.start(machine)
    flows.finish(machine)
    assert "Remove the installation stick now" in machine.text()
    machine.wait_exit()
    assert digest(other) == before, "a disk that was not chosen was written to"

    machine = start(firmware=firmware, disks=[disk], shell=True)
    flows.boot(machine)
    machine.shell.ready()
    flows.check_runs(machine, "a")


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_each_screen_is_seen_on_the_vga_screen_too(installed, firmware):
    base = installed(firmware)
    for name, text in base.screens().items():
        assert text.strip(), name
        with Image.open(base.disk.parent / ("screen-%s.png" % name)) as picture:
            bright = sum(picture.convert("L").histogram()[64:])
            assert bright > 2000, "the picture of %s is black" % name


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_the_summary_names_disk_layout_image_and_action(installed, firmware):
    screens = installed(firmware).screens()
    summary = flows.unwrapped(screens["summary"])
    for words in ("/dev/vda", "BASE0001", "empty", "palette-system-a", "4 GiB", "digest",
                  "poweroff", "legacy BIOS" if firmware == "bios" else "UEFI"):
        assert words in summary, (words, screens["summary"])
    assert ("put this disk first" in summary) == (firmware == "bios")
