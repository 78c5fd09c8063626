"""Mainland mobile numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.phones import looks_like_phone, mask_phone, mask_written, normalise_phone


@pytest.mark.parametrize("raw", [
    "13800001234", " 13800001234 ", "138 0000 1234", "138-0000-1234", "+8613800001234", "+86 138-0000-1234",
    "008613800001234", "8613800001234", "（138）00001234", "(138)00001234"])
def test_every_way_of_writing_a_number_gives_the_same_eleven_digits(raw: str) -> None:
    assert normalise_phone(raw) == "13800001234"


@pytest.mark.parametrize("raw", [
    "", "1380000123", "138000012345", "12800001234", "03721234567", "+85213800001", "1380000123a", "１３８００００１２３４x",
    "86138000012345", "+1 13800001234"])
def test_what_is_not_a_mainland_mobile_number_is_none(raw: str) -> None:
    assert normalise_phone(raw) is None


def test_the_middle_of_a_number_is_masked() -> None:
    assert mask_phone("13800001234") == "138****1234"


@given(st.text(max_size=24))
def test_a_normal_form_is_its_own_normal_form(raw: str) -> None:
    found = normalise_phone(raw)
    assert found is None or (normalise_phone(found) == found and len(found) == 11)


@given(st.text(max_size=24))
def test_a_number_is_always_kept_in_plain_ascii_digits(raw: str) -> None:
    found = normalise_phone(raw)
    assert found is None or found.isascii()


def test_full_width_digits_do_not_slip_through_as_another_number() -> None:
    assert normalise_phone("1３800001234") in (None, "13800001234")


@pytest.mark.parametrize(("typed", "is_number"), [
    ("13800001234", True), ("138 0000 1234", True), ("1380", True), ("138-0", True), ("王建国", False), ("王3", False),
    ("", False), ("第18届", False)])
def test_a_number_or_a_part_of_one_is_told_from_a_name(typed: str, is_number: bool) -> None:
    assert looks_like_phone(typed) is is_number


@pytest.mark.parametrize(("text", "kept"), [
    ("新号13800001234，已核实", "新号138****1234，已核实"), ("13800001234", "138****1234"),
    ("编号2026138000012345", "编号2026138000012345"), ("本人来电", "本人来电")])
def test_a_record_keeps_no_number_that_somebody_typed_into_it(text: str, kept: str) -> None:
    assert mask_written(text) == kept


@pytest.mark.parametrize(("text", "masked"), [
    ("请打13800001234找我", "请打138****1234找我"), ("电话：138 0000 1234。", "电话：138****1234。"), ("138-0000-1234", "138****1234"),
    ("身份证430102199001011234", "身份证430102****"), ("43010219900101123X，谢谢", "430102****，谢谢"),
    ("编号YJ9901011012026000001", "编号YJ9901011012026000001"), ("热线0731-8888666", "热线0731-8888666"), ("12345", "12345"), ("", "")])
def test_numbers_written_in_a_text_are_masked(text: str, masked: str) -> None:
    assert mask_written(text) == masked


@given(st.text(max_size=60))
def test_masking_a_masked_text_changes_nothing(text: str) -> None:
    assert mask_written(mask_written(text)) == mask_written(text)
