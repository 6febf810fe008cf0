# SPDX-License-Identifier: Apache-2.0
"""Content from a leader to its followers through real Syncthings; one group for all tests, in this order."""
import os
import random
import re

from edges import from_leader, hold, run, wait_for

MIB = 1024 * 1024


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def test_content_of_the_leader_reaches_all_and_says_where_it_is_from(group):
    bundle = noise(1, 20 * MIB)
    digest = group.leader.upload("bundle.tar.zst", bundle)
    group.followers[0].upload("own", b"own")
    group.link()
    group.until_same(seconds=60)
    for host in group.followers:
        row = host.listed()["bundle.tar.zst"]
        assert (row["sha256"], row["origin"], row["leader"]) == (digest, "leader", "edge-1")
        assert host.file("bundle.tar.zst").read_bytes() == bundle
        assert host.goal(group.leader)
    assert "own" in group.followers[0].listed() and "own" not in group.leader.listed()


def test_nothing_but_the_linked_hosts_is_talked_to(group):
    for host in group.members:
        sockets = run(*host.netns_command("ss", "-Htunap")).stdout
        foreign = [line for line in sockets.splitlines()
                   if "syncthing" in line and "10.77.0." not in line and "0.0.0.0:22000" not in line]
        assert foreign == [], sockets
        assert "0.0.0.0:22000" in sockets


def test_what_is_uploaded_later_and_what_is_removed_follows(group):
    group.leader.upload("later", noise(2, MIB))
    group.leader.call("Content", "Delete", "", "bundle.tar.zst")
    group.until_same()
    for host in group.followers:
        assert set(host.listed()) - {"own"} == {"later"}


def test_damage_is_found_and_repaired_though_the_time_is_the_same(group):
    host = group.followers[1]
    good = noise(2, MIB)
    before = host.file("later").stat()
    with open(host.file("later"), "r+b") as file:
        file.seek(300000)
        file.write(b"damaged")
    os.utime(host.file("later"), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert host.file("later").read_bytes() != good
    wait_for(lambda: "later" in host.listed() and host.file("later").read_bytes() == good, 60, host.story)
    group.until_same()


def test_a_full_disk_is_named_and_it_goes_on_when_there_is_room(group):
    leader, other, host = group.members
    filler = host.root / "srv/content/filler"
    free = os.statvfs(filler.parent)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - 30 * MIB))
    leader.upload("large", noise(4, 40 * MIB))
    wait_for(lambda: re.fullmatch(
        "the disk is full: 4[0-9] MB are needed, 2[0-9] MB are free for content; delete .*",
        leader.sync_state(host).get("reason", "")), 30, lambda: leader.row(host))
    assert leader.sync_state(host)["state"] == "Not Synced" and "large" not in host.listed()
    group.until_same(other)
    filler.unlink()
    group.until_same(seconds=120)
    assert host.file("large").stat().st_size == 40 * MIB and not leader.sync_state(host)["reason"]
    leader.call("Content", "Delete", "", "large")
    group.until_same()


def shaped(group, host, verb):
    run("nsenter", f"--net=/run/netns/{group.hub}", "tc", "qdisc", verb, "dev", f"p{host.number}", "root",
        "tbf", "rate", "40mbit", "burst", "512kb", "latency", "100ms")


def test_a_power_cut_in_the_middle_loses_nothing_and_lists_nothing_short(group):
    leader, host, other = group.members
    size = 64 * MIB
    big = noise(3, size)

    other.plug("down")
    shaped(group, host, "add")
    try:
        before = host.received()
        leader.upload("big", big)
        wait_for(lambda: re.fullmatch(r"[0-9.]+ of [0-9.]+ MB(, .* left)?", leader.sync_state(host)["reason"]) and
                 host.received() - before > size // 4, 30, host.story)
        assert host.received() - before < size * 3 // 4
        assert leader.sync_state(host)["state"] == "Not Synced" and "big" not in host.listed()
        host.power_off()
        host.start()
        assert "big" not in host.listed()
        host.stop()
        already = host.received()
        host.power_on()
    finally:
        shaped(group, host, "del")
        other.plug("up")
    group.until_same(seconds=90)
    assert host.file("big").read_bytes() == big
    # The whole file would be 64 MiB and its overhead: what was there was used.
    assert host.received() - already < size - 4 * MIB


def test_unlinked_hosts_keep_what_they_have_and_run_no_syncthing(group):
    host = group.followers[1]
    kept = host.digests()
    group.leader.unlink(host)
    wait_for(lambda: host.syncthing.process.poll() is not None, 30, host.story)
    assert not (host.root / "run/palette-link/sync.env").exists()
    wait_for(lambda: not (host.root / "srv/content/sync").exists(), 10)
    starts = host.syncthing.starts
    hold(lambda: host.syncthing.starts == starts, 1)
    assert host.status() is None and host.digests() == kept
    host.upload("mine again", b"1")
    # The other one is linked as before.
    group.until_same(group.followers[0])
    assert from_leader(group.followers[0])
