#!/usr/bin/python3
"""A recorded or made-up machine (tests/fixtures/machines) as the tree palette-install reads.

usage: unpack-machine.py FILE.tree DIR        (needs neither root nor network)

A line is one of
  path = value             a file of one line
  path += line             one more line of a file
  path := HEX              a file of these bytes
  path -> target           a symbolic link
  path/                    an empty directory
  disk NAME DIR            a block device at /sys/devices/DIR with its links in sys/block and sys/class
  part NAME                a partition of the disk before
and behind "disk" and "part", indented: what is in that directory. A disk that has a size gets its bytes,
zeros, as heads/NAME.img;
  bytes NAME OFFSET HEX    puts bytes there, from the end where OFFSET is negative
  text NAME OFFSET TEXT    likewise
  head NAME BYTES          the same size said alone, as record-machine.sh does
record-machine.sh makes such a file.
"""

import os
import sys

# What common file systems take; nothing lies behind it in these machines.
FILE_BYTES_MAX = 15 << 40


class Tree:
    """The directory that is being filled."""

    def __init__(self, root):
        self.root, self.disk, self.here = root, None, None
        for name in ("sys/block", "proc/self", "heads"):
            os.makedirs(os.path.join(root, name), exist_ok=True)

    def path(self, name):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def put(self, name, value, mode="w"):
        with open(self.path(name), mode, encoding="utf-8") as file:
            file.write(value + "\n")

    def link(self, name, target):
        os.symlink(target, self.path(name))

    def head(self, name, size):
        with open(self.path("heads/%s.img" % name), "wb") as file:
            file.truncate(min(size, FILE_BYTES_MAX))

    def write(self, name, offset, data):
        with open(self.path("heads/%s.img" % name), "r+b") as file:
            file.seek(offset, os.SEEK_END if offset < 0 else os.SEEK_SET)
            file.write(data)

    def start_disk(self, name, directory):
        self.disk = self.here = "sys/devices/" + directory
        os.makedirs(os.path.join(self.root, self.here))
        for links in ("sys/block/", "sys/class/block/"):
            self.link(links + name, os.path.relpath(self.here, links))

    def start_part(self, name):
        self.here = self.disk + "/" + name
        os.makedirs(os.path.join(self.root, self.here))
        self.link("sys/class/block/" + name, os.path.relpath(self.here, "sys/class/block"))

    def attribute(self, name, value):
        """A file of the present device; its number and its size have consequences."""
        self.put(self.here + "/" + name, value)
        if name == "dev":
            self.link("sys/dev/block/" + value, os.path.relpath(self.here, "sys/dev/block"))
        if name == "size" and self.here == self.disk and int(value):
            self.head(os.path.basename(self.disk), int(value) * 512)

    def line(self, text):
        words = text.split()
        inside = self.here + "/" if text[0] in " \t" else ""
        body = text.strip()
        if words[0] == "disk" and len(words) == 3:
            self.start_disk(*words[1:])
        elif words[0] == "part" and len(words) == 2:
            self.start_part(words[1])
        elif words[0] == "head" and len(words) == 3:
            self.head(words[1], int(words[2]))
        elif words[0] in ("bytes", "text"):
            data = body.split(None, 3)[3]
            self.write(words[1], int(words[2], 0),
                       bytes.fromhex(data) if words[0] == "bytes" else data.encode())
        elif " -> " in body:
            name, target = body.split(" -> ", 1)
            self.link(inside + name, target)
        elif " := " in body:
            name, value = body.split(" := ", 1)
            with open(self.path(inside + name), "wb") as file:
                file.write(bytes.fromhex(value))
        elif " += " in body:
            name, value = body.split(" += ", 1)
            self.put(inside + name, value, "a")
        elif " =" in body:
            name, value = body.split(" =", 1)
            if inside:
                self.attribute(name, value[1:])
            else:
                self.put(name, value[1:])
        elif body.endswith("/"):
            os.makedirs(os.path.join(self.root, inside + body), exist_ok=True)
        else:
            raise ValueError("what is that?")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: unpack-machine.py FILE.tree DIR")
    tree = Tree(sys.argv[2])
    with open(sys.argv[1], encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if not text.strip() or text.startswith("#"):
                continue
            try:
                tree.line(text.rstrip("\n"))
            except (ValueError, OSError, TypeError) as error:
                sys.exit("unpack-machine.py: %s line %d: %s" % (sys.argv[1], number, error))


main()
