"""Takes the pictures of the playground and the inspector in the docs: ``make screenshot``."""

from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import launch
from tools.build import ROOT
from tools.serve import Server

Scheme = Literal["light", "dark"]
# Name, scenario, width, height, mode.
PICTURES: tuple[tuple[str, str, int, int, Scheme], ...] = (
    ("playground", "login&refetch=1", 1280, 1040, "light"),
    ("playground-dark", "mapping", 1280, 1040, "dark"),
    ("playground-phone", "login&refetch=1", 390, 1500, "light"),
)
# Name, width, height, mode.
INSPECTED: tuple[tuple[str, int, int, Scheme], ...] = (
    ("inspector", 1000, 760, "light"),
    ("inspector-dark", 1000, 760, "dark"),
    ("inspector-phone", 390, 760, "light"),
)


def inspect(page: Page) -> None:
    """Opens the inspector on the visitor's page of the playground, which fills the window."""
    page.evaluate(
        """const style = "position: fixed; inset: 0; z-index: 99; width: 100%; height: 100%";
        document.querySelector("#stage").style = style;
        document.querySelector("#stage").contentWindow.segmentJimo.inspect()
          .then(() => analytics.track("Order Completed", { total: 42.5, currency: "EUR" }))
          .then(() => analytics.identify("ada", { email: "ada@example.com", plan: "pro" }))
          .then(() => analytics.group("acme", { name: "Acme" }))
          .then(() => undefined)"""
    )
    row = page.frame_locator("#stage").locator("[data-segment-jimo-inspector] .event").first
    row.locator(".end", has_text="dropped").wait_for()
    row.locator(".line").click()
    row.locator("section").nth(1).evaluate("(one) => one.scrollIntoView({ block: 'end' })")


def take_inspector(browser: Browser, url: str) -> None:
    """Writes docs/inspector*.png."""
    for name, width, height, scheme in INSPECTED:
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.goto(f"{url}/?scenario=mapping")
        page.wait_for_function("document.querySelector('#brief').dataset.state === 'good'")
        inspect(page)
        page.screenshot(path=ROOT / "docs" / f"{name}.png")
        page.close()


def main() -> None:
    """Writes docs/playground*.png, each after a scenario has run, and docs/inspector*.png."""
    server = Server()
    server.run()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, scenario, width, height, scheme in PICTURES:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto(f"{server.url}/?scenario={scenario}")
            page.wait_for_function("document.querySelector('#brief').dataset.state === 'good'")
            page.wait_for_function("document.querySelector('#dry-run').dataset.state === 'done'")
            page.evaluate("document.fonts.ready")
            if width < 600:
                page.evaluate("document.querySelector('#pipeline').scrollIntoView()")
            page.wait_for_function("document.getAnimations().length === 0")
            page.screenshot(path=ROOT / "docs" / f"{name}.png")
            page.close()
        take_inspector(browser, server.url)


if __name__ == "__main__":
    main()
