"""The signature of a user: whichever way it comes, Jimo has it as an argument, and nobody else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_sources import LOAD, open_npm
from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes, pyscript, tag

SECRET = "of the Jimo project"
# What a backend makes of the id "ada" with that secret, in hex; docs/signature.md shows how.
ADA = "00196a1f8bd1f3ae5f057fd4b0c4394acdea9b46de66ee0bdb28d74b58aeb2c8"
SDK = f"/web/playground/simulator.js?boot=30&identify=30&secret={SECRET.replace(' ', '+')}"
REFUSED = "IDENTIFY_VERIFICATION_SIGNATURE_SIGNIN_FAILED"


def identify(signature: str, user: str = "ada") -> str:
    """Returns the page's call."""
    options = {"integrations": {"Jimo (Actions)": {"signature": signature}}}
    return f'analytics.identify("{user}", {{ plan: "pro" }}, {json.dumps(options)});'


def refused(site: Site) -> list[str | None]:
    """What Jimo has said of each identify."""
    found: list[str | None] = site.run(
        "jimoSimulator.log.filter(({ command }) => command[1] === 'identify')"
        ".map(({ error }) => error ?? null)"
    )
    return found


@both_runtimes
def test_a_signed_user_is_let_in_by_a_jimo_that_verifies(site: Site, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, sdk_url=SDK), calls=identify(ADA))
    site.settled(1)
    assert refused(site) == [None]
    assert site.run("jimoSimulator.profiles.ada.attributes") == {"plan": "pro"}


@both_runtimes
def test_an_unsigned_user_is_refused_by_a_jimo_that_verifies(site: Site, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, sdk_url=SDK), calls='analytics.identify("ada");')
    site.settled(1)
    assert refused(site) == [REFUSED]
    assert "ada" not in site.run("jimoSimulator.profiles")


def test_the_next_user_does_not_get_the_signature_of_the_one_before(site: Site) -> None:
    calls = identify(ADA) + 'analytics.identify("grace", {});'
    site.snippet(before=tag(sdk_url=SDK), calls=calls)
    site.settled(2)
    assert refused(site) == [None, REFUSED]
    assert "grace" not in site.run("jimoSimulator.profiles")


@both_runtimes
def test_identified_only_starts_with_the_signature(site: Site, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, sdk_url=SDK, manual_init=True), calls=identify(ADA))
    site.settled(1)
    assert refused(site) == [None]


@both_runtimes
def test_identified_only_starts_with_the_signature_of_the_event_that_names_the_user(
    site: Site, runtime: str
) -> None:
    page = json.dumps({"integrations": {"Jimo (Actions)": {"signature": ADA}}})
    known = "localStorage.ajs_user_id = JSON.stringify('ada');"
    site.snippet(
        before=f"<script>{known}</script>" + tag(runtime=runtime, sdk_url=SDK, manual_init=True),
        calls=f"analytics.page({{}}, {page});",
    )
    site.until("window.jimoSimulator?.active === 'ada'")
    assert refused(site) == [None]
    # Without one on that event, there is none: not that of another event.
    site.snippet(
        before=tag(runtime=runtime, sdk_url=SDK, manual_init=True),
        calls=f"analytics.page(); {identify(ADA)}",
        path="/next",
    )
    site.settled(2)
    assert refused(site) == [REFUSED, None]


def test_a_signature_outlasts_a_script_that_fails(site: Site) -> None:
    site.server.answers["/web/playground/simulator.js"] = lambda _: (404, "text/plain", b"")
    site.snippet(before=tag(sdk_url=SDK), calls=identify(ADA))
    site.until("segmentJimo.status().errors[0]?.code === 'sdk-failed'")
    del site.server.answers["/web/playground/simulator.js"]
    site.run("dispatchEvent(new Event('online'))")
    site.settled(1)
    assert refused(site) == [None]


@pytest.mark.parametrize("signature", ({"of": "ada"}, ["ada"]))
def test_a_signature_that_is_no_text_is_named(site: Site, signature: object) -> None:
    options = json.dumps({"integrations": {"Jimo (Actions)": {"signature": signature}}})
    site.snippet(before=tag(sdk_url=SDK), calls=f'analytics.identify("ada", {{}}, {options});')
    (error,) = site.settled(1)["errors"]
    assert (error["code"], error["field"]) == ("wrong-type", "signature")
    assert refused(site) == []


def test_a_signature_waits_with_its_identify_for_the_next_page(site: Site) -> None:
    site.snippet(
        before=tag(sdk_url=SDK.replace("boot=30", "fault=never-live")), calls=identify(ADA)
    )
    site.until("segmentJimo.status().events.held === 1")
    site.snippet(before=tag(sdk_url=SDK), path="/next")
    site.until("segmentJimo.status().events.delivered === 1")
    assert refused(site) == [None]


SUBSCRIPTION = {"partnerAction": "sendUserData", "subscribe": 'type = "identify"'}
WHOLE = {
    "@merge": {"direction": "right", "objects": [{"userId": {"@path": "$.userId"}}, {}]},
}


@pytest.mark.parametrize("mapping", [{"userId": {"@path": "$.userId"}}, WHOLE])
@both_runtimes
def test_settings_from_before_there_was_a_signature_hand_it_over(
    site: Site, runtime: str, mapping: dict[str, Any]
) -> None:
    given = {
        "projectId": "p1",
        "sdkUrl": SDK,
        "runtime": runtime,
        "subscriptions": [SUBSCRIPTION | {"mapping": mapping}],
    }
    site.open(
        f"{tag(project_id=False, debug=False)}<script>{SNIPPET}"
        f"analytics.ready(() => 0); analytics.register(jimoDestination({json.dumps(given)}));"
        f"{identify(ADA)}</script>{LIBRARY}"
    )
    site.settled(1)
    assert refused(site) == [None]


@pytest.mark.parametrize("mapping", [{"userId": {"@path": "$.userId"}}, WHOLE])
@both_runtimes
def test_the_npm_way_in_hands_it_over_with_settings_that_do_not_know_it(
    site: Site, runtime: str, mapping: dict[str, Any], tmp_path: Path
) -> None:
    subscriptions = [SUBSCRIPTION | {"mapping": mapping}]
    code = LOAD + f"window.{identify(ADA)}"
    open_npm(site, tmp_path, code, runtime=runtime, sdkUrl=SDK, subscriptions=subscriptions)
    site.settled(1)
    assert refused(site) == [None]


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_the_python_client_and_a_python_mapping_hand_it_over(site: Site, kind: str) -> None:
    code = f"""
from segment_jimo import SEND_USER_DATA, CommandError, Subscription, attach
import js

jimo = attach(subscriptions=[
    Subscription(SEND_USER_DATA, mapping=lambda event: {{"userId": event.userId}}),
]).jimo
jimo.identify("ada", signature="{ADA}")
try:
    jimo.identify("ada", signature=12345)
except CommandError as error:
    js.refusal = str(error)
"""
    site.open(
        f"{tag(runtime='page', sdk_url=SDK)}<script>{SNIPPET}</script>{LIBRARY}"
        + pyscript(kind, code)
    )
    site.until("window.jimoSimulator?.active === 'ada'")
    assert site.run("refusal") == "identify: signature: expected text, got int."
    site.run(identify(ADA))
    site.settled(1)
    assert refused(site) == [None, None]


@both_runtimes
def test_a_signature_is_shown_nowhere(site: Site, runtime: str) -> None:
    console: list[str] = []
    site.page.on("console", lambda message: console.append(message.text))
    listen = """window.traced = [];
      addEventListener("segment-jimo", ({ detail }) => {
        traced.push(JSON.stringify(detail, (key, value) => key === "steps" ? undefined : value));
      });"""
    site.open(
        f"<script>{listen}</script>{tag(runtime=runtime, sdk_url=SDK)}"
        f"<script>{SNIPPET}{identify(ADA)}</script>{LIBRARY}"
    )
    status = site.settled(1)
    assert refused(site) == [None]
    traced = site.run("traced")
    assert any("(signature)" in line for line in traced)
    assert any("(signature)" in line for line in console)
    assert [line for line in [*traced, *console, json.dumps(status)] if ADA in line] == []
    # Nor does Jimo have it anywhere but in that argument.
    rest = "jimoSimulator.log.filter(({ command }) => command[1] !== 'identify')"
    assert ADA not in json.dumps([site.run(rest), site.run("jimoSimulator.profiles")])
