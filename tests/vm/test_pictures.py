"""The pictures of README, from a real installation."""

import pathlib

import pytest
from PIL import Image

import flows

PLACE = pathlib.Path(__file__).parents[2] / "docs" / "pictures"


def keep(source, name):
    """A text screen has 16 colours: a palette keeps the picture at a few kilobytes."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as picture:
        small = picture.convert("RGB").quantize(16)
    assert len(small.getcolors()) > 1, "%s is of one colour" % name
    small.save(PLACE / (name + ".png"), optimize=True)


@pytest.mark.pictures
def test_pictures_of_the_installer(installed):
    base = installed("bios")
    for name in base.screens():
        keep(base.disk.parent / ("screen-%s.png" % name), name)


@pytest.mark.pictures
def test_picture_of_the_installed_console(installed_copy, start, work):
    machine = start(disks=[installed_copy("bios")])
    flows.boot(machine)
    machine.type("esc")
    machine.wait(r"Host name +edge-.*10\.0\.2\.15")
    keep(machine.screendump(work / "console.png"), "console")
