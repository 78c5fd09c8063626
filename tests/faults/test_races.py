"""Many at the same moment: the database decides, once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.jobs import handlers
from app.jobs.retention import run_retention
from app.program import Program
from models.audit import AuditRow
from models.ballots import BallotRound, TellerCount
from models.checkin import UsedScreenCode, Visit
from models.comments import Opinion
from models.deputies import Person
from models.identity import Account, DeputyDevice, LoginSession, SeatClaim, WeChatBinding
from models.notices import NoticeDelivery, OpinionWord, SubscriptionCredit, SubscriptionEvent
from models.number_series import NumberSeries
from models.outbox import ScheduledRun
from models.points import PointEntry
from services import (
    assistant,
    audit,
    ballots,
    checkin,
    closing,
    comments,
    duties,
    identity,
    notice_changes,
    notices,
    outbox,
    point_rebuild,
    points,
    projects,
    pushes,
    regions,
    schedule,
    subscriptions,
    suggestions,
)
from services.context import Actor, Context
from services.errors import Conflict, Invalid
from services.ports import WeChatUser
from services.rules import privacy
from services.rules.fences import Position
from tests.factories import World
from tests.fakes import MINI_APPID, FakeMessenger
from tests.services.project_case import ProjectCase
from tests.services.reachable import allow, create_deputy
from tests.services.suggestion_case import SuggestionCase

pytestmark = [pytest.mark.faults, pytest.mark.postgres]
INSIDE = checkin.Proof(location=Position(28.1001, 112.9001, 20))
Together = Callable[..., Any]


def _count(world: World, table: type) -> int:
    world.system.session.expire_all()
    return world.system.session.scalar(select(func.count()).select_from(table)) or 0


def test_twenty_scans_of_one_deputy_are_one_visit_and_one_device(world: World, together: Together) -> None:
    deputy, scene = world.deputy(), world.scene(world.create_station())
    done = together(lambda ctx, _n: checkin.check_in(ctx, scene=scene, device_id="device-1", proof=INSIDE),
                    actors=[deputy])
    assert done.errors == []
    assert [result.is_new for result in done.results].count(True) == 1
    assert (_count(world, Visit), _count(world, DeputyDevice)) == (1, 1)


def test_two_phones_of_one_deputy_at_once_bind_one_and_refuse_the_other(world: World, together: Together) -> None:
    deputy = world.deputy()
    done = together(lambda ctx, number: identity.bind_device(ctx, deputy.person_id or 0, f"device-{number % 2}"))
    assert {type(error) for error in done.errors} == {Conflict}
    assert {str(error) for error in done.errors} == {"device_not_bound"}
    assert (len(done.results), len(done.errors)) == (10, 10)
    assert _count(world, DeputyDevice) == 1


def test_twenty_people_with_one_screen_code_get_one_success(world: World, together: Together) -> None:
    station = world.create_station()
    scene, code = world.scene(station), checkin.current_screen_code(world.system, station).code
    deputies = [world.deputy(name=f"代表{number}") for number in range(20)]
    done = together(lambda ctx, _n: checkin.check_in(ctx, scene=scene, device_id=None,
                                                     proof=checkin.Proof(screen_code=code)), actors=deputies)
    assert len(done.results) == 1
    assert {(type(error), str(error)) for error in done.errors} == {(Invalid, "screen_code_replayed")}
    assert (_count(world, Visit), _count(world, UsedScreenCode)) == (1, 1)


def test_twenty_claims_of_one_message_are_one(world: World, together: Together) -> None:
    outbox.publish(world.system, "notice.sent", notice_id=1)
    number = world.system.outbox_ids[-1]
    done = together(lambda ctx, _n: outbox.claim(ctx.session, number, ctx.now))
    assert done.errors == []
    assert len([claimed for claimed in done.results if claimed is not None]) == 1


def test_a_hundred_sends_with_one_credit_are_one_send(world: World, together: Together, program: Program) -> None:
    resident = world.resident(openid="o-r")
    subscriptions.record_subscription(world.system, openid="o-r", template_id="tmpl-opinion", result="accept",
                                origin="callback", dedupe_key="one")
    opinion = world.opinion(resident)
    for number in range(100):
        pushes.queue_word(world.system, account_id=resident.account_id or 0, opinion_id=opinion.id,
                           cause=f"step:{number}", phrase="已受理", detail="x")
    words = world.system.session.scalars(select(OpinionWord.id)).all()
    done = together(lambda _ctx, number: handlers.HANDLERS["opinion.word"](program, word_id=words[number]), times=100)
    messenger = program.gateways.messenger
    assert isinstance(messenger, FakeMessenger)
    assert done.errors == []
    assert len(messenger.notices) == 1
    states = world.system.session.execute(
        select(OpinionWord.state, func.count()).group_by(OpinionWord.state).order_by(OpinionWord.state)).all()
    assert [tuple(row) for row in states] == [("accepted", 1), ("unreachable", 99)]
    assert world.system.session.scalars(select(SubscriptionCredit.balance)).one() == 0


def test_twenty_first_opinions_of_the_year_get_consecutive_numbers(world: World, together: Together) -> None:
    residents, village = [world.resident() for _ in range(20)], world.village.id
    form = comments.OpinionForm(text="路灯坏了", category="road", village_id=village,
                                consent_version=privacy.VERSION)
    done = together(lambda ctx, _n: comments.submit(ctx, form).number, actors=residents)
    assert done.errors == []
    assert sorted(number[-6:] for number in done.results) == [f"{number:06d}" for number in range(1, 21)]
    assert _count(world, Opinion) == 20


def test_parallel_acts_never_exceed_a_cap(world: World, together: Together) -> None:
    deputy, today = world.deputy(), world.system.today
    done = together(lambda ctx, number: points.post(ctx, person_id=deputy.person_id or 0, item_code="C1",
                                                    cause=f"act:{number}", occurred_on=today)[0].amount_half)
    assert done.errors == []
    assert sorted(done.results) == [0] * 14 + [4] * 6
    assert world.system.session.scalar(select(func.sum(PointEntry.amount_half))) == 24


def test_the_same_event_reported_twenty_times_is_one_duty(world: World, together: Together) -> None:
    deputy, today = world.deputy(), world.system.today
    done = together(lambda ctx, _n: duties.record_event(
        ctx, person_id=deputy.person_id or 0, item_code="C4", source="answer", cause="answer:1", title="答复",
        occurred_on=today).id)
    assert done.errors == []
    assert len(set(done.results)) == 1
    assert world.system.session.scalars(select(PointEntry.amount_half)).all() == [1]


def test_fifty_triggers_of_one_event_are_one_entry(world: World, together: Together) -> None:
    deputy, today = world.deputy(), world.system.today
    done = together(lambda ctx, _n: duties.record_event(
        ctx, person_id=deputy.person_id or 0, item_code="C1", source="visit", cause="visit:1", title="接待",
        occurred_on=today).id, times=50)
    assert done.errors == []
    assert (len(done.results), len(set(done.results))) == (50, 1)
    assert world.system.session.scalars(select(PointEntry.amount_half)).all() == [4]


def test_acts_and_reversals_side_by_side_leave_a_book_that_adds_up(world: World, together: Together) -> None:
    deputy, chair, today = world.deputy(), world.staff("township_chair"), world.system.today
    entries = [points.post(world.system, person_id=deputy.person_id or 0, item_code="C1", cause=f"before:{number}",
                           occurred_on=today)[0] for number in range(10)]
    lines = [(entry.mandate_id, entry.id) for entry in entries]

    def work(ctx: Context, number: int) -> None:
        if number % 2:
            points.reverse(ctx.as_actor(chair), *lines[number // 2], reason="重复登记")
        else:
            points.post(ctx, person_id=deputy.person_id or 0, item_code="C1", cause=f"after:{number}", occurred_on=today)

    done = together(work)
    report = point_rebuild.Report()
    assert done.errors == []
    assert list(point_rebuild.walk(world.system.session, report)) == []
    assert world.system.session.scalar(select(func.sum(PointEntry.amount_half))) == 24


def test_an_entry_is_reversed_once_also_by_twenty_at_once(world: World, together: Together) -> None:
    deputy, chair = world.deputy(), world.staff("township_chair")
    entry = points.post(world.system, person_id=deputy.person_id or 0, item_code="C1", cause="x",
                        occurred_on=world.system.today)[0]
    book, line = entry.mandate_id, entry.id
    done = together(lambda ctx, _n: points.reverse(ctx, book, line, reason="重复"), actors=[chair])
    assert len(done.results) == 1
    assert {(type(error), str(error)) for error in done.errors} == {(Conflict, "entry_reversed")}


def test_the_audit_chain_stays_whole_under_twenty_writers(world: World, together: Together) -> None:
    done = together(lambda ctx, number: audit.record(ctx, "thing.done", f"thing:{number}"), times=200)
    assert done.errors == []
    assert world.system.session.scalar(
        select(func.count()).select_from(AuditRow).where(AuditRow.action == "thing.done")) == 200
    assert audit.verify_chain(world.system.session).broken_at is None


def test_one_wechat_user_logging_in_twenty_times_is_one_person(world: World, together: Together) -> None:
    user = WeChatUser(MINI_APPID, "o-new", None)
    done = together(lambda ctx, _n: identity.account_of_wechat(ctx, user).id)
    assert done.errors == []
    assert len(set(done.results)) == 1
    assert (_count(world, WeChatBinding), _count(world, Account)) == (1, 1)


def test_one_report_of_a_subscription_brought_twenty_times_counts_once(world: World, together: Together) -> None:
    done = together(lambda ctx, _n: subscriptions.record_subscription(
        ctx, openid="o-1", template_id="tmpl-opinion", result="accept", origin="callback", dedupe_key="same"))
    assert done.errors == []
    assert done.results.count(True) == 1
    assert world.system.session.scalars(select(SubscriptionCredit.balance)).one() == 1
    assert _count(world, SubscriptionEvent) == 1


def test_twenty_reports_of_one_person_all_count(world: World, together: Together) -> None:
    done = together(lambda ctx, number: subscriptions.record_subscription(
        ctx, openid="o-1", template_id="tmpl-opinion", result="accept", origin="callback", dedupe_key=f"r:{number}"))
    assert done.errors == []
    assert world.system.session.scalars(select(SubscriptionCredit.balance)).one() == 20


def test_a_periodic_job_has_one_owner_among_twenty_workers(world: World, together: Together) -> None:
    due = world.clock()
    done = together(lambda ctx, _n: schedule.start_run(ctx, "tidy", due))
    assert done.errors == []
    assert done.results.count(True) == 1
    assert _count(world, ScheduledRun) == 1


def test_one_time_codes_are_spent_once(world: World, together: Together) -> None:
    code = identity.prepare_login_code(world.system, phone="13911110009").code
    done = together(lambda ctx, _n: identity.login_with_phone(ctx, phone="13911110009", code=code).account.id)
    assert len(done.results) == 1
    assert {str(error) for error in done.errors} == {"phone_code_expired"}


def test_many_senders_with_one_credit_get_it_once(world: World, together: Together) -> None:
    """A one-time permission is taken by one atomic statement."""
    subscriptions.record_subscription(world.system, openid="o-1", template_id="tmpl-opinion", result="accept",
                                      origin="callback", dedupe_key="once")
    done = together(lambda ctx, _number: subscriptions.take_credits(ctx, ["o-1"], "tmpl-opinion"), times=100)
    assert done.errors == []
    assert sorted(map(len, done.results)) == [0] * 99 + [1]


# --- closing and retention --------------------------------------------------------------------------


def _closing_beside(world: World, together: Together, actor: Actor, act: Callable[[Context], Any]) -> Any:
    """Half of the callers close the account while the other half goes on using it."""
    return together(lambda ctx, number: closing.close_own(ctx, word="注销") if number % 2 else act(ctx), actors=[actor])


def test_an_account_closed_by_twenty_at_once_is_closed_once(world: World, together: Together) -> None:
    actor = world.deputy(openid="o-1")
    done = together(lambda ctx, _n: closing.close_own(ctx, word="注销"), actors=[actor])
    assert done.errors == []
    assert world.system.session.scalar(
        select(func.count()).select_from(AuditRow).where(AuditRow.action == "account.closed")) == 1


def test_an_opinion_submitted_while_the_account_is_closed_is_whole_or_refused(world: World, together: Together) -> None:
    actor, village = world.resident(openid="o-1"), world.village.id
    form = comments.OpinionForm(text="路灯坏了", category="road", village_id=village,
                                consent_version=privacy.VERSION)
    done = _closing_beside(world, together, actor, lambda ctx: comments.submit(ctx, form).number)
    assert {str(error) for error in done.errors} <= {"session_expired"}
    submitted = [result for result in done.results if result is not None]
    assert _count(world, Opinion) == len(submitted)
    noted = world.system.session.scalars(select(AuditRow.changes).where(AuditRow.action == "account.closed")).one()
    assert noted["open_opinions"] == len(submitted)


def test_log_ins_beside_a_closing_end_with_it_or_begin_anew(world: World, together: Together) -> None:
    actor = world.resident(openid="o-1")
    user = WeChatUser(MINI_APPID, "o-1", None)
    done = _closing_beside(world, together, actor, lambda ctx: identity.issue_session(
        ctx, identity.account_of_wechat(ctx, user)).account.id)
    assert done.errors == []
    session = world.system.session
    assert session.scalars(select(WeChatBinding.account_id).where(WeChatBinding.account_id == actor.account_id)).all() == []
    alive = select(LoginSession.id).where(LoginSession.account_id == actor.account_id, LoginSession.revoked_at.is_(None))
    assert session.scalars(alive).all() == []
    assert _count(world, Account) <= 2


def test_a_seat_closed_while_the_clerk_decides_has_one_holder_or_waits(world: World, together: Together) -> None:
    owner, claimant, clerk = world.deputy(openid="o-owner"), world.resident(openid="o-claimant"), world.staff()
    claim = SeatClaim(person_id=owner.person_id, account_id=claimant.account_id, created_at=world.clock())
    world.system.session.add(claim)
    world.system.session.flush()
    number = claim.id

    def work(ctx: Context, which: int) -> Any:
        if which == 0:
            return identity.decide_claim(ctx, number, approve=True, reason="核实")
        return closing.close_own(ctx, word="注销")

    done = together(work, actors=[clerk, owner, claimant], times=3)
    assert {str(error) for error in done.errors} <= {"claim_decided", "claimant_gone"}
    session = world.system.session
    session.expire_all()
    for actor in (owner, claimant):
        row = session.get_one(Account, actor.account_id)
        assert (row.state, row.person_id) == ("closed", None)
    assert session.get_one(Person, owner.person_id).seat_closed_at is not None
    assert session.scalars(select(SeatClaim.state)).one() != "pending"


def test_a_first_check_in_beside_a_closing_leaves_no_phone_behind(world: World, together: Together) -> None:
    deputy, scene = world.deputy(), world.scene(world.create_station())
    done = _closing_beside(world, together, deputy, lambda ctx: checkin.check_in(
        ctx, scene=scene, device_id="device-1", proof=INSIDE).visit.id)
    assert {str(error) for error in done.errors} <= {"session_expired"}
    assert _count(world, DeputyDevice) == 0


def test_two_runs_of_the_retention_at_once_count_every_row_once(
        world: World, together: Together, program: Program) -> None:
    author = world.resident()
    for _ in range(60):
        assistant.answer(world.ctx_of(author), text="帮助", channel="chat")
    for _ in range(8):
        opinion = world.opinion(author)
        comments.refuse(world.ctx_of(world.staff()), opinion.number, reason="涉诉事项")
    world.commit()
    world.clock.advance(days=6 * 365)
    done = together(lambda _ctx, _n: run_retention(program), times=4)
    assert done.errors == []
    assert sum(counts.get("chat_lines", 0) for counts in done.results) == 120
    assert sum(counts.get("opinions", 0) for counts in done.results) == 8
    assert world.system.session.scalar(select(func.count()).select_from(Opinion).where(
        Opinion.account_id.is_(None), Opinion.anonymised_at.is_not(None))) == 8
    assert audit.verify_chain(world.system.session).broken_at is None


def _many_readers(world: World, size: int) -> notices.Notice:
    """A draft to three, in a township where more than `size` need a second person."""
    for _number in range(3):
        world.create_person()
    regions.set_setting(world.system, world.township, name="notice.approval_size", value=size,
                        effective_on=world.system.today)
    clerk = world.ctx_of(world.staff())
    return notices.create_draft(clerk, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies"))


def test_ten_who_press_send_send_once(world: World, together: Together) -> None:
    draft, clerks = _many_readers(world, 200).id, [world.staff() for _ in range(5)]
    done = together(lambda ctx, _n: notices.send(ctx, draft).id, actors=clerks)
    assert len(done.results) == 1
    assert {str(error) for error in done.errors} == {"notice_sent"}
    assert _count(world, NoticeDelivery) == 3


def test_two_approvers_at_once_are_one_approval(world: World, together: Together) -> None:
    notice = _many_readers(world, 1)
    notices.send(world.ctx_of(world.staff()), notice.id)
    number, chairs = notice.id, [world.staff("township_chair") for _ in range(2)]
    done = together(lambda ctx, _n: notices.approve(ctx, number).id, actors=chairs)
    assert len(done.results) == 1
    assert {str(error) for error in done.errors} == {"notice_not_waiting"}
    assert _count(world, NoticeDelivery) == 3


def test_a_withdrawal_against_workers_that_claim_leaves_nothing_queued(world: World, together: Together) -> None:
    for number in range(10):
        world.deputy(openid=f"o-{number}")
        allow(world, f"o-{number}")
    clerk = world.staff()
    ctx = world.ctx_of(clerk)
    number = notices.send(ctx, notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies")).id).id

    def act(ctx: Any, turn: int) -> int:
        if turn == 5:
            notice_changes.withdraw(ctx, number, reason="取消。")
            return 0
        return len(pushes.claim_deliveries(ctx, number, limit=1).pushes)

    done = together(act, actors=[clerk])
    assert done.errors == []
    rows = dict(world.system.session.execute(
        select(NoticeDelivery.state, func.count()).group_by(NoticeDelivery.state)).all())
    assert rows.get("queued", 0) == 0
    assert rows.get("sending", 0) == sum(done.results)
    assert sum(rows.values()) == 10


def test_two_reminders_at_once_are_one(world: World, together: Together) -> None:
    create_deputy(world)
    clerk = world.staff()
    ctx = world.ctx_of(clerk)
    number = notices.send(ctx, notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies")).id).id
    done = together(lambda ctx, _n: notice_changes.remind(ctx, number).id, actors=[clerk])
    assert len(done.results) == 1
    assert {str(error) for error in done.errors} == {"reminded_today"}


def test_a_due_notice_is_sent_by_one_of_many_workers(world: World, together: Together) -> None:
    notice = _many_readers(world, 200)
    notice.state, notice.due_at = "scheduled", world.clock()
    world.system.session.flush()
    done = together(lambda ctx, _n: notices.send_due(ctx))
    assert (done.errors, sum(done.results), _count(world, NoticeDelivery)) == ([], 1, 3)


# --- the ballot ---------------------------------------------------------------------------------------


def test_twenty_openings_of_a_round_are_one(world: World, together: Together) -> None:
    case = ProjectCase(world)
    round_id = case.prepared().id
    done = together(lambda ctx, _n: ballots.open_round(ctx, round_id), actors=[case.clerk_actor])
    assert len(done.results) == 1
    assert {str(error) for error in done.errors} == {"round_state_wrong"}


def test_twenty_preparations_are_one_live_round(world: World, together: Together) -> None:
    case = ProjectCase(world)
    case.candidates()
    sitting = case.sitting()
    done = together(lambda ctx, _n: ballots.prepare_round(ctx, case.year_id, sitting_id=sitting), actors=[case.clerk_actor])
    assert len(done.results) == 1
    assert {str(error) for error in done.errors} == {"round_live"}
    assert _count(world, BallotRound) == 1


def test_two_tellers_at_once_with_retries_make_one_count_each_and_one_outcome(world: World, together: Together) -> None:
    case = ProjectCase(world)
    row = case.counting()
    round_id, numbers = row.id, case.numbers(row, [5, 2])
    done = together(lambda ctx, _n: ballots.enter_count(ctx, round_id, numbers).state, actors=case.tellers)
    assert sorted(done.results) == ["counted", "counting"]
    assert {str(error) for error in done.errors} <= {"count_entered", "round_state_wrong"}
    assert _count(world, TellerCount) == 2


def test_twenty_words_of_one_body_are_one(world: World, together: Together) -> None:
    case = ProjectCase(world)
    lines = case.screened()
    projects.submit_list(case.clerk, case.year_id, listed=lines)
    form = projects.ReviewForm("presidium", "approved", "同意", "陈主席", case.clerk.today)
    done = together(lambda ctx, _n: projects.record_review(ctx, case.year_id, form), actors=[case.clerk_actor])
    assert len(done.results) == 1
    assert {str(error) for error in done.errors} == {"project_review_not_due"}


def test_ideas_of_twenty_residents_at_once_have_twenty_receipts(world: World, together: Together) -> None:
    case = ProjectCase(world)
    case.call()
    done = together(lambda ctx, _n: projects.submit_idea(ctx, case.year_id, projects.IdeaForm("修路", "路不好走。")).number,
                    actors=[world.resident() for _ in range(20)])
    assert done.errors == []
    assert len(set(done.results)) == 20


def test_twenty_clerks_registering_at_once_get_numbers_without_a_gap(world: World, together: Together) -> None:
    cases = [SuggestionCase(world).to("submitted") for _ in range(20)]
    ids, clerk = [case.row.id for case in cases], cases[0].clerk
    world.commit()
    done = together(lambda ctx, number: suggestions.register(ctx, ids[number], category="urban").number, actors=[clerk])
    assert done.errors == []
    assert sorted(done.results) == [f"990101101-18-1-B{number:04d}" for number in range(1, 21)]


def test_twenty_clerks_registering_one_suggestion_are_one_number(world: World, together: Together) -> None:
    case = SuggestionCase(world).to("submitted")
    number, clerk = case.row.id, case.clerk
    world.commit()
    done = together(lambda ctx, _n: suggestions.register(ctx, number, category="urban").number, actors=[clerk])
    assert done.results == ["990101101-18-1-B0001"]
    assert {str(error) for error in done.errors} == {"suggestion_move_refused"}
    world.system.session.expire_all()
    serial = select(NumberSeries.next_serial).where(NumberSeries.name.startswith("JY"))
    assert world.system.session.scalar(serial) == 2


def test_twenty_evaluations_of_one_answer_are_one(world: World, together: Together) -> None:
    case = SuggestionCase(world).to("answered")
    number, lead = case.row.id, case.lead
    world.commit()
    done = together(lambda ctx, _n: suggestions.evaluate(
        ctx, number, attitude="satisfied", result="satisfied", comment="").state, actors=[lead])
    assert done.results == ["closed"]
    assert {str(error) for error in done.errors} == {"suggestion_already_evaluated"}
