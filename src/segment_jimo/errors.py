"""The errors of this package. A message says what happened, where, and what to do."""


class SegmentJimoError(Exception):
    """Base of all errors of this package."""

    # What status() may quote of this error. Unlike the message, it contains nothing of a visitor.
    # Only safe() sets it.
    _told = ""


class SettingsError(SegmentJimoError):
    """A setting is wrong.

    Attributes:
        field: Its name in Segment's spelling, such as "projectId" or "mapping.email".
        subscription: The name of the subscription that contains it, or "".
    """

    def __init__(self, field: str, problem: str, subscription: str = "") -> None:
        place = f'subscription "{subscription}", {field}' if subscription else field
        super().__init__(f"{place}: {problem}")
        self.field = field
        self.subscription = subscription


class AttachError(SegmentJimoError):
    """``attach`` cannot work here. The message says what to change."""


class CommandError(SegmentJimoError):
    """A command of the Jimo client was refused, was dropped, or got no answer."""


def safe(error: SegmentJimoError, told: str = "") -> SegmentJimoError:
    """Lets ``status()`` quote the error's message, or ``told`` instead; returns the error.

    Use it only for text of this package that contains nothing of an event.
    """
    error._told = told or str(error)
    return error


def tell(error: BaseException) -> str:
    """Returns what ``status()`` may quote of an error: its text if it is safe, else its class."""
    told = getattr(error, "_told", "") if isinstance(error, SegmentJimoError) else ""
    return told or type(error).__name__


def show(value: object) -> str:
    """Returns a value for an error message, shortened."""
    if isinstance(value, dict):
        # An OrderedDict would show its class, which the user did not write.
        value = dict(value)
    try:
        text = f'"{value}"' if isinstance(value, str) else repr(value)
    except Exception:
        # Too deep, or an object whose repr() fails.
        text = type(value).__name__
    return text if len(text) <= 60 else f"{text[:60]}…"
