"""Takes the pictures of the playground in the docs: ``make screenshot``."""

from typing import Literal

from playwright.sync_api import sync_playwright

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


def main() -> None:
    """Writes docs/playground*.png, each after a scenario has run."""
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


if __name__ == "__main__":
    main()
