# SPDX-License-Identifier: Apache-2.0
"""Content whose disk fails, is full or was cut off, and hosts that are unlinked while it is read."""
import contextlib
import os
import threading
import time

import dbus
import pytest
from harness import fault, run
from test_content import KIB64, MIB, begin, digest, names, store, upload
from test_sync import NEVER, Syncthing, check, folder, set_role

MIB4 = KIB64 * 64


def test_what_the_disk_did_not_take_is_dropped(make_host):
    """The kernel tells once of a write that failed; the bytes in memory are still right then."""
    host = make_host
    host.start()
    upload_id, _, file = begin(host, "a", len(KIB64), digest(KIB64))
    with file:
        file.write(KIB64)
    host.stop()
    host.start(**fault("flush /partial/ 0 0 1"))
    why = host.refused("Content", "FinishUpload", "", upload_id)
    assert (why.name, why.text) == ("Failed", "the disk did not take it (Input/output error); upload it again")
    assert host.refused("Content", "FinishUpload", "", upload_id).name == "NotFound"
    assert names(host) == [] and store(host) == []
    upload(host, "a", KIB64)


def test_after_a_boot_an_upload_goes_on_where_its_bytes_are_surely_on_the_disk(host):
    """A power cut during delayed allocation: the file has its size, its last bytes are allocated and were never written."""
    image = host.tmp / "ext4"
    with open(image, "wb") as file:
        file.truncate(64 * MIB)
    run("mkfs.ext4", "-q", image)
    run("mount", "-o", "loop", image, host.root / "srv")
    try:
        host.restart()
        data = os.urandom(8 * MIB)
        ids = {}
        for name, sha256 in (("a", digest(data)), ("no digest", "")):
            ids[name], _, file = begin(host, name, len(data), sha256)
            with file:
                file.write(data[:3 * MIB + 5000])
                os.fsync(file.fileno())
            os.truncate(host.root / "srv/content/partial" / ids[name], 5 * MIB)
        part = host.root / "srv/content/partial" / ids["a"]
        before = part.stat()
        host.restart()
        assert part.stat().st_size == 5 * MIB, "no boot was between"
        host.stop()
        (host.root / "run/palette-hostd/content-trimmed").unlink()
        host.start()
        offsets = {str(row["name"]): int(row["offset"]) for row in host.call("Content", "Uploads", "")}
        assert offsets == {"a": 2 * MIB, "no digest": 0}
        now = part.stat()
        assert now.st_mtime_ns == before.st_mtime_ns and now.st_blocks * 512 >= 8 * MIB, "its room is still its own"
        for name in ids:
            again, offset, file = begin(host, name, len(data), digest(data) if name == "a" else "")
            assert (again, offset) == (ids[name], offsets[name])
            with file:
                file.write(data[offset:])
            assert host.call("Content", "FinishUpload", "", again)["sha256"] == digest(data)
    finally:
        run("umount", "-l", host.root / "srv")


def test_what_the_disk_cannot_look_at_is_not_removed(host):
    upload(host, "a", KIB64)
    begin(host, "b", 10)[2].close()
    kept = store(host)
    file = host.root / "srv/content/files/a"
    record = next((host.root / "srv/content/partial").glob("*.conf"))
    for path in (file, record):
        path.rename(host.tmp / path.name)
    file.symlink_to(file)
    record.mkdir()
    host.restart()
    file.unlink()
    record.rmdir()
    for path in (file, record):
        (host.tmp / path.name).rename(path)
    assert store(host) == kept


@pytest.mark.parametrize("damage", [lambda record: record.mkdir(), lambda record: record.write_text("name = a\nsize = ?\n")],
                         ids=["unreadable", "damaged"])
def test_a_record_that_cannot_be_read_takes_nothing_from_other_hosts(host, damage):
    upload(host, "a", KIB64)
    upload(host, "b", b"b")
    set_role(host, "leader", peers=["192.0.2.2"])
    before = check(host)["manifest"], folder(host)
    record = host.root / "srv/content/meta/a.conf"
    good = record.read_text()
    record.unlink()
    damage(record)
    why = host.refused("Sync", "Check", "", "", NEVER)
    assert why.name == "Failed" and "meta/a.conf" in why.text and "linked hosts keep what they have" in why.text
    assert digest((host.root / "srv/content/sync/manifest").read_bytes()) == before[0] and folder(host) == before[1]
    assert names(host) == ["b"], "what can be read is listed"
    # Its name is not free: whoever uploads it anew is told.
    assert "meta/a.conf" in host.refused("Content", "BeginUpload", "", "a", dbus.UInt64(1), "").text
    record.rmdir() if record.is_dir() else record.unlink()
    record.write_text(good)
    host.restart()
    assert (check(host)["manifest"], folder(host)) == before


def test_what_a_followers_disk_did_not_take_is_fetched_again(make_host):
    make_host.start(**fault("flush /sync/ 0 0 1"))
    set_role(make_host, "follower", "edge-1")
    follower = Syncthing(make_host)
    expected = follower.bring(("a", KIB64))
    facts = check(make_host, expected)
    assert (facts["verified"], facts["missing"], list(facts["damaged"])) == (0, 65536, [digest(KIB64)])
    assert check(make_host, expected)["verified"] == 0, "it is gone"
    follower.put(digest(KIB64), KIB64)
    assert check(make_host, expected)["verified"] == 1


def test_a_leader_with_a_full_disk_gets_room_by_deleting(host):
    run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", host.root / "srv")
    try:
        host.restart()
        upload(host, "large", MIB4)
        for i in range(60):  # a list that has no room in what one record leaves
            upload(host, f"{i:02}" + "x" * 190, b"x%d" % i)
        set_role(host, "leader", peers=["192.0.2.2"])
        before = check(host)["manifest"]
        with open(host.root / "srv/filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        host.call("Content", "Delete", "", "large")
        assert digest(MIB4) not in folder(host) and int(host.call("Content", "Space", "")["free"]) > 3 << 20
        assert check(host)["manifest"] not in ("", before)
        # A list that cannot be written is no reason to call a finished upload failed.
        (host.root / "srv/content/manifest").unlink()
        (host.root / "srv/content/manifest").mkdir()
        upload(host, "small", b"s")
        assert "linked hosts are not told of the change yet" in host.log() and "small" in names(host)
    finally:
        run("umount", "-l", host.root / "srv")


@contextlib.contextmanager
def while_reading(host, *call):
    """What happens while the check reads a file, each MiB of which takes 100 ms."""
    def run_check():
        with contextlib.suppress(Exception):
            check(host, *call)

    reader = threading.Thread(target=run_check)
    reader.start()
    time.sleep(0.2)
    yield
    assert reader.is_alive()
    reader.join()


def test_unlinking_while_content_is_read_again_forgets_the_leader(make_host):
    host = make_host
    host.start(**fault("slow /files/a 0 99999999"))
    set_role(host, "follower", "edge-1")
    follower = Syncthing(host)
    expected = follower.bring(("a", MIB4))
    assert check(host, expected)["verified"] == 1
    with while_reading(host, expected, dbus.UInt64(0)):
        set_role(host, "")
    set_role(host, "follower", "edge-2")
    check(host, follower.bring(("b", b"b")))
    assert names(host) == ["a", "b"]


def test_unlinking_while_the_leaders_file_is_read_keeps_ones_own_of_its_name(make_host):
    host = make_host
    host.start(**fault("slow /sync/ 0 99999999"))
    upload(host, "a", b"own")
    set_role(host, "follower", "edge-1")
    expected = Syncthing(host).bring(("a", MIB4))
    with while_reading(host, expected):
        set_role(host, "")
    row, = host.call("Content", "List", "")
    assert (row["sha256"], row["origin"]) == (digest(b"own"), "upload")
    assert (host.root / "srv/content/files/a").read_bytes() == b"own"
