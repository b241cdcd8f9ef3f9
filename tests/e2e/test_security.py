"""What docs/hosting.md says of policies, hashes, hosts and pages, tried as it stands there."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.outside import play, static
from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes, plain_snippet, tag
from tools.build import DIST, ROOT, digest
from tools.serve import Server

PAGE = (ROOT / "docs" / "hosting.md").read_text()
BY_HOST, BY_NONCE, _ = (
    text.replace("\n", " ") for text in re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
)
NONCE_TAG, INTEGRITY_TAG = re.findall(r"```html\n(.*?)```", PAGE, re.DOTALL)
LOAD = 'analytics.load("YOUR_WRITE_KEY");analytics.track("one");'


def poll(site: Site, condition: str) -> None:
    """Waits for a condition where the policy forbids the eval of ``until``."""
    for _ in range(400):
        if site.run(condition):
            return
        site.page.wait_for_timeout(50)
    raise AssertionError(f"{condition} never held; {site.run('segmentJimo.status()')}")


@pytest.fixture
def violations(site: Site) -> Iterator[list[str]]:
    """What a policy has stopped: nothing, in the end."""
    found: list[str] = []
    site.page.on("console", lambda message: found.append(message.text))
    yield found
    assert [text for text in found if "Content Security Policy" in text] == []


@both_runtimes
def test_it_works_under_the_policy_by_host(site: Site, runtime: str, violations: list[str]) -> None:
    play(site.page)
    site.server.headers["Content-Security-Policy"] = BY_HOST
    code = f"{plain_snippet()};{LOAD}".encode()
    site.server.answers["/snippet.js"] = lambda _: (200, "text/javascript", code)
    site.open(f'{tag(runtime=runtime, sdk_url=False)}<script src="/snippet.js"></script>')
    poll(site, "segmentJimo.status().events.delivered === 1")
    assert site.status()["errors"] == []


@both_runtimes
def test_it_works_under_the_policy_by_nonce(
    site: Site, runtime: str, violations: list[str]
) -> None:
    play(site.page)
    site.server.headers["Content-Security-Policy"] = BY_NONCE
    ours = NONCE_TAG.replace("<script ", f'<script data-runtime="{runtime}" ')
    site.open(f'{ours}<script nonce="RANDOM">{plain_snippet()};{LOAD}</script>')
    poll(site, "segmentJimo.status().events.delivered === 1")
    assert site.status()["errors"] == []


@both_runtimes
def test_without_wasm_unsafe_eval_the_failure_is_named(site: Site, runtime: str) -> None:
    play(site.page)
    site.server.headers["Content-Security-Policy"] = BY_NONCE.replace(" 'wasm-unsafe-eval'", "")
    ours = NONCE_TAG.replace("<script ", f'<script data-runtime="{runtime}" ')
    site.open(f'{ours}<script nonce="RANDOM">{plain_snippet()};{LOAD}</script>')
    poll(site, "segmentJimo.status().state === 'failed'")
    error = site.status()["errors"][0]
    assert error["code"] == "boot-failed" and "script-src" in error["message"]
    assert site.status()["events"]["held"] == 1


@pytest.mark.parametrize("right", (True, False))
def test_integrity_of_the_script_tag_is_respected(site: Site, right: bool) -> None:
    # Wrong is that of another file.
    name = "segment-jimo.js" if right else "segment-jimo.mjs"
    found = json.loads((DIST / "integrity.json").read_text())[name]
    site.snippet(before=INTEGRITY_TAG.replace("HASH", found))
    site.until("window.analytics.initialized")
    assert site.run("!!window.jimoDestination") is right


def test_a_name_with_a_hash_says_what_is_in_the_file() -> None:
    names = [path for path in DIST.iterdir() if re.search(r"-[0-9a-f]{8}(\.|$)", path.name)]
    assert len(names) >= 8
    for path in names:
        # Pyodide asks for its files by name, so the hash is their folder's.
        files = [path] if path.is_file() else sorted(path.iterdir())
        hashed = re.findall(r"-([0-9a-f]{8})(?:\.|$)", path.name)[0]
        assert hashed == digest(*[file.read_bytes() for file in files]), path


def test_the_loader_does_not_check_the_hash_in_a_name(site: Site) -> None:
    (start,) = DIST.glob("segment-jimo-start-*.mjs")
    other = start.read_bytes() + b"\ndocument.title = 'other';"
    site.server.answers[f"/dist/{start.name}"] = lambda _: (200, "text/javascript", other)
    site.snippet(before=tag(), calls='analytics.track("one");')
    site.settled(1)
    assert site.run("document.title") == "other"


def test_nothing_but_our_files_and_jimo_is_fetched(site: Site) -> None:
    asked: list[str] = []
    site.page.on("request", lambda request: asked.append(request.url))
    site.page.on("websocket", lambda socket: asked.append(socket.url))
    play(site.page)
    site.snippet(before=tag(sdk_url=False), calls='analytics.identify("u1");')
    site.settled(1)
    here = site.server.url
    analytics = (f"{here}/page", f"{here}/cdn/", f"{here}/api/")
    rest = [url for url in asked if not url.startswith((*analytics, f"{here}/dist/"))]
    assert set(rest) == {"https://undercity.usejimo.com/jimo-invader.js"}


def test_files_on_another_origin_need_cors(site: Site) -> None:
    place = tag(debug=False).replace("/dist/", "{}/dist/")
    with static(ROOT) as other:
        site.page.route(f"{other}/**", lambda route: route.continue_())
        site.snippet(before=place.format(other), calls='analytics.track("one");')
        site.until("window.segmentJimo?.status().state === 'failed'")
        error = site.status()["errors"][0]
        assert error["code"] == "boot-failed"
        assert "Check that dist/ is complete, or set assets." in error["message"]
    # This one says Access-Control-Allow-Origin: *.
    allowing = Server()
    allowing.run()
    site.page.route(f"{allowing.url}/**", lambda route: route.continue_())
    site.snippet(before=place.format(allowing.url), calls='analytics.track("two");')
    # The first one is delivered here.
    site.settled(2)
    allowing.shutdown()
    allowing.server_close()


def test_types_that_a_host_may_get_wrong(site: Site) -> None:
    def answer(path: str, type: str) -> None:
        (file,) = DIST.glob(path)
        site.server.answers[f"/dist/{file.name}"] = lambda _: (200, type, file.read_bytes())

    answer("micropython-image-*.wasm", "application/octet-stream")
    site.snippet(before=tag(), calls='analytics.track("one");')
    site.settled(1)
    answer("segment-jimo-start-*.mjs", "text/plain")
    site.snippet(before=tag(), calls='analytics.track("two");', path="/second")
    site.until("window.segmentJimo?.status().state === 'failed'")
    assert site.status()["errors"][0]["code"] == "boot-failed"


def test_compressed_files_work(site: Site, tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    for path in DIST.iterdir():
        if path.is_file():
            (tmp_path / "dist" / path.name).write_bytes(gzip.compress(path.read_bytes(), 1))
    headers = {"Content-Encoding": "gzip", "Access-Control-Allow-Origin": "*"}
    with static(tmp_path, headers) as other:
        site.page.route(f"{other}/**", lambda route: route.continue_())
        site.snippet(
            before=tag().replace("/dist/", f"{other}/dist/"), calls='analytics.track("one");'
        )
        site.settled(1)


@both_runtimes
def test_it_works_on_an_isolated_page(site: Site, runtime: str) -> None:
    site.server.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    site.server.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    site.snippet(before=tag(runtime=runtime), calls='analytics.track("one");')
    site.settled(1)
    assert site.run("crossOriginIsolated")


def test_no_global_is_added_but_the_documented_ones(site: Site) -> None:
    before = f"<script>{SNIPPET}analytics.track('one');</script>"
    remember = "<script>window.known = [...Object.getOwnPropertyNames(window), 'known'];</script>"
    site.open(f"{remember}{before}{LIBRARY}{tag()}")
    site.settled(1)
    added = site.run("Object.getOwnPropertyNames(window).filter((name) => !known.includes(name))")
    # jimoKill and jimoIsMauLimitReached are Jimo's own.
    theirs = re.compile(r"analytics|webpack|jimo(Simulator|Kill|IsMau)|^__", re.I)
    assert {name for name in added if not theirs.search(name)} == set(
        re.findall(r"\w+", "jimoDestination segmentJimo jimo JIMO_PROJECT_ID")
    )
