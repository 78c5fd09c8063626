"""A process killed in the middle, and Redis gone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from flask.testing import FlaskClient
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import select, text

from app import create_app
from app.jobs import run, schedule
from app.program import Program
from app.unit_of_work import unit_of_work
from models.notices import NoticeDelivery
from services import notices, outbox, subscriptions
from tests.factories import World
from tests.fakes import FakeIdentity, FakeMessenger

pytestmark = [pytest.mark.faults, pytest.mark.postgres]
ROOT = Path(__file__).resolve().parents[2]


def _sent(world: World) -> int:
    world.deputy(openid="o-1")
    subscriptions.record_subscription(world.system, openid="o-1", template_id="tmpl-notice", result="accept", origin="callback",
                                dedupe_key="s")
    ctx = world.ctx_of(world.staff())
    number = notices.send(ctx, notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies")).id).id
    world.commit()
    world.system.session.close()
    return number


def _delivery(world: World) -> tuple[str, str | None]:
    world.system.session.rollback()
    world.system.session.expire_all()
    row = world.system.session.scalars(select(NoticeDelivery)).one()
    found = (row.state, row.reason)
    world.system.session.close()
    return found


@pytest.mark.parametrize(("step", "sent", "end"), [
    ("in_the_air", 0, ("uncertain", "interrupted")), ("leased", 1, ("accepted", None))])
def test_a_killed_senders_push_is_sent_once_or_uncertain_and_never_twice(
        world: World, program: Program, url: str, valkey: str, step: str, sent: int,
        end: tuple[str, str | None]) -> None:
    notice_id = _sent(world)
    killed = subprocess.run([sys.executable, "-m", "tests.faults.claimer", url, valkey, str(notice_id),
                             world.clock().isoformat(), step], cwd=ROOT, check=False, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert _delivery(world) == ("sending", None)
    for _ in range(30):
        world.clock.advance(seconds=30)
        schedule.settle_pushes(program)
        run.drain(program)
    messenger = program.gateways.messenger
    assert isinstance(messenger, FakeMessenger)
    assert len(messenger.notices) == sent
    assert _delivery(world) == end


def test_a_commit_that_failed_sends_nothing(world: World, program: Program) -> None:
    world.commit()

    def fail() -> None:
        with unit_of_work(program) as ctx:
            outbox.publish(ctx, "notice.sent", notice_id=1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert run.drain(program) == 0


def test_connections_cut_by_the_server_are_replaced(world: World, program: Program) -> None:
    world.commit()
    world.system.session.close()
    with program.engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                "WHERE datname = current_database() AND pid <> pg_backend_pid()"))
    with unit_of_work(program) as ctx:
        assert outbox.backlog(ctx.session, ctx.now).dead == 0


# --- Redis away -------------------------------------------------------------------------------------


@pytest.fixture
def without_redis(program: Program) -> FlaskClient:
    program.redis = redis.Redis.from_url("unix:///nowhere/valkey.sock", retry=Retry(NoBackoff(), 0))
    return create_app(program=program).test_client()


def test_login_by_wechat_and_reading_go_on_without_redis(
        world: World, program: Program, without_redis: FlaskClient) -> None:
    platform = program.gateways.identity
    assert isinstance(platform, FakeIdentity)
    platform.logins["code"] = "o-1"
    world.commit()
    login = without_redis.post("/api/v1/sessions/wechat", json={"login_code": "code"})
    assert login.status_code in (200, 201), login.text
    token = {"Authorization": f"Bearer {login.get_json()['token']}"}
    for path in ("/api/v1/me", "/api/v1/home", "/api/v1/notices", "/api/v1/stations", "/healthz"):
        answer = without_redis.get(path, headers=token)
        assert answer.status_code == 200, path


def test_what_protects_an_account_pauses_without_redis(world: World, without_redis: FlaskClient) -> None:
    world.commit()
    for path, body in (("/api/v1/sessions/phone-codes", {"phone": "13911110009"}),
                       ("/api/v1/sessions/phone", {"phone": "13911110009", "code": "123456"})):
        answer = without_redis.post(path, json=body)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "limits_unavailable"), path


def test_what_may_go_on_goes_on_without_redis(world: World, without_redis: FlaskClient) -> None:
    token = world.token(world.resident())
    answer = without_redis.post("/api/v1/assistant/messages", json={"text": "帮助"}, headers=token)
    assert answer.status_code in (200, 201), answer.text


def test_readiness_tells_that_redis_is_away_and_stays_ready(world: World, without_redis: FlaskClient) -> None:
    world.commit()
    answer = without_redis.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["redis"]) == (200, "away")
