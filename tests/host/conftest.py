# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests of palette-hostd; harness.py has the host."""
import os

import pytest

from harness import Host


@pytest.fixture
def make_host(tmp_path, request):
    """A host whose files can be arranged before .start()."""
    if os.geteuid() != 0:
        pytest.skip("needs root: a network namespace and accounts of its own")
    os.chmod(tmp_path, 0o755)
    for parent in list(tmp_path.parents)[:2]:
        os.chmod(parent, 0o755)
    number = abs(hash(request.node.nodeid)) % 10000
    host = Host(tmp_path, number)
    try:
        host.start_network()
        host.start_bus()
        yield host
    finally:
        host.close()


@pytest.fixture
def host(make_host):
    make_host.start()
    return make_host
