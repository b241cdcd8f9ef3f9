"""Libraries that have the plugins of analytics.js, from npm, as docs/sources.md has them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.outside import bundle, delivered, play, static
from tools.build import ROOT

PAGE = (ROOT / "docs" / "sources.md").read_text()
EXAMPLES = [
    re.sub(r"^    ", "", code, flags=re.MULTILINE)
    for code in re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)
]
# What each calls itself in its settings, and the global of its example.
SOURCES = {
    "cioanalytics": ("Customer.io Data Pipelines", EXAMPLES[0]),
    "htevents": ("Hightouch.io", EXAMPLES[1]),
}
every_source = pytest.mark.parametrize("name", SOURCES)

Open = Callable[[str, str, str], None]


@pytest.fixture
def open_page(page: Page, tmp_path: Path) -> Iterator[Open]:
    """Opens a page with a source's example, bundled, and more in its head."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with static(tmp_path) as url:

        def open_page(name: str, code: str, head: str) -> None:
            own, _ = SOURCES[name]
            play(page, {"integrations": {own: {"apiKey": "k"}}, "remotePlugins": []})
            bundle(tmp_path, code, head)
            page.goto(url)

        yield open_page
    assert errors == []


@every_source
def test_another_source_leads_the_events_to_jimo(page: Page, open_page: Open, name: str) -> None:
    open_page(name, SOURCES[name][1], "")
    page.wait_for_function(f"!!window.{name}")
    page.evaluate(
        f"""window.sent = {{ when: new Date(5), big: 1764000000000 }};
        {name}.ready(() => {{ window.isReady = true; }});
        {name}.identify("u1", {{ email: "a@b.c" }});
        {name}.track("off", {{}}, {{ integrations: {{ "Jimo (Actions)": false }} }});
        {name}.track("one", sent);
        {name}.group("g1", {{ size: 3 }});"""
    )
    told = delivered(page, 3)
    assert [(command[1], command[2][0]) for command in told[:3]] == [
        ("identify", "u1"),
        ("user:email", "a@b.c"),
        ("user:attributes", {"email": "a@b.c"}),
    ]
    names = [(args[0].get("event"), args[0].get("groupId")) for _, _, args in told[3:]]
    assert names == [("one", None), (None, "g1")]
    track = "jimoSimulator.log[3].command[2][0]"
    assert page.evaluate(
        f"[{track}.properties.when instanceof Date, {track}.properties.big,"
        f" {track}.timestamp instanceof Date]"
    ) == [True, 1764000000000, True]
    page.wait_for_function("window.isReady")

    page.evaluate(f'{name}.reset(), {name}.group("g2"), {name}.track("two")')
    page.wait_for_function("segmentJimo.status().events.received === 5")
    # What is written to a profile waits for the next user.
    assert page.evaluate("segmentJimo.status().events.held") == 1
    assert delivered(page, 4)[-1][2][0]["event"] == "two"

    page.evaluate(f'{name}.deregister("Jimo (Actions)")')
    page.wait_for_function("!window.segmentJimo && !document.querySelector('iframe')")


@every_source
def test_another_source_is_found_by_the_script_tag(page: Page, open_page: Open, name: str) -> None:
    (tag,) = re.findall(r"```html\n(.*?)```", PAGE, re.DOTALL)
    code = re.sub(r"\n.*(plugins:|segment-jimo\").*", "", SOURCES[name][1])
    assert "jimo" not in code
    open_page(name, code, tag.replace("GLOBAL", name))
    page.wait_for_function(f"!!window.{name}")
    page.evaluate(f'{name}.track("one")')
    assert delivered(page)[0][2][0]["event"] == "one"


@every_source
def test_the_function_itself_is_for_segment_alone(page: Page, open_page: Open, name: str) -> None:
    code = re.sub(r"jimoDestination\(.*\)", "jimoDestination", SOURCES[name][1])
    assert "[jimoDestination]" in code
    open_page(name, f"{code}\nwindow.{name}.catch(() => {{}});", "")
    page.wait_for_function(f"!!window.{name}")
    loaded = page.evaluate(f'{name}.then(() => "loaded", String)')
    assert ("plugin.load is not a function" in loaded) == (name == "cioanalytics")
    assert page.evaluate("window.segmentJimo === undefined")
