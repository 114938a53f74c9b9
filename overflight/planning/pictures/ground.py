"""Strips of ground beside a path, and lines of degrees, on the plane of a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from overflight.planning.geodesy import GEOD, Floats, LocalFrame, densify, earth_centred_km, lonlat, points_at
from overflight.terms.plan import MissionPlan, Waypoint

STEP_KM = 10.0
ROUND = 24  # corners of a whole circle


def swath_on_plane(plan: MissionPlan, frame: LocalFrame, *, swath_km: float, sensors_run: bool) -> Any:
    """The ground within half of `swath_km` of the path where sensors run, or where they do not, on the plane."""
    shapes: list[Any] = []
    for since, until in _periods(plan, run=sensors_run):
        places = _part(plan.waypoints, since, until)
        shapes.extend(_strip(a, b, frame, swath_km / 2) for a, b in pairwise(places))
        shapes.extend(_disc(place, frame, swath_km / 2) for place in places)
    return shapely.union_all([shape for shape in shapes if shape is not None])


def _periods(plan: MissionPlan, *, run: bool) -> list[tuple[float, float]]:
    length = float(densify(plan.waypoints, 1e9)[2][-1])
    if plan.sensors_on is None:
        return [(0.0, length)] if run else []
    on = sorted((max(0.0, a), min(length, b)) for a, b in plan.sensors_on)
    if run:
        return [(a, b) for a, b in on if b > a]
    off, since = [], 0.0
    for a, b in on:
        if a > since:
            off.append((since, a))
        since = max(since, b)
    return [*off, (since, length)] if since < length else off


def _part(waypoints: Sequence[Waypoint], since: float, until: float) -> list[tuple[float, float]]:
    """Both ends of a stretch of the path, and the waypoints between them."""
    lons, lats, km, _ = densify(waypoints, 1e9)
    inside = (km > since + 1e-6) & (km < until - 1e-6)
    end_lons, end_lats = points_at(waypoints, np.array([since, until]))
    inner = list(zip(lons[inside].tolist(), lats[inside].tolist(), strict=True))
    return [(float(end_lons[0]), float(end_lats[0])), *inner, (float(end_lons[1]), float(end_lats[1]))]


def _strip(a: tuple[float, float], b: tuple[float, float], frame: LocalFrame, half_km: float) -> Any:
    lons, lats, km, _ = densify([a, b], STEP_KM)
    if lons.size < 2 or km[-1] <= 0:
        return None
    ahead, back, _ = GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:])
    azimuth = np.append(ahead, back[-1] + 180.0)
    aside = np.full(lons.shape, half_km * 1000.0)
    left_lon, left_lat, _ = GEOD.fwd(lons, lats, azimuth - 90.0, aside)
    right_lon, right_lat, _ = GEOD.fwd(lons, lats, azimuth + 90.0, aside)
    x, y = frame.to_xy_km(np.concatenate((left_lon, right_lon[::-1])), np.concatenate((left_lat, right_lat[::-1])))
    return shapely.make_valid(shapely.Polygon(np.column_stack((x, y))))


def _disc(place: tuple[float, float], frame: LocalFrame, half_km: float) -> Any:
    turns = np.linspace(0.0, 360.0, ROUND, endpoint=False)
    lons, lats, _ = GEOD.fwd(
        np.full(ROUND, place[0]), np.full(ROUND, place[1]), turns, np.full(ROUND, half_km * 1000.0)
    )
    x, y = frame.to_xy_km(lons, lats)
    return shapely.make_valid(shapely.Polygon(np.column_stack((x, y))))


def lines_of_degrees(
    frame: LocalFrame, reach_km: float, *, meridians: float, parallels: float
) -> Iterator[tuple[str, bool, Floats, Floats]]:
    """Meridians and parallels, so many degrees apart, within reach: name, whether a meridian, x and y.

    A line that leaves and comes back comes as several.
    """
    along = np.linspace(-89.0, 89.0, 357)
    for lon in np.arange(-180.0, 180.0, meridians):
        for x, y in _runs(np.full(along.shape, lon), along, frame, reach_km):
            yield _degrees(lon, "E", "W"), True, x, y
    around = np.linspace(-180.0, 180.0, 721)
    for lat in np.arange(-90.0 + parallels, 90.0, parallels):
        for x, y in _runs(around, np.full(around.shape, lat), frame, reach_km):
            yield _degrees(lat, "N", "S"), False, x, y


def _runs(lons: Floats, lats: Floats, frame: LocalFrame, reach_km: float) -> Iterator[tuple[Floats, Floats]]:
    middle = earth_centred_km(np.array([frame.lon_deg]), np.array([frame.lat_deg]))
    # a chord is never longer than the way over the ground
    near = np.flatnonzero(np.linalg.norm(earth_centred_km(lons, lats) - middle, axis=1) <= reach_km)
    if near.size < 2:
        return
    x, y = frame.to_xy_km(lons[near], lats[near])
    for run in np.split(np.arange(near.size), np.flatnonzero(np.diff(near) > 1) + 1):
        if run.size > 1:
            yield x[run], y[run]


def _degrees(value: float, plus: str, minus: str) -> str:
    whole = abs(float(value))
    letter = "" if whole in (0.0, 180.0) else plus if value > 0 else minus
    return f"{whole:g}°{letter}"


def path_on_plane(waypoints: Sequence[Waypoint], frame: LocalFrame) -> tuple[Floats, Floats]:
    """The path as geodesics, in short pieces, on the plane."""
    lons, lats, _, _ = densify(waypoints, STEP_KM)
    return frame.to_xy_km(lons, lats)


def points_on_plane(waypoints: Sequence[Waypoint], frame: LocalFrame) -> tuple[Floats, Floats]:
    """The declared points on the plane."""
    return frame.to_xy_km(*lonlat(waypoints))
