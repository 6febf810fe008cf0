# SPDX-License-Identifier: Apache-2.0
"""The firewall, in two network namespaces with the real nft: what is reachable, and what is not."""
import shutil
import subprocess
import sys

import pytest
from harness import HERE, run

OVERLAY = HERE.parent.parent / "overlays/os"
SCRIPT = OVERLAY / "usr/lib/palette/firewall"
PORTS = (22, 5080, 443, 6443, 30003)

# Connects or sends from the other side; prints what came of it.
PROBE = """
import errno, socket, sys
kind, address, port, source = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
family = socket.AF_INET6 if ':' in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
s.settimeout(2)
if source: s.bind((source, 0))
try:
    s.connect((address, port))
    if kind == 'udp': s.send(b'x'); s.recv(1)
    print('open')
except TimeoutError: print('silence')
except OSError as e: print(errno.errorcode[e.errno])
"""
LISTEN = """
import socket, sys, threading
def serve(family, address, port):
    s = socket.create_server((address, port), family=family)
    while True: s.accept()
for port in map(int, sys.argv[1:]):
    for family, address in ((socket.AF_INET, '0.0.0.0'),):
        threading.Thread(target=serve, args=(family, address, port)).start()
print('up', flush=True)
"""


def inside(host, *argv):
    return run("nsenter", f"--net=/run/netns/{host.netns}", *argv)


def load(host):
    return inside(host, "sh", SCRIPT, host.root)


@pytest.fixture
def wall(make_host):
    """eth0 has 192.0.2.10; the peer 192.0.2.1 and .2. The script is run by each test."""
    host = make_host
    shutil.copytree(OVERLAY / "usr/share/palette", host.root / "usr/share/palette", dirs_exist_ok=True)
    host.ip("address", "add", "192.0.2.10/24", "dev", "eth0")
    for last in (1, 2):
        host.peer_ip("address", "add", f"192.0.2.{last}/24", "dev", "p0")
    host.ip("address", "add", "2001:db8::10/64", "dev", "eth0", "nodad")
    host.peer_ip("address", "add", "2001:db8::1/64", "dev", "p0", "nodad")
    return host


def listen(host, *ports):
    server = host.spawn("nsenter", f"--net=/run/netns/{host.netns}", sys.executable, "-c", LISTEN,
                        *map(str, ports), stdout=subprocess.PIPE)
    assert server.stdout.readline() == "up\n"


def probe(host, port, kind="tcp", address="192.0.2.10", source=""):
    return run("nsenter", f"--net=/run/netns/{host.peer}", sys.executable, "-c", PROBE, kind, address, str(port),
               source).stdout.strip()


def test_only_the_ports_of_the_table_are_reachable(wall):
    listen(wall, *PORTS, 8080, 22000, 111)
    load(wall)
    assert {port: probe(wall, port) for port in PORTS} == {port: "open" for port in PORTS}
    # A quick no, though something listens there.
    assert {port: probe(wall, port) for port in (8080, 22000, 111)} == {
        8080: "ECONNREFUSED", 22000: "ECONNREFUSED", 111: "ECONNREFUSED"}


def test_a_port_of_the_table_where_nothing_listens_answers_at_once(wall):
    load(wall)
    assert probe(wall, 6443) == probe(wall, 30003) == "ECONNREFUSED"


def test_udp_is_closed_and_says_so(wall):
    load(wall)
    assert probe(wall, 161, "udp") == "ECONNREFUSED"


def test_the_host_itself_reaches_others_and_is_pinged(wall):
    load(wall)
    wall.spawn("nsenter", f"--net=/run/netns/{wall.peer}", sys.executable, "-c",
               LISTEN, "8443", stdout=subprocess.PIPE).stdout.readline()
    assert inside(wall, sys.executable, "-c", PROBE, "tcp", "192.0.2.1", "8443", "").stdout.strip() == "open"
    for command in (("ping", "-c", "1", "-W", "2", "192.0.2.10"), ("ping", "-c", "1", "-W", "2", "2001:db8::10")):
        run("nsenter", f"--net=/run/netns/{wall.peer}", *command)
    assert inside(wall, sys.executable, "-c", PROBE, "udp", "127.0.0.1", "9", "").stdout.strip() == "ECONNREFUSED"


def test_ipv6_is_closed_too(wall):
    load(wall)
    assert probe(wall, 22, address="2001:db8::10") == "ECONNREFUSED"
    assert probe(wall, 8080, address="2001:db8::10") == "ECONNREFUSED"
    rules = inside(wall, "nft", "list", "ruleset").stdout
    assert "policy drop" in rules and "table inet palette" in rules


def test_the_port_of_the_local_ui_follows_its_setting(wall):
    listen(wall, 5080, 8443)
    load(wall)
    assert (probe(wall, 5080), probe(wall, 8443)) == ("open", "ECONNREFUSED")
    wall.write("etc/palette/localui.conf", "# ours\nport = 8443\n")
    load(wall)
    assert (probe(wall, 5080), probe(wall, 8443)) == ("ECONNREFUSED", "open")


@pytest.mark.parametrize("text, says", [
    ("port = 0\n", "port 0 must be 1 to 65535; 5080 stays open"),
    ("port = 70000\n", "port 70000 must be 1 to 65535"),
    ("port = 8443; flush ruleset\n", ""),
    ("port = x\n", 'port "x" is no port'),
    ("port = 123456\n", 'port "123456" is no port'),
    ("", ""),
])
def test_a_wrong_port_leaves_the_usual_one_open(wall, text, says):
    wall.write("etc/palette/localui.conf", text)
    listen(wall, 5080)
    assert says in load(wall).stderr
    assert probe(wall, 5080) == "open"


def test_a_linked_peers_port_is_open_to_it_alone_and_stays_over_a_reload(wall):
    listen(wall, 22000)
    load(wall)
    inside(wall, "nft", "add", "element", "inet", "palette", "peers", "{ 192.0.2.2 . 22000 }")
    load(wall)
    assert probe(wall, 22000, source="192.0.2.2") == "open"
    assert probe(wall, 22000, source="192.0.2.1") == "ECONNREFUSED"


def test_a_connection_outlives_a_reload_and_loading_twice_is_the_same(wall):
    listen(wall, 22)
    load(wall)
    before = inside(wall, "nft", "-s", "list", "ruleset").stdout
    load(wall)
    assert inside(wall, "nft", "-s", "list", "ruleset").stdout == before


def test_other_tables_are_left_alone(wall):
    inside(wall, "nft", "add", "table", "ip", "kube")
    load(wall)
    assert "table ip kube" in inside(wall, "nft", "list", "ruleset").stdout


def test_a_dhcp_answer_from_any_server_gets_in(wall):
    """It comes to an address the host does not have yet, and to no connection the kernel knows."""
    load(wall)
    rules = inside(wall, "nft", "list", "chain", "inet", "palette", "input").stdout
    assert "udp sport 67 udp dport 68 accept" in rules
    got = wall.spawn("nsenter", f"--net=/run/netns/{wall.netns}", sys.executable, "-c",
                     "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5);"
                     "s.bind(('0.0.0.0', 68)); print('up', flush=True); print(s.recv(9).decode(), flush=True)",
                     stdout=subprocess.PIPE)
    assert got.stdout.readline() == "up\n"
    run("nsenter", f"--net=/run/netns/{wall.peer}", sys.executable, "-c",
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1); s.bind(('192.0.2.1', 67));"
        "s.sendto(b'offer', ('192.0.2.255', 68))")
    assert got.stdout.readline() == "offer\n"
