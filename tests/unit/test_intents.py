"""What a sentence of chat asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assistant import _HANDLERS
from services.rules.intents import BY_NAME, CANCEL, EMERGENCY, INTENTS, NO, YES, clean, understand

RESIDENT = {
    "submit_opinion": ("我要提意见", "我想提个建议", "反映一下村口路灯坏了", "我要投诉噪音", "路灯坏了没人修", "提意见，水渠堵了",
                       "我有个诉求", "反应个问题"),
    "follow_opinion": ("查进度", "我的意见办得怎么样了", "YJ9901011012026000001", "我提的意见有回音吗", "意见办到哪一步了",
                       "意见有结果了吗", "查意见进度"),
    "rate_opinion": ("我要评价", "评价答复", "对答复不满意", "给办理结果打分", "不满意这个办理结果"),
    "find_deputy": ("我们村的代表是谁", "找代表", "怎么联系代表", "谁是我们的代表", "代表名单", "代表电话多少"),
    "reception_day": ("接待日是什么时候", "下次接待日", "值班表", "什么时候接待群众", "接待时间"),
    "station": ("联络站在哪", "最近的联络站", "开放时间", "代表之家怎么走", "工作站地址", "联络站在哪里"),
    "how_long": ("意见多久答复", "几天能有回音", "办理期限是几天", "什么时候答复", "多久答复"),
    "not_accepted": ("什么不能提", "哪些不受理", "能不能反映官司", "我要信访", "打官司的事管不管", "我要举报干部"),
    "privacy": ("隐私说明", "怎么注销账号", "我的个人信息安全吗", "删除我的信息"),
    "human": ("转人工", "我要找工作人员", "有没有真人", "人工客服", "给我打电话"),
    "notices": ("看通知", "有什么公告", "最近有什么会", "会议安排"),
    "help": ("帮助", "你好", "你能做什么", "怎么用", "菜单", "？"),
}
DEPUTY = {
    "check_in": ("签到", "我要签到", "扫码签到", "我到站了", "进站打卡", "打卡"),
    "check_out": ("签退", "我要签退", "离开联络站", "离站", "我走了，帮我签退"),
    "my_points": ("我的积分", "查积分", "我还有几分", "今年得了多少分", "积分明细"),
    "my_tasks": ("待我处理的意见", "有哪些意见要我办", "群众给我的留言", "待我办理的意见", "我要答复意见", "回复群众"),
    "report_duty": ("登记履职", "我要登记履职", "今天走访了三户选民", "昨天参加了调研一次", "调解了一起纠纷", "记一笔",
                    "培训了半天"),
    "notices": ("看通知", "未读通知", "最近有什么会"),
    "submit_opinion": ("我要提意见", "反映问题", "我想提个建议"),
    "human": ("转人工", "找工作人员", "客服"),
}
NONSENSE = ("", "，。！", "嘻嘻哈哈", "asdfghjkl", "今晚吃什么", "12345678", "🙂🙂", "qwerty uiop")
RESIDENT_ROWS = [(text, name) for name, texts in RESIDENT.items() for text in texts]
DEPUTY_ROWS = [(text, name) for name, texts in DEPUTY.items() for text in texts]


def test_the_table_is_large_and_covers_every_intent_three_times() -> None:
    assert len(RESIDENT_ROWS) + len(DEPUTY_ROWS) >= 80
    for name, intent in BY_NAME.items():
        texts = (DEPUTY if intent.audience == "deputy" else RESIDENT).get(name, ())
        assert len(texts) >= 3, name


@pytest.mark.parametrize(("text", "name"), RESIDENT_ROWS)
def test_a_resident_is_understood(text: str, name: str) -> None:
    found = understand(text, is_deputy=False).intent
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(("text", "name"), DEPUTY_ROWS)
def test_a_deputy_is_understood(text: str, name: str) -> None:
    found = understand(text, is_deputy=True).intent
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("text", NONSENSE)
@pytest.mark.parametrize("is_deputy", [True, False])
def test_nonsense_is_not_guessed(text: str, is_deputy: bool) -> None:
    assert understand(text, is_deputy=is_deputy).intent is None


def test_a_near_miss_offers_the_nearest_things() -> None:
    found = understand("代表接待的日子呢", is_deputy=False)
    assert found.intent is None
    assert "接待日" in [intent.label for intent in found.nearest]
    assert len(found.nearest) <= 3


def test_nothing_near_offers_nothing() -> None:
    assert understand("asdfghjkl", is_deputy=False).nearest == ()


@pytest.mark.parametrize("text", ["我要签到", "我的积分", "登记履职"])
def test_a_resident_who_asks_for_a_deputys_thing_is_still_understood(text: str) -> None:
    found = understand(text, is_deputy=False).intent
    assert found is not None
    assert found.audience == "deputy"


@pytest.mark.parametrize(("name", "is_deputy"), [
    (intent.name, is_deputy) for intent in INTENTS for is_deputy in (True, False)
    if is_deputy or intent.audience == "anybody"])
def test_a_button_and_every_example_lead_to_their_own_intent(name: str, is_deputy: bool) -> None:
    intent = BY_NAME[name]
    found = {text: understand(text, is_deputy=is_deputy).intent for text in (intent.label, *intent.examples)}
    assert {text: got.name if got else None for text, got in found.items()} == dict.fromkeys(found, name)


def test_every_intent_has_its_dialogue() -> None:
    assert set(_HANDLERS) == set(BY_NAME)
    assert len(BY_NAME) == len(INTENTS)


@pytest.mark.parametrize("text", ["取消", "取消。", " 取 消 ", "算了", "不用了", "退出", "不填了", "不签了", "停"])
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


def test_yes_and_no_never_overlap() -> None:
    words = ("确认", "确定", "是", "对", "好", "不是", "不对", "否", "修改", "不要", "重来")
    assert not [word for word in words if YES.match(word) and NO.match(word)]


@pytest.mark.parametrize("text", ["家里着火了", "有人溺水", "他要跳楼", "救命", "煤气泄漏了"])
def test_an_emergency_is_heard(text: str) -> None:
    assert EMERGENCY.search(text)


@given(st.text(max_size=200), st.booleans())
def test_no_text_breaks_the_router(text: str, is_deputy: bool) -> None:
    found = understand(text, is_deputy=is_deputy)
    assert found.intent is None or found.nearest == ()
