"""Photos: taken in after checks, shown through signed addresses (附件)."""

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel

from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.openapi import also_answers, takes_form
from services import media
from services.errors import Invalid, TooLarge

bp = APIBlueprint("media", __name__, url_prefix="/api/v1", tag="media")


class Photo(BaseModel):
    id: int
    url: str
    width: int
    height: int


class SignedQuery(BaseModel):
    expires: int
    sig: str


def show_photo(link: media.PhotoLink) -> Photo:
    return Photo(id=link.id, url=link.url, width=link.width, height=link.height)


@bp.post("/media")
@requires("account")
@rate_limit("60/minute", per="actor", when_redis_is_away="open")
@takes_form({"file": {"type": "string", "format": "binary"},
             "purpose": {"type": "string", "enum": list(media.PURPOSES)}})
@bp.output(Photo, status_code=201)
def take_photo() -> Photo:
    """Take one photo; its metadata is dropped, its kind judged by content."""
    if request.content_length and request.content_length > media.MAX_BYTES + 64 * 1024:
        raise TooLarge("photo_too_large")
    part = request.files.get("file")
    if part is None:
        raise Invalid("photo_not_an_image", fields={"file": "field_required"})
    ctx = get_context()
    row = media.take_photo(ctx, content=part.read(media.MAX_BYTES + 1), purpose=request.form.get("purpose", ""))
    return show_photo(media.signed_link(ctx, row))


@bp.get("/media/<int:media_id>/content")
@requires("public")
@bp.input(SignedQuery, location="query")
@bp.doc(responses=also_answers(200, "The picture", "image/jpeg"))
def get_content(media_id: int, query_data: SignedQuery) -> Response:
    """The picture behind a signed address, which says until when it is good."""
    content, kind = media.load_signed(get_context(), media_id, expires=query_data.expires, sig=query_data.sig)
    return Response(content, mimetype=kind, headers={"Cache-Control": "private, max-age=3600"})
