# SPDX-License-Identifier: Apache-2.0
import base64
import pathlib
import re
import subprocess
import time

import dbus
import pytest
from harness import BUILD, HERE, NAME, PATH, fault, run

PROXY = ("http://proxy.example.org:3128", "http://192.0.2.3:3128", "10.0.0.0/8, .example.org")


def wait_for_proxy(host, state):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        facts = host.call("Network", "GetProxy", "")
        if facts["state"] == state:
            return facts
        time.sleep(0.05)
    raise AssertionError(f"the proxy's state is {facts['state']}: {facts['reason']}")


def certificate(tmp_path, *more):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
        "/CN=Proxy CA", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem", *more)
    return (tmp_path / "cert.pem").read_text()


def test_the_interface_is_the_one_of_the_xml_file(host):
    """Methods, arguments and signals of hostd.xml, in both directions; argument names too."""
    def parts(text):
        found, interface, member = set(), None, None
        for tag, rest in re.findall(r"<(interface|method|signal|arg)\b([^>]*)>", re.sub(r"<!--.*?-->", "", text, flags=re.S)):
            facts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
            if tag == "interface":
                interface = facts["name"]
            elif tag in ("method", "signal"):
                member = facts["name"]
            if not interface.startswith("internal.palette."):
                continue
            if tag == "arg":
                found.add((interface, member, facts["name"], facts["type"], facts.get("direction", "out")))
            else:
                found.add((interface, member, tag))
        return found

    xml = (HERE.parent.parent / "hostd/hostd.xml").read_text()
    live = run("busctl", f"--address={host.address}", "introspect", "--xml-interface", "internal.palette.Host1",
               "/internal/palette/Host1", env=host.env).stdout
    want, have = parts(xml), parts(live)
    # sd-bus does not say "out" of a signal's arguments; an interface's own row has the member before it.
    strip = {row for row in have if len(row) == 5 or row[2] != "interface"}
    assert {row for row in want if len(row) == 5 or row[2] != "interface"} == strip


def test_a_host_without_a_name_gets_one_from_its_product_uuid(host):
    facts = host.call("Host", "Info", "")
    name = "edge-4c4c4544-0042-3510-8052-b4c04f564433"
    assert facts["hostname"] == facts["default-hostname"] == name
    assert "SetStaticHostname " + name in host.calls()


def test_a_dummy_uuid_gives_the_mac(make_host):
    make_host.dmi(product_uuid="03000200-0400-0500-0006-000700080009")
    make_host.start()
    mac = make_host.adapter("eth0")["mac"].replace(":", "")
    assert make_host.call("Access", "Public")["hostname"] == "edge-" + mac


def test_a_copy_names_its_original_as_long_as_it_runs(make_host):
    make_host.start()
    assert make_host.call("Host", "Info", "")["copied-from"] == ""
    # palette-init's, for one start.
    make_host.write("run/palette/copied-from", "4c4c4544-0042-3510-8052-000000000001")
    assert make_host.call("Host", "Info", "")["copied-from"] == "4c4c4544-0042-3510-8052-000000000001"


def test_a_name_that_was_given_stays(make_host):
    make_host.write("etc/hostname", "edge-7\n")
    make_host.start()
    assert make_host.call("Host", "Info", "")["hostname"] == "edge-7"


def test_a_name_given_while_the_host_starts_comes_after_the_default_one(make_host):
    """The first job waits for an adapter here, since there is no product UUID to name the host by."""
    make_host.dmi(product_uuid="03000200-0400-0500-0006-000700080009")
    for adapter in ("eth0", "eth1"):
        make_host.ip("link", "delete", adapter)
    make_host.start(wait=False)
    bus = make_host.connect()
    name = bus.get_object(NAME, PATH).get_dbus_method("SetHostname", f"{NAME}.Host")
    name("", "edge-7", ignore_reply=True) # the answer comes when the host has started
    with pytest.raises(dbus.DBusException, match="waits until the system has started; try again"):
        name("", "edge-8")
    bus.close()
    assert not make_host.calls()
    make_host.ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
    make_host.wait_ready()
    until = time.monotonic() + 10
    while make_host.call("Host", "Info", "")["hostname"] != "edge-7":
        assert time.monotonic() < until, make_host.calls()
    named = [call for call in make_host.calls() if call.startswith("SetStaticHostname")]
    assert len(named) == 2 and named[1] == "SetStaticHostname edge-7"


@pytest.mark.parametrize("name", ["Edge", "a b", "-a", "a..b", "k\u00f6ln", "x" * 300, "192.0.2.1", "", "a\nb"])
def test_a_bad_host_name_is_refused(host, name):
    before = host.read("etc/hostname")
    why = host.refused("Host", "SetHostname", "", name)
    assert why.name == "Refused" and why.text.startswith("host name: ")
    assert host.read("etc/hostname") == before


def test_a_host_name_is_set_through_hostnamed(host):
    host.call("Host", "SetHostname", "", "edge-9.example.org")
    assert host.call("Host", "Info", "")["hostname"] == "edge-9.example.org"
    host.write("fail-SetStaticHostname", "no")
    why = host.refused("Host", "SetHostname", "", "edge-10")
    assert (why.name, why.text) == ("Failed", "set the host name: no")


def test_a_host_name_is_on_the_disk_before_it_counts(make_host):
    """hostnamed does not flush: the first name would be an empty file after a power cut."""
    make_host.start(**fault("flush /etc/hostname 0 0"))
    why = make_host.refused("Host", "SetHostname", "", "edge-9")
    assert why.name == "Failed" and why.text.startswith("flush ") and "/etc/hostname: Input/output error" in why.text
    make_host.restart()
    make_host.call("Host", "SetHostname", "", "edge-9")


def test_a_name_that_cannot_be_read_stays(make_host):
    (make_host.root / "etc/hostname").unlink()
    (make_host.root / "etc/hostname").mkdir()
    make_host.start()
    assert "SetStaticHostname" not in " ".join(make_host.calls())
    assert "/etc/hostname: Is a directory" in make_host.log()


def test_info_says_what_this_machine_is(make_host, tmp_path):
    host = make_host
    host.write("run/palette/boot.conf", "role = run\nversion = 2026.11.23-abc\n")
    host.write("proc/cmdline", "quiet palette.role=run palette.slot=b\n")
    host.dmi(product_serial="To Be Filled By O.E.M.")
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "ssh_host_ed25519_key")
    host.write("etc/ssh/ssh_host_ed25519_key.pub", (tmp_path / "ssh_host_ed25519_key.pub").read_text())
    host.write("run/palette-tls/cert.pem", certificate(tmp_path))
    host.write("data/keep/settings.conf", "localui-port = 8443\nsync-port = 22001\n")
    host.start()
    facts = host.call("Host", "Info", "")
    assert (facts["version"], facts["slot"], facts["serial"]) == ("2026.11.23-abc", "b", "")
    assert (facts["vendor"], facts["model"], facts["configured"]) == ("Example", "Model 1", False)
    wanted = run("ssh-keygen", "-lf", tmp_path / "ssh_host_ed25519_key.pub").stdout.split()[1]
    assert facts["ssh-fingerprints"] == ["ssh-ed25519 " + wanted]
    wanted = run("openssl", "x509", "-in", tmp_path / "cert.pem", "-noout", "-fingerprint", "-sha256").stdout
    assert facts["localui-fingerprint"] == wanted.strip().split("=")[1]
    assert facts["localui-port"] == host.call("Access", "Public")["localui-port"] == 8443
    # The server and the firewall read it from their own file.
    assert "port = 8443\n" in host.read("etc/palette/localui.conf")
    assert "ReloadOrTryRestartUnit palette-firewall.service" in host.calls()
    # A reload has it read the certificate alone.
    assert "TryRestartUnit palette-localui.service" in host.calls()
    assert "sync-port = 22001\n" in host.read("etc/palette/link.conf")
    assert "TryRestartUnit palette-linkd.service" in host.calls()


@pytest.mark.parametrize("written, shown", [
    (b"\xff\xff", ""), (b"\xff\xff\xff 12", "??? 12"), (b"SN\x01\xe4 7", "SN?? 7"), (b" ..--", ""), (b"INVALID", ""),
    ("S\u00e9rie 7".encode(), "S\u00e9rie 7"),
])
def test_what_a_board_has_in_its_fields_never_stops_an_answer(make_host, written, shown):
    make_host.dmi()
    for name in ("product_serial", "sys_vendor", "product_name"):
        (make_host.root / "sys/class/dmi/id" / name).write_bytes(written + b"\n")
    make_host.start()
    facts = make_host.call("Host", "Info", "")
    assert [facts[key] for key in ("serial", "vendor", "model")] == [shown] * 3


def test_the_port_of_the_local_ui_is_the_one_of_its_file(make_host):
    make_host.write("etc/palette/localui.conf", "port = 8444\n")
    make_host.start()
    assert make_host.call("Access", "Public")["localui-port"] == 8444
    assert not any("palette-firewall" in call for call in make_host.calls())


def test_dns_is_a_drop_in_and_what_is_in_force_is_told(host):
    host.write("run/systemd/resolve/resolv.conf", "# a comment\nnameserver 198.51.100.1\nsearch lan .\n")
    facts = host.call("Network", "GetDns", "")
    assert (facts["primary"], facts["servers"], facts["domains"]) == ("", ["198.51.100.1"], ["lan"])
    host.call("Network", "SetDns", "", "192.0.2.1", "192.0.2.2", "Example.org")
    facts = host.call("Network", "GetDns", "")
    assert (facts["primary"], facts["alternate"], facts["search"]) == ("192.0.2.1", "192.0.2.2", "example.org")
    assert "ReloadOrTryRestartUnit systemd-resolved.service" in host.calls()
    assert host.refused("Network", "SetDns", "", "1.2.3", "", "").text.startswith("primary name server: ")
    host.call("Network", "SetDns", "", "", "", "")
    assert not host.exists("etc/systemd/resolved.conf.d/10-palette.conf")


DNS_FILES = ("etc/systemd/network/10-palette-eth0.network", "etc/systemd/network/90-default.network.d/10-palette.conf")


def listens_to_dhcp(host):
    return ["UseDNS=no" not in host.read(path) if host.exists(path) else True for path in DNS_FILES]


def test_the_adapters_files_follow_a_change_of_dns_and_a_trial_stays(host):
    host.set_adapter("eth0", mode="dhcp")
    host.set_adapter("eth1", mode="static", address="198.51.100.7", netmask="24", confirm=60)
    host.call("Network", "SetDns", "", "192.0.2.1", "", "")
    assert listens_to_dhcp(host) == [False, False]
    assert "198.51.100.7" in host.read("etc/systemd/network/10-palette-eth1.network")
    host.call("Network", "SetDns", "", "", "", "")
    assert listens_to_dhcp(host) == [True, True]


def test_a_power_cut_between_dns_and_the_adapters_files_is_repaired_at_the_start(host):
    host.set_adapter("eth0", mode="dhcp")
    host.stop()
    host.write("etc/systemd/resolved.conf.d/10-palette.conf", "[Resolve]\nDNS=192.0.2.1\nDomains=~.\n")
    host.start()
    assert listens_to_dhcp(host) == [False, False]
    host.stop()
    (host.root / "etc/systemd/resolved.conf.d/10-palette.conf").unlink()
    host.start()
    assert listens_to_dhcp(host) == [True, True]


@pytest.mark.parametrize("record", ["etc/palette/network/eth0.conf", "etc/systemd/resolved.conf.d/10-palette.conf"])
def test_a_record_that_cannot_be_read_changes_nothing_of_the_network(host, record):
    host.set_adapter("eth0", mode="static", address="192.0.2.10", netmask="24")
    host.call("Network", "SetDns", "", "192.0.2.1", "", "")
    before = {path.name: path.read_bytes() for path in (host.root / "etc/systemd/network").rglob("*") if path.is_file()}
    good = host.read(record)
    host.stop()
    (host.root / record).unlink()
    (host.root / record).mkdir()
    host.start()
    assert {path.name: path.read_bytes() for path in (host.root / "etc/systemd/network").rglob("*") if path.is_file()} == before
    assert f"error: read {host.root / record}" in host.log()
    host.stop()
    (host.root / record).rmdir()
    host.write(record, good)
    host.start()
    assert host.adapter("eth0")["settings"]["address"] == "192.0.2.10"


def test_a_dns_change_that_networkd_does_not_take_is_taken_back(host):
    host.set_adapter("eth0", mode="dhcp")
    host.write("fail-Reload", "no")
    why = host.refused("Network", "SetDns", "", "192.0.2.9", "", "")
    assert (why.name, why.text) == ("Failed", "tell systemd-networkd: no")
    assert host.call("Network", "GetDns", "")["primary"] == "" and listens_to_dhcp(host) == [True, True]


def test_a_dns_change_that_resolved_does_not_take_is_taken_back(host):
    host.call("Network", "SetDns", "", "192.0.2.1", "", "")
    host.write("fail-ReloadOrTryRestartUnit", "no")
    assert host.refused("Network", "SetDns", "", "192.0.2.9", "", "").name == "Failed"
    assert host.call("Network", "GetDns", "")["primary"] == "192.0.2.1"


def test_time_servers_are_a_drop_in(host):
    host.call("Network", "SetNtp", "", ["0.pool.ntp.org", "192.0.2.5"])
    assert host.call("Network", "GetNtp", "")["servers"] == ["0.pool.ntp.org", "192.0.2.5"]
    assert "NTP=0.pool.ntp.org 192.0.2.5\n" in host.read("etc/systemd/timesyncd.conf.d/10-palette.conf")
    assert host.refused("Network", "SetNtp", "", ["a b"]).text.startswith("NTP server: ")
    assert not host.call("Network", "GetNtp", "")["synchronized"]
    host.write("run/systemd/timesync/synchronized", "")
    assert host.call("Network", "GetNtp", "")["synchronized"]


def test_a_proxy_is_stored_applied_and_survives_a_restart(host, tmp_path):
    wait_for_proxy(host, "Not Configured")
    pem = certificate(tmp_path)
    host.call("Network", "SetProxy", "", *PROXY, [base64.b64encode(pem.encode()).decode()])
    facts = wait_for_proxy(host, "Configured")
    assert (facts["http"], facts["https"], facts["no-proxy"]) == (PROXY[0], PROXY[1], "10.0.0.0/8,.example.org")
    assert base64.b64decode(str(facts["ca-certificates"][0])).decode() == pem
    assert "http_proxy='http://proxy.example.org:3128'" in host.read("etc/profile.d/palette-proxy.sh")
    assert "HTTPS_PROXY=" in host.read("etc/environment.d/10-palette-proxy.conf")
    assert "DefaultEnvironment=" in host.read("etc/systemd/system.conf.d/10-palette-proxy.conf")
    assert pem.strip() in host.read("etc/ssl/certs/ca-certificates.crt")
    assert (host.root / "etc/palette/proxy.conf").stat().st_mode & 0o777 == 0o600
    assert host.calls()[-3:-1] == ["DaemonReload", "TryRestartUnit palette-localui.service"]
    host.restart()
    wait_for_proxy(host, "Configured")
    assert host.calls().count("DaemonReload") == 1
    host.call("Network", "SetProxy", "", "", "", "", [])
    wait_for_proxy(host, "Not Configured")
    for path in ("etc/profile.d/palette-proxy.sh", "etc/palette/proxy.conf",
                 "usr/local/share/ca-certificates/palette-proxy-0.crt"):
        assert not host.exists(path)
    assert pem.strip() not in host.read("etc/ssl/certs/ca-certificates.crt")


def test_a_proxy_that_cannot_be_applied_is_failed_with_the_reason(host):
    host.write("fail-DaemonReload", "no")
    host.call("Network", "SetProxy", "", *PROXY, [])
    assert wait_for_proxy(host, "Failed")["reason"] == "reload systemd: no"


def test_a_bundle_of_certificates_is_whole_and_on_the_disk_before_it_counts(make_host, tmp_path):
    host = make_host
    pem = certificate(tmp_path)
    # What a cut left of an earlier run of its tool, which appends.
    host.write("etc/ssl/certs/ca-certificates.crt.new", "stale\n")
    host.start(**fault("flush /ca-certificates.crt 0 0"))
    host.call("Network", "SetProxy", "", *PROXY, [pem])
    assert "ca-certificates.crt: Input/output error" in wait_for_proxy(host, "Failed")["reason"]
    host.restart()
    wait_for_proxy(host, "Configured")
    assert pem.strip() in host.read("etc/ssl/certs/ca-certificates.crt")
    assert "stale" not in host.read("etc/ssl/certs/ca-certificates.crt")


def test_certificates_out_of_their_dates_are_refused(host, tmp_path):
    late = certificate(tmp_path, "-not_before", "20200101000000Z", "-not_after", "20210101000000Z")
    why = host.refused("Network", "SetProxy", "", *PROXY, [late])
    assert why.name == "Refused" and why.text.startswith("CA Certificates: certificate 1 has run out")
    early = certificate(tmp_path, "-not_before", "20900101000000Z", "-not_after", "20910101000000Z")
    assert "is not valid yet" in host.refused("Network", "SetProxy", "", *PROXY, [early]).text
    broken = "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n"
    assert "is no X.509 certificate" in host.refused("Network", "SetProxy", "", *PROXY, [broken]).text
    assert not host.exists("etc/palette/proxy.conf")


def test_a_bus_without_other_services_still_lets_hostd_start(make_host):
    host = make_host
    host.write("data/keep/settings.conf", "hostname = edge-1\n")
    host.processes.pop().kill()
    host.start()
    assert host.call("Access", "Public")["version"] is not None


def test_it_ends_with_its_bus_so_that_systemd_starts_it_on_the_next_one(host):
    host.processes[0].kill()
    assert host.hostd.wait(10) == 1


def test_no_core_file_and_no_environment_of_the_caller(host):
    limits = pathlib.Path(f"/proc/{host.hostd.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)
    # Not dumpable: its files in /proc belong to root whatever its uid, and nobody else can attach.
    environ = pathlib.Path(f"/proc/{host.hostd.pid}/environ").read_bytes()
    assert subprocess.run((BUILD / "bin/palette-hostd", "--help"), capture_output=True).returncode == 0
    assert b"LD_PRELOAD" not in environ


def test_wrong_usage_is_status_2():
    for argv in (("--nonsense",), ("extra",), ("--probe-ms", "x")):
        done = subprocess.run((BUILD / "bin/palette-hostd", *argv), capture_output=True, text=True)
        assert done.returncode == 2 and "usage:" in done.stderr
