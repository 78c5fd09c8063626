"""Photos over HTTP: judged by content, cleaned, shown by signed address only."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from models.media import MediaFile
from services.context import Gateways
from services.media import LINK_LIFE
from tests.api.conftest import code_of
from tests.factories import World
from tests.fakes import MemoryFiles


@pytest.fixture
def files(gateways: Gateways) -> dict[str, bytes]:
    assert isinstance(gateways.files, MemoryFiles)
    return gateways.files.files


@pytest.fixture
def who(world: World) -> dict[str, str]:
    return world.token(world.resident())


def send(client: FlaskClient, who: dict[str, str], content: bytes, *, name: str = "photo.jpg",
         purpose: str = "opinion", **headers: str) -> Any:
    part = FileStorage(io.BytesIO(content), filename=name)
    boundary, body = encode_multipart({"file": part, "purpose": purpose})
    return client.post("/api/v1/media", data=body, content_type=f"multipart/form-data; boundary={boundary}",
                       headers=who | headers)


def with_exif(orientation: int = 6) -> bytes:
    """A picture that tells where and with what it was taken, lying on its side."""
    picture = Image.new("RGB", (40, 30), "navy")
    exif = picture.getexif()
    exif[0x010F], exif[0x0112] = "SecretCamera", orientation
    exif.get_ifd(0x8825)[1] = "N"
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_taken_and_shown_as_jpeg(
        client: FlaskClient, world: World, who: dict[str, str], kind: str) -> None:
    taken = send(client, who, world.photo_bytes(kind=kind), name="photo.bin")
    assert (taken.status_code, taken.json["width"], taken.json["height"]) == (201, 40, 30)
    shown = client.get(taken.json["url"])
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(shown.data)).size == (40, 30)


def test_where_and_with_what_it_was_taken_is_dropped(
        client: FlaskClient, world: World, who: dict[str, str], files: dict[str, bytes]) -> None:
    content = with_exif()
    assert b"SecretCamera" in content
    taken = send(client, who, content).json
    (stored,) = files.values()
    assert b"SecretCamera" not in stored
    assert dict(Image.open(io.BytesIO(stored)).getexif()) == {}
    assert (taken["width"], taken["height"]) == (30, 40), "the picture is set upright by what its EXIF said"


def test_a_large_picture_is_made_smaller(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    taken = send(client, who, world.photo_bytes(size=(4096, 1024))).json
    assert (taken["width"], taken["height"]) == (2048, 512)


@pytest.mark.parametrize("megabytes", [11, 13])
def test_a_photo_over_ten_megabytes_is_refused(
        client: FlaskClient, world: World, who: dict[str, str], megabytes: int, count: Callable[[type], int]) -> None:
    refused = send(client, who, b"\xff" * megabytes * 1024 * 1024)
    assert code_of(refused) == (413, "photo_too_large")
    assert count(MediaFile) == 0


def test_a_little_over_ten_megabytes_is_refused_by_its_content(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    assert code_of(send(client, who, b"\xff" * (10 * 1024 * 1024 + 1))) == (413, "photo_too_large")


@pytest.mark.parametrize("content", [
    b"just some text", b"", b"GIF89a" + b"\0" * 40, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0" + b"\0" * 64])
def test_what_is_no_photo_is_refused_whatever_its_name(
        client: FlaskClient, world: World, who: dict[str, str], content: bytes, files: dict[str, bytes]) -> None:
    assert code_of(send(client, who, content, name="photo.jpg")) == (422, "photo_not_an_image")
    assert files == {}


def test_a_cut_off_photo_is_refused(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    whole = world.photo_bytes(size=(400, 300))
    assert code_of(send(client, who, whole[: len(whole) // 2])) == (422, "photo_not_an_image")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    buffer = io.BytesIO()
    Image.new("1", (9000, 9000)).save(buffer, "PNG")
    assert code_of(send(client, who, buffer.getvalue())) == (422, "photo_too_many_pixels")


def test_a_file_is_needed(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    refused = client.post("/api/v1/media", data={"purpose": "opinion"}, headers=who)
    assert code_of(refused) == (422, "photo_not_an_image")
    assert list(refused.json["error"]["fields"]) == ["file"]  # type: ignore[index]


def test_a_photo_says_what_it_is_for(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    refused = send(client, who, world.photo_bytes(), purpose="avatar")
    assert code_of(refused) == (422, "field_not_a_choice")


def test_a_signed_address_is_good_for_one_hour(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    url = send(client, who, world.photo_bytes()).json["url"]
    world.clock.moment += LINK_LIFE
    assert client.get(url).status_code == 200
    world.clock.moment += timedelta(seconds=1)
    assert code_of(client.get(url)) == (404, "not_found")


def test_a_changed_address_shows_nothing(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    first, second = (send(client, who, world.photo_bytes()).json for _ in range(2))
    path, _, query = first["url"].partition("?")
    for changed in (f"{path}?{query}0", f"{path}?{query[:-1]}", second["url"].partition("?")[0] + "?" + query,
                    f"{path}?{query.replace('expires=', 'expires=9')}"):
        assert code_of(client.get(changed)) == (404, "not_found")


def test_an_unsigned_address_is_refused(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    path = send(client, who, world.photo_bytes()).json["url"].partition("?")[0]
    assert code_of(client.get(path)) == (422, "invalid_input")


def test_only_who_is_logged_in_may_send_a_photo(client: FlaskClient, world: World) -> None:
    assert code_of(send(client, {}, world.photo_bytes())) == (401, "login_required")


def test_a_photo_that_was_lost_on_the_way_back_is_not_taken_twice(
        client: FlaskClient, world: World, who: dict[str, str], count: Callable[[type], int]) -> None:
    key = {"Idempotency-Key": "key-12345678"}
    answers = [send(client, who, world.photo_bytes(), **key) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert count(MediaFile) == 1


def test_another_photo_under_the_same_key_is_a_conflict(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    key = {"Idempotency-Key": "key-12345678"}
    send(client, who, world.photo_bytes(), **key)
    other = send(client, who, world.photo_bytes(size=(60, 60)), **key)
    assert code_of(other) == (409, "idempotency_mismatch")
