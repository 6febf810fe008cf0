# SPDX-License-Identifier: Apache-2.0
"""palette-check against a real hostd and a real palette-localui."""
import json
import os
import socket
import subprocess
import sys

import pytest
from harness import HERE, run

sys.path.insert(0, str(HERE.parent / "api"))

from localui import PASSWORD, LocalUi  # noqa: E402

CHECK = HERE.parent.parent / "overlays/os/usr/bin/palette-check"


def check(host, *argv, typed="", netns=False):
    enter = ("nsenter", f"--net=/run/netns/{host.netns}") if netns else ()
    done = subprocess.run((*enter, "sh", CHECK, *argv), capture_output=True, text=True, input=typed,
                          env=host.env)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def ready(make_host):
    """A host with an account and its page on a port of its own."""
    host = make_host
    ui = LocalUi(host)
    ui.tls = host.root / "run/palette-tls"
    ui.tls.mkdir(parents=True)
    os.chmod(ui.tls, 0o755)
    ui.make_certificate()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        ui.wanted = probe.getsockname()[1]
    host.write("etc/palette/localui.conf", f"port = {ui.wanted}\n")
    host.start()
    host.create_admin(password=PASSWORD)
    ui.files.mkdir(exist_ok=True)
    (ui.files / "index.html").write_text("<!doctype html><title>x</title>")
    ui.start()
    host.ui = ui
    return host


def test_a_host_that_is_ready_passes_what_it_can_here(ready):
    status, text = check(ready)
    assert "pass  the host service answers" in text and "pass  there is an account for Local UI and SSH\n" in text
    assert f":{ready.ui.port}\n" in text and "pass  Local UI answers on https://" in text
    assert "pass  it shows the certificate of Device Info: " in text
    # The link service is not there.
    assert "FAIL  Linked Edge Hosts: the link service does not answer\n      systemctl status palette-linkd\n" in text
    # No sshd and no firewall here.
    assert status == 1 and "FAIL  SSH does not run\n      systemctl status ssh\n" in text


def test_a_login_opens_every_page(ready):
    _, text = check(ready, "--user", "alice", typed=PASSWORD + "\n")
    assert "pass  alice logs in to Local UI\n" in text
    for page in ("Edge Host", "Content", "Audit Log", "Cluster"):
        assert f"pass  Local UI: {page} can be used\n" in text
    assert PASSWORD not in text
    # It logs out.
    assert ready.call("Access", "ListSessions", "") == []


def test_a_wrong_password_fails_with_what_to_do(ready):
    status, text = check(ready, "--user", "alice", typed='wro"ng\\\n')
    assert status == 1 and "FAIL  alice cannot log in to Local UI (HTTP status 401)" in text


def test_another_certificate_than_on_the_console_is_seen(ready):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
        "-keyout", "/dev/null", "-out", ready.ui.tls / "cert.pem")
    assert "FAIL  it shows another certificate (" in check(ready)[1]


def test_a_page_that_does_not_answer_is_named(ready):
    ready.ui.stop()
    status, text = check(ready)
    assert status == 1 and "FAIL  Local UI does not answer on https://" in text
    assert "systemctl status palette-localui palette-tls" in text


def test_no_address_no_gateway_and_no_account_are_named(host):
    status, text = check(host, netns=True)
    assert status == 1
    for says in ("FAIL  there is no account yet\n      make it on the console: palette-tui",
                 "FAIL  no network adapter has an IPv4 address", "FAIL  there is no default gateway",
                 "FAIL  the firewall is not loaded"):
        assert says in text
    host.ip("address", "add", "192.0.2.10/24", "dev", "eth0")
    host.ip("route", "add", "default", "via", "192.0.2.1")
    text = check(host, netns=True)[1]
    assert "pass  the host has an address: 192.0.2.10\n" in text and "pass  there is a default gateway" in text


def test_without_hostd_it_says_so_and_ends(make_host):
    status, text = check(make_host)
    assert status == 1 and "FAIL  the host service answers: " in text and "systemctl status palette-hostd" in text


@pytest.mark.parametrize("argv", [("x",), ("--user",), ("--user", "a", "b")])
def test_wrong_usage_is_status_2(argv, tmp_path):
    done = subprocess.run(("sh", CHECK, *argv), capture_output=True, text=True)
    assert done.returncode == 2 and "usage: palette-check" in done.stderr


def test_help_names_the_option_and_the_statuses():
    done = subprocess.run(("sh", CHECK, "--help"), capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""
    assert "\n  --user NAME   asks for NAME's password" in done.stdout
    assert "\nExit status: 0 ready, 1 not ready, 2 wrong usage.\n" in done.stdout


STATUS = {"role": "leader", "name": "edge-1", "peers": [
    {"id": "0", "name": "edge-2", "address": "192.0.2.2", "role": "follower", "status": "Ready", "status-reason": "",
     "health": "Healthy", "health-reason": "", "content": "Synced", "content-reason": ""},
    {"id": "1", "name": "edge-3", "address": "192.0.2.3", "role": "follower", "status": "Ready", "status-reason": "",
     "health": "Healthy", "health-reason": "", "content": "Not Synced",
     "content-reason": "the disk is full: \"ask\" x | y"}]}


@pytest.mark.parametrize("peers, says", [
    (0, ["--    Linked Edge Hosts: no host is linked"]),
    (1, ["pass  linked host edge-2: Ready, Synced, Healthy\n"]),
    (2, ["pass  linked host edge-2: Ready, Synced, Healthy\n",
         "FAIL  linked host edge-3: Ready, Not Synced, Healthy\n      the disk is full: \"ask\" x | y\n"])])
def test_each_linked_host_passes_or_says_why_not(host, tmp_path, peers, says):
    command = tmp_path / "palette-link"
    text = json.dumps(STATUS | {"peers": STATUS["peers"][:peers]}, indent=2)
    command.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    command.chmod(0o755)
    host.env["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
    _, text = check(host)
    for line in says:
        assert line in text
