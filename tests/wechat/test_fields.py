"""The field table of subscribe and template messages, both sides of every limit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wechat.fields import FieldInvalid, validate_fields
from wechat.sandbox.field_rules import accepts

ACCEPTED = [
    ("thing1", "关" * 20, "关" * 20),
    ("thing1", "关" * 21, "关" * 19 + "…"),
    ("thing1", "第一行\n第二行", "第一行 第二行"),
    ("thing1", "开会\u200b了\x07", "开会了"),
    ("thing1", "开会🎉了", "开会了"),
    ("thing1", "𠮷" * 20, "𠮷" * 20),
    ("thing1", "ABC-123 混排", "ABC-123 混排"),
    ("number1", "9" * 32, None),
    ("number1", "-3.50", None),
    ("letter1", "a" * 32, None),
    ("symbol1", "!@#$%", None),
    ("character_string1", "YJ-2026/0001", None),
    ("character_string1", "x" * 32, None),
    ("time1", "15:01", None),
    ("time1", "2019年10月1日 15:01", None),
    ("time1", "2019-10-01 15:01:59", None),
    ("time1", "09:00~17:30", None),
    ("time1", "2019年10月1日 09:00 ~ 2019年10月2日 17:00", None),
    ("date1", "2019年10月1日", None),
    ("date1", "2019年10月1日 15:01", None),
    ("date1", "2019年10月1日~2019年10月7日", None),
    ("amount1", "¥100.50", None),
    ("amount1", "1234567890元", None),
    ("phone_number1", "+86-0766-66888866", None),
    ("car_number1", "粤A8Z888挂", None),
    ("car_number1", "粤AD12345", None),
    ("name1", "张" * 10, None),
    ("name1", "买买提·吐尔逊", None),
    ("name1", "John Smith", None),
    ("name1", "李𠮷", None),
    ("symbol1", "_", None),
    ("phrase1", "已办结", None),
    ("phrase1", "五个汉字长", None),
    ("enum1", "任意", None),
]

REFUSED = [
    ("thing1", "", "empty"),
    ("thing1", " \n\t", "empty"),
    ("thing1", "🎉", "empty"),
    ("number1", "9" * 33, "too_long"),
    ("number1", "12a", "format"),
    ("number1", "٣", "format"),
    ("letter1", "a" * 33, "too_long"),
    ("letter1", "ab1", "characters"),
    ("symbol1", "!@#$%^", "too_long"),
    ("symbol1", "a", "characters"),
    ("character_string1", "编号1", "characters"),
    ("character_string1", "x" * 33, "too_long"),
    ("time1", "25:00", "format"),
    ("time1", "15:60", "format"),
    ("time1", "下午三点", "format"),
    ("time1", "2019年10月1日", "format"),
    ("time1", "09:00~10:00~11:00", "format"),
    ("date1", "2019年13月1日", "format"),
    ("date1", "10月1日", "format"),
    ("date1", "2019/10-01", "format"),
    ("amount1", "12345678901", "too_long"),
    ("amount1", "-5", "format"),
    ("amount1", "¥", "format"),
    ("phone_number1", "1" * 18, "format"),
    ("phone_number1", "电话", "format"),
    ("car_number1", "A12345", "format"),
    ("name1", "张" * 11, "too_long"),
    ("name1", "John张", "characters"),
    ("name1", "x" * 21, "too_long"),
    ("phrase1", "六个汉字长了", "too_long"),
    ("phrase1", "ok", "characters"),
    ("first", "旧字段", "unknown_kind"),
    ("thing", "无编号", "unknown_kind"),
    ("Thing1", "x", "unknown_kind"),
    ("", "x", "unknown_kind"),
]


@pytest.mark.requirement(47)
@pytest.mark.parametrize(("name", "value", "expected"), ACCEPTED)
def test_value_is_accepted(name: str, value: str, expected: str | None) -> None:
    assert validate_fields({name: value}) == {name: expected or value}
    assert accepts(name, expected or value)


@pytest.mark.requirement(47)
@pytest.mark.parametrize(("name", "value", "reason"), REFUSED)
def test_value_is_refused_with_field_and_reason(name: str, value: str, reason: str) -> None:
    with pytest.raises(FieldInvalid) as caught:
        validate_fields({name: value})
    assert (caught.value.field, caught.value.reason) == (name, reason)
    assert isinstance(caught.value, ValueError)


@pytest.mark.requirement(68)
def test_error_does_not_repeat_the_value() -> None:
    with pytest.raises(FieldInvalid) as caught:
        validate_fields({"phone_number1": "private 13800000001 number"})
    assert "13800000001" not in str(caught.value) + repr(caught.value)


@pytest.mark.requirement(47)
@settings(max_examples=200, deadline=None, database=None)
@given(st.sampled_from([name for name, _, _ in ACCEPTED]), st.text(max_size=40))
def test_whatever_passes_here_passes_the_platform(name: str, value: str) -> None:
    try:
        passed = validate_fields({name: value})[name]
    except FieldInvalid:
        return
    assert accepts(name, passed), (name, passed)
