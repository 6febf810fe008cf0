# SPDX-License-Identifier: Apache-2.0
"""Every operation of openapi.json, answered as it says; and nothing beside it."""
import base64
import hashlib
import json
import re
import subprocess
import time

import pytest

from contract import DOC, OPERATIONS, Contract, check_reply, validate
from localui import HOST, PASSWORD, PROJECT, USERS

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me"


def test_the_file_is_a_good_openapi_3_1_file():
    assert DOC["openapi"] == "3.1.0"
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(ids) == len(set(ids))
    for schema in DOC["components"]["schemas"].values():
        import jsonschema
        jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(DOC)
    for ref in re.findall(r'"\$ref": "#/([^"]+)"', text):
        node = DOC
        for part in ref.split("/"):
            node = node[part]
    for (method, path), operation in OPERATIONS.items():
        named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), path


def test_the_route_table_is_the_file():
    text = (PROJECT / "localui/api.c").read_text()
    names = dict(re.findall(r'#define (HOST|USERS|LOOK)\s+"([^"]+)"', text))
    table = text[text.index("const struct route api_routes[]"):]
    rows = set()
    for method, name, tail in re.findall(r'\{ "([A-Z]+)", (HOST|USERS|LOOK)?\s*(?:"([^"]*)")?,', table):
        rows.add((method, names.get(name, "") + tail))
    assert rows == {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in OPERATIONS}


def test_what_is_not_in_the_file_does_not_answer(ui, token):
    for path, item in DOC["paths"].items():
        real = re.sub(r"\{\w+\}", "x", path)
        known = {m.upper() for m in item}
        for method in ("GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            # "current" and "filters" are also what "{id}" of another path may stand for.
            if method in known or any(m == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), real)
                                      for m, p in OPERATIONS):
                continue
            reply = ui.request(method, real, token=token)
            assert reply.status == 405, (method, real, reply)
            assert known <= set(reply.headers["Allow"].split(", "))
    for path in ("/v1", "/v1/", "/v1/pin", "/v1/ping/", "/v1//ping", "/v1/ping%00", "/v1/ping%2f..", HOST + "/",
                 HOST + "/adapters/a/b", "/v1/users", "/v1/../etc/passwd"):
        reply = ui.get(path, token=token)
        assert (reply.status, reply.json["code"]) == (404, "NotFound"), (path, reply)


def test_without_a_session_nothing_but_the_public_part_answers(ui):
    for (method, path), operation in OPERATIONS.items():
        real = re.sub(r"\{\w+\}", "x", path)
        body = {} if "requestBody" in operation else None
        reply = ui.request(method, real, body)
        if operation.get("security") == []:
            assert reply.status != 401 or path.endswith("/login"), (method, path)
        else:
            assert reply.status == 401, (method, path, reply)
            check_reply(method, path, reply)


def test_an_unknown_token_is_nobodys(ui, api):
    for token in ("f" * 64, "x", "a.b-c_d"):
        for (method, path), operation in OPERATIONS.items():
            if operation.get("security") == [] or "requestBody" in operation:
                continue
            reply = ui.request(method, re.sub(r"\{\w+\}", "x", path), token=token)
            assert reply.status == 401, (method, path, reply)
            check_reply(method, path, reply)


def test_public(ui, api):
    assert api("GET", "/v1/ping", status=200).json == {"status": "ok"}
    public = api("GET", "/v1/public", status=200).json
    assert public["hasAccount"] is True and public["port"] == ui.port
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", public["fingerprint"])
    assert api("GET", "/v1/openapi.json", status=200).json == DOC


def test_head_is_get_without_a_body(ui):
    reply = ui.request("HEAD", "/v1/ping")
    assert (reply.status, reply.body, reply.headers["Content-Length"]) == (200, b"", "15")


def test_login_and_account(ui, api):
    path = USERS + "/login"
    reply = api("POST", path, status=200, body={"username": "alice", "password": PASSWORD})
    token = reply.json["Token"]["Authorization"]
    assert reply.json["session"]["remainingSeconds"] in range(7190, 7201)
    reply = api("POST", path, status=200, query="?extendedSession=true&setCookie=false",
                body={"username": "alice", "password": PASSWORD})
    assert reply.json["session"]["extended"] and reply.headers["Set-Cookie"] is None
    api("POST", path, status=401, body={"username": "alice", "password": "wrong"})
    user = api("GET", "/v1/users/current", status=200).json
    assert user["userName"] == "alice" and user["passwordRules"]
    api("PATCH", "/v1/users/current", status=204, body={"sshKeys": [KEY]})
    assert api("GET", "/v1/users/current").json["sshKeys"] == [KEY]
    reply = api("PATCH", "/v1/users/current", status=422, body={"sshKeys": ["nonsense"]})
    assert reply.json["details"]["field"] == "SSH key"
    api("PATCH", "/v1/users/current", status=400, body={"sshKeys": "x"}, good=False)
    api("POST", USERS + "/token/renewal", status=200)
    assert api("GET", USERS + "/sessions/current", status=200).json["current"] is True
    sessions = api("GET", USERS + "/sessions", status=200).json["items"]
    assert len(sessions) >= 3 and sum(s["current"] for s in sessions) == 1
    mine = api("GET", USERS + "/sessions/current", token=token).json["id"]
    api("DELETE", USERS + "/sessions/{id}", mine, status=204)
    api("DELETE", USERS + "/sessions/{id}", mine, status=404)
    api("GET", USERS + "/sessions/current", token=token, status=401)


def test_password(ui, api):
    path = USERS + "/password/reset"
    reply = api("POST", path, status=422, body={"oldPassword": "wrong", "newPassword": "a good one 9"})
    assert reply.json["code"] == "BadLogin"
    reply = api("POST", path, status=422, body={"oldPassword": PASSWORD, "newPassword": "short"})
    assert reply.json["code"] == "Refused"
    api("POST", path, status=204, body={"oldPassword": PASSWORD, "newPassword": "another horse 8"})
    assert ui.login(password=PASSWORD).status == 401
    api("POST", path, status=204, body={"oldPassword": "another horse 8", "newPassword": PASSWORD})
    assert ui.login().status == 200


def test_the_host(ui, api):
    host = api("GET", HOST, status=200).json
    assert host["metadata"]["uid"] == "4c4c4544-0042-3510-8052-b4c04f564433"
    assert {nic["name"] for nic in host["hardware"]["nics"]} == {"eth0", "eth1"}
    assert host["hardware"]["memory"]["totalBytes"] > 100e6 and host["uptimeSeconds"] > 0
    assert host["hardware"]["cpu"]["threads"] > 0 and host["hardware"]["arch"] == "amd64"
    api("PATCH", HOST, status=204, body={"name": "edge-9"})
    # The signal makes the shared answer stale at once; the file of the name is what counts.
    until = time.monotonic() + 3
    while api("GET", HOST).json["metadata"]["name"] != "edge-9":
        assert time.monotonic() < until
    reply = api("PATCH", HOST, status=422, body={"name": "No Host"})
    assert reply.json["details"]["field"] == "host name"
    api("PATCH", HOST, status=400, body={"name": 5}, good=False)
    settings = api("GET", "/v1/edge-mgmt/settings", status=200).json
    assert settings["port"] == ui.port and settings["featureFlags"] == {"linkedHosts": True, "clusters": False}


def test_adapters_and_changes(ui, api):
    adapters = api("GET", "/adapters", status=200).json["items"]
    assert [a["name"] for a in adapters] == ["eth0", "eth1"]
    assert api("GET", HOST + "/adapters/{name}", "eth1", status=200).json["name"] == "eth1"
    api("GET", HOST + "/adapters/{name}", "eth9", status=404)
    path = HOST + "/adapters/{name}"
    reply = api("PUT", path, "eth0", status=422, body={"mode": "static", "address": "999", "netmask": "24"})
    assert reply.json["details"]["field"] == "IP address"
    reply = api("PUT", path, "eth0", status=422, body={"mode": "dhcp", "vlan": "4095"})
    assert reply.json["details"]["field"] == "VLAN ID"
    static = {"mode": "static", "address": "192.0.2.10", "netmask": "24", "gateway": "192.0.2.1"}
    assert api("PUT", path, "eth0", status=200, body=static).json["changeId"] == ""
    change = api("PUT", path, "eth0", status=200, body=static | {"address": "192.0.2.11", "confirmSeconds": 30}).json
    waiting = api("GET", HOST + "/network-change", status=200).json
    assert waiting["changeId"] == change["changeId"] != "" and waiting["adapter"] == "eth0"
    api("PUT", path, "eth1", status=409, body={"mode": "dhcp"})
    api("POST", HOST + "/network-change/{changeId}/confirm", "nothing", status=404)
    api("POST", HOST + "/network-change/{changeId}/confirm", change["changeId"], status=204)
    change = api("PUT", path, "eth0", body={"mode": "dhcp", "confirmSeconds": 30}).json["changeId"]
    api("POST", HOST + "/network-change/{changeId}/revert", change, status=204)
    assert api("GET", HOST + "/network-change").json["changeId"] == ""
    assert api("GET", path, "eth0").json["settings"]["address"] == "192.0.2.11"
    api("POST", HOST + "/network-change/{changeId}/revert", change, status=404)


def test_names_and_time(api):
    api("PUT", HOST + "/dns", status=204, body={"primary": "192.0.2.53", "alternate": "", "search": "example.com"})
    assert api("GET", HOST + "/dns", status=200).json["primary"] == "192.0.2.53"
    reply = api("PUT", HOST + "/dns", status=422, body={"primary": "x", "alternate": "", "search": ""})
    assert reply.json["details"]["field"] == "primary name server"
    api("PUT", HOST + "/ntp", status=204, body={"servers": ["ntp.example.com"]})
    assert api("GET", HOST + "/ntp", status=200).json["servers"] == ["ntp.example.com"]
    api("PUT", HOST + "/ntp", status=422, body={"servers": ["-"]})
    api("PUT", HOST + "/ntp", status=400, body={"servers": [1]}, good=False)


def test_the_proxy(ui, api):
    nothing = {"httpProxy": "", "httpsProxy": "", "noProxy": "", "caCerts": []}
    assert api("GET", HOST + "/configurations", status=200).json == nothing
    good = {"httpProxy": "http://proxy.example:3128", "httpsProxy": "http://proxy.example:3128",
            "noProxy": "localhost,10.0.0.0/8",
            "caCerts": [base64.b64encode((ui.tls / "cert.pem").read_bytes()).decode()]}
    api("PUT", HOST + "/configurations", status=202, body=good)
    until = time.monotonic() + 20
    while (state := api("GET", HOST + "/configurations/status", status=200).json)["state"] == "In Progress":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert state == {"state": "Configured", "errorMessage": ""}
    assert api("GET", HOST + "/configurations").json == good
    for change, field in (({"httpProxy": "ftp://x"}, "HTTP Endpoint"), ({"httpsProxy": "http://x:99999"}, "HTTPS Endpoint"),
                          ({"noProxy": "a/b"}, "No Proxy"), ({"caCerts": ["no base64!"]}, "CA Certificates")):
        reply = api("PUT", HOST + "/configurations", status=422, body=good | change)
        assert reply.json["details"]["field"] == field
    api("PUT", HOST + "/configurations", status=202, body=nothing)


def test_diagnostics(api):
    look = "/v1/edge-mgmt/edgehosts/connectivity/"
    assert "127.0.0.1" in api("GET", look + "lookup", status=200, query="?endpoint=127.0.0.1").json["output"]
    assert not api("GET", look + "connect", status=200, query="?endpoint=127.0.0.1:1").json["success"]
    api("GET", look + "traceroute", status=200, query="?endpoint=127.0.0.1")
    api("GET", look + "ping", status=200, query="?endpoint=127.0.0.1")
    for name in ("ping", "traceroute", "lookup", "connect"):
        reply = api("GET", look + name, status=422, query="?endpoint=%24(reboot)")
        assert reply.json["details"]["field"] == "endpoint"
        api("GET", look + name, status=400)


def write_journal(root):
    """Ten entries, as systemd-journald would have left them."""
    (root / "var/log/journal").mkdir(parents=True)
    text = "".join(f"__REALTIME_TIMESTAMP={(1790000000 + i) * 1000000}\n__MONOTONIC_TIMESTAMP={i}\n_BOOT_ID={1:032x}\n"
                   f"PRIORITY=6\n_PID=7\n_SYSTEMD_UNIT=a.service\nSYSLOG_IDENTIFIER=a\nMESSAGE=line {i}\n\n"
                   for i in range(1, 11))
    subprocess.run(("/usr/lib/systemd/systemd-journal-remote", f"--output={root}/var/log/journal/a.journal",
                    "--split-mode=none", "-"), input=text, text=True, check=True, capture_output=True)


def test_logs(ui, api):
    write_journal(ui.host.root)
    api("GET", HOST + "/logs", status=400, query="?limit=x")
    api("GET", HOST + "/logs", status=400, query="?startTime=yesterday")
    assert len(api("GET", HOST + "/logs", status=200, query="?limit=5&priority=7").json["items"]) == 5
    api("GET", HOST + "/logs", status=422, query="?before=nonsense")
    api("GET", HOST + "/logs/sources", status=200)
    api("GET", HOST + "/error-logs", status=200, query="?logCount=5")
    api("GET", HOST + "/error-logs", status=400, query="?logCount=0")
    assert api("GET", HOST + "/generate-logs-status", status=200).json["status"] == "Unknown"
    api("GET", HOST + "/download-logs", status=404)
    api("POST", HOST + "/generate-logs", status=202)
    until = time.monotonic() + 60
    while api("GET", HOST + "/generate-logs-status", status=200).json["status"] == "InProgress":
        assert time.monotonic() < until
        time.sleep(0.1)
    assert api("GET", HOST + "/generate-logs-status").json["status"] == "Completed"
    archive = api("GET", HOST + "/download-logs", status=200)
    assert archive.body[:4] == b"\x28\xb5\x2f\xfd" and len(archive.body) > 100


def test_audits(ui, api):
    ui.login(password="wrong")
    page = api("GET", HOST + "/audits", status=200, query="?pageSize=2").json
    assert len(page["items"]) == 2 and page["total"] > 2
    assert page["items"][0]["time"] >= page["items"][1]["time"]
    second = api("GET", HOST + "/audits", query="?pageSize=2&page=2").json
    assert second["page"] == 2 and second["items"][0] not in page["items"]
    failed = api("GET", HOST + "/audits", query="?action=login&result=denied&user=alice&from=127.0.0.1").json
    failed["items"] or pytest.fail(json.dumps(page))
    assert all(item["action"] == "login" for item in failed["items"])
    assert api("GET", HOST + "/audits", query="?startTime=2999-01-01T00:00:00Z").json["total"] == 0
    for query in ("?pageSize=51", "?page=0", "?endTime=1", "?page=x"):
        api("GET", HOST + "/audits", status=400, query=query)
    assert "alice" in api("GET", HOST + "/audits/filters", status=200).json["users"]
    lines = api("GET", HOST + "/audits/download", status=200).body.decode().splitlines()
    assert len(lines) >= page["total"] and all(json.loads(line)["action"] for line in lines)


def test_content(ui, api):
    assert api("GET", HOST + "/content", status=200).json["items"] == []
    data = b"palette" * 1000
    digest = hashlib.sha256(data).hexdigest()
    begin = {"name": "a.tar.zst", "sizeBytes": len(data), "sha256": digest}
    upload = api("POST", HOST + "/content/uploads", status=201, body=begin).json
    path = HOST + "/content/uploads/{uploadId}"
    assert api("GET", path, upload["uploadId"], status=200).json["offset"] == 0
    reply = api("PUT", path, upload["uploadId"], status=200, body=data[:3000])
    assert reply.json["offset"] == 3000
    api("PUT", path, upload["uploadId"], status=416, body=data[:10])
    api("POST", path + "/finish", upload["uploadId"], status=422)
    api("PUT", path, upload["uploadId"], status=413, body=data, query="?offset=3000")
    api("PUT", path, upload["uploadId"], status=400, body=b"x", query="?offset=x")
    api("PUT", path, "nothing", status=404, body=b"x")
    api("PUT", path, upload["uploadId"], status=411)
    api("PUT", path, upload["uploadId"], status=200, body=data[3000:], query="?offset=3000")
    item = api("POST", path + "/finish", upload["uploadId"], status=200).json
    assert (item["name"], item["sha256"], item["origin"]) == ("a.tar.zst", digest, "upload")
    assert [i["name"] for i in api("GET", HOST + "/content").json["items"]] == ["a.tar.zst"]
    assert api("GET", HOST + "/uploaded-content/details", status=200).json["fileName"] == "a.tar.zst"
    api("POST", HOST + "/content/uploads", status=409, body=begin)
    api("POST", HOST + "/content/uploads", status=422, body=begin | {"name": "../x"})
    api("POST", HOST + "/content/uploads", status=507, body=begin | {"name": "big", "sizeBytes": 1 << 43})
    api("DELETE", HOST + "/content/{name}", "a.tar.zst", status=204)
    api("DELETE", HOST + "/content/{name}", "a.tar.zst", status=404)
    upload = api("POST", HOST + "/content/uploads", body=begin).json["uploadId"]
    assert api("GET", HOST + "/content").json["uploads"][0]["uploadId"] == upload
    api("DELETE", path, upload, status=204)
    api("GET", path, upload, status=404)
    api("GET", HOST + "/actions/content/signing-public-key", status=404)


def test_damaged_bytes_are_not_taken(api):
    path = HOST + "/content/uploads/{uploadId}"
    upload = api("POST", HOST + "/content/uploads",
                 body={"name": "b", "sizeBytes": 4, "sha256": hashlib.sha256(b"good").hexdigest()}).json["uploadId"]
    api("PUT", path, upload, status=200, body=b"evil")
    assert api("POST", path + "/finish", upload, status=422).json["code"] == "DigestMismatch"
    assert api("GET", HOST + "/content").json["items"] == []


def test_upload_in_one_request(api):
    data = b"\r\n--x\r\n" * 500
    def form(parts, end="--x--\r\n"):
        head = b"".join(b"--x\r\n" + head.encode() + b"\r\n\r\n" + value + b"\r\n" for head, value in parts)
        return head + end.encode()
    digest = ('Content-Disposition: form-data; name="sha256"', hashlib.sha256(data[:-2]).hexdigest().encode())
    file = ('Content-Disposition: form-data; name="uploadFile"; filename="c.tar.zst"\r\n'
            'Content-Type: application/octet-stream', b"payload" * 100)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    path = HOST + "/actions/upload-content"
    item = api("POST", path, status=200, body=form([file]), headers=kind).json
    assert item["sha256"] == hashlib.sha256(b"payload" * 100).hexdigest() and item["sizeBytes"] == 700
    api("DELETE", HOST + "/content/{name}", "c.tar.zst", status=204)
    # A digest that is wrong, no file, a part behind the file, a cut end, no multipart at all.
    assert api("POST", path, status=422, body=form([digest, file]), headers=kind).json["code"] == "DigestMismatch"
    api("POST", path, status=400, body=form([digest]), headers=kind)
    api("POST", path, status=400, body=form([file, digest]), headers=kind)
    api("POST", path, status=400, body=form([file], "--x-"), headers=kind)
    api("POST", path, status=415, body=b"x", headers={"Content-Type": "text/plain"})
    assert api("GET", HOST + "/content").json["items"] == []
    assert api("GET", HOST + "/content").json["uploads"] == []


def test_what_is_not_there_yet_says_so(api):
    for method in ("GET", "POST"):
        message = api(method, "/v1/edge-mgmt/cluster", status=501).json["message"]
        assert "creates no clusters" in message and "linked" not in message
    ready = api("GET", "/v1/edge-mgmt/cluster/readiness", status=200).json
    assert ready["ready"] is False and {i["name"] for i in ready["items"]} >= {"IP address", "Port 443"}
    # The link service is not there: the rest is told all the same.
    assert [i["state"] for i in ready["items"] if i["name"] == "Linked hosts"] == ["unknown"]


def test_links_of_one_host(ui, api):
    """What needs no other host; test_link.py has three."""
    assert api("GET", HOST + "/link/status", status=503).json["code"] == "HostUnavailable"
    ui.host.start_linkd()
    api("GET", HOST + "/link/status", status=404)
    api("GET", HOST + "/link/token", status=404)
    # There is no address to put into a token yet.
    reply = api("POST", HOST + "/link/generate-token", status=422)
    assert "no IPv4 address yet" in reply.json["message"]
    ui.host.ip("address", "add", "198.51.100.7/24", "dev", "eth0")
    token = api("POST", HOST + "/link/generate-token", status=200).json
    assert token["address"] == "198.51.100.7"
    assert api("GET", HOST + "/link/token", status=200).json["token"] == token["token"]
    assert api("GET", HOST + "/link/status", status=200).json["role"] == "leader"
    assert api("POST", HOST + "/link", status=422, body={"token": token["token"]}).json["details"]["field"] == "token"
    api("POST", HOST + "/link", status=400, body={}, good=False)
    api("POST", HOST + "/unlink", status=404)
    api("POST", HOST + "/unlink", status=404, query="?peerId=nobody")
    api("POST", HOST + "/link/stop-token", status=204)
    api("GET", HOST + "/link/token", status=404)


def test_streams_begin(ui, api):
    for path in ("/v1/edge-mgmt/events", HOST + "/logs/follow"):
        with ui.connect() as tls:
            tls.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nAuthorization: {api.token}\r\n\r\n".encode())
            head = tls.recv(4096).decode()
            assert head.startswith("HTTP/1.1 200") and "text/event-stream" in head
        Contract.seen.setdefault(("GET", path), set()).add(200)


@pytest.mark.parametrize("action", ["reboot", "shutdown"])
def test_actions(ui, api, action):
    api("POST", f"{HOST}/actions/{action}", status=202)
    assert ui.host.calls()[-2] == ("PowerOff" if action == "shutdown" else "Reboot")


def test_a_reset_that_cannot_be_asked_for_does_not_restart(ui, api):
    ui.host.write("fail-StartUnit", "no")
    before = len(ui.host.calls())
    assert api("POST", HOST + "/actions/reset", status=500).json["code"] == "Failed"
    assert [call for call in ui.host.calls()[before:] if "Reboot" in call] == []
    (ui.host.root / "fail-StartUnit").unlink()


def test_a_reset_whose_restart_fails_is_taken_back(ui, api):
    ui.host.write("fail-Reboot", "no")
    assert api("POST", HOST + "/actions/reset", status=500).json["code"] == "Failed"
    assert not ui.host.exists("data/keep/reset-request")
    (ui.host.root / "fail-Reboot").unlink()


def test_logout_ends_the_session(ui, api):
    token = ui.token()
    reply = api("POST", USERS + "/logout", token=token, status=204)
    assert "Max-Age=0" in reply.headers["Set-Cookie"]
    api("POST", USERS + "/logout", token=token, status=401)


def test_every_operation_was_exercised():
    missing = [f"{method} {path}" for method, path in OPERATIONS if (method, path) not in Contract.seen]
    assert not missing
    # With a good answer where there is one, and at least one refusal where the operation can refuse.
    for key, operation in OPERATIONS.items():
        good = {int(status) for status in operation["responses"] if status < "4"}
        assert not good or good & Contract.seen[key] or operation["operationId"] in ("reset", "link", "unlink"), key
