"""Splits the text of a trigger into tokens, as Segment's package does; see triggers.py."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Kinds of tokens; a dotted name is one word.
WORD = "word"
NULL = "null"
NUMBER = "number"
TEXT = "text"
DOT = "dot"
MARK = "mark"
LOGIC = "logic"
END = "end"

# MicroPython reads so much in less than 50 ms. web/later/encode.js has the same number.
LONGEST_TRIGGER = 20_000
# How many characters are read in one step.
STEP = 2_000
# For one trigger. More would tell nothing new.
MOST_WARNINGS = 5

_BLANK = " \t\n"
# What may follow `and`, `or`, `null`, `<=`, `>=`, `!=` and a closing quote.
_AFTER = _BLANK + ",])"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_INSIDE = _LETTERS + _DIGITS + "_-"
_WORD_START = _LETTERS + "\\_"
_RESERVED = {"a": "and", "o": "or", "n": "null"}


class Unreadable(Exception):
    """A syntax error, and its place."""

    def __init__(self, problem: str, place: int) -> None:
        super().__init__(problem)
        self.place = place


class Tokens:
    """The tokens of a trigger, by their index, and the warnings about them.

    ``kinds``, ``texts`` and ``places`` are separate lists, because MicroPython takes ten times
    longer for an object with more than two values. Reading continues at ``at`` and ends before
    ``end``.
    """

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.places: list[int] = []
        self.warnings: list[tuple[str, int]] = []
        self.at = 0
        self.end = 0

    def add(self, kind: str, text: str, place: int) -> None:
        self.kinds.append(kind)
        self.texts.append(text)
        self.places.append(place)

    def more(self) -> bool:
        return self.at < self.end and self.kinds[self.at] != END

    def next(self, expected: str) -> int:
        if self.at >= self.end:
            raise Unreadable(f"expected {expected}", self.places[self.end - 1])
        self.at += 1
        return self.at - 1

    def skip(self) -> str:
        """The text of the next token, if there is one."""
        self.at += 1
        return self.texts[self.at - 1] if self.at <= self.end else ""

    def warn(self, problem: str, token: int) -> None:
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append((problem, self.places[token]))


def lex(text: str, tokens: Tokens) -> "Iterator[None]":
    """Adds the tokens of a text, in steps."""
    if len(text) > LONGEST_TRIGGER:
        raise Unreadable(f"expected at most {LONGEST_TRIGGER} characters", 0)
    # A list: to find a place in a text, MicroPython counts from its start.
    chars = list(text)
    kinds = tokens.kinds
    texts = tokens.texts
    # The parts of dotted names, by token.
    names: dict[int, list[str]] = {}
    end = len(chars)
    place = 0
    pause = STEP
    while place < end:
        if place >= pause:
            pause += STEP
            yield
        char = chars[place]
        start = place
        place += 1
        if char in _BLANK:
            continue
        if char in _WORD_START:
            word = _RESERVED.get(char)
            if word:
                place, whole = _accept(chars, place, word[1:])
                if whole:
                    tokens.add(NULL if word == "null" else LOGIC, word, start)
                    continue
            word, place = _word(chars, start, place)
            if len(kinds) > 1 and kinds[-1] == DOT and kinds[-2] == WORD:
                kinds.pop()
                texts.pop()
                tokens.places.pop()
                name = len(kinds) - 1
                if name not in names:
                    names[name] = [texts[name]]
                names[name].append(word)
            else:
                tokens.add(WORD, word, start)
        elif char in "\"'":
            try:
                close = chars.index(char, place)
            except ValueError:
                raise Unreadable(f"expected {char} at the end of this text", start) from None
            tokens.add(TEXT, "".join(chars[start : close + 1]), start)
            # Quirk: before a letter, for example, a closing quote also opens another text.
            alone = close + 1 == end or chars[close + 1] in _AFTER
            place = close + 1 if alone else close
        elif char == ".":
            tokens.add(DOT, char, start)
        elif char in "=[],()":
            tokens.add(MARK, char, start)
        elif char in _DIGITS or char in "+-":
            place = _number(chars, place)
            tokens.add(NUMBER, "".join(chars[start:place]), start)
        elif char == "!" and place < end and (chars[place] in _LETTERS or chars[place] == "("):
            tokens.add(MARK, "!", start)
        elif char in "<>!":
            place, whole = _accept(chars, place, "=")
            if char == "!" and not whole:
                raise Unreadable("expected = and a space after !", place)
            tokens.add(MARK, char + "=" if whole else char, start)
        else:
            raise Unreadable(f"did not expect {char}", start)
    for name, parts in names.items():
        texts[name] = ".".join(parts)
    tokens.add(END, "eos", end)
    tokens.end = len(kinds)


def _accept(chars: list[str], place: int, word: str) -> tuple[int, bool]:
    """Skips a word if all of it is there. Returns the new place, and whether it was there."""
    at = place
    for _ in word:
        if at >= len(chars):
            # Quirk: what was read up to the end of the text is lost.
            return at, False
        at += 1
        if chars[at - 1] in _AFTER:
            break
    if "".join(chars[place:at]) == word and (at >= len(chars) or chars[at] in _AFTER):
        return at, True
    return place, False


def _word(chars: list[str], start: int, place: int) -> tuple[str, int]:
    """Reads a name whose first character stands at ``start`` and whose second at ``place``."""
    found: list[str] = []
    char = chars[start]
    while char == "\\" or char in _INSIDE:
        if char == "\\":
            if place >= len(chars):
                raise Unreadable("expected a character after the backslash", place - 1)
            char = chars[place]
            place += 1
        found.append(char)
        if place == len(chars):
            return "".join(found), place
        char = chars[place]
        place += 1
    if char not in _AFTER and char not in ".(=!":
        raise Unreadable("expected a space after this name", place - 1)
    return "".join(found), place - 1


def _number(chars: list[str], place: int) -> int:
    points = 0
    while place < len(chars) and (chars[place] in _DIGITS or chars[place] == "."):
        points += chars[place] == "."
        place += 1
        if chars[place - 1] == "." and (
            points > 1 or place >= len(chars) or chars[place] in _AFTER
        ):
            raise Unreadable("expected a number with at most one point, between digits", place - 1)
    return place
