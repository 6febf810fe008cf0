# SPDX-License-Identifier: Apache-2.0
"""isoareas - digests of all that is on an ISO besides the files that have one in a manifest.

A file of lines "SHA-256 OFFSET BYTES NAME", then blank lines, then the digest of its own bytes before. With the
listed files and with itself the areas are the whole ISO. The original has it as palette/areas (image/areas.sh),
an ISO made to order as palette/made.areas.
"""

import hashlib
import re

import isofile

LINE = re.compile(r"([0-9a-f]{64}) ([0-9]+) ([0-9]+) (.+)\Z")
END_BYTES = 65  # the last line
ORIGINAL_BYTES = 16384  # the original's file, image/hybrid.sh


def own(iso):
    return isofile.MADE_AREAS if iso.made else isofile.AREAS


def listed(iso):
    """The paths whose bytes a manifest has; not those of made.conf, which no medium looks at."""
    return {path for _, _, path in iso.listed} | {isofile.CONTENT + "/" + name for _, _, name in iso.content()}


def areas(iso):
    """(offset, bytes, name) of what is in no listed file, in the order of the medium."""
    extents = [(*iso.partition_range(iso.read(0, isofile.HEAD_BYTES)), "EFI-partition")]
    for path, (left, parts) in iso.files.items():
        for offset, size in parts:
            extents.append((offset, min(size, left), path))
            left -= min(size, left)
    found, at, last, known = [], 0, None, listed(iso) | {own(iso)}
    for offset, size, path in sorted(extent for extent in extents if extent[1]):
        if offset > at:
            found.append((at, offset - at, "behind " + last if last else "beginning"))
        if path not in known:
            found.append((offset, size, path))
        at, last = max(at, offset + size), path
    if iso.bytes > at:
        found.append((at, iso.bytes - at, "end"))
    return found


def digest(iso, offset, size):
    made = hashlib.sha256()
    while size:
        data = iso.read(offset, min(size, isofile.CHUNK))
        made.update(data)
        offset += len(data)
        size -= len(data)
    return made.hexdigest()


def room(added):
    """Bytes that are enough for the file on an ISO with @added: each may have an area, and one behind it."""
    size = ORIGINAL_BYTES + sum(2 * (128 + len(path.encode("utf-8", "surrogateescape"))) for path in added)
    return -(-size // isofile.SECTOR) * isofile.SECTOR


def fill(iso, path):
    """Writes the file's bytes into the ISO, where it has zeros."""
    size, [(offset, _)] = iso.files[path]
    text = "".join("%s %d %d %s\n" % (digest(iso, *area[:2]), *area) for area in areas(iso)).encode(
        "utf-8", "surrogateescape")
    if len(text) > size - END_BYTES:
        raise isofile.Failure("%s has %d bytes; %d are needed" % (path, size, len(text) + END_BYTES))
    text += b"\n" * (size - END_BYTES - len(text))
    with open(iso.path, "rb+") as file:
        file.seek(offset)
        file.write(text + isofile.digest_bytes(text).encode() + b"\n")


def check(iso):
    """What is damaged, and what no digest covers."""
    path = own(iso)
    if path not in iso.files:
        yield "%s is missing" % path
        return
    data = iso.data(path)
    if isofile.digest_bytes(data[:-END_BYTES]).encode() + b"\n" != data[-END_BYTES:]:
        yield "%s is damaged" % path
        return
    rows = [LINE.match(line) for line in data[:-END_BYTES].decode("utf-8", "surrogateescape").split("\n") if line]
    if not all(rows) or [(int(row[2]), int(row[3]), row[4]) for row in rows] != areas(iso):
        yield "%s does not list the areas that there are" % path
        return
    for row in rows:
        if digest(iso, int(row[2]), int(row[3])) != row[1]:
            yield "%s is damaged, between byte %s and %d of the ISO" % (row[4], row[2], int(row[2]) + int(row[3]) - 1)
