"""What a person reads off a station: the code under the poster, and the code on the wall screen."""

import re

from playwright.sync_api import Page

from tests.browser.conftest import StaffUser

TOWN_STATION = "青石镇人大代表工作站"


def open_station(clerk: StaffUser, name: str) -> int:
    """Open the station's console page by its name; gives back its id."""
    clerk.open(f"/stations?search={name}")
    clerk.page.get_by_role("link", name=name, exact=True).first.click()
    match = re.search(r"/stations/(\d+)", clerk.page.url)
    assert match is not None
    return int(match.group(1))


def scene_of(clerk: StaffUser, name: str) -> str:
    """The eight digits printed under the station's code; they open the same page as the code."""
    open_station(clerk, name)
    return clerk.page.locator(".facts .code").inner_text().replace(" ", "")


def link_screen(clerk: StaffUser, name: str, label: str = "") -> str:
    """Link one more wall screen to the station; gives back the code to type on it."""
    open_station(clerk, name)
    clerk.page.get_by_text("开通大屏", exact=True).click()
    clerk.page.locator("input[name=label]").fill(label)
    clerk.page.get_by_role("button", name="生成开通码").click()
    return clerk.page.locator(".pairing").inner_text().replace(" ", "")


def open_wall(page: Page, web: str, code: str) -> None:
    """Make a browser the station's screen."""
    page.goto(f"{web}/screen/open")
    page.locator("input[name=code]").fill(code)
    page.get_by_role("button", name="开通这块大屏").click()
    page.locator(".digits strong").wait_for()


def code_on_screen(clerk: StaffUser, name: str) -> str:
    """The eight digits on the station's screen now."""
    open_wall(clerk.page, clerk.product.web, link_screen(clerk, name))
    return re.sub(r"\D", "", clerk.page.locator(".digits strong").inner_text())
