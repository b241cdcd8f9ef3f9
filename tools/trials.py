"""Finds out which functions of MicroPython a page needs from the start: ``make trials``.

Writes tools/needed.json. If Python calls a function that is not in the list, the page fetches the
second file. So the list decides only how often that happens. Make it again for another version of
MicroPython, because its functions have other numbers, or if tests/release/test_build.py says so.
"""

import json
import subprocess
from pathlib import Path

from tools.build import NEEDED, ROOT, WHOLE, WORK, digest, image, run
from tools.build import main as build

INTERPRETERS = ROOT / "tests" / "interpreters"
TRIALS = (
    ("cases.mjs",),
    ("traps.mjs",),
    ("odd.mjs",),
    ("differential.mjs", "triggers", "1000"),
    ("differential.mjs", "mappings", "1000"),
    ("histories.mjs", "200"),
)


def functions_of(folder: Path, *scripts: tuple[str, ...]) -> set[int]:
    """Returns the functions of MicroPython that the scripts of tests/interpreters call.

    Leaves its files in the folder.
    """
    noted, ran = folder / "noted.wasm", folder / "ran.json"
    run("instrument.mjs", image(folder), noted)
    found: set[int] = set()
    for script, *given in scripts:
        run("profile.mjs", noted, ran, INTERPRETERS / script, *given)
        found |= set(json.loads(ran.read_text()))
    return found


def main() -> None:
    """Runs the trials on an image that notes each call, and builds again with the new list."""
    build()
    found = functions_of(WORK, *TRIALS)
    needed = {"of": digest(WHOLE.read_bytes()), "functions": sorted(found)}
    NEEDED.write_text(json.dumps(needed) + "\n")
    prettier = ROOT / "node_modules" / ".bin" / "prettier"
    subprocess.run([prettier, "--log-level", "warn", "--write", NEEDED], check=True)
    print(f"{len(found)} functions of MicroPython are needed.")
    build()


if __name__ == "__main__":
    main()
