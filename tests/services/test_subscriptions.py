"""Credits: what people allow, counted once."""



from sqlalchemy import select

from models.notices import MessageTemplate
from services import subscriptions
from tests.factories import World
from tests.fakes import MINI_APPID
from tests.services.reachable import (
    NOTICE,
    OPINION,
    allow,
    balance,
)


def test_a_one_time_credit_adds_up_and_is_counted_once_a_report(world: World) -> None:
    assert allow(world, "o-1", OPINION, key="same")
    assert not allow(world, "o-1", OPINION, key="same")
    allow(world, "o-1", OPINION)
    assert balance(world, "o-1", OPINION) == 2
    allow(world, "o-1", OPINION, result="reject")
    assert balance(world, "o-1", OPINION) == 2


def test_a_long_term_credit_is_on_or_off(world: World) -> None:
    for _ in range(3):
        allow(world, "o-1")
    assert balance(world, "o-1") == 1
    allow(world, "o-1", result="reject")
    assert balance(world, "o-1") == 0
    allow(world, "o-1")
    assert balance(world, "o-1") == 1
    allow(world, "o-1", result="ban")
    assert balance(world, "o-1") == 0


def test_templates_of_the_platform_are_stored_once(world: World) -> None:
    assert subscriptions.sync_templates(world.system) == subscriptions.sync_templates(world.system) == 2
    stored = world.system.session.scalars(select(MessageTemplate).order_by(MessageTemplate.id)).all()
    assert [(row.id, row.is_long_term, row.appid) for row in stored] == [
        (NOTICE, True, MINI_APPID), (OPINION, False, MINI_APPID)]
