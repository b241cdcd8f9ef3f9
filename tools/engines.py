"""Drives three engines in the same way: Debian's Chromium, Firefox ESR and WebKitGTK.

``python -m tools.engines`` installs Firefox and WebKitGTK if they are missing. tools/browser.py
does that for Chromium. No driver downloads a browser.
"""

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from marionette_driver.marionette import Marionette
from playwright.sync_api import Playwright
from selenium.webdriver import WebKitGTK, WebKitGTKOptions, WebKitGTKService

from tools.browser import launch

COMMANDS = {
    "firefox-esr": "firefox-esr",
    "WebKitWebDriver": "webkit2gtk-driver",
    "Xvfb": "xvfb",
}

# An address of the same server, which answers 404. A driver can delete only the cookies of the open
# page, and analytics.js on the page of a test would write them again.
WITHOUT_SCRIPTS = "new URL('/none', location.href).href"


class Engine(Protocol):
    """A browser with one page."""

    title: str

    def goto(self, url: str) -> None:
        """Opens a page."""

    def back(self) -> None:
        """Goes back a page. If the engine has kept that page, it is as the visitor left it."""

    def run(self, script: str) -> Any:
        """Returns the value of a JavaScript expression, or of its promise."""

    def clear(self) -> None:
        """Leaves the page and deletes its cookies, which servers on other ports would get too."""


class Chromium:
    """Chromium, driven by Playwright as in all other tests."""

    def __init__(self, playwright: Playwright) -> None:
        self.browser = launch(playwright)
        self.title = f"Chromium {self.browser.version}"
        self.page = self.browser.new_page()

    def goto(self, url: str) -> None:
        self.page.goto(url)

    def back(self) -> None:
        self.page.go_back(wait_until="commit")

    def run(self, script: str) -> Any:
        return self.page.evaluate(f"() => ({script})")

    def clear(self) -> None:
        self.page.goto("about:blank")
        self.page.context.clear_cookies()


class Firefox:
    """Firefox, driven by its own protocol Marionette, because Debian has no geckodriver."""

    def __init__(self) -> None:
        self.driver = Marionette(
            bin=shutil.which("firefox-esr"), port=0, headless=True, gecko_log=os.devnull
        )
        found = self.driver.start_session()
        self.title = f"Firefox ESR {found['browserVersion']}"

    def goto(self, url: str) -> None:
        self.driver.navigate(url)

    def back(self) -> None:
        self.driver.go_back()

    def run(self, script: str) -> Any:
        # Without a sandbox, so that the page gets what the script sets on the window.
        return self.driver.execute_script(f"return ({script})", sandbox=None)

    def clear(self) -> None:
        self.driver.navigate(self.run(WITHOUT_SCRIPTS))
        self.driver.delete_all_cookies()
        self.driver.navigate("about:blank")


class WebKit:
    """WebKit, driven by WebDriver, in the small browser that comes with WebKitGTK."""

    def __init__(self, display: str) -> None:
        options = WebKitGTKOptions()
        (options.binary_location,) = glob.glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")
        options.add_argument("--automation")
        service = WebKitGTKService(
            shutil.which("WebKitWebDriver"), env={**os.environ, "DISPLAY": display}
        )
        self.driver = WebKitGTK(options=options, service=service)
        self.driver.set_page_load_timeout(60)
        self.title = f"WebKitGTK {self.driver.capabilities['browserVersion']}"

    def goto(self, url: str) -> None:
        self.driver.get(url)

    def back(self) -> None:
        self.driver.back()

    def run(self, script: str) -> Any:
        return self.driver.execute_script(f"return ({script})")

    def clear(self) -> None:
        self.driver.get(self.run(WITHOUT_SCRIPTS))
        self.driver.delete_all_cookies()
        self.driver.get("about:blank")


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Engine]:
    """Runs Chromium."""
    engine = Chromium(playwright)
    yield engine
    engine.browser.close()


@contextmanager
def firefox(_playwright: Playwright) -> Iterator[Engine]:
    """Runs Firefox."""
    engine = Firefox()
    yield engine
    engine.driver.quit()


@contextmanager
def webkit(_playwright: Playwright) -> Iterator[Engine]:
    """Runs WebKitGTK. It has no headless mode, so it gets a virtual screen."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as screen:
        assert screen.stdout
        try:
            engine = WebKit(f":{screen.stdout.readline().strip()}")
            yield engine
            engine.driver.quit()
        finally:
            screen.terminate()


ENGINES = {"chromium": chromium, "firefox": firefox, "webkit": webkit}


def missing() -> list[str]:
    """Returns the Debian packages that are missing."""
    return [package for command, package in COMMANDS.items() if not shutil.which(command)]


def main() -> None:
    """Installs them."""
    packages = missing()
    if not packages:
        return
    if shutil.which("apt-get"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=env)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=env
        )
    if missing():
        sys.exit(
            "make test-engines drives Firefox ESR and WebKitGTK, which could not be installed. "
            f"On Debian, run as root: apt-get install {' '.join(missing())}"
        )


if __name__ == "__main__":
    main()
