"""The installed wheel, as the type checker of a user sees it."""

import re
import subprocess
import sys
from pathlib import Path

from tools.build import DIST

PROGRAM = """
import asyncio
from typing import Any

from segment_jimo import (
    SEND_TRACK_EVENT,
    SEND_USER_DATA,
    CommandError,
    Destination,
    SettingsError,
    Subscription,
    View,
    attach,
)


def mask(event: View) -> dict[str, object] | None:
    return {"traits.email": None} if event.get("traits.email") else None


def user(event: View) -> dict[str, object]:
    return {"userId": event.userId, "traits": event.traits}


def wanted(event: View) -> bool:
    return event.type == "track" and "plan" in event.properties


destination: Destination = attach(
    project_id="p1",
    subscriptions=[
        Subscription(SEND_USER_DATA, mapping=user),
        Subscription(SEND_TRACK_EVENT, trigger=wanted, name="plans"),
        Subscription(SEND_TRACK_EVENT, 'event = "Paid"', {"event_name": "paid"}),
        {"partnerAction": "sendGroupData"},
    ],
    middleware=mask,
)


def listener(*values: Any) -> None:
    print(values, destination.status()["events"])


async def main() -> None:
    jimo = destination.jimo
    await jimo.identify("u1")
    jimo.set_attributes({"plan": "pro", "seats": 3, "tags": ["a", 1]}, refetch=True)
    jimo.track("Paid", {"deep": {"at": [1]}})
    jimo.on("opened", listener)
    jimo.open_widget(page="feedback")
    count: int = await jimo.unread_count()
    opened: str | None = await jimo.last_open_date()
    plan = (await jimo.attributes())["plan"]
    print(count, opened, plan)


try:
    asyncio.run(main())
except (CommandError, SettingsError) as error:
    print(error)

attach(project_id=1)  # wrong
attach(manual_init="yes")  # wrong
attach(subscriptions="all")  # wrong
attach(middleware=3)  # wrong
attach(middleware=lambda event, more: None)  # wrong
attach(proyect_id="p1")  # wrong
Subscription("sendTrackEvent")  # wrong
Subscription(SEND_TRACK_EVENT, trigger=1)  # wrong
Subscription(SEND_TRACK_EVENT, mapping=["event"])  # wrong
destination.jimo.identify(7)  # wrong
destination.jimo.set_attributes({"deep": {"a": 1}})  # wrong
destination.jimo.set_attributes({"none": None})  # wrong
destination.jimo.set_group("g", ["a"])  # wrong
destination.jimo.open_widget(pages="feedback")  # wrong
destination.jimo.on("opened", "listener")  # wrong
destination.jimo.pusk("do", "widget:open")  # wrong
days: int = destination.jimo.unread_count()  # wrong
"""


def test_the_installed_wheel_type_checks_and_wrong_use_is_an_error(tmp_path: Path) -> None:
    (wheel,) = DIST.glob("*.whl")
    place = tmp_path / "venv"
    python = place / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--python", python, "install", "--no-index", "--no-deps", wheel], check=True
    )
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, program.name],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    wrong = {
        number for number, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("# wrong")
    }
    found = {int(line) for line in re.findall(r"^program\.py:(\d+): error", checked.stdout, re.M)}
    assert found == wrong, checked.stdout
