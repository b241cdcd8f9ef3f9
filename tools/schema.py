"""Makes a JSON Schema of the settings from the tables with which the package checks them.

With it, editors complete and check settings and subscriptions. It is draft 7, because all editors
know that.
"""

from segment_jimo.actions import ACTIONS, Action, Field
from segment_jimo.directives import ALLOWED, LONGEST_LIQUID, OPTIONS, VALUES
from segment_jimo.directives import CHOICES as CHECKED_CHOICES
from segment_jimo.settings import MOST_SUBSCRIPTIONS, NAMES
from segment_jimo.subscriptions import KEYS

Schema = dict[str, object]

FLAG: Schema = {"type": "boolean", "default": False}
TEXT: Schema = {"type": "string"}


def ref(name: str) -> Schema:
    """Returns a reference to a definition."""
    return {"$ref": f"#/definitions/{name}"}


# The schema of each setting. If one is missing, the code below raises a KeyError.
SETTINGS: dict[str, Schema] = {
    "projectId": {**TEXT, "pattern": r"\S", "description": "Id of your Jimo project."},
    "manualInit": {**FLAG, "description": "Initialize only for identified users."},
    "refetchExperiencesOnTraitsUpdate": {
        **FLAG,
        "description": "Refetch experiences after traits changes.",
    },
    "subscriptions": {**ref("subscriptions"), "description": "What replaces the presets."},
    "runtime": {
        "enum": ["micropython", "pyodide", "page"],
        "default": "micropython",
        "description": "Which Python runs; page is one that the page has itself.",
    },
    "analytics": {
        **TEXT,
        "default": "analytics",
        "description": "Name of the global that holds analytics.js.",
    },
    "assets": {**TEXT, "description": "URL of the folder with the other files of dist/."},
    "sdkUrl": {**TEXT, "description": "Where the Jimo script is, for a proxy or a test."},
    "debug": {**FLAG, "description": "Explain on the console what happens."},
    "killOnReset": {**FLAG, "description": "analytics.reset() also ends Jimo."},
    "python": {**TEXT, "description": "URL of a Python file that calls segment_jimo.attach()."},
    "inspector": {**FLAG, "description": "The page's URL may open the inspector."},
    "versionSettings": {"description": "Segment's own."},
}
SUBSCRIPTION: dict[str, Schema] = {
    "partnerAction": {
        "enum": [action.name for action in ACTIONS],
        "description": "What to do with the event.",
    },
    "subscribe": {
        **TEXT,
        "description": 'The trigger, such as: type = "track". Default: the action\'s preset.',
        "examples": [f'type = "{action.type}"' for action in ACTIONS],
    },
    "mapping": {"description": "How the fields of the action are filled. Default: its preset."},
    "enabled": {"type": "boolean", "default": True},
    "name": {**TEXT, "description": "What errors call it."},
    "id": {**TEXT, "description": "Segment's own."},
}
# Options that Segment reads without checking them.
UNCHECKED = {
    "@if": {"blank": "any"},
    "@replace": {"pattern2": "plain text", "replacement2": "plain text"},
    "@flatten": {"omitArrays": "any"},
}
# Segment checks this one only when an event reaches it.
CHOICES = {**CHECKED_CHOICES, ("@case", "operator"): ("lower", "upper")}
KINDS: dict[str, Schema] = {
    "any": ref("mapping"),
    "text": {"anyOf": [TEXT, ref("directive")]},
    "plain text": TEXT,
    "object": {"anyOf": [ref("object"), ref("directive")]},
    "list": {"type": "array", "items": ref("mapping")},
    "true or false": {"type": "boolean"},
}
assert KINDS.keys() == ALLOWED.keys()


def an_object(properties: "dict[str, Schema]", *required: str, **more: object) -> Schema:
    """Returns the schema of an object that has no other keys."""
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        found["required"] = list(required)
    return found | more


def options(name: str) -> Schema:
    """Returns the schema of the options of a directive."""
    kinds = OPTIONS[name] | UNCHECKED.get(name, {})
    found = {option: KINDS[kind.rstrip("*")] for option, kind in kinds.items()}
    for (directive, option), choices in CHOICES.items():
        if directive == name:
            found[option] = {"enum": list(choices)}
    return an_object(found, *[option for option, kind in kinds.items() if kind.endswith("*")])


def directives() -> "dict[str, Schema]":
    """Returns the schema of the options of all directives."""
    found = {name: KINDS[kind] for name, kind in VALUES.items()}
    found["@liquid"] = {**TEXT, "maxLength": LONGEST_LIQUID}
    found |= {name: options(name) for name in OPTIONS}
    shape = [KINDS["text"], ref("mapping")]
    found["@arrayPath"] = {"type": "array", "items": shape, "minItems": 1, "maxItems": 2}
    return found


def one_field(field: Field) -> Schema:
    """Returns the schema of a field of a mapping."""
    needed = "Required. " if field.required else ""
    return {
        "allOf": [ref("mapping")],
        "description": f"{needed}The preset takes it from {field.path}.",
        "default": {"@path": field.path},
    }


def mapping_of(action: Action) -> Schema:
    """Returns the schema of the mapping of a subscription with this action."""
    fields = an_object({field.name: one_field(field) for field in action.fields})
    fields["patternProperties"] = {"^__segment_internal_": {}}
    return {
        "if": {"properties": {"partnerAction": {"const": action.name}}},
        "then": {"properties": {"mapping": {"if": ref("directive"), "else": fields}}},
    }


def make() -> Schema:
    """Returns the schema of settings, or of a list of subscriptions alone."""
    each = [
        an_object({name: schema, "_metadata": {}}, name) for name, schema in directives().items()
    ]
    plain = [*[{"type": kind} for kind in ("string", "number", "boolean", "null")], KINDS["list"]]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of segment-jimo",
        "if": {"type": "array"},
        "then": ref("subscriptions"),
        "else": an_object({name: SETTINGS[name] for name in NAMES}),
        "definitions": {
            "subscriptions": {"type": "array", "items": ref("subscription")},
            "subscription": an_object(
                {key: SUBSCRIPTION[key] for key in KEYS},
                "partnerAction",
                allOf=[mapping_of(action) for action in ACTIONS],
            ),
            "mapping": {"anyOf": [*plain, ref("directive"), ref("object")]},
            "directive": {"type": "object", "oneOf": each},
            "object": {
                "type": "object",
                "propertyNames": {"pattern": "^[^@]|^$"},
                "additionalProperties": ref("mapping"),
            },
        },
        "$comment": f"At most {MOST_SUBSCRIPTIONS} subscriptions may be enabled.",
    }
