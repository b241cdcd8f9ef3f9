"""Settings from JavaScript, in the form that web/later/encode.js gives them."""

from collections import OrderedDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Constant:
    """A value that stayed in the page, since Python could change it.

    ``kind`` is its JS type, "long text", or "unusable" for what cannot be read or is too large.
    """

    def __init__(self, number: int, kind: str, shown: str) -> None:
        self.number = number
        self.kind = kind
        self.shown = shown

    def __repr__(self) -> str:
        return self.shown


def decode(given: "Any") -> "Any":
    """Turns what web/later/encode.js gives into objects that keep the order of their keys."""
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
    """Turns a subscription from web/later/encode.js into an object.

    Subscriptions whose mappings are alike get the same one out of ``mappings``, which grow.
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
    """Nearly all mappings are a plain path, so these need not go the long way."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("@path"), str)
