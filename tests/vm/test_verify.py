"""What the medium says of itself: "Verify this medium", and the list of what it is made of."""

import contextlib
import hashlib
import json
import pathlib
import re
import shutil
import subprocess

import esp
import flows
import made
from conftest import new_disk

MIB = 1 << 20
ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_sbom_names_the_images_and_every_package_of_this_medium(work, iso):
    beside = iso.with_name(iso.name + ".spdx.json").read_bytes()
    shown = esp.run(str(made.PALETTE_ISO), "show", str(iso))
    assert re.search("^SBOM .*SHA-256 %s$" % hashlib.sha256(beside).hexdigest(), shown, re.M), shown
    assert "another ISO" not in shown
    listed = dict(reversed(line.split()[2:5:2])
                  for line in extracted(iso, "palette/manifest", work).read_text().splitlines()
                  if line.startswith("file ="))
    assert listed["palette/sbom.spdx.json"] == hashlib.sha256(beside).hexdigest()
    packages = json.loads(beside)["packages"]
    images = {package["packageFileName"]: package["checksums"][0]["checksumValue"]
              for package in packages if "packageFileName" in package}
    assert images == {path: listed[path] for path in ("palette/os.img", "boot/vmlinuz", "boot/initrd.img")}
    found = {(package["name"], package["versionInfo"]) for package in packages}
    listed_packages = iso.with_name(iso.name + ".packages").read_text().split("\n")[:-1]
    assert len(listed_packages) > 100
    for line in listed_packages:
        assert tuple(line.split("\t")) in found, line
    for name in ("shim-helpers-amd64-signed", "grub-efi-amd64-signed", "libyaml-dev", "busybox", "linux-image-amd64"):
        assert any(line.startswith(name + "\t") for line in listed_packages), name
    for name in ("palette-init", "palette-hostd", "shim-signed", "busybox", "react"):
        assert any(name == package for package, _ in found), name
    unknown = [package["name"] for package in packages if package["licenseDeclared"] == "NOASSERTION"
               and package["SPDXID"] != "SPDXRef-iso" and "packageFileName" not in package]
    assert not unknown, "without a licence: %s" % unknown


def extracted(iso, name, work):
    path = work / name.replace("/", "_")
    path.unlink(missing_ok=True)
    esp.run("xorriso", "-osirrox", "on", "-indev", str(iso), "-extract", "/" + name, str(path))
    return path


def cpio_files(data):
    """{path: bytes} of the regular files of archives in newc format, one behind the other."""
    found, at = {}, 0
    while (at := data.find(b"070701", at)) >= 0:
        fields = [int(data[at + 6 + 8 * n:at + 14 + 8 * n], 16) for n in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = data[at + 110:at + 109 + name_size].decode()
        start = at + (110 + name_size + 3 & ~3)
        if mode & 0o170000 == 0o100000:
            found[name] = data[start:start + size]
        at = start + (size + 3 & ~3)
    return found


def owner(name, content):
    """The package of the build root that has a file of this name with these bytes; None: none has."""
    done = subprocess.run(["dpkg", "-S", "*/" + name.rpartition("/")[2]], stdout=subprocess.PIPE, text=True, check=False)
    for line in done.stdout.splitlines():
        packages, _, path = line.partition(": ")
        if packages.startswith("diversion by"):
            continue
        with contextlib.suppress(OSError):
            if pathlib.Path(path).read_bytes() == content:
                return packages.split(":")[0]
    return None


def test_each_loader_and_each_file_of_the_initrd_has_its_package_in_the_sbom(work, iso):
    names = {package["name"] for package in json.loads(iso.with_name(iso.name + ".spdx.json").read_bytes())["packages"]}
    files = {"EFI/" + name: extracted(iso, "palette/efi/" + name, work).read_bytes()
             for name in ("BOOTX64.EFI", "grubx64.efi", "mmx64.efi")}
    sources = {"EFI/BOOTX64.EFI": "shimx64.efi.signed", "EFI/grubx64.efi": "gcdx64.efi.signed",
               "EFI/mmx64.efi": "mmx64.efi.signed"}
    initrd = cpio_files(subprocess.run(["zstd", "-dc", str(extracted(iso, "boot/initrd.img", work))],
                                       stdout=subprocess.PIPE, check=True).stdout)
    assert "usr/bin/palette-init" in initrd and len(initrd) > 50, sorted(initrd)
    assert any("/modules/" in name for name in initrd)
    # The kernel's modules are of a package of the OS image; the programs and the small texts in /etc are ours.
    files |= {name: content for name, content in initrd.items()
              if name.startswith("usr/") and "/modules/" not in name and "/palette" not in name}
    # The programs of other makers that are compiled here, by their sources; and none of them as ours.
    assert {"golang-github-syncthing-syncthing-dev", "golang-golang-x-crypto-dev"} <= names and "syncthing" not in names
    for name, content in files.items():
        if name.endswith("gconv-modules"):
            continue
        package = owner(sources.get(name, name), content)
        assert package in names, "%s is of %s" % (name, package)


def test_our_programs_on_the_medium_are_hardened_and_none_has_special_rights(work, iso):
    image = extracted(iso, "palette/os.img", work)
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    esp.run("unsquashfs", "-quiet", "-no-progress", "-dest", str(tree), str(image),
            "usr/bin/palette-*", "usr/lib/palette", "usr/lib/sysimage/dpkg/info")
    programs = [path for path in (tree / "usr/bin").glob("palette-*") if path.read_bytes()[:4] == b"\x7fELF"]
    initrd = cpio_files(subprocess.run(["zstd", "-dc", str(extracted(iso, "boot/initrd.img", work))],
                                       stdout=subprocess.PIPE, check=True).stdout)
    for name in ("palette-init", "palette-install", "palette-console"):
        programs.append(tree / ("initrd-" + name))
        programs[-1].write_bytes(initrd["usr/bin/" + name])
    assert len(programs) > 9, programs
    subprocess.run([ROOT / "ci/hardening", *programs], check=True)
    # Debian's own have such rights and are its packages'.
    listed = "".join(path.read_text() for path in (tree / "usr/lib/sysimage/dpkg/info").glob("*.list")).split("\n")
    special = [line.split(None, 5)[5].removeprefix("squashfs-root")
               for line in esp.run("unsquashfs", "-lln", str(image)).splitlines()
               if line.startswith("-") and re.match("...s|......s", line)]
    assert "/usr/bin/sudo" in special, special
    for path in special:
        assert path in listed or path.removeprefix("/usr") in listed, "%s has special rights" % path
    shutil.rmtree(tree)


def test_the_loaders_have_the_levels_that_the_medium_says(work, iso):
    """Levels that no list of revoked loaders, of now, has."""
    said = extracted(iso, "palette/sbat", work).read_text()
    shown = esp.run(str(made.PALETTE_ISO), "show", str(iso))
    for name, component, least in (("BOOTX64.EFI", "shim", 4), ("grubx64.efi", "grub", 5), ("mmx64.efi", "shim", 4)):
        section = subprocess.run(["objcopy", "-O", "binary", "--only-section=.sbat",
                                  str(extracted(iso, "palette/efi/" + name, work)), "/dev/stdout"],
                                 check=True, stdout=subprocess.PIPE).stdout.decode("ascii", "replace")
        levels = [",".join(line.split(",")[:2]) for line in section.strip("\0\n").split("\n") if line]
        assert "%s: %s\n" % (name, "; ".join(levels)) in said, (levels, said)
        assert "%s: %s\n" % (name, "; ".join(levels)) in shown, shown
        level = next(int(text.split(",")[1]) for text in levels if text.split(",")[0] == component)
        assert level >= least, (name, levels)


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
    # Boot sector, folders, loaders: from the device that the medium is mounted from.
    assert "Every byte of the ISO is as it was made." in text, text
    assert re.search("SBAT levels of its loaders: BOOTX64.EFI: sbat,1; shim,[0-9]+; .*grubx64.efi: sbat,1; grub,[0-9]+", text), text
    # The content too, which is in a manifest of its own.
    assert re.search("in 1[3-9] files and [2-9][0-9] other areas read", text), text
    # Damage while it runs: the next look has to be at the medium, not at what memory has of it.
    esp.flip(medium, offset + at)
    loader, loader_bytes = esp.payload(medium, "/EFI/BOOT/grubx64.efi")
    esp.flip(medium, loader + loader_bytes // 2)
    machine.type("a")
    machine.wait("> again")
    machine.type("enter")
    machine.wait("This medium is DAMAGED.*switch the machine off", patience=2 * flows.PATIENCE)
    text = flows.unwrapped(machine.text())
    first = at // MIB * MIB
    assert "DAMAGED: palette/os.img, between byte %d and %d" % (
        first, min(first + MIB, size) - 1) in text, text
    assert "DAMAGED: EFI/BOOT/grubx64.efi, between byte %d and %d of the medium" % (
        loader, loader + loader_bytes - 1) in text, text
    machine.type("i")
    machine.wait("> install")
    machine.type("enter")
    machine.wait(flows.DISKS)
