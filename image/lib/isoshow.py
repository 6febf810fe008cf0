# SPDX-License-Identifier: Apache-2.0
"""isoshow - what an installation ISO is, for people."""

import os
import re

import isofile

# Of an answers file only these words of a key mean a secret; what stands before the host of a URL may be one.
SECRET = re.compile(r"pass|hash|secret|token|private")
IN_URL = re.compile(r"://[^/\s]*@")


def size_text(size):
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return "%.*f %s" % (unit != "B", size, unit)
        size /= 1000
    return "%.1f GB" % size


def row(label, text):
    print(("%-12s %s" % (label, text)).rstrip())


def mask(line):
    """A line of answers without its secrets."""
    key, equals, _ = line.partition("=")
    if equals and SECRET.search(key.lower()):
        return key.rstrip() + " = ***"
    return IN_URL.sub("://***@", line)


def boot_modes(iso):
    """What firmware can start it, as xorriso reports the boot records."""
    words = isofile.xorriso(["-indev", "stdio:" + iso.path, "-report_el_torito", "plain",
                             "-report_system_area", "plain"])
    modes = [
        ("BIOS from CD", re.search(r"El Torito boot img : +\d+ +BIOS +y", words)),
        ("UEFI from CD", re.search(r"El Torito boot img : +\d+ +UEFI +y", words)),
        ("BIOS from stick", "grub2-mbr" in words),
        ("UEFI from stick", "GPT type GUID      :   2  28732ac11ff8d211ba4b00a0c93ec93b" in words),
        ("Secure Boot", "EFI/BOOT/BOOTX64.EFI" in iso.files),
    ]
    return [name for name, there in modes if there]


def setting(text, name, otherwise):
    match = re.findall(r"^set %s=\"?([^\"\n]*)\"?$" % name, text, re.M)
    return match[-1] if match else otherwise


def show_menu(iso):
    text = iso.text("boot/grub/grub.cfg")
    if isofile.SETTINGS in iso.files:
        text += "\n" + iso.text(isofile.SETTINGS)
    timeout = setting(text, "timeout", "5")
    row("Menu", "%s starts %s" % (setting(text, "default", "install"), "when a key is pressed"
                                  if timeout == "-1" else "after %s s" % timeout))
    arguments = setting(text, "arguments", "")
    if arguments:
        row("", "kernel arguments: " + " ".join(mask(word) for word in arguments.split()))


def show_answers(iso):
    if isofile.ANSWERS not in iso.files:
        row("Answers", "none")
        return
    row("Answers", "%d bytes, SHA-256 %s" % (iso.files[isofile.ANSWERS][0], iso.digest(isofile.ANSWERS)))
    for line in iso.text(isofile.ANSWERS).split("\n"):
        # What is commented out may be a secret in any words.
        if line.strip() and not line.lstrip().startswith("#"):
            row("", mask(line))


def show_content(iso):
    rows = iso.content()
    row("Content", "%d files, %s" % (len(rows), size_text(sum(size for _, size, _ in rows)))
        if rows else "none")
    for digest, size, name in rows:
        row("", "%s  %s  %s" % (digest, size_text(size), name))


def show_sbom(iso):
    """What the ISO is made of: a file of it, and the same one beside it."""
    row("SBOM", "%s, SHA-256 %s" % (isofile.SBOM, iso.digest(isofile.SBOM)) if isofile.SBOM in iso.files else "none")
    beside = iso.path + ".spdx.json"
    if isofile.SBOM in iso.files and os.path.exists(beside) and \
            isofile.digest_path(beside)[1] != iso.digest(isofile.SBOM):
        row("", "%s is of another ISO" % os.path.basename(beside))


def show_levels(iso):
    """What shim and firmware compare with their lists of revoked loaders."""
    lines = iso.text(isofile.SBAT).rstrip("\n").split("\n") if isofile.SBAT in iso.files else ["not listed"]
    for number, line in enumerate(lines):
        row("" if number else "SBAT", line)


def show(iso):
    row("Medium", "%s, %s" % (os.path.basename(iso.path), size_text(iso.bytes)))
    row("Version", iso.manifest.get("version", "unknown"))
    row("Medium id", iso.medium_id)
    if iso.made:
        row("Original", "medium id %s, %s" % (iso.original_id, size_text(iso.original_bytes)))
    row("Manifest", "SHA-256 " + iso.digest(isofile.MANIFEST))
    for digest, size, path in iso.listed:
        if path == "palette/os.img":
            row("OS image", "SHA-256 %s, %s" % (digest, size_text(size)))
    row("", "dm-verity root hash " + iso.manifest.get("os-root-hash", "missing"))
    row("Signature", "Ed25519, " + isofile.SIGNATURE if isofile.SIGNATURE in iso.files else "none")
    show_levels(iso)
    show_sbom(iso)
    row("Boot", ", ".join(boot_modes(iso)))
    show_menu(iso)
    show_answers(iso)
    show_content(iso)
    return 0
