# SPDX-License-Identifier: Apache-2.0
"""Where the figures find what was built. `make bench` measures the programs that go on the ISO."""
import os
import pathlib

BUILD = pathlib.Path(os.environ.get("PALETTE_BUILD", "build")).absolute()
# Before a host of the tests is imported: it starts these.
PROGRAMS = BUILD / "image" if (BUILD / "image/bin/palette-hostd").exists() else BUILD
os.environ["PALETTE_BUILD"] = str(PROGRAMS)
