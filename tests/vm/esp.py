"""Looks at an installed disk from outside, and damages it."""

import json
import shutil
import subprocess


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def raw_copy(base, path):
    """A copy with the holes of its original, for tests that change it from outside."""
    run("cp", "--sparse=always", "--reflink=auto", str(base), str(path))
    return path


def partitions(disk):
    """Name -> (start, size) in bytes, read by sfdisk."""
    table = json.loads(run("sfdisk", "--json", str(disk)))["partitiontable"]
    sector = table.get("sectorsize", 512)
    return {part["name"]: (part["start"] * sector, part["size"] * sector)
            for part in table["partitions"]}


def mtools_image(disk):
    return "%s@@%d" % (disk, partitions(disk)["palette-esp"][0])


def read(disk, path):
    return subprocess.run(["mtype", "-i", mtools_image(disk), "::" + path], check=True,
                          stdout=subprocess.PIPE).stdout


def write(disk, path, content, work):
    new = work / "new.file"
    new.write_bytes(content)
    run("mcopy", "-o", "-i", mtools_image(disk), str(new), "::" + path)
    new.unlink()


def listing(disk, path):
    return run("mdir", "-b", "-i", mtools_image(disk), "::" + path).split()


def remove_mark(disk, mark):
    """"pending", "unattended": the file by which the medium's GRUB knows the disk."""
    names = [name for name in listing(disk, "/palette") if mark + "-" in name]
    assert len(names) == 1, names
    run("mdel", "-i", mtools_image(disk), names[0])


def flip(disk, offset, count=1, step=1):
    """Inverts @count bytes, each @step after the one before."""
    with open(disk, "r+b") as file:
        for at in range(offset, offset + count * step, step):
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 0xff]))


def boot_marks(disk):
    """What a firmware would start a disk by: of a disk that was half written there must be none."""
    marks = []
    with open(disk, "rb") as file:
        head = file.read(1024)
        file.seek(-512, 2)
        tail = file.read(8)
    if head[510:512] == b"\x55\xaa":
        marks.append("boot sector")
    if head[512:520] == b"EFI PART":
        marks.append("GPT")
    if tail == b"EFI PART":
        marks.append("backup GPT")
    return marks


def check_complete(disk):
    """A disk with a boot sector has everything: table, file systems, two equal slots."""
    run("sgdisk", "-v", str(disk))
    parts = partitions(disk)
    assert list(parts) == ["palette-bios", "palette-esp", "palette-system-a", "palette-system-b",
                           "palette-data"], parts
    assert listing(disk, "/palette/a") and listing(disk, "/palette/b")
    run("e2fsck", "-fn", "%s?offset=%d" % (disk, parts["palette-data"][0]))
    chunk = 1 << 20
    with open(disk, "rb") as a, open(disk, "rb") as b:
        a.seek(parts["palette-system-a"][0])
        b.seek(parts["palette-system-b"][0])
        for _ in range(256):
            assert a.read(chunk) == b.read(chunk)


def payload(iso, name):
    """(offset, size) of a file of the ISO."""
    report = run("xorriso", "-indev", str(iso), "-find", name, "-exec", "report_lba", "--")
    fields = report.split("File data lba:")[1].split("\n")[0].split(",")
    return int(fields[1]) * 2048, int(fields[3])
