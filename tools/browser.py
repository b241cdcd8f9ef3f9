"""Provides a Chromium: the installed one, else Playwright's, else Debian's."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Playwright, sync_playwright

# Quiet, and able to run as root in a container.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Starts the Chromium of this machine, or else Playwright's own."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return playwright.chromium.launch(
        executable_path=path,
        args=FLAGS,
        # As visitors have it.
        ignore_default_args=["--disable-back-forward-cache"],
    )


def there() -> bool:
    """Tells whether a browser can be started by the tests."""
    if os.environ.get("CHROMIUM") or shutil.which("chromium"):
        return True
    with sync_playwright() as playwright:
        return os.path.exists(playwright.chromium.executable_path)


def main() -> None:
    """Installs one if need be."""
    if there():
        return
    installs = (
        [[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]],
        [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]],
    )
    for commands in installs:
        if all(subprocess.run(command).returncode == 0 for command in commands) and there():
            return
    sys.exit("No Chromium could be installed. Install one and set CHROMIUM to its path.")


if __name__ == "__main__":
    main()
