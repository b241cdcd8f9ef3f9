"""Fills release/ with the files of a release: ``make release``. It publishes nothing.

A wheel and an sdist for Python, a tarball for npm, and ``site/``: the playground and the docs as
plain files, for any static host. tests/release/test_release.py checks what is in them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.build import NPM, ROOT
from tools.site import copy_playground

RELEASE = ROOT / "release"


def fill(folder: Path) -> None:
    """Empties the folder, and fills it with what ``make build`` has built."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    python: list[str | Path] = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder]
    npm: list[str | Path] = ["npm", "pack", "--silent", NPM, "--pack-destination", folder]
    for command in (python, npm):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    site(folder / "site")


def site(folder: Path) -> None:
    """Writes the playground as plain files, and the docs."""
    copy_playground(folder)
    for name in ("LICENSE", "THIRD-PARTY.md"):
        shutil.copy(ROOT / name, folder)
    docs(folder / "docs")


def docs(folder: Path) -> None:
    """Builds the documentation. A link to a missing page is an error."""
    # Not --quiet: it would hide warnings, and hidden warnings are no errors.
    options = ["--strict", "--site-dir", str(folder)]
    command = [sys.executable, "-m", "mkdocs", "build", *options]
    # Without this, each build shows an advertisement for the successor of Material.
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})


def main() -> None:
    """Fills release/, or builds the docs alone."""
    if sys.argv[1:] == ["docs"]:
        return docs(ROOT / ".build" / "docs")
    fill(RELEASE)
    for path in sorted(RELEASE.iterdir()):
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
