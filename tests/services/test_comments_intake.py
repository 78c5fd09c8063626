"""Taking opinions in: the form, the number, the platform's check, taken up or refused."""

from datetime import date

import pytest
from sqlalchemy import func, select

from models.comments import OpinionPhoto
from models.outbox import OutboxMessage
from services import comments, media, regions
from services.errors import DomainError, Forbidden, Invalid, NotFound, Unauthenticated
from tests.factories import World
from tests.services.opinion_case import Case


def test_a_new_opinion_has_a_number_a_clock_and_waits_for_a_person(case: Case, world: World) -> None:
    opinion = case.opinion
    assert opinion.number == "YJ9901011012026000001"
    assert (opinion.state, opinion.text_check, opinion.due_on) == ("screening", "pending", date(2026, 11, 24))
    assert (opinion.township_id, opinion.village_id) == (world.township.id, world.village.id)
    assert list(world.system.session.scalars(select(OutboxMessage.topic))) == ["opinion.submitted"]


def test_numbers_are_consecutive_in_a_township_and_start_anew_elsewhere_and_next_year(world: World) -> None:
    resident = world.resident()
    numbers = [world.opinion(resident).number for _ in range(3)]
    assert [number[-6:] for number in numbers] == ["000001", "000002", "000003"]
    assert world.opinion(resident, village_id=world.other_village.id).number == "YJ9901011022026000001"
    world.clock.advance(days=60)
    assert world.opinion(resident).number == "YJ9901011012027000001"


@pytest.mark.parametrize(("changes", "code"), [
    ({"text": " "}, "opinion_text_length"), ({"text": "字" * 5001}, "opinion_text_length"),
    ({"category": "weather"}, "opinion_category_unknown"), ({"consent_version": "2020-01"}, "consent_outdated"),
    ({"consent_version": ""}, "consent_outdated"), ({"photo_ids": tuple(range(10))}, "opinion_too_many_photos"),
    ({"photo_ids": (10**9,)}, "photo_unknown")])
def test_each_mistake_of_an_opinion_is_refused(world: World, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        world.opinion(world.resident(), **changes)


def test_an_opinion_needs_a_village(world: World) -> None:
    with pytest.raises(Invalid, match="village_required"):
        world.opinion(world.resident(), village_id=world.township.id)
    with pytest.raises(NotFound, match="region_unknown"):
        world.opinion(world.resident(), village_id=10**9)


def test_a_text_of_exactly_5000_characters_is_taken(world: World) -> None:
    assert len(world.opinion(world.resident(), text="字" * 5000).text) == 5000


def test_staff_submit_no_opinions(world: World) -> None:
    with pytest.raises(Unauthenticated, match="login_required"):
        world.opinion(world.staff())


def test_photos_come_in_the_order_given(world: World) -> None:
    resident = world.resident()
    photos = [media.take_photo(world.ctx_of(resident), content=world.photo_bytes(), purpose="opinion").id
              for _ in range(3)]
    opinion = world.opinion(resident, photo_ids=tuple(reversed(photos)))
    found = comments.get_mine(world.ctx_of(resident), opinion.number)
    assert [photo.id for photo in found.photos] == list(reversed(photos))
    assert world.system.session.scalar(select(func.count()).select_from(OpinionPhoto)) == 3


def test_the_screening_clock_is_the_regions(world: World) -> None:
    regions.set_setting(world.system, world.county, name="opinion.screening_workdays", value=5,
                        effective_on=date(2026, 1, 1))
    assert world.opinion(world.resident()).due_on == date(2026, 11, 30)


@pytest.mark.parametrize("verdict", ["pass", "review", "risky", "unreachable"])
def test_the_platforms_word_is_kept_and_never_moves_the_opinion(case: Case, world: World, verdict: str) -> None:
    comments.record_text_check(world.system, case.opinion.id, suggestion=verdict)
    assert (case.opinion.text_check, case.opinion.state) == (verdict, "screening")
    assert comments.text_to_check(world.system, case.opinion.id) is None
    flagged = comments.list_for_staff(world.ctx_of(case.clerk), comments.OpinionFilter(flagged=True))[1]
    assert flagged == (0 if verdict == "pass" else 1)


def test_a_second_word_of_the_platform_changes_nothing(case: Case, world: World) -> None:
    comments.record_text_check(world.system, case.opinion.id, suggestion="risky")
    comments.record_text_check(world.system, case.opinion.id, suggestion="pass")
    assert case.opinion.text_check == "risky"


def test_registering_corrects_the_category_and_marks_urgency(case: Case, world: World) -> None:
    opinion = comments.register(world.ctx_of(case.clerk), case.number, category="safety", is_urgent=True)
    assert (opinion.category, opinion.is_urgent) == ("safety", True)


def test_a_refused_opinion_ends_with_a_reason_the_resident_reads(case: Case, world: World) -> None:
    with pytest.raises(Invalid, match="reason_required"):
        comments.refuse(world.ctx_of(case.clerk), case.number, reason=" ")
    comments.refuse(world.ctx_of(case.clerk), case.number, reason="属信访事项，请到信访局。")
    assert (case.opinion.state, case.opinion.due_on) == ("rejected", None)
    found = comments.get_mine(world.ctx_of(case.resident), case.number)
    assert [event.detail for event in found.events][-1] == "属信访事项，请到信访局。"


@pytest.mark.parametrize(("role", "error"), [
    ("township_chair", Forbidden), ("auditor", Forbidden), ("admin", Forbidden), ("handling_unit", Forbidden)])
def test_only_the_clerk_screens(case: Case, world: World, role: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        comments.register(world.ctx_of(world.staff(role)), case.number)
