#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A palette-hostd and a palette-localui in a network namespace, for the tests of the page.

usage: serve.py PAGE-DIRECTORY NUMBER        (as root in the build root)

Prints what the tests need to know as a line of JSON; then each line of standard input is a JSON array
[what, argument ...] and is answered by a line of JSON. The page is reached from the peer's namespace.
"""
import hashlib
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "api"), str(HERE.parent / "host")]

from harness import Host, run  # noqa: E402
from localui import PASSWORD, LocalUi  # noqa: E402
from serving import serve  # noqa: E402
from test_logs import Journal  # noqa: E402

ADDRESS = "192.0.2.10"
GIB = 2 ** 30
CPUINFO = "".join(f"processor\t: {i}\nmodel name\t: Example CPU @ 2.10GHz\nphysical id\t: 0\ncpu cores\t: 8\n\n"
                  for i in range(16))
PARTITIONS = (("palette-bios", 1 << 20), ("palette-esp", 512 << 20), ("palette-system-a", 4 * GIB),
              ("palette-system-b", 4 * GIB), ("palette-data", 471 * GIB))


def record_machine(host):
    """A server, as far as /proc and /sys tell."""
    host.write("etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n')
    host.write("proc/loadavg", "0.42 0.31 0.25 1/300 900\n")
    host.write("proc/uptime", "93784.56 99.0\n")
    host.write("proc/stat", "cpu  1000 20 300 40000 50 6 7 8 0 0\n")
    host.write("proc/meminfo", "MemTotal: 67108864 kB\nMemFree: 1 kB\nMemAvailable: 52428800 kB\nSwapTotal: 0 kB\n")
    host.write("proc/cpuinfo", CPUINFO)
    host.write("proc/self/mountinfo", "23 21 8:5 / /data rw,relatime - ext4 /dev/sda5 rw\n")
    disk = "sys/block/sda"
    rows = [("size", 480 * GIB // 512), ("dev", "8:0"), ("removable", 0), ("queue/rotational", 0),
            ("device/vendor", "EXAMPLE"), ("device/model", "RAID Controller 740")]
    for i, (label, size) in enumerate(PARTITIONS, 1):
        rows += [(f"sda{i}/partition", i), (f"sda{i}/size", size // 512), (f"sda{i}/dev", f"8:{i}"),
                 (f"sda{i}/uevent", f"PARTN={i}\nPARTNAME={label}")]
    for path, text in rows:
        host.write(f"{disk}/{path}", f"{text}\n")
    (host.root / "data").mkdir(exist_ok=True)


class Site:
    def __init__(self, directory, page, number):
        self.host = host = Host(directory, number)
        host.start_network()
        host.ip("address", "add", f"{ADDRESS}/24", "dev", "eth0")
        host.peer_ip("address", "add", "192.0.2.1/24", "dev", "p0")
        run("nsenter", f"--net=/run/netns/{host.netns}", "sh", "-c",
            "echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range")
        record_machine(host)
        self.journal = Journal(host)
        for i in range(250):
            self.journal.add(f"line {i}", priority=6 if i % 50 else 3)
        self.journal.close()
        host.start_bus()
        host.start()
        host.create_admin("alice", PASSWORD)
        host.start_linkd()
        # What is started from here on is in the host's network, and so are the server and its sockets.
        with open(f"/run/netns/{host.netns}") as netns:
            os.setns(netns.fileno(), os.CLONE_NEWNET)
        self.ui = LocalUi(host, 5080, page).start()

    def facts(self):
        fingerprint = run("openssl", "x509", "-in", self.ui.tls / "cert.pem", "-noout", "-fingerprint", "-sha256")
        return {"address": ADDRESS, "port": self.ui.port, "user": "alice", "password": PASSWORD,
                "peer": self.host.peer, "fingerprint": fingerprint.stdout.strip().split("=")[1]}

    def stop_server(self):
        self.ui.stop()

    def start_server(self):
        self.ui.start()

    def stop_hostd(self):
        self.host.stop()

    def start_hostd(self):
        self.host.start()

    def reboot(self):
        """The machine is away: both are, and what lives in /run with them."""
        self.ui.stop()
        self.host.stop()
        shutil.rmtree(self.host.root / "run/palette-hostd", ignore_errors=True)

    def boot(self):
        self.host.start()
        self.ui.start()

    def ip(self, *arguments):
        return self.host.ip(*arguments)

    def write(self, path, text):
        self.host.write(path, text)

    def remove(self, path):
        (self.host.root / path).unlink()

    def read(self, path):
        return self.host.read(path)

    def certificate(self):
        return (self.ui.tls / "cert.pem").read_text()

    def ssh_key(self):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "alice@laptop", "-f", self.host.tmp / "key")
        return (self.host.tmp / "key.pub").read_text().strip()

    def content_digest(self, name):
        with open(self.host.root / "srv/content/files" / name, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def run_script(self, text, name, data):
        """The commands that the page shows, with a file of that name."""
        (self.host.tmp / name).write_text(data)
        run("sh", "-euc", text.replace("FILE=bundle.tar.zst", f"FILE={name}"), cwd=self.host.tmp)

    def audit(self):
        return self.host.audit()

    def calls(self):
        return self.host.calls()

    def close(self):
        self.host.close()


serve(Site)
