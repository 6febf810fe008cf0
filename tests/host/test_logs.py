# SPDX-License-Identifier: Apache-2.0
"""The journal through hostd, and the archive without secrets."""
import base64
import json
import os
import re
import select
import subprocess
import time

import dbus
import pytest
from harness import LOCALUI_UID, fault, run

START = 1790000000


class Journal:
    """A journal below the root, written as entries come."""

    def __init__(self, host):
        (host.root / "var/log/journal").mkdir(parents=True)
        self.number = 0
        self.writer = host.spawn("/usr/lib/systemd/systemd-journal-remote",
                                 f"--output={host.root}/var/log/journal/test.journal", "--split-mode=none", "-",
                                 stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def add(self, message, unit="ssh.service", priority=6, identifier="sshd", pid=100, **fields):
        self.number += 1
        text = (f"__REALTIME_TIMESTAMP={(START + self.number) * 1000000}\n"
                f"__MONOTONIC_TIMESTAMP={self.number}\n_BOOT_ID={1:032x}\nPRIORITY={priority}\n_PID={pid}\n")
        text += f"_SYSTEMD_UNIT={unit}\n" if unit else ""
        text += f"SYSLOG_IDENTIFIER={identifier}\n" if identifier else ""
        text += "".join(f"{key}={value}\n" for key, value in fields.items())
        data = message if isinstance(message, bytes) else message.encode()
        self.writer.stdin.buffer.write(text.encode() + b"MESSAGE\n" + len(data).to_bytes(8, "little") + data + b"\n\n")
        self.writer.stdin.flush()

    def close(self):
        self.writer.stdin.close()
        assert self.writer.wait(10) == 0


@pytest.fixture
def journal(host):
    journal = Journal(host)
    for i in range(10):
        journal.add(f"line {i}", priority=i % 8)
    journal.add("Started the thing.", unit="init.scope", identifier="systemd", pid=1, UNIT="ssh.service")
    journal.add("eth0: link up", unit="", identifier="kernel", pid=0)
    journal.add("secret Word here", unit="other.service", identifier="other", priority=3)
    journal.close()
    return host


def read(host, **keys):
    return host.call("Logs", "Read", "", dbus.Dictionary(
        {key: dbus.UInt64(value) if isinstance(value, int) else value for key, value in keys.items()},
        signature="sv"))


def messages(rows):
    return [str(row["message"]) for row in rows]


def test_rows_have_all_their_keys_in_the_order_of_time(journal):
    rows = read(journal)
    assert len(rows) == 13 and [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    row = rows[3]
    assert (row["message"], row["unit"], row["identifier"], row["priority"], row["pid"], row["time"]) == (
        "line 3", "ssh.service", "sshd", 3, 100, (START + 4) * 1000000)


@pytest.mark.parametrize("filter, want", [
    ({"limit": 2}, ["eth0: link up", "secret Word here"]),
    ({"unit": "ssh.service", "limit": 2}, ["line 9", "Started the thing."]),
    ({"identifier": "kernel"}, ["eth0: link up"]),
    ({"priority": 0}, ["line 0", "line 8"]),
    ({"priority": 3, "unit": "other.service"}, ["secret Word here"]),
    ({"contains": "sECRET wORD"}, ["secret Word here"]),
    ({"since": START + 2, "until": START + 4}, ["line 1", "line 2", "line 3"]),
    ({"since": START + 1000}, []),
    ({"unit": "none.service"}, []),
    ({"unit": "ssh.service\n_PID=1"}, []),
])
def test_a_filter_picks_rows(journal, filter, want):
    assert messages(read(journal, **filter)) == want


def test_cursors_page_through_both_ways_and_miss_nothing(journal):
    pages, rows = [], read(journal, limit=5)
    while rows:
        pages = messages(rows) + pages
        rows = read(journal, limit=5, before=rows[0]["cursor"])
    assert pages == messages(read(journal))
    first = read(journal)[0]["cursor"]
    assert messages(read(journal, limit=3, after=first)) == ["line 1", "line 2", "line 3"]
    assert messages(read(journal, limit=1, after=first, unit="other.service")) == ["secret Word here"]


@pytest.mark.parametrize("filter, says", [
    ({"nonsense": "x"}, 'filter: "nonsense" is none'),
    ({"unit": 1}, 'filter: "unit" must be a text'),
    ({"limit": "x"}, 'filter: "limit" must be a number'),
    ({"limit": 0}, 'filter: "limit" must be 1 to 500'),
    ({"limit": 501}, 'filter: "limit" must be 1 to 500'),
    ({"priority": 8}, 'filter: "priority" must be 0 to 7'),
    ({"before": "rubbish"}, 'filter: "rubbish" is no cursor'),
    ({"before": "a", "after": "b"}, 'filter: "before" and "after" exclude each other'),
    ({"unit": "x" * 300}, 'filter: "unit" is too long: at most 255 bytes'),
])
def test_a_wrong_filter_is_refused(journal, filter, says):
    with pytest.raises(Exception) as why:
        read(journal, **filter)
    assert why.value.name == "Refused" and why.value.text == says


def test_sources_are_units_and_identifiers(journal):
    facts = journal.call("Logs", "Sources", "")
    assert facts["units"] == ["init.scope", "other.service", "ssh.service"]
    assert facts["identifiers"] == ["kernel", "other", "sshd", "systemd"]


def test_recent_errors(journal):
    assert messages(journal.call("Logs", "RecentErrors", "", dbus.UInt32(3))) == [
        "line 8", "line 9", "secret Word here"]
    assert journal.refused("Logs", "RecentErrors", "", dbus.UInt32(0)).name == "Refused"


def test_bytes_a_bus_does_not_take_are_shown_as_question_marks(host):
    journal = Journal(host)
    journal.add(b"k\xc3\xb6ln \xff\x1b[31m\nline 2")
    journal.close()
    assert messages(read(host)) == ["k\u00f6ln ??[31m\nline 2"]


def test_a_host_without_a_journal_says_so(host):
    (host.root / "var/log/journal").mkdir(parents=True)
    assert read(host) == []


class Follower:
    def __init__(self, host, session="", **filter):
        fd = host.call("Logs", "Follow", session, dbus.Dictionary(
            {key: dbus.UInt32(value) if isinstance(value, int) else value for key, value in filter.items()},
            signature="sv"))
        self.file = os.fdopen(fd.take(), "rb", buffering=0)
        self.rest = b""

    def line(self, seconds=10):
        while b"\n" not in self.rest:
            assert select.select([self.file], [], [], seconds)[0], "nothing came"
            data = self.file.read(65536)
            if not data:
                return None
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)


def test_follow_begins_with_old_rows_and_goes_on_with_new_ones(host):
    journal = Journal(host)
    for i in range(5):
        journal.add(f"old {i}")
    deadline = time.monotonic() + 10
    while len(read(host)) < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    follower = Follower(host, limit=2, unit="ssh.service")
    assert [follower.line()["message"] for _ in range(2)] == ["old 3", "old 4"]
    journal.add("not of it", unit="other.service")
    journal.add("new \"quoted\"\nrow")
    row = follower.line()
    assert row["message"] == "new \"quoted\"\nrow" and row["unit"] == "ssh.service" and row["priority"] == 6
    follower.file.close()


def children(host):
    return len(open(f"/proc/{host.hostd.pid}/task/{host.hostd.pid}/children").read().split())


def test_follow_ends_with_its_reader_and_eight_are_all(host):
    journal = Journal(host)
    journal.add("one")
    journal.close()
    followers = [Follower(host) for _ in range(8)]
    assert all(follower.line()["message"] == "one" for follower in followers)
    assert host.refused("Logs", "Follow", "", dbus.Dictionary({}, signature="sv")).name == "Busy"
    assert children(host) == 8
    for follower in followers:
        follower.file.close()
    deadline = time.monotonic() + 10
    while children(host) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children(host) == 0
    assert Follower(host).line()["message"] == "one"


def test_follow_ends_with_its_session(host):
    journal = Journal(host)
    journal.add("one")
    journal.close()
    user, password = host.create_admin()
    tokens = [str(host.call("Access", "Login", user, password, "192.0.2.7", False)[0]) for _ in range(2)]
    first, second = (Follower(host, session=token) for token in tokens)
    assert first.line()["message"] == second.line()["message"] == "one"
    host.call("Access", "Logout", tokens[0])
    assert first.line() is None
    host.call("Accounts", "ChangePassword", "", user, password, "another horse 8")
    assert second.line() is None


def test_follow_ends_with_hostd(host):
    journal = Journal(host)
    journal.add("one")
    journal.close()
    follower = Follower(host)
    assert follower.line()["message"] == "one"
    host.restart(9)
    assert follower.line() is None


# The archive.

def collect(host):
    host.call("Logs", "Archive", "")
    deadline = time.monotonic() + 60
    while host.call("Logs", "ArchiveStatus", "")["state"] == "InProgress" and time.monotonic() < deadline:
        time.sleep(0.05)
    return host.call("Logs", "ArchiveStatus", "")


def unpack(host):
    fd = host.call("Logs", "OpenArchive", "")
    target = host.tmp / "unpacked"
    target.mkdir()
    with os.fdopen(fd.take(), "rb") as archive:
        run("tar", "--zstd", "-xC", target, stdin=archive)
    return {path.name: path.read_text(errors="replace") for path in (target / "palette-logs").iterdir()}


def test_the_archive_has_what_support_asks_for(journal):
    host = journal
    assert host.call("Logs", "ArchiveStatus", "")["state"] == "Unknown"
    assert host.refused("Logs", "OpenArchive", "").name == "NotFound"
    host.call("Host", "SetHostname", "", "edge-1")
    host.write("var/log/palette-install.log", "installed\n")
    host.write("etc/os-release", "IMAGE_VERSION=1\n")
    facts = collect(host)
    assert facts["state"] == "Completed" and facts["reason"] == "" and facts["size"] > 500
    assert re.fullmatch(r"palette-logs-edge-1-\d{8}-\d{6}\.tar\.zst", facts["name"])
    files = unpack(host)
    assert "2026-09-21T14:13:21.000000Z sshd[100] <0>: line 0\n" in files["journal.txt"]
    assert len(files["journal.txt"].splitlines()) == 13
    assert "eth0" in files["ip-address.txt"] and files["var_log_palette-install.log"] == "installed\n"
    assert "set-hostname" in files["var_log_palette-audit.log"] and "IMAGE_VERSION=1" in files["etc_os-release"]
    assert not host.exists("var/lib/palette/hostd/collect")
    assert (host.root / "var/lib/palette/hostd/logs.tar.zst").stat().st_mode & 0o777 == 0o600
    assert [row["action"] for row in host.audit()][-2:] == ["collect-logs", "download-logs"]
    host.restart()
    assert host.call("Logs", "ArchiveStatus", "")["state"] == "Completed"


def test_no_secret_is_in_the_archive(host):
    """Those hostd has, and those others wrote where they do not belong."""
    user, password = host.create_admin()
    session = str(host.call("Access", "Login", user, password, "192.0.2.7", False)[0])
    key = run("openssl", "genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256").stdout
    for path in ("etc/palette/tls/key.pem", "etc/ssh/ssh_host_ed25519_key", "run/palette-tls/key.pem"):
        host.write(path, key)
    host.call("Network", "SetProxy", "", "http://bob:pr0xy%40word@192.0.2.3:3128", "", "", [])
    shadow = [line.split(":")[1] for line in host.read("etc/shadow").splitlines() if line.startswith(user)][0]
    assert len(shadow) > 20
    host.write("data/keep/settings.conf", f"account.user = alice\naccount.password-hash = {shadow}\n")
    journal = Journal(host)
    journal.add(f"a program says {shadow} and http://bob:pr0xy%40word@192.0.2.3:3128/ and token={session}")
    journal.add(f"it failed:\n{key}")
    journal.add(f"Authorization: {session}\n")
    journal.close()
    host.write("var/log/palette-install.log", f"password: {password}\n{key}end\n")
    assert collect(host)["state"] == "Completed"
    files = unpack(host)
    text = "".join(files.values())
    key_lines = [line for line in key.splitlines() if "-----" not in line]
    for secret in (shadow, "pr0xy%40word", "pr0xy", session, password, *key_lines):
        found = [name for name, content in files.items() if secret in content]
        assert not found, f"{secret} is in {found}"
    assert base64.b64encode(session.encode()).decode() not in text
    # What is left can be read.
    assert "a program says *** and http://***@192.0.2.3:3128/ and token=***" in files["journal.txt"]
    assert "end\n" in files["var_log_palette-install.log"]
    assert "shadow" not in "".join(files) and "sessions" not in "".join(files)


def test_what_a_killed_run_left_of_the_archive_goes_at_the_start(make_host):
    state = "var/lib/palette/hostd"
    make_host.write(f"{state}/collect/palette-logs/journal.txt", "left")
    make_host.write(f"{state}/logs.tar.zst.new", "half")
    make_host.write(f"{state}/logs.tar.zst", "whole")
    make_host.start()
    assert not make_host.exists(f"{state}/collect") and not make_host.exists(f"{state}/logs.tar.zst.new")
    assert make_host.read(f"{state}/logs.tar.zst") == "whole"


def test_the_archive_is_on_the_disk_before_it_replaces_the_last_one(make_host):
    make_host.write("var/lib/palette/hostd/logs.tar.zst", "whole")
    make_host.start(**fault("flush /logs.tar.zst 0 0"))
    facts = collect(make_host)
    assert facts["state"] == "Failed" and facts["reason"].endswith("logs.tar.zst.new: Input/output error")
    assert make_host.read("var/lib/palette/hostd/logs.tar.zst") == "whole"


def test_an_archive_that_cannot_be_written_is_failed_with_the_reason(make_host):
    host = make_host
    state = host.root / "var/lib/palette/hostd"
    state.mkdir(parents=True)
    run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", state)
    try:
        host.start()
        host.write("var/log/palette-install.log", "x" * 200000)
        facts = collect(host)
        assert facts["state"] == "Failed" and "No space left on device" in facts["reason"]
        assert list(state.iterdir()) == []
        (host.root / "var/log/palette-install.log").unlink()
    finally:
        host.close()
        run("umount", "-l", state)


def test_what_a_killed_collection_left_is_in_nobodys_way(host):
    host.write("var/lib/palette/hostd/collect/palette-logs/journal.txt", "half")
    assert collect(host)["state"] == "Completed"


def test_logs_need_a_right(host):
    for method in ("Sources", "Archive", "ArchiveStatus", "OpenArchive"):
        status, text = host.call_as(LOCALUI_UID, "internal.palette.Host1.Logs", method, "s", "")
        assert status != 0 and "without a login" in text, method
    for method in ("Read", "Follow"):
        status, text = host.call_as(LOCALUI_UID, "internal.palette.Host1.Logs", method, "sa{sv}", "", "0")
        assert status != 0 and "without a login" in text, method
