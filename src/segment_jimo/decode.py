"""Decodes the settings that web/later/encode.js encodes."""

from collections import OrderedDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Constant:
    """A value that stays in the page, because Python could change it.

    ``kind`` is its JavaScript type, "long text", or "unusable" if it cannot be read or is too
    large.
    """

    def __init__(self, number: int, kind: str, shown: str) -> None:
        self.number = number
        self.kind = kind
        self.shown = shown

    def __repr__(self) -> str:
        return self.shown


def decode(given: "Any") -> "Any":
    """Returns the decoded value. Objects keep the order of their keys."""
    if isinstance(given, list):
        found = OrderedDict()
        for index in range(0, len(given), 2):
            found[given[index]] = decode(given[index + 1])
        return found
    if not isinstance(given, dict):
        return given
    if "list" in given:
        return [decode(one) for one in given["list"]]
    if is_path(given):
        return given
    return Constant(given["constant"], given["type"], given["shown"])


def decode_subscription(given: "Any", mappings: "list[Any]") -> "Any":
    """Returns the decoded subscription.

    Subscriptions with equal mappings share one object in ``mappings``, which grows.
    """
    if not isinstance(given, dict) or "subscription" not in given:
        return decode(given)
    subscription = given["subscription"]
    for key in given["others"]:
        subscription[key] = decode(subscription[key])
    if "mapping" in given:
        mappings.append(decode(given["mapping"]))
    if subscription.get("mapping") is not None:
        subscription["mapping"] = mappings[subscription["mapping"]]
    return subscription


def is_path(value: object) -> bool:
    """Whether a mapping is a plain path. Nearly all are, so they take a short way."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("@path"), str)
