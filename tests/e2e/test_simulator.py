"""The simulator of Jimo does what simulator.d.ts says, so that other tests may trust it."""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.site import Site

SECRET = "of the Jimo project"
ADA = hmac.new(SECRET.encode(), b"ada", hashlib.sha256).hexdigest()
REFUSED = "IDENTIFY_VERIFICATION_SIGNATURE_SIGNIN_FAILED"
LIVE = "jimoSimulator.live"


def open_simulator(site: Site, before: str = "", path: str = "/page", **options: Any) -> None:
    """Opens a page with Jimo's snippet and the simulator."""
    query = urlencode({"boot": 5, "identify": 5} | options)
    site.open(
        f"<script>window.jimo = []; {before}</script>"
        f'<script src="/web/playground/simulator.js?{query}"></script>',
        path=path,
    )
    site.until("window.jimoSimulator")


def identify(site: Site, *rest: str, user: str = "ada") -> list[Any]:
    """Identifies a user, and returns who is active in the callback, and what the log says."""
    answer: list[Any] = site.page.evaluate(
        """([user, rest]) => new Promise((resolve) => {
          const callback = () => resolve([jimoSimulator.active, jimoSimulator.log.at(-1).error]);
          jimo.push(["do", "identify", [user, callback, ...rest]]);
        })""",
        [user, list(rest)],
    )
    return answer


def test_a_user_whom_the_backend_has_signed_is_let_in(site: Site) -> None:
    open_simulator(site, secret=SECRET)
    site.until(LIVE)
    assert identify(site, ADA) == ["ada", None]


@pytest.mark.parametrize("rest", [(), ("",), (ADA.upper(),), (ADA,)])
def test_a_user_whom_nobody_has_signed_is_refused(site: Site, rest: tuple[str, ...]) -> None:
    open_simulator(site, secret=SECRET)
    site.until(LIVE)
    # A good signature is good for its own user only.
    user = "grace" if rest == (ADA,) else "ada"
    assert identify(site, *rest, user=user) == ["anonymous", REFUSED]
    assert user not in site.run("Object.keys(jimoSimulator.profiles)")


@pytest.mark.parametrize("kill", ["queue", "object", "nothing"])
def test_what_comes_after_the_end_reaches_no_profile_until_it_starts_again(
    site: Site, kill: str
) -> None:
    open_simulator(site, "JIMO_MANUAL_INIT = true;", kill=kill)
    site.run("jimoInit()")
    site.until(LIVE)
    identify(site)
    site.run("jimo.push(['do', 'identify', ['late']]); jimoKill();")
    assert site.run("[jimoSimulator.live, jimoSimulator.active]") == [False, "anonymous"]
    assert site.run("['jimo' in window, 'jimoInit' in window]") == [kill != "nothing"] * 2
    site.run("window.jimo ??= []; jimo.push(['set', 'user:email', ['x']])")
    if kill == "nothing":
        site.run(
            "document.head.append(Object.assign(document.createElement('script'), "
            "{src: '/web/playground/simulator.js'}))"
        )
        site.until("!!window.jimoInit")
    assert site.run("jimoSimulator.live") is False
    site.run("jimoInit()")
    site.until(LIVE)
    # The queue is taken up again; an SDK that has ended takes no notice.
    profiles = site.run("jimoSimulator.profiles")
    assert "late" not in profiles
    assert profiles["ada"]["email"] is None
    assert profiles.get("anonymous", {}).get("email") == (None if kill == "object" else "x")
    assert identify(site) == ["ada", None]


def test_an_end_that_throws_ends_nothing(site: Site) -> None:
    open_simulator(site, kill="throws")
    site.until(LIVE)
    with pytest.raises(Exception, match="told to throw"):
        site.run("jimoKill()")
    assert site.run(LIVE)


def test_the_user_outlives_the_page_only_when_told_to(site: Site) -> None:
    for keep in ("1", "user"):
        open_simulator(site, keep=keep, path=f"/{keep}")
        site.until(LIVE)
        assert site.run("jimoSimulator.active") == "anonymous"
        identify(site)
        site.run("jimo.push(['set', 'user:email', ['a@b.c']])")
        open_simulator(site, keep=keep, path=f"/{keep}/next")
        assert site.run("jimoSimulator.active") == ("ada" if keep == "user" else "anonymous")
        assert site.run("jimoSimulator.profiles.ada.email") == "a@b.c"
    site.until(LIVE)
    site.run("jimoKill()")
    assert site.run("jimoSimulator.active") == "ada"


def test_an_identify_and_a_start_may_be_rejected(site: Site) -> None:
    open_simulator(site, "JIMO_MANUAL_INIT = true;", fault="init-rejects")
    assert site.run("jimoInit().catch((error) => error.message)") == (
        "The Jimo simulator rejects its start."
    )
    site.run("jimoSimulator.options.fault = 'identify-rejects'; jimoInit()")
    site.until(LIVE)
    assert site.run("jimo.push(['do', 'identify', ['ada']]).catch((error) => error.message)") == (
        "The Jimo simulator rejects identifies."
    )
    assert site.run("jimoSimulator.active") == "anonymous"


@pytest.mark.parametrize(
    ("options", "where"),
    [({}, ["window"]), ({"ready": "document"}, ["document"]), ({"ready": "none"}, [])],
)
def test_it_says_when_it_is_ready(site: Site, options: dict[str, str], where: list[str]) -> None:
    listen = """window.said = [];
      for (const [name, target] of Object.entries({window, document}))
        target.addEventListener("JIMO_READY", () => said.push(name));"""
    open_simulator(site, listen, **options)
    site.until(LIVE)
    assert site.run("said") == where
    assert site.run("jimoIsMauLimitReached()") is False


def test_over_quota_it_says_so_and_is_never_ready(site: Site) -> None:
    open_simulator(
        site, "addEventListener('JIMO_READY', () => { window.said = true; });", fault="quota"
    )
    site.until("jimoIsMauLimitReached()")
    assert site.run("[window.said, Array.isArray(jimo), JIMO_MAU_LIMIT_REACHED]") == [
        None,
        True,
        True,
    ]
