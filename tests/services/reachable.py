"""People who can be reached, and notices to send them."""



from sqlalchemy import select

from models.notices import NoticeDelivery, OpinionWord, SubscriptionCredit
from services import comments, notices, pushes, subscriptions
from services.context import Actor
from services.notices import NoticeForm
from services.ports import PushTrouble
from tests.factories import World

NOTICE, OPINION = "tmpl-notice", "tmpl-opinion"

FORM = {"kind": "meeting", "title": "小组会议", "body": "周五上午九时开会。", "audience": "region_deputies"}



def build_form(**changes: object) -> NoticeForm:
    return NoticeForm(**(FORM | changes))  # type: ignore[arg-type]


def create_draft(world: World, **changes: object) -> notices.Notice:
    return notices.create_draft(world.ctx_of(world.staff()), build_form(**changes))


def send_one(world: World, **changes: object) -> notices.Notice:
    ctx = world.ctx_of(world.staff())
    return notices.send(ctx, notices.create_draft(ctx, build_form(**changes)).id)


def allow(world: World, openid: str, template: str = NOTICE, result: str = "accept", key: str = "") -> bool:
    return subscriptions.record_subscription(world.system, openid=openid, template_id=template, result=result,
                                       origin="callback", dedupe_key=key or f"{openid}:{template}:{result}:{world.phone()}")


def balance(world: World, openid: str, template: str = NOTICE) -> int:
    world.system.session.flush()
    return world.system.session.scalar(select(SubscriptionCredit.balance).where(
        SubscriptionCredit.openid == openid, SubscriptionCredit.template_id == template)) or 0


def create_deputy(world: World, openid: str = "o-1", *, subscribed: bool = True, name: str = "王建国") -> Actor:
    deputy = world.deputy(name=name, openid=openid)
    if subscribed:
        allow(world, openid)
    return deputy


def states(world: World) -> list[tuple[str, str | None]]:
    world.system.session.flush()
    return list(world.system.session.execute(
        select(NoticeDelivery.state, NoticeDelivery.reason).order_by(NoticeDelivery.id)).all())  # type: ignore[arg-type]


def claim_all(world: World, notice: notices.Notice) -> list[pushes.Push]:
    return pushes.claim_deliveries(world.system, notice.id).pushes


def settle(world: World, table: type[pushes.PushRow], push: pushes.Push, trouble: PushTrouble | None = None, *,
           msgid: str | None = None) -> pushes.Verdict:
    """What a sender does after one push, of whatever notice."""
    return pushes.settle(world.system, table, [pushes.Outcome(push, trouble, msgid)])


def sweep(world: World, unsent: set[int] | None = None) -> list[int]:
    """The sweep, where marks say of these pushes that they never left."""
    return pushes.sweep_pushes(world.system, lambda _token, numbers: (unsent or set()) & set(numbers))


def create_word(world: World, openid: str | None = "o-r", *, subscribed: bool = True) -> int:
    """A word about an opinion that waits to be pushed."""
    resident = world.resident(openid=openid)
    if openid and subscribed:
        allow(world, openid, OPINION)
    comments.register(world.ctx_of(world.staff()), world.opinion(resident).number)
    return world.system.session.scalars(select(OpinionWord.id)).one()

