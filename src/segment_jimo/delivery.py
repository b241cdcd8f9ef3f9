"""Delivery: what waits for what.

The page side keeps the events in the order in which analytics.js hands them over. It offers the
first one, and carries out the verdict. ``identity.py`` decides whose profile an event may touch,
``sdk.py`` knows whether Jimo takes commands; this module puts the two together, and keeps the
deadline of an open identify.

A verdict holds for all events of the same era and user until the page side reports something, so
most events go out without a call. An event that identifies is always offered.
"""

from .identity import HOLD, NEWER, RESET, UNTAKEN, Identity
from .sdk import Sdk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .browser import Browser

IDENTIFY_DEADLINE_MS = 10_000
IDENTIFY_RETRY_MS = 1_000


class Delivery:
    """Answers the questions of the page side, and takes its reports. Times are in milliseconds.

    Args:
        browser: The page side.
        era: The era in which the page begins; see Identity.
        manual_init: "Initialize only for identified users".
        kill_on_reset: Whether a reset also ends Jimo, once what came before it is out.
        earlier: The user of whom Jimo was told on an earlier page; 0 for none.
    """

    def __init__(
        self,
        browser: "Browser",
        era: int,
        manual_init: bool,
        kill_on_reset: bool,
        earlier: int,
    ) -> None:
        self._browser = browser
        self._kill_on_reset = kill_on_reset
        self._identity = Identity(era, manual_init, earlier)
        self._sdk = Sdk(browser, manual_init, self._sdk_changed)
        # The deadline of the open identify, or the next try of one that Jimo did not accept.
        self._timer = 0
        # The event that named the user for whom an identified-only page waited: its number, user
        # and profile, until Jimo is told.
        self._starter: tuple[int, int, int] | None = None

    @property
    def waiting(self) -> bool:
        """Whether an event that names a user would start Jimo."""
        return self._identity.waiting

    @property
    def known(self) -> bool:
        """Whether Jimo has the profile of the user that it was told of in this era."""
        return self._identity.known

    def start(self) -> None:
        """Starts Jimo, unless the page waits for a user; see ``named``."""
        if not self._identity.waiting:
            self._sdk.start()

    def named(self, event: int, era: int, user: int, profile: int) -> None:
        """An event names a user. ``profile`` is the number of the user's ID for Jimo."""
        if self._identity.waiting and era == self._identity.era:
            self._identity.named()
            self._starter = event, user, profile
            if self._sdk.ready or self._sdk.live:
                self._begin()
            else:
                self._sdk.start()

    def offer(self, event: int, era: int, user: int, profile: int, token: int) -> int:
        """Returns the verdict for an event, or HOLD.

        If the event would identify a user, ``profile`` is the number of the ID, and ``token`` the
        number of that identify; otherwise both are 0. The page side must push that identify if the
        verdict allows it. ``event`` 0 only asks, and starts nothing: with ``token`` 0 for now, else
        for the time when nothing is ahead of the event, and then ``profile`` is the user of the
        last identify that waits ahead of it, or 0.
        """
        identity = self._identity
        if not event and token:
            starter = self._starter[1] if self._starter else 0
            return identity.foretell(user, profile or starter)
        live = self._sdk.live
        verdict = identity.decide(event, era, user, live)
        if verdict == HOLD:
            if event and not live and not identity.waiting:
                # If ``kill_on_reset`` ended Jimo, this event starts it again.
                self._sdk.start()
        elif profile and era == identity.era:
            self._open(token, event, user, profile)
        return verdict

    def answered(self, token: int) -> None:
        """Jimo has called back for an identify."""
        self._sdk.answered()
        if self._identity.answered(token):
            self._browser.cancel(self._timer)

    def not_taken(self, token: int) -> None:
        """Jimo did not accept an identify: its push threw, or its promise was rejected."""
        if self._identity.not_taken(token):
            self._browser.cancel(self._timer)
            self._browser.give_up(UNTAKEN)

    def starter_gone(self) -> None:
        """The event that named the user for whom the page waited went to the next page."""
        if self._starter:
            self._browser.cancel(self._timer)
            self._starter = None
            self._identity.unnamed()
            if self._identity.waiting:
                self._sdk.rest()

    def earlier(self, user: int) -> None:
        """Jimo has started with the profile of this user."""
        self._identity.earlier(user)

    def of_another(self) -> None:
        """Another page gave the profile that Jimo started with to another visitor."""
        self._identity.of_another()

    def reset(self, era: int) -> None:
        """``analytics.reset()``: this era begins, without a user."""
        self._browser.cancel(self._timer)
        self._starter = None
        self._identity.reset(era)
        self._browser.give_up(RESET)
        if self._identity.waiting:
            self._sdk.rest()

    def drained(self) -> None:
        """All events from before the last reset are out, or wait for a Jimo that is not live."""
        if self._kill_on_reset and self._sdk.kill():
            self._identity.end()

    def hear(self, what: str) -> None:
        """Any other signal; see Sdk."""
        self._sdk.hear(what)

    def _open(self, token: int, event: int, user: int, profile: int) -> None:
        if self._identity.identify:
            # The newer identify replaces an overdue one.
            self._browser.give_up(NEWER)
        self._identity.open(token, event, user, profile)
        self._timer = 0
        if self._sdk.live:
            self._start_deadline()

    def _begin(self) -> None:
        """Identifies the user that the page waited for, then starts Jimo."""
        if not self._starter or not (self._sdk.ready or self._sdk.live):
            return
        event, user, profile = self._starter
        token = self._browser.next_token()
        self._open(token, event, user, profile)
        if not self._browser.identify(event, token):
            self._identity.not_taken(token)
            if not self._sdk.live:
                # Started now, Jimo would make a profile for an anonymous visitor.
                self._timer = self._browser.after(IDENTIFY_RETRY_MS, self._begin)
                return
        self._starter = None
        self._sdk.init()

    def _sdk_changed(self) -> None:
        if self._sdk.live:
            self._start_deadline()
        self._begin()

    def _start_deadline(self) -> None:
        identify = self._identity.identify
        if identify and not identify.overdue and not self._timer:
            self._timer = self._browser.after(IDENTIFY_DEADLINE_MS, self._deadline)

    def _deadline(self) -> None:
        identify = self._identity.identify
        if identify:
            identify.overdue = True
            self._browser.report(
                "identify-timeout",
                f"Jimo did not call back within {IDENTIFY_DEADLINE_MS // 1000} s after an "
                "identify. Later events go out now. If this is frequent, ask Jimo.",
            )
