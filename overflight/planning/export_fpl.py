"""A plan as the text of an ICAO flight plan: the route of item 15 by coordinates, and the items that a plan knows.

What a mission plan does not hold is left open between its hyphens, never made up: aircraft
identification, flight rules, equipment, cruising level (planned heights are above ground), persons on board.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from overflight.errors import BadFile
from overflight.planning.planfile import MAX_WAYPOINTS
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

LINE = 69  # letters in a line of the fixed network
_POINT = re.compile(r"\b(\d{2})(\d{2})?([NS])(\d{3})(\d{2})?([EW])\b")
_NUMBER = re.compile(r"OS\d{4}")
_SPEED_AND_LEVEL = re.compile(r"([KN]\d{4}|M\d{3})([FAS]\d{3,4}|M\d{4}|VFR)?")
_WORDS = frozenset({"DCT", "IFR", "VFR", "T"})
_OPEN = "7, 8, 9, 10, 15 (level), 19"


def write(plan: MissionPlan) -> bytes:
    """The text; every declared point, both airfields included, to the nearest minute of arc."""
    points = " DCT ".join(_point(w.lon_deg, w.lat_deg) for w in plan.waypoints)
    speed = f"K{min(round(plan.ground_speed_kmh), 9999):04d} " if plan.ground_speed_kmh else ""
    start = plan.take_off.strftime("%H%M") if plan.take_off else ""
    items = [
        "(FPL--",
        f"-{'ZZZZ' if plan.aircraft else ''}-",
        f"-{_airfield(plan.start_airfield)}{start}",
        *textwrap.wrap(f"-{speed}DCT {points} DCT", LINE, break_on_hyphens=False, break_long_words=False),
        f"-{_airfield(plan.end_airfield)}{_elapsed(plan)}",
    ]
    # ICAO Doc 4444 asks where an airfield lies that has no code of its own.
    ends = (("DEP", plan.start_airfield, plan.waypoints[0]), ("DEST", plan.end_airfield, plan.waypoints[-1]))
    other = [f"{word}/{_point(w.lon_deg, w.lat_deg)}" for word, icao, w in ends if _airfield(icao) == "ZZZZ"]
    other += [f"DOF/{plan.take_off:%y%m%d}"] if plan.take_off else []
    other += [f"TYP/{_letters(plan.aircraft)}"] if plan.aircraft else []
    other += ["RMK/OPEN SKIES", plan.flight if plan.flight and _NUMBER.fullmatch(plan.flight) else ""]
    other += [f"OBSERVING {_letters(plan.observing)}"] if plan.observing else []
    other += [f"OBSERVED {_letters(plan.observed)}"]
    items += textwrap.wrap("-" + " ".join(part for part in other if part) + ")", LINE, break_on_hyphens=False)
    head = [
        say("Draft of a flight plan from a mission plan; the mission plan stands, points here are to the minute."),
        say("Left open for the Party that files it, items {items}.", items=_OPEN),
    ]
    if plan.stops:
        head.append(say("The mission plan has stops: file one flight plan for each part."))
    return ("\n".join([*head, *items]) + "\n").encode()


def read(data: bytes, name: str) -> tuple[list[Sequence[Any]], dict[str, Any]]:
    """Points and fields of such a text; the first message counts."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(say("{name} is no text in UTF-8", name=name), field=name) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    message = text[text.index("(FPL") :].partition(")")[0]
    items = [" ".join(item.split()) for item in message.split("\n-")]
    at = next((n for n, item in enumerate(items) if _POINT.search(item)), None)
    if at is None:
        raise BadFile(say("{name}: item 15 names no point by coordinates such as 5536N03639E", name=name), field="15")
    _refuse_other_points(items[at], name)
    points = [_place(found, name) for found in _POINT.finditer(items[at])]
    if len(points) > MAX_WAYPOINTS:
        raise BadFile(say("{name} has more than {limit} points", name=name, limit=MAX_WAYPOINTS), field="15")
    fields: dict[str, Any] = {}
    speed = re.match(r"K(\d{4})\b", items[at])
    if speed and int(speed[1]):
        fields["ground_speed_kmh"] = int(speed[1])
    clock = _ends(fields, items[at - 1] if at else "", items[at + 1] if at + 1 < len(items) else "")
    rest = " ".join(items[at + 2 :])
    remarks = rest.partition("RMK/")[2]
    for key, pattern in (("observing", r"OBSERVING ([A-Z]{3})\b"), ("observed", r"OBSERVED ([A-Z]{3})\b")):
        said = re.search(pattern, remarks)
        if said:
            fields[key] = said[1]
    number = _NUMBER.search(remarks)
    if number:
        fields["flight"] = number[0]
    day = re.search(r"DOF/(\d{2})(\d{2})(\d{2})\b", rest)
    if day and clock:
        fields["take_off"] = f"20{day[1]}-{day[2]}-{day[3]}T{clock[:2]}:{clock[2:]}:00Z"
    return list(points), fields


def _refuse_other_points(item: str, name: str) -> None:
    """A point or an airway by its name leads where this program does not know; left out, the path would be another."""
    for word in item.split():
        if not (_POINT.match(word) or _SPEED_AND_LEVEL.fullmatch(word) or word in _WORDS):
            raise BadFile(
                say(
                    "{name}: item 15 names {word} other than by coordinates; write each point as 5536N03639E",
                    name=name,
                    word=word[:20],
                ),
                field="15",
            )


def _ends(fields: dict[str, Any], first: str, last: str) -> str:
    """Both airfields into `fields`; the time of the start, or nothing."""
    start, end = re.match(r"([A-Z]{4})(\d{4})?$", first), re.match(r"([A-Z]{4})(\d{4})?\b", last)
    for key, found in (("start_airfield", start), ("end_airfield", end)):
        if found and found[1] != "ZZZZ":
            fields[key] = found[1]
    return start[2] or "" if start else ""


def _point(lon: float, lat: float) -> str:
    return f"{_minutes(lat, 2)}{'N' if lat >= 0 else 'S'}{_minutes(lon, 3)}{'E' if lon >= 0 else 'W'}"


def _minutes(angle: float, digits: int) -> str:
    whole = round(abs(angle) * 60)
    return f"{whole // 60:0{digits}d}{whole % 60:02d}"


def _place(found: re.Match[str], name: str) -> Sequence[Any]:
    minutes = int(found[2] or 0), int(found[5] or 0)
    lat, lon = int(found[1]) + minutes[0] / 60, int(found[4]) + minutes[1] / 60
    if max(minutes) > 59 or lat > 90 or lon > 180:
        raise BadFile(say("{name}: {point} is no place", name=name, point=found[0]), field="15")
    return [lon if found[6] == "E" else -lon, lat if found[3] == "N" else -lat]


def _airfield(icao: str) -> str:
    return icao if re.fullmatch(r"[A-Z]{4}", icao) else "ZZZZ"


def _elapsed(plan: MissionPlan) -> str:
    if plan.take_off is None or plan.lands is None:
        return ""
    minutes = round((plan.lands - plan.take_off).total_seconds() / 60)
    return f"{minutes // 60:02d}{minutes % 60:02d}" if 0 < minutes < 100 * 60 else ""


def _letters(text: str) -> str:
    """Only letters and digits, so that no text can begin an item or end the message."""
    return " ".join(re.sub(r"[^A-Z0-9]+", " ", text.upper()).split())[:40]
