"""What an event holds is Jimo's alone: no message and no request of ours has it."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes, pyscript, tag

SECRET = "s3cret"
SUBSCRIPTIONS = [
    {
        "partnerAction": "sendTrackEvent",
        "name": name,
        "subscribe": subscribe,
        "mapping": {
            "messageId": {"@path": "$.messageId"},
            "timestamp": {"@path": "$.timestamp"},
            "event_name": {"@path": "$.event"},
        }
        | mapping,
    }
    for name, subscribe, mapping in (
        ("goes out", 'type = "track"', {}),
        ("bad trigger", 'properties.thrower = "x"', {}),
        ("bad mapping", 'type = "track"', {"properties": {"@path": "$.properties.thrower"}}),
        ("wrong type", 'type = "track"', {"properties": {"@path": "$.properties.text"}}),
        ("nothing", 'type = "track"', {"event_name": {"@path": "$.properties.none"}}),
        (
            "odd template",
            'type = "track"',
            {"properties": {"@template": {"@path": "$.properties.list"}}},
        ),
    )
]
# A Jimo, and a page, whose errors quote what they were given.
PAGE = f"""
const quote = (given) => {{ throw new TypeError(JSON.stringify(given)); }};
window.jimo = {{
  push: (command) => command[1] === "user:group" ? quote(command) : Promise.reject(command),
}};
window.CustomEvent = class {{ constructor(name) {{ quote(name); }} }};
const odd = () => ({{
  text: "{SECRET}", list: ["{SECRET}"],
  get thrower() {{ throw new RangeError("{SECRET}"); }},
}});
const settings = {{ projectId: "p1", sdkUrl: "/web/playground/simulator.js", subscriptions: [
  ...{json.dumps(SUBSCRIPTIONS)},
  {{ partnerAction: "sendGroupData", name: "push throws", subscribe: 'type = "track"',
     mapping: {{ groupId: {{ "@path": "$.event" }} }} }},
] }};
"""
FAULTS = {
    "push-failed",
    "not-announced",
    "trigger-failed",
    "mapping-failed",
    "wrong-type",
    "missing-field",
}


def told(status: dict[str, Any]) -> str:
    """What a status tells, apart from the names of tracks, which it lists on purpose."""
    return json.dumps(status | {"recent": [row | {"name": None} for row in status["recent"]]})


class Watch:
    """Everything that a page writes on its console or asks for."""

    def __init__(self, site: Site) -> None:
        self.console: list[str] = []
        self.sent: list[tuple[str, str]] = []
        self.hosts: set[str] = set()
        site.page.on("console", lambda message: self.console.append(message.text))
        site.page.on("request", self._request)

    def _request(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        self.hosts.add(urlsplit(url).netloc)
        if SECRET in url + str(getattr(request, "post_data", "") or ""):
            self.sent.append((urlsplit(url).path, url))


@pytest.mark.parametrize("debug", ("false", "true"))
@both_runtimes
def test_only_debug_mode_tells_what_an_event_holds(site: Site, runtime: str, debug: str) -> None:
    watch = Watch(site)
    site.open(f"{tag(project_id=False, debug=False)}<script>{SNIPPET}{PAGE}</script>")
    site.run(
        f"""(() => {{
          const given = {{ ...settings, runtime: "{runtime}", debug: {debug} }};
          const plugin = jimoDestination(given);
          plugin.load({{}}, {{ on() {{}} }});
          const event = {{ type: "track", event: "{SECRET}", messageId: "m", timestamp: new Date(),
            properties: odd(), context: {{ text: "{SECRET}" }}, integrations: {{}} }};
          plugin.track({{ event, log: (...words) => console.log(...words) }});
        }})()"""
    )
    site.settled(1)
    site.until("segmentJimo.status().errors.some(({ code }) => code === 'push-failed')")
    status = site.status()
    assert {error["code"] for error in status["errors"]} == FAULTS
    assert SECRET not in told(status)
    assert any(SECRET in line for line in watch.console) == (debug == "true")
    # Nor did it go anywhere: this page has no Segment that could have sent it.
    assert watch.sent == [] and watch.hosts == {urlsplit(site.server.url).netloc}


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_errors_of_functions_in_python_do_not_quote_the_event(site: Site, kind: str) -> None:
    watch = Watch(site)
    code = """
import segment_jimo
from segment_jimo import SEND_GROUP_DATA, Subscription

def fail(event):
    raise ValueError(event.event)

def middleware(event):
    if event.type == "page":
        fail(event)
    return event.event if event.type == "group" else None

segment_jimo.attach(subscriptions=[
    Subscription(SEND_GROUP_DATA, fail, name="trigger"),
    Subscription(SEND_GROUP_DATA, 'type = "track"', fail, "mapping"),
    Subscription(SEND_GROUP_DATA, 'type = "track"', lambda event: event.event, "text"),
    Subscription(SEND_GROUP_DATA, 'type = "track"', lambda event: {"groupId": {1}}, "a set"),
], middleware=middleware)
"""
    calls = (
        f"""analytics.track("{SECRET}"); analytics.page("{SECRET}"); analytics.group("{SECRET}");"""
    )
    site.open(
        f"{tag(runtime='page', debug=False)}<script>{SNIPPET}{calls}</script>{LIBRARY}",
        pyscript(kind, code),
    )
    status = site.settled(3)
    found = {(error["code"], error.get("subscription")) for error in status["errors"]}
    assert found == {
        ("trigger-failed", "trigger"),
        ("mapping-failed", "mapping"),
        ("mapping-failed", "text"),
        ("mapping-failed", "a set"),
        ("middleware-failed", None),
    }
    assert "ValueError" in told(status) and SECRET not in told(status)
    assert not any(SECRET in line for line in watch.console)
    # What goes to Segment is analytics.js's own.
    assert {path.split("/")[1] for path, _ in watch.sent} == {"api"}


def test_what_outlives_the_page_names_nobody(site: Site) -> None:
    ours = """Object.entries(localStorage).filter(([name]) => name.startsWith("segment-jimo"))"""
    site.snippet(before=tag(), calls=f'analytics.identify("{SECRET}", {{ of: "{SECRET}" }});')
    site.settled(1)
    site.until(f"{ours}.length === 1")
    ((name, mark),) = site.run(ours)
    assert name == "segment-jimo:p1" and re.fullmatch("[0-9a-z]{1,7}", mark)
    site.run("void analytics.reset()")
    site.until(f"/^reset[0-9]*$/.test({ours}[0][1])")
    assert site.run("Object.keys(sessionStorage)") == [] and "segment-jimo" not in site.run(
        "document.cookie"
    )
