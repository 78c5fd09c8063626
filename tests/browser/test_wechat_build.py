"""The genuine WeChat build in Chromium on glass-easel: login, check-in and an opinion, against real servers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Product, StaffUser, WeChatUser
from tests.browser.station import TOWN_STATION, code_on_screen, scene_of

pytestmark = pytest.mark.browser
#: On the demo roster, not claimed by anybody, stationed in 青石镇.
UNCLAIMED = "13900000008"


def test_a_deputy_claims_the_seat_in_wechat_and_checks_in_by_the_screens_code(
    wechat_user: Callable[[str], WeChatUser], staff_user: Callable[[str], StaffUser], product: Product
) -> None:
    deputy = wechat_user(UNCLAIMED)
    deputy.press("授权手机号")
    deputy.page.get_by_text("代表，您好").wait_for()
    clerk = staff_user("clerk")
    deputy.scanned = f"{product.web}/s/{scene_of(clerk, TOWN_STATION)}?k={code_on_screen(clerk, TOWN_STATION)}"
    deputy.press("扫码签到")
    deputy.press("立即签到")
    expect(deputy.here.get_by_text("签到成功").first).to_be_visible()
    deputy.press("签退")
    deputy.confirm()
    expect(deputy.here.get_by_text("+2 分").first).to_be_visible()


def test_a_resident_submits_an_opinion_in_wechat(wechat_user: Callable[[str], WeChatUser]) -> None:
    resident = wechat_user("13666660001")
    resident.press("暂不绑定")
    resident.page.goto(f"{resident.product.web}/mp-web/#/pages-opinion/submit/submit")
    resident.page.reload()
    resident.here.locator("textarea").last.fill("村口水渠堵了，请清理。")
    resident.here.get_by_role("radio").first.click()
    resident.here.get_by_label("所在村").first.click()
    for name in ("白鹿县（演示）", "青石镇", "石桥村"):
        resident.here.locator(".hd-sheet").get_by_text(name).first.click()
    resident.here.get_by_role("checkbox").click()
    resident.press("提交意见")
    expect(resident.here.get_by_text("意见已提交").first).to_be_visible()
