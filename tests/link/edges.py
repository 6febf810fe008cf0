# SPDX-License-Identifier: Apache-2.0
"""Linked hosts with content: each with a real palette-hostd, palette-linkd, palette-localui and Syncthing in a network
namespace of its own; and what can happen to them."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "api"))

from group import LINK, PORT, ContentMember, Group, inside, wait_for  # noqa: E402, F401
from localui import HOST  # noqa: E402
from harness import BUILD, run  # noqa: E402

TRUE_SECONDS = 30  # in which the table is true again, whatever happened
STATE = ("var", "srv", "home")  # what of the root is on the data partition and not of the image


class Edge(ContentMember):
    """Host edge-N."""

    def __init__(self, group, tmp, number, small_mib=0):
        super().__init__(group, tmp, number)
        # How old a file's last reading must be for it to be read again; not a day, in a test.
        self.env["PALETTE_SYNC_REREAD_S"] = "2"
        self.small = small_mib
        if small_mib:
            content = self.root / "srv/content"
            content.mkdir(parents=True)
            run("mount", "-t", "tmpfs", "-o", f"size={small_mib}m", "tmpfs", content)

    def received(self):
        """Bytes that came over its cable."""
        return int(run(*self.netns_command("cat", "/proc/net/dev")).stdout.split("eth0:")[1].split()[0])

    def talks_to(self, other):
        """Its Syncthing has a connection to the other one's."""
        sockets = run(*self.netns_command("ss", "-Htnp", "state", "established")).stdout
        return any("syncthing" in line and other.ip4 + ":" in line for line in sockets.splitlines())

    def sync_state(self, other):
        return (self.row(other) or {"contentSyncStatus": {}})["contentSyncStatus"]

    def unlink(self, other=None):
        """Its leader, or as a leader another one."""
        query = f"?peerId={self.row(other)['id']}" if other else ""
        reply = self.request("POST", HOST + "/unlink" + query)
        assert reply.status == 204, reply

    # the cable

    def cut_from(self, *others):
        """Nothing passes between it and the others; everybody else is reached."""
        rules = "".join(f"add rule inet cut {chain} ip {field} {other.ip4} drop\n" for other in others
                        for chain, field in (("in", "saddr"), ("out", "daddr")))
        run(*self.netns_command("nft", "-f", "-"), input="add table inet cut\n"
            "add chain inet cut in { type filter hook input priority -10; }\n"
            "add chain inet cut out { type filter hook output priority -10; }\n" + rules)

    def reaches(self, other):
        try:
            with inside(self.netns):
                socket.create_connection((other.ip4, PORT), 1).close()
            return True
        except OSError:
            return False

    def heal(self):
        run(*self.netns_command("nft", "delete", "table", "inet", "cut"))

    # power

    def power_off(self):
        """The plug: nobody hears a word of it, and what is in memory is gone."""
        self.plug("down")
        self.stop_linkd(signal.SIGKILL)
        for path in (self.root / "run").glob("palette-*/*"):
            path.unlink()
        for process in (self.syncthing.process, self.ui.process):
            if process:
                process.kill()
                process.wait()
        self.stop(signal.SIGKILL)

    def power_on(self):
        self.plug("up")
        self.start()
        self.start_linkd()
        self.ui.start()
        self.session = self.ui.token()

    def factory_reset(self):
        """What the next boot does after somebody asked for it, by the program's own code: only its keep-set stays."""
        self.call("Host", "RequestReset", "")
        self.power_off()
        data, image = self.root / "data", self.tmp / "image"
        for path in ("var/log", "var/lib", "home", "root", "opt", "srv", "usr/local/share", "etc/skel"):
            (image / path).mkdir(parents=True, exist_ok=True)
        (data / "state").mkdir()
        for name in STATE:
            (self.root / name).rename(data / "state" / name)
        shutil.copytree(self.root / "etc", data / "state/etc", symlinks=True)
        for argv in (("begin", data), ("finish", data, image)):
            run(BUILD / "tests/reset-demo", *argv)
        for name in STATE:
            (data / "state" / name).rename(self.root / name)
        shutil.rmtree(data / "state")
        self.syncthing.make_directories()
        self.power_on()

    def story(self):
        return "\n".join(f"== {name}\n{text[-3000:]}" for name, text in self.logs().items())

    def close(self):
        super().close()
        if self.small:
            subprocess.run(("umount", "-l", self.root / "srv/content"), capture_output=True)


@contextlib.contextmanager
def scratch():
    """A directory that the daemons' users reach. Not pytest's: each run of it closes the common one for other users."""
    with tempfile.TemporaryDirectory(prefix="linked.", ignore_cleanup_errors=True) as name:
        directory = pathlib.Path(name)
        directory.chmod(0o755)
        yield directory


class EdgeGroup(Group):
    """A leader, edge-1, and its followers."""

    def __init__(self, directory, n, last_mib=0):
        super().__init__(directory, os.getpid() % 1000)
        try:
            for number in range(1, n + 1):
                self.add(member=lambda *facts, number=number: Edge(*facts, small_mib=last_mib if number == n else 0))
        except BaseException:
            self.close()
            raise
        self.leader, *self.followers = self.members

    def link(self):
        for host in self.followers:
            assert host.link_to(self.leader)["status"] == "Completed"
        assert self.leader.request("POST", LINK + "/stop-token").status == 204

    def until_same(self, *hosts, seconds=TRUE_SECONDS):
        """They have the leader's content, each file whole, and the table says so."""
        wanted = self.leader.digests()
        for host in hosts or self.followers:
            wait_for(lambda host=host: from_leader(host) == wanted and self.leader.goal(host), seconds,
                     lambda host=host: f"{host.name}: {self.leader.row(host)} {from_leader(host)}\n{host.story()}")
            assert wanted.items() <= host.digests().items()


def from_leader(host):
    return {name: str(row["sha256"]) for name, row in host.listed().items() if "leader" in row}


def hold(claim, seconds):
    """It is true all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert claim()
        time.sleep(0.1)
