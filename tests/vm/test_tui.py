"""From the installed disk through the Palette TUI to Device Info, over serial; and what holds after."""

import json
import os
import re
import socket
import time

import pexpect
import pyte
import pytest
from PIL import Image, ImageChops

import flows
from conftest import overlay
from machine import KEYS, Machine
from peer import Peer, captured

USER, PASSWORD = "edge", "correct-horse-7"
MAC = "52:54:00:12:34:57"
ADDRESS, GATEWAY, VLAN, MTU = "192.0.2.10", "192.0.2.1", 42, 1400
LAN_MAC, LAN_ADDRESS, MOVED_TO = "52:54:00:12:34:56", "10.0.2.15", "10.0.2.77"
# One machine for all of them, so one process.
pytestmark = pytest.mark.xdist_group("tui")
ACCOUNT, DEVICE = "Create account", "Device Info.*Provision this device"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def work(artifacts):
    path = artifacts / "tui"
    path.mkdir(exist_ok=True)
    return path


@pytest.fixture(scope="module")
def peer(work):
    with Peer(work, GATEWAY, VLAN, {"peer.example.org": "192.0.2.7"}) as made:
        yield made


@pytest.fixture(scope="module")
def edge(installed, work, accel, peer):
    """Two adapters: the first to a network with DHCP, where SSH comes in; the second to the peer."""
    disk = overlay(installed("bios").disk, work / "disk.qcow2")
    port, moved_port = free_port(), free_port()
    extra = [
        "-uuid", "4c4c4544-0050-3510-8052-b7c04f4d3332",
        "-netdev", "user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:%d-%s:22,"
        "hostfwd=tcp:127.0.0.1:%d-%s:22" % (port, LAN_ADDRESS, moved_port, MOVED_TO),
        "-device", "virtio-net-pci,netdev=lan,mac=" + LAN_MAC,
        *peer.arguments, "-device", "e1000e,netdev=peer,mac=" + MAC,
    ]
    with Machine(work, disks=[disk], accel=accel, shell=True, network=False,
                 extra=extra) as machine:
        machine.ssh_port, machine.moved_port = port, moved_port
        yield machine
    disk.unlink()


def keep(machine, name):
    """A picture of the VGA screen and the text of the serial one, as artefacts."""
    machine.wait("ENTER: press") # the last line
    machine.screendump("%s/%s.png" % (machine.work, name))
    with open("%s/%s.txt" % (machine.work, name), "w", encoding="utf-8") as out:
        out.write(machine.text() + "\n")


def choose(machine, letter, row):
    """A row of the main menu by its letter."""
    machine.type(letter)
    machine.wait("> " + row)
    machine.type("enter")


def mark_adapter(machine, mac):
    machine.wait(mac)
    for _ in range(4):
        if re.search(r"> \S+ +" + mac, machine.text()):
            return
        before = machine.text()
        machine.type("down")
        machine.until(lambda text=before: machine.text() != text, "another row")
    raise AssertionError("no row of %s can be marked:\n%s" % (mac, machine.text()))


def ssh(machine, command=""):
    """A login by password from outside; its terminal is an xterm."""
    child = pexpect.spawn(
        "ssh -tt -p %d -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
        "-o LogLevel=ERROR -o ConnectTimeout=60 -o PreferredAuthentications=password "
        "%s@127.0.0.1 %s" % (machine.ssh_port, USER, command), timeout=120, encoding="utf-8",
        dimensions=(24, 80), env=dict(os.environ, TERM="xterm"))
    child.expect("assword:")
    child.sendline(PASSWORD)
    return child


class Terminal:
    """What somebody sees who logged in by SSH and typed a command."""

    def __init__(self, machine, command):
        self.child = ssh(machine, command)
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.Stream(self.screen)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, pattern, patience=120):
        limit = time.monotonic() + patience
        while not re.search(pattern, self.text(), re.S):
            assert time.monotonic() < limit, "no /%s/ by SSH:\n%s" % (pattern, self.text())
            try:
                self.stream.feed(self.child.read_nonblocking(65536, 1))
            except pexpect.TIMEOUT:
                pass

    def type(self, *keys):
        for key in keys:
            self.child.send(KEYS.get(key, key))
            if key in KEYS:
                time.sleep(0.5) # an escape sequence ends before the next key begins

    def close(self):
        self.child.close(force=True)


def device(machine):
    return json.loads(machine.shell.check("palette-tui --json"))


def adapter(machine, mac=MAC):
    return next(row for row in device(machine)["adapters"] if row["mac"] == mac)


def check_settings(machine, peer):
    """What was set is in force, seen from the machine and from the cable."""
    facts = device(machine)
    assert facts["hostname"] == "edge-one", facts
    row = adapter(machine)
    assert (row["mode"], row["vlan"], row["mtu"]) == ("static", VLAN, MTU), row
    assert row["addresses"][0] == ADDRESS + "/24" and row["gateway"] == GATEWAY, row
    peer.forget()
    assert peer.resolve(ADDRESS).hex(":") == MAC
    peer.ping(ADDRESS)
    assert peer.segment_size(ADDRESS, 22) == MTU - 40
    machine.shell.check("resolvectl flush-caches")
    assert machine.shell.check("getent hosts peer").split()[0] == "192.0.2.7"
    assert "peer.example.org" in peer.queries
    untagged = [frame for frame in peer.frames if frame.vlan != VLAN]
    assert not untagged, "frames without the tag: %s" % [f.data[:40].hex() for f in untagged]


def test_the_first_boot_ends_at_the_account_screen(edge):
    flows.disk_menu(edge)
    edge.wait(ACCOUNT)
    keep(edge, "account")
    # No way round it: neither back nor the keys that lead to a login.
    edge.type("esc")
    edge.wait("nobody can log in")
    keep(edge, "device-no-account")
    edge.type("enter")
    edge.wait(ACCOUNT)


def test_a_refused_account_keeps_what_was_typed(edge):
    edge.type("root", "tab", PASSWORD, "tab", PASSWORD, "enter")
    typed = " .*%d characters" % len(PASSWORD)
    edge.wait('User name: "root"' + typed + typed)
    keep(edge, "account-refused")
    edge.type("\x15", USER, "enter")
    edge.wait("The account %s is there" % USER)
    keep(edge, "menu")


def test_the_host_name(edge):
    choose(edge, "h", "Hostname")
    edge.wait("By default: edge-4c4c4544-0050-3510-8052-b7c04f4d3332")
    keep(edge, "hostname")
    edge.type("\x15", "edge-one", "enter")
    edge.wait("The host name is edge-one now")


def test_a_static_address_with_vlan_and_mtu(edge):
    choose(edge, "n", "Network Adapter")
    mark_adapter(edge, MAC)
    # Nobody in that network is a DHCP server.
    edge.wait("> [a-z0-9]+ +" + MAC + " .*DHCP +no answer yet")
    keep(edge, "adapters")
    edge.type("enter")
    edge.wait("In force")
    edge.type("s", "tab", ADDRESS, "tab", "255.255.255.0", "tab", "192.0.3.1", "tab", str(VLAN),
              "tab", str(MTU))
    edge.wait(r"MTU.*\[1400")
    edge.type("enter")
    edge.wait("Default gateway: ")
    keep(edge, "adapter-refused")
    edge.type("\x15", GATEWAY, "enter")
    edge.wait("is configured")
    # The list follows by itself.
    edge.wait(MAC + r" .*static +" + re.escape(ADDRESS) + "/24")
    keep(edge, "adapters-set")
    edge.type("esc")
    edge.wait("> Network Adapter")


def test_the_name_servers(edge):
    choose(edge, "d", "DNS Configuration")
    edge.wait("In force by DHCP")
    keep(edge, "dns")
    edge.type(GATEWAY, "tab", "192.0.2.2", "tab", "example.org", "enter")
    edge.wait("The name servers are set")
    edge.wait(re.escape(GATEWAY) + ", 192.0.2.2")


def test_quit_asks_once_and_shows_device_info(edge):
    choose(edge, "q", "Quit")
    edge.wait("Finish the configuration")
    keep(edge, "quit")
    edge.type("enter")
    edge.wait(DEVICE, 10)
    edge.wait("https://%s:5080" % ADDRESS)
    for words in ("edge-one", "4c4c4544-0050-3510-8052-b7c04f4d3332", "slot a", "SHA256:",
                  "VLAN 42", "10.0.2.15/24"):
        edge.wait(re.escape(words))
    keep(edge, "device")
    edge.press("f12")
    edge.wait("Shut this machine down now")
    keep(edge, "shut-down")
    edge.type("esc")
    edge.wait(DEVICE)


def test_the_settings_are_in_force_and_every_frame_is_tagged(edge, peer):
    edge.shell.ready()
    check_settings(edge, peer)
    # Set on the console in the name of the account that was made there.
    audit = map(json.loads, edge.shell.check("cat /var/log/palette-audit.log").splitlines())
    assert {(entry["actor"], entry["from"]) for entry in audit if entry["result"] == "ok" and
            entry["action"] in ("set-hostname", "set-adapter", "set-dns")} == {(USER, "console")}


def test_enter_gives_a_login_on_that_console_only(edge):
    with Image.open(edge.screendump(edge.work + "/before-login.png")) as before:
        edge.type("enter")
        edge.wait("login:")
        with Image.open(edge.screendump(edge.work + "/while-login.png")) as now:
            changed = ImageChops.difference(before.convert("L"), now.convert("L"))
    assert changed.getbbox() is None, "the screen of the others changed at %s" % (changed.getbbox(),)
    edge.type(USER + "\r")
    edge.wait("assword")
    edge.type(PASSWORD + "\r")
    edge.wait(USER + "@edge-one")
    # On a console palette-tui asks who it is.
    edge.type("palette-tui\r")
    edge.wait("Log in")
    edge.wait(r"User name +\[" + USER)
    edge.type(PASSWORD, "enter")
    edge.wait("DNS Configuration")
    edge.type("q")
    edge.wait("> Quit")
    edge.type("enter")
    edge.wait("Finish the configuration")
    edge.type("enter")
    edge.wait(r"Provision this device.*\$")
    edge.type("exit\r")
    edge.wait("F12 Shut down")


def test_settings_from_device_info_ask_for_a_login(edge):
    edge.type("f2")
    edge.wait("Log in")
    keep(edge, "login")
    edge.type(USER, "tab", "wrong-horse-7", "enter")
    edge.wait("User name or password is wrong")
    edge.type("\x15", PASSWORD, "enter")
    edge.wait("DNS Configuration")
    edge.type("esc")
    edge.wait("Finish the configuration")
    edge.type("enter")
    edge.wait(DEVICE)


def test_hostd_restarts_while_a_form_is_open(edge):
    edge.type("f2")
    edge.wait("Log in")
    edge.type(USER, "tab", PASSWORD, "enter")
    edge.wait("DNS Configuration")
    choose(edge, "h", "Hostname")
    edge.wait("By default")
    edge.type("\x15", "edge-two")
    edge.wait(r"\[edge-two")
    edge.shell.check("systemctl restart palette-hostd")
    edge.wait(r"\[edge-two")
    edge.type("enter")
    # The login has outlived it.
    edge.wait("The host name is edge-two now")
    choose(edge, "h", "Hostname")
    edge.wait("By default")
    edge.type("\x15", "edge-one", "enter")
    edge.wait("The host name is edge-one now")
    edge.type("esc")
    edge.wait("Finish the configuration")
    edge.type("enter")
    edge.wait(DEVICE)


def test_the_account_logs_in_by_ssh_and_may_use_sudo(edge):
    child = ssh(edge, "'sudo -k -S -p sudo-asks id -u; echo done'")
    child.expect("sudo-asks")
    child.sendline(PASSWORD)
    child.expect(r"\b0\r\n")
    child.expect("done")
    child.expect(pexpect.EOF)


def change_over_ssh(edge, *keys):
    """Opens the adapter SSH comes in by, types @keys into its form and applies."""
    terminal = Terminal(edge, "palette-tui")
    terminal.wait("DNS Configuration") # without a login
    terminal.type("n")
    terminal.wait("> Network Adapter")
    terminal.type("enter")
    terminal.wait(LAN_MAC)
    if not re.search("> [a-z0-9]+ +" + LAN_MAC, terminal.text()):
        terminal.type("down")
        terminal.wait("> [a-z0-9]+ +" + LAN_MAC)
    terminal.type("enter")
    terminal.wait("You may be connected through this adapter")
    terminal.type(*keys)
    terminal.type("enter")
    return terminal


def test_a_change_over_ssh_stays_when_it_is_confirmed(edge):
    terminal = change_over_ssh(edge, "tab", "tab", "tab", "tab", "tab", "1450")
    terminal.wait("keep the change")
    terminal.type("enter")
    terminal.wait("is kept")
    terminal.close()
    assert adapter(edge, LAN_MAC)["mtu"] == 1450
    log = edge.shell.check("grep -E 'create-account|set-adapter' /var/log/palette-audit.log").splitlines()
    assert '"from":"console"' in log[0] and "create-account" in log[0], log
    assert '"from":"10.0.2.2"' in log[-1] and "MTU 1450" in log[-1], log


def check_login(machine):
    child = ssh(machine, "'echo I am $USER'")
    child.expect("I am " + USER)
    child.close()


def has_address(machine, address):
    return adapter(machine, LAN_MAC)["addresses"][:1] == [address + "/24"]


def test_a_change_over_ssh_is_confirmed_on_the_new_address(edge):
    """The one after this waits for more than the 60 s in which it would have been taken back."""
    terminal = change_over_ssh(edge, "tab", MOVED_TO + "/24") # which chooses static
    edge.until(lambda: has_address(edge, MOVED_TO), "the new address", 60)
    terminal.close()
    edge.ssh_port = edge.moved_port
    terminal = Terminal(edge, "palette-tui")
    terminal.wait("A change of .* is in force and not kept yet")
    terminal.type("enter")
    terminal.wait("is kept")
    terminal.close()


def test_a_change_over_ssh_that_cuts_it_off_is_taken_back(edge):
    terminal = change_over_ssh(edge, "tab", "\x15", "10.0.2.99")
    edge.until(lambda: has_address(edge, "10.0.2.99"), "the new address", 60)
    terminal.close()
    edge.until(lambda: has_address(edge, MOVED_TO), "the old address", 150)
    check_login(edge)


def check_all(machine, peer):
    """Device Info came up, and all that was set is there."""
    machine.wait(DEVICE)
    machine.wait(re.escape("https://%s:5080" % ADDRESS))
    machine.shell.ready()
    check_settings(machine, peer)
    assert has_address(machine, MOVED_TO)
    check_login(machine)


def test_all_of_it_survives_a_restart_into_the_other_slot(edge, peer):
    edge.forget()
    edge.shell.send("systemctl reboot")
    flows.disk_entry(edge, "Palette Edge (fallback)")
    check_all(edge, peer)
    keep(edge, "device-after-restart")
    assert flows.slots(edge.shell)["running"] == "b"


def test_all_of_it_outlives_a_factory_reset(edge, peer):
    edge.shell.check("echo lost >/root/file; sync")
    edge.forget()
    edge.shell.send("systemctl reboot")
    flows.disk_entry(edge, "Palette Edge (factory reset)")
    edge.wait("Palette Edge factory reset.*Start normally")
    edge.type("f2")
    check_all(edge, peer)
    assert edge.shell.run("test -e /root/file")[0] != 0


def test_the_capture_has_tagged_frames_of_ours(edge, peer):
    ours = [frame for frame in captured(peer.capture) if frame.source.hex(":") == MAC]
    tagged = [frame for frame in ours if frame.vlan == VLAN]
    assert len(tagged) > 10, "%d frames of %d have the tag" % (len(tagged), len(ours))


def test_f12_shuts_down_after_the_question(edge):
    edge.type("\x1b[24~")
    edge.wait("Shut this machine down now")
    edge.type("enter")
    edge.wait_exit()
