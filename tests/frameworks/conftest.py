"""The projects of examples/, each installed with the packed tarball: ``make examples``."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.build import NPM, ROOT

EXAMPLES = ROOT / "examples"
PLACE = ROOT / ".build" / "examples"
# Nothing is reported to those who make the tools.
QUIET = {"NEXT_TELEMETRY_DISABLED": "1", "npm_config_fund": "false", "npm_config_audit": "false"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves all of them out of ``make test``: they install hundreds of packages."""
    if "EXAMPLES" in os.environ:
        return
    for item in items:
        if "frameworks" in item.path.parts:
            item.add_marker(pytest.mark.skip(reason="only in make examples"))


class Project:
    """A copy of an example beside the repository, with its packages."""

    def __init__(self, name: str, tarball: Path) -> None:
        self.folder = PLACE / name
        self._environment = os.environ | QUIET
        kept = shutil.ignore_patterns("node_modules")
        if self.folder.exists():
            for path in self.folder.iterdir():
                if path.name != "node_modules":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(EXAMPLES / name, self.folder, ignore=kept, dirs_exist_ok=True)
        shutil.copy(tarball, self.folder / "segment-jimo.tgz")
        described = json.loads((self.folder / "package.json").read_text())
        for kind in ("dependencies", "devDependencies"):
            if "segment-jimo" in described.get(kind, {}):
                described[kind]["segment-jimo"] = "file:./segment-jimo.tgz"
        (self.folder / "package.json").write_text(json.dumps(described))
        # npm would keep a package of this version.
        shutil.rmtree(self.folder / "node_modules" / "segment-jimo", ignore_errors=True)
        self.run("npm", "install", "--no-package-lock", "--ignore-scripts", "--silent")

    def run(self, *command: str, **environment: str) -> str:
        """Runs a command in the project and returns what it says; it has to succeed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment | environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    @contextmanager
    def serve(self, script: str) -> Iterator[tuple[str, Path]]:
        """Runs one of its servers; gives the address, and the file with what it says."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = self.folder / f"{script}.log"
        with log.open("w") as out:
            server = subprocess.Popen(
                ["npm", "run", script],
                cwd=self.folder,
                env=self._environment | {"PORT": str(port)},
                stdout=out,
                stderr=out,
                # With all that it starts, so that all of it can be ended.
                start_new_session=True,
            )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(url, log)
            yield url, log
        finally:
            os.killpg(server.pid, 15)
            server.wait()


def wait_for(url: str, log: Path) -> None:
    """Waits until a server answers."""
    end = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url).close()
            return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm package as it would be published."""
    folder = tmp_path_factory.mktemp("tarball")
    pack: list[str | Path] = ["npm", "pack", "--silent", NPM, "--pack-destination", folder]
    subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)
    (found,) = folder.glob("*.tgz")
    return found
