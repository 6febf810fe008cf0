# SPDX-License-Identifier: Apache-2.0
"""Diagnostics: what comes of an endpoint, and that none of it reaches a shell."""
import pathlib
import subprocess
import threading
import time

import pytest
from harness import LOCALUI_UID, run

METHODS = ("Ping", "Traceroute", "Lookup", "Connect")


@pytest.fixture
def pair(host):
    """eth0 and its peer have addresses; ICMP sockets are for all, as systemd sets it."""
    host.ip("address", "add", "192.0.2.10/24", "dev", "eth0")
    host.peer_ip("address", "add", "192.0.2.1/24", "dev", "p0")
    run("nsenter", f"--net=/run/netns/{host.netns}", "sh", "-c",
        "echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range")
    return host


def in_peer(host, *argv, **more):
    return host.spawn("nsenter", f"--net=/run/netns/{host.peer}", *argv, **more)


def listen(host, port):
    code = (f"import socket; s = socket.create_server(('192.0.2.1', {port})); print('up', flush=True)\n"
            "while True: s.accept()")
    server = in_peer(host, "python3", "-c", code, stdout=subprocess.PIPE)
    assert server.stdout.readline() == "up\n"


def test_ping_of_a_host_that_answers(pair):
    text, status = pair.call("Diagnostics", "Ping", "", "192.0.2.1")
    assert status == 0 and "4 packets transmitted, 4 received, 0% packet loss" in text
    row = pair.audit()[-1]
    assert (row["action"], row["object"], row["result"]) == ("ping", "192.0.2.1", "ok")


def test_ping_of_a_host_that_does_not(pair):
    text, status = pair.call("Diagnostics", "Ping", "", "192.0.2.99")
    assert status == 1 and "100% packet loss" in text


def test_traceroute_shows_the_way(pair):
    text, status = pair.call("Diagnostics", "Traceroute", "", "192.0.2.1", timeout=60)
    assert status == 0 and "20 hops max" in text and " 1  192.0.2.1" in text


def test_lookup_asks_as_every_program_does(pair):
    pair.write("etc/hosts", "192.0.2.7 edge-7.example.org\n")
    text, status = pair.call("Diagnostics", "Lookup", "", "edge-7.example.org")
    assert status == 0 and text.startswith("edge-7.example.org has the address 192.0.2.7\nanswered in ")
    text, status = pair.call("Diagnostics", "Lookup", "", "192.0.2.7")
    assert status == 0 and text.startswith("192.0.2.7 is edge-7.example.org\n")
    text, status = pair.call("Diagnostics", "Lookup", "", "no-such-host.invalid", timeout=60)
    assert status == 1 and text.startswith("no-such-host.invalid: ")


def test_connect_tells_open_from_refused_from_silent(pair):
    listen(pair, 6443)
    text, status = pair.call("Diagnostics", "Connect", "", "192.0.2.1:6443")
    assert status == 0 and text.startswith("192.0.2.1 port 6443: open (")
    text, status = pair.call("Diagnostics", "Connect", "", "192.0.2.1:6444")
    assert status == 1 and "port 6444: refused" in text
    text, status = pair.call("Diagnostics", "Connect", "", "192.0.2.99:443", timeout=30)
    assert status == 1 and ("no answer in 10 s" in text or "No route to host" in text)


@pytest.mark.parametrize("endpoint", [
    "", "-c 100000", "--help", "a;id", "$(id)", "`id`", "a b", "a|b", "a\nb", "https://a", "a..b", "1.2.3",
    "x" * 300, "user@host", "a%s", "::g", "k\u00f6ln",
])
def test_what_is_no_endpoint_is_refused_and_nothing_runs(host, endpoint):
    for method in METHODS:
        why = host.refused("Diagnostics", method, "", endpoint)
        assert why.name == "Refused" and why.text.startswith("endpoint: "), method
    assert "run:" not in host.log()
    assert [row["result"] for row in host.audit()][-4:] == ["refused"] * 4


def test_a_port_belongs_to_connect_alone(host):
    for method in METHODS[:3]:
        assert "type the host alone" in host.refused("Diagnostics", method, "", "edge-1:443").text
    assert "has no port" in host.refused("Diagnostics", "Connect", "", "edge-1").text


def test_two_at_once_and_the_service_answers_meanwhile(pair):
    threads = [threading.Thread(target=pair.call, args=("Diagnostics", "Ping", "", "192.0.2.99"))
               for _ in range(2)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 5
    while pair.log().count("run: setpriv") < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    start = time.monotonic()
    assert pair.call("Access", "Public")["version"] is not None
    assert time.monotonic() - start < 1
    assert pair.refused("Diagnostics", "Ping", "", "192.0.2.1").name == "Busy"
    for thread in threads:
        thread.join()


def uids_of(program):
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (path / "comm").read_text() == program + "\n":
                yield path.stat().st_uid
        except OSError:
            pass  # it has ended


def test_the_program_runs_as_nobody(pair):
    thread = threading.Thread(target=pair.call, args=("Diagnostics", "Ping", "", "192.0.2.99"))
    thread.start()
    uids, deadline = set(), time.monotonic() + 5
    while not uids and time.monotonic() < deadline:
        uids = set(uids_of("ping"))
    # As root it could not end the program: the service has no CAP_KILL.
    of_timeout = set(uids_of("timeout"))
    thread.join()
    assert 65534 in uids and 65534 in of_timeout


def test_diagnostics_need_a_right(host):
    for method in METHODS:
        status, text = host.call_as(LOCALUI_UID, "internal.palette.Host1.Diagnostics", method, "ss", "", "::1")
        assert status != 0 and "without a login" in text
