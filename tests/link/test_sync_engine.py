# SPDX-License-Identifier: Apache-2.0
"""Content from a leader to its followers through real Syncthings, and what goes wrong on the way."""
import os
import random
import re
import signal
import time

import pytest
from sync_hosts import new_group, run

MIB = 1024 * 1024
SMALL = 200  # MiB: the last follower's disk


def noise(seed, size):
    return random.Random(seed).randbytes(size)


@pytest.fixture(scope="module")
def group(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces")
    group = new_group(tmp_path_factory.mktemp("sync"), os.getpid() % 10000, 3, small=SMALL, reread_s=2)
    try:
        yield group
    finally:
        group.close()


def wait(what, claim, seconds=30):
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, f"not in {seconds} s: {what}"
        time.sleep(0.1)


def received(host):
    return int(run(*host.inside("cat", "/proc/net/dev")).stdout.split("eth0:")[1].split()[0])


def test_content_of_the_leader_reaches_all_and_says_where_it_is_from(group):
    bundle = noise(1, 20 * MIB)
    digest = group.leader.upload("bundle.tar.zst", bundle)
    group.followers[0].upload("own", b"own")
    group.link()
    for host in group.followers:
        group.until_synced(host)
        row = host.listed()["bundle.tar.zst"]
        assert (row["sha256"], row["origin"], row["leader"]) == (digest, "leader", "edge-1")
        assert host.file("bundle.tar.zst").read_bytes() == bundle
    assert "own" in group.followers[0].listed() and "own" not in group.leader.listed()


def test_nothing_but_the_linked_hosts_is_talked_to(group):
    for host in group.hosts:
        sockets = run(*host.inside("ss", "-Htunap")).stdout
        foreign = [line for line in sockets.splitlines()
                   if "syncthing" in line and "192.0.2." not in line and "0.0.0.0:22000" not in line]
        assert foreign == [], sockets
        assert "0.0.0.0:22000" in sockets


def test_what_is_uploaded_later_and_what_is_removed_follows(group):
    group.leader.upload("later", noise(2, MIB))
    group.leader.call("Content", "Delete", "", "bundle.tar.zst")
    group.leader.until("its manifest", lambda said: said["manifest"])
    for host in group.followers:
        wait("the later file alone", lambda host=host: set(host.listed()) - {"own"} == {"later"})
        group.until_synced(host)


def test_damage_is_found_and_repaired_though_the_time_is_the_same(group):
    host = group.followers[1]
    good = noise(2, MIB)
    before = host.file("later").stat()
    with open(host.file("later"), "r+b") as file:
        file.seek(300000)
        file.write(b"damaged")
    os.utime(host.file("later"), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert host.file("later").read_bytes() != good
    wait("the repaired file", lambda: "later" in host.listed() and host.file("later").read_bytes() == good, 60)
    group.until_synced(host)


def test_a_full_disk_is_named_and_it_goes_on_when_there_is_room(group):
    host = group.followers[1]
    filler = host.root / "srv/content/filler"
    free = os.statvfs(filler.parent)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - 30 * MIB))
    group.leader.upload("large", noise(4, 40 * MIB))
    said = host.until("the trouble", lambda said: said["trouble"])
    assert re.fullmatch(r"the disk is full: 4[0-9] MB are needed, 2[0-9] MB are free for content; delete .*", said["trouble"])
    assert not said["synced"] and "large" not in host.listed()
    group.until_synced(group.followers[0])
    filler.unlink()
    group.until_synced(host, 120)
    assert host.file("large").stat().st_size == 40 * MIB and not host.said["trouble"]
    group.leader.call("Content", "Delete", "", "large")
    group.until_synced(host)


def test_a_cut_in_the_middle_loses_nothing_and_lists_nothing_short(group):
    host = group.followers[0]
    size = 64 * MIB
    big = noise(3, size)

    group.switch.ip("link", "set", f"p{group.followers[1].n}", "down")
    run("nsenter", f"--net=/run/netns/{group.switch.netns}", "tc", "qdisc", "add", "dev", f"p{host.n}", "root",
        "tbf", "rate", "60mbit", "burst", "512kb", "latency", "100ms")
    try:
        group.leader.upload("big", big)
        host.until("a part of it", lambda said: said["total"] > size and size // 4 < said["done"] - MIB < size * 3 // 4)
        assert not host.said["synced"] and "big" not in host.listed()
        host.cut()
        host.syncthing.process.send_signal(signal.SIGKILL)
        host.demo.kill()
        host.stop(signal.SIGKILL)
        time.sleep(0.5)
        host.start()
        assert "big" not in host.listed()
        already = received(host)
        host.start_demo()
        host.tell("set", "follower", *group.peer(group.leader))
        host.cut("up")
    finally:
        run("nsenter", f"--net=/run/netns/{group.switch.netns}", "tc", "qdisc", "del", "dev", f"p{host.n}", "root")
        group.followers[1].cut("up")
    for follower in group.followers:
        group.until_synced(follower, 90)
        assert follower.file("big").read_bytes() == big
    # The whole file would be 64 MiB and its overhead: what was there was used.
    assert received(host) - already < size - 4 * MIB


def test_unlinked_hosts_keep_what_they_have_and_run_no_syncthing(group):
    host = group.followers[1]
    group.linked.remove(host)
    names = set(host.listed())
    host.tell("set", "off")
    wait("Syncthing's end", lambda: host.syncthing.process.poll() is not None)
    assert not (host.root / "run/palette-link/sync.env").exists()
    wait("the folder's end", lambda: not (host.root / "srv/content/sync").exists())
    starts = host.syncthing.starts
    time.sleep(1)
    assert host.syncthing.starts == starts and set(host.listed()) == names
    host.upload("mine again", b"1")
