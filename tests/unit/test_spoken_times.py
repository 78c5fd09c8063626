"""Days, hours and periods against a given now: Tuesday 2026-11-24."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.spoken_times import spoken_day, spoken_deadline, spoken_period, spoken_time

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(("text", "day"), [
    ("今天上午", "2026-11-24"), ("昨天下午", "2026-11-23"), ("昨晚值守", "2026-11-23"), ("大前天", "2026-11-21"), ("上周三", "2026-11-18"),
    ("上个星期五", "2026-11-20"), ("上上周一", "2026-11-09"), ("周日搞了活动", "2026-11-22"), ("周二", "2026-11-24"),
    ("10月26号", "2026-10-26"), ("十一月三号", "2026-11-03"), ("12月20日", "2025-12-20"), ("2026年3月5日", "2026-03-05"),
    ("二〇二六年三月五日", "2026-03-05"), ("2026-11-20", "2026-11-20"), ("11.20走访", "2026-11-20"), ("26号", "2026-10-26"),
    ("上个月15号", "2026-10-15"), ("三天前", "2026-11-21"), ("一周前", "2026-11-17"), ("去年10月1日", "2025-10-01"), ("刚才走访", "2026-11-24"),
    ("上午走访了两户", "2026-11-24")])
def test_a_day_of_something_done_lies_behind(text: str, day: str) -> None:
    found = spoken_day(text, TODAY, looks_back=True)
    assert found is not None
    assert found.isoformat() == day


@pytest.mark.parametrize(("text", "day"), [
    ("明天", "2026-11-25"), ("后天上午", "2026-11-26"), ("大后天", "2026-11-27"), ("周五上午九点", "2026-11-27"), ("周一", "2026-11-30"),
    ("这周四", "2026-11-26"), ("下周一", "2026-11-30"), ("下下周一", "2026-12-07"), ("周末", "2026-11-28"), ("26号", "2026-11-26"),
    ("3号", "2026-12-03"), ("12月3号", "2026-12-03"), ("1月5号", "2027-01-05"), ("本月底", "2026-11-30"), ("月底前", "2026-11-30"),
    ("下个月5号", "2026-12-05"), ("下月初", "2026-12-01"), ("年底", "2026-12-31"), ("3天后", "2026-11-27"), ("元旦", "2027-01-01")])
def test_a_day_of_a_plan_lies_ahead(text: str, day: str) -> None:
    found = spoken_day(text, TODAY)
    assert found is not None
    assert found.isoformat() == day


@pytest.mark.parametrize("text", ["", "走访了三户", "2月30日", "13月1日", "第3选区", "3号楼", "一周年", "周边环境", "下午三点半"])
def test_no_day_is_made_up(text: str) -> None:
    assert spoken_day(text, TODAY) is None


@pytest.mark.parametrize(("text", "time"), [
    ("周五上午九点", "09:00"), ("下午三点半", "15:30"), ("晚上8点一刻", "20:15"), ("14:30", "14:30"), ("3点", "03:00"), ("中午12点", "12:00"),
    ("下午2点40分", "14:40"), ("昨天下午", "下午"), ("今早", "上午"), ("傍晚", "下午"), ("昨晚", "晚上"), ("中午", "中午"), ("10月26号", None),
    ("第一点意见", None)])
def test_an_hour_or_the_part_of_the_day(text: str, time: str | None) -> None:
    assert spoken_time(text) == time


@pytest.mark.parametrize(("text", "period"), [
    ("这个月收了多少", "2026-11"), ("上个月", "2026-10"), ("十月份数据", "2026-10"), ("今年", "2026"), ("去年上半年", "2025-H1"), ("第三季度", "2026-Q3"),
    ("本季度", "2026-Q4"), ("本周", "2026-W48"), ("上周", "2026-W47"), ("上周三", None), ("走访", None)])
def test_a_period(text: str, period: str | None) -> None:
    assert spoken_period(text, TODAY) == period


@pytest.mark.parametrize(("text", "day"), [
    ("月底前办完", "2026-11-30"), ("下周五前答复", "2026-12-04"), ("三天内办结", "2026-11-27"), ("7个工作日内", "2026-12-03"), ("限周五", "2026-11-27"),
    ("截止到12月1日", "2026-12-01"), ("周五开会", None), ("交给水利站", None)])
def test_a_deadline(text: str, day: str | None) -> None:
    found = spoken_deadline(text, TODAY)
    assert (found.isoformat() if found else None) == day


@given(st.text(alphabet="0123456789年月日号点半周星期上下前后天个明昨今底初一二三十零内:/.-", max_size=30), st.booleans())
def test_no_text_breaks_the_times(text: str, looks_back: bool) -> None:
    assert isinstance(spoken_day(text, TODAY, looks_back=looks_back), date | None)
    assert isinstance(spoken_deadline(text, TODAY), date | None)
    assert isinstance(spoken_time(text), str | None)
    assert isinstance(spoken_period(text, TODAY), str | None)
