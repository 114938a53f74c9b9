"""Notices as text for the official channel: the frame of the OS message formats.

The frame (PRECEDENCE, FROM, TO, INFO, SUBJECT, lines 1 to 7) is that of OS Format 1 of 10 December 1992,
the only one that could be read.  Numbers of other formats are not known, so
`format_number` stays empty unless somebody fills it in.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overflight.flight.fields import Field
from overflight.flight.kinds import KINDS
from overflight.flight.messages import Message
from overflight.rules.notification import NOTICE_ITEMS
from overflight.rules.output import REQUEST_ITEMS

_WIDTH = 72
_ITEMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "flight.notification": NOTICE_ITEMS,
    "data.request": REQUEST_ITEMS,
}


@dataclass(frozen=True)
class Frame:
    """What the frame holds besides the message itself."""

    number: str = ""  # OS message number
    subject: str = ""
    remarks: str = ""
    rules: tuple[str, ...] = ()
    precedence: str = ""
    format_number: str = ""
    marking: str = ""  # printed first and last, such as the words that mark an exercise


def os_text(message: Message, frame: Frame, *, names: Mapping[str, str] | None = None) -> str:
    """The message as text of the official channel.

    Parameters
    ----------
    message : Message
        What is said.
    frame : Frame
        Number, subject, paragraphs and the like.
    names : mapping, optional
        Party's code -> name; codes stand alone where none is given.
    """
    names = names or {}

    def parties(codes: Sequence[str]) -> str:
        return ", ".join(f"{names[c]} ({c})" if c in names else c for c in codes)

    title = KINDS[message.kind].title if message.kind in KINDS else message.kind
    head = f"OS FORMAT {frame.format_number}".rstrip()
    lines = [frame.marking] if frame.marking else []
    lines += [
        head,
        f"PRECEDENCE: {frame.precedence}".rstrip(),
        f"FROM: {parties([message.sender])}",
        f"TO: {parties(message.to)}",
        f"INFO: {parties(message.info)}".rstrip(),
        f"SUBJECT: {frame.subject or title}",
        "",
        f"1. OS MESSAGE NUMBER: {frame.number}".rstrip(),
        f"2. OS MESSAGE DATE AND TIME: {stamp(message.at)}",
        f"3. TREATY REFERENCE: {', '.join(frame.rules or _rules(message))}",
        f"4. MESSAGE REFERENCE: {'; '.join(f'{rel} {rid[:16]}' for rel, rid in message.refs)}".rstrip(),
        "5. CONTENT:",
        *(f"   {line}" for line in content(message)),
        f"6. REMARKS: {frame.remarks}".rstrip(),
        f"7. END OF OS MESSAGE NUMBER: {frame.number}".rstrip(),
    ]
    if frame.marking:
        lines.append(frame.marking)
    return "\n".join(folded for line in lines for folded in _fold(line)) + "\n"


def stamp(moment: datetime) -> str:
    """Day, time in UTC, month and year, as in such messages: ``120800Z MAY 2021``."""
    return moment.strftime("%d%H%MZ %b %Y").upper()


def content(message: Message) -> list[str]:
    """Line 5: the body item by item, under the letters of the paragraph where it has letters."""
    kind = KINDS.get(message.kind)
    fields: dict[str, Field] = {f.name: f for f in kind.fields} if kind else {}
    out: list[str] = []
    shown: set[str] = {"plan"}
    for letter, names in _ITEMS.get(message.kind, {}).items():
        parts = [_line(n, message.body[n]) for n in names if message.body.get(n) not in (None, "")]
        out.append(f"{letter}. " + ("; ".join(parts) if parts else "-"))
        shown.update(names)
    for name in [*fields, *sorted(set(message.body) - set(fields))]:
        if name not in shown and message.body.get(name) not in (None, "", []):
            out.extend(_lines(name, message.body[name]))
    plan = message.body.get("plan")
    if isinstance(plan, Mapping):
        out += ["MISSION PLAN", *_plan_lines(plan)]
    return out


def _lines(name: str, value: Any) -> list[str]:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        out = [f"{_words(name)}:"]
        for n, entry in enumerate(value, start=1):
            out.append(f"  ({n}) " + "; ".join(_line(k, v) for k, v in entry.items()))
        return out
    return [_line(name, value)]


def _line(name: str, value: Any) -> str:
    if isinstance(value, bool):
        value = "YES" if value else "NO"
    elif isinstance(value, list):
        value = ", ".join(str(v) for v in value)
    elif name.endswith("_m") and isinstance(value, int):
        name, value = name[:-2], f"{value / 1000:g} KM" if value >= 10_000 else f"{value} M"
    return f"{_words(name)}: {value}"


def _words(name: str) -> str:
    return name.replace("_", " ").upper()


def _plan_lines(plan: Mapping[str, Any]) -> list[str]:
    out = [
        _line(name, plan[name])
        for name in ("start_airfield", "end_airfield", "point_of_exit", "take_off", "lands", "aircraft", "support")
        if plan.get(name)
    ]
    points = plan.get("waypoints", [])
    heights = plan.get("height_agl_mm", [])
    for n, point in enumerate(points):
        height = heights[0] if len(heights) == 1 else heights[n] if n < len(heights) else None
        leg = f"  {height / 1000:g} M ABOVE GROUND TO NEXT" if height is not None and n < len(points) - 1 else ""
        out.append(f"  P{n + 1:02d} {degrees(point['lat_e7'], 'NS')} {degrees(point['lon_e7'], 'EW')}{leg}")
    out += [f"  STOP {stop['airfield']} {stop['arrive']} TO {stop['leave']}" for stop in plan.get("stops", [])]
    for use in plan.get("sensors", []):
        least = use.get("certified_h_min_mm")
        shown = f" CERTIFIED MINIMUM HEIGHT {least / 1000:g} M" if least is not None else ""
        out.append(f"  SENSOR {use['sensor']}{shown}")
    return out


def degrees(e7: int, letters: str) -> str:
    """Degrees, minutes and seconds with the letter of the half: ``55 36 30.0N``; 1e-7 degrees in."""
    tenths = round(abs(e7) * 36_000 / 1e7)
    whole, tenth = divmod(tenths, 10)
    minutes, seconds = divmod(whole, 60)
    deg, minutes = divmod(minutes, 60)
    return f"{deg:0{2 if letters == 'NS' else 3}d} {minutes:02d} {seconds:02d}.{tenth}{letters[0 if e7 >= 0 else 1]}"


def _rules(message: Message) -> tuple[str, ...]:
    kind = KINDS.get(message.kind)
    return kind.rules if kind else ()


def _fold(line: str) -> list[str]:
    if len(line) <= _WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 3)
    return textwrap.wrap(line, _WIDTH, subsequent_indent=indent, break_long_words=True, break_on_hyphens=False)
