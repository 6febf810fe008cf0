# SPDX-License-Identifier: Apache-2.0
"""isocontent - the files that become an ISO's content, and whether they stay what they were."""

import collections
import os

import isofile
from isofile import Failure

# By what a file is known to be the same, unchanged.
State = collections.namedtuple("State", "device inode bytes mtime_ns")
File = collections.namedtuple("File", "name path state sha256")


def state_of(status):
    return State(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def listed(directory, others):
    """The folder's files by name, without digests. @others: the ISOs that are read and written, which are none."""
    media = [path for path in others if os.path.exists(path)]
    found = []
    for entry in os.scandir(directory):
        if not entry.is_file():
            raise Failure("%s is no plain file: content has no folders" % entry.path)
        isofile.check_name(entry.name)
        for path in media:
            if os.path.samefile(entry.path, path):
                raise Failure("%s is %s, which is no content: give a folder without it" % (entry.path, path))
        state = state_of(entry.stat())
        if state.bytes == 0:
            raise Failure("%s is empty" % entry.name)
        # Of a link xorriso would take the link, not what it leads to.
        found.append(File(entry.name, os.path.realpath(entry.path), state, None))
    if not found or len(found) > isofile.CONTENT_FILES_MAX:
        raise Failure("%s has %d files; 1 to %d are taken"
                      % (directory, len(found), isofile.CONTENT_FILES_MAX))
    return sorted(found, key=lambda file: os.fsencode(file.name))


def with_digests(files):
    return [file._replace(sha256=isofile.digest_path(file.path)[1]) for file in files]


def manifest_text(files):
    return "# Content of this medium: SHA-256, bytes, name to the end of the line.\n" + "".join(
        "file = %s %d %s\n" % (file.sha256, file.state.bytes, file.name) for file in files)


def check_unchanged(files, iso):
    """From before the digests were made until all of it is on @iso nobody may have written to a file."""
    for file in files:
        try:
            now = state_of(os.stat(file.path))
        except OSError:
            now = None
        if now != file.state or iso.files[isofile.CONTENT + "/" + file.name][0] != file.state.bytes:
            raise Failure("%s changed while it was copied: try again when it is complete" % file.name)
