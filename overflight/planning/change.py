"""A change that is proposed to a mission plan: what its file says, and the plan that results.

The file is JSON.  It names the `ground` on which the change rests and at least one change: `plan`, `move`, `cut`,
`closed`, `height_agl_m` or `take_off`.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from overflight.errors import BadDate, BadFile, BadInput
from overflight.planning.detour import Ring, around
from overflight.planning.planfile import MAX_BYTES, plan_from_feature, point_of
from overflight.rules.negotiation import GROUNDS
from overflight.terms.moment import parse_moment
from overflight.terms.plan import MissionPlan, Waypoint
from overflight.terms.words import say

CHANGES = ("plan", "move", "cut", "closed", "height_agl_m", "take_off")
FIELDS = (
    "ground", "reason", "inconsistent_with", "hazard", "makes_room", "excludes_observation", "proposed_at", *CHANGES,
)  # fmt: skip
MOST_AREAS = 100
MOST_CORNERS = 1_000
HIGHEST_M = 30_000.0


@dataclass(frozen=True)
class ProposedChange:
    """A proposed change: its ground, and what it asks.

    `moves` and `cuts` name points by their number, from 1; `closed` holds rings of longitude and latitude.
    """

    ground: str
    reason: str = ""
    inconsistent_with: str | None = None
    hazard: str | None = None
    makes_room: bool = False
    excludes_observation: bool = False
    proposed_at: datetime | None = None
    plan: MissionPlan | None = None
    moves: tuple[tuple[int, float, float], ...] = ()
    cuts: tuple[int, ...] = ()
    closed: tuple[Ring, ...] = ()
    height_agl_m: tuple[float, ...] = ()
    take_off: datetime | None = None


def read_change(source: Path | bytes) -> ProposedChange:
    """Read a proposed change.

    Raises
    ------
    BadFile
        If the file is no such change; the message names the field.
    """
    name = "change" if isinstance(source, bytes) else str(source)
    try:
        raw = source if isinstance(source, bytes) else _bytes_of(source)
    except OSError as why:
        raise BadFile(
            say("{name} cannot be read: {why}", name=name, why=why.strerror or str(why)), field=name
        ) from None
    if len(raw) > MAX_BYTES:
        raise BadFile(say("{name} is larger than {limit} MB", name=name, limit=MAX_BYTES // 1_000_000), field=name)
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadFile(say("{name} is no JSON", name=name), field=name) from None
    if not isinstance(data, dict):
        raise BadFile(say('{name} must be an object with "ground" and a change', name=name), field=name)
    return _change(_Reader(name, data))


def changed_plan(plan: MissionPlan, change: ProposedChange) -> MissionPlan:
    """The plan as it would be; the path goes around closed areas by the shorter side.

    Stops and landing stand as they were: `overflight.planning.passage.retimed` says when they follow.

    Raises
    ------
    BadInput
        If a number names no point, or an airfield's own point would move or go.
    NothingToPlan
        If no way leads around the closed areas.
    """
    out = change.plan or plan
    last = len(out.waypoints)
    points: list[Waypoint | None] = list(out.waypoints)
    for number, lon, lat in change.moves:
        _inner(number, last, "move")
        points[number - 1] = replace(out.waypoints[number - 1], lon_deg=lon, lat_deg=lat)
    for number in change.cuts:
        _inner(number, last, "cut")
        points[number - 1] = None
    kept = tuple(p for p in points if p is not None)
    if change.closed:
        kept = around(kept, change.closed)
    heights = change.height_agl_m or out.height_agl_m
    if len(heights) > 1 and len(heights) != len(kept) - 1:
        if change.height_agl_m:
            raise BadInput(
                say("height_agl_m must be one height, or one for each of the {legs} legs", legs=len(kept) - 1),
                field="height_agl_m",
            )
        heights = (max(heights),)  # legs are others now; the highest keeps every certified minimum that was kept
    if kept != out.waypoints:
        out = replace(out, waypoints=kept, sensors_on=None)
    return replace(out, height_agl_m=heights, take_off=change.take_off or out.take_off)


def _inner(number: int, last: int, field: str) -> None:
    if not 1 < number < last:
        raise BadInput(
            say(
                "{field}: point {n} is none between the airfields; choose from 2 to {last}",
                field=field,
                n=number,
                last=last - 1,
            ),
            field=field,
        )


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


class _Reader:
    """Checked access to the fields of a change."""

    def __init__(self, name: str, data: Mapping[str, Any]):
        self.name, self.data = name, data
        for key in data:
            if key not in FIELDS:
                close = difflib.get_close_matches(str(key)[:60].lower(), FIELDS, 1, 0.6)
                hint = say("; did you mean {close}?", close=close[0]) if close else ""
                raise self.bad(str(key)[:60], say("is no field of a change{hint}", hint=hint))

    def bad(self, field: str, what: str) -> BadFile:
        return BadFile(f"{self.name}: {field} {what}", field=field)

    def text(self, key: str) -> str | None:
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > 2_000:
            raise self.bad(key, say("must be a text of at most {n} letters", n=2_000))
        return value.strip() or None

    def flag(self, key: str) -> bool | None:
        value = self.data.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.bad(key, say("must be true or false"))
        return value

    def moment(self, key: str) -> datetime | None:
        text = self.text(key)
        try:
            return parse_moment(text, field=key) if text else None
        except BadDate as why:
            raise BadFile(f"{self.name}: {why.message}", field=key) from None

    def rows(self, key: str, most: int) -> list[Any]:
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not value or len(value) > most:
            raise self.bad(key, say("must be a list of 1 to {n}", n=most))
        return value

    def point_number(self, key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.bad(key, say("must name points by their number, from 1 at the first airfield"))
        return value


def _change(read: _Reader) -> ProposedChange:
    ground = read.text("ground")
    if ground is None:
        raise read.bad("ground", say("is missing: write one of {all}", all=", ".join((*GROUNDS, "other"))))
    if ground not in (*GROUNDS, "other"):
        raise read.bad("ground", say("must be one of {all}", all=", ".join((*GROUNDS, "other"))))
    if not any(read.data.get(key) is not None for key in CHANGES):
        raise read.bad("file", say("holds no change: write at least one of {all}", all=", ".join(CHANGES)))
    closed = tuple(_ring(read, n, area) for n, area in enumerate(read.rows("closed", MOST_AREAS)))
    excludes = read.flag("excludes_observation")
    plan = read.data.get("plan")
    return ProposedChange(
        ground=ground,
        reason=read.text("reason") or "",
        inconsistent_with=read.text("inconsistent_with"),
        hazard=read.text("hazard"),
        makes_room=bool(read.flag("makes_room")),
        excludes_observation=bool(closed) if excludes is None else excludes,
        proposed_at=read.moment("proposed_at"),
        plan=plan_from_feature(plan, name=f"{read.name}: plan") if plan is not None else None,
        moves=tuple(_move(read, n, row) for n, row in enumerate(read.rows("move", MOST_CORNERS))),
        cuts=tuple(read.point_number("cut", row) for row in read.rows("cut", MOST_CORNERS)),
        closed=closed,
        height_agl_m=_heights(read),
        take_off=read.moment("take_off"),
    )


def _move(read: _Reader, n: int, row: Any) -> tuple[int, float, float]:
    field = f"move[{n}]"
    if not isinstance(row, dict) or set(row) != {"point", "to"}:
        raise read.bad(field, say('must be {"point": NUMBER, "to": [longitude, latitude]}'))
    return read.point_number(field, row["point"]), *point_of(row["to"], name=read.name, field=f"{field}.to")


def _ring(read: _Reader, n: int, area: Any) -> Ring:
    field = f"closed[{n}]"
    rings = area.get("coordinates") if isinstance(area, dict) and area.get("type") == "Polygon" else None
    if not isinstance(rings, list) or len(rings) != 1 or not isinstance(rings[0], list):
        raise read.bad(field, say("must be a GeoJSON Polygon of one ring"))
    if not 4 <= len(rings[0]) <= MOST_CORNERS:
        raise read.bad(field, say("must have from 4 to {n} corners, the last as the first", n=MOST_CORNERS))
    ring = tuple(point_of(value, name=read.name, field=field) for value in rings[0])
    if ring[0] != ring[-1]:
        raise read.bad(field, say("must end at the corner where it begins"))
    return ring


def _heights(read: _Reader) -> tuple[float, ...]:
    value = read.data.get("height_agl_m")
    if value is None:
        return ()
    heights = value if isinstance(value, list) else [value]
    good = [h for h in heights if isinstance(h, int | float) and not isinstance(h, bool)]
    if not heights or len(good) != len(heights) or not all(0 < h <= HIGHEST_M for h in good):
        raise read.bad("height_agl_m", say("must be metres above ground, above 0 and at most {n:g}", n=HIGHEST_M))
    return tuple(float(h) for h in heights)
