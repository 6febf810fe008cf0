# SPDX-License-Identifier: Apache-2.0
"""Content: uploads go on after every break, and nothing is listed that is not whole."""
import hashlib
import os
import signal
import subprocess
import threading
import time

import dbus
import pytest
from harness import BUILD, LOCALUI_UID, run

MIB = 1024 * 1024
KIB64 = bytes(range(256)) * 256


def digest(data):
    return hashlib.sha256(data).hexdigest()


def begin(host, name, size, sha256="", session=""):
    """The upload's id, its offset and a file to append to."""
    upload, offset, fd = host.call("Content", "BeginUpload", session, name, dbus.UInt64(size), sha256)
    return str(upload), int(offset), os.fdopen(fd.take(), "ab", buffering=0)


def upload(host, name, data, sha256=None):
    upload_id, offset, file = begin(host, name, len(data), digest(data) if sha256 is None else sha256)
    with file:
        file.write(data[offset:])
    return host.call("Content", "FinishUpload", "", upload_id, timeout=60)


def names(host):
    return [str(row["name"]) for row in host.call("Content", "List", "")]


def store(host):
    """All files of the store but its lock."""
    top = host.root / "srv/content"
    return sorted(str(path.relative_to(top)) for path in top.rglob("*")
                  if path.is_file() and path.name != "lock")


def test_an_upload_becomes_content(host):
    facts = upload(host, "bundle 1.2.tar.zst", KIB64)
    assert (facts["name"], facts["size"], facts["sha256"]) == ("bundle 1.2.tar.zst", 65536, digest(KIB64))
    assert facts["origin"] == "upload" and abs(facts["added"] - time.time()) < 60
    assert host.call("Content", "List", "") == [facts]
    assert (host.root / "srv/content/files/bundle 1.2.tar.zst").read_bytes() == KIB64
    assert store(host) == ["files/bundle 1.2.tar.zst", "meta/bundle 1.2.tar.zst.conf"]
    assert [(row["action"], row["object"], row["result"]) for row in host.audit()] == [
        ("begin-upload", "bundle 1.2.tar.zst", "ok"), ("finish-upload", "bundle 1.2.tar.zst", "ok")]


def test_palette_content_lists_and_reads_every_byte(host):
    def content(*words):
        done = subprocess.run([BUILD / "bin/palette-content", "--root", host.root, *words], env=host.env,
                              capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    assert content("list") == (0, "0 files, 0 B\n", "")
    upload(host, "b one", KIB64)
    upload(host, "a", b"x")
    status, listed, _ = content("list")
    rows = listed.splitlines()
    assert status == 0 and rows[2] == "2 files, 65.5 kB"
    assert rows[0].split()[:3] == [digest(b"x"), "1", "upload"] and rows[1].endswith("  b one")
    assert content("verify") == (0, "2 files are as their digests say\n", "")
    # The size is the same, one bit is not.
    path = host.root / "srv/content/files/b one"
    path.write_bytes(KIB64[:-1] + b"\xfe")
    status, _, said = content("verify")
    assert status == 1 and "b one is damaged: its SHA-256 should be %s and is " % digest(KIB64) in said
    assert content("verify", "a")[0] == 0
    assert content("verify", "c") == (1, "", "palette-content: there is no content \"c\"\n")
    assert content("list", "more")[0] == 2 and content()[0] == 2


def test_without_a_digest_it_is_computed(host):
    assert upload(host, "a", KIB64, "")["sha256"] == digest(KIB64)


def test_a_broken_upload_goes_on_where_it_was(host):
    first, offset, file = begin(host, "a", len(KIB64), digest(KIB64))
    assert offset == 0
    with file:
        file.write(KIB64[:1000])
    row, = host.call("Content", "Uploads", "")
    assert (row["id"], row["offset"], row["size"]) == (first, 1000, 65536)
    assert row["expires"] - row["changed"] == 7 * 24 * 3600
    host.restart(signal.SIGKILL)
    again, offset, file = begin(host, "a", len(KIB64), digest(KIB64).upper())
    assert (again, offset) == (first, 1000)
    with file:
        file.write(KIB64[1000:])
    host.call("Content", "FinishUpload", "", again)
    assert names(host) == ["a"] and host.call("Content", "Uploads", "") == []
    # The parts of one file are one event.
    assert [row["action"] for row in host.audit()] == ["begin-upload", "finish-upload"]


def test_missing_bytes_are_refused_and_nothing_is_lost(host):
    upload_id, _, file = begin(host, "a", 65536)
    with file:
        file.write(KIB64[:-1])
    why = host.refused("Content", "FinishUpload", "", upload_id)
    assert (why.name, why.text) == ("Refused", "content: 65535 of 65536 bytes are there; send the rest")
    assert names(host) == []
    _, offset, file = begin(host, "a", 65536)
    assert offset == 65535
    with file:
        file.write(KIB64[-1:])
    assert host.call("Content", "FinishUpload", "", upload_id)["sha256"] == digest(KIB64)


def test_a_damaged_upload_is_dropped(host):
    upload_id, _, file = begin(host, "a", 65536, digest(KIB64))
    with file:
        file.write(b"x" * 65536)
    why = host.refused("Content", "FinishUpload", "", upload_id)
    assert why.name == "Refused" and why.text.startswith(f"SHA-256: what came has {digest(b'x' * 65536)}")
    assert store(host) == []


def test_too_many_bytes_drop_the_upload(host):
    upload_id, _, file = begin(host, "a", 10)
    with file:
        file.write(b"x" * 11)
    assert host.refused("Content", "FinishUpload", "", upload_id).text.startswith("size: 11 bytes came and 10")
    assert store(host) == []


@pytest.mark.parametrize("name, size, sha256, says", [
    ("../etc/passwd", 1, "", 'name: "../etc/passwd" must not have a "/"'),
    ("..", 1, "", 'name: ".." must not begin with a dot'),
    ("a\x01", 1, "", 'name: "a?" has control characters'),
    ("", 1, "", 'name: "" is missing'),
    ("x" * 201, 1, "", " is too long: at most 200 bytes"),
    ("a", 0, "", "size: 0 bytes must be 1 to"),
    ("a", 2**64 - 1, "", "size: 18446744073709551615 bytes must be 1 to"),
    ("a", 1, "abc", "SHA-256: \"abc\" must have 64 hex digits; it has 3"),
])
def test_bad_input_is_refused_and_nothing_is_made(host, name, size, sha256, says):
    why = host.refused("Content", "BeginUpload", "", name, dbus.UInt64(size), sha256)
    assert why.name == "Refused" and says in why.text
    assert store(host) == []
    assert host.audit()[-1]["result"] == "refused"


def test_a_name_is_taken_once(host):
    upload(host, "a", KIB64)
    assert host.refused("Content", "BeginUpload", "", "a", dbus.UInt64(65536), digest(KIB64)).text == (
        'there is "a" already (65536 bytes, the same); delete it first')
    begin(host, "b", 10)[2].close()
    why = host.refused("Content", "BeginUpload", "", "b", dbus.UInt64(11), "")
    assert why.name == "Exists" and 'another file "b" (10 bytes) is under way' in why.text


def test_a_refusal_shows_whole_characters_of_a_long_name(host):
    name = "a" + "\u00e4" * 99
    begin(host, name, 10)[2].close()
    why = host.refused("Content", "BeginUpload", "", name, dbus.UInt64(11), "")
    assert why.text.startswith('an upload of another file "a' + "\u00e4" * 29 + '" (10 bytes)')
    upload(host, name, b"0123456789", "")
    why = host.refused("Content", "BeginUpload", "", name, dbus.UInt64(10), "")
    assert why.name == "Exists" and why.text.startswith('there is "a' + "\u00e4" * 29 + '" already')
    host.call("Content", "Delete", "", name)
    assert host.refused("Content", "Delete", "", name).text == 'there is no content "a' + "\u00e4" * 29 + '"'


def test_two_cannot_send_one_file_and_none_can_write_behind_its_check(host):
    upload_id, _, file = begin(host, "a", len(KIB64))
    why = host.refused("Content", "BeginUpload", "", "a", dbus.UInt64(len(KIB64)), "")
    assert why.name == "Busy" and "still sending" in why.text
    file.write(KIB64)
    assert host.refused("Content", "FinishUpload", "", upload_id).name == "Busy"
    file.close()
    host.call("Content", "FinishUpload", "", upload_id)
    assert (host.root / "srv/content/files/a").stat().st_mode & 0o777 == 0o644


def test_the_sender_only_appends(host):
    _, _, file = begin(host, "a", 10)
    with file:
        os.pwrite(file.fileno(), b"12345", 0)
        os.pwrite(file.fileno(), b"67890", 0)
    assert host.call("Content", "Uploads", "")[0]["offset"] == 10


def test_cancel_and_delete(host):
    upload_id, _, file = begin(host, "a", 10)
    file.close()
    host.call("Content", "CancelUpload", "", upload_id)
    upload(host, "b", KIB64)
    host.call("Content", "Delete", "", "b")
    assert store(host) == []
    assert [(row["action"], row["object"]) for row in host.audit()][-4:] == [
        ("cancel-upload", "a"), ("begin-upload", "b"), ("finish-upload", "b"), ("delete-content", "b")]
    for call in (("CancelUpload", upload_id), ("FinishUpload", upload_id), ("Delete", "b"),
                 ("Delete", "../../etc/passwd"), ("FinishUpload", "../../etc/passwd"), ("CancelUpload", "")):
        assert host.refused("Content", call[0], "", call[1]).name == "NotFound", call


def test_4096_files_are_all_with_the_uploads_and_none_is_lost(host):
    upload(host, "f", KIB64)
    files, meta = host.root / "srv/content/files", host.root / "srv/content/meta"
    record = (meta / "f.conf").read_text()
    for i in range(4094):
        os.link(files / "f", files / f"f{i}")
        (meta / f"f{i}.conf").write_text(record.replace("name = f\n", f"name = f{i}\n"))
    upload_id, _, file = begin(host, "last", 10)
    why = host.refused("Content", "BeginUpload", "", "more", dbus.UInt64(10), "")
    assert (why.name, why.text) == ("NoSpace", "a host has 4096 files of content at most; 4095 are there, uploads "
                                               "under way: 1; delete some")
    # One that is under way goes on.
    file.close()
    with begin(host, "last", 10)[2] as file:
        file.write(b"0123456789")
    host.call("Content", "FinishUpload", "", upload_id)
    assert len(names(host)) == 4096
    assert host.refused("Content", "BeginUpload", "", "more", dbus.UInt64(10), "").name == "NoSpace"
    host.call("Content", "Delete", "", "f7")
    begin(host, "more", 10)[2].close()


def test_32_uploads_wait_and_no_more(host):
    for i in range(32):
        begin(host, f"f{i}", 10)[2].close()
    assert host.refused("Content", "BeginUpload", "", "more", dbus.UInt64(10), "").name == "Busy"
    assert len(host.call("Content", "Uploads", "")) == 32


def test_content_needs_a_right(host):
    for method, signature, args in (("List", "s", ()), ("Space", "s", ()), ("Uploads", "s", ()),
                                    ("Delete", "ss", ("a",)), ("FinishUpload", "ss", ("a",)),
                                    ("CancelUpload", "ss", ("a",)), ("BeginUpload", "ssts", ("a", "1", ""))):
        status, text = host.call_as(LOCALUI_UID, "internal.palette.Host1.Content", method, signature, "", *args)
        assert status != 0 and "without a login" in text, method
        status, text = host.call_as(LOCALUI_UID, "internal.palette.Host1.Content", method, signature, "0" * 64, *args)
        assert status != 0 and "log in again" in text, method


def test_a_change_is_a_signal(host):
    watch = host.spawn("dbus-monitor", "--address", host.address, "member='ContentChanged'",
                       stdout=subprocess.PIPE)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(watch.stdout), daemon=True)
    while not any("NameAcquired" in line for line in lines):
        if not reader.is_alive():
            reader.start()
        time.sleep(0.02)
    upload(host, "a", KIB64)
    host.call("Content", "Delete", "", "a")
    deadline = time.monotonic() + 5
    while sum("ContentChanged" in line for line in lines) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sum("member=ContentChanged" in line for line in lines) == 3  # begun, finished, deleted


# Power cuts: what each moment of a cut leaves, and what comes of it.

def test_what_a_cut_left_behind_is_put_in_order(make_host):
    host = make_host
    host.write("srv/content/meta/gone.conf", "name = gone\nsize = 4\nsha256 = \norigin = upload\nadded = 1\n")
    host.write("srv/content/meta/short.conf", "name = short\nsize = 9\nsha256 = \norigin = upload\nadded = 1\n")
    host.write("srv/content/files/short", "1234")
    host.write("srv/content/files/norecord", "1234")
    host.write("srv/content/files/broken", "1234")
    host.write("srv/content/meta/broken.conf", "name = broken\nsi")
    host.write("srv/content/meta/a.conf.Xy12Ab", "name = a\n")
    host.write("srv/content/partial/0123456789abcdef", "data without a record")
    host.write("srv/content/partial/fedcba9876543210.conf",
               "name = x\nsize = 9\nsha256 = \norigin = upload\nadded = 1\n")
    host.start()
    assert names(host) == [] and host.call("Content", "Uploads", "") == []
    assert store(host) == ["files/broken", "files/norecord", "files/short", "meta/broken.conf", "meta/short.conf"]
    # What is there but no content is in nobody's way.
    upload(host, "short", KIB64)
    assert names(host) == ["short"]
    host.call("Content", "Delete", "", "broken")


def test_uploads_nobody_went_on_with_are_dropped_after_seven_days(make_host):
    host = make_host
    for name, days in (("0" * 16, 6.9), ("1" * 16, 7.1), ("2" * 16, -30)):
        host.write(f"srv/content/partial/{name}", "123")
        host.write(f"srv/content/partial/{name}.conf",
                   f"name = n{name[0]}\nsize = 9\nsha256 = \norigin = upload\nadded = 1\n")
        when = time.time() - days * 24 * 3600
        os.utime(host.root / f"srv/content/partial/{name}", (when, when))
    host.start()
    assert sorted(str(row["name"]) for row in host.call("Content", "Uploads", "")) == ["n0", "n2"]


@pytest.mark.parametrize("delay", [0, 0.03, 0.06, 0.1, 0.15, 0.2])
def test_a_killed_finish_leaves_the_upload_or_the_content(host, delay):
    """Each at another moment of 96 MiB being verified, flushed and moved."""
    data = os.urandom(MIB) * 96
    upload_id, _, file = begin(host, "big", len(data), digest(data))
    with file:
        file.write(data)
    caller = host.spawn("busctl", f"--address={host.address}", "call", "--timeout=60", "internal.palette.Host1",
                        "/internal/palette/Host1", "internal.palette.Host1.Content", "FinishUpload", "ss", "",
                        upload_id, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.02 + delay)
    host.restart(signal.SIGKILL)
    caller.wait(20)
    if names(host) == []:
        assert [str(row["id"]) for row in host.call("Content", "Uploads", "")] == [upload_id]
        host.call("Content", "FinishUpload", "", upload_id, timeout=60)
    assert digest((host.root / "srv/content/files/big").read_bytes()) == digest(data)
    assert store(host) == ["files/big", "meta/big.conf"]


# Room.

@pytest.fixture
def small(make_host):
    """/srv on an ext4 of 64 MiB of its own."""
    image = make_host.tmp / "small.img"
    run("truncate", "-s", "64M", image)
    run("mke2fs", "-q", "-t", "ext4", "-m", "0", image)
    (make_host.root / "srv").mkdir()
    try:
        run("mount", "-o", "loop", image, make_host.root / "srv")
    except subprocess.CalledProcessError as error:
        pytest.skip("no loop device: " + error.stderr.strip())
    try:
        make_host.start()
        yield make_host
    finally:
        make_host.close()
        run("umount", "-l", make_host.root / "srv")


def test_an_upload_without_room_is_refused_with_the_numbers(small):
    space = small.call("Content", "Space", "")
    assert space["keep"] == space["total"] // 20
    assert space["available"] == space["free"] - space["keep"] and space["reserved"] == 0
    why = small.refused("Content", "BeginUpload", "", "a", dbus.UInt64(space["available"] + 1), "")
    assert why.name == "NoSpace"
    assert f'"a" has {space["available"] // MIB + 1} MiB; {space["free"] // MIB} MiB are free, of which ' \
           f'{space["keep"] // MIB} MiB are kept' in why.text
    assert store(small) == [f for f in store(small) if f.startswith("lost")]


def test_room_that_is_promised_is_there_when_the_disk_fills_up(small):
    upload_id, _, file = begin(small, "a", 20 * MIB, digest(b"a" * 20 * MIB))
    assert small.call("Content", "Space", "")["reserved"] == 20 * MIB
    # A second one does not get the same room.
    assert small.refused("Content", "BeginUpload", "", "b", dbus.UInt64(40 * MIB), "").name == "NoSpace"
    with pytest.raises(OSError), open(small.root / "srv/hog", "wb", buffering=0) as hog:
        while True:
            hog.write(b"x" * MIB)
    with file:
        file.write(b"a" * 20 * MIB)
    small.call("Content", "FinishUpload", "", upload_id)
    assert names(small) == ["a"]


def test_a_full_disk_refuses_uploads_and_leaves_nothing(small):
    with pytest.raises(OSError), open(small.root / "srv/hog", "wb", buffering=0) as hog:
        while True:
            hog.write(b"x" * MIB)
    assert small.refused("Content", "BeginUpload", "", "a", dbus.UInt64(MIB), "").name == "NoSpace"
    assert small.call("Content", "Uploads", "") == []
    (small.root / "srv/hog").unlink()
    upload(small, "a", KIB64)
