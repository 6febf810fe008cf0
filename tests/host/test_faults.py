# SPDX-License-Identifier: Apache-2.0
"""The disk is full, or the power goes, while hostd saves: the old setting or the new one, and a word about it."""
import contextlib
import os
import pathlib
import re
import signal
import struct
import subprocess

import dbus
import pytest
from harness import BUILD, NAME, PATH, run

GOOD = "correct horse 7"
OLD = dict(mode="static", address="192.0.2.10", netmask="24")
NEW = OLD | dict(address="192.0.2.77", vlan="7")
FILES = ("passwd", "group", "shadow", "gshadow", "subuid", "subgid", "hostname", "palette/network", "systemd/network",
         "systemd/resolved.conf.d")


def set_adapter(host, settings):
    host.set_adapter("eth0", **settings)


def set_dns(host, primary):
    host.call("Network", "SetDns", "", primary, "", "")


def saved(host):
    """Every file the four calls may change, with its owner and mode."""
    found = {}
    for name in FILES:
        path = host.root / "etc" / name
        for file in ([path] if path.is_file() else sorted(path.rglob("*")) if path.exists() else []):
            # Not the shadow tools' copies, nor what nobody reads: a file that was not renamed yet.
            if file.is_file() and not re.search(r"-$|\.\w{6}$", file.name):
                found[str(file)] = (file.read_bytes(), file.stat().st_mode, file.stat().st_uid)
    return found


# A full disk.

HOSTNAMED = "mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd && exec /usr/lib/systemd/systemd-hostnamed"


@pytest.fixture
def small(make_host):
    """A host whose /etc has 2 MiB, and the real hostnamed."""
    host = make_host
    etc = host.root / "etc"
    aside = host.tmp / "etc"
    run("cp", "-a", etc, aside)
    run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", etc)
    try:
        run("cp", "-a", f"{aside}/.", etc)
        services = host.processes.pop()
        services.kill()
        services.wait()
        host.write("without-hostname1", "")
        host.start_services()
        host.spawn("unshare", "--uts", *host.with_etc("sh", "-c", HOSTNAMED), stderr=open(host.tmp / "hostnamed.log", "w"))
        bus = dbus.bus.BusConnection(host.address)
        while not bus.name_has_owner("org.freedesktop.hostname1"):
            pass
        bus.close()
        host.start()
        set_adapter(host, OLD)
        set_dns(host, "192.0.2.1")
        host.call("Host", "SetHostname", "", "edge-1")
        yield host
    finally:
        host.close()
        run("umount", "-l", etc)


@contextlib.contextmanager
def full(host):
    filler = host.root / "etc/filler"
    with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    yield
    filler.unlink()


@pytest.mark.parametrize("change, about", [
    (lambda host: set_adapter(host, NEW), "/etc/palette/network/eth0.conf"),
    (lambda host: set_adapter(host, dict(mode="dhcp")), "/etc/palette/network/eth0.conf"),
    (lambda host: set_dns(host, "192.0.2.99"), "/etc/systemd/resolved.conf.d/10-palette.conf"),
    (lambda host: host.call("Host", "SetHostname", "", "edge-2"), "set the host name: "),
    (lambda host: host.create_admin("alice", GOOD), "/etc has 0 KiB free, 512 are needed"),
], ids=["static", "dhcp", "dns", "name", "account"])
def test_a_full_disk_leaves_the_old_setting_and_says_so(small, change, about):
    host = small
    before = saved(host)
    with full(host):
        with pytest.raises(Exception) as why:
            change(host)
        assert why.value.name == "Failed" and about in why.value.text, why.value.text
        assert "No space left on device" in why.value.text
        assert saved(host) == before
        host.restart()
        assert saved(host) == before
    change(host)
    assert saved(host) != before


# A power cut.

@pytest.fixture
def cut(make_host):
    """A host all of whose processes end at the Nth change of a file; .at(N) counts from now, 0: never."""
    host = make_host
    cut_so = pathlib.Path(BUILD) / "tests/cut.so"
    assert cut_so.exists(), "make build/tests/cut.so"

    def at(n):
        with open(host.root / "etc/cut", "r+b") as counter:
            counter.write(struct.pack("ll", 0, n))

    def count():
        return struct.unpack("ll", (host.root / "etc/cut").read_bytes())[0]

    (host.root / "etc/cut").write_bytes(bytes(16))
    host.write("etc/ld.so.preload", f"{cut_so}\n")
    host.at, host.count = at, count
    host.start()
    return host


def attempt(host, n, change):
    """Whether the change was cut at its Nth change of a file; hostd runs again in any case."""
    host.at(n)
    with contextlib.suppress(dbus.DBusException):
        change()
        # The answer is out before the last change, the audit log's line, may be.
        if host.hostd.poll() is None and (n == 0 or host.count() < n):
            host.at(0)
            return False
    assert host.hostd.wait(10) == -signal.SIGKILL
    host.at(0)
    host.stop()
    host.start()
    return True


def cuts(host, change, most):
    """Moments of the power cut, at most so many, spread over all of them."""
    host.at(0)
    change()
    n = host.count()
    assert n > 3
    return range(1, n + 1, max(1, n // most))


CHANGES = {
    "adapter": (set_adapter, OLD, NEW),
    "adapter-vlan": (set_adapter, NEW, dict(mode="dhcp")),
    "dns": (set_dns, "192.0.2.1", "192.0.2.99"),
    "no-dns": (set_dns, "192.0.2.1", ""),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_power_cut_leaves_the_old_setting_or_the_new_one(cut, kind):
    host = cut
    change, old, new = CHANGES[kind]
    change(host, new)
    after = saved(host)
    change(host, old)
    before = saved(host)
    outcomes = []
    for n in cuts(host, lambda: change(host, new), 14):
        change(host, old)
        assert attempt(host, n, lambda: change(host, new)), n
        assert saved(host) in (before, after), n
        outcomes.append(saved(host) == after)
        records = host.root / "etc/palette/network"
        assert not records.exists() or os.listdir(records) in ([], ["eth0.conf"])
    assert set(outcomes) == {False, True}, outcomes


def test_a_power_cut_leaves_no_half_an_account(cut):
    """Useradd and its like are cut as well. Either there is an administrator, or one can be made."""
    host = cut
    empty = host.tmp / "empty"
    run("cp", "-a", host.root / "etc", empty)

    def start_again():
        for name in FILES[:6]:
            run("cp", "-a", empty / name, host.root / "etc" / name)
            (host.root / "etc" / (name + ".lock")).unlink(missing_ok=True)
        subprocess.run(("rm", "-rf", host.root / "home/alice"), check=True)

    made = []
    for n in cuts(host, lambda: host.create_admin("alice", GOOD), 14):
        start_again()
        assert attempt(host, n, lambda: host.create_admin("alice", GOOD)), n
        assert ":palette unfinished:" not in host.read("etc/passwd"), "a login that nobody sees"
        made.append(bool(host.call("Access", "Public")["has-account"]))
        if not made[-1]:
            host.create_admin("alice", GOOD)
        host.call("Access", "Login", "alice", GOOD, "console", False)
        assert ":Palette Edge administrator:/home/alice:" in host.read("etc/passwd"), n
        groups = {line.split(":")[0] for line in host.read("etc/group").splitlines()
                  if "alice" in line.split(":")[3].split(",")}
        assert groups == {"palette-admin", "sudo"} and host.exists("home/alice/.bashrc"), n
    assert set(made) == {False, True}, made
