# SPDX-License-Identifier: Apache-2.0
"""The certificate the Local UI serves: made once, kept, made again when damaged, or the owner's."""
import hashlib
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading

import pytest
from harness import HERE, run

TLS = HERE.parent.parent / "overlays/os/usr/lib/palette/tls"
BUILT = 1767225600  # 2026-01-01


@pytest.fixture
def tree(make_host):
    """Files alone: hostd is not started."""
    make_host.write("usr/lib/os-release", "ID=palette\n")
    os.utime(make_host.root / "usr/lib/os-release", (BUILT, BUILT))
    return make_host


def tls(host):
    """What it said on stdout and on stderr."""
    done = run("nsenter", f"--net=/run/netns/{host.netns}", *host.with_etc("sh", TLS, host.root))
    return done.stdout, done.stderr


def x509(host, *what, name="run/palette-tls/cert.pem"):
    return run("openssl", "x509", "-in", host.root / name, "-noout", *what).stdout


def fingerprint(host, **more):
    return x509(host, "-fingerprint", "-sha256", **more).strip().split("=")[1]


def own(host, days="1000"):
    directory = host.root / "etc/palette/tls"
    directory.mkdir(parents=True, exist_ok=True)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=edge.example.org", "-days", days,
        "-keyout", directory / "own-key.pem", "-out", directory / "own-cert.pem")


def test_a_first_boot_makes_a_pair(tree):
    tree.ip("address", "add", "192.0.2.10/24", "dev", "eth0")
    tls(tree)
    text = x509(tree, "-text")
    assert "NIST CURVE: P-256" in text and "ecdsa-with-SHA256" in text and "CA:FALSE" in text
    assert "TLS Web Server Authentication" in text and "IP Address:192.0.2.10" in text
    assert f"DNS:{os.uname().nodename}" in text and "DNS:localhost" in text
    # A clock that is wrong at the first boot is not in it.
    assert x509(tree, "-startdate").strip() == "notBefore=Jan  1 00:00:00 2026 GMT"
    assert x509(tree, "-enddate").strip() == "notAfter=Jan  1 00:00:00 2056 GMT"
    for path in ("etc/palette/tls/key.pem", "run/palette-tls/key.pem"):
        stat = (tree.root / path).stat()
        assert (stat.st_mode & 0o777, stat.st_uid, stat.st_gid) == (0o640, 0, 990), path
    stat = (tree.root / "run/palette-tls").stat()
    assert (stat.st_mode & 0o777, stat.st_gid) == (0o750, 990)
    assert sorted(os.listdir(tree.root / "etc/palette/tls")) == ["cert.pem", "key.pem"]


def test_the_pair_is_kept(tree):
    tls(tree)
    before = fingerprint(tree)
    assert "made" not in tls(tree)[0]
    assert fingerprint(tree) == before


@pytest.mark.parametrize("damage", ["no key", "no certificate", "empty key", "half a certificate", "other key"])
def test_a_damaged_pair_is_made_again(tree, damage):
    tls(tree)
    before = fingerprint(tree)
    directory = tree.root / "etc/palette/tls"
    if damage == "no key":
        (directory / "key.pem").unlink()
    elif damage == "no certificate":
        (directory / "cert.pem").unlink()
    elif damage == "empty key":
        (directory / "key.pem").write_text("")
    elif damage == "half a certificate":
        (directory / "cert.pem").write_text((directory / "cert.pem").read_text()[:200])
    else:
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
            directory / "key.pem")
    out, _ = tls(tree)
    assert "makes a certificate: " in out and fingerprint(tree) != before
    client_sees(tree)


def test_a_pair_of_the_owner_serves(tree):
    tls(tree)
    own(tree)
    tls(tree)
    assert fingerprint(tree) == fingerprint(tree, name="etc/palette/tls/own-cert.pem")
    assert (tree.root / "run/palette-tls/key.pem").stat().st_mode & 0o777 == 0o640
    for name in ("own-cert.pem", "own-key.pem"):
        (tree.root / "etc/palette/tls" / name).unlink()
    tls(tree)
    assert fingerprint(tree) == fingerprint(tree, name="etc/palette/tls/cert.pem")


@pytest.mark.parametrize("damage, says", [
    ("key", "own-key.pem is no private key in PEM without a passphrase"),
    ("certificate", "own-cert.pem is no certificate in PEM"),
    ("missing", "own-key.pem is missing or empty"),
    ("other", "own-key.pem does not belong to"),
    ("passphrase", "own-key.pem is no private key in PEM without a passphrase"),
])
def test_a_damaged_pair_of_the_owner_is_named_and_ours_serves(tree, damage, says):
    own(tree)
    directory = tree.root / "etc/palette/tls"
    if damage == "key":
        (directory / "own-key.pem").write_text("rubbish")
    elif damage == "certificate":
        (directory / "own-cert.pem").write_text("rubbish")
    elif damage == "missing":
        (directory / "own-key.pem").unlink()
    elif damage == "passphrase":
        run("openssl", "rsa", "-aes256", "-passout", "pass:secret", "-in", directory / "own-key.pem", "-out",
            directory / "own-key.new")
        (directory / "own-key.new").rename(directory / "own-key.pem")
    else:
        run("openssl", "genpkey", "-algorithm", "RSA", "-out", directory / "own-key.pem")
    _, err = tls(tree)
    assert "the self-signed certificate serves: " in err and says in err
    assert fingerprint(tree) == fingerprint(tree, name="etc/palette/tls/cert.pem")


def test_a_cut_between_key_and_certificate_is_made_good(tree):
    tls(tree)
    directory = tree.root / "etc/palette/tls"
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", directory / "key.pem")
    (directory / "new-cert.pem").write_text("half")
    tls(tree)
    client_sees(tree)
    assert sorted(os.listdir(directory)) == ["cert.pem", "key.pem"]


def client_sees(host):
    """A TLS server with the served files; the fingerprint its client gets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(host.root / "run/palette-tls/cert.pem", host.root / "run/palette-tls/key.pem")
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=lambda: context.wrap_socket(ours, server_side=True))
    thread.start()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    with client.wrap_socket(theirs) as connection:
        der = connection.getpeercert(binary_form=True)
    thread.join()
    digest = hashlib.sha256(der).hexdigest().upper()
    return ":".join(re.findall("..", digest))


def test_hostd_tells_the_fingerprint_a_client_sees(tree):
    tls(tree)
    tree.start()
    want = client_sees(tree)
    assert tree.call("Host", "Info", "")["localui-fingerprint"] == want
    assert tree.call("Access", "Public")["localui-fingerprint"] == want
    # With an own one too, at once.
    own(tree)
    tls(tree)
    assert tree.call("Host", "Info", "")["localui-fingerprint"] == client_sees(tree) != want


def test_the_unit_is_ordered_before_its_server():
    unit = pathlib.Path(HERE.parent.parent / "overlays/os/usr/lib/systemd/system/palette-tls.service").read_text()
    assert "Before=palette-localui.service" in unit and "RequiredBy=palette-localui.service" in unit
    subprocess.run(("sh", "-n", TLS), check=True)
