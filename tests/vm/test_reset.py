"""Factory reset and recovery of an installed disk, one machine for all; they run in this order."""

import json
import re
import subprocess

import pytest

import esp
import flows
from machine import Disk, Machine
from test_early import arguments, kernel_of

USER, PASSWORD = "alice", "correct-horse-7"
PEOPLE = [(USER, 1000), ("bob", 1001)]
DEVICE = "Device Info.*Provision this device"
QUESTION = "Palette Edge factory reset.*Start normally"
IDENTITY = "%032x" % 0x5eed
LOST = ["/etc/mine.conf", "/home/alice/file", "/root/file", "/opt/file", "/srv/file", "/srv/many"]
pytestmark = pytest.mark.xdist_group("reset")


@pytest.fixture(scope="module")
def work(artifacts):
    path = artifacts / "reset"
    path.mkdir(exist_ok=True)
    return path


def image_file(disk, path):
    """A file of the OS image in slot a."""
    start, _ = esp.partitions(disk)["palette-system-a"]
    return esp.run("unsquashfs", "-o", str(start), "-cat", str(disk), path)


def accounts(disk):
    """The image's account files with two more: an administrator and one who is none."""
    hashed = esp.run("openssl", "passwd", "-6", "-salt", "palette", PASSWORD).strip()
    group = re.sub("(?m)^((palette-admin|sudo):.*)$", r"\1" + USER, image_file(disk, "etc/group"))
    return {
        "passwd": image_file(disk, "etc/passwd") + "".join(
            "%s:x:%d:%d::/home/%s:/bin/bash\n" % (name, uid, uid, name) for name, uid in PEOPLE),
        "shadow": image_file(disk, "etc/shadow") + "".join(
            "%s:%s:20000:0:99999:7:::\n" % (name, hashed) for name, _ in PEOPLE),
        "group": group + "".join("%s:x:%d:\n" % person for person in PEOPLE),
    }


class Tree:
    """Writes files below /state of a disk's data partition, all at once."""

    def __init__(self, work):
        self.work, self.commands, self.dirs = work, ["mkdir /state"], {"/state"}

    def folder(self, path):
        parent = path.rpartition("/")[0]
        if path in self.dirs:
            return
        self.folder(parent)
        self.dirs.add(path)
        self.commands.append("mkdir " + path)

    def put(self, path, text, mode=0o644, owner=0):
        path = "/state" + path
        self.folder(path.rpartition("/")[0])
        source = self.work / ("file-%d" % len(self.commands))
        source.write_text(text)
        self.commands += ["write %s %s" % (source, path),
                          "sif %s mode 0%o" % (path, 0o100000 | mode), *self.owned(path, owner)]

    @staticmethod
    def owned(path, owner):
        return ["sif %s uid %d" % (path, owner), "sif %s gid %d" % (path, owner)] if owner else []

    def write(self, disk):
        script = self.work / "tree.debugfs"
        script.write_text("\n".join(self.commands) + "\n")
        start, _ = esp.partitions(disk)["palette-data"]
        esp.run("debugfs", "-w", "-f", str(script), "%s?offset=%d" % (disk, start))
        for file in self.work.glob("file-*"):
            file.unlink()


@pytest.fixture(scope="module")
def disk(installed, work):
    """An installed disk that was configured, and has something to delete: without a first boot."""
    path = esp.raw_copy(installed("bios").disk, work / "disk.img")
    tree = Tree(work)
    for name, text in accounts(path).items():
        tree.put("/etc/" + name, text, 0o640 if name == "shadow" else 0o644)
    key = work / "key"
    key.unlink(missing_ok=True)
    esp.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    tree.put("/etc/ssh/ssh_host_ed25519_key", key.read_text(), 0o600)
    tree.put("/etc/ssh/ssh_host_ed25519_key.pub", (work / "key.pub").read_text())
    tree.put("/etc/hostname", "edge-reset\n")
    tree.put("/etc/machine-id", IDENTITY + "\n", 0o444)
    tree.put("/etc/palette/kept.conf", "kept\n")
    tree.put("/etc/systemd/network/50-kept.network", "[Match]\nName=none\n")
    tree.put("/home/alice/.ssh/authorized_keys", "# kept\n", 0o600, 1000)
    for path_lost in LOST[:-1]:
        tree.put(path_lost, "lost\n")
    tree.folder("/state/srv/many")
    tree.commands += ["cd /state/srv/many"] + ["mkdir %d" % n for n in range(2000)] + ["cd /"]
    tree.commands += tree.owned("/state/home/alice", 1000) + tree.owned("/state/home/alice/.ssh", 1000)
    tree.write(path)
    yield path
    path.unlink()


@pytest.fixture(scope="module")
def edge(disk, work, accel):
    """The machine; a test that pulls its plug starts it again."""
    class Edge:
        machine = None

        def start(self, *others, **options):
            if self.machine:
                self.machine.kill()
            self.machine = Machine(work, disks=[disk, *others], accel=accel, shell=True, **options)
            return self.machine

    made = Edge()
    yield made
    made.machine.kill()


def keep(machine, name):
    machine.screendump("%s/%s.png" % (machine.work, name))
    with open("%s/%s.txt" % (machine.work, name), "w", encoding="utf-8") as out:
        out.write(machine.text() + "\n")


def names_on_data(disk):
    """The first folder of the data partition; what is in its journal alone counts."""
    start, _ = esp.partitions(disk)["palette-data"]
    data = "%s?offset=%d" % (disk, start)
    subprocess.run(["e2fsck", "-y", "-E", "journal_only", data], check=False,
                   stdout=subprocess.DEVNULL)
    return esp.run("debugfs", "-R", "ls -p /", data)


def check_reset(machine):
    shell = machine.shell
    for path in LOST + ["/data/state.old", "/data/state.new", "/data/keep/reset-request"]:
        assert shell.run("test -e " + path)[0] != 0, path
    assert shell.check("cat /etc/machine-id /etc/hostname").split() == [IDENTITY, "edge-reset"]
    assert shell.check("cat /etc/palette/kept.conf; cat /home/alice/.ssh/authorized_keys; "
                       "ls /etc/systemd/network/50-kept.network").split()[:3] == ["kept", "#", "kept"]
    assert shell.check("stat -c %u:%g /home/alice /home/alice/.ssh /home/alice/.bashrc").split() == [
        "1000:1000"] * 3
    key = (machine.disk_work / "key.pub").read_text().split()[1]
    assert key in shell.check("cat /etc/ssh/ssh_host_ed25519_key.pub")
    assert shell.check("getent shadow alice").startswith("alice:$6$palette$")
    assert "alice" in shell.check("getent group palette-admin")
    # The folders of the OS are whole again.
    assert shell.check("test -d /var/lib/systemd && test -d /var/cache && test -d /srv && echo whole")
    flows.check_runs(machine, "a")


def resets(machine):
    """What the audit log says of resets."""
    lines = machine.shell.check("cat /var/log/palette-audit.log").splitlines()
    return [entry for entry in map(json.loads, lines) if entry["action"] == "factory-reset"]


def test_without_an_answer_it_starts_normally(edge, disk):
    machine = edge.start()
    flows.disk_entry(machine, "Palette Edge (factory reset)")
    machine.wait(QUESTION)
    keep(machine, "question")
    machine.wait("starts normally in [1-5][0-9] s")
    # Said once before the question, and once after it.
    machine.until(lambda: machine.output().count("is starting from slot a") == 2, "the start")
    machine.kill()
    assert "/state.old/" not in names_on_data(disk)


def test_a_power_cut_in_the_middle_is_finished_by_the_next_boot(edge, disk, work):
    machine = edge.start()
    flows.disk_entry(machine, "Palette Edge (factory reset)")
    machine.wait(QUESTION)
    machine.type("f2")
    machine.wait("Factory reset: .* is kept", raw=True)
    machine.kill()
    assert "/state.old/" in names_on_data(disk), names_on_data(disk)

    machine = edge.start()
    machine.disk_work = work
    flows.disk_menu(machine)
    machine.wait(r"the next start goes\s+on with\s+it", raw=True)
    keep(machine, "resetting")
    machine.wait(DEVICE)
    assert not re.search("Start normally", machine.output()), "asked again"
    machine.shell.ready()
    check_reset(machine)
    assert [(entry["actor"], entry["result"]) for entry in resets(machine)] == [("console", "ok")]


def wait_until_good(machine):
    """A boot like any other for the boot loader: its attempts are counted back."""
    machine.shell.check("for i in $(seq 240); do palette-slot status | grep -q 'tries a   0' && "
                        "exit 0; sleep 1; done; palette-slot status; exit 1", 300)


def test_a_request_of_hostd_asks_nothing(edge, work):
    machine = edge.machine
    # The boots before this one were cut: a fourth would be the other slot's.
    wait_until_good(machine)
    machine.shell.check("for file in %s; do mkdir -p $(dirname $file); echo lost >$file; done" % (
        " ".join(LOST)))
    machine.shell.check("busctl call internal.palette.Host1 /internal/palette/Host1 "
                        "internal.palette.Host1.Host RequestReset s ''")
    machine.forget()
    machine.shell.send("systemctl reboot")
    machine.wait(r"\*Palette Edge \(factory reset\)")
    machine.type("enter")
    machine.wait(DEVICE)
    assert not re.search("Start normally", machine.output()), "asked although it was requested"
    machine.shell.ready()
    check_reset(machine)
    assert [entry["actor"] == "console" for entry in resets(machine)] == [True, False]
    wait_until_good(machine)
    machine.shell.send("systemctl poweroff")
    machine.wait_exit()


RECOVERY = "Palette Edge Recovery"


def choose(machine, row):
    """A row of a menu by its first letter, which several may have."""
    while not re.search("> " + row, machine.text()):
        before = machine.text()
        machine.type(row[0])
        machine.until(lambda text=before: machine.text() != text, "another row")
    machine.type("enter")


def uuids(disk):
    table = json.loads(esp.run("sfdisk", "--json", str(disk)))["partitiontable"]
    return {part["name"]: part["uuid"].lower() for part in table["partitions"]}


def destroy_boot(disk):
    """Neither BIOS nor UEFI starts this disk: boot code, core image, loaders and menu are gone."""
    esp.run("mdeltree", "-i", esp.mtools_image(disk), "::/EFI")
    esp.run("mdel", "-i", esp.mtools_image(disk), "::/boot/grub/grub.cfg")
    core, size = esp.partitions(disk)["palette-bios"]
    with open(disk, "r+b") as file:
        file.write(bytes(440))
        file.seek(core)
        file.write(bytes(size))


@pytest.fixture(scope="module")
def stick(work):
    path = work / "stick.img"
    path.unlink(missing_ok=True)
    esp.run("mkfs.fat", "-C", str(path), "65536")
    yield path
    path.unlink()


def test_recovery_asks_for_an_administrator_before_it_gives_a_shell(edge, disk, stick, work, iso):
    """Started as by the network: the disk itself starts nothing any more."""
    if edge.machine:
        edge.machine.kill()
    destroy_boot(disk)
    options, _ = kernel_of(iso, work)
    parts = uuids(disk)
    machine = edge.start(Disk(stick, device="usb-storage", serial="STICK001", removable=True),
                         extra=options + arguments(
        "palette.role=recovery", "palette.slot=a", "palette.system=" + parts["palette-system-a"],
        "palette.data=" + parts["palette-data"], "palette.esp=" + parts["palette-esp"]))
    machine.wait(RECOVERY + ".*poweroff")
    keep(machine, "recovery")
    choose(machine, "shell")
    machine.wait("login:")
    machine.type("bob\r")
    machine.wait("assword:")
    machine.type(PASSWORD + "\r")
    machine.wait(RECOVERY + ".*poweroff")
    assert "Authentication failure" in machine.output()
    choose(machine, "shell")
    machine.wait("login:")
    machine.type(USER + "\r")
    machine.wait("assword:")
    keep(machine, "login")
    machine.type("wrong-horse-7\r")
    machine.wait("incorrect.*login:")
    machine.type(USER + "\r")
    machine.wait("assword:.*assword:")
    machine.type(PASSWORD + "\r")
    machine.wait(r"alice@edge-reset:~\$")
    machine.type("sudo -i\r")
    machine.wait("password for alice")
    machine.type(PASSWORD + "\r")
    machine.wait("root@edge-reset:")
    machine.type("stty -echo; clear; echo I am $(id -u) at $(cat /etc/machine-id | wc -c)\r")
    machine.wait("I am 0 at 33")
    machine.type("exit\r")
    machine.wait(r"alice@edge-reset:~\$ *\n")
    machine.type("exit\r")
    machine.wait(RECOVERY + ".*poweroff")


def test_the_logs_go_to_a_stick(edge, stick, work):
    machine = edge.machine
    choose(machine, "save")
    machine.wait("Save the log.*STICK001")
    machine.type("enter")
    machine.wait("The stick can be removed")
    machine.type("enter")
    machine.wait(RECOVERY + ".*poweroff")
    archive = work / "logs.tar.gz"
    esp.run("mcopy", "-o", "-i", str(stick), "::palette-logs.tar.gz", str(archive))
    names = esp.run("tar", "-tzf", str(archive)).split()
    for name in ("run/palette/init.log", "run/palette/recovery.log", "run/palette/journal.txt"):
        assert name in names, names
    assert not [name for name in names if name.startswith("var/log/journal/")], names


def repair(machine, picture, *names):
    """Drives the repair, which must have written @names; back in the menu."""
    choose(machine, "repair")
    machine.wait("System and data are not touched")
    machine.type("enter")
    machine.wait("Written anew.*ENTER: press")
    for name in names:
        machine.wait(re.escape(name))
    keep(machine, picture)
    machine.type("enter")
    machine.wait(RECOVERY + ".*poweroff")


def test_repair_makes_the_disk_start_by_bios_again(edge, disk, stick):
    machine = edge.machine
    repair(machine, "repaired", "EFI/BOOT/BOOTX64.EFI", "boot/grub/grub.cfg", "GRUB's core image",
           "the boot sector")
    choose(machine, "poweroff")
    machine.wait_exit()

    before = esp.read(disk, "/boot/grub/grubenv")
    machine = edge.start()
    flows.disk_entry(machine, "Palette Edge (recovery)")
    machine.wait(RECOVERY + ".*poweroff")
    machine.forget()
    choose(machine, "reboot")
    machine.wait(flows.DISK_MENU)
    machine.kill()
    # Not counted as an attempt of the slot.
    assert esp.read(disk, "/boot/grub/grubenv") == before
    esp.run("sgdisk", "-v", str(disk))


def test_repair_and_reset_of_recovery_by_uefi(edge, disk, work):
    """The ESP of that repair starts by UEFI too; the firmware of this machine has no entry for it."""
    esp.run("mdel", "-i", esp.mtools_image(disk), "::/EFI/palette/shimx64.efi")
    machine = edge.start(firmware="uefi")
    flows.disk_entry(machine, "Palette Edge (recovery)")
    machine.wait(RECOVERY + ".*poweroff")
    repair(machine, "repaired-uefi", "EFI/palette/shimx64.efi", "the firmware's boot entry")
    choose(machine, "factory")
    machine.wait("F2 Factory reset")
    keep(machine, "recovery-reset")
    machine.forget()
    machine.type("f2")
    machine.wait(flows.DISK_MENU)
    machine.type("enter")
    machine.wait(DEVICE)
    machine.shell.ready()
    machine.disk_work = work
    check_reset(machine)
    assert [entry["actor"] == "console" for entry in resets(machine)] == [True, False, True]
    assert machine.shell.check("efibootmgr").count("Palette Edge") == 1
