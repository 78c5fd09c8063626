"""The poster of a station."""

import re

import pytest

from services import posters
from services.errors import NotFound
from tests.factories import World


def test_the_poster_is_one_page_of_pdf(world: World) -> None:
    station = world.create_station()
    poster = posters.build_poster(world.ctx_of(world.staff()), station.id)
    assert poster.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", poster)) == 1
    assert re.findall(rb"/Count (\d+)", poster) == [b"1"]


def test_a_long_name_still_fits_on_one_page(world: World) -> None:
    station = world.create_station(name="青石镇人大代表联络站及基层立法联系点与民生实事项目监督工作室" * 2)
    poster = posters.build_poster(world.ctx_of(world.staff()), station.id)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", poster)) == 1


@pytest.mark.parametrize("name", ["#evil 站", "$x$ 站", "*粗* _斜_ 站", "\\ 站", "<站> & 'x' \"y\"", "[站](url)"])
def test_a_name_is_text_and_never_markup(world: World, name: str) -> None:
    station = world.create_station(name=name)
    assert posters.build_poster(world.ctx_of(world.staff()), station.id).startswith(b"%PDF-")


def test_a_poster_of_another_township_is_not_found(world: World) -> None:
    station = world.create_station()
    with pytest.raises(NotFound):
        posters.build_poster(world.ctx_of(world.staff(region=world.other_township)), station.id)


def test_a_web_code_is_a_picture() -> None:
    assert posters.web_code("https://home.example/s/x").startswith(b"\x89PNG")


def test_a_picture_is_an_address_of_its_own() -> None:
    assert posters.data_address(b"\x89PNG").startswith("data:image/png;base64,iVBORw")
