"""The only module that talks to the browser; everything else is handed a Browser.

All traffic goes through the one bridge object of web/bridge.js, whose functions never throw and
answer with scalars. Python hands out two functions, ``offer`` and ``signal``, which answer with
scalars too, and each is reached by one route only (MicroPython mixes up arguments otherwise).
"""

import json

from .delivery import DROPPED, Delivery
from .destination import Destination
from .errors import AttachError, SettingsError, tell
from .settings import Settings
from .text import to_json, traceback_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from typing import Any

    from .events import View
    from .functions import Rule
    from .subscriptions import Subscription

try:
    # Pyodide destroys a function that was only passed as an argument.
    from pyodide.ffi import create_proxy
except ImportError:

    def create_proxy(value: "Any") -> "Any":
        return value


class Browser:
    """The bridge, with the types that Python expects. Times are in milliseconds."""

    def __init__(self, js_bridge: "Any") -> None:
        self._js = js_bridge
        self._timers: dict[int, Callable[[], None]] = {}
        self._last_timer = 0

    def reading(self) -> "Generator[None, None, dict[str, object]]":
        """Reads the settings of the page in steps, and returns them as Segment's JSON object."""
        read: dict[str, Any] = json.loads(self._js.settings())
        given: dict[str, object] = read["given"]
        if read["subscriptions"] is not None:
            from .decode import decode

            mappings = []
            for one in read["mappings"]:
                yield
                mappings.append(decode(one))
            given["subscriptions"] = decode(read["subscriptions"], mappings)
        return given

    def add(self, kind: str, plans: dict[str, object]) -> None:
        """Hands over what is compiled of an "action", a "mapping" or a "subscription"."""
        if self._js.add(kind, to_json(plans)) < 0:
            self.close("internal", f"The settings could not be compiled: {self.detail()}")

    def configure(self, plans: dict[str, object]) -> None:
        """Hands over the rest, after which the page side has all; see Destination.prepare."""
        if self._js.configure(to_json(plans)) < 0:
            self.close("internal", f"The settings could not be compiled: {self.detail()}")

    def attach(self, delivery: Delivery, rules: "list[Rule]") -> None:
        """Lets the page side call ``delivery``, and ``rules`` by their number.

        No error of Python reaches the page.
        """

        def offer(event: int, matched: str, stale: bool) -> int:
            try:
                return delivery.offer(event, matched, stale)
            except Exception as error:
                delivery.abandon()
                self.report_error(error)
                return DROPPED

        def signal(name: str, token: int) -> int:
            try:
                if name == "timer":
                    work = self._timers.pop(token, None)
                    if work:
                        work()
                elif name == "identified":
                    delivery.identified(token)
                elif name == "user":
                    delivery.user(token)
                elif name == "reset":
                    delivery.reset()
                elif name == "start":
                    delivery.start()
                elif name == "threw":
                    delivery.threw(token)
                else:
                    delivery.hear(name)
                return int(delivery.passing)
            except Exception as error:
                self.report_error(error)
            return 0

        def call(rule: int, handed: int) -> str:
            def read(what: str, path: str) -> str:
                answer: str = self._js.read(handed, what, path)
                return answer

            return rules[rule].answer(read, self._explain)

        self._js.attach(create_proxy(offer), create_proxy(signal), create_proxy(call))

    def work(self, steps: "Iterator[None]") -> None:
        """Has the page side go through the steps, with a turn of the page between them.

        It calls ``step`` as long as that answers 1.
        """

        def step() -> int:
            try:
                next(steps)
                return 1
            except StopIteration:
                pass
            except SettingsError as error:
                self.close("invalid-settings", str(error), error.field)
            except Exception as error:
                self._explain(error)
                self.close("internal", f"The settings could not be read: {tell(error)}")
            return 0

        self._js.work(create_proxy(step))

    def push(self, event: int, subscription: int, command: int) -> int:
        """Builds a command from an event and pushes it; the answers are in delivery.py."""
        return int(self._js.push(event, subscription, command))

    def identify(self) -> int:
        """Pushes ``do identify`` for the user who ended the waiting; answers as ``push``."""
        return int(self._js.identify())

    def switched(self) -> bool:
        """Whether Jimo was told of more than one user on this page."""
        return bool(self._js.switched())

    def foreign(self, event: int) -> bool:
        """Whether an event belongs to another user than the one Jimo was told of last."""
        return bool(self._js.foreign(event))

    def listen(self, hear: "Callable[[int, str, str], int]") -> None:
        """Has ``hear`` told what becomes of the commands of the Jimo client; see jimo.py."""
        self._js.listen(create_proxy(hear))

    def command(self, command: str, number: int) -> int:
        """Puts a command of the Jimo client, as JSON, into the line; the answers are in jimo.py."""
        return int(self._js.command(command, number))

    def settle(self, event: int, outcome: int) -> None:
        """Tells what became of an event that was put aside."""
        self._js.settle(event, outcome)

    def after(self, ms: int, work: "Callable[[], None]") -> int:
        """Calls ``work`` once after some time; returns the number for ``cancel``."""
        self._last_timer += 1
        self._timers[self._last_timer] = work
        self._js.after(ms, self._last_timer)
        return self._last_timer

    def cancel(self, timer: int) -> None:
        """Forgets what ``after`` was to do."""
        if self._timers.pop(timer, None):
            self._js.cancel(timer)

    def look(self) -> str:
        """What of Jimo is on the page: see sdk.js."""
        return str(self._js.look())

    def load(self, manual_init: bool) -> str:
        """Adds the Jimo script to the page; returns the word for why it cannot, if so."""
        return str(self._js.load(manual_init))

    def withdraw(self) -> bool:
        """Takes back a script that has not come, so that it never runs; False if it has come."""
        return bool(self._js.withdraw() == 1)

    def init(self) -> None:
        """Calls ``jimoInit()`` where Jimo waits for it."""
        self._js.init()

    def sdk(self, state: str) -> None:
        """Sets ``status().sdk``."""
        self._js.sdk(state)

    def detail(self) -> str:
        """The words behind the last negative answer."""
        return str(self._js.detail())

    def report(self, code: str, message: str, subscription: str = "", field: str = "") -> None:
        """Adds to ``status().errors``."""
        self._js.report(code, message, subscription, field)

    def report_error(self, error: Exception) -> None:
        """Reports an error that nobody has expected."""
        self._explain(error)
        self.report("python-error", tell(error))

    def _explain(self, error: BaseException) -> None:
        """Shows an error on the console, in debug mode: its text may quote the event."""
        self._js.explain(traceback_of(error))

    def close(self, code: str, message: str, field: str = "") -> None:
        """Ends the destination, for the reason given; what is held is dropped."""
        self._js.close(code, message, field)


def connect(js_bridge: object) -> None:
    """Runs the destination that the page describes. Called by web/later/start.js."""
    browser = Browser(js_bridge)
    browser.work(_connecting(browser))


def _connecting(browser: Browser) -> "Iterator[None]":
    given = yield from browser.reading()
    settings = yield from Settings.steps(given)
    yield from Destination(settings).prepare(browser)


def attach(
    project_id: str | None = None,
    manual_init: bool | None = None,
    refetch_experiences_on_traits_update: bool | None = None,
    subscriptions: "Sequence[Subscription | Mapping[str, object]] | None" = None,
    middleware: "Callable[[View], bool | Mapping[str, object] | None] | None" = None,
) -> Destination:
    """Runs the destination in the page's own Python and returns it.

    The page must have the script tag with ``data-runtime="page"``, and the code must run in the
    page's own thread. Events that analytics.js has handed over before are delivered now.

    Args:
        project_id: Id of the Jimo project, where the tag has no ``data-project-id``.
        manual_init: "Initialize only for identified users".
        refetch_experiences_on_traits_update: "Refetch experiences after traits changes".
        subscriptions: What takes the place of the presets: Subscription objects, or Segment's
            JSON objects as dicts. Their triggers and mappings may be Python functions.
        middleware: A function that may change or drop each event; see Destination.

    What is given wins over the attributes of the tag.

    Raises:
        SettingsError: A setting is wrong; nothing has begun, and attach may be called again.
        AttachError: The tag is missing, names another runtime or was refused, the destination is
            attached already, or the code runs in a worker or outside a page.
    """
    try:
        import js
    except ImportError:
        raise AttachError(
            "attach() needs a page: call it in PyScript, on MicroPython or Pyodide. Elsewhere, "
            "Settings and Subscription work without one."
        ) from None

    js_page: Any = getattr(js, "segmentJimo", None)
    js_python = getattr(js_page, "python", None)
    if js_python is None:
        if getattr(js, "document", None) is None:
            raise AttachError(
                "attach() works in the page's own thread only, where analytics.js is. "
                "Take the attribute worker off the script tag of this code."
            )
        raise AttachError(
            "attach() needs segment-jimo.js on the page, in a script tag with "
            'data-runtime="page" that stands before this code.'
        )

    def status() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(js.JSON.stringify(js_page.status()))
        return found

    given = json.loads(js_python.settings())
    if given.get("runtime") != "page":
        raise AttachError(
            'attach() needs data-runtime="page" on the script tag, '
            f"got {given.get('runtime') or 'nothing'}."
        )
    for name, value in (
        ("projectId", project_id),
        ("manualInit", manual_init),
        ("refetchExperiencesOnTraitsUpdate", refetch_experiences_on_traits_update),
    ):
        if value is not None:
            given[name] = value
    given["subscriptions"] = subscriptions
    destination = Destination(Settings.from_json(given), middleware)
    destination.watch(status)
    given.pop("subscriptions")

    def connecting(browser: Browser) -> "Iterator[None]":
        if subscriptions is None:
            read = yield from browser.reading()
            destination.settings = yield from Settings.steps(read)
        yield from destination.prepare(browser)

    def connect_this(js_bridge: object) -> None:
        browser = Browser(js_bridge)
        browser.work(connecting(browser))

    attached = js_python.attach(json.dumps(given), create_proxy(connect_this))
    now = status()
    if now["state"] == "failed":
        raise AttachError(
            f"The destination cannot work on this page: {now['errors'][-1]['message']}"
        )
    if not attached:
        raise AttachError("attach() was called twice; a page has one destination.")
    return destination
