"""The ISO as a plain file on a disk of the machine, started by that disk's own GRUB as README says."""

import pathlib
import re
import shutil

import esp
import flows
from conftest import new_disk

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def readme_entry():
    """The menu entry that README tells people to add."""
    found = re.search(r'\t\tmenuentry "Palette Edge installer" \{\n.*?\n\t\t\}\n', README.read_text(), re.S)
    return found.group(0)


def test_an_iso_file_is_the_medium_and_its_disk_is_no_target(installed, work, start, iso):
    disk = esp.raw_copy(installed("bios").disk, work / "disk.img")
    esp.remove_mark(disk, "pending")
    # This disk's GRUB stands for any other: it gets the entry, and the ISO lies on its FAT partition.
    esp.run("mcopy", "-i", esp.mtools_image(disk), str(iso), "::/palette-edge.iso")
    esp.write(disk, "/boot/grub/grub.cfg", (
        "if serial --unit=0 --speed=115200; then terminal_output console serial; fi\nset timeout=0\n"
        + readme_entry()).encode(), work)
    machine = start(disks=[disk, new_disk(work / "target.img")])
    flows.to_disks(machine)
    assert re.findall("/dev/[a-z]+", machine.text()) == ["/dev/vdb"], machine.text()
    machine.type("f2")
    machine.wait("disks left out")
    flows.mark_row(machine, "/dev/vda")
    machine.wait("/dev/vda: this installation is read from it")
    assert "through loop0, a file on partition vda2" in flows.unwrapped(machine.text()), machine.text()


def test_an_iso_file_on_ext4_is_the_medium_with_secure_boot_and_verifies_itself(installed, work, start, iso):
    disk = esp.raw_copy(installed("uefi").disk, work / "disk.img")
    esp.remove_mark(disk, "pending")
    esp.write(disk, "/boot/grub/grub.cfg", ("set timeout=0\n" + readme_entry()).encode(), work)
    folder = work / "folder"
    folder.mkdir(exist_ok=True)
    shutil.copy(iso, folder / "palette-edge.iso")
    other = new_disk(work / "other.img", 1 << 30)
    esp.run("mke2fs", "-q", "-t", "ext4", "-d", str(folder), str(other))
    shutil.rmtree(folder)
    variables = work / "variables.fd"
    variables.write_bytes(installed("uefi").variables.read_bytes())
    machine = start(firmware="uefi", secure_boot=True, variables=variables,
                    disks=[disk, other, new_disk(work / "target.img")])
    machine.wait(flows.MEDIUM_MENU)
    flows.mark_entry(machine, "Verify this medium")
    machine.type("enter")
    machine.wait("switch the machine off", patience=2 * flows.PATIENCE)
    assert "Every byte of the ISO is as it was made." in flows.unwrapped(machine.text()), machine.text()
    machine.type("enter")
    machine.wait(flows.DISKS)
    # The first disk has an installation and may be installed on again.
    assert re.findall("/dev/vd[a-z]+", machine.settled()) == ["/dev/vda", "/dev/vdc"], machine.text()
    machine.type("f2")
    machine.wait("disks left out")
    flows.mark_row(machine, "/dev/vdb")
    machine.wait("/dev/vdb: this installation is read from it")
