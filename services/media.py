"""Photos: taken in only after the checks, re-encoded without EXIF, read through signed addresses."""

import hashlib
import hmac
import io
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select, update

from models.media import MediaFile
from services import access, audit
from services.context import Context
from services.errors import Invalid, NotFound, TooLarge
from services.rules.typed import same_code

PURPOSES = ("opinion", "duty")
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 60_000_000
#: Longest side after re-encoding: enough to read a sign, small enough for a weak network.
MAX_SIDE = 2048
FORMATS = ("JPEG", "PNG", "WEBP")
LINK_LIFE = timedelta(hours=1)


def take_photo(ctx: Context, *, content: bytes, purpose: str) -> MediaFile:
    """Judge by content, not by name; straighten, shrink, re-encode as JPEG without any metadata."""
    if purpose not in PURPOSES:
        raise Invalid("field_not_a_choice", fields={"purpose": "field_not_a_choice"})
    clean, width, height = _clean_jpeg(_open_picture(content))
    key = f"{ctx.today:%Y/%m}/{secrets.token_hex(16)}.jpg"
    owner = access.own_account(ctx).id
    row = MediaFile(account_id=owner, purpose=purpose, sha256=hashlib.sha256(clean).hexdigest(),
                    content_type="image/jpeg", size=len(clean), width=width, height=height, storage_key=key,
                    created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.gateways.files.save(key, clean)
    audit.record(ctx, "photo.taken", f"media:{row.id}", {"purpose": purpose})
    return row


def _open_picture(content: bytes) -> Image.Image:
    if len(content) > MAX_BYTES:
        raise TooLarge("photo_too_large")
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise Invalid("photo_too_many_pixels")
        picture.load()
    except Image.DecompressionBombError as error:
        raise Invalid("photo_too_many_pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Invalid("photo_not_an_image") from error
    return picture


def _clean_jpeg(picture: Image.Image) -> tuple[bytes, int, int]:
    try:
        upright = ImageOps.exif_transpose(picture)
    except (SyntaxError, ValueError, OSError, struct.error) as error:
        raise Invalid("photo_not_an_image") from error
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright.convert("RGB"), mask=upright.getchannel("A") if "A" in upright.getbands() else None)
    flat.thumbnail((MAX_SIDE, MAX_SIDE))
    buffer = io.BytesIO()
    flat.save(buffer, "JPEG", quality=85, optimize=True)
    return buffer.getvalue(), flat.width, flat.height


def attach(ctx: Context, media_ids: Sequence[int], *, purpose: str) -> list[int]:
    """Take the asker's own loose photos for an opinion or a duty; all of them or none."""
    wanted = list(dict.fromkeys(media_ids))
    if not wanted:
        return []
    taken = set(ctx.session.scalars(
        update(MediaFile)
        .where(MediaFile.id.in_(wanted), MediaFile.account_id == access.account_id(ctx),
               MediaFile.purpose == purpose, MediaFile.attached_at.is_(None))
        .values(attached_at=ctx.now).returning(MediaFile.id)))
    if taken != set(wanted):
        raise Invalid("photo_unknown", fields={"photo_ids": "photo_unknown"})
    return wanted


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PhotoLink:
    id: int
    url: str
    width: int
    height: int


def signed_link(ctx: Context, row: MediaFile) -> PhotoLink:
    """An address good for one hour; whoever may see the page may see the picture, nobody else."""
    expires = int((ctx.now + LINK_LIFE).timestamp())
    mac = _mac(ctx.settings.signing_key, row.id, expires)
    return PhotoLink(row.id, f"/api/v1/media/{row.id}/content?expires={expires}&sig={mac}", row.width, row.height)


def links(ctx: Context, media_ids: Sequence[int]) -> list[PhotoLink]:
    if not media_ids:
        return []
    rows = {row.id: row for row in ctx.session.scalars(select(MediaFile).where(MediaFile.id.in_(media_ids)))}
    return [signed_link(ctx, rows[number]) for number in media_ids if number in rows]


def load_signed(ctx: Context, media_id: int, *, expires: int, sig: str) -> tuple[bytes, str]:
    """The bytes behind a signed address; a wrong, foreign or old one does not exist."""
    good = same_code(_mac(ctx.settings.signing_key, media_id, expires), sig)
    row = ctx.session.get(MediaFile, media_id)
    if not good or row is None or expires < ctx.now.timestamp():
        raise NotFound("not_found")
    return ctx.gateways.files.load(row.storage_key), row.content_type


def _mac(key: bytes, media_id: int, expires: int) -> str:
    return hmac.new(key, f"media:{media_id}:{expires}".encode(), hashlib.sha256).hexdigest()[:32]
