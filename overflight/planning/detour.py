"""A path around closed areas, by the shortest way along their corners."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.errors import BadFile, NothingToPlan
from overflight.planning.crossings import unit_vectors
from overflight.planning.search_area import Floats, KeepOut
from overflight.planning.shortest import shortest_way
from overflight.terms.plan import Waypoint
from overflight.terms.words import say

BESIDE_KM = 0.5  # how far a way around a closed area stays outside it
MOST_CORNERS = 600
MOST_DETOURS = 100

Ring = tuple[tuple[float, float], ...]  # longitudes and latitudes, degrees, the last corner as the first


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
    """The path with points inside closed areas left out, and the shortest way put in where a leg would lead through.

    Raises
    ------
    BadFile
        As `closed_ground`, or if very many legs lead through closed areas.
    NothingToPlan
        If an end of the path is closed, or there is no way around.
    """
    ground = KeepOut(centre_of(points), [])
    shapes = shapely.union_all(closed_ground(areas, ground.centre))
    place = ground.plane(np.array([p.lon_deg for p in points]), np.array([p.lat_deg for p in points]))
    inside = shapely.intersects(shapes, shapely.points(place))
    if inside[0] or inside[-1]:
        raise NothingToPlan(
            say("an airfield of the plan lies inside a closed area; no path is left"), citation="VI.II.6"
        )
    kept = [n for n, within in enumerate(inside.tolist()) if not within]
    band = shapely.buffer(shapes, BESIDE_KM / 2, join_style="mitre")
    # A point that stands close beside an area has to be left by a leg that does too.
    wall = shapes if shapely.intersects(band, shapely.points(place[kept])).any() else band
    shapely.prepare(wall)
    corners = _corners(shapes)
    legs = list(pairwise(kept))
    clear = _clear(wall, place[kept[:-1]], place[kept[1:]]).tolist()
    if clear.count(False) > MOST_DETOURS:
        raise BadFile(
            say("more than {n} legs lead through closed areas; propose a plan instead", n=MOST_DETOURS), field="closed"
        )
    out = [points[kept[0]]]
    for (a, b), free in zip(legs, clear, strict=True):
        if not free:
            way = _shortest(np.concatenate((place[[a, b]], corners)), wall)
            lons, lats = ground.unplane(way)
            out += [
                Waypoint(round(lon, 7), round(lat, 7)) for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True)
            ]
        out.append(points[b])
    return tuple(out)


def _corners(shapes: Any) -> Floats:
    """Places beside the areas from which to go around them; of areas with very many corners those of their hulls."""
    wide = shapely.buffer(shapes, BESIDE_KM, join_style="mitre")
    found = shapely.get_coordinates(shapely.simplify(wide, BESIDE_KM / 4))
    if len(found) > MOST_CORNERS:
        found = shapely.get_coordinates(shapely.convex_hull(shapely.get_parts(wide)))
    if len(found) > MOST_CORNERS:
        found = shapely.get_coordinates(shapely.convex_hull(wide))
    corners: Floats = np.unique(np.round(found, 6), axis=0)
    return corners


def _clear(wall: Any, a: Floats, b: Floats) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = ~shapely.intersects(wall, shapely.linestrings(np.stack((a, b), axis=1)))
    return found


def _shortest(places: Floats, wall: Any) -> Floats:
    """The corners on the shortest clear way from the first place to the second."""

    def apart(n: int) -> Floats:
        found: Floats = np.hypot(*(places - places[n]).T)
        return found

    def clear(n: int, others: NDArray[np.int64]) -> NDArray[np.bool_]:
        return _clear(wall, np.broadcast_to(places[n], (others.size, 2)), places[others])

    way = shortest_way(len(places), apart, clear)
    if not way:
        raise NothingToPlan(say("no way around the closed areas was found"), citation="VI.II.6")
    return places[way[1:-1]]
