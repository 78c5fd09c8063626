"""The board of clocks: each figure and the list it counts."""

from datetime import date, timedelta

import pytest

from services import comments
from services.context import Context
from services.errors import Unauthenticated
from tests.factories import World
from tests.services.opinion_case import Case


def _numbers(ctx: Context, part: str) -> list[str]:
    return [line.opinion.number for line in comments.list_board(ctx, part)[0]]


def _running(case: Case, days: int) -> str:
    """Another opinion of the same resident, assigned, with this many days to go."""
    world, opinion = case.world, case.world.opinion(case.resident)
    comments.register(world.ctx_of(case.clerk), opinion.number)
    comments.assign(world.ctx_of(case.clerk), opinion.number, due_on=world.system.today + timedelta(days=days),
                    handler=comments.Handler(unit_id=case.unit_staff.unit_id))
    return opinion.number


def test_every_figure_opens_the_list_it_counts(case: Case, world: World) -> None:
    case.to("closed")
    today, soon, late, far = (_running(case, days) for days in (2, 9, 1, 60))
    paused, asked = _running(case, 60), _running(case, 60)
    clerk, unit = world.ctx_of(case.clerk), world.ctx_of(case.unit_staff)
    comments.pause(clerk, paused, reason="等待材料")
    comments.ask_extension_as_unit(unit, asked, wanted_on=date(2027, 2, 20), reason="雨季")
    world.clock.advance(days=2)
    comments.warn(world.system)
    chair = world.ctx_of(world.staff("township_chair"))
    expected = {"supervise": [late], "extension": [asked], "overdue": [late], "today": [today], "soon": [soon],
                "paused": [paused]}
    assert {part: _numbers(chair, part) for part in comments.PART_NAMES} == expected
    assert comments.count_board(chair) == {part: len(numbers) for part, numbers in expected.items()}
    assert comments.count_board(world.ctx_of(case.clerk))["supervise"] == 0
    assert far not in [number for numbers in expected.values() for number in numbers]
    line = comments.list_board(chair, "supervise")[0][0]
    assert (line.village, line.handler, line.reports) == ("石桥村", "青石镇水利站", ["已超期"])
    extension = comments.list_board(chair, "extension")[0][0].extension
    assert extension is not None
    assert extension.reason == "雨季"


def test_each_office_sees_its_own_part_of_the_tree(case: Case, world: World) -> None:
    _running(case, 0)
    case.to("assigned")
    foreign = world.ctx_of(world.staff("township_chair", world.other_township))
    assert comments.count_board(foreign) == dict.fromkeys(comments.PART_NAMES, 0)
    assert comments.count_board(world.ctx_of(case.unit_staff))["today"] == 1
    with pytest.raises(Unauthenticated):
        comments.count_board(world.ctx_of(case.resident))
