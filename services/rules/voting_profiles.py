"""A place's way of voting as data: kept with the year, frozen in the round (票决办法)."""

from collections.abc import Mapping
from typing import Any

from services.rules.ballots import VotingMethod
from services.rules.counts import BadCount


def to_data(method: VotingMethod) -> dict[str, Any]:
    """What is stored of a method."""
    return {**vars(method), "quorum": list(method.quorum)}


def from_data(data: Mapping[str, Any]) -> VotingMethod:
    """The method again; data that is no method is refused by the rule itself."""
    values = dict(data)
    part, of = values.pop("quorum")
    return VotingMethod(**values, quorum=(part, of))


def for_second_ballot(method: VotingMethod, *, open_seats: int) -> VotingMethod:
    """The same rules for the seats still open; between the tied no further surplus is asked for."""
    if open_seats < 1:
        raise BadCount("count_not_whole", name="名额", least=1)
    return VotingMethod(**{**vars(method), "seats": open_seats, "surplus_percent": 0, "surplus_least": 0})
