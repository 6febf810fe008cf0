# SPDX-License-Identifier: Apache-2.0
"""Content of linked hosts: what a follower's Syncthing brings becomes content once it is verified."""
import contextlib
import os
import time

import dbus
import pytest
from harness import LINK_UID, SYNC_UID, run
from test_content import KIB64, digest, names, upload

NEVER = dbus.UInt64(2**64 - 1)


def set_role(host, role, leader="", peers=()):
    host.call("Sync", "Set", "", role, leader, dbus.Array(peers, signature="s"), dbus.UInt32(22000))


def check(host, manifest="", reread=NEVER):
    return host.call("Sync", "Check", "", manifest, reread)


def folder(host):
    path = host.root / "srv/content/sync"
    return sorted(name for name in os.listdir(path) if name != ".stfolder") if path.exists() else None


def manifest(*rows):
    return "palette-manifest 1\n" + "".join(f"{digest(data)} {len(data)} 1700000000 {name}\n" for name, data in rows)


class Syncthing:
    """What it would do to a follower's folder, as its user."""

    def __init__(self, host):
        self.folder = host.root / "srv/content/sync"

    def put(self, name, data):
        part = self.folder / f".syncthing.{name}.tmp"
        part.write_bytes(data)
        os.chown(part, SYNC_UID, SYNC_UID)
        part.rename(self.folder / name)

    def bring(self, *rows):
        """Files and their manifest; its digest."""
        for _, data in rows:
            self.put(digest(data), data)
        text = manifest(*rows).encode()
        self.put("manifest", text)
        return digest(text)


@pytest.fixture
def follower(host):
    set_role(host, "follower", "edge-1", ["192.0.2.1"])
    return Syncthing(host)


def test_a_leader_offers_its_content_by_digest_and_says_so(host):
    upload(host, "first", KIB64)
    set_role(host, "leader", peers=["192.0.2.2"])
    facts = check(host)
    assert folder(host) == sorted([digest(KIB64), "manifest"])
    assert facts["manifest"] == digest((host.root / "srv/content/sync/manifest").read_bytes())
    assert (facts["files"], facts["verified"], facts["total"], facts["trouble"]) == (1, 1, 65536, "")
    # A second name, not a second file; Syncthing may read it and no more.
    assert (host.root / "srv/content/files/first").stat().st_nlink == 2
    assert (host.root / "srv/content/sync").stat().st_uid == 0
    upload(host, "second", b"2")
    assert len(folder(host)) == 3
    host.call("Content", "Delete", "", "first")
    assert folder(host) == sorted([digest(b"2"), "manifest"])
    again = check(host)["manifest"]
    assert again not in ("", facts["manifest"])
    host.restart()
    assert check(host)["manifest"] == again
    set_role(host, "")
    assert folder(host) is None and names(host) == ["second"]
    assert host.refused("Sync", "Check", "", "", NEVER).name == "NotFound"


def test_a_follower_lists_what_is_whole_and_of_the_leaders_manifest(host, follower):
    expected = follower.bring(("a", KIB64), ("b", b"b" * 100))
    (follower.folder / digest(b"b" * 100)).unlink()
    other = check(host, "0" * 64)
    assert (other["manifest"], other["files"]) == ("", 0) and names(host) == []
    facts = check(host, expected)
    assert (facts["files"], facts["verified"], facts["total"], facts["verified-bytes"], facts["missing"]) == (
        2, 1, 65636, 65536, 100)
    row, = host.call("Content", "List", "")
    assert (row["name"], row["origin"], row["leader"], row["added"]) == ("a", "leader", "edge-1", 1700000000)
    follower.put(digest(b"b" * 100), b"b" * 100)
    facts = check(host, expected)
    assert (facts["verified"], facts["missing"]) == (2, 0)
    # What is listed is root's, so that Syncthing cannot write into it.
    assert (host.root / "srv/content/files/a").stat().st_uid == 0
    expected = follower.bring(("b", b"c" * 100))
    assert check(host, expected)["verified"] == 1
    row, = host.call("Content", "List", "")
    assert (row["name"], row["sha256"]) == ("b", digest(b"c" * 100))


@pytest.mark.parametrize("data, is_read", [(b"", False), (KIB64[:-1], False), (b"x" * 65536, True)],
                         ids=["empty", "short", "damaged"])
def test_nothing_empty_short_or_damaged_is_listed(host, follower, data, is_read):
    expected = follower.bring(("a", KIB64))
    follower.put(digest(KIB64), data)
    facts = check(host, expected)
    assert (facts["verified"], facts["missing"], names(host)) == (0, 65536, [])
    assert list(facts["damaged"]) == ([digest(KIB64)] if is_read else [])
    # It is read once, however often it is looked at before Syncthing has repaired it.
    mtime = (follower.folder / digest(KIB64)).stat().st_mtime_ns
    facts = check(host, expected)
    assert (facts["verified"], facts["missing"], list(facts["damaged"])) == (0, 65536, [])
    assert (follower.folder / digest(KIB64)).stat().st_mtime_ns == mtime
    follower.put(digest(KIB64), KIB64)
    assert check(host, expected)["verified"] == 1


@pytest.mark.parametrize("damage", [lambda text: bytes(len(text)), lambda text: b"", lambda text: text[:-1]],
                         ids=["zeros", "empty", "short"])
def test_a_list_that_a_power_cut_has_damaged_is_fetched_again(host, follower, damage):
    expected = follower.bring(("a", KIB64))
    path = follower.folder / "manifest"
    good = path.read_bytes()
    follower.put("manifest", damage(good))
    facts = check(host, expected)
    assert (facts["manifest"], list(facts["damaged"])) == ("", ["manifest"])
    assert path.stat().st_mtime_ns == 10**9 and list(check(host, expected)["damaged"]) == []
    # One of another time is not damaged.
    follower.put("manifest", manifest(("b", b"b")).encode())
    facts = check(host, expected)
    assert (facts["manifest"], list(facts["damaged"])) == ("", [])
    follower.put("manifest", good)
    assert check(host, expected)["verified"] == 1


def test_a_file_that_is_being_written_or_a_link_is_not_taken(host, follower):
    expected = follower.bring(("a", KIB64))
    with open(follower.folder / digest(KIB64), "r+b"):
        assert check(host, expected)["verified"] == 0
    (host.root / "secret").write_bytes(KIB64)
    (follower.folder / digest(KIB64)).unlink()
    (follower.folder / digest(KIB64)).symlink_to(host.root / "secret")
    assert check(host, expected)["verified"] == 0
    assert names(host) == []


def test_damage_on_the_disk_is_found_and_taken_from_the_list(host, follower):
    expected = follower.bring(("a", KIB64), ("b", b"b"))
    assert check(host, expected)["verified"] == 2
    file = host.root / "srv/content/files/a"
    before = file.stat()
    with open(file, "r+b") as damaged:
        damaged.seek(1000)
        damaged.write(b"?")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert check(host, expected)["verified"] == 2, "its time is the same: nobody sees it without reading"
    damaged = []
    for _ in range(3):
        facts = check(host, expected, dbus.UInt64(0))
        assert (facts["files"], facts["manifest"]) == (0, ""), "it reads again, and does nothing else"
        damaged += facts["damaged"]
        time.sleep(1.1)  # "last read" is in seconds
    assert set(damaged) == {digest(KIB64)} and names(host) == ["b"]
    assert (follower.folder / digest(KIB64)).stat().st_mtime_ns == 10**9
    follower.put(digest(KIB64), KIB64)
    assert check(host, expected)["verified"] == 2 and names(host) == ["a", "b"]


def test_a_leader_says_what_its_disk_has_damaged_and_does_not_send_it(host):
    upload(host, "a", KIB64)
    upload(host, "b", b"b")
    set_role(host, "leader", peers=["192.0.2.2"])
    good = check(host)
    with open(host.root / "srv/content/files/a", "r+b") as damaged:
        damaged.seek(1000)
        damaged.write(b"?")
    for _ in range(3):
        check(host, "", dbus.UInt64(0))
        time.sleep(1.1)  # "last read" is in seconds
    facts = check(host)
    assert (facts["files"], facts["verified"], facts["verified-bytes"]) == (2, 1, 1)
    assert facts["trouble"].startswith("\"a\" is damaged on this host's disk and is not sent to others")
    assert {str(row["name"]): bool(row.get("damaged")) for row in host.call("Content", "List", "")} == {"a": True, "b": False}
    # Others that have it are to keep it; nobody gets it from here.
    assert facts["manifest"] == good["manifest"] and folder(host) == sorted([digest(b"b"), "manifest"])
    host.restart()
    assert check(host)["trouble"] == facts["trouble"]
    # A leader that is linked to another one as a follower gets it from there.
    set_role(host, "follower", "edge-1")
    follower = Syncthing(host)
    assert digest(KIB64) not in folder(host)
    assert check(host, follower.bring(("a", KIB64)))["verified"] == 1
    row, = (row for row in host.call("Content", "List", "") if row["name"] == "a")
    assert not row.get("damaged") and (host.root / "srv/content/files/a").read_bytes() == KIB64
    set_role(host, "leader", peers=["192.0.2.2"])
    assert check(host)["trouble"] == ""


def test_trouble_shows_whole_characters_of_a_long_name(host):
    name = "a" + "\u00e4" * 99
    upload(host, name, KIB64)
    set_role(host, "leader", peers=["192.0.2.2"])
    with open(host.root / "srv/content/files" / name, "r+b") as damaged:
        damaged.write(b"?")
    check(host, "", dbus.UInt64(0))
    time.sleep(1.1)  # "last read" is in seconds
    check(host, "", dbus.UInt64(0))
    assert check(host)["trouble"].startswith('"a' + "\u00e4" * 49 + '" is damaged')


def test_what_a_follower_had_is_used_and_stays(host):
    upload(host, "mine", b"mine")
    upload(host, "same", KIB64)
    set_role(host, "follower", "edge-1")
    follower = Syncthing(host)
    assert folder(host) == sorted([digest(b"mine"), digest(KIB64)])
    (follower.folder / digest(b"mine")).unlink()  # as Syncthing does: the leader has no such file
    expected = follower.bring(("same", KIB64))
    assert check(host, expected)["verified"] == 1
    assert names(host) == ["mine", "same"]
    expected = follower.bring()
    check(host, expected)
    assert names(host) == ["mine", "same"], "they were this host's own"
    set_role(host, "")
    assert names(host) == ["mine", "same"]


def test_the_leaders_file_takes_the_place_of_another_of_its_name(host):
    upload(host, "a", b"old")
    set_role(host, "follower", "edge-1")
    expected = Syncthing(host).bring(("a", KIB64))
    assert check(host, expected)["verified"] == 1
    row, = host.call("Content", "List", "")
    assert (row["sha256"], row["origin"]) == (digest(KIB64), "leader")


def test_a_follower_takes_no_uploads_and_no_deletions(host, follower):
    follower.bring(("a", KIB64))
    for call in (("BeginUpload", "", "x", dbus.UInt64(1), ""), ("Delete", "", "a")):
        why = host.refused("Content", *call)
        assert why.name == "Refused" and "its leader edge-1: upload and delete it there" in why.text
    set_role(host, "")
    upload(host, "x", b"1")


def test_a_follower_whose_disk_is_too_small_says_how_much(host):
    run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", host.root / "srv")
    try:
        host.restart()
        set_role(host, "follower", "edge-1")
        follower = Syncthing(host)
        text = manifest(("a", b"a" * 10)).replace(" 10 ", " 10000000 ").encode()
        follower.put("manifest", text)
        facts = check(host, digest(text))
        assert facts["trouble"].startswith("the disk is full: 11 MB are needed, 3 MB are free for content; delete")
        assert names(host) == []
        # So full that Syncthing could not even fetch the list.
        (follower.folder / "manifest").unlink()
        assert check(host, digest(text))["trouble"] == ""
        filler = host.root / "srv/filler"
        with open(filler, "wb") as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                file.flush()
        assert check(host, digest(text))["trouble"].startswith(
            "the disk is full: 1 MB are needed, 0 MB are free for content; delete")
    finally:
        run("umount", "-l", host.root / "srv")


def test_who_may_ask(host):
    assert host.call_as(LINK_UID, "internal.palette.Host1.Sync", "Set", "sssasu", "", "leader", "", "0", "22000")[0] == 0
    for call in (("Content", "List", "s", ""), ("Host", "Reboot", "s", "")):
        status, said = host.call_as(LINK_UID, f"internal.palette.Host1.{call[0]}", *call[1:])
        assert status != 0 and "without a login" in said
    assert host.call_as(SYNC_UID, "internal.palette.Host1.Sync", "Check", "sst", "", "", "0")[0] != 0


@pytest.mark.parametrize("role, peers, says", [("chief", [], "is no role"), ("leader", ["a"], "IPv4 addresses"),
                                               ("leader", ["1.2.3.4; drop"], "IPv4 addresses")])
def test_nonsense_is_refused(host, role, peers, says):
    why = host.refused("Sync", "Set", "", role, "", dbus.Array(peers, signature="s"), dbus.UInt32(1))
    assert why.name == "Refused" and says in why.text


def test_the_next_leader_takes_nothing_that_came_from_a_former_one(host, follower):
    check(host, follower.bring(("a", KIB64), ("b", b"b")))
    assert names(host) == ["a", "b"]
    set_role(host, "")
    set_role(host, "follower", "edge-1", ["192.0.2.1"])  # the same name: it was reset, and has other content
    check(host, follower.bring(("b", b"b"), ("c", b"c")))
    assert names(host) == ["a", "b", "c"]
    # What it has, too, goes when it removes it.
    check(host, follower.bring(("c", b"c")))
    assert names(host) == ["a", "c"]


def test_the_next_leader_takes_nothing_also_where_nobody_said_that_there_was_none_between(host, follower):
    check(host, follower.bring(("a", KIB64)))
    set_role(host, "follower", "edge-2", ["192.0.2.2"])
    check(host, follower.bring(("b", b"b")))
    assert names(host) == ["a", "b"]
