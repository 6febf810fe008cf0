# SPDX-License-Identifier: Apache-2.0
"""The HTTP proxy for real: curl as a system service and as a login shell goes through one that opens TLS."""
import base64
import configparser
import re
import shlex
import subprocess
import sys
import time

import pytest
from harness import HERE, run

PROXY = "http://192.0.2.1:3128"


def set_proxy(host, http=PROXY, https=PROXY, no_proxy="", authorities=()):
    host.call("Network", "SetProxy", "", http, https, no_proxy,
              [base64.b64encode(text.encode()).decode() for text in authorities] or [])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        facts = host.call("Network", "GetProxy", "")
        if facts["state"] != "In Progress":
            return str(facts["state"])
        time.sleep(0.05)
    raise AssertionError("the proxy is never in force")


def service_environment(host):
    """What systemd gives to every service: DefaultEnvironment of system.conf.d."""
    path = host.root / "etc/systemd/system.conf.d/10-palette-proxy.conf"
    if not path.exists():
        return {}
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(path)
    words = shlex.split(parser["Manager"]["DefaultEnvironment"].replace("%%", "%"))
    return dict(word.split("=", 1) for word in words)


def in_host(host, *argv, env=None):
    """In its network, with its /etc: (exit status, output)."""
    clean = [f"{key}={value}" for key, value in ({"PATH": "/usr/bin:/bin", "HOME": "/"} | (env or {})).items()]
    done = subprocess.run(("nsenter", f"--net=/run/netns/{host.netns}",
                           *host.with_etc("env", "-i", *clean, *argv)), capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def curl(host, url, shell=False):
    if shell:
        return in_host(host, "sh", "-c", ". /etc/profile.d/palette-proxy.sh && curl -sS --max-time 10 " + url)
    return in_host(host, "curl", "-sS", "--max-time", "10", url, env=service_environment(host))


@pytest.fixture
def cable(host):
    """The proxy on the other side of eth0, and a name for an origin there."""
    directory = host.tmp / "proxy"
    directory.mkdir()
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=The proxy's authority", "-keyout", directory / "ca-key.pem", "-out", directory / "ca.pem")
    host.ip("address", "add", "192.0.2.10/24", "dev", "eth0")
    host.peer_ip("address", "add", "192.0.2.1/24", "dev", "p0")
    # As the package makes it; so far it is that of an empty tree.
    host.write("etc/ssl/certs/ca-certificates.crt", next((host.root / "usr/share/ca-certificates").iterdir()).read_text())
    host.write("etc/hosts", "192.0.2.1 origin.example.org local.example.org\n")
    server = host.spawn("nsenter", f"--net=/run/netns/{host.peer}", sys.executable, HERE / "proxy.py", directory,
                        "192.0.2.1", "3128", "80", stdout=subprocess.PIPE)
    assert server.stdout.readline() == "ready\n"
    host.authority = (directory / "ca.pem").read_text()
    host.proxy_log = lambda: (directory / "log").read_text() if (directory / "log").exists() else ""
    return host


@pytest.mark.parametrize("shell", [False, True], ids=["service", "login shell"])
def test_https_goes_through_the_proxy_and_its_authority_is_trusted(cable, shell):
    assert set_proxy(cable, authorities=[cable.authority]) == "Configured"
    status, text = curl(cable, "https://origin.example.org/x", shell)
    assert (status, text) == (0, "through the proxy to origin.example.org\n")
    assert cable.proxy_log() == "CONNECT origin.example.org:443\nINSIDE GET /x HTTP/1.1\n"


def test_without_its_authority_the_proxy_is_not_believed(cable):
    assert set_proxy(cable) == "Configured"
    status, text = curl(cable, "https://origin.example.org/")
    assert status == 60 and "certificate" in text.lower()
    assert "INSIDE" not in cable.proxy_log()


def test_http_goes_through_its_own_endpoint(cable):
    set_proxy(cable, https="")
    assert curl(cable, "http://origin.example.org/y")[1] == "through the proxy to http://origin.example.org/y\n"
    set_proxy(cable, http="", https=PROXY)
    assert curl(cable, "http://origin.example.org/y")[1] == "straight from the origin\n"


@pytest.mark.parametrize("no_proxy", ["origin.example.org", ".example.org", "192.0.2.0/24, other.example.org"])
def test_what_no_proxy_names_is_reached_straight(cable, no_proxy):
    set_proxy(cable, no_proxy=no_proxy)
    url = "http://192.0.2.1/" if "/" in no_proxy else "http://origin.example.org/"
    assert curl(cable, url)[1] == "straight from the origin\n"
    assert "GET" not in cable.proxy_log()


def test_a_password_in_the_endpoint_reaches_the_proxy_and_no_log(cable):
    set_proxy(cable, http="http://bob:pa%40ss@192.0.2.1:3128", authorities=[cable.authority])
    assert curl(cable, "http://origin.example.org/")[0] == 0
    assert "pa%40ss" not in cable.log() + cable.read("var/log/palette-audit.log")


def test_taken_away_nothing_of_it_is_left(cable):
    set_proxy(cable, authorities=[cable.authority])
    assert curl(cable, "https://origin.example.org/")[0] == 0
    assert set_proxy(cable, "", "") == "Not Configured"
    assert curl(cable, "http://origin.example.org/")[1] == "straight from the origin\n"
    # Its authority is gone from the trust store with it.
    authority = "".join(cable.authority.split("\n")[1:-2])
    assert authority not in cable.read("etc/ssl/certs/ca-certificates.crt").replace("\n", "")
    assert cable.read("etc/environment") == ""


@pytest.mark.parametrize("again", ["set", "restart"])
def test_a_removed_authority_goes_from_the_trust_store_also_after_a_failure(cable, again):
    authority = "".join(cable.authority.split("\n")[1:-2])
    store, aside = cable.root / "etc/ssl/certs", cable.root / "etc/ssl/aside"
    set_proxy(cable, authorities=[cable.authority])
    store.rename(aside)
    assert set_proxy(cable) == "Failed"
    aside.rename(store)
    assert authority in cable.read("etc/ssl/certs/ca-certificates.crt").replace("\n", "")
    if again == "restart":
        cable.restart()
    else:
        assert set_proxy(cable) == "Configured"
    assert authority not in cable.read("etc/ssl/certs/ca-certificates.crt").replace("\n", "")
    assert not cable.exists("etc/palette/proxy.unfinished")


def test_services_that_could_not_be_restarted_are_the_next_time_and_then_no_more(cable):
    cable.write("fail-DaemonReload", "no memory left")
    assert set_proxy(cable) == "Failed"
    (cable.root / "fail-DaemonReload").unlink()
    assert set_proxy(cable) == "Configured"
    assert cable.calls().count("TryRestartUnit palette-localui.service") == 1
    assert set_proxy(cable) == "Configured"
    assert cable.calls().count("TryRestartUnit palette-localui.service") == 1


def test_commands_over_ssh_get_it_by_pam_and_sudo_keeps_it(cable):
    set_proxy(cable, no_proxy="10.0.0.0/8")
    assert cable.read("etc/environment").splitlines()[1:] == [
        f"http_proxy={PROXY}", f"HTTP_PROXY={PROXY}", f"https_proxy={PROXY}", f"HTTPS_PROXY={PROXY}",
        "no_proxy=localhost,127.0.0.1,::1,10.0.0.0/8", "NO_PROXY=localhost,127.0.0.1,::1,10.0.0.0/8"]
    kept = (HERE.parent.parent / "overlays/os/etc/sudoers.d/palette").read_text()
    for line in cable.read("etc/environment").splitlines()[1:]:
        assert re.search(rf"\b{line.split('=')[0]}\b", kept)


def test_it_is_in_force_again_after_a_restart_of_hostd(cable):
    set_proxy(cable, authorities=[cable.authority])
    (cable.root / "etc/systemd/system.conf.d/10-palette-proxy.conf").unlink()
    cable.restart()
    assert curl(cable, "https://origin.example.org/")[0] == 0
