"""The first legal path from start to end: straight if it is clear, else around what is in the way."""

from __future__ import annotations

import heapq

import numpy as np

from overflight.errors import NothingToPlan
from overflight.planning.coverage import Floats
from overflight.planning.search_state import FREE, Field, Path, arc_km
from overflight.terms.place import Airfield
from overflight.terms.words import say


def first_path(ground: Field, start: Airfield, end: Airfield) -> Path:
    """A clear path from candidate 0 to candidate 1, the shortest by candidates and by corners of forbidden ground.

    Raises
    ------
    NothingToPlan
        If there is none, or it is longer than the limit.
    """
    straight = Path.through(ground, [0, 1], ground.points[:2], ground.plane[:2])
    same = bool(np.allclose(ground.points[0], ground.points[1]))
    if same or straight.is_clear(ground):
        return straight
    plane = np.concatenate((ground.plane, ground.corners_plane))
    points = np.concatenate((ground.points, ground.corners))
    order = _shortest(ground, points, plane)
    if not order:
        raise NothingToPlan(
            say(
                "no path from {start} to {end} keeps clear of the borders and of other States (VI.II.2)",
                start=start.icao,
                end=end.icao,
            ),
            citation="VI.II.2",
        )
    many = len(ground.points)
    ids = [k if k < many else FREE for k in order]
    path = Path.through(ground, ids, points[order], plane[order])
    if path.length_km > ground.limit_km:
        raise NothingToPlan(
            say(
                "the shortest legal path found from {start} to {end} takes {length:.0f} km, {over:.0f} km too many",
                start=start.icao,
                end=end.icao,
                length=path.length_km,
                over=path.length_km - ground.limit_km,
            ),
            citation="VI.II.4.A",
        )
    return path


def _shortest(ground: Field, points: Floats, plane: Floats) -> list[int]:
    """Numbers of the points on the shortest clear way from 0 to 1 (A* with legs looked at only when they matter)."""
    goal = arc_km(np.linalg.norm(points - points[1], axis=1))
    best = np.full(len(points), np.inf)
    best[0] = 0.0
    came: dict[int, int] = {}
    done: set[int] = set()
    heap = [(float(goal[0]), 0)]
    while heap:
        _, here = heapq.heappop(heap)
        if here in done:
            continue
        done.add(here)
        if here == 1:
            way = [1]
            while way[-1] != 0:
                way.append(came[way[-1]])
            return way[::-1]
        far = best[here] + arc_km(np.linalg.norm(points - points[here], axis=1))
        better = np.flatnonzero((far < best - 1e-9) & (far + goal <= ground.limit_km * 1.5))
        clear = ground.area.legs_clear(np.broadcast_to(plane[here], (better.size, 2)), plane[better])
        for k in better[clear].tolist():
            best[k] = far[k]
            came[k] = here
            heapq.heappush(heap, (float(far[k] + goal[k]), k))
    return []
