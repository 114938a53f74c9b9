"""Regions that a path must respect besides borders: sub-limits of length, and closed areas with hours.

They come from a GeoJSON file that a planner writes, or from one that is packaged with its source.
What comes in is checked feature by feature, and the first feature that cannot be used is named.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.errors import BadDate, BadFile
from overflight.terms.moment import parse_moment
from overflight.terms.words import say

MOST_REGIONS: Final = 500
MOST_POINTS: Final = 200_000
LARGEST_BYTES: Final = 50_000_000
LONGEST_KM: Final = 1e6
# Sides are straight in longitude and latitude, as RFC 7946 has them; points at most so far apart
# keep them where they are, within a few metres, once they are drawn on another plane.
SIDE_DEG: Final = 0.1
# Left unread, an area would be closed for ever without a word.
HOURS_BY_OTHER_NAMES: Final = frozenset(
    {"since", "until", "start", "end", "begin", "begins", "ends", "closed_from", "closed_to"}
)


@dataclass(frozen=True)
class SubLimit:
    """The path's length inside `shape` (longitude and latitude, cut at 180 degrees) is at most `most_km`.

    `citation` and `readings` name the paragraph and the named readings under which it would hold, if any.
    """

    name: str
    shape: Any
    most_km: float
    source: str = ""
    citation: str = ""
    readings: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class ClosedArea:
    """Airspace not to be entered while ``since <= time < until``; None on both sides means always."""

    name: str
    shape: Any
    since: datetime | None = None
    until: datetime | None = None
    source: str = ""

    def may_be_met(self, begins: datetime | None, ends: datetime | None) -> bool:
        """Whether the closure may fall into a flight from `begins` to `ends`; an unknown time may be any."""
        after_it = self.until is not None and begins is not None and begins >= self.until
        before_it = self.since is not None and ends is not None and ends < self.since
        return not after_it and not before_it


@dataclass(frozen=True)
class Regions:
    """The sub-limits and closed areas of one request; empty if there are none."""

    sub_limits: tuple[SubLimit, ...] = ()
    closed: tuple[ClosedArea, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sub_limits or self.closed)

    def __add__(self, other: Regions) -> Regions:
        return Regions(self.sub_limits + other.sub_limits, self.closed + other.closed)


NO_REGIONS: Final = Regions()


def read_regions(path: Path) -> Regions:
    """The regions of a GeoJSON FeatureCollection of polygons, in its order.

    Each feature has the property ``kind``: ``sub_limit`` with ``max_km``, or ``closed`` with ``from`` and
    ``to`` (UTC, both or either left out); ``name`` and ``source`` are kept.  A ring that steps over 180
    degrees of longitude is cut there.

    Raises
    ------
    BadFile
        With the feature's number, the field, and the place where a ring crosses itself.
    """
    features = _features(path)
    limits: list[SubLimit] = []
    closed: list[ClosedArea] = []
    names: set[str] = set()
    for count, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            _bad(path, say("it is no GeoJSON Feature"), count, "type")
        properties = feature.get("properties")
        if not isinstance(properties, dict):
            _bad(path, say("properties must be an object with a kind"), count, "properties")
        name = _text(path, properties, "name", count) or say("region {n}", n=count)
        if name in names:
            _bad(path, say("the name {name!r} stands twice; give each region its own", name=name[:60]), count, "name")
        names.add(name)
        shape = _shape(path, feature.get("geometry"), count)
        source = _text(path, properties, "source", count)
        kind = properties.get("kind")
        if kind == "sub_limit":
            most_km = _most_km(path, properties.get("max_km"), count)
            citation = _text(path, properties, "citation", count)
            limits.append(SubLimit(name, shape, most_km, source, citation, _readings(path, properties, count)))
        elif kind == "closed":
            for key in sorted(HOURS_BY_OTHER_NAMES & properties.keys()):
                _bad(
                    path,
                    say("{key!r} is not read; write the hours of a closed area as from and to", key=key),
                    count,
                    key,
                )
            since, until = (_moment(path, properties.get(key), key, count) for key in ("from", "to"))
            if since is not None and until is not None and until <= since:
                _bad(path, say("its window ends before it starts; exchange from and to"), count, "to")
            closed.append(ClosedArea(name, shape, since, until, source))
        else:
            _bad(path, say("kind is {kind!r}; write sub_limit or closed", kind=str(kind)[:40]), count, "kind")
    return Regions(tuple(limits), tuple(closed))


def _features(path: Path) -> list[Any]:
    try:
        if not path.is_file():
            _bad(path, say("no such file"))
        if path.stat().st_size > LARGEST_BYTES:
            _bad(path, say("larger than {most} bytes", most=LARGEST_BYTES))
        whole = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        _bad(path, error.strerror or type(error).__name__)
    except (ValueError, RecursionError):
        _bad(path, say("this is no JSON in UTF-8"))
    if isinstance(whole, dict) and whole.get("type") == "Feature":
        return [whole]
    features = whole.get("features") if isinstance(whole, dict) and whole.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        _bad(path, say("this is no GeoJSON FeatureCollection"))
    if not features:
        _bad(path, say("it holds no region"))
    if len(features) > MOST_REGIONS:
        _bad(path, say("more than {most} regions", most=MOST_REGIONS))
    return features


def _text(path: Path, properties: dict[str, Any], key: str, feature: int) -> str:
    given = properties.get(key)
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > 2000:
        _bad(path, say("{key} must be a short text", key=key), feature, key)
    return "".join(letter if letter.isprintable() else " " for letter in given).strip()


def _readings(path: Path, properties: dict[str, Any], feature: int) -> dict[str, str]:
    given = properties.get("readings") or {}
    if (
        not isinstance(given, dict)
        or len(given) > 20
        or not all(isinstance(v, str) and len(v) < 60 for v in given.values())
    ):
        _bad(path, say("readings must be an object of names and choices"), feature, "readings")
    return {str(key)[:60]: value for key, value in given.items()}


def _most_km(path: Path, given: Any, feature: int) -> float:
    number = isinstance(given, (int, float)) and not isinstance(given, bool)
    # an int may be too large for a float
    if not number or not 0 <= given <= LONGEST_KM or not math.isfinite(given):
        _bad(
            path,
            say("max_km is {given!r}; give a sub_limit a number of kilometres, 0 or more", given=str(given)[:40]),
            feature,
            "max_km",
        )
    return float(given)


def _moment(path: Path, given: Any, key: str, feature: int) -> datetime | None:
    if given is None:
        return None
    if not isinstance(given, str):
        _bad(path, say("{key} must be a UTC time such as 2021-05-12T08:00Z", key=key), feature, key)
    try:
        return parse_moment(given, field=key)
    except BadDate as why:
        _bad(path, why.message, feature, key)


def _shape(path: Path, geometry: Any, feature: int) -> Any:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    parts = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        parts = [parts]
    elif kind != "MultiPolygon":
        _bad(path, say("its geometry must be a Polygon or a MultiPolygon"), feature, "geometry")
    if not isinstance(parts, list) or not parts:
        _bad(path, say("its geometry holds no ring"), feature, "coordinates")
    polygons = []
    for rings in parts:
        if not isinstance(rings, list) or not rings:
            _bad(path, say("its geometry holds no ring"), feature, "coordinates")
        polygons.append(_polygon(path, [_ring(path, ring, feature) for ring in rings], feature))
    whole = shapely.MultiPolygon(polygons) if len(polygons) > 1 else polygons[0]
    if not shapely.is_valid(whole):
        _crossed(path, whole, feature)
    cut = _cut_at_180(whole)
    if shapely.get_num_coordinates(cut) > MOST_POINTS:
        _bad(path, say("more than {most} points", most=MOST_POINTS), feature, "coordinates")
    return cut


def _ring(path: Path, given: Any, feature: int) -> NDArray[np.float64]:
    if not isinstance(given, list) or not 4 <= len(given) <= MOST_POINTS:
        _bad(path, say("a ring needs at least four points, the last like the first"), feature, "coordinates")
    points = np.empty((len(given), 2))
    for n, at in enumerate(given):
        fits = isinstance(at, list) and 2 <= len(at) <= 4
        if not fits or not all(isinstance(c, (int, float)) and not isinstance(c, bool) for c in at[:2]):
            _bad(path, say("point {n} of a ring has no two coordinates", n=n + 1), feature, "coordinates")
        lon, lat = at[:2]
        if not (math.isfinite(lon) and math.isfinite(lat)):
            _bad(path, say("point {n} of a ring: a coordinate is not a number", n=n + 1), feature, "coordinates")
        if not -90 <= lat <= 90:
            hint = say("; longitude and latitude look swapped") if -90 <= lon <= 90 and -180 <= lat <= 180 else ""
            _bad(
                path,
                say("point {n} of a ring: lat {lat} is beyond 90 degrees{hint}", n=n + 1, lat=str(lat)[:40], hint=hint),
                feature,
                "coordinates",
            )
        if not -180 <= lon <= 360:
            _bad(
                path,
                say("point {n} of a ring: lon {lon} is beyond 180 degrees", n=n + 1, lon=str(lon)[:40]),
                feature,
                "coordinates",
            )
        points[n] = lon, lat
    if (points[0] != points[-1]).any():
        _bad(path, say("a ring is not closed; repeat its first point at the end"), feature, "coordinates")
    # A step of more than half the globe is meant to go the short way, over 180 degrees.
    points[:, 0] = points[0, 0] + np.concatenate(([0.0], np.cumsum((np.diff(points[:, 0]) + 180) % 360 - 180)))
    if abs(points[-1, 0] - points[0, 0]) > 1:
        _bad(path, say("a ring goes around a pole; cut it into parts at 180 degrees"), feature, "coordinates")
    return points


def _polygon(path: Path, rings: list[NDArray[np.float64]], feature: int) -> Any:
    shell, holes = rings[0], rings[1:]
    for hole in holes:
        hole[:, 0] += 360 * np.round((shell[:, 0].mean() - hole[:, 0].mean()) / 360)
    found = shapely.Polygon(shell, holes)
    if not shapely.is_valid(found):
        _crossed(path, found, feature)
    if shapely.area(found) <= 0:
        _bad(path, say("its ring encloses no ground"), feature, "coordinates")
    return found


def _crossed(path: Path, shape: Any, feature: int) -> NoReturn:
    why = str(shapely.is_valid_reason(shape))
    words, _, at = why.partition("[")
    try:
        lon, lat = (float(one) for one in at.rstrip("]").split()[:2])
        place = [round((lon + 180) % 360 - 180, 6), round(lat, 6)]
    except ValueError:
        place = []
    spoken = {
        "Self-intersection": say("it crosses itself"),
        "Ring Self-intersection": say("a ring touches or crosses itself"),
        "Hole lies outside shell": say("a hole lies outside its ring"),
        "Nested shells": say("one part lies within another"),
    }.get(words, say("its rings do not fit together ({why})", why=words))
    where = say(" at {lat:.5f} N, {lon:.5f} E", lon=place[0], lat=place[1]) if place else ""
    _bad(path, say("{why}{where}; draw it anew there", why=spoken, where=where), feature, "coordinates", place=place)


def _cut_at_180(shape: Any) -> Any:
    """`shape`, whose longitudes may run on past 180 degrees, within -180 to 180, with its sides in short pieces."""
    west, _, east, _ = shapely.bounds(shape)
    parts = []
    for turn in range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1):
        inside = shapely.clip_by_rect(shape, 360 * turn - 180, -90, 360 * turn + 180, 90)
        moved = shapely.transform(inside, lambda at, by=360 * turn: at - [by, 0])
        parts += [part for part in shapely.get_parts(moved) if shapely.get_type_id(part) == 3]
    return shapely.MultiPolygon([shapely.segmentize(part, SIDE_DEG) for part in parts])


def _bad(path: Path, why: str, feature: int | None = None, field: str = "regions", **facts: Any) -> NoReturn:
    if feature is not None:
        facts["feature"] = feature
        why = say("feature {n}: {why}", n=feature, why=why)
    raise BadFile(say("{name}: {why}", name=path.name, why=why), field=field, **facts)
