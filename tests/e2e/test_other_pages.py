"""Whose profile, over pages: resets, tabs, log-ins elsewhere, frames, prepared pages, coming back.

What must hold is that of tests/interpreters/visitor.mjs; here it is tried in a browser.
"""

from typing import Any

import pytest

from tests.support.site import STALL, Site, both_runtimes, tag

# Jimo keeps its user over pages, as the real one does.
SDK = "/web/playground/simulator.js?boot=30&identify=30&keep=user"


def open_page(
    site: Site, calls: str = "", path: str = "/page", sdk: str = SDK, **more: Any
) -> None:
    """Opens a page of the site, and waits until analytics.js is there."""
    site.snippet(before=tag(sdk_url=sdk, **more), calls=calls, path=path)
    site.until("window.analytics.initialized")


def log_in(site: Site, **more: Any) -> None:
    """A page on which Jimo is told of u1 and has called back."""
    open_page(site, 'analytics.identify("u1", { plan: "pro" });', **more)
    site.settled(1)


def held(site: Site, number: int) -> None:
    """Waits until Jimo is live and so many events are held."""
    site.until(
        f"segmentJimo.status().sdk === 'live' && segmentJimo.status().events.held === {number}"
    )


def second_tab(site: Site) -> Site:
    """Returns another tab of the same visitor."""
    return Site(site.page.context.new_page(), site.server)


def keep_plugin(site: Site) -> None:
    """Keeps our plugin in window.plugin, so that it can be registered once more."""
    find = "analytics.queue.plugins.find(({ name }) => name === 'Jimo (Actions)')"
    site.run(f"analytics.ready(() => {{ window.plugin = {find}; }}), 1")
    site.until("!!window.plugin")


def elsewhere(site: Site, script: str = "1") -> Any:
    """Goes to a page of this origin without us, and runs something there."""
    site.server.answers["/elsewhere"] = lambda _: (200, "text/html", b"<title>elsewhere</title>")
    site.goto("/elsewhere")
    return site.run(script)


ANONYMOUS = '(analytics.identify({ email: "b@c.d" }), analytics.group("g"))'
# What is written for the visitor after the reset, once they have a user.
OF_BOB = [
    'do identify "u2" @u1',
    'set user:email "b@c.d" @u2',
    'set user:attributes {"email":"b@c.d"} @u2',
    "set user:group g @u2",
]


@both_runtimes
def test_after_a_log_out_and_a_redirect_nothing_is_written_before_the_next_identify(
    site: Site, runtime: str
) -> None:
    log_in(site, runtime=runtime)
    site.run("analytics.reset()")
    open_page(site, runtime=runtime)
    site.run(ANONYMOUS)
    held(site, 2)
    assert site.log() == []
    site.run('analytics.identify("u2")')
    site.settled(3)
    assert site.log()[:4] == OF_BOB


def test_a_reset_in_one_tab_holds_in_the_other(site: Site) -> None:
    log_in(site)
    other = second_tab(site)
    open_page(other)
    other.run("analytics.reset()")
    # Here analytics.js has the user still in its memory.
    site.until("localStorage['segment-jimo:p1'].startsWith('reset')")
    site.run('analytics.group("g")')
    held(site, 1)
    assert len(site.log()) == 2


def test_a_second_reset_in_a_row_is_heard_in_the_other_tab(site: Site) -> None:
    log_in(site)
    site.run("analytics.reset()")
    other = second_tab(site)
    open_page(other, 'analytics.identify("u2");', sdk=SDK.replace("=30&keep", "=never&keep"))
    other.until("window.jimoSimulator?.log.length === 1")
    site.run("analytics.reset()")
    other.until("segmentJimo.status().errors.some(({ code }) => code === 'reset')")
    assert other.log() == ['do identify "u2" @u1']


@both_runtimes
def test_a_reset_while_deregistered_holds_when_registered_again(site: Site, runtime: str) -> None:
    log_in(site, runtime=runtime)
    keep_plugin(site)
    site.run("analytics.deregister('Jimo (Actions)')")
    site.until("!window.segmentJimo")
    site.run("(analytics.reset(), analytics.register(plugin))")
    site.until("window.segmentJimo")
    before = len(site.log())
    site.run(ANONYMOUS)
    site.until("segmentJimo.status().events.held === 2")
    site.run('analytics.track("free")')
    site.until("segmentJimo.status().events.delivered === 2")
    assert [line.split()[1] for line in site.log()[before:]] == ["segmentio:track"]


@both_runtimes
def test_what_waits_survives_a_log_in_elsewhere_once(site: Site, runtime: str) -> None:
    only: dict[str, Any] = {"runtime": runtime, "manual_init": True}
    open_page(site, 'analytics.track("one"); analytics.identify({ plan: "pro" });', **only)
    site.until("segmentJimo.status().events.held === 2")
    elsewhere(site, "document.cookie = 'ajs_user_id=u1'")
    open_page(site, 'analytics.track("two");', **only)
    site.settled(3)
    log = ['do identify "u1" @anonymous', "do segmentio:track one @u1"]
    log += ['set user:attributes {"plan":"pro"} @u1', "do segmentio:track two @u1"]
    assert site.log() == log
    open_page(site, 'analytics.track("three");', **only)
    site.settled(1)


def test_a_copy_of_the_tab_while_elsewhere_delivers_nothing_twice(site: Site) -> None:
    open_page(site, 'analytics.track("one");', sdk=STALL)
    site.until("segmentJimo.status().events.held === 1")
    kept = elsewhere(site, "Object.entries(sessionStorage)")
    copy = second_tab(site)
    elsewhere(copy)
    for key, text in kept:
        copy.run(f"sessionStorage.setItem({key!r}, {text!r})")
    open_page(site)
    site.settled(1)
    open_page(copy, 'analytics.track("two");')
    copy.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]
    assert copy.log() == ["do segmentio:track two @anonymous"]


def test_a_page_and_its_frame_both_leave_what_they_hold(site: Site) -> None:
    open_page(site, 'analytics.track("of the frame");', sdk=STALL, path="/frame")
    site.snippet(
        before=tag(sdk_url=STALL),
        calls='analytics.track("of the page");',
        after='<iframe src="/frame"></iframe>',
        path="/both",
    )
    both = "[window, frames[0]].every((one) => one.segmentJimo?.status().events.held === 1)"
    # What the first page held has gone to the frame or the page, whichever came first.
    site.until(both.replace("every((one) => one", "some((one) => one").replace("=== 1", ">= 1"))
    site.until(
        "[window, frames[0]].reduce("
        "(sum, one) => sum + (one.segmentJimo?.status().events.held ?? 0), 0) === 3"
    )
    open_page(site)
    site.settled(3)
    assert sorted(site.log()) == [
        "do segmentio:track of the frame @anonymous",
        "do segmentio:track of the frame @anonymous",
        "do segmentio:track of the page @anonymous",
    ]


NEVER = SDK.replace("identify=30", "identify=never")


def open_identify(site: Site) -> None:
    """A page that holds an identify, which Jimo does not answer, and a track behind it."""
    open_page(site, 'analytics.identify("u1"); analytics.track("one");', sdk=NEVER)
    site.until("window.jimoSimulator?.log.length === 1 && segmentJimo.status().events.held === 2")
    site.run("window.same = true")


def test_a_page_that_comes_back_has_what_no_other_has_taken(site: Site) -> None:
    open_identify(site)
    elsewhere(site)
    site.page.go_back(wait_until="commit")
    site.until("window.same && window.segmentJimo")
    site.until("segmentJimo.status().events.held === 2")
    kept = "Object.keys(sessionStorage).filter((key) => key.startsWith('segment-jimo'))"
    assert site.run(kept) == []


def test_a_page_that_comes_back_does_not_deliver_what_another_has_taken(site: Site) -> None:
    open_identify(site)
    open_page(site, path="/next")
    site.settled(2)
    site.page.go_back(wait_until="commit")
    site.until("window.same && window.segmentJimo")
    site.until("segmentJimo.status().events.held === 0")
    assert site.status()["events"]["received"] == 0 and len(site.log()) == 1


# What Chromium does with speculation rules, told by what a page can see of it.
PREPARED = """<script>
  let prepared = true;
  Object.defineProperty(Document.prototype, "prerendering", { get: () => prepared });
  window.show = () => {
    prepared = false;
    document.dispatchEvent(new Event("prerenderingchange"));
  };
</script>"""


@pytest.mark.parametrize("manual", [False, True])
def test_a_prepared_page_fetches_and_takes_over_nothing_before_it_is_shown(
    site: Site, manual: bool
) -> None:
    open_page(site, 'analytics.track("one");', sdk=STALL)
    site.until("segmentJimo.status().sdk === 'loading' && segmentJimo.status().events.held === 1")
    asked: list[str] = []
    site.page.on("request", lambda request: asked.append(request.url))
    before = PREPARED + tag(sdk_url=SDK, manual_init=manual)
    site.snippet(before=before, calls='analytics.identify("u1");')
    site.until("window.analytics.initialized && segmentJimo.status().events.held === 1")
    assert not [url for url in asked if "simulator" in url or ".wasm" in url]
    assert site.run("Object.keys(sessionStorage).length") == 1
    site.run("show()")
    site.settled(2)
    assert site.log()[0] == 'do identify "u1" @anonymous' or not manual
    assert "do segmentio:track one" in " ".join(site.log())


@both_runtimes
def test_an_identify_that_rejects_writes_nothing_into_the_profile_before(
    site: Site, runtime: str
) -> None:
    site.page.clock.install()
    log_in(site, runtime=runtime)
    before = len(site.log())
    site.run('(jimoSimulator.options.fault = "identify-rejects", analytics.identify("u2"))')
    site.run('(analytics.group("g2"), analytics.track("two"))')
    site.until("segmentJimo.status().errors.some(({ code }) => code === 'push-failed')")
    site.page.clock.fast_forward(15_000)
    site.until("segmentJimo.status().events.held === 0")
    assert "group" not in " ".join(site.log()[before:])
    assert site.errors == []


def test_an_identify_too_large_to_keep_takes_its_group_along_and_no_more(site: Site) -> None:
    log_in(site)
    open_page(site, sdk=STALL)
    site.run('(analytics.identify("u2", { text: "x".repeat(450_000) }), analytics.group("g2"))')
    site.until("segmentJimo.status().events.held === 2")
    site.run('(analytics.identify("u3"), analytics.track("small"))')
    site.until("segmentJimo.status().events.held === 4")
    open_page(site)
    status = site.settled(4)
    assert status["events"]["dropped"] == 2
    assert site.log() == [
        'do identify "u3" @u1',
        "set user:attributes {} @u3",
        "do segmentio:track small @u3",
    ]


def test_a_group_after_registering_again_goes_out(site: Site) -> None:
    log_in(site)
    site.run('(analytics.reset(), analytics.identify("u2"))')
    site.settled(2)
    keep_plugin(site)
    site.run("analytics.deregister('Jimo (Actions)')")
    site.until("!window.segmentJimo")
    site.run("analytics.register(plugin).then(() => analytics.group('g2'))")
    site.until("window.segmentJimo?.status().events.delivered === 3")
    assert site.log()[-1].startswith("set user:group g2")


@pytest.mark.parametrize("change", ["", "payload.obj.messageId = 'another';"])
def test_an_event_in_a_slow_middleware_does_not_identify_a_user_who_has_logged_out(
    site: Site, change: str
) -> None:
    slow = f"""analytics.addSourceMiddleware(async ({{ payload, next }}) => {{
      if (payload.obj.type === "identify") await new Promise((go) => (window.go = go));
      {change}
      next(payload);
    }});"""
    site.snippet(before=tag(sdk_url=SDK), calls=slow)
    site.until("window.analytics.initialized && segmentJimo.status().sdk === 'live'")
    site.run('(analytics.identify("u1", { plan: "pro" }), 1)')
    site.until("!!window.go")
    site.run("(analytics.reset(), go(), 1)")
    site.until("segmentJimo.status().events.dropped === 1")
    assert site.log() == []


def test_an_event_from_before_the_tag_does_not_identify_a_user_who_has_logged_out(
    site: Site,
) -> None:
    slow = """analytics.addSourceMiddleware(async ({ payload, next }) => {
      if (payload.obj.type === "identify") await new Promise((go) => (window.go = go));
      next(payload);
    });"""
    site.snippet(calls=slow)
    site.until("window.analytics.initialized")
    site.run('(analytics.identify("u1", { plan: "pro" }), 1)')
    site.until("!!window.go")
    site.run("(analytics.reset(), 1)")
    late = tag(sdk_url=SDK).replace('"', "'")
    site.run(
        f'(document.head.append(document.createRange().createContextualFragment("{late}")), 1)'
    )
    site.until("window.segmentJimo?.status().sdk === 'live'")
    site.run("(go(), 1)")
    site.until("segmentJimo.status().events.received === 1")
    site.run('analytics.track("after")')
    site.until("jimoSimulator.log.length > 0")
    assert site.log() == ["do segmentio:track after @anonymous"]


def test_a_start_of_jimo_that_rejects_is_told_and_reaches_nobody_else(site: Site) -> None:
    sdk = SDK + "&fault=init-rejects"
    open_page(site, 'analytics.identify("u1");', sdk=sdk, manual_init=True)
    site.until("segmentJimo.status().errors.some(({ code }) => code === 'init-failed')")
    assert site.errors == []


def test_values_are_the_same_on_the_next_page(site: Site) -> None:
    odd = """{ nan: NaN, most: Infinity, least: -Infinity, minus: -0, at: new Date(5), large: 10n,
        list: [1, undefined, 2], text: "\\0d5" }"""
    open_page(site, f'analytics.track("odd", {odd});', sdk=STALL)
    site.until("segmentJimo.status().events.held === 1")
    open_page(site)
    site.settled(1)
    found = site.run(
        """(({ nan, most, least, minus, at, large, list, text }) => [
          Number.isNaN(nan), most === Infinity, least === -Infinity, Object.is(minus, -0),
          at instanceof Date && +at === 5, large === 10n,
          list.length === 3 && list[1] === undefined, text === "\\0d5"]
        )(jimoSimulator.log[0].command[2][0].properties)"""
    )
    assert found == [True] * 8
    # Segment's own destination cannot send a BigInt.
    site.errors.clear()


def test_no_error_quotes_an_event_whose_getter_throws(site: Site) -> None:
    open_page(
        site,
        """analytics.register({ name: "odd", type: "enrichment", isLoaded: () => true,
          load: () => Promise.resolve(), track(ctx) {
            Object.defineProperty(ctx.event.properties, "card", { enumerable: true,
              get() { throw new Error("4111 1111 1111 1111"); } });
            return ctx;
          } });""",
    )
    site.run('analytics.track("odd", { a: 1 })')
    site.until("segmentJimo.status().events.received === 1")
    site.settled(1)
    assert "4111" not in str(site.status())
    # Segment's own destination stumbles over the getter.
    site.errors.clear()


NONSENSE = ("7", "null", '{"at": 1}', '[1, "two", -3, {}]', '{"at":9e15,"lost":"x","events":{}}')


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_in_the_storage_changes_nothing(site: Site, text: str) -> None:
    keys = ("segment-jimo:p1", "segment-jimo:p1:x")
    elsewhere(
        site,
        f"for (const key of {list(keys)!r}) sessionStorage[key] = localStorage[key] = {text!r}",
    )
    open_page(site, 'analytics.track("one");')
    events = site.settled(1)["events"]
    assert (events["delivered"], events["dropped"]) == (1, 0)


def test_a_script_that_only_says_that_the_page_is_left_changes_nothing(site: Site) -> None:
    open_page(site, 'analytics.track("one");')
    site.settled(1)
    site.run("(dispatchEvent(new Event('pagehide')), analytics.track('two'), 1)")
    site.settled(2)
    open_page(site, 'analytics.track("three");', sdk=STALL)
    site.run("(dispatchEvent(new Event('pagehide')), 1)")
    site.until("segmentJimo.status().events.held === 1")
    open_page(site)
    site.settled(1)
    assert site.log() == ["do segmentio:track three @anonymous"]


def test_identified_only_nothing_is_fetched_for_traits_where_the_id_is_at_another_place(
    site: Site,
) -> None:
    settings = """<script type="application/json" data-segment-jimo>{ "subscriptions": [{
      "partnerAction": "sendUserData", "subscribe": "type = \\"identify\\"",
      "mapping": { "userId": { "@path": "$.traits['user id']" } } }] }</script>"""
    asked: list[str] = []
    site.page.on("request", lambda request: asked.append(request.url))
    site.snippet(
        before=settings + tag(sdk_url=SDK, manual_init=True),
        calls='analytics.identify({ plan: "pro" });',
    )
    site.until("segmentJimo.status().events.held === 1")
    assert not [url for url in asked if "wasm" in url or "start" in url]
    site.run('analytics.identify({ "user id": "u1" })')
    site.until("window.jimoSimulator?.log.length > 0")
    assert site.log()[0] == 'do identify "u1" @anonymous'


def test_a_reset_by_a_middleware_ends_the_event_that_it_is_called_for(site: Site) -> None:
    again = """analytics.addSourceMiddleware(({ payload, next }) => {
      if (payload.obj.type === "identify") analytics.reset();
      next(payload);
    });"""
    site.snippet(before=tag(sdk_url=SDK), calls=again)
    site.until("window.analytics.initialized && segmentJimo.status().sdk === 'live'")
    site.run('(analytics.identify("u1", { plan: "pro" }), 1)')
    site.until("segmentJimo.status().events.dropped === 1")
    assert site.log() == []
