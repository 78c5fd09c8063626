"""How many, and which opinion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.spoken_numbers import spoken_comment_no, spoken_count, to_number, without_comment_no


@pytest.mark.parametrize(("said", "number"), [
    ("5", 5), ("十", 10), ("十二", 12), ("二十", 20), ("二十三", 23), ("一百零五", 105), ("一百二十", 120), ("一百五", 150),
    ("两千三", 2300), ("二〇二六", 2026), ("１２", 12), ("三万", 30000), ("廿三", 23), ("户", None), ("", None)])
def test_a_numeral_is_read(said: str, number: int | None) -> None:
    assert to_number(said) == number


@pytest.mark.parametrize(("text", "count"), [
    ("走访了5户群众", 5), ("走访十二户", 12), ("慰问了俩困难户", 2), ("来了仨小组的人", 3), ("十来户", 10), ("二十多人", 20),
    ("三位老党员", 3), ("第三小组5个人", 5), ("调解一起纠纷", 1), ("解决1件事", 1), ("11月3日走访八家", 8),
    ("收到两条意见，走访3户", 3), ("９名", 9), ("前五名都有谁", 5), ("不是5户，是6户"[5:], 6)])
def test_how_many_is_counted_people_before_things(text: str, count: int) -> None:
    assert spoken_count(text) == count


@pytest.mark.parametrize("text", [
    "我想反映一个问题", "今天下午3点开会", "大家一起去", "一家人", "11月20日走访", "第二代表小组", "星期三", "记一笔", "万一下雨",
    "提个意见", "提一条建议", "登记一次履职", ""])
def test_what_only_looks_like_a_count_is_none(text: str) -> None:
    assert spoken_count(text) is None


@pytest.mark.parametrize("text", [
    "YJ9901011012026000107", "yj9901011012026000107办得怎样", "ＹＪ９９０１０１１０１２０２６０００１０７", "YJ 990101101 2026 000107",
    "YJ-990101101-2026-000107", "编号是YJ：9901011012026000107", "Y J 9901011012026000107", "9901011012026000107这件",
    "YJ九九零一零一一零一二零二六零零零一零七", "yj 九九〇一〇一一〇一 二〇二六 〇〇〇幺〇七"])
def test_a_number_is_written_as_the_product_writes_it(text: str) -> None:
    assert spoken_comment_no(text) == "YJ9901011012026000107"


@pytest.mark.parametrize(("text", "number"), [
    ("jy2026000012进度", "JY2026000012"), ("编号123456的意见", "123456"), ("13900000001", None), ("走访5户", None), ("yj是什么", None)])
def test_other_numbers(text: str, number: str | None) -> None:
    assert spoken_comment_no(text) == number


def test_nothing_else_is_read_from_the_digits_of_a_number() -> None:
    assert without_comment_no("把YJ 990101101 2026 000107交给水利站", "№") == "把№交给水利站"


@given(st.text(max_size=80))
def test_no_text_breaks_the_numbers(text: str) -> None:
    assert spoken_count(text) is None or isinstance(spoken_count(text), int)
    assert spoken_comment_no(text) is None or spoken_comment_no(text)
