"""Three installed machines on one cable, from the first boot on the serial port to a group: `make vm-trio`."""

import hashlib
import json
import ssl
import time
import urllib.error
import urllib.request

import pytest

import flows
from conftest import overlay
from test_tui import DEVICE, PASSWORD, USER, free_port

pytestmark = pytest.mark.trio
API = "/v1/edge-mgmt/edgehosts/current"
CONTENT = bytes(range(256)) * 4096 * 20  # 20 MiB
# Three emulated machines share the processors of one.
PATIENCE = 900


class Edge:
    """Machine number @n with its page on a port of this one, and the address 192.0.2.N on the cable."""

    def __init__(self, start, base, work, cable, n):
        self.n, self.at, self.port = n, "192.0.2.%d" % n, free_port()
        self.mac = "52:54:00:00:02:%02x" % n
        self.token = None
        disk = overlay(base, work / ("trio%d.qcow2" % n))
        self.machine = start(disks=[disk], shell=True, network=False, name="trio%d" % n, extra=[
            "-uuid", "4c4c4544-0050-3510-8052-b7c04f4d00%02d" % n,
            "-netdev", "user,id=web,restrict=on,hostfwd=tcp:127.0.0.1:%d-:5080" % self.port,
            "-device", "virtio-net-pci,netdev=web,mac=52:54:00:00:01:%02x" % n,
            "-netdev", "socket,id=cable,localaddr=127.0.0.1,mcast=239.192.0.77:%d" % cable,
            "-device", "virtio-net-pci,netdev=cable,mac=" + self.mac])

    def first_boot(self):
        """The account on the console, a name and an address for the cable."""
        flows.boot(self.machine, PATIENCE)
        self.machine.type(USER, "tab", PASSWORD, "tab", PASSWORD, "enter")
        self.machine.wait("The account %s is there" % USER, PATIENCE)
        self.shell = self.machine.shell.ready()
        name = self.shell.check("grep -il %s /sys/class/net/*/address | cut -d/ -f5" % self.mac).strip()
        host = "busctl call internal.palette.Host1 /internal/palette/Host1 internal.palette.Host1."
        self.shell.check(host + "Host SetHostname ss '' edge-%d" % self.n)
        self.shell.check(host + "Network SetAdapter 'ssa{ss}u' '' %s 2 mode static address %s/24 0" % (name, self.at))
        self.shell.check("systemctl start palette-localui palette-linkd", PATIENCE)
        self.machine.wait(DEVICE, PATIENCE)

    def ask(self, method, path, body=None):
        """(status, answer) of the API."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request("https://127.0.0.1:%d%s" % (self.port, path), data, method=method)
        request.add_header("Content-Type", "application/octet-stream" if isinstance(body, bytes) else "application/json")
        if self.token:
            request.add_header("Authorization", "Bearer " + self.token)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with urllib.request.urlopen(request, context=context, timeout=300) as reply:
                text = reply.read()
                return reply.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def good(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        assert 200 <= status < 300, "%s %s: %s %s" % (method, path, status, answer)
        return answer

    def log_in(self):
        body = {"username": USER, "password": PASSWORD, "setCookie": False}
        self.token = self.good("POST", "/v1/users/default/login", body)["Token"]["Authorization"]

    def upload(self, name, data):
        begun = self.good("POST", API + "/content/uploads",
                          {"name": name, "sizeBytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        self.good("PUT", API + "/content/uploads/" + begun["uploadId"], data)
        self.good("POST", API + "/content/uploads/%s/finish" % begun["uploadId"])

    def peers(self):
        status, answer = self.ask("GET", API + "/link/status")
        return answer["peers"] if status == 200 else []


def until(what, claim, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while True:
        seen = claim()
        if seen is True:
            return
        assert time.monotonic() < end, "not in %d s: %s; %s" % (seconds, what, seen)
        time.sleep(2)


def test_three_machines_become_a_group(installed, work, start):
    cable = free_port()
    edges = [Edge(start, installed("bios").disk, work, cable, n) for n in (1, 2, 3)]
    leader, *followers = edges
    for edge in edges:
        edge.first_boot()
        edge.log_in()
        # A single host never runs it.
        assert edge.shell.check("systemctl is-active palette-sync || :").strip() == "inactive"
    leader.upload("bundle.tar.zst", CONTENT)
    for edge in followers:
        token = leader.good("POST", API + "/link/generate-token?address=" + leader.at)
        edge.good("POST", API + "/link", {"token": token["token"]})
        until("the link of edge-%d" % edge.n, lambda edge=edge: bool(edge.peers()) or edge.ask("GET", API + "/link/status"))

    def goal():
        rows = sorted((peer["hostName"], peer["status"], peer["contentSyncStatus"]["state"], peer["health"]["state"])
                      for peer in leader.peers())
        return rows == [("edge-2", "Ready", "Synced", "Healthy"), ("edge-3", "Ready", "Synced", "Healthy")] or \
            str(leader.peers())

    until("Ready, Synced, Healthy", goal)
    leader.good("POST", API + "/link/stop-token")
    digest = hashlib.sha256(CONTENT).hexdigest()
    for edge in followers:
        row, = edge.good("GET", API + "/content")["items"]
        assert (row["name"], row["sha256"], row["leader"]) == ("bundle.tar.zst", digest, "edge-1")
        assert edge.shell.check("sha256sum </srv/content/files/bundle.tar.zst").split()[0] == digest
        # The sandbox: it runs, as its user, and nothing of it was refused.
        assert edge.shell.check("systemctl show -P NRestarts palette-sync").strip() == "0"
        assert edge.shell.check("ps -o user= -C syncthing").split()[0].startswith("palette")
        assert "22000" in edge.shell.check("nft list set inet palette peers")
