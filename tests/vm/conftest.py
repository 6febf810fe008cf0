"""What the machine tests share: the ISO, the accelerator, and one installed disk per firmware."""

import fcntl
import hashlib
import json
import os
import pathlib
import subprocess

import pytest

import flows
from cells import DISK_BYTES
from machine import Disk, Machine, accelerator

FIRMWARES = ["bios", "uefi"]


@pytest.fixture(scope="session", autouse=True)
def turn():
    """`make check` has other tests on one processor: only the first machine runs beside them."""
    turn_file = os.environ.get("PALETTE_TURN")
    if turn_file and os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        with open(turn_file, encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)


@pytest.fixture(scope="session")
def iso():
    path = pathlib.Path(os.environ.get("PALETTE_ISO", "build/palette-edge.iso")).resolve()
    assert path.is_file(), "%s is missing: run 'sudo make deps iso' first" % path
    return path


@pytest.fixture(scope="session")
def artifacts():
    """Logs and pictures of the run, kept after it."""
    path = pathlib.Path(os.environ.get("PALETTE_ARTIFACTS", "build/vm")).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="session")
def accel():
    return accelerator(os.environ.get("PALETTE_VMLINUZ", "build/vmlinuz"))


@pytest.fixture
def work(artifacts, request):
    """A directory of the test's own; its disks are removed afterwards, its logs stay."""
    path = artifacts / request.node.name.replace("/", "_")
    path.mkdir(parents=True, exist_ok=True)
    yield path
    for pattern in ("*.img", "*.qcow2", "*.iso", "*.state", "*.writes", "*.fd"):
        for big in path.glob(pattern):
            big.unlink()


@pytest.fixture
def start(work, accel, iso):
    """Starts machines that end with the test."""
    machines = []

    def start_machine(**options):
        options.setdefault("name", "vm%d" % len(machines))
        if options.get("iso") is True:
            options["iso"] = iso
        machines.append(Machine(work, accel=accel, **options))
        return machines[-1]

    yield start_machine
    for machine in machines:
        machine.kill()


def new_disk(path, size=DISK_BYTES):
    """A sparse raw disk."""
    with open(path, "wb") as disk:
        disk.truncate(size)
    return path


def overlay(base, path):
    """A disk that starts as @base and keeps its own changes."""
    path.unlink(missing_ok=True)
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b",
                    str(base.resolve()), str(path)], check=True)
    return path


def digest(path):
    """SHA-256 of a file's data and of where it lies; the holes of a disk of gigabytes are not read."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        end = 0
        while end < os.path.getsize(path):
            try:
                start = os.lseek(file.fileno(), end, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            digest.update(b"%d-%d" % (start, end))
            file.seek(start)
            while file.tell() < end:
                digest.update(file.read(min(end - file.tell(), 1 << 20)))
    return digest.hexdigest()


class Base:
    """A disk that was installed once: its image, the firmware's variables, the screens seen."""

    def __init__(self, work):
        self.disk = work / "disk.base"
        self.variables = work / "variables.base"
        self.record = work / "screens.json"

    def screens(self):
        return json.loads(self.record.read_text())


def install_base(base, machine, work):
    """Goes through all screens, keeping a picture and the text of each."""
    screens = {}

    def keep(name, still=True):
        screens[name] = machine.settled() if still else machine.text()
        machine.screendump(work / ("screen-%s.png" % name))

    # GRUB draws one console after the other; it counts when both are drawn.
    machine.wait("executed automatically")
    keep("menu")
    flows.to_disks(machine)
    keep("disks")
    machine.type("enter")
    machine.wait(flows.COMPLETE)
    keep("action")
    machine.type("p")
    machine.wait("> poweroff")
    machine.type("enter")
    machine.wait(flows.SUMMARY)
    keep("summary")
    machine.type("enter")
    machine.wait("MB/s")
    keep("progress", still=False)
    flows.finish(machine)
    keep("result")
    machine.wait_exit()
    base.record.write_text(json.dumps(screens))


@pytest.fixture(scope="session")
def installed(artifacts, accel, iso):
    """installed(firmware): what a CD installed, once for all tests and for all their processes.

    A base of the same ISO is taken again, so that one test can be repeated quickly.
    """
    stamp = digest(iso)

    def base(firmware):
        work = artifacts / ("base-" + firmware)
        work.mkdir(parents=True, exist_ok=True)
        with open(work / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made = Base(work)
            done = work / "iso.sha256"
            if not done.exists() or done.read_text() != stamp:
                done.unlink(missing_ok=True)
                made.variables.unlink(missing_ok=True)
                disk = Disk(new_disk(made.disk), serial="BASE0001")
                # UEFI with Secure Boot; without it is what the sticks are installed from.
                with Machine(work, firmware=firmware, iso=iso, disks=[disk], accel=accel,
                             secure_boot=firmware == "uefi", name="install",
                             variables=made.variables) as machine:
                    install_base(made, machine, work)
                done.write_text(stamp)
        return made

    return base


def _frozen_options(iso, disk):
    """Saved and continued machines have the same devices; what is behind them may differ."""
    return {"iso": iso, "memory": 512,
            "disks": [Disk(disk, device="scsi-hd", serial="FROZEN01") if not isinstance(disk, Disk)
                      else disk]}


@pytest.fixture(scope="session")
def summary_state(artifacts, accel, iso):
    """A machine that stands at the Installation Summary of an empty disk, saved to a file."""
    work = artifacts / "frozen"
    work.mkdir(parents=True, exist_ok=True)
    state, stamp, done = work / "summary.frozen", digest(iso), work / "iso.sha256"
    with open(work / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != stamp:
            done.unlink(missing_ok=True)
            disk = new_disk(work / "disk.img")
            with Machine(work, accel=accel, name="freeze", **_frozen_options(iso, disk)) as machine:
                flows.to_disks(machine)
                flows.to_summary(machine)
                machine.freeze(state)
            done.write_text(stamp)
    return state


@pytest.fixture
def at_summary(summary_state, start, work, iso):
    """at_summary(): a machine that asks whether to install on disk.img, an empty disk, in a second.

    iso: another file behind the CD; the rest are options of Disk.
    """

    def continued(iso_file=None, name="disk", **options):
        path = new_disk(work / (name + ".img"))
        disk = Disk(path, device="scsi-hd", serial="FROZEN01", **options)
        machine = start(incoming=summary_state, **_frozen_options(iso_file or iso, disk))
        machine.type("ctrl-l")
        machine.wait(flows.SUMMARY)
        return machine

    return continued


@pytest.fixture
def installed_copy(installed, work):
    """installed_copy(firmware): an overlay of the installed disk, for this test to change."""

    def copy(firmware="bios", name="disk"):
        return overlay(installed(firmware).disk, work / (name + ".qcow2"))

    return copy


def pytest_configure(config):
    for marker in ("matrix: every kind of machine; make matrix",
                   "short: those of the matrix that are part of make vm",
                   "torture: the plug pulled at many random moments; make torture",
                   "pictures: what README shows; make pictures",
                   "trio: three machines become a group; make vm-trio"):
        config.addinivalue_line("markers", marker)
