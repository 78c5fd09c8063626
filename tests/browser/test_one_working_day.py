"""One working day of a township: a resident, a deputy and a clerk, on the phone page, in the chat and at the console."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from services import demo, roster
from tests.browser.conftest import PhoneUser, Product, StaffUser
from tests.browser.station import TOWN_STATION, code_on_screen, open_station
from tests.browser.test_phone_page import submit_opinion

pytestmark = pytest.mark.browser
NEW_DEPUTY, NEW_PHONE = "张新代", "13811112222"
RESIDENT = "13700000001"


def test_a_working_day_from_the_roster_to_the_audit_log(
    phone_user: Callable[[str], PhoneUser], staff_user: Callable[[str], StaffUser], product: Product, tmp_path: Path
) -> None:
    clerk = staff_user("clerk")
    import_roster(clerk, tmp_path)
    build_station_and_print_poster(clerk)
    deputy = phone_user(NEW_PHONE)
    expect(deputy.page.get_by_text(f"{NEW_DEPUTY}代表，您好").first).to_be_visible()
    check_in_and_out(deputy, clerk)
    resident = phone_user(RESIDENT)
    handle_opinion(resident, deputy, clerk)
    send_notice(clerk, phone_user(demo.DEPUTY_PHONE))
    talk_to_the_official_account(resident, product)
    look_at_the_dashboard(clerk)
    look_at_the_audit_log(staff_user("audit"))


def import_roster(clerk: StaffUser, folder: Path) -> None:
    """A roster with a bad row is refused whole, with the row's error; the mended one is previewed and applied."""
    page = clerk.page
    clerk.open("/roster/import")
    with page.expect_download() as template:
        page.get_by_role("link", name="下载模板（.xlsx）").click()
    assert template.value.suggested_filename.endswith(".xlsx")
    row = [NEW_DEPUTY, NEW_PHONE, "果园主", "乡镇", "18", "18-900", "第3选区", "", "第三代表小组", TOWN_STATION]
    upload(clerk, folder / "bad.xlsx", [row, ["李错号", "12345", "", "乡镇", "18", "", "", "", "", ""]])
    expect(page.get_by_text("手机号不是11位数字")).to_be_visible()
    expect(page.get_by_text("整份都不会导入")).to_be_visible()
    upload(clerk, folder / "good.xlsx", [row])
    page.get_by_role("button", name=re.compile("导入这 1 行")).click()
    expect(page.get_by_text("已新增")).to_be_visible()


def upload(clerk: StaffUser, path: Path, rows: list[list[str]]) -> None:
    path.write_bytes(roster.build_sheet(rows))
    clerk.open("/roster/import")
    clerk.page.locator("input[type=file]").set_input_files(path)
    clerk.page.get_by_role("button", name="上传并预览").click()


def build_station_and_print_poster(clerk: StaffUser) -> None:
    page = clerk.page
    clerk.open("/stations/new")
    page.locator("select[name=kind]").select_option("thematic_station")
    page.locator("input[name=name]").fill("青石镇果业产业代表联络站")
    page.locator("input[name=address]").fill("果业合作社二楼")
    page.locator("input[name=opening_hours]").fill("周二 9:00-11:00")
    page.locator("form button.primary").last.click()
    expect(page.get_by_text("签到短码")).to_be_visible()
    address = page.get_by_role("link", name="下载海报").get_attribute("href")
    poster = clerk.context.request.get(f"{clerk.product.web}{address}")
    assert poster.body().startswith(b"%PDF")


def check_in_and_out(deputy: PhoneUser, clerk: StaffUser) -> None:
    """The code typed from under the poster, the code of the screen, and points when leaving."""
    open_station(clerk, TOWN_STATION)
    short = clerk.page.locator(".facts .code").inner_text().replace(" ", "")
    deputy.open(f"/s/{short}?k={code_on_screen(clerk, TOWN_STATION)}")
    deputy.press("立即签到")
    deputy.page.get_by_text("签到成功").first.wait_for()
    deputy.press("签退")
    deputy.confirm()
    expect(deputy.page.get_by_text("+2 分").first).to_be_visible()
    deputy.open("/m/#/pages-duty/points/points")
    expect(deputy.page.get_by_text("每次2分").first).to_be_visible()


def handle_opinion(resident: PhoneUser, deputy: PhoneUser, clerk: StaffUser) -> None:
    """Submitted, taken up, assigned, answered, found wanting, answered again, settled."""
    number = submit_opinion(resident, "村东头的桥护栏断了一截，孩子上学很危险。")
    page = clerk.page
    clerk.open(f"/opinions/{number}")
    page.get_by_role("button", name="受理", exact=True).click()
    page.locator("select[name=handler]").select_option(label=NEW_DEPUTY)
    page.get_by_role("button", name="交办", exact=True).click()
    expect(page.get_by_text(f"{NEW_DEPUTY}代表").first).to_be_visible()
    answer(deputy, number, "已到现场查看，本周内修好。")
    rate(resident, number, "不满意", "一周过去了还没有修。")
    expect(resident.page.get_by_text("重新办理").first).to_be_visible()
    answer(deputy, number, "护栏今天已经装好，请看看。")
    rate(resident, number, "满意")
    clerk.open(f"/opinions/{number}")
    expect(page.get_by_text("已办结").first).to_be_visible()


def answer(deputy: PhoneUser, number: str, text: str) -> None:
    deputy.open("/m/#/pages/opinions/opinions")
    deputy.page.get_by_label(re.compile(f"意见.*{number}")).first.click()
    deputy.page.get_by_text("办理过程").wait_for()
    deputy.write(text)
    deputy.press("提交答复")
    deputy.confirm()
    deputy.page.get_by_text("答复已发送").wait_for()


def rate(resident: PhoneUser, number: str, grade: str, comment: str = "") -> None:
    resident.open(f"/m/#/pages-opinion/detail/detail?number={number}")
    for part in ("办理结果", "办理态度"):
        resident.page.get_by_role("radiogroup", name=part).get_by_role("radio", name=grade, exact=True).click()
    if comment:
        resident.write(comment)
    resident.press("提交评价")
    resident.page.get_by_text("您的评价").first.wait_for()


def send_notice(clerk: StaffUser, deputy: PhoneUser) -> None:
    """Forecast, one delivery a person through the platform, opened and confirmed; the rest is on the phone list."""
    page = clerk.page
    clerk.open("/notices/new")
    page.get_by_label("第一代表小组").check()
    page.locator("input[name=title]").fill("防汛巡查工作安排")
    page.locator("textarea[name=body]").fill("请各位代表本周内到所在村组巡查一次。")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("将逐人发送")).to_be_visible()
    page.locator("summary", has_text="发送通知").click()
    page.get_by_role("button", name=re.compile("确认发送给 10 人")).click()
    address = page.url
    wait_for_deliveries(clerk, address)
    deputy.open("/m/#/pages-notice/list/list")
    deputy.page.get_by_text("防汛巡查工作安排").first.click()
    deputy.press("确认收到")
    deputy.page.get_by_text("已确认").first.wait_for()
    page.goto(f"{address}?only=phone")
    expect(page.get_by_text(re.compile("未订阅|未登录过小程序|未绑定微信")).first).to_be_visible()


def wait_for_deliveries(clerk: StaffUser, address: str) -> None:
    """Reload the notice's page until the stand-in's reports have arrived."""
    for _ in range(40):
        clerk.page.goto(address)
        if clerk.page.locator("tbody").get_by_text("已送达").count() >= 5:
            return
        clerk.page.wait_for_load_state("networkidle")
    raise AssertionError("the deliveries did not arrive")


def talk_to_the_official_account(resident: PhoneUser, product: Product) -> None:
    """Bound by the code of the phone page, the same person is known in the official account."""
    resident.open("/m/#/pages/me/me")
    resident.page.get_by_label(re.compile("绑定公众号")).click()
    resident.page.get_by_text("前有效").wait_for()
    code = re.search(r"(?<!\d)\d{6}(?!\d)", resident.page.inner_text("body"))
    assert code is not None

    def say(text: str) -> str:
        return str(product.ask_stand_in("/sandbox/oa-messages", {"phone": RESIDENT, "text": text})["reply_text"])

    assert "绑定成功" in say(code.group())
    assert "已办结" in say("查意见进度")
    assert "没有正在办理的事项" in say("取消")


def look_at_the_dashboard(clerk: StaffUser) -> None:
    """Every tile opens the list it counts."""
    clerk.open("/")
    tiles = clerk.page.locator("a.tile")
    assert tiles.count() >= 7
    for place in range(tiles.count()):
        clerk.open("/")
        clerk.page.locator("a.tile").nth(place).click()
        expect(clerk.page.locator("h1")).to_be_visible()
        assert "error" not in clerk.page.url


def look_at_the_audit_log(auditor: StaffUser) -> None:
    auditor.open("/audit?action=opinion.answered")
    expect(auditor.page.locator("tbody tr").first).to_be_visible()
    auditor.page.get_by_role("button", name=re.compile("校验")).click()
    expect(auditor.page.get_by_text(re.compile("完整|没有发现"))).to_be_visible()
