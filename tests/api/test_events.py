# SPDX-License-Identifier: Apache-2.0
"""The stream of what changes."""
import json
import time

import pytest

from localui import HOST, USERS


class Events:
    """Server-sent events of one connection, one after the other."""

    def __init__(self, ui, token, path="/v1/edge-mgmt/events"):
        self.tls = ui.connect(timeout=15)
        self.tls.sendall(f"GET {path} HTTP/1.0\r\nHost: h\r\nAuthorization: {token}\r\n\r\n".encode())
        self.buffer = b""
        self.ended = False
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.tls.recv(4096)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], head

    def next(self, *wanted):
        """The next event of those names: (name, data)."""
        while True:
            while b"\n\n" not in self.buffer:
                data = self.tls.recv(4096)
                if not data:
                    self.ended = True
                    return None, None
                self.buffer += data
            text, _, self.buffer = self.buffer.partition(b"\n\n")
            if text.startswith(b":"):
                continue
            fields = dict(line.split(": ", 1) for line in text.decode().split("\n"))
            if not wanted or fields.get("event", "") in wanted:
                return fields.get("event", ""), json.loads(fields["data"])

    def close(self):
        self.tls.close()


@pytest.fixture
def events(ui, token):
    events = Events(ui, token)
    assert events.next() == ("hello", {})
    yield events
    events.close()


def test_changes_are_told(ui, token, events):
    ui.request("PATCH", HOST, {"name": "edge-77"}, token=token)
    assert events.next("host") == ("host", {})
    ui.put(HOST + "/dns", {"primary": "192.0.2.9", "alternate": "", "search": ""}, token=token)
    assert events.next("dns") == ("dns", {})
    ui.host.ip("link", "set", "eth1", "mtu", "1400")
    assert events.next("adapters") == ("adapters", {})
    change = ui.put(HOST + "/adapters/eth1", {"mode": "dhcp", "mtu": "1450", "confirmSeconds": 60}, token=token)
    change = change.json["changeId"]
    ui.post(f"{HOST}/network-change/{change}/revert", token=token)
    assert events.next("change") == ("change", {"changeId": change, "outcome": "reverted"})
    upload = ui.post(HOST + "/content/uploads", {"name": "e", "sizeBytes": 1, "sha256": ""}, token=token).json
    assert events.next("content") == ("content", {})
    ui.request("DELETE", f"{HOST}/content/uploads/{upload['uploadId']}", token=token)


def test_figures_come_by_themselves(events):
    name, data = events.next("metrics")
    assert data["memoryTotalBytes"] > data["memoryUsedBytes"] > 0 and len(data["load"]) == 3
    assert 0 <= data["cpuPercent"] <= 100
    assert events.next("metrics")[1]["uptimeSeconds"] >= data["uptimeSeconds"]


def test_the_stream_ends_with_its_session(ui, token):
    mine = ui.token()
    events, other = Events(ui, mine), Events(ui, token)
    follow = Events(ui, mine, HOST + "/logs/follow") if ui.host.exists("var/log/journal") else None
    ui.post(USERS + "/logout", token=mine)
    assert events.next("session-end") == ("session-end", {})
    assert events.next() == (None, None)
    assert not follow or follow.next() == (None, None)
    ui.request("PATCH", HOST, {"name": "edge-78"}, token=token)
    assert other.next("host", "session-end") == ("host", {})
    for stream in (events, other, follow):
        if stream:
            stream.close()


def test_a_page_learns_that_the_host_service_goes_and_comes(ui, events):
    ui.host.stop()
    assert events.next("service") == ("service", {"available": False})
    ui.host.start()
    assert events.next("service") == ("service", {"available": True})
    assert events.next("hello") == ("hello", {})


def test_hundreds_of_pages_are_told_and_cost_little(ui, token):
    rss = lambda: int(next(line for line in open(f"/proc/{ui.process.pid}/status") if "VmRSS" in line).split()[1])
    before = rss()
    pages = [Events(ui, token) for _ in range(80)]
    for i, page in enumerate(pages):
        assert page.next() == ("hello", {})
    start = time.monotonic()
    ui.request("PATCH", HOST, {"name": "edge-79"}, token=token)
    for page in pages:
        assert page.next("host") == ("host", {})
    assert time.monotonic() - start < 5
    assert rss() - before < 30000, "kB for 80 pages"
    for page in pages:
        page.close()


def test_a_page_that_does_not_read_loses_events_and_is_told(ui, token):
    """Its buffers fill; the others go on; when it reads again it is told to read everything anew."""
    lazy, other = Events(ui, token), Events(ui, token)
    for i in range(60):
        ui.request("PATCH", HOST, {"name": f"edge-{i}"}, token=token)
    assert other.next("host") == ("host", {})
    assert lazy.next("host") == ("host", {})
    for stream in (lazy, other):
        stream.close()
