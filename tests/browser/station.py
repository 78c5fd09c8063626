"""What a person reads off a station: the code under the poster, and the code on the wall screen."""

import re

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


def code_on_screen(clerk: StaffUser, name: str) -> str:
    """The eight digits on the station's screen now."""
    number = open_station(clerk, name)
    clerk.open(f"/stations/{number}/screen")
    return re.sub(r"\D", "", clerk.page.locator(".digits strong").inner_text())
