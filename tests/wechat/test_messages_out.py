"""Customer messages, the sign of writing, pictures, menus, codes and templates: what is sent and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.wechat.world import PHONE, Control, FrozenClock, Product
from wechat import errors
from wechat.custom_message import LinkCard, PageCard
from wechat.menu import Button
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.template import Template, TemplateField
from wechat.template_library import Gap, NeededTemplate, find_gaps

PNG = b"\x89PNG" + b"x" * 60
LINK = LinkCard("标题", "说明", "https://home.example/n/1", "https://home.example/n.jpg")
CUSTOM, TYPING = "/cgi-bin/message/custom/send", "/cgi-bin/message/custom/typing"


@pytest.fixture
def talking(control: Control, person: dict[str, str]) -> dict[str, str]:
    """Somebody who has just written to both accounts."""
    control.post("mini-messages", phone=PHONE, text="在吗")
    control.post("oa-messages", phone=PHONE, text="你好")
    return person


def shown(control: Control) -> list[dict[str, object]]:
    return [one for one in control.get("messages", phone=PHONE)["messages"] if one["kind"] == "custom"]


# --- customer messages ------------------------------------------------------------------------------


@pytest.mark.requirement(45)
def test_generated_text_says_so_in_each_kind_of_account(
    mini: MiniProgram, official: OfficialAccount, control: Control, talking: dict[str, str]
) -> None:
    mini.send_custom_text(talking["openid_mini"], "您好", is_ai=True)
    official.send_custom_text(talking["openid_oa"], "答" * 1000, is_ai=True)
    official.send_custom_text(talking["openid_oa"], "您好")
    labelled, written, plain = shown(control)
    assert (labelled["text"], labelled["is_ai"]) == ("您好", True)
    assert str(written["text"]).endswith("…\n（本条由AI生成）")
    assert len(str(written["text"]).encode()) <= 2048
    assert plain["text"] == "您好"


def test_cards_and_pictures_arrive(
    mini: MiniProgram, official: OfficialAccount, control: Control, talking: dict[str, str]
) -> None:
    for account, openid in ((mini, talking["openid_mini"]), (official, talking["openid_oa"])):
        media_id = account.upload_image(PNG)
        account.send_custom_image(openid, media_id)
        account.send_custom_link(openid, LINK)
        account.send_custom_page(openid, PageCard("办事", "pages/a", media_id, "wxmini0000000001"))
    assert [(one["account"], one["title"], one["page"]) for one in shown(control)] == [
        (account, title, page)
        for account in ("mini", "oa")
        for title, page in (("", ""), ("标题", "https://home.example/n/1"), ("办事", "pages/a"))
    ]


def test_picture_the_platform_does_not_have_is_refused(mini: MiniProgram, talking: dict[str, str]) -> None:
    with pytest.raises(errors.WeChatError) as caught:
        mini.send_custom_image(talking["openid_mini"], "never-uploaded")
    assert caught.value.code == 40007


def test_wrong_cards_are_refused_before_the_network(
    mini: MiniProgram, control: Control, talking: dict[str, str]
) -> None:
    openid = talking["openid_mini"]
    with pytest.raises(errors.InvalidArgument):
        mini.send_custom_link(openid, LinkCard("标题", "说明", "http://home.example", "https://home.example/n.jpg"))
    for path in ("", "/pages/a"):
        with pytest.raises(errors.InvalidArgument):
            mini.send_custom_page(openid, PageCard("标题", path, "m"))
    assert control.calls(CUSTOM) == 0


@pytest.mark.parametrize("content", [b"", b"<html>", b"RIFF" + b"x" * 20, PNG + b"x" * 10 * 1024 * 1024])
def test_what_is_no_picture_is_not_uploaded(mini: MiniProgram, control: Control, content: bytes) -> None:
    with pytest.raises(errors.InvalidArgument):
        mini.upload_image(content)
    assert control.calls("/cgi-bin/media/upload") == 0


def test_lost_upload_is_made_again(mini: MiniProgram, control: Control) -> None:
    mini.list_templates()
    control.fault("/cgi-bin/media/upload", "drop_after_execute")
    assert mini.upload_image(PNG).startswith("media-")
    assert control.calls("/cgi-bin/media/upload") == 2


# --- the sign of writing ----------------------------------------------------------------------------


@pytest.mark.requirement(45)
def test_sign_of_writing_is_shown_once_in_five_seconds(
    mini: MiniProgram, control: Control, talking: dict[str, str], clock: FrozenClock
) -> None:
    openid = talking["openid_mini"]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: mini.send_typing(openid), range(8))) == 1
    clock.move(4.9)
    assert mini.send_typing(openid) is False
    clock.move(0.2)
    assert mini.send_typing(openid) is True
    assert control.calls(TYPING) == 2


@pytest.mark.requirement(45)
@pytest.mark.parametrize(("idle", "expected"), [(0, True), (29, True), (30, False), (3600, False)])
def test_sign_of_writing_is_not_shown_to_somebody_silent(
    official: OfficialAccount, control: Control, talking: dict[str, str], clock: FrozenClock, idle: int, expected: bool
) -> None:
    heard_at = clock() - timedelta(seconds=idle)
    assert official.send_typing(talking["openid_oa"], heard_at=heard_at) is expected
    assert control.calls(TYPING) == expected


def test_sign_is_remembered_for_each_and_not_for_ever(
    mini: MiniProgram, control: Control, clock: FrozenClock
) -> None:
    openids = control.post("crowd", first=13000000000, count=1001)["openids"]
    assert all(mini.send_typing(openid) for openid in openids[:3])
    clock.move(6)
    mini._typing._shown.update({openid: clock() - timedelta(seconds=6) for openid in openids})
    assert mini.send_typing(openids[5]) is True
    assert len(mini._typing._shown) == 1


# --- menus and codes --------------------------------------------------------------------------------


def test_menu_is_shown_and_its_taps_come_as_events(
    official: OfficialAccount, control: Control, person: dict[str, str], product: Product
) -> None:
    official.set_menu([Button("联系联络站", key="contact")])
    control.post("oa-messages", phone=PHONE, event="CLICK", event_key="contact")
    assert product.received[0].event_key == "contact"


FULL = tuple(Button(f"项{number}", key="k") for number in range(6))


@pytest.mark.parametrize(
    "buttons",
    [
        [],
        FULL[:4],
        [Button("服务", children=FULL)],
        [Button("", key="k")],
        [Button("六个汉字长了", key="k")],
        [Button("空")],
        [Button("长键", key="k" * 129)],
        [Button("长址", url="https://" + "a" * 1024)],
        [Button("三层", children=(Button("二", children=(Button("三", key="k"),)),))],
        [Button("服务", children=(Button("x" * 61, key="k"),))],
    ],
)
def test_wrong_menu_is_refused_before_the_network(
    official: OfficialAccount, control: Control, buttons: list[Button]
) -> None:
    with pytest.raises(errors.InvalidArgument):
        official.set_menu(buttons)
    assert control.calls("/cgi-bin/menu/create") == 0


@pytest.mark.parametrize(("scene", "seconds"), [("", 60), ("x" * 65, 60), ("a", 0), ("a", 30 * 86400 + 1)])
def test_wrong_follower_code_is_refused_before_the_network(
    official: OfficialAccount, control: Control, scene: str, seconds: int
) -> None:
    with pytest.raises(errors.InvalidArgument):
        official.make_follower_code(scene, seconds=seconds)
    assert control.calls("/cgi-bin/qrcode/create") == 0


@pytest.mark.requirement(61)
def test_old_follower_code_opens_nothing(
    official: OfficialAccount, control: Control, person: dict[str, str], product: Product, clock: FrozenClock
) -> None:
    code = official.make_follower_code("d_1", seconds=60)
    clock.move(61)
    with pytest.raises(AssertionError, match="no such code"):
        control.post("scans", phone=PHONE, ticket=code.ticket)
    assert product.received == []


def test_many_followers_are_asked_for_by_the_hundred(official: OfficialAccount, control: Control) -> None:
    openids = control.post("crowd", first=13000000000, count=250, account="oa")["openids"]
    assert [one.openid for one in official.list_followers(openids)] == openids
    assert control.calls("/cgi-bin/user/info/batchget") == 3


# --- templates --------------------------------------------------------------------------------------


@pytest.mark.requirement(48)
def test_template_of_the_library_can_be_sent_with_its_fields(
    mini: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    (title,) = [one for one in mini.list_library_titles(mini.list_template_categories()) if one.title == "会议通知"]
    keywords = mini.list_library_keywords(title.id)
    added = mini.add_template(title.id, [one.id for one in keywords], "会议通知")
    (template,) = [one for one in mini.list_templates() if one.id == added]
    assert (template.kind, [field.label for field in template.fields]) == (title.kind, [one.name for one in keywords])
    control.post("subscriptions", phone=PHONE, template_id=added, accept=True)
    data = {"thing1": "常委会会议", "thing2": "县人大常委会", "time3": "09:00", "thing4": "请准时"}
    mini.send_subscribe_message(person["openid_mini"], added, data, "p")
    mini.delete_template(added)
    assert added not in {one.id for one in mini.list_templates()}


@pytest.mark.parametrize(("keywords", "scene"), [([1], "a"), ([1, 1], "a"), ([1, 2, 3, 4, 5, 6], "a"), ([1, 2], ""), ([1, 2], "x" * 16)])
def test_wrong_choice_of_keywords_is_refused_before_the_network(
    mini: MiniProgram, control: Control, keywords: list[int], scene: str
) -> None:
    with pytest.raises(errors.InvalidArgument):
        mini.add_template("5501", keywords, scene)
    assert control.calls("/wxaapi/newtmpl/addtemplate") == 0


@pytest.mark.requirement(48)
def test_gaps_between_need_and_account_are_named() -> None:
    fields = tuple(TemplateField(name, name) for name in ("thing1", "time2"))
    held = [Template("t1", "标题", "", "one_time", fields)]
    needed = [
        NeededTemplate("fits", "t1", frozenset({"thing1", "time2"})),
        NeededTemplate("gone", "t2", frozenset({"thing1"})),
        NeededTemplate("other", "t1", frozenset({"thing1", "thing9"})),
    ]
    assert find_gaps(needed, held) == [
        Gap("gone", "absent"),
        Gap("other", "missing", ("thing9",)),
        Gap("other", "unknown", ("time2",)),
    ]


# --- what a sender may ask of an error --------------------------------------------------------------


@pytest.mark.requirement(18)
@pytest.mark.parametrize(
    ("code", "stops"),
    [
        *((code, True) for code in (40037, 41030, 43107, 45168, 47003, 48001, 40243, 40164, 61004)),
        *((code, False) for code in (40003, 43101, 43004, 43019, 48002, 43117, 43108, 45009, 44991, 45011, -1, 777)),
    ],
)
def test_error_tells_whether_the_whole_batch_is_lost(
    mini: MiniProgram, control: Control, person: dict[str, str], code: int, stops: bool
) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    control.fault("/wxa/msg_sec_check", "errcode", code=code, times=9)
    with pytest.raises(errors.WeChatError) as caught:
        mini.check_text(person["openid_mini"], "好")
    assert caught.value.stops_batch is stops


def test_wrong_field_is_named(mini: MiniProgram, control: Control, person: dict[str, str]) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    with pytest.raises(errors.TemplateInvalid) as caught:
        mini.send_subscribe_message(person["openid_mini"], "tmpl-notice", {"thing1": "a", "thing2": "b"}, "p")
    assert caught.value.field == "time3"
    assert errors.TemplateInvalid("argument invalid!").field is None
