"""The life of the Jimo SDK on this page: uses the page's own or loads it, and watches it.

``start`` begins it, and ``hear`` takes each signal. It calls ``changed`` when events may wait for
the new state. Other modules decide which events go out.

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
# From adding the script, or starting Jimo, until Jimo is live.
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
        "The page stops scripts that read or set window.jimo, JIMO_PROJECT_ID or JIMO_MANUAL_INIT, "
        "so Jimo cannot start. Remove the page's getter, or stop freezing the global.",
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

    A script that fails or does not load is added again: after a pause that doubles each time, or
    when the browser comes online. A script that loads without Jimo going live is only watched,
    because a second script could start a second SDK.
    """

    def __init__(
        self, browser: "Browser", manual_init: bool, changed: "Callable[[], None]"
    ) -> None:
        self._browser = browser
        self._manual_init = manual_init
        self._changed = changed
        self._state = IDLE
        self._look_ms = FIRST_LOOK_MS
        self._retry_ms = FIRST_RETRY_MS
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
        """Uses the SDK of the page or loads it. Does nothing if it has already begun."""
        if self._state == IDLE:
            self._state = LOADING
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
        """Ends an SDK that this destination started, so that ``start`` begins again.

        Returns whether it ended. It does not end an SDK that is still loading, one that the page
        started, or one that refuses to end.
        """
        if self._state not in (READY, STARTING, LIVE) or not self._browser.kill():
            return False
        self._stop_waiting()
        self._state = IDLE
        self._browser.sdk("none")
        return True

    def rest(self) -> None:
        """Removes a script that has not loaded, and does not try again until ``start``."""
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
        """Jimo called back, so it is live, whatever it looks like."""
        if self._state in (LOADING, READY, STARTING, FAILED):
            self._go_live()

    def _look(self) -> None:
        """Checks what is on the page now, and checks again until Jimo is live."""
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
        self._next_try = self._browser.after(self._retry_ms, self._try_again)
        self._retry_ms = min(LAST_RETRY_MS, 2 * self._retry_ms)

    def _try_again(self) -> None:
        if self._state == FAILED:
            self._state = LOADING
            self._expect()
            self._look()

    def _go_live(self) -> None:
        self._stop_waiting()
        self._state = LIVE
        self._retry_ms = FIRST_RETRY_MS
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
        # Whatever is waited for next is looked at often at first.
        self._look_ms = FIRST_LOOK_MS
