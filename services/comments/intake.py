"""From the resident's words to the clerk's: taken in, checked by the platform, then taken up or refused."""

from dataclasses import dataclass

from models.comments import Opinion, OpinionPhoto
from models.number_series import take_serial
from models.regions import Region
from services import access, audit, media, outbox, regions
from services.comments import merging, moves
from services.context import Context
from services.errors import Invalid
from services.rules import privacy
from services.rules.opinion_states import CATEGORIES

MAX_PHOTOS = 9
MAX_MATTER = 40


@dataclass(frozen=True)
class OpinionForm:
    text: str
    category: str
    village_id: int
    consent_version: str
    photo_ids: tuple[int, ...] = ()
    is_anonymous: bool = False
    channel: str = "mini"
    #: The number of a matter that the author meets as well; its category is the matter's.
    joins: str | None = None


def submit(ctx: Context, form: OpinionForm) -> Opinion:
    """Take an opinion in: it gets its number and waits for screening; the text check runs after the commit."""
    account = access.own_account(ctx).id
    village = _check(ctx, form)
    township = regions.township_of(ctx.session, village)
    opinion = Opinion(
        number=_next_number(ctx, township), account_id=account, township_id=township.id, village_id=village.id,
        category=form.category, text=form.text.strip(), channel=form.channel, is_anonymous=form.is_anonymous,
        consent_version=form.consent_version, consent_at=ctx.now, submitted_at=ctx.now,
        due_set_on=ctx.today, due_on=regions.due_day(ctx, township, "opinion.screening_workdays"))
    ctx.session.add(opinion)
    ctx.session.flush()
    photos = media.attach(ctx, form.photo_ids, purpose="opinion")
    ctx.session.add_all(OpinionPhoto(opinion_id=opinion.id, media_id=number, position=place)
                        for place, number in enumerate(photos))
    moves.tell(ctx, opinion, "已提交", "工作人员会在1个工作日内受理" if form.joins is None else "")
    if form.joins is not None:
        merging.join(ctx, opinion, form.joins)
    audit.record(ctx, "opinion.submitted", f"opinion:{opinion.id}", {"channel": form.channel}, region_id=township.id)
    outbox.publish(ctx, "opinion.submitted", opinion_id=opinion.id)
    return opinion


def _check(ctx: Context, form: OpinionForm) -> Region:
    if not 1 <= len(form.text.strip()) <= moves.MAX_TEXT:
        raise Invalid("opinion_text_length", fields={"text": "opinion_text_length"})
    if form.category not in CATEGORIES:
        raise Invalid("opinion_category_unknown", fields={"category": "opinion_category_unknown"})
    if len(form.photo_ids) > MAX_PHOTOS:
        raise Invalid("opinion_too_many_photos", fields={"photo_ids": "opinion_too_many_photos"})
    if not privacy.holds(form.consent_version):
        raise Invalid("consent_outdated", fields={"consent_version": "consent_outdated"})
    village = regions.get_region(ctx.session, form.village_id)
    if village.level != "village":
        raise Invalid("village_required", fields={"village_id": "village_required"})
    return village


def _next_number(ctx: Context, township: Region) -> str:
    """YJ + nine-digit township code + year + six-digit serial."""
    name = f"YJ{township.code[:9]}{ctx.today.year}"
    return f"{name}{take_serial(ctx.session, name):06d}"


def text_to_check(ctx: Context, opinion_id: int) -> tuple[str, int] | None:
    """The text and its author's account while the check is still open, else None."""
    opinion = ctx.session.get_one(Opinion, opinion_id)
    if opinion.text_check != "pending" or opinion.account_id is None:
        return None
    return opinion.text, opinion.account_id


def record_text_check(ctx: Context, opinion_id: int, *, suggestion: str) -> None:
    """Keep what the platform said; whatever it is, a person screens, and only `pass` is not marked for care.

    Who joined a matter by a tap was screened by nobody: anything but `pass` takes the opinion out again, to the clerk.
    """
    opinion = ctx.session.get_one(Opinion, opinion_id, with_for_update=True)
    if opinion.text_check == "pending":
        opinion.text_check = suggestion
        if suggestion != "pass" and merging.is_joined(ctx, opinion):
            merging.detach(ctx, opinion)
        audit.record(ctx, "opinion.text_checked", f"opinion:{opinion.id}", {"suggestion": suggestion},
                     region_id=opinion.township_id)


def register(ctx: Context, number: str, *, category: str | None = None, is_urgent: bool = False, matter: str = ""
             ) -> Opinion:
    """Screening passed: the matter is taken up, its category confirmed or corrected, and named in public words."""
    opinion = access.access_opinion(ctx, number, "opinions.screen")
    _name_matter(opinion, matter)
    if category is not None and category not in CATEGORIES:
        raise Invalid("opinion_category_unknown", fields={"category": "opinion_category_unknown"})
    if opinion.state != "screening":
        raise moves.refusal(opinion)
    moves.move(ctx, opinion, "registered")
    opinion.category = category or opinion.category
    opinion.is_urgent = is_urgent
    moves.tell(ctx, opinion, "已受理", f"类别：{CATEGORIES[opinion.category]}")
    moves.send_word(ctx, opinion, "registered", "已受理", "工作人员已受理您的意见")
    audit.record(ctx, "opinion.registered", f"opinion:{opinion.id}", {"category": opinion.category},
                 region_id=opinion.township_id)
    return opinion


def _name_matter(opinion: Opinion, matter: str) -> None:
    """What others who meet the same are shown of it; empty shows them the category only."""
    if len(matter.strip()) > MAX_MATTER:
        raise Invalid("matter_too_long", fields={"matter": "matter_too_long"})
    opinion.matter = matter.strip() or None


def refuse(ctx: Context, number: str, *, reason: str) -> Opinion:
    """Not taken up, with the reason and where to turn, which the resident reads."""
    opinion = access.access_opinion(ctx, number, "opinions.screen")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    merging.require_alone(ctx, opinion)
    moves.move(ctx, opinion, "rejected")
    opinion.reject_reason, opinion.closed_at = reason.strip(), ctx.now
    moves.end_clock(opinion)
    moves.tell(ctx, opinion, "不予受理", reason.strip())
    moves.send_word(ctx, opinion, "rejected", "未受理", "请点开查看原因和办理渠道")
    audit.record(ctx, "opinion.refused", f"opinion:{opinion.id}", region_id=opinion.township_id)
    return opinion
