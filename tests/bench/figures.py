#!/usr/bin/python3
"""Prints the project's figures, each beside a reference taken in the same run.

usage: figures.py [NAME ...]        (inside the build root, as root; `make bench` calls it)

Names: size startup write usual console memory unattended localui link sync made. Machines are noisy: pairs are interleaved, ratios are
medians. Nothing here passes or fails; a person reads the table.
"""

import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "vm"))

import flows
from built import BUILD
from machine import Disk, Machine, Timeout, accelerator

ISO = BUILD / "palette-edge.iso"
INSTALL = BUILD / "image/bin/palette-install"
WORK = BUILD / "bench"
DEBIAN = pathlib.Path("/usr/lib/debian-installer/images/13/amd64/text/debian-installer/amd64")
PAIRS = 7
CONSOLE_BOOTS = 4
MB = 1_000_000


def row(figure, ours, reference, ratio, target):
    print("| %s | %s | %s | %s | %s |" % (figure, ours, reference, ratio, target), flush=True)


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def timed(*command):
    """Wall seconds and CPU seconds of one command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    run(*command, stdout=subprocess.DEVNULL)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medium():
    """The ISO's files as a directory."""
    tree = WORK / "medium"
    if not tree.exists():
        run("xorriso", "-osirrox", "on", "-indev", ISO, "-extract", "/", tree,
            stderr=subprocess.DEVNULL)
        run("chmod", "-R", "u+w", tree)
    return tree


def size():
    kernel = (BUILD / "vmlinuz").stat().st_size
    initrd = (BUILD / "initrd.img").stat().st_size
    debian = sum((DEBIAN / name).stat().st_size for name in ("linux", "initrd.gz"))
    row("kernel + initrd on the ISO", "%.2f MB" % ((kernel + initrd) / MB),
        "Debian's netboot installer %.2f MB" % (debian / MB),
        "%.2f" % ((kernel + initrd) / debian), "<= 19 MB")
    row("ISO as built", "%.0f MB" % (ISO.stat().st_size / MB), "-", "-", "<= 400 MB with RELEASE=1")


def packed(name, tree):
    """An ISO of @tree by the project's own recipe, its GRUB with timeout 0."""
    config = tree / "boot/grub/grub.cfg"
    config.write_text(re.sub(r"set timeout=\d+", "set timeout=0", config.read_text()))
    mark = next((tree / "palette").glob("id-*")).name[3:]
    iso = WORK / (name + ".iso")
    run("image/hybrid.sh", tree, name.upper(), mark, iso, stderr=subprocess.DEVNULL)
    return iso


def debian_iso():
    tree = WORK / "debian"
    shutil.rmtree(tree, ignore_errors=True)
    for directory in ("boot/grub", "palette"):
        (tree / directory).mkdir(parents=True)
    (tree / "palette/id-00000000000000d1").touch()
    shutil.copy(DEBIAN / "linux", tree / "boot/linux")
    shutil.copy(DEBIAN / "initrd.gz", tree / "boot/initrd.gz")
    (tree / "boot/grub/grub.cfg").write_text("""set timeout=5
if [ "$grub_platform" = efi ]; then
	insmod all_video
fi
menuentry "Install" {
	linux /boot/linux vga=788 console=ttyS0,115200n8 --- quiet
	initrd /boot/initrd.gz
}
""")
    return packed("debian", tree)


def our_iso():
    tree = WORK / "ours"
    shutil.rmtree(tree, ignore_errors=True)
    run("cp", "-a", medium(), tree)
    return packed("ours", tree)


def first_screen(iso, firmware, pattern, memory=1024):
    disk = WORK / "blank.img"
    with open(disk, "wb") as blank:
        blank.truncate(12 << 30)
    with Machine(WORK, firmware=firmware, iso=iso, disks=[disk], accel=ACCEL, memory=memory,
                 name="startup") as machine:
        machine.wait(pattern, patience=300)
        return machine.elapsed()


def startup():
    ours, debian = our_iso(), debian_iso()
    for firmware in ("bios", "uefi"):
        pairs = []
        for _ in range(3):
            pairs.append((first_screen(ours, firmware, "select the target disk"),
                          first_screen(debian, firmware, "Select a language")))
        row("power-on to first screen, %s CD, GRUB timeout 0" % firmware.upper(),
            "%.1f s" % statistics.median(pair[0] for pair in pairs),
            "Debian's text installer to its first dialog %.1f s"
            % statistics.median(pair[1] for pair in pairs),
            "%.2f" % statistics.median(a / b for a, b in pairs), "<= 0.35")


def step_seconds(log, step):
    return int(re.search(r"step %d done in (\d+) ms" % step, log).group(1)) / 1000


def installed_file(disk):
    """One installation into a plain file: seconds of the writing step, of the read-back, CPU of all."""
    log = WORK / "install.log"
    log.unlink(missing_ok=True)
    disk.unlink(missing_ok=True)
    wall, cpu = timed(INSTALL, "--target", disk, "--size", "12G", "--source", medium(), "--yes",
                      "--log", log)
    text = log.read_text()
    return {"write": step_seconds(text, 2), "read": step_seconds(text, 3), "wall": wall, "cpu": cpu}


def write():
    image = medium() / "palette/os.img"
    both, disk, copy = WORK / "both.bin", WORK / "target.img", WORK / "dd.bin"
    with open(both, "wb") as out:
        for _ in range(2):
            out.write(image.read_bytes())
    pairs = []
    for _ in range(PAIRS):
        ours = installed_file(disk)
        copy.unlink(missing_ok=True)
        wall, cpu = timed("dd", "if=%s" % both, "of=%s" % copy, "bs=4M", "conv=fsync", "status=none")
        pairs.append((ours, wall, cpu))
    for path in (both, copy, disk):
        path.unlink()
    row("writing both slots to a file, hashed and flushed (%d MB)" % (2 * image.stat().st_size // MB),
        "%.2f s" % statistics.median(p[0]["write"] for p in pairs),
        "dd bs=4M conv=fsync %.2f s" % statistics.median(p[1] for p in pairs),
        "%.2f" % statistics.median(p[0]["write"] / p[1] for p in pairs), "<= 1.10")
    row("the same, CPU seconds (ours: of the whole installation)",
        "%.2f s" % statistics.median(p[0]["cpu"] for p in pairs),
        "dd %.2f s" % statistics.median(p[2] for p in pairs), "-", "-")
    row("reading both slots back and comparing",
        "%.2f s" % statistics.median(p[0]["read"] for p in pairs), "-", "-", "-")


def usual_way(image, disk, mount):
    """unsquashfs onto a fresh ext4, then grub-install: what most installers do."""
    disk.unlink(missing_ok=True)
    with open(disk, "wb") as out:
        out.truncate(12 << 30)
    run("sgdisk", "-Z", "-n1:0:+1M", "-t1:ef02", "-n2:0:0", disk, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    whole = run("losetup", "-f", "--show", disk, capture_output=True, text=True).stdout.strip()
    part = run("losetup", "-f", "--show", "-o", str(4096 * 512), disk, capture_output=True,
               text=True).stdout.strip()
    try:
        run("mke2fs", "-q", "-t", "ext4", part)
        run("mount", "-t", "ext4", part, mount)
        run("unsquashfs", "-q", "-n", "-f", "-d", mount, image, stdout=subprocess.DEVNULL)
        # Into the core image alone: a loop device without partition nodes has no bios_grub to embed in.
        run("grub-mkimage", "-O", "i386-pc", "-p", "/boot/grub", "-o", mount / "core.img",
            "biosdisk", "part_gpt", "ext2", "normal", "linux")
        run("cp", "-r", "/usr/lib/grub/i386-pc", mount / "boot-grub")
        run("sync", "-f", mount)
    finally:
        subprocess.run(["umount", str(mount)], check=False, stderr=subprocess.DEVNULL)
        for device in (part, whole):
            run("losetup", "-d", device)


def usual():
    image, disk = medium() / "palette/os.img", WORK / "target.img"
    mount = WORK / "mnt"
    mount.mkdir(exist_ok=True)
    pairs = []
    for _ in range(5):
        ours = installed_file(disk)
        start = time.monotonic()
        usual_way(image, disk, mount)
        pairs.append((ours, time.monotonic() - start))
    disk.unlink()
    for what, seconds in (("writing both slots and reading them back",
                           lambda ours: ours["write"] + ours["read"]),
                          ("the whole installation, with EFI partition, data partition and GRUB",
                           lambda ours: ours["wall"])):
        row(what, "%.2f s" % statistics.median(seconds(p[0]) for p in pairs),
            "unsquashfs onto ext4 + GRUB, one slot %.2f s" % statistics.median(p[1] for p in pairs),
            "%.1f x faster" % statistics.median(p[1] / seconds(p[0]) for p in pairs), ">= 5 x")


def memory():
    disk = WORK / "memory.img"
    for firmware, sizes, target in (("bios", (256, 224, 192), "<= 256 MiB"),
                                    ("uefi", (320, 288, 256), "<= 288 MiB")):
        smallest = None
        for megabytes in sizes:
            with open(disk, "wb") as blank:
                blank.truncate(12 << 30)
            try:
                with Machine(WORK, firmware=firmware, iso=ISO, disks=[disk], accel=ACCEL,
                             memory=megabytes, name="memory") as machine:
                    flows.install(machine)
                smallest = megabytes
            except Timeout:
                break
        row("smallest memory that installs, %s" % firmware.upper(),
            "%s MiB" % smallest if smallest else "more than %d MiB" % sizes[0],
            "Debian's text installer 384 MiB (BIOS)", "-", target)
    disk.unlink(missing_ok=True)


def debian_disk():
    """A disk with a plain Debian root on ext4, and a CD whose GRUB starts it, with the same 5 s menu."""
    disk, tree = WORK / "debian-disk.img", WORK / "debian-cd"
    disk.unlink(missing_ok=True)
    run("mke2fs", "-q", "-t", "ext4", "-L", "debian", "-d", WORK / "debian-root", disk, "4G",
        stdout=subprocess.DEVNULL)
    shutil.rmtree(tree, ignore_errors=True)
    for directory in ("boot/grub", "palette"):
        (tree / directory).mkdir(parents=True)
    (tree / "palette/id-00000000000000d2").touch()
    (tree / "boot/grub/grub.cfg").write_text("""set timeout=5
serial --unit=0 --speed=115200
terminal_output console serial
search --no-floppy --file --set=root /etc/debian_version
menuentry "Debian" {
	linux /vmlinuz root=LABEL=debian rw quiet console=tty0 console=ttyS0,115200n8
	initrd /initrd.img
}
""")
    iso = WORK / "debian-cd.iso"
    run("image/hybrid.sh", tree, "DEBIAN", "00000000000000d2", iso, stderr=subprocess.DEVNULL)
    return disk, iso


def power_off(machine):
    """The power button; logind may not watch it yet when a login prompt comes."""
    while machine.process.poll() is None:
        machine.qmp("system_powerdown")
        with contextlib.suppress(Timeout):
            machine.wait_exit(10)


def to_login(disk, iso):
    """Seconds from power-on to the login prompt of a plain Debian root."""
    with Machine(WORK, iso=iso, disks=[disk], accel=ACCEL, name="debian-boot") as machine:
        machine.wait("debian login:", patience=600)
        seconds = machine.elapsed()
        power_off(machine)
    return seconds


def to_console(disk, number):
    """Seconds from power-on of an installed disk to its first screen; of the last boot its parts too."""
    with Machine(WORK, disks=[disk], accel=ACCEL, name="console-boot%d" % number,
                 shell=number == CONSOLE_BOOTS) as machine:
        machine.wait("Booting", raw=True)
        menu = machine.elapsed()
        machine.wait(flows.CONSOLE, patience=300)
        shown = machine.elapsed()
        longest = parts(machine.shell.ready(), menu) if number == CONSOLE_BOOTS else []
        power_off(machine)
    return shown, longest


def parts(shell, menu):
    """The longest parts of a boot, by name: [(seconds, name)]."""
    log = shell.check("dmesg | grep 'palette-init: '")
    times = [float(text) for text in re.findall(r"palette-init: \[ *(\d+\.\d+)\]", log)]
    found = [(menu, "firmware and GRUB with its 5 s menu"), (times[0], "kernel"),
             (times[-1] - times[0], "initrd")]
    shell.run("systemctl is-system-running --wait", patience=600)
    for line in shell.check("systemd-analyze blame --no-pager").splitlines():
        match = re.match(r" *(?:(\d+)min )?(?:([\d.]+)s|(\d+)ms) (\S+)", line)
        if match:
            minutes, whole, milli, unit = match.groups()
            found.append((60 * int(minutes or 0) + float(whole or 0) + int(milli or 0) / 1000, unit))
    return sorted(found, reverse=True)[:5]


def console():
    disk = WORK / "console.img"
    with open(disk, "wb") as blank:
        blank.truncate(12 << 30)
    with Machine(WORK, iso=ISO, disks=[disk], accel=ACCEL, name="console-install") as machine:
        flows.install(machine, "poweroff")
        machine.wait_exit()
    debian_disk_path, debian_iso_path = debian_disk()
    pairs = []
    for number in range(1, CONSOLE_BOOTS + 1):
        reference = to_login(debian_disk_path, debian_iso_path)
        shown, longest = to_console(disk, number)
        pairs.append((shown, reference))
    # Of the two first boots, which make keys and identities, then of the others.
    for what, some in (("first", pairs[:1]), ("a later", pairs[1:-1])):
        ours, theirs = (statistics.median(pair[i] for pair in some) for i in (0, 1))
        row("power-on of the installed disk to the first screen of the TUI, %s boot" % what,
            "%.1f s" % ours, "a plain Debian root to its login prompt %.1f s" % theirs,
            "%.2f" % statistics.median(a / b for a, b in some), "<= 0.5")
    row("the five longest parts of such a boot",
        ", ".join("%s %.1f s" % (name, seconds) for seconds, name in longest), "-", "-", "named")
    disk.unlink()
    debian_disk_path.unlink()


UNATTENDED = "unattended = yes\ndisk = /dev/vda\naction = poweroff\non-failure = poweroff\n"
# What an installation writes, but for the small files: each slot has its own copy.
COPIED = ("palette/os.img palette/os.img boot/vmlinuz boot/vmlinuz boot/initrd.img boot/initrd.img "
          "palette/efi/* palette/efi/*")


def seed_stick():
    path, answers = WORK / "seed.img", WORK / "answers.conf"
    answers.write_text(UNATTENDED)
    with open(path, "wb") as image:
        image.truncate(16 << 20)
    run("mkfs.fat", "-n", "PALETTESEED", path, stdout=subprocess.DEVNULL)
    run("mcopy", "-i", path, answers, "::answers.conf")
    return path


def parts_of(log):
    """The seconds of each part of an unattended installation, from its log: {name: seconds}."""
    at = lambda pattern: float(re.search(r"\[ *(\d+\.\d+)\] info: " + pattern, log).group(1))
    found = {"until the disks are settled": at("disks: settled"),
             "answers and plan": at("installing ") - at("disks: settled")}
    names = dict(re.findall(r"step (\d+) of \d+: (.*)", log))
    for number, ms in re.findall(r"step (\d+) done in (\d+) ms", log):
        found[names[number]] = int(ms) / 1000
    return found


def install_alone(iso, disk):
    """Seconds from the kernel's first moment to power-off, those of the steps, and of the parts."""
    seed = seed_stick()
    with Machine(WORK, iso=iso, disks=[disk, Disk(seed, device="usb-storage")], accel=ACCEL,
                 name="unattended") as machine:
        machine.wait("Installed in", patience=600, raw=True)
        told = machine.elapsed()
        machine.wait_exit()
        after = machine.elapsed() - told
    result = run("mtype", "-i", seed, "::palette-result.json", capture_output=True, text=True).stdout
    result = json.loads(result)
    log = run("mtype", "-i", seed, "::palette-install.log", capture_output=True, text=True).stdout
    return result["uptime-seconds"] + after, result["milliseconds"] / 1000, parts_of(log)


def dd_inside(iso, disk):
    """Seconds that dd takes in the same machine, from the medium to the disk; when PID 1 of it started."""
    with Machine(WORK, iso=iso, disks=[disk], accel=ACCEL, name="dd") as machine:
        machine.wait(flows.DISKS)
        flows.open_shell(machine)
        machine.type("cd /run/palette/medium; a=$(cut -d' ' -f1 /proc/uptime); cat %s | dd of=/dev/vda "
                     "bs=4M iflag=fullblock conv=fsync; echo took $a $(cut -d' ' -f1 /proc/uptime)\r" % COPIED)
        found = machine.wait(r"took (\d+\.\d+) (\d+\.\d+)", patience=600, raw=True)
        machine.type("head -n 1 /run/palette/init.log\r")
        start = machine.wait(r"\[ *(\d+\.\d+)\] info: initrd: begin", raw=True)
        return float(found.group(2)) - float(found.group(1)), float(start.group(1))


def unattended():
    iso, pairs = our_iso(), []
    for _ in range(3):
        disk = WORK / "alone.img"
        for measure in (install_alone, dd_inside):
            with open(disk, "wb") as blank:
                blank.truncate(12 << 30)
            pairs.append(measure(iso, disk))
    ours, steps, dd, start = (statistics.median(pair[i] for pair in some)
                              for some in (pairs[::2], pairs[1::2]) for i in (0, 1))
    ours -= start
    disk.unlink()
    each = [pair[2] for pair in pairs[::2]]
    longest = {name: statistics.median(parts[name] for parts in each) for name in each[0]}
    longest["until the disks are settled"] -= start
    row("unattended installation, start of PID 1 to power-off, BIOS",
        "%.1f s, %.1f s of them the steps" % (ours, steps), "dd of the same bytes in it %.1f s + 5 s" % dd,
        "%.2f" % (ours / (dd + 5)), "<= 1.5")
    row("its parts", ", ".join("%s %.1f s" % part for part in longest.items() if part[1] >= 0.05), "-", "-", "named")


def localui():
    import localui_figures  # starts a host of its own, which the others do not need

    localui_figures.figures(row)


def sync():
    import sync_figures

    sync_figures.figure(row, WORK)


def link():
    import link_figures

    link_figures.figure(row)


def made():
    import made_figures

    made_figures.figures(row, WORK, packed, medium(), INSTALL)


FIGURES = [size, startup, write, usual, console, memory, unattended, localui, link, sync, made]

if __name__ == "__main__":
    WORK.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(WORK / "medium", ignore_errors=True)
    ACCEL = accelerator(str(BUILD / "vmlinuz"))
    print("accelerator: %s, processors: %d\n" % (ACCEL, os.cpu_count()))
    print("| figure | ours | reference | ratio | target |\n|---|---|---|---|---|")
    for figure in FIGURES:
        if len(sys.argv) == 1 or figure.__name__ in sys.argv[1:]:
            figure()
