"""What palette-init does when something is missing or damaged."""

import subprocess

import esp
import flows
from conftest import new_disk

MIB = 1 << 20


def kernel_of(iso, work):
    """QEMU's options that start the ISO's kernel and initrd without the ISO, and the medium's id."""
    for name in ("vmlinuz", "initrd.img"):
        esp.run("xorriso", "-osirrox", "on", "-indev", str(iso),
                "-extract", "/boot/" + name, str(work / (name + ".img")))
    medium = esp.run("xorriso", "-indev", str(iso), "-find", "/palette", "-name", "id-*")
    return (["-kernel", str(work / "vmlinuz.img"), "-initrd", str(work / "initrd.img.img")],
            medium.strip().strip("'").rpartition("-")[2])


def arguments(*words):
    return ["-append", " ".join(("quiet loglevel=3 console=tty0 console=ttyS0,115200n8",) + words)]


def debugfs(disk, *commands):
    start, _ = esp.partitions(disk)["palette-data"]
    for command in commands:
        subprocess.run(["debugfs", "-w", "-R", command, "%s?offset=%d" % (disk, start)],
                       check=True, capture_output=True)


def test_a_medium_that_is_missing_is_named_and_taken_when_it_comes(work, start, iso):
    options, medium = kernel_of(iso, work)
    machine = start(extra=options + arguments("palette.role=install", "palette.medium=" + medium) + [
        "-drive", "if=none,id=late,media=cdrom", "-device", "ide-cd,id=dev-late,drive=late"])
    machine.wait("Looking for the installation medium " + medium)
    machine.wait("sr0 empty")
    # A shell meanwhile, on this console alone.
    machine.type("s")
    machine.wait("# *\n")
    machine.type("echo $((6 * 7)) here", "enter")
    machine.wait("42 here")
    machine.type("exit", "enter")
    machine.wait("Looking for the installation medium")
    machine.qmp("blockdev-change-medium", id="dev-late", filename=str(iso))
    machine.wait("Palette Edge Interactive Installer")


def test_a_role_it_does_not_know_is_said_and_the_keys_work(work, start, iso):
    options, _ = kernel_of(iso, work)
    machine = start(extra=options + arguments("palette.role=server"))
    machine.wait("there is no role 'server'")
    machine.wait("Press r to restart, p to power off")
    assert "for a shell" not in machine.settled()
    machine.type("p")
    machine.wait_exit()


def cpio(name, content):
    """An archive with one file, as the kernel takes it behind others."""
    def entry(path, mode, data):
        fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path) + 1, 0]
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + path.encode() + b"\0"
        return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)

    return entry(name, 0o100644, content) + entry("TRAILER!!!", 0, b"")


def test_an_installer_with_a_key_refuses_a_medium_that_is_not_signed(work, start, iso):
    options, medium = kernel_of(iso, work)
    initrd = work / "initrd.img.img"
    initrd.chmod(0o644)
    with open(initrd, "ab") as file:
        file.write(bytes(-file.tell() % 4) + cpio("etc/palette/manifest.pub", b"0123456789abcdef" * 4 + b"\n"))
    disk = new_disk(work / "disk.img")
    # As another CD than Machine's: QEMU starts the kernel from its own place in the boot order.
    machine = start(disks=[disk], extra=options + arguments("palette.role=install", "palette.medium=" + medium) + [
        "-drive", "if=none,id=cd,media=cdrom,readonly=on,file=%s" % iso, "-device", "ide-cd,drive=cd"])
    machine.wait("is not signed")
    assert "this installer takes what is signed with key" in flows.unwrapped(machine.settled()), machine.text()
    machine.kill()
    assert not any(esp.boot_marks(disk))


def test_ctrl_alt_del_restarts_the_machine(work, start, iso):
    options, _ = kernel_of(iso, work)
    machine = start(extra=options + arguments("palette.role=server") + ["-no-reboot"])
    machine.wait("restarts in")
    machine.press("ctrl", "alt", "delete")
    machine.wait_exit()


def test_a_damaged_data_partition_is_repaired_and_said(installed, work, start):
    disk = esp.raw_copy(installed("bios").disk, work / "disk.img")
    data, _ = esp.partitions(disk)["palette-data"]
    with open(disk, "r+b") as file:
        file.seek(data + 1024)
        file.write(bytes(1024))
    machine = start(disks=[disk], shell=True)
    machine.wait("is being repaired", raw=True)
    machine.wait("It is repaired", raw=True)
    machine.wait(flows.CONSOLE)
    machine.shell.ready()
    flows.check_runs(machine, "a")


def test_without_its_overlay_etc_is_a_copy_and_the_console_says_so(installed, work, start):
    disk = esp.raw_copy(installed("bios").disk, work / "disk.img")
    (work / "empty").write_text("")
    debugfs(disk, "mkdir state", "write %s state/etc" % (work / "empty"))
    machine = start(disks=[disk], shell=True)
    machine.wait("/etc cannot be changed in this boot", raw=True)
    machine.wait(flows.CONSOLE)
    machine.shell.ready()
    assert machine.shell.check("findmnt -no FSTYPE /etc").strip() == "tmpfs"
    journal = machine.shell.check("journalctl -b -t palette-init --no-pager")
    assert "/etc cannot be changed" in journal, journal
