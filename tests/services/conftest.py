"""What several tests of the services share."""

import pytest

from tests.factories import World
from tests.services.opinion_case import Case


@pytest.fixture
def case(world: World) -> Case:
    return Case(world)
