"""The plug is pulled while the installer writes: what is left never starts half a system."""

import fcntl
import os
import random

import pytest

import blocklog
import esp
import flows
from conftest import DISK_BYTES, digest, overlay
from machine import Disk

MIB = 1 << 20
# Where firmware looks: the boot sector and primary table, and the backup table.
HEAD, TAIL = 1 * MIB, DISK_BYTES - MIB


def marks_of(entry, log):
    """The boot marks a write sets or clears: {name: set?}."""
    places = {"boot sector": (510, b"\x55\xaa"), "GPT": (512, b"EFI PART"),
              "backup GPT": (DISK_BYTES - 512, b"EFI PART")}
    found = {}
    for name, (offset, mark) in places.items():
        if entry.offset <= offset < entry.offset + entry.bytes:
            if entry.discard:
                found[name] = False
                continue
            log.seek(entry.data_at + offset - entry.offset)
            found[name] = log.read(len(mark)) == mark
    return found


def check_order(path):
    """Walks every write. Content is written only while no mark can be on the disk, and a mark only
    when all content is on it for sure; whatever a cache loses or reorders between two flushes."""
    durable = {"boot sector": True, "GPT": True, "backup GPT": True}
    epoch, content, set_in_epoch, n_content, finished = {}, False, False, 0, False
    with open(path, "rb") as log:
        for number, entry in enumerate(blocklog.entries(path)):
            where = "write %d, bytes %d to %d" % (number, entry.offset, entry.offset + entry.bytes)
            if entry.bytes:
                marks = marks_of(entry, log)
                inside = entry.offset < TAIL and entry.offset + entry.bytes > HEAD
                if inside:
                    n_content += 1
                    content = True
                    assert not any(durable.values()), "%s: content before %s were gone" % (
                        where, [name for name, there in durable.items() if there])
                    assert not set_in_epoch and not finished, where + ": content after a mark"
                if any(marks.values()) and not (marks.keys() <= {"GPT", "boot sector"} and
                                                n_content == 0):
                    assert not content, where + ": a mark before content was flushed"
                    set_in_epoch = finished = True
                epoch.update(marks)
            if entry.flush:
                durable.update(epoch)
                epoch, content, set_in_epoch = {}, False, False
    assert finished and durable["boot sector"] and durable["GPT"] and durable["backup GPT"]
    return n_content


BOOT_SECTOR, TABLE = bytes(510) + b"\x55\xaa", b"EFI PART".ljust(512, b"\0")
WIPE = [(0, bytes(MIB)), "flush", (TAIL, bytes(MIB)), "flush"]
CONTENT = [(5 * MIB, b"content!" * 64), "flush"]
TABLES = [(DISK_BYTES - 512, TABLE), (512, TABLE), "flush"]
END = [(0, BOOT_SECTOR), "flush"]


@pytest.mark.parametrize("operations, right", [
    (WIPE + CONTENT + TABLES + END, True),
    (WIPE[:1] + WIPE[2:3] + CONTENT + TABLES + END, False),
    (CONTENT + WIPE + TABLES + END, False),
    (WIPE + CONTENT[:1] + TABLES + END, False),
    (WIPE + CONTENT + TABLES + CONTENT + END, False),
    (WIPE + CONTENT + TABLES, False),
    (WIPE + CONTENT + TABLES + END[:1], False),
], ids=["right", "wipe-not-flushed", "wipe-late", "content-not-flushed", "content-late",
        "no-boot-sector", "end-not-flushed"])
def test_the_check_of_the_order_finds_each_mistake(work, operations, right):
    path = work / "log.writes"
    blocklog.write(path, operations)
    if right:
        check_order(path)
    else:
        with pytest.raises(AssertionError):
            check_order(path)


def test_at_no_write_boundary_half_a_system_could_start(installed, work, start):
    """On a disk that has a whole installation before: the hardest case."""
    disk = overlay(installed("bios").disk, work / "disk.qcow2")
    (work / "log.writes").write_bytes(b"")
    machine = start(iso=True, disks=[Disk(disk, log=work / "log.writes")])
    machine.wait(flows.MEDIUM_MENU)
    machine.type("down")
    machine.wait(r"\*Palette Edge Interactive Installer")
    machine.type("enter")
    flows.to_summary(machine)
    flows.start(machine)
    flows.finish(machine)
    machine.qmp("quit")
    machine.wait_exit()
    assert check_order(work / "log.writes") > 100


@pytest.mark.parametrize("step", range(len(flows.STEPS) - 1))
def test_killed_in_a_step_the_disk_does_not_start(at_summary, work, step):
    machine = at_summary()
    machine.type("enter")
    # The last ones take a moment: their rows may be gone before anybody looks.
    machine.wait(r"\[[>x]\] " + flows.STEPS[step] + "|Installed in")
    machine.kill()
    check_left_behind(work / "disk.img")


def check_left_behind(disk):
    """No mark at all, or a complete installation: which of them."""
    marks = esp.boot_marks(disk)
    if "boot sector" in marks:
        assert sorted(marks) == ["GPT", "backup GPT", "boot sector"], marks
        esp.check_complete(disk)
        return "complete"
    if marks:
        # The tables are written last but one: all behind them is there, the boot code is not.
        assert "backup GPT" in marks, marks
    return "does not start"


def test_a_disk_left_behind_is_passed_over_by_the_firmware(at_summary, work, start):
    machine = at_summary()
    machine.type("enter")
    machine.wait(r"\[>\] Read both slots back")
    machine.kill()
    machine = start(disks=[work / "disk.img"], network=False)
    machine.wait_vga("No bootable device")


@pytest.fixture
def writes_of_all(at_summary, artifacts, iso):
    """How many writes a whole installation does here, measured once."""
    known = artifacts / "frozen" / "writes"
    with open(artifacts / "frozen" / "writes.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = digest(iso)
        if not known.exists() or known.read_text().split()[0] != stamp:
            machine = at_summary(name="whole")
            before = machine.writes()
            machine.type("enter")
            flows.finish(machine)
            known.write_text("%s %d" % (stamp, machine.writes() - before))
            machine.kill()
    return int(known.read_text().split()[1])


@pytest.mark.torture
@pytest.mark.parametrize("number", range(int(os.environ.get("PALETTE_TORTURE", "100"))))
def test_killed_at_a_random_write_the_disk_does_not_start_or_is_complete(at_summary, writes_of_all, work, artifacts, number):
    machine = at_summary()
    # The process ends at the first look behind one of all the installation's writes, each as likely.
    cut = random.Random(number).randrange(writes_of_all)
    before = machine.writes()
    machine.type("enter")
    machine.until(lambda: machine.writes() - before >= cut or flows.INSTALLED in machine.text(), "writes")
    machine.kill()
    (artifacts / "torture").mkdir(exist_ok=True)
    (artifacts / "torture" / str(number)).write_text("killed at write %d of about %d: %s\n" % (
        cut, writes_of_all, check_left_behind(work / "disk.img")))
