# SPDX-License-Identifier: Apache-2.0
"""isocopy - the original of an ISO into a file of its own."""

import concurrent.futures
import errno
import os

from isofile import CHUNK, Failure

# Files as large as that follow in a thread: neither directories nor what firmware starts.
LARGE_BYTES = 4 << 20
COPY_BYTES = 32 << 20


def copy_some(source, target, offset, size):
    """Copies up to @size bytes at @offset, by the file system itself where it can; the number of bytes."""
    try:
        return os.copy_file_range(source, target, size, offset, offset)
    except OSError as error:
        # Another file system, or one that knows no such copy.
        if error.errno not in (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
            raise
    data = os.pread(source, min(size, CHUNK), offset)
    done = 0
    while done < len(data):
        done += os.pwrite(target, data[done:], offset + done)
    return done


def ranges(iso):
    """(offset, end) of the original: the data of its large files, and all that is between them."""
    large, between, at = [], [], 0
    for offset, size in sorted({extent for extents in iso.files.values() for extent in extents[1]}):
        if size >= LARGE_BYTES and at <= offset and offset + size <= iso.original_bytes:
            between.append((at, offset))
            large.append((offset, offset + size))
            at = offset + size
    return large, [*between, (at, iso.original_bytes)]


class Copy:
    """A copy of @iso's original at @path, of which a session can be appended at once.

    For that xorriso reads all but the data of large files. Those come meanwhile; wait() ends with the last.
    """

    def __init__(self, iso, path):
        self.iso = iso
        self.threads = concurrent.futures.ThreadPoolExecutor(2)  # one copies, one flushes
        self.flushing = None
        self.stopped = False
        self.file = open(path, "xb", buffering=0)
        large, between = ranges(iso)
        for offset, end in between:
            self.bring(offset, end)
        head = iso.original_head()
        os.pwrite(self.file.fileno(), head, 0)
        self.rest = self.threads.submit(lambda: [self.bring(offset, end) for offset, end in large])

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        self.stopped = failure is not None
        self.threads.shutdown()
        self.file.close()

    def bring(self, offset, end):
        while offset < end and not self.stopped:
            n = copy_some(self.iso.file.fileno(), self.file.fileno(), offset, min(COPY_BYTES, end - offset))
            if n == 0:
                raise Failure("%s ends at byte %d" % (self.iso.path, offset))
            offset += n
            # The disk writes while the rest is copied; the flush at the end finds little left.
            if n >= LARGE_BYTES and (not self.flushing or self.flushing.done()):
                self.flushed()
                self.flushing = self.threads.submit(os.fdatasync, self.file.fileno())

    def flushed(self):
        """Raises what went wrong meanwhile: Linux tells a file's failed writing once, and not to the next fsync."""
        if self.flushing:
            self.flushing.result()

    def wait(self):
        self.rest.result()

    def flush(self):
        """All of it, and what was added, is on the disk."""
        self.wait()
        self.flushed()
        os.fsync(self.file.fileno())
