"""Due times of a flight as iCalendar (RFC 5545), for any calendar program."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from overflight.flight.lifecycle import FlightState

_LONGEST_LINE = 75  # octets, RFC 5545 section 3.1


def due_calendar(view: FlightState, *, marking: str = "") -> str:
    """Every open duty with a due time, and every bound, as an event that ends at its time.

    `marking` goes before each summary, such as the words that mark an exercise.
    """
    rows = [
        (d.due, f"{d.who}: {d.what}", d.citation, d.because)
        for d in view.duties
        if d.due is not None and d.done_at is None
    ]
    rows += [(b.at, b.what, b.citation, b.because) for b in view.bounds]
    events = [
        Event(
            key=f"{view.flight} {what} {citation}",
            start=at - timedelta(minutes=15),
            end=at,
            summary=f"{marking} {view.flight} {what} ({citation})".strip(),
            description=because,
        )
        for at, what, citation, because in sorted(rows)
    ]
    return calendar_text(events, at=view.now)


@dataclass(frozen=True)
class Event:
    """One entry of a calendar; `key` names it, so that a renewed calendar replaces it.

    One that ends as it begins is a moment: RFC 5545 has no DTEND for it.
    """

    key: str
    start: datetime
    end: datetime
    summary: str
    description: str = ""


def calendar_text(events: Iterable[Event], *, at: datetime) -> str:
    """The calendar of these events, written at a time."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Overflight//flight//EN"]
    for event in events:
        name = hashlib.sha256(event.key.encode()).hexdigest()[:32]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{name}@overflight",
            f"DTSTAMP:{_stamp(at)}",
            f"DTSTART:{_stamp(event.start)}",
            *([f"DTEND:{_stamp(event.end)}"] if _stamp(event.end) > _stamp(event.start) else []),
            f"SUMMARY:{_text(event.summary)}",
            *([f"DESCRIPTION:{_text(event.description)}"] if event.description else []),
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(folded + "\r\n" for line in lines for folded in _fold(line))


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text


def _fold(line: str) -> list[str]:
    """Lines of at most 75 octets, each further one begun by a space; letters stay whole."""
    out, current, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LONGEST_LINE:
            out.append(current)
            current, size = " ", 1
        current += letter
        size += octets
    return [*out, current]
