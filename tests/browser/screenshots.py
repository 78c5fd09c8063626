"""`make screenshots`: pictures of the pages people use most, at the widths and type sizes they use them."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from app import development, embedded_redis
from services import demo
from tests.browser.conftest import CHROMIUM, FLAGS, PhoneUser, Product, StaffUser
from tests.browser.station import TOWN_STATION, link_screen, open_wall

PHONE_PAGES = {
    "home": "/m/#/pages/home/home", "opinions": "/m/#/pages/opinions/opinions",
    "assistant": "/m/#/pages/assistant/assistant", "me": "/m/#/pages/me/me",
    "points": "/m/#/pages-duty/points/points", "notices": "/m/#/pages-notice/list/list",
    "station": "/m/#/pages-station/detail/detail?id=1", "submit": "/m/#/pages-opinion/submit/submit",
}
CONSOLE_PAGES = {
    "dashboard": "/", "roster": "/roster", "stations": "/stations", "station": "/stations/1",
    "visits": "/visits", "duties": "/duties?state=open", "points": "/points", "opinions": "/opinions",
    "notices": "/notices", "notice": "/notices/1", "new-notice": "/notices/new", "handovers": "/handovers",
}


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        web_port, stand_in_port = development.free_port(0), development.free_port(0)
        environment = development.build_environment(web_port, stand_in_port)
        environment.update(DATA_DIR=data, REDIS_URL=f"unix://{embedded_redis.ensure_server(Path(data))}")
        children = development.Children(environment)
        try:
            development.start(children, web_port, stand_in_port)
            product = Product(f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{stand_in_port}")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            take_phone(browser, product, folder)
            take_console(browser, product, folder)
            browser.close()
        finally:
            children.stop()
            embedded_redis.stop_server(Path(data))


def take_phone(browser: Browser, product: Product, folder: Path) -> None:
    """A deputy and a resident, in normal and in large type."""
    for who, phone in (("deputy", demo.DEPUTY_PHONE), ("resident", "13700000001")):
        user = PhoneUser(browser, product, phone)
        user.log_in()
        for size in ("normal", "large"):
            if size == "large":
                user.open("/m/#/pages/me/me")
                user.page.get_by_role("switch", name="长辈版").click()
                user.page.wait_for_load_state("networkidle")
            for name, path in PHONE_PAGES.items():
                user.open(path)
                user.page.wait_for_load_state("networkidle")
                user.page.screenshot(path=folder / f"phone-{who}-{name}-{size}.png")
        user.context.close()


def take_console(browser: Browser, product: Product, folder: Path) -> None:
    clerk = StaffUser(browser, product, "clerk")
    clerk.sign_in({})
    for name, path in CONSOLE_PAGES.items():
        clerk.open(path)
        clerk.page.wait_for_load_state("load")
        clerk.page.screenshot(path=folder / f"console-{name}.png", full_page=True)
    open_wall(clerk.page, product.web, link_screen(clerk, TOWN_STATION))
    clerk.page.screenshot(path=folder / "console-screen.png")
    clerk.open("/")
    clerk.page.goto(product.web)
    clerk.page.screenshot(path=folder / "landing.png")
    clerk.context.close()


if __name__ == "__main__":
    main()
