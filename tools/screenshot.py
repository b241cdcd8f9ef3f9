"""Takes the picture of the playground in the README: ``make screenshot``."""

from playwright.sync_api import sync_playwright

from tools.browser import launch
from tools.build import ROOT
from tools.serve import Server


def main() -> None:
    """Writes docs/playground.png."""
    server = Server()
    server.run()
    with sync_playwright() as playwright:
        page = launch(playwright).new_page(viewport={"width": 1280, "height": 1100})
        page.goto(f"{server.url}/")
        page.wait_for_function("segmentJimo.status().sdk === 'live'")
        for name in ("identify", "track", "group"):
            page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_function("segmentJimo.status().events.delivered === 3")
        page.evaluate("(document.activeElement.blur(), scrollTo(0, 0))")
        page.mouse.move(0, 0)
        # Until the page has drawn what it was told.
        page.get_by_text("set user:group").first.wait_for()
        page.screenshot(path=ROOT / "docs" / "playground.png")


if __name__ == "__main__":
    main()
