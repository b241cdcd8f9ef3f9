"""``attach``: the destination in the page's own Python, with the page's own rules."""

import json

from .browser import Browser, create_proxy
from .destination import Destination
from .errors import AttachError
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from .events import View
    from .segment import SubscriptionJson
    from .subscriptions import Subscription


def attach(
    project_id: str | None = None,
    manual_init: bool | None = None,
    refetch_experiences_on_traits_update: bool | None = None,
    subscriptions: "Sequence[Subscription | SubscriptionJson] | None" = None,
    middleware: "Callable[[View], bool | Mapping[str, object] | None] | None" = None,
) -> Destination:
    """Runs the destination in the page's own Python and returns it.

    The page must have the script tag with ``data-runtime="page"``, and the code must run in the
    page's own thread. Events that analytics.js sent before are delivered now.

    Args:
        project_id: ID of the Jimo project. Needed if the tag has no ``data-project-id``.
        manual_init: "Initialize only for identified users".
        refetch_experiences_on_traits_update: "Refetch experiences after traits changes".
        subscriptions: What replaces the presets: Subscription objects, or Segment's JSON objects
            as dicts. Their triggers and mappings may be Python functions.
        middleware: A function that gets each event, a View, before the triggers do. It returns
            None to pass the event on, False to drop it, or a dict of new values by their path,
            such as ``{"traits.email": None}``. If it raises an error or returns anything else,
            the event is dropped, and ``status()`` says so.

    The arguments override the attributes of the tag.

    Raises:
        SettingsError: A setting is wrong. Nothing has started; you may call attach again.
        AttachError: The tag is missing, names another runtime or was refused; or attach was
            called before; or the code runs in a worker or outside a page.
    """
    try:
        import js
    except ImportError:
        raise AttachError(
            "attach() works only in a page. Call it in PyScript, on MicroPython or Pyodide. "
            "Settings and Subscription also work without a page."
        ) from None

    js_page: Any = getattr(js, "segmentJimo", None)
    js_host = getattr(js_page, "host", None)
    if js_host is None:
        if getattr(js, "document", None) is None:
            raise AttachError(
                "attach() works only in the page's own thread, where analytics.js runs. "
                "Remove the attribute worker from the script tag of this code."
            )
        raise AttachError(
            "attach() found no segment-jimo.js on the page. Add its script tag, with "
            'data-runtime="page", before this code.'
        )

    def status() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(js.JSON.stringify(js_page.status()))
        return found

    def stopped() -> str:
        reason = js_host.stopped
        return str(reason[1]) if reason else ""

    given = json.loads(js.JSON.stringify(js_host.given))
    if given.get("runtime") != "page" and not getattr(js_host, "runsProgram", False):
        raise AttachError(
            'attach(): expected data-runtime="page" on the script tag, '
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
    manual = destination.settings.manual_init

    def stamp() -> "tuple[int, bool]":
        # Before analytics.js has loaded the destination, the visitor is not known.
        if getattr(js_host, "analytics", None) is None:
            return 0, True
        now = js_host.now()
        return int(js_host.early.push(now)), now.user != 0 or not manual

    destination.watch(status, stopped, stamp)
    given.pop("subscriptions")
    # The page side does not know these mappings, and must fetch what they need first.
    if any([one.mapping.uses_liquid for one in destination.settings.subscriptions]):
        given["usesLiquid"] = True

    def connecting(browser: Browser) -> "Iterator[None]":
        if subscriptions is None:
            destination.settings = yield from browser.reading()
        yield from destination.prepare(browser)

    def connect_this(js_bridge: object) -> None:
        browser = Browser(js_bridge)
        browser.work(connecting(browser))

    if getattr(js_host, "connect", None) is not None:
        raise AttachError(
            "This page called attach() twice. A page has one destination: remove one call."
        )
    # The page's own settings stay as they are: they apply again once this destination has ended.
    js_host.given = js.Object.assign(
        js.JSON.parse("{}"), js_host.given, js.JSON.parse(json.dumps(given))
    )
    js_host.early = js.JSON.parse("[]")
    js_host.shown.initialized = not manual
    js_host.connect = create_proxy(connect_this)
    js_host.undo(create_proxy(destination.end))
    if getattr(js_host, "attached", None) is not None:
        js_host.attached()
    js_host.start()
    if stopped():
        raise AttachError(f"The destination does not work on this page: {stopped()}")
    return destination
