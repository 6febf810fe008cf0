"""Faults of medium and target while the installer runs, from one saved machine at its summary."""

import shutil

import esp
import flows
from conftest import new_disk

WRITING = r"\[>\] Write the OS image to both slots \([1-9]"


def slow_medium(machine, bytes_per_second=20 << 20):
    """So that there is a middle of the reading to do something in."""
    machine.qmp("block_set_io_throttle", id="dev-medium", bps=bytes_per_second, bps_rd=0, bps_wr=0,
                iops=0, iops_rd=0, iops_wr=0)


def test_a_flipped_byte_on_the_medium_is_named_and_the_disk_does_not_start(
        at_summary, work, iso):
    damaged = work / "damaged.iso"
    shutil.copy(iso, damaged)
    offset, size = esp.payload(iso, "/palette/os.img")
    esp.flip(damaged, offset + size // 2)
    machine = at_summary(damaged)
    flows.start(machine)
    text = flows.fail(machine)
    assert "palette/os.img" in text, text
    machine.screendump(work / "failed.png")
    machine.kill()
    assert esp.boot_marks(work / "disk.img") == []


def test_a_truncated_medium_is_refused_before_the_disk_is_touched(work, start, iso):
    short = work / "short.iso"
    shutil.copy(iso, short)
    with open(short, "r+b") as file:
        file.truncate(iso.stat().st_size - 2048)
    disk = new_disk(work / "disk.img")
    with open(disk, "r+b") as file:
        file.write(b"what was here before" * 1000)
    machine = start(iso=short, disks=[disk])
    machine.wait(flows.MEDIUM_MENU)
    machine.type("enter")
    machine.wait("The installation medium cannot be used")
    machine.wait("Nothing was written")
    text = flows.unwrapped(machine.settled())
    assert "/dev/sr0 is truncated: it has %d bytes, its image %d" % (
        short.stat().st_size, iso.stat().st_size) in text, text
    machine.kill()
    with open(disk, "rb") as file:
        assert file.read(20000) == b"what was here before" * 1000


def test_a_write_error_names_disk_and_byte_and_leaves_nothing_that_starts(at_summary, work):
    machine = at_summary(fail_writes_at=600 << 20)
    flows.start(machine)
    text = flows.fail(machine)
    assert "/dev/sda" in text and "Input/output error" in text, text
    machine.kill()
    assert esp.boot_marks(work / "disk.img") == []


def test_a_target_that_vanishes_is_named(at_summary, work):
    machine = at_summary()
    slow_medium(machine)
    flows.start(machine)
    machine.wait(WRITING)
    machine.qmp("device_del", id="dev-disk0")
    text = flows.fail(machine)
    assert "/dev/sda" in text, text
    machine.kill()
    assert esp.boot_marks(work / "disk.img") == []


def test_a_medium_that_comes_back_is_read_on(at_summary, iso):
    machine = at_summary()
    slow_medium(machine)
    flows.start(machine)
    machine.wait(WRITING)
    machine.qmp("blockdev-open-tray", id="dev-medium", force=True)
    machine.qmp("blockdev-remove-medium", id="dev-medium")
    machine.wait("The medium is gone: reconnect it")
    machine.qmp("blockdev-insert-medium", id="dev-medium", **{"node-name": "medium"})
    machine.qmp("blockdev-close-tray", id="dev-medium")
    flows.finish(machine)


def test_a_stopped_installation_leaves_nothing_that_starts(at_summary, work):
    machine = at_summary()
    slow_medium(machine)
    flows.start(machine)
    machine.wait(WRITING)
    machine.type("ctrl-c")
    machine.wait("Stop the installation\\?")
    machine.type("s")
    machine.wait("> stop")
    machine.type("enter")
    text = flows.fail(machine)
    assert "stopped" in text and "/dev/sda does not start" in text, text
    machine.kill()
    assert esp.boot_marks(work / "disk.img") == []
