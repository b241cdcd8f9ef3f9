"""The Jimo client, segment_jimo.Jimo, in the page's own Python."""

import asyncio
import json
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from segment_jimo import CommandError, Destination, Jimo, SegmentJimoError, Settings
from tests.support.fake import FakeBrowser
from tests.support.site import LIBRARY, SNIPPET, Site, pyscript, tag
from tests.unit.test_delivery import GROUP, TRACK, USER_1, USER_2, verbs

# Order and identity, on CPython with a simulated clock.


def client(browser: FakeBrowser) -> Jimo:
    """The client of the destination on a simulated page."""
    return browser.destination.jimo


def answered(answer: Awaitable[Any]) -> Any:
    """What has been answered by now."""

    async def now() -> Any:
        return await asyncio.wait_for(answer, 0.01)

    # In a thread of its own: in this one the loop of a browser's tests may be at work.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(now())).result()


def test_what_is_written_while_an_identify_is_open_lands_in_that_users_profile() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.user = "u1"
    browser.event(USER_1)
    client(browser).set_email("a@b.c")
    client(browser).set_name("Ada")
    assert verbs(browser) == ["identify u1"]
    browser.event(USER_2)
    browser.callback(1)
    assert verbs(browser) == [
        "identify u1",
        "user:attributes",
        "user:email",
        "user:name",
        "identify u2",
    ]


def test_a_users_own_command_waits_for_an_event_of_theirs_that_is_still_on_its_way() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.event({"type": "page"})
    browser.user = "u1"
    client(browser).set_name("Ada")
    client(browser).trigger("e1")
    assert verbs(browser) == []
    browser.event(USER_1)
    browser.callback(1)
    assert verbs(browser) == ["identify u1", "user:attributes", "user:name", "boosted:trigger"]


def test_commands_between_two_users_go_to_the_user_of_their_time() -> None:
    browser = FakeBrowser({}, sdk="live")
    for user in ("u1", "u2"):
        browser.user = user
        client(browser).set_name(f"of {user}")
    browser.event(USER_1)
    browser.event(USER_2)
    browser.callback(1)
    browser.callback(2)
    assert [command[2][0] for command in browser.pushed] == [
        "u1",
        {"plan": "pro"},
        "of u1",
        "u2",
        {"plan": "free"},
        "of u2",
    ]


def test_a_command_of_a_user_of_whom_no_event_comes_is_given_up() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.user = "u1"
    browser.event(USER_1)
    browser.callback(1)
    browser.user = "u2"
    client(browser).set_name("Bob")
    unread = client(browser).unread_count()
    browser.pass_time(10_000)
    assert verbs(browser) == ["identify u1", "user:attributes"]
    with pytest.raises(CommandError):
        answered(unread)


def test_an_identify_of_the_client_holds_back_what_follows_until_jimo_calls_back() -> None:
    browser = FakeBrowser({}, sdk="live")
    done = client(browser).identify("u1")
    client(browser).set_name("Ada")
    browser.event(TRACK)
    assert verbs(browser) == ["identify u1"]
    with pytest.raises(TimeoutError):
        answered(done)
    browser.callback(1)
    assert verbs(browser) == ["identify u1", "user:name", "segmentio:track"]
    assert answered(done) is None


def test_an_identify_of_the_client_that_jimo_does_not_answer_is_named_and_lets_others_pass() -> (
    None
):
    browser = FakeBrowser({}, sdk="live")
    done = client(browser).identify("u1")
    browser.event(TRACK)
    browser.pass_time(10_000)
    assert verbs(browser) == ["identify u1", "segmentio:track"]
    assert [error["code"] for error in browser.errors] == ["identify-timeout"]
    with pytest.raises(CommandError):
        answered(done)


def test_an_identify_of_the_client_takes_over_from_an_overdue_one() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.event(USER_1)
    browser.pass_time(10_000)
    client(browser).identify("u9")
    browser.callback(1)
    browser.callback(2)
    assert verbs(browser) == ["identify u1", "identify u9"]
    assert browser.events["dropped"] == 1


def test_traits_of_an_event_do_not_reach_the_profile_of_another_user_that_the_client_named() -> (
    None
):
    browser = FakeBrowser({}, sdk="live")
    browser.user = "u1"
    browser.event(USER_1)
    browser.callback(1)
    client(browser).identify("u9")
    browser.callback(2)
    browser.event({**GROUP, "userId": "u1"})
    browser.event({**TRACK, "userId": "u1"})
    client(browser).set_name("of u9")
    assert verbs(browser) == [
        "identify u1",
        "user:attributes",
        "identify u9",
        "segmentio:track",
        "user:name",
    ]
    assert [error["code"] for error in browser.errors] == ["other-user"]


def test_what_the_client_writes_after_a_reset_waits_for_the_next_identify() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.user = "u1"
    browser.event(USER_1)
    browser.callback(1)
    browser.user = None
    browser.reset()
    client(browser).set_name("Bob")
    client(browser).trigger("e1")
    assert verbs(browser)[2:] == ["boosted:trigger"]
    browser.user = "u2"
    browser.event(USER_2)
    browser.callback(2)
    assert verbs(browser)[3:] == ["identify u2", "user:name", "user:attributes"]


def test_a_reset_ends_what_the_client_has_waiting_for_the_user_before() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.user = "u1"
    browser.event(USER_1)
    client(browser).set_name("Ada")
    done = client(browser).identify("u9")
    browser.user = None
    browser.reset()
    browser.drain()
    browser.callback(1)
    assert verbs(browser) == ["identify u1"]
    with pytest.raises(CommandError):
        answered(done)


def test_identified_only_a_command_is_refused_until_there_is_a_user() -> None:
    browser = FakeBrowser({"manualInit": True})
    for wish in (
        lambda: client(browser).identify("u1"),
        lambda: client(browser).trigger("e1"),
        lambda: client(browser).unread_count(),
    ):
        with pytest.raises(CommandError, match=r"no user yet.*analytics.identify"):
            wish()
    assert (browser.pushed, browser.loads) == ([], 0)
    browser.user = "u1"
    browser.event(USER_1)
    browser.pass_time(20)
    client(browser).set_name("Ada")
    browser.callback(1)
    assert verbs(browser) == ["identify u1", "user:attributes", "user:name"]


def test_before_jimo_is_live_commands_wait_in_their_order_behind_the_events() -> None:
    browser = FakeBrowser({})
    browser.sdk_word = "loading"
    browser.event(TRACK)
    client(browser).set_name("Ada")
    unread = client(browser).unread_count()
    browser.event({**TRACK, "event": "f"})
    assert verbs(browser) == []
    browser.sdk_word = "live"
    browser.pass_time(500)
    assert verbs(browser) == ["segmentio:track", "user:name", "widget:unreadCount"] + [
        "segmentio:track"
    ]
    assert answered(unread) == 3
    assert browser.events["received"] == browser.events["delivered"] == 2


class Refusing(FakeBrowser):
    """A page whose Jimo throws on everything."""

    def send(self, command: Any, event: int = 0) -> bool:
        self._detail = "Error: refused"
        return False


def test_a_command_that_jimo_does_not_take_is_refused_with_its_words() -> None:
    browser = Refusing({}, sdk="live")
    with pytest.raises(CommandError, match=r"user:name: .*Error: refused"):
        client(browser).set_name("Ada")
    with pytest.raises(CommandError, match=r"identify: .*Error: refused"):
        client(browser).identify("u1")
    with pytest.raises(CommandError, match=r"unreadCount: .*Error: refused"):
        client(browser).unread_count()


def test_a_destination_that_has_ended_refuses_and_ends_what_waits() -> None:
    browser = FakeBrowser({})
    unread = client(browser).unread_count()
    browser.tell("jimo:mau-limit-reached")
    with pytest.raises(CommandError, match="monthly users"):
        answered(unread)
    with pytest.raises(CommandError, match="has ended"):
        client(browser).trigger("e1")


def test_commands_from_before_the_page_side_is_there_go_out_in_their_order() -> None:
    destination = Destination(Settings("p1"))
    destination.watch(lambda: {"state": "waiting"})
    for number in range(100):
        destination.jimo.trigger(f"e{number}")
    with pytest.raises(CommandError, match="100 commands are waiting"):
        destination.jimo.trigger("one more")
    browser = FakeBrowser({}, sdk="live")
    destination.connect(browser)  # type: ignore[arg-type]
    browser.tell("start")
    assert [command[2][0]["evolutionId"] for command in browser.pushed] == [
        f"e{number}" for number in range(100)
    ]


def test_a_page_side_that_never_comes_is_told_to_who_calls() -> None:
    destination = Destination(Settings("p1"))
    destination.watch(lambda: {"state": "failed", "errors": [{"message": "No Python ran."}]})
    with pytest.raises(CommandError, match="No Python ran"):
        destination.jimo.trigger("e1")
    with pytest.raises(SegmentJimoError, match="attach"):
        Destination(Settings("p1")).status()


@pytest.mark.parametrize(
    ("method", "given", "words"),
    (
        ("identify", (7,), "identify: user_id: expected text, got 7"),
        ("identify", ("",), 'user_id: expected text, got ""'),
        ("set_email", (None,), "set_email: email: expected text, got None"),
        ("set_name", (True,), "set_name: name: expected text"),
        ("set_language", (["fr"],), "set_language: language: expected text"),
        ("set_attributes", (["a"],), "attributes: expected a dict"),
        ("set_attributes", ({"a": None},), r'attributes\["a"\]: .* got None'),
        ("set_attributes", ({"a": {"b": 1}},), r'attributes\["a"\]: expected text'),
        ("set_attributes", ({"a": "x" * 701},), "at most 700 characters, got 701"),
        ("set_attributes", ({"a": ["x" * 701]},), "at most 700 characters"),
        ("set_attributes", ({7: "a"},), "keys that are text, got 7"),
        ("set_attributes", ({"a": 2**53},), "larger than JavaScript's exact integers"),
        ("set_group", (1,), "set_group: group_id: expected text"),
        ("set_group", ("g", ["a"]), "set_group: traits: expected a dict"),
        ("track", (None,), "track: event: expected text"),
        ("track", ("e", {"at": {"x": object()}}), r'properties\["at"\]\["x"\]: '),
        ("track", ("e", {"a": [1, -(2**53)]}), r'properties\["a"\]\[1\]: -9007'),
        ("trigger", (1,), "trigger: experience_id: expected text"),
        ("open_widget", (1,), "open_widget: page: expected text"),
        ("open_widget", ("feedback", "e1"), "expected page or experience_id"),
        ("on", ("name", None), "on: listener: expected a function, got None"),
        ("off", (None,), "off: name: expected text"),
    ),
)
def test_a_wrong_argument_is_named_and_nothing_goes_out(
    method: str, given: tuple[Any, ...], words: str
) -> None:
    browser = FakeBrowser({}, sdk="live")
    with pytest.raises(CommandError, match=words):
        getattr(client(browser), method)(*given)
    assert browser.pushed == []


# In the page, on both interpreters.

KINDS = pytest.mark.parametrize("kind", ("mpy", "py"))

# Lets a test run Python of its own: py("expression or statement") answers with JSON.
PRELUDE = """
import asyncio, json, js
import segment_jimo
from segment_jimo import CommandError

destination = segment_jimo.attach({settings})
jimo = destination.jimo
told = []


async def ask(name, question):
    try:
        told.append([name, await question])
    except CommandError as error:
        told.append([name, str(error)])


def wait_for(name, question):
    asyncio.create_task(ask(name, question))


def py(code):
    try:
        exec(code, globals())
    except CommandError as error:
        return "!" + str(error)
    return json.dumps(told)


try:
    from pyodide.ffi import create_proxy
    py = create_proxy(py)
except ImportError:
    pass
js.window.py = py
{first}
"""


def attach(
    site: Site,
    kind: str,
    first: str = "",
    settings: str = "",
    sdk: str = "boot=30&identify=30",
    calls: str = "",
    ready: str = "segmentJimo.status().sdk === 'live'",
    **attributes: Any,
) -> None:
    """Opens a page whose Python has attached the destination, and waits until Jimo is live."""
    code = PRELUDE.replace("{settings}", settings).replace("{first}", first)
    head = tag(runtime="page", sdk_url=f"/web/playground/simulator.js?{sdk}", **attributes)
    site.open(f"{head}<script>{SNIPPET}{calls}</script>{LIBRARY}", pyscript(kind, code))
    site.until(f"window.py && {ready}")


def py(site: Site, code: str) -> str:
    """Runs Python in the page; what a CommandError says, or what was told, comes back."""
    answer: str = site.run(f"py({json.dumps(code)})")
    return answer


def commands(site: Site) -> Any:
    """What was pushed, functions and undefined left out."""
    return site.run("JSON.parse(JSON.stringify(jimoSimulator.log.map(({ command }) => command)))")


@KINDS
def test_each_command_has_the_form_that_jimo_documents(site: Site, kind: str) -> None:
    attach(site, kind)
    py(
        site,
        """
from collections import OrderedDict
jimo.set_email("a@b.c")
jimo.set_name("Ada")
jimo.set_attributes({"plan": "pro"})
jimo.set_attributes(OrderedDict([("z", 1764000000000), ("a", [1, "b", True]), ("m", 0.1)]))
jimo.set_attributes({}, refetch=True, remove_unspecified=True)
jimo.set_group("g1", {"seats": 60, "none": None})
jimo.set_group("g2")
jimo.set_language("fr")
jimo.trigger("e1")
jimo.open_widget()
jimo.open_widget(page="feedback")
jimo.open_widget(experience_id="e2")
jimo.route_changed()
""",
    )
    assert commands(site) == [
        ["set", "user:email", ["a@b.c"]],
        ["set", "user:name", ["Ada"]],
        ["set", "user:attributes", [{"plan": "pro"}]],
        ["set", "user:attributes", [{"z": 1764000000000, "a": [1, "b", True], "m": 0.1}]],
        ["set", "user:attributes", [{}, {"refetchBoosted": True, "removeUnspecified": True}]],
        [
            "set",
            "user:group",
            [{"groupId": "g1", "traits": {"seats": 60, "none": None}}, {"fromSegment": True}],
        ],
        ["set", "user:group", [{"groupId": "g2", "traits": {}}, {"fromSegment": True}]],
        ["set", "core:language", ["fr"]],
        ["do", "boosted:trigger", [{"evolutionId": "e1"}]],
        ["do", "widget:open", []],
        ["do", "widget:open", [{"page": "feedback"}]],
        ["do", "widget:open", [{"evolutionId": "e2"}]],
        ["do", "boosted:hash-change", []],
    ]
    assert site.run("Object.keys(jimoSimulator.log[3].command[2][0]).join()") == "z,a,m"
    status = site.status()
    assert status["errors"] == [] and status["events"]["received"] == 0


@KINDS
def test_a_track_carries_what_one_of_analytics_js_does_and_is_announced(
    site: Site, kind: str
) -> None:
    attach(site, kind)
    site.run("addEventListener('jimo-segmentio-track:Paid', () => (window.announced = true))")
    assert py(site, 'jimo.track("Paid", {"price": 9.5, "at": 1764000000000})') == "[]"
    payload = "jimoSimulator.log[0].command[2][0]"
    assert site.run("announced")
    assert site.run(f"{payload}.timestamp instanceof Date")
    assert site.run(f"{payload}.timestamp === {payload}.receivedAt")
    assert site.run(f"{payload}.anonymousId === analytics.user().anonymousId()")
    assert site.run(f"'userId' in {payload}") is False
    assert site.run(f"typeof {payload}.messageId") == "string"
    assert site.run(f"[{payload}.event, {payload}.properties]") == [
        "Paid",
        {"price": 9.5, "at": 1764000000000},
    ]


@KINDS
def test_what_jimo_knows_can_be_awaited(site: Site, kind: str) -> None:
    attach(site, kind)
    py(
        site,
        """
jimo.set_attributes({"plan": "pro", "id": 1764000000000})
wait_for("none", jimo.last_open_date())
jimo.open_widget()
wait_for("attributes", jimo.attributes())
wait_for("opened", jimo.last_open_date())
wait_for("unread", jimo.unread_count())
""",
    )
    site.until("JSON.parse(py('')).length === 4")
    told = dict(json.loads(py(site, "")))
    assert told["attributes"] == {"plan": "pro", "id": 1764000000000}
    assert (told["none"], told["unread"]) == (None, 0)
    assert told["opened"] == site.run("jimo.push(['get', 'widget:lastOpenDate', []]).toISOString()")


@KINDS
def test_a_program_that_identifies_with_analytics_js_and_goes_on_writes_to_that_user(
    site: Site, kind: str
) -> None:
    attach(site, kind)
    site.run("analytics.page()")
    site.settled(1)
    py(
        site,
        """
js.analytics.identify("u1")
jimo.set_name("Ada")
jimo.track("Paid")
js.analytics.identify("u2")
jimo.set_name("Bob")
""",
    )
    site.until("jimoSimulator.profiles.u2?.name === 'Bob'")
    assert [line for line in site.log() if "attributes" not in line] == [
        'do identify "u1" @anonymous',
        'set user:name "Ada" @u1',
        "do segmentio:track Paid @u1",
        'do identify "u2" @u1',
        'set user:name "Bob" @u2',
    ]
    assert "anonymous" not in str(site.run("jimoSimulator.profiles.anonymous.name"))
    assert site.run("jimoSimulator.log[3].command[2][0].userId") == "u1"


@KINDS
def test_an_identify_of_the_client_can_be_awaited_and_events_wait_for_it(
    site: Site, kind: str
) -> None:
    attach(site, kind, sdk="boot=30&identify=150")
    py(site, 'wait_for("done", jimo.identify("u1")); jimo.set_email("a@b.c")')
    site.run('analytics.track("one")')
    site.settled(1)
    site.until("py('') !== '[]'")
    assert json.loads(py(site, "")) == [["done", None]]
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:email "a@b.c" @u1',
        "do segmentio:track one @u1",
    ]


@KINDS
def test_commands_right_after_attach_wait_for_jimo_and_a_question_for_its_answer(
    site: Site, kind: str
) -> None:
    attach(
        site,
        kind,
        first='jimo.set_name("Ada"); wait_for("unread", jimo.unread_count())',
        calls='analytics.identify("u1");',
        sdk="boot=300&identify=30",
    )
    site.until("py('') !== '[]'")
    assert json.loads(py(site, "")) == [["unread", 0]]
    assert [line for line in site.log() if "attributes" not in line] == [
        'do identify "u1" @anonymous',
        'set user:name "Ada" @u1',
        "get widget:unreadCount undefined @u1",
    ]


@KINDS
def test_identified_only_the_client_starts_nothing_before_there_is_a_user(
    site: Site, kind: str
) -> None:
    attach(site, kind, manual_init=True, ready="window.analytics.initialized")
    assert "no user yet" in py(site, 'jimo.set_name("Ada")')
    assert "no user yet" in py(site, 'jimo.identify("u1")')
    assert site.run("'jimo' in window") is False
    site.run('analytics.identify("u1")')
    site.settled(1)
    assert py(site, 'jimo.set_name("Ada")') == "[]"
    assert site.run("jimoSimulator.profiles.u1.name") == "Ada"
    site.run("analytics.reset()")
    assert "no user yet" in py(site, 'jimo.trigger("e1")')
    assert "simulator" in " ".join(site.server.requests)


@KINDS
def test_what_jimo_refuses_is_raised_and_the_interpreter_stays_whole(site: Site, kind: str) -> None:
    attach(site, kind, sdk="boot=30&identify=30&fault=push-throws")
    for _ in range(200):
        refused = py(site, 'jimo.track("e")')
    assert "Jimo did not take a command: Error" in refused
    # Python that a JavaScript exception has passed through would not get this far.
    assert py(site, 'jimo.set_name("Ada"); gone = [1] * 1000; import gc; gc.collect()') == "[]"
    site.run("(jimo.push = () => { throw new RangeError('no questions'); }, 0)")
    assert "command: RangeError" in py(site, "jimo.unread_count()")


@KINDS
def test_an_answer_that_never_comes_or_is_refused_is_an_error_of_who_awaits(
    site: Site, kind: str
) -> None:
    site.page.clock.install()
    attach(site, kind)
    site.run(
        """live = window.jimo, window.jimo = { push: (command) => command[1] === "jimer:attributes"
            ? Promise.reject("busy") : new Promise(() => {}) }"""
    )
    py(site, 'wait_for("a", jimo.attributes()); wait_for("b", jimo.unread_count())')
    site.page.clock.run_for(11_000)
    site.until("JSON.parse(py('')).length === 2")
    assert json.loads(py(site, "")) == [
        ["a", "busy"],
        ["b", "Jimo has not answered within 10 s."],
    ]


@KINDS
def test_listeners_are_called_with_python_values_until_off(site: Site, kind: str) -> None:
    attach(site, kind)
    py(
        site,
        """
jimo.on("opened", lambda *values: told.append(list(values)))
jimo.on("broken", lambda: 1 / 0)
""",
    )
    site.run(
        """listener = jimoSimulator.log[0].command[2][0],
        broken = jimoSimulator.log[1].command[2][0],
        answer = listener({ id: 1764000000000, at: new Date(0) }, null, "text", [1.5, true]),
        broken(), listener(window)"""
    )
    site.until("segmentJimo.status().errors.length === 1")
    assert json.loads(py(site, "")) == [
        [{"id": 1764000000000, "at": "1970-01-01T00:00:00.000Z"}, None, "text", [1.5, True]],
        [],
    ]
    assert site.run("answer ?? null") is None
    assert "ZeroDivisionError" in site.status()["errors"][0]["message"]
    py(site, 'jimo.off("opened")')
    site.run("listener(2), broken()")
    site.until("segmentJimo.status().errors[0].count === 2")
    assert len(json.loads(py(site, ""))) == 2
    assert commands(site) == [
        ["on", "opened", [None]],
        ["on", "broken", [None]],
        ["off", "opened"],
    ]


@KINDS
def test_commands_may_be_given_by_a_function_that_jimo_or_the_destination_calls(
    site: Site, kind: str
) -> None:
    attach(
        site,
        kind,
        settings="middleware=lambda event: jimo.trigger(event.event)",
        first='jimo.on("opened", lambda: jimo.set_name("Ada"))',
    )
    site.until("jimoSimulator.log.length === 1")
    site.run('jimoSimulator.log[0].command[2][0](), analytics.track("e1")')
    site.settled(1)
    site.until("jimoSimulator.log.length === 4")
    assert sorted(site.log()[1:]) == [
        'do boosted:trigger {"evolutionId":"e1"} @anonymous',
        "do segmentio:track e1 @anonymous",
        'set user:name "Ada" @anonymous',
    ]
    assert site.status()["errors"] == []


@KINDS
def test_deregistering_ends_the_client(site: Site, kind: str) -> None:
    attach(site, kind, sdk="boot=60000", ready="segmentJimo.status().sdk === 'loading'")
    site.run("window.kept = segmentJimo")
    py(site, 'wait_for("unread", jimo.unread_count()); jimo.set_name("Ada")')
    site.run('analytics.deregister("Jimo (Actions)")')
    site.until("py('') !== '[]'")
    ((_, why),) = json.loads(py(site, ""))
    assert "has ended" in why
    assert "has ended" in py(site, 'jimo.set_name("Ada")')
    assert site.run("kept.status().events.held") == 0
