"""What a person may do about the own data: see, copy, take back, close the account (账号与隐私)."""

import tempfile

from apiflask import APIBlueprint
from flask import Response, send_file
from pydantic import BaseModel, Field

from app.api.identity import MeOut, show_me
from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.openapi import also_answers
from app.http.times import iso
from services import closing, exports, identity, me

bp = APIBlueprint("privacy", __name__, url_prefix="/api/v1", tag="privacy")
ZIP = "application/zip"


class StandingOut(BaseModel):
    consent_version: str | None
    consent_at: str | None
    can_forget_phone: bool
    messages_on: bool


class ForecastOut(BaseModel):
    word: str
    erased: list[str]
    kept: list[str]
    open_numbers: list[str]


class ClosingIn(BaseModel):
    word: str = Field(max_length=20)


class PhoneChange(BaseModel):
    phone: str = Field(min_length=1, max_length=20)
    code: str = Field(min_length=1, max_length=12)


@bp.get("/me/privacy")
@requires("account")
@bp.output(StandingOut)
def get_standing() -> StandingOut:
    """What the person has agreed to, and what may be taken back."""
    found = closing.standing(get_context())
    return StandingOut(consent_version=found.consent_version, consent_at=iso(found.consent_at),
                       can_forget_phone=found.can_forget_phone, messages_on=found.messages_on)


@bp.get("/me/export")
@requires("account")
@rate_limit("10/hour", per="actor", when_redis_is_away="closed")
@bp.doc(responses=also_answers(200, "A copy of the person's own data: a page, the same as JSON, and photos", ZIP))
def export_data() -> Response:
    """A copy of the person's own data, nobody else's in it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
    exports.write_archive(get_context(), file)
    file.seek(0)
    response = send_file(file, mimetype=ZIP, as_attachment=True, download_name="my-data.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/me/phone-change")
@requires("account")
@rate_limit("10/minute", per="actor", when_redis_is_away="closed")
@bp.input(PhoneChange)
@bp.output(MeOut)
def change_phone(json_data: PhoneChange) -> MeOut:
    """Change the number by the code sent to the new one; a number on the roster claims the deputy's seat."""
    ctx = get_context()
    account = identity.bind_phone_by_code(ctx, phone=json_data.phone, code=json_data.code)
    return show_me(me.build_me(ctx, account.id))


@bp.delete("/me/phone")
@requires("account")
@bp.output({}, status_code=204)
def forget_phone() -> str:
    """A resident takes the number back, where WeChat remains to log in with."""
    closing.forget_phone(get_context())
    return ""


@bp.delete("/me/official-account")
@requires("account")
@bp.output({}, status_code=204)
def leave_official_account() -> str:
    """Unbind the official account."""
    closing.leave_official_account(get_context())
    return ""


@bp.delete("/me/messages")
@requires("account")
@bp.output({}, status_code=204)
def stop_messages() -> str:
    """No more pushes until the person allows new ones."""
    closing.stop_messages(get_context())
    return ""


@bp.post("/me/consent-withdrawal")
@requires("account")
@bp.output({}, status_code=204)
def withdraw_consent() -> str:
    """Stop what rests on the consent alone, and log out everywhere."""
    closing.withdraw_consent(get_context())
    return ""


@bp.get("/me/closing")
@requires("account")
@bp.output(ForecastOut)
def get_forecast() -> ForecastOut:
    """What closing the account erases, what it leaves and why, and the word to type."""
    found = closing.forecast(get_context())
    return ForecastOut(word=closing.WORD, **vars(found))


@bp.post("/me/closing")
@requires("account")
@rate_limit("10/minute", per="actor", when_redis_is_away="open")
@bp.input(ClosingIn)
@bp.output({}, status_code=204)
def close_account(json_data: ClosingIn) -> str:
    """Close the account: it works at once, and the token ends with it."""
    closing.close_own(get_context(), word=json_data.word)
    return ""
