"""@liquid on what ships, beside Segment's own mapping-kit."""

import json
import re
from typing import Any

import pytest

from tests.interpreters.test_interpreters import node
from tests.support.site import RUNTIMES

TAGS = ("case", "for", "include", "layout", "render", "tablerow")
FILTERS = re.findall(
    r"\w+",
    """array_to_sentence_string concat find find_exp find_index find_index_exp group_by
    group_by_exp has has_exp map newline_to_br reject reject_exp reverse sort sort_natural uniq
    where_exp type""",
)
RENDERED = (
    "",
    "plain",
    "Hello, {{ properties.name }}!",
    "{{ event | upcase }} by {{ properties.name | downcase }}",
    "{% if properties.name == 'Ada' %}A{% else %}B{% endif %}",
    "{% unless properties.yes %}A{% endunless %}",
    "{{ properties.total }} {{ properties.total | plus: 1 | round }} {{ properties.yes }}",
    "{{ properties.tags }}|{{ properties.tags | join: ', ' }}|{{ properties.tags | json }}",
    "{{ properties.nothing }}{{ properties.missing.deeper }}{{ nil }}",
    "{{ properties.missing | default: 'none' }}",
    "{{ timestamp | date: '%Y-%m-%d' }}",
    "{{ 'a,b' | split: ',' | last }}",
    "{% assign first = properties.tags | first %}{{ first }}",
    "{% capture c %}x{% endcapture %}{{ c }}",
    "{{ properties.name | unknown_filter }}",
    "{{ properties.list[1].k }}{{ properties['name'] }}",
)
BROKEN = ("{{ properties.name", "{% if a %}", "{% bogus %}", "{% endif %}")
OFF = {
    f"{{% {name} x %}}{{% end{name} %}}": f'the tag "{name}" is switched off' for name in TAGS
} | {
    f"{{{{ properties.tags | {name} }}}}": f'the filter "{name}" is switched off'
    for name in FILTERS
}


@pytest.fixture(scope="module", params=RUNTIMES)
def results(request: pytest.FixtureRequest) -> dict[str, Any]:
    templates = [*RENDERED, *BROKEN, *OFF, "{% increment n %}{% increment n %}"]
    found = node("liquid.mjs", request.param, input=json.dumps(templates))
    return {result["template"]: result for result in found}


@pytest.mark.parametrize("template", RENDERED)
def test_a_template_gives_what_it_gives_in_segments_own_package(
    template: str, results: dict[str, Any]
) -> None:
    result = results[template]
    assert isinstance(result["theirs"], str) and result["ours"] == result["theirs"]
    assert result["errors"] == []


@pytest.mark.parametrize("template", OFF)
def test_what_segment_switches_off_is_off_and_named(template: str, results: dict[str, Any]) -> None:
    result = results[template]
    assert "is disabled" in result["theirs"]["error"]
    assert "ours" not in result
    (message,) = result["errors"]
    assert f"@liquid: {OFF[template]}" in message


@pytest.mark.parametrize("template", BROKEN)
def test_a_template_that_cannot_be_parsed_is_named_with_what_is_wrong(
    template: str, results: dict[str, Any]
) -> None:
    result = results[template]
    assert "error" in result["theirs"] and "ours" not in result
    (message,) = result["errors"]
    assert "@liquid: " in message and "the template failed" not in message
    assert "line:1" in message


def test_a_template_never_changes_the_event(results: dict[str, Any]) -> None:
    result = results["{% increment n %}{% increment n %}"]
    assert (result["ours"], result["event"]["n"]) == ("12", 1)
