"""Figures of an ISO made to order: adapting it, and its content onto a disk. Called by figures.py."""

import hashlib
import os
import re
import shutil
import statistics
import subprocess
import time

MB = 1_000_000
GIB = 1 << 30
PAIRS = 7


def seconds(*command):
    start = time.monotonic()
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def copied(source, target):
    """cp alone, and with what it wrote on the disk."""
    target.unlink(missing_ok=True)
    os.sync()
    alone = seconds("cp", source, target)
    return alone, alone + seconds("sync", target)


def of_400_mb(work, packed, medium):
    """The largest ISO that may be: ours, its OS image as much larger. What is in the manifest is not read when it is adapted."""
    tree = work / "medium-400"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["cp", "-a", medium, tree], check=True)
    used = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())
    with open(tree / "palette/os.img", "ab") as file:
        for _ in range(max(0, 400 * MB - used) // MB):
            file.write(os.urandom(MB))
    iso = packed("of-400", tree)
    shutil.rmtree(tree)
    return iso


def customize(row, work, iso):
    answers, made, copy = work / "answers.conf", work / "made.iso", work / "copy.iso"
    answers.write_text("action = reboot\n")
    pairs = []
    for _ in range(PAIRS):
        made.unlink(missing_ok=True)
        os.sync()
        ours = seconds("image/palette-iso", "customize", iso, made, "--answers", answers, "--timeout", "0",
                       "--kernel-arg", "panic=30")
        pairs.append((ours, *copied(iso, copy)))
    for path in (answers, made, copy):
        path.unlink()
    assert iso.stat().st_size > 390 * MB, iso
    what = "palette-iso customize, its result on the disk (ISO of %.0f MB)" % (iso.stat().st_size / MB)
    for number, reference in ((2, "cp and sync"), (1, "cp alone, into memory")):
        row(what, "%.2f s" % statistics.median(p[0] for p in pairs),
            "%s %.2f s" % (reference, statistics.median(p[number] for p in pairs)),
            "%.2f" % statistics.median(p[0] / p[number] for p in pairs), "<= 1.5" if number == 2 else "-")


def make_content(medium):
    """2 GiB in four files that do not compress, and their manifest."""
    folder = medium / "palette/content"
    folder.mkdir()
    lines = []
    for i in range(4):
        digest = hashlib.sha256()
        with open(folder / ("part%d" % i), "wb") as file:
            for _ in range(GIB // 2 >> 24):
                data = os.urandom(1 << 24)
                digest.update(data)
                file.write(data)
        lines.append("file = %s %d part%d\n" % (digest.hexdigest(), GIB // 2, i))
    (medium / "palette/content.manifest").write_text("".join(lines))
    return folder


def installed(install, medium, work):
    """Seconds of each of the content's steps, and the resident memory of the whole, in MiB."""
    disk, log = work / "content.img", work / "content.log"
    for path in (disk, log):
        path.unlink(missing_ok=True)
    os.sync()
    mebibytes = 0
    with subprocess.Popen([install, "--target", disk, "--size", "16G", "--source", medium, "--yes",
                           "--log", log], stdout=subprocess.DEVNULL) as ours:
        # Not what wait4() tells: that has the highest of this program before the exec, too.
        while ours.poll() is None:
            with open("/proc/%d/status" % ours.pid, encoding="utf-8") as status:
                found = re.search(r"VmHWM:\s*(\d+) kB", status.read())
            mebibytes = max(mebibytes, int(found.group(1)) / 1024 if found else 0)
            time.sleep(0.05)
    assert ours.returncode == 0, ours.returncode
    text = log.read_text()
    disk.unlink()
    steps = {}
    for verb in ("Check", "Write", "Read"):
        number = re.search(r"step (\d+) of \d+: %s the content" % verb, text).group(1)
        steps[verb] = int(re.search(r"step %s done in (\d+) ms" % number, text).group(1)) / 1000
    return steps, mebibytes


def verified(folder, copy):
    """Seconds of what has the same guarantees: digests before, copy and sync, what the disk returns, its digests."""
    before = seconds("sh", "-c", 'sha256sum "$1"/*', "sh", folder)
    wall = seconds("cp", "-r", folder, copy) + seconds("sync", "-f", copy)
    read = seconds("sh", "-c", 'for f in "$1"/*; do dd if="$f" of=/dev/null bs=4M iflag=direct status=none; done', "sh",
                   copy)
    after = seconds("sh", "-c", 'for f in "$1"/*; do dd if="$f" bs=4M iflag=direct status=none | sha256sum; done', "sh",
                    copy)
    return wall, read, before + wall + after


def content(row, work, medium, install):
    source = work / "medium-content"
    shutil.rmtree(source, ignore_errors=True)
    subprocess.run(["cp", "-a", medium, source], check=True)
    folder, copy = make_content(source), work / "content-copy"
    pairs, mebibytes = [], []
    for _ in range(PAIRS):
        ours, memory = installed(install, source, work)
        shutil.rmtree(copy, ignore_errors=True)
        os.sync()
        pairs.append(((ours["Check"] + ours["Write"], ours["Read"], sum(ours.values())), verified(folder, copy)))
        mebibytes.append(memory)
        shutil.rmtree(copy)
    shutil.rmtree(source)
    for number, what, reference, target in (
            (0, "checked first, then written", "cp and sync", "<= 1.15"),
            (1, "read back and compared", "dd of the copy, past the page cache", "-"),
            (2, "all three", "sha256sum, cp, sync, sha256sum of what the disk returns", "-")):
        row("content, 2 GiB to a plain file: " + what,
            "%.2f s" % statistics.median(ours[number] for ours, _ in pairs),
            "%s %.2f s" % (reference, statistics.median(theirs[number] for _, theirs in pairs)),
            "%.2f" % statistics.median(ours[number] / theirs[number] for ours, theirs in pairs), target)
    row("the same, resident memory at its highest", "%.0f MiB" % max(mebibytes), "-", "-", "<= 64 MiB")


def figures(row, work, packed, medium, install):
    customize(row, work, of_400_mb(work, packed, medium))
    content(row, work, medium, install)
