# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, many, wrong or hostile; and the others meanwhile."""
import concurrent.futures
import contextlib
import http.client
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest

from localui import HOST, PASSWORD, PROJECT, USERS

LIMITS = {name: eval(value) for name, value in re.findall(
    r"#define (LIMIT_\w+)\s+\(?([0-9][0-9 *]*)\)?", (PROJECT / "localui/limits.h").read_text())}


def raw(ui, data, timeout=10):
    """What the server answers to @data over TLS, up to the end of the connection."""
    with ui.connect(timeout) as tls:
        tls.sendall(data)
        got = b""
        try:
            while chunk := tls.recv(65536):
                got += chunk
        except (ssl.SSLError, ConnectionError):
            pass
        return got


def plain(ui, data, timeout=10):
    with socket.create_connection(("127.0.0.1", ui.port), timeout) as connection:
        if data:
            connection.sendall(data)
        got = b""
        try:
            while chunk := connection.recv(65536):
                got += chunk
        except ConnectionError:
            pass
        return got


def fast(ui):
    """Others are served, and soon."""
    start = time.monotonic()
    assert ui.get("/v1/ping", timeout=5).status == 200
    return time.monotonic() - start < 2


# TLS

@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_protocols_are_refused(ui, version):
    context = ui.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = version
    with socket.create_connection(("127.0.0.1", ui.port), 10) as connection, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(connection)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_new_protocols_are_spoken_with_forward_secrecy_and_aead(ui, version):
    context = ui.context(minimum_version=version, maximum_version=version)
    with context.wrap_socket(socket.create_connection(("127.0.0.1", ui.port), 10)) as tls:
        name = tls.cipher()[0]
        assert "GCM" in name or "CHACHA20" in name
        assert version == ssl.TLSVersion.TLSv1_3 or name.startswith("ECDHE-")


@pytest.mark.parametrize("ciphers", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "NULL", "DES-CBC3-SHA",
                                     "DHE-RSA-AES128-GCM-SHA256", "ADH-AES128-SHA"])
def test_weak_ciphers_are_refused(ui, ciphers):
    done = subprocess.run(("openssl", "s_client", "-connect", f"127.0.0.1:{ui.port}", "-tls1_2", "-cipher",
                           f"{ciphers}:@SECLEVEL=0"), input="", capture_output=True, text=True, timeout=20)
    assert done.returncode != 0


def test_a_new_certificate_is_served_after_a_hangup(ui):
    before = ui.get("/v1/public").json["fingerprint"]
    with ui.connect() as tls:
        ui.make_certificate("other")
        ui.process.send_signal(1)
        until = time.monotonic() + 10
        while True:
            try:
                after = ui.get("/v1/public").json["fingerprint"]
                break
            except ssl.SSLError:
                assert time.monotonic() < until
        tls.sendall(b"GET /v1/ping HTTP/1.1\r\nHost: h\r\n\r\n")
        assert tls.recv(100).startswith(b"HTTP/1.1 200")
    assert after != before
    # A damaged one is refused, and the good one stays.
    text = (ui.tls / "cert.pem").read_text()
    (ui.tls / "key.pem").write_text("nonsense")
    ui.process.send_signal(1)
    until = time.monotonic() + 10
    while "stays as it was" not in ui.read_log():
        assert time.monotonic() < until
    assert (ui.tls / "cert.pem").read_text() == text and ui.get("/v1/public").json["fingerprint"] == after


# plain HTTP

@pytest.mark.parametrize("request_text, location", [
    ("GET / HTTP/1.1\r\nHost: edge-1:{port}\r\n\r\n", "https://edge-1:{port}/"),
    ("GET /content?a=b HTTP/1.1\r\nHost: [::1]\r\n\r\n", "https://[::1]:{port}/content?a=b"),
    ("POST /x HTTP/1.1\r\nhost:192.0.2.1\r\nContent-Length: 5\r\n\r\nhello", "https://192.0.2.1:{port}/x"),
    ("GET / HTTP/1.0\r\n\r\n", "https://127.0.0.1:{port}/"),
    ("GET / HTTP/1.1\r\nHost: evil/path\r\n\r\n", "https://127.0.0.1:{port}/"),
    ("GET / HTTP/1.1\r\nHost: a\x0bb\r\n\r\n", "https://127.0.0.1:{port}/"),
    ("GET //evil.example/ HTTP/1.1\r\nHost: edge\r\n\r\n", "https://edge:{port}/"),
    ("GET http://evil.example/ HTTP/1.1\r\nHost: edge\r\n\r\n", "https://edge:{port}/"),
    ("GET /a\"<b> HTTP/1.1\r\nHost: edge\r\n\r\n", "https://edge:{port}/"),
])
def test_plain_http_is_sent_to_https(ui, request_text, location):
    answer = plain(ui, request_text.format(port=ui.port).encode()).decode()
    head = answer.split("\r\n")
    assert head[0] == "HTTP/1.1 308 Permanent Redirect"
    assert "Location: " + location.format(port=ui.port) in head
    assert sum(line.startswith("Location") for line in head) == 1


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"SSH-2.0-x\r\n\r\n", b"get / HTTP/1.1\r\n\r\n", b"A" * 5000,
                                  b"GET / HTTP/1.1\r\nX: " + b"y" * 5000, b"GET /\x00 HTTP/1.1\r\n\r\n", b"\x16\x03"])
def test_what_is_neither_is_cut_off(ui, data):
    if data == b"\x16\x03":
        with socket.create_connection(("127.0.0.1", ui.port), 5) as connection:
            connection.sendall(data + b"\x00" * 200)
            connection.recv(100)
    else:
        assert b"200" not in plain(ui, data)
    assert fast(ui)


def test_a_redirect_that_comes_in_pieces(ui):
    with socket.create_connection(("127.0.0.1", ui.port), 10) as connection:
        for letter in b"GET /slow HTTP/1.1\r\nHost: edge\r\n\r\n":
            connection.sendall(bytes([letter]))
            time.sleep(0.01)
        assert b"/slow" in connection.recv(1000)


def test_a_silent_connection_is_closed_after_its_time(ui):
    start = time.monotonic()
    assert plain(ui, b"", timeout=LIMITS["LIMIT_FIRST_BYTE_MS"] / 1000 + 5) == b""
    assert time.monotonic() - start < LIMITS["LIMIT_FIRST_BYTE_MS"] / 1000 + 3


# slow clients

def test_slow_clients_stop_nobody_and_are_cut_off(ui):
    """Slowloris in three kinds: a silent TLS handshake, a head that drips, a body that drips."""
    token = ui.token()
    start = time.monotonic()
    silent = []
    for _ in range(30):
        connection = socket.create_connection(("127.0.0.1", ui.port), 10)
        connection.sendall(b"\x16\x03\x01\x02")  # a handshake that never goes on
        silent.append(connection)
    heads = [ui.connect() for _ in range(25)]
    bodies = [ui.connect() for _ in range(25)]
    for tls in heads:
        tls.sendall(b"GET /v1/ping HTTP/1.1\r\nHost: h\r\n")
    for tls in bodies:
        tls.sendall(b"POST " + USERS.encode() + b"/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 400\r\n\r\n{")
    limit = max(LIMITS["LIMIT_HEAD_SECONDS"], LIMITS["LIMIT_BODY_SECONDS"]) + 5
    waiting, worst = heads + bodies, 0
    while waiting and time.monotonic() - start < limit:
        before = time.monotonic()
        assert ui.get(HOST, token=token, timeout=5).status == 200
        worst = max(worst, time.monotonic() - before)
        for tls in list(waiting):
            try:
                tls.sendall(b"X" if tls in bodies else b"X-a: b\r\n")
            except OSError:
                waiting.remove(tls)
        time.sleep(0.5)
    assert not waiting, f"{len(waiting)} of 50 slow clients are still there after {limit} s"
    assert worst < 2, f"others waited {worst:.1f} s"
    for connection in silent:
        # They are long over: reset, as their bytes were never taken.
        connection.settimeout(1)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""
        connection.close()


def test_a_client_that_does_not_read_stops_nobody(ui, token):
    lazy = []
    for _ in range(20):
        tls = ui.connect()
        tls.sendall(f"GET {HOST}/audits/download HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n\r\n".encode())
        lazy.append(tls)
    assert all(fast(ui) for _ in range(10))
    for tls in lazy:
        tls.close()


def test_a_download_that_is_cut_is_known_by_its_end(ui):
    old = ui.host.root / "var/log/palette-audit.log.1"
    row = ('{"time":"2026-01-01T00:00:00Z","actor":"alice","from":"192.0.2.7","action":"login","object":"%s",'
           '"result":"ok","reason":""}\n' % ("x" * 200))
    with open(old, "w") as file:
        file.writelines(row for _ in range(100000))
    try:
        for cut in (False, True):
            token = ui.token()
            with ui.connect() as tls:
                tls.sendall(f"GET {HOST}/audits/download HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n\r\n".encode())
                reply = http.client.HTTPResponse(tls)
                reply.begin()
                assert reply.status == 200 and reply.read(1000)
                if not cut:
                    assert reply.read().count(b"\n") > 100000 - 10
                    continue
                assert ui.post(USERS + "/logout", token=token).status in (200, 204)
                with pytest.raises(http.client.IncompleteRead):
                    reply.read()
    finally:
        old.unlink()


def test_an_address_has_a_limit_and_gets_its_places_back(ui):
    most = LIMITS["LIMIT_CONNECTIONS_PER_ADDRESS"]
    held, refused = [], 0
    for _ in range(most + 20):
        connection = socket.create_connection(("127.0.0.1", ui.port), 10)
        try:
            tls = ui.context().wrap_socket(connection)
            held.append(tls)
        except OSError:
            refused += 1
    assert len(held) <= most and refused >= 20 and len(held) > most - 10
    # Another address is not its concern.
    with socket.create_connection(("127.0.0.1", ui.port), 5, source_address=("127.0.0.2", 0)) as other:
        with ui.context().wrap_socket(other) as tls:
            tls.sendall(b"GET /v1/ping HTTP/1.1\r\nHost: h\r\n\r\n")
            assert tls.recv(100).startswith(b"HTTP/1.1 200")
    for tls in held:
        tls.close()
    until = time.monotonic() + 10
    while True:
        try:
            if ui.get("/v1/ping").status == 200:
                break
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)


# requests that are wrong

@pytest.mark.parametrize("data, status", [
    (b"GET /v1/ping HTTP/1.1\r\n\r\n", 400),  # no Host
    (b"GET /v1/ping HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n", 400),
    (b"GET /v1/ping HTTP/9.9\r\nHost: h\r\n\r\n", 505),
    (b"GET /v1/ping\r\n\r\n", 400),
    (b"GET /v1/ping HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 40000 + b"\r\n\r\n", 431),
    (b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 414),
    (b"POST " + USERS.encode() + b"/login HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST " + USERS.encode() + b"/login HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", (400, 411)),
    (b"POST " + USERS.encode() + b"/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    (b"POST " + USERS.encode() + b"/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
     b"Content-Length: 1000000\r\n\r\n", 413),
    (b"POST " + USERS.encode() + b"/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\r\n", 400),
])
def test_wrong_requests_are_refused(ui, data, status):
    answer = raw(ui, data.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    got = int(answer.split(b" ")[1])
    assert got in (status if isinstance(status, tuple) else (status,)), answer[:300]
    assert fast(ui)


@pytest.mark.parametrize("body, words", [
    ("", "missing"), ("nonsense", "not JSON"), ("[]", "JSON object"), ("{}", "username is missing"),
    ('{"username":"a"}', "password is missing"), ('{"username":1,"password":"b"}', "username must be a string"),
    ('{"username":"a","password":"b","x":1}', "x is no field"), ('{"username":"a","username":"b"}', "not JSON"),
    ('{"username":"' + "a" * 300 + '","password":"b"}', "at most 256"), ('{"a":' * 20 + "1" + "}" * 20, "nested deeper"),
    ('{"username":"a\\u0000b","password":"b"}', "JSON"), (b'{"username":"\xff","password":"b"}', "not JSON"),
    ('{"username":"a","password":"b","setCookie":"yes"}', "true or false"),
])
def test_wrong_bodies_are_refused_and_named(ui, body, words):
    reply = ui.post(USERS + "/login", body, headers={"Content-Type": "application/json"})
    assert reply.status == 400 and reply.json["code"] == "BadRequest" and words in reply.json["message"], reply


def test_a_large_body_needs_a_good_session_first(ui, token):
    head = (f"PUT {HOST}/configurations HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
            "Content-Length: 300000\r\nAuthorization: ")
    # Answered before a byte of it has come.
    assert raw(ui, (head + "0" * 64 + "\r\n\r\n").encode()).startswith(b"HTTP/1.1 401")
    assert raw(ui, (head.replace("300000", "3000000") + token + "\r\n\r\n").encode()).startswith(b"HTTP/1.1 413")
    body = {"httpProxy": "", "httpsProxy": "", "noProxy": "", "caCerts": ["A" * 200000]}
    assert ui.put(HOST + "/configurations", body, token=token).status == 422


def test_nothing_from_a_request_gets_into_a_header(ui, token):
    for path in ("/v1/x%0d%0aSet-Cookie:%20a=b", "/%0d%0aX-Evil:%201", f"{HOST}/adapters/a%0d%0aX-Evil:1"):
        reply = ui.get(path, token=token)
        assert reply.status in (200, 404) and "X-Evil" not in reply.headers and "Set-Cookie" not in reply.headers
    answer = plain(ui, b"GET /a%0d%0aX-Evil:1 HTTP/1.1\r\nHost: e\r\n\r\n")
    assert b"\r\nX-Evil" not in answer


def test_a_storm_of_requests_is_answered(ui, token):
    """All at once, from eight threads; each answer is a good one."""
    def some(_):
        return [ui.get(HOST if i % 2 else HOST + "/adapters", token=token).status for i in range(20)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert {status for row in pool.map(some, range(8)) for status in row} == {200}


def test_it_stops_within_its_time_whatever_is_open(ui, token):
    """Last: streams, a held connection, an upload under way."""
    stream = ui.connect()
    stream.sendall(f"GET /v1/edge-mgmt/events HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n\r\n".encode())
    assert stream.recv(1000)
    idle = ui.connect()
    upload = ui.post(HOST + "/content/uploads", {"name": "x", "sizeBytes": 10 ** 6, "sha256": ""}, token=token).json
    half = ui.connect()
    half.sendall(f"PUT {HOST}/content/uploads/{upload['uploadId']} HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n"
                 "Content-Length: 1000000\r\n\r\n".encode() + b"x" * 1000)
    # The host service answers nobody: these wait for it, one for the host as a whole.
    ui.host.hostd.send_signal(signal.SIGSTOP)
    waiting = [ui.connect() for _ in range(3)]
    for tls, path in zip(waiting, (HOST, HOST + "/dns", "/v1/public")):
        tls.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n\r\n".encode())
    time.sleep(0.5)
    start = time.monotonic()
    try:
        ui.stop()
        assert time.monotonic() - start < 5
    finally:
        ui.host.hostd.send_signal(signal.SIGCONT)
    for tls in waiting:
        tls.close()
    for tls in (stream, idle, half):
        tls.close()
