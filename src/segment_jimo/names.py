"""Names that are nearly right: what a name was meant to be, and what an unknown one costs."""

from .errors import SettingsError, show


def nearest(name: object, known: "tuple[str, ...] | list[str]") -> str:
    """Returns the known name that a name was meant to be, or "".

    It differs in two letters at most, in one where the known name is short. Capitals, underscores
    and hyphens do not count.
    """
    if not isinstance(name, str) or len(name) > 60:
        return ""
    letters = _letters(name)
    for one in known:
        if _alike(letters, _letters(one), 2 if len(one) > 5 else 1):
            return one
    return ""


def did_you_mean(name: object, known: "tuple[str, ...] | list[str]") -> str:
    """Returns " Did you mean …?" for an error message, or ""."""
    meant = nearest(name, known)
    return f" Did you mean {meant}?" if meant else ""


def check_names(
    given: "dict[str, object]", known: "tuple[str, ...]", missing: "list[str]", subscription: str
) -> "list[SettingsError]":
    """Returns a warning for each name that is not known.

    Args:
        given: What the names are in: settings, or a subscription.
        known: The names that there are.
        missing: Names whose place an unknown one may have taken, so that any is refused.
        subscription: The name of the subscription, or "".

    Raises:
        SettingsError: A name is nearly a known one, or may stand for one that is missing.
    """
    warnings = []
    # In an order that is the same everywhere: MicroPython's dict has none.
    for name in sorted([one for one in given if one not in known], key=show):
        field = name if isinstance(name, str) and 0 < len(name) <= 60 else show(name)
        meant = nearest(name, known) or ", ".join(missing)
        if meant:
            raise SettingsError(field, f"unknown name. Did you mean {meant}?", subscription)
        warnings.append(
            SettingsError(
                field,
                f"unknown name, ignored. Use one of {', '.join(known)}.",
                subscription,
            )
        )
    return warnings


def _letters(name: str) -> str:
    return "".join([char for char in name.lower() if char.isalpha()])


def _alike(a: str, b: str, edits: int) -> bool:
    """Whether so few edits make one text the other; each adds, removes or changes a character."""
    at = 0
    while at < len(a) and at < len(b) and a[at] == b[at]:
        at += 1
    a = a[at:]
    b = b[at:]
    if not a and not b:
        return True
    if abs(len(a) - len(b)) > edits or not edits:
        return False
    return (
        _alike(a[1:], b, edits - 1)
        or _alike(a, b[1:], edits - 1)
        or _alike(a[1:], b[1:], edits - 1)
    )
