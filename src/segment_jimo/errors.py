"""The errors of this package. Each message says which field, what came and what to do."""


class SegmentJimoError(Exception):
    """Base of all errors of this package."""


class SettingsError(SegmentJimoError):
    """A setting cannot be used.

    ``field`` names it as Segment spells it; for a part of a subscription ``subscription`` holds
    that subscription's name.
    """

    def __init__(self, field: str, problem: str, subscription: str = "") -> None:
        place = f'subscription "{subscription}", {field}' if subscription else field
        super().__init__(f"{place}: {problem}")
        self.field = field
        self.subscription = subscription


class AttachError(SegmentJimoError):
    """``attach`` was called where it cannot work."""


class CommandError(SegmentJimoError):
    """``window.jimo.push`` did not take a command."""


def show(value: object) -> str:
    """Returns a value for an error message, shortened."""
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
