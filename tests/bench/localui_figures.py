# SPDX-License-Identifier: Apache-2.0
"""Figures of the Local UI, each beside nginx serving or taking the same bytes over TLS in the same run."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "api"))

from built import BUILD  # noqa: E402
from localui import HOST, LocalUi, show_machine  # noqa: E402
from harness import Host  # noqa: E402

ROUNDS = 5
SECONDS = 5
UPLOAD_BYTES = int(os.environ.get("UPLOAD_MIB", 2048)) << 20
NGINX = """user root; daemon off; worker_processes auto; pid {dir}/nginx.pid; error_log {dir}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; client_body_temp_path {dir}/body; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;
uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s; keepalive_requests 10000000; sendfile on;
server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {tls}/cert.pem; ssl_certificate_key {tls}/key.pem;
  ssl_protocols TLSv1.2 TLSv1.3; root {dir}/www; default_type application/json; client_max_body_size 0;
  location /put/ {{ dav_methods PUT; }} }} }}
"""


def start():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="localui-bench.", dir=os.environ.get("TMPDIR")))
    directory.chmod(0o755)
    host = Host(directory, 77)
    show_machine(host)
    host.start_network()
    host.start_bus()
    host.start()
    host.create_admin()
    ui = LocalUi(host, files=BUILD / "web").start()
    return host, ui, directory


def start_nginx(host, ui, directory, body):
    base = directory / "nginx"
    (base / "www/put").mkdir(parents=True)
    (base / "www/host.json").write_bytes(body)
    base.chmod(0o755)
    port = ui.port + 1 if ui.port < 60000 else ui.port - 1
    (base / "nginx.conf").write_text(NGINX.format(dir=base, port=port, tls=ui.tls))
    host.spawn("nginx", "-c", base / "nginx.conf", "-p", base, stderr=subprocess.DEVNULL)
    for _ in range(100):
        done = subprocess.run(("curl", "-sk", f"https://127.0.0.1:{port}/host.json"), capture_output=True)
        if done.stdout == body:
            return port
        time.sleep(0.05)
    raise AssertionError((base / "error.log").read_text())


def rss(process):
    """MB of a process and its children."""
    total, seen = 0, [process]
    while seen:
        pid = seen.pop()
        try:
            total += int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1000
            seen += [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except (OSError, TypeError):
            pass
    return total


def memory(host, ui, row):
    rest = rss(ui.process.pid) + rss(host.hostd.pid)
    row("Local UI: RSS of localui + hostd at rest", "%.1f MB" % rest, "-", "-", "<= 20 MB")
    tokens = [ui.token(setCookie=False) for _ in range(200)]
    # As many have a page open as one address may have connections.
    pages = []
    for token in tokens[:90]:
        tls = ui.connect()
        tls.sendall(f"GET /v1/edge-mgmt/events HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n\r\n".encode())
        tls.recv(1000)
        pages.append(tls)
    for token in tokens[:180]:
        assert ui.get(HOST, token=token).status == 200
    used = rss(ui.process.pid) + rss(host.hostd.pid)
    row("Local UI: the same with 200 sessions, 90 pages open", "%.1f MB" % used, "-", "-", "<= 40 MB")
    for tls in pages:
        tls.close()
    # The next figures of a stream find out that nobody reads them.
    time.sleep(6)


def wrk(url, token=None):
    """(requests per second, p99 in ms)"""
    header = ("-H", f"Authorization: Bearer {token}") if token else ()
    out = subprocess.run(("wrk", "-t1", "-c50", f"-d{SECONDS}s", "--latency", *header, url), check=True,
                         capture_output=True, text=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit])


def requests(ui, port, row):
    token = ui.token()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(wrk(f"https://127.0.0.1:{ui.port}{HOST}", token))
        theirs.append(wrk(f"https://127.0.0.1:{port}/host.json"))
    ratio = statistics.median(a[0] / b[0] for a, b in zip(ours, theirs))
    middle = lambda pairs, i: statistics.median(p[i] for p in pairs)
    row("Local UI: GET edgehosts/current, TLS keep-alive, 50 connections",
        "%.0f/s, p99 %.1f ms" % (middle(ours, 0), middle(ours, 1)),
        "nginx %.0f/s, p99 %.1f ms" % (middle(theirs, 0), middle(theirs, 1)), "%.2f x" % ratio, ">= 0.5 x")


def curl(*argv):
    return subprocess.run(("curl", "-skf", *argv), check=True, capture_output=True).stdout


def our_upload(ui, token, file, digest, number):
    start = time.monotonic()
    upload = ui.post(HOST + "/content/uploads", {"name": f"bench-{number}", "sizeBytes": UPLOAD_BYTES,
                                                 "sha256": digest}, token=token).json
    url = f"https://127.0.0.1:{ui.port}{HOST}/content/uploads/{upload['uploadId']}"
    curl("-H", f"Authorization: {token}", "-H", "Expect:", "-T", file, url)
    reply = ui.post(f"{HOST}/content/uploads/{upload['uploadId']}/finish", token=token, timeout=600)
    assert reply.status == 200 and reply.json["sha256"] == digest, reply
    seconds = time.monotonic() - start
    assert ui.request("DELETE", f"{HOST}/content/bench-{number}", token=token).status == 204
    return seconds


def their_upload(port, file, digest, directory):
    target = directory / "nginx/www/put/file"
    start = time.monotonic()
    curl("-H", "Expect:", "-T", file, f"https://127.0.0.1:{port}/put/file")
    fd = os.open(target, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
    assert subprocess.run(("sha256sum", target), check=True, capture_output=True, text=True).stdout[:64] == digest
    seconds = time.monotonic() - start
    target.unlink()
    return seconds


def uploads(ui, port, directory, row):
    file = directory / "upload.bin"
    hasher = hashlib.sha256()
    with open(file, "wb") as out:
        block = os.urandom(1 << 20)
        for i in range(UPLOAD_BYTES >> 20):
            piece = i.to_bytes(8, "little") + block[8:]
            out.write(piece)
            hasher.update(piece)
    digest, token = hasher.hexdigest(), ui.token(extendedSession=True)
    pairs = [(our_upload(ui, token, file, digest, i), their_upload(port, file, digest, directory)) for i in range(3)]
    ours, theirs = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    speed = statistics.median(b / a for a, b in pairs)
    row("Local UI: upload of %.1f GiB, verified and flushed" % (UPLOAD_BYTES / (1 << 30)), "%.1f s" % ours,
        "nginx PUT over TLS + fsync + sha256sum %.1f s" % theirs, "%.2f x" % speed, ">= 0.8 x")


def start_cockpit(host, ui, directory):
    """Debian's cockpit-ws with the same certificate; its port."""
    certs = directory / "xdg/cockpit/ws-certs.d"
    certs.mkdir(parents=True)
    (certs / "0.cert").write_bytes((ui.tls / "cert.pem").read_bytes())
    (certs / "0.key").write_bytes((ui.tls / "key.pem").read_bytes())
    port = ui.port + 2 if ui.port < 60000 else ui.port - 2
    host.spawn("env", f"XDG_CONFIG_DIRS={directory / 'xdg'}", "/usr/lib/cockpit/cockpit-ws", "--address=127.0.0.1",
               f"--port={port}", stderr=subprocess.DEVNULL)
    for _ in range(200):
        done = subprocess.run(("curl", "-sk", f"https://127.0.0.1:{port}/"), capture_output=True)
        if done.returncode == 0:
            return port
        time.sleep(0.05)
    raise AssertionError("cockpit-ws does not answer")


def login(host, ui, directory, row):
    """The page in Chromium, beside Cockpit's, which serves the same purpose on the same machine."""
    cockpit = start_cockpit(host, ui, directory)
    out = subprocess.run(("node", HERE / "login_page.mjs", f"https://127.0.0.1:{ui.port}/", "input#user",
                          f"https://127.0.0.1:{cockpit}/", "#login-user-input"),
                         check=True, capture_output=True, text=True).stdout
    ours, theirs = (json.loads(line) for line in out.splitlines())
    tell = "{bytes:,} bytes, {requests} requests, {ms:.0f} ms".format_map
    row("Local UI: login page in Chromium, until it takes text", tell(ours), "Cockpit's " + tell(theirs),
        "%.2f x" % (ours["ms"] / theirs["ms"]), "<= 220 kB, <= 6 requests")


FIGURES = ("memory", "requests", "uploads", "login")


def figures(row, names=FIGURES):
    host, ui, directory = start()
    try:
        port = start_nginx(host, ui, directory, ui.get(HOST, token=ui.token()).body)
        if "memory" in names:
            memory(host, ui, row)
        if "requests" in names:
            requests(ui, port, row)
        if "uploads" in names:
            uploads(ui, port, directory, row)
        if "login" in names:
            login(host, ui, directory, row)
    finally:
        host.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    figures(lambda *cells: print("| " + " | ".join(cells) + " |", flush=True), sys.argv[1:] or FIGURES)
