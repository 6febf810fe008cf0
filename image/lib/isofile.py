# SPDX-License-Identifier: Apache-2.0
"""isofile - an installation ISO as a file: its volume, its partitions, its files, its original."""

import calendar
import hashlib
import os
import re
import shlex
import stat
import struct
import subprocess
import sys
import time

SECTOR = 2048
# The first 48 sectors change when a session is appended: tables, and two sets of descriptors.
HEAD_BYTES = 64 * SECTOR
CHUNK = 4 << 20
CONTENT_FILES_MAX = 1000
CONTENT_NAME_MAX = 200
SMALL_FILE_MAX = 4 << 20
# What C's isspace() cuts off. Python's own strip() takes a no-break space for a blank, which names may end with.
BLANKS = " \t\r\v\f"

MANIFEST = "palette/manifest"
SIGNATURE = "palette/manifest.sig"
SBOM = "palette/sbom.spdx.json"
ANSWERS = "palette/answers.conf"
CONTENT = "palette/content"
CONTENT_MANIFEST = "palette/content.manifest"
SETTINGS = "palette/made.cfg"
RECORD = "palette/made.conf"
HEAD = "palette/made.head"
AREAS = "palette/areas"
MADE_AREAS = "palette/made.areas"
SBAT = "palette/sbat"


class Failure(Exception):
    """What the person is told."""


def warn(text):
    print("palette-iso: " + text, file=sys.stderr)


def xorriso(words, epoch=0):
    """Runs it; returns what it says on stdout."""
    try:
        done = subprocess.run(["xorriso", "-no_rc", "-report_about", "WARNING", *words],
                              stdin=subprocess.DEVNULL, capture_output=True,
                              env=dict(os.environ, LC_ALL="C.UTF-8", SOURCE_DATE_EPOCH=str(epoch)))
    except FileNotFoundError:
        raise Failure("xorriso is not installed")
    if done.returncode:
        lines = [line for line in os.fsdecode(done.stderr).split("\n")
                 if " : FAILURE : " in line or " : FATAL : " in line]
        raise Failure("xorriso: %s" % (lines[0].split(" : ", 2)[2] if lines else
                                       "exit status %d" % done.returncode))
    return os.fsdecode(done.stdout)


def digest_bytes(data):
    return hashlib.sha256(data).hexdigest()


def digest_path(path):
    """Bytes and SHA-256 of a file."""
    size, digest = 0, hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()


def check_name(name):
    """The rules of hostd/content_check.c."""
    raw = os.fsencode(name)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Failure("the name %r is not UTF-8" % raw)
    if not 1 <= len(raw) <= CONTENT_NAME_MAX:
        raise Failure("the name %s has %d bytes; 1 to %d are taken" % (name, len(raw), CONTENT_NAME_MAX))
    if name[0] == ".":
        raise Failure("the name %s must not begin with a dot" % name)
    if name[0] == " " or name[-1] == " ":
        raise Failure("the name \"%s\" must not begin or end with a blank" % name)
    if "/" in name or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in name):
        raise Failure("the name %r must not have a \"/\" or control characters" % name)


def parse(text, path):
    """A dict of "key = value" lines, and the rows of its "file" lines: (digest, bytes, path)."""
    keys, files = {}, []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip(BLANKS)
        if not line or line.startswith("#"):
            continue
        key, equals, value = (part.strip(BLANKS) for part in line.partition("="))
        if not equals or (key != "file" and key in keys):
            raise Failure("%s: line %d is wrong: %s" % (path, number, line))
        if key != "file":
            keys[key] = value
            continue
        match = re.match(r"([0-9a-f]{64}) ([0-9]+) (.+)\Z", value)
        if not match:
            raise Failure("%s: line %d is not \"digest bytes path\": %s" % (path, number, line))
        files.append((match[1], int(match[2]), match[3]))
    return keys, files


def volume_bytes(path):
    """The size of the image at @path, as its descriptor says."""
    with open(path, "rb") as file:
        file.seek(16 * SECTOR + 80)
        return struct.unpack("<I", file.read(4))[0] * SECTOR


class Iso:
    """Read-only; attributes are named for what they are on the ISO."""

    def __init__(self, path):
        self.path = path
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISBLK(mode):
            raise Failure("%s is neither a file nor a disk: save the ISO as a file first" % path)
        self.file = open(path, "rb")
        # A disk's size is not in its inode.
        self.bytes = self.file.seek(0, os.SEEK_END)
        volume = self.read(16 * SECTOR, SECTOR)
        if volume[1:6] != b"CD001":
            raise Failure("%s is no ISO" % path)
        self.medium_id = volume[190:318].decode("ascii", "replace").strip(" \0")
        self.volume_bytes = volume_bytes(path)
        if self.volume_bytes > self.bytes:
            raise Failure("%s is truncated: it has %d bytes, its image %d"
                          % (path, self.bytes, self.volume_bytes))
        if stat.S_ISBLK(mode):
            # A stick has more room than the image that was written to it.
            self.bytes = self.volume_bytes
        # Modification time, to the hundredth, in UTC.
        self.stamp = volume[830:846].decode("ascii", "replace")
        if not re.match(r"[0-9]{16}\Z", self.stamp):
            raise Failure("%s has no date" % path)
        self.epoch = calendar.timegm(time.strptime(self.stamp[:14], "%Y%m%d%H%M%S"))
        self.files = self.find_files()
        if MANIFEST not in self.files:
            raise Failure("%s is no installation medium: it has no %s" % (path, MANIFEST))
        self.manifest, self.listed = parse(self.text(MANIFEST), MANIFEST)
        self.made = parse(self.text(RECORD), RECORD) if RECORD in self.files else None
        made = self.made[0] if self.made else {}
        self.original_id = made.get("original-medium-id", self.medium_id)
        self.original_bytes = int(made.get("original-bytes", self.bytes))
        if self.made and (HEAD not in self.files or self.original_bytes > self.bytes):
            raise Failure("%s: %s does not fit the rest of it" % (path, RECORD))

    def read(self, offset, size):
        self.file.seek(offset)
        data = self.file.read(size)
        if len(data) != size:
            raise Failure("%s ends at byte %d" % (self.path, offset + len(data)))
        return data

    def find_files(self):
        """Path -> (bytes, [(offset, bytes) ...]); a file over 4 GiB has several extents."""
        files = {}
        # Not splitlines(): it also parts names at separators such as U+2028.
        for line in xorriso(["-indev", "stdio:" + self.path, "-find", "/", "-type", "f",
                             "-exec", "report_lba", "--"]).split("\n"):
            match = re.match(r"File data lba: *(\d+) , *(\d+) , *(\d+) , *(\d+) , (.*)\Z", line)
            if not match:
                continue
            extent, lba, blocks, size = (int(match[i]) for i in range(1, 5))
            path = shlex.split(match[5])[0].lstrip("/")
            entry = files.setdefault(path, [size, []])
            entry[0] = size if extent == 0 else max(entry[0], size)
            entry[1].append((lba * SECTOR, blocks * SECTOR))
        return files

    def chunks(self, path):
        """The file's bytes."""
        left, extents = self.files[path]
        for offset, size in extents:
            size = min(size, left)
            left -= size
            while size:
                data = self.read(offset, min(size, CHUNK))
                offset += len(data)
                size -= len(data)
                yield data

    def data(self, path):
        if self.files[path][0] > SMALL_FILE_MAX:
            raise Failure("%s: %s has %d bytes" % (self.path, path, self.files[path][0]))
        return b"".join(self.chunks(path))

    def text(self, path):
        return os.fsdecode(self.data(path))

    def digest(self, path):
        digest = hashlib.sha256()
        for chunk in self.chunks(path):
            digest.update(chunk)
        return digest.hexdigest()

    def entries(self):
        """The ids of the menu's entries that can be the default."""
        ids = re.findall(r"^menuentry .* --id ([a-z]+)", self.text("boot/grub/grub.cfg"), re.M)
        return ids or ["nothing"]

    def content(self):
        """Rows (digest, bytes, name)."""
        if CONTENT_MANIFEST not in self.files:
            return []
        return parse(self.text(CONTENT_MANIFEST), CONTENT_MANIFEST)[1]

    def original_head(self):
        return self.data(HEAD) if self.made else self.read(0, min(HEAD_BYTES, self.bytes))

    def original_chunks(self):
        head = self.original_head()
        yield head
        offset = len(head)
        while offset < self.original_bytes:
            yield self.read(offset, min(CHUNK, self.original_bytes - offset))
            offset += CHUNK

    def esp(self, head=None):
        """The EFI system partition, by the partition table in @head."""
        return self.partition(head or self.read(0, HEAD_BYTES))

    def original_esp(self):
        return self.partition(self.original_head())

    def partition(self, head):
        offset, size = self.partition_range(head)
        return self.read(offset, size)

    def partition_range(self, head):
        """The EFI partition's offset and bytes."""
        table = head[512:1024]
        if table[:8] != b"EFI PART":
            raise Failure("%s has no partition table" % self.path)
        at = struct.unpack("<Q", table[72:80])[0] * 512 + 128
        first, last = struct.unpack("<QQ", head[at + 32:at + 48])
        if not 0 < first <= last or last - first > 65535:
            raise Failure("%s has no EFI partition" % self.path)
        return first * 512, (last - first + 1) * 512
