"""Three installed machines on one cable, from the first boot on the serial port to a group: `make vm-trio`.

They are a group for all tests, which run in this order. What took how long is in trio/report.txt of the artefacts.
"""

import hashlib
import json
import random
import ssl
import time
import urllib.error
import urllib.request

import pytest

import flows
from conftest import overlay
from machine import Machine
from test_tui import DEVICE, PASSWORD, USER, adapter, choose, free_port

pytestmark = pytest.mark.trio
API = "/v1/edge-mgmt/edgehosts/current"
MIB = 1 << 20
# Three emulated machines share the processors of one.
PATIENCE = 900


def noise(name, mebibytes):
    return random.Random(name).randbytes(mebibytes * MIB)


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Edge:
    """Machine number @n with its page on a port of this one, and the address 192.0.2.N on the cable."""

    def __init__(self, work, accel, disk, cable, n):
        self.work, self.accel, self.disk, self.cable, self.n = work, accel, disk, cable, n
        self.at, self.name, self.port = "192.0.2.%d" % n, "edge-%d" % n, free_port()
        self.mac = "52:54:00:00:02:%02x" % n
        self.token = self.machine = None
        self.starts = 0

    def power_on(self):
        self.starts += 1
        self.token = None
        self.machine = Machine(
            self.work, disks=[self.disk], accel=self.accel, shell=True, network=False,
            name="trio%d-%d" % (self.n, self.starts), extra=[
                "-uuid", "4c4c4544-0050-3510-8052-b7c04f4d00%02d" % self.n,
                "-netdev", "user,id=web,restrict=on,hostfwd=tcp:127.0.0.1:%d-:5080" % self.port,
                "-device", "virtio-net-pci,netdev=web,mac=52:54:00:00:01:%02x" % self.n,
                "-netdev", "socket,id=cable,localaddr=127.0.0.1,mcast=239.192.0.77:%d" % self.cable,
                "-device", "virtio-net-pci,netdev=cable,mac=" + self.mac])
        self.shell = self.machine.shell

    def first_boot(self):
        """The account on the console, a name and an address for the cable."""
        # GRUB's five seconds pass while another one is looked after.
        self.machine.wait(flows.CONSOLE, PATIENCE)
        self.machine.type(USER, "tab", PASSWORD, "tab", PASSWORD, "enter")
        self.machine.wait("The account %s is there" % USER, PATIENCE)
        self.shell.ready()
        # The account screen is there before the adapters have their names.
        self.machine.until(self.has_cable, "the adapter of the cable", PATIENCE)
        self.call("Host SetHostname ss '' " + self.name)
        self.call("Network SetAdapter 'ssa{ss}u' '' %s 2 mode static address %s/24 0" % (self.adapter(), self.at))
        choose(self.machine, "q", "Quit")
        self.machine.wait("Finish the configuration", PATIENCE)
        self.machine.type("enter")
        self.machine.wait(DEVICE, PATIENCE)
        self.shell.check("systemctl start palette-localui palette-linkd", PATIENCE)
        self.log_in()

    def call(self, what):
        self.shell.check("busctl call internal.palette.Host1 /internal/palette/Host1 internal.palette.Host1." + what)

    def has_cable(self):
        try:
            return bool(self.adapter())
        except StopIteration:
            return False

    def adapter(self):
        return adapter(self.machine, self.mac)["name"]

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

    def answers(self):
        try:
            return self.ask("GET", "/v1/public")[0] == 200
        except OSError:
            return False

    def log_in(self):
        body = {"username": USER, "password": PASSWORD, "setCookie": False}
        self.token = self.good("POST", "/v1/users/default/login", body)["Token"]["Authorization"]

    def log_in_again(self):
        """After a start: the links and the settings are there, the session is not."""
        self.machine.wait(DEVICE, PATIENCE)
        until("the Local UI", self.answers)
        self.log_in()

    def upload(self, name, data):
        begun = self.good("POST", API + "/content/uploads",
                          {"name": name, "sizeBytes": len(data), "sha256": digest(data)})
        self.good("PUT", API + "/content/uploads/" + begun["uploadId"], data)
        self.good("POST", API + "/content/uploads/%s/finish" % begun["uploadId"])

    def content(self):
        """Name and digest of what is listed."""
        return {row["name"]: row["sha256"] for row in self.good("GET", API + "/content")["items"]}

    def on_disk(self):
        """Name and digest of the files that are there by a listed name."""
        lines = self.shell.check("cd /srv/content/files && sha256sum -- * 2>/dev/null || :", PATIENCE).splitlines()
        return {name: found for found, name in (line.split("  ", 1) for line in lines)}

    def peers(self):
        status, answer = self.ask("GET", API + "/link/status")
        return answer["peers"] if status == 200 else []

    def row(self, other):
        return next((row for row in self.peers() if row["ip"] == other.at), None)

    def link_to(self, leader):
        token = leader.good("POST", API + "/link/generate-token?address=" + leader.at)
        self.good("POST", API + "/link", {"token": token["token"]})
        until("the link of " + self.name, lambda: bool(self.peers()) or self.ask("GET", API + "/link/status"))


def states(row):
    return row and (row["status"], row["contentSyncStatus"]["state"], row["health"]["state"])


def until(what, claim, seconds=PATIENCE):
    """Until claim() is True; what else it says is the message."""
    end = time.monotonic() + seconds
    while True:
        seen = claim()
        if seen is True:
            return
        assert time.monotonic() < end, "not in %d s: %s; %s" % (seconds, what, seen)
        time.sleep(1)


class Group:
    def __init__(self, edges, report):
        self.edges, self.report = edges, report
        self.leader, *self.followers = edges

    def say(self, text, *facts):
        with open(self.report, "a", encoding="utf-8") as out:
            print(text % facts, file=out)

    def reach_goal(self, what, seconds=PATIENCE):
        """Ready, Synced, Healthy in each row, with all that the leader has; when each state came goes into the report."""
        begun, seen = time.monotonic(), {}
        wanted = self.leader.content()

        def goal():
            rows = [self.leader.row(edge) for edge in self.followers]
            for edge, row in zip(self.followers, rows):
                if states(row) and states(row) != seen.get(edge.name):
                    seen[edge.name] = states(row)
                    self.say("%s: %s after %.0f s: %s; %s%s", what, edge.name, time.monotonic() - begun,
                             ", ".join(states(row)), row["contentSyncStatus"]["reason"], row["health"]["reason"])
            # A row may be that of a moment before the leader's content changed.
            return (all(states(row) == ("Ready", "Synced", "Healthy") for row in rows) and
                    all(edge.content() == wanted for edge in self.followers)) or str(rows)

        until(what, goal, seconds)
        for edge in self.followers:
            assert edge.on_disk() == wanted, edge.name


@pytest.fixture(scope="module")
def group(installed, artifacts, accel):
    work = artifacts / "trio"
    work.mkdir(exist_ok=True)
    report = work / "report.txt"
    report.unlink(missing_ok=True)
    cable = free_port()
    base = installed("bios").disk
    edges = [Edge(work, accel, overlay(base, work / ("trio%d.qcow2" % n)), cable, n) for n in (1, 2, 3)]
    try:
        for edge in edges:
            edge.power_on()
        yield Group(edges, report)
    finally:
        for edge in edges:
            if edge.machine:
                edge.machine.kill()
            edge.disk.unlink()


def test_three_machines_become_a_group(group):
    leader, *followers = group.edges
    begun = time.monotonic()
    for edge in group.edges:
        edge.first_boot()
        # A single host never runs it.
        assert edge.shell.check("systemctl is-active palette-sync || :").strip() == "inactive"
    group.say("three first boots to Device Info: %.0f s", time.monotonic() - begun)
    content = noise("bundle", 20)
    leader.upload("bundle.tar.zst", content)
    begun = time.monotonic()
    for edge in followers:
        edge.link_to(leader)
    group.reach_goal("linked with 20 MiB")
    group.say("the first token to Ready, Synced, Healthy of both: %.0f s", time.monotonic() - begun)
    leader.good("POST", API + "/link/stop-token")
    for edge in followers:
        row, = edge.good("GET", API + "/content")["items"]
        assert (row["name"], row["sha256"], row["leader"]) == ("bundle.tar.zst", digest(content), "edge-1")
        # The sandbox: it runs, as its user, and nothing of it was refused.
        assert edge.shell.check("systemctl show -P NRestarts palette-sync").strip() == "0"
        assert edge.shell.check("ps -o user= -C syncthing").split()[0].startswith("palette")
        assert "22000" in edge.shell.check("nft list set inet palette peers")


def netem(edge, verb):
    edge.shell.check("tc qdisc %s dev %s root netem delay 100ms loss 2%%" % (verb, edge.adapter()))


def test_delay_and_loss_are_lived_with(group):
    leader, slow, _ = group.edges
    netem(slow, "add")
    try:
        leader.upload("slow", noise("slow", 4))
        group.reach_goal("4 MiB with 100 ms and 2 % loss")
        end = time.monotonic() + 45
        while time.monotonic() < end:
            assert states(leader.row(slow)) == ("Ready", "Synced", "Healthy"), leader.row(slow)
            time.sleep(2)
        assert "dropped 0" not in slow.shell.check("tc -s qdisc show dev %s root" % slow.adapter())
    finally:
        netem(slow, "del")


def test_a_power_cut_in_the_middle_of_the_content_lists_nothing_that_is_not_whole(group):
    leader, victim, _ = group.edges
    before = victim.content()
    files = {"part-%d" % i: noise("part-%d" % i, 32) for i in range(8)}
    for name, data in files.items():
        leader.upload(name, data)
    total = sum(map(len, files.values()))

    def half_way():
        bytes_there = int(victim.shell.check("du -sB1 /srv/content/sync").split()[0])
        return bytes_there > total // 2 or bytes_there

    until("half of the content", half_way)
    listed = victim.content()
    assert listed.keys() < leader.content().keys(), "all of it was there before the plug was pulled"
    victim.machine.kill()
    group.say("power cut with %d of %d files listed", len(listed), len(before) + len(files))
    until("the row of the one without power", lambda: states(leader.row(victim))[2] == "Unhealthy" or str(leader.row(victim)))
    victim.power_on()
    flows.disk_menu(victim.machine, PATIENCE)
    victim.shell.ready(PATIENCE)
    # As early as there is anything: what has a listed name is whole, before anybody repairs it.
    wanted = leader.content()
    there = victim.on_disk()
    assert there.items() <= wanted.items() and before.items() <= there.items(), there
    victim.log_in_again()
    listed = victim.content()
    assert listed.items() <= wanted.items(), listed
    group.say("after the power cut %d files are listed, each whole", len(listed))
    group.reach_goal("the rest after the power cut")


def test_a_follower_that_was_reset_has_nothing_and_links_anew(group):
    leader, follower, other = group.edges
    for name in list(leader.content()):
        if name.startswith("part-"):
            leader.good("DELETE", API + "/content/" + name)
    group.reach_goal("what was deleted on the leader")
    kept = leader.content()
    follower.call("Host RequestReset s ''")
    follower.machine.forget()
    follower.shell.send("systemctl reboot")
    flows.disk_menu(follower.machine, PATIENCE)
    follower.token = None
    follower.log_in_again()
    follower.shell.ready(PATIENCE)
    assert follower.content() == follower.on_disk() == {} and follower.peers() == []
    for path in ("/var/lib/palette/sync/cert.pem", "/srv/content/sync"):
        assert follower.shell.run("test -e " + path)[0] == 1, path
    until("the row of the one that was reset", lambda: states(leader.row(follower))[2] == "Unhealthy" or
          str(leader.row(follower)))
    assert leader.content() == other.content() == kept and states(leader.row(other)) == ("Ready", "Synced", "Healthy")
    begun = time.monotonic()
    follower.link_to(leader)
    group.reach_goal("the one that was reset")
    group.say("linked anew after a factory reset: %.0f s", time.monotonic() - begun)
    assert len(leader.peers()) == 2
