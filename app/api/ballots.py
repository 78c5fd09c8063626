"""The vote as deputies and residents meet it on the phone: when it is, and signing in at the hall (票决)."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.times import iso
from services import ballots, sittings

bp = APIBlueprint("ballots", __name__, url_prefix="/api/v1", tag="ballots")


class SittingOut(BaseModel):
    id: int
    name: str
    place: str
    held_on: str
    signed_in_at: str | None


class NextVoteOut(BaseModel):
    #: What is being done, in words; None while no vote is convened.
    vote: str | None
    #: Own sittings of today and later; for deputies on the roll.
    sittings: list[SittingOut]


class SittingSignIn(BaseModel):
    code: str = Field(max_length=20)


@bp.get("/next-vote")
@requires("account")
@bp.output(NextVoteOut)
def get_next_vote() -> dict[str, object]:
    """When the own township or county votes next."""
    ctx = get_context()
    found = ballots.next_vote(ctx)
    words = f"{found.sitting.held_on:%Y年%m月%d日}，{found.sitting.name}，{found.sitting.place}，{found.state_name}" \
        if found else None
    return {"vote": words, "sittings": [show_sitting(row, member) for row, member in sittings.list_mine(ctx)]}


def show_sitting(row: sittings.Sitting, member: sittings.SittingMember) -> dict[str, object]:
    return {"id": row.id, "name": row.name, "place": row.place, "held_on": row.held_on.isoformat(),
            "signed_in_at": iso(member.signed_in_at)}


@bp.post("/sittings/sign-in")
@requires("deputy")
@rate_limit("20/hour", per="actor", when_redis_is_away="closed")
@bp.input(SittingSignIn)
@bp.output(SittingOut)
def sign_in(json_data: SittingSignIn) -> dict[str, object]:
    """Sign in with the six digits on the hall's screen."""
    ctx = get_context()
    row = sittings.sign_in_by_code(ctx, code=json_data.code)
    return next(show_sitting(sitting, member) for sitting, member in sittings.list_mine(ctx) if sitting.id == row.id)
