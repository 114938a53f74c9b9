"""Which parts of a path lie inside a region, in kilometres along the path."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.planning.geodesy import Points, densify

Floats = NDArray[np.float64]

# A leg is followed in parts of this length: its geodesic leaves each part's straight line in
# longitude and latitude by less than two metres up to 75 degrees of latitude.
STEP_KM: Final = 2.0


def stretches_inside(waypoints: Points, shape: Any) -> tuple[tuple[float, float], ...]:
    """(from_km, to_km) of each stretch of the path inside `shape` (longitude and latitude, cut at 180 degrees).

    Neighbouring stretches are joined; where the path only touches the shape there is none.
    """
    lons, lats, km, _ = densify(waypoints, STEP_KM)
    if lons.size < 2:
        return ()
    # The shape is moved to the path, not the path to the shape: a part may step over 180 degrees.
    lons = np.degrees(np.unwrap(np.radians(lons)))
    found: list[tuple[float, float]] = []
    for turn in (-360.0, 0.0, 360.0):
        west, south, east, north = shapely.bounds(shape)
        beside = (lons.min() > east + turn) or (lons.max() < west + turn)
        if beside or lats.min() > north or lats.max() < south:
            continue
        moved = shapely.transform(shape, lambda at, by=turn: at + np.array([by, 0.0])) if turn else shape
        shapely.prepare(moved)
        parts = shapely.linestrings(
            np.stack((np.column_stack((lons, lats))[:-1], np.column_stack((lons, lats))[1:]), 1)
        )
        met = np.flatnonzero(shapely.intersects(moved, parts))
        whole = shapely.contains_properly(moved, parts[met])
        for n, all_of_it in zip(met.tolist(), whole.tolist(), strict=True):
            begins, length = float(km[n]), float(km[n + 1] - km[n])
            if all_of_it:
                found.append((begins, begins + length))
            else:
                found += [(begins + a * length, begins + b * length) for a, b in _shares(moved, parts[n])]
    return _joined(found)


def _shares(shape: Any, part: Any) -> list[tuple[float, float]]:
    """Which shares (0 to 1) of a short straight part lie inside."""
    length = shapely.length(part)
    if length <= 0:
        return []
    out = []
    for piece in shapely.get_parts(shapely.intersection(shape, part)):
        if shapely.get_type_id(piece) != 1:
            continue  # a touch
        along = shapely.line_locate_point(part, shapely.points(shapely.get_coordinates(piece)[[0, -1]])) / length
        out.append((float(along.min()), float(along.max())))
    return out


def _joined(found: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    out: list[tuple[float, float]] = []
    for a, b in sorted(found):
        if out and a - out[-1][1] < 1e-6:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        elif b > a:
            out.append((a, b))
    return tuple(out)
