"""A calendar file: what calendars read, escaped and folded by RFC 5545."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.rules.calendar_file import Event, build_calendar, default_end

START = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
EVENT = Event(uid="notice-7@home", title="小组会议", text="周五开会。", place="三楼", starts_at=START,
              ends_at=default_end(START), written_at=START - timedelta(days=4))


def _unfold(content: bytes) -> list[str]:
    return content.replace(b"\r\n ", b"").decode().split("\r\n")


def test_the_event_has_its_times_in_utc_and_everything_a_calendar_asks_for() -> None:
    lines = _unfold(build_calendar(EVENT))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert {"VERSION:2.0", "METHOD:PUBLISH", "UID:notice-7@home", "DTSTART:20261127T010000Z", "DTEND:20261127T030000Z",
            "DTSTAMP:20261123T010000Z", "SUMMARY:小组会议", "LOCATION:三楼", "STATUS:CONFIRMED", "SEQUENCE:0"} <= set(lines)


def test_text_is_escaped() -> None:
    lines = _unfold(build_calendar(replace(EVENT, title="会议;重要,\\请到", text="一\r\n二\n三\rEND:VEVENT\x00")))
    assert "SUMMARY:会议\\;重要\\,\\\\请到" in lines
    assert "DESCRIPTION:一\\n二\\n三\\nEND:VEVENT" in lines


def test_a_withdrawn_notice_cancels_the_event() -> None:
    lines = _unfold(build_calendar(replace(EVENT, is_cancelled=True, sequence=2)))
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:2"} <= set(lines)


def test_an_event_without_a_place_names_none() -> None:
    assert not [line for line in _unfold(build_calendar(replace(EVENT, place=""))) if line.startswith("LOCATION")]


@given(st.text(max_size=300))
def test_every_line_is_at_most_75_octets_and_unfolds_to_the_text(text: str) -> None:
    text = "".join(letter for letter in text if not 0xD800 <= ord(letter) <= 0xDFFF)
    content = build_calendar(replace(EVENT, text=text))
    physical = content.split(b"\r\n")
    assert max(map(len, physical)) <= 75
    assert [line.decode() for line in physical]  # no character is cut in two
    assert len([line for line in content.replace(b"\r\n ", b"").split(b"\r\n") if line.startswith(b"DESCRIPTION:")]) == 1
