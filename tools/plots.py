"""Draws the pictures of docs/performance.md."""

import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as pyplot

from tools.build import ROOT
from tools.first_command import STAGES

Row = dict[str, Any]
# The times of version 0.1.0 on the same machine, and their date.
BEFORE = ROOT / "tools" / "before.json"

pyplot.rcParams["svg.hashsalt"] = "segment-jimo"


def plot_events(rows: list[Row], path: Path) -> None:
    """Draws what one event costs, beside the peer."""
    shown = [one for one in rows if one["row"] in ("1", "2", "4")]
    figure, axes = pyplot.subplots(figsize=(8, 4), layout="constrained")
    heights = range(len(shown))
    for offset, name, key in ((-0.2, "segment-jimo", "median"), (0.2, "the peer", "peer")):
        values = [one[key] for one in shown]
        bars = axes.barh([height + offset for height in heights], values, 0.38, label=name)
        axes.bar_label(bars, fmt="%.3g", padding=3)
    axes.set_yticks(heights, [one["what"] for one in shown])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("µs for one track event, median; logarithmic")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def plot_stages(rows: list[Row], path: Path) -> None:
    """Draws the stages before the first command: in version 0.1.0, now, and in JavaScript."""
    before = json.loads(BEFORE.read_text())["stages"]
    shown: list[tuple[str, list[float]]] = []
    for device in ("desktop", "phone"):
        (found,) = [one["stages"] for one in rows if one["what"] == f"first command, {device}"]
        shown.append((f"{device}, 0.1.0", before[device]))
        shown.append((f"{device}, now", found["ours"]))
        begins, script, end = found["javascript"]
        # There is no Python, so its stages take no time.
        shown.append((f"{device}, JavaScript", [begins, script, script, script, end]))
    figure, axes = pyplot.subplots(figsize=(8, 4), layout="constrained")
    heights = range(len(shown))
    for at, stage in enumerate(STAGES):
        begins = [ends[at - 1] if at else 0 for _, ends in shown]
        widths = [ends[at] - begin for (_, ends), begin in zip(shown, begins, strict=True)]
        axes.barh(heights, widths, 0.7, begins, label=stage)
    axes.set_yticks(heights, [name for name, _ in shown])
    axes.invert_yaxis()
    axes.set_xlabel("ms since navigation, median")
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})
