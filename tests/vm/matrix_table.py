#!/usr/bin/python3
"""The results of `make matrix` as a table.

usage: matrix_table.py ARTIFACTS-DIR ISO [--doc FILE]    (writes matrix.md and matrix.json there)
       matrix_table.py --check FILE                      (has it the marks between which --doc writes?)

Counted is what this very ISO did; a row of another one names its version.
"""

import argparse
import json
import pathlib
import re
import sys

import cells

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "image/lib"))
import isofile  # noqa: E402 of the folder above

BEGIN, END = "<!-- make matrix: begin -->\n", "<!-- make matrix: end -->\n"
SBAT = "palette/sbat"
HEAD = ["firmware", "medium", "disk", "size, sector", "display", "network", "MiB", "first screen",
        "installed in", "started on", "system", "result"]


def of_iso(path):
    """What a result says of its ISO."""
    iso = isofile.Iso(str(path))
    return {"iso": iso.medium_id, "version": iso.manifest.get("version", "unknown")}


def result(found, iso):
    if not found:
        return "not run"
    said = found["result"] + (": " + found["reason"].replace("|", "/") if "reason" in found else "")
    return said if found["iso"] == iso["iso"] else "%s, by %s" % (said, found["version"])


def row(cell, found, iso):
    size = "%d GiB" % (cell.size >> 30) if cell.size < cells.TIB else "%d TiB" % (cell.size >> 40)
    seconds = ["%.0f" % found[name] if name in found else "-" for name in ("first_screen", "system")]
    return [cell.firmware, cell.drive, cell.disk, "%s, %d" % (size, cell.sectors),
            cell.vga + ("" if cell.serial else ", no serial"), cell.network or "none", "%d" % cell.memory,
            seconds[0], found.get("installed", "-"), "same" if cell.started_on == cell.disk else cell.started_on,
            seconds[1], result(found, iso)]


def table(rows):
    """The first row is the head."""
    return ["| %s |" % " | ".join(cells) for cells in (rows[0], ["-" * len(name) for name in rows[0]], *rows[1:])]


def first_screens(measured):
    """Seconds from power-on to the list of disks by firmware and medium, the quickest of each."""
    media = ("ide-cd", "sata-cd", "usb", "usb-cd", "usb-ehci", "stick")
    rows = [["firmware", *media]]
    for firmware in ("i440fx", "q35", "ovmf", "secure"):
        seconds = []
        for medium in media:
            found = [figures["first_screen"] for cell, figures in measured if "first_screen" in figures
                     and (cell.firmware, cell.drive) == (firmware, medium)]
            impossible = medium == "ide-cd" and firmware in cells.NO_IDE
            seconds.append("%.0f" % min(found) if found else "n/a" if impossible else "-")
        rows.append([firmware, *seconds])
    return table(rows)


def least_memory(measured, iso):
    return ", ".join(
        "%s %d MiB" % (name, min(tried)) for name in ("i440fx", "q35", "ovmf", "secure")
        if (tried := [cell.memory for cell, found in measured
                      if cell.firmware == name and result(found, iso) == "ok"])) or "none"


def text(found, iso, sbat):
    """@found: name of a cell -> its figures."""
    measured = [(cell, found.get(str(cell), {})) for cell in (*cells.CELLS, cells.NO_SERIAL)]
    passed = sum(result(figures, iso) == "ok" for _, figures in measured)
    others = [(cell, found.get(str(cell), {})) for cell in cells.FIRST_SCREENS]
    return "\n".join([
        "Palette Edge %s, medium id %s: %d of %d combinations installed and started; least memory tried: %s." % (
            iso["version"], iso["iso"], passed, len(measured), least_memory(measured, iso)), "",
        "Seconds are an emulated machine's: power-on to the list of disks, and power-on of the disk to its system.", "",
        *table([HEAD, *(row(cell, figures, iso) for cell, figures in measured)]), "",
        "Seconds to the list of disks, the quickest of each; n/a: the chipset has no such controller.", "",
        *first_screens(measured + others), "", *sbat]).rstrip() + "\n"


def put(doc, made):
    """Replaces what stands between the marks."""
    path = pathlib.Path(doc)
    before, _, after = marked(path)
    path.write_text(before + BEGIN + "\n" + made + "\n" + END + after)


def marked(path):
    found = re.fullmatch("(.*?)%s(.*?)%s(.*)" % (re.escape(BEGIN), re.escape(END)), path.read_text(), re.S)
    if not found or BEGIN in found.group(2) + found.group(3) or END in found.group(3):
        sys.exit("matrix_table.py: %s has not, once each and in this order, the lines\n%s%s" % (path, BEGIN, END))
    return found.groups()


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("artifacts", nargs="?", type=pathlib.Path)
    parser.add_argument("iso", nargs="?")
    parser.add_argument("--doc", metavar="FILE", help="write the table between its marks, too")
    parser.add_argument("--check", metavar="FILE", type=pathlib.Path)
    options = parser.parse_args()
    if options.check:
        marked(options.check)
        return
    if not options.iso:
        parser.error("ARTIFACTS-DIR and ISO are needed")
    found = {figures["name"]: figures for path in sorted((options.artifacts / "matrix").glob("*.json"))
             if "result" in (figures := json.loads(path.read_text()))}
    iso = isofile.Iso(options.iso)
    sbat = ["SBAT of " + line for line in iso.text(SBAT).splitlines()] if SBAT in iso.files else []
    made = text(found, of_iso(options.iso), sbat)
    (options.artifacts / "matrix.json").write_text(json.dumps(list(found.values()), indent=1))
    (options.artifacts / "matrix.md").write_text("# Machines installed and started\n\n" + made)
    print(made, end="")
    if options.doc:
        put(options.doc, made)


if __name__ == "__main__":
    main()
