"""Whose profile is this? The one owner of the answer.

Each event carries two small integers that the page side gave it when analytics.js dispatched it:
its *era* (how many resets came before it) and its *user* (a number that stands for the userId, 0
for none). For an anonymous event that waits, the page side gives the user that the visitor became,
once another user has followed. This module knows what Jimo was told, and decides from that what an
event may do. It knows nothing of queues, timers and the browser; ``delivery.py`` is its only
caller. The page side finds out what other pages of the site did: see ``earlier`` and
``of_another``.
"""

# The decisions for a command: send it, defer it, or drop it for one of these reasons.
SEND = 0
DEFER = 1
RESET = 2
OTHER_USER = 3
UNTAKEN = 4
NEWER = 5
FAILED = 6

# For the whole event: it waits, and so does everything behind it.
HOLD = -1

REASONS = {
    RESET: ("reset", "The page called analytics.reset() before this reached Jimo."),
    OTHER_USER: (
        "other-user",
        "The event belongs to another user than the one that Jimo knows. At a login or logout this "
        "is normal.",
    ),
    UNTAKEN: (
        "push-failed",
        "Jimo did not accept the last identify, so this data did not go out. Ask Jimo, and give "
        "the time.",
    ),
    NEWER: (
        "identify-timeout",
        "A newer identify came before Jimo called back, so this data did not go out.",
    ),
    FAILED: (
        "python-error",
        "An unexpected error in Python stopped this event. Switch data-debug on, and report the "
        "traceback.",
    ),
}
"""Why a command is dropped: the code and the message in ``status().errors``."""

# A profile of which we know only that it is not this visitor's.
_SOMEBODY = -1

# A verdict has one decision for each kind of command, in this many bits.
BITS = 3


def verdict(identify: int, write: int, plain: int) -> int:
    """Returns the decisions for an event's commands, by their kind, as one integer."""
    return identify | write << BITS | plain << 2 * BITS


class Identify:
    """A ``do identify`` that Jimo has not answered.

    Attributes:
        token: Its number, which comes back with Jimo's callback.
        event: The number of the event that it belongs to.
        overdue: Whether its deadline has passed. Other events no longer wait for it then.
        risky: Whether Jimo may still have somebody else's profile until it answers.
        before: The user of whom Jimo was told before.
    """

    def __init__(self, token: int, event: int, risky: bool, before: int) -> None:
        self.token = token
        self.event = event
        self.risky = risky
        self.before = before
        self.overdue = False


class Identity:
    """What Jimo was told about the visitor, and what follows from it.

    Args:
        era: The era at the start: 0, or more if a reset came after Jimo was told of a user, on this
            page or on an earlier one.
        needs_user: "Initialize only for identified users".
        earlier: The user of whom Jimo was told on an earlier page; 0 for none.

    Attributes:
        era: The current era.
        waiting: Whether nothing may start before an event names a user.
        identify: The identify that Jimo has not answered, if any.
    """

    def __init__(self, era: int, needs_user: bool, earlier: int) -> None:
        self.era = era
        self.waiting = needs_user
        self.identify: Identify | None = None
        self._needs_user = needs_user
        # The user of the last event that told Jimo who the visitor is, and the era of it; -1 if the
        # profile that Jimo started with is another visitor's.
        self._user = earlier
        self._told_era = 0
        # The profiles that Jimo may have now: 0 is the one it started with. We cannot know whether
        # it answered the earlier page.
        self._profiles = {_SOMEBODY} if era else {0, earlier}
        self._profile = 0
        self._untaken = False
        # Jimo was ended after the eras before this one.
        self._ended = 0

    def decide(self, event: int, era: int, user: int, live: bool) -> int:
        """Returns HOLD, or the verdict for an event of this number, era and user.

        ``live`` tells whether Jimo takes commands. The first row that fits counts. "Told" is the
        user whom this Jimo was told of last; an event of user 0 belongs to the current user.

        | the event, and what Jimo was told              | identify | email,     | others     |
        |                                                |          | attributes,|            |
        |                                                |          | group      |            |
        |------------------------------------------------|----------|------------|------------|
        | of an older era, and that Jimo has ended       | reset    | reset      | reset      |
        | of an older era, Jimo is not live, and         | reset    | reset      | reset      |
        | identified-only, or not told of its user       |          |            |            |
        | Jimo is not live                               | hold     | hold       | hold       |
        | an identify is open                            | hold     | hold       | hold       |
        | of an older era; told of a newer one, or not   | reset    | reset      | reset      |
        | of its user                                    |          |            |            |
        | of an older era; identified-only, told of      | reset    | reset      | reset      |
        | nobody in that era                             |          |            |            |
        | of an older era                                | reset    | reset      | send       |
        | identified-only, and nobody is named yet       | hold     | hold       | hold       |
        | no identify since the last reset, or since     | send     | defer      | see below  |
        | another page gave Jimo's profile to others     |          |            |            |
        | Jimo did not take the last identify            | send     | untaken    | see below  |
        | the last identify is overdue, and it is this   | send     | defer      | see below  |
        | event's, or Jimo may have another profile      |          |            |            |
        | told of another user than the event's          | send     | other user | other user |
        | all else                                       | send     | send       | send       |

        DEFER puts a command aside until Jimo answers the next identify, or the one that is
        overdue. RESET, OTHER_USER and UNTAKEN drop the command, for that reason.
        """
        old = era < self.era
        untold = user not in (0, self._user)
        if era < self._ended:
            return verdict(RESET, RESET, RESET)
        if not live:
            ended = old and (self._needs_user or untold)
            return verdict(RESET, RESET, RESET) if ended else HOLD
        identify = self.identify
        if identify and not identify.overdue:
            return HOLD
        if old:
            unknown = self._needs_user and self._told_era < era
            ended = untold or unknown or self._told_era > era
            return verdict(RESET, RESET, RESET if ended else SEND)
        if self.waiting:
            return HOLD
        plain = OTHER_USER if untold and self._user else SEND
        if self._told_era < self.era:
            write = DEFER
        elif self._untaken:
            write = UNTAKEN
        elif identify and (identify.risky or identify.event == event):
            write = DEFER
        else:
            write = plain
        return verdict(SEND, write, plain)

    def foretell(self, user: int, told: int) -> int:
        """Returns the verdict for an event of this era once nothing is ahead of it.

        ``told`` is the user whom Jimo is told of until then; 0 if that is nobody.
        """
        then = Identity(self.era, False, told or self._user)
        then._told_era = self.era if told else self._told_era
        then._untaken = self._untaken and not told
        return then.decide(0, self.era, user, True)

    @property
    def known(self) -> bool:
        """Whether Jimo has the profile of the user that it was told of in this era."""
        told = self._profile != 0 and self._told_era == self.era
        return told and self.identify is None and not self._untaken

    def named(self) -> None:
        """A user was named: an identified-only page may start."""
        self.waiting = False

    def unnamed(self) -> None:
        """The user who was named has gone: an identified-only page waits for the next one."""
        self.waiting = self._needs_user

    def open(self, token: int, event: int, user: int, profile: int) -> None:
        """Jimo gets an identify; ``profile`` is the number of its ID."""
        others = [known for known in self._profiles if known not in (0, profile)]
        self.identify = Identify(token, event, bool(others), self._user)
        self._profiles.add(profile)
        self._user = user
        self._told_era = self.era
        self._untaken = False
        self._profile = profile

    def answered(self, token: int) -> bool:
        """Jimo has called back; returns whether that was for the last identify."""
        if self.identify is None or self.identify.token != token:
            return False
        self.identify = None
        self._profiles = {self._profile}
        return True

    def not_taken(self, token: int) -> bool:
        """Jimo did not accept an identify; returns whether it was the last one.

        Nobody knows whose profile Jimo has then, so nothing is written to it before the next
        identify.
        """
        if self.identify is None or self.identify.token != token:
            return False
        self._user = self.identify.before
        self.identify = None
        self._untaken = True
        return True

    def earlier(self, user: int) -> None:
        """Jimo has started with this user, of whom another page has told it; 0 for nobody."""
        if not self._profile:
            self._user = user
            self._profiles.add(user)

    def of_another(self) -> None:
        """Jimo may have another visitor's profile: another page told it of them, or was reset."""
        self._profiles.add(_SOMEBODY)
        if self.identify:
            self.identify.risky = True
        else:
            self._told_era = -1

    def reset(self, era: int) -> None:
        """``analytics.reset()``: a new era begins, without a user."""
        self.era = era
        self.identify = None
        # The profile that Jimo started with does not belong to the next visitor either.
        self._profiles = {known or _SOMEBODY for known in self._profiles}
        self.waiting = self._needs_user

    def end(self) -> None:
        """Jimo was ended after a reset, and starts as new: it was told of nobody."""
        self._ended = self.era
        self._user = 0
