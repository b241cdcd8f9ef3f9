"""The life of the Jimo SDK on this page: adopted where it is there, else loaded, and watched.

It is told when to start (``start``) and what happened (``hear``), and tells ``changed`` when
something waits for that. Which events go out is not its business.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .browser import Browser

FIRST_RETRY_MS = 1_000
LAST_RETRY_MS = 300_000
FIRST_LOOK_MS = 20
LAST_LOOK_MS = 500
# From when the script is added, or the SDK is started, until it is live.
DEADLINE_MS = 30_000

_REFUSALS = {
    "quota": (
        "quota-reached",
        "The Jimo project is over its monthly users, so Jimo does not run on this page.",
    ),
    "other-project": (
        "other-project",
        "projectId: another project's Jimo is on the page (window.JIMO_PROJECT_ID). "
        "Use the same id here, or remove the other snippet.",
    ),
    "taken": (
        "jimo-global-taken",
        "window.jimo is neither Jimo's queue nor its SDK. Rename what the page keeps there.",
    ),
    "fixed": (
        "jimo-global-taken",
        "Something on the page keeps window.jimo, JIMO_PROJECT_ID or JIMO_MANUAL_INIT from being "
        "read or set, so Jimo cannot be started. Remove that getter, or what has frozen it.",
    ),
    "trusted-types": (
        "trusted-types",
        "Add segment-jimo to the trusted-types of the page's Content-Security-Policy.",
    ),
}

_FAILURES = {
    "sdk-error": "could not be loaded",
    "sdk-threw": "threw an error",
    "sdk-stalled": f"did not come within {DEADLINE_MS // 1000} s",
}


class Sdk:
    """``live``: takes commands. ``ready``: waits for ``jimoInit()``. ``refused``: never will.

    A script that fails, or does not come, is added again after a pause that doubles each time, or
    when the browser comes online. One that has come and does not go live is only watched: a second
    one beside it could make two SDKs.
    """

    def __init__(
        self, browser: "Browser", manual_init: bool, changed: "Callable[[], None]"
    ) -> None:
        self._browser = browser
        self._manual_init = manual_init
        self._changed = changed
        self._started = False
        self._failed = False
        self._begun = False
        self._loads = 0
        self._look_ms = FIRST_LOOK_MS
        self._timer = 0
        self._deadline = 0
        self._pause = 0
        self.live = False
        self.ready = False
        self.refused = False

    def start(self) -> None:
        """Adopts the SDK of the page or loads it. Calls after the first do nothing."""
        if not self._started:
            self._started = True
            self._expect()
            self.look()

    def look(self) -> None:
        """Takes note of what is on the page now, and looks again until the SDK is live."""
        if not self._started or self.live or self.refused:
            return
        word = self._browser.look()
        self._browser.cancel(self._timer)
        if word in _REFUSALS:
            self._refuse(word)
        elif word == "live":
            self._go_live()
        elif word == "none" and not self._failed:
            self._loads += 1
            self._begun = False
            self._expect()
            problem = self._browser.load(self._manual_init)
            if problem in _REFUSALS:
                self._refuse(problem)
        elif word == "ready" and self._manual_init and not self.ready:
            self.ready = True
            self._changed()
        if not (self.live or self.refused or self._failed):
            self._timer = self._browser.after(self._look_ms, self.look)
            self._look_ms = min(LAST_LOOK_MS, self._look_ms + self._look_ms // 4)

    def hear(self, what: str) -> None:
        """``what`` is the name of a signal from the page side."""
        if what == "jimo:mau-limit-reached":
            self._refuse("quota")
        elif what in _FAILURES and not self.live:
            self._fail(what)
        elif what == "sdk-loaded":
            self.look()
        elif what == "online":
            self._retry()

    def init(self) -> None:
        """Starts an SDK that waits for ``jimoInit()``, once."""
        if self._begun:
            return
        self._begun = True
        if not self.live:
            self._expect()
        self._browser.init()

    def answered(self) -> None:
        """A callback came from Jimo: whatever it looks like, it is live."""
        if not self.live:
            self._go_live()

    def _expect(self) -> None:
        self._browser.sdk("loading")
        self._browser.cancel(self._deadline)
        self._deadline = self._browser.after(DEADLINE_MS, self._late)

    def _late(self) -> None:
        if self.live or self.refused or self._failed:
            return
        if self._browser.withdraw():
            self._fail("sdk-stalled")
        elif self._begun or self._browser.look() != "ready":
            self._browser.sdk("failed")
            self._browser.report(
                "sdk-not-live",
                f"The Jimo script has come, but Jimo was not live after {DEADLINE_MS // 1000} s. "
                "Events wait until it is.",
            )

    def _fail(self, what: str) -> None:
        self._failed = True
        self._browser.cancel(self._timer)
        self._browser.sdk("failed")
        self._browser.report(
            "sdk-failed", f"The Jimo script {_FAILURES[what]}; it is tried again later."
        )
        pause = min(LAST_RETRY_MS, FIRST_RETRY_MS << min(self._loads - 1, 20))
        self._browser.cancel(self._pause)
        self._pause = self._browser.after(pause, self._retry)

    def _retry(self) -> None:
        if self._failed and not self.live:
            self._failed = False
            self._look_ms = FIRST_LOOK_MS
            self._expect()
            self.look()

    def _go_live(self) -> None:
        self.live = True
        self._browser.cancel(self._deadline)
        self._browser.sdk("live")
        self._changed()

    def _refuse(self, word: str) -> None:
        self.refused = True
        code, message = _REFUSALS[word]
        self._browser.sdk("quota" if word == "quota" else "failed")
        self._browser.close(code, message)
