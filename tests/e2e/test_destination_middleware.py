"""analytics.js's own destination middlewares, where the plugin is registered directly."""

import pytest

from tests.support.site import Site, both_runtimes, tag

# The first one takes longer for earlier events, the second one hides an email and drops an event.
ADD = """
analytics.addDestinationMiddleware("Jimo (Actions)",
  async ({ payload, next, integration }) => {
    window.seen = integration;
    await new Promise((resolve) => setTimeout(resolve, 60 - 20 * (payload.obj.properties?.n ?? 0)));
    next(payload);
  },
  ({ payload, next }) => {
    if (payload.event() === "secret") return next(null);
    if (payload.event() === "silent") return;
    if (payload.obj.traits) payload.obj.traits.email = "hidden";
    next(payload);
  });
"""
EVENTS = """
analytics.identify("u1", { email: "ada@example.com" });
for (const [n, name] of ["a", "secret", "silent", "b"].entries()) analytics.track(name, { n });
"""


@both_runtimes
def test_middlewares_change_and_drop_for_jimo_alone_and_the_order_stays(
    site: Site, runtime: str
) -> None:
    site.snippet(tag(runtime=runtime), f"analytics.ready(() => {{ {ADD} {EVENTS} }});")
    status = site.settled(5)
    assert [line.split(" @")[0] for line in site.log()] == [
        'do identify "u1"',
        'set user:email "hidden"',
        'set user:attributes {"email":"hidden"}',
        "do segmentio:track a",
        "do segmentio:track b",
    ]
    assert site.run("seen") == "Jimo (Actions)"
    assert (status["events"]["delivered"], status["events"]["dropped"]) == (3, 2)
    (error,) = status["errors"]
    assert (error["code"], error["count"]) == ("dropped-by-middleware", 2)


def test_they_may_be_added_before_analytics_has_come(site: Site) -> None:
    site.snippet(tag(), ADD + EVENTS)
    site.settled(5)
    assert "ada@example.com" not in str(site.log()) and len(site.log()) == 5


def test_they_stay_where_the_destination_is_deregistered_and_registered_again(site: Site) -> None:
    keep = "window.plugin = analytics.queue.plugins.find(({ name }) => name === 'Jimo (Actions)')"
    site.snippet(tag(), f"{ADD} analytics.ready(() => {{ {keep} }});")
    site.until("!!window.plugin")
    site.run("analytics.deregister(plugin.name).then(() => analytics.register(plugin))")
    site.run("void analytics.identify('u1', { email: 'ada@example.com' })")
    site.settled(1)
    assert site.log()[1] == 'set user:email "hidden" @u1'


@pytest.mark.parametrize(
    ("thrown", "said"),
    [
        ("new TypeError('ada@example.com')", "TypeError"),
        ("{ name: 'Ada Lovelace' }", "object"),
        ("Object.assign(new Error(), { name: 'Ada' })", "object"),
        ("'ada@example.com'", "string"),
        ("{ get name() { throw 1; } }", "object"),
    ],
)
def test_a_middleware_that_fails_costs_that_event_and_is_not_quoted(
    site: Site, thrown: str, said: str
) -> None:
    add = f"""analytics.addDestinationMiddleware("Jimo (Actions)", ({{ payload, next }}) => {{
      if (payload.event() === "bad") throw {thrown};
      next(payload);
    }});"""
    site.snippet(tag(), f"{add} analytics.track('bad'); analytics.track('good');")
    status = site.settled(2)
    assert site.log() == ["do segmentio:track good @anonymous"]
    (error,) = status["errors"]
    assert error["code"] == "middleware-failed"
    assert f" failed: {said}. " in error["message"]


@pytest.mark.parametrize("anonymous", (True, False))
def test_an_identified_only_page_starts_for_whom_the_middlewares_let_through(
    site: Site, anonymous: bool
) -> None:
    change = "delete payload.obj.userId" if anonymous else "payload.obj.userId = 'masked'"
    add = f"""analytics.addDestinationMiddleware("Jimo (Actions)", ({{ payload, next }}) => {{
      {change};
      next(payload);
    }});"""
    site.snippet(tag(manual_init=True), f"{add} analytics.identify('u1');")
    if anonymous:
        site.until("segmentJimo.status().state === 'running'")
        assert site.run("typeof jimo") == "undefined"
    else:
        site.settled(1)
        assert site.log()[0] == 'do identify "masked" @anonymous'
