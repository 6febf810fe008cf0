# SPDX-License-Identifier: Apache-2.0
"""With the real systemd-networkd on both ends of the cable: one is the host's, the other its DHCP server."""
import json
import pathlib
import subprocess
import time

import dbus
import pytest
from test_network import STATIC

OVERLAY = pathlib.Path(__file__).parent.parent.parent / "overlays/os"
NETWORKD = pathlib.Path("/usr/lib/systemd/systemd-networkd")
SERVER = """[Match]
Name=p0

[Network]
Address=192.0.2.1/24
IPv6AcceptRA=no
DHCPServer=yes
EmitLLDP=yes

[DHCPServer]
DNS=192.0.2.53
SendOption=15:string:lan.example
PoolOffset=100
PoolSize=20
PersistLeases=no
"""

# networkd wants a read-only /sys (else it waits for udev) and a /run/systemd/netif of its own.
SETUP = """
mount -t sysfs -o ro sysfs /sys && mount --bind "$run" /run/systemd &&
mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp /run/systemd/network &&
chown -R systemd-network: /run/systemd/netif && exec "$@"
"""


def start_networkd(host, netns, etc, **more):
    log = open(host.tmp / f"networkd-{netns}.log", "w")
    run = etc.parent / "run/systemd"
    run.mkdir(parents=True, exist_ok=True)
    script = 'etc=$1; run=$2; shift 2; mount --bind "$etc" /etc && mkdir -p /run/systemd && ' + SETUP
    return host.spawn("nsenter", f"--net=/run/netns/{netns}", "unshare", "-m", "--propagation", "unchanged",
                      "sh", "-c", script, "sh", etc, run, NETWORKD, stdout=log, stderr=log, **more)


def wait(what, claim, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if claim():
            return
        time.sleep(0.1)
    raise AssertionError(what)


@pytest.fixture
def cable(make_host):
    if not NETWORKD.exists():
        pytest.skip("systemd-networkd is not here")
    host = make_host
    host.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n")  # of its DHCP client id
    if "systemd-network:" not in host.read("etc/passwd"):
        host.append("etc/passwd", "systemd-network:x:998:998::/:/usr/sbin/nologin\n")
        host.append("etc/group", "systemd-network:x:998:\n")
    # Its own networkd instead of the one that is only pretended.
    services = host.processes.pop()
    services.kill()
    services.wait()
    host.write("without-network1", "")
    host.start_services()
    peer_etc = host.tmp / "peer/etc"
    peer_etc.parent.mkdir()
    subprocess.run(("cp", "-a", host.root / "etc", peer_etc), check=True)
    (peer_etc / "systemd/network").mkdir(parents=True, exist_ok=True)
    (peer_etc / "systemd/network/10-server.network").write_text(SERVER)
    start_networkd(host, host.peer, peer_etc, env={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"})
    default = host.root / "etc/systemd/network/90-default.network"
    default.parent.mkdir(parents=True, exist_ok=True)
    text = (OVERLAY / "etc/systemd/network/90-default.network").read_text()
    default.write_text(text.replace("Kind=!*", "Kind=veth"))
    start_networkd(host, host.netns, host.root / "etc")
    wait("the peer has no address", lambda: "192.0.2.1/24" in host.peer_ip("addr", "show", "p0"))
    bus = dbus.bus.BusConnection(host.address)
    wait("networkd is not on the bus", lambda: bus.name_has_owner("org.freedesktop.network1"))
    bus.close()
    host.start()
    return host


def test_a_lease_comes_goes_with_a_static_address_and_comes_back(cable):
    host = cable
    host.set_adapter("eth0", mode="dhcp")
    wait("no lease came", lambda: host.adapter("eth0")["lease"] > 0)
    row = host.adapter("eth0")
    leased = str(row["addresses"][0])
    assert leased.startswith("192.0.2.1") and row["gateway"] == "192.0.2.1" and row["default"]

    host.set_adapter("eth0", mtu="1400", **(STATIC | dict(address="192.0.2.50")))
    wait("the address is not in force", lambda: host.adapter("eth0")["addresses"] == ["192.0.2.50/24"])
    row = host.adapter("eth0")
    assert (row["lease"], row["mtu"], row["gateway"]) == (0, 1400, "192.0.2.1")
    assert leased not in host.ip("addr", "show", "eth0")

    host.set_adapter("eth0", mode="dhcp")
    wait("the lease did not come back", lambda: host.adapter("eth0")["lease"] > 0)
    assert host.adapter("eth0")["mtu"] == 1500
    assert "192.0.2.50" not in host.ip("addr", "show", "eth0")


def test_an_unconfirmed_change_is_really_taken_back(cable):
    host = cable
    host.set_adapter("eth0", **STATIC)
    wait("the address is not in force", lambda: host.adapter("eth0")["addresses"] == ["192.0.2.10/24"])
    change = host.set_adapter("eth0", confirm=60, **(STATIC | dict(address="192.0.2.99")))
    wait("the trial is not in force", lambda: host.adapter("eth0")["addresses"] == ["192.0.2.99/24"])
    host.call("Network", "Revert", "", change)
    wait("it was not taken back", lambda: host.adapter("eth0")["addresses"] == ["192.0.2.10/24"])


def dns_of_the_network(host, adapter="eth0"):
    """Name servers and domains that networkd passes on to resolved."""
    bus = dbus.bus.BusConnection(host.address)
    manager = bus.get_object("org.freedesktop.network1", "/org/freedesktop/network1")
    links = json.loads(manager.Describe(dbus_interface="org.freedesktop.network1.Manager"))["Interfaces"]
    bus.close()
    link = next(link for link in links if link["Name"] == adapter)
    return ([".".join(map(str, server["Address"])) for server in link.get("DNS", []) if server["Family"] == 2],
            [domain["Domain"] for domain in link.get("SearchDomains", [])])


@pytest.mark.parametrize("configured", [False, True])
def test_with_name_servers_of_its_own_the_host_does_not_listen_to_dhcps(cable, configured):
    """A domain that DHCP names would be asked of DHCP's server, the more specific one."""
    host = cable
    dhcps = (["192.0.2.53"], ["lan.example"])
    if configured:
        host.set_adapter("eth0", mode="dhcp")
    wait("no lease came", lambda: host.adapter("eth0")["lease"] > 0)
    wait("DHCP's server and domain are not in force", lambda: dns_of_the_network(host) == dhcps)
    assert host.call("Network", "GetDns", "")["by-dhcp"]

    host.call("Network", "SetDns", "", "198.51.100.1", "", "own.example")
    wait("DHCP's are still in force", lambda: dns_of_the_network(host) == ([], []))
    wait("the lease is lost", lambda: host.adapter("eth0")["lease"] > 0)
    assert not host.call("Network", "GetDns", "")["by-dhcp"]

    # A search domain alone leaves DHCP's servers; so does nothing.
    host.call("Network", "SetDns", "", "", "", "own.example")
    wait("DHCP's are not back", lambda: dns_of_the_network(host) == dhcps)


def test_the_networks_name_servers_without_a_lease_are_not_by_dhcp(host):
    host.write("run/systemd/resolve/resolv.conf", "nameserver 2001:db8::53\n")
    assert not host.call("Network", "GetDns", "")["by-dhcp"]


def test_the_switch_is_named(cable):
    """By networkd's neighbour, as soon as it has spoken."""
    host = cable
    host.set_adapter("eth0", mode="dhcp")
    wait("no neighbour", lambda: host.call("Network", "Neighbour", "", "eth0"), 60)
    assert str(host.call("Network", "Neighbour", "", "eth0")).endswith(", port p0")
    assert host.call("Network", "Neighbour", "", "eth1") == ""
    assert host.refused("Network", "Neighbour", "", "eth9").name == "NotFound"
