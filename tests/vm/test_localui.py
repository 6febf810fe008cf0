"""The Local UI of an installed machine, from outside through its network, in a real browser."""

import pathlib
import subprocess

import flows
from conftest import overlay
from test_tui import DEVICE, PASSWORD, USER, device, free_port

PAGE = pathlib.Path(__file__).with_name("page.mjs")
PROXY = "http://10.0.2.2:3128"


def test_the_account_of_the_console_sets_the_proxy_and_reboots_from_the_page(installed, work, start):
    port = free_port()
    disk = overlay(installed("bios").disk, work / "disk.qcow2")
    machine = start(disks=[disk], shell=True, network=False, extra=[
        "-nic", "user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:%d-:5080" % port])
    flows.boot(machine)
    machine.type(USER, "tab", PASSWORD, "tab", PASSWORD, "enter")
    machine.wait("The account %s is there" % USER)
    shell = machine.shell.ready()
    # The account screen is there before the adapter and the certificate are.
    machine.until(lambda: device(machine)["local-ui"] and device(machine)["local-ui-fingerprint"],
                  "the address of the Local UI")
    shell.check("systemctl start palette-localui", 300)
    facts = device(machine)
    assert facts["local-ui"].endswith(":5080"), facts
    machine.forget()
    subprocess.run(["node", str(PAGE), "https://127.0.0.1:%d/" % port, USER, PASSWORD,
                    facts["local-ui-fingerprint"], str(work)], check=True, timeout=1500)
    machine.wait(DEVICE)
    shell.ready()
    assert "http_proxy=" + PROXY in shell.check("systemctl show-environment")
    assert PASSWORD not in shell.check("journalctl -b -1 -b 0 --no-pager; cat /var/log/palette-audit.log")
    assert '"action":"' in shell.check("cat /var/log/palette-audit.log")
