"""The examples of the pages about what Jimo itself offers, as they stand there."""

import hashlib
import hmac
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.site import LIBRARY, SNIPPET, Site, pyscript, tag
from tools.build import ROOT

SECRET = "of the Jimo project"
SDK = "/web/playground/simulator.js?boot=30&identify=30"
VERIFIES = f"{SDK}&secret={SECRET.replace(' ', '+')}"


def blocks(page: str, language: str) -> list[str]:
    """The examples of a page in one language."""
    text = (ROOT / "docs" / f"{page}.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def beside(*subscriptions: dict[str, Any]) -> str:
    """Settings beside the tag."""
    given = json.dumps({"subscriptions": list(subscriptions)})
    return f'<script type="application/json" data-segment-jimo>{given}</script>'


def test_a_backend_in_python_and_one_in_node_sign_alike(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(blocks("signature", "python")[0], names)
    code = blocks("signature", "js")[0] + f'console.log(sign("ada", "{SECRET}"))'
    (tmp_path / "sign.mjs").write_text(code)
    done = subprocess.run(["node", tmp_path / "sign.mjs"], check=True, stdout=subprocess.PIPE)
    expected = hmac.new(SECRET.encode(), b"ada", hashlib.sha256).hexdigest()
    assert names["sign"]("ada", SECRET) == done.stdout.decode().strip() == expected


def test_a_signature_is_handed_over_as_the_page_says(site: Site) -> None:
    _, identify, page = blocks("signature", "js")
    signature = hmac.new(SECRET.encode(), b"ada", hashlib.sha256).hexdigest()
    const = f'const signature = "{signature}";'
    site.snippet(before=tag(sdk_url=VERIFIES), calls=f"{{ {const} {identify} }}")
    site.settled(1)
    assert site.run("jimoSimulator.active") == "ada"
    # On the next page of a known user.
    site.snippet(
        before=tag(sdk_url=VERIFIES, manual_init=True), calls=f"{{ {const} {page} }}", path="/next"
    )
    site.until("window.jimoSimulator?.active === 'ada'")
    client = blocks("signature", "python")[1]
    code = f'import segment_jimo\njimo = segment_jimo.attach().jimo\nsignature = "{signature}"\n'
    site.open(
        f"{tag(runtime='page', sdk_url=VERIFIES)}<script>{SNIPPET}</script>{LIBRARY}",
        pyscript("mpy", code + client),
        path="/client",
    )
    site.until("window.jimoSimulator?.active === 'ada'")


def test_the_tag_for_a_shared_computer_has_both_settings(site: Site) -> None:
    (html,) = blocks("logout", "html")
    html = html.replace("data-manual-init", f'data-sdk-url="{SDK}" data-manual-init')
    site.snippet(before=html, calls='analytics.identify("u1");')
    site.settled(1)
    site.run("void analytics.reset()")
    site.until("jimoSimulator.kills === 1 && segmentJimo.initialized === false")


def test_tracks_without_a_user_need_not_be_held(site: Site) -> None:
    (subscription,) = blocks("logout", "json")
    given = beside(json.loads(subscription))
    site.snippet(
        before=given + tag(sdk_url=SDK, manual_init=True), calls='analytics.track("nobody");'
    )
    site.until("segmentJimo.status().events.received === 1")
    site.run("void analytics.identify('u1')")
    site.run("void analytics.track('somebody')")
    status = site.settled(3)
    assert (status["events"]["unmatched"], status["events"]["delivered"]) == (2, 1)
    assert site.log()[-1] == "do segmentio:track somebody @u1"


@pytest.mark.parametrize("manual", [False, True])
def test_a_middleware_keeps_jimo_out_of_an_impersonated_session(site: Site, manual: bool) -> None:
    (code,) = blocks("impersonation", "js")
    other = """analytics.register({ name: "Other", type: "destination", version: "1",
      isLoaded: () => true, load: () => Promise.resolve(),
      track: (ctx) => { window.others = (window.others ?? 0) + 1; return ctx; } });"""
    calls = f"""const isImpersonated = () => window.impersonated ?? true; {code} {other}
      analytics.identify("u1", {{ plan: "pro" }}); analytics.track("one"); analytics.page();"""
    site.snippet(before=tag(sdk_url=SDK, manual_init=manual), calls=calls)
    site.until("window.others === 1")
    site.run("analytics.track('two')")
    assert site.status()["events"]["received"] == 0
    assert (site.status()["state"] == "waiting") is manual
    assert site.run("window.jimoSimulator?.log ?? []") == []
    # The same page, for the customer.
    site.run("window.impersonated = false")
    site.run("void analytics.identify('u1')")
    site.settled(1)
    assert site.log()[0] == 'do identify "u1" @anonymous'


def with_trigger(site: Site, manual: bool, subscribe: str = "") -> None:
    """Opens a page for an impersonated user, whose identify the trigger leaves out."""
    (trigger,) = blocks("impersonation", "text")
    users = {"partnerAction": "sendUserData", "subscribe": subscribe or trigger.strip()}
    site.snippet(
        before=beside(users) + tag(sdk_url=SDK, manual_init=manual),
        calls='analytics.identify("u1", { impersonated: true });',
    )


def test_a_trigger_keeps_the_user_from_jimo(site: Site) -> None:
    with_trigger(site, manual=False)
    assert site.settled(1)["events"]["unmatched"] == 1
    site.until("segmentJimo.status().sdk === 'live'")
    assert site.log() == []
    site.run("void (analytics.reset(), analytics.identify('u1', { plan: 'pro' }))")
    site.settled(2)
    assert site.log()[0] == 'do identify "u1" @anonymous'


def test_a_comparison_with_true_does_not_keep_the_user_from_jimo(site: Site) -> None:
    with_trigger(site, manual=False, subscribe='type = "identify" and traits.impersonated != true')
    site.settled(1)
    assert site.log()[0] == 'do identify "u1" @anonymous'


def test_identified_only_a_trigger_does_not_keep_the_user_from_jimo(site: Site) -> None:
    with_trigger(site, manual=True)
    site.until("window.jimoSimulator?.active === 'u1'")
    assert site.status()["events"]["unmatched"] == 1


def test_a_mapping_chooses_and_flattens_attributes(site: Site) -> None:
    chosen, flat = map(json.loads, blocks("attributes", "json"))
    traits = '{ plan: "pro", address: { city: "Paris" }, tags: ["a"] }'
    for number, mapping in enumerate([chosen["mapping"], chosen["mapping"] | {"traits": flat}]):
        site.snippet(
            before=beside(chosen | {"mapping": mapping}) + tag(sdk_url=SDK),
            calls=f'analytics.reset(); analytics.identify("u1", {traits});',
            path=f"/{number}",
        )
        site.settled(1)
        (expected,) = [
            {"plan": "pro", "city": "Paris"},
            {"plan": "pro", "address_city": "Paris", "tags": ["a"]},
        ][number : number + 1]
        assert site.run("jimoSimulator.profiles.u1.attributes") == expected


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_a_function_flattens_and_cuts_attributes(site: Site, kind: str) -> None:
    (code,) = blocks("attributes", "python")
    traits = """{ plan: "pro", seats: 3, trial: false, address: { city: "Paris", zip: null },
      tags: ["a", "b"], bio: "x".repeat(800), list: ["x".repeat(800)] }"""
    site.open(
        f"{tag(runtime='page', sdk_url=SDK)}<script>{SNIPPET}"
        f'analytics.identify("u1", {traits});</script>{LIBRARY}',
        pyscript(kind, code),
    )
    site.settled(1)
    assert site.run("jimoSimulator.profiles.u1.attributes") == {
        "plan": "pro",
        "seats": 3,
        "trial": False,
        "address_city": "Paris",
        "tags": ["a", "b"],
        "bio": "x" * 700,
    }
