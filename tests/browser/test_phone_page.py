"""The phone page in Chromium against real servers: what a resident and a deputy do on it."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from services import demo
from tests.browser.conftest import TAKE_OVER_MS, PhoneUser

pytestmark = pytest.mark.browser
LogIn = Callable[[str], PhoneUser]


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "road.jpg"
    Image.new("RGB", (640, 480), "gray").save(path)
    return str(path)


def submit_opinion(resident: PhoneUser, text: str, photo: str | None = None) -> str:
    """Fill the form as a person does; gives back the number."""
    page = resident.page
    resident.open("/m/#/pages-opinion/submit/submit")
    resident.write(text)
    page.get_by_role("radio").first.click()
    if photo is not None:
        with page.expect_file_chooser() as chooser:
            page.get_by_label("添加照片").click()
        chooser.value.set_files(photo)
        page.get_by_label(re.compile("删除.*照片|移除.*照片")).first.wait_for()
        page.locator(".hd-photos__state").wait_for(state="detached")  # the upload has ended
    page.get_by_role("checkbox").click()
    resident.press("提交意见")
    page.get_by_text("意见已提交").wait_for()
    match = re.search(r"YJ\d{19}", page.inner_text("body"))
    assert match is not None
    return match.group()


def test_a_resident_submits_an_opinion_with_a_photo_and_follows_it(phone_user: LogIn, photo: str) -> None:
    resident = phone_user("13700000002")
    number = submit_opinion(resident, "村口水渠堵了，请清理。", photo)
    resident.press("查看这条意见")
    resident.page.get_by_text("办理过程").wait_for()
    expect(resident.page.get_by_text(number)).to_be_visible()
    expect(resident.page.get_by_text("待受理").first).to_be_visible()


def test_an_empty_opinion_is_refused_beside_its_field_and_nothing_typed_is_lost(phone_user: LogIn) -> None:
    resident = phone_user("13700000003")
    resident.open("/m/#/pages-opinion/submit/submit")
    resident.press("提交意见")
    expect(resident.page.get_by_text(re.compile("请.*(填写|写下).*")).first).to_be_visible()
    resident.write("桥头的护栏松了。")
    resident.open("/m/#/pages-opinion/submit/submit")
    expect(resident.page.locator("textarea:visible").last).to_have_value("桥头的护栏松了。")


def test_the_home_page_shows_a_deputy_what_matters_today(phone_user: LogIn) -> None:
    page = phone_user(demo.DEPUTY_PHONE).page
    for text in ("王建国代表，您好", "扫码签到", "今年积分", "待办事项", "下次接待日"):
        expect(page.get_by_text(text).first).to_be_visible()


def test_elder_mode_scales_the_type_and_is_remembered(phone_user: LogIn) -> None:
    resident = phone_user("13700000004")
    resident.open("/m/#/pages/me/me")
    size = "parseFloat(getComputedStyle(document.querySelector('.hd-cell')).fontSize)"
    resident.page.locator(".hd-cell").first.wait_for()
    before = resident.page.evaluate(size)
    resident.page.get_by_role("switch", name="长辈版").click()
    resident.page.wait_for_function(f"{size} > {before}")
    assert resident.page.evaluate(size) >= before * 1.3
    resident.open("/m/#/pages/me/me")
    resident.page.locator(".hd-cell").first.wait_for()
    assert resident.page.evaluate(size) >= before * 1.3


def test_the_deputy_works_by_chatting(phone_user: LogIn) -> None:
    deputy = phone_user("13900000010")
    deputy.open("/m/#/pages/assistant/assistant")
    assert "分" in deputy.say("我的积分")
    assert "签到码" in deputy.say("签到")
    assert "已取消" in deputy.say("取消")
    assert "请核对" in deputy.say("昨天走访了三户选民")
    assert "已登记" in deputy.say("确认")
    assert "没有" in deputy.say("asdfghjkl")


def test_the_resident_submits_and_follows_an_opinion_by_chatting(phone_user: LogIn) -> None:
    resident = phone_user("13700000005")
    resident.open("/m/#/pages/assistant/assistant")
    assert "请核对" in resident.say("我要反映问题：村里的路灯坏了两盏没人修")
    done = resident.say("确认")
    number = re.search(r"YJ\d{19}", done)
    assert number is not None, done
    assert "待受理" in resident.say(f"查进度 {number.group()}")


def test_a_resident_keeps_a_copy_closes_the_account_and_is_somebody_new(phone_user: LogIn, tmp_path: Path) -> None:
    resident = phone_user("13700000006")
    number = submit_opinion(resident, "村口的公告栏玻璃碎了。")
    resident.open("/m/#/pages-me/account/account")
    resident.press("生成副本")
    with resident.page.expect_download() as got:
        resident.press("保存到本机")
    got.value.save_as(tmp_path / "copy.zip")
    assert number in zipfile.ZipFile(tmp_path / "copy.zip").read("我的信息.html").decode()
    resident.open("/m/#/pages-me/closing/closing")
    expect(resident.page.get_by_text(number)).to_be_visible()
    word = resident.page.locator("input").last
    for typed, answer in (("取消", "请在框内输入"), ("注销", "账号已注销")):
        word.fill(typed)
        resident.page.wait_for_timeout(TAKE_OVER_MS)
        resident.page.get_by_role("button", name="注销账号").last.click()
        resident.page.get_by_text(answer).first.wait_for()
    resident.press("返回首页")
    resident.page.get_by_text("获取验证码").wait_for()
    resident.known.pop(resident.phone)
