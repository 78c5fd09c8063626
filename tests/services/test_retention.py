"""What is over goes, by the declared table; what is not, stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.assistant import ChatLine, Dialogue, HandOver
from models.audit import AuditRow
from models.checkin import UsedScreenCode
from models.comments import Opinion, OpinionEvent, OpinionPhoto
from models.deputies import RosterImport
from models.identity import Account, DeputyDevice, LoginSession, OneTimeCode, SeatClaim, WeChatBinding
from models.media import MediaFile
from models.notices import OpinionWord, SubscriptionCredit, SubscriptionEvent
from models.outbox import IdempotencyKey, InboxMessage, OutboxMessage, ScheduledRun, WorkerBeat
from services import (
    assistant,
    audit,
    checkin,
    closing,
    comments,
    handovers,
    identity,
    inbox,
    key_rotation,
    media,
    outbox,
    retention,
    roster,
    schedule,
)
from services.context import Context, Gateways
from services.errors import Conflict, Forbidden, Unauthenticated
from services.rules.retention import BY_NAME, ENDING
from tests.factories import World
from tests.fakes import MINI_APPID, MemoryFiles
from tests.services.reachable import allow

#: How one thing of each line is made, so that its period begins now.
MAKERS: dict[str, tuple[type, Callable[[World], None]]] = {}


def thing(name: str, table: type) -> Callable[[Callable[[World], None]], Callable[[World], None]]:
    def keep(maker: Callable[[World], None]) -> Callable[[World], None]:
        MAKERS[name] = table, maker
        return maker

    return keep


@thing("login_codes", OneTimeCode)
def _code(world: World) -> None:
    world.clock.advance(seconds=-identity.CODE_LIFE.total_seconds())
    identity.prepare_login_code(world.system, phone="13911110009")
    world.clock.advance(seconds=identity.CODE_LIFE.total_seconds())


@thing("login_sessions", LoginSession)
def _session(world: World) -> None:
    actor = world.resident()
    issued = identity.issue_session(world.system, world.system.session.get_one(Account, actor.account_id))
    found = identity.resolve_token(world.system.session, issued.token, world.clock())
    identity.end_session(world.ctx_of(found))


@thing("idempotency_keys", IdempotencyKey)
def _key(world: World) -> None:
    world.system.session.add(IdempotencyKey(actor="account:1", route="/", key="k" * 8, request_digest="", status=200,
                                            body_cipher="", created_at=world.clock()))


@thing("loose_photos", MediaFile)
def _photo(world: World) -> None:
    media.take_photo(world.ctx_of(world.resident()), content=world.photo_bytes(), purpose="opinion")


@thing("dialogues", Dialogue)
def _dialogue(world: World) -> None:
    world.system.session.add(Dialogue(account_id=world.resident().account_id, intent="human", step="question", slots={},
                                      expires_at=world.clock()))


@thing("chat_lines", ChatLine)
def _chat(world: World) -> None:
    assistant.answer(world.ctx_of(world.resident()), text="帮助", channel="chat")


@thing("hand_overs", HandOver)
def _hand_over(world: World) -> None:
    row = handovers.open_hand_over(world.ctx_of(world.resident()), question="请回电")
    handovers.close_hand_over(world.ctx_of(world.staff()), row.id, reply="请到镇便民中心办理。")


@thing("seat_claims", SeatClaim)
def _claim(world: World) -> None:
    row = SeatClaim(person_id=world.create_person().id, account_id=world.resident().account_id, created_at=world.clock())
    world.system.session.add(row)
    world.system.session.flush()
    identity.decide_claim(world.ctx_of(world.staff()), row.id, approve=False, reason="非本人")


@thing("released_devices", DeputyDevice)
def _device(world: World) -> None:
    deputy = world.deputy()
    identity.bind_device(world.system, deputy.person_id or 0, "device-0001")
    identity.release_device(world.ctx_of(world.staff()), deputy.person_id or 0, reason="换手机")


@thing("screen_codes", UsedScreenCode)
def _screen_code(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    code = checkin.current_screen_code(world.system, station).code
    checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=None,
                     proof=checkin.Proof(screen_code=code))


@thing("subscription_events", SubscriptionEvent)
def _event(world: World) -> None:
    world.resident(openid="o-1")
    allow(world, "o-1")


@thing("stray_credits", SubscriptionCredit)
def _credit(world: World) -> None:
    allow(world, "o-nobody")


@thing("rosters_applied", RosterImport)
def _applied(world: World) -> None:
    roster.apply(world.ctx_of(world.staff()), _previewed(world).id)


@thing("rosters_abandoned", RosterImport)
def _previewed(world: World) -> RosterImport:
    sheet = roster.build_sheet([["张三", world.phone(), "", "乡镇", "18", "", "", "", "", ""]])
    return roster.preview(world.ctx_of(world.staff()), region=world.township, filename="名册.xlsx", content=sheet)


def _callback(world: World) -> int:
    arrived = inbox.Arrived(f"d-{world.phone()}", "mini", MINI_APPID, "o-1", "text", None, {"Content": "你好"})
    number = inbox.store_for_answer(world.system, arrived)
    assert number is not None
    return number


@thing("callbacks_processed", InboxMessage)
def _processed(world: World) -> None:
    inbox.mark_processed(world.system, _callback(world))


@thing("callbacks_unprocessed", InboxMessage)
def _unprocessed(world: World) -> None:
    _callback(world)


@thing("outbox_done", OutboxMessage)
def _message(world: World) -> None:
    outbox.publish(world.system, "notice.sent", notice_id=1)
    outbox.settle(world.system.session, world.system.outbox_ids[-1], world.clock())


@thing("scheduled_runs", ScheduledRun)
def _run(world: World) -> None:
    schedule.start_run(world.system, "retention", world.clock())


@thing("worker_beats", WorkerBeat)
def _beat(world: World) -> None:
    schedule.beat(world.system, "worker-1")


@thing("account_residue", Account)
def _residue(world: World) -> None:
    """What a log-in or a message of the very moment of the closing may leave."""
    actor = world.resident()
    closing.close_own(world.ctx_of(actor), word="注销")
    world.system.session.add(ChatLine(account_id=actor.account_id, channel="chat", speaker="me", text="x", extras={},
                                      at=world.clock()))


@thing("opinions", Opinion)
def _opinion(world: World) -> None:
    comments.refuse(world.ctx_of(world.staff()), world.opinion(world.resident()).number, reason="涉诉事项")


def due(world: World, name: str) -> int:
    world.system.session.flush()
    return retention.count_due(world.system)[name]


def apply(world: World, name: str, ctx: Context | None = None) -> int:
    done = retention.apply_batch(ctx or world.system, BY_NAME[name])
    world.commit()
    return done


def test_every_line_with_an_end_is_acted_on_and_tried_here() -> None:
    assert set(MAKERS) == {rule.name for rule in ENDING} == set(retention._TASKS)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_thing_ends_after_its_period_and_not_before(world: World, name: str) -> None:
    MAKERS[name][1](world)
    keep = BY_NAME[name].keep
    assert keep is not None
    world.clock.moment += keep
    assert (due(world, name), apply(world, name)) == (0, 0)
    world.clock.moment += timedelta(seconds=1)
    waiting = due(world, name)
    assert waiting > 0
    assert apply(world, name) == waiting
    assert (due(world, name), apply(world, name)) == (0, 0)


@pytest.mark.parametrize("name", sorted(name for name in MAKERS if BY_NAME[name].fate == "delete"
                                        and name != "account_residue"))
def test_what_is_deleted_is_gone(world: World, name: str) -> None:
    table, make = MAKERS[name]
    make(world)
    world.clock.moment += (BY_NAME[name].keep or timedelta()) + timedelta(seconds=1)
    apply(world, name)
    assert world.system.session.scalar(select(func.count()).select_from(table)) == 0


def test_every_batch_and_every_run_leave_a_row_with_counts_alone(world: World) -> None:
    MAKERS["chat_lines"][1](world)
    world.clock.advance(days=181)
    apply(world, "chat_lines")
    retention.finish(world.system, {"chat_lines": 2, "opinions": 0}, ["loose_photos"])
    audit.seal(world.system)
    rows = world.system.session.execute(select(AuditRow.action, AuditRow.subject, AuditRow.changes).where(
        AuditRow.action.startswith("retention.")).order_by(AuditRow.id)).all()
    assert [tuple(row) for row in rows] == [
        ("retention.applied", "retention:chat_lines", {"count": 2, "fate": "delete"}),
        ("retention.finished", "retention:all", {"counts": {"chat_lines": 2}, "failed": ["loose_photos"]})]


def test_a_batch_takes_no_more_than_its_size(world: World) -> None:
    for _ in range(3):
        MAKERS["chat_lines"][1](world)
    world.clock.advance(days=181)
    assert [retention.apply_batch(world.system, BY_NAME["chat_lines"], limit=4) for _ in range(3)] == [4, 2, 0]


@pytest.mark.parametrize("role", ["admin", "auditor", "county_office"])
def test_no_role_runs_the_retention_by_hand(world: World, role: str) -> None:
    with pytest.raises(Forbidden):
        apply(world, "chat_lines", world.ctx_of(world.staff(role)))


# --- what must stay ---------------------------------------------------------------------------------


def test_a_live_session_an_open_claim_and_an_open_question_have_no_end(world: World) -> None:
    actor = world.resident()
    identity.issue_session(world.system, world.system.session.get_one(Account, actor.account_id))
    handovers.open_hand_over(world.ctx_of(actor), question="请回电")
    world.system.session.add(SeatClaim(person_id=world.create_person().id, account_id=actor.account_id,
                                       created_at=world.clock()))
    world.system.session.flush()
    world.clock.advance(days=59)
    assert [due(world, name) for name in ("login_sessions", "hand_overs", "seat_claims")] == [0, 0, 0]
    world.clock.advance(days=3000)
    assert [due(world, name) for name in ("login_sessions", "hand_overs", "seat_claims")] == [1, 0, 0]


def test_an_attached_photo_and_its_file_stay(world: World, gateways: Gateways) -> None:
    files = gateways.files
    assert isinstance(files, MemoryFiles)
    actor = world.resident()
    loose, kept = (media.take_photo(world.ctx_of(actor), content=world.photo_bytes(), purpose="opinion")
                   for _ in range(2))
    loose_key, kept_key = loose.storage_key, kept.storage_key
    world.opinion(actor, photo_ids=(kept.id,))
    world.clock.advance(days=2)
    assert apply(world, "loose_photos") == 1
    assert kept_key in files.files
    assert loose_key not in files.files


def test_credits_of_a_bound_person_stay(world: World) -> None:
    world.resident(openid="o-1")
    allow(world, "o-1")
    world.clock.advance(days=400)
    assert due(world, "stray_credits") == 0


def test_work_that_was_given_up_waits_for_the_operator(world: World) -> None:
    outbox.publish(world.system, "notice.sent", notice_id=1)
    world.system.session.scalars(select(OutboxMessage)).one().state = "dead"
    world.clock.advance(days=400)
    assert due(world, "outbox_done") == 0


# --- rosters ----------------------------------------------------------------------------------------


def test_an_applied_roster_keeps_its_results_and_loses_its_rows(world: World) -> None:
    _applied(world)
    world.clock.advance(days=31)
    apply(world, "rosters_applied")
    record = world.system.session.scalars(select(RosterImport)).one()
    assert (record.state, len(record.results), record.rows_cipher) == ("applied", 1, "")
    assert roster.open_rows(world.system, record) == []


def test_an_abandoned_roster_cannot_be_applied_any_more(world: World) -> None:
    record = _previewed(world)
    world.clock.advance(days=8)
    apply(world, "rosters_abandoned")
    assert record.state == "discarded"
    with pytest.raises(Conflict, match="roster_decided"):
        roster.apply(world.ctx_of(world.staff()), record.id)


def test_an_emptied_roster_does_not_stop_a_rotation_of_keys(world: World) -> None:
    _applied(world)
    world.clock.advance(days=31)
    apply(world, "rosters_applied")
    column = next(column for column in key_rotation.SEALED if column.table is RosterImport)
    assert key_rotation.reseal(world.system, column, limit=10) == 0


# --- accounts ---------------------------------------------------------------------------------------


def test_what_came_late_to_a_closed_account_goes(world: World) -> None:
    actor = world.resident(openid="o-1")
    closing.close_own(world.ctx_of(actor), word="注销")
    row = world.system.session.get_one(Account, actor.account_id)
    identity.issue_session(world.system, row)
    world.system.session.add(WeChatBinding(account_id=row.id, appid=MINI_APPID, openid="o-late", bound_at=world.clock(),
                                           seen_at=world.clock()))
    world.clock.advance(days=2)
    assert (due(world, "account_residue"), apply(world, "account_residue")) == (1, 1)
    assert world.system.session.scalar(select(func.count()).select_from(WeChatBinding)) == 0
    assert world.system.session.scalars(select(LoginSession.revoked_at)).one() == world.clock()
    assert due(world, "account_residue") == 0


def test_a_number_left_on_a_merged_account_goes(world: World) -> None:
    row = world.system.session.get_one(Account, world.resident().account_id)
    row.state, row.name = "merged", "张三"
    world.clock.advance(days=2)
    assert apply(world, "account_residue") == 1
    assert (row.name, row.village_id) == ("", None)


# --- opinions ---------------------------------------------------------------------------------------


def old_opinion(world: World) -> Opinion:
    """A matter with photo, answer and rating, settled and past its time."""
    actor, deputy = world.resident(openid="o-1"), world.deputy()
    clerk = world.ctx_of(world.staff())
    photo = media.take_photo(world.ctx_of(actor), content=world.photo_bytes(), purpose="opinion")
    opinion = world.opinion(actor, text="路灯坏了，请打13800001234。", photo_ids=(photo.id,))
    comments.register(clerk, opinion.number)
    comments.assign(clerk, opinion.number, handler=comments.Handler(person_id=deputy.person_id))
    comments.answer_as_deputy(world.ctx_of(deputy), opinion.number, text="已修好，电工13900001234。")
    comments.rate(world.ctx_of(actor), opinion.number, grade="satisfied", comment="谢谢，我的电话13700001234")
    world.clock.advance(days=5 * 365 + 1)
    return opinion


def test_an_old_matter_loses_its_author_photos_messages_and_numbers(world: World, gateways: Gateways) -> None:
    files = gateways.files
    assert isinstance(files, MemoryFiles)
    opinion = old_opinion(world)
    author = opinion.account_id
    assert apply(world, "opinions") == 1
    assert (opinion.account_id, opinion.anonymised_at, opinion.text) == (
        None, world.clock(), "路灯坏了，请打138****1234。")
    for table in (OpinionPhoto, MediaFile, OpinionWord):
        assert world.system.session.scalar(select(func.count()).select_from(table)) == 0
    assert files.files == {}
    actors = set(world.system.session.scalars(select(OpinionEvent.actor)))
    assert f"account:{author}" not in actors
    assert "anonymous" in actors


def test_the_file_of_an_old_matter_can_still_be_read_by_staff(world: World) -> None:
    opinion = old_opinion(world)
    apply(world, "opinions")
    found = comments.get_for_staff(world.ctx_of(world.staff()), opinion.number)
    assert found.answer is not None
    assert found.rating is not None
    assert (found.answer.answer, found.rating.comment, found.photos) == (
        "已修好，电工139****1234。", "谢谢，我的电话137****1234", [])
    assert "13700001234" not in "".join(event.detail for event in found.events)


def test_the_author_does_not_find_it_any_more(world: World) -> None:
    opinion = old_opinion(world)
    author = opinion.account_id
    apply(world, "opinions")
    actor = identity.actor_of_account(world.system.session, world.system.session.get_one(Account, author))
    assert comments.list_mine(world.ctx_of(actor), page=1, page_size=10) == ([], 0)


def test_an_open_matter_is_never_made_anonymous_however_old(world: World) -> None:
    world.opinion(world.resident())
    world.clock.advance(days=5000)
    assert due(world, "opinions") == 0


# --- the auditor ------------------------------------------------------------------------------------


def test_the_auditor_sees_the_table_with_what_waits_and_what_was_done(world: World) -> None:
    MAKERS["chat_lines"][1](world)
    world.clock.advance(days=181)
    auditor = world.ctx_of(world.staff("auditor"))
    before = retention.build_overview(auditor)
    assert (before.is_stale, before.runs) == (True, [])
    assert next(line for line in before.lines if line.rule.name == "chat_lines").due == 2
    assert next(line for line in before.lines if line.rule.name == "audit_log").due is None
    retention.finish(world.system, {"chat_lines": apply(world, "chat_lines")}, [])
    world.commit()
    after = retention.build_overview(auditor)
    line = next(line for line in after.lines if line.rule.name == "chat_lines")
    assert (after.is_stale, after.runs[0].total, line.due, line.done, line.period) == (False, 2, 0, 2, "发出后180天")


def test_two_days_without_a_run_are_told(world: World) -> None:
    retention.finish(world.system, {}, [])
    world.commit()
    world.clock.advance(days=2)
    assert not retention.build_overview(world.ctx_of(world.staff("auditor"))).is_stale
    world.clock.advance(seconds=1)
    assert retention.build_overview(world.ctx_of(world.staff("auditor"))).is_stale


def test_whoever_may_not_read_the_log_does_not_see_the_table(world: World) -> None:
    with pytest.raises(Forbidden):
        retention.build_overview(world.ctx_of(world.staff()))
    with pytest.raises(Unauthenticated):
        retention.build_overview(world.ctx_of(world.resident()))
