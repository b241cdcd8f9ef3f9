"""The page on frameworks shows what is run."""

import re

from tools.build import ROOT

EXAMPLES = ROOT / "examples"


def test_the_page_on_frameworks_shows_the_files_of_the_examples() -> None:
    text = (ROOT / "docs" / "frameworks.md").read_text()
    shown = re.findall(r'^```\w+ title="([^"]*/[^"]*)"\n(.*?)^```', text, re.DOTALL | re.MULTILINE)
    assert {path.split("/")[0] for path, _ in shown} == {"react", "vue", "sveltekit", "nextjs"}
    for path, code in shown:
        assert code == (EXAMPLES / path).read_text(), path
