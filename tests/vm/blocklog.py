"""The log that QEMU keeps of a disk's writes and flushes (dm-log-writes' format)."""

import collections
import struct

Entry = collections.namedtuple("Entry", "offset bytes flush discard data_at")
MAGIC = 0x6a736677736872
FLUSH, FUA, DISCARD = 1, 2, 4


def entries(path):
    """Yields what the disk was told, in order. data_at: where a write's bytes lie in the log."""
    with open(path, "rb") as log:
        magic, _, count, sector = struct.unpack("<QQQI", log.read(28))
        assert magic == MAGIC, "%s is no log of writes" % path
        at = sector
        for _ in range(count):
            log.seek(at)
            start, sectors, flags, _ = struct.unpack("<QQQQ", log.read(32))
            at += sector
            yield Entry(start * sector, sectors * sector, bool(flags & (FLUSH | FUA)),
                        bool(flags & DISCARD), at)
            if not flags & DISCARD:
                at += sectors * sector
