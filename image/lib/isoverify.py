# SPDX-License-Identifier: Apache-2.0
"""isoverify - every byte of an installation ISO against what says what it should be."""

import hashlib
import os
import re
import struct
import zlib

import isoareas
import isofile

# What starts the medium and stands in no manifest: the areas cover it.
BOOT = re.compile(r"boot/grub/(grub\.cfg|loopback\.cfg|eltorito\.img)\Z|boot/boot\.cat\Z|EFI/BOOT/[A-Za-z0-9]+\.(EFI|efi)\Z")
OWN = re.compile(r"palette/(manifest(\.sig)?|(made\.)?areas|made\.conf|content\.manifest|id-[0-9a-f]{16})\Z")


def check_files(iso, rows, prefix, source):
    """Problems with the files that @source lists, as rows (digest, bytes, path)."""
    for digest, size, path in rows:
        path = prefix + path
        if path not in iso.files:
            yield "%s is missing, %s lists it" % (path, source)
        elif iso.files[path][0] != size:
            yield "%s has %d bytes, %s says %d" % (path, iso.files[path][0], source, size)
        else:
            now = iso.digest(path)
            if now != digest:
                yield "%s is damaged: its SHA-256 should be %s and is %s" % (path, digest, now)


def check_unlisted(iso):
    listed = {path for _, _, path in iso.listed}
    listed |= {path for _, _, path in (iso.made[1] if iso.made else [])}
    listed |= {isofile.CONTENT + "/" + name for _, _, name in iso.content()}
    for path in sorted(iso.files):
        if path not in listed and not BOOT.match(path) and not OWN.match(path):
            yield "%s is in no manifest" % path


def check_names(iso):
    """The medium's id is said in four places."""
    if "palette/id-" + iso.medium_id not in iso.files:
        yield "the volume is called %s, but there is no palette/id-%s" % (iso.medium_id, iso.medium_id)
    if iso.manifest.get("medium-id") != iso.original_id:
        yield "the manifest is of medium %s, the original of %s" % (iso.manifest.get("medium-id"), iso.original_id)
    if b"/palette/id-" + iso.medium_id.encode() not in iso.esp():
        yield "the EFI partition does not look for /palette/id-%s" % iso.medium_id
    if iso.made and iso.made[0].get("medium-id") != iso.medium_id:
        yield "%s is of medium %s" % (isofile.RECORD, iso.made[0].get("medium-id"))
    for _, _, name in iso.content():
        try:
            isofile.check_name(name)
        except isofile.Failure as failure:
            yield str(failure)


def check_esp(iso):
    """The signed loaders, which stand on the ISO three times."""
    esp = iso.esp()
    for path in sorted(iso.files):
        if not path.startswith("palette/efi/"):
            continue
        name = os.path.basename(path)
        data = b"".join(iso.chunks(path))
        if data not in esp:
            yield "%s on the EFI partition is damaged" % name
        copy = "EFI/BOOT/" + name
        if copy in iso.files and iso.digest(copy) != isofile.digest_bytes(data):
            yield "%s is not %s" % (copy, path)


def check_table(iso, at, other, what):
    header = bytearray(iso.read(at, 512))
    if header[:8] != b"EFI PART":
        return "the %s partition table is missing at byte %d" % (what, at)
    stated = struct.unpack("<I", header[16:20])[0]
    header[16:20] = bytes(4)
    entries_lba, n, size, entries_crc = struct.unpack("<QIII", header[72:92])
    here, there = struct.unpack("<QQ", header[24:40])
    if zlib.crc32(header[:92]) != stated or n * size > 1 << 20 or \
            zlib.crc32(iso.read(entries_lba * 512, n * size)) != entries_crc:
        return "the %s partition table is damaged" % what
    if here * 512 != at or there * 512 != other:
        return "the %s partition table says that it is at sector %d and its copy at %d" % (what, here, there)
    return None


def check_tables(iso):
    """The backup is in the last sector of the image."""
    last = iso.volume_bytes - 512
    for problem in (check_table(iso, 512, last, "primary"), check_table(iso, last, 512, "backup")):
        if problem:
            yield problem
    if iso.bytes != iso.volume_bytes:
        yield "%d bytes stand behind the image's end" % (iso.bytes - iso.volume_bytes)


def original_digest(iso):
    digest = hashlib.sha256()
    for chunk in iso.original_chunks():
        digest.update(chunk)
    return digest.hexdigest()


def stated_digest(path):
    """What the .sha256 file beside an ISO says; None: there is none."""
    try:
        with open(path + ".sha256", encoding="utf-8", errors="replace") as file:
            return (file.read().split() or [None])[0]
    except FileNotFoundError:
        return None


def check_stated(iso, digest):
    """An ISO that is as it was built may have a .sha256 file beside it."""
    stated = None if iso.made else stated_digest(iso.path)
    if stated and stated != digest:
        yield "%s.sha256 says SHA-256 %s, it is %s" % (iso.path, stated, digest)


def verify(iso):
    problems = list(check_files(iso, iso.listed, "", isofile.MANIFEST))
    problems += check_files(iso, iso.content(), isofile.CONTENT + "/", isofile.CONTENT_MANIFEST)
    if iso.made:
        problems += check_files(iso, iso.made[1], "", isofile.RECORD)
    for check in (check_unlisted, check_names, check_esp, check_tables, isoareas.check):
        problems += check(iso)
    digest = original_digest(iso)
    problems += check_stated(iso, digest)
    for problem in problems:
        print(problem)
    if problems:
        print("%s: %d problems" % (iso.path, len(problems)))
        return 1
    n = len(iso.listed) + len(iso.content()) + (len(iso.made[1]) if iso.made else 0)
    print("%s: %d files are as their manifests say" % (iso.path, n))
    print("SHA-256 of the original, for its .sha256 file: %s" % digest)
    return 0
