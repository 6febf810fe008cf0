# SPDX-License-Identifier: Apache-2.0
"""palette-tui before a palette-hostd that goes, hangs and comes back."""
import subprocess
import sys
import time

import dbus
import pytest
from harness import BUILD, HERE, NAME

sys.path.insert(0, str(HERE.parent / "cli"))
from screen import Screen # noqa: E402

ECHO_S = 1.0 # a key and what it writes


@pytest.fixture
def start(host, monkeypatch):
    """Starts palette-tui; on a pseudo-terminal root needs no login, on the console everybody does."""
    shown = []

    def start(console):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", host.address)
        if console:
            monkeypatch.setenv("PALETTE_CONSOLE_SOCKET", "/nowhere")
        else:
            monkeypatch.delenv("PALETTE_CONSOLE_SOCKET", raising=False)
        shown.append(Screen([str(BUILD / "bin/palette-tui")], "linux", "linux", 80, 24))
        return shown[-1]

    yield start
    for screen in shown:
        screen.child.close(force=True)


def wait(screen, text):
    screen.until(f"never on the screen: {text}\n{screen.text()}", lambda: text in screen.text())


def type_slowly(screen, letters):
    """Each letter has to be there before the next one is typed; the longest time that took."""
    longest, typed = 0.0, ""
    for letter in letters:
        typed += letter
        began = time.monotonic()
        screen.send(letter)
        wait(screen, f"[{typed}")
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.3)
    return longest


def test_the_first_account_goes_on_as_itself(host, start):
    screen = start(console=True)
    wait(screen, "Create account")
    long = "Zq7%" * 75
    for text in ("edge", long, long):
        screen.run("type " + text)
        screen.run("key TAB")
    wait(screen, "300 characters")
    screen.run("key ENTER")
    wait(screen, "Password: has 300 bytes, at most 255 are allowed")
    for _ in range(2):
        screen.run("key ^U")
        screen.run("type correct horse 7")
        screen.run("key TAB")
    screen.run("key ENTER")
    wait(screen, "The account edge is there")
    screen.run("key h ENTER")
    wait(screen, "By default")
    screen.run("key ^U")
    screen.run("type edge-one")
    screen.run("key ENTER")
    wait(screen, "The host name is edge-one now.")
    done = [(e["action"], e["actor"], e["from"], e["result"]) for e in host.audit()]
    assert ("set-hostname", "edge", "console", "ok") in done, done


def test_keys_are_taken_while_hostd_hangs(host, start):
    host.create_admin()
    screen = start(console=False)
    wait(screen, "DNS Configuration")
    screen.run("key h ENTER")
    wait(screen, "By default")
    screen.run("key ^U")
    host.stop()
    wait(screen, "does not answer")
    # Somebody has the name, as hostd has it while it starts, and takes no call.
    hung = dbus.bus.BusConnection(host.address)
    hung.request_name(NAME)
    assert type_slowly(screen, "edge-hangs") < ECHO_S
    wait(screen, "does not answer")
    hung.release_name(NAME)
    hung.close()
    host.start()
    screen.until("it is not found again", lambda: "does not answer" not in screen.text())
    screen.run("key ENTER")
    wait(screen, "The host name is edge-hangs now.")
    assert host.read("etc/hostname") == "edge-hangs\n"


def test_the_bus_denies(host):
    """Who is neither root nor an administrator gets no further than the bus."""
    rules = (host.tmp / "bus.conf").read_text()
    (host.tmp / "bus.conf").write_text(rules.replace(
        "</policy>", f'<deny send_interface="{NAME}.Access"/></policy>'))
    bus = dbus.Interface(dbus.bus.BusConnection(host.address).get_object("org.freedesktop.DBus", "/"),
                         "org.freedesktop.DBus")
    bus.ReloadConfig()
    done = subprocess.run([BUILD / "bin/palette-tui", "--show"], capture_output=True, text=True,
                          env=host.env)
    assert (done.returncode, done.stderr) == (
        1, "palette-tui: only root and members of palette-admin may do this\n")
