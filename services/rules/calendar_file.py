"""A calendar file with one event (RFC 5545): escaped text, lines folded at 75 octets, times in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LINE_OCTETS = 75


@dataclass(frozen=True)
class Event:
    uid: str
    title: str
    text: str
    place: str
    starts_at: datetime
    ends_at: datetime
    written_at: datetime
    #: Grows with every change, so that a calendar replaces what it has.
    sequence: int = 0
    is_cancelled: bool = False


def build_calendar(event: Event) -> bytes:
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//deputy-home//notices//ZH", "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if event.is_cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT", f"UID:{event.uid}", f"DTSTAMP:{_utc(event.written_at)}", f"SEQUENCE:{event.sequence}",
        f"DTSTART:{_utc(event.starts_at)}", f"DTEND:{_utc(event.ends_at)}", f"SUMMARY:{_escape(event.title)}",
        *([f"LOCATION:{_escape(event.place)}"] if event.place else []), f"DESCRIPTION:{_escape(event.text)}",
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}", "END:VEVENT", "END:VCALENDAR"]
    return b"".join(_fold(line) for line in lines)


def default_end(starts_at: datetime) -> datetime:
    """A notice names no end: two hours are kept free."""
    return starts_at + timedelta(hours=2)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escape(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(letter for letter in plain if letter == "\n" or letter == "\t" or ord(letter) >= 32)
    for letter in ("\\", ";", ","):
        shown = shown.replace(letter, f"\\{letter}")
    return shown.replace("\n", "\\n")


def _fold(line: str) -> bytes:
    """Whole characters only; a continuation begins with a space, which counts."""
    folded, used = bytearray(), 0
    for letter in line:
        octets = letter.encode()
        if used + len(octets) > LINE_OCTETS:
            folded += b"\r\n "
            used = 1
        folded += octets
        used += len(octets)
    return bytes(folded + b"\r\n")
