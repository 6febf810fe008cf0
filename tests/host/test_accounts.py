# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import os
import resource
import subprocess

import pytest
from harness import LOCALUI_UID

GOOD = "correct horse 7"


def login(host, user="alice", password=GOOD, origin="192.0.2.7", extended=False):
    return host.call("Access", "Login", user, password, origin, extended)


def test_the_first_account_is_an_administrator_with_a_yescrypt_hash(host):
    assert not host.call("Access", "Public")["has-account"]
    host.create_admin()
    assert host.call("Access", "Public")["has-account"]
    assert [str(row["user"]) for row in host.call("Accounts", "List", "")] == ["alice"]
    shadow = [line for line in host.read("etc/shadow").splitlines() if line.startswith("alice:")]
    assert shadow[0].split(":")[1].startswith("$y$j9T$")
    groups = {line.split(":")[0] for line in host.read("etc/group").splitlines()
              if "alice" in line.split(":")[3].split(",")}
    assert groups == {"palette-admin", "sudo"}
    passwd = [line for line in host.read("etc/passwd").splitlines() if line.startswith("alice:")]
    assert passwd[0].endswith(":Palette Edge administrator:/home/alice:/bin/bash")
    assert host.exists("home/alice/.bashrc")


def test_there_is_one_first_account_only(host):
    host.create_admin()
    why = host.refused("Accounts", "CreateFirst", "", "bob", GOOD)
    assert (why.name, why.text) == ("Exists", "there is an administrator already; log in")


@pytest.mark.parametrize("user", ["root", "kairos", "daemon", "Alice", "a b", 'a"b', "a'b", "x" * 300,
                                  "j\u00fcrgen", "a\x1bb", "", "-a", "messagebus"])
def test_a_bad_user_name_is_refused_by_its_field(host, user):
    why = host.refused("Accounts", "CreateFirst", "", user, GOOD)
    assert why.name == "Refused"
    assert why.text.startswith("user name: ")
    assert not host.call("Access", "Public")["has-account"]


def test_an_existing_account_is_not_taken_over(host):
    host.append("etc/passwd", "carol:x:1500:1500:Carol:/home/carol:/bin/sh\n")
    why = host.refused("Accounts", "CreateFirst", "", "carol", GOOD)
    assert why.text == 'user name: "carol" exists already; take another name'


@pytest.mark.parametrize("user", ["users", "staff", "disk", "video", "plugdev", "shadow"])
def test_the_name_of_a_group_is_refused_by_its_field(host, user):
    host.append("etc/group", "plugdev:x:46:\n")
    why = host.refused("Accounts", "CreateFirst", "", user, GOOD)
    assert (why.name, why.text) == (
        "Refused", f'user name: "{user}" is the name of a group of the system; take another name')
    assert not host.call("Access", "Public")["has-account"]


@pytest.mark.parametrize("password, says", [
    ("short", "has 5 characters, at least 8 are needed"),
    ("alice-2026", "has the user name in it"),
    ("password1", "dictionary"),
    ("line\nfeed-9", "control character"),
    ("x7" * 150, "has 300 bytes, at most 255"),
])
def test_a_bad_password_is_refused_and_never_shown(host, password, says):
    why = host.refused("Accounts", "CreateFirst", "", "alice", password)
    assert why.name == "Refused" and why.text.startswith("password: ") and says in why.text
    assert password not in why.text
    assert "alice" not in host.read("etc/passwd")


@pytest.mark.parametrize("password", ["with space 7x", "it's \"quoted\" 7", "gr\u00fc\u00dfe-an-alle 7", "$(reboot)`x`7"])
def test_a_password_with_odd_characters_logs_in(host, password):
    host.create_admin(password=password)
    token, _ = login(host, password=password)
    assert len(token) == 64
    assert host.refused("Access", "Login", "alice", password + "x", "console", False).name == "BadLogin"


def test_the_policy_file_changes_the_rules(make_host):
    make_host.write("etc/palette/policy.conf", "password-min-length = 20\n")
    make_host.start()
    why = make_host.refused("Accounts", "CreateFirst", "", "alice", GOOD)
    assert why.text == "password: has 15 characters, at least 20 are needed"
    assert "at least 20 characters" in make_host.call("Accounts", "PasswordRules", "")


def test_what_a_cut_run_left_is_made_anew(host):
    subprocess.run(("useradd", "--prefix", host.root, "-m", "-U", "-c", "palette unfinished", "alice"),
                   check=True, capture_output=True)
    host.create_admin()
    login(host)


def test_a_failed_run_leaves_no_account(host):
    (host.root / "etc/group.lock").write_text("1\n")  # init is alive: the shadow tools cannot lock
    why = host.refused("Accounts", "CreateFirst", "", "alice", GOOD)
    assert why.name == "Failed" and "create the account alice" in why.text
    assert not host.call("Access", "Public")["has-account"]
    (host.root / "etc/group.lock").unlink()
    host.create_admin()


def test_a_session_serves_a_caller_without_rights(host):
    host.create_admin()
    status, out = host.call_as(LOCALUI_UID, "internal.palette.Host1.Host", "Info", "s", "")
    assert status != 0 and "without a login" in out
    status, out = host.call_as(LOCALUI_UID, "internal.palette.Host1.Access", "Public")
    assert status == 0 and "has-account" in out
    status, out = host.call_as(LOCALUI_UID, "internal.palette.Host1.Access", "Login", "sssb", "alice",
                               GOOD, "192.0.2.7", "false")
    assert status == 0
    token = json.loads(out)["data"][0]
    status, out = host.call_as(LOCALUI_UID, "internal.palette.Host1.Host", "Info", "s", token)
    assert status == 0 and "SN1" in out
    # The token is worth nothing to another process' user.
    assert host.refused("Host", "Info", token).name == "NoSession"


def test_a_member_of_the_group_needs_no_session(host):
    host.create_admin()
    uid = next(line.split(":")[2] for line in host.read("etc/passwd").splitlines() if line.startswith("alice:"))
    assert host.call_as(uid, "internal.palette.Host1.Host", "Info", "s", "")[0] == 0
    assert host.call_as(1, "internal.palette.Host1.Host", "Info", "s", "")[0] != 0


def test_sessions_are_listed_revoked_renewed_and_logged_out(host):
    host.create_admin()
    assert not login(host, origin="tty1")[1]["first-login"]  # the console's own
    first, facts = login(host)
    assert facts["first-login"] and 7190 < facts["remaining"] <= 7200
    second, facts = login(host, extended=True)
    assert not facts["first-login"] and 86390 < facts["remaining"] <= 86400
    rows = host.call("Access", "ListSessions", second)
    assert len(rows) == 3 and sum(row["current"] for row in rows) == 1
    assert sorted(str(row["origin"]) for row in rows) == ["192.0.2.7", "192.0.2.7", "tty1"]
    assert 7190 < host.call("Access", "Renew", first)["remaining"] <= 7200
    host.call("Access", "RevokeSession", second, next(
        row["id"] for row in rows if not row["current"] and str(row["origin"]) != "tty1"))
    assert host.refused("Access", "GetSession", first).name == "NoSession"
    host.call("Access", "Logout", second)
    assert host.refused("Access", "GetSession", second).name == "NoSession"
    assert host.refused("Access", "RevokeSession", "", "0" * 16).name == "NotFound"


def test_sessions_survive_a_restart_and_their_file_holds_no_token(host):
    host.create_admin()
    token, _ = login(host)
    assert token not in host.read("run/palette-hostd/sessions")
    host.restart()
    assert host.call("Access", "GetSession", token)["user"] == "alice"


def test_a_session_ends_with_its_users_rights(host):
    host.create_admin()
    token, _ = login(host)
    group = host.read("etc/group").replace("palette-admin:x:800:alice", "palette-admin:x:800:")
    host.write("etc/group", group)
    assert host.refused("Access", "GetSession", token).name == "NoSession"


def test_wrong_names_and_passwords_sound_the_same(host):
    host.create_admin()
    texts = {host.refused("Access", "Login", user, "wrong password", "192.0.2.9", False).text
             for user in ("alice", "nobody-here", "root", "")}
    assert texts == {"user name or password is wrong"}


def test_failures_delay_then_block_that_address_alone(host):
    host.create_admin()
    for _ in range(3):
        assert host.refused("Access", "Login", "alice", "wrong", "192.0.2.7", False).name == "BadLogin"
    why = host.refused("Access", "Login", "alice", GOOD, "192.0.2.7", False)
    assert (why.name, why.text) == ("Blocked", "too many failed logins; try again in 1 s")
    login(host, origin="console")


@contextlib.contextmanager
def no_job_starts(host):
    """hostd can open one file at a time, and a job's pipe is two."""
    pid = host.hostd.pid
    host.call("Access", "Public")  # by its answer the last job's files are closed
    there = {int(fd) for fd in os.listdir(f"/proc/{pid}/fd")}
    first_free = next(fd for fd in range(1024) if fd not in there)
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (first_free + 1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def test_an_attempt_that_could_not_be_checked_locks_nobody_out(host):
    host.create_admin()
    attempts = ((lambda password: ("Access", "Login", "alice", password, "192.0.2.7", False)),
                (lambda password: ("Accounts", "ChangePassword", "", "alice", password, "another horse 8")))
    for attempt in attempts:
        # After a failure there is one attempt at a time.
        assert host.refused(*attempt("wrong")).name == "BadLogin"
        with no_job_starts(host):
            assert "start a process" in host.refused(*attempt(GOOD)).text
        host.call(*attempt(GOOD))


def test_a_password_is_changed_by_its_owner_who_stays_logged_in(host):
    host.create_admin()
    mine, _ = login(host)
    other, _ = login(host)
    why = host.refused("Accounts", "ChangePassword", mine, "alice", "wrong one", "another horse 8")
    assert (why.name, why.text) == ("BadLogin", "old password: is wrong")
    host.call("Accounts", "ChangePassword", mine, "alice", GOOD, "another horse 8")
    assert host.call("Access", "GetSession", mine)["user"] == "alice"
    assert host.refused("Access", "GetSession", other).name == "NoSession"
    assert host.refused("Access", "Login", "alice", GOOD, "console", False).name == "BadLogin"
    login(host, password="another horse 8")
    assert host.refused("Accounts", "ChangePassword", mine, "root", "x", "another horse 8").name == "Denied"


def test_ssh_keys_are_written_as_the_users_own(host):
    host.create_admin()
    token, _ = login(host)
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ5b2RlcmFuZG9tYnl0ZXMwMTIzNDU2Nzg5MDEy alice@desk"
    host.call("Accounts", "SetSshKeys", token, "alice", [key])
    assert list(host.call("Accounts", "GetSshKeys", token, "alice")) == [key]
    path = host.root / "home/alice/.ssh/authorized_keys"
    assert path.stat().st_mode & 0o777 == 0o600 and path.stat().st_uid >= 1000
    assert path.parent.stat().st_mode & 0o777 == 0o700
    why = host.refused("Accounts", "SetSshKeys", token, "alice", ['command="sh" ' + key])
    assert why.text.startswith("SSH key: ")


def test_ssh_keys_do_not_follow_a_symlink(host, tmp_path):
    host.create_admin()
    (tmp_path / "elsewhere").mkdir()
    (host.root / "home/alice/.ssh").symlink_to(tmp_path / "elsewhere")
    assert host.refused("Accounts", "SetSshKeys", "", "alice", []).name == "Failed"
    assert not list((tmp_path / "elsewhere").iterdir())


def test_everything_is_audited_and_no_secret_is_in_it(host):
    host.create_admin()
    token, _ = login(host)
    host.refused("Access", "Login", "hunter2typedhere", "wrong password", "192.0.2.9", False)
    host.call("Access", "Logout", token)
    log = host.read("var/log/palette-audit.log")
    events = [(e["actor"], e["from"], e["action"], e["object"], e["result"]) for e in host.audit()]
    assert ("root", "local", "create-account", "alice", "ok") in events
    assert ("alice", "192.0.2.7", "login", "", "ok") in events
    assert ("unknown", "192.0.2.9", "login", "", "denied") in events
    assert ("alice", "192.0.2.7", "logout", "", "ok") in events
    for secret in (GOOD, token, "wrong password", "hunter2typedhere", "$y$"):
        assert secret not in log and secret not in host.log()


@pytest.mark.parametrize("restart", [True, False], ids=["at the start", "with the next account"])
def test_what_a_power_cut_left_of_an_account_of_another_name_goes(host, restart):
    """Its password was set and it is in no group yet: a login that no screen shows."""
    if restart:
        host.stop()
    host.append("etc/passwd", "mallory:x:1500:1500:palette unfinished:/home/mallory:/bin/bash\n")
    host.append("etc/shadow", "mallory:$6$saltsalt$x:19000:0:99999:7:::\n")
    host.append("etc/group", "mallory:x:1500:\n")
    host.append("etc/gshadow", "mallory:!::\n")
    if restart:
        host.start()
    else:
        host.create_admin("alice")
    for name in ("passwd", "shadow", "group"):
        assert "mallory" not in host.read(f"etc/{name}"), name
    if restart:
        host.create_admin("alice")
    assert [str(row["user"]) for row in host.call("Accounts", "List", "")] == ["alice"]
