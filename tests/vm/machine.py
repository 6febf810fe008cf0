"""A QEMU machine under test: its screen, its serial port, its disks, its power.

The serial port is rendered by a terminal emulator, so that tests see what a person sees: an 80x24
screen of text. Waiting is always for something on that screen or in the raw output, never for time.
"""

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
# What an emulated machine on a busy host may take for one step; a limit, not an expectation.
PATIENCE = 240

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "ctrl-c": "\x03",
    "ctrl-l": "\x0c",
    "backspace": "\x7f",
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


class Machine:
    """One virtual machine, started by the constructor. Use it as a context manager."""

    def __init__(self, work, *, firmware="bios", iso=None, medium="cd", disks=(), memory=1024,
                 accel="tcg", machine=None, display="std", variables=None, extra=(), name="vm",
                 disk_device="virtio-blk-pci", network=True, secure_boot=False, boot_cd_first=True):
        self.work = str(work)
        self.name = name
        os.makedirs(self.work, exist_ok=True)
        self.raw = bytearray()
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)
        self.lock = threading.Lock()
        self.qmp_id = 0
        serial_path = os.path.join(self.work, name + ".serial")
        qmp_path = os.path.join(self.work, name + ".qmp")
        for path in (serial_path, qmp_path):
            if os.path.exists(path):
                os.unlink(path)

        uefi = firmware == "uefi"
        command = [
            "qemu-system-x86_64",
            "-machine", machine or ("q35,smm=on" if uefi else "pc"),
            "-accel", accel, "-cpu", "host" if accel == "kvm" else "Nehalem", "-smp", "1",
            "-m", str(memory), "-nodefaults", "-display", "none",
            "-device", "qemu-xhci,id=xhci", "-device", "usb-kbd,bus=xhci.0",
            "-rtc", "base=utc",
            "-chardev", "socket,id=serial,path=%s,server=on,wait=off" % serial_path,
            "-serial", "chardev:serial",
            "-qmp", "unix:%s,server=on,wait=off" % qmp_path,
        ]
        if display:
            command += ["-vga", display]
        if network:
            command += ["-nic", "user,model=virtio-net-pci,restrict=on"]
        if uefi:
            command += self._uefi(variables, secure_boot)
        index = 1
        if iso and medium == "cd":
            command += ["-drive", "if=none,id=cd,media=cdrom,readonly=on,format=raw,file=%s" % iso,
                        "-device", "%s,drive=cd,bootindex=%d" % (
                            "ide-cd,bus=ide.0" if uefi else "ide-cd", 0 if boot_cd_first else 9)]
        elif iso:
            command += ["-drive", "if=none,id=stick,readonly=on,format=raw,file=%s" % iso,
                        "-device", "usb-storage,bus=xhci.0,drive=stick,bootindex=0,removable=on"]
        for number, disk in enumerate(disks):
            path, options = (disk, {}) if isinstance(disk, (str, os.PathLike)) else disk
            drive = "if=none,id=disk%d,file=%s,format=%s,cache=unsafe,discard=unmap" % (
                number, path, "qcow2" if str(path).endswith(".qcow2") else "raw")
            device = options.get("device", disk_device) + ",drive=disk%d,bootindex=%d" % (
                number, index + number)
            device += "".join(",%s=%s" % item for item in options.items() if item[0] != "device")
            command += ["-drive", drive, "-device", device]
        command += list(extra)

        self.log_path = os.path.join(self.work, name + ".log")
        self.qemu_log = open(os.path.join(self.work, name + ".qemu.log"), "wb")
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.qemu_log,
                                        stderr=subprocess.STDOUT)
        self.serial = self._connect(serial_path)
        self.monitor = self._connect(qmp_path)
        self.monitor_file = self.monitor.makefile("rb")
        self.monitor_file.readline()
        self.qmp("qmp_capabilities")
        threading.Thread(target=self._read_serial, daemon=True).start()

    def _uefi(self, variables, secure_boot):
        code = "OVMF_CODE_4M.secboot.fd" if secure_boot else "OVMF_CODE_4M.fd"
        fresh = "OVMF_VARS_4M.ms.fd" if secure_boot else "OVMF_VARS_4M.fd"
        variables = variables or os.path.join(self.work, self.name + ".vars.fd")
        if not os.path.exists(variables):
            shutil.copy(os.path.join(OVMF, fresh), variables)
        options = ["-drive", "if=pflash,format=raw,readonly=on,file=%s/%s" % (OVMF, code),
                   "-drive", "if=pflash,format=raw,file=%s" % variables]
        if secure_boot:
            options += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
        return options

    def _connect(self, path):
        for _ in range(200):
            if self.process.poll() is not None:
                break
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(path)
                return connection
            except OSError:
                connection.close()
                time.sleep(0.05)
        with open(os.path.join(self.work, self.name + ".qemu.log"), encoding="utf-8",
                  errors="replace") as log:
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

    def wait(self, pattern, patience=PATIENCE, raw=False):
        """Waits for a regular expression on the screen (raw: in everything since power-on)."""
        expression = re.compile(pattern, re.S)
        limit = time.monotonic() + patience
        while True:
            with self.lock:
                output = bytes(self.raw).decode("utf-8", "replace")
            found = expression.search(output if raw else self.text())
            if found:
                return found
            if time.monotonic() > limit or self.process.poll() is not None:
                raise Timeout("%s: no /%s/ in %d s%s; the screen:\n%s\n--- last output:\n%s" % (
                    self.name, pattern, patience,
                    "" if self.process.poll() is None else " (QEMU has ended)",
                    self.text(), output[-1500:]))
            time.sleep(0.1)

    def type(self, *keys):
        """Sends keys to the serial port: names of KEYS or plain text."""
        for key in keys:
            self.serial.sendall(KEYS.get(key, key).encode())
            # An escape sequence has to end before the next key begins.
            time.sleep(0.3)

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
            if answer.get("id") != self.qmp_id:
                continue
            if "error" in answer:
                raise AssertionError("%s: %s" % (command, answer["error"]))
            return answer["return"]

    def screendump(self, path):
        """The VGA screen as a PNG file."""
        self.qmp("screendump", filename=str(path), format="png")

    def press(self, *names):
        """Keys on the emulated keyboard, at once: press("ctrl", "alt", "f2")."""
        self.qmp("send-key", keys=[{"type": "qcode", "data": name} for name in names])

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
        for connection in (self.serial, self.monitor):
            connection.close()
        self.qemu_log.close()
