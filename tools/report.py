"""Describes a run of a measuring command, and writes its figures into the docs."""

import datetime
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

START = "<!-- figures -->\n"
END = "<!-- end of figures -->"


def describe(browser: Browser) -> dict[str, Any]:
    """Returns the date, the machine and the browser of a run."""
    return {
        "date": datetime.date.today().isoformat(),
        "browser": browser.version,
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def said(about: dict[str, Any]) -> str:
    """Returns the description of a run as a sentence."""
    return (
        f"Measured on {about['date']} on a machine with {about['processors']} processor cores "
        f"(load {about['load']:.1f} at the start), in Chromium {about['browser']}."
    )


def write(page: Path, found: str) -> None:
    """Replaces the figures on a page of the docs."""
    before, start, rest = page.read_text().partition(START)
    _, end, after = rest.partition(END)
    page.write_text(f"{before}{start}\n{found}\n\n{end}{after}")
