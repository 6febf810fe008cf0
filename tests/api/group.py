# SPDX-License-Identifier: Apache-2.0
"""Several hosts on one network: each with its own palette-hostd, palette-linkd and palette-localui, its own
bus, files and network namespace. They hang on a bridge in a namespace where the browser sits too."""
import base64
import contextlib
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import time

from localui import HOST, LocalUi, show_machine  # first: it says where harness is
from harness import BUILD, BUS, Host, run
from syncthing import SyncService

import dbus

PORT = 5080
LINK = HOST + "/link"


@contextlib.contextmanager
def inside(netns):
    """Sockets that are made meanwhile belong to @netns; they stay there."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    try:
        os.setns(there, os.CLONE_NEWNET)
        yield
    finally:
        os.setns(before, os.CLONE_NEWNET)
        os.close(there)
        os.close(before)


def wait_for(what, seconds, why=lambda: ""):
    """Until what() is true; its value."""
    until = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < until, f"not within {seconds} s: {why()}"
        time.sleep(0.05)
    return value


class Member(Host):
    def __init__(self, group, tmp, number):
        super().__init__(tmp, 0)
        self.group = group
        self.number = number
        self.name = f"edge-{number}"
        self.ip4 = f"10.77.0.{number}"
        self.netns = f"{group.prefix}{number}"
        self.peer = group.hub
        self.write("etc/hostname", self.name + "\n")
        self.dmi(product_uuid=f"4c4c4544-0042-3510-8052-{number:012x}")
        show_machine(self)

    def start_network(self):
        run("ip", "netns", "add", self.netns)
        self.ip("link", "set", "lo", "up")
        run("ip", "link", "add", "eth0", "netns", self.netns, "type", "veth", "peer", "name", f"p{self.number}",
            "netns", self.peer)
        self.peer_ip("link", "set", f"p{self.number}", "master", "br0", "up")
        self.ip("address", "add", f"{self.ip4}/24", "dev", "eth0")
        self.ip("link", "set", "eth0", "up")

    def start_all(self, *linkd_options):
        self.start_network()
        self.start_bus()
        self.start()
        self.create_admin()
        self.start_linkd(*linkd_options)
        page = self.tmp / "web"
        page.mkdir()
        (page / "index.html").write_text("<!doctype html>")
        self.make_ui()
        self.ui.start()
        self.session = self.ui.token()

    def make_ui(self):
        self.ui = LocalUi(self, PORT)
        self.ui.prefix = self.netns_command()
        self.ui.address = self.ip4
        self.ui.inside = lambda: inside(self.group.hub)

    def netns_command(self, *argv):
        return ("nsenter", f"--net=/run/netns/{self.netns}", *argv)

    def plug(self, state):
        """Pulls its cable, or puts it back."""
        self.peer_ip("link", "set", f"p{self.number}", state)

    def request(self, method, path, body=None, **more):
        return self.ui.request(method, path, body, token=self.session, **more)

    def status(self):
        reply = self.request("GET", LINK + "/status")
        return reply.json if reply.status == 200 else None

    def row(self, other):
        """Of another member in the table."""
        for row in (self.status() or {"peers": []})["peers"]:
            if row["ip"] == other.ip4:
                return row
        return None

    def token(self):
        reply = self.request("POST", LINK + "/generate-token")
        assert reply.status == 200, reply
        return reply.json["token"]

    def link_to(self, leader, seconds=40):
        reply = self.request("POST", LINK, {"token": leader.token()})
        assert reply.status == 202, reply
        return self.link_ended(seconds)

    def link_ended(self, seconds=40):
        wait_for(lambda: self.status()["status"] != "InProgress", seconds, self.linkd_log)
        return self.status()

    def health(self, other):
        row = self.row(other)
        return row and row["health"]["state"]

    def is_good(self, other):
        row = self.row(other)
        return row and row["status"] == "Ready" and row["health"]["state"] == "Healthy"

    def logs(self):
        """Everything that was written down anywhere, by name."""
        texts = {}
        for path in [*self.tmp.glob("*.log"), *(self.root / "var/log").glob("*")]:
            if path.is_file():
                texts[str(path)] = path.read_text(errors="replace")
        return texts

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            with contextlib.suppress(Exception):
                process.wait(5)
            if process.poll() is None:
                process.kill()
                process.wait()
        self.notify.close()
        run("ip", "netns", "del", self.netns)


class BareMember(Member):
    """Without palette-hostd, which a link does not need: so fifty of them fit into one machine."""

    def start_all(self):
        self.start_network()
        (self.tmp / "bus.conf").write_text(BUS.format(path=self.tmp / "bus"))
        bus = self.spawn(*self.with_etc("dbus-daemon", "--nofork", "--print-address", f"--config-file={self.tmp}/bus.conf"),
                         stdout=subprocess.PIPE)
        assert bus.stdout.readline()
        (self.tmp / "web").mkdir()
        (self.tmp / "web/index.html").write_text("x")
        self.make_ui()
        self.start_linkd()
        self.ui.start(wait=False)

    def join(self, token):
        done = subprocess.run((BUILD / "bin/palette-link", "join"), input=token + "\n", text=True, capture_output=True,
                              env=self.env)
        assert done.returncode == 0, done.stderr + self.linkd_log()


class ContentMember(Member):
    """With content, and the Syncthing that its link daemon starts."""

    def __init__(self, *facts):
        super().__init__(*facts)
        self.syncthing = SyncService(self)

    def upload(self, name, data):
        return self.send(name, io.BytesIO(data), len(data))

    def upload_file(self, path):
        with open(path, "rb") as source:
            return self.send(path.name, source, path.stat().st_size)

    def send(self, name, source, size):
        """The digest that palette-hostd found."""
        upload, _, fd = self.call("Content", "BeginUpload", "", name, dbus.UInt64(size), "")
        with os.fdopen(fd.take(), "ab", buffering=0) as file:
            shutil.copyfileobj(source, file, 1 << 20)
        return str(self.call("Content", "FinishUpload", "", str(upload), timeout=600)["sha256"])

    def listed(self):
        return {str(row["name"]): row for row in self.call("Content", "List", "")}

    def digests(self):
        """Of the listed files, as they are on the disk; each must be what its row says."""
        found = {}
        for name, row in self.listed().items():
            with open(self.file(name), "rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
            assert (found[name], os.path.getsize(self.file(name))) == (row["sha256"], row["size"]), name
        return found

    def file(self, name):
        return self.root / "srv/content/files" / name

    def goal(self, other):
        """Ready, Synced, Healthy: what a person waits for in the other one's row."""
        row = self.row(other)
        return row and (row["status"], row["contentSyncStatus"]["state"], row["health"]["state"]) == (
            "Ready", "Synced", "Healthy")

    def close(self):
        self.syncthing.close()
        super().close()


class Group:
    def __init__(self, directory, number, member=Member):
        self.directory = pathlib.Path(directory)
        self.member = member
        self.prefix = f"g{number}-"
        self.hub = f"g{number}-hub"
        self.members = []
        run("ip", "netns", "add", self.hub)
        # A bridge without an address of its own takes another with each member, and they know the former one.
        self.hub_ip("link", "add", "br0", "address", "02:00:00:00:00:fe", "type", "bridge")
        self.hub_ip("address", "add", "10.77.0.254/24", "dev", "br0")
        self.hub_ip("link", "set", "br0", "up")

    def hub_ip(self, *argv):
        return run("nsenter", f"--net=/run/netns/{self.hub}", "ip", *argv).stdout

    def add(self, *linkd_options, member=None):
        number = len(self.members) + 1
        tmp = self.directory / str(number)
        tmp.mkdir()
        tmp.chmod(0o755)
        member = (member or self.member)(self, tmp, number)
        self.members.append(member)
        member.start_all(*linkd_options)
        return member

    def close(self):
        for member in self.members:
            with contextlib.suppress(Exception):
                member.close()
        run("ip", "netns", "del", self.hub)


class LargeGroup(Group):
    """A leader and @n followers, of which the first two have content."""

    def __init__(self, directory, number, n):
        super().__init__(directory, number, ContentMember)
        try:
            self.leader, *self.with_content = [self.add() for _ in range(3)]
            self.bare = [self.add(member=BareMember) for _ in range(n - 2)]
        except BaseException:
            self.close()
            raise

    def link(self):
        for member in self.with_content:
            assert member.link_to(self.leader)["status"] == "Completed"
        for member in self.bare:
            member.join(self.leader.token())
        assert self.leader.request("POST", LINK + "/stop-token").status == 204

    def unhealthy(self):
        """Why not each of them is Ready and Healthy; "" when each is."""
        peers = self.leader.status()["peers"]
        bad = [peer for peer in peers if (peer["status"], peer["health"]["state"]) != ("Ready", "Healthy")]
        missing = len(self.members) - 1 - len(peers)
        return f"{len(bad)} unhealthy, {missing} missing: {bad[:3]}" if bad or missing else ""

    def longest_silence(self):
        return max(peer["silentSeconds"] for peer in self.leader.status()["peers"])


def password_of(token):
    return json.loads(base64.b64decode(token))["password"]


def changed(token, **fields):
    """The token with other fields."""
    return base64.b64encode(json.dumps(json.loads(base64.b64decode(token)) | fields).encode()).decode()
