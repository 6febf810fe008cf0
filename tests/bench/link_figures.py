# SPDX-License-Identifier: Apache-2.0
"""Figures of linked hosts: how long a link takes, and what a leader with many followers costs at rest."""
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "api"))

import built  # noqa: E402, F401
from group import LINK, Group, LargeGroup, wait_for  # noqa: E402
from localui import HOST  # noqa: E402
from test_events import Events  # noqa: E402

ROUNDS = 7
HOSTS = int(os.environ.get("LINK_HOSTS", 50))
REST_SECONDS = 60


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


def programs(leader):
    return {"palette-linkd": leader.linkd.pid, "palette-hostd": leader.hostd.pid, "palette-localui": leader.ui.process.pid,
            "syncthing": leader.syncthing.process.pid}


def many(directory, row):
    group = LargeGroup(directory, 901, HOSTS)
    try:
        begun = time.monotonic()
        group.link()
        linked = time.monotonic() - begun
        wait_for(lambda: not group.unhealthy(), 60, group.unhealthy)
        wait_for(lambda: all(group.leader.goal(host) for host in group.with_content), 60)
        time.sleep(5)
        pids = programs(group.leader)
        before, begun, worst = {name: cpu_seconds(pid) for name, pid in pids.items()}, time.monotonic(), 0
        while time.monotonic() - begun < REST_SECONDS:
            assert not group.unhealthy(), group.unhealthy()
            worst = max(worst, group.longest_silence())
            time.sleep(5)
        seconds = time.monotonic() - begun
        for name, pid in pids.items():
            row(f"leader with {HOSTS} linked hosts at rest: {name}",
                f"{(cpu_seconds(pid) - before[name]) / seconds * 100:.1f} % of a core, {rss_mib(pid):.0f} MiB", "-", "-", "named")
        row(f"linking {HOSTS} hosts one after the other", f"{linked:.1f} s", "-", "-", "all stay Healthy")
        row("longest silence of one of them in a minute", f"{worst} s", "15 s is unhealthy", "-", "< 15 s")
    finally:
        group.close()


def pair(directory, row):
    group = Group(directory, 900)
    try:
        leader, follower = group.add(), group.add()
        ready, told = linking(leader, follower)
        row("paste to Ready, on loopback namespaces", f"{ready:.2f} s", "-", "-", "<= 3 s")
        row("change told to the leader's open page", f"{told:.2f} s after the paste", "-", "-", "<= 5 s")
    finally:
        group.close()


def figure(row):
    top = pathlib.Path(tempfile.mkdtemp(prefix="link-bench."))
    top.chmod(0o755)
    try:
        for measure in (pair, many):
            directory = top / measure.__name__
            directory.mkdir(mode=0o755)
            measure(directory, row)
    finally:
        shutil.rmtree(top, ignore_errors=True)
