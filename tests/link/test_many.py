# SPDX-License-Identifier: Apache-2.0
"""A leader with as many followers as a large site has: all link, and stay Healthy."""
import contextlib
import os
import time

import pytest

from edges import scratch
from group import LargeGroup, wait_for

FOLLOWERS = 50
REST_SECONDS = 17  # a host that is silent for 15 is unhealthy


@pytest.fixture(scope="module")
def large():
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces")
    with scratch() as directory, contextlib.closing(LargeGroup(directory, os.getpid() % 1000, FOLLOWERS)) as group:
        yield group


def test_fifty_followers_link_and_stay_healthy(large):
    leader = large.leader
    leader.upload("bundle", bytes(range(256)) * 4096)
    large.link()
    wait_for(lambda: not large.unhealthy(), 30, large.unhealthy)
    # There are too many for followers to serve each other: these have it from the leader.
    for host in large.with_content:
        wait_for(lambda host=host: leader.goal(host), 30, lambda host=host: leader.row(host))
        assert host.digests() == leader.digests()
    end = time.monotonic() + REST_SECONDS
    while time.monotonic() < end:
        assert not large.unhealthy()
        time.sleep(0.5)
    assert len(leader.status()["peers"]) == FOLLOWERS
    assert all(leader.goal(host) for host in large.with_content)
