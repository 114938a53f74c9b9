"""Plan files: a GeoJSON Feature with one LineString, and in `properties` only what VI.II and Annex B ask.

A file comes from anywhere, so each field is checked before it is used; what a
plan file never holds (sites, their values, a bound, a seed) cannot pass through
a `MissionPlan` and so cannot be written.
"""

from __future__ import annotations

import difflib
import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from overflight.errors import BadDate, BadFile
from overflight.terms.moment import parse_moment, rfc3339
from overflight.terms.plan import MissionPlan, SensorUse, Stop, Waypoint
from overflight.terms.words import say

MAX_BYTES = 5_000_000
MAX_WAYPOINTS = 10_000
MAX_LIST = 500
MAX_TEXT = 2_000

PROPERTIES = (
    "observing",
    "observed",
    "flight",
    "start_airfield",
    "end_airfield",
    "point_of_exit",
    "submitted_at",
    "take_off",
    "lands",
    "height_agl_m",
    "ground_speed_kmh",
    "aircraft",
    "sensors",
    "sensors_on",
    "stops",
    "swath_km",
    "support",
    "points",
)


def read_plan(source: Path | str | bytes) -> MissionPlan:
    """Read a plan file, or its bytes.

    Parameters
    ----------
    source : path or bytes
        At most 5 MB; a GeoJSON Feature with one LineString of 2 to 10,000 points.
        `properties.observed` is required, all else may be left out; an airfield that
        is left out is the empty text and is found later by the first or last point.

    Raises
    ------
    BadFile
        If it is no such file; the message and `field` name what is wrong and where.
    """
    name, raw = ("plan", source) if isinstance(source, bytes) else (str(source), _bytes_of(Path(source)))
    if len(raw) > MAX_BYTES:
        raise _bad(name, "file", say("is larger than {limit} MB", limit=MAX_BYTES // 1_000_000))
    try:
        data = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as why:
        raise _bad(name, "file", say("is no JSON ({why})", why=no_json(why))) from None
    return plan_from_feature(data, name=name)


def no_json(why: ValueError | RecursionError) -> str:
    """What is wrong with bytes that were read as JSON in UTF-8 and are none, in words of ours."""
    if isinstance(why, RecursionError):
        return say("nested too deeply")
    if isinstance(why, UnicodeDecodeError):
        return say("not UTF-8 from byte {n} on; save the file as UTF-8", n=why.start)
    if isinstance(why, json.JSONDecodeError):
        return say("broken at line {line}, column {column}", line=why.lineno, column=why.colno)
    if isinstance(why, _NoNumber):
        return str(why)
    return say("it holds a number of thousands of digits")


def plan_from_feature(data: Any, *, name: str = "plan") -> MissionPlan:
    """The plan that a GeoJSON Feature (already parsed) describes.

    Raises
    ------
    BadFile
        As `read_plan`.
    """
    if not isinstance(data, dict) or data.get("type") != "Feature":
        raise _bad(name, "type", say("must be a GeoJSON Feature with one LineString"))
    geometry = data.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "LineString":
        found = geometry.get("type") if isinstance(geometry, dict) else None
        raise _bad(name, "geometry", say("must be one LineString, not {found!r}", found=str(found)[:40]))
    given = data.get("properties")
    if not isinstance(given, dict):
        raise _bad(name, "properties", say("must be an object with at least 'observed'"))
    _no_misspelling(name, given)
    read = _Reader(name, given)
    waypoints = _waypoints(name, geometry.get("coordinates"), read.names())
    heights = read.heights(len(waypoints) - 1)
    observed = read.text("observed")
    if not observed:
        raise _bad(name, "properties.observed", say('is missing: name the observed Party, such as "RUS"'))
    return MissionPlan(
        observed=observed.upper(),
        waypoints=waypoints,
        start_airfield=(read.text("start_airfield") or "").upper(),
        end_airfield=(read.text("end_airfield") or "").upper(),
        observing=_upper(read.text("observing")),
        flight=read.text("flight"),
        point_of_exit=_upper(read.text("point_of_exit")),
        submitted_at=read.moment("submitted_at"),
        take_off=read.moment("take_off"),
        lands=read.moment("lands"),
        height_agl_m=heights,
        ground_speed_kmh=read.number("ground_speed_kmh", above=0.0),
        aircraft=read.text("aircraft"),
        sensors=tuple(read.each("sensors", _sensor)),
        sensors_on=read.periods(),
        stops=tuple(read.each("stops", _stop)),
        swath_km=read.number("swath_km", above=0.0),
        support=read.text("support") or "",
    )


def plan_feature(plan: MissionPlan) -> dict[str, Any]:
    """`plan` as the GeoJSON Feature of its file; fields without a value are left out."""
    properties: dict[str, Any] = {"observing": plan.observing, "observed": plan.observed, "flight": plan.flight}
    properties["start_airfield"] = plan.start_airfield or None
    properties["end_airfield"] = plan.end_airfield or None
    properties["point_of_exit"] = plan.point_of_exit
    for field in ("submitted_at", "take_off", "lands"):
        moment = getattr(plan, field)
        properties[field] = rfc3339(moment) if moment else None
    if plan.height_agl_m:
        properties["height_agl_m"] = plan.height_agl_m[0] if len(plan.height_agl_m) == 1 else list(plan.height_agl_m)
    properties["ground_speed_kmh"] = plan.ground_speed_kmh
    properties["aircraft"] = plan.aircraft
    if plan.sensors:
        properties["sensors"] = [{"sensor": s.sensor, "certified_h_min_m": s.certified_h_min_m} for s in plan.sensors]
    if plan.sensors_on is not None:
        properties["sensors_on"] = [list(period) for period in plan.sensors_on]
    if plan.stops:
        properties["stops"] = [
            {"airfield": s.airfield, "arrive": rfc3339(s.arrive), "leave": rfc3339(s.leave)} for s in plan.stops
        ]
    properties["swath_km"] = plan.swath_km
    properties["support"] = plan.support or None
    if any(w.name for w in plan.waypoints):
        properties["points"] = [w.name for w in plan.waypoints]
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[w.lon_deg, w.lat_deg] for w in plan.waypoints]},
        "properties": {key: value for key, value in properties.items() if value is not None},
    }


def write_plan(plan: MissionPlan, path: Path | str) -> None:
    """Write the plan file whole or not at all.

    Raises
    ------
    BadFile
        If the folder cannot be written to.
    """
    target = Path(path)
    text = json.dumps(plan_feature(plan), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as why:
        raise BadFile(
            say("{path} cannot be written: {why}", path=str(target), why=why.strerror or str(why)), field=str(target)
        ) from None


def point_of(value: Any, *, name: str, field: str) -> tuple[float, float]:
    """Longitude and latitude of one GeoJSON position, degrees.

    Raises
    ------
    BadFile
        If it is no pair of finite numbers in range; a latitude beyond 90 that would fit as a
        longitude is reported as probably swapped.
    """
    if not isinstance(value, list) or not 2 <= len(value) <= 3 or not all(_is_number(v) for v in value):
        raise _bad(name, field, say("must be [longitude, latitude] in degrees, finite numbers"))
    lon, lat = float(value[0]), float(value[1])
    if abs(lat) > 90 and abs(lon) <= 90 and abs(lat) <= 180:
        raise _bad(
            name,
            field,
            say("has latitude {lat:g}: longitude and latitude look swapped, longitude comes first", lat=lat),
        )
    if abs(lon) > 180 or abs(lat) > 90:
        raise _bad(name, field, say("is out of range: longitude -180 to 180, latitude -90 to 90"))
    return lon, lat


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _bad(str(path), "file", say("is larger than {limit} MB", limit=MAX_BYTES // 1_000_000))
        return path.read_bytes()
    except OSError as why:
        raise _bad(str(path), "file", say("cannot be read: {why}", why=why.strerror or str(why))) from None


def _bad(name: str, field: str, what: str) -> BadFile:
    return BadFile(f"{name}: {field} {what}", field=field)


class _NoNumber(ValueError):
    """NaN or Infinity where JSON has a number."""


def _no_constant(word: str) -> float:
    raise _NoNumber(say("{word} is no number", word=word))


def _is_number(value: Any) -> bool:
    """Whether `value` is a finite number that a float can hold (not a truth value)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _upper(text: str | None) -> str | None:
    return text.upper() if text else None


def _no_misspelling(name: str, given: Mapping[str, Any]) -> None:
    for key in given:
        if key not in PROPERTIES:
            close = difflib.get_close_matches(str(key)[:60].replace("-", "_").lower(), PROPERTIES, 1, 0.85)
            if close:
                raise _bad(
                    name,
                    f"properties.{str(key)[:60]}",
                    say("is no field of a plan; did you mean {close!r}?", close=close[0]),
                )


def _waypoints(name: str, coordinates: Any, names: list[str]) -> tuple[Waypoint, ...]:
    field = "geometry.coordinates"
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise _bad(name, field, say("needs at least two points, both airfields included"))
    if len(coordinates) > MAX_WAYPOINTS:
        raise _bad(name, field, say("has more than {limit} points", limit=MAX_WAYPOINTS))
    if names and len(names) != len(coordinates):
        raise _bad(name, "properties.points", say("must name each point, {n} in all", n=len(coordinates)))
    places = [point_of(value, name=name, field=f"{field}[{n}]") for n, value in enumerate(coordinates)]
    return tuple(Waypoint(lon, lat, names[n] if names else "") for n, (lon, lat) in enumerate(places))


class _Reader:
    """Checked access to the properties of one file."""

    def __init__(self, name: str, given: Mapping[str, Any]):
        self.name, self.given = name, given

    def text(self, key: str) -> str | None:
        value = self.given.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise _bad(self.name, f"properties.{key}", say("must be a text of at most {n} letters", n=MAX_TEXT))
        return value.strip() or None

    def number(self, key: str, *, above: float) -> float | None:
        value = self.given.get(key)
        if value is None:
            return None
        if not _is_number(value) or float(value) <= above:
            raise _bad(self.name, f"properties.{key}", say("must be a finite number above {above:g}", above=above))
        return float(value)

    def moment(self, key: str) -> datetime | None:
        text = self.text(key)
        return None if text is None else _moment(self.name, f"properties.{key}", text)

    def names(self) -> list[str]:
        names = self.given.get("points")
        if names is None:
            return []
        if (
            not isinstance(names, list)
            or len(names) > MAX_WAYPOINTS
            or not all(isinstance(n, str) and len(n) <= 60 for n in names)
        ):
            raise _bad(self.name, "properties.points", say("must be a list of short names"))
        return names

    def heights(self, legs: int) -> tuple[float, ...]:
        value = self.given.get("height_agl_m")
        if value is None:
            return ()
        heights = value if isinstance(value, list) else [value]
        field = "properties.height_agl_m"
        if not all(_is_number(h) and float(h) > 0 for h in heights):
            raise _bad(self.name, field, say("must be metres above ground, finite numbers above 0"))
        if len(heights) not in (1, legs):
            raise _bad(self.name, field, say("must be one height, or one for each of the {legs} legs", legs=legs))
        return tuple(float(h) for h in heights)

    def periods(self) -> tuple[tuple[float, float], ...] | None:
        value = self.given.get("sensors_on")
        if value is None:
            return None
        field = "properties.sensors_on"
        if not isinstance(value, list) or len(value) > MAX_WAYPOINTS:
            raise _bad(self.name, field, say("must be a list of [from_km, to_km]"))
        out: list[tuple[float, float]] = []
        for pair in value:
            if not isinstance(pair, list) or len(pair) != 2 or not all(_is_number(v) for v in pair):
                raise _bad(self.name, field, say("must be a list of [from_km, to_km]"))
            start, end = float(pair[0]), float(pair[1])
            if start < 0 or end <= start or (out and start < out[-1][1]):
                raise _bad(self.name, field, say("must rise along the path without overlap"))
            out.append((start, end))
        return tuple(out)

    def each(self, key: str, make: Callable[[str, str, Mapping[str, Any]], Any]) -> list[Any]:
        value = self.given.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MAX_LIST or not all(isinstance(v, dict) for v in value):
            raise _bad(self.name, f"properties.{key}", say("must be a list of at most {n} objects", n=MAX_LIST))
        return [make(self.name, f"properties.{key}[{n}]", entry) for n, entry in enumerate(value)]


def _moment(name: str, field: str, text: str) -> datetime:
    try:
        return parse_moment(text, field=field)
    except BadDate as why:
        raise BadFile(f"{name}: {why.message}", field=field) from None


def _short(name: str, field: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 60:
        raise _bad(name, field, say("must be a short text"))
    return value.strip()


def _sensor(name: str, field: str, entry: Mapping[str, Any]) -> SensorUse:
    h_min = entry.get("certified_h_min_m")
    if h_min is not None and (not _is_number(h_min) or float(h_min) < 0):
        raise _bad(name, f"{field}.certified_h_min_m", say("must be metres, a finite number of 0 or more"))
    return SensorUse(_short(name, f"{field}.sensor", entry.get("sensor")), None if h_min is None else float(h_min))


def _stop(name: str, field: str, entry: Mapping[str, Any]) -> Stop:
    times = [_moment(name, f"{field}.{k}", _short(name, f"{field}.{k}", entry.get(k))) for k in ("arrive", "leave")]
    if times[1] < times[0]:
        raise _bad(name, field, say("leaves before it arrives"))
    return Stop(_short(name, f"{field}.airfield", entry.get("airfield")).upper(), times[0], times[1])
