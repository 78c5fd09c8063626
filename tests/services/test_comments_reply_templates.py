"""Beginnings of answers: offered by an office, used by those who answer in its region."""

import pytest

from models.comments import ReplyTemplate
from services.comments import reply_templates
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World


def create(world: World, title: str = "已核实", **staff: object) -> ReplyTemplate:
    return reply_templates.create(world.ctx_of(world.staff(**staff)), title=title, text="已到现场核实。")  # type: ignore[arg-type]


def test_deputies_and_units_are_offered_those_of_their_region_and_above(world: World) -> None:
    create(world, "镇里的")
    create(world, "县里的", role="county_office", region=world.county)
    create(world, "邻镇的", region=world.other_township)
    for who in (world.deputy(), world.staff("handling_unit")):
        assert [row.title for row in reply_templates.list_for_answering(world.ctx_of(who))] == ["县里的", "镇里的"]


def test_what_is_retired_is_offered_no_more_and_its_name_is_free(world: World) -> None:
    row = create(world)
    with pytest.raises(Conflict, match="reply_template_exists"):
        create(world)
    clerk = world.ctx_of(world.staff())
    for _ in range(2):
        reply_templates.retire(clerk, row.id)
    assert reply_templates.list_for_answering(world.ctx_of(world.deputy())) == []
    create(world)
    assert [title.title for title, _place in reply_templates.list_own(clerk)] == ["已核实"]


@pytest.mark.parametrize(("title", "text"), [("", "好"), ("名" * 31, "好"), ("名", " "), ("名", "好" * 5001)])
def test_what_is_empty_or_too_long_is_refused(world: World, title: str, text: str) -> None:
    with pytest.raises(Invalid, match="invalid_input"):
        reply_templates.create(world.ctx_of(world.staff()), title=title, text=text)


def test_only_the_office_that_screens_offers_them(world: World) -> None:
    row = create(world)
    with pytest.raises(Forbidden):
        create(world, role="handling_unit")
    with pytest.raises(NotFound):
        reply_templates.retire(world.ctx_of(world.staff(region=world.other_township)), row.id)
    with pytest.raises(Forbidden):
        reply_templates.list_for_answering(world.ctx_of(world.resident()))
