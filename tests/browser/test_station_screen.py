"""The wall screen as it hangs there: nobody signed in, the network coming and going, a clerk who withdraws it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, Product, StaffUser, Visitor
from tests.browser.station import TOWN_STATION, link_screen, open_station, open_wall

pytestmark = pytest.mark.browser


@pytest.fixture
def wall(browser: Browser, product: Product) -> Iterator[Visitor]:
    """A browser of its own that nobody ever signed in with."""
    visitor = Visitor(browser, product, viewport=DESK)
    yield visitor
    visitor.close()


def test_the_wall_comes_back_by_itself_and_never_shows_an_old_code(
        wall: Visitor, staff_user: Callable[[str], StaffUser], product: Product) -> None:
    clerk, page = staff_user("clerk"), wall.page
    page.goto(f"{product.web}/screen")
    expect(page.get_by_text("开通码").first).to_be_visible()
    open_wall(page, product.web, link_screen(clerk, TOWN_STATION, "一楼大厅"))
    digits, lost = page.locator(".digits strong"), page.get_by_text("断网，正在重连")
    expect(digits).to_have_text(re.compile(r"\d{8}"))
    expect(lost).to_be_hidden()

    wall.context.set_offline(True)
    expect(lost).to_be_visible()
    assert (digits.count(), page.locator(".scan img").count()) == (0, 0)
    wall.context.set_offline(False)
    expect(digits).to_have_text(re.compile(r"\d{8}"))
    expect(lost).to_be_hidden()

    open_station(clerk, TOWN_STATION)
    row = clerk.page.locator("#screens tr", has_text="一楼大厅")
    expect(row.get_by_text("在线", exact=True)).to_be_visible()
    row.get_by_text("停用", exact=True).click()
    row.get_by_role("button", name="停用这块大屏").click()
    expect(page.get_by_text("本屏已停用")).to_be_visible()
    assert digits.count() == 0
    page.reload()
    expect(page.get_by_label("开通码")).to_be_visible()


def test_a_server_that_hangs_or_something_that_answers_in_its_place_leaves_no_code(
        wall: Visitor, staff_user: Callable[[str], StaffUser], product: Product) -> None:
    page = wall.page
    open_wall(page, product.web, link_screen(staff_user("clerk"), TOWN_STATION, "二楼"))
    page.route("**/screen/now", lambda route: route.fulfill(status=200, body="<p>请登录上网</p>"))
    expect(page.get_by_text("断网，正在重连")).to_be_visible()
    page.unroute("**/screen/now")
    expect(page.locator(".digits strong")).to_be_visible()
    page.route("**/screen/now", lambda _route: None)
    expect(page.get_by_text("断网，正在重连")).to_be_visible(timeout=15_000)
    assert page.locator(".digits strong").count() == 0
    page.unroute("**/screen/now")
    expect(page.locator(".digits strong")).to_be_visible(timeout=15_000)
