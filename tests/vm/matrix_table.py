#!/usr/bin/python3
"""The results of `make matrix` as a table.

usage: matrix_table.py ARTIFACTS-DIR        (writes matrix.md and matrix.json there)
"""

import json
import pathlib
import sys


def row(cell):
    size = "%d GiB" % (cell["size"] >> 30) if cell["size"] < 1 << 40 else "%d TiB" % (cell["size"] >> 40)
    display = "none" if cell["vga"] == "none" else cell["vga"] + (
        "" if cell.get("serial", True) else ", no serial")
    started = "same" if cell["started_on"] == cell["disk"] else cell["started_on"]
    return [cell["firmware"], cell["medium"], cell["disk"], "%s, %d" % (size, cell["sectors"]), display,
            cell["network"] or "none", "%d" % cell["memory"], "%.0f" % cell["first_screen"],
            cell.get("installed", "-"), started, "%.0f" % cell["system"]]


def table(rows):
    """The first row is the head."""
    return ["| %s |" % " | ".join(cells) for cells in (rows[0], ["-" * len(name) for name in rows[0]], *rows[1:])]


def first_screens(cells):
    """Seconds from power-on to the list of disks by firmware and medium, the quickest of each."""
    media = sorted({cell["medium"] for cell in cells})
    rows = [["firmware", *media]]
    for firmware in sorted({cell["firmware"] for cell in cells}):
        seconds = [[cell["first_screen"] for cell in cells
                    if (cell["firmware"], cell["medium"]) == (firmware, medium)] for medium in media]
        rows.append([firmware, *("%.0f" % min(found) if found else "-" for found in seconds)])
    return table(rows)


def main():
    directory = pathlib.Path(sys.argv[1])
    measured = [json.loads(path.read_text()) for path in sorted((directory / "matrix").glob("*.json"))]
    (directory / "matrix.json").write_text(json.dumps(measured, indent=1))
    # The others were started to their first screen only.
    cells = [cell for cell in measured if "system" in cell]
    lines = ["# Machines installed and started", "",
             "%d combinations; least memory: %s." % (len(cells), ", ".join(
                 "%s %d MiB" % (name, min(found)) for name in ("i440fx", "q35", "ovmf", "secure")
                 if (found := [cell["memory"] for cell in cells if cell["firmware"] == name]))), "",
             "Seconds are an emulated machine's: power-on to the list of disks, and power-on of the disk to its system.",
             ""]
    head = ["firmware", "medium", "disk", "size, sector", "display", "network", "MiB", "first screen",
            "installed in", "started on", "system"]
    lines += table([head, *map(row, cells)])
    lines += ["", "Seconds to the list of disks:", "", *first_screens(measured)]
    levels = next((cell["sbat"] for cell in cells if cell.get("sbat")), {})
    lines += ["", *("SBAT of %s: %s" % (name, "; ".join(level)) for name, level in levels.items())]
    (directory / "matrix.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


main()
