"""An ISO made to order by palette-iso, and what has to be on a disk it installed."""

import hashlib
import os
import pathlib
import re
import subprocess

PALETTE_ISO = pathlib.Path(__file__).resolve().parent.parent.parent / "image/palette-iso"


def to_order(iso, work, timeout=5):
    """The ISO with content and settings of its own; the content's names and bytes."""
    content = {"bundle one.tar.zst": os.urandom(9_000_001), "ünïcode's.txt": b"tiny\n"}
    (work / "content").mkdir()
    for name, data in content.items():
        (work / "content" / name).write_bytes(data)
    made = work / "made.iso"
    subprocess.run([PALETTE_ISO, "customize", iso, made, "--content", work / "content",
                    "--timeout", str(timeout), "--kernel-arg", "panic=30"], check=True)
    return made, content


def with_arguments(iso, work, *arguments):
    """The ISO with kernel arguments and no other change."""
    made = work / "arguments.iso"
    words = [word for argument in arguments for word in ("--kernel-arg", argument)]
    subprocess.run([PALETTE_ISO, "customize", iso, made, *words], check=True)
    return made


def check_content(shell, content):
    """As palette-hostd lists it, and as the disk has it."""
    listed = shell.check("palette-content list")
    for name, data in content.items():
        digest = hashlib.sha256(data).hexdigest()
        assert re.search(r"%s +%d +medium +.* +%s" % (digest, len(data), re.escape(name)), listed), listed
    assert "%d files are as their digests say" % len(content) in shell.check("palette-content verify")
