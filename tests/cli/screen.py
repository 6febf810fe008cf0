#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""screen.py - drive a program on an 80x24 pseudo-terminal and compare its screens with golden text.

usage: screen.py [--size COLSxROWS] [--term TERM] [--keys TERM] [--show] SCRIPT -- PROGRAM [ARG ...]

SCRIPT ("-": standard input) has one command a line, '#' comments:
  wait TEXT        until TEXT is on the screen
  gone TEXT        until TEXT is no longer on it
  key NAME ...     UP DOWN LEFT RIGHT TAB BACKTAB ENTER ESC HOME END PGUP PGDN DEL BS F1..F12 ^C ^L,
                   or a character
  type TEXT        the characters of TEXT
  cursor ROW COL   where the cursor stands, counted from 0
  screen NAME      the screen is tests/cli/screens/NAME.screen; GOLDEN=update writes it
  resize COLSxROWS
  blank            the terminal forgets what it shows
  hangup           the terminal goes away
  sh COMMAND       runs it with bash, which knows the functions that bats exported
  exit STATUS      the program ends with that status; what it printed last is checked by:
  output TEXT      the program printed TEXT, after it gave the screen back

Each waits at most 10 seconds (SCREEN_TIMEOUT). A failure prints the screen.
"""
import os
import signal
import subprocess
import sys
import time

import pexpect
import pyte

GOLDEN_DIR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "screens")
TIMEOUT = float(os.environ.get("SCREEN_TIMEOUT", "10"))
SETTLED = 0.25  # seconds without output: the screen is complete
SETTLE_MAX = 1.0  # a screen that moves all the time is taken as it is

# What a terminal in keypad mode sends, as the terminfo entries of linux, xterm and vt220 agree on it.
KEYS = {
    "TAB": "\t", "ENTER": "\r", "ESC": "\033", "BS": "\177", "BACKTAB": "\033[Z",
    "DEL": "\033[3~", "PGUP": "\033[5~", "PGDN": "\033[6~",
    "F6": "\033[17~", "F7": "\033[18~", "F8": "\033[19~", "F9": "\033[20~", "F10": "\033[21~",
    "F11": "\033[23~", "F12": "\033[24~", "SPACE": " ",
}
KEYS_OF = {
    "linux": {"UP": "\033[A", "DOWN": "\033[B", "RIGHT": "\033[C", "LEFT": "\033[D",
              "HOME": "\033[1~", "END": "\033[4~", "F1": "\033[[A", "F2": "\033[[B",
              "F3": "\033[[C", "F4": "\033[[D", "F5": "\033[[E", "BACKTAB": "\033\t"},
    "xterm": {"UP": "\033OA", "DOWN": "\033OB", "RIGHT": "\033OC", "LEFT": "\033OD",
              "HOME": "\033OH", "END": "\033OF", "F1": "\033OP", "F2": "\033OQ",
              "F3": "\033OR", "F4": "\033OS", "F5": "\033[15~"},
    "vt220": {"UP": "\033[A", "DOWN": "\033[B", "RIGHT": "\033[C", "LEFT": "\033[D",
              "HOME": "\033[1~", "END": "\033[4~", "F1": "\033OP", "F2": "\033OQ",
              "F3": "\033OR", "F4": "\033OS", "F5": "\033[15~"},
}


class Failure(Exception):
    pass


class Screen:
    def __init__(self, argv, term, keys, columns, rows):
        self.keys = dict(KEYS, **KEYS_OF.get(keys.split("-")[0], KEYS_OF["xterm"]))
        self.screen = pyte.Screen(columns or 80, rows or 24)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.show = False
        env = dict(os.environ, TERM=term, LC_ALL="C.UTF-8")
        self.child = pexpect.spawn(argv[0], argv[1:], env=env, dimensions=(rows, columns),
                                   timeout=TIMEOUT)
        self.child.delaybeforesend = None

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display) + "\n"

    def read(self, seconds):
        """Feeds what comes within that time; False at the end of the program."""
        try:
            data = self.child.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        # pyte takes '\033(0' for a character set even in UTF-8; nothing of ours sends it.
        self.stream.feed(data)
        return True

    def settle(self):
        before = -1
        end = time.monotonic() + SETTLE_MAX
        while before != len(self.raw) and time.monotonic() < end:
            before = len(self.raw)
            if not self.read(SETTLED):
                return

    def until(self, what, holds):
        end = time.monotonic() + TIMEOUT
        while not holds():
            if time.monotonic() > end:
                raise Failure(what)
            if not self.read(0.05) and not holds():
                raise Failure(what + " (the program has ended)")

    def send(self, name):
        if name in self.keys:
            self.child.send(self.keys[name])
        elif len(name) == 2 and name[0] == "^":
            self.child.send(chr(ord(name[1]) & 0x1F))
        elif len(name) == 1:
            self.child.send(name)
        else:
            raise Failure(f"no key called {name}")

    def compare(self, name):
        path = os.path.join(GOLDEN_DIR, name + ".screen")
        if os.environ.get("GOLDEN") == "update":
            self.settle()
            os.makedirs(GOLDEN_DIR, exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(self.text())
            return
        if not os.path.exists(path):
            raise Failure(f"{path} does not exist: run with GOLDEN=update and review it")
        with open(path, encoding="utf-8") as golden:
            want = golden.read()
        self.until(f"the screen is not {path}, which is:\n{want}", lambda: self.text() == want)

    def hang_up(self):
        os.close(self.child.child_fd)
        self.child.child_fd = -1

    def ends(self, status):
        end = time.monotonic() + TIMEOUT
        while self.child.child_fd >= 0 and self.read(0.05):
            if time.monotonic() > end:
                self.child.kill(signal.SIGKILL)
                raise Failure("the program does not end")
        while self.child.isalive():
            if time.monotonic() > end:
                self.child.kill(signal.SIGKILL)
                raise Failure("the program does not end")
            time.sleep(0.02)
        if self.child.exitstatus != status:
            raise Failure(f"it ended with {self.child.exitstatus}, "
                          f"signal {self.child.signalstatus}, not {status}")

    def run(self, line):
        command, _, rest = line.partition(" ")
        if command == "wait":
            self.until(f"never on the screen: {rest}", lambda: rest in self.text())
        elif command == "gone":
            self.until(f"still on the screen: {rest}", lambda: rest not in self.text())
        elif command == "key":
            for name in rest.split():
                self.send(name)
                # Only an ESC that nothing follows is an ESC.
                if name == "ESC" or self.show:
                    self.settle()
        elif command == "type":
            self.child.send(rest)
        elif command == "cursor":
            self.until(f"the cursor is never at {rest}", lambda: rest ==
                       f"{self.screen.cursor.y} {self.screen.cursor.x}")
        elif command == "screen":
            self.compare(rest)
        elif command == "resize":
            columns, rows = (int(n) for n in rest.split("x"))
            self.screen.resize(rows, columns)
            self.child.setwinsize(rows, columns)
        elif command == "blank":
            self.screen.reset()
        elif command == "sh":
            subprocess.run(["bash", "-c", rest], check=True)
        elif command == "hangup":
            self.hang_up()
        elif command == "exit":
            self.ends(int(rest or 0))
        elif command == "output":
            if rest.encode() not in self.raw:
                raise Failure(f"it never printed: {rest}")
        else:
            raise Failure(f"no command called {command}")


def main(argv):
    size, term, keys, show = "80x24", "linux", None, False
    while argv and argv[0].startswith("--"):
        option = argv.pop(0)
        if option == "--size":
            size = argv.pop(0)
        elif option == "--term":
            term = argv.pop(0)
        elif option == "--keys":
            keys = argv.pop(0)
        elif option == "--show":
            show = True
        else:
            sys.exit(__doc__)
    if len(argv) < 3 or argv[1] != "--":
        sys.exit(__doc__)
    source = sys.stdin if argv[0] == "-" else open(argv[0], encoding="utf-8")
    columns, rows = (int(n) for n in size.split("x"))
    screen = Screen(argv[2:], term, keys or term, columns, rows)
    screen.show = show
    for number, line in enumerate(source, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            screen.run(line)
        except Failure as failure:
            print(f"line {number}: {line}: {failure}\n--- the screen:\n{screen.text()}---")
            return 1
        if show and line.split()[0] in ("wait", "key", "screen"):
            screen.settle()
            print(f"--- {line}\n{screen.text()}", end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
