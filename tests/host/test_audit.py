# SPDX-License-Identifier: Apache-2.0
"""The audit log through hostd: filters, pages, export, over the old files too."""
import json
import os
import time

import dbus
import pytest
from harness import LINK_UID, LOCALUI_UID


def line(second, actor="alice", action="set-hostname", result="ok", text="x", reason=""):
    return json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second)), "actor": actor,
                       "from": "192.0.2.7", "action": action, "object": text, "result": result, "reason": reason},
                      separators=(",", ":"), ensure_ascii=False) + "\n"


@pytest.fixture
def log(make_host):
    """60 events in three files, 20 in each; and lines that are none."""
    host = make_host
    host.write("var/log/palette-audit.log.2", "".join(line(1000 + i, "bob", "login") for i in range(20)))
    host.write("var/log/palette-audit.log.1", "rubbish\n" + "".join(
        line(2000 + i, result="refused", reason=f"Host name: \"k\u00f6ln\" {i}") for i in range(20)))
    host.write("var/log/palette-audit.log", "".join(line(3000 + i, text=f"edge-{i}") for i in range(20)) +
               '{"time":"cut in the mid')
    host.start()
    return host


def query(host, offset=0, limit=50, **keys):
    rows, total = host.call("Audit", "Query", "", dbus.Dictionary(
        {key: dbus.UInt64(value) if isinstance(value, int) else value for key, value in keys.items()},
        signature="sv"), dbus.UInt32(offset), dbus.UInt32(limit))
    return rows, int(total)


def test_the_newest_come_first_and_pages_cover_all(log):
    seen = []
    for offset in (0, 25, 50, 75):
        rows, total = query(log, offset, 25)
        assert total == 60
        seen += [int(row["time"]) for row in rows]
    assert seen == [*range(3019, 2999, -1), *range(2019, 1999, -1), *range(1019, 999, -1)]
    row = query(log, 20, 1)[0][0]
    assert (row["actor"], row["from"], row["action"], row["object"], row["result"], row["reason"]) == (
        "alice", "192.0.2.7", "set-hostname", "x", "refused", 'Host name: "k\u00f6ln" 19')


@pytest.mark.parametrize("filter, total", [
    ({"actor": "bob"}, 20), ({"action": "login"}, 20), ({"action": "log"}, 0), ({"result": "refused"}, 20),
    ({"since": 3000}, 20), ({"until": 1009}, 10), ({"since": 2000, "until": 2000}, 1), ({"from": "192.0.2.7"}, 60),
    ({"contains": "EDGE-1"}, 11), ({"contains": "K\u00f6LN"}, 20), ({"contains": "host name"}, 20),
])
def test_a_filter_picks_rows(log, filter, total):
    assert query(log, **filter)[1] == total


@pytest.mark.parametrize("filter, says", [
    ({"user": "bob"}, 'filter: "user" is none'),
    ({"since": "x"}, 'filter: "since" must be a number'),
    ({"actor": 1}, 'filter: "actor" must be a text'),
    ({"contains": "x" * 128}, 'filter: "contains" is too long: at most 127 bytes'),
])
def test_a_wrong_filter_is_refused(log, filter, says):
    with pytest.raises(Exception) as why:
        query(log, **filter)
    assert why.value.name == "Refused" and why.value.text == says


@pytest.mark.parametrize("limit", [0, 51])
def test_a_page_has_1_to_50_rows(log, limit):
    with pytest.raises(Exception) as why:
        query(log, 0, limit)
    assert why.value.text == f"filter: limit {limit} must be 1 to 50"


def test_what_there_is_to_filter_by(log):
    facts = log.call("Audit", "Filters", "")
    assert (facts["actors"], facts["actions"], facts["results"]) == (
        ["alice", "bob"], ["login", "set-hostname"], ["ok", "refused"])


def export(host, **keys):
    fd = host.call("Audit", "Export", "", dbus.Dictionary(keys, signature="sv"))
    with os.fdopen(fd.take(), "rb") as file:
        lines, end = file.read().decode().split("\0")
    assert not end
    return lines


def test_an_export_that_is_cut_does_not_end_as_a_whole_one_does(make_host):
    host = make_host
    host.write("var/log/palette-audit.log.1", line(1000) * 10000)
    host.start()
    user, password = host.create_admin()
    token = str(host.call("Access", "Login", user, password, "192.0.2.7", False)[0])
    fd = host.call("Audit", "Export", token, dbus.Dictionary({}, signature="sv"))
    with os.fdopen(fd.take(), "rb") as file:
        first = file.read(1)
        host.call("Access", "Logout", token)
        text = first + file.read()
    assert len(text) < 1000000 and b"\0" not in text


def test_an_export_is_the_lines_themselves_the_oldest_first(log):
    rows = [json.loads(row) for row in export(log).splitlines()][:60]
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows) and len(rows) == 60
    assert export(log, actor="bob") == log.read("var/log/palette-audit.log.2")
    assert "export-audit-log" in log.read("var/log/palette-audit.log")


def test_who_reads_the_log_is_not_in_it_but_who_takes_it_is(host):
    query(host)
    host.call("Audit", "Filters", "")
    assert host.audit() == []
    export(host)
    assert [row["action"] for row in host.audit()] == ["export-audit-log"]


def test_600000_events_are_searched(make_host):
    host = make_host
    big = line(1000) * 1000
    for name in ("palette-audit.log.2", "palette-audit.log.1"):
        host.write(f"var/log/{name}", big * 300)
    host.start()
    start = time.monotonic()
    assert query(host, limit=1)[1] == 600000
    assert time.monotonic() - start < 20


def test_the_audit_log_needs_a_right(host):
    for method, signature, more in (("Query", "sa{sv}uu", ("0", "0", "1")), ("Export", "sa{sv}", ("0",)),
                                    ("Filters", "s", ())):
        status, text = host.call_as(LOCALUI_UID, "internal.palette.Host1.Audit", method, signature, "", *more)
        assert status != 0 and "without a login" in text, method


def test_the_link_daemon_writes_its_own_events_and_no_others(host):
    link = "internal.palette.Host1.Link"
    event = ("alice", "192.0.2.9", "link-join", "edge-2", "ok", "")
    assert host.call_as(LINK_UID, link, "Record", "sssssss", "", *event)[0] == 0
    assert host.audit()[-1]["action"] == "link-join" and host.audit()[-1]["actor"] == "alice"
    before = len(host.audit())
    for wrong in (event[:2] + ("login",) + event[3:], event[:4] + ("good", "")):
        status, said = host.call_as(LINK_UID, link, "Record", "sssssss", "", *wrong)
        assert status != 0 and ("action" in said or "result" in said)
    assert host.call_as(LOCALUI_UID, link, "Record", "sssssss", "", *event)[0] != 0
    assert len(host.audit()) == before
    facts = host.call("Link", "Self", "")
    assert facts["product-uuid"] == "4c4c4544-0042-3510-8052-b4c04f564433" and facts["localui-port"] == 5080
    assert host.call_as(LOCALUI_UID, link, "Self", "s", "")[0] != 0
    # A maker's sample, all zeros, all ones: others have it too, so it is no identity.
    for dummy in ("03000200-0400-0500-0006-000700080009", "00000000-0000-0000-0000-000000000000",
                  "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"):
        host.dmi(product_uuid=dummy)
        assert host.call("Link", "Self", "")["product-uuid"] == ""


@pytest.mark.parametrize("group, session, stat, where", [
    ("0::/user.slice/user-1000.slice/session-3.scope", "UID=1000\nTTY=pts/0\nREMOTE_HOST=192.0.2.9\n", "", "192.0.2.9"),
    ("0::/user.slice/user-1000.slice/session-3.scope", "TTY=tty2\nREMOTE_HOST=\n", "", "tty2"),
    ("0::/user.slice/user-1000.slice/session-3.scope", "REMOTE_HOST=a\"b\x1b\n", "", "local"),
    ("0::/user.slice/user-1000.slice/session-3.scope", None, "", "local"),
    ("0::/system.slice/palette-console.service", None, "1 (palette-tui) S 1 1 1 34816 1", "console"),
    ("0::/system.slice/x.service", None, "1 (a) b) S 1 1 1 34819 1", "pts/3"),
    ("0::/system.slice/x.service", None, "1 (sh) S 1 1 1 1025 1", "tty1"),
    ("0::/system.slice/x.service", None, "1 (sh) S 1 1 1 1088 1", "ttyS0"),
    ("0::/system.slice/x.service", None, "1 (sh) S 1 1 1 0 1", "local"),
    ("", None, "", "local"),
])
def test_where_a_caller_without_a_session_sits_is_the_systems_word(host, group, session, stat, where):
    """This process calls; what the kernel and logind have of it is arranged."""
    host.write(f"proc/{os.getpid()}/cgroup", group + "\n")
    host.write(f"proc/{os.getpid()}/stat", stat)
    if session is not None:
        host.write("run/systemd/sessions/3", "# logind's\n" + session)
    host.refused("Host", "SetHostname", "", "-a")
    assert host.audit()[-1]["from"] == where


def test_a_session_keeps_the_place_its_login_named(host):
    host.create_admin()
    token, _ = host.call("Access", "Login", "alice", "correct horse 7", "192.0.2.7", False)
    host.write(f"proc/{os.getpid()}/cgroup", "0::/system.slice/palette-console.service\n")
    host.refused("Host", "SetHostname", token, "-a")
    assert host.audit()[-1]["from"] == "192.0.2.7"


def test_a_change_of_an_adapter_is_there_with_what_was_set(host):
    host.set_adapter("eth0", mode="static", address="192.0.2.10", netmask="24", gateway="192.0.2.1", mtu="1400")
    host.set_adapter("eth1", mode="dhcp", vlan="7", confirm=60)
    with pytest.raises(Exception):
        host.set_adapter("eth0", mode="static", address="1.2.3")
    assert [row["object"] for row in host.audit()] == [
        "eth0: static 192.0.2.10/24, gateway 192.0.2.1, MTU 1400", "eth1: DHCP, VLAN 7, to be confirmed", "eth0"]


LOG = "var/log/palette-audit.log"


def test_a_log_of_100_mb_is_put_aside_and_the_next_event_begins_a_new_one(host):
    host.write(LOG + ".1", "the one before\n")
    host.write(LOG + ".2", "the oldest\n")
    limit = 100 * 1024 * 1024
    host.write(LOG, line(1))
    os.truncate(host.root / LOG, limit - 1)
    host.refused("Host", "SetHostname", "", "-a")
    assert (host.root / LOG).stat().st_size > limit and not host.exists(LOG + ".3")
    assert host.read(LOG + ".2") == "the oldest\n"
    old = (host.root / LOG).stat().st_ino
    host.refused("Host", "SetHostname", "", "-b")
    assert [(row["action"], row["result"]) for row in host.audit()] == [("set-hostname", "refused")]
    assert (host.root / (LOG + ".1")).stat().st_ino == old
    assert host.read(LOG + ".2") == "the one before\n"
    rows, total = query(host)
    assert total == 3 and [int(row["time"]) for row in rows][2] == 1


def test_a_line_that_a_full_disk_cut_does_not_swallow_the_next_event(host):
    host.write(LOG, line(1) + line(2)[:40])
    host.refused("Host", "SetHostname", "", "-a")
    host.refused("Host", "SetHostname", "", "-b")
    lines = host.read(LOG).splitlines()
    assert len(lines) == 4 and lines[1] == line(2)[:40]
    assert [json.loads(lines[i])["action"] for i in (2, 3)] == ["set-hostname"] * 2
    assert query(host)[1] == 3
