"""Pages that change what a script may count on, remove what it adds, or forbid what it needs.

What is not forbidden works, and what cannot work is named; in either case the page notices nothing:
neither an error, nor a promise that is rejected.
"""

import pytest

from tests.e2e.test_page import remote, serve_settings
from tests.support.site import NEEDS_FRAME, Site, tag

# What the page's own handlers hear, those in the capturing phase too.
NOTICING = """
window.noticed = [];
window.addEventListener("error", (event) => noticed.push(event.message ?? "a file"));
window.addEventListener("unhandledrejection", (event) => noticed.push(String(event.reason)));
"""
CALLS = """
analytics.identify("u1", { plan: "pro" });
analytics.track("one", { list: [1, [2]], when: new Date(5) });
analytics.group("g");
"""
LOG = [
    'do identify "u1" @anonymous',
    'set user:attributes {"plan":"pro"} @u1',
    "do segmentio:track one @u1",
    "set user:group g @u1",
]
TRACKED = "jimoSimulator.log[2].command[2][0].properties"


def script(code: str) -> str:
    return f"<script>{code}</script>"


def delivered(site: Site) -> None:
    """Waits for the three calls, and sees that nobody has noticed anything."""
    assert site.settled(3)["errors"] == []
    assert site.log() == LOG
    assert site.run(f"[{TRACKED}.list[1][0], {TRACKED}.when.getTime()]") == [2, 5]
    assert site.run("window.noticed") == []


CHANGED = {
    "a Module of the page's own": "window.Module = Object.freeze({ wasm: 1 });",
    "functions on the prototypes of lists and objects": """
        Array.prototype.each = Array.prototype.remove = Object.prototype.extend = function () {};
        Object.prototype.subscription = Object.prototype.field = undefined;""",
    "a toJSON for lists and dates": """
        Array.prototype.toJSON = function () { return "a list"; };
        Date.prototype.toJSON = function () { return "a date"; };""",
    "an old bind, and call and apply that are wrapped": """
        const { apply, call } = Function.prototype;
        Function.prototype.bind = function (self, ...first) {
          const own = this;
          return function (...rest) { return Reflect.apply(own, self, [...first, ...rest]); };
        };
        Function.prototype.call = function (...all) { return Reflect.apply(call, this, all); };
        Function.prototype.apply = function (...all) {
          return Reflect.apply(apply, this, all);
        };""",
    "a fetch that throws": """
        const own = fetch;
        window.fetch = (url) => {
          if (String(url).includes("/dist/")) throw new Error("no");
          return own(url);
        };""",
    "a fetch that never answers": """
        const own = fetch;
        window.fetch = (url) => (String(url).includes("/dist/") ? new Promise(() => {}) : own(url));
        """,
    "a fetch that answers with something else": """
        const own = fetch;
        window.fetch = (url) => (String(url).includes("/dist/") ? 5 : own(url));""",
    "a Promise with little to it": """
        const own = Promise;
        window.Promise = function (work) { return new own(work); };
        Promise.prototype = own.prototype;
        for (const name of ["all", "allSettled", "reject", "resolve"])
          Promise[name] = own[name].bind(own);""",
    "timers that pass nothing on and answer with objects": """
        const { clearTimeout: clear, setTimeout: own } = window;
        window.setTimeout = (work, ms) => ({ id: own(() => work(), ms) });
        window.clearTimeout = (timer) => clear(timer?.id);""",
    "JSON of its own": """
        const { parse, stringify } = JSON;
        window.JSON = {
          parse: (...all) => parse(...all),
          stringify: (...all) => stringify(...all),
        };""",
    "no structuredClone": "delete window.structuredClone;",
    "a structuredClone that throws": "window.structuredClone = () => { throw 0; };",
    "a Map of its own": """
        const own = Map;
        window.Map = class extends own {};""",
    "no requestIdleCallback": "delete window.requestIdleCallback;",
    "stack traces that throw": 'Error.prepareStackTrace = () => { throw new Error("no"); };',
    "a createElement of its own": """
        const own = document.createElement;
        document.createElement = (...all) => {
          const element = own.apply(document, all);
          element.setAttribute("data-theirs", "");
          return element;
        };""",
    "an appendChild of its own, and an append for something else": """
        const own = Node.prototype.appendChild;
        Node.prototype.appendChild = function (node) { return own.call(this, node); };
        Element.prototype.append = () => { throw new Error("expected HTML"); };""",
    "elements that are named as its globals": """
        for (const id of ["jimo", "segmentJimo"]) {
          const element = document.createElement("a");
          element.id = id;
          document.documentElement.append(element);
        }""",
    "the right project id, frozen": """
        Object.defineProperty(window, "JIMO_PROJECT_ID", { value: "p1" });""",
    "a queue for Jimo that is frozen": "window.jimo = Object.freeze([]);",
    "a factory that cannot be read": """
        Object.defineProperty(window, "jimoDestination", { get() { throw new Error("no"); } });""",
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_it_works_on_a_page_with(site: Site, change: str) -> None:
    site.snippet(before=script(f"{NOTICING}{{{change}}}") + tag(), calls=CALLS)
    delivered(site)


def test_a_to_json_of_lists_does_not_change_the_subscriptions(site: Site) -> None:
    subscription = {
        "partnerAction": "sendTrackEvent",
        "subscribe": 'type = "track"',
        "mapping": {
            "messageId": "m",
            "timestamp": "t",
            "event_name": {"@path": "$.event"},
            "properties": {"list": [{"@path": "$.event"}, [1]]},
        },
    }
    serve_settings(
        site,
        remote(
            "/dist/segment-jimo.js",
            projectId="p1",
            sdkUrl="/web/playground/simulator.js?boot=30",
            subscriptions=[subscription],
        ),
    )
    site.snippet(
        before=script("Array.prototype.toJSON = () => 'a list';"), calls='analytics.track("one");'
    )
    site.until("window.segmentJimo")
    assert site.settled(1)["errors"] == []
    found = site.run("(([a, [b]]) => [a, b])(jimoSimulator.log[0].command[2][0].properties.list)")
    assert found == ["one", 1]


TAKEN = {
    "a function": "window.jimo = () => {};",
    "a text": 'window.jimo = "";',
    "an object without push": "window.jimo = { chat: true };",
    "a getter": 'Object.defineProperty(window, "jimo", { get: () => undefined });',
    "a getter that throws": 'Object.defineProperty(window, "jimo", { get() { throw 0; } });',
    "a queue that cannot be replaced": 'Object.defineProperty(window, "jimo", { value: [] });',
    "a project id that throws": """
        Object.defineProperty(window, "JIMO_PROJECT_ID", { get() { throw 0; } });""",
    "a project id that is frozen": 'Object.defineProperty(window, "JIMO_PROJECT_ID", {});',
    "a manual start that is frozen": 'Object.defineProperty(window, "JIMO_MANUAL_INIT", {});',
    "a manual start that throws": """
        Object.defineProperty(window, "JIMO_MANUAL_INIT", { get() { throw 0; } });""",
}


@pytest.mark.parametrize("change", TAKEN.values(), ids=TAKEN)
def test_where_jimos_globals_are_something_else_that_is_named(site: Site, change: str) -> None:
    manual = "MANUAL" in change
    site.snippet(before=script(NOTICING + change) + tag(manual_init=manual), calls=CALLS)
    status = site.settled(3)
    assert [(error["code"], error["count"]) for error in status["errors"]] == [
        ("jimo-global-taken", 1)
    ]
    assert (status["sdk"], status["events"]["dropped"]) == ("failed", 3)
    assert site.run("window.noticed") == []
    assert not [
        path for path in site.server.requests if path.startswith("/web/playground/simulator.js?")
    ][1:]


@pytest.mark.parametrize(
    "how", ("{ value: undefined }", "{ get() {} }", "{ get() { throw new Error('no'); } }")
)
def test_a_page_that_keeps_the_status_to_itself_is_served_without(site: Site, how: str) -> None:
    site.snippet(
        before=script(f'{NOTICING} Object.defineProperty(window, "segmentJimo", {how});') + tag(),
        calls=CALLS,
    )
    site.until("window.jimoSimulator?.log.length === 4")
    assert site.log() == LOG
    site.run("analytics.deregister('Jimo (Actions)')")
    assert site.run("window.noticed") == []


# A host that hands events over at once, and a Jimo that is live: nothing else runs on the page.
HOST = """
window.pushed = [];
window.jimo = { push: (command) => { pushed.push(command[1]); command[2][1]?.call?.(); } };
window.analytics = {
  on() {}, off() {},
  register(plugin) { window.plugin = plugin; return plugin.load({}, this); },
};
window.send = (type, fields) => plugin[type]({ event: {
  type, messageId: Math.random(), timestamp: new Date(), anonymousId: "a", ...fields } });
"""


def direct(site: Site, change: str, **attributes: str | bool) -> None:
    """Opens a page with that host, on which something has been changed, and sends two events."""
    site.open(script(f"{NOTICING}{HOST}{change}") + tag(**attributes))
    site.run('send("identify", { userId: "u1", traits: {} })')
    site.run('send("track", { event: "one" })')


BARE = {
    "no console": "window.console = undefined;",
    "a console that throws": """
        for (const name of Object.keys(console)) console[name] = () => { throw new Error("no"); };
        """,
    "an analytics that cannot be read at first": """
        const own = window.analytics;
        let there = false;
        Object.defineProperty(window, "analytics", {
          get() { if (there) return own; there = true; throw new Error("not yet"); } });""",
}


@pytest.mark.parametrize("change", BARE.values(), ids=BARE)
def test_it_needs_no(site: Site, change: str) -> None:
    site.open(script(f"{NOTICING}{HOST}{{{change}}}") + tag())
    site.until("window.plugin")
    site.run('send("identify", { userId: "u1", traits: {} })')
    site.run('send("track", { event: "one" })')
    site.run('send("group", {})')
    status = site.settled(3)
    assert site.run("pushed") == ["identify", "user:attributes", "segmentio:track"]
    assert {error["code"] for error in status["errors"]} == {"missing-field"}
    assert site.run("window.noticed") == []


def test_a_page_without_custom_events_gets_its_tracks_to_jimo_all_the_same(site: Site) -> None:
    direct(site, "delete window.CustomEvent;")
    status = site.settled(2)
    assert status["events"]["delivered"] == 2
    assert [error["code"] for error in status["errors"]] == ["not-announced"]
    assert site.run("window.noticed") == []


def test_an_event_that_comes_while_another_is_delivered_comes_right_after(site: Site) -> None:
    direct(
        site,
        """addEventListener("jimo-segmentio-track:one", () => {
          send("track", { event: "two" });
          send("group", { groupId: "g" });
        });""",
    )
    assert site.settled(4)["events"]["delivered"] == 4
    assert site.run("pushed.slice(2)") == ["segmentio:track", "segmentio:track", "user:group"]
    assert site.run("window.noticed") == []


def test_an_answer_of_jimo_that_is_odd_counts_as_taken(site: Site) -> None:
    direct(
        site,
        """jimo.push = (command) => {
          pushed.push(command[1]);
          command[2][1]?.call?.();
          if (command[1] === "user:attributes") return { get then() { throw new Error("no"); } };
          return Promise.reject(Object.create(null));
        };""",
    )
    assert site.settled(2)["events"]["delivered"] == 2
    # The identify and the track are of two subscriptions.
    site.until("segmentJimo.status().errors.length === 2")
    assert {error["code"] for error in site.status()["errors"]} == {"push-failed"}
    assert site.run("window.noticed") == []


# Pages that take away what stands on them.


FRAMES = "document.querySelectorAll('iframe').forEach((one) => one.remove())"
REMOVING = {
    "its frame": ("micropython", FRAMES),
    "the frame of Pyodide": ("pyodide", FRAMES),
    "all of the document": (
        "micropython",
        "document.documentElement.replaceChildren(document.createElement('head'),"
        " document.createElement('body'))",
    ),
    "the document element": (
        "micropython",
        "document.documentElement.replaceWith(document.createElement('html'))",
    ),
    "the document, by writing another": (
        "micropython",
        "(document.open(), document.write('<p>new'), document.close())",
    ),
}


@pytest.mark.parametrize(("runtime", "removal"), REMOVING.values(), ids=REMOVING)
def test_python_goes_on_on_a_page_that_has_removed(site: Site, runtime: str, removal: str) -> None:
    changed = NEEDS_FRAME if removal == FRAMES else ""
    site.open(changed + script(NOTICING + HOST) + tag(runtime=runtime))
    site.run('send("track", { event: "one" })')
    site.settled(1)
    site.run(removal)
    # What was kept alive by the frame only would go now.
    site.page.request_gc()
    site.run('send("identify", { userId: "u1", traits: { plan: "pro" } })')
    site.run('send("track", { event: "two" })')
    status = site.settled(3)
    assert site.run("pushed") == [
        "segmentio:track",
        "identify",
        "user:attributes",
        "segmentio:track",
    ]
    assert status["errors"] == []
    assert site.run("window.noticed") == []
