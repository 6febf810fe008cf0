"""What happens after the installation, with the medium left where it was."""

import re
import subprocess

import pytest

import esp
import flows
import made
from conftest import FIRMWARES, new_disk
from machine import Disk

INSTALLED_ENTRY = r"Palette Edge \(installed on disk\)"


def medium_menu_choice(machine):
    """The row the medium's GRUB marks by itself."""
    machine.wait(flows.MEDIUM_MENU)
    return machine.wait(r"\*(Palette Edge[^|\n]*)").group(1).strip()


def wait_until_good(shell):
    shell.check("for i in $(seq 240); do palette-slot status --json | grep -q '\"pending\":false' "
                "&& exit 0; sleep 1; done; exit 1", 300)


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_reboot_with_the_cd_left_in_installs_exactly_once(work, start, firmware):
    machine = start(firmware=firmware, iso=True, disks=[new_disk(work / "disk.img")], shell=True)
    flows.install(machine, "reboot")
    # The installer ejects the CD; a restart pulls the tray in again, CD first in the boot order.
    machine.until(machine.ejected, "the CD out of its drive")
    machine.forget()
    if firmware == "bios":
        assert re.fullmatch(INSTALLED_ENTRY, medium_menu_choice(machine))
        machine.type("enter")
    flows.boot(machine)
    machine.shell.ready()
    flows.check_runs(machine, "a")
    assert "select the target disk" not in machine.output()

    # Once the first boot has reached its goal, the medium is an installation medium again.
    wait_until_good(machine.shell)
    if firmware == "bios":
        machine.reset()
        assert medium_menu_choice(machine) == "Palette Edge Interactive Installer"
        assert not re.search(INSTALLED_ENTRY, machine.settled())


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_the_medium_starts_an_installed_disk_until_its_first_boot_is_done(
        installed, work, start, iso, firmware):
    """Also where the firmware forgot its boot entries, by the medium's own GRUB."""
    disk = esp.raw_copy(installed(firmware).disk, work / "disk.img")
    machine = start(firmware=firmware, iso=True, disks=[disk])
    assert re.fullmatch(INSTALLED_ENTRY, medium_menu_choice(machine))
    # Nobody presses a key: the countdown does.
    machine.wait(flows.DISK_MENU)
    machine.kill()

    esp.remove_mark(disk, "pending")
    machine = start(firmware=firmware, iso=True, disks=[disk])
    assert medium_menu_choice(machine) == "Palette Edge Interactive Installer"
    machine.wait(flows.DISKS)
    machine.kill()

    # A medium with answers goes on starting it, unless they want it installed again.
    answers = ["palette.disk=size>=11GB", "palette.action=reboot"]
    machine = start(firmware=firmware, iso=made.with_arguments(iso, work, *answers), disks=[disk])
    assert re.fullmatch(INSTALLED_ENTRY, medium_menu_choice(machine))
    machine.kill()
    machine = start(firmware=firmware, iso=made.with_arguments(iso, work, *answers, "palette.reinstall=yes"),
                    disks=[disk])
    assert medium_menu_choice(machine) == "Palette Edge Interactive Installer"
    machine.wait(flows.SUMMARY)
    machine.type(" ")
    machine.wait("disk = size>=11GB")


def test_nothing_waits_with_the_result_and_its_shell(work, start):
    machine = start(iso=True, disks=[new_disk(work / "disk.img")])
    flows.install(machine, "nothing")
    for row in ("> reboot", "  poweroff", "  shell", "  log", "  save"):
        machine.wait(row)
    machine.type("s")
    machine.wait("> shell")
    machine.type("enter")
    machine.wait(r"[#$] *\n")
    machine.type("echo $((6 * 7))-$0", "enter")
    machine.wait("42-")
    # Every controller of this machine has a driver in the initrd, or in the kernel.
    machine.type("ls /run/palette/extra-modules; echo $?", "enter")
    machine.wait(r"No such file or directory\s+1\s")
    assert not machine.ejected()
    machine.type("exit", "enter")
    machine.wait(flows.INSTALLED)
    machine.type("r")
    machine.wait("> reboot")
    machine.type("enter")
    machine.until(machine.ejected, "the CD out of its drive")
    machine.forget()
    machine.wait(flows.DISK_MENU)


def seed_cd(path, user_data):
    """A CD with answers, as cloud-init's tools make it; what attaches it to a machine."""
    folder = path.with_suffix(".seed")
    folder.mkdir(exist_ok=True)
    (folder / "user-data").write_text(user_data)
    (folder / "meta-data").write_text("")
    esp.run("xorriso", "-as", "mkisofs", "-quiet", "-V", "cidata", "-J", "-r", "-o", str(path), str(folder))
    return ["-drive", "if=none,id=seed,format=raw,readonly=on,file=%s" % path, "-device", "ide-cd,drive=seed"]


def earlier_disk(path):
    """What an installation of before is known by: the names of its partitions."""
    new_disk(path, 64 << 20)
    subprocess.run(["sfdisk", "-q", str(path)], check=True, text=True,
                   input="label: gpt\nsize=8MiB, type=U, name=palette-esp\nsize=8MiB, type=L, name=palette-data\n")
    assert esp.boot_marks(path)
    return path


def test_a_cd_answers_some_questions_an_earlier_installation_is_wiped_and_a_key_holds_the_countdown(work, start):
    disk, other = new_disk(work / "disk.img"), earlier_disk(work / "other.img")
    machine = start(iso=True, disks=[disk, Disk(other, serial="EARLIER1")], extra=seed_cd(
        work / "seed.iso", "#cloud-config\nhostname: edge-cd\ninstall: {poweroff: true}\n"))
    flows.to_disks(machine)
    flows.mark_row(machine, "/dev/vda")
    machine.type("enter")
    machine.wait("earlier installations" + flows.DRAWN)
    rows = machine.text()
    assert re.search("/dev/vdb .*EARLIER1.*keep", rows), rows
    assert "palette-esp, palette-data" in rows, rows
    machine.type(" ")
    machine.wait("EARLIER1.*wipe")
    machine.type("enter")
    machine.wait(flows.SUMMARY)
    summary = flows.unwrapped(machine.settled())
    assert "Wiped too" in summary and "/dev/vdb" in summary, summary
    flows.start(machine)
    flows.finish(machine)
    machine.wait("press any key to hold")
    machine.type("x")
    machine.wait("> poweroff")
    machine.type("enter")
    machine.wait_exit()
    assert not esp.boot_marks(other), "it is still there"
    assert "edge-cd" in esp.run("debugfs", "-R", "cat /keep/settings.conf", "%s?offset=%d" % (
        disk, esp.partitions(disk)["palette-data"][0]))
