"""A client for the commands of the Jimo SDK whose form is known.

A command takes its place in the line of events, so that it keeps the rules of delivery.py: as a
subscription with that one command would. Values go out as plans, and answers come back as JSON
text, since neither interpreter hands over all values unchanged. The forms are those of Jimo's help
centre and, for groups and tracks, of Segment's own destination.
"""

from .errors import CommandError, safe
from .outbox import FREE, IDENTIFIES, WRITES, Outbox
from .values import check_attribute, check_text, object_plan, value_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import Any

    from .actions import Plan
    from .browser import Browser

    # What Jimo takes as an attribute.
    Scalar = str | int | float | bool
    Attribute = Scalar | Sequence[Scalar]


class Jimo:
    """Commands of your own to the SDK that is on the page; ``destination.jimo`` is one.

    **When they go out.** A command takes its place behind the events that analytics.js has handed
    over, and behind the user it has just been told of. So it waits until Jimo is live, while an
    identify is open, and on a page that starts only for identified users it is refused as long as
    there is no user. Where nothing is ahead of it, it goes out before the method returns. At most
    100 commands wait; they end with their page.

    **Whose profile.** What is written goes to the user who is the current one at its place in the
    line, as it does with events (docs/what-happens-when.md). After ``analytics.reset()`` the email,
    name, attributes and group wait for the next identify.

    **Values** are text, numbers, booleans, None, and lists and dicts of these. Integers are exact
    up to 2**53 - 1. MicroPython's dicts have no order; ``collections.OrderedDict`` has one there.

    **Errors.** Every method raises CommandError, with the reason, where its arguments are wrong or
    the command is refused. What is given up after it had to wait stands in
    ``destination.status()["errors"]``, and what is awaited raises CommandError then.
    """

    def __init__(
        self, status: "Callable[[], dict[str, Any]]", stamp: "Callable[[], tuple[int, bool]]"
    ) -> None:
        self._outbox = Outbox(status, stamp)

    def connect(self, browser: "Browser") -> None:
        """Begins to hand commands over, with those that were given before."""
        self._outbox.connect(browser)

    # Who the visitor is.

    def identify(self, user_id: str, signature: str = "") -> "Awaitable[None]":
        """Identifies the visitor: ``do identify``, as Jimo documents it.

        This is an identify like that of an event: what comes after it waits until Jimo has called
        back, for at most 10 seconds, and what an earlier identify had still to write is given up.
        The call need not be awaited; awaiting it returns when Jimo has called back, and raises
        CommandError where that does not come in time or the user is reset before.

        ``signature`` is for a Jimo project that verifies users: what your backend has made of this
        id (docs/signature.md). Without it the command is the one for projects that do not.

        analytics.js is not told. Traits and groups of events that name another user than this one
        are not written to this profile; they are dropped, with the error ``other-user``. Where
        analytics.js knows the user use ``analytics.identify()`` instead, and the mapping of Send
        User Data where Jimo's id differs from Segment's.
        """
        check_text("identify", "user_id", user_id)
        if not isinstance(signature, str):
            # Not shown: it may be one, in the wrong form.
            came = type(signature).__name__
            raise safe(CommandError(f"identify: signature: expected text, got {came}"))
        args: list[Plan] = [["value", user_id], ["callback"]]
        if signature:
            args.append(["value", signature])
        return self._outbox.ask("do identify", args, IDENTIFIES, {"identifies": user_id})

    def set_email(self, email: str) -> None:
        """Sets the email of the current user: ``set user:email``."""
        check_text("set_email", "email", email)
        self._outbox.send("set user:email", [["value", email]], WRITES)

    def set_name(self, name: str) -> None:
        """Sets the name of the current user: ``set user:name``."""
        check_text("set_name", "name", name)
        self._outbox.send("set user:name", [["value", name]], WRITES)

    def set_attributes(
        self,
        attributes: "Mapping[str, Attribute]",
        refetch: bool = False,
        remove_unspecified: bool = False,
    ) -> None:
        """Sets attributes of the current user: ``set user:attributes``.

        Each is a text of at most 700 characters, a number, a boolean, or a list of these; these
        are Jimo's own limits. ``refetch`` has Jimo look again which experiences the user is to
        see; ``remove_unspecified`` removes the attributes that are not given. Their names stay in
        your Jimo project for good.
        """
        what = "set_attributes"
        if not isinstance(attributes, dict):
            came = type(attributes).__name__
            raise safe(CommandError(f"{what}: attributes: expected a dict, got {came}"))
        for key, value in attributes.items():
            check_attribute(f"{what}: attributes", key, value)
        args: list[Plan] = [value_plan(f"{what}: attributes", attributes)]
        options: Plan = ["record"]
        if refetch:
            options.append(["refetchBoosted", ["value", True]])
        if remove_unspecified:
            options.append(["removeUnspecified", ["value", True]])
        if len(options) > 1:
            args.append(options)
        self._outbox.send("set user:attributes", args, WRITES)

    def set_group(self, group_id: str, traits: "Mapping[str, object] | None" = None) -> None:
        """Sets the group of the current user, with its traits: ``set user:group``.

        Jimo gets it in the form that Segment's own destination has for groups.
        """
        check_text("set_group", "group_id", group_id)
        group = ["groupId", ["value", group_id]]
        inner = ["traits", object_plan("set_group: traits", traits)]
        marker: Plan = ["record", ["fromSegment", ["value", True]]]
        self._outbox.send("set user:group", [["record", group, inner], marker], WRITES)

    # What the visitor does and sees.

    def track(self, event: str, properties: "Mapping[str, object] | None" = None) -> None:
        """Tells Jimo of something that the visitor did: ``do segmentio:track``.

        Jimo gets it in the form that Segment's own destination has for tracks, with the current
        user, the anonymous id, a message id of its own, and the time of this call as a date. The
        window event ``jimo-segmentio-track:<event>`` follows, as after each track of analytics.js.
        Your other destinations are not told.
        """
        check_text("track", "event", event)
        payload: Plan = [
            "object",
            ["event", ["value", event]],
            ["userId", ["path", "userId"]],
            ["anonymousId", ["path", "anonymousId"]],
            ["messageId", ["path", "messageId"]],
            ["timestamp", ["path", "timestamp"]],
            ["receivedAt", ["path", "timestamp"]],
            ["properties", object_plan("track: properties", properties)],
        ]
        self._outbox.send("do segmentio:track", [payload], FREE, {"announce": event})

    def set_language(self, language: str) -> None:
        """Sets the language of experiences, such as "fr": ``set core:language``."""
        check_text("set_language", "language", language)
        self._outbox.send("set core:language", [["value", language]])

    def trigger(self, experience_id: str) -> None:
        """Shows one experience, by its id: ``do boosted:trigger``."""
        check_text("trigger", "experience_id", experience_id)
        self._outbox.send("do boosted:trigger", [value_plan("", {"evolutionId": experience_id})])

    def open_widget(self, page: str = "", experience_id: str = "") -> None:
        """Opens the widget: ``do widget:open``.

        Without arguments it opens as it is, with ``page`` on one of its pages, such as
        "feedback", with ``experience_id`` on an experience.
        """
        if page and experience_id:
            raise safe(CommandError("open_widget: expected page or experience_id, got both"))
        args: list[Plan] = []
        for field, key, value in (
            ("page", "page", page),
            ("experience_id", "evolutionId", experience_id),
        ):
            if value != "":
                check_text("open_widget", field, value)
                args.append(value_plan("", {key: value}))
        self._outbox.send("do widget:open", args)

    def route_changed(self) -> None:
        """Tells that the route of a single-page app has changed: ``do boosted:hash-change``."""
        self._outbox.send("do boosted:hash-change", [])

    # What Jimo tells.

    def attributes(self) -> "Awaitable[dict[str, Any]]":
        """To be awaited: the attributes of the current user, ``get jimer:attributes``.

        Dates in it are ISO text. This, as the other two questions, waits until Jimo is live; it
        raises CommandError where Jimo then does not answer within 10 seconds.
        """
        return self._outbox.question("jimer:attributes")

    def last_open_date(self) -> "Awaitable[str | None]":
        """To be awaited: when the widget was last opened, ``get widget:lastOpenDate``.

        That is ISO text, such as "2026-11-24T10:00:00.000Z", on both interpreters, since
        MicroPython has no datetime; None where Jimo knows of no such time.
        """
        return self._outbox.question("widget:lastOpenDate")

    def unread_count(self) -> "Awaitable[int]":
        """To be awaited: how many items in the widget are unread, ``get widget:unreadCount``."""
        return self._outbox.question("widget:unreadCount")

    def on(self, name: str, listener: "Callable[..., object]") -> None:
        """Has ``listener`` called with what Jimo tells under this name.

        Which names there are is for your version of Jimo to say. What Jimo hands over arrives as
        Python values, where JSON has a form for it. The listener is kept until ``off``; an error
        in it stands in ``destination.status()["errors"]``.
        """
        check_text("on", "name", name)
        if not callable(listener):
            came = type(listener).__name__
            raise safe(CommandError(f"on: listener: expected a function, got {came}"))
        self._outbox.listen(name, listener)

    def off(self, name: str) -> None:
        """Ends all that ``on`` has begun for this name, at once, and releases the listeners."""
        check_text("off", "name", name)
        self._outbox.unlisten(name)
