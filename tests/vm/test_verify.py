"""The medium's entry "Verify this medium"."""

import re

import esp
import flows
import made
from conftest import new_disk

MIB = 1 << 20


def test_the_medium_verifies_itself_again_and_again(work, start, iso):
    medium, _ = made.to_order(iso, work, timeout=60)
    offset, size = esp.payload(medium, "/palette/os.img")
    at = size // 2
    machine = start(iso=medium, disks=[new_disk(work / "disk.img")])
    machine.wait("Verify this medium.*executed automatically")
    flows.mark_entry(machine, "Verify this medium")
    machine.type("enter")
    machine.wait("switch the machine off", patience=2 * flows.PATIENCE)
    text = flows.unwrapped(machine.text())
    assert "This medium is good: Palette Edge" in text, text
    assert "Every byte is as the manifest says." in text, text
    # The content too, which is in a manifest of its own.
    assert re.search("in 1[3-9] files read", text), text
    # Damage while it runs: the next look has to be at the medium, not at what memory has of it.
    esp.flip(medium, offset + at)
    machine.type("a")
    machine.wait("> again")
    machine.type("enter")
    machine.wait("This medium is DAMAGED.*switch the machine off", patience=2 * flows.PATIENCE)
    text = flows.unwrapped(machine.text())
    first = at // MIB * MIB
    assert "DAMAGED: palette/os.img, between byte %d and %d" % (
        first, min(first + MIB, size) - 1) in text, text
    machine.type("i")
    machine.wait("> install")
    machine.type("enter")
    machine.wait(flows.DISKS)
