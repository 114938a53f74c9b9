"""A path around closed areas: by the corners of their hulls, on the shorter side."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from overflight.errors import BadFile, NothingToPlan
from overflight.planning.crossings import unit_vectors
from overflight.planning.search_area import Floats, KeepOut
from overflight.terms.plan import Waypoint
from overflight.terms.words import say

BESIDE_KM = 0.5  # how far a way around a closed area stays outside it
DETOURS = 30

Ring = tuple[tuple[float, float], ...]  # longitudes and latitudes, degrees, the last corner as the first
_Pair = tuple[float, float]
_Row = tuple[_Pair, Waypoint | None]  # a place on the plane, and the declared point there if there is one


def closed_ground(areas: tuple[Ring, ...], centre: Floats) -> list[Any]:
    """The closed areas as polygons on the plane around a centre (a unit vector).

    Raises
    ------
    BadFile
        If one is too large for a plane, or crosses itself.
    """
    plane = KeepOut(centre, [])
    out = []
    for n, ring in enumerate(areas):
        lons, lats = np.array([p[0] for p in ring]), np.array([p[1] for p in ring])
        try:
            shape = shapely.Polygon(plane.plane(lons, lats))
        except ValueError:
            raise BadFile(say("closed[{n}] lies too far from the plan", n=n), field="closed") from None
        if not shape.is_valid or shape.area <= 0:
            raise BadFile(say("closed[{n}] crosses itself or has no area", n=n), field="closed")
        out.append(shape)
    return out


def centre_of(points: tuple[Waypoint, ...]) -> Floats:
    """The direction of the middle of some points, a unit vector."""
    units = unit_vectors(np.array([p.lon_deg for p in points]), np.array([p.lat_deg for p in points]))
    middle = units.mean(axis=0)
    found: Floats = middle / max(float(np.linalg.norm(middle)), 1e-12)
    return found


def around(points: tuple[Waypoint, ...], areas: tuple[Ring, ...]) -> tuple[Waypoint, ...]:
    """The path with points inside closed areas left out, and corners put in where a leg would lead through one.

    Raises
    ------
    BadFile
        As `closed_ground`.
    NothingToPlan
        If an end of the path is closed, or no way around is found.
    """
    ground = KeepOut(centre_of(points), [])
    shapes = closed_ground(areas, ground.centre)
    whole = shapely.union_all([shapely.buffer(shape, BESIDE_KM, join_style="mitre") for shape in shapes])
    walls = list(shapely.get_parts(whole))
    place = ground.plane(np.array([p.lon_deg for p in points]), np.array([p.lat_deg for p in points]))
    inside = shapely.intersects(shapely.union_all(shapes), shapely.points(place))
    if inside[0] or inside[-1]:
        raise NothingToPlan(
            say("an airfield of the plan lies inside a closed area; no path is left"), citation="VI.II.6"
        )
    rows: list[_Row] = [
        (_pair(xy), p) for xy, p, within in zip(place.tolist(), points, inside.tolist(), strict=True) if not within
    ]
    for _ in range(DETOURS):
        hit = _first_hit(rows, walls)
        if hit is None:
            break
        leg, wall = hit
        way = _along_hull(rows[leg][0], rows[leg + 1][0], wall)
        rows[leg + 1 : leg + 1] = [(xy, None) for xy in way]
    else:
        raise NothingToPlan(say("no way around the closed areas was found"), citation="VI.II.6")
    fresh = [xy for xy, p in rows if p is None]
    lons, lats = ground.unplane(np.array(fresh)) if fresh else (np.zeros(0), np.zeros(0))
    made = iter([Waypoint(round(lon, 7), round(lat, 7)) for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True)])
    return tuple(p if p is not None else next(made) for _, p in rows)


def _first_hit(rows: list[_Row], walls: list[Any]) -> tuple[int, Any] | None:
    """The first leg that goes through a wall, and that wall; touching its outline is not through."""
    for leg in range(len(rows) - 1):
        line = shapely.LineString([rows[leg][0], rows[leg + 1][0]])
        for wall in walls:
            if shapely.intersects(wall, line) and shapely.length(shapely.intersection(wall, line)) > 1e-3:
                outline = shapely.intersection(shapely.buffer(wall, -BESIDE_KM / 2), line)
                if shapely.length(outline) > 0:
                    return leg, wall
    return None


def _along_hull(a: tuple[float, float], b: tuple[float, float], wall: Any) -> list[tuple[float, float]]:
    """Corners of the shorter way from a to b around the hull of a wall."""
    hull = shapely.convex_hull(shapely.union_all([wall, shapely.points(a), shapely.points(b)]))
    ring = [_pair(xy) for xy in shapely.get_coordinates(shapely.get_exterior_ring(hull))[:-1].tolist()]
    if a not in ring or b not in ring:  # an end stands in a bay of the area: leave it by the area's own hull
        ring = [
            tuple(xy)
            for xy in shapely.get_coordinates(shapely.get_exterior_ring(shapely.convex_hull(wall)))[:-1].tolist()
        ]
        start = min(range(len(ring)), key=lambda k: math.dist(ring[k], a))
        end = min(range(len(ring)), key=lambda k: math.dist(ring[k], b))
        return min((_run(ring, start, end, step) for step in (1, -1)), key=lambda w: _length([a, *w, b]))
    i, j = ring.index(a), ring.index(b)
    ways = [_run(ring, i, j, step)[1:-1] for step in (1, -1)]
    full = [way for way in ways if way]
    return min(full or ways, key=lambda w: _length([a, *w, b]))


def _run(ring: list[Any], start: int, end: int, step: int) -> list[Any]:
    out, k = [ring[start]], start
    while k != end:
        k = (k + step) % len(ring)
        out.append(ring[k])
    return out


def _length(points: list[Any]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(points))


def _pair(values: Any) -> _Pair:
    return float(values[0]), float(values[1])
