# SPDX-License-Identifier: Apache-2.0
"""A leader and a follower with real Syncthings: what stands in the table when content does not go on, and after."""
import json
import os
import subprocess
import time

import pytest

from group import LINK, ContentMember, Group, wait_for
from localui import HOST
from harness import run

MIB = 1 << 20
DISK = 200 * MIB  # the follower's


class DiskMember(ContentMember):
    """The follower's content is on a disk of its own."""

    def __init__(self, *facts):
        super().__init__(*facts)
        self.content = self.root / "srv/content"
        self.content.mkdir(parents=True)
        if self.number == 2:
            run("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", self.content)

    def upload_random(self, name, mebibytes):
        self.upload(name, os.urandom(mebibytes * MIB))

    def reason(self, other):
        return self.row(other)["contentSyncStatus"]["reason"]

    def runs_syncthing(self):
        process = self.syncthing.process
        return process is not None and process.poll() is None

    def why(self):
        path = self.tmp / "syncthing.log"
        return self.linkd_log()[-3000:] + (path.read_text()[-3000:] if path.exists() else "")

    def close(self):
        super().close()
        subprocess.run(("umount", "-l", self.content), capture_output=True)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces and accounts of their own")
    directory = tmp_path_factory.mktemp("content")
    for path in (directory, *list(directory.parents)[:2]):
        path.chmod(0o755)
    group = Group(directory, os.getpid() % 1000, DiskMember)
    try:
        group.add()
        group.add()
        group.members[0].upload_random("bundle", 4)
        yield group.members
    finally:
        group.close()


def link(leader, follower):
    assert follower.link_to(leader)["status"] == "Completed"
    wait_for(lambda: leader.goal(follower), 60, follower.why)


def test_one_that_was_linked_for_a_moment_runs_no_syncthing(pair):
    leader, follower = pair
    assert follower.link_to(leader)["status"] == "Completed"
    wait_for(lambda: follower.syncthing.starts, 10)
    # It is just being started: nobody hears yet that it is to end.
    assert follower.request("POST", HOST + "/unlink").status == 204
    wait_for(lambda: not follower.runs_syncthing(), 15, follower.why)
    time.sleep(1)
    assert not follower.runs_syncthing() and not (follower.root / "run/palette-link/sync.env").exists()


def test_a_port_that_is_closed_later_is_named_though_all_is_synced(pair):
    leader, follower = pair
    log = follower.tmp / "syncthing.log"
    before = len(log.read_text())
    link(leader, follower)
    # The leader has tried the port, and found it open.
    wait_for(lambda: "TLS handshake: EOF" in log.read_text()[before:], 20, follower.why)
    follower_nft = ("nsenter", f"--net=/run/netns/{follower.netns}", "nft")
    run(*follower_nft, "add table inet t; add chain inet t in { type filter hook input priority 0; }; "
        "add rule inet t in tcp dport 22000 ct state new reject with tcp reset")
    try:
        wait_for(lambda: leader.reason(follower) ==
                 "this host (10.77.0.1) does not reach edge-2 on TCP 10.77.0.2:22000 (Connection refused); open it in the "
                 "firewalls between", 75, lambda: leader.row(follower))
        assert leader.goal(follower)
        wait_for(lambda: follower.reason(leader).startswith(
            "edge-1 (10.77.0.1) does not reach this host on TCP 10.77.0.2:22000 (Connection refused)"), 15)
    finally:
        run(*follower_nft, "delete table inet t")
    wait_for(lambda: leader.reason(follower) == "", 20, lambda: leader.row(follower))


def test_a_disk_that_was_full_for_a_while_is_synced_soon_after_there_is_room(pair):
    leader, follower = pair
    if not leader.goal(follower):
        link(leader, follower)
    filler = follower.content / "filler"
    free = os.statvfs(follower.content)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - 20 * MIB))
    leader.upload_random("large", 40)
    wait_for(lambda: leader.reason(follower).startswith("the disk is full: 4"), 30, lambda: leader.row(follower))
    # So long that Syncthing by itself would only try in half a minute or later.
    wait_for(lambda: "retrying in 40" in (follower.tmp / "syncthing.log").read_text(), 90, follower.why)
    filler.unlink()
    begun = time.monotonic()
    wait_for(lambda: leader.goal(follower), 30, follower.why)
    print(f"synced {time.monotonic() - begun:.0f} s after there was room")
    leader.call("Content", "Delete", "", "large")
    wait_for(lambda: leader.goal(follower), 30, follower.why)


def test_a_copy_of_a_machine_is_another_one_for_syncthing_too(pair):
    leader, follower = pair
    if not leader.goal(follower):
        link(leader, follower)
    links = leader.root / "var/lib/palette/link/links.json"
    device = json.loads(links.read_text())["followers"][0]["device"]
    assert device
    follower.stop_linkd()
    follower.dmi(product_uuid="4c4c4544-0042-3510-8052-0000000000ff")
    follower.start_linkd(wait=False)
    follower.wait_linkd_end()
    follower.start_linkd()
    wait_for(lambda: not follower.runs_syncthing(), 20, follower.why)
    original = leader.row(follower)["id"]
    assert leader.request("POST", f"{HOST}/unlink?peerId={original}").status == 204
    link(leader, follower)
    row, = json.loads(links.read_text())["followers"]
    assert row["id"] != original and row["device"] not in ("", device)
    assert leader.request("POST", LINK + "/stop-token").status == 204
