# SPDX-License-Identifier: Apache-2.0
"""What happens to linked hosts: the table is true within TRUE_SECONDS, and nothing is lost. One group for all tests."""
import pytest

from edges import LINK, TRUE_SECONDS, from_leader, hold, wait_for

KIB = 1024
UNHEALTHY_SECONDS = 15  # of silence


@pytest.fixture
def three(group):
    """All linked, with the leader's content, whatever the test before has left."""
    leader = group.leader
    for host in group.followers:
        if not leader.row(host):
            assert host.link_to(leader)["status"] == "Completed"
    if "kept" not in leader.listed():
        leader.upload("kept", b"kept" * KIB * 512)
    leader.request("POST", LINK + "/stop-token")
    group.until_same()
    return group.members


def told(viewer, other, text):
    """The row is unhealthy and says why."""
    wait_for(lambda: viewer.health(other) == "Unhealthy" and text in viewer.row(other)["health"]["reason"], TRUE_SECONDS,
             lambda: viewer.row(other))


def good(viewer, other):
    wait_for(lambda: viewer.goal(other), TRUE_SECONDS, lambda: f"{viewer.row(other)}\n{other.story()}")


def test_a_follower_that_is_started_again(group, three):
    leader, host, other = three
    before = host.digests()
    host.power_off()
    told(leader, host, f"no answer from {host.ip4}:5080 for ")
    assert leader.goal(other)
    host.power_on()
    assert host.digests() == before
    good(leader, host)
    good(host, leader)
    assert host.digests() == before


def test_a_leader_that_is_started_again_has_no_token_and_all_links(group, three):
    leader, *followers = three
    before = [member.digests() for member in three]
    leader.token()
    leader.power_off()
    for host in followers:
        told(host, leader, f"no answer from {leader.ip4}:5080 for ")
    # Nobody takes away what the leader does not name.
    assert [member.digests() for member in followers] == before[1:]
    leader.power_on()
    assert leader.request("GET", LINK + "/token").status == 404
    for host in followers:
        good(leader, host)
        good(host, leader)
    assert [member.digests() for member in three] == before


def test_a_cut_between_the_leader_and_one_follower(group, three):
    leader, host, other = three
    host.cut_from(leader)
    try:
        told(leader, host, f"no answer from {host.ip4}:5080 for ")
        told(host, leader, f"no answer from {leader.ip4}:5080 for ")
        leader.upload("meanwhile", b"m" * KIB * 64)
        group.until_same(other)
    finally:
        host.heal()
    group.until_same()
    good(host, leader)


def test_a_cut_between_two_followers_is_no_trouble(group, three):
    leader, one, two = three
    wait_for(lambda: one.talks_to(two) and two.talks_to(one), TRUE_SECONDS, one.story)
    one.cut_from(two)
    try:
        assert not one.reaches(two) and not two.reaches(one) and one.reaches(leader)
        leader.upload("by the leader alone", b"l" * KIB * 256)
        group.until_same()
        hold(lambda: leader.goal(one) and leader.goal(two), UNHEALTHY_SECONDS + 2)
    finally:
        one.heal()
    wait_for(lambda: one.talks_to(two) and two.talks_to(one), 2 * TRUE_SECONDS, one.story)
    group.until_same()


def test_what_the_leader_removes_while_one_is_away(group, three):
    leader, host, other = three
    leader.upload("short-lived", b"s" * KIB)
    group.until_same()
    host.power_off()
    leader.call("Content", "Delete", "", "short-lived")
    group.until_same(other)
    host.power_on()
    group.until_same()
    assert all("short-lived" not in member.listed() for member in three)


def test_unlinked_while_the_other_is_away(group, three):
    leader, one, two = three
    before = [member.digests() for member in three]
    one.power_off()
    leader.unlink(one)
    assert leader.row(one) is None and leader.goal(two)
    one.power_on()
    wait_for(lambda: one.status() is None, TRUE_SECONDS, one.story)
    leader.power_off()
    two.unlink()
    assert two.status() is None
    leader.power_on()
    wait_for(lambda: leader.status() is None, TRUE_SECONDS, leader.story)
    assert [member.digests() for member in three] == before


def nothing_left_of(host):
    assert host.status() is None and host.digests() == {}
    assert not host.exists("data/keep/reset-request") and not host.exists("data/state.old")
    for path in ("var/lib/palette/link/links.json", "var/lib/palette/sync/cert.pem", "var/lib/palette/sync/key.pem",
                 "var/lib/palette/content-role", "srv/content/sync", "run/palette-link/sync.env"):
        assert not host.exists(path) or "links" in path and host.syncthing.process.poll() is not None, path
    assert [event["action"] for event in host.audit()].count("factory-reset") == 1


def test_a_follower_that_was_reset_gets_everything_again(group, three):
    leader, host, other = three
    device = host.read("var/lib/palette/sync/cert.pem")
    before = leader.digests()
    host.factory_reset()
    nothing_left_of(host)
    told(leader, host, "")
    assert leader.digests() == other.digests() == before and leader.goal(other)
    assert host.link_to(leader)["status"] == "Completed"
    group.until_same()
    assert len(leader.status()["peers"]) == 2 and host.read("var/lib/palette/sync/cert.pem") != device
    assert leader.digests() == other.digests() == before


def test_a_leader_that_was_reset_takes_nothing_with_it(group, three):
    leader, *followers = three
    before = leader.digests()
    leader.factory_reset()
    nothing_left_of(leader)
    for host in followers:
        told(host, leader, "")
        assert host.digests() == before
    # As docs/LINK.md says: unlink, and link to what the leader is now.
    for host in followers:
        host.unlink()
        assert host.status() is None and host.digests() == before
    leader.upload("new", b"new")
    for host in followers:
        assert host.link_to(leader)["status"] == "Completed"
    group.until_same()
    for host in followers:
        assert before.items() <= host.digests().items(), "the last copies of what the leader had"


def test_a_follower_with_another_address_is_taken_over_with_its_content(group, three):
    leader, host, other = three
    host.ip("address", "del", f"{host.ip4}/24", "dev", "eth0")
    host.ip("address", "add", "10.77.0.201/24", "dev", "eth0")
    host.ip4 = host.ui.address = "10.77.0.201"
    good(leader, host)
    leader.upload("after-the-move", b"here" * KIB * 256)
    wait_for(lambda: "after-the-move" in host.listed() and leader.goal(host), TRUE_SECONDS,
             lambda: f"{leader.row(host)}\n{host.story()}")
    assert from_leader(host) == leader.digests()
    good(leader, other)
    leader.call("Content", "Delete", "", "after-the-move")


def test_a_leader_with_another_address_says_so_and_links_anew(group, three):
    leader, *followers = three
    before = leader.digests()
    leader.ip("address", "del", f"{leader.ip4}/24", "dev", "eth0")
    leader.ip("address", "add", "10.77.0.200/24", "dev", "eth0")
    old, leader.ip4, leader.ui.address = leader.ip4, "10.77.0.200", "10.77.0.200"
    warning = wait_for(lambda: leader.status()["warning"], TRUE_SECONDS, leader.story)
    assert f"This leader's address {old}, by which edge-2 knows it, is on no adapter" in warning
    assert "unlink the hosts and link them again with a new token" in warning
    for host in followers:
        told(leader, host, "")
        assert f"no answer from {old}:5080 for " in host.status()["peers"][0]["health"]["reason"]
        assert host.digests().items() >= before.items()
    # What the warning says.
    for host in followers:
        leader.unlink(host)
        host.unlink()
    for host in followers:
        assert host.link_to(leader)["status"] == "Completed"
    group.until_same()
    wait_for(lambda: leader.status()["warning"] == "", TRUE_SECONDS, leader.status)
    assert leader.digests() == before == from_leader(followers[0])
