#!/usr/bin/python3
"""Installations into a plain file whose power fails: what is left does not start, or is complete.

usage: torture.py [--count N] [--first N] [--jobs N] [--iso ISO] BUILD-DIR     (needs neither root nor network)

The file is a disk with a write cache (tests/cli/powercut.c): of what was written since the last flush any
part may be lost, and the last write may be torn anywhere. The cut comes at an event, a write or a
flush: a third of them near the wiping, a third near the end. Every other disk held a complete
installation before. With an ISO one installation in fifty is of that ISO in its full size; the others
are of a small made-up medium.

After each cut: neither firmware finds something to start on the disk, or everything that it would start
is there, compared byte by byte with the medium (of the new or, untouched, of the old installation).
A case is repeated by its number: --first N --count 1.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import uuid
import zlib

HERE = pathlib.Path(__file__).resolve().parent
MIB = 1 << 20
ENTRY = struct.Struct("=QQII")
FULL_SIZE_EVERY = 50
NAMES = ["palette-bios", "palette-esp", "palette-system-a", "palette-system-b", "palette-data"]
# What the medium's files are called on the disk.
ESP_FILES = {"boot/vmlinuz": ["palette/a/vmlinuz", "palette/b/vmlinuz"],
             "boot/initrd.img": ["palette/a/initrd.img", "palette/b/initrd.img"],
             "palette/efi/BOOTX64.EFI": ["EFI/BOOT/BOOTX64.EFI", "EFI/palette/shimx64.efi"],
             "palette/efi/grubx64.efi": ["EFI/BOOT/grubx64.efi", "EFI/palette/grubx64.efi"]}

# A medium, the layout it is installed with, and how large the disk is.
Kind = collections.namedtuple("Kind", "name medium old options disk_bytes")


class Broken(Exception):
    """The disk starts and is not complete."""


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


# What a disk that loses its power keeps


def entries(journal):
    """What was written since the last flush: (offset, old, new); None stands for zeros."""
    with open(journal, "rb") as file:
        while head := file.read(ENTRY.size):
            offset, size, old_is_zero, new_is_zero = ENTRY.unpack(head)
            old = None if old_is_zero else file.read(size)
            yield offset, size, old, None if new_is_zero else file.read(size)


def put(disk, offset, size, data):
    if data is not None:
        os.pwrite(disk, data, offset)
        return
    for at in range(offset, offset + size, MIB):
        os.pwrite(disk, bytes(min(MIB, offset + size - at)), at)


def lose_power(path, journal, rng):
    """Leaves of the unflushed writes what the disk had kept: all, none, any; the last one torn."""
    pending = list(entries(journal))
    keep = rng.choice((0.0, 0.3, 0.7, 1.0))
    with open(path, "r+b") as file:
        disk = file.fileno()
        for offset, size, old, _ in reversed(pending):
            put(disk, offset, size, old)
        for number, (offset, size, _, new) in enumerate(pending):
            if rng.random() >= keep:
                continue
            # Not only at sectors: a cut in the middle of one is what some disks do.
            if number == len(pending) - 1 and size > 1:
                size = rng.choice((rng.randrange(1, size), size // 512 * 512 // 2 or 1))
            put(disk, offset, size, new and new[:size])
    return len(pending)


# What a firmware finds


def gpt(disk, at):
    """{name: (start, size)} of the table whose header is at that byte; None: firmware takes none."""
    header = os.pread(disk, 512, at)
    if header[:8] != b"EFI PART":
        return None
    bare = header[:16] + bytes(4) + header[20:92]
    lba, count, size, crc = struct.unpack_from("<QIII", header, 72)
    if zlib.crc32(bare) != struct.unpack_from("<I", header, 16)[0] or count * size > MIB:
        return None
    table = os.pread(disk, count * size, lba * 512)
    if zlib.crc32(table) != crc:
        return None
    parts = {}
    for row in (table[at:at + size] for at in range(0, len(table), size)):
        if uuid.UUID(bytes_le=row[:16]).int:
            first, last = struct.unpack_from("<QQ", row, 32)
            parts[row[56:128].decode("utf-16-le").rstrip("\0")] = (first * 512,
                                                                   (last - first + 1) * 512)
    return parts


def starts(disk, size):
    """(BIOS has something to start, the partitions UEFI sees)."""
    sector = os.pread(disk, 512, 0)
    bios = sector[510:] == b"\x55\xaa" and any(sector[:440])
    # Firmware mends the primary table from its backup.
    return bios, gpt(disk, 512) or gpt(disk, size - 512)


def same_bytes(disk, at, path, what, skip=0):
    with open(path, "rb") as file:
        file.seek(skip)
        at += skip
        while data := file.read(4 * MIB):
            if os.pread(disk, len(data), at) != data:
                raise Broken("%s is not %s" % (what, path))
            at += len(data)


def check_complete(path, disk, parts, medium, bios):
    """Everything a start needs is there and is the medium's."""
    if not parts:
        raise Broken("a boot sector, and no partition table")
    if list(parts) != NAMES:
        raise Broken("the partitions are %s" % ", ".join(parts))
    for slot in "ab":
        same_bytes(disk, parts["palette-system-" + slot][0], medium / "palette/os.img", "slot " + slot)
    if bios:
        # The first sector has the list of the others in it.
        same_bytes(disk, parts["palette-bios"][0], medium / "palette/core.img", "GRUB's core image", 512)
    esp = "%s@@%d" % (path, parts["palette-esp"][0])
    for source, names in ESP_FILES.items():
        for name in names:
            got = subprocess.run(["mtype", "-i", esp, "::" + name], check=False, capture_output=True)
            if got.stdout != (medium / source).read_bytes():
                raise Broken("%s on the EFI partition is not %s: %s" % (
                    name, source, got.stderr.decode().strip()))
    for name in ("boot/grub/grub.cfg", "boot/grub/grubenv", "palette/install.conf"):
        run("mtype", "-i", esp, "::" + name)
    file_system = "%s?offset=%d" % (path, parts["palette-data"][0])
    data = subprocess.run(["e2fsck", "-fn", file_system], check=False, capture_output=True, text=True)
    if data.returncode:
        raise Broken("the data partition has errors: " + data.stdout)
    for content in (medium / "palette/content").glob("*"):
        got = subprocess.run(["debugfs", "-R", "cat /content/files/" + content.name, file_system],
                             check=False, capture_output=True)
        if got.stdout != content.read_bytes():
            raise Broken("the content %s has %d bytes or others" % (content.name, len(got.stdout)))


def judge(path, media):
    """"does not start" or "complete: NAME" or Broken."""
    with open(path, "rb") as file:
        disk = file.fileno()
        bios, parts = starts(disk, os.fstat(disk).st_size)
        if not bios and not parts:
            return "does not start"
        reasons = []
        for name, medium in media.items():
            try:
                check_complete(path, disk, parts, medium, bios)
                return "complete, " + name
            except (Broken, subprocess.CalledProcessError) as why:
                reasons.append("not the %s: %s" % (name, why))
        raise Broken("it starts%s and is\n  %s" % (" by BIOS" if bios else "", "\n  ".join(reasons)))


# One installation


class Bench:
    """What all installations share."""

    def __init__(self, build, work):
        self.install, self.preload = build / "bin/palette-install", build / "tests/powercut.so"
        self.work = work
        self.totals = {}

    def command(self, medium, disk, kind):
        return [str(self.install), "--target", str(disk), "--source", str(medium), "--yes", *kind.options]

    def attempt(self, disk, kind, last, log):
        """Installs until the event number @last; (exit status, events, journal)."""
        counter, journal = disk.with_suffix(".count"), disk.with_suffix(".journal")
        for path in (counter, journal):
            path.unlink(missing_ok=True)
        with open(log, "wb") as output:
            process = subprocess.Popen(
                self.command(kind.medium, disk, kind), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "LD_PRELOAD": str(self.preload), "TMPDIR": str(self.work),
                     "POWERCUT": "%s %s %s %d" % (disk, counter, journal, last)})
            status = process.wait()
        return status, struct.unpack("=q", counter.read_bytes())[0], journal

    def fresh(self, number, kind):
        """The disk before the installation, and the media that may be on it afterwards."""
        disk = self.work / ("%d.img" % number)
        if number % 2:
            shutil.copyfile(self.old(kind), disk) if kind.name == "small" else run(
                "cp", "--sparse=always", "--reflink=auto", self.old(kind), disk)
            return disk, {"new": kind.medium, "old": kind.old}
        with open(disk, "wb") as file:
            file.truncate(kind.disk_bytes)
        return disk, {"new": kind.medium}

    def old(self, kind):
        return self.work / ("old-%s.img" % kind.name)

    def prepare(self, kind):
        """The installation that was there before, and how many events a whole one has."""
        with open(self.old(kind), "wb") as file:
            file.truncate(kind.disk_bytes)
        run(*self.command(kind.old, self.old(kind), kind))
        for number in (0, 1):
            disk, media = self.fresh(number, kind)
            log = disk.with_suffix(".log")
            status, events, _ = self.attempt(disk, kind, 0, log)
            if status or judge(disk, media) != "complete, new":
                sys.exit("torture.py: an installation without a cut fails:\n" + log.read_text())
            self.totals[kind.name, number] = events
            self.remove(disk)

    @staticmethod
    def choose_event(rng, total):
        """Anywhere, or where it is most delicate: near the wiping, or near the end. One past the end:
        the power goes right after the program has said that it is done."""
        first, last = rng.choice(((1, total + 1), (1, 12), (total - 16, total + 1)))
        return rng.randint(first, last)

    @staticmethod
    def remove(disk):
        for path in disk.parent.glob(disk.stem + ".*"):
            path.unlink()

    def case(self, number, kind):
        """One cut; (number, verdict, what was done)."""
        rng = random.Random(number)
        disk, media = self.fresh(number, kind)
        last = self.choose_event(rng, self.totals[kind.name, number % 2])
        status, events, journal = self.attempt(disk, kind, last, disk.with_suffix(".log"))
        done = status == 0
        if not done and status != -signal.SIGKILL:
            return number, "FAILED", "status %d: %s" % (status, disk.with_suffix(".log").read_text())
        lost = lose_power(disk, journal, rng)
        what = "case %d (%s, %s before): event %d of %d, %d writes not flushed" % (
            number, kind.name, "installed" if number % 2 else "blank", last,
            self.totals[kind.name, number % 2], lost)
        try:
            verdict = judge(disk, media)
            if done and verdict != "complete, new":
                verdict, what = "FAILED", what + ": said to be done, and " + verdict
        except Broken as why:
            verdict, what = "FAILED", "%s: %s" % (what, why)
        self.remove(disk)
        return number, verdict, what


def self_check(bench, kind):
    """Each kind of damage to a complete disk has to be found; returns what was not."""
    missed = []
    disk, media = bench.fresh(1, kind)
    with open(disk, "rb") as file:
        parts = gpt(file.fileno(), 512)
    esp, core = parts["palette-esp"][0], (media["old"] / "boot/vmlinuz").read_bytes()[:4096]
    kernel = disk.read_bytes().index(core, esp)
    content = (media["old"] / "palette/content/file1").read_bytes()[:4096]
    content = disk.read_bytes().index(content, parts["palette-data"][0])
    end = disk.stat().st_size
    damages = {
        "slot a": [(parts["palette-system-a"][0] + 12345, b"?")],
        "slot b": [(parts["palette-system-b"][0] + 5 * MIB, b"?")],
        "core image": [(parts["palette-bios"][0] + 5000, b"?")],
        "a kernel": [(kernel + 99, b"?")],
        "FAT": [(esp, bytes(512))],
        "data": [(parts["palette-data"][0] + 1024, bytes(1024))],
        "content": [(content + 3 * MIB, b"?")],
        "both tables, not the boot sector": [(512, bytes(512)), (end - 512, bytes(512))],
    }
    for what, writes in damages.items():
        shutil.copyfile(bench.old(kind), disk)
        with open(disk, "r+b") as file:
            for offset, data in writes:
                os.pwrite(file.fileno(), data, offset)
        try:
            missed.append("%s: %s" % (what, judge(disk, media)))
        except Broken:
            pass
    with open(disk, "r+b") as file:
        for offset in (0, end - MIB):
            os.pwrite(file.fileno(), bytes(MIB), offset)
    if judge(disk, media) != "does not start":
        missed.append("a disk without marks")
    bench.remove(disk)
    return missed


def add_content(medium, name):
    """Two files, of which one does not fit a chunk and none a block."""
    (medium / "palette/content").mkdir()
    lines = []
    for number, size in ((1, 5 * MIB + 7), (2, 100)):
        data = random.Random(name + str(number)).randbytes(size)
        (medium / "palette/content" / ("file%d" % number)).write_bytes(data)
        lines.append("file = %s %d file%d\n" % (hashlib.sha256(data).hexdigest(), size, number))
    (medium / "palette/content.manifest").write_text("".join(lines))


def kinds(work, iso):
    """The media: two small ones that differ, and those of the ISO."""
    media = []
    for name, mib in (("new", 7), ("old", 6)):
        medium = work / ("medium-" + name)
        run(HERE / "make-medium.sh", medium, mib)
        add_content(medium, name)
        media.append(medium)
    found = [Kind("small", *media, ["--esp-size", "40M", "--system-size", "8M", "--data-min-size", "8M"],
                  96 * MIB)]
    if iso:
        tree = work / "medium-iso"
        run("xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/", tree)
        run("chmod", "-R", "u+w", tree)
        found.append(Kind("full", tree, tree, [], 12 << 30))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--iso", type=pathlib.Path)
    parser.add_argument("--self-check", action="store_true", help="is each kind of damage found?")
    options = parser.parse_args()
    build = options.build.resolve()
    begin = time.monotonic()
    tally = collections.Counter()
    with tempfile.TemporaryDirectory(dir=build, prefix="torture.") as directory:
        work = pathlib.Path(directory)
        bench = Bench(build, work)
        small, *full = kinds(work, options.iso and options.iso.resolve())
        for kind in (small, *full):
            bench.prepare(kind)
        if options.self_check:
            sys.exit("\n".join(self_check(bench, small)) or 0)

        def case(number):
            # Even ones are onto an empty disk, odd ones over an old installation.
            large = full and number % (2 * FULL_SIZE_EVERY) in (0, FULL_SIZE_EVERY + 1)
            return (large and "full" or "small", *bench.case(number, full[0] if large else small))

        numbers = range(options.first, options.first + options.count)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for size, _, verdict, what in pool.map(case, numbers):
                tally[size, verdict] += 1
                if verdict == "FAILED":
                    print("FAILED: " + what, flush=True)
    print("%d installations cut in %.0f s: %s" % (
        sum(tally.values()), time.monotonic() - begin,
        "; ".join("%d %s size: %s" % (count, size, verdict)
                  for (size, verdict), count in sorted(tally.items()))))
    sys.exit(any(verdict == "FAILED" for _, verdict in tally))


main()
