"""What people allow the platform to send them: credits per person and template, counted once per report."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, select, update

from models.insert_once import insert_once
from models.notices import MessageTemplate, SubscriptionCredit, SubscriptionEvent
from services.context import Context


def record_subscription(ctx: Context, *, openid: str, template_id: str, result: str, origin: str,
                        dedupe_key: str) -> bool:
    """Count what a person allowed, once per report; False when this report was counted already."""
    if insert_once(ctx.session, SubscriptionEvent, dedupe_key=dedupe_key, openid=openid, template_id=template_id,
                   result=result, origin=origin, at=ctx.now) is None:
        return False
    credit = _credit(ctx, openid, template_id)
    if result == "accept":
        # One tap is told twice, by the phone and by the platform: only the platform's word adds a one-time message.
        credit.balance = 1 if credit.is_long_term else credit.balance + (origin != "phone")
    elif result in ("reject", "ban") and credit.is_long_term:
        credit.balance = 0
    credit.changed_at = ctx.now
    ctx.session.flush()
    return True


def _credit(ctx: Context, openid: str, template_id: str) -> SubscriptionCredit:
    template = ctx.session.get(MessageTemplate, template_id)
    insert_once(ctx.session, SubscriptionCredit, appid=ctx.settings.mini_appid, openid=openid, template_id=template_id,
                balance=0, is_long_term=template is not None and template.is_long_term, changed_at=ctx.now)
    return ctx.session.scalars(select(SubscriptionCredit).where(
        SubscriptionCredit.appid == ctx.settings.mini_appid, SubscriptionCredit.openid == openid,
        SubscriptionCredit.template_id == template_id)
        .with_for_update().execution_options(populate_existing=True)).one()


def sync_templates(ctx: Context) -> int:
    """Store the platform's list of templates and their fields; returns how many."""
    templates = ctx.gateways.messenger.list_templates()
    for info in templates:
        ctx.session.merge(MessageTemplate(id=info.id, appid=info.appid, title=info.title,
                                          is_long_term=info.is_long_term, fields=list(info.fields),
                                          synced_at=ctx.now))
    return len(templates)


def take_credits(ctx: Context, openids: Sequence[str], template_id: str) -> set[str]:
    """Take one message's permission for each before sending; returns who had one.

    One atomic statement: of many senders with one credit, exactly one gets it.
    """
    credit = SubscriptionCredit
    return set(ctx.session.scalars(
        update(credit).where(_of(ctx, template_id, openids), credit.balance > 0)
        .values(balance=case((credit.is_long_term, credit.balance), else_=credit.balance - 1), changed_at=ctx.now)
        .returning(credit.openid))) if openids else set()


def give_credits_back(ctx: Context, template_id: str, openids: Sequence[str]) -> None:
    """The message did not leave, or was refused for another reason: a one-time permission is whole again."""
    credit = SubscriptionCredit
    if openids:
        ctx.session.execute(update(credit).where(_of(ctx, template_id, openids), ~credit.is_long_term)
                            .values(balance=credit.balance + 1, changed_at=ctx.now))


def empty_credits(ctx: Context, template_id: str, openids: Sequence[str]) -> None:
    """The platform knows of no permission: neither do we."""
    credit = SubscriptionCredit
    ctx.session.execute(update(credit).where(_of(ctx, template_id, openids)).values(balance=0, changed_at=ctx.now))


def _of(ctx: Context, template_id: str, openids: Sequence[str]) -> ColumnElement[bool]:
    credit = SubscriptionCredit
    return and_(credit.appid == ctx.settings.mini_appid, credit.template_id == template_id,
                credit.openid.in_(openids))
