"""One table of what rules in Python do, in a real page.

Each case runs with PyScript, on MicroPython and on Pyodide, and with either interpreter's own
loader, which is how a page without PyScript runs its Python.
"""

import json
import re

import pytest

from tests.support.site import LIBRARY, SNIPPET, Site, pyscript, tag

HOST = pytest.mark.parametrize("host", ("mpy", "py", "micropython", "pyodide"))

# A trigger, what it is asked of `event.properties`, and whether Jimo gets the track.
TRIGGERS: list[tuple[str, str, bool]] = [
    ("[]", "{}", False),
    ("{}", "{}", False),
    ("()", "{}", False),
    ('""', "{}", False),
    ("0.0", "{}", False),
    ("[0]", "{}", True),
    ("set([1])", "{}", True),
    ("set()", "{}", False),
    ("[one for one in event.properties.list if one > 2]", "{list: [1, 2]}", False),
    ("[one for one in event.properties.list if one > 1]", "{list: [1, 2]}", True),
    ('__import__("re").match("a+", event.properties.a)', '{a: "aab"}', True),
    ('__import__("re").match("b+", event.properties.a)', '{a: "aab"}', False),
    ("event.properties.list", "{list: []}", False),
    ("event.properties.list", "{list: [0]}", True),
    ("event.properties.empty", "{empty: {}}", False),
    ("event.properties.date", "{date: new Date(0)}", True),
    ("event.properties.missing is None", "{}", True),
    ("event.properties.toString is None", "{}", True),
    ("event.properties.constructor is None", "{}", True),
    ("event['hasOwnProperty'] is None", "{}", True),
    ("event.properties.toString == 'mine'", "{toString: 'mine'}", True),
    ("event.properties.nothing is None", "{nothing: null}", True),
    ("event.properties.list[-1] == 3", "{list: [1, 2, 3]}", True),
    ("event.properties.list[-4] is None", "{list: [1, 2, 3]}", True),
    ("event.get('properties.list.0') == 1", "{list: [1, 2, 3]}", True),
    ("event.get('properties.text.length', 7) == 7", "{text: 'abc'}", True),
    ("event.properties.n == 1764000000000", "{n: 1764000000000}", True),
    ("event.properties.big == 2**64 + 1", "{big: 2n ** 64n + 1n}", True),
    ("event.properties.big > 2**64", "{big: 2n ** 64n + 1n}", True),
    ("int(event.properties.big) - 2**64 == 1", "{big: 2n ** 64n + 1n}", True),
    ("event.properties.big", "{big: 0n}", False),
    ("len(event.properties.half) == 2", "{half: 'a\\ud800'}", True),
    ("event.properties.half == 'a' + chr(0xd800)", "{half: 'a\\ud800'}", True),
    ("event.properties.nul == 'a' + chr(0) + 'b'", "{nul: 'a\\0b'}", True),
]

# An expression in a mapping, the properties, and a test in JavaScript of what Jimo gets: `v`.
MAPPINGS: list[tuple[str, str, str]] = [
    ("event.properties.date", "{date: new Date(5)}", "v instanceof Date && +v === 5"),
    ("event.properties.big", "{big: 5n}", "v === 5n"),
    ("event.properties.big", "{big: 2n ** 64n + 1n}", "v === 2n ** 64n + 1n"),
    ("event.properties.n", "{n: 12345678901234567891}", "v === 12345678901234567891"),
    ("event.properties.n", "{n: 1e21}", "v === 1e21"),
    ("event.properties.n", "{n: -0}", "Object.is(v, -0)"),
    ("event.properties.n", "{n: NaN}", "Number.isNaN(v)"),
    ("2**53 - 1", "{}", "v === 2 ** 53 - 1"),
    ("10**20", "{}", "v === 1e20"),
    ("float('inf')", "{}", "v === Infinity"),
    ("0.1 + 0.2", "{}", "v === 0.1 + 0.2"),
    ("event.properties.half", "{half: 'a\\ud800b'}", "v === 'a\\ud800b'"),
    ("event.properties.half + '!'", "{half: '\\ud83d'}", "v === '\\ud83d!'"),
    ("chr(0xd83d) + chr(0xde00)", "{}", "v === '\U0001f600'"),
    ("chr(0) + '\u00e9\ud55c'", "{}", "v === '\\0\u00e9\ud55c'"),
    (
        "[event.properties.o, None, True]",
        "{o: {z: 1, a: 2}}",
        'JSON.stringify(v) === \'[{"z":1,"a":2},null,true]\'',
    ),
    ("{1: 'a'}", "{}", "v[1] === 'a'"),
    ("str(event.properties.date)", "{date: new Date(0)}", "v === '1970-01-01T00:00:00.000Z'"),
]

# An expression that fails, the properties, and what `status()` says.
FAILURES: list[tuple[str, str, str]] = [
    ("2**60", "{}", "whole number beyond 2**53 - 1"),
    ("event.properties.list[0:1]", "{list: [1]}", "TypeError, in <lambda>"),
    ("str(event.properties.date)", "{date: new Date(NaN)}", "this date is invalid"),
    ("str(event.properties.loop)", "{loop: (o => (o.o = o))({})}", "contains itself"),
    ("str(event.properties.o)", "{o: {b: 1n}}", "contains a BigInt"),
    (
        "event.properties.bad",
        "{get bad() { throw new TypeError('secret') }}",
        "a getter of the event threw TypeError",
    ),
    ("kept[0]", "{}", "a part of another one"),
    ("kept[0].type", "{}", "only the function that received the event"),
    ("set([1])", "{}", "got set"),
    ("{'__proto__': 1}", "{}", "__proto__"),
    ("loop", "{}", "contains itself"),
    ("(_ for _ in ())", "{}", "got generator"),
    ("int('secret')", "{}", "ValueError, in <lambda>"),
    ("fail('secret')", "{}", "SegmentJimoError, in fail"),
    ("jimo().set_email(event.properties.o)", "{o: ['secret']}", "set_email: email: expected text"),
    ("jimo().set_attributes({'secret': object()})", "{}", "set_attributes: attributes: expected"),
]

PROGRAM = """
import json
from segment_jimo import *
from segment_jimo import attach

kept = []
loop = []
loop.append(loop)
TRIGGERS = {triggers}
VALUES = {values}


def fail(text):
    raise SegmentJimoError(text)


def jimo():
    return destination.jimo


def trigger(number):
    def rule(event):
        if event.event == "t%d" % number:
            return TRIGGERS[number](event)
    return rule


def mapping(number):
    def rule(event):
        value = VALUES[number](event)
        return {{"messageId": "m", "timestamp": "t", "event_name": "v%d" % number,
                "properties": {{"v": value}}}}
    return rule


def only(number):
    return lambda event: event.event == "v%d" % number


def keep(event):
    if event.event == "keep":
        kept.append(event)


subscriptions = [
    Subscription(SEND_TRACK_EVENT, trigger(number), name="t%d" % number)
    for number in range(len(TRIGGERS))
] + [
    Subscription(SEND_TRACK_EVENT, only(number), mapping(number), name="v%d" % number)
    for number in range(len(VALUES))
]
destination = attach(subscriptions=subscriptions[{first}:{last}], middleware=keep)
"""


def own_loader(host: str, code: str) -> str:
    """A page that runs its Python with the interpreter's own loader."""
    package = "fetch('/dist/segment_jimo.zip').then(r => r.arrayBuffer())"
    source = json.dumps(code).replace("</", "<\\/")
    if host == "pyodide":
        start = f"""
          import {{ loadPyodide }} from "/node_modules/pyodide/pyodide.mjs";
          const python = await loadPyodide();
          python.unpackArchive(await {package}, "zip");
          python.runPython({source});"""
    else:
        folder = "/node_modules/@micropython/micropython-webassembly-pyscript"
        start = f"""
          import {{ loadMicroPython }} from "{folder}/micropython.mjs";
          const python = await loadMicroPython();
          python.FS.mkdir("segment_jimo");
          for (const [name, text] of Object.entries(await (await fetch("/sources")).json()))
            python.FS.writeFile("segment_jimo/" + name, text);
          python.runPython({source});"""
    return f'<script type="module">{start}</script>'


def attach(site: Site, host: str, code: str, **attributes: str | bool) -> None:
    """Opens a page whose own Python attaches the destination."""
    from tools.build import PACKAGE

    sources = {path.name: path.read_text() for path in PACKAGE.glob("*.py")}
    site.server.answers["/sources"] = lambda _: (
        200,
        "application/json",
        json.dumps(sources).encode(),
    )
    body = pyscript(host, code) if host in ("mpy", "py") else own_loader(host, code)
    script = tag(**{"runtime": "page", "debug": False, **attributes})
    site.open(f"{script}<script>{SNIPPET}</script>{LIBRARY}", body)
    site.until("segmentJimo.status().state === 'running' && analytics.initialized")


def send(site: Site, name: str, properties: str) -> None:
    """Tracks with the very values, which analytics.js would copy first."""
    site.run(
        f"""void (window.put ||= (analytics.addSourceMiddleware(({{ payload, next }}) => {{
          if (window.given) payload.obj.properties = window.given;
          next(payload);
        }}), true)), window.given = ({properties}), void analytics.track("{name}")"""
    )


def functions(expressions: list[str]) -> str:
    """The source of a list of functions of an event, in plain ASCII, a line each."""
    lines = "".join(f"    lambda event: {one},\n" for one in expressions)
    return f"[\n{lines}]".encode("ascii", "backslashreplace").decode()


def run(
    site: Site, host: str, triggers: list[str], values: list[str], first: int, last: int
) -> None:
    code = PROGRAM.format(
        triggers=functions(triggers), values=functions(values), first=first, last=last
    )
    attach(site, host, code)


@HOST
def test_python_decides_what_is_true(site: Site, host: str) -> None:
    run(site, host, [rule for rule, _, _ in TRIGGERS], [], 0, len(TRIGGERS))
    for number, (_, properties, _) in enumerate(TRIGGERS):
        send(site, f"t{number}", properties)
        site.settled(number + 1)
    got = [line.split()[2] for line in site.log()]
    wanted = [f"t{number}" for number, (_, _, wants) in enumerate(TRIGGERS) if wants]
    assert (got, site.status()["errors"]) == (wanted, [])


@HOST
def test_values_arrive_as_they_are(site: Site, host: str) -> None:
    total = len(MAPPINGS)
    run(site, host, [], [value for value, _, _ in MAPPINGS], 0, total)
    for number, (_, properties, _) in enumerate(MAPPINGS):
        send(site, f"v{number}", properties)
        site.settled(number + 1)
    assert site.status()["errors"] == []
    for number, (value, _, test) in enumerate(MAPPINGS):
        found = site.run(
            f"""(v => ({test}) || String(v))(jimoSimulator.log.find(({{ command }}) =>
              command[2][0].event === "v{number}").command[2][0].properties.v)"""
        )
        assert found is True, (value, found)


@HOST
def test_each_failure_says_what_and_where_and_nothing_that_a_visitor_said(
    site: Site, host: str
) -> None:
    run(site, host, [], [value for value, _, _ in FAILURES], 0, len(FAILURES))
    site.run('void analytics.track("keep")')
    site.settled(1)
    for number, (_, properties, _) in enumerate(FAILURES):
        send(site, f"v{number}", properties)
        site.settled(number + 2)
    errors = {error["subscription"]: error for error in site.status()["errors"]}
    for number, (value, _, words) in enumerate(FAILURES):
        error = errors.get(f"v{number}", {})
        assert error.get("code") == "mapping-failed", (value, error)
        assert words in error["message"] and "secret" not in error["message"], (value, error)
        if ", in " in words:
            assert re.search(r", in [\w<>]+ \([^ ]+, line \d+\)", error["message"]), error
    assert site.log() == []
