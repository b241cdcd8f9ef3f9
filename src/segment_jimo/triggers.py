"""Compiles the trigger of a subscription into a plan that is true for the events it wants.

The language is Segment's FQL as its npm package ``@segment/destination-subscriptions`` reads it.
That package ignores tokens that it does not expect, so a few texts do not mean what they say. Each
such quirk has the same result here. It is marked *quirk*, and gives a warning when the settings are
read.
"""

from .errors import SettingsError, show
from .lexer import (
    DOT,
    END,
    LOGIC,
    LONGEST_TRIGGER,
    MARK,
    NUMBER,
    TEXT,
    WORD,
    Tokens,
    Unreadable,
    lex,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator

    from .actions import Plan

# How much of a line an error shows on either side of its place.
_SHOWN = 60

_FUNCTIONS = ("contains", "match")
_OBJECTS = ("properties", "traits", "context")
_PLAIN = ("type", "event", "name", "userId")
# Quirk: the original finds fields in a JavaScript object, which inherits these names.
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
# How a plain condition begins: the first one, and the others.
_STARTS = {f"{field} = ": field for field in _PLAIN}
_NEXT = {f" and {field} = ": field for field in _PLAIN}
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_NAMES = f"{', '.join(_PLAIN)}, {'.…, '.join(_OBJECTS)}.…"
# Where contains() and match() can look.
_SEARCHED = _NAMES.replace("type, ", "", 1)


# The original throws when it evaluates an empty condition.
_EMPTY: "Plan" = ["fail", "there is nothing to compare here"]


def compiling(
    text: object, subscription: str
) -> "Generator[None, None, tuple[Plan, list[SettingsError]]]":
    """Returns the plan for a trigger such as ``type = "track"``, and warnings, in steps.

    Raises SettingsError for a text that the original cannot read either.
    """
    if not isinstance(text, str):
        expected = 'a text such as type = "track"'
        if getattr(text, "kind", "") == "long text":
            expected = f"at most {LONGEST_TRIGGER} characters"
        raise SettingsError("subscribe", f"expected {expected}, got {show(text)}.", subscription)
    plan = _plain(text)
    if plan:
        return plan, []
    tokens = Tokens()
    try:
        yield from lex(text, tokens)
        plan = _group(tokens)
    except Unreadable as error:
        problem = point(text, str(error), error.place)
        raise SettingsError("subscribe", problem, subscription) from None
    if not plan or plan == _EMPTY:
        raise SettingsError(
            "subscribe", point(text, f"expected a condition on {_NAMES}", 0), subscription
        )
    return plan, [
        SettingsError("subscribe", point(text, problem, place), subscription)
        for problem, place in tokens.warnings
    ]


def _plain(text: str) -> "Plan | None":
    """Reads texts such as ``type = "track" and event = "Order"``, which nearly all are.

    In MicroPython this is twenty times faster than tokens. Returns None for any other text.
    """
    parts = text.split('"')
    if parts.pop() or not parts or len(parts) % 2 or len(text) > LONGEST_TRIGGER:
        return None
    plan: Plan = ["is"]
    starts = _STARTS
    for index in range(0, len(parts), 2):
        field = starts.get(parts[index])
        if field is None:
            return None
        parts[index] = field
        starts = _NEXT
    plan.extend(parts)
    return plan


def point(text: str, problem: str, place: int) -> str:
    """Returns the problem with the line of ``text`` that has it, and a caret below the place."""
    if len(problem) > 3 * _SHOWN:
        # It quotes a long word.
        problem = f"{problem[: 3 * _SHOWN]}…"
    before = text[max(0, place - _SHOWN) : place].split("\n")[-1]
    after = text[place : place + _SHOWN].split("\n")[0]
    cut = "…" if len(before) == _SHOWN < place else ""
    more = "…" if len(after) == _SHOWN else ""
    return f"{problem}.\n    {cut}{before}{after}{more}\n    {' ' * len(cut + before)}^"


def _group(tokens: Tokens) -> "Plan | None":
    """Reads conditions up to the end; returns None if there is none."""
    found: list[Plan] = []
    logic = ""
    while tokens.more():
        token = tokens.next("")
        kind = tokens.kinds[token]
        text = tokens.texts[token]
        root = text.split(".")[0] if kind == WORD else ""
        if root in _PLAIN or root in _OBJECTS:
            found.append(_condition(tokens, token, root))
        elif kind == LOGIC:
            if logic not in ("", text):
                # Quirk.
                tokens.warn(
                    f"and, or: they are mixed, so each one counts as {text}. Use parentheses", token
                )
            logic = text
        elif kind == WORD and text in _FUNCTIONS:
            found.extend(_function(tokens, token, ""))
        elif text == "!" and kind == MARK and tokens.texts[tokens.at] in _FUNCTIONS:
            found.extend(_function(tokens, tokens.next(""), "not_"))
        elif text == "(" and kind == MARK:
            found.append(_parentheses(tokens, token))
        else:
            if root in _INHERITED:
                tokens.next("an operator")
                tokens.next("a value")
            tokens.warn(f"{text} is ignored. A condition begins with {_NAMES}", token)
    if len(found) > 1:
        plan: Plan = ["any" if logic == "or" else "all"]
        plan.extend(found)
        return plan
    return found[0] if found else None


def _parentheses(tokens: Tokens, start: int) -> "Plan":
    end = tokens.end
    token = start
    while token == start or tokens.texts[token] != ")" or tokens.kinds[token] != MARK:
        token = tokens.at
        if token >= end:
            raise Unreadable("expected ) for this parenthesis", tokens.places[start])
        if tokens.kinds[token] == WORD and tokens.texts[token] in _FUNCTIONS:
            # Quirk.
            tokens.warn(
                f"the ) of {tokens.texts[token]}() also ends these parentheses. Move it outside",
                token,
            )
        tokens.at += 1
    # What is inside ends where the parenthesis does.
    tokens.kinds[token] = END
    tokens.texts[token] = "eos"
    tokens.at = start + 1
    tokens.end = token + 1
    group = _group(tokens)
    tokens.at = token + 1
    tokens.end = end
    if group is None:
        # Quirk: the original throws when it evaluates them.
        tokens.warn("these parentheses are empty, and no event matches them. Remove them", start)
    return group or _EMPTY


def _condition(tokens: Tokens, field: int, root: str) -> "Plan":
    operator = tokens.next("an operator such as =")
    value = tokens.next("a value")
    name = tokens.texts[operator]
    text = tokens.texts[value]
    kind = tokens.kinds[value]
    if tokens.kinds[operator] == END or kind == END:
        # Quirk: the end counts as the text "eos".
        tokens.warn("expected an operator and a value after this field", field)
    elif name not in _COMPARISONS:
        tokens.warn(f"expected one of {' '.join(_COMPARISONS)}", operator)
    elif name == text == "=":
        tokens.warn("== is no operator. Use =", value)
    elif kind in (MARK, DOT, LOGIC):
        tokens.warn("expected a text, a number, true, false or null", value)
    elif text[0] == "'":
        # Quirk.
        tokens.warn("single quotes count as part of the text. Use double quotes", value)
    elif root in ("type", "event") and text in ("null", "true", "false"):
        # Quirk.
        tokens.warn(f'{root} is always text here, so this compares it with "{text}"', value)
    where = ["path", root] if root in _PLAIN else _path(tokens.texts[field])
    if root not in ("type", "event"):
        if text == "null" and name in ("=", "!="):
            return ["test", "exists" if name == "!=" else "not_exists", where]
        if root != "name" and text in ("true", "false") and name == "=":
            return ["test", f"is_{text}", where]
    if root in _PLAIN:
        return ["test", name, where, _operand(kind, text)]
    if kind == NUMBER and name in ("=", "!="):
        name = "number_equals" if name == "=" else "number_not_equals"
    # Quirk: only here, true and false are booleans and not text.
    boolean = kind == WORD and text in ("true", "false")
    operand = ["value", text == "true"] if boolean else _operand(kind, text)
    return ["test", name, where, operand]


def _function(tokens: Tokens, function: int, prefix: str) -> "list[Plan]":
    """Reads ``contains(field, value)`` or ``match(field, value)``; [] if it has no effect."""
    name = tokens.texts[function]
    # Quirk: any token in the place of a bracket or a comma counts as one.
    marks = tokens.skip()
    field = tokens.next(f"a field in {name}()")
    marks += tokens.skip()
    value = tokens.next(f"a value in {name}()")
    marks += tokens.skip()
    if marks != "(,)" and marks != "(,eos":
        tokens.warn(f'expected {name}(field, "…")', function)
    path = tokens.texts[field]
    text = tokens.texts[value]
    inside = [root for root in _OBJECTS if path.startswith(root)]
    if not inside and path not in ("event", "name", "userId"):
        tokens.warn(f"{name}({path}, …) is ignored. Use {_SEARCHED}", field)
        return []
    operand = _operand(tokens.kinds[value], text)
    if name == "contains":
        return [["test", f"{prefix}contains", _path(path), operand]]
    if text.endswith('*"'):
        return [["test", f"{prefix}starts_with", _path(path), ["value", str(operand[1])[:-1]]]]
    if not text.startswith('"*'):
        # Quirk: its first character counts as the *.
        tokens.warn("expected a * at the beginning or at the end of the text", value)
    return [["test", f"{prefix}ends_with", _path(path), ["tail", operand]]]


def _operand(kind: str, text: str) -> "Plan":
    if kind == NUMBER:
        return ["number", text]
    return ["value", text[1:-1] if kind == TEXT and text[0] == '"' else text]


def _path(name: str) -> "Plan":
    """Returns the plan for a field. Brackets separate keys, as dots do."""
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
