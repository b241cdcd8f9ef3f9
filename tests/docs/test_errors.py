"""The page about error codes has each code that there is, and no other."""

import ast
import re
from collections.abc import Iterator

import pytest

from tools.build import PACKAGE, ROOT, WEB

ROW = re.compile(r"^\| `([a-z-]+)` \| (.+) \| (.+) \| (yes|often|no) \|$", re.M)
PAGE = (ROOT / "docs" / "errors.md").read_text()
TYPES = (WEB / "segment-jimo.d.ts").read_text()
CODES = re.findall(r'"([a-z-]+)"', TYPES.split("type JimoErrorCode =")[1].split(";")[0])
SHIPPED = [path for folder in ("page", "later") for path in sorted((WEB / folder).glob("*.js"))]


def of_python() -> Iterator[tuple[str, str]]:
    """Yields each code that Python reports, with its module.

    It is the first argument of ``report`` or ``close``, or stands before its message in a table.
    """
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in ("report", "close"):
                    parts = node.args[:1]
            elif isinstance(node, ast.Dict):
                rows = [one for one in node.values if isinstance(one, ast.Tuple)]
                pairs = [one.elts for one in rows if len(one.elts) == 2]
                parts = [code for code, message in pairs if " " in ast.unparse(message)]
            for part in parts:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield path.stem, part.value


def of_javascript() -> Iterator[tuple[str, str]]:
    """Yields each code that the page side reports where it stands in the call, with its file."""
    where = (
        r'(?:\b(?:report|fail|stop|close)\(\s*(?:item,\s*)?|\bcode: |\[)"([a-z]+(?:-[a-z]+)*)",\s*'
    )
    for path in SHIPPED:
        for code in re.findall(where + r"""(?=["`][^"\s]+ |message)""", path.read_text()):
            yield path.stem, code


def test_each_code_has_one_row_with_cause_remedy_and_whether_to_alert() -> None:
    assert sorted(code for code, *_ in ROW.findall(PAGE)) == sorted(CODES)


@pytest.mark.parametrize(("find", "least"), ((of_python, 12), (of_javascript, 12)))
def test_each_code_in_the_source_is_a_known_one(find: object, least: int) -> None:
    assert callable(find)
    found = list(find())
    assert len({code for _, code in found}) >= least
    assert [one for one in found if one[1] not in CODES] == []


def test_each_known_code_is_in_the_source() -> None:
    source = "".join(path.read_text() for path in [*SHIPPED, *sorted(PACKAGE.glob("*.py"))])
    assert [code for code in CODES if f'"{code}"' not in source] == []
