#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""proxy.py - an HTTP proxy that opens TLS on the way, as companies' proxies do, and an origin behind it.

usage: proxy.py DIR ADDRESS PORT ORIGIN-PORT

DIR has the proxy's authority, ca.pem and ca-key.pem. Each request is a line of DIR/log. The origin answers
with a certificate of its own, which nobody trusts: only what comes through the proxy can be believed.
"""
import http.server
import pathlib
import socketserver
import ssl
import subprocess
import sys
import threading

DIR, ADDRESS, PORT, ORIGIN_PORT = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def openssl(*argv):
    subprocess.run(("openssl", *argv), check=True, capture_output=True)


def certificate(name):
    """For @name, by the proxy's authority."""
    path = DIR / f"{name}.pem"
    if not path.exists():
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-CA", DIR / "ca.pem",
                "-CAkey", DIR / "ca-key.pem", "-keyout", path, "-out", DIR / f"{name}.crt")
        path.write_text(path.read_text() + (DIR / f"{name}.crt").read_text())
    return path


def note(*words):
    with open(DIR / "log", "a") as log:
        print(*words, file=log, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


class Proxy(Handler):
    def do_CONNECT(self):
        name = self.path.rsplit(":", 1)[0]
        note("CONNECT", self.path)
        self.send_response(200)
        self.end_headers()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(name))
        try:
            with context.wrap_socket(self.connection, server_side=True) as inside:
                request = inside.recv(65536).decode().split("\r\n")[0]
                note("INSIDE", request)
                body = f"through the proxy to {name}\n".encode()
                inside.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        except ssl.SSLError as error:
            note("TLS", error.reason)
        self.close_connection = True

    def do_GET(self):
        note("GET", self.path)
        self.answer(f"through the proxy to {self.path}\n")


class Origin(Handler):
    def do_GET(self):
        note("ORIGIN", self.path)
        self.answer("straight from the origin\n")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


def main():
    origin = Server((ADDRESS, ORIGIN_PORT), Origin)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    proxy = Server((ADDRESS, PORT), Proxy)
    print("ready", flush=True)
    proxy.serve_forever()


main()
