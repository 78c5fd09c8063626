"""Which error each number of the platform becomes, over every number the design document names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wechat import errors
from wechat.error_codes import ERROR_CLASSES, PLAIN_CATEGORIES, error_for
from wechat.errors import WeChatError

#: code, class, category, retryable
SPECIAL = [
    (-1, errors.SystemBusy, "transient", True),
    (40001, errors.TokenRejected, "auth", False),
    (40014, errors.TokenRejected, "auth", False),
    (42001, errors.TokenRejected, "auth", False),
    (40029, errors.BadCode, "user", False),
    (40163, errors.BadCode, "user", False),
    (45011, errors.RateLimited, "quota", True),
    (45009, errors.RateLimited, "quota", True),
    (44991, errors.RateLimited, "quota", True),
    (40226, errors.HighRiskUser, "user", False),
    (43101, errors.NotSubscribed, "user", False),
    (40003, errors.InvalidOpenid, "user", False),
    (43108, errors.ConcurrentSend, "transient", True),
    (40037, errors.TemplateInvalid, "content", False),
    (47003, errors.TemplateInvalid, "content", False),
    (43107, errors.TemplateInvalid, "content", False),
    (45168, errors.TemplateInvalid, "content", False),
    (41030, errors.TemplateInvalid, "content", False),
    (40013, errors.Misconfigured, "config", False),
    (40125, errors.Misconfigured, "config", False),
    (40164, errors.Misconfigured, "config", False),
    (61004, errors.Misconfigured, "config", False),
    (48001, errors.Misconfigured, "config", False),
    (40243, errors.Misconfigured, "config", False),
    (45015, errors.WindowClosed, "user", False),
    (45047, errors.WindowClosed, "user", False),
    (61010, errors.StaleOpenid, "user", False),
    (43004, errors.RecipientRefused, "user", False),
    (45029, errors.RateLimited, "quota", False),
    (424242, WeChatError, "unknown", False),
]

#: Every further number in the design document.
OTHERS = [
    *(20001, 20002, 40002, 40097, 40129, 40165, 40169, 40212, *range(40230, 40241), 42003, 42007, 43019),
    *(43104, 43117, 44990, 44993, 45010, 45065, 45066, 45067, 45072, 45080, 45081, 47001, 47501, 47504),
    *(48002, 48004, 48006, 48017, 50001, 50002, 50005, 61450, 61451, 65301, 65303, 76001, 76022, 81013),
    *(85079, 85096, 85401, 85402, 85406, 85407, 85408, 87007, 87008, 87009, 87014, 87020, 130101),
    *(200011, 200012, 200013, 200014, 200020, 200021, 200022, 200100, 10001, 10005, 20004, 1400001, -1008),
]


@pytest.mark.requirement(18)
@pytest.mark.parametrize(("code", "expected", "category", "retryable"), SPECIAL)
def test_code_becomes_its_error(
    code: int, expected: type[WeChatError], category: str, retryable: bool
) -> None:
    error = error_for(code, "said rid: 65a3b2c1-1b2c3d4e-5f6a7b8c", api="/a", appid="wx1")
    assert type(error) is expected
    assert (error.code, error.category, error.retryable) == (code, category, retryable)
    assert (error.rid, error.api, error.appid) == ("65a3b2c1-1b2c3d4e-5f6a7b8c", "/a", "wx1")


@pytest.mark.requirement(18)
@pytest.mark.parametrize("code", OTHERS)
def test_every_documented_code_has_a_category(code: int) -> None:
    assert code in ERROR_CLASSES or code in PLAIN_CATEGORIES
    assert error_for(code, "", api="/a", appid="wx1").category != "unknown"


@pytest.mark.parametrize(("code", "daily"), [(45009, True), (48006, True), (45011, False), (44991, False)])
def test_daily_quotas_are_told_from_short_ones(code: int, daily: bool) -> None:
    error = error_for(code, "", api="/a", appid="wx1")
    assert isinstance(error, errors.RateLimited)
    assert error.daily is daily


@pytest.mark.requirement(18, 74)
def test_daily_quota_returns_at_midnight_in_shanghai() -> None:
    now = datetime(2026, 1, 5, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    daily = error_for(45009, "", api="/a", appid="wx1")
    short = error_for(45011, "", api="/a", appid="wx1")
    assert isinstance(daily, errors.RateLimited)
    assert isinstance(short, errors.RateLimited)
    assert (daily.seconds_to_wait(now), short.seconds_to_wait(now)) == (61, 60)
    assert daily.seconds_to_wait(now + timedelta(minutes=1)) == 24 * 3600 + 1


def test_error_says_what_is_needed_and_no_more() -> None:
    error = error_for(47003, "argument invalid! data.thing1.value " + "x" * 900, api="/a", appid="wx1")
    assert len(str(error)) < 400
    assert "data.thing1.value" in str(error)
