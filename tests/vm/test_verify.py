"""What the medium says of itself: "Verify this medium", and the list of what it is made of."""

import hashlib
import json
import re
import subprocess

import esp
import flows
import made
from conftest import new_disk

MIB = 1 << 20


def test_the_sbom_names_the_images_and_every_package_of_this_medium(work, iso):
    beside = iso.with_name(iso.name + ".spdx.json").read_bytes()
    shown = esp.run(str(made.PALETTE_ISO), "show", str(iso))
    assert re.search("^SBOM .*SHA-256 %s$" % hashlib.sha256(beside).hexdigest(), shown, re.M), shown
    assert "another ISO" not in shown
    (work / "manifest").unlink(missing_ok=True)
    esp.run("xorriso", "-osirrox", "on", "-indev", str(iso), "-extract", "/palette/manifest", str(work / "manifest"))
    listed = dict(reversed(line.split()[2:5:2]) for line in (work / "manifest").read_text().splitlines()
                  if line.startswith("file ="))
    assert listed["palette/sbom.spdx.json"] == hashlib.sha256(beside).hexdigest()
    packages = json.loads(beside)["packages"]
    images = {package["packageFileName"]: package["checksums"][0]["checksumValue"]
              for package in packages if "packageFileName" in package}
    assert images == {path: listed[path] for path in ("palette/os.img", "boot/vmlinuz", "boot/initrd.img")}
    found = {(package["name"], package["versionInfo"]) for package in packages}
    installed = iso.with_name(iso.name + ".packages").read_text().split("\n")[:-1]
    assert len(installed) > 100
    for line in installed:
        name, version = line.split("\t")
        assert (name.split(":")[0], version) in found, line
    for name in ("palette-init", "palette-hostd", "shim-signed", "busybox", "react"):
        assert any(name == package for package, _ in found), name
    unknown = [package["name"] for package in packages if package["licenseDeclared"] == "NOASSERTION"
               and package["SPDXID"] != "SPDXRef-iso" and "packageFileName" not in package]
    assert not unknown, "without a licence: %s" % unknown


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
