"""The names of the demo county."""

from services.rules.demo_region import DEPUTIES_EACH, FIRST_DEPUTY, TOWNSHIPS, deputy_names


def test_every_deputy_has_a_name_of_their_own_and_the_same_every_time() -> None:
    names = [name for each in deputy_names().values() for name in each]
    assert len(set(names)) == len(names) == DEPUTIES_EACH * len(TOWNSHIPS)
    assert names[0] == FIRST_DEPUTY
    assert deputy_names() == deputy_names()
