"""Finds out which functions of MicroPython a page needs from the start: ``make trials``.

Writes tools/needed.json. A function that is not in it is fetched when it is called, so the list
decides on nothing but how often that happens. It has to be made anew for another MicroPython, since
the functions are known by their numbers, and where tests/release/test_build.py says so.
"""

import json
import subprocess
import sys

from tools.build import NEEDED, ROOT, SHIPPED, WORK, digest
from tools.build import main as build
from tools.build import run

INTERPRETERS = ROOT / "tests" / "interpreters"
TRIALS = (
    ("cases.mjs",),
    ("traps.mjs",),
    ("odd.mjs",),
    ("differential.mjs", "triggers", "1000"),
    ("differential.mjs", "mappings", "1000"),
    ("histories.mjs", "200"),
)


def main() -> None:
    """Runs the trials on an image that takes notes, and builds again with what came out."""
    build()
    whole, imaged, noted = WORK / "whole.wasm", WORK / "imaged.wasm", WORK / "noted.wasm"
    run("image.mjs", whole, imaged, *[WORK / f"{name}.mpy" for name in SHIPPED])
    run("instrument.mjs", imaged, noted)
    found: set[int] = set()
    for script, *given in TRIALS:
        ran = WORK / "ran.json"
        run("profile.mjs", noted, ran, INTERPRETERS / script, *given)
        found |= set(json.loads(ran.read_text()))
        print(f"{script}: {len(found)} functions so far", file=sys.stderr)
    needed = {"of": digest(whole.read_bytes()), "functions": sorted(found)}
    NEEDED.write_text(json.dumps(needed) + "\n")
    subprocess.run(
        [ROOT / "node_modules" / ".bin" / "prettier", "--log-level", "warn", "--write", NEEDED],
        check=True,
    )
    build()


if __name__ == "__main__":
    main()
