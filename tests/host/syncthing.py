# SPDX-License-Identifier: Apache-2.0
"""systemd's part in the content of linked hosts: palette-sync.path and palette-sync.service of a test's host."""
import os
import pathlib
import threading
import time

from harness import LINK_UID, SYNC_UID

SCRIPT = pathlib.Path(__file__).parent.parent.parent / "overlays/os/usr/lib/palette/sync"


class SyncService:
    """Runs Syncthing in the host's network as long as the link daemon wants it."""

    def __init__(self, host):
        self.host, self.process, self.starts, self.runs = host, None, 0, True
        self.make_directories()
        self.wanted = host.root / "run/palette-link/sync.env"
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def make_directories(self):
        # The daemon is in Syncthing's group, by which it reaches the API.
        for path, uid in (("var/lib/palette/sync", SYNC_UID), ("run/palette-sync", SYNC_UID),
                          ("run/palette-link", LINK_UID)):
            (self.host.root / path).mkdir(parents=True, exist_ok=True)
            os.chown(self.host.root / path, uid, uid)

    def watch(self):
        while self.runs:
            if (self.process is None or self.process.poll() is not None) and self.wanted.exists():
                self.start()
            time.sleep(0.1)

    def start(self):
        try:
            env = dict(line.split("=", 1) for line in self.wanted.read_text().splitlines())
        except OSError:
            return
        self.starts += 1
        log = open(self.host.tmp / "syncthing.log", "a")
        self.process = self.host.spawn(
            "nsenter", f"--net=/run/netns/{self.host.netns}", "setpriv", f"--reuid={SYNC_UID}", f"--regid={SYNC_UID}",
            "--clear-groups", SCRIPT, self.host.root,
            env=env | {"HOME": str(self.host.root / "var/lib/palette/sync")}, stdout=log, stderr=log)

    def close(self):
        self.runs = False
        self.thread.join(5)
