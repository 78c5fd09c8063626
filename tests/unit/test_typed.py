"""Codes as people type them."""

import pytest

from services.rules.typed import normalised, same_code


@pytest.mark.parametrize("typed", ["12345678", " 12345678 ", "１２３４５６７８"])
def test_a_code_is_the_same_in_full_width_and_with_spaces_around(typed: str) -> None:
    assert same_code("12345678", typed)


@pytest.mark.parametrize("typed", ["", "12345679", "请工作人员确认", "1234567é", "²", "\ud800"])
def test_whatever_else_was_typed_is_wrong_and_never_an_error(typed: str) -> None:
    assert not same_code("12345678", typed)


def test_full_width_digits_become_plain_ones() -> None:
    assert normalised(" １２３ ") == "123"
