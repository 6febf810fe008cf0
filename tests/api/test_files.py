# SPDX-License-Identifier: Apache-2.0
"""The page's files: what was there at the start, and nothing else of this machine."""
import gzip

import pytest


def test_the_page_and_its_own_paths(ui):
    for path in ("/", "/index.html", "/content", "/edge-host/network", "/login?next=%2F"):
        reply = ui.get(path)
        assert reply.status == 200 and b"<title>page" in reply.body
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert reply.headers["Cache-Control"] == "no-cache"
        assert "script-src 'self'" in reply.headers["Content-Security-Policy"]


def test_packed_files_go_out_packed(ui):
    plain = ui.get("/assets/app-1a2b.js")
    packed = ui.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "br, gzip"})
    assert plain.headers["Content-Encoding"] is None and packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body)
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["Content-Type"].startswith("text/javascript")
    assert ui.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip;q=0"}).headers["Content-Encoding"] is None
    assert ui.get("/assets/app-1a2b.css", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None


def test_what_has_a_digest_in_its_name_is_kept_for_ever(ui):
    reply = ui.get("/assets/app-1a2b.css")
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = ui.get("/assets/app-1a2b.css", headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", reply.headers["ETag"])
    assert ui.get("/assets/app-1a2b.css", headers={"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("path", [
    "/../../etc/passwd", "/assets/../../localui.log", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/tls/key.pem", "//etc/passwd",
    "/assets/../../../../../../../etc/hostname.txt", "/assets/%00.js", "/assets/app-1a2b.js%00.css", "/assets/x.js",
    "/index.html/x.js", "/secret-link.txt", "/assets/app-1a2b.js.gz", "/\\..\\tls\\key.pem",
])
def test_no_other_file_is_there(ui, path):
    reply = ui.get(path)
    assert reply.status == 404 or b"<title>page" in reply.body, reply
    assert b"root:" not in reply.body and b"PRIVATE KEY" not in reply.body


def test_a_link_out_of_the_directory_is_no_file(ui):
    assert b"<title>page" in ui.get("/secret-link").body


def test_files_are_only_read(ui):
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
        reply = ui.request(method, "/index.html")
        assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")
    reply = ui.request("HEAD", "/index.html")
    assert reply.status == 200 and reply.body == b"" and int(reply.headers["Content-Length"]) > 500


def test_a_file_that_came_later_is_not_there(ui):
    (ui.files / "later.js").write_text("1")
    assert ui.get("/later.js").status == 404
