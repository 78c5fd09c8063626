"""The contract: the adapter does the same on the stand-in and on the shapes the official pages print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.wechat.recorded import PAGES, RecordedPlatform
from tests.wechat.stages import Clients, Recorded, Stage, StandIn, build_clients
from tests.wechat.world import PHONE, FrozenClock
from wechat import errors
from wechat.config import AccountConfig
from wechat.custom_message import LinkCard, PageCard
from wechat.fields import FieldInvalid
from wechat.group_robot import GroupNotice
from wechat.link import LinkTarget
from wechat.menu import Button
from wechat.sandbox.platform import ENDPOINTS
from wechat.sandbox.server import start_sandbox
from wechat.template_library import NeededTemplate, find_gaps
from wechat.template_message import Target
from wechat.web_login import WebLogin
from wechat.wecom_message import WeComCard, WeComMarkdown, WeComText

pytestmark = pytest.mark.requirement(71)

STABLE = "/cgi-bin/stable_token"
LINK = LinkCard("标题", "说明", "https://home.example/n/1", "https://home.example/n.jpg")
PICTURE = b"\x89PNG" + b"x" * 60


@pytest.fixture
def configs(mini_config: AccountConfig, oa_config: AccountConfig) -> dict[str, AccountConfig]:
    wecom = AccountConfig("wecom", "ww1", "wecom-secret-literal", agent_id=1000002)
    return {"mini": mini_config, "oa": oa_config, "wecom": wecom}


@pytest.fixture(params=["stand-in", "recorded"])
def theatre(
    request: pytest.FixtureRequest, configs: dict[str, AccountConfig], clock: FrozenClock
) -> Iterator[tuple[Stage, Clients]]:
    if request.param == "stand-in":
        wecom = {"wecom": configs["wecom"]}
        with start_sandbox(configs["mini"], configs["oa"], others=wecom, clock=clock, callback_delay=60) as sandbox:
            yield StandIn(sandbox), build_clients(sandbox.url, configs, clock)
        return
    platform = RecordedPlatform()
    yield Recorded(platform, configs["mini"].appid, clock), build_clients(platform.url, configs, clock)
    platform.stop()
    assert platform.problems == []


@pytest.fixture
def stage(theatre: tuple[Stage, Clients]) -> Stage:
    return theatre[0]


@pytest.fixture
def clients(theatre: tuple[Stage, Clients]) -> Clients:
    return theatre[1]


def test_both_platforms_know_every_interface_the_adapter_uses() -> None:
    unused = {"/cgi-bin/token", "/cgi-bin/clear_quota", "/cgi-bin/menu/get"}
    assert set(ENDPOINTS) - unused == set(PAGES)


# --- the mini-program -------------------------------------------------------------------------------


def test_login(stage: Stage, clients: Clients) -> None:
    login = clients.mini.exchange_login_code(stage.login_code())
    assert login.openid == stage.openid_mini
    assert login.unionid
    assert login.session_key
    assert stage.calls(STABLE) == 0


def test_phone(stage: Stage, clients: Clients) -> None:
    phone = clients.mini.exchange_phone_code(stage.phone_code(), stage.openid_mini)
    assert (phone.country_code, phone.national_number) == ("86", PHONE)


def test_one_token_serves_all_calls(stage: Stage, clients: Clients) -> None:
    for _ in range(3):
        clients.mini.list_templates()
    assert (stage.calls(STABLE), stage.calls("/wxaapi/newtmpl/gettemplate")) == (1, 3)


def test_code_is_a_picture_and_kept(stage: Stage, clients: Clients) -> None:
    first = clients.mini.make_code("t=abc", "pages/index/index")
    assert first.startswith(b"\xff\xd8")
    assert clients.mini.make_code("t=abc", "pages/index/index") == first
    assert stage.calls("/wxa/getwxacodeunlimit") == 1
    clients.mini.make_code("t=abc", "pages/index/index", width=280)
    assert stage.calls("/wxa/getwxacodeunlimit") == 2


def test_links_to_a_page(stage: Stage, clients: Clients) -> None:
    target = LinkTarget("pages-notice/detail/detail", "id=1", days=7)
    assert clients.mini.make_url_link(target).startswith("https://wxaurl.cn/")
    assert clients.mini.make_scheme(target).startswith("weixin://dl/business/?t=")


def test_templates_with_their_fields_and_choices(stage: Stage, clients: Clients) -> None:
    template = next(one for one in clients.mini.list_templates() if one.id == stage.template_id)
    assert {field.name for field in template.fields} == set(stage.fields)
    assert template.choices == {"enum3": ("已签到", "未签到")}
    fitting = NeededTemplate("notice", stage.template_id, frozenset(stage.fields))
    assert find_gaps([fitting], [template]) == []


def test_library_of_templates(stage: Stage, clients: Clients) -> None:
    categories = clients.mini.list_template_categories()
    titles = clients.mini.list_library_titles(categories)
    assert titles
    keywords = clients.mini.list_library_keywords(titles[0].id)
    assert keywords[0].rule == "thing"
    added = clients.mini.add_template(titles[0].id, [1, 2], "会议通知")
    assert added
    clients.mini.delete_template(added)


def test_text_is_checked(stage: Stage, clients: Clients) -> None:
    clients.mini.exchange_login_code(stage.login_code())
    verdict = clients.mini.check_text(stage.openid_mini, "路灯坏了")
    assert (verdict.suggestion, verdict.label) == ("pass", 100)
    assert verdict.trace_id


def test_media_is_checked(stage: Stage, clients: Clients) -> None:
    clients.mini.exchange_login_code(stage.login_code())
    assert clients.mini.check_media(stage.openid_mini, "https://files.example/a.jpg", "image")


def test_subscribe_message_is_sent(stage: Stage, clients: Clients) -> None:
    clients.mini.send_subscribe_message(stage.openid_mini, stage.template_id, stage.fields, "pages/a")
    assert stage.calls("/cgi-bin/message/subscribe/send") == 1


@pytest.mark.requirement(48)
@pytest.mark.parametrize("change", [{"enum3": "别的"}, {"enum3": None}, {"thing9": "多"}])
def test_message_unlike_its_listed_template_never_leaves(
    stage: Stage, clients: Clients, change: dict[str, str | None]
) -> None:
    clients.mini.list_templates()
    fields = {name: value for name, value in (stage.fields | change).items() if value is not None}
    with pytest.raises(FieldInvalid):
        clients.mini.send_subscribe_message(stage.openid_mini, stage.template_id, fields, "pages/a")
    assert stage.calls("/cgi-bin/message/subscribe/send") == 0


def test_customer_messages_of_a_mini_program(stage: Stage, clients: Clients) -> None:
    media_id = clients.mini.upload_image(PICTURE)
    clients.mini.send_custom_text(stage.openid_mini, "您好", is_ai=True)
    clients.mini.send_custom_image(stage.openid_mini, media_id)
    clients.mini.send_custom_link(stage.openid_mini, LINK)
    clients.mini.send_custom_page(stage.openid_mini, PageCard("标题", "pages/a", media_id))
    assert clients.mini.send_typing(stage.openid_mini) is True
    assert stage.calls("/cgi-bin/message/custom/send") == 4


@pytest.mark.parametrize("kind", ["mini", "official"])
def test_quota_is_told(stage: Stage, clients: Clients, kind: str) -> None:
    quota = getattr(clients, kind).get_quota("/cgi-bin/message/subscribe/send")
    assert quota.daily_limit == quota.used + quota.left == 10_000_000


# --- the official account ---------------------------------------------------------------------------


def test_template_message_has_an_id(stage: Stage, clients: Clients) -> None:
    msgid = clients.official.send_template_message(
        stage.openid_oa, stage.template_id, stage.fields, url="https://home.example", client_msg_id="outbox-1"
    )
    assert msgid.isdecimal()


@pytest.mark.parametrize("target", [None, Target("https://home.example"), Target(None, "wxmini", "pages/a")])
def test_notification_is_sent(stage: Stage, clients: Clients, target: Target | None) -> None:
    clients.official.send_notification(stage.openid_oa, stage.template_id, stage.fields, target=target)
    assert stage.calls("/cgi-bin/message/subscribe/bizsend") == 1


def test_customer_messages_of_an_official_account(
    stage: Stage, clients: Clients, configs: dict[str, AccountConfig]
) -> None:
    media_id = clients.official.upload_image(PICTURE)
    clients.official.send_custom_text(stage.openid_oa, "您好", is_ai=True)
    clients.official.send_custom_image(stage.openid_oa, media_id)
    clients.official.send_custom_link(stage.openid_oa, LINK)
    page = PageCard("标题", "pages/a", media_id, configs["mini"].appid)
    clients.official.send_custom_page(stage.openid_oa, page)
    assert clients.official.send_typing(stage.openid_oa) is True
    assert stage.calls("/cgi-bin/message/custom/send") == 4


def test_followers(stage: Stage, clients: Clients) -> None:
    follower = clients.official.get_follower(stage.openid_oa)
    assert (follower.openid, follower.follows) == (stage.openid_oa, True)
    assert follower.unionid
    assert follower.followed_at is not None
    assert clients.official.list_followers([stage.openid_oa])[0] == follower


def test_menu_is_set_and_taken_away(stage: Stage, clients: Clients) -> None:
    below = (Button("联系联络站", key="contact"), Button("办事", mini_appid="wxmini", mini_path="pages/a", url="https://a"))
    clients.official.set_menu([Button("代表之家", url="https://home.example"), Button("服务", children=below)])
    clients.official.delete_menu()
    assert stage.calls("/cgi-bin/menu/create") == 1


def test_follower_codes(stage: Stage, clients: Clients) -> None:
    code = clients.official.make_follower_code("d_123", seconds=604800)
    assert code.url.startswith("http://weixin.qq.com/q/")
    assert code.seconds == 604800
    assert code.picture_url().startswith("https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=")
    assert clients.official.make_follower_code("d_123", seconds=None).seconds is None


def web_login(clients: Clients) -> WebLogin:
    seen: set[str] = set()

    def first_seen(key: str, ttl: int) -> bool:
        new = key not in seen
        seen.add(key)
        return new

    return clients.official.open_web_login(
        signing_key=b"signing-key", first_seen=first_seen, redirect_hosts=["home.example"]
    )


def test_web_login(stage: Stage, clients: Clients) -> None:
    login = web_login(clients)
    address = login.build_address("https://home.example/back?a=1", session="s1", scope="snsapi_userinfo")
    state = parse_qs(urlsplit(address.partition("#")[0]).query)["state"][0]
    user = login.finish(code=stage.web_code(address), state=state, session="s1")
    assert user.openid == stage.openid_oa
    assert user.unionid
    assert stage.calls(STABLE) == 0


@pytest.mark.requirement(8)
def test_page_is_signed_with_a_ticket_fetched_once(
    stage: Stage, clients: Clients, configs: dict[str, AccountConfig]
) -> None:
    signed = [clients.official.sign_page("https://home.example/m/#/a") for _ in range(2)]
    assert {one.appid for one in signed} == {configs["oa"].appid}
    assert all(re.fullmatch(r"[0-9a-f]{40}", one.signature) for one in signed)
    assert stage.calls("/cgi-bin/ticket/getticket") == 1


def test_platform_looks_at_our_address(stage: Stage, clients: Clients) -> None:
    report = clients.official.check_network()
    assert report.addresses
    assert set(report.lossy) <= set(report.addresses)


# --- WeCom ------------------------------------------------------------------------------------------


@pytest.mark.requirement(59)
@pytest.mark.parametrize("content", [WeComText("通知"), WeComMarkdown("**通知**"), WeComCard("通知", "说明", "https://a")])
def test_members_are_told_and_the_unknown_ones_named(
    stage: Stage, clients: Clients, content: WeComText | WeComMarkdown | WeComCard
) -> None:
    report = clients.wecom.send_to_members(["userid1", "userid2", "userid3", "userid4", "userid5"], content)
    assert (report.sent, report.invalid) == (("userid1", "userid5"), ("userid2", "userid3", "userid4"))
    assert (report.held, report.unsent, report.problem) == ((), (), None)
    assert len(report.message_ids) == 1
    clients.wecom.recall(report.message_ids[0])


def test_group_chat_of_an_application(stage: Stage, clients: Clients) -> None:
    chat = clients.wecom.create_chat("联络员", ["userid1", "userid5"], owner="userid1")
    clients.wecom.send_to_chat(chat, WeComText("通知"))
    clients.wecom.change_members(chat, joining=["userid1"], leaving=["userid5"])
    assert stage.calls("/cgi-bin/appchat/send") == 1


def test_application_has_a_name(stage: Stage, clients: Clients) -> None:
    assert clients.wecom.get_name()
    assert (stage.calls("/cgi-bin/gettoken"), stage.calls(STABLE)) == (1, 0)


def test_robot_writes_into_its_group(stage: Stage, clients: Clients) -> None:
    clients.robot.send_text("通知", mentioned=["@all"])
    told = clients.robot.send_notices("代表之家", [GroupNotice("会议", "https://home.example/n/1"), GroupNotice("活动")])
    assert (told.count, told.problem) == (2, None)
    assert stage.calls("/cgi-bin/webhook/send") == 3


# --- refusals ---------------------------------------------------------------------------------------

CALLS: dict[str, tuple[Callable[[Clients, Stage], object], list[tuple[int, type[errors.WeChatError]]]]] = {
    "/sns/jscode2session": (
        lambda c, s: c.mini.exchange_login_code("code"),
        [(40029, errors.BadCode), (40163, errors.BadCode), (45011, errors.RateLimited), (40226, errors.HighRiskUser),
         (-1, errors.SystemBusy), (40164, errors.Misconfigured), (61004, errors.Misconfigured)]),
    "/wxa/business/getuserphonenumber": (
        lambda c, s: c.mini.exchange_phone_code("code", s.openid_mini),
        [(40029, errors.BadCode), (45011, errors.RateLimited), (40013, errors.Misconfigured)]),
    "/wxa/getwxacodeunlimit": (
        lambda c, s: c.mini.make_code("a=1", "pages/a"),
        [(41030, errors.TemplateInvalid), (40169, errors.InvalidArgument), (45009, errors.RateLimited)]),
    "/wxa/generate_urllink": (
        lambda c, s: c.mini.make_url_link(LinkTarget("pages/a")),
        [(44990, errors.RateLimited), (44993, errors.RateLimited), (85406, errors.RateLimited),
         (40165, errors.InvalidArgument), (85079, errors.Misconfigured), (85401, errors.InvalidArgument)]),
    "/wxaapi/newtmpl/addtemplate": (
        lambda c, s: c.mini.add_template("99", [1, 2], "会议通知"),
        [(200012, errors.Misconfigured), (200014, errors.Misconfigured), (200020, errors.InvalidArgument),
         (200021, errors.InvalidArgument)]),
    "/cgi-bin/message/subscribe/send": (
        lambda c, s: c.mini.send_subscribe_message(s.openid_mini, s.template_id, s.fields, "p"),
        [(43101, errors.NotSubscribed), (40003, errors.InvalidOpenid), (40037, errors.TemplateInvalid),
         (43107, errors.TemplateInvalid), (43108, errors.ConcurrentSend), (45168, errors.TemplateInvalid),
         (47003, errors.TemplateInvalid), (45009, errors.RateLimited), (48001, errors.Misconfigured)]),
    "/cgi-bin/message/template/send": (
        lambda c, s: c.official.send_template_message(s.openid_oa, s.template_id, s.fields),
        [(43004, errors.RecipientRefused), (43019, errors.RecipientRefused), (48002, errors.RecipientRefused),
         (43117, errors.RateLimited)]),
    "/cgi-bin/message/custom/send": (
        lambda c, s: c.official.send_custom_text(s.openid_oa, "您好"),
        [(45015, errors.WindowClosed), (45047, errors.WindowClosed)]),
    "/wxa/msg_sec_check": (
        lambda c, s: c.mini.check_text(s.openid_mini, "好"),
        [(61010, errors.StaleOpenid), (44991, errors.RateLimited)]),
    "/sns/oauth2/access_token": (
        lambda c, s: finish_web_login(c),
        [(40029, errors.BadCode), (40163, errors.BadCode), (48001, errors.Misconfigured)]),
    "/cgi-bin/agent/get": (
        lambda c, s: c.wecom.get_name(), [(60020, errors.Misconfigured), (301002, errors.Misconfigured)]),
    "/cgi-bin/appchat/send": (
        lambda c, s: c.wecom.send_to_chat("x", WeComText("a")), [(86001, errors.InvalidArgument)]),
    "/cgi-bin/webhook/send": (
        lambda c, s: c.robot.send_text("a"), [(45009, errors.RateLimited), (93000, errors.Misconfigured)]),
}


def finish_web_login(clients: Clients) -> object:
    login = web_login(clients)
    address = login.build_address("https://home.example/", session="s1")
    state = parse_qs(urlsplit(address.partition("#")[0]).query)["state"][0]
    return login.finish(code="CODE", state=state, session="s1")


@pytest.mark.requirement(18, 21, 62, 63)
@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [(path, code, error) for path, (_, cases) in CALLS.items() for code, error in cases],
)
def test_refusal_becomes_its_error(
    stage: Stage, clients: Clients, path: str, code: int, expected: type[errors.WeChatError]
) -> None:
    stage.refuse(path, code)
    with pytest.raises(errors.WeChatError) as caught:
        CALLS[path][0](clients, stage)
    assert type(caught.value) is expected
    assert (caught.value.code, caught.value.api) == (code, path)
    assert caught.value.rid
