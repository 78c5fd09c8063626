"""The default table of points, as the design's section 2.2 writes it."""

import pytest

from services.rules.default_points import BLOCKS, ITEMS

#: code: (points, cap) of DOMAIN 2.2; where it gives a range, its lowest value.
DOMAIN = {
    "A1": (2, 8), "A2": (2, 6), "A3": (2, 4), "A4": (2, 2), "A5": (2, 2), "A6": (1, 3),
    "B1": (5, 5), "B2": (1, 2), "B3": (3, 9), "B4": (1, 2), "B5": (0.5, 2),
    "C1": (2, 12), "C2": (0.5, 5), "C3": (0.5, 5), "C4": (0.5, 4), "C5": (1, 4),
    "D1": (3, 6), "D2": (3, 3), "D3": (2, 4), "D4": (1, 4), "D5": (1.5, 3),
    "E1": (1, 2), "E2": (2, 2), "E3": (1, 1),
    "F1": (2, 4), "F2": (3, 3), "F3": (0.5, 4), "F4": (2, 5), "F5": (1, 3), "F6": (1, 4), "F7": (2, 4),
    "G1": (-1, None), "G2": (-10, None), "G3": (-2, None), "G4": (-0.5, -2), "G5": (-0.5, -2), "G6": (-3, -3),
    "G7": (-5, -5), "G8": (-5, -5), "G9": (-0.5, -5), "G10": (-10, None), "G11": (0, None),
}
CAPS = {code: cap for code, _name, cap in BLOCKS}


def test_the_table_has_the_42_items_of_the_design() -> None:
    assert {item[0]: (item[4], item[5]) for item in ITEMS} == DOMAIN
    assert len(ITEMS) == 42


@pytest.mark.parametrize("block", "ABCDE")
def test_the_item_caps_of_a_regular_block_add_up_to_its_cap(block: str) -> None:
    assert sum(item[5] or 0 for item in ITEMS if item[1] == block) == CAPS[block]


def test_the_regular_blocks_add_up_to_a_hundred_and_the_bonus_to_twenty() -> None:
    assert sum(CAPS[block] or 0 for block in "ABCDE") == 100
    assert CAPS["F"] == 20
    assert sum(item[5] or 0 for item in ITEMS if item[1] == "F") == 27
    assert CAPS["G"] is None


def test_every_item_is_in_a_block_named_by_its_letter_with_a_unit_and_an_evidence() -> None:
    for code, block, name, unit, _points, _cap, _reported, evidence in ITEMS:
        assert block == code[0]
        assert block in CAPS
        assert all((name, unit, evidence)), code


def test_every_amount_is_a_multiple_of_half_a_point() -> None:
    assert all(float(value * 2).is_integer() for item in ITEMS for value in (item[4], item[5] or 0))


def test_a_deputy_never_reports_a_deduction() -> None:
    assert not [item[0] for item in ITEMS if item[4] <= 0 and item[6]]
