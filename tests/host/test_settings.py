# SPDX-License-Identifier: Apache-2.0
"""The settings file: once, what failed again, and never over what a person has set."""
import threading

import pytest
from test_host import wait_for_proxy

HASH = "$6$saltsalt$kxYxLaPrBwhWtSXiGLzkmEUBCBSGKAd7IKPTzIJlTAzVZmt0zFZWLCs7mMqUrTsWNrc5WFeWMjwIYTv1HXgEn."
SETTINGS = f"""# a host as its rack wants it
hostname = edge-42
account.user = alice
account.password-hash = {HASH}
adapter.eth0.mode = static
adapter.eth0.address = 192.0.2.10
adapter.eth0.netmask = 24
adapter.eth0.gateway = 192.0.2.1
adapter.eth1.vlan = 7
dns.primary = 192.0.2.1
ntp.servers = 192.0.2.5, 192.0.2.6
proxy.http = http://192.0.2.3:3128
localui-port = 5081
"""


def test_a_settings_file_presets_all_of_it_once(make_host):
    host = make_host
    host.write("data/keep/settings.conf", SETTINGS)
    host.start()
    facts = host.call("Access", "Public")
    assert (facts["hostname"], facts["has-account"], facts["localui-port"]) == ("edge-42", True, 5081)
    assert HASH in host.read("etc/shadow")
    assert host.adapter("eth0")["settings"]["address"] == "192.0.2.10"
    assert host.adapter("eth1")["vlan"] == 7
    assert host.call("Network", "GetDns", "")["primary"] == "192.0.2.1"
    assert host.call("Network", "GetNtp", "")["servers"] == ["192.0.2.5", "192.0.2.6"]
    assert wait_for_proxy(host, "Configured")["http"] == "http://192.0.2.3:3128"
    # What a person changes later is not changed back.
    host.call("Host", "SetHostname", "", "edge-43")
    host.restart()
    assert host.call("Access", "Public")["hostname"] == "edge-43"
    assert HASH not in host.log() + host.read("var/log/palette-audit.log")


def test_what_failed_of_a_settings_file_is_tried_again_and_nothing_else(make_host):
    host = make_host
    host.write("data/keep/settings.conf", SETTINGS)
    host.write("fail-SetStaticHostname", "no")
    host.write("fail-ReloadOrTryRestartUnit", "nor that")
    host.start()
    assert host.call("Access", "Public")["settings-error"] == "settings.conf: set the host name: no"
    assert host.read("data/keep/settings.applied").split("\n")[1:] == ["hostname", "dns", "ntp", ""]
    # What the file has set and people changed, and what it could not set and people did.
    host.set_adapter("eth0", mode="dhcp")
    (host.root / "fail-ReloadOrTryRestartUnit").unlink()
    host.call("Network", "SetDns", "", "192.0.2.77", "", "")
    host.restart()
    assert host.adapter("eth0")["settings"]["mode"] == "dhcp"
    assert host.call("Network", "GetDns", "")["primary"] == "192.0.2.77"
    assert host.call("Network", "GetNtp", "")["servers"] == ["192.0.2.5", "192.0.2.6"]
    assert host.read("data/keep/settings.applied").split("\n")[1:] == ["hostname", ""]
    (host.root / "fail-SetStaticHostname").unlink()
    host.restart()
    facts = host.call("Access", "Public")
    assert (facts["hostname"], facts["settings-error"]) == ("edge-42", "")
    host.call("Host", "SetHostname", "", "edge-43")
    host.restart()
    assert host.call("Access", "Public")["hostname"] == "edge-43"


def test_parts_that_people_set_at_the_same_time_are_all_settled(host):
    changes = (("Host", "SetHostname", "", "edge-1"), ("Network", "SetNtp", "", ["192.0.2.6"]),
               ("Network", "SetDns", "", "192.0.2.1", "", ""))
    for _ in range(25):
        host.write("data/keep/settings.applied", "0" * 64 + "\nhostname\nadapter.eth0\ndns\nntp\n")
        threads = [threading.Thread(target=host.call, args=call) for call in changes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert host.read("data/keep/settings.applied") == "0" * 64 + "\nadapter.eth0\n"


@pytest.mark.parametrize("line, says", [
    ("hostnam = x", 'line 14: nothing is called "hostnam"'),
    ("hostname = Bad Name", 'line 14: hostname: host name: "Bad Name" may have'),
    ("adapter.eth0.mtu = 12", "line 14: adapter.eth0.mtu: MTU"),
    ("adapter.eth0.gateway = 192.0.3.1", "adapter eth0: default gateway: "),
    ("adapter.eth1.netmask = 24", "adapter.eth1.netmask needs adapter.eth1.mode = static"),
    ("account.password-hash = plain", "line 14: account.password-hash: password: its hash is none of"),
    ("account.password-hash $6$secret", 'line 14: has no "="'),
    ("k\u00f6ln\x07 = 1", "line 14: nothing is called"),
    ("proxy.https = https://me:s3cret@192.0.2.3", "line 14: proxy.https: HTTPS Endpoint: "),
])
def test_a_settings_file_with_a_mistake_presets_nothing(make_host, line, says):
    host = make_host
    host.write("data/keep/settings.conf", SETTINGS + line + "\n")
    host.start()
    assert says in host.log()
    facts = host.call("Access", "Public")
    assert not facts["has-account"]
    assert str(facts["settings-error"]).startswith("settings.conf: ") and says in facts["settings-error"]
    assert not any(secret in facts["settings-error"] for secret in ("plain", "secret", "s3cret", "\x07"))
    assert host.audit()[0]["action"] == "apply-settings-file" and host.audit()[0]["result"] == "failed"


@pytest.mark.parametrize("left", ["", None], ids=["empty", "gone"])
def test_a_preset_name_that_a_power_cut_took_is_given_again(make_host, left):
    host = make_host
    host.write("data/keep/settings.conf", "hostname = edge-42\nntp.servers = 192.0.2.5\n")
    host.start()
    host.call("Network", "SetNtp", "", ["192.0.2.6"])
    host.stop()
    (host.root / "etc/hostname").unlink()
    if left is not None:
        host.write("etc/hostname", left)
    host.start()
    assert host.call("Access", "Public")["hostname"] == "edge-42"
    assert host.call("Network", "GetNtp", "")["servers"] == ["192.0.2.6"], "a person's"


@pytest.mark.parametrize("member", ["ReloadOrTryRestartUnit", "TryRestartUnit"])
def test_a_port_that_was_not_taken_is_told_again_at_the_next_start(make_host, member):
    host = make_host
    host.write("data/keep/settings.conf", "localui-port = 8443\n")
    host.write(f"fail-{member}", "no")
    host.start()
    assert "the Local UI's port: restart palette-" in host.log()
    (host.root / f"fail-{member}").unlink()
    for restarts in (1, 0):
        before = len(host.calls())
        host.restart()
        told = host.calls()[before - 1:]
        assert told.count("TryRestartUnit palette-localui.service") == restarts
        assert told.count("ReloadOrTryRestartUnit palette-firewall.service") == restarts
