"""Addresses that open the mini-program from outside: thirty days at most, and the same one again."""

from __future__ import annotations

import pytest

from tests.wechat.world import Control, FrozenClock
from wechat.config import AccountConfig
from wechat.errors import InvalidArgument, RateLimited
from wechat.link import LinkTarget
from wechat.mini import MiniProgram
from wechat.token_store import MemoryTokenStore
from wechat.tokens import TokenProvider
from wechat.transport import Transport

pytestmark = pytest.mark.requirement(63)
LINK, SCHEME = "/wxa/generate_urllink", "/wxa/generatescheme"
DAY = 86400


def test_same_target_gets_the_same_address_until_near_its_end(
    mini: MiniProgram, control: Control, clock: FrozenClock
) -> None:
    target = LinkTarget("pages/a", "id=1", days=30)
    first = mini.make_url_link(target)
    clock.move(26 * DAY)
    assert mini.make_url_link(target) == first
    assert control.calls(LINK) == 1
    clock.move(2 * DAY)
    assert mini.make_url_link(target) != first
    assert control.calls(LINK) == 2


@pytest.mark.parametrize(
    "other",
    [
        LinkTarget("pages/b", "id=1"),
        LinkTarget("pages/a", "id=2"),
        LinkTarget("pages/a", "id=1", days=1),
        LinkTarget("pages/a", "id=1", env_version="trial"),
    ],
)
def test_another_target_gets_another_address(mini: MiniProgram, control: Control, other: LinkTarget) -> None:
    assert mini.make_url_link(LinkTarget("pages/a", "id=1")) != mini.make_url_link(other)
    assert control.calls(LINK) == 2


def test_address_and_scheme_are_two_things(mini: MiniProgram, control: Control) -> None:
    target = LinkTarget("pages/a")
    assert mini.make_scheme(target) == mini.make_scheme(target) != mini.make_url_link(target)
    assert (control.calls(SCHEME), control.calls(LINK)) == (1, 1)


def test_workers_share_the_address(
    mini_config: AccountConfig, transport: Transport, clock: FrozenClock, control: Control
) -> None:
    store = MemoryTokenStore()
    workers = [MiniProgram(mini_config, transport, TokenProvider(store, clock=clock)) for _ in range(2)]
    assert len({worker.make_url_link(LinkTarget("pages/a")) for worker in workers}) == 1
    assert control.calls(LINK) == 1


@pytest.mark.parametrize(
    "target",
    [
        LinkTarget("pages/a", days=31),
        LinkTarget("pages/a", days=0),
        LinkTarget("pages/a", days=-1),
        LinkTarget(""),
        LinkTarget("pages/a?id=1"),
        LinkTarget("pages/a", "x" * 1025),
        LinkTarget("pages/a", "名=1"),
    ],
)
def test_wrong_target_is_refused_before_the_network(
    mini: MiniProgram, control: Control, target: LinkTarget
) -> None:
    for make in (mini.make_url_link, mini.make_scheme):
        with pytest.raises(InvalidArgument):
            make(target)
    assert (control.calls(LINK), control.calls(SCHEME)) == (0, 0)


def test_platform_refuses_what_we_would(mini: MiniProgram, control: Control) -> None:
    """The stand-in's own rule, apart from ours."""
    for path, code in ((LINK, 44990), (LINK, 44993), (SCHEME, 85406)):
        control.fault(path, "errcode", code=code)
        with pytest.raises(RateLimited) as caught:
            (mini.make_url_link if path == LINK else mini.make_scheme)(LinkTarget("pages/a"))
        assert caught.value.daily is (code != 44990)
