"""segment-jimo: a destination for Segment's analytics.js that drives the Jimo in-app SDK.

Who may import what: errors ◀ actions ◀ names, triggers, mappings, paths ◀ events ◀ subscriptions
◀ settings; identity, sdk ◀ delivery ◀ outbox ◀ jimo ◀ destination ◀ browser ◀ attach. Only
browser and attach talk to JavaScript.
"""

from .actions import ACTIONS, SEND_GROUP_DATA, SEND_TRACK_EVENT, SEND_USER_DATA, Action, Field
from .attach import attach
from .destination import Destination
from .errors import AttachError, CommandError, SegmentJimoError, SettingsError
from .events import View
from .jimo import Jimo
from .settings import Settings
from .subscriptions import Subscription

__all__ = [
    "ACTIONS",
    "SEND_GROUP_DATA",
    "SEND_TRACK_EVENT",
    "SEND_USER_DATA",
    "Action",
    "AttachError",
    "CommandError",
    "Destination",
    "Field",
    "Jimo",
    "SegmentJimoError",
    "Settings",
    "SettingsError",
    "Subscription",
    "View",
    "attach",
]
__version__ = "0.2.0"
