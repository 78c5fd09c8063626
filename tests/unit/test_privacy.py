"""The privacy text, and which consents it leaves in force."""

import re

import pytest

from services.rules import privacy, retention


@pytest.mark.parametrize(("version", "holds"), [
    (privacy.VERSION, True), ("2026-11", True), ("2020-01", False), ("", False), (None, False)])
def test_a_consent_holds_until_a_text_asks_anew(version: str | None, holds: bool) -> None:
    assert privacy.holds(version) is holds


def test_the_periods_told_are_the_periods_kept() -> None:
    told = dict(re.findall(r"(意见办结满|助手的对话保存|咨询办结后保存|登录会话退出或过期后保存|验证码过期后保存|没有提交的照片保存)(\d+[年天])",
                           privacy.BODY))
    names = {"意见办结满": "opinions", "助手的对话保存": "chat_lines", "咨询办结后保存": "hand_overs",
             "登录会话退出或过期后保存": "login_sessions", "验证码过期后保存": "login_codes", "没有提交的照片保存": "loose_photos"}
    kept = {words: retention.period(retention.BY_NAME[name]).removeprefix(retention.BY_NAME[name].since)
            for words, name in names.items()}
    assert told == kept


@pytest.mark.parametrize("word", ["谁来处理", "作什么用", "保存多久", "更正", "导出", "撤回同意", "注销", "未满14周岁", "重新征得", "联系方式"])
def test_the_text_tells_what_the_law_wants_told(word: str) -> None:
    assert word in privacy.BODY
