"""Other orders of a path's points, in which the part inside an area is flown earlier or later."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import shapely

from overflight.planning.geodesy import path_length_km
from overflight.terms.plan import Waypoint

MOST_POINTS = 120


def orders_with_a_part_moved(
    points: Sequence[Waypoint], shapes: Sequence[Any], most_km: float
) -> list[tuple[Waypoint, ...]]:
    """Paths over the same points that are at most `most_km` long, the shortest first; the ends stay.

    A run of points inside one of the shapes (longitude and latitude) is moved as a whole to every other place of the
    path, one way and the other; so are two runs and what lies between them.
    """
    if len(points) > MOST_POINTS:
        return []
    inner = list(points[1:-1])
    inside = [any(shapely.contains_xy(shape, p.lon_deg, p.lat_deg) for shape in shapes) for p in inner]
    edges = [n for n, (a, b) in enumerate(pairwise([False, *inside, False])) if a != b]
    starts, ends = edges[::2], edges[1::2]
    found: dict[tuple[tuple[float, float], ...], tuple[float, tuple[Waypoint, ...]]] = {}
    for start in starts:
        for end in (one for one in ends if one > start):
            part, rest = inner[start:end], inner[:start] + inner[end:]
            for at in range(len(rest) + 1):
                for moved in (part, part[::-1]):
                    for before, after in ((rest[:at], rest[at:]), (rest[:at][::-1], rest[at:][::-1])):
                        path = (points[0], *before, *moved, *after, points[-1])
                        km = path_length_km(path)
                        if km <= most_km:
                            found.setdefault(tuple((p.lon_deg, p.lat_deg) for p in path), (km, path))
    return [path for _, path in sorted(found.values(), key=lambda one: one[0])]
