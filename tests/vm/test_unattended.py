"""Nobody at the keyboard: a stick with answers beside the ISO, and a host that comes up as they say."""

import json
import re
import subprocess

import esp
import flows
import made
from conftest import new_disk
from machine import PATIENCE, Disk

DEVICE = "Device Info.*Provision this device"
KEY = ("ssh-ed25519 "
       "AAAAC3NzaC1lZDI1NTE5AAAAIDDJvPNhRyhBqjD5y1mVTtA4Yk1oxMTIrRgCHTh8r1Pd alice@example")
# Its name comes from its place on the bus.
ADAPTER = ["-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net,addr=0x10"]
PASSWORD = "correct-horse-7"
# openssl passwd -6 -salt abcdefgh PASSWORD
HASH = ("$6$abcdefgh$"
        "gDAb84DKxkrkcIYndXiXydxtwP0MdxUOmvaKM3clC6Fps3n8X2unkVgbUITTrg.XPC3kNesepWjdeDNyHk9LG.")
ANSWERS = """# one host of many
unattended = yes
disk = transport=virtio, serial=SEED*
action = poweroff
console = tty0 ttyS0,115200n8
on-failure = poweroff
hostname = edge-seed
account.user = alice
account.password-hash = %s
account.ssh-key = %s
adapter.ens16.mode = static
adapter.ens16.address = 192.0.2.10/24
adapter.ens16.gateway = 192.0.2.1
adapter.ens16.mtu = 1400
dns.primary = 192.0.2.1
ntp.servers = ntp.example
proxy.https = http://proxy.example:3128
localui-port = 5443
""" % (HASH, KEY)


def stick(path, text):
    """A FAT stick with answers, as a person makes it."""
    with open(path, "wb") as image:
        image.truncate(16 << 20)
    esp.run("mkfs.fat", "-n", "PALETTESEED", str(path))
    answers = path.with_suffix(".conf")
    answers.write_text(text)
    esp.run("mcopy", "-i", str(path), str(answers), "::answers.conf")
    return path


def on_stick(path, name):
    return subprocess.run(["mtype", "-i", str(path), "::" + name], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def menu(start, iso, disk, name):
    """The medium's menu is to start @disk by itself."""
    machine = start(iso=iso, disks=[disk], name=name)
    machine.wait(r"\*Palette Edge \(installed on disk\)")
    machine.kill()


def test_a_stick_has_the_rest_of_what_the_iso_answers(start, work, iso):
    """It is there a second later than the disk is chosen."""
    target = new_disk(work / "target.img")
    seed = stick(work / "seed.img", "unattended = yes\nhostname = edge-rest\n")
    machine = start(iso=made.with_arguments(iso, work, "palette.disk=/dev/vda", "palette.action=poweroff"),
                    disks=[target, Disk(seed, device="usb-storage", removable=True)])
    machine.wait(flows.MEDIUM_MENU)
    machine.type("enter")
    machine.wait("Installed in|Installation failed", 2 * PATIENCE, raw=True)
    machine.wait_exit(60)
    result = json.loads(on_stick(seed, "palette-result.json"))
    assert (result["result"], result["disk"]) == ("installed", "/dev/vda"), result
    log = on_stick(seed, "palette-install.log")
    for answer in ("disk = /dev/vda", "unattended = yes", "hostname = edge-rest"):
        assert "answer: " + answer in log, log[:3000]


def test_answers_that_are_not_read_are_not_passed_over(start, work):
    """A stick with a file system that is not read, then two with answers."""
    target, other = new_disk(work / "target.img"), work / "other.img"

    def told(text, *sticks):
        machine = start(iso=True, name="sticks-%d" % len(sticks), disks=[target, *(
            Disk(path, device="usb-storage", removable=True) for path in sticks)])
        machine.wait(flows.MEDIUM_MENU)
        machine.type("enter")
        machine.until(lambda: re.search(text, flows.unwrapped(machine.text())), text)
        machine.kill()

    with open(other, "wb") as image:
        image.truncate(16 << 20)
    esp.run("mke2fs", "-q", "-t", "ext4", "-L", "PALETTE_SEED", str(other))
    told(r"the file system of /dev/sda \(PALETTE_SEED\) is ext4: answers are read from FAT and ISO 9660", other)
    told(r"there are two media with answers, /dev/sd[ab] \(PALETTESEED\) and /dev/sd[ab] \(PALETTESEED\)",
         stick(work / "first.img", ANSWERS), stick(work / "second.img", ANSWERS))
    assert not esp.boot_marks(target), "the disk was written to"


def test_a_stick_with_answers_makes_a_host_that_asks_nothing(start, work, iso):
    """And with the CD still first and the stick still in, later starts are the disk's."""
    target, other = new_disk(work / "target.img"), new_disk(work / "other.img")
    seed = stick(work / "seed.img", ANSWERS)
    disks = [Disk(other, serial="OTHER001"), Disk(target, serial="SEED0001"),
             Disk(seed, device="usb-storage", removable=True)]

    # On a machine that says it is VMware's, vmware-rpctool is asked; here nobody answers it.
    machine = start(iso=True, disks=disks, name="install",
                    extra=["-smbios", "type=1,manufacturer=VMware,, Inc."])
    machine.wait(flows.MEDIUM_MENU)
    machine.type("enter")
    machine.wait("Installed in|Installation failed", 2 * PATIENCE, raw=True)
    machine.wait_exit(60)
    told = machine.output()
    assert "[1/" in told and "Installed in" in told and "/dev/vdb" in told, told[-3000:]
    assert HASH not in told
    result = json.loads(on_stick(seed, "palette-result.json"))
    assert (result["result"], result["disk"], result["disk-serial"], result["warnings"]) == (
        "installed", "/dev/vdb", "SEED0001", []), result
    log = on_stick(seed, "palette-install.log")
    assert HASH not in log
    assert re.search(r"guestinfo.userdata: none \(\d+: ", log), log[:3000]
    # Nothing was waited for in vain: the stick on USB had answered.
    assert re.search(r"disks: settled after \d+ ms\n", log), log[:3000]
    esp.check_complete(target)
    assert not esp.boot_marks(other), "the other disk was written to"

    # As after the first boot has reached its goal. Nobody was asked, so the medium starts the disk, also
    # when the stick is gone ...
    esp.remove_mark(target, "pending")
    menu(start, True, target, "menu-alone")
    # ... and by answers in its kernel arguments, or on the stick, one that was not made so.
    esp.remove_mark(target, "unattended")
    made_iso = made.with_arguments(iso, work, "palette.unattended=yes")
    menu(start, made_iso, target, "menu-arguments")
    machine = start(iso=True, disks=disks, shell=True, name="host", network=False,
                    extra=ADAPTER)
    machine.wait(r"\*Palette Edge \(installed on disk\)")
    machine.type("enter")
    flows.disk_menu(machine)
    machine.wait(DEVICE)
    shell = machine.shell.ready()
    assert shell.check("hostname") == "edge-seed"
    # The menu has them the other way round by itself.
    assert "console=tty0 console=ttyS0,115200n8" in shell.check("cat /proc/cmdline")
    assert shell.check("getent shadow alice").split(":")[1] == HASH
    assert shell.check("cat ~alice/.ssh/authorized_keys") == KEY
    assert "palette-admin" in shell.check("id alice")
    # Its driver may come after the first screen.
    shell.check("for i in $(seq 100); do ip -4 -o address show | grep -q 192.0.2.10 && exit 0; sleep 1; done; "
                "ip address; exit 1", patience=200)
    link = shell.check("ip -4 -o address show dev ens16; ip link show dev ens16")
    assert re.search(r"192\.0\.2\.10/24", link) and "mtu 1400" in link, link
    assert "ntp.example" in shell.check("cat /etc/systemd/timesyncd.conf.d/*")
    assert "proxy.example:3128" in shell.check("grep -rh proxy /etc/palette /etc/environment.d "
                                               "/etc/systemd/system.conf.d 2>/dev/null || true")
    shell.check("until ss -tln | grep -q :5443; do sleep 1; done", patience=120)
    assert "Create account" not in machine.output(), "an account was asked for"
    machine.wait("edge-seed")
    machine.type("f2")
    machine.wait("Log in" + ".*ESC: back")
    machine.type("alice", "tab", PASSWORD, "enter")
    machine.wait("DNS Configuration")
