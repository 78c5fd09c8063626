"""Whether a phone is at a station: distance on the sphere against the station's radius."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

_EARTH_M = 6_371_000
#: A fix worse than this says nothing about a room.
MAX_ACCURACY_M = 300


@dataclass(frozen=True)
class Position:
    """Degrees and metres as the phone reports them; compared once and never stored."""

    latitude: float
    longitude: float
    accuracy: float = 0.0


def distance_m(a: Position, b: Position) -> float:
    """Great-circle distance in metres (haversine)."""
    dlat, dlon = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    h = sin(dlat / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(dlon / 2) ** 2
    return 2 * _EARTH_M * asin(sqrt(h))


def is_inside(here: Position, station: Position, radius_m: int) -> bool:
    return distance_m(here, station) <= radius_m
