"""The JSON Schema of the settings: it takes what the package takes, and refuses each typo."""

import json
import re
import subprocess
from typing import Any

from tests.unit.test_settings import edits
from tools.build import DIST, ROOT

SCHEMA = json.loads((DIST / "segment-jimo.schema.json").read_text())
MAPPINGS = (ROOT / "docs" / "mappings.md").read_text()
# The first column of the table of mappings, which other tests run.
TABLE = [
    json.loads(row.replace("\\|", "|"))
    for row in re.findall(r"^\| `((?:\{\"|\[|\").*?)` \| `", MAPPINGS, re.M)
]
ORDERS: dict[str, Any] = {
    "partnerAction": "sendTrackEvent",
    "name": "Orders",
    "enabled": True,
    "subscribe": 'type = "track"',
    "mapping": {"event_name": {"@path": "$.event"}, "__segment_internal_sync_mode": "add"},
}


def takes(*settings: Any) -> list[bool]:
    """Returns which settings the schema takes."""
    done = subprocess.run(
        ["node", "tests/release/schema.mjs"],
        cwd=ROOT,
        check=True,
        input=json.dumps(settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    found: list[bool] = json.loads(done.stdout)
    return found


def test_the_schema_takes_settings_of_segment_and_of_the_docs() -> None:
    blocks = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", MAPPINGS, re.DOTALL)]
    every = [
        {"projectId": "p1", "manualInit": True, "versionSettings": {}, "subscriptions": [ORDERS]},
        [ORDERS, {"partnerAction": "sendUserData", "mapping": {"@path": "$.traits"}}],
        *[[one] for one in blocks if "partnerAction" in one],
        *[[{**ORDERS, "mapping": {"properties": one}}] for one in TABLE],
    ]
    assert len(TABLE) > 25
    assert [one for one, taken in zip(every, takes(*every), strict=True) if not taken] == []


def test_the_schema_refuses_each_single_character_edit_of_a_name() -> None:
    wrong: list[Any] = [
        [{**{key: value for key, value in ORDERS.items() if key != name}, edit: ORDERS[name]}]
        for name in ORDERS
        for edit in edits(name)
    ]
    for name in SCHEMA["else"]["properties"]:
        wrong += [{edit: "page"} for edit in edits(name)]
    assert len(wrong) > 1_500
    assert [one for one, taken in zip(wrong, takes(*wrong), strict=True) if taken] == []


def test_the_schema_refuses_what_is_wrong_in_a_mapping() -> None:
    fields = [{"event_nme": "a"}, {"email": "a"}, {"event_name": {"@pth": "$.event"}}]
    options = [
        {"@case": {"operator": "lowr", "value": "a"}},
        {"@case": {"operatr": "lower", "value": "a"}},
        {"@replace": {"value": "a"}},
        {"@path": 7},
        {"@path": "$.a", "@template": "a"},
    ]
    wrong = [[{**ORDERS, "mapping": one}] for one in fields]
    wrong += [[{**ORDERS, "mapping": {"event_name": one}}] for one in options]
    wrong += [[{**ORDERS, "partnerAction": "sendTrackEvnt"}], [{"subscribe": 'type = "track"'}]]
    assert takes(*wrong) == [False] * len(wrong)
