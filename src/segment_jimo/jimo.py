"""A client for the commands of the Jimo SDK whose form is known.

A command takes its place among the events and follows the same rules (delivery.py), like a
subscription with that one command. Values go out as plans, and answers come back as JSON text,
because neither interpreter passes all values on unchanged. The forms are those of Jimo's help
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

    # What Jimo accepts as an attribute.
    Scalar = str | int | float | bool
    Attribute = Scalar | Sequence[Scalar]


class Jimo:
    """Commands of your own to the SDK on the page. Use the one in ``destination.jimo``.

    **When they go out.** A command takes its place behind the events that analytics.js has sent
    before it, an identify included. It waits until Jimo is live, and while an identify is open. If
    nothing is ahead of it, it goes out before the method returns. A page that starts only for
    identified users refuses commands until there is a user. At most 100 commands wait. They end
    with their page.

    **Whose profile.** A command writes to the user who is current at its place in the order, like
    an event (docs/what-happens-when.md). After ``analytics.reset()`` the email, name, attributes
    and group wait for the next identify.

    **Values** are text, numbers, booleans, None, and lists and dicts of these. Integers are exact
    up to 2**53 - 1. A dict of MicroPython has no order; use ``collections.OrderedDict`` there.

    **Errors.** Each method raises CommandError, with the reason, if its arguments are wrong or the
    command is refused. A command that is dropped later is listed in
    ``destination.status()["errors"]``. If you await it, it raises CommandError.
    """

    def __init__(
        self, stopped: "Callable[[], str]", stamp: "Callable[[], tuple[int, bool]]"
    ) -> None:
        self._outbox = Outbox(stopped, stamp)

    def connect(self, browser: "Browser") -> None:
        """Starts to pass commands on, beginning with the earlier ones."""
        self._outbox.connect(browser)

    def end(self) -> None:
        """The destination has ended, perhaps before it began."""
        self._outbox.end()

    # Who the visitor is.

    def identify(self, user_id: str, signature: str = "") -> "Awaitable[None]":
        """Identifies the visitor: ``do identify``, as Jimo documents it.

        It works like the identify of an event. Later commands wait until Jimo calls back, for at
        most 10 seconds. Data of an earlier identify that Jimo does not have yet is dropped.
        You may await the call: it returns when Jimo has called back. It raises CommandError if
        Jimo does not call back in time, or if the user is reset first.

        ``signature`` is for a Jimo project that verifies users: the signature of this ID that your
        backend computes (docs/signature.md).

        analytics.js does not know of this call. Traits and groups of events that name another user
        are dropped, with the error ``other-user``. If analytics.js knows the user, call
        ``analytics.identify()`` instead. If Jimo's ID differs from Segment's, use the mapping of
        Send User Data.
        """
        check_text("identify", "user_id", user_id)
        if not isinstance(signature, str):
            # The message does not show it: it may be a signature of another type.
            came = type(signature).__name__
            raise safe(CommandError(f"identify: signature: expected text, got {came}."))
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

        A value is a text of at most 700 characters, a number, a boolean, or a list of these. These
        are Jimo's limits. With ``refetch``, Jimo selects the user's experiences again. With
        ``remove_unspecified``, Jimo removes all other attributes. Your Jimo project keeps the
        names of attributes for good.
        """
        what = "set_attributes"
        if not isinstance(attributes, dict):
            came = type(attributes).__name__
            raise safe(CommandError(f"{what}: attributes: expected a dict, got {came}."))
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

        The command has the form that Segment's own destination uses for groups.
        """
        check_text("set_group", "group_id", group_id)
        group = ["groupId", ["value", group_id]]
        inner = ["traits", object_plan("set_group: traits", traits)]
        marker: Plan = ["record", ["fromSegment", ["value", True]]]
        self._outbox.send("set user:group", [["record", group, inner], marker], WRITES)

    # What the visitor does and sees.

    def track(self, event: str, properties: "Mapping[str, object] | None" = None) -> None:
        """Sends a track to Jimo: ``do segmentio:track``.

        The command has the form that Segment's own destination uses for tracks, with the current
        user, the anonymous ID, a new message ID, and the time of this call as a date. The window
        event ``jimo-segmentio-track:<event>`` follows, as after each track of analytics.js. Your
        other destinations do not get the track.
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
        """Shows one experience, by its ID: ``do boosted:trigger``."""
        check_text("trigger", "experience_id", experience_id)
        self._outbox.send("do boosted:trigger", [value_plan("", {"evolutionId": experience_id})])

    def open_widget(self, page: str = "", experience_id: str = "") -> None:
        """Opens the widget: ``do widget:open``.

        ``page`` opens one of its pages, such as "feedback". ``experience_id`` opens an experience.
        """
        if page and experience_id:
            raise safe(CommandError("open_widget: expected page or experience_id, got both."))
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
        """Tells Jimo about a new route of a single-page app: ``do boosted:hash-change``."""
        self._outbox.send("do boosted:hash-change", [])

    # What Jimo tells.

    def attributes(self) -> "Awaitable[dict[str, Any]]":
        """Await it for the attributes of the current user: ``get jimer:attributes``.

        Dates are ISO text. All three questions wait until Jimo is live. They raise CommandError if
        Jimo then does not answer within 10 seconds.
        """
        return self._outbox.question("jimer:attributes")

    def last_open_date(self) -> "Awaitable[str | None]":
        """Await it for the time when the widget was last opened: ``get widget:lastOpenDate``.

        The time is ISO text, such as "2026-11-24T10:00:00.000Z", because MicroPython has no
        datetime. It is None if Jimo has no such time.
        """
        return self._outbox.question("widget:lastOpenDate")

    def unread_count(self) -> "Awaitable[int]":
        """Await it for the number of unread items in the widget: ``get widget:unreadCount``."""
        return self._outbox.question("widget:unreadCount")

    def on(self, name: str, listener: "Callable[..., object]") -> None:
        """Calls ``listener`` for each of Jimo's events with this name.

        The names depend on your version of Jimo. The listener gets Python values if JSON can
        represent them. It stays until ``off``. An error in it is listed in
        ``destination.status()["errors"]``.
        """
        check_text("on", "name", name)
        if not callable(listener):
            came = type(listener).__name__
            raise safe(CommandError(f"on: listener: expected a function, got {came}."))
        self._outbox.listen(name, listener)

    def off(self, name: str) -> None:
        """Removes all listeners of this name at once."""
        check_text("off", "name", name)
        self._outbox.unlisten(name)
