"""The command of the npm package and its modules for tests, from the packed tarball."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.outside import static
from tools.build import DIST, NPM, ROOT

DOCS = (ROOT / "docs" / "testing.md").read_text()
IDENTIFY = {"type": "identify", "userId": "u1", "traits": {"email": "a@b.c"}}
ORDER = {"type": "track", "event": "Order", "properties": {"total": 5}}


def sample(title: str) -> str:
    """An example of the docs, by the name of its file."""
    (found,) = re.findall(rf'```\w+ title="{re.escape(title)}"\n(.*?)```', DOCS, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def package() -> Iterator[Path]:
    """A project in which the tarball is installed, and nothing else."""
    # Each worker of the tests has its own.
    folder = Path(tempfile.mkdtemp(prefix="tools-app-", dir=ROOT / ".build"))
    installed = folder / "node_modules"
    installed.mkdir(parents=True)
    pack: list[str | Path] = ["npm", "pack", "--silent", NPM, "--pack-destination", folder]
    subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)
    (tarball,) = folder.glob("*.tgz")
    subprocess.run(["tar", "-xzf", tarball, "-C", installed], check=True)
    (installed / "package").rename(installed / "segment-jimo")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Settings with the presets, and two events."""
    (tmp_path / "jimo.json").write_text('{"projectId": "p1"}')
    (tmp_path / "events.json").write_text(json.dumps([IDENTIFY, ORDER]))
    return tmp_path


def run(package: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a folder."""
    command: list[str | Path] = ["node", package / "node_modules" / "segment-jimo" / "node/cli.mjs"]
    return subprocess.run(
        [*command, *words], cwd=folder, text=True, capture_output=True, timeout=120
    )


def outcome(package: Path, folder: Path, *words: str) -> dict[str, Any]:
    """What ``check --json`` prints."""
    done = run(package, folder, "check", *words, "--json")
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["ok"] is (done.returncode == 0)
    return found


def test_the_command_is_named_by_the_package(package: Path) -> None:
    described = json.loads((package / "node_modules/segment-jimo/package.json").read_text())
    assert described["bin"] == {"segment-jimo": "./node/cli.mjs"}
    assert (package / "node_modules/segment-jimo/node/cli.mjs").stat().st_mode & 0o100


def test_the_sample_of_the_docs_prints_what_the_docs_show(package: Path, tmp_path: Path) -> None:
    for name in ("jimo.json", "events.json"):
        (tmp_path / name).write_text(sample(name))
    done = run(package, tmp_path, "check", "jimo.json", "events.json")
    (shown,) = re.findall(r"```text\n(.*?)```", DOCS, re.DOTALL)
    assert (done.stdout, done.stderr, done.returncode) == (shown, "", 1)


def test_the_outcome_can_be_kept_and_compared(package: Path, files: Path) -> None:
    words = ("check", "jimo.json", "events.json", "--expect", "expected.json")
    assert run(package, files, *words).returncode == 2
    assert run(package, files, *words, "--update").returncode == 0
    done = run(package, files, *words)
    assert done.returncode == 0 and done.stdout.endswith("As expected.\n")
    changed = {**ORDER, "properties": {"total": 6}}
    (files / "events.json").write_text(json.dumps([IDENTIFY, changed]))
    done = run(package, files, *words)
    assert done.returncode == 1
    assert re.search(r'^-\s+"total": 5$', done.stdout, re.M)
    assert re.search(r'^\+\s+"total": 6$', done.stdout, re.M)


def test_the_settings_of_a_source_are_understood(package: Path, files: Path) -> None:
    subscription = {
        "partnerAction": "sendGroupData",
        "name": "Groups",
        "subscribe": 'type = "track"',
        "mapping": {"groupId": {"@liquid": "{{ event | downcase }}"}},
    }
    plugin = {"name": "Jimo (Actions)", "settings": {"subscriptions": [subscription]}}
    source = {"integrations": {"Jimo (Actions)": {"projectId": "p1"}}, "remotePlugins": [plugin]}
    (files / "jimo.json").write_text(json.dumps(source))
    found = outcome(package, files, "jimo.json", "events.json")
    assert found["events"][1]["commands"] == [
        ["set", "user:group", [{"groupId": "order", "traits": {}}, {"fromSegment": True}]]
    ]
    (files / "jimo.json").write_text(json.dumps({"integrations": {"Segment.io": {}}}))
    done = run(package, files, "check", "jimo.json")
    assert done.returncode == 2 and 'have no "Jimo (Actions)"' in done.stderr


@pytest.mark.parametrize(
    ("setting", "code", "problem"),
    (
        ({"runtime": "micropyton"}, "invalid-settings", 'got "micropyton"'),
        ({"assets": 5}, "invalid-settings", "assets: expected a URL, got 5"),
        ({"sdkUrl": 7}, "invalid-settings", "sdkUrl: expected a URL, got 7"),
        ({"python": 3}, "invalid-settings", "python: expected a URL, got 3"),
        ({"python": "/rules.py"}, "python-not-fetched", "--python FILE"),
    ),
)
def test_a_setting_that_a_page_would_refuse_is_a_fault(
    package: Path, files: Path, setting: dict[str, Any], code: str, problem: str
) -> None:
    (files / "jimo.json").write_text(json.dumps({"projectId": "p1", **setting}))
    found = outcome(package, files, "jimo.json", "events.json")
    (fault,) = found["problems"]
    assert (fault["kind"], fault["code"], fault["field"]) == ("fault", code, next(iter(setting)))
    assert problem in fault["message"] and not found["ok"]
    assert {one["outcome"] for one in found["events"]} == {"dropped"}


def test_settings_of_a_page_are_taken_as_they_are(package: Path, files: Path) -> None:
    settings = {"runtime": "pyodide", "assets": "/jimo/", "sdkUrl": "/sdk.js", "python": "/r.py"}
    (files / "jimo.json").write_text(json.dumps({"projectId": "p1", **settings}))
    (files / "rules.py").write_text("import segment_jimo\nsegment_jimo.attach()\n")
    found = outcome(package, files, "jimo.json", "events.json", "--python", "rules.py")
    assert found["problems"] == []
    assert [one["outcome"] for one in found["events"]] == ["delivered", "delivered"]


def test_events_are_handed_over_as_analytics_does(package: Path, files: Path) -> None:
    off = [{**ORDER, "integrations": {name: False}} for name in ("Jimo (Actions)", "All")]
    nobody = {"type": "identify", "userId": None, "traits": {"plan": "pro"}}
    (files / "events.json").write_text(json.dumps([IDENTIFY, *off, nobody, ORDER]))
    found = outcome(package, files, "jimo.json", "events.json")
    _, *switched_off, again, order = found["events"]
    for one in switched_off:
        assert (one["outcome"], one["reason"], one["commands"]) == ("unmatched", "switched-off", [])
    assert again["commands"][0] == ["do", "identify", ["u1", "callback"]]
    assert order["outcome"] == "delivered" and order["commands"][0][2][0]["userId"] == "u1"


def test_identified_only_holds_events_until_a_user_comes(package: Path, files: Path) -> None:
    (files / "jimo.json").write_text('{"projectId": "p1", "manualInit": true}')
    (files / "events.json").write_text(json.dumps([ORDER, IDENTIFY, {"type": "reset"}, ORDER]))
    found = outcome(package, files, "jimo.json", "events.json")
    assert [one["outcome"] for one in found["events"]] == ["delivered", "delivered", "done", "held"]
    assert found["events"][1]["commands"][0] == ["do", "identify", ["u1", "callback"]]


def test_a_deadline_takes_no_real_time(package: Path, files: Path) -> None:
    script = """
      import { recorder } from "segment-jimo/testing";
      const began = Date.now();
      const settings = { projectId: "p1" };
      const jimo = await recorder({ settings, simulator: { identify: "never" } });
      jimo.send({ type: "identify", userId: "u1", traits: { email: "a@b.c" } });
      const commands = await jimo.settled();
      console.log(JSON.stringify([commands.length, jimo.problems.map(({ code }) => code)]));
      console.log(Date.now() - began);
    """
    (package / "late.mjs").write_text(script)
    done = subprocess.run(
        ["node", "late.mjs"], cwd=package, check=True, text=True, capture_output=True, timeout=60
    )
    told, took = done.stdout.splitlines()
    count, codes = json.loads(told)
    assert (count, codes) == (1, ["identify-timeout"])
    assert int(took) < 9_000


@pytest.mark.parametrize(
    ("text", "problem"),
    (
        ("import segment_jimo\nsegment_jimo.attach(\n", 'File "rules.py", line'),
        (
            "def f():\n    raise ValueError('no')\nf()\n",
            'File "rules.py", line 2, in f\n    ValueError: no',
        ),
        ("print('hello')\n", "rules.py: the program did not call segment_jimo.attach()"),
    ),
)
def test_a_program_that_fails_is_named_with_file_and_line(
    package: Path, files: Path, text: str, problem: str
) -> None:
    (files / "rules.py").write_text(text)
    done = run(package, files, "check", "jimo.json", "events.json", "--python", "rules.py")
    assert done.returncode == 1
    assert re.sub(r"\n +", "\n", problem) in re.sub(r"\n +", "\n", done.stdout)


def test_rules_in_python_decide(package: Path, files: Path) -> None:
    program = """
from segment_jimo import SEND_TRACK_EVENT, Subscription, attach

print("rules")


def order(event):
    return {"messageId": event["messageId"], "timestamp": "now", "event_name": "from Python"}


def wanted(event):
    return event["event"] == "Order"


attach(subscriptions=[Subscription(SEND_TRACK_EVENT, wanted, order)])
"""
    (files / "rules.py").write_text(program)
    found = outcome(package, files, "jimo.json", "events.json", "--python", "rules.py")
    assert found["printed"] == ["rules"]
    first, second = found["events"]
    assert first["outcome"] == "unmatched"
    assert second["commands"][0][2][0]["event"] == "from Python"


@pytest.mark.parametrize(
    ("words", "problem"),
    (
        ((), "Expected a command"),
        (("paint",), "paint: unknown command"),
        (("check",), "expected SETTINGS.json"),
        (("check", "missing.json"), "missing.json: cannot be read (ENOENT)"),
        (("check", "broken.json"), "broken.json: expected JSON"),
        (("check", "jimo.json", "odd.json"), "event 1: expected an object with a type"),
        (("check", "jimo.json", "unknown.json"), "event 1: type: expected one of identify"),
        (("check", "jimo.json", "--update"), "--update needs --expect"),
        (("check", "--colour"), "--colour"),
        (("copy",), "expected one folder"),
    ),
)
def test_wrong_usage_is_explained(
    package: Path, files: Path, words: tuple[str, ...], problem: str
) -> None:
    (files / "broken.json").write_text("{")
    (files / "odd.json").write_text("[5]")
    (files / "unknown.json").write_text('{"type": "sing"}')
    done = run(package, files, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr and "--help" in done.stderr


def test_help_names_each_command_and_option(package: Path, tmp_path: Path) -> None:
    done = run(package, tmp_path, "--help")
    assert done.returncode == 0
    for word in ("check", "copy", "--python", "--expect", "--update", "--json", "Exit codes"):
        assert word in done.stdout


def test_copy_gives_a_host_what_a_page_needs(package: Path, tmp_path: Path) -> None:
    assert run(package, tmp_path, "copy", "public/jimo").returncode == 0
    copied = {path.name for path in (tmp_path / "public" / "jimo").iterdir()}
    assert copied == {path.name for path in DIST.iterdir()}


def test_the_recorder_in_a_page_sees_the_commands(page: Page, package: Path) -> None:
    installed = package / "node_modules" / "segment-jimo"
    (package / "index.html").write_text("<!doctype html><title>t</title>")
    with static(package) as url:
        page.goto(url)
        assert (installed / "node" / "testing-page.mjs").exists()
        commands = page.evaluate(
            """async () => {
              const at = "/node_modules/segment-jimo/";
              const { recorder, simulate } = await import(`${at}node/testing-page.mjs`);
              const { jimoDestination } = await import(`${at}dist/segment-jimo.mjs`);
              const plugin = jimoDestination({ projectId: "p1", sdkUrl: simulate() });
              await plugin.load({}, { on() {}, off() {} });
              const event = { type: "group", groupId: "g1", messageId: "m" };
              plugin.group({ event });
              return recorder().settled({ received: 1 });
            }"""
        )
    assert commands == [
        ["set", "user:group", [{"groupId": "g1", "traits": {}}, {"fromSegment": True}]]
    ]
