"""Buttons, yes and no, the doors that are not ours, and corrections in passing."""

import pytest

from services.assistant import _HANDLERS
from services.assistant.understanding.certain import INTENTS, STAFF
from services.rules.intents import (
    BACK,
    BUTTONS,
    CANCEL,
    EMERGENCY,
    LABELS,
    NO,
    RESTART,
    YES,
    clean,
    corrected,
    find_door,
)


def test_every_intent_of_the_chat_and_every_button_has_its_dialogue() -> None:
    assert set(INTENTS) - set(STAFF) - {"out_of_scope"} <= set(_HANDLERS)
    assert set(BUTTONS.values()) <= set(_HANDLERS)
    assert set(LABELS.values()) <= set(BUTTONS)


@pytest.mark.parametrize("text", ["取消", "取消。", " 取 消 ", "算了", "不用了", "退出", "不填了", "不签了", "停", "不弄了", "算了吧"])
def test_every_way_to_cancel_cancels(text: str) -> None:
    assert CANCEL.match(clean(text))


@pytest.mark.parametrize("text", ["取消上次的意见", "我要取消签到", "停车难", "停水了"])
def test_a_sentence_with_the_word_cancel_is_not_a_cancel(text: str) -> None:
    assert not CANCEL.match(clean(text))


@pytest.mark.parametrize("text", ["确认", "确认！", "确定", "是", "是的", "对", "好的", "可以", "提交", "同意", "嗯", "没错"])
def test_every_way_to_confirm_confirms(text: str) -> None:
    assert YES.match(clean(text))


@pytest.mark.parametrize("text", ["不确认", "确认一下时间", "不是", "好像不对", "可以改吗", "不对", "对不起"])
def test_a_doubt_is_never_a_confirmation(text: str) -> None:
    assert not YES.match(clean(text))


def test_yes_and_no_never_overlap_and_back_is_not_cancel() -> None:
    words = ("确认", "确定", "是", "对", "好", "不是", "不对", "否", "修改", "不要", "重来", "上一步", "返回", "重新开始")
    assert not [word for word in words if YES.match(word) and NO.match(word)]
    assert not [word for word in words if CANCEL.match(word) and (BACK.match(word) or RESTART.match(word))]


@pytest.mark.parametrize("text", ["家里着火了", "有人溺水", "他要跳楼", "救命", "煤气泄漏了"])
def test_an_emergency_is_heard(text: str) -> None:
    assert EMERGENCY.search(text)


@pytest.mark.parametrize(("text", "part"), [
    ("我正在打官司", "12348"), ("劳动仲裁怎么走", "12348"), ("老公家暴", "110"), ("他欠我五万块钱不还", "12348"), ("我要上访", "信访部门"),
    ("检举镇长受贿", "12388"), ("信访怎么走", "12345")])
def test_what_belongs_elsewhere_has_its_door(text: str, part: str) -> None:
    assert part in (find_door(text) or "")


@pytest.mark.parametrize("text", [
    "村口的路灯坏了", "能不能反映官司的事", "什么不能提", "公司欠我三个月工资", "举报养猪场臭气熏天", "法院门口的路灯坏了", "信访和提意见有什么区别"])
def test_what_is_ours_or_only_asked_about_has_none(text: str) -> None:
    assert find_door(text) is None


@pytest.mark.parametrize(("said", "text", "better"), [
    ("不是5户，是6户", "走访了5户群众", "走访了6户群众"), ("不是昨天是今天", "昨天走访", "今天走访"), ("把5户改成6户", "走访了5户", "走访了6户"),
    ("不是三盏，应该是四盏。", "坏了三盏", "坏了四盏"), ("不是7户，是8户", "走访了5户", None), ("确认", "走访了5户", None)])
def test_a_correction_in_passing_mends_the_text(said: str, text: str, better: str | None) -> None:
    assert corrected(said, text) == better
