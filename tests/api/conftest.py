# SPDX-License-Identifier: Apache-2.0
"""One host and one palette-localui for each file of tests; what breaks them takes its own."""
import os
import pathlib

import pytest

from contract import Contract
from localui import LocalUi, show_machine
from harness import Host


def start_host(directory, number):
    directory.chmod(0o755)
    for parent in list(directory.parents)[:2]:
        parent.chmod(0o755)
    host = Host(directory, number)
    show_machine(host)
    host.start_network()
    host.start_bus()
    host.start()
    host.create_admin()
    return host


def make_page(directory):
    """A page as the build leaves it."""
    import gzip
    for name, text in {"index.html": "<!doctype html><title>page</title>" + "x" * 500,
                       "assets/app-1a2b.js": "console.log(1);" * 100,
                       "assets/app-1a2b.css": "a{}", "favicon.svg": "<svg/>"}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if name.endswith((".html", ".js")):
            pathlib.Path(str(path) + ".gz").write_bytes(gzip.compress(text.encode()))
    (directory / "secret-link").symlink_to("/etc/hostname")


@pytest.fixture(scope="module")
def ui(tmp_path_factory, request):
    if os.geteuid() != 0:
        pytest.skip("needs root: a network namespace and accounts of its own")
    directory = tmp_path_factory.mktemp("api")
    number = 100 + abs(hash(request.module.__name__)) % 9000
    host = None
    try:
        host = start_host(directory, number)
        make_page(directory / "web")
        yield LocalUi(host).start()
    finally:
        if host:
            host.close()


@pytest.fixture(scope="module")
def token(ui):
    return ui.token()


@pytest.fixture(scope="module")
def api(ui, token):
    """Requests that are checked against openapi.json."""
    return Contract(ui, token)
