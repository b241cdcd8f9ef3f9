"""The life of the Jimo SDK on this page: adopted where it is there, else loaded, and watched.

``start`` begins it, ``hear`` tells what has happened, and ``changed`` is called whenever somebody
may wait for the new state. Which events go out is decided elsewhere.

    IDLE ──start()──▶ LOADING ──▶ READY ──init()──▶ STARTING ──▶ LIVE ──kill()──▶ IDLE
                        │  ▲     (manual init only)                │
              the script│  │after a pause, or online               ▼
                fails   ▼  │                                    REFUSED
                       FAILED
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .browser import Browser

IDLE = 0
LOADING = 1
READY = 2
STARTING = 3
LIVE = 4
FAILED = 5
REFUSED = 6

FIRST_RETRY_MS = 1_000
LAST_RETRY_MS = 300_000
FIRST_LOOK_MS = 20
LAST_LOOK_MS = 500
# From when the script is added, or Jimo is started, until it is live.
DEADLINE_MS = 30_000

_REFUSALS = {
    "quota": (
        "quota-reached",
        "The Jimo project is over its monthly users, so Jimo does not run on this page. "
        "Ask Jimo for a larger plan.",
    ),
    "other-project": (
        "other-project",
        "projectId: another project's Jimo is on the page (window.JIMO_PROJECT_ID). "
        "Use the same ID here, or remove the other snippet.",
    ),
    "taken": (
        "jimo-global-taken",
        "window.jimo is neither Jimo's queue nor its SDK. Rename the page's own global.",
    ),
    "fixed": (
        "jimo-global-taken",
        "window.jimo, JIMO_PROJECT_ID or JIMO_MANUAL_INIT cannot be read or set, so Jimo cannot "
        "start. Remove the page's getter, or stop freezing the global.",
    ),
    "trusted-types": (
        "trusted-types",
        "The page's Content-Security-Policy stops Jimo's script. Add segment-jimo to its "
        "trusted-types.",
    ),
}

_FAILURES = {
    "sdk-error": "did not load",
    "sdk-threw": "threw an error",
    "sdk-stalled": f"did not load within {DEADLINE_MS // 1000} s",
}


class Sdk:
    """The state of Jimo, and the only code that changes it.

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
        self._state = IDLE
        self._loads = 0
        self._look_ms = FIRST_LOOK_MS
        # Timers of the browser: the next look, the deadline, the next try.
        self._next_look = 0
        self._deadline = 0
        self._next_try = 0

    @property
    def live(self) -> bool:
        """Whether Jimo takes commands."""
        return self._state == LIVE

    @property
    def ready(self) -> bool:
        """Whether Jimo waits for ``init``."""
        return self._state == READY

    def start(self) -> None:
        """Adopts the SDK of the page or loads it. Once begun, does nothing."""
        if self._state == IDLE:
            self._state = LOADING
            self._look_ms = FIRST_LOOK_MS
            self._expect()
            self._look()

    def init(self) -> None:
        """Starts an SDK that waits for ``jimoInit()``, once."""
        if self._state == READY:
            self._state = STARTING
            self._look_ms = FIRST_LOOK_MS
            self._expect()
        self._browser.init()
        self._look()

    def kill(self) -> bool:
        """Ends an SDK that this destination has started, so that ``start`` begins again.

        Returns whether it has ended: one that is still on its way has not begun, and one of the
        page's own goes on, as does one that cannot be ended.
        """
        if self._state not in (READY, STARTING, LIVE) or not self._browser.kill():
            return False
        self._stop_waiting()
        self._state = IDLE
        self._browser.sdk("none")
        return True

    def rest(self) -> None:
        """Takes back a script that has not come, and tries no more until ``start``."""
        if self._state == FAILED or (self._state == LOADING and self._browser.withdraw()):
            self._stop_waiting()
            self._state = IDLE
            self._browser.sdk("none")

    def hear(self, what: str) -> None:
        """``what`` is the name of a signal from the page side."""
        if what == "quota":
            if self._state != IDLE:
                self._refuse("quota")
        elif what in _FAILURES:
            if self._state in (LOADING, READY, STARTING):
                self._fail(what)
        elif what == "sdk-loaded" or what == "sdk-ready":
            self._look()
        elif what == "online":
            self._try_again()

    def answered(self) -> None:
        """A callback came from Jimo: whatever it looks like, it is live."""
        if self._state in (LOADING, READY, STARTING, FAILED):
            self._go_live()

    def _look(self) -> None:
        """Takes note of what is on the page now, and looks again until Jimo is live."""
        if self._state not in (LOADING, READY, STARTING):
            return
        self._browser.cancel(self._next_look)
        word = self._browser.look()
        if word in _REFUSALS:
            self._refuse(word)
        elif word == "live":
            self._go_live()
        elif word == "none":
            self._load()
        elif word == "ready" and self._manual_init and self._state == LOADING:
            self._state = READY
            self._changed()
        if self._state in (LOADING, READY, STARTING):
            self._next_look = self._browser.after(self._look_ms, self._look)
            self._look_ms = min(LAST_LOOK_MS, self._look_ms + self._look_ms // 4)

    def _load(self) -> None:
        self._loads += 1
        self._state = LOADING
        self._expect()
        problem = self._browser.load(self._manual_init)
        if problem in _REFUSALS:
            self._refuse(problem)

    def _expect(self) -> None:
        self._browser.sdk("loading")
        self._browser.cancel(self._deadline)
        self._deadline = self._browser.after(DEADLINE_MS, self._late)

    def _late(self) -> None:
        if self._state not in (LOADING, READY, STARTING):
            return
        if self._browser.withdraw():
            self._fail("sdk-stalled")
        elif self._state == STARTING or self._browser.look() != "ready":
            self._browser.sdk("failed")
            self._browser.report(
                "sdk-not-live",
                f"Jimo's script loaded, but Jimo was not live after {DEADLINE_MS // 1000} s. "
                "Events wait until it is. Look for an error of Jimo in the console.",
            )

    def _fail(self, what: str) -> None:
        self._stop_waiting()
        self._state = FAILED
        self._browser.sdk("failed")
        self._browser.report(
            "sdk-failed",
            f"Jimo's script {_FAILURES[what]}. Events wait, and the destination tries again. Check "
            "sdkUrl and the page's Content-Security-Policy. Ad blockers also stop the script.",
        )
        pause = min(LAST_RETRY_MS, FIRST_RETRY_MS << min(max(self._loads, 1) - 1, 20))
        self._next_try = self._browser.after(pause, self._try_again)

    def _try_again(self) -> None:
        if self._state == FAILED:
            self._state = LOADING
            self._look_ms = FIRST_LOOK_MS
            self._expect()
            self._look()

    def _go_live(self) -> None:
        self._stop_waiting()
        self._state = LIVE
        self._browser.sdk("live")
        self._changed()

    def _refuse(self, word: str) -> None:
        self._stop_waiting()
        self._state = REFUSED
        code, message = _REFUSALS[word]
        self._browser.sdk("quota" if word == "quota" else "failed")
        self._browser.close(code, message)

    def _stop_waiting(self) -> None:
        for timer in (self._next_look, self._deadline, self._next_try):
            self._browser.cancel(timer)
