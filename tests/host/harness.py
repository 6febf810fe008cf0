# SPDX-License-Identifier: Apache-2.0
"""A palette-hostd on a bus, in a network and with files of its own.

Needs root, for the network namespace and for accounts; nothing of the machine is touched: hostd's files
are below a temporary directory (--root), which is also its /etc as far as PAM looks. Run them by
"make host", or: PALETTE_BUILD=build pytest tests/host
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import dbus
import pytest

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path(os.environ.get("PALETTE_BUILD", HERE.parent.parent / "build")).absolute()
NAME = "internal.palette.Host1"
PATH = "/internal/palette/Host1"
ETC = ("passwd", "group", "shadow", "gshadow", "subuid", "subgid", "login.defs", "nsswitch.conf",
       "pam.d", "security", "skel", "default", "ld.so.cache", "ssl/openssl.cnf")
LOCALUI_UID = 990
LINK_UID = 991
SYNC_UID = 992

BUS = """<busconfig><type>private</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/></policy>
</busconfig>"""


def run(*argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **more)


def fault(what):
    """For Host.start(): its reads or flushes go wrong (tests/cli/fault.c)."""
    return {"LD_PRELOAD": f"{BUILD}/tests/fault.so", "FAULT": what}


class Refusal(Exception):
    """An error of hostd: .name without the prefix, .text as a person reads it."""

    def __init__(self, name, text):
        super().__init__(f"{name}: {text}")
        self.name = name.removeprefix("internal.palette.Error.")
        self.text = text


class Host:
    def __init__(self, tmp, number):
        self.root = tmp / "root"
        self.tmp = tmp
        self.netns = f"host{number}"
        self.peer = f"peer{number}"
        self.address = f"unix:path={tmp}/bus"
        # Syncthing is the one that goes on the ISO.
        self.env = {"PATH": f"{BUILD}/bin:{os.environ['PATH']}", "DBUS_SYSTEM_BUS_ADDRESS": self.address}
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(f"{tmp}/notify")
        self.processes = []
        self.hostd = None
        self.make_root()

    # files

    def make_root(self):
        etc = self.root / "etc"
        etc.mkdir(parents=True)
        for name in ETC:
            source = pathlib.Path("/etc") / name
            (etc / name).parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, etc / name, symlinks=True)
            elif source.exists():
                shutil.copy2(source, etc / name)
        for directory in ("home", "var/log", "run/systemd/resolve", "data/keep", "proc",
                          "usr/share/ca-certificates", "etc/ssl/certs", "etc/ca-certificates/update.d"):
            (self.root / directory).mkdir(parents=True, exist_ok=True)
        (self.root / "usr/share/palette").mkdir(parents=True)
        for ending in ("hwm", "pwd", "pwi"):
            (self.root / f"usr/share/palette/dictionary.{ending}").symlink_to(
                f"/var/cache/cracklib/cracklib_dict.{ending}")
        # One certificate of the package: its tool leaves the bundle alone while it has none at all.
        certificate = sorted(pathlib.Path("/usr/share/ca-certificates/mozilla").iterdir())[0]
        shutil.copy(certificate, self.root / "usr/share/ca-certificates" / certificate.name)
        self.write("etc/ca-certificates.conf", certificate.name + "\n")
        overlay = HERE.parent.parent / "overlays/os"
        shutil.copy(overlay / "etc/pam.d/palette-hostd", etc / "pam.d/palette-hostd")
        self.append("etc/group", "palette-admin:x:800:\npalette-localui:x:990:\npalette-link:x:991:\npalette-sync:x:992:\n")
        self.append("etc/passwd", "".join(f"{user}:x:{uid}:{uid}::/:/usr/sbin/nologin\n" for user, uid in (
            ("palette-localui", LOCALUI_UID), ("palette-link", LINK_UID), ("palette-sync", SYNC_UID))))
        self.dmi(product_uuid="4c4c4544-0042-3510-8052-b4c04f564433", product_serial="SN1",
                 sys_vendor="Example", product_name="Model 1")
        self.write("etc/hostname", "localhost\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def append(self, path, text):
        with open(self.root / path, "a") as file:
            file.write(text)

    def read(self, path):
        return (self.root / path).read_text()

    def exists(self, path):
        return (self.root / path).exists()

    def dmi(self, **values):
        for name, value in values.items():
            self.write(f"sys/class/dmi/id/{name}", value + "\n")

    def audit(self):
        if not self.exists("var/log/palette-audit.log"):
            return []
        return [json.loads(line) for line in self.read("var/log/palette-audit.log").splitlines()]

    def calls(self):
        return self.read("calls").split("\n") if self.exists("calls") else []

    # processes

    def with_etc(self, *argv):
        """The command with the root's etc in the place of /etc, as PAM and the bus see it."""
        script = 'etc=$1; shift; mount --bind "$etc" /etc && exec "$@"'
        return ("unshare", "-m", "--propagation", "unchanged", "sh", "-c", script, "sh",
                self.root / "etc", *argv)

    def spawn(self, *argv, env=None, **more):
        process = subprocess.Popen(argv, env=self.env | (env or {}), text=True, **more)
        self.processes.append(process)
        return process

    def start_network(self):
        """eth0 and eth1 here, each with its other end in the peer's namespace."""
        for netns in (self.netns, self.peer):
            run("ip", "netns", "add", netns)
        self.ip("link", "set", "lo", "up")
        for i in (0, 1):
            run("ip", "link", "add", f"eth{i}", "netns", self.netns, "type", "veth",
                "peer", "name", f"p{i}", "netns", self.peer)
            self.ip("link", "set", f"eth{i}", "up")
            self.peer_ip("link", "set", f"p{i}", "up")

    # "ip -n" would mount /sys anew, which cannot be done in a chroot.

    def ip(self, *argv):
        return run("nsenter", f"--net=/run/netns/{self.netns}", "ip", *argv).stdout

    def peer_ip(self, *argv):
        return run("nsenter", f"--net=/run/netns/{self.peer}", "ip", *argv).stdout

    def start_bus(self):
        (self.tmp / "bus.conf").write_text(BUS.format(path=self.tmp / "bus"))
        # The bus turns away users it cannot look up.
        bus = self.spawn(*self.with_etc("dbus-daemon", "--nofork", "--print-address",
                                        f"--config-file={self.tmp}/bus.conf"), stdout=subprocess.PIPE)
        assert bus.stdout.readline()
        self.start_services()

    def start_services(self):
        services = self.spawn(sys.executable, HERE / "services.py", self.root, stdout=subprocess.PIPE)
        assert services.stdout.readline() == "ready\n"

    def start(self, wait=True, **env):
        log = open(self.tmp / "hostd.log", "a")
        self.hostd = self.spawn("nsenter", f"--net=/run/netns/{self.netns}",
                                *self.with_etc(BUILD / "bin/palette-hostd", "--root", self.root,
                                               "--adapter-kind", "veth", "--probe-ms", "60"),
                                stderr=log, env={"NOTIFY_SOCKET": f"{self.tmp}/notify"} | env, start_new_session=True)
        if wait:
            self.wait_ready()

    def start_linkd(self, *options, wait=True, env=None):
        """palette-linkd, as its unit starts it: its own user, its state and its run directory."""
        for directory in ("var/lib/palette/link", "run/palette-link"):
            path = self.root / directory
            path.mkdir(parents=True, exist_ok=True)
            os.chown(path, LINK_UID, LINK_UID)
        (self.root / "var/lib/palette/link").chmod(0o700)
        self.linkd = self.spawn("nsenter", f"--net=/run/netns/{self.netns}",
                                *self.with_etc("setpriv", f"--reuid={LINK_UID}", f"--regid={LINK_UID}",
                                               f"--groups={SYNC_UID}", BUILD / "bin/palette-linkd",
                                               "--root", self.root, "--verbose", *options),
                                stderr=open(self.tmp / "linkd.log", "a"), env=env, start_new_session=True)
        if not wait:
            return
        until = time.monotonic() + 20
        bus = dbus.bus.BusConnection(self.address)
        while not bus.name_has_owner("internal.palette.Link1"):
            assert self.linkd.poll() is None and time.monotonic() < until, self.linkd_log()
            time.sleep(0.02)
        bus.close()

    def stop_linkd(self, sig=signal.SIGTERM):
        self.linkd.send_signal(sig)
        self.wait_linkd_end()

    def wait_linkd_end(self):
        self.linkd.wait(10)
        bus = dbus.bus.BusConnection(self.address)
        while bus.name_has_owner("internal.palette.Link1"):
            time.sleep(0.01)
        bus.close()

    def linkd_log(self):
        path = self.tmp / "linkd.log"
        return path.read_text() if path.exists() else ""

    def wait_ready(self):
        """Until it tells systemd that it is."""
        self.notify.settimeout(20)
        try:
            while b"READY=1" not in self.notify.recv(4096):
                pass
        except TimeoutError:
            raise AssertionError("hostd did not get ready:\n" + self.log()) from None
        # The stored proxy is applied behind that; a change meanwhile is Busy.
        while self.call("Network", "GetProxy", "")["state"] == "In Progress":
            time.sleep(0.02)

    def stop(self, sig=signal.SIGTERM):
        self.hostd.send_signal(sig)
        self.hostd.wait(10)
        # The bus may learn of a killed process a little later than its parent.
        bus = dbus.bus.BusConnection(self.address)
        while bus.name_has_owner(NAME):
            time.sleep(0.01)
        bus.close()

    def restart(self, sig=signal.SIGTERM):
        self.stop(sig)
        self.start()

    def log(self):
        path = self.tmp / "hostd.log"
        return path.read_text() if path.exists() else ""

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.notify.close()
        for netns in (self.netns, self.peer):
            subprocess.run(("ip", "netns", "del", netns), capture_output=True)

    # the bus

    def connect(self):
        """A connection, once hostd is there; the caller closes it."""
        bus = dbus.bus.BusConnection(self.address)
        until = time.monotonic() + 20
        while not bus.name_has_owner(NAME):
            assert self.hostd.poll() is None and time.monotonic() < until, self.log()
            time.sleep(0.02)
        return bus

    def call(self, interface, member, *args, timeout=30):
        bus = dbus.bus.BusConnection(self.address)
        try:
            proxy = bus.get_object(NAME, PATH)
            return proxy.get_dbus_method(member, f"{NAME}.{interface}")(*args, timeout=timeout)
        except dbus.DBusException as error:
            if (error.get_dbus_name() or "").startswith("internal.palette.Error."):
                raise Refusal(error.get_dbus_name(), error.get_dbus_message()) from None
            raise
        finally:
            bus.close()

    def refused(self, *call):
        """The refusal that must come."""
        with pytest.raises(Refusal) as caught:
            self.call(*call)
        return caught.value

    def call_as(self, uid, *argv):
        """A call by another user, through busctl: (exit status, output)."""
        done = subprocess.run(("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "busctl",
                               f"--address={self.address}", "--json=short", "call", NAME, PATH, *argv),
                              capture_output=True, text=True, env=self.env)
        return done.returncode, done.stdout + done.stderr

    def set_adapter(self, adapter, confirm=0, **settings):
        return str(self.call("Network", "SetAdapter", "", adapter,
                             dbus.Dictionary(settings, signature="ss"), dbus.UInt32(confirm)))

    def adapter(self, name):
        return self.call("Network", "GetAdapter", "", name)

    def create_admin(self, user="alice", password="correct horse 7"):
        self.call("Accounts", "CreateFirst", "", user, password)
        return user, password
