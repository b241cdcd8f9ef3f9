"""The steps and events of a visitor's random history, as ``make soak`` draws them."""

# The steps. A likely one is in the list more than once.
STEPS = (
    *("identify u1", "identify u2", "identify u3", "traits", "group", "track", "page") * 3,
    *("identify u1, not handed over yet", "track, not handed over yet", "hand over") * 2,
    *("callback", "callback", "callback of the first", "callback once more", "reset", "reset"),
    *("100 ms pass", "1000 ms pass", "11000 ms pass", "60000 ms pass", "online"),
    *("script comes", "script fails", "script stalls", "script never lives"),
    "a push throws",
)

_MEANT = {
    "identify": ["user:email", "user:attributes"],
    "group": ["user:group"],
    "track": ["segmentio:track"],
    "page": [],
}


class Event:
    """Something that the visitor did as ``user``. ``era`` counts the resets before it."""

    def __init__(self, number: int, kind: str, user: str | None, era: int) -> None:
        self.number = number
        self.kind = kind
        self.user = user
        self.era = era
        self.name = f"{number} {kind} of {user} {era}"
        # The methods of its commands that reached Jimo, apart from identify.
        self.reached: list[str] = []

    def complete(self) -> bool:
        """Returns whether all its commands have reached Jimo, once and in order."""
        return self.reached == _MEANT[self.kind]
