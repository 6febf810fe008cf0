# SPDX-License-Identifier: Apache-2.0
"""A palette-localui over TLS on loopback, beside a palette-hostd on a bus of its own."""
import contextlib
import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "host"))

from harness import BUILD, LOCALUI_UID, run  # noqa: E402

PROJECT = HERE.parent.parent
HOST = "/v1/edge-mgmt/edgehosts/current"
USERS = "/v1/users/default"
PASSWORD = "correct horse 7"


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def show_machine(host):
    """The figures of this machine are the host's."""
    for path in ("meminfo", "stat", "cpuinfo", "loadavg", "uptime", "version"):
        link = host.root / "proc" / path
        if not link.exists():
            link.symlink_to(f"/proc/{path}")
    for path in ("block", "class/block"):
        (host.root / "sys" / path).parent.mkdir(parents=True, exist_ok=True)
        if not (host.root / "sys" / path).exists():
            (host.root / "sys" / path).symlink_to(f"/sys/{path}")


class LocalUi:
    def __init__(self, host, port=0, files=None):
        self.host = host
        self.wanted = port
        self.files = files or host.tmp / "web"
        self.tls = host.tmp / "tls"
        self.process = None
        self.port = None
        self.address = "127.0.0.1"
        self.prefix = ()  # a command that runs it in a network of its own
        self.inside = contextlib.nullcontext  # connections are made in there
        self.make_certificate()

    def make_certificate(self, name="localhost"):
        self.tls.mkdir(exist_ok=True)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "3650", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
            "-keyout", self.tls / "key.pem", "-out", self.tls / "cert.pem")
        os.chown(self.tls / "key.pem", LOCALUI_UID, LOCALUI_UID)

    def start(self, wait=True, options=()):
        env = {"PATH": os.environ["PATH"], "DBUS_SYSTEM_BUS_ADDRESS": self.host.address}
        for name in ("LSAN_OPTIONS", "ASAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        self.log = open(self.host.tmp / "localui.log", "a")
        self.process = subprocess.Popen(
            (*self.prefix, "setpriv", f"--reuid={LOCALUI_UID}", f"--regid={LOCALUI_UID}", "--clear-groups",
             BUILD / "bin/palette-localui", "--config", self.host.tmp / "localui.conf",
             "--certificate", self.tls / "cert.pem", "--key", self.tls / "key.pem",
             "--files", self.files, "--api", PROJECT / "localui/openapi.json",
             "--link", self.host.root / "run/palette-link/door",
             "--port", str(self.port or self.wanted), *options),
            env=env, text=True, stdout=subprocess.PIPE, stderr=self.log)
        self.host.processes.append(self.process)
        if not (self.port or self.wanted):
            line = self.process.stdout.readline()
            assert line, "palette-localui did not start:\n" + self.read_log()
            self.port = int(line)
        self.port = self.port or self.wanted
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=20):
        """Until the host service's answers come through."""
        until = time.monotonic() + seconds
        while True:
            try:
                if self.get("/v1/public").status == 200:
                    return
            except OSError:
                pass
            assert time.monotonic() < until, "palette-localui does not answer:\n" + self.read_log()
            time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(10) == 0, self.read_log()

    def read_log(self):
        return (self.host.tmp / "localui.log").read_text()

    # requests

    def context(self, **more):
        context = ssl.create_default_context(cafile=str(self.tls / "cert.pem"))
        context.check_hostname = False
        for name, value in more.items():
            setattr(context, name, value)
        return context

    def connect(self, timeout=30):
        """A TLS connection; bytes are the caller's."""
        with self.inside():
            raw = socket.create_connection((self.address, self.port), timeout)
        return self.context().wrap_socket(raw)

    def request(self, method, path, body=None, token=None, cookie=None, headers=None, timeout=60):
        connection = http.client.HTTPSConnection(self.address, self.port, context=self.context(),
                                                 timeout=timeout)
        all_headers = {}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            all_headers["Content-Type"] = "application/json"
        if token:
            all_headers["Authorization"] = f"Bearer {token}"
        if cookie:
            all_headers |= {"Cookie": cookie, "X-Palette-Request": "1"}
        for name, value in (headers or {}).items():
            all_headers.pop(name, None)
            if value is not None:
                all_headers[name] = value
        try:
            with self.inside():
                connection.connect()
            connection.request(method, path, body, all_headers)
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, body, **more)

    def login(self, user="alice", password=PASSWORD, **more):
        return self.post(USERS + "/login", {"username": user, "password": password} | more)

    def token(self, **more):
        reply = self.login(**more)
        assert reply.status == 200, reply
        return reply.json["Token"]["Authorization"]
