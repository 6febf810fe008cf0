#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""console.py - palette-console between two terminals and a program.

usage: console.py PALETTE-CONSOLE TEST ...        ("all": every test)

A terminal here is the other end of a pseudo-terminal, with a pyte screen of what it was sent.
"""
import os
import pty
import select
import signal
import subprocess
import sys
import time

import pyte

TIMEOUT = float(os.environ.get("CONSOLE_TIMEOUT", "10"))
CONSOLE = None

# Says what it got, byte by byte in hex; "Q" ends it. Redraws on Ctrl+L as curses programs do.
ECHO = r'''
import os, sys, termios, tty
tty.setraw(0)
def say(text): os.write(1, text.encode())
def draw(): say("\033[H\033[2Jready\r\n")
draw()
while True:
    for byte in os.read(0, 100):
        if byte == 12: draw(); say("repainted ")
        elif byte == ord("Q"): sys.exit(0)
        elif byte == ord("S"):
            import socket
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(
                b"shell", os.environ["PALETTE_CONSOLE_SOCKET"])
        else: say("%02x " % byte)
'''

# More than a console is buffered, no faster than one that is read can take it.
FLOOD = """
import time
for _ in range(50):
    print("x" * 2000, flush=True)
    time.sleep(0.01)
"""


class Terminal:
    def __init__(self):
        self.fd, slave = pty.openpty()
        self.path = os.ttyname(slave)
        self.slave = slave
        self.raw = b""
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display).strip()

    def type(self, keys):
        os.write(self.fd, keys)

    def take(self):
        data = os.read(self.fd, 65536)
        self.raw += data
        self.stream.feed(data)


class Run:
    """palette-console on some terminals; those in `reading` take what they are sent."""

    running = []

    def __init__(self, program, n=2, extra=()):
        self.terminals = [Terminal() for _ in range(n)]
        self.reading = list(self.terminals)
        argv = [CONSOLE]
        for terminal in self.terminals:
            argv += ["--console", terminal.path]
        self.process = subprocess.Popen(argv + list(extra) + ["--"] + program,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        Run.running.append(self.process)

    def pump(self, seconds):
        ready, _, _ = select.select([t.fd for t in self.reading], [], [], seconds)
        for terminal in self.reading:
            if terminal.fd in ready:
                terminal.take()

    def until(self, claim, what):
        end = time.monotonic() + TIMEOUT
        while not claim():
            if time.monotonic() > end:
                raise AssertionError("not in %g s: %s\n%s" % (TIMEOUT, what, self.screens()))
            self.pump(0.1)

    def wait_text(self, text, *terminals):
        for terminal in terminals or self.terminals:
            self.until(lambda: text in terminal.text(), "%r on %s" % (text, terminal.path))

    def settle(self):
        """Until nothing has come for a moment."""
        while True:
            ready, _, _ = select.select([t.fd for t in self.reading], [], [], 0.3)
            if not ready:
                return
            self.pump(0)

    def screens(self):
        return "\n".join("--- %s\n%s" % (t.path, t.text()) for t in self.terminals)

    def status(self):
        self.until(lambda: self.process.poll() is not None, "end of palette-console")
        return self.process.returncode


def echo():
    run = Run(["python3", "-c", ECHO])
    run.wait_text("ready")
    return run


def check(claim, what):
    if not claim:
        raise AssertionError(what)


def test_both_terminals_show_the_same():
    run = Run(["sh", "-c", "printf 'one\\ntwo\\033[5;10Hthree'; sleep 100"])
    run.wait_text("three")
    run.settle()
    first, second = run.terminals
    check(first.screen.display == second.screen.display, run.screens())
    check(first.raw == second.raw, "the bytes differ")


def test_keys_come_from_either():
    run = echo()
    run.terminals[0].type(b"a")
    run.wait_text("61")
    run.terminals[1].type(b"b")
    run.wait_text("61 62")
    run.terminals[1].type(b"Q")
    check(run.status() == 0, "status")


def test_keys_of_any_terminal_arrive_as_those_of_one():
    run = echo()
    run.terminals[0].type(b"\033[[A")  # F1 of the screen
    run.wait_text("1b 4f 50")
    run.terminals[1].type(b"\033[11~")  # F1 of PuTTY
    run.wait_text("1b 4f 50 1b 4f 50")


def test_an_escape_alone_arrives_after_a_moment():
    run = echo()
    run.terminals[0].type(b"\033")
    run.wait_text("1b")


def test_a_terminal_that_takes_nothing_holds_up_nobody():
    run = Run(["python3", "-c", FLOOD + "print('\\033[2J\\033[Hthe end', flush=True)\ntime.sleep(100)"])
    run.reading = run.terminals[:1]
    run.wait_text("the end", run.terminals[0])


def test_it_is_repainted_when_it_takes_something_again():
    run = Run(["python3", "-c", FLOOD + ECHO])
    first, second = run.terminals
    run.reading = [first]
    run.wait_text("ready", first)
    check("ready" not in second.text(), "the other was not stalled")
    run.reading = run.terminals
    run.wait_text("repainted")


def test_a_key_there_has_it_repainted():
    run = Run(["python3", "-c", FLOOD + ECHO])
    first, second = run.terminals
    run.reading = [first]
    run.wait_text("ready", first)
    check("repainted" not in first.text(), "repainted for a terminal that takes nothing")
    second.type(b"z")
    run.wait_text("repainted", first)


def test_the_terminal_is_80x24_and_of_a_type_all_share():
    run = Run(["sh", "-c", "stty size; echo $TERM $LC_ALL; sleep 100"])
    run.wait_text("24 80\npalette C.UTF-8")


def test_the_status_is_the_programs():
    for program, want in ((["sh", "-c", "exit 11"], 11), (["sh", "-c", "kill -9 $$"], 137),
                          (["no-such-program"], 127)):
        run = Run(program)
        status = run.status()
        check(status == want, "%s: status %d" % (program, status))


def test_the_last_words_are_shown():
    # Terminals are cleared at the end; what was sent before is in the raw bytes.
    run = Run(["sh", "-c", "echo last words; exit 3"])
    check(run.status() == 3, "status")
    run.settle()
    for terminal in run.terminals:
        check(b"last words" in terminal.raw, terminal.raw)
        check(terminal.text() == "", "the screen was left behind:\n" + terminal.text())


def test_told_to_end_it_ends_the_program():
    run = Run(["sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"])
    run.wait_text("ready")
    run.process.send_signal(signal.SIGTERM)
    check(run.status() == 5, "status %s" % run.process.returncode)


def test_a_terminal_that_goes_away_takes_nobody_along():
    run = echo()
    first, second = run.terminals
    run.reading = [first]
    os.close(second.slave)
    os.close(second.fd)
    first.type(b"a")
    run.wait_text("61", first)
    first.type(b"Q")
    check(run.status() == 0, "status")


def test_a_shell_opens_where_the_last_key_came_from_and_the_other_keeps_the_screen():
    run = echo()
    first, second = run.terminals
    first.type(b"a")
    run.wait_text("61")
    second.type(b"S")
    second.raw = b""
    run.until(lambda: b"#" in second.raw or b"$" in second.raw, "a prompt")
    second.type(b"echo $((6*7)) $(tty)\r")
    run.wait_text("42 " + second.path, second)
    check("61" in first.text() and "42" not in first.text(), run.screens())
    first.type(b"c")
    run.wait_text("63", first)
    check("63" not in second.text(), run.screens())
    second.type(b"exit\r")
    run.wait_text("repainted")
    second.type(b"d")
    run.wait_text("64")


def test_nobody_else_may_ask():
    run = Run(["sh", "-c", "echo $PALETTE_CONSOLE_SOCKET end; read x"])
    run.wait_text("end")
    path = run.terminals[0].text().split()[0]
    check(os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700, "mode of the folder")
    run.terminals[0].type(b"\r")
    check(run.status() == 0, "status")
    check(not os.path.exists(path), "the socket was left behind")


def test_wrong_usage_is_said():
    for argv, text in (([], b"which program?"), (["--bogus"], b"unrecognized option")):
        done = subprocess.run([CONSOLE] + argv, capture_output=True, check=False)
        check(done.returncode == 125, "status %d" % done.returncode)
        check(text in done.stderr, done.stderr)


def main():
    global CONSOLE
    CONSOLE = sys.argv[1]
    tests = {name[5:]: call for name, call in globals().items() if name.startswith("test_")}
    names = list(tests) if sys.argv[2:] == ["all"] else sys.argv[2:]
    for name in names:
        try:
            tests[name]()
            print("ok", name)
        except AssertionError as failure:
            print("not ok", name, failure, sep="\n")
            return 1
        finally:
            for process in Run.running:
                process.kill()
                process.wait()
            Run.running.clear()
    return 0


if __name__ == "__main__":
    sys.exit(main())
