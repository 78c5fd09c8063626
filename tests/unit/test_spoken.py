"""Dates, duties and categories in a sentence."""

from datetime import date

import pytest

from services.rules.default_points import ITEMS
from services.rules.opinion_states import CATEGORIES
from services.rules.spoken import spoken_category, spoken_date, spoken_duty

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("text", "day"), [
    ("今天走访了三户", date(2026, 11, 23)), ("今日值守", date(2026, 11, 23)), ("昨天参加调研", date(2026, 11, 22)),
    ("昨晚防汛值守", date(2026, 11, 22)), ("前天去视察", date(2026, 11, 21)), ("大前天去视察", date(2026, 11, 20)),
    ("11月20日走访", date(2026, 11, 20)), ("11月20号走访", date(2026, 11, 20)), ("2026年3月5日培训", date(2026, 3, 5)),
    ("上午走访了两户", date(2026, 11, 23)), ("刚才调解了一起纠纷", date(2026, 11, 23)),
    ("昨天下午走访了三户", date(2026, 11, 22)), ("前天上午去视察", date(2026, 11, 21)),
    ("11月20日下午走访", date(2026, 11, 20)), ("今天补登11月18日的走访", date(2026, 11, 18))])
def test_the_day_meant_is_found(text: str, day: date) -> None:
    assert spoken_date(text, TODAY) == day


def test_a_day_later_than_today_is_last_years() -> None:
    assert spoken_date("12月20日参加了视察", TODAY) == date(2025, 12, 20)


@pytest.mark.parametrize("text", ["", "走访了三户", "2月30日走访", "13月1日", "第3选区"])
def test_no_day_is_made_up(text: str) -> None:
    assert spoken_date(text, TODAY) is None


def test_a_leap_day_of_no_leap_year_is_no_day() -> None:
    assert spoken_date("2月29日走访", TODAY) is None


@pytest.mark.parametrize(("text", "code"), [
    ("昨天走访了三户选民", "C2"), ("入户慰问困难群众", "C2"), ("调解了一起邻里纠纷", "C5"), ("参加专题调研", "D2"),
    ("参加执法检查", "D3"), ("视察了水库", "D1"), ("参加小组活动", "D4"), ("旁听庭审", "D5"), ("参加代表培训", "E1"),
    ("向选民述职", "E2"), ("防汛值守一夜", "F7"), ("志愿服务半天", "F5"), ("列席常委会会议", "A3"),
    ("宣讲大会精神", "A6"), ("今天天气不错", None)])
def test_a_duty_is_recognised_by_its_verb(text: str, code: str | None) -> None:
    assert spoken_duty(text) == code


def test_every_duty_a_sentence_can_name_may_be_reported_by_the_deputy() -> None:
    reported = {item[0] for item in ITEMS if item[6]}
    words = ("述职", "培训", "执法检查", "视察", "调研", "评议", "小组活动", "调解", "走访", "审议", "传达", "应急", "志愿",
             "表彰", "刊发", "列席")
    assert {spoken_duty(word) for word in words} <= reported


@pytest.mark.parametrize(("text", "code"), [
    ("村口路灯坏了", "road"), ("自来水停了三天", "water"), ("垃圾没人清", "env"), ("学校门口堵车", "edu"),
    ("村卫生室没药", "health"), ("老人食堂太远", "elder"), ("拖欠工资", "job"), ("小区电梯坏了", "house"),
    ("想要个文化广场", "culture"), ("农田灌溉渠坏了", "water"), ("宅基地审批慢", "agri"), ("企业贷款难", "biz"),
    ("办事推诿", "gov"), ("路口没有红绿灯", "safety"), ("说不清楚", "other")])
def test_a_category_is_guessed_by_its_words(text: str, code: str) -> None:
    assert spoken_category(text) == code
    assert code in CATEGORIES
