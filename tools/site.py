"""Copies the playground into a folder of plain files, for any host: ``make site``."""

import argparse
import json
import shutil
from pathlib import Path

from tools.build import DIST, ROOT, WORK
from tools.serve import OF_OTHERS, SETTINGS

# The files of the inspector that the playground uses.
SHARED = ("journal.js", "parts.css", "parts.js", "words.js")


def copy_playground(out: Path) -> None:
    """Fills ``out``, which must not exist. Needs a built dist/."""
    ignore = shutil.ignore_patterns("*.ts", "tsconfig.json")
    shutil.copytree(ROOT / "web" / "playground", out / "web" / "playground", ignore=ignore)
    # The inspector's journal imports files of this folder.
    shutil.copytree(ROOT / "web" / "page", out / "web" / "page", ignore=ignore)
    (out / "web" / "inspector").mkdir()
    for name in SHARED:
        shutil.copy(ROOT / "web" / "inspector" / name, out / "web" / "inspector")
    shutil.copytree(DIST, out / "dist")
    for name in ("index.html", "web/playground/simulator.js"):
        shutil.copy(ROOT / name, out / name)
    for path, source in OF_OTHERS.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, out / path)
    settings = out / "cdn" / "v1" / "projects" / "playground" / "settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(SETTINGS))


def main() -> None:
    """Empties .build/site, and writes it again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WORK / "site")
    out = parser.parse_args().out
    shutil.rmtree(out, ignore_errors=True)
    copy_playground(out)
    print(f"The playground is in {out}")


if __name__ == "__main__":
    main()
