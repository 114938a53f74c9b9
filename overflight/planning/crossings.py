"""Where a path meets itself, and where it circles (VI.II.4.G).

Both tests look at the declared legs only.  Around take-off and landing, that is
within `EXEMPT_KM` of either end of the path, nothing counts (VI.II.4.G.3).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.planning.borderlines import segments_apart
from overflight.rules.path_facts import CLOSED_LOOP_DEG, WHOLE_TURN_DEG, Circling, Crossing
from overflight.terms.plan import Waypoint

Floats = NDArray[np.float64]
Meeting = tuple[float, float, float, float, int, int]

EARTH_KM = 6371.0
E2 = 0.0066943799901413165  # of WGS84
# Conventions of this software; the treaty gives no number for any of them.
EXEMPT_KM = 10.0  # take-off and landing
SAME_POINT_KM = 0.2  # passes this near each other meet at the same point
CIRCLE_RADIUS_KM = 10.0  # turns inside such a circle are turns around one point
ROUNDED_DEG = 0.5  # turns are told in whole degrees
MOST_MEETINGS = 50_000  # a path that meets itself more often is not looked through
FEW_LEGS = 150
WIDEST_DEG = 75.0  # a gnomonic plane reaches no farther


def unit_vectors(lons: Floats, lats: Floats) -> Floats:
    """Earth-centred directions of points on WGS84, shape (n, 3), each of length 1."""
    lam = np.radians(lons)
    beta = np.arctan((1 - E2) * np.tan(np.radians(lats)))
    cos = np.cos(beta)
    return np.column_stack((cos * np.cos(lam), cos * np.sin(lam), np.sin(beta)))


def gnomonic(units: Floats, centre: Floats | None = None) -> tuple[Floats, Floats] | None:
    """Directions on a plane where legs are straight, in km at the centre; None if they span too much.

    Returns the plane's coordinates, shape (n, 2), and the centre direction that was used.
    """
    if centre is None:
        middle = units.mean(axis=0)
        length = float(np.linalg.norm(middle))
        if length < 0.2:
            return None
        centre = middle / length
    height = units @ centre
    if float(height.min()) < np.cos(np.radians(WIDEST_DEG)):
        return None
    east, north = axes(centre)
    plane = np.column_stack((units @ east, units @ north)) / height[:, None] * EARTH_KM
    return plane, centre


def axes(centre: Floats) -> tuple[Floats, Floats]:
    """The directions of the plane's two axes at its centre."""
    pole = np.array([0.0, 0.0, 1.0]) if abs(centre[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    east = cross(pole, centre)
    east /= np.linalg.norm(east)
    return east, cross(centre, east)


def cross(a: Floats, b: Floats) -> Floats:
    """Cross products of vectors, shapes (3,) or (n, 3); those of `numpy.cross`, at a fifth of its cost."""
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    for x, y, z in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        out[..., x] = a[..., y] * b[..., z] - a[..., z] * b[..., y]
    return out


@dataclass(frozen=True)
class Met:
    """The path on a plane, the kilometres at which its points lie, and where legs that are no neighbours meet."""

    units: Floats
    plane: Floats
    starts: Floats
    meets: list[Meeting]


def meet(waypoints: Sequence[Waypoint], lengths_km: Floats) -> Met | None:
    """Where a path meets itself; None if it spans too much of the globe, or meets itself too often."""
    units = _units(waypoints)
    found = gnomonic(units)
    if found is None:
        return None
    plane = found[0]
    starts = np.concatenate(([0.0], np.cumsum(lengths_km)))
    pairs = _pairs(plane, lengths_km)
    return None if pairs is None else Met(units, plane, starts, _meetings(plane, starts, *pairs))


def crossings(waypoints: Sequence[Waypoint], lengths_km: Floats, met: Met | None = None) -> tuple[Crossing, ...] | None:
    """Every point that the path passes at least twice, take-off and landing left out.

    Parameters
    ----------
    waypoints : sequence of Waypoint
        In flown order.
    lengths_km : array, shape (legs,)
        Length of each leg.
    met : Met, optional
        What `meet` answered, where that is known already.

    Returns
    -------
    tuple of Crossing, or None
        None if the path spans more of the globe than one plane can show, or meets itself
        too often to be looked through.
    """
    met = met or meet(waypoints, lengths_km)
    return None if met is None else tuple(_clusters(met.meets, met.units, met.plane))


def _pairs(plane: Floats, lengths_km: Floats) -> tuple[Any, Any] | None:
    """The pairs of legs that meet; None if there are too many to look through.

    Neighbours share their point and are left out, and so are legs without length.
    """
    real = np.flatnonzero(lengths_km > 1e-6)
    if len(real) <= FEW_LEGS:
        return _few_pairs(plane, real)
    lines = _lines(plane, real)
    tree = shapely.STRtree(lines)
    found: list[Any] = []
    many = 0
    for start in range(0, len(real), 100):
        first, second = tree.query(lines[start : start + 100], predicate="dwithin", distance=SAME_POINT_KM / 2)
        first, second = real[start + first], real[second]
        keep = second > first + 1
        found.append((first[keep], second[keep]))
        many += int(keep.sum())
        if many > MOST_MEETINGS:
            return None
    return np.concatenate([f for f, _ in found]), np.concatenate([s for _, s in found])


def _lines(plane: Floats, legs: Any) -> Any:
    return shapely.linestrings(np.stack((plane[legs], plane[legs + 1]), axis=1))


def _few_pairs(plane: Floats, real: Any) -> tuple[Any, Any]:
    """The pairs of few legs that meet, all with all: quicker than a tree of them."""
    reach = SAME_POINT_KM / 2
    start, end = plane[real], plane[real + 1]
    low, high = (np.minimum(start, end) - reach).T, (np.maximum(start, end) + reach).T
    apart = (low[0][:, None] > high[0]) | (low[1][:, None] > high[1])
    first, second = np.nonzero(~(apart | apart.T) & (real > real[:, None] + 1))
    meets = segments_apart(start[first], end[first], start[second], end[second]).km <= reach
    return real[first[meets]], real[second[meets]]


def _meetings(plane: Floats, starts: Floats, first: Any, second: Any) -> list[Meeting]:
    """Where each pair of legs meets on the plane and the km along the path at which each passes."""
    if not first.size:
        return []
    apart = segments_apart(plane[first], plane[first + 1], plane[second], plane[second + 1])
    total = float(starts[-1])
    at_first = starts[first] + apart.on_leg * (starts[first + 1] - starts[first])
    at_second = starts[second] + apart.on_piece * (starts[second + 1] - starts[second])
    keep = (at_second - at_first > 4 * SAME_POINT_KM) & (at_first > EXEMPT_KM) & (at_second < total - EXEMPT_KM)
    x, y = (plane[first] + apart.on_leg[:, None] * (plane[first + 1] - plane[first])).T
    columns = (x, y, at_first, at_second, first, second)
    return [
        (float(x), float(y), float(s), float(t), int(i), int(j))
        for x, y, s, t, i, j in zip(*(c[keep].tolist() for c in columns), strict=True)
    ]


def _units(waypoints: Sequence[Waypoint]) -> Floats:
    return unit_vectors(np.array([w.lon_deg for w in waypoints]), np.array([w.lat_deg for w in waypoints]))


def _clusters(meets: list[Meeting], units: Floats, plane: Floats) -> list[Crossing]:
    """Meetings at the same point joined; passes are counted along the path."""
    out: list[Crossing] = []
    left = sorted(meets)
    while left:
        x, y = left[0][0], left[0][1]
        here = [m for m in left if np.hypot(m[0] - x, m[1] - y) <= 2 * SAME_POINT_KM]
        left = [m for m in left if m not in here]
        along = sorted({km for m in here for km in (m[2], m[3])})
        passes = 1 + sum(1 for before, after in itertools.pairwise(along) if after - before > 4 * SAME_POINT_KM)
        legs = tuple(sorted({leg + 1 for m in here for leg in (m[4], m[5])}))
        lon, lat = _place(units, plane, here[0][4], x, y)
        out.append(Crossing(passes, lon, lat, legs, within_km=SAME_POINT_KM))
    return out


def _place(units: Floats, plane: Floats, leg: int, x: float, y: float) -> tuple[float, float]:
    a, b = plane[leg], plane[leg + 1]
    length = float(np.hypot(*(b - a)))
    share = float(np.hypot(x - a[0], y - a[1])) / length if length else 0.0
    middle = units[leg] * (1 - share) + units[leg + 1] * share
    lat = np.degrees(np.arctan2(middle[2], np.hypot(middle[0], middle[1])))
    return float(np.degrees(np.arctan2(middle[1], middle[0]))), float(
        np.degrees(np.arctan(np.tan(np.radians(lat)) / (1 - E2)))
    )


def circling(waypoints: Sequence[Waypoint], lengths_km: Floats, met: Met | None = None) -> Circling | None:
    """The first place where the path circles, or None.

    Two things count, if all points concerned lie within `CIRCLE_RADIUS_KM` of their middle and
    are no part of take-off or landing: turns at consecutive declared points that add up, with
    their sign, to `WHOLE_TURN_DEG`; and a loop that closes on itself after turning `CLOSED_LOOP_DEG` or more.
    Turns are taken in whole degrees.
    """
    if len(waypoints) < 4:
        return None
    met = met or meet(waypoints, lengths_km)
    units = met.units if met else _units(waypoints)
    starts = np.concatenate(([0.0], np.cumsum(lengths_km)))
    inside = (starts > EXEMPT_KM) & (starts < starts[-1] - EXEMPT_KM)
    turns = np.concatenate(([0.0], np.where(inside[1:-1], _turns(units, lengths_km), 0.0), [0.0]))
    total = np.concatenate(([0.0], np.cumsum(turns)))  # total[k]: of the points before k
    return _spiral(waypoints, units, inside, total) or _loop(waypoints, units, inside, total, met)


def _spiral(waypoints: Sequence[Waypoint], units: Floats, inside: Any, total: Floats) -> Circling | None:
    # One turn is at most half a circle: the next point, too, must be near enough for a full one.
    steps = np.linalg.norm(units[1:] - units[:-1], axis=1) * EARTH_KM <= 2 * CIRCLE_RADIUS_KM
    for a in np.flatnonzero(inside[:-1] & steps).tolist():
        beyond = np.flatnonzero(np.linalg.norm(units[a:] - units[a], axis=1) * EARTH_KM > 2 * CIRCLE_RADIUS_KM)
        b = a + int(beyond[0]) if beyond.size else len(units)
        sums = np.abs(total[a + 1 : b + 1] - total[a])
        reached = np.flatnonzero(sums >= WHOLE_TURN_DEG - ROUNDED_DEG)
        if reached.size:
            last = a + int(reached[0])
            radius = _radius_km(units[a : last + 1])
            if radius <= CIRCLE_RADIUS_KM:
                return _circle(waypoints, a, last, float(sums[reached[0]]), radius)
    return None


def _loop(waypoints: Sequence[Waypoint], units: Floats, inside: Any, total: Floats, met: Met | None) -> Circling | None:
    if met is None:
        return None
    starts = met.starts
    for _, _, _, _, i, j in met.meets:
        if starts[j] - starts[i + 1] > 2 * np.pi * CIRCLE_RADIUS_KM or not inside[i + 1 : j + 1].all():
            continue
        turned = abs(float(total[j + 1] - total[i + 1]))
        radius = _radius_km(units[i + 1 : j + 1])
        if turned >= CLOSED_LOOP_DEG - ROUNDED_DEG and radius <= CIRCLE_RADIUS_KM:
            return _circle(waypoints, i + 1, j, turned, radius, closed=True)
    return None


def _radius_km(units: Floats) -> float:
    return float(np.linalg.norm(units - units.mean(axis=0), axis=1).max()) * EARTH_KM


def _circle(
    waypoints: Sequence[Waypoint], first: int, last: int, turned: float, radius_km: float, *, closed: bool = False
) -> Circling:
    """Circling at the waypoints `first` to `last` (from 0), with the legs that arrive there and leave."""
    w = waypoints[first]
    return Circling(turned, radius_km, w.lon_deg, w.lat_deg, tuple(range(max(first, 1), last + 2)), closed)


def _turns(units: Floats, lengths_km: Floats) -> Floats:
    """Signed turn at each inner point, degrees, right-hand positive; a point without movement has none."""
    a, b, c = units[:-2], units[1:-1], units[2:]
    came, goes = cross(cross(a, b), b), cross(cross(b, c), b)
    sine = np.einsum("ij,ij->i", cross(came, goes), b)
    cosine = np.einsum("ij,ij->i", came, goes)
    still = (lengths_km[:-1] < 1e-6) | (lengths_km[1:] < 1e-6)
    turn: Floats = np.where(still, 0.0, -np.degrees(np.arctan2(sine, cosine)))
    return turn
