# SPDX-License-Identifier: Apache-2.0
"""Who gets a session, what it is worth, and from where."""
import re
import time

import pytest

from localui import HOST, PASSWORD, USERS


def cookie_of(reply):
    return reply.headers["Set-Cookie"].split(";")[0]


@pytest.fixture(scope="module")
def cookie(ui):
    return cookie_of(ui.login())


def test_the_cookie_names_the_host_and_is_for_this_host_alone(ui):
    reply = ui.login()
    host_id = ui.get("/v1/public").json["hostId"]
    value, *attributes = reply.headers["Set-Cookie"].split("; ")
    assert re.fullmatch(f"palette-session-{host_id}=[0-9a-f]{{64}}", value)
    assert {"Path=/", "HttpOnly", "Secure", "SameSite=Strict"} == {a for a in attributes if not a.startswith("Max-Age=")}
    # What is left of the session, whose seconds run from its making.
    for attribute, whole in ((attributes[1], 7200), (ui.login(extendedSession=True).headers["Set-Cookie"].split("; ")[2], 86400)):
        assert whole - 10 <= int(attribute.removeprefix("Max-Age=")) <= whole
    assert ui.login(setCookie=False).headers["Set-Cookie"] is None


def test_a_session_by_cookie_and_by_header(ui, cookie):
    assert ui.get(HOST + "/dns", cookie=cookie).status == 200
    token = cookie.split("=")[1]
    for value in (token, f"Bearer {token}", f"bearer {token}"):
        assert ui.get(HOST + "/dns", headers={"Authorization": value}).status == 200
    # The header decides where both are there.
    assert ui.get(HOST + "/dns", cookie=cookie, headers={"Authorization": "Bearer " + "0" * 64}).status == 401
    for value in ("", "Bearer", "Basic YTpi", f"Bearer {token} x", "Bearer " + "a" * 500, f"{token}\x01"):
        assert ui.get(HOST + "/dns", headers={"Authorization": value}).status in (400, 401), value


def test_another_hosts_cookie_is_left_alone(ui, cookie):
    name, value = cookie.split("=")
    assert ui.get(HOST + "/dns", cookie=f"palette-session-000000000000={value}").status == 401
    assert ui.get(HOST + "/dns", cookie=f"palette-session-000000000000=x; {cookie}; other=1").status == 200
    assert ui.get(HOST + "/dns", cookie=f"x{name}={value}").status == 401


def test_no_session_is_fixed_from_outside(ui):
    """A token a client brings along is neither taken over nor answered with."""
    planted = "ab" * 32
    host_id = ui.get("/v1/public").json["hostId"]
    brought = {"Cookie": f"palette-session-{host_id}={planted}", "Authorization": f"Bearer {planted}"}
    reply = ui.post(USERS + "/login", {"username": "alice", "password": PASSWORD}, headers=brought)
    assert reply.status == 200 and planted not in cookie_of(reply)
    assert ui.get(HOST + "/dns", token=planted).status == 401
    assert cookie_of(ui.login()) != cookie_of(ui.login())


@pytest.mark.parametrize("headers, status", [
    ({}, 204),
    ({"X-Palette-Request": None}, 403),
    ({"X-Palette-Request": "2"}, 403),
    ({"Sec-Fetch-Site": "same-origin"}, 204),
    ({"Sec-Fetch-Site": "none"}, 204),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "https://127.0.0.1"}, 403),
    ({"Origin": "http://127.0.0.1:{port}"}, 403),
    ({"Origin": "https://127.0.0.1:{port}"}, 204),
    ({"Origin": "https://127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site"}, 403),
])
def test_a_change_by_cookie_comes_from_this_hosts_own_page(ui, cookie, headers, status):
    headers = {name: value and value.format(port=ui.port) for name, value in headers.items()}
    body = {"primary": "192.0.2.1", "alternate": "", "search": ""}
    reply = ui.put(HOST + "/dns", body, cookie=cookie, headers=headers)
    assert reply.status == status
    if status == 403:
        assert reply.json["code"] == "CsrfRefused"
        # A script's own header is no browser's doing.
        token = cookie.split("=")[1]
        assert ui.put(HOST + "/dns", body, token=token, headers=headers).status == 204


def test_a_login_from_another_page_is_refused(ui):
    body = {"username": "alice", "password": PASSWORD}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert ui.post(USERS + "/login", body, headers=headers).status == 403
    # What a foreign form can send without asking is no JSON.
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"):
        assert ui.post(USERS + "/login", body, headers={"Content-Type": kind}).status == 415


def test_even_reading_by_cookie_is_for_the_own_page(ui, cookie):
    reply = ui.get("/v1/edge-mgmt/edgehosts/connectivity/lookup?endpoint=127.0.0.1", cookie=cookie,
                   headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status == 403
    # No other origin is ever told that it may.
    reply = ui.request("OPTIONS", HOST, headers={"Origin": "https://evil.example",
                                                 "Access-Control-Request-Method": "GET"})
    assert reply.status == 405 and not any(h.lower().startswith("access-control") for h in reply.headers)


def test_logout_clears_the_cookie_and_ends_the_session(ui):
    cookie = cookie_of(ui.login())
    assert ui.get(HOST, cookie=cookie).status == 200
    reply = ui.post(USERS + "/logout", cookie=cookie)
    assert reply.status == 204 and "=; " in reply.headers["Set-Cookie"] and "Max-Age=0" in reply.headers["Set-Cookie"]
    # At once, also for answers that are shared for a second.
    reply = ui.get(HOST, cookie=cookie)
    assert reply.status == 401 and "Max-Age=0" in reply.headers["Set-Cookie"]


def test_a_renewal_by_cookie_does_not_show_the_token(ui):
    cookie = cookie_of(ui.login())
    reply = ui.post(USERS + "/token/renewal", cookie=cookie)
    assert reply.status == 200 and "Token" not in reply.json and cookie_of(reply) == cookie
    token = cookie.split("=")[1]
    assert ui.post(USERS + "/token/renewal", token=token).json["Token"]["Authorization"] == token


def test_sessions_survive_the_host_service_and_this_server(ui):
    token = ui.token()
    ui.host.restart()
    ui.wait_ready()
    assert ui.get(HOST + "/dns", token=token).status == 200
    ui.stop()
    ui.start()
    assert ui.get(HOST + "/dns", token=token).status == 200


def test_without_the_host_service_the_server_says_so_and_comes_back(ui):
    token = ui.token()
    ui.host.stop()
    for path in ("/v1/public", HOST, HOST + "/dns"):
        reply = ui.get(path, token=token, timeout=5)
        assert (reply.status, reply.json["code"], reply.headers["Retry-After"]) == (503, "HostUnavailable", "2")
    assert ui.get("/v1/ping").status == 200
    assert ui.login().status == 503
    ui.host.start()
    assert ui.get(HOST + "/dns", token=token).status == 200


def test_too_many_wrong_passwords_block_and_say_for_how_long(ui):
    """Last but one of this file: the block is this address's for a quarter of an hour."""
    replies = [ui.login(password="wrong")]
    until = time.monotonic() + 60
    while replies[-1].status != 429 or int(replies[-1].headers["Retry-After"]) < 60:
        assert time.monotonic() < until
        if replies[-1].status == 429:
            time.sleep(int(replies[-1].headers["Retry-After"]))
        replies.append(ui.login(password="wrong"))
    wrong = [r for r in replies if r.status == 401]
    assert len(wrong) == 5
    assert 800 < int(replies[-1].headers["Retry-After"]) <= 900
    assert replies[-1].json["details"]["retryAfterSeconds"] == int(replies[-1].headers["Retry-After"])
    # The right password does not get in either; who is in stays in; the console is not locked out.
    assert ui.login().status == 429
    assert str(ui.host.call("Access", "Login", "alice", PASSWORD, "tty1", False)[0])


def test_passwords_and_tokens_are_in_no_log(ui):
    ui.login(password="another-wr0ng-one")
    logs = ui.read_log() + ui.host.log() + ui.host.read("var/log/palette-audit.log")
    assert PASSWORD not in logs
    assert "another-wr0ng-one" not in logs
    assert not re.search(r"\b[0-9a-f]{64}\b", logs)
