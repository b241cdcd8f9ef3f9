"""The modules ``pyscript`` and ``pyscript.ffi`` for a page's own Python that we run."""

import asyncio
import sys

import js

try:
    from pyodide.ffi import create_proxy, to_js
except ImportError:
    from jsffi import create_proxy, to_js

__all__ = ["create_proxy", "document", "ffi", "to_js", "when", "window"]

window = js.window
document = js.document
# `from pyscript.ffi import create_proxy` works too.
ffi = sys.modules["pyscript.ffi"] = sys.modules[__name__]


def when(event_type, selector):
    """Calls the decorated function for an event of each matching element.

    Args:
        event_type: Such as "click".
        selector: A CSS selector, or an element.
    """

    def decorate(work):
        def listen(event):
            try:
                answer = work(event)
            except TypeError as error:
                if "takes 0 positional arguments" not in str(error):
                    raise
                answer = work()
            # A coroutine.
            if hasattr(answer, "send"):
                asyncio.create_task(answer)  # noqa: RUF006 (what it waits for holds it)

        one = not isinstance(selector, str)
        for element in [selector] if one else document.querySelectorAll(selector):
            element.addEventListener(event_type, create_proxy(listen))
        return work

    return decorate
