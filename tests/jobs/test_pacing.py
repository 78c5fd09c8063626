"""The common pace: even, faster while all goes well, halved by a refusal, shared by all senders."""

import pytest
import redis

from app.jobs.pacing import GAIN, START, Pace


class Sleeper:
    """Counts what a sender would have waited."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def store(valkey: str) -> "redis.Redis":
    client = redis.Redis.from_url(valkey)
    client.flushall()
    return client


def test_senders_of_one_account_share_an_even_flow(store: "redis.Redis") -> None:
    one, two = Sleeper(), Sleeper()
    paces = [Pace(store, "wx1", per_second=100, sleep=one), Pace(store, "wx1", per_second=100, sleep=two)]
    for number in range(20):
        paces[number % 2].wait()
    # Twenty at the starting pace: the last waits for the nineteen before it, whoever sent them.
    assert max(one.seconds + two.seconds) == pytest.approx(19 / START, abs=0.2)


def test_accounts_do_not_wait_for_each_other(store: "redis.Redis") -> None:
    first, second = Sleeper(), Sleeper()
    for _ in range(10):
        Pace(store, "wx1", per_second=5, sleep=first).wait()
    Pace(store, "wx2", per_second=5, sleep=second).wait()
    assert first.seconds
    assert second.seconds == []


def test_the_pace_grows_with_success_up_to_its_cap_and_is_halved_once_by_refusals(store: "redis.Redis") -> None:
    pace = Pace(store, "wx1", per_second=30)
    pace.went_well()
    assert _rate(store) == START + GAIN
    for _ in range(100):
        pace.went_well()
    assert _rate(store) == 30
    pace.was_refused()
    pace.was_refused()  # of the same moment
    assert _rate(store) == 15


def test_without_a_rate_nobody_waits(store: "redis.Redis") -> None:
    sleeper = Sleeper()
    Pace(store, "wx1", per_second=0, sleep=sleeper).wait()
    assert sleeper.seconds == []
    assert store.keys() == []


def _rate(store: "redis.Redis") -> float:
    return float(store.hget("push-pace:wx1", "rate") or 0)
