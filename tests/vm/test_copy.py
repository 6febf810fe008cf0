"""A disk that is copied for another machine, as a template of virtual machines is."""

import json
import shutil

import flows
from machine import PATIENCE

ORIGINAL, COPY = ("4c4c4544-0050-3510-8052-b7c04f4d00%02d" % n for n in (61, 62))
USER, PASSWORD = "alice", "correct-horse-7"
DEVICE = "Device Info.*Provision this device"
SAID = "A copy of %s: machine id and keys are new.*Provision this device" % ORIGINAL
# What no two hosts may have in common, a line each.
IDENTITY = ("cat /etc/machine-id; hostname; cut -d' ' -f2 /etc/ssh/ssh_host_*_key.pub; "
            "openssl x509 -in /run/palette-tls/cert.pem -noout -fingerprint -sha256; "
            "link=/var/lib/palette/link/identity.pem; test -e $link && sha256sum $link || echo none")
# What a copy keeps.
SETTINGS = "getent passwd alice; getent shadow alice; cat /etc/palette/network/*.conf"


def identity(machine):
    machine.shell.check("systemctl start ssh palette-localui palette-linkd", PATIENCE)
    return machine.shell.check(IDENTITY).split("\n")


def configure(machine):
    """The account on the console, and an address."""
    machine.type(USER, "tab", PASSWORD, "tab", PASSWORD, "enter")
    machine.wait("The account %s is there" % USER)
    machine.shell.check("udevadm settle", PATIENCE)
    adapter = next(name for name in machine.shell.check("ls /sys/class/net").split() if name != "lo")
    machine.shell.check("busctl call internal.palette.Host1 /internal/palette/Host1 internal.palette.Host1.Network "
                        "SetAdapter 'ssa{ss}u' '' %s 2 mode static address 192.0.2.61/24 0" % adapter)


def power_off(machine):
    machine.shell.send("systemctl poweroff")
    machine.wait_exit()


def test_a_copied_disk_gets_an_identity_of_its_own(installed_copy, start, work):
    def boot(name, disk, uuid, screen):
        machine = start(name=name, disks=[disk], shell=True, extra=["-uuid", uuid])
        flows.disk_menu(machine)
        machine.wait(screen)
        machine.shell.ready()
        return machine

    disk, copied = installed_copy("bios"), work / "copy.qcow2"
    machine = boot("original", disk, ORIGINAL, flows.CONSOLE)
    configure(machine)
    before, settings = identity(machine), machine.shell.check(SETTINGS)
    assert before[1] == "edge-" + ORIGINAL and len(set(before)) == 6, before
    power_off(machine)

    shutil.copy(disk, copied)
    machine = boot("copy", copied, COPY, SAID)
    # The link daemon hears from hostd who it is, and starts again with a new key.
    machine.until(lambda: identity(machine)[-1] not in (before[-1], "none"), "the link's new key")
    after = identity(machine)
    assert after[1] == "edge-" + COPY, after
    assert len(after) == len(before) and not set(before) & set(after), (before, after)
    assert machine.shell.check(SETTINGS) == settings
    log = map(json.loads, machine.shell.check("cat /var/log/palette-audit.log").splitlines())
    assert [entry["object"] for entry in log if entry["action"] == "host-copied"] == [ORIGINAL]
    assert machine.shell.check("cat /data/keep/product-uuid") == COPY
    power_off(machine)

    # From now on it is itself.
    machine = boot("copy-again", copied, COPY, DEVICE)
    assert identity(machine) == after
    assert machine.shell.run("test -e /run/palette/copied-from")[0] != 0
