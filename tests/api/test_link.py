# SPDX-License-Identifier: Apache-2.0
"""Linked hosts: three on one network, through the API that the page uses."""
import base64
import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import termios
import time

import pytest

from contract import check_reply
from group import LINK, PORT, Group, changed, inside, password_of, wait_for
from harness import BUILD, LINK_UID, run
from localui import HOST, USERS

HEALTH_SECONDS = 30  # in which the table is true again
READY_SECONDS = 30  # however busy the machine is


@pytest.fixture(scope="module")
def group(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces and accounts of their own")
    directory = tmp_path_factory.mktemp("link")
    directory.chmod(0o755)
    for parent in list(directory.parents)[:2]:
        parent.chmod(0o755)
    group = Group(directory, os.getpid() % 1000)
    try:
        for _ in range(3):
            group.add()
        yield group
    finally:
        group.close()


@pytest.fixture
def three(group):
    """They are running, and nobody is linked to anybody."""
    members = group.members
    for member in members:
        member.plug("up")
    yield members
    for member in members:
        for row in (member.status() or {"peers": []})["peers"]:
            member.request("POST", f"{HOST}/unlink?peerId={row['id']}")
        member.request("POST", LINK + "/stop-token")
    wait_for(lambda: not any((m.status() or {"peers": []})["peers"] for m in members), 60)


def refused(member, token, status=422):
    reply = member.request("POST", LINK, {"token": token})
    check_reply("POST", LINK, reply)
    assert reply.status == status, reply
    return reply.json["message"]


def failed(member, token):
    """The message of a link that its leader refused."""
    reply = member.request("POST", LINK, {"token": token})
    assert reply.status == 202, reply
    status = member.link_ended()
    assert status["status"] == "Failed" and status["role"] == "none"
    return status["errorMessage"]


def test_three_hosts_become_a_group(three):
    leader, *followers = three
    assert leader.status() is None
    check_reply("GET", LINK + "/status", leader.request("GET", LINK + "/status"))
    assert leader.request("GET", LINK + "/token").status == 404
    token = leader.request("POST", LINK + "/generate-token")
    check_reply("POST", LINK + "/generate-token", token)
    assert token.json["interval"] == 120 and 0 < token.json["remainingTime"] <= 120
    assert token.json["address"] == leader.ip4
    # One token serves several followers. How long it takes: make bench FIGURES=link.
    for follower in followers:
        reply = follower.request("POST", LINK, {"token": token.json["token"]})
        check_reply("POST", LINK, reply)
        assert reply.status == 202 and reply.json["status"] in ("InProgress", "Completed")
        wait_for(lambda: leader.is_good(follower), READY_SECONDS, leader.linkd_log)
    status = leader.status()
    check_reply("GET", LINK + "/status", leader.request("GET", LINK + "/status"))
    assert status["role"] == "leader" and status["status"] == "Completed" and status["generatingTokens"]
    assert {row["hostName"] for row in status["peers"]} == {"edge-2", "edge-3"}
    assert {row["role"] for row in status["peers"]} == {"follower"}
    for follower in followers:
        status = follower.status()
        assert status["role"] == "follower" and status["status"] == "Completed"
        assert [(row["hostName"], row["role"]) for row in status["peers"]] == [("edge-1", "leader")]
        wait_for(lambda: follower.is_good(leader), READY_SECONDS)
    path = "/v1/edge-mgmt/cluster/readiness"
    reply = leader.request("GET", path)
    check_reply("GET", path, reply)
    assert [(row["name"], row["address"], row["status"]) for row in reply.json["hosts"][1:]] == [
        (row["hostName"], row["ip"], "Ready") for row in leader.status()["peers"]]
    # Without content's engine they are not Synced, and so the group is not ready.
    assert [i["state"] for i in reply.json["items"] if i["name"] == "Linked hosts"] == ["missing"]
    # The tokens may stop; the links stay.
    assert leader.request("POST", LINK + "/stop-token").status == 204
    assert leader.request("GET", LINK + "/token").status == 404
    assert leader.status()["role"] == "leader"
    # Each leaves, once from either side.
    row = leader.row(followers[0])
    assert leader.request("POST", f"{HOST}/unlink?peerId={row['id']}").status == 204
    assert leader.row(followers[0]) is None
    wait_for(lambda: followers[0].status() is None, READY_SECONDS, followers[0].linkd_log)
    assert followers[1].request("POST", HOST + "/unlink").status == 204
    assert followers[1].status() is None
    wait_for(lambda: leader.status() is None, READY_SECONDS, leader.linkd_log)
    assert followers[1].request("POST", HOST + "/unlink").status == 404


def test_a_token_that_cannot_be_right_is_refused_at_once(three):
    leader, follower, other = three
    token = leader.token()
    assert "nothing was pasted" in refused(follower, " ")
    assert "no Base64" in refused(follower, token[:-3])
    assert "no token of a leader" in refused(follower, base64.b64encode(b"[1]").decode())
    assert "1024" in refused(follower, "A" * 2000)
    assert "names no leader" in refused(follower, changed(token, address="10.77.0.1; reboot"))
    assert "damaged" in refused(follower, changed(token, password="x"))
    assert "version 2" in refused(follower, changed(token, version=2))
    assert "this host's own" not in refused(follower, changed(token, certificate="0"))
    assert "this host's own" in refused(leader, token)
    assert follower.link_to(leader)["status"] == "Completed"
    assert "linked to edge-1 (10.77.0.1) already" in refused(follower, other.token())
    assert "leads 1 linked host" in refused(leader, other.token())
    assert "generates tokens" in refused(other, token)
    reply = follower.request("POST", LINK + "/generate-token")
    check_reply("POST", LINK + "/generate-token", reply)
    assert reply.status == 422 and "linked to edge-1" in reply.json["message"]
    reply = leader.request("POST", LINK + "/generate-token?address=192.0.2.1")
    assert reply.status == 422 and "192.0.2.1 is no IPv4 address of this host" in reply.json["message"]
    # Cut within a character the refusal would never have come.
    reply = leader.request("POST", LINK + "/generate-token?address=x" + "%C3%BC" * 24)
    assert reply.status == 422 and "is no IPv4 address of this host" in reply.json["message"]


def test_a_token_that_the_leader_does_not_take(three):
    leader, follower, other = three
    token = leader.token()
    # Nobody there, another host there, one that follows itself.
    assert "does not answer (Connection refused)" in failed(follower, changed(token, port=5081))
    assert "does not answer (No route to host)" in failed(follower, changed(token, address="10.77.0.99"))
    assert "certificate is not the one in the token" in failed(follower, changed(token, address=other.ip4))
    assert other.link_to(leader)["status"] == "Completed"
    assert "edge-1 does not know the token" in failed(follower, changed(token, password="0" * 32))
    # Stopped: no former one is good.
    leader.request("POST", LINK + "/stop-token")
    assert "takes no links now" in failed(follower, token)
    assert follower.status()["status"] == "Failed"


def test_guesses_are_slowed_down_and_written_down(three):
    leader, follower, _ = three
    leader.stop_linkd()  # forgets the guesses of the other tests
    leader.start_linkd()
    token = leader.token()
    # A second after the third, two after the fourth, and after the fifth a quarter of an hour.
    begun = time.monotonic()
    wait = 0
    while wait < 800:
        assert time.monotonic() - begun < 90
        message = failed(follower, changed(token, password=os.urandom(16).hex()))
        wait = int(message.split("again in ")[1].split()[0]) if "again in " in message else 0
        assert wait or "does not know the token" in message
    assert time.monotonic() - begun >= 3
    # Even the right one has to wait now.
    assert "Too many wrong tokens came from 10.77.0.2" in failed(follower, token)
    events = wait_for(lambda: denied if len(denied := [
        e for e in leader.audit() if e["action"] == "link-join" and e["result"] == "denied"]) >= 5 else None, 5)
    assert events[-1]["from"] == "10.77.0.2" and events[-1]["object"] == "edge-2"
    leader.stop_linkd()
    leader.start_linkd()


class Raw:
    """A host of nobody's making, at the hub's address: it says what it likes over the links' TLS."""

    address = "10.77.0.254"

    def __init__(self, group, directory):
        self.hub = group.hub
        self.pem = directory / "raw.pem"
        subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=raw", "-keyout", self.pem, "-out", directory / "raw.crt"), check=True,
                       capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.tls.minimum_version = ssl.TLSVersion.TLSv1_3
        self.tls.set_alpn_protocols(["palette-link/1"])
        self.tls.load_cert_chain(directory / "raw.crt", self.pem)

    def say(self, member, **message):
        """Asks, and returns the answer."""
        text = json.dumps(message).encode()
        with inside(self.hub):
            plain = socket.create_connection((member.ip4, PORT), 10)
        with plain, self.tls.wrap_socket(plain) as channel:
            channel.sendall(len(text).to_bytes(4, "big") + text)
            head = b""
            while len(head) < 4:
                head += channel.recv(4 - len(head))
            rest, size = b"", int.from_bytes(head, "big")
            while len(rest) < size:
                rest += channel.recv(size - len(rest))
        return json.loads(rest)

    def serve(self, plain):
        """The other side of TLS on a connection that it was asked on."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.set_alpn_protocols(["palette-link/1"])
        tls.load_cert_chain(self.pem.with_suffix(".crt"), self.pem)
        return tls.wrap_socket(plain, server_side=True)

    def join(self, member, token, **more):
        """As a follower does; the message of its refusal."""
        answer = self.say(member, **({
            "type": "join", "version": 1, "password": password_of(token), "nonce": os.urandom(16).hex(),
            "time": int(time.time()),
            "host": {"hostId": "raw", "name": "raw-1", "uiPort": 1, "syncPort": 22000, "device": ""}} | more))
        assert answer["type"] == "refused", answer
        return answer["message"]


@pytest.fixture
def raw(group, three, tmp_path):
    three[0].stop_linkd()  # forgets the guesses of the other tests
    three[0].start_linkd()
    yield Raw(group, tmp_path)
    three[0].stop_linkd()
    three[0].start_linkd()


def test_what_a_follower_would_not_send_is_refused_by_the_leader(three, raw):
    leader, follower, _ = three
    token = leader.token()
    for seconds, says in ((18030, "5 h 0 min ahead of"), (-18030, "5 h 0 min behind")):
        assert f"The clock of raw-1 is {says} that of edge-1" in raw.join(leader, token, time=int(time.time()) + seconds)
    nonce = "0" * 32
    assert "edge-1 (10.77.0.1) does not reach raw-1 at 10.77.0.254:1" in raw.join(leader, token, nonce=nonce)
    assert "This handshake was seen before" in raw.join(leader, token, nonce=nonce)
    assert "edge-1 links by version 1 of the protocol, this host by version 2" in raw.join(leader, token, version=2)
    same = {"hostId": "4c4c4544-0042-3510-8052-000000000001", "name": "raw-1", "uiPort": 1, "syncPort": 1, "device": ""}
    assert "have the same product UUID" in raw.join(leader, token, host=same)
    # One that follows makes no tokens, and knows none.
    assert follower.link_to(leader)["status"] == "Completed"
    assert "edge-2 takes no links now" in raw.join(follower, token)
    # Whoever is not linked is told so, and nothing else.
    status = {"manifest": "", "synced": True, "doneBytes": 0, "totalBytes": 0, "secondsLeft": 0, "trouble": ""}
    answer = raw.say(leader, type="heartbeat", version=1, host=same, sync=status, blocked="")
    assert answer["type"] == "unlinked" and "manifest" not in answer and "peers" not in answer
    assert raw.say(leader, type="unlink", version=1)["type"] == "unlinked"
    assert leader.row(follower)


def test_a_leader_has_64_followers_and_no_more(three, raw):
    leader = three[0]
    leader.stop_linkd()
    path = leader.root / "var/lib/palette/link/links.json"
    before = json.loads(path.read_text())
    row = {"hostId": "", "uiPort": 1, "syncPort": 22000, "device": "", "ownAddress": leader.ip4}
    followers = [row | {"id": f"{i:064x}", "name": f"edge-{i}", "address": f"10.77.1.{i}"} for i in range(64)]
    path.write_text(json.dumps(before | {"followers": followers}))
    leader.start_linkd()
    try:
        assert len(leader.status()["peers"]) == 64
        assert "edge-1 has 64 linked hosts and may have 64; unlink one" in raw.join(leader, leader.token())
    finally:
        leader.stop_linkd()
        path.write_text(json.dumps(before))
        leader.start_linkd()


def test_only_a_good_token_ends_the_slowing_down(three, raw):
    leader = three[0]
    token = leader.token()
    # By a name of its own, which the first try has: the events of the tests before may come into the log late.
    host = {"hostId": "raw", "name": "raw-slow", "uiPort": 1, "syncPort": 22000, "device": ""}
    replayed = {"nonce": "1" * 32, "host": host}

    def joins():
        events = leader.audit()
        first = next((i for i, e in enumerate(events) if e["object"] == host["name"]), len(events))
        return sum(e["action"] == "link-join" and e["from"] == raw.address for e in events[first:])

    assert "does not reach" in raw.join(leader, token, **replayed)
    bad = ({"password": "0" * 32, "host": host}, {"version": 2, "host": host}, replayed)
    tries = 0
    while tries < 5:
        message = raw.join(leader, token, **bad[tries % len(bad)])
        if "again in " in message:
            time.sleep(int(message.split("again in ")[1].split()[0]))
        else:
            tries += 1
    wait_for(lambda: joins() == 6, 5, leader.audit)
    for _ in range(10):
        assert re.search(r"Too many wrong tokens came from 10.77.0.254; try again in [89]\d\d s",
                         raw.join(leader, token, host=host))
    # Who is held back does not fill the log.
    leader.stop_linkd()  # hands its last events over
    leader.start_linkd()
    assert joins() == 6


def test_a_token_ends_and_the_next_one_is_made_by_itself(three):
    leader, follower, _ = three
    leader.stop_linkd()
    leader.start_linkd("--token-seconds", "2")
    token = leader.token()
    fresh = wait_for(lambda: (now := leader.request("GET", LINK + "/token").json["token"]) != token and now, 5)
    assert password_of(fresh) != password_of(token)
    time.sleep(1)  # for so long the former one is still good
    assert "The token expired" in failed(follower, token)
    leader.stop_linkd()
    leader.start_linkd()
    # The tokens are gone with a restart, and say so.
    assert "takes no links now" in failed(follower, fresh)


def test_a_cut_is_seen_and_heals(three):
    leader, follower, other = three
    for member in (follower, other):
        assert member.link_to(leader)["status"] == "Completed"
        wait_for(lambda: leader.is_good(member), READY_SECONDS)
    begun = time.monotonic()
    follower.plug("down")
    wait_for(lambda: leader.health(follower) == "Unhealthy", HEALTH_SECONDS)
    assert f"no answer from {follower.ip4}:5080 for " in leader.row(follower)["health"]["reason"]
    # What cannot be known is not called Synced.
    content = leader.row(follower)["contentSyncStatus"]
    assert content["state"] == "Not Synced" and content["reason"].startswith("not known: no answer for ")
    assert leader.health(other) == "Healthy"
    follower.plug("up")
    healed = time.monotonic()
    # While it was away it saw the same from its side.
    wait_for(lambda: leader.is_good(follower) and follower.is_good(leader), HEALTH_SECONDS)
    assert leader.row(follower)["health"]["reason"] == ""
    # No Syncthing runs here, and that is said before the port that therefore does not answer.
    wait_for(lambda: leader.row(other)["contentSyncStatus"]["reason"] ==
             "Syncthing does not run on the follower; \"journalctl -u palette-sync\" there says why",
             40, lambda: leader.row(other))
    wait_for(lambda: leader.status()["warning"].startswith("Syncthing does not run on the leader"), 20, lambda: (leader.status(), leader.linkd_log()))
    print(f"cut seen after {healed - begun:.0f} s, healed after {time.monotonic() - healed:.0f} s")


def test_restarts_keep_the_links(three):
    leader, follower, _ = three
    assert follower.link_to(leader)["status"] == "Completed"
    wait_for(lambda: leader.is_good(follower), READY_SECONDS)
    identity = (leader.root / "var/lib/palette/link/identity.pem").read_bytes()
    leader.stop_linkd(signal.SIGKILL)
    assert leader.request("GET", LINK + "/status").status == 503
    follower.stop_linkd(signal.SIGKILL)
    leader.start_linkd()
    follower.start_linkd()
    assert leader.request("GET", LINK + "/token").status == 404
    wait_for(lambda: leader.is_good(follower) and follower.is_good(leader), READY_SECONDS, leader.linkd_log)
    # The Local UI was restarted: its connection to the link daemon is another one.
    leader.ui.stop()
    leader.ui.start()
    seen = leader.row(follower)["lastSeen"]
    wait_for(lambda: leader.row(follower)["lastSeen"] > seen, READY_SECONDS)
    assert (leader.root / "var/lib/palette/link/identity.pem").read_bytes() == identity
    for name in ("identity.pem", "links.json"):
        stat = (leader.root / "var/lib/palette/link" / name).stat()
        assert stat.st_mode & 0o777 == 0o600 and stat.st_uid == LINK_UID


@contextlib.contextmanager
def full_disk(member):
    """Of its link daemon; yields the file that takes the room."""
    state = links_file(member).parent
    member.stop_linkd()
    kept = {path.name: path.read_bytes() for path in state.iterdir()}
    run("mount", "-t", "tmpfs", "-o", f"size=64k,uid={LINK_UID},mode=700", "tmpfs", state)
    try:
        for name, data in kept.items():
            (state / name).write_bytes(data)
            os.chown(state / name, LINK_UID, LINK_UID)
        filler = state / "filler"
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        member.start_linkd()
        yield filler
        member.stop_linkd()
    finally:
        run("umount", "-l", state)
    member.start_linkd()


def not_unlinked(member, name, query=""):
    """Unlinked, but not on the disk, it would be linked again after a restart."""
    reply = member.request("POST", f"{HOST}/unlink{query}")
    check_reply("POST", HOST + "/unlink", reply)
    assert reply.status == 500 and re.match(name + " stays linked, .*links.json: No space left", reply.json["message"]), reply


def test_links_that_a_full_disk_does_not_take_are_stored_when_there_is_room(three):
    leader, follower, _ = three
    stored = links_file(follower)
    with full_disk(follower) as filler:
        assert follower.link_to(leader)["status"] == "Completed"
        wait_for(lambda: leader.is_good(follower), READY_SECONDS)
        assert not stored.exists() or "edge-1" not in stored.read_text()
        not_unlinked(follower, "edge-1")
        assert follower.row(leader)
        filler.unlink()
        wait_for(lambda: stored.exists() and "edge-1" in stored.read_text(), 10, follower.linkd_log)
        assert json.loads(stored.read_text())["goodbyes"] == []
        assert follower.request("POST", HOST + "/unlink").status == 204
        wait_for(lambda: leader.row(follower) is None, READY_SECONDS)


def test_a_leader_with_a_full_disk_unlinks_nobody(three):
    leader, follower, _ = three
    assert follower.link_to(leader)["status"] == "Completed"
    with full_disk(leader) as filler:
        query = f"?peerId={leader.row(follower)['id']}"
        not_unlinked(leader, "edge-2", query)
        assert leader.row(follower)
        filler.unlink()
        assert leader.request("POST", f"{HOST}/unlink{query}").status == 204
        assert leader.row(follower) is None and "edge-2" not in links_file(leader).read_text()
        wait_for(lambda: follower.status() is None, READY_SECONDS, follower.linkd_log)


def test_unlink_while_the_other_is_away(three):
    leader, follower, other = three
    for member in (follower, other):
        assert member.link_to(leader)["status"] == "Completed"
        wait_for(lambda: leader.is_good(member), READY_SECONDS)
    # The leader unlinks one that is down: it hears of it when it is back.
    follower.stop_linkd()
    row = leader.row(follower)
    assert leader.request("POST", f"{HOST}/unlink?peerId={row['id']}").status == 204
    # The other one leaves while the leader is down: that hears of it when it is back.
    leader.stop_linkd()
    assert other.request("POST", HOST + "/unlink").status == 204
    assert other.status() is None
    follower.start_linkd()
    assert follower.status()["role"] == "follower"
    leader.start_linkd()
    wait_for(lambda: follower.status() is None, HEALTH_SECONDS, follower.linkd_log)
    wait_for(lambda: leader.status() is None, HEALTH_SECONDS, leader.linkd_log)
    wait_for(lambda: [e["action"] for e in follower.audit() if e["action"].startswith("link-un")][-1:] == ["link-unlinked"], 5)


@contextlib.contextmanager
def silent_host(group):
    """Its socket at the hub takes connections, and nothing is said on them."""
    with inside(group.hub):
        server = socket.create_server(("10.77.0.254", 0))
    with server:
        server.setblocking(False)
        yield server


def came(server):
    """The next connection to it, or None."""
    try:
        return server.accept()[0]
    except BlockingIOError:
        return None


def links_file(member):
    return member.root / "var/lib/palette/link/links.json"


def leave_goodbyes(member, ports, since=0):
    """Leaders at the hub that it has left and not told, in so many seconds; it asks the first as soon as it runs."""
    wait_for(links_file(member).exists, 10)
    member.stop_linkd()
    links = json.loads(links_file(member).read_text())
    links["goodbyes"] = [{"id": f"{i:064x}", "address": "10.77.0.254", "port": port, "since": int(time.time()) + since}
                         for i, port in enumerate(ports)]
    links_file(member).write_text(json.dumps(links))
    member.start_linkd()


def test_nobody_is_told_goodbye_while_a_link_is_made(group, three):
    """It could be the host that admits this one just now."""
    leader, follower, _ = three
    with silent_host(group) as left, silent_host(group) as leading:
        leave_goodbyes(follower, [left.getsockname()[1]])
        first = wait_for(lambda: came(left), 10, follower.linkd_log)
        time.sleep(8)  # it is told again 15 s after, and a link is given up after 12 s
        token = changed(leader.token(), address="10.77.0.254", port=leading.getsockname()[1])
        assert follower.request("POST", LINK, {"token": token}).status == 202
        joining = wait_for(lambda: came(leading), 5)
        assert follower.link_ended()["status"] == "Failed"
        with joining, first:
            assert not came(left)
        wait_for(lambda: came(left), 10).close()
    leave_goodbyes(follower, [])


@pytest.mark.parametrize("since, kept", ((3600, 1), (-31 * 86400, 0)))
def test_a_goodbye_is_tried_for_30_days_also_after_the_clock_was_set_back(group, three, since, kept):
    follower = three[1]
    with silent_host(group) as left:
        leave_goodbyes(follower, [left.getsockname()[1]], since)
        wait_for(lambda: came(left), 10, follower.linkd_log).close()
    time.sleep(1)
    follower.status()  # what came of that is written down before the answer
    assert len(json.loads(links_file(follower).read_text())["goodbyes"]) == kept
    leave_goodbyes(follower, [])


def test_silent_former_leaders_do_not_wait_for_each_other(group, three):
    follower = three[1]
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(silent_host(group)) for _ in range(3)]
        leave_goodbyes(follower, [server.getsockname()[1] for server in silent])
        # Each has 4 s for its answer, and the next one the second after.
        held = [stack.enter_context(wait_for(lambda: came(server), 6, follower.linkd_log)) for server in silent]
        # After 15 s the first has its turn again.
        assert len(held) == 3 and not came(silent[0])
        wait_for(lambda: came(silent[0]), 10, follower.linkd_log).close()
    leave_goodbyes(follower, [])


def test_one_goodbye_is_not_taken_for_another(group, three, raw):
    """The list is full and its first one makes room while it is being told."""
    leader, follower, _ = three
    assert follower.link_to(leader)["status"] == "Completed"
    with silent_host(group) as left:
        leave_goodbyes(follower, [left.getsockname()[1]] + [1] * 7)
        with wait_for(lambda: came(left), 10) as told:
            assert follower.request("POST", HOST + "/unlink").status == 204
            told.settimeout(5)
            with contextlib.suppress(OSError):  # where it is still waited for: by another certificate
                raw.serve(told).read(1)
        follower.status()  # what came of that is written down before the answer
        ids = [goodbye["id"] for goodbye in json.loads(links_file(follower).read_text())["goodbyes"]]
        assert len(ids) == 8 and {f"{i:064x}" for i in range(1, 8)} < set(ids)
    leave_goodbyes(follower, [])


def test_a_reset_host_links_anew(three):
    leader, follower, _ = three
    assert follower.link_to(leader)["status"] == "Completed"
    wait_for(lambda: leader.is_good(follower), READY_SECONDS)
    # What a factory reset leaves of it: nothing.
    follower.stop_linkd()
    for path in (follower.root / "var/lib/palette/link").iterdir():
        path.unlink()
    follower.start_linkd()
    assert follower.status() is None
    assert follower.link_to(leader)["status"] == "Completed"
    wait_for(lambda: leader.is_good(follower), READY_SECONDS)
    assert len(leader.status()["peers"]) == 1


def test_a_leader_that_was_reset_is_not_waited_for(three):
    leader, follower, _ = three
    assert follower.link_to(leader)["status"] == "Completed"
    leader.stop_linkd()
    for path in (leader.root / "var/lib/palette/link").iterdir():
        path.unlink()
    leader.start_linkd()
    reason = wait_for(lambda: follower.row(leader)["health"]["reason"], HEALTH_SECONDS)
    assert "another host answers there" in reason and "The leader was reset, or another host has its address now" in reason
    # Its old leader is gone for good: nobody is told.
    assert follower.request("POST", HOST + "/unlink").status == 204
    assert follower.link_to(leader)["status"] == "Completed"
    wait_for(lambda: leader.is_good(follower), READY_SECONDS)


def test_a_host_with_several_addresses_knows_the_one_of_its_link(three):
    leader, follower, _ = three
    follower.ip("address", "del", f"{follower.ip4}/24", "dev", "eth0")
    follower.ip("address", "add", "10.88.0.2/24", "dev", "eth0")
    follower.ip("address", "add", f"{follower.ip4}/24", "dev", "eth0")
    try:
        assert follower.link_to(leader)["status"] == "Completed"
        stored = json.loads((follower.root / "var/lib/palette/link/links.json").read_text())
        assert stored["leader"]["ownAddress"] == follower.ip4
    finally:
        follower.ip("address", "del", "10.88.0.2/24", "dev", "eth0")


def test_a_copy_of_a_machine_is_not_linked(three):
    leader, follower, _ = three
    assert follower.link_to(leader)["status"] == "Completed"
    follower.stop_linkd()
    follower.dmi(product_uuid="4c4c4544-0042-3510-8052-0000000000ff")
    follower.start_linkd(wait=False)
    follower.wait_linkd_end()
    follower.start_linkd()
    stored = follower.root / "var/lib/palette/link/links.json"  # palette-hostd has said who this is
    wait_for(stored.exists, 10)
    assert follower.status() is None
    assert "is a copy" in follower.linkd_log()
    # The same UUID as the leader's is refused.
    follower.stop_linkd()
    follower.dmi(product_uuid="4c4c4544-0042-3510-8052-000000000001")
    stored.unlink()
    follower.start_linkd()
    wait_for(stored.exists, 10)
    assert "have the same product UUID" in failed(follower, leader.token())
    follower.stop_linkd()
    follower.dmi(product_uuid="4c4c4544-0042-3510-8052-000000000002")
    stored.unlink()
    follower.start_linkd()
    wait_for(stored.exists, 10)


def test_no_power_cut_leaves_a_copy_with_the_key_of_its_original(three):
    copy = three[1]
    stored, key = links_file(copy), links_file(copy).with_name("identity.pem")
    wait_for(stored.exists, 10)
    copy.stop_linkd()
    original, secret = json.loads(stored.read_text()), key.read_bytes()
    count = copy.tmp / "count"
    copy.dmi(product_uuid="4c4c4544-0042-3510-8052-0000000000ff")
    try:
        for n in range(1, 100):
            for path, data in (stored, json.dumps(original).encode()), (key, secret):
                path.write_bytes(data)
                os.chown(path, LINK_UID, LINK_UID)
            count.write_bytes(bytes(16))
            count.chmod(0o666)
            copy.start_linkd(wait=False, env={"LD_PRELOAD": str(BUILD / "tests/cut.so"), "CUT": f"{count} {n}"})
            copy.wait_linkd_end()
            if copy.linkd.returncode == 0:
                break
            assert json.loads(stored.read_text()) == original or not key.exists(), n
        # At least: the key, its directory, the UUID's file, its contents, its name.
        assert n > 5
        # What the last cut but one left, and what the whole of it did.
        assert not key.exists() and json.loads(stored.read_text())["hostId"].endswith("ff")
        copy.start_linkd()
        assert key.read_bytes() != secret
    finally:
        set_uuid(copy, f"4c4c4544-0042-3510-8052-{copy.number:012x}")


def set_uuid(member, uuid):
    """Of a board that was never linked."""
    member.stop_linkd()
    member.dmi(product_uuid=uuid)
    (member.root / "var/lib/palette/link/links.json").unlink(missing_ok=True)
    member.start_linkd()
    member.call("Link", "Self", "")  # palette-linkd's own call came before it


def test_boards_with_their_makers_sample_uuid_are_hosts_of_their_own(three):
    leader, follower, other = three
    try:
        for member in three:
            set_uuid(member, "03000200-0400-0500-0006-000700080009")
        assert follower.link_to(leader)["status"] == "Completed"
        assert other.link_to(leader)["status"] == "Completed"
        assert {row["ip"] for row in leader.status()["peers"]} == {follower.ip4, other.ip4}
    finally:
        for member in three:
            set_uuid(member, f"4c4c4544-0042-3510-8052-{member.number:012x}")


def test_a_changed_address_of_the_leader_is_named(three):
    leader, follower, _ = three
    assert follower.link_to(leader)["status"] == "Completed"
    wait_for(lambda: leader.is_good(follower), READY_SECONDS)
    # The other way round the second address would go with the first.
    leader.ip("address", "del", f"{leader.ip4}/24", "dev", "eth0")
    leader.ip("address", "add", "10.77.0.200/24", "dev", "eth0")
    try:
        leader.ui.address = "10.77.0.200"
        warning = wait_for(lambda: leader.status()["warning"], HEALTH_SECONDS)
        assert "10.77.0.1, by which edge-2 knows it, is on no adapter" in warning
    finally:
        leader.ip("address", "del", "10.77.0.200/24", "dev", "eth0")
        leader.ip("address", "add", f"{leader.ip4}/24", "dev", "eth0")
        leader.ui.address = leader.ip4
    wait_for(lambda: leader.status()["warning"] == "" and leader.is_good(follower), HEALTH_SECONDS)


def move_ui(member, port):
    """As README says: the file, then the service again."""
    member.ui.stop()
    member.write("etc/palette/localui.conf", f"port = {port}\n")
    member.ui.port = port
    member.ui.start()


def test_followers_find_the_leader_at_another_port_of_its_local_ui(three):
    leader, follower, _ = three
    assert follower.link_to(leader)["status"] == "Completed"
    wait_for(lambda: leader.is_good(follower), READY_SECONDS)
    try:
        for port in (5081, PORT):
            move_ui(leader, port)
            wait_for(lambda: (follower.row(leader) or {}).get("localUIPort") == port, 2 * HEALTH_SECONDS, follower.linkd_log)
            wait_for(lambda: leader.is_good(follower) and follower.is_good(leader), HEALTH_SECONDS, follower.linkd_log)
            assert f'"uiPort":{port}' in (follower.root / "var/lib/palette/link/links.json").read_text().replace(" ", "")
    finally:
        if leader.ui.port != PORT:
            move_ui(leader, PORT)


def test_changes_are_pushed_to_the_open_page(three):
    from test_events import Events
    leader, follower, _ = three
    events = Events(leader.ui, leader.session)
    assert events.next("hello")
    token = leader.token()
    assert events.next("link") == ("link", {})
    assert follower.request("POST", LINK, {"token": token}).status == 202
    assert events.next("link") == ("link", {})
    wait_for(lambda: leader.is_good(follower), READY_SECONDS)
    events.close()


def test_only_with_a_session(three):
    leader = three[0]
    for method, path in (("POST", LINK + "/generate-token"), ("GET", LINK + "/token"), ("GET", LINK + "/status"),
                         ("POST", HOST + "/unlink"), ("POST", LINK + "/stop-token")):
        assert leader.ui.request(method, path).status == 401
    assert leader.ui.request("POST", LINK, {"token": "x"}).status == 401
    token = leader.ui.token()
    leader.ui.post(USERS + "/logout", token=token)
    assert leader.ui.request("POST", LINK + "/generate-token", token=token).status == 401


def link_command(member, *argv, **more):
    return subprocess.run((BUILD / "bin/palette-link", *argv), env=member.env, capture_output=True, text=True,
                          timeout=60, **more)


def test_the_command_does_the_same(three):
    leader, follower, _ = three
    assert "not linked" in link_command(leader, "status").stdout
    assert link_command(leader, "links").returncode == 2
    token = json.loads(link_command(leader, "token", "--json").stdout)
    assert token["interval"] == 120 and token["address"] == leader.ip4
    bad = link_command(follower, "join", input="nonsense!")
    assert bad.returncode == 1 and "copy it anew" in bad.stderr and "nonsense" not in bad.stderr
    good = link_command(follower, "join", input=token["token"] + "\n")
    assert (good.returncode, good.stdout) == (0, "linked\n"), good.stderr
    wait_for(lambda: leader.is_good(follower), READY_SECONDS)
    shown = link_command(leader, "status").stdout
    assert "edge-1: leader, generates tokens" in shown and "edge-2" in shown and "Ready" in shown
    peers = json.loads(link_command(follower, "status", "--json").stdout)["peers"]
    assert peers[0]["name"] == "edge-1" and peers[0]["health"] == "Healthy"
    assert "No host called" in link_command(leader, "unlink", "edge-9").stderr
    assert link_command(leader, "unlink", "edge-2").returncode == 0
    assert link_command(leader, "token", "--stop").returncode == 0
    wait_for(lambda: follower.status() is None, READY_SECONDS)
    # The page's user is in the audit log for the page's doings, root for root's.
    wait_for(lambda: {"alice", "root", "link"} <= {
        e["actor"] for e in leader.audit() if e["action"].startswith("link-")}, 5)


def test_an_interrupted_join_leaves_the_terminal_its_echo(three):
    """As typed: Ctrl+C is a character, which the terminal makes a signal."""
    person, terminal = os.openpty()
    command = subprocess.Popen((BUILD / "bin/palette-link", "join"), env=three[1].env, stdin=terminal, stdout=terminal,
                               stderr=terminal, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0))

    def has_echo():
        return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)

    try:
        wait_for(lambda: not has_echo(), 10)
        os.write(person, b"half a tok\x03")
        assert command.wait(10) == 1 and has_echo()
        assert b"half" not in os.read(person, 4096)
    finally:
        command.kill()
        os.close(person)
        os.close(terminal)


def test_no_secret_is_written_down(group, three):
    """Of all that the tests of this file did."""
    leader, follower, _ = three
    token = leader.token()
    assert follower.link_to(leader)["status"] == "Completed"
    secrets = (token, password_of(token))
    for member in group.members:
        assert "link-" in member.read("var/log/palette-audit.log")
        for name, text in member.logs().items():
            for secret in secrets:
                assert secret not in text, name
        for process in (member.hostd, member.linkd, member.ui.process):
            with open(f"/proc/{process.pid}/cmdline") as line:
                assert token not in line.read()
        stored = (member.root / "var/lib/palette/link/links.json").read_text()
        assert password_of(token) not in stored
