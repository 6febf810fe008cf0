# SPDX-License-Identifier: Apache-2.0
"""Hosts on one network, each with a palette-hostd, a Syncthing and the content's engine, as root.

The engine runs in sync_demo, without the link daemon: what a host says to another in its heartbeats,
the test carries.
"""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "host"))

import dbus  # noqa: E402
from harness import BUILD, Host, run  # noqa: E402
from syncthing import SyncService  # noqa: E402

PORT = 22000


class Switch:
    """A network that hosts are plugged into."""

    def __init__(self, number):
        self.netns = f"switch{number}"
        run("ip", "netns", "add", self.netns)
        self.ip("link", "add", "br0", "type", "bridge")
        self.ip("link", "set", "br0", "up")

    def ip(self, *argv):
        return run("nsenter", f"--net=/run/netns/{self.netns}", "ip", *argv).stdout

    def close(self):
        subprocess.run(("ip", "netns", "del", self.netns), capture_output=True)


class SyncHost(Host):
    """Host with the address 192.0.2.N and the name edge-N."""

    def __init__(self, switch, tmp, number, n):
        super().__init__(tmp, f"{number}x{n}")
        self.switch, self.n = switch, n
        self.name, self.at = f"edge-{n}", f"192.0.2.{n}"
        self.said, self.news = {"device": "", "manifest": "", "synced": False, "has": "", "trouble": ""}, threading.Condition()
        self.demo = self.mounted = None
        self.demo_env = {}
        self.syncthing = SyncService(self)
        self.write("etc/hostname", self.name + "\n")

    def start_network(self):
        run("ip", "netns", "add", self.netns)
        self.ip("link", "set", "lo", "up")
        run("ip", "link", "add", "eth0", "netns", self.netns, "type", "veth",
            "peer", "name", f"p{self.n}", "netns", self.switch.netns)
        self.ip("address", "add", f"{self.at}/24", "dev", "eth0")
        self.ip("link", "set", "eth0", "up")
        self.switch.ip("link", "set", f"p{self.n}", "up", "master", "br0")

    def make_small(self, mib):
        """Its content has a file system of its own."""
        content = self.root / "srv/content"
        content.mkdir(parents=True)
        run("mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", content)
        self.mounted = content

    def cut(self, up="down"):
        self.switch.ip("link", "set", f"p{self.n}", up)

    def start_all(self):
        self.start_network()
        self.start_bus()
        self.start()
        self.start_demo()

    def inside(self, *argv):
        return ("nsenter", f"--net=/run/netns/{self.netns}", *argv)

    # the engine

    def start_demo(self):
        log = open(self.tmp / "demo.log", "a")
        if self.demo:
            with contextlib.suppress(BrokenPipeError):
                self.demo.stdin.close()
        self.demo = self.spawn(*self.inside(BUILD / "tests/sync-demo", self.root, str(PORT)), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=log, env=self.demo_env)
        threading.Thread(target=self.listen, args=(self.demo.stdout,), daemon=True).start()

    def listen(self, lines):
        for line in lines:
            with self.news:
                self.said = json.loads(line)
                self.news.notify_all()

    def tell(self, *words):
        self.demo.stdin.write(" ".join(words) + "\n")
        self.demo.stdin.flush()

    def until(self, what, claim, seconds=40):
        with self.news:
            if not self.news.wait_for(lambda: claim(self.said), seconds):
                raise AssertionError(f"{self.name}, not in {seconds} s: {what}: {self.said}\n{self.logs()}")
            return self.said

    def logs(self):
        return "".join(f"== {name}\n{(self.tmp / name).read_text()[-3000:]}" for name in ("syncthing.log", "demo.log", "hostd.log")
                       if (self.tmp / name).exists())

    def close(self):
        self.syncthing.close()
        super().close()
        if self.mounted:
            subprocess.run(("umount", "-l", self.mounted), capture_output=True)

    # content

    def upload(self, name, data):
        digest = hashlib.sha256(data).hexdigest()
        upload, _, fd = self.call("Content", "BeginUpload", "", name, dbus.UInt64(len(data)), digest)
        with os.fdopen(fd.take(), "ab", buffering=0) as file:
            view = memoryview(data)
            while view:
                view = view[file.write(view):]
        self.call("Content", "FinishUpload", "", str(upload), timeout=120)
        return digest

    def upload_file(self, path):
        size = path.stat().st_size
        upload, _, fd = self.call("Content", "BeginUpload", "", path.name, dbus.UInt64(size), "")
        with os.fdopen(fd.take(), "ab", buffering=0) as file, open(path, "rb") as source:
            shutil.copyfileobj(source, file, 1 << 20)
        self.call("Content", "FinishUpload", "", str(upload), timeout=600)

    def listed(self):
        return {str(row["name"]): row for row in self.call("Content", "List", "")}

    def file(self, name):
        return self.root / "srv/content/files" / name


class Group:
    """A leader, edge-1, and its followers; the test is the heartbeat between them."""

    def __init__(self, tmp, number, n, small, reread_s):
        self.switch = Switch(number)
        self.hosts = []
        for i in range(1, n + 1):
            directory = tmp / f"h{i}"
            directory.mkdir(mode=0o755)
            self.hosts.append(SyncHost(self.switch, directory, number, i))
        self.leader, *self.followers = self.hosts
        if small:
            self.hosts[-1].make_small(small)
        for host in self.hosts:
            # How old a file's last reading must be for it to be read again; not a day, in a test.
            host.demo_env = {} if reread_s is None else {"PALETTE_SYNC_REREAD_S": str(reread_s)}
            host.start_all()
        self.beating = True
        self.linked = []

    def peer(self, host):
        return (host.name, host.at, str(PORT), host.said["device"] or "-")

    def link(self):
        """As the handshake does: ids are exchanged as soon as they are known."""
        self.linked = list(self.followers)
        self.leader.tell("set", "leader", *(word for host in self.followers for word in self.peer(host)))
        for host in self.followers:
            host.tell("set", "follower", *self.peer(self.leader))
        for host in self.hosts:
            host.until("a device id", lambda said: said["device"])
        for host in self.followers:
            host.tell("set", "follower", *self.peer(self.leader),
                      *(word for other in self.followers if other is not host for word in self.peer(other)))
        self.leader.tell("set", "leader", *(word for host in self.followers for word in self.peer(host)))
        threading.Thread(target=self.beat, daemon=True).start()

    def beat(self):
        """What a heartbeat carries, every half second."""
        while self.beating:
            manifest = self.leader.said["manifest"]
            for host in self.linked:
                try:
                    if manifest:
                        host.tell("expect", manifest)
                except (BrokenPipeError, ValueError):
                    pass
            time.sleep(0.5)

    def until_synced(self, host, seconds=60):
        host.until("synced", lambda said: said["synced"] and said["has"] and said["has"] == self.leader.said["manifest"],
                   seconds)

    def close(self):
        self.beating = False
        for host in self.hosts:
            host.close()
        self.switch.close()


def new_group(tmp, number, n, small=0, reread_s=None):
    os.chmod(tmp, 0o755)
    for parent in list(tmp.parents)[:2]:
        os.chmod(parent, 0o755)
    return Group(tmp, number, n, small, reread_s)


