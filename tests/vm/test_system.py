"""What a CD installed starts alone: the system, started once per firmware for all these tests; they run in this order."""

import pathlib
import re
import shutil

import pytest

import flows
from conftest import FIRMWARES, overlay
from machine import Machine

OVERLAY = pathlib.Path(__file__).parent.parent.parent / "overlays/os"
STATE = ["/etc", "/var", "/home", "/root", "/opt", "/srv", "/usr/local"]
BY = {firmware: pytest.param(firmware, marks=pytest.mark.xdist_group("system-" + firmware)) for firmware in FIRMWARES}
# For what the firmware has no part in.
once = pytest.mark.parametrize("system", [BY["bios"]], indirect=True)


@pytest.fixture(scope="module", params=BY.values())
def system(request, installed, artifacts, accel):
    base = installed(request.param)
    work = artifacts / ("system-" + request.param)
    work.mkdir(exist_ok=True)
    disk = overlay(base.disk, work / "disk.qcow2")
    options = {}
    if request.param == "uefi":
        options = {"secure_boot": True, "variables": work / "variables.fd"}
        shutil.copy(base.variables, options["variables"])
    with Machine(work, firmware=request.param, disks=[disk], accel=accel, shell=True,
                 **options) as machine:
        machine.firmware = request.param
        flows.boot(machine)
        machine.shell.ready()
        yield machine
    disk.unlink()


def test_it_runs_from_slot_a_under_verity(system):
    flows.check_runs(system, "a")


def test_secure_boot_is_enforced_where_the_firmware_has_it(system):
    log = system.shell.check("journalctl -k -b --no-pager")
    assert ("Secure boot enabled" in log or "secureboot: Secure boot enabled" in log) == (
        system.firmware == "uefi"), log[:4000]


def test_nothing_below_usr_can_be_written(system):
    status, output = system.shell.run("touch /usr/bin/probe")
    assert status != 0 and "Read-only file system" in output
    status, output = system.shell.run("mount -o remount,rw / && touch /usr/bin/probe")
    assert status != 0


def test_the_console_names_host_version_and_adapters(system):
    system.type("esc")
    for words in ("nobody can log in", "slot a", "10\\.0\\.2\\.15", "Host name +edge-[0-9a-f]{12}"):
        system.wait(words)
    system.wait(system.shell.check("hostname"))
    system.type("enter")
    system.wait(flows.CONSOLE)


def test_a_serial_port_that_takes_nothing_holds_up_nobody(system):
    # What systemd writes to and waits for is a screen, which takes everything.
    assert re.findall(r"console=(\S+)", system.shell.check("cat /proc/cmdline"))[-1] == "tty0"
    # How long a close waits for the port, in hundredths; the kernel's own is 30 s.
    assert system.shell.check("cat /sys/class/tty/ttyS0/closing_wait").strip() == "100"


@once
def test_nobody_can_log_in(system):
    hashes = system.shell.check("cut -d: -f1,2 /etc/shadow").split()
    assert hashes and all(line.split(":")[1].strip("*!") == "" for line in hashes), hashes
    assert system.shell.run("find / -xdev -name authorized_keys | grep .")[0] != 0
    # Nor do the console's screens or a console beside them: there is no login prompt anywhere.
    assert system.shell.run("pgrep -x agetty || pgrep -x login")[0] != 0


def test_ssh_runs_and_refuses_everyone(system):
    shell = system.shell
    shell.check("for i in $(seq 60); do systemctl is-active -q ssh && exit 0; sleep 1; done; "
                "systemctl status ssh; exit 1")
    status, output = shell.run(
        "ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
        "root@127.0.0.1 true")
    assert status == 255 and "Permission denied" in output, output


def test_no_unit_failed(system):
    failed = system.shell.check("systemctl --failed --no-legend --plain")
    assert failed == "", failed


def hostd(system, interface, member, *args):
    return system.shell.check("busctl --timeout=60 call internal.palette.Host1 /internal/palette/Host1 "
                              "internal.palette.Host1.%s %s %s" % (interface, member, " ".join(args)))


@once
def test_the_host_service_can_do_its_work_in_its_sandbox(system):
    assert "0% packet loss" in hostd(system, "Diagnostics", "Ping", "ss", '""', "127.0.0.1")
    assert "20 hops max" in hostd(system, "Diagnostics", "Traceroute", "ss", '""', "127.0.0.1")
    assert "has the address 127.0.0.1" in hostd(system, "Diagnostics", "Lookup", "ss", '""', "localhost")
    assert "port 22: open" in hostd(system, "Diagnostics", "Connect", "ss", '""', "127.0.0.1:22")
    assert "palette-hostd.service" in hostd(system, "Logs", "Sources", "s", '""')
    assert "palette-hostd" in hostd(system, "Logs", "Read", "'sa{sv}'", '""', "1", "unit", "s",
                                    "palette-hostd.service")
    assert "palette-data" in hostd(system, "Host", "Stats", "s", '""')
    hostd(system, "Content", "BeginUpload", "ssts", '""', "probe", "1000000", '""')
    upload = hostd(system, "Content", "Uploads", "s", '""')
    assert '"probe"' in upload and '"offset" t 0' in upload
    # As its sender would: what it appends to is that file.
    upload = re.search('"id" s "([0-9a-f]+)"', upload).group(1)
    system.shell.check("head -c 1000000 /dev/zero >>/srv/content/partial/" + upload)
    digest = hostd(system, "Content", "FinishUpload", "ss", '""', upload)
    assert "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025" in digest
    hostd(system, "Content", "Delete", "ss", '""', "probe")
    assert "refused" not in hostd(system, "Audit", "Query", "'sa{sv}uu'", '""', "0", "0", "50")
    hostd(system, "Logs", "Archive", "s", '""')
    system.until(lambda: "Completed" in hostd(system, "Logs", "ArchiveStatus", "s", '""'), "the archive")
    names = system.shell.check("tar --zstd -tf /var/lib/palette/hostd/logs.tar.zst")
    for name in ("journal", "firewall", "networkctl", "packages"):
        assert "palette-logs/%s.txt" % name in names
    text = system.shell.check("cd /tmp; tar --zstd -xf /var/lib/palette/hostd/logs.tar.zst; cat palette-logs/[!j]*.txt | "
                              "grep -ciE 'operation not permitted|permission denied|exit status' || true")
    assert int(text) <= 2, system.shell.check("cd /tmp; grep -iE 'not permitted|denied|exit status' palette-logs/*.txt")


@once
def test_the_host_service_knows_terminals_switches_and_lights(system):
    """Its sandbox lets it see who calls, ask networkd and reach the driver."""
    system.shell.run("systemd-run --quiet --wait -p StandardInput=tty -p TTYPath=/dev/tty9 busctl call internal.palette.Host1 "
                     "/internal/palette/Host1 internal.palette.Host1.Host SetHostname ss '' ' '")
    event = system.shell.check("tail -n 1 /var/log/palette-audit.log")
    assert '"action":"set-hostname"' in event and '"from":"tty9"' in event, event
    adapter = system.shell.check("ls /sys/class/net | grep -vx lo").split()[0]
    assert hostd(system, "Network", "Neighbour", "ss", '""', adapter) == 's ""'
    said = system.shell.run("busctl call internal.palette.Host1 /internal/palette/Host1 internal.palette.Host1.Network "
                            "Blink ssu '' %s 1" % adapter)[1]
    assert said == "" or "has no light to blink" in said, said


@once
def test_the_firewall_is_loaded_and_the_certificate_made(system):
    rules = system.shell.check("nft list table inet palette")
    assert "policy drop" in rules and "5080" in rules
    system.shell.check("systemctl start palette-tls")
    facts = hostd(system, "Host", "Info", "s", '""')
    mark = system.shell.check("openssl x509 -in /run/palette-tls/cert.pem -noout -fingerprint -sha256").split("=")[1]
    assert mark.strip() in facts
    assert system.shell.check("stat -c '%a %U %G' /run/palette-tls/key.pem") == "640 root palette-localui"
    # Not before the image was built, whatever the machine's clock says.
    since = system.shell.check("date -u -r /usr/lib/os-release '+%b %e %H:%M:%S %Y GMT'")
    assert since in system.shell.check("openssl x509 -in /etc/palette/tls/cert.pem -noout -startdate")
    assert "FAIL  there is no account yet" in system.shell.run("palette-check")[1]


@once
def test_syncthing_starts_when_it_is_wanted_and_not_before(system):
    shell = system.shell
    assert shell.run("systemctl is-active palette-sync")[1].strip() == "inactive"
    shell.check("systemctl start palette-linkd")
    hostd(system, "Sync", "Set", "sssasu", '""', "leader", '""', "1", "192.0.2.7", "22000")
    assert "192.0.2.7 . 22000" in shell.check("nft list set inet palette peers")
    shell.check("printf 'STGUIAPIKEY=test\\nPALETTE_SYNC_PORT=22000\\nPALETTE_SYNC_FOLDER=palette-TEST\\n' "
                ">/run/palette-link/sync.env")
    # As the link daemon does it, with its groups.
    ask = ("setpriv --reuid=palette-link --regid=palette-link --init-groups curl -s -m 5 -H 'X-API-Key: test' "
           "--unix-socket /run/palette-sync/api http://syncthing/rest/")
    system.until(lambda: '"myID"' in shell.run(ask + "system/status")[1], "Syncthing's API", 120)
    assert "palette-TEST" in shell.check(ask + "config/folders")
    assert ":22000" in shell.check("ss -Hltn")
    shell.check("rm /run/palette-link/sync.env")
    shell.check(ask + "system/shutdown -X POST")
    system.until(lambda: shell.run("systemctl is-active palette-sync")[1].strip() == "inactive", "its end", 60)
    assert shell.check("systemctl show -P NRestarts palette-sync").strip() == "0"
    hostd(system, "Sync", "Set", "sssasu", '""', '""', '""', "0", "22000")
    assert shell.run("test -e /srv/content/sync")[0] != 0


def proxy_of_services(system):
    return system.shell.run("systemd-run --quiet --wait --pipe printenv https_proxy")[1].strip()


def set_proxy(system, https, state):
    hostd(system, "Network", "SetProxy", "ssssas", '""', '""', https, '""', "0")
    system.until(lambda: '"%s"' % state in hostd(system, "Network", "GetProxy", "s", '""'), state)


@once
def test_a_proxy_is_in_the_environment_of_every_new_service_and_gone_again(system):
    set_proxy(system, "http://192.0.2.3:3128", "Configured")
    assert proxy_of_services(system) == "http://192.0.2.3:3128"
    set_proxy(system, '""', "Not Configured")
    assert proxy_of_services(system) == ""


@once
def test_sshd_and_core_dumps_are_as_tight_as_they_should_be(system):
    sshd = system.shell.check("sshd -T").splitlines()
    for line in ("permitrootlogin no", "permitemptypasswords no", "maxauthtries 4", "x11forwarding no",
                 "allowagentforwarding no"):
        assert line in sshd, line
    algorithms = " ".join(line for line in sshd if line.startswith(("ciphers", "macs", "kexalgorithms")))
    for weak in ("3des", "-cbc", "md5", "hmac-sha1", "group1-", "group14-sha1", "arcfour"):
        assert weak not in algorithms, algorithms
    pid = system.shell.check("systemctl show --value -p MainPID palette-hostd")
    limits = system.shell.check("grep 'core file' /proc/%s/limits" % pid)
    assert limits.split()[4:6] == ["0", "0"], limits


def kernel_settings(system):
    """Key and value of every line, with what stands for a "*" on this machine."""
    for line in (OVERLAY / "usr/lib/sysctl.d/50-palette.conf").read_text().splitlines():
        if line and not line.startswith("#"):
            key, value = line.split(" = ")
            if "*" not in key:
                yield key, value
                continue
            for path in system.shell.check("ls -d /proc/sys/" + key.replace(".", "/")).split():
                yield path.removeprefix("/proc/sys/").replace(".", "%").replace("/", ".").replace("%", "/"), value


@once
def test_every_setting_of_the_kernel_is_in_force_on_every_interface(system):
    wanted = list(kernel_settings(system))
    assert len([key for key, _ in wanted if key.endswith(".accept_redirects")]) >= 8, wanted # all, default, lo, adapter; twice
    values = system.shell.check("sysctl -n " + " ".join(key for key, _ in wanted)).splitlines()
    have = [(key, " ".join(value.split())) for (key, _), value in zip(wanted, values, strict=True)]
    assert have == wanted
    # An interface that comes later.
    system.shell.check("ip link add probe0 type dummy && udevadm settle")
    assert system.shell.check("cat /proc/sys/net/ipv[46]/conf/probe0/accept_redirects").split() == ["0", "0"]
    system.shell.check("ip link delete probe0")


SETUID = """
4755 /usr/bin/chfn
4755 /usr/bin/chsh
4755 /usr/bin/gpasswd
4755 /usr/bin/mount
4755 /usr/bin/newgrp
4755 /usr/bin/passwd
4755 /usr/bin/su
4755 /usr/bin/sudo
4755 /usr/bin/umount
4754 /usr/lib/dbus-1.0/dbus-daemon-launch-helper
4755 /usr/lib/openssh/ssh-keysign
2755 /usr/bin/chage
2755 /usr/bin/expiry
2755 /usr/bin/ssh-agent
2755 /usr/sbin/unix_chkpwd
"""


@once
def test_nothing_of_another_users_right_but_debians_own(system):
    found = system.shell.check("findmnt -rno TARGET -t squashfs,overlay,ext4,vfat,tmpfs | sort -u | while read -r place; do "
                               "find \"$place\" -xdev -type f -perm /6000 -printf '%m %p\\n'; done | sort -u", 120)
    assert sorted(found.split("\n")) == sorted(SETUID.strip().split("\n"))
    # Nor could a file that a person or a program brings along become one.
    for place in STATE + ["/data", "/tmp", "/run"]:
        assert "nosuid" in system.shell.check("findmnt -no OPTIONS -T " + place).split(","), place


@once
def test_passwd_takes_a_good_password_and_refuses_a_word(system):
    """By Debian's own PAM: its dictionary lies where this image has one."""
    shell = system.shell
    shell.check("useradd -m probe && echo probe:old-Horse-7-battery | chpasswd")
    change = "printf '%%s\\n' old-Horse-7-battery %s %s %s | runuser -u probe -- passwd 2>&1"
    for bad, says in (("sunflower1", "dictionary check"), ("gT5#kq", "shorter than 8 characters")):
        status, said = shell.run(change % ((bad,) * 3))
        assert status != 0 and says in said and "error loading dictionary" not in said, said
    status, said = shell.run(change % (("correct-horse-7",) * 3))
    assert status == 0 and "password updated successfully" in said, said
    shell.check("userdel -r probe")


def test_the_install_log_is_kept_and_names_the_plan(system, installed):
    log = system.shell.check("cat /var/log/palette-install.log")
    digest = flows.unwrapped(installed(system.firmware).screens()["summary"]).split(
        "Plan digest ")[1].split()[0]
    assert "plan " + digest in log, (digest, log)
    assert "step 1 of" in log
    assert system.shell.run("test -e /data/install.log")[0] != 0


def test_the_local_ui_answers_over_tls_with_the_certificate_the_console_shows(system):
    """As its own user, who may do little; the boot's goal waits for it."""
    shell = system.shell
    shell.check("for i in $(seq 90); do systemctl is-active -q palette-localui && exit 0; sleep 1; done; "
                "systemctl status palette-localui; exit 1", 120)
    public = shell.check("curl -s --cacert /run/palette-tls/cert.pem --connect-to ::127.0.0.1:5080 "
                         "https://$(hostname):5080/v1/public || curl -sk https://127.0.0.1:5080/v1/public")
    made = shell.check("openssl x509 -in /run/palette-tls/cert.pem -noout -fingerprint -sha256").split("=")[1]
    assert f'"fingerprint":"{made.strip()}"' in public and '"port":5080' in public, public
    assert "308" in shell.check("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:5080/")
    assert shell.check("ps -o user:32= -C palette-localui").strip() == "palette-localui"
    assert "palette-localui.service" in shell.check("systemctl show --value -p Requires palette-goal.target")


@once
def test_the_link_daemon_gets_the_connections_of_linked_hosts(system):
    """In its sandbox, through the Local UI's port; other connections there are the page's."""
    shell = system.shell
    shell.check("for i in $(seq 60); do systemctl is-active -q palette-linkd && exit 0; sleep 1; done; "
                "systemctl status palette-linkd; exit 1", 90)
    assert shell.check("ps -o user:32= -C palette-linkd").strip() == "palette-link"
    assert '"role": "none"' in shell.check("palette-link status --json")
    subject = "openssl s_client -connect 127.0.0.1:5080 %s </dev/null 2>/dev/null | openssl x509 -noout -subject"
    assert "palette-link" in shell.check(subject % "-alpn palette-link/1")
    assert "palette-link" not in shell.check(subject % "")
    assert '"address": "10.0.2.15"' in shell.check("palette-link token --json")
    status, said = shell.run("palette-link token 2>/dev/null | palette-link join")
    assert status == 1 and "this host's own" in said, said
    password = shell.check("palette-link token 2>/dev/null | base64 -d | sed 's/.*\"password\":\"//; s/\".*//'").strip()
    assert len(password) == 32, password
    shell.check("palette-link token --stop")
    assert password not in shell.check("journalctl -b --no-pager -o cat -u 'palette-*'; cat /var/log/palette-audit.log")
    assert shell.check("stat -c '%a %U' /var/lib/palette/link/identity.pem") == "600 palette-link"


def test_a_boot_that_reached_its_goal_marks_its_slot_good(system):
    assert flows.slots(system.shell)["tries"]["b"] == 0
    system.shell.check("systemctl show -p ActiveState palette-goal.target")
    system.shell.check("for i in $(seq 240); do palette-slot status --json | "
                       "grep -q '\"tries\":{\"a\":0,\"b\":0}.*\"pending\":false' && exit 0; "
                       "sleep 1; done; palette-slot status; exit 1", 300)
    # Until then it would have restarted the machine.
    assert system.shell.check("cat /sys/class/watchdog/watchdog0/state") == "inactive"


@once
def test_state_is_kept_over_a_restart(system):
    shell = system.shell
    for place in STATE:
        shell.check("echo kept >%s/palette-probe" % place)
    keep = "cat /etc/machine-id; sha256sum /etc/ssh/ssh_host_*_key"
    before = shell.check(keep)
    boot = shell.check("cat /proc/sys/kernel/random/boot_id")
    machine_id = before.split()[0]
    assert len(machine_id) == 32 and "ssh_host_ed25519_key" in before, before
    system.forget()
    shell.send("systemctl reboot")
    flows.boot(system)
    shell.ready()
    assert shell.check("cat /proc/sys/kernel/random/boot_id") != boot
    assert shell.check(keep) == before
    for place in STATE:
        assert shell.check("cat %s/palette-probe" % place) == "kept"
    flows.check_runs(system, "a")


def test_machine_id_and_host_keys_are_made_by_the_machine(system):
    """The image has none that all machines would share."""
    identity = set(system.shell.check(
        "cat /etc/machine-id; cut -d' ' -f2 /etc/ssh/ssh_host_*_key.pub").split())
    assert len(identity) == 3
    # A bind mount of the root alone shows what lies below /etc.
    system.shell.check("mkdir -p /run/image && mount --bind / /run/image")
    assert system.shell.run("ls /run/image/etc/ssh/ssh_host_*_key")[0] != 0
    assert system.shell.check("cat /run/image/etc/machine-id") in ("", "uninitialized")


def test_it_powers_off_when_told_to(system):
    system.shell.send("systemctl poweroff")
    system.wait_exit()
