"""Photos: judged by content, stripped, attached once, read through signed links."""

import io
import struct
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from models.media import MediaFile
from services import media
from services.context import Actor, Context, Gateways
from services.errors import DomainError, Invalid, NotFound, TooLarge, Unauthenticated
from tests.factories import World
from tests.fakes import MemoryFiles


@pytest.fixture
def files(gateways: Gateways) -> MemoryFiles:
    store = gateways.files
    assert isinstance(store, MemoryFiles)
    return store


def _take(world: World, actor: Actor, content: bytes | None = None, purpose: str = "opinion") -> MediaFile:
    return media.take_photo(world.ctx_of(actor), content=world.photo_bytes() if content is None else content,
                            purpose=purpose)


def _with_gps() -> bytes:
    picture, buffer = Image.new("RGB", (60, 40), "navy"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker-Secret"
    exif[0x0112] = 6  # turned by 90 degrees
    exif.get_ifd(0x8825).update({1: "N", 2: (28.0, 6.0, 0.0), 3: "E", 4: (112.0, 54.0, 0.0)})
    picture.save(buffer, "JPEG", exif=exif, comment=b"where I live")
    return buffer.getvalue()


def test_a_photo_loses_its_place_and_every_other_hidden_word(world: World, files: MemoryFiles) -> None:
    content = _with_gps()
    assert b"PhoneMaker-Secret" in content
    row = _take(world, world.resident(), content)
    stored = files.files[row.storage_key]
    found = Image.open(io.BytesIO(stored))
    assert not found.getexif()
    assert b"PhoneMaker" not in stored
    assert b"where I live" not in stored
    assert found.size == (40, 60)  # straightened before the tag was dropped


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_accepted_kind_becomes_a_jpeg(world: World, files: MemoryFiles, kind: str) -> None:
    row = _take(world, world.resident(), world.photo_bytes(kind=kind))
    assert row.content_type == "image/jpeg"
    assert files.files[row.storage_key].startswith(b"\xff\xd8")
    assert row.size == len(files.files[row.storage_key])


def test_a_large_photo_is_shrunk_to_what_is_needed(world: World) -> None:
    row = _take(world, world.resident(), world.photo_bytes(size=(4000, 1000)))
    assert (row.width, row.height) == (2048, 512)


def test_transparency_becomes_white(world: World, files: MemoryFiles) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(buffer, "PNG")
    row = _take(world, world.resident(), buffer.getvalue())
    pixel = Image.open(io.BytesIO(files.files[row.storage_key])).getpixel((5, 5))
    assert pixel == (255, 255, 255)


def _gif() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "GIF")
    return buffer.getvalue()


def _huge_png(width: int, height: int) -> bytes:
    """A tiny file that claims to be an enormous picture."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("content", "error", "code"), [
    (b"this is text named photo.jpg", Invalid, "photo_not_an_image"), (b"", Invalid, "photo_not_an_image"),
    (b"\xff\xd8\xff\xe0 not really", Invalid, "photo_not_an_image"), (_gif(), Invalid, "photo_not_an_image"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Invalid, "photo_not_an_image"),
    (b"\xff\xd8" + b"0" * (11 * 1024 * 1024), TooLarge, "photo_too_large"),
    (_huge_png(8000, 8000), Invalid, "photo_too_many_pixels"),
    (_huge_png(60_000, 60_000), Invalid, "photo_too_many_pixels")])
def test_what_is_no_photo_is_refused_and_leaves_nothing(
        world: World, files: MemoryFiles, content: bytes, error: type[Exception], code: str) -> None:
    with pytest.raises(error, match=code):
        _take(world, world.resident(), content)
    assert files.files == {}
    assert world.system.session.scalar(select(func.count()).select_from(MediaFile)) == 0


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 2000), byte=st.integers(0, 255), cut=st.integers(0, 2000))
def test_a_damaged_photo_is_taken_or_refused_but_never_breaks(world: World, place: int, byte: int, cut: int) -> None:
    content = bytearray(_with_gps())
    content[place % len(content)] = byte
    damaged = bytes(content[: len(content) - cut % 64])
    outcome = "taken"
    try:
        _take(world, world.resident(), damaged)
    except DomainError as refused:
        outcome = refused.code
    assert outcome in ("taken", "photo_not_an_image")


def test_an_unknown_purpose_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="field_not_a_choice"):
        _take(world, world.resident(), purpose="avatar")


def test_staff_take_no_photos(world: World) -> None:
    with pytest.raises(Unauthenticated):
        _take(world, world.staff())


# --- attaching --------------------------------------------------------------------------------------


def _attach(world: World, actor: Actor, *ids: int, purpose: str = "opinion") -> list[int]:
    return media.attach(world.ctx_of(actor), ids, purpose=purpose)


def test_the_own_loose_photo_is_attached_in_order_and_once(world: World) -> None:
    resident = world.resident()
    first, second = _take(world, resident).id, _take(world, resident).id
    assert _attach(world, resident, second, first, second) == [second, first]
    with pytest.raises(Invalid, match="photo_unknown"):
        _attach(world, resident, first)


def test_a_foreign_unknown_or_otherwise_meant_photo_is_not_attached(world: World) -> None:
    resident, other = world.resident(), world.resident()
    foreign, duty, missing = _take(world, other).id, _take(world, resident, purpose="duty").id, 10**9
    for number in (foreign, duty, missing):
        with pytest.raises(Invalid, match="photo_unknown"):
            _attach(world, resident, number)


def test_no_photos_are_no_photos(world: World) -> None:
    assert _attach(world, world.resident()) == []


# --- reading ----------------------------------------------------------------------------------------


def _parts(link: media.PhotoLink) -> dict[str, str]:
    return dict(part.split("=") for part in link.url.split("?")[1].split("&"))


def _load(ctx: Context, number: int, expires: str, sig: str) -> bytes:
    return media.load_signed(ctx, number, expires=int(expires), sig=sig)[0]


def test_a_signed_link_gives_the_bytes_for_an_hour(world: World, files: MemoryFiles) -> None:
    row = _take(world, world.resident())
    parts = _parts(media.signed_link(world.system, row))
    world.clock.advance(minutes=59)
    assert _load(world.system, row.id, **parts) == files.files[row.storage_key]
    world.clock.advance(minutes=2)
    with pytest.raises(NotFound):
        _load(world.system, row.id, **parts)


def test_a_changed_link_opens_nothing(world: World) -> None:
    row, other = _take(world, world.resident()), _take(world, world.resident())
    parts = _parts(media.signed_link(world.system, row))
    later = str(int(parts["expires"]) + 3600)
    for number, expires, sig in ((row.id, parts["expires"], "0" * 32), (row.id, parts["expires"], ""),
                                 (row.id, later, parts["sig"]), (other.id, parts["expires"], parts["sig"]),
                                 (10**9, parts["expires"], parts["sig"])):
        with pytest.raises(NotFound):
            _load(world.system, number, expires, sig)
