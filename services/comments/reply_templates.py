"""Beginnings of answers that an office offers to deputies and units below it; what is sent stays their own."""

from sqlalchemy import select

from models.comments import ReplyTemplate
from models.deputies import Person
from models.insert_once import insert_once
from models.regions import Region
from services import access, audit, regions
from services.comments import moves
from services.context import Context
from services.errors import Conflict, Invalid, NotFound

MAX_TITLE = 30


def create(ctx: Context, *, title: str, text: str) -> ReplyTemplate:
    """Offer one in the staff's own region; raises `reply_template_exists` for a second one of the same name."""
    access.require(ctx, "opinions.screen")
    faults = {name: "field_too_long" if value.strip() else "field_required"
              for name, value, most in (("title", title, MAX_TITLE), ("text", text, moves.MAX_TEXT))
              if not 1 <= len(value.strip()) <= most}
    if faults:
        raise Invalid("invalid_input", fields=faults)
    if ctx.actor.region_id is None:
        raise NotFound("not_found")
    row = insert_once(ctx.session, ReplyTemplate, region_id=ctx.actor.region_id, title=title.strip(), text=text.strip(),
                      created_by=access.staff_id(ctx), created_at=ctx.now)
    if row is None:
        raise Conflict("reply_template_exists", fields={"title": "reply_template_exists"})
    audit.record(ctx, "reply_template.created", f"reply_template:{row.id}", region_id=row.region_id)
    return row


def retire(ctx: Context, template_id: int) -> None:
    """Offered no more; a repeat changes nothing."""
    row = access.access_reply_template(ctx, template_id, "opinions.screen")
    if row.retired_at is None:
        row.retired_at = ctx.now
        audit.record(ctx, "reply_template.retired", f"reply_template:{row.id}", region_id=row.region_id)


def list_own(ctx: Context) -> list[tuple[ReplyTemplate, str]]:
    """What is offered in the asker's part of the tree, with the region's name."""
    access.require(ctx, "opinions.screen")
    return list(ctx.session.execute(
        select(ReplyTemplate, Region.name).join(Region, Region.id == ReplyTemplate.region_id)
        .where(ReplyTemplate.retired_at.is_(None), access.in_scope(ctx, ReplyTemplate.region_id))
        .order_by(Region.path, ReplyTemplate.title)).all())


def list_for_answering(ctx: Context) -> list[ReplyTemplate]:
    """What the asker, a deputy or a handling unit, may begin an answer with: their region's and those above."""
    if ctx.actor.staff_id is not None:
        access.require(ctx, "opinions.answer")
        home = ctx.actor.region_id
    else:
        home = ctx.session.scalar(select(Person.region_id).where(Person.id == access.deputy_id(ctx)))
    if home is None:
        raise NotFound("not_found")
    places = [row.id for row in regions.ancestors(ctx.session, regions.get_region(ctx.session, home))]
    return list(ctx.session.scalars(
        select(ReplyTemplate).where(ReplyTemplate.retired_at.is_(None), ReplyTemplate.region_id.in_(places))
        .order_by(ReplyTemplate.title)))
