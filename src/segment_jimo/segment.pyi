"""Segment's JSON of a subscription, for type checkers; nothing of it is there at run time."""

from collections.abc import Callable
from typing import Literal, Required, TypeAlias, TypedDict

from .events import View

# One mapping for all fields.
_Directive = TypedDict(
    "_Directive",
    {
        "@path": object,
        "@template": object,
        "@liquid": object,
        "@literal": object,
        "@excludeWhenNull": object,
        "@if": object,
        "@case": object,
        "@replace": object,
        "@arrayPath": object,
        "@flatten": object,
        "@json": object,
        "@merge": object,
        "@transform": object,
    },
    total=False,
)

class _UserData(TypedDict, total=False):
    userId: object
    email: object
    traits: object
    signature: object

class _TrackEvent(TypedDict, total=False):
    messageId: object
    timestamp: object
    event_name: object
    userId: object
    anonymousId: object
    properties: object

class _GroupData(TypedDict, total=False):
    groupId: object
    traits: object

class _Common(TypedDict, total=False):
    name: str
    enabled: bool
    subscribe: str | Callable[[View], object]
    id: str

class SendUserDataJson(_Common, total=False):
    partnerAction: Required[Literal["sendUserData"]]
    mapping: _UserData | _Directive | Callable[[View], object]

class SendTrackEventJson(_Common, total=False):
    partnerAction: Required[Literal["sendTrackEvent"]]
    mapping: _TrackEvent | _Directive | Callable[[View], object]

class SendGroupDataJson(_Common, total=False):
    partnerAction: Required[Literal["sendGroupData"]]
    mapping: _GroupData | _Directive | Callable[[View], object]

SubscriptionJson: TypeAlias = SendUserDataJson | SendTrackEventJson | SendGroupDataJson
