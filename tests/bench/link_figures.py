# SPDX-License-Identifier: Apache-2.0
"""Figures of linked hosts: how long a link takes, and what a leader with many followers costs at rest."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "api"))

from built import PROGRAMS  # noqa: E402
from group import LINK, PORT, Group, Member, wait_for  # noqa: E402
from harness import BUS  # noqa: E402
from localui import HOST, LocalUi  # noqa: E402
from test_events import Events  # noqa: E402

ROUNDS = 7
HOSTS = int(os.environ.get("LINK_HOSTS", 50))
REST_SECONDS = 60


class Follower(Member):
    """Without palette-hostd, which a link does not need: so fifty of them fit into one machine."""

    def start_all(self):
        self.start_network()
        (self.tmp / "bus.conf").write_text(BUS.format(path=self.tmp / "bus"))
        bus = self.spawn(*self.with_etc("dbus-daemon", "--nofork", "--print-address", f"--config-file={self.tmp}/bus.conf"),
                         stdout=subprocess.PIPE)
        assert bus.stdout.readline()
        (self.tmp / "web").mkdir()
        (self.tmp / "web/index.html").write_text("x")
        self.ui = LocalUi(self, PORT)
        self.ui.prefix = ("nsenter", f"--net=/run/netns/{self.netns}")
        self.start_linkd()
        self.ui.start(wait=False)

    def join(self, token):
        done = subprocess.run((PROGRAMS / "bin/palette-link", "join"), input=token + "\n", text=True, capture_output=True,
                              env=self.env)
        assert done.returncode == 0, done.stderr + self.linkd_log()


def linking(leader, follower):
    """Seconds from the paste to Ready and Healthy in the leader's table, and to the event on its open page."""
    token, times, pushed = leader.token(), [], []
    for _ in range(ROUNDS):
        events = Events(leader.ui, leader.session)
        events.next("hello")
        told = []
        listener = threading.Thread(target=lambda: (events.next("link"), told.append(time.monotonic())))
        listener.start()
        begun = time.monotonic()
        follower.request("POST", LINK, {"token": token})
        wait_for(lambda: leader.is_good(follower), 20)
        times.append(time.monotonic() - begun)
        listener.join(10)
        pushed.append(told[0] - begun)
        events.close()
        follower.request("POST", HOST + "/unlink")
        wait_for(lambda: not leader.row(follower), 20)
    return statistics.median(times), statistics.median(pushed)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0


def many(group, leader, row):
    for number in range(len(group.members) + 1, HOSTS + len(group.members) + 1):
        tmp = group.directory / str(number)
        tmp.mkdir(mode=0o755)
        member = Follower(group, tmp, number)
        group.members.append(member)
        member.start_all()
    followers = [m for m in group.members if isinstance(m, Follower)]
    begun = time.monotonic()
    for member in followers:
        member.join(leader.token())
    linked = time.monotonic() - begun

    def good():
        peers = leader.status()["peers"]
        return len(peers) == len(followers) and all(
            p["status"] == "Ready" and p["health"]["state"] == "Healthy" for p in peers)

    wait_for(good, 30)
    time.sleep(5)
    pids = {"linkd": leader.linkd.pid, "localui": leader.ui.process.pid}
    before, begun = {name: cpu_seconds(pid) for name, pid in pids.items()}, time.monotonic()
    worst = 0
    while time.monotonic() - begun < REST_SECONDS:
        worst = max(worst, max(p["silentSeconds"] for p in leader.status()["peers"]))
        assert good()
        time.sleep(5)
    seconds = time.monotonic() - begun
    for name, pid in pids.items():
        row(f"leader with {len(followers)} linked hosts at rest: palette-{name}",
            f"{(cpu_seconds(pid) - before[name]) / seconds * 100:.1f} % of a core, {rss_mib(pid):.0f} MiB", "-", "-", "named")
    row(f"linking {len(followers)} hosts one after the other", f"{linked:.1f} s", "-", "-", "all stay Healthy")
    row("longest silence of one of them in a minute", f"{worst} s", "15 s is unhealthy", "-", "< 15 s")


def figure(row):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="link-bench."))
    directory.chmod(0o755)
    group = Group(directory, 900)
    try:
        leader, follower = group.add(), group.add()
        ready, told = linking(leader, follower)
        row("paste to Ready, on loopback namespaces", f"{ready:.2f} s", "-", "-", "<= 3 s")
        row("change told to the leader's open page", f"{told:.2f} s after the paste", "-", "-", "<= 5 s")
        many(group, leader, row)
    finally:
        group.close()
        shutil.rmtree(directory, ignore_errors=True)
