"""Compiles the trigger of a subscription into a plan that is true for the events it wants.

The language is Segment's FQL as its npm package ``@segment/destination-subscriptions`` reads it.
That package takes words as they come and passes over what it does not expect, so a few texts mean
something else than they say. Each such quirk gives the same verdict here, is marked *quirk*, and
is told as a warning when the settings are read.
"""

import re

from .errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .actions import Plan

    # Kind, text, and where in the trigger it stands.
    Token = tuple[str, str, int]

# Kinds of tokens.
WORD = "word"
NULL = "null"
NUMBER = "number"
TEXT = "text"
MARK = "mark"
LOGIC = "logic"
END = "end"

LONGEST_TRIGGER = 100_000

_BLANK = " \t\n"
# What may follow `and`, `or`, `null`, `<=`, `>=`, `!=` and a closing quote.
_AFTER = _BLANK + ",])"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_FUNCTIONS = ("contains", "match")
_OBJECTS = ("properties", "traits", "context")
_PLAIN = ("type", "event", "name", "userId")
# Quirk: the original looks words up in a JavaScript object, so these count as fields of nothing.
_INHERITED = (
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
    "__proto__",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
)
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_NAMES = f"{', '.join(_PLAIN)}, {'.…, '.join(_OBJECTS)}.…"

# A piece of a word; pieces are bounded since each look costs a copy.
_PIECE = 100
_piece = re.compile("[A-Za-z0-9_-]+")


# The original throws when it comes to what is not there.
_EMPTY: "Plan" = ["fail", "there is nothing to compare here"]


class _Unreadable(Exception):
    def __init__(self, problem: str, place: int) -> None:
        super().__init__(problem)
        self.place = place


def compile_trigger(text: object, subscription: str) -> "tuple[Plan, list[SettingsError]]":
    """Returns the plan for a trigger such as ``type = "track"``, and warnings.

    Raises SettingsError for a text that the original cannot read either.
    """
    if not isinstance(text, str):
        raise SettingsError(
            "subscribe", f'expected a text such as type = "track", got {text!r}.', subscription
        )
    warnings: list[tuple[str, int]] = []
    try:
        plan = _group(_Reader(_lex(text), warnings))
    except _Unreadable as error:
        raise SettingsError(
            "subscribe", point(text, str(error), error.place), subscription
        ) from None
    if not plan or plan == _EMPTY:
        raise SettingsError(
            "subscribe", point(text, f"expected a condition on {_NAMES}", 0), subscription
        )
    return plan, [
        SettingsError("subscribe", point(text, problem, place), subscription)
        for problem, place in warnings
    ]


def point(text: str, problem: str, place: int) -> str:
    """Returns the problem with the line of ``text`` that has it, and a caret below the place."""
    start = text.rfind("\n", 0, place) + 1
    line = text[start:].split("\n")[0]
    return f"{problem}.\n    {line}\n    {' ' * (place - start)}^"


# Tokens.


def _lex(text: str) -> "list[Token]":
    if len(text) >= LONGEST_TRIGGER:
        raise _Unreadable(f"expected less than {LONGEST_TRIGGER} characters", 0)
    tokens: list[Token] = []
    end = len(text)
    place = 0
    while place < end:
        char = text[place]
        start = place
        place += 1
        if char in _BLANK:
            continue
        if char == "!" and text[place : place + 1] in _LETTERS + "(" and place < end:
            tokens.append((MARK, "!", start))
        elif char == "!":
            place, whole = _accept(text, place, "=")
            if not whole:
                raise _Unreadable("expected = and a space after !", place)
            tokens.append((MARK, "!=", start))
        elif char in "<>":
            place, whole = _accept(text, place, "=")
            tokens.append((MARK, char + "=" if whole else char, start))
        elif char in "=.[],()":
            tokens.append((MARK, char, start))
        elif char in _LETTERS or char in "\\_":
            word = {"a": "and", "o": "or", "n": "null"}.get(char)
            if word:
                place, whole = _accept(text, place, word[1:])
                if whole:
                    tokens.append((NULL if word == "null" else LOGIC, word, start))
                    continue
            value, place = _word(text, start, place)
            tokens.append((WORD, value, start))
        elif char in _DIGITS or char in "+-":
            place = _number(text, place)
            tokens.append((NUMBER, text[start:place], start))
        elif char in "\"'":
            close = text.find(char, place)
            if close < 0:
                raise _Unreadable(f"expected {char} at the end of this text", start)
            tokens.append((TEXT, text[start : close + 1], start))
            # Quirk: a closing quote that is followed by a letter, say, opens another text.
            place, _ = _accept(text, close, char)
        else:
            raise _Unreadable(f"did not expect {char}", start)
    tokens.append((END, "eos", end))
    return tokens


def _accept(text: str, place: int, word: str) -> tuple[int, bool]:
    """Reads past a word if it stands there whole; returns the new place and whether it does."""
    at = place
    for _ in word:
        if at >= len(text):
            # Quirk: what was read up to the end of the text is lost.
            return at, False
        at += 1
        if text[at - 1] in _AFTER:
            break
    if text[place:at] == word and (at >= len(text) or text[at] in _AFTER):
        return at, True
    return place, False


def _word(text: str, start: int, place: int) -> tuple[str, int]:
    """Reads a name whose first character stands at ``start`` and whose second at ``place``."""
    value = ""
    char = text[start]
    while True:
        if char == "\\":
            if place >= len(text):
                raise _Unreadable("expected a character after the backslash", start)
            char = text[place]
            place += 1
        value += char
        found = _piece.match(text[place : place + _PIECE])
        if found:
            value += found.group(0)
            place += len(found.group(0))
            if len(found.group(0)) == _PIECE:
                char = ""
                continue
        char = text[place : place + 1]
        if char != "\\":
            break
        place += 1
    if char and char not in _AFTER and char not in ".(=!":
        raise _Unreadable("expected a space after this name", start)
    return value, place


def _number(text: str, place: int) -> int:
    points = 0
    while place < len(text) and (text[place] in _DIGITS or text[place] == "."):
        points += text[place] == "."
        place += 1
        if text[place - 1] == "." and (points > 1 or place >= len(text) or text[place] in _AFTER):
            raise _Unreadable("expected one point, between digits, in a number", place - 1)
    return place


# Conditions.


class _Reader:
    """Tokens, with the parts of a dotted name put together, and a list for warnings."""

    def __init__(self, tokens: "list[Token]", warnings: list[tuple[str, int]]) -> None:
        self.warnings = warnings
        self.tokens: list[Token] = []
        self.at = 0
        for token in tokens:
            dotted = token[0] == WORD and [one[1] for one in self.tokens[-1:]] == ["."]
            if dotted and len(self.tokens) > 1 and self.tokens[-2][0] == WORD:
                self.tokens.pop()
                _, start, place = self.tokens.pop()
                token = (WORD, f"{start}.{token[1]}", place)
            self.tokens.append(token)

    def more(self) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][0] != END

    def next(self, expected: str) -> "Token":
        if self.at >= len(self.tokens):
            raise _Unreadable(f"expected {expected}", self.tokens[-1][2])
        self.at += 1
        return self.tokens[self.at - 1]

    def skip(self) -> "Token | None":
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else None

    def warn(self, problem: str, token: "Token") -> None:
        self.warnings.append((problem, token[2]))


def _group(reader: _Reader) -> "Plan | None":
    """Reads conditions up to the end; None where there is none."""
    found: list[Plan] = []
    logic = ""
    while reader.more():
        token = reader.next("")
        kind, text, _ = token
        root = text.split(".")[0]
        if kind == WORD and (root in _PLAIN or root in _OBJECTS):
            found.append(_condition(reader, token))
        elif kind == WORD and root in _INHERITED:
            reader.next("an operator")
            reader.next("a value")
            reader.warn(f"{text} is not a field, so this is passed over", token)
        elif kind == WORD and text in _FUNCTIONS:
            found.extend(_function(reader, token, ""))
        elif kind == MARK and text == "!" and reader.tokens[reader.at][1] in _FUNCTIONS:
            found.extend(_function(reader, reader.next(""), "not_"))
        elif kind == MARK and text == "(":
            found.append(_parentheses(reader, token))
        elif kind == LOGIC:
            if logic not in ("", text):
                # Quirk.
                reader.warn(f"and, or: {text}, the last one, counts for all here", token)
            logic = text
        else:
            reader.warn(f"{text} is passed over here", token)
    if len(found) > 1:
        plan: Plan = ["any" if logic == "or" else "all"]
        plan.extend(found)
        return plan
    return found[0] if found else None


def _parentheses(reader: _Reader, start: "Token") -> "Plan":
    inner: list[Token] = []
    token = reader.next("a value")
    while token[1] != ")" or token[0] != MARK:
        if token[0] == WORD and token[1] in _FUNCTIONS:
            # Quirk.
            reader.warn(f"the ) of {token[1]}() also ends the parentheses around it", token)
        if reader.at >= len(reader.tokens):
            raise _Unreadable("expected ) for this parenthesis", start[2])
        inner.append(token)
        token = reader.next(")")
    inner.append((END, "eos", token[2]))
    group = _group(_Reader(inner, reader.warnings))
    if group is None:
        # Quirk: the original throws when it comes to them.
        reader.warn("these parentheses are empty, so no event gets past them", start)
    return group or _EMPTY


def _condition(reader: _Reader, field: "Token") -> "Plan":
    operator = reader.next("an operator such as =")
    value = reader.next("a value")
    root = field[1].split(".")[0]
    name = operator[1]
    if operator[0] == END or value[0] == END:
        # Quirk: the end counts as the text "eos".
        reader.warn("expected an operator and a value after this field", field)
    elif name not in _COMPARISONS:
        reader.warn(f"expected one of {' '.join(_COMPARISONS)}", operator)
    elif value[0] == MARK or value[0] == LOGIC:
        reader.warn("expected a text, a number, true, false or null", value)
    elif value[1][0] == "'":
        # Quirk.
        reader.warn("single quotes count as part of the text; use double quotes", value)
    elif root in ("type", "event") and value[1] in ("null", "true", "false"):
        # Quirk.
        reader.warn(f'{root} is compared with the text "{value[1]}"', value)
    where = ["path", root] if root in _PLAIN else _path(field[1])
    if root not in ("type", "event"):
        if value[1] == "null" and name in ("=", "!="):
            return ["test", "exists" if name == "!=" else "not_exists", where]
        if root != "name" and value[1] in ("true", "false") and name == "=":
            return ["test", f"is_{value[1]}", where]
    if root in _PLAIN:
        return ["test", name, where, _operand(value)]
    if value[0] == NUMBER and name in ("=", "!="):
        name = "number_equals" if name == "=" else "number_not_equals"
    # Quirk: only here true and false are more than a text.
    boolean = value[0] == WORD and value[1] in ("true", "false")
    operand = ["value", value[1] == "true"] if boolean else _operand(value)
    return ["test", name, where, operand]


def _function(reader: _Reader, function: "Token", prefix: str) -> "list[Plan]":
    """Reads ``contains(field, value)`` or ``match(field, value)``; [] where it says nothing."""
    # Quirk: whatever stands where a bracket or a comma should is taken for it.
    marks = [reader.skip()]
    field = reader.next(f"a field in {function[1]}()")
    marks.append(reader.skip())
    value = reader.next(f"a value in {function[1]}()")
    marks.append(reader.skip())
    if [mark and mark[1] for mark in marks] != ["(", ",", ")"]:
        reader.warn(f'expected {function[1]}(field, "…")', function)
    inside = [root for root in _OBJECTS if field[1].startswith(root)]
    if not inside and field[1] not in ("event", "name", "userId"):
        reader.warn(f"{function[1]}() does not look at {field[1]}, so this is passed over", field)
        return []
    operand = _operand(value)
    if function[1] == "contains":
        return [["test", f"{prefix}contains", _path(field[1]), operand]]
    if value[1].endswith('*"'):
        return [["test", f"{prefix}starts_with", _path(field[1]), ["value", str(operand[1])[:-1]]]]
    if not value[1].startswith('"*'):
        # Quirk: its first character, whatever that is, is taken for the *.
        reader.warn("expected a * at the beginning or at the end of the text", value)
    return [["test", f"{prefix}ends_with", _path(field[1]), ["tail", operand]]]


def _operand(value: "Token") -> "Plan":
    kind, text, _ = value
    if kind == NUMBER:
        return ["number", text]
    return ["value", text[1:-1] if kind == TEXT and text[0] == '"' else text]


def _path(name: str) -> "Plan":
    """Where a field is. Brackets part names as points do; a name without an object is in it."""
    plan: Plan = ["path"]
    for root in _OBJECTS:
        if name.startswith(root):
            plan.append(root)
            name = name[len(root) + 1 :] if name.startswith(root + ".") else name
            break
    keys = [key for key in name.replace("[", ".").replace("]", ".").split(".") if key]
    if not keys:
        # Quirk: the original throws for a name of nothing but escaped points.
        return _EMPTY
    plan.extend(keys)
    return plan
