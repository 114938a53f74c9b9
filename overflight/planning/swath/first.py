"""The first legal path: from airfield to airfield straight where that is clear, else around what is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overflight.errors import NothingToPlan
from overflight.planning.geodesy import earth_centred_km
from overflight.planning.search_area import ROUND_KM, KeepOut
from overflight.planning.shortest import shortest_way
from overflight.planning.turns import SHORT
from overflight.terms.place import Airfield
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.request import PlanRequest

Floats = NDArray[np.float64]
COURSES = 24
SPARE = 1.01  # legs are planned a little longer than they must be
TRIANGLE = 3.7  # sides of a triangle hold two turns of 120 degrees, each of 1.73 radii, and a little more


def arc_km(chord_km: Floats) -> Floats:
    """Length of the arc over a chord of the earth: 1 m off at 500 km, 7 m at 1,000 km."""
    x = np.square(chord_km / 6371.0)
    return chord_km * (1 + x / 24 + 3 * x * x / 640 + 5 * x**3 / 7168)


def first_way(
    request: PlanRequest, fields: Sequence[Airfield], points: Floats, plane: Floats, area: KeepOut, limit_km: float
) -> tuple[Floats, list[int]]:
    """Corners that a path from start to end by the stops needs, on the plane, and the path itself.

    `fields` are start, end and then the stops.  The path holds their numbers, and -1, -2 ... for the corners.

    Raises
    ------
    NothingToPlan
        If two airfields cannot be joined, or the path is longer than the limit or the range.
    """
    corners: list[Floats] = []
    path = [0]
    total = 0.0
    for a, b in pairwise([0, *range(2, len(fields)), 1]):
        apart = float(arc_km(np.linalg.norm(points[[a]] - points[[b]], axis=1))[0])
        length = apart
        if apart <= 1e-6 and request.turn_radius_km > 0 and request.turn == SHORT:
            # From nothing no single waypoint can be added: out and back is a turn that has no room.
            for corner in _triangle(plane[a], area, max(SPARE * request.min_leg_km, TRIANGLE * request.turn_radius_km)):
                corners.append(corner)
                path.append(-len(corners))
        if apart > 1e-6 and not area.legs_clear(plane[a : a + 1], plane[b : b + 1])[0]:
            around = area.corners(ROUND_KM)
            flat = np.concatenate((plane[[a, b]], around))
            solid = np.concatenate((points[[a, b]], earth_centred_km(*area.unplane(around))))
            way = _shortest(flat, solid, area, limit_km)
            if not way:
                raise NothingToPlan(
                    say(
                        "no path from {start} to {end} keeps clear of the borders and of other States (VI.II.2)",
                        start=fields[a].icao,
                        end=fields[b].icao,
                    ),
                    citation="VI.II.2",
                )
            length = float(arc_km(np.linalg.norm(np.diff(solid[way], axis=0), axis=1)).sum())
            for n in way[1:-1]:
                corners.append(flat[n])
                path.append(-len(corners))
        path.append(b)
        total += length
        if request.range_km is not None and length > request.range_km:
            raise NothingToPlan(
                say(
                    "the shortest legal path found from {start} to {end} takes {length:.0f} km, {over:.0f} km over "
                    "the range of {most:g} km",
                    start=fields[a].icao,
                    end=fields[b].icao,
                    length=length,
                    over=length - request.range_km,
                    most=request.range_km,
                ),
                field="--range-km",
            )
    if total > limit_km:
        raise NothingToPlan(
            say(
                "the shortest legal path found from {start} to {end} takes {length:.2f} km, {over:.2f} km too many "
                "for the {limit:.2f} km that a search plans with: the limit less a small reserve",
                start=fields[0].icao,
                end=fields[1].icao,
                length=total,
                over=total - limit_km,
                limit=limit_km,
            ),
            citation="VI.II.4.A",
        )
    return np.array(corners).reshape(-1, 2), path


def _triangle(home: Floats, area: KeepOut, side_km: float) -> Floats:
    """Two places that make an equal-sided triangle with `home`, all of it clear; none if there is no room for it."""
    for course in np.linspace(0.0, 2 * np.pi, COURSES, endpoint=False):
        both = np.array([course, course + np.pi / 3])
        corners = home + side_km * np.column_stack((np.sin(both), np.cos(both)))
        ring = np.stack((home, *corners, home))
        # A kilometre on the plane is less on the ground, the farther from its centre the less.
        ground = arc_km(np.linalg.norm(np.diff(earth_centred_km(*area.unplane(ring)), axis=0), axis=1)).min()
        corners = home + max(1.0, SPARE * side_km / float(ground)) * (corners - home)
        ring = np.stack((home, *corners, home))
        if area.legs_clear(ring[:-1], ring[1:]).all():
            return np.asarray(corners, dtype=np.float64)
    return np.zeros((0, 2))


def _shortest(flat: Floats, solid: Floats, area: KeepOut, limit_km: float) -> list[int]:
    def apart(n: int) -> Floats:
        return arc_km(np.linalg.norm(solid - solid[n], axis=1))

    def clear(n: int, others: NDArray[np.int64]) -> NDArray[np.bool_]:
        return area.legs_clear(np.broadcast_to(flat[n], (others.size, 2)), flat[others])

    return shortest_way(len(flat), apart, clear, limit_km * 1.5)
