"""Fills release/ with what would be published: ``make release``. Nothing is published.

A wheel and an sdist for Python, a tarball for npm, and ``site/``: the playground and the docs as
plain files, for any static host. tests/test_release.py checks what is in them.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.build import DIST, NPM, ROOT
from tools.serve import SETTINGS, UMD

RELEASE = ROOT / "release"


def fill(folder: Path) -> None:
    """Fills a folder anew, from what ``make build`` has left."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    python: list[str | Path] = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder]
    npm: list[str | Path] = ["npm", "pack", "--silent", NPM, "--pack-destination", folder]
    for command in (python, npm):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    site(folder / "site")


def site(folder: Path) -> None:
    """The playground as files, with what tools/serve.py answers for Segment's CDN, and the docs."""
    folder.mkdir()
    for name in ("index.html", "LICENSE", "THIRD-PARTY.md"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "web", folder / "web")
    shutil.copytree(DIST, folder / "dist")
    cdn = folder / "cdn"
    library = cdn / "analytics.js" / "v1" / "playground"
    library.mkdir(parents=True)
    shutil.copy(UMD / "standalone.js", library / "analytics.min.js")
    shutil.copytree(UMD, cdn / "analytics-next" / "bundles", ignore=not_a_script)
    settings = cdn / "v1" / "projects" / "playground"
    settings.mkdir(parents=True)
    (settings / "settings").write_text(json.dumps(SETTINGS))
    docs(folder / "docs")


def not_a_script(folder: str, names: list[str]) -> list[str]:
    """Leaves out source maps and compressed copies."""
    return [name for name in names if not name.endswith(".js")]


def docs(folder: Path) -> None:
    """Builds the documentation; a link that leads nowhere is an error."""
    # Not --quiet: warnings that are not shown would not count either.
    options = ["--strict", "--site-dir", str(folder)]
    command = [sys.executable, "-m", "mkdocs", "build", *options]
    # Material says on each build that it has a successor.
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
