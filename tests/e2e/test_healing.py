"""Failures of Jimo's script, and what heals them: nothing is lost, two SDKs never run at once."""

from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes, pyscript, tag

ONE = 'analytics.identify("u1"); analytics.track("one");'
BOTH = [
    'do identify "u1" @anonymous',
    "set user:attributes {} @u1",
    "do segmentio:track one @u1",
]
CODES = "segmentJimo.status().errors.map((error) => error.code).join()"


@both_runtimes
def test_a_script_that_stalls_is_tried_again_and_never_runs_beside_the_next(
    site: Site, runtime: str
) -> None:
    site.page.clock.install()
    site.page.add_init_script("window.JIMO_SIMULATOR = {boot: 30, identify: 30}")
    site.snippet(
        before=tag(runtime=runtime, sdk_url="/web/playground/simulator.js?answer=stall"), calls=ONE
    )
    site.until("segmentJimo.status().sdk === 'loading' && document.scripts.length > 2")
    site.until("[...document.scripts].some(({src}) => src.includes('simulator'))")
    site.page.clock.fast_forward(31_000)
    site.until(f"{CODES} === 'sdk-failed'")
    # The second one comes, and then the first one does as well.
    site.server.stalled.set()
    site.page.clock.fast_forward(1_500)
    site.settled(2)
    site.page.wait_for_load_state("networkidle")
    assert site.log() == BOTH
    assert site.run("jimoSimulator.loads") == 1


@both_runtimes
def test_a_script_that_throws_is_tried_again(site: Site, runtime: str) -> None:
    site.page.add_init_script("window.JIMO_SIMULATOR = {fault: 'throw', boot: 30, identify: 30}")
    site.snippet(before=tag(runtime=runtime), calls=ONE)
    site.until(f"{CODES} === 'sdk-failed'")
    assert site.status()["sdk"] == "failed"
    site.run("JIMO_SIMULATOR.fault = ''")
    site.settled(2)
    assert site.log() == BOTH
    assert site.errors == ["The Jimo simulator was told to throw."]
    site.errors.clear()


@both_runtimes
def test_a_jimo_that_never_goes_live_is_named_watched_and_not_loaded_again(
    site: Site, runtime: str
) -> None:
    site.page.clock.install()
    site.snippet(
        before=tag(runtime=runtime, sdk_url="/web/playground/simulator.js?fault=never-live"),
        calls=ONE,
    )
    site.until("window.jimoSimulator")
    site.page.clock.fast_forward(31_000)
    site.until(f"{CODES} === 'sdk-not-live'")
    status = site.status()
    assert (status["sdk"], status["events"]["held"]) == ("failed", 2)
    site.page.clock.fast_forward(600_000)
    site.run("window.jimo = {push: ([, , args]) => args[1]?.()}")
    site.page.clock.fast_forward(1_000)
    site.settled(2)
    assert site.status()["sdk"] == "live"
    assert site.run("jimoSimulator.loads") == 1


@both_runtimes
def test_coming_online_tries_a_blocked_script_at_once(site: Site, runtime: str) -> None:
    site.page.clock.install()
    site.server.answers["/web/playground/simulator.js"] = lambda _: (404, "text/plain", b"")
    site.snippet(before=tag(runtime=runtime), calls=ONE)
    for failures in range(1, 7):
        site.until(f"segmentJimo.status().errors[0]?.count === {failures}")
        site.page.clock.fast_forward(1_000 * 2 ** (failures - 1))
    # The next pause is over a minute.
    site.until("segmentJimo.status().errors[0]?.count === 7")
    del site.server.answers["/web/playground/simulator.js"]
    site.run("dispatchEvent(new Event('online'))")
    site.settled(2)
    assert site.log() == BOTH


@both_runtimes
def test_a_fault_that_is_over_says_so_until_it_comes_again(site: Site, runtime: str) -> None:
    site.page.clock.install()
    site.server.answers["/web/playground/simulator.js"] = lambda _: (404, "text/plain", b"")
    site.snippet(before=tag(runtime=runtime), calls=ONE)
    site.until(f"{CODES} === 'sdk-failed'")
    assert "healed" not in site.status()["errors"][0]
    # A Jimo whose answers the page holds back.
    site.run("""window.answers = []; window.jimo = {
      push: ([, method, args]) => { if (method === "identify") answers.push(args[1]); } }""")
    del site.server.answers["/web/playground/simulator.js"]
    site.page.clock.fast_forward(2_000)
    site.until("segmentJimo.status().sdk === 'live'")

    def healed() -> dict[str, bool]:
        return {error["code"]: "healed" in error for error in site.status()["errors"]}

    assert healed() == {"sdk-failed": True}
    site.until("answers.length === 1")
    site.page.clock.fast_forward(11_000)
    site.until(f"{CODES} === 'sdk-failed,identify-timeout'")
    assert healed() == {"sdk-failed": True, "identify-timeout": False}
    site.run("answers.pop()()")
    site.settled(2)
    assert healed() == {"sdk-failed": True, "identify-timeout": True}
    site.run("void analytics.identify('u2')")
    site.until("answers.length === 1")
    site.page.clock.fast_forward(11_000)
    site.until("segmentJimo.status().errors[1].count === 2")
    assert healed() == {"sdk-failed": True, "identify-timeout": False}
    site.run("answers.pop()()")


@both_runtimes
def test_a_push_that_rejects_is_named(site: Site, runtime: str) -> None:
    site.snippet(
        before=tag(
            runtime=runtime,
            sdk_url="/web/playground/simulator.js?boot=30&identify=30&fault=push-rejects",
        ),
        calls=ONE,
    )
    site.settled(2)
    site.until(f"{CODES} === 'push-failed'")


@both_runtimes
def test_an_error_in_python_costs_that_event_and_shows_its_traceback(
    site: Site, runtime: str
) -> None:
    shown: list[str] = []
    site.page.on("console", lambda message: shown.append(message.text))
    code = """
import segment_jimo.delivery as delivery
offer = delivery.Delivery.offer
def broken_offer(self, event, *rest):
    if event == 1:
        raise ValueError("told to fail")
    return offer(self, event, *rest)
delivery.Delivery.offer = broken_offer
import segment_jimo
segment_jimo.attach()
"""
    kind = "mpy" if runtime == "micropython" else "py"
    site.open(
        f"{tag(runtime='page')}<script>{SNIPPET}"
        f'analytics.group("one"); analytics.group("two");</script>{LIBRARY}',
        pyscript(kind, code),
    )
    status = site.settled(2)
    assert (status["events"]["delivered"], status["events"]["dropped"]) == (1, 1)
    (error,) = status["errors"]
    assert error["code"] == "python-error"
    assert "in Python: ValueError. Switch data-debug on" in error["message"]
    assert any("Traceback" in text and "broken_offer" in text for text in shown)
    assert site.log() == ["set user:group two @anonymous"]


@both_runtimes
def test_the_pages_own_manual_start_is_respected_and_its_snippet_may_come_late(
    site: Site, runtime: str
) -> None:
    site.snippet(before=tag(runtime=runtime, manual_init=True))
    site.until("window.analytics.initialized && segmentJimo.status().timings.registered")
    # The page's own snippet comes while we wait for a user.
    site.run(
        """(() => {
            window.jimo = [];
            window.JIMO_PROJECT_ID = "p1";
            const script = document.createElement("script");
            script.src = "/web/playground/simulator.js?boot=30&identify=30";
            document.head.append(script);
        })()"""
    )
    site.until("window.jimoSimulator?.live")
    site.run('(analytics.identify("u1"), analytics.track("one"))')
    site.settled(2)
    assert site.log() == BOTH
    assert site.run("jimoSimulator.loads") == 1

    mine = (
        "<script>window.jimo = []; JIMO_PROJECT_ID = 'p1'; JIMO_MANUAL_INIT = true;</script>"
        '<script src="/web/playground/simulator.js?boot=30&identify=30"></script>'
    )
    site.snippet(before=mine + tag(runtime=runtime), calls='analytics.track("one");')
    site.until("segmentJimo.status().state === 'running' && segmentJimo.status().events.held === 1")
    assert site.run("jimo.length") == 0
    site.run("jimoInit()")
    site.settled(1)
    assert site.run("jimoSimulator.loads") == 1


@both_runtimes
def test_a_failed_jimo_leaves_nothing_behind_and_registering_again_starts_anew(
    site: Site, runtime: str
) -> None:
    site.server.answers["/web/playground/simulator.js"] = lambda _: (404, "text/plain", b"")
    site.snippet(before=tag(project_id=False))
    site.until("window.analytics.initialized")
    site.run(
        f"""(window.plugin = jimoDestination({{projectId: "p1", runtime: "{runtime}",
            sdkUrl: "/web/playground/simulator.js?boot=30&identify=30"}}),
          analytics.register(plugin))"""
    )
    site.until("segmentJimo.status().sdk === 'failed'")
    site.run("analytics.deregister('Jimo (Actions)')")
    site.until("!['segmentJimo', 'jimo', 'JIMO_PROJECT_ID'].some((name) => name in window)")
    del site.server.answers["/web/playground/simulator.js"]
    site.run(f"analytics.register(plugin).then(() => {{ {ONE} }})")
    site.until("window.segmentJimo?.status().events.delivered === 2")
    assert site.log() == BOTH
