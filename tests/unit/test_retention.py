"""The declared table of what is kept for how long."""

import pytest

from services.rules import retention


def test_every_line_is_named_once_and_says_what_why_and_what_then() -> None:
    assert len(retention.BY_NAME) == len(retention.RULES)
    assert all(rule.what and rule.source and rule.fate in retention.FATE_NAMES for rule in retention.RULES)


def test_what_ends_has_a_period_and_what_is_kept_has_none() -> None:
    assert all((rule.keep is None) == (rule.fate == "keep") for rule in retention.RULES)
    assert all(rule.since and rule.keep is not None and rule.keep.days >= 1 for rule in retention.ENDING)


@pytest.mark.parametrize(("name", "words"), [
    ("opinions", "办结后5年"), ("login_codes", "过期后1天"), ("chat_lines", "发出后180天"), ("hand_overs", "办结后1年"),
    ("audit_log", "长期保存")])
def test_a_period_reads_as_people_say_it(name: str, words: str) -> None:
    assert retention.period(retention.BY_NAME[name]) == words


def test_what_is_kept_has_no_end_to_act_on() -> None:
    assert retention.kept_for("opinions").days == 5 * 365
    with pytest.raises(KeyError):
        retention.kept_for("audit_log")
