# SPDX-License-Identifier: Apache-2.0
"""Content of a leader on two followers: token to Synced and verified, beside rsync over ssh and sha256sum.

Both have the same files in the same three network namespaces of one machine, one after the other. Ours is what a
person sees: from "Generate token" over both joins to Ready, Synced and Healthy in both rows of the leader's table,
through the API, with the real daemons. It includes the start of Syncthing, its first connection, its hashing of
the leader's files, palette-hostd's digests and the flushing of all of it.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "api"))

import built  # noqa: E402, F401
from group import LINK, ContentMember, Group, wait_for  # noqa: E402

MIB = 1024 * 1024
FILES = (1024, 512, 256, 128, 64, 32, 16, 16)  # MiB; 2 GiB


def make_files(directory, sizes):
    """Bytes that do not compress, made fast: one random mebibyte, each time with another beginning."""
    directory.mkdir()
    block = bytearray(os.urandom(MIB))
    for i, mebibytes in enumerate(sizes):
        with open(directory / f"bundle-{i}.tar.zst", "wb") as file:
            for n in range(mebibytes):
                block[:16] = i.to_bytes(8, "big") + n.to_bytes(8, "big")
                file.write(block)
    subprocess.run("sha256sum * >SHA256SUMS", shell=True, cwd=directory, check=True)


def ours(group, files):
    leader, *followers = group.members
    paths = sorted(files.glob("bundle-*"))
    for path in paths:
        leader.upload_file(path)
    start = time.monotonic()
    token = leader.token()
    for host in followers:
        assert host.request("POST", LINK, {"token": token}).status == 202

    def goal():
        time.sleep(0.2)
        return all(leader.goal(host) for host in followers)

    wait_for(goal, 900, leader.linkd_log)
    seconds = time.monotonic() - start
    for host in followers:
        assert len(host.listed()) == len(paths)
    return seconds


class Sshd:
    """One in a follower's network, for rsync."""

    def __init__(self, host, keys):
        self.host, self.keys, self.target = host, keys, host.tmp / "rsync"
        self.target.mkdir()
        config = host.tmp / "sshd_config"
        config.write_text(f"Port 2222\nHostKey {keys}/host\nAuthorizedKeysFile {keys}/user.pub\nStrictModes no\n"
                          "PermitRootLogin prohibit-password\nUsePAM no\n")
        os.makedirs("/run/sshd", exist_ok=True)
        host.spawn(*host.netns_command("/usr/sbin/sshd", "-D", "-f", config), stderr=subprocess.DEVNULL)

    def ssh(self):
        return (f"ssh -p 2222 -i {self.keys}/user -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
                "-o LogLevel=ERROR")

    def start(self, leader, files):
        command = (f'rsync -rt -e "{self.ssh()}" {files}/ root@{self.host.ip4}:{self.target}/ && '
                   f'{self.ssh()} root@{self.host.ip4} "cd {self.target} && sha256sum --quiet -c SHA256SUMS"')
        return subprocess.Popen(leader.netns_command("sh", "-c", command))


def theirs(group, files, keys):
    leader, *followers = group.members
    ends = [Sshd(host, keys) for host in followers]
    time.sleep(1)
    start = time.monotonic()
    running = [end.start(leader, files) for end in ends]
    assert [process.wait() for process in running] == [0, 0], "rsync over ssh"
    return time.monotonic() - start


def measure(work, pairs, sizes=FILES):
    work.mkdir(parents=True, exist_ok=True)
    top = pathlib.Path(tempfile.mkdtemp(prefix="sync.", dir=work))
    # The daemons have users of their own.
    for path in (top, *list(top.parents)[:2]):
        path.chmod(path.stat().st_mode | 0o055)
    rows = []
    try:
        files, keys = top / "files", top / "keys"
        make_files(files, sizes)
        keys.mkdir()
        for name in ("host", "user"):
            subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / name), check=True)
        for i in range(pairs):
            directory = top / f"pair{i}"
            directory.mkdir()
            directory.chmod(0o755)
            group = Group(directory, os.getpid() % 1000, ContentMember)
            try:
                for _ in range(3):
                    group.add()
                # Whoever is second finds the files in memory: turn about.
                if i % 2:
                    reference, own = theirs(group, files, keys), ours(group, files)
                else:
                    own, reference = ours(group, files), theirs(group, files, keys)
                rows.append((own, reference))
            finally:
                group.close()
                shutil.rmtree(directory, ignore_errors=True)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return rows


def figure(row, work, pairs=3):
    rows = measure(work, pairs)
    own, reference = (statistics.median(column) for column in zip(*rows))
    row("2 GiB of content, leader to two followers, Synced and verified", "%.1f s" % own,
        "rsync -e ssh to both at once, then sha256sum -c %.1f s; documented elsewhere: at least five minutes" % reference,
        "%.2f" % statistics.median(a / b for a, b in rows), "<= 1.5")


if __name__ == "__main__":
    for pair in measure(pathlib.Path(sys.argv[1]), int(sys.argv[2])):
        print("ours %.1f s, rsync and sha256sum %.1f s, ratio %.2f" % (*pair, pair[0] / pair[1]), flush=True)
