"""Distance to a station."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.fences import Position, distance_m, is_inside

STATION = Position(28.1, 112.9)
POSITIONS = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))


def test_a_degree_of_latitude_is_about_111_kilometres() -> None:
    assert distance_m(Position(28, 112.9), Position(29, 112.9)) == pytest.approx(111_195, abs=5)


def test_a_degree_of_longitude_shrinks_with_the_latitude() -> None:
    assert distance_m(Position(60, 0), Position(60, 1)) == pytest.approx(111_195 / 2, rel=0.001)


def test_the_station_itself_is_inside() -> None:
    assert is_inside(STATION, STATION, 30)


@pytest.mark.parametrize(("metres", "inside"), [(199, True), (201, False)])
def test_the_radius_decides(metres: float, inside: bool) -> None:
    here = Position(STATION.latitude + metres / 111_194.9, STATION.longitude)
    assert is_inside(here, STATION, 200) is inside


@given(POSITIONS, POSITIONS)
def test_distance_is_symmetric_and_never_more_than_half_the_earth(a: Position, b: Position) -> None:
    assert distance_m(a, b) == pytest.approx(distance_m(b, a), abs=1e-3)
    assert 0 <= distance_m(a, b) <= 20_015_087
