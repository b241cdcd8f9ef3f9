"""Order and identity: whose profile is written to, in any order of events and callbacks."""

from typing import Any

from tests.support.site import STALL, Site, both_runtimes, tag

# Jimo's script is on its way before Python has asked for it.
ASKED_AHEAD = "!!document.querySelector('link[rel=preload]')"


@both_runtimes
def test_a_callback_that_comes_twice_writes_once(site: Site, runtime: str) -> None:
    site.snippet(
        before=tag(runtime=runtime, sdk_url="/web/playground/simulator.js?boot=30&identify=twice"),
        calls='analytics.identify("u1", {plan: "pro"}); analytics.track("one");',
    )
    site.settled(2)
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:attributes {"plan":"pro"} @u1',
        "do segmentio:track one @u1",
    ]


@both_runtimes
def test_a_callback_that_comes_at_once_keeps_the_order(site: Site, runtime: str) -> None:
    site.snippet(
        before=tag(runtime=runtime, sdk_url="/web/playground/simulator.js?boot=30&identify=sync"),
        calls='analytics.identify("u1", {plan: "pro"}); analytics.track("one");',
    )
    site.settled(2)
    assert [line.rsplit(" ", 1)[1] for line in site.log()] == ["@anonymous", "@u1", "@u1"]


@both_runtimes
def test_an_open_identify_lets_others_pass_after_its_deadline_and_writes_nothing(
    site: Site, runtime: str
) -> None:
    site.page.clock.install()
    site.snippet(
        before=tag(runtime=runtime, sdk_url="/web/playground/simulator.js?boot=30&identify=never"),
        calls='analytics.identify("u1", {plan: "pro"}); analytics.track("one");',
    )
    site.until("window.jimoSimulator?.log.length === 1")
    site.page.clock.fast_forward(9_000)
    assert site.log() == ['do identify "u1" @anonymous']
    site.page.clock.fast_forward(2_000)
    site.until("jimoSimulator.log.length === 2")
    assert site.log()[1] == "do segmentio:track one @anonymous"
    status = site.status()
    assert status["events"]["held"] == 1
    assert [error["code"] for error in status["errors"]] == ["identify-timeout"]


@both_runtimes
def test_after_a_reset_nothing_is_written_to_a_profile_before_the_next_identify(
    site: Site, runtime: str
) -> None:
    site.snippet(before=tag(runtime=runtime))
    site.until("window.analytics.initialized && segmentJimo.status().sdk === 'live'")
    site.run('analytics.identify("u1", {plan: "pro"})')
    site.settled(1)
    site.run('(analytics.reset(), analytics.identify({plan: "x"}), analytics.group("g"))')
    site.until("segmentJimo.status().events.held === 2")
    site.run('analytics.track("free")')
    site.until("segmentJimo.status().events.delivered === 2")
    site.run('analytics.identify("u2", {plan: "y"})')
    site.settled(5)
    assert site.log()[2:] == [
        "do segmentio:track free @u1",
        'do identify "u2" @u1',
        'set user:attributes {"plan":"x"} @u2',
        "set user:group g @u2",
        'set user:attributes {"plan":"y"} @u2',
    ]


@both_runtimes
def test_identified_only_waits_again_after_a_reset(site: Site, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, manual_init=True), calls='analytics.identify("u1");')
    site.settled(1)
    site.run('(analytics.reset(), analytics.track("anonymous"))')
    site.until("segmentJimo.status().events.held === 1")
    site.run('analytics.track("also")')
    site.until("segmentJimo.status().events.held === 2")
    site.run('analytics.identify("u2", {plan: "y"})')
    site.settled(4)
    assert site.log() == [
        'do identify "u1" @anonymous',
        "set user:attributes {} @u1",
        'do identify "u2" @u1',
        "do segmentio:track anonymous @u2",
        "do segmentio:track also @u2",
        'set user:attributes {"plan":"y"} @u2',
    ]


@both_runtimes
def test_an_event_of_the_user_before_a_reset_does_not_start_jimo(site: Site, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, manual_init=True))
    site.until("window.analytics.initialized && segmentJimo.status().timings.registered")
    site.run('(analytics.identify("u1", {plan: "pro"}), analytics.reset())')
    site.until("segmentJimo.status().events.dropped === 1")
    status = site.status()
    assert status["state"] == "waiting"
    assert [error["code"] for error in status["errors"]] == ["reset"]
    assert "simulator" not in " ".join(site.server.requests)


@both_runtimes
def test_identified_only_an_event_of_the_user_before_a_reset_is_not_kept_for_the_next(
    site: Site, runtime: str
) -> None:
    site.snippet(before=tag(runtime=runtime, manual_init=True), calls='analytics.identify("u1");')
    site.settled(1)
    site.run('(analytics.track("mine"), analytics.reset(), analytics.identify("u2"))')
    site.settled(3)
    assert [line for line in site.log() if "attributes" not in line] == [
        'do identify "u1" @anonymous',
        "do segmentio:track mine @u1",
        'do identify "u2" @u1',
    ]


def test_identified_only_asks_for_jimo_ahead_only_where_the_user_is_certain(site: Site) -> None:
    def opened(calls: str, before: str = "", **more: Any) -> bool:
        """Opens a page; returns whether Jimo was asked for before Python ran."""
        site.snippet(before=before + tag(**{"manual_init": True} | more), calls=calls)
        site.until("window.segmentJimo?.status().state === 'running'")
        asked: bool = site.run(ASKED_AHEAD)
        return asked

    mapped = """<script type="application/json" data-segment-jimo>{"subscriptions": [
      {"partnerAction": "sendUserData",
       "mapping": {"userId": {"@liquid": "{{ traits.no }}"}}}]}</script>"""
    drops = "analytics.addDestinationMiddleware('Jimo (Actions)', ({ next }) => next(null));"
    manual = b"import segment_jimo\nsegment_jimo.attach(manual_init=True)\n"
    site.server.answers["/jimo.py"] = lambda _: (200, "text/x-python", manual)
    # A program says only later that there has to be a user.
    assert not opened("analytics.track('one');", python="/jimo.py", manual_init=False)
    assert opened("analytics.identify('u1');")
    assert not opened("analytics.identify('u1');", mapped)
    assert not opened(f"{drops} analytics.identify('u1');")


def test_a_user_who_was_reset_before_python_boots_does_not_have_jimo_asked_for(site: Site) -> None:
    waiting: list[Any] = []
    site.page.route("**/segment-jimo-start-*.mjs", lambda route: waiting.append(route))
    site.snippet(before=tag(manual_init=True), calls='analytics.identify("u1");')
    site.until("window.segmentJimo?.status().state === 'booting'")
    site.run("analytics.reset()")
    while not waiting:
        site.page.wait_for_timeout(10)
    waiting[0].continue_()
    site.until("segmentJimo.status().state === 'running'")
    assert not site.run(ASKED_AHEAD)
    assert not any("simulator" in path for path in site.server.requests)


@both_runtimes
def test_a_script_that_is_blocked_is_tried_again_and_nothing_is_lost(
    site: Site, runtime: str
) -> None:
    site.server.answers["/web/playground/simulator.js"] = lambda _: (404, "text/plain", b"")
    site.snippet(before=tag(runtime=runtime), calls='analytics.track("one");')
    site.until("segmentJimo.status().sdk === 'failed'")
    assert site.status()["events"]["held"] == 1
    del site.server.answers["/web/playground/simulator.js"]
    site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]


@both_runtimes
def test_over_quota_nothing_is_held(site: Site, runtime: str) -> None:
    site.snippet(
        before=tag(runtime=runtime, sdk_url="/web/playground/simulator.js?fault=quota"),
        calls='analytics.track("one");',
    )
    site.until("segmentJimo.status().events.dropped === 1")
    status = site.status()
    assert status["sdk"] == "quota"
    assert [error["code"] for error in status["errors"]] == ["quota-reached"]


@both_runtimes
def test_a_push_that_throws_costs_that_event_only(site: Site, runtime: str) -> None:
    site.snippet(
        before=tag(
            runtime=runtime,
            sdk_url="/web/playground/simulator.js?boot=30&identify=30&fault=push-throws",
        ),
        calls='analytics.identify("u1", {plan: "pro"}); analytics.track("one");',
    )
    status = site.settled(2)
    assert status["events"]["delivered"] == 1
    assert [error["code"] for error in status["errors"]] == ["push-failed"]


@both_runtimes
def test_a_full_buffer_gives_up_the_oldest_track_and_never_the_user(
    site: Site, runtime: str
) -> None:
    site.snippet(before=tag(runtime=runtime, sdk_url=STALL))
    site.until("window.analytics.initialized")
    site.run(
        """(analytics.identify("u1"),
            Array.from({length: 1010}, (_, index) => { analytics.track(`t${index}`); }).length)"""
    )
    site.until("segmentJimo.status().events.received === 1011")
    site.server.stalled.set()
    status = site.settled(1011)
    assert status["events"]["dropped"] == 11
    log = site.log()
    assert log[0] == 'do identify "u1" @anonymous'
    assert log[2] == "do segmentio:track t11 @u1"
    assert log[-1] == "do segmentio:track t1009 @u1"


def test_a_full_buffer_keeps_what_subscriptions_make_user_data_of(site: Site) -> None:
    site.snippet(before=tag(project_id=False))
    site.until("window.analytics.initialized")
    site.run(
        """analytics.register(jimoDestination({
            projectId: "p1",
            sdkUrl: "STALL",
            subscriptions: [
                {partnerAction: "sendTrackEvent", subscribe: 'type = "track"'},
                {partnerAction: "sendUserData", subscribe: 'event = "Signed Up"',
                 mapping: {traits: {"@path": "$.properties"}}},
            ],
        }))""".replace("STALL", STALL)
    )
    site.until("window.segmentJimo?.status().state === 'running'")
    site.run(
        """(analytics.track("Signed Up", {plan: "pro"}),
            Array.from({length: 1005}, (_, index) => { analytics.track(`t${index}`); }).length)"""
    )
    site.until("segmentJimo.status().events.received === 1006")
    site.server.stalled.set()
    status = site.settled(1006)
    assert status["events"]["dropped"] == 6
    assert site.log()[:3] == [
        "do segmentio:track Signed Up @anonymous",
        'set user:attributes {"plan":"pro"} @anonymous',
        "do segmentio:track t6 @anonymous",
    ]
