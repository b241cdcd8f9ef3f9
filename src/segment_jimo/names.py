"""Misspelt names: which known name was meant, and whether an unknown one is an error."""

from .errors import SettingsError, show


def nearest(name: object, known: "tuple[str, ...] | list[str]") -> str:
    """Returns the known name that is almost this name, or "".

    They differ in at most two letters, or in one if the known name is short. Case, underscores and
    hyphens do not count.
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
        known: The names that exist.
        missing: Known names that are absent. If there are any, each unknown name is an error,
            because it may be a misspelt one of them.
        subscription: The name of the subscription, or "".

    Raises:
        SettingsError: A name is nearly a known one, or may stand for one that is missing.
    """
    warnings = []
    # Sorted, because MicroPython's dict has no order.
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
    """Whether so many edits suffice to turn a into b. An edit adds, drops or changes a letter."""
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
