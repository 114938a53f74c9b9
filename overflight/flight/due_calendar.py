"""Due times of a flight as iCalendar (RFC 5545), for any calendar program."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from overflight.flight.lifecycle import FlightState

_LONGEST_LINE = 75  # octets, RFC 5545 section 3.1


def due_calendar(view: FlightState, *, marking: str = "") -> str:
    """Every open duty with a due time, and every bound, as an event that ends at its time.

    `marking` goes before each summary, such as the words that mark an exercise.
    """
    rows = [(d.due, f"{d.who}: {d.what}", d.citation) for d in view.duties if d.due is not None and d.done_at is None]
    rows += [(at, what, citation) for what, at, citation in view.bounds]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Overflight//flight//EN"]
    for at, what, citation in sorted(rows):
        name = hashlib.sha256(f"{view.flight} {what} {citation}".encode()).hexdigest()[:32]
        summary = f"{marking} {view.flight} {what} ({citation})".strip()
        lines += [
            "BEGIN:VEVENT",
            f"UID:{name}@overflight",
            f"DTSTAMP:{_stamp(view.now)}",
            f"DTSTART:{_stamp(at - timedelta(minutes=15))}",
            f"DTEND:{_stamp(at)}",
            f"SUMMARY:{_text(summary)}",
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
