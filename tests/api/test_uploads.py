# SPDX-License-Identifier: Apache-2.0
"""Uploads that break off, come by curl, come at once, and what they may cost."""
import hashlib
import json
import os
import subprocess
import threading
import time

import pytest

from localui import HOST

MIB = 1 << 20


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("upload") / "content.tar.zst"
    path.write_bytes(os.urandom(MIB) * 40)
    return path


def curl(ui, token, *argv):
    done = subprocess.run(("curl", "-sS", "--cacert", ui.tls / "cert.pem", "--connect-to", f"localhost:{ui.port}:127.0.0.1:"
                           f"{ui.port}", "-H", f"Authorization: Bearer {token}", "-w", "\n%{http_code}", *argv),
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body) if body else None


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def begin(ui, token, name, path, sha256=None):
    reply = ui.post(HOST + "/content/uploads", {"name": name, "sizeBytes": path.stat().st_size,
                                                "sha256": digest(path) if sha256 is None else sha256}, token=token)
    assert reply.status == 201, reply
    return reply.json


def at(ui, token, upload):
    return ui.get(f"{HOST}/content/uploads/{upload['uploadId']}", token=token).json["offset"]


def test_by_curl_in_one_piece(ui, token, file):
    upload = begin(ui, token, "one.tar.zst", file)
    url = f"https://localhost:{ui.port}{HOST}/content/uploads/{upload['uploadId']}"
    assert curl(ui, token, "-T", file, url) == (200, upload | {"offset": file.stat().st_size})
    status, item = curl(ui, token, "-X", "POST", url + "/finish")
    assert status == 200 and item["sha256"] == digest(file)


def test_by_curl_as_a_form(ui, token, file):
    url = f"https://localhost:{ui.port}{HOST}/actions/upload-content"
    status, item = curl(ui, token, "-F", f"sha256={digest(file)}", "-F", f"uploadFile=@{file};filename=form.tar.zst", url)
    assert (status, item["name"], item["sha256"]) == (200, "form.tar.zst", digest(file))


def cut_off(ui, token, upload, file, bytes_sent):
    """Sends the head and a part of the body, and breaks the connection."""
    size = file.stat().st_size
    with ui.connect() as tls, open(file, "rb") as source:
        tls.sendall(f"PUT {HOST}/content/uploads/{upload['uploadId']} HTTP/1.1\r\nHost: h\r\n"
                    f"Authorization: {token}\r\nContent-Length: {size}\r\n\r\n".encode())
        tls.sendall(source.read(bytes_sent))


def test_what_came_before_a_break_counts(ui, token, file):
    upload = begin(ui, token, "broken.tar.zst", file)
    cut_off(ui, token, upload, file, 9 * MIB + 77)
    until = time.monotonic() + 10
    offset = -1
    while offset != at(ui, token, upload) or not offset:
        assert time.monotonic() < until
        offset = at(ui, token, upload)
        time.sleep(0.5)
    # What was still on its way is lost with the connection, what was received is not.
    assert MIB < offset <= 9 * MIB + 77
    # Going on: the same beginning gives the same upload, also to another connection and server.
    ui.stop()
    ui.start()
    again = begin(ui, token, "broken.tar.zst", file)
    assert again == upload | {"offset": offset}
    url = f"https://localhost:{ui.port}{HOST}/content/uploads/{upload['uploadId']}"
    assert curl(ui, token, "-C", str(offset), "-T", file, url)[0] == 200
    reply = ui.post(f"{HOST}/content/uploads/{upload['uploadId']}/finish", token=token)
    assert reply.status == 200 and reply.json["sha256"] == digest(file)


def test_two_senders_of_one_upload_do_not_mix(ui, token, file):
    upload = begin(ui, token, "twice.tar.zst", file)
    path = f"{HOST}/content/uploads/{upload['uploadId']}"
    with ui.connect() as tls:
        tls.sendall(f"PUT {path} HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\nContent-Length: 1000\r\n\r\n".encode()
                    + b"x" * 100)
        time.sleep(0.3)
        assert ui.put(path, b"y" * 100, token=token).status == 409
        assert ui.post(path + "/finish", token=token).status == 409
    ui.request("DELETE", path, token=token)


def test_uploads_stop_nobody_and_have_a_limit(ui, token, file):
    held = []
    for i in range(8):
        upload = begin(ui, token, f"held-{i}", file)
        tls = ui.connect()
        tls.sendall(f"PUT {HOST}/content/uploads/{upload['uploadId']} HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n"
                    "Content-Length: 1000000\r\n\r\n".encode() + b"x" * 10)
        held.append((tls, upload))
    time.sleep(0.5)
    extra = begin(ui, token, "ninth", file)
    reply = ui.put(f"{HOST}/content/uploads/{extra['uploadId']}", b"x", token=token)
    assert reply.status == 503 and reply.json["code"] == "Busy"
    start = time.monotonic()
    assert ui.get(HOST, token=token).status == 200 and time.monotonic() - start < 2
    for tls, upload in held:
        tls.close()
    time.sleep(0.5)
    for upload in [u for _, u in held] + [extra]:
        assert ui.request("DELETE", f"{HOST}/content/uploads/{upload['uploadId']}", token=token).status == 204


def test_memory_stays_small_while_gigabytes_come(ui, token, file):
    """Four uploads of 40 MiB at once; the server holds two buffers for each."""
    rss = lambda: int(next(line for line in open(f"/proc/{ui.process.pid}/status") if "VmHWM" in line).split()[1])
    before = rss()
    uploads = [begin(ui, token, f"many-{i}", file, "") for i in range(4)]
    def send(upload):
        url = f"https://localhost:{ui.port}{HOST}/content/uploads/{upload['uploadId']}"
        assert curl(ui, token, "-T", file, url)[0] == 200
    threads = [threading.Thread(target=send, args=(u,)) for u in uploads]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert [at(ui, token, u) for u in uploads] == [file.stat().st_size] * 4
    assert rss() - before < 16 * 1024
    for upload in uploads:
        ui.request("DELETE", f"{HOST}/content/uploads/{upload['uploadId']}", token=token)


def test_an_upload_needs_a_session_before_a_byte_is_taken(ui, file):
    with ui.connect() as tls:
        tls.sendall(f"PUT {HOST}/content/uploads/1 HTTP/1.1\r\nHost: h\r\nAuthorization: {'0' * 64}\r\n"
                    "Content-Length: 1000000000\r\n\r\n".encode())
        assert tls.recv(100).startswith(b"HTTP/1.1 401")
