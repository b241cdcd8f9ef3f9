"""The three actions of the Jimo destination, declared as data.

An action has fields, which a subscription fills from the event, and commands, which are built from
the fields. A plan is a nested list ``[operator, *operands]`` that web/later/plan.js runs. Names,
types and default mappings are those of Segment's catalog; the commands are those of its
destination.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    # Data for web/later/plan.js, as JSON.
    Plan = list[object]


class Field:
    """One input of an action.

    Attributes:
        name: Its name in a mapping.
        type: "STRING" (text; numbers and booleans become what JavaScript prints; dates stay dates)
            or "OBJECT".
        path: Where the preset reads it, such as "$.traits.email".
        required: Whether the action is left out if the field has no value.
        always: Whether the path also applies if a mapping does not name the field.
    """

    def __init__(
        self, name: str, type: str, path: str, required: bool = False, always: bool = False
    ) -> None:
        self.name = name
        self.type = type
        self.path = path
        self.required = required
        self.always = always


class Command:
    """One call of ``window.jimo.push``.

    ``when`` names a field: without its value, the command is left out. ``writes`` marks a command
    that changes the current user's profile. ``identifies`` marks one that changes the user: it
    takes a callback, and later commands wait for that. ``announce`` names the field whose value
    completes the window event ``jimo-segmentio-track:<value>``. ``optional`` names the field whose
    value becomes the last argument, if it has one.
    """

    def __init__(
        self,
        verb: str,
        method: str,
        args: "Sequence[Plan]",
        when: str = "",
        writes: bool = False,
        identifies: bool = False,
        announce: str = "",
        optional: str = "",
    ) -> None:
        # MicroPython has no [*args] displays.
        inner: Plan = ["list"]
        inner.extend(args)
        if optional:
            inner = ["optional", inner, _field(optional)]
        self.plan: Plan = ["list", ["value", verb], ["value", method], inner]
        self.when = when
        self.writes = writes
        self.identifies = identifies
        self.announce = announce


class Action:
    """What a subscription can do with an event. ``ACTIONS`` has all of them.

    Attributes:
        name: Its name in Segment's JSON, such as "sendUserData".
        title: Its name for people, such as "Send User Data".
        type: The type of events in its preset: "identify", "track" or "group".
        fields: What a mapping can fill, each a Field.
        commands: What goes to Jimo.
    """

    def __init__(
        self,
        name: str,
        title: str,
        type: str,
        fields: "Sequence[Field]",
        commands: "Sequence[Command]",
    ) -> None:
        self.name = name
        self.title = title
        self.type = type
        self.fields = fields
        self.commands = commands

    def plan(self, refetch: bool) -> dict[str, object]:
        """Returns the action as data for the page side, with ``refetch`` in place of REFETCH."""
        return {
            "name": self.name,
            "fields": [
                {"name": field.name, "type": field.type, "required": field.required}
                for field in self.fields
            ],
            "commands": [
                {
                    "plan": _put_refetch(command.plan, refetch),
                    "when": command.when,
                    "identifies": command.identifies,
                    "writes": command.writes,
                    "announce": command.announce,
                }
                for command in self.commands
            ],
        }


def _put_refetch(plan: "Plan", refetch: bool) -> "Plan":
    if plan == REFETCH:
        return ["value", refetch]
    return [_put_refetch(part, refetch) if isinstance(part, list) else part for part in plan]


def _field(name: str) -> "Plan":
    return ["field", name]


# Segment's own destination marks its commands like this.
_FROM_SEGMENT: "Plan" = ["object", ["fromSegment", ["value", True]]]

# Where pages put the signature of a user. It is no trait, so it is not among them.
SIGNATURE = "$.integrations.Jimo (Actions).signature"

# Stands for the refetch setting in a plan.
REFETCH: "Plan" = ["refetch"]

SEND_USER_DATA = Action(
    "sendUserData",
    "Send User Data",
    "identify",
    (
        Field("userId", "STRING", "$.userId"),
        Field("email", "STRING", "$.traits.email"),
        Field("traits", "OBJECT", "$.traits"),
        Field("signature", "STRING", SIGNATURE, always=True),
    ),
    (
        Command(
            "do",
            "identify",
            [_field("userId"), ["callback"]],
            when="userId",
            identifies=True,
            optional="signature",
        ),
        Command("set", "user:email", [_field("email")], when="email", writes=True),
        Command(
            "set",
            "user:attributes",
            [_field("traits"), REFETCH, ["value", True]],
            when="traits",
            writes=True,
        ),
    ),
)
"""Identifies the user, and sets their email and attributes. Segment's ``sendUserData``.

Fields: ``userId``, ``email``, ``traits``, ``signature``. With an id, email and traits go out in the
callback of ``do identify``; without one, at once. With ``signature`` your backend proves that this
visitor is that user. A mapping that does not name it gets it from where pages put it:
``integrations: {"Jimo (Actions)": {signature}}`` in the options of the identify.
"""

SEND_TRACK_EVENT = Action(
    "sendTrackEvent",
    "Send Track Event",
    "track",
    (
        Field("messageId", "STRING", "$.messageId", required=True),
        Field("timestamp", "STRING", "$.timestamp", required=True),
        Field("event_name", "STRING", "$.event", required=True),
        Field("userId", "STRING", "$.userId"),
        Field("anonymousId", "STRING", "$.anonymousId"),
        Field("properties", "OBJECT", "$.properties"),
    ),
    (
        Command(
            "do",
            "segmentio:track",
            [
                [
                    "object",
                    ["event", _field("event_name")],
                    ["userId", _field("userId")],
                    ["anonymousId", _field("anonymousId")],
                    ["messageId", _field("messageId")],
                    ["timestamp", _field("timestamp")],
                    ["receivedAt", _field("timestamp")],
                    ["properties", _field("properties")],
                ]
            ],
            announce="event_name",
        ),
    ),
)
"""Tells Jimo what the user did. Segment's ``sendTrackEvent``.

Fields: ``messageId``, ``timestamp``, ``event_name`` (all three required), ``userId``,
``anonymousId``, ``properties``.
"""

SEND_GROUP_DATA = Action(
    "sendGroupData",
    "Send Group Data",
    "group",
    (
        Field("groupId", "STRING", "$.groupId", required=True),
        Field("traits", "OBJECT", "$.traits"),
    ),
    (
        Command(
            "set",
            "user:group",
            [
                [
                    "object",
                    ["groupId", _field("groupId")],
                    ["traits", ["or", _field("traits"), ["object"]]],
                ],
                _FROM_SEGMENT,
            ],
            writes=True,
        ),
    ),
)
"""Sets the group of the user, with its traits. Segment's ``sendGroupData``.

Fields: ``groupId`` (required), ``traits``.
"""

ACTIONS = (SEND_USER_DATA, SEND_TRACK_EVENT, SEND_GROUP_DATA)
"""All actions, in the order of their presets."""

NAMED = {action.name: action for action in ACTIONS}
