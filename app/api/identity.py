"""Logging in, and the person's own settings (身份登录)."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.deputies import StationBrief, show_station
from app.api.regions import Region, show_region
from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.times import iso
from app.program import current_program
from app.unit_of_work import commit
from services import deputies, identity, me
from services.errors import Unauthenticated
from services.rules import opinion_states, privacy

bp = APIBlueprint("identity", __name__, url_prefix="/api/v1", tag="identity")


class MandateOut(BaseModel):
    id: int
    level: str
    level_name: str
    congress_name: str
    term_no: int
    constituency: str
    delegation: str | None
    groups: list[str]


class PersonOut(BaseModel):
    id: int
    name: str
    mandates: list[MandateOut]
    station: StationBrief | None


class MeOut(BaseModel):
    account_id: int
    role: str
    name: str
    phone_masked: str | None
    village: Region | None
    township: Region | None
    person: PersonOut | None
    elder_mode: bool
    needs_phone: bool
    seat_claim: str | None
    seat_note: str | None
    official_account_bound: bool


class SessionOut(BaseModel):
    token: str
    expires_at: str
    me: MeOut


class WeChatLogin(BaseModel):
    login_code: str = Field(min_length=1, max_length=200)
    #: The text just agreed to; left out where the phone logs in again by itself.
    consent_version: str = Field("", max_length=20)


class PhoneAsk(BaseModel):
    phone: str = Field(min_length=1, max_length=20)


class PhoneCodeOut(BaseModel):
    expires_in: int
    resend_after: int


class PhoneLogin(BaseModel):
    phone: str = Field(min_length=1, max_length=20)
    code: str = Field(min_length=1, max_length=12)
    consent_version: str = Field("", max_length=20)


class PhoneBind(BaseModel):
    phone_code: str = Field(min_length=1, max_length=200)


class MePatch(BaseModel):
    village_id: int | None = None
    elder_mode: bool | None = None
    name: str | None = Field(None, max_length=40)


class BindingCodeOut(BaseModel):
    code: str
    expires_at: str


class PrivacyOut(BaseModel):
    version: str
    title: str
    body: str


class CategoryOut(BaseModel):
    code: str
    name: str


class TemplateIds(BaseModel):
    notice: str
    opinion: str
    reception: str


class Limits(BaseModel):
    photos: int
    opinion_chars: int
    photo_mb: int


class ConfigOut(BaseModel):
    privacy: PrivacyOut
    categories: list[CategoryOut]
    template_ids: TemplateIds
    limits: Limits
    service_phone: str
    demo: bool


def show_me(found: me.Me) -> MeOut:
    card = found.card
    person = None if card is None else PersonOut(
        id=card.id, name=card.name, station=show_station(found.station) if found.station else None,
        mandates=[show_mandate(mandate, card.groups) for mandate in card.mandates])
    return MeOut(account_id=found.account_id, role="deputy" if card else "resident", name=found.name,
                 phone_masked=found.phone_masked, village=show_region(found.village),
                 township=show_region(found.township), person=person, elder_mode=found.elder_mode,
                 needs_phone=found.phone_masked is None, seat_claim=found.seat_claim, seat_note=found.seat_note,
                 official_account_bound=found.official_account_bound)


def show_mandate(mandate: deputies.MandateCard, groups: list[str]) -> MandateOut:
    return MandateOut(id=mandate.id, level=mandate.level, level_name=mandate.level_name,
                      congress_name=mandate.congress_name, term_no=mandate.term_no, constituency=mandate.constituency,
                      delegation=mandate.delegation, groups=groups)


def _session(issued: identity.IssuedSession) -> SessionOut:
    return SessionOut(token=issued.token, expires_at=iso(issued.expires_at),
                      me=show_me(me.build_me(get_context(), issued.account.id)))


@bp.post("/sessions/wechat")
@requires("public")
@rate_limit("60/minute", per="address", when_redis_is_away="open")
@bp.input(WeChatLogin)
@bp.output(SessionOut)
def login_with_wechat(json_data: WeChatLogin) -> SessionOut:
    """Log in with the one-time code of wx.login."""
    return _session(identity.login_with_wechat(
        get_context(), login_code=json_data.login_code, consent_version=json_data.consent_version))


@bp.post("/sessions/phone-codes")
@requires("public")
# A training hall or a carrier shares one address; a number itself gets one code a minute.
@rate_limit("300/hour", per="address", when_redis_is_away="closed")
@bp.input(PhoneAsk)
@bp.output(PhoneCodeOut, status_code=202)
def ask_phone_code(json_data: PhoneAsk) -> dict[str, int]:
    """Send a one-time code to a phone; the same answer whether the number is known or not."""
    ctx = get_context()
    prepared = identity.prepare_login_code(ctx, phone=json_data.phone)
    commit(current_program(), ctx)
    ctx.gateways.code_sender.send_login_code(prepared.phone, prepared.code)
    return {"expires_in": int(identity.CODE_LIFE.total_seconds()),
            "resend_after": int(identity.CODE_INTERVAL.total_seconds())}


@bp.post("/sessions/phone")
@requires("public")
@rate_limit("600/hour", per="address", when_redis_is_away="closed")
@bp.input(PhoneLogin)
@bp.output(SessionOut)
def login_with_phone(json_data: PhoneLogin) -> SessionOut:
    """Log in with phone and one-time code (the browser build)."""
    return _session(identity.login_with_phone(
        get_context(), phone=json_data.phone, code=json_data.code, consent_version=json_data.consent_version))


@bp.post("/sessions/rotation")
@requires("account")
@bp.output(SessionOut)
def rotate_session() -> SessionOut:
    """Swap the token for a fresh one."""
    return _session(identity.rotate_session(get_context()))


@bp.delete("/sessions/current")
@requires("account")
@bp.output({}, status_code=204)
def end_session() -> str:
    """Log out: the token ends."""
    identity.end_session(get_context())
    return ""


@bp.get("/me")
@requires("account")
@bp.output(MeOut)
def get_me() -> MeOut:
    """Who is asking, with mandates and settings."""
    return show_me(me.build_me(get_context()))


@bp.patch("/me")
@requires("account")
@bp.input(MePatch)
@bp.output(MeOut)
def update_me(json_data: MePatch) -> MeOut:
    """Village, elder mode, and the name a resident goes by."""
    ctx = get_context()
    identity.update_me(ctx, village_id=json_data.village_id, elder_mode=json_data.elder_mode, name=json_data.name)
    return show_me(me.build_me(ctx))


@bp.post("/me/phone")
@requires("account")
@rate_limit("10/minute", per="actor", when_redis_is_away="closed")
@bp.input(PhoneBind)
@bp.output(MeOut)
def bind_phone(json_data: PhoneBind) -> MeOut:
    """Exchange a getPhoneNumber code; a number on the roster claims the deputy's seat."""
    ctx = get_context()
    openid = me.own_openid(ctx)
    if openid is None:
        raise Unauthenticated("code_invalid")
    # The platform is asked with no transaction open.
    ctx.session.rollback()
    account = identity.bind_phone_from_wechat(ctx, phone_code=json_data.phone_code, openid=openid)
    return show_me(me.build_me(ctx, account.id))


@bp.post("/me/official-account-code")
@requires("account")
@rate_limit("10/hour", per="actor", when_redis_is_away="closed")
@bp.output(BindingCodeOut)
def issue_official_account_code() -> dict[str, str]:
    """Six digits to send to the official account, which then knows this person."""
    code, expires_at = identity.issue_official_account_code(get_context())
    return {"code": code, "expires_at": iso(expires_at)}


@bp.get("/config")
@requires("public")
@bp.output(ConfigOut)
def get_config() -> dict[str, object]:
    """What the app needs before anybody has logged in."""
    settings = current_program().settings
    return {
        "privacy": {"version": privacy.VERSION, "title": privacy.TITLE, "body": privacy.BODY},
        "categories": [{"code": code, "name": name} for code, name in opinion_states.CATEGORIES.items()],
        "template_ids": {"notice": settings.notice_template, "opinion": settings.opinion_template,
                         "reception": settings.reception_template},
        "limits": {"photos": 9, "opinion_chars": 5000, "photo_mb": 10},
        "service_phone": settings.service_phone, "demo": settings.stage == "development",
    }


