"""Another host on the cable: sends and answers Ethernet frames itself, so that it sees every tag.

QEMU passes each frame as one datagram ("-netdev dgram"). The peer has one address on one VLAN and
answers ARP and DNS there; whatever the machine sends is kept in `frames`.
"""

import os
import socket
import struct
import threading
import time

MAC = bytes.fromhex("020000000001")
BROADCAST = b"\xff" * 6
VLAN, IPV4, ARP = 0x8100, 0x0800, 0x0806
ICMP, TCP, UDP = 1, 6, 17


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Frame:
    """An Ethernet frame taken apart as far as the tests look at it."""

    def __init__(self, data):
        self.data = data
        self.destination, self.source = data[:6], data[6:12]
        self.type, = struct.unpack("!H", data[12:14])
        self.vlan, self.payload = None, data[14:]
        if self.type == VLAN:
            tag, self.type = struct.unpack("!HH", data[14:18])
            self.vlan, self.payload = tag & 0xfff, data[18:]

    def ipv4(self):
        """(protocol, source, destination, payload) of an IPv4 packet, else None."""
        if self.type != IPV4:
            return None
        header = (self.payload[0] & 15) * 4
        length, = struct.unpack("!H", self.payload[2:4])
        return (self.payload[9], socket.inet_ntoa(self.payload[12:16]),
                socket.inet_ntoa(self.payload[16:20]), self.payload[header:length])


class Peer:
    """Use it as a context manager; `arguments` are QEMU's for the other end of the cable."""

    def __init__(self, work, address, vlan, names=()):
        self.address, self.vlan, self.names = address, vlan, dict(names)
        self.frames, self.queries = [], []
        self.lock = threading.Condition()
        # Short paths: a socket's has at most 107 characters.
        base = "/tmp/palette-peer-%d-%x" % (os.getpid(), id(self))
        self.path, self.machine_path = base + ".peer", base + ".vm"
        self.capture = os.path.join(str(work), "peer.pcap")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.arguments = [
            "-netdev", "dgram,id=peer,local.type=unix,local.path=%s,remote.type=unix,"
            "remote.path=%s" % (self.machine_path, self.path),
            "-object", "filter-dump,id=capture,netdev=peer,file=" + self.capture,
        ]
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        for path in (self.path, self.machine_path):
            if os.path.exists(path):
                os.unlink(path)

    def _listen(self):
        while True:
            try:
                data = self.socket.recv(65536)
            except OSError:
                return
            if len(data) < 18:
                continue
            frame = Frame(data)
            with self.lock:
                self.frames.append(frame)
                self.lock.notify_all()
            if frame.vlan == self.vlan:
                self._answer(frame)

    def _answer(self, frame):
        packet = frame.ipv4()
        if frame.type == ARP and frame.payload[6:8] == b"\0\1" and \
                frame.payload[24:28] == socket.inet_aton(self.address):
            self.send(ARP, frame.source, frame.payload[:6] + b"\0\2" + MAC +
                      socket.inet_aton(self.address) + frame.payload[8:18])
        elif packet and packet[0] == UDP and packet[2] == self.address and \
                packet[3][2:4] == b"\0\x35":
            self._answer_dns(frame, packet)

    def _answer_dns(self, frame, packet):
        query = packet[3][8:]
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        name, kind = ".".join(labels), question[-4:-2]
        with self.lock:
            self.queries.append(name)
            self.lock.notify_all()
        answers = []
        if kind == b"\0\1" and name in self.names:
            answers = [b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(self.names[name])]
        code = 0 if name in self.names else 3
        reply = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(answers), 0, 0) + \
            question + b"".join(answers)
        source_port = packet[3][:2]
        self.send_ipv4(frame.source, packet[1], UDP,
                       b"\0\x35" + source_port + struct.pack("!HH", 8 + len(reply), 0) + reply)

    def send(self, kind, destination, payload):
        data = destination + MAC + struct.pack("!HHH", VLAN, self.vlan, kind) + payload
        try:
            self.socket.sendto(data.ljust(60, b"\0"), self.machine_path)
        except OSError:
            pass # the machine is off

    def send_ipv4(self, mac, address, protocol, payload):
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0,
                             socket.inet_aton(self.address), socket.inet_aton(address))
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        self.send(IPV4, mac, header + payload)

    def wait(self, wanted, what, patience=60):
        """The first frame from now on for which @wanted is not None; what it gave."""
        limit = time.monotonic() + patience
        seen = 0
        with self.lock:
            while True:
                for frame in self.frames[seen:]:
                    found = wanted(frame)
                    if found is not None:
                        return found
                seen = len(self.frames)
                left = limit - time.monotonic()
                if left <= 0:
                    raise AssertionError("the peer never saw " + what)
                self.lock.wait(left)

    def forget(self):
        with self.lock:
            self.frames.clear()
            self.queries.clear()

    def resolve(self, address, patience=60):
        """The MAC that answers for @address on the VLAN."""
        ask = b"\0\1\x08\0\6\4\0\1" + MAC + socket.inet_aton(self.address) + b"\0" * 6 + \
            socket.inet_aton(address)

        def answer(frame):
            if frame.type == ARP and frame.vlan == self.vlan and frame.payload[6:8] == b"\0\2" and \
                    frame.payload[14:18] == socket.inet_aton(address):
                return frame.payload[8:14]
            return None

        limit = time.monotonic() + patience
        while True:
            self.send(ARP, BROADCAST, ask)
            try:
                return self.wait(answer, "an answer for " + address, 2)
            except AssertionError:
                if time.monotonic() > limit:
                    raise

    def ping(self, address, size=56):
        """True when an echo of @size comes back; its fragments' sizes."""
        mac = self.resolve(address)
        body = struct.pack("!BBHHH", 8, 0, 0, 7, 7) + bytes(size)
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        self.send_ipv4(mac, address, ICMP, body)

        def echo(frame):
            packet = frame.ipv4()
            return packet[3] if packet and packet[0] == ICMP and packet[1] == address and \
                packet[3][:1] == b"\0" else None

        return self.wait(echo, "an echo of %s" % address)

    def segment_size(self, address, port):
        """The largest TCP segment @address offers on @port: its MTU less 40."""
        mac = self.resolve(address)
        syn = struct.pack("!HHIIBBHHH", 40000, port, 1, 0, 5 << 4, 2, 65535, 0, 0)
        pseudo = socket.inet_aton(self.address) + socket.inet_aton(address) + \
            struct.pack("!BBH", 0, TCP, len(syn))
        syn = syn[:16] + struct.pack("!H", checksum(pseudo + syn)) + syn[18:]
        self.send_ipv4(mac, address, TCP, syn)

        def offered(frame):
            packet = frame.ipv4()
            if not packet or packet[0] != TCP or packet[1] != address or packet[3][13] & 0x12 != 0x12:
                return None
            options = packet[3][20:(packet[3][12] >> 4) * 4]
            return struct.unpack("!H", options[2:4])[0] if options[:2] == b"\2\4" else 0

        return self.wait(offered, "TCP port %d of %s" % (port, address))


def captured(path):
    """The frames of a capture file."""
    frames = []
    with open(path, "rb") as file:
        file.read(24)
        while len(header := file.read(16)) == 16:
            frames.append(Frame(file.read(struct.unpack("=IIII", header)[2])))
    return frames
