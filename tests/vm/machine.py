"""A QEMU machine under test: its screens, its disks, its power, and a shell in what it runs.

The serial port is rendered by a terminal emulator, so that tests see what a person sees: an 80x24
screen of text. Waiting is always for something that comes, with a limit, never for time.
"""

import base64
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time

import pyte

OVMF = "/usr/share/OVMF"
COLUMNS, LINES = 80, 24
# Plain, and of a maker whose processors need no page tables of the kernel's own: with those the emulator forgets
# its translations at each system call, and the start of the installed system takes 1.6 times as long.
EMULATED = "Nehalem,vendor=AuthenticAMD"
# What an emulated machine on a busy host may take for one step; a limit, not an expectation.
PATIENCE = 300
# How often a screen that is waited for is looked at.
LOOK_SECONDS = 0.1
# A screen is drawn when the serial port was silent so long; a countdown speaks once a second.
DRAWN_SECONDS = 0.7
# The end of a kernel whose machine got no processor while it measured the timer: only emulators do that.
STARVED = b"end Kernel panic - not syncing: IO-APIC + timer"

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "f2": "\x1bOQ",
    "ctrl-c": "\x03",
    "ctrl-l": "\x0c",
    "backspace": "\x7f",
}

# A root shell on a port that only a machine under test has. The product is not touched: systemd takes
# units from whoever owns the machine's firmware tables.
SHELL_PORT = "palette-test"
SHELL_READY = "palette-test-shell-is-ready"
SHELL_UNIT = """[Unit]
Description=Shell of the machine tests
DefaultDependencies=no
[Service]
ExecStart=/bin/sh -c 'exec <>/dev/virtio-ports/%s >&0 2>&1; echo; echo %s; exec /bin/sh'
Restart=always
RestartSec=1
[Unit]
StartLimitIntervalSec=0
""" % (SHELL_PORT, SHELL_READY)
SHELL_WANTED = "[Unit]\nWants=palette-test.service\n"


# How the ISO is attached; "cd" is on the chipset's own controller, IDE or SATA.
_MEDIUM = "id=dev-medium,drive=medium,bootindex=0"
MEDIA = {
    "cd": ["-device", "ide-cd," + _MEDIUM],
    "sata-cd": ["-device", "ich9-ahci,id=cdbus", "-device", "ide-cd,bus=cdbus.0," + _MEDIUM],
    "usb": ["-device", "usb-storage,bus=xhci.0,removable=on," + _MEDIUM],
    "usb-ehci": ["-device", "usb-ehci,id=ehci", "-device",
                 "usb-storage,bus=ehci.0,removable=on," + _MEDIUM],
    # A BMC's virtual CD.
    "usb-cd": ["-device", "usb-bot,id=bot,bus=xhci.0", "-device",
               "scsi-cd,bus=bot.0,scsi-id=0,lun=0," + _MEDIUM],
}


class Timeout(AssertionError):
    """What was waited for did not come; the message has the screen as it was."""


def accelerator(kernel):
    """KVM when it runs a stock kernel, which the presence of /dev/kvm does not tell."""
    if not os.access("/dev/kvm", os.W_OK):
        return "tcg"
    command = [
        "qemu-system-x86_64", "-accel", "kvm", "-cpu", "host", "-m", "256", "-nodefaults",
        "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", kernel,
        "-append", "console=ttyS0 panic=-1",
    ]
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             stdin=subprocess.DEVNULL, timeout=15, check=False)
    except subprocess.TimeoutExpired:
        return "tcg"
    return "kvm" if b"Kernel panic" in run.stdout else "tcg"


class Disk:
    """A disk of a machine: an image file and how it is attached.

    fail_writes_at: byte offset from which writes fail with an I/O error. log: a file that gets every
    write and flush in dm-log-writes' format. Other options go to the device, such as serial="x".
    """

    def __init__(self, path, device="virtio-blk-pci", fail_writes_at=None, log=None, **options):
        self.path, self.device, self.options = str(path), device, options
        self.fail_writes_at, self.log = fail_writes_at, log

    def node(self, name):
        """The block device as QEMU's -blockdev takes it."""
        node = {
            "driver": "qcow2" if self.path.endswith(".qcow2") else "raw",
            "file": {"driver": "file", "filename": self.path, "discard": "unmap",
                     "cache": {"direct": False, "no-flush": True}},
            "discard": "unmap",
            "cache": {"direct": False, "no-flush": True},
        }
        if self.log:
            node = {"driver": "blklogwrites", "file": node, "log-sector-size": 512,
                    "log": {"driver": "file", "filename": str(self.log)}}
        if self.fail_writes_at is not None:
            node = {"driver": "blkdebug", "image": node, "inject-error": [
                {"event": "none", "iotype": "write", "errno": 5,
                 "sector": self.fail_writes_at // 512}]}
        return {**node, "node-name": name}

    def arguments(self, number, bootindex):
        """-blockdev and -device."""
        name = "disk%d" % number
        device = {"driver": self.device, "id": "dev-" + name, "drive": name,
                  "bootindex": bootindex, **self.options}
        if self.device == "scsi-hd":
            device.setdefault("bus", "scsi.0")
        if self.device == "usb-storage":
            device.setdefault("bus", "xhci.0")
        return ["-blockdev", json.dumps(self.node(name)), "-device", json.dumps(device)]


class Machine:
    """One virtual machine, started by the constructor. Use it as a context manager."""

    def __init__(self, work, *, firmware="bios", iso=None, medium="cd", disks=(), memory=1024,
                 accel="tcg", variables=None, extra=(), name="vm", network=True,
                 secure_boot=False, shell=False, incoming=None, chipset=None, vga="std",
                 serial=True):
        self.work = str(work)
        self.name = name
        os.makedirs(self.work, exist_ok=True)
        self.raw = bytearray()
        self.heard = time.monotonic()
        self.starved_at = 0
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)
        self.lock = threading.Lock()
        self.qmp_id = 0
        self.events = []
        self.shell = None
        # Short paths: a socket's has at most 107 characters.
        self.sockets = {key: os.path.join("/tmp", "palette-vm-%d-%s-%x.%s" % (
            os.getpid(), name, id(self), key)) for key in ("serial", "qmp", "shell")}
        self.disks = [disk if isinstance(disk, Disk) else Disk(disk) for disk in disks]

        uefi = firmware == "uefi"
        command = [
            "qemu-system-x86_64",
            "-machine", "q35,smm=on" if uefi else chipset or "pc",
            "-accel", accel, "-cpu", "host" if accel == "kvm" else EMULATED, "-smp", "1",
            "-m", str(memory), "-nodefaults", "-display", "none", "-vga", vga, "-rtc", "base=utc",
            "-device", "qemu-xhci,id=xhci", "-device", "usb-kbd,bus=xhci.0",
            "-device", "virtio-scsi-pci,id=scsi",
            "-chardev", "socket,id=serial,server=on,wait=off,path=" + self.sockets["serial"],
            *(["-serial", "chardev:serial"] if serial else []),
            "-qmp", "unix:%s,server=on,wait=off" % self.sockets["qmp"],
        ]
        if network:
            model = "virtio-net-pci" if network is True else network
            command += ["-nic", "user,model=%s,restrict=on" % model]
        if uefi:
            command += self._uefi(variables, secure_boot)
        if shell:
            command += self._shell_options()
        # The medium stays first in the boot order, as the documented procedure leaves it.
        if iso:
            medium_node = {"driver": "raw", "read-only": True, "node-name": "medium",
                           "file": {"driver": "file", "filename": str(iso)}}
            command += ["-blockdev", json.dumps(medium_node), *MEDIA[medium]]
        for number, disk in enumerate(self.disks):
            command += disk.arguments(number, number + 1)
        if incoming:
            command += ["-incoming", "defer"]
        command += list(extra)

        self.log_path = os.path.join(self.work, name + ".log")
        if os.path.exists(self.log_path):
            os.unlink(self.log_path)
        self.qemu_log = open(os.path.join(self.work, name + ".qemu.log"), "wb")
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.qemu_log,
                                        stderr=subprocess.STDOUT)
        self.serial = self._connect("serial")
        self.monitor = self._connect("qmp")
        self.monitor_file = self.monitor.makefile("rb")
        self.monitor_file.readline()
        self.qmp("qmp_capabilities")
        if shell:
            self.shell = Shell(self, self._connect("shell"))
        threading.Thread(target=self._read_serial, daemon=True).start()
        if incoming:
            self._continue(incoming)

    def _uefi(self, variables, secure_boot):
        code = "OVMF_CODE_4M.secboot.fd" if secure_boot else "OVMF_CODE_4M.fd"
        fresh = "OVMF_VARS_4M.ms.fd" if secure_boot else "OVMF_VARS_4M.fd"
        self.variables = str(variables or os.path.join(self.work, self.name + ".vars.fd"))
        if not variables or not os.path.exists(self.variables):
            shutil.copy(os.path.join(OVMF, fresh), self.variables)
        options = ["-drive", "if=pflash,format=raw,readonly=on,file=%s/%s" % (OVMF, code),
                   "-drive", "if=pflash,format=raw,file=%s" % self.variables]
        if secure_boot:
            options += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
        return options

    def _shell_options(self):
        def credential(name, text):
            return ["-smbios", "type=11,value=io.systemd.credential.binary:%s=%s" % (
                name, base64.b64encode(text.encode()).decode())]

        return ["-device", "virtio-serial-pci",
                "-chardev", "socket,id=shell,server=on,wait=off,path=" + self.sockets["shell"],
                "-device", "virtserialport,chardev=shell,name=" + SHELL_PORT,
                *credential("systemd.extra-unit.palette-test.service", SHELL_UNIT),
                *credential("systemd.unit-dropin.sysinit.target", SHELL_WANTED)]

    def _connect(self, key):
        while self.process.poll() is None:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self.sockets[key])
                return connection
            except OSError:
                connection.close()
                time.sleep(0.02)
        with open(self.qemu_log.name, encoding="utf-8", errors="replace") as log:
            raise AssertionError("QEMU did not start: " + log.read()[-2000:])

    def _read_serial(self):
        with open(self.log_path, "ab", buffering=0) as log:
            while True:
                try:
                    data = self.serial.recv(65536)
                except OSError:
                    return
                if not data:
                    return
                log.write(data)
                with self.lock:
                    self.heard = time.monotonic()
                    self.raw += data
                    self.stream.feed(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    # What a person sees and does

    def text(self):
        """The serial screen, 24 lines without trailing blanks."""
        with self.lock:
            return "\n".join(line.rstrip() for line in self.screen.display)

    def settled(self):
        """The serial screen when nothing is drawn any more: for looking at what no wait names."""
        with contextlib.suppress(Timeout):
            self.until(lambda: time.monotonic() - self.heard > DRAWN_SECONDS, "a still screen", 10)
        return self.text()

    def output(self):
        """Everything the serial port has said since power-on or forget()."""
        with self.lock:
            return bytes(self.raw).decode("utf-8", "replace")

    def forget(self):
        """Clears the screen and the output, so that a wait is for what comes from now on."""
        with self.lock:
            self.raw.clear()
            self.starved_at = 0
            self.events.clear()
            self.screen.reset()

    def _unstick(self):
        """Presses reset where the emulator, not what it runs, has failed."""
        with self.lock:
            found = self.raw.find(STARVED, self.starved_at)
            if found >= 0:
                self.starved_at = found + len(STARVED)
        if found >= 0:
            self.qmp("system_reset")

    def wait(self, pattern, patience=PATIENCE, raw=False):
        """Waits for a regular expression on the screen (raw: in all output)."""
        expression = re.compile(pattern, re.S)
        limit = time.monotonic() + patience
        while True:
            found = expression.search(self.output() if raw else self.text())
            if found:
                return found
            ended = self.process.poll() is not None
            if time.monotonic() > limit or ended:
                raise Timeout("%s: no /%s/ %s; the screen:\n%s\n--- last output:\n%s" % (
                    self.name, pattern,
                    "before QEMU ended" if ended else "in %d s" % patience,
                    self.text(), self.output()[-1500:]))
            self._unstick()
            time.sleep(LOOK_SECONDS)

    def type(self, *keys):
        """Sends keys to the serial port: names of KEYS or plain text."""
        for key in keys:
            self.serial.sendall(KEYS.get(key, key).encode())
            if KEYS.get(key, "").startswith("\x1b"):
                # An escape sequence has to end before the next key begins.
                time.sleep(0.5)

    def elapsed(self):
        return time.monotonic() - self.started

    # The machine itself

    def qmp(self, command, **arguments):
        self.qmp_id += 1
        request = {"execute": command, "arguments": arguments, "id": self.qmp_id}
        self.monitor.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self.monitor_file.readline()
            if not line:
                raise AssertionError("QEMU closed its monitor during " + command)
            answer = json.loads(line)
            if "event" in answer:
                self.events.append(answer)
            if answer.get("id") != self.qmp_id:
                continue
            if "error" in answer:
                raise AssertionError("%s: %s" % (command, answer["error"]))
            return answer["return"]

    def screendump(self, path):
        """The VGA screen as a PNG file."""
        self.qmp("screendump", filename=str(path), format="png")
        return path

    def vga_text(self):
        """The 25 lines of a VGA screen in text mode, from its memory."""
        path = os.path.join(self.work, self.name + ".vga")
        self.qmp("pmemsave", val=0xb8000, size=80 * 25 * 2, filename=path)
        with open(path, "rb") as file:
            characters = file.read()[::2].replace(b"\0", b" ").decode("cp437")
        os.unlink(path)
        return "\n".join(characters[at:at + 80].rstrip() for at in range(0, 80 * 25, 80))

    def wait_vga(self, pattern, patience=PATIENCE):
        """Waits for a regular expression on a VGA screen in text mode."""
        self.until(lambda: re.search(pattern, self.vga_text(), re.S), "/%s/ on the VGA screen" % pattern,
                    patience)

    def press(self, *names):
        """Keys on the emulated keyboard, at once: press("ctrl", "alt", "f2")."""
        self.qmp("send-key", keys=[{"type": "qcode", "data": name} for name in names])

    def press_until(self, names, condition, what):
        """Presses again what was not taken: a USB keyboard may come later than the first screen."""
        while not condition():
            self.press(*names)
            with contextlib.suppress(Timeout):
                self.until(condition, what, 5)

    def reset(self):
        """The reset button."""
        self.forget()
        self.qmp("system_reset")

    def until(self, condition, what, patience=PATIENCE):
        limit = time.monotonic() + patience
        while not condition():
            if time.monotonic() > limit:
                raise Timeout("%s: %s did not come in %d s; the screen:\n%s" % (
                    self.name, what, patience, self.text()))
            time.sleep(LOOK_SECONDS)

    def freeze(self, path):
        """Saves the running machine, to be continued by Machine(..., incoming=path), and ends it."""
        self.qmp("stop")
        self.qmp("migrate-set-capabilities",
                 capabilities=[{"capability": "events", "state": True}])
        self.qmp("migrate", uri="file:%s" % path)
        self.until(lambda: self.qmp("query-migrate").get("status") == "completed",
                    "the end of the saving")
        self.kill()

    def _continue(self, path):
        self.qmp("migrate-incoming", uri="file:%s" % path)
        self.until(lambda: self.qmp("query-status")["status"] in ("paused", "running"),
                    "the saved machine")
        self.qmp("cont")

    def writes(self):
        """How many writes the first disk has done."""
        return next(device["stats"]["wr_operations"] for device in self.qmp("query-blockstats")
                    if device.get("qdev", "").find("dev-disk0") >= 0)

    def ejected(self):
        """Did the CD's tray come out since forget()? QEMU pulls it in again when the machine restarts."""
        self.qmp("query-status")
        return any(event["event"] == "DEVICE_TRAY_MOVED" and event["data"]["tray-open"]
                   and event["data"]["id"] == "dev-medium" for event in self.events)

    def wait_exit(self, patience=PATIENCE):
        """Waits for the machine to power itself off."""
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Timeout("%s: still on after %d s; the screen:\n%s" % (
                self.name, patience, self.text())) from None
        self.kill()

    def kill(self):
        """The plug."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for connection in (self.serial, self.monitor, self.shell and self.shell.connection):
            if connection:
                connection.close()
        for path in self.sockets.values():
            if os.path.exists(path):
                os.unlink(path)
        self.qemu_log.close()


class Shell:
    """A root shell in the installed or live system, on a port of its own."""

    def __init__(self, machine, connection):
        self.machine, self.connection = machine, connection
        self.buffer = ""
        self.count = 0
        connection.settimeout(LOOK_SECONDS)

    def _read_until(self, pattern, patience):
        expression = re.compile(pattern, re.S)
        limit = time.monotonic() + patience
        while True:
            found = expression.search(self.buffer)
            if found:
                self.buffer = self.buffer[found.end():]
                return found
            if time.monotonic() > limit or self.machine.process.poll() is not None:
                raise Timeout("%s: the shell did not answer in %d s: %s\nthe screen:\n%s" % (
                    self.machine.name, patience, self.buffer[-500:], self.machine.text()))
            try:
                data = self.connection.recv(65536)
            except TimeoutError:
                continue
            self.buffer += data.decode("utf-8", "replace")

    def ready(self, patience=PATIENCE):
        """Waits for the shell of this boot; after a restart, for the next one."""
        self._read_until(SHELL_READY, patience)
        return self

    def run(self, command, patience=120):
        """Runs a command; its exit status and what it printed."""
        self.count += 1
        mark = "palette-test-%d" % self.count
        text = base64.b64encode(command.encode()).decode()
        self.connection.sendall((
            "echo %s-begin; sh -c \"$(echo %s | base64 -d)\" </dev/null 2>&1; echo \"%s-end $?\"\n"
            % (mark, text, mark)).encode())
        found = self._read_until(mark + r"-begin\r?\n(.*?)" + mark + r"-end (\d+)", patience)
        return int(found.group(2)), found.group(1).replace("\r\n", "\n").rstrip("\n")

    def check(self, command, patience=120):
        """Runs a command that must succeed; what it printed."""
        status, output = self.run(command, patience)
        assert status == 0, "%s: status %d: %s" % (command, status, output)
        return output

    def send(self, command):
        """Runs a command that takes the shell with it, such as a restart."""
        self.connection.sendall((command + "\n").encode())
