# SPDX-License-Identifier: Apache-2.0
"""One group for each file of tests."""
import contextlib
import os

import pytest

from edges import EdgeGroup, scratch

SMALL = 200  # MiB: the last follower's disk


@pytest.fixture(scope="module")
def group():
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces")
    with scratch() as directory, contextlib.closing(EdgeGroup(directory, 3, SMALL)) as group:
        yield group
