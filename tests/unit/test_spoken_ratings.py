"""A rating as people say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.spoken_ratings import spoken_rating


@pytest.mark.parametrize(("texts", "rating"), [
    (("满意", "很满意", "非常满意，谢谢", "挺好", "不错", "还不错", "没有不满意", "没得说", "好评", "五星", "修好了，给个满意", "巴适", "要得",
      "比较满意", "点个赞"), "satisfied"),
    (("基本满意", "还行", "还可以", "一般", "一般般", "凑合", "马马虎虎", "还算满意", "勉强", "就那样吧", "过得去", "算是满意吧", "不好不坏"),
     "basically_satisfied"),
    (("不满意", "不太满意", "不是很满意", "很不满意", "不咋样", "太差了", "差评", "敷衍", "糊弄人", "没解决", "还是老样子", "白提了", "不行", "不满",
      "答非所问", "光说不做"), "dissatisfied")])
def test_each_way_to_say_it(texts: tuple[str, ...], rating: str) -> None:
    assert {text: spoken_rating(text) for text in texts} == dict.fromkeys(texts, rating)


@pytest.mark.parametrize("text", ["", "我要评价", "给答复打个分", "路灯"])
def test_none_is_made_up(text: str) -> None:
    assert spoken_rating(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    assert spoken_rating(text) in (None, "satisfied", "basically_satisfied", "dissatisfied")
