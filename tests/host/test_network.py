# SPDX-License-Identifier: Apache-2.0
import signal
import subprocess
import sys
import time

import pytest
from harness import Refusal

STATIC = dict(mode="static", address="192.0.2.10", netmask="24", gateway="192.0.2.1")
FILES = "etc/systemd/network"


def files(host):
    path = host.root / FILES
    return {file.name: file.read_text() for file in sorted(path.iterdir())} if path.exists() else {}


def test_adapters_are_listed_as_the_kernel_sees_them(host):
    host.ip("addr", "add", "198.51.100.7/24", "dev", "eth0")
    host.ip("addr", "add", "198.51.100.8/24", "dev", "eth1", "valid_lft", "600", "preferred_lft", "600")
    host.ip("route", "add", "default", "via", "198.51.100.1", "dev", "eth0")
    host.peer_ip("link", "set", "p1", "down")
    rows = {str(row["name"]): row for row in host.call("Network", "ListAdapters", "")}
    assert sorted(rows) == ["eth0", "eth1"]
    first, second = rows["eth0"], rows["eth1"]
    assert (first["link"], first["carrier"], first["driver"]) == ("up", True, "veth")
    assert first["addresses"] == ["198.51.100.7/24"] and first["lease"] == 0
    assert (first["gateway"], first["default"], first["mode"]) == ("198.51.100.1", True, "dhcp")
    assert (first["mtu"], first["mtu-min"]) == (1500, 1280) and first["mtu-max"] >= 9000
    assert (second["link"], second["carrier"], second["default"]) == ("down", False, False)
    assert 590 <= second["lease"] <= 600
    host.ip("link", "set", "eth1", "down")
    assert host.adapter("eth1")["link"] == "off"


def test_a_link_local_address_has_its_own_key(host):
    """It is of no use to a reader, but a change may cut whoever is connected through it."""
    until = time.monotonic() + 10
    while "fe80:" not in host.ip("-6", "addr", "show", "eth0") and time.monotonic() < until:
        time.sleep(0.1)
    host.ip("addr", "add", "2001:db8::7/64", "dev", "eth0", "nodad")
    row = host.adapter("eth0")
    assert row["addresses"] == ["2001:db8::7/64"]
    assert len(row["link-local"]) == 1 and str(row["link-local"][0]).startswith("fe80::")
    assert str(row["link-local"][0]).endswith("/64")


def test_a_static_address_is_one_file_and_one_reload(host):
    assert host.set_adapter("eth0", **STATIC) == ""
    assert list(files(host)) == ["10-palette-eth0.network"]
    text = files(host)["10-palette-eth0.network"]
    assert "DHCP=no" in text and "Address=192.0.2.10/24\nGateway=192.0.2.1\n" in text
    assert host.calls().count("Reload") == 1
    settings = host.adapter("eth0")["settings"]
    assert settings == {"mode": "static", "address": "192.0.2.10", "netmask": "255.255.255.0",
                        "gateway": "192.0.2.1", "vlan": "", "mtu": ""}
    # Said twice, done once.
    host.set_adapter("eth0", **STATIC)
    assert host.calls().count("Reload") == 1


def test_a_vlan_is_two_more_files_and_leaves_when_it_is_given_up(host):
    host.set_adapter("eth0", vlan="100", mtu="1400", **STATIC)
    assert list(files(host)) == ["10-palette-eth0.100.netdev", "10-palette-eth0.100.network",
                                 "10-palette-eth0.network"]
    assert "\nAddress=" not in files(host)["10-palette-eth0.network"]
    assert all("MTUBytes=1400" in text for text in files(host).values())
    row = host.adapter("eth0")
    assert row["vlan"] == 100 and not row["addresses"]
    # A stand-in for the VLAN's interface: its address stands in the adapter's row, and it goes with the VLAN.
    host.ip("link", "add", "eth0.100", "type", "dummy" if has_dummy(host) else "bridge")
    host.ip("addr", "add", "192.0.2.10/24", "dev", "eth0.100")
    assert host.adapter("eth0")["addresses"] == ["192.0.2.10/24"]
    host.set_adapter("eth0", mode="dhcp")
    assert list(files(host)) == ["10-palette-eth0.network"]
    assert "eth0.100" not in host.ip("link")


def has_dummy(host):
    try:
        host.ip("link", "add", "probe-kind", "type", "dummy")
        host.ip("link", "del", "probe-kind")
    except subprocess.CalledProcessError:
        return False
    return True


@pytest.mark.parametrize("change, field", [
    (dict(address="192.0.2.010"), "IP address"), (dict(address="192.0.2.256"), "IP address"),
    (dict(address="1.2.3"), "IP address"), (dict(address="2001:db8::1"), "IP address"),
    (dict(address="x" * 300), "IP address"), (dict(address="192.0.2.1\x1b[2J"), "IP address"),
    (dict(netmask="255.0.255.0"), "subnet mask"), (dict(gateway="192.0.3.1"), "default gateway"),
    (dict(vlan="0"), "VLAN ID"), (dict(vlan="4095"), "VLAN ID"), (dict(vlan="abc"), "VLAN ID"),
    (dict(mtu="1279"), "MTU"), (dict(mtu="99999"), "MTU"), (dict(mode="bootp"), "addressing"),
])
def test_bad_input_is_refused_by_its_field_and_changes_nothing(host, change, field):
    with pytest.raises(Refusal) as why:
        host.set_adapter("eth0", **(STATIC | change))
    assert why.value.name == "Refused" and why.value.text.startswith(field + ": ")
    assert "\x1b" not in why.value.text and len(why.value.text) < 300
    assert files(host) == {} and "Reload" not in host.calls()


def test_an_adapter_that_is_gone_is_not_found(host):
    host.ip("link", "del", "eth1")
    with pytest.raises(Refusal) as why:
        host.set_adapter("eth1", mode="dhcp")
    assert why.value.name == "NotFound"
    assert host.refused("Network", "GetAdapter", "", "../etc").name == "NotFound"
    assert len(host.call("Network", "ListAdapters", "")) == 1


def test_an_adapter_without_a_light_says_so(host):
    why = host.refused("Network", "Blink", "", "eth0", 5)
    assert (why.name, why.text) == ("Failed", "the driver of eth0 has no light to blink")
    for seconds in (0, 31):
        assert host.refused("Network", "Blink", "", "eth0", seconds).text == f"seconds: {seconds} must be 1 to 30"
    assert host.refused("Network", "Blink", "", "eth9", 5).name == "NotFound"
    assert host.audit()[0]["action"] == "blink-adapter"


def test_no_adapter_at_all_is_an_empty_list(host):
    for name in ("eth0", "eth1"):
        host.ip("link", "del", name)
    assert len(host.call("Network", "ListAdapters", "")) == 0


def test_an_address_that_another_host_answers_for_is_refused_with_its_mac(host):
    host.peer_ip("addr", "add", "192.0.2.10/24", "dev", "p0")
    mac = (host.peer_ip("-br", "link", "show", "p0").split())[2]
    with pytest.raises(Refusal) as why:
        host.set_adapter("eth0", **STATIC)
    assert why.value.text == (f'IP address: "192.0.2.10" is in use: the host with the MAC {mac} answers for it')
    host.peer_ip("addr", "del", "192.0.2.10/24", "dev", "p0")
    host.set_adapter("eth0", **STATIC)


ANSWERS_ON_VLAN_7 = """
import socket
AUXDATA = 8
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("p0", 0))
s.setsockopt(263, AUXDATA, 1)
own = s.getsockname()[4]
print("ready", flush=True)
while True:
    frame, control, _, _ = s.recvmsg(2048, 256)
    tag = next((int.from_bytes(data[16:18], "little") for _, kind, data in control if kind == AUXDATA), 0)
    if tag == 7 and frame[12:14] == b"\\x08\\x06" and frame[20:22] == b"\\0\\1":
        asked, asker = frame[38:42], frame[22:28]
        s.send(asker + own + b"\\x81\\0\\0\\7\\x08\\6\\0\\1\\x08\\0\\6\\4\\0\\2" + own + asked + asker + bytes(4) + bytes(18))
"""


def promiscuity(host, adapter):
    return int(host.ip("-d", "link", "show", adapter).split("promiscuity ")[1].split()[0])


def test_an_address_on_a_vlan_is_asked_for_there_though_the_adapter_has_it_untagged(host):
    peer = host.spawn("nsenter", f"--net=/run/netns/{host.peer}", sys.executable, "-c", ANSWERS_ON_VLAN_7,
                      stdout=subprocess.PIPE)
    assert peer.stdout.readline() == "ready\n"
    mac = (host.peer_ip("-br", "link", "show", "p0").split())[2]
    host.ip("addr", "add", "192.0.2.10/24", "dev", "eth0")
    with pytest.raises(Refusal) as why:
        host.set_adapter("eth0", vlan="7", **STATIC)
    assert why.value.text == f'IP address: "192.0.2.10" is in use: the host with the MAC {mac} answers for it'
    # On another VLAN nobody answers; nor is anybody asked where it is in force.
    host.set_adapter("eth0", vlan="8", **STATIC)
    host.set_adapter("eth0", **STATIC)


@pytest.mark.parametrize("vlan, listens_to_all", [("7", 1), ("", 0)])
def test_the_probe_of_a_vlan_listens_behind_the_adapters_filter(host, vlan, listens_to_all):
    """A VLAN nobody has set up is dropped by such an adapter, unless it takes everything."""
    call = subprocess.Popen(("busctl", f"--address={host.address}", "call", "internal.palette.Host1",
                             "/internal/palette/Host1", "internal.palette.Host1.Network", "SetAdapter",
                             "ssa{ss}u", "", "eth0", "4", "mode", "static", "address", "192.0.2.10",
                             "netmask", "24", "vlan", vlan, "0"), env=host.env)
    seen = set()
    while call.poll() is None:
        seen.add(promiscuity(host, "eth0"))
    assert call.returncode == 0 and max(seen) == listens_to_all and promiscuity(host, "eth0") == 0


def test_an_address_is_taken_while_there_is_nobody_to_ask(host):
    host.peer_ip("link", "set", "p0", "down")
    host.set_adapter("eth0", **STATIC)
    host.ip("link", "set", "eth1", "down")
    host.set_adapter("eth1", **(STATIC | dict(address="198.51.100.9", gateway="")))


def test_the_own_address_is_no_conflict_and_that_of_another_adapter_is(host):
    host.ip("addr", "add", "192.0.2.10/24", "dev", "eth0")
    host.set_adapter("eth0", **STATIC)
    with pytest.raises(Refusal) as why:
        host.set_adapter("eth1", **STATIC)
    assert why.value.text == 'IP address: "192.0.2.10" is in use on eth0 already'
    # Configured there, but not in force yet.
    host.ip("addr", "del", "192.0.2.10/24", "dev", "eth0")
    with pytest.raises(Refusal):
        host.set_adapter("eth1", **STATIC)


def test_reads_are_answered_while_a_probe_runs(host):
    bus_call = subprocess.Popen(("busctl", f"--address={host.address}", "call", "internal.palette.Host1",
                                 "/internal/palette/Host1", "internal.palette.Host1.Network", "SetAdapter",
                                 "ssa{ss}u", "", "eth0", "3", "mode", "static", "address", "192.0.2.10",
                                 "netmask", "24", "0"), env=host.env)
    seen = 0
    while bus_call.poll() is None:
        before = time.monotonic()
        host.adapter("eth0")
        assert time.monotonic() - before < 1
        seen += 1
    assert seen > 0 and bus_call.returncode == 0


def test_a_change_is_taken_back_when_nobody_confirms(host):
    host.set_adapter("eth0", **STATIC)
    before = files(host)
    change = host.set_adapter("eth0", confirm=10, mode="dhcp")
    assert len(change) == 16 and files(host) != before
    assert host.adapter("eth0")["pending"] == change
    pending = host.call("Network", "PendingChange", "")
    assert pending["adapter"] == "eth0" and 8 <= pending["remaining"] <= 10
    with pytest.raises(Refusal) as why:
        host.set_adapter("eth1", mode="dhcp")
    assert why.value.name == "Busy"
    deadline = time.monotonic() + 15
    while host.call("Network", "PendingChange", "") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert files(host) == before
    assert host.refused("Network", "Confirm", "", change).name == "NotFound"


def test_a_change_waits_as_long_as_networkd_does_not_take_it_back(host):
    host.set_adapter("eth0", **STATIC)
    before = files(host)
    change = host.set_adapter("eth0", confirm=10, mode="dhcp")
    host.write("fail-Reload", "no memory left")
    deadline = time.monotonic() + 20
    while host.audit()[-1]["action"] != "revert-adapter" and time.monotonic() < deadline:
        time.sleep(0.2)
    assert host.audit()[-1]["result"] == "failed" and "no memory left" in host.audit()[-1]["reason"]
    assert host.call("Network", "PendingChange", "")["change"] == change
    # By hand it fails as well, though the files are right by now.
    for _ in range(2):
        assert "no memory left" in host.refused("Network", "Revert", "", change).text
    assert files(host) == before and host.call("Network", "PendingChange", "")
    (host.root / "fail-Reload").unlink()
    deadline = time.monotonic() + 15
    while host.call("Network", "PendingChange", "") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert host.audit()[-1]["action"] == "revert-adapter" and host.audit()[-1]["result"] == "ok"
    reloads = host.calls().count("Reload")
    host.restart()
    assert host.calls().count("Reload") == reloads and files(host) == before


def test_a_vlan_goes_also_when_networkd_took_its_files_late(host):
    host.set_adapter("eth0", vlan="100", **STATIC)
    host.ip("link", "add", "eth0.100", "type", "dummy" if has_dummy(host) else "bridge")
    host.write("fail-Reload", "no memory left")
    host.stop()
    (host.root / "etc/palette/network/eth0.conf").unlink()
    host.start()
    assert "eth0.100" in host.ip("link")
    (host.root / "fail-Reload").unlink()
    host.restart()
    assert "eth0.100" not in host.ip("link")


def test_a_change_stays_when_it_is_confirmed(host):
    change = host.set_adapter("eth0", confirm=10, **STATIC)
    assert not host.exists("etc/palette/network/eth0.conf")
    assert host.refused("Network", "Confirm", "", "0" * 16).name == "NotFound"
    host.call("Network", "Confirm", "", change)
    assert not host.call("Network", "PendingChange", "")
    assert "address = 192.0.2.10" in host.read("etc/palette/network/eth0.conf")
    assert "192.0.2.10" in files(host)["10-palette-eth0.network"]


def test_a_change_can_be_taken_back_at_once(host):
    change = host.set_adapter("eth0", confirm=60, **STATIC)
    host.call("Network", "Revert", "", change)
    assert files(host) == {} and not host.call("Network", "PendingChange", "")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_takes_back_what_nobody_confirmed(host, how):
    host.set_adapter("eth0", **STATIC)
    before = files(host)
    host.set_adapter("eth0", confirm=60, mode="static", address="192.0.2.99", netmask="24")
    assert files(host) != before
    host.restart(how)
    assert files(host) == before
    assert not host.call("Network", "PendingChange", "")


def test_a_power_cut_between_two_files_is_repaired_at_the_start(host):
    host.set_adapter("eth0", vlan="100", **STATIC)
    before = files(host)
    host.stop()
    (host.root / FILES / "10-palette-eth0.100.netdev").unlink()
    (host.root / FILES / "10-palette-eth0.network").write_text("[Match]\nName=eth0\n")
    (host.root / FILES / "10-palette-eth9.network").write_text("left over\n")
    (host.root / FILES / "50-mine.network").write_text("of somebody else\n")
    host.start()
    after = files(host)
    assert after.pop("50-mine.network") == "of somebody else\n"
    assert after == before


def test_a_networkd_that_fails_leaves_the_old_setting(host):
    host.set_adapter("eth0", **STATIC)
    before = files(host), host.read("etc/palette/network/eth0.conf")
    host.write("fail-Reload", "no memory left")
    with pytest.raises(Refusal) as why:
        host.set_adapter("eth0", mode="dhcp")
    assert why.value.name == "Failed"
    assert why.value.text == "change eth0: tell systemd-networkd: no memory left"
    assert (files(host), host.read("etc/palette/network/eth0.conf")) == before


@pytest.mark.parametrize("text", ["\u00e4" * 400, "a" + "\u00e4" * 400], ids=["even", "odd"])
def test_a_message_cut_inside_a_character_is_answered_all_the_same(host, text):
    host.write("fail-Reload", text)
    with pytest.raises(Refusal) as why:
        host.set_adapter("eth0", **STATIC)
    assert why.value.text.startswith("change eth0: tell systemd-networkd: " + text[:200])


def test_much_news_of_the_kernel_is_few_signals(host, tmp_path):
    import dbus
    import dbus.mainloop.glib
    from gi.repository import GLib

    loop = GLib.MainLoop()
    bus = dbus.bus.BusConnection(host.address, mainloop=dbus.mainloop.glib.DBusGMainLoop())
    seen = []
    bus.add_signal_receiver(lambda: seen.append(time.monotonic()), "AdaptersChanged",
                            "internal.palette.Host1.Network")
    addresses = ["198.51.100.%d/24" % number for number in range(10, 30)]
    batch = tmp_path / "batch"
    batch.write_text("".join("addr add %s dev eth0\n" % address for address in addresses))
    GLib.timeout_add(200, lambda: host.ip("-batch", str(batch)) and False)
    # Two signals that are due at once may be apart on a busy machine; twenty may not be twenty.
    GLib.timeout_add(3000, loop.quit)
    loop.run()
    bus.close()
    assert 1 <= len(seen) <= len(addresses) // 4
