"""The log that QEMU keeps of a disk's writes and flushes (dm-log-writes' format)."""

import collections
import os
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
        size = os.fstat(log.fileno()).st_size
        number = 0
        # The log only grows. QEMU brings the count in its head up to date now and then: it may lag behind the last flush.
        while number < count or at + sector <= size:
            number += 1
            log.seek(at)
            start, sectors, flags, _ = struct.unpack("<QQQQ", log.read(32))
            at += sector
            yield Entry(start * sector, sectors * sector, bool(flags & (FLUSH | FUA)),
                        bool(flags & DISCARD), at)
            if not flags & DISCARD:
                at += sectors * sector


def write(path, operations):
    """Makes a log of (offset, bytes) and "flush"."""
    with open(path, "wb") as log:
        log.write(struct.pack("<QQQI", MAGIC, 1, len(operations), 512).ljust(512, b"\0"))
        for operation in operations:
            offset, data = (0, b"") if operation == "flush" else operation
            log.write(struct.pack("<QQQQ", offset // 512, len(data) // 512,
                                  FLUSH if operation == "flush" else 0, 0).ljust(512, b"\0"))
            log.write(data)
