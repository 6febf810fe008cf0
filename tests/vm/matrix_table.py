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


def main():
    directory = pathlib.Path(sys.argv[1])
    cells = [json.loads(path.read_text()) for path in sorted((directory / "matrix").glob("*.json"))]
    (directory / "matrix.json").write_text(json.dumps(cells, indent=1))
    lines = ["# Machines installed and started", "",
             "%d combinations; least memory: %s." % (len(cells), ", ".join(
                 "%s %d MiB" % (name, min(found)) for name in ("i440fx", "q35", "ovmf", "secure")
                 if (found := [cell["memory"] for cell in cells if cell["firmware"] == name]))), "",
             "Seconds are an emulated machine's: power-on to the list of disks, and power-on of the disk to its system.",
             ""]
    head = ["firmware", "medium", "disk", "size, sector", "display", "network", "MiB", "first screen",
            "installed in", "started on", "system"]
    for cells_of in (head, ["-" * len(name) for name in head], *map(row, cells)):
        lines.append("| %s |" % " | ".join(cells_of))
    levels = next((cell["sbat"] for cell in cells if cell.get("sbat")), {})
    lines += ["", *("SBAT of %s: %s" % (name, "; ".join(level)) for name, level in levels.items())]
    (directory / "matrix.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


main()
