"""What a person sees of their own record."""

from dataclasses import dataclass

from sqlalchemy import select

from models.deputies import Mandate, Person
from models.identity import Account, SeatClaim, WeChatBinding
from models.regions import Region
from models.stations import Station
from services import access, deputies, identity, regions
from services.context import Context
from services.rules.mandate_ends import tell_former
from services.rules.phones import mask_phone


@dataclass(frozen=True)
class Me:
    account_id: int
    name: str
    phone_masked: str | None
    village: Region | None
    township: Region | None
    card: deputies.DeputyCard | None
    station: Station | None
    elder_mode: bool
    #: pending or refused: a seat asked for that another WeChat account holds.
    seat_claim: str | None
    #: What somebody reads whose mandates are all out of force; None for everybody else.
    seat_note: str | None
    official_account_bound: bool


def own_openid(ctx: Context) -> str | None:
    """The openid of the asker in the mini-program, if that is how they came."""
    return identity.openid_of(ctx.session, access.own_account(ctx).id, ctx.settings.mini_appid)


def build_me(ctx: Context, account_id: int | None = None) -> Me:
    account = ctx.session.get_one(Account, account_id or access.account_id(ctx))
    person = ctx.session.get(Person, account.person_id) if account.person_id else None
    seat = identity.seat_of(ctx.session, account)
    card = deputies.get_card(ctx.session, seat) if seat else None
    village = ctx.session.get(Region, account.village_id) if account.village_id else None
    home = regions.get_region(ctx.session, card.region_id) if card else village
    sealed = person.phone_cipher if person else account.phone_cipher
    return Me(
        account_id=account.id, name=person.name if person else account.name,
        phone_masked=mask_phone(ctx.gateways.cipher.open(sealed, identity.PHONE)) if sealed else None,
        village=village, township=_township(ctx, home), card=card,
        station=ctx.session.get(Station, card.stations[0][0]) if card and card.stations else None,
        elder_mode=account.elder_mode, seat_claim=_claim(ctx, account),
        seat_note=find_seat_note(ctx, account) if card is None else None,
        official_account_bound=ctx.session.scalar(select(WeChatBinding.id).where(
            WeChatBinding.account_id == account.id, WeChatBinding.appid == ctx.settings.official_appid)) is not None)


def find_seat_note(ctx: Context, account: Account) -> str | None:
    """Why a deputy's account is a resident's now: the last mandate ended, or all are suspended."""
    if account.person_id is None:
        return None
    last = ctx.session.scalar(select(Mandate).where(Mandate.person_id == account.person_id)
                              .order_by(Mandate.state == "ended", Mandate.ended_on.desc(), Mandate.id.desc()).limit(1))
    return tell_former(last.state == "suspended", last.ended_on) if last is not None else None


def _township(ctx: Context, home: Region | None) -> Region | None:
    if home is None or home.level not in ("village", "township"):
        return None
    return regions.township_of(ctx.session, home)


def _claim(ctx: Context, account: Account) -> str | None:
    if account.person_id is not None:
        return None
    state = ctx.session.scalar(select(SeatClaim.state).where(SeatClaim.account_id == account.id)
                               .order_by(SeatClaim.id.desc()).limit(1))
    return state if state in ("pending", "refused") else None
