"""The installed wheel and the npm package, as the type checkers of a user see them."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tools.build import DIST, MODULES

PROGRAM = """
import asyncio
from typing import Any

from segment_jimo import (
    SEND_TRACK_EVENT,
    SEND_USER_DATA,
    CommandError,
    Destination,
    Settings,
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
        {
            "partnerAction": "sendTrackEvent",
            "name": "all",
            "enabled": False,
            "subscribe": 'type = "page"',
            "mapping": {"event_name": {"@path": "$.name"}, "properties": {"a": [1]}},
        },
        {"partnerAction": "sendUserData", "subscribe": wanted, "mapping": user},
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
attach(subscriptions=[{"partnerAction": "sendTrackEvnt"}])  # wrong
attach(subscriptions=[{"partnerAction": "sendTrackEvent", "subscibe": ""}])  # wrong
attach(subscriptions=[{"partnerAction": "sendTrackEvent", "mapping": {"event": ""}}])  # wrong
attach(subscriptions=[{"partnerAction": "sendGroupData", "mapping": {"email": ""}}])  # wrong
attach(subscriptions=[{"partnerAction": "sendUserData", "mapping": {"@pth": ""}}])  # wrong
attach(subscriptions=[{"subscribe": 'type = "track"'}])  # wrong
Settings(None)  # wrong
Settings("p1", manual_init="yes")  # wrong
Settings("p1", subscriptions=[{"partnerAction": "sendTrackEvent", "subscibe": ""}])  # wrong
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


TYPESCRIPT = """
import type { JimoErrorCode, JimoMapping, JimoSubscription } from "segment-jimo";
import { jimoDestination } from "segment-jimo";

const orders: JimoSubscription = {
  partnerAction: "sendTrackEvent",
  name: "Orders",
  enabled: true,
  subscribe: 'type = "track" and properties.revenue > 100',
  mapping: {
    messageId: { "@path": "$.messageId" },
    timestamp: { "@path": "$.timestamp" },
    event_name: {
      "@if": { exists: { "@path": "$.event" }, then: { "@template": "{{event}}" }, else: "none" },
    },
    properties: {
      list: [1, { "@case": { operator: "lower", value: { "@path": "$.event" } } }],
      deep: { "@merge": { direction: "left", objects: [{ a: null }, { "@path": "$.traits" }] } },
      rows: { "@arrayPath": ["$.properties.rows", { id: { "@path": "$.id" } }] },
    },
    __segment_internal_sync_mode: "add",
  },
};
const users = {
  partnerAction: "sendUserData",
  mapping: { userId: { "@path": "$.traits.id" }, signature: { "@path": "$.context.sign" } },
} satisfies JimoSubscription;
const everything: JimoSubscription = {
  partnerAction: "sendGroupData",
  mapping: { "@path": "$.traits" },
};

jimoDestination({
  projectId: "p1",
  manualInit: true,
  refetchExperiencesOnTraitsUpdate: true,
  subscriptions: [orders, users, everything],
  runtime: "micropython",
  assets: "/jimo/",
  sdkUrl: "/jimo.js",
  debug: true,
  killOnReset: true,
  python: "/rules.py",
  inspector: true,
});
const codes = (window.segmentJimo?.status().errors ?? []).map(({ code }): JimoErrorCode => code);

// @ts-expect-error
jimoDestination({ projectId: "p1", manulInit: true });
// @ts-expect-error
jimoDestination({ projectid: "p1" });
// @ts-expect-error
jimoDestination({ projectId: "p1", manualInit: "yes" });
// @ts-expect-error
jimoDestination({ projectId: "p1", runtime: "micropythn" });
// @ts-expect-error
jimoDestination({ projectId: "p1", subscriptions: [{ partnerAction: "sendTrackEvnt" }] });
// @ts-expect-error
const key: JimoSubscription = { partnerAction: "sendTrackEvent", subscibe: "" };
// @ts-expect-error
jimoDestination({ projectId: "p1", subscriptions: [{ subscribe: 'type = "track"' }] });
// @ts-expect-error
const field: JimoSubscription = { partnerAction: "sendTrackEvent", mapping: { event_nme: "a" } };
// @ts-expect-error: another action's
const other: JimoSubscription = { partnerAction: "sendGroupData", mapping: { email: "a" } };
// @ts-expect-error
const mapping: JimoSubscription = { partnerAction: "sendTrackEvent", maping: {} };
// @ts-expect-error
const directive: JimoMapping = { "@pth": "$.event" };
// @ts-expect-error
const option: JimoMapping = { "@case": { operator: "lowr", value: "a" } };
// @ts-expect-error
const code: JimoErrorCode = "boot-faild";
// @ts-expect-error
if (window.segmentJimo?.status().errors[0].code === "boot-faild") console.log("never");
export { code, codes, directive, field, key, mapping, option, other };
"""


def test_typescript_takes_what_is_right_and_refuses_each_typo(tmp_path: Path) -> None:
    (tmp_path / "program.ts").write_text(TYPESCRIPT)
    options = {
        "strict": True,
        "noEmit": True,
        "target": "es2022",
        "module": "esnext",
        "moduleResolution": "bundler",
        "lib": ["es2022", "dom"],
        "types": [],
        "paths": {"segment-jimo": [str(DIST / "segment-jimo.d.ts")]},
    }
    config = {"compilerOptions": options, "files": ["program.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config))
    checked = subprocess.run(
        [MODULES / ".bin" / "tsc", "-p", tmp_path], stdout=subprocess.PIPE, text=True
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_nothing_that_a_page_gives_may_be_anything() -> None:
    types = (DIST / "segment-jimo.d.ts").read_text()
    given = types.split("export interface JimoPlugin")[0]
    (factory,) = re.findall(r"interface JimoDestination \{(.*?)\n\}", types, re.DOTALL)
    assert not re.search(r"[:<] ?any\b|\bany\[", given + factory)
