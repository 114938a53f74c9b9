"""Room that turns take on the legs beside a waypoint, for the two turns that practice names.

*Turn short*: the aircraft leaves the leg before the waypoint and cuts the corner on an arc that touches
both legs.  *Overflight turn*: it crosses the waypoint, turns the shorter way past the next leg's course, and
turns back onto the leg; the two arcs have one radius and no straight between them.  Both are drawn on a
plane, with the planned radius: models of ours, since the treaty gives no turn geometry.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.geodesy import GEOD, Points, lonlat

Floats = NDArray[np.float64]

SHORT: Final = "short"
OVER: Final = "over"


def course_changes_deg(waypoints: Points) -> Floats:
    """By how much the course changes at each inner waypoint, 0 to 180 degrees; shape (n - 2,)."""
    lons, lats = lonlat(waypoints)
    if lons.size < 3:
        return np.zeros(0)
    out, back, _ = (np.asarray(v) for v in GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:]))
    arriving = back[:-1] + 180.0
    return np.asarray(np.abs((out[1:] - arriving + 180.0) % 360.0 - 180.0), dtype=np.float64)


def turn_room_km(turn_deg: Floats, radius_km: float, manner: str) -> tuple[Floats, Floats]:
    """Kilometres of straight leg that a turn uses up before and after its waypoint, each of `turn_deg`'s shape.

    Turning short by 180 degrees has no room on any leg: infinite.
    """
    turn = np.radians(np.asarray(turn_deg, dtype=np.float64))
    if manner == SHORT:
        tangent = np.where(turn >= np.pi - 1e-9, np.inf, radius_km * np.tan(np.minimum(turn, np.pi - 1e-9) / 2))
        tangent = np.where(turn * radius_km <= 0, 0.0, tangent)
        return tangent, tangent
    return np.zeros_like(turn), radius_km * (np.sin(turn) + 2 * np.sin(_past(turn)))


def flown_difference_km(turn_deg: Floats, radius_km: float, manner: str) -> float:
    """By how much the flown track is longer (below 0: shorter) than the straight legs, all turns together."""
    turn = np.radians(np.asarray(turn_deg, dtype=np.float64))
    before, after = turn_room_km(turn_deg, radius_km, manner)
    arc = radius_km * (turn if manner == SHORT else turn + 2 * _past(turn))
    return float((arc - before - after).sum())


def _past(turn: Floats) -> Floats:
    """How far an overflight turn goes past the next leg's course, so that turning back ends on the leg."""
    return np.asarray(np.arccos(np.clip((1 + np.cos(turn)) / 2, -1, 1)), dtype=np.float64)
