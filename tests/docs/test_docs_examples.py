"""Examples of the docs that no other test runs, and names that the docs and the code share."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

import segment_jimo
from tests.e2e.test_consent import SETTINGS
from tests.support.outside import bundle, play, refused, static
from tests.support.site import Site, tag
from tools.build import DIST, ROOT

DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> list[str]:
    """The examples of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / f"{page}.md").read_text(), re.DOTALL)


def test_segments_settings_reach_the_npm_package_with_choices_of_the_page(
    page: Page, tmp_path: Path
) -> None:
    play(page, SETTINGS)
    snippet, code, choices = blocks("segment-settings", "js")
    assert snippet in (DOCS / "get-started.md").read_text()
    # The other choices go the same way.
    others = re.findall(r"\w+: (?!\{)[^,}]+", choices)
    assert [one.split(":")[0] for one in others] == ["runtime", "assets", "sdkUrl", "debug"]
    own = 'runtime: "page", sdkUrl: "/nowhere.js"'
    code = code.replace('assets: "/segment-jimo/"', f'assets: "/segment-jimo/", {own}')
    bundle(tmp_path, code)
    with static(tmp_path) as url:
        page.goto(url)
        page.wait_for_function("window.segmentJimo?.status().timings.registered !== null")
        assert page.evaluate("segmentJimo.status().runtime") == "page"
        given = json.loads(page.evaluate("JSON.stringify(segmentJimo.host.given)"))
        assert {name: value for name, value in given.items() if value is not None} == {
            "projectId": "p1",
            "assets": "/segment-jimo/",
            "runtime": "page",
            "sdkUrl": "/nowhere.js",
        }


def test_the_reference_has_each_attribute_and_each_field_of_the_status(site: Site) -> None:
    text = (DOCS / "settings.md").read_text()
    status_page = (DOCS / "status.md").read_text()
    types = (ROOT / "web" / "segment-jimo.d.ts").read_text()
    settings = types.split("interface JimoSettings {")[1].split("\n}")[0]
    # A tag has no subscriptions, and names the global that it looks for.
    names = {*re.findall(r"^  (\w+)\??:", settings, re.M), "analytics"} - {"subscriptions"}
    attributes = {"data-" + re.sub("[A-Z]", lambda m: "-" + m[0].lower(), name) for name in names}
    assert attributes == set(re.findall(r"^\| `(data-[\w-]+)`", text, re.M))
    (status,) = blocks("status", "json")
    fields = set(re.findall(r"^\| `(\w+)` \|", status_page.split("## Status")[1], re.M))
    assert fields == json.loads(status).keys() - {"version"}
    site.snippet(before=tag(), calls='analytics.track("one");')
    found = site.settled(1)
    assert json.loads(status).keys() == found.keys()
    assert json.loads(status)["timings"].keys() == found["timings"].keys()
    assert json.loads(status)["recent"][0].keys() == found["recent"][0].keys()


def test_the_examples_of_the_settings_page_run(site: Site) -> None:
    (make,), (status, listen) = blocks("settings", "js"), blocks("status", "js")
    (message,) = blocks("settings", "text")
    site.open('<script src="/dist/segment-jimo.js"></script>')
    site.run(f"void {make}")
    assert site.run(status)["errors"] == []
    assert site.run("segmentJimo.host.given.subscriptions.length") == 1
    site.run(listen)
    site.run("jimoDestination({ projectId: '' })")
    site.open('<script src="/dist/segment-jimo.js" data-project-id=""></script>', path="/empty")
    site.until("segmentJimo.status().errors.length")
    assert site.run("segmentJimo.status().errors[0].message") == message.strip()


def test_the_subscriptions_beside_the_tag_are_those_that_count(site: Site) -> None:
    code = blocks("settings", "html")[1]
    own = 'data-sdk-url="/web/playground/simulator.js"></script>'
    site.snippet(
        before=code.replace("></script>", f" {own}"),
        calls='analytics.track("Order Completed"); analytics.track("Other");',
    )
    status = site.settled(2)
    assert (status["events"]["delivered"], status["events"]["unmatched"]) == (1, 1)
    assert status["errors"] == []


def test_the_schema_in_the_docs_is_the_one_that_is_built() -> None:
    name = "segment-jimo.schema.json"
    assert (DOCS / name).read_bytes() == (DIST / name).read_bytes()


def test_the_python_api_has_each_public_name() -> None:
    text = (DOCS / "api.md").read_text()
    for name in segment_jimo.__all__:
        assert re.search(rf"::: segment_jimo\.{name}\n|`{name}`", text), name


@pytest.fixture(scope="session")
def site_of_docs(release: Path) -> Path:
    """The built documentation."""
    return release / "site" / "docs"


def test_the_built_docs_refer_to_nothing_on_the_network(site_of_docs: Path) -> None:
    pages = sorted(site_of_docs.glob("*.html"))
    assert len(pages) > 15
    loads = re.compile(r"<(?:script|link|img|iframe|source)[^>]*?(?:src|href)=\"?([^\s\">]+)")
    for path in pages:
        loaded = loads.findall(path.read_text())
        assert loaded and not [url for url in loaded if re.match(r"(https?:)?//", url)], path.name


def test_the_built_docs_show_which_fields_are_required(site_of_docs: Path) -> None:
    text = (site_of_docs / "mappings.html").read_text()
    required = re.findall(r"<code>(\w+)</code> \(required\)", text)
    assert required == [
        field.name for action in segment_jimo.ACTIONS for field in action.fields if field.required
    ]


def test_the_built_python_api_has_sections_and_no_internals(site_of_docs: Path) -> None:
    text = (site_of_docs / "api.html").read_text()
    page = re.sub(r"<[^>]+>", "", text[text.index("<article") : text.index("</article")])
    assert page.count("Parameters:") >= 4 and page.count("Raises:") >= 4
    assert not re.search(r"\b(Args|Attributes): \w", page)
    for internal in ("Browser", "Command(", "connect(", "stamp", "Read,", "FieldMapping"):
        assert internal not in page, internal


def test_the_built_docs_can_be_searched_without_the_network(page: Page, site_of_docs: Path) -> None:
    outside = refused(page)
    with static(site_of_docs) as url:
        page.goto(f"{url}/index.html")
        page.get_by_placeholder("Search").click()
        page.keyboard.type("integrity")
        page.locator(".md-search-result__item").first.wait_for()
    assert outside == []


def test_the_page_on_the_command_has_each_option_of_its_help() -> None:
    text = (ROOT / "npm" / "cli.mjs").read_text()
    usage = text.split("const HELP = `")[1].split("`;")[0]
    page = (DOCS / "cli.md").read_text()
    options = set(re.findall(r"--\w+", usage))
    assert options == set(re.findall(r"--\w+", page)) - {"--save"} and len(options) >= 6


def test_the_glossary_is_short_and_in_order() -> None:
    terms = re.findall(r"^\| \*\*(.+?)\*\* \|", (DOCS / "glossary.md").read_text(), re.M)
    assert 10 < len(terms) <= 20 and terms == sorted(terms, key=str.lower)


def test_the_rule_in_the_readme_is_the_one_that_the_tests_run() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert code in (DOCS / "python.md").read_text()
