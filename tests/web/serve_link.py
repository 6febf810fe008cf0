#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Three hosts on one network with everything that links them, for the test of the page in three browsers.

usage: serve_link.py PAGE-DIRECTORY NUMBER        (as root in the build root)

As serve.py. The browser sits in the namespace of the network that the hosts share.
"""
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "api"), str(HERE.parent / "host")]

from group import ContentMember, Group, PORT  # noqa: E402
from localui import PASSWORD  # noqa: E402
from serving import serve  # noqa: E402


class Site:
    def __init__(self, directory, page, number):
        self.group = Group(directory, number, ContentMember)
        for _ in range(3):
            member = self.group.add()
            member.ui.stop()
            member.ui.files = page
            member.ui.start()

    def facts(self):
        members = self.group.members
        return {"address": members[0].ip4, "port": PORT, "user": "alice", "password": PASSWORD, "peer": self.group.hub,
                "hosts": [{"name": member.name, "address": member.ip4, "url": f"https://{member.ip4}:{PORT}"}
                          for member in members]}

    def upload(self, n, name, mebibytes):
        return self.group.members[n].upload(name, os.urandom(mebibytes << 20))

    def listed(self, n):
        return self.group.members[n].digests()

    def plug(self, n, state):
        self.group.members[n].plug(state)

    def add_address(self, n, address):
        self.group.members[n].ip("address", "add", address, "dev", "eth0")

    def lease(self, n, seconds):
        """Its address as if by DHCP; "forever": its own again."""
        member = self.group.members[n]
        member.ip("address", "change", f"{member.ip4}/24", "dev", "eth0", "valid_lft", seconds, "preferred_lft", seconds)

    def short_tokens(self, n, seconds):
        """Its link daemon again, with tokens that live less long."""
        member = self.group.members[n]
        member.stop_linkd()
        member.start_linkd("--token-seconds", str(seconds))

    def logs(self, n):
        directory = self.group.members[n].tmp
        return {path.name: path.read_text()[-2000:] for path in directory.glob("*.log")}

    def close(self):
        self.group.close()


serve(Site)
