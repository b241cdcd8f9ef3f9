"""MicroPython runs with the page's own functions, or in a hidden frame if a script has changed one.

The frame goes away with the try to boot, or with the destination.
"""

import pytest

from tests.support.site import NEEDS_FRAME, Site, tag

FRAMES = "document.querySelectorAll('iframe').length"
COUNTING = """<script>
window.frames_ = 0;
new MutationObserver((changes) => {
  for (const { addedNodes } of changes)
    for (const { localName } of addedNodes) window.frames_ += localName === "iframe";
}).observe(document, { childList: true, subtree: true });
</script>"""
# What MicroPython needs of a window. Each one would stop it, or give it wrong values.
CHANGES = {
    "compile": "WebAssembly.compile = WebAssembly.compileStreaming = async () => ({});",
    "streaming": "WebAssembly.compileStreaming = () => new Promise(() => {});",
    "a module": "WebAssembly.Module = class {};",
    "imports": "WebAssembly.Module.imports = () => [];",
    "an instance": "WebAssembly.Instance = class { exports = {}; };",
    "no WebAssembly": "delete window.WebAssembly;",
    "a decoder": "window.TextDecoder = class { decode() { return 'wrong'; } };",
    "decode": "TextDecoder.prototype.decode = () => 'wrong';",
    "encode": "TextEncoder.prototype.encode = function encode() {}.bind();",
    "a weak reference": "window.WeakRef = class { deref() {} };",
    "deref": NEEDS_FRAME.removeprefix("<script>").removesuffix("</script>"),
    "no registry": "delete window.FinalizationRegistry;",
    "register": "FinalizationRegistry.prototype.register = () => { throw new Error('no'); };",
}


def test_there_is_no_frame_where_the_page_has_changed_nothing(site: Site) -> None:
    site.snippet(before=COUNTING + tag(), calls='analytics.identify("u1"); analytics.track("one");')
    site.settled(2)
    assert site.run("frames_") == 0


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_python_runs_in_a_frame_where_a_script_has_changed(site: Site, change: str) -> None:
    site.snippet(before=f"<script>{change}</script>{tag()}", calls='analytics.track("one");')
    status = site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]
    assert status["errors"] == [] and site.run(FRAMES) == 1


def test_what_a_script_changes_later_does_not_matter(site: Site) -> None:
    site.snippet(before=tag(), calls='analytics.track("one");')
    site.settled(1)
    site.run(
        """TextDecoder.prototype.decode = TextEncoder.prototype.encode = () => "wrong";
        WeakRef.prototype.deref = FinalizationRegistry.prototype.register = () => { throw 0; };
        delete window.WebAssembly, delete window.TextDecoder, 0"""
    )
    site.run("analytics.identify('u1', { plan: 'pro' }), 0")
    assert site.settled(2)["errors"] == []
    assert site.log()[1:] == [
        'do identify "u1" @anonymous',
        'set user:attributes {"plan":"pro"} @u1',
    ]


def boots_without_end(site: Site) -> None:
    """Opens a page on which Python never arrives."""
    site.page.clock.install()
    site.page.route("**/micropython-*.wasm", lambda route: None)
    site.snippet(before=NEEDS_FRAME + tag(), calls='analytics.track("one");')
    site.until(f"segmentJimo.status().state === 'booting' && {FRAMES} === 1")


def test_a_try_that_is_given_up_takes_its_frame_along(site: Site) -> None:
    boots_without_end(site)
    site.page.clock.fast_forward(61_000)
    site.until(f"segmentJimo.status().state === 'failed' && {FRAMES} === 0")


def test_a_later_try_has_the_only_frame(site: Site) -> None:
    boots_without_end(site)
    site.page.clock.fast_forward(61_000)
    site.until("segmentJimo.status().state === 'failed'")
    site.page.unroute("**/micropython-*.wasm")
    site.run('analytics.track("two")')
    site.page.clock.fast_forward(2_000)
    site.until("segmentJimo.status().state === 'running'")
    assert site.run(FRAMES) == 1


@pytest.mark.parametrize("when", ("booting", "running"))
def test_deregistering_takes_the_frame_along(site: Site, when: str) -> None:
    if when == "booting":
        boots_without_end(site)
    else:
        site.snippet(before=NEEDS_FRAME + tag())
        site.until(f"segmentJimo.status().state === 'running' && {FRAMES} === 1")
    site.until("analytics.initialized")
    site.run("analytics.deregister('Jimo (Actions)')")
    if when == "booting":
        site.page.clock.fast_forward(100)
    site.until(f"{FRAMES} === 0")
