# SPDX-License-Identifier: Apache-2.0
"""What the tools of those who look for weaknesses say: nmap of the ciphers, slowhttptest of slow clients."""
import re
import subprocess

import pytest


def test_nmap_finds_strong_ciphers_only(ui):
    out = subprocess.run(("nmap", "-Pn", "-p", str(ui.port), "--script", "+ssl-enum-ciphers", "127.0.0.1"), check=True,
                         capture_output=True, text=True, timeout=120).stdout
    assert set(re.findall(r"(TLSv1\.\d|SSLv\d):", out)) == {"TLSv1.2", "TLSv1.3"}, out
    assert re.findall(r"least strength: (\w)", out) == ["A"] and "warnings" not in out, out
    print(out)


@pytest.mark.parametrize("kind", [("-H",), ("-B",), ("-X", "-w", "64", "-y", "128", "-n", "2", "-z", "16")],
                         ids=["slow-heads", "slow-bodies", "slow-reading"])
def test_slowhttptest_does_not_stop_the_service(ui, kind):
    """60 slow clients of one address; every second another one asks, and has to be answered within three."""
    out = subprocess.run(("slowhttptest", *kind, "-c", "60", "-r", "60", "-i", "2", "-l", "8", "-p", "3",
                          "-u", f"https://127.0.0.1:{ui.port}/v1/ping"), capture_output=True, text=True, timeout=60).stdout
    text = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert re.findall(r"service available: +(\w+)", text), text
    assert set(re.findall(r"service available: +(\w+)", text)) == {"YES"}, text
    assert ui.get("/v1/ping", timeout=5).status == 200
