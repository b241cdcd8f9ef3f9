"""The programs of the docs on a first and a second visit, in each way to come by analytics.js."""

import re
import threading
from pathlib import Path

import pytest

from tests.e2e.test_python_functions import COMMANDS, COMMANDS_TOLD, DERIVE, DROP, HASH, MASK
from tests.e2e.test_sources import LOAD, bundle_npm, open_npm
from tests.support.site import LIBRARY, SNIPPET, Site, pyscript, tag

IDENTIFY = "void analytics.identify('u1', { email: 'ada@example.com', company: { seats: 60 } })"
# What the page does, how many events that makes, and what then is told to Jimo, without what
# a program leaves as it is.
PROGRAMS: dict[str, tuple[str, str, int, list[str]]] = {
    "mask": (
        MASK,
        IDENTIFY,
        1,
        [
            'do identify "u1" @anonymous',
            'set user:email "a***@example.com" @u1',
            'set user:attributes {"email":"a***@example.com","company":{"seats":60}} @u1',
        ],
    ),
    "derive": (
        DERIVE,
        IDENTIFY,
        1,
        [
            'do identify "u1" @anonymous',
            'set user:email "ada@example.com" @u1',
            "set user:attributes enterprise @u1",
        ],
    ),
    "drop": (
        DROP,
        """Object.defineProperty(navigator, "userAgent", { get: () => "Mozilla/5.0" }),
        void analytics.track("Order", { revenue: 9.5 }), void analytics.track("Viewed")""",
        2,
        ["do segmentio:track Order @anonymous"],
    ),
    "commands": (
        COMMANDS,
        "void dispatchEvent(new Event('welcome'))",
        1,
        [COMMANDS_TOLD[0], "set user:attributes {} @u1", *COMMANDS_TOLD[1:]],
    ),
    "hash": (
        HASH,
        "void analytics.identify('u1', { email: ' Ada@Example.com' })",
        1,
        [
            'do identify "u1" @anonymous',
            'set user:email "HASH" @u1',
            'set user:attributes {"email":"HASH"} @u1',
        ],
    ),
}
GLOBAL = LOAD.replace(", plugins: [jimoDestination]", "").replace("import { jimo", "// { jimo")


def told(site: Site) -> list[str]:
    """What Jimo was told, with what differs between the runtimes made the same."""
    lines = [re.sub(r"[0-9a-f]{64}", "HASH", line) for line in site.log()]
    # The order of a dict's keys.
    return [re.sub(r'\{.*"plan":"enterprise".*\}', "enterprise", line) for line in lines]


def visit(site: Site, way: str, kind: str, code: str, path: str, folder: Path) -> None:
    """Opens a page with a program of the docs, in one of the ways."""
    head = tag(runtime="page")
    body = pyscript(kind, code)
    if way == "module":
        site.server.answers["/jimo.py"] = lambda _: (200, "text/x-python", code.encode())
        runtime = {"mpy": "micropython", "py": "pyodide"}[kind]
        open_npm(site, folder, LOAD, runtime=runtime, python="/jimo.py")
    elif way == "global":
        site.open(head + bundle_npm(site, folder, GLOBAL), body, path)
    else:
        site.open(f"{head}<script>{SNIPPET}</script>{LIBRARY}", body, path)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("way", "kind"),
    [*((way, "mpy") for way in ("snippet", "slow", "global", "module")), ("slow", "py")],
)
def test_a_program_of_the_docs_does_the_same_on_each_visit(
    site: Site, way: str, kind: str, program: str, tmp_path: Path
) -> None:
    code, does, events, commands = PROGRAMS[program]
    for path in ("/first", "/second"):
        released = threading.Event()
        if way == "slow":

            def answer(_: str, released: threading.Event = released) -> tuple[int, str, bytes]:
                released.wait(30)
                return 0, "", b""

            site.server.answers["/dist/segment-jimo-start"] = answer
        visit(site, way, kind, code, path, tmp_path)
        if way == "slow":
            # The program has run, and nothing that it asked for is there.
            site.until("window.segmentJimo?.host.connect && segmentJimo.host.analytics")
            assert site.status()["state"] == "booting"
        else:
            site.until("window.segmentJimo?.status().state === 'running'")
        site.run(does)
        released.set()
        site.settled(events)
        site.until(f"jimoSimulator.log.length >= {len(commands)}")
        assert told(site) == commands
        codes = [error["code"] for error in site.status()["errors"]]
        assert codes == []
