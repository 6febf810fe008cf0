# SPDX-License-Identifier: Apache-2.0
"""The unit of the service, and the program's own words."""
import subprocess

from harness import BUILD
from localui import PROJECT

UNIT = PROJECT / "overlays/os/usr/lib/systemd/system/palette-localui.service"


def test_the_sandbox_leaves_little():
    """systemd's own measure, 0 to 10; the threshold is in tenths."""
    done = subprocess.run(("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", UNIT),
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_belongs_to_the_boots_goal():
    text = UNIT.read_text()
    assert "RequiredBy=palette-goal.target" in text and "Type=notify" in text
    assert "User=palette-localui" in text


def run(*options):
    return subprocess.run((BUILD / "bin/palette-localui", *options), capture_output=True, text=True)


def test_help_and_wrong_usage():
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "") and "usage: palette-localui" in done.stdout
    for wrong in (("--port", "70000"), ("--nothing",), ("more",)):
        assert run(*wrong).returncode == 2


def make_pair(directory, name):
    subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "10", "-subj", f"/CN={name}", "-keyout", directory / f"{name}.key",
                    "-out", directory / f"{name}.crt"), check=True, capture_output=True)


def test_check_says_what_is_wrong(tmp_path):
    for name in ("a", "b"):
        make_pair(tmp_path, name)
    config = tmp_path / "localui.conf"
    good = ("--check", "--config", config, "--certificate", tmp_path / "a.crt", "--key", tmp_path / "a.key",
            "--files", tmp_path / "none", "--api", tmp_path / "none.json")
    assert run(*good).stdout.startswith("port 5080, SHA-256 ")
    config.write_text("# mine\nport = 8443\n")
    assert run(*good).stdout.startswith("port 8443, ")
    for text, words in (("port = 0\n", "line 1: port"), ("x = 1\n", 'line 1: "x" is no setting'), ("\nport\n", "line 2")):
        config.write_text(text)
        done = run(*good)
        assert done.returncode == 1 and words in done.stderr, done.stderr
    config.unlink()
    wrong = list(good)
    wrong[6] = tmp_path / "b.key"
    assert "is not the key of" in run(*wrong).stderr
    wrong[6] = tmp_path / "a.crt"
    assert "no usable private key" in run(*wrong).stderr
    wrong[4] = tmp_path / "nothing.crt"
    assert "nothing.crt" in run(*wrong).stderr
