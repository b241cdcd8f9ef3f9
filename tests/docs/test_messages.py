"""Each error message has the one form that docs/contributing.md describes.

It says what happened; then what to do, unless docs/errors.md says that there is nothing to do. The
messages are read from the sources, with {} for a value that only the running page knows.
"""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.build import PACKAGE, ROOT, WEB

from .test_errors import CODES, PAGE, ROW

Message = tuple[str, str, str]
"""Its file; its code, "" where it is not in that place; its text."""

# The errors that a program may see, and which argument has the text.
RAISED = {"SettingsError": 1, "AttachError": 0, "CommandError": 0, "TypeError": 0}
# The page side adds the code to the one message that they share.
OF_A_FIELD = {"missing-field", "wrong-type", "mapping-failed"}
NOTHING_TO_DO = [code for code, _, remedy, _ in ROW.findall(PAGE) if remedy.startswith("Nothing")]

# A capital letter, or the name of a setting, a function, a global or a file.
BEGINNING = re.compile(r"[A-Z]|\{\}|[a-z][\w-]*(:|[.(]\S+) ")
END = re.compile(r"\.$|Did you mean \{\}\?$|\{\}$")
VERBS = (
    "add|ask|call|check|copy|correct|disable|find|give|look|remove|rename|report|see|set|switch|use"
)
REMEDY = re.compile(
    rf"(^|[.:,] )({VERBS})\b|did you mean|expected .+, got " + r"|: \{\}$", re.IGNORECASE
)
BE = r"\b(?:is|are|was|were|be|been)(?: not| now)?"
# As in docs/contributing.md: an event may be delivered, dropped, held or refused.
ALLOWED = "delivered|dropped|held|refused|registered|deregistered|ignored"
PASSIVE = re.compile(
    rf"{BE} (?!(?:{ALLOWED})\b)(?:\w+ed|called|lost|sent|read|set|left|made|done)\b"
)


def read(node: ast.expr, constants: dict[str, str]) -> str:
    """Returns an expression as text."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(read(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return read(node.value, constants)
    return constants.get(node.id, "{}") if isinstance(node, ast.Name) else "{}"


def of_python() -> Iterator[Message]:
    for path in sorted(PACKAGE.glob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        constants = {
            ast.unparse(node.targets[0]): str(node.value.value)
            for node in nodes
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            if ast.unparse(node.targets[0]).isupper()
        }
        for node in nodes:
            parts: list[ast.expr] = []
            if isinstance(node, ast.Call) and ast.unparse(node.func) in RAISED:
                at = RAISED[ast.unparse(node.func)]
                yield path.name, "", "{}: " * at + read(node.args[at], constants)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                parts = node.args[:2] if node.func.attr in ("report", "close") else []
            elif isinstance(node, ast.Tuple):
                parts = node.elts[:2]
            if len(parts) == 2 and read(parts[0], constants) in CODES:
                yield path.name, read(parts[0], constants), read(parts[1], constants)


def of_javascript() -> Iterator[Message]:
    reader = Path(__file__).with_name("messages.mjs")
    files = [path for name in ("page", "later", "inspector") for path in (WEB / name).glob("*.js")]
    command: list[str | Path] = ["node", reader, ",".join(CODES), *sorted(files)]
    for found in json.loads(subprocess.check_output(command, cwd=ROOT)):
        yield Path(found["file"]).name, found["code"], found["text"]


FOUND = sorted({*of_python(), *of_javascript()})
# Another place has the words of the others.
MESSAGES = [one for one in FOUND if re.search("[a-z]{2}", one[2])]


def wrong(form: re.Pattern[str]) -> list[Message]:
    return [one for one in MESSAGES if not form.search(one[2])]


def test_each_code_has_a_message_in_the_sources() -> None:
    assert set(CODES) - {code for _, code, _ in FOUND} == OF_A_FIELD
    assert len(MESSAGES) > 80


def test_no_message_of_the_page_side_is_only_the_name_of_an_error() -> None:
    # This one is in the call that makes it.
    passed_on = ("micropython.js", "python-incomplete", "{}")
    assert [one for one in set(of_javascript()) - {passed_on} if one[2] == "{}"] == []


def test_each_message_begins_with_a_capital_letter_or_with_a_name() -> None:
    assert [one for one in MESSAGES if not BEGINNING.match(one[2])] == []


def test_each_message_ends_with_a_period() -> None:
    assert wrong(END) == []
    assert [one for one in MESSAGES if ".." in one[2] or ". ." in one[2]] == []


def test_each_message_says_what_to_do_where_there_is_something_to_do() -> None:
    assert len(NOTHING_TO_DO) == 6
    assert [one for one in wrong(REMEDY) if one[1] not in NOTHING_TO_DO] == []


def test_no_message_asks_a_question_but_for_a_misspelt_name() -> None:
    assert [one for one in MESSAGES if "?" in one[2].replace("Did you mean {}?", "")] == []


def test_messages_are_in_the_active_voice() -> None:
    assert [one for one in MESSAGES if PASSIVE.search(one[2])] == []


def test_messages_have_short_sentences() -> None:
    sentences = [part for *_, text in MESSAGES for part in re.split(r"\. |: ", text)]
    assert [one for one in sentences if len(one.split()) > 24] == []


@pytest.mark.parametrize("part", (1, 2))
def test_cause_and_remedy_of_each_code_are_sentences(part: int) -> None:
    assert [
        row[0] for row in ROW.findall(PAGE) if not re.search(r"^[A-Z`][^?]*\.$", row[part])
    ] == []
