# SPDX-License-Identifier: Apache-2.0
"""One group for each file of tests."""
import os

import pytest

from edges import EdgeGroup

SMALL = 200  # MiB: the last follower's disk


@pytest.fixture(scope="module")
def group(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces")
    group = EdgeGroup(tmp_path_factory.mktemp("linked"), 3, SMALL)
    try:
        yield group
    finally:
        group.close()
