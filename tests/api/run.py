#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a palette-hostd with files of its own and a palette-localui on loopback, to work on the page.

usage: run.py [PORT [PAGE-DIRECTORY]]        (make localui-run; as root in the build root)
"""
import pathlib
import shutil
import signal
import sys
import tempfile

from localui import PASSWORD, PROJECT, LocalUi, show_machine
from harness import Host


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 5080
    page = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else PROJECT / "localui/web/dist"
    directory = pathlib.Path(tempfile.mkdtemp(prefix="localui."))
    directory.chmod(0o755)
    host = Host(directory, port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        show_machine(host)
        host.start_network()
        host.start_bus()
        host.start()
        host.start_linkd()
        user, password = host.create_admin("alice", PASSWORD)
        ui = LocalUi(host, port, page).start()
        print(f"https://localhost:{ui.port}/ user {user}, password \"{password}\"; Ctrl+C ends it", flush=True)
        ui.process.wait()
        print(ui.read_log(), host.log(), sep="\n")
    except KeyboardInterrupt:
        pass
    finally:
        host.close()
        shutil.rmtree(directory, ignore_errors=True)


main()
