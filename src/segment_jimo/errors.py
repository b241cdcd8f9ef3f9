"""The errors of this package. A message says what happened, where, and what to do."""


class SegmentJimoError(Exception):
    """Base of all errors of this package."""

    # What status() may say of it. The message may hold what a visitor has said, this may not, so it
    # is set where the message is made and nowhere else.
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
    """A command of the Jimo client was refused or dropped, or has no answer."""


def safe(error: SegmentJimoError, told: str = "") -> SegmentJimoError:
    """Returns an error whose message, or ``told`` in its place, ``status()`` may quote.

    Only for text that this package has made, without anything of an event in it.
    """
    error._told = told or str(error)
    return error


def tell(error: BaseException) -> str:
    """Returns what ``status()`` may say of an error: its text where that is safe, or its class."""
    told = getattr(error, "_told", "") if isinstance(error, SegmentJimoError) else ""
    return told or type(error).__name__


def show(value: object) -> str:
    """Returns a value for an error message, shortened."""
    if isinstance(value, dict):
        # Without the name of its class, which is not the user's.
        value = dict(value)
    try:
        text = f'"{value}"' if isinstance(value, str) else repr(value)
    except Exception:
        # Too deep, or an object of the page's own whose text cannot be had.
        text = type(value).__name__
    return text if len(text) <= 60 else f"{text[:60]}…"
