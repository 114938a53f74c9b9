"""How far each fix lies from the planned path, and the track with no more points than its shape needs.

Places of fixes are looked at as three rows of x, y and z, (3, n), which a processor reads several at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from overflight.flight.track_data import Floats, Ints
from overflight.planning.crossings import cross
from overflight.planning.geodesy import MEAN_RADIUS_KM, Points, distance_to_path_km, earth_centred_km, lonlat
from overflight.planning.legs import Legs

_PIECE_KM: Final = 100.0  # the path is compared in pieces of this length
_BLOCK: Final = 64  # fixes that are looked at together, at most
_POINT_KM: Final = 1e-6  # arcs no longer than this have no direction that rounding leaves
_BLOCK_KM: Final = 20.0  # and no more than about so far are flown in them
_FEW: Final = 64
_STRETCH: Final = 256  # fixes that one straight line may draw
_TURNS: Final = 8  # so often a stretch is cut at its farthest fix, then in halves
_SHORT_KM: Final = 100.0  # the first two terms of an arc's length stand for it, to a tenth of a millimetre
_SPARE_KM: Final = 0.4  # twice what an arc of that length stands off its chord
_SURE_KM: Final = 0.01  # what planes through the Earth's centre may err, and a ten-thousandth of the distance


@dataclass(frozen=True)
class Off:
    """For each of n fixes: kilometres from the path, and kilometres along it to the nearest place; both to metres."""

    km: Floats
    along_km: Floats
    path: Points

    def farthest(self, lons: Floats, lats: Floats, runs: Sequence[tuple[int, int]]) -> list[tuple[int, float]]:
        """Of each run, from a first to a last fix, the fix that is farthest from the path, and its exact distance."""
        if not runs:
            return []
        few = []
        for first, last in runs:
            here = self.km[first : last + 1]
            most = float(here.max())
            close = first + np.flatnonzero(here >= most - _SURE_KM - 2e-4 * most)
            few.append(close if close.size <= _FEW else close[np.argsort(-self.km[close], kind="stable")[:_FEW]])
        every = np.concatenate(few)
        exact = distance_to_path_km(self.path, lons[every], lats[every])
        ends = np.cumsum([close.size for close in few])
        tops = [
            end - close.size + int(exact[end - close.size : end].argmax())
            for close, end in zip(few, ends.tolist(), strict=True)
        ]
        return [(int(every[top]), float(exact[top])) for top in tops]


def distances_off(path: Points, places: Floats, steps_km: Floats) -> Off:
    """Distance of n fixes, earth-centred (n, 3), from a path of geodesic legs; `steps_km` from fix to fix, (n - 1,).

    Fixes follow each other, so they are compared in blocks: only the pieces of the path that
    can be nearest to some fix of a block are measured for it.
    """
    lons, lats = lonlat(path)
    path = np.column_stack([lons, lats]) if lons.size > 1 else np.repeat(np.column_stack([lons, lats]), 2, axis=0)
    legs = Legs.of(path)
    parts = legs.parts(_PIECE_KM)
    n = len(places)
    flown = np.concatenate([[0.0], np.cumsum(steps_km)])
    size = int(np.clip(_BLOCK_KM * n / max(float(flown[-1]), 1e-9), 4, _BLOCK))
    first = np.arange(0, n, size)
    last = np.minimum(first + size, n) - 1
    middle = (places[first] + places[last]) / 2.0
    # No fix of a block is farther from the middle of its ends than half the way flown in it.
    reach = (flown[last] - flown[first]) / 2.0
    apart = from_chords_km(middle, parts.start, parts.end)
    low = apart.min(axis=1)
    block, part = np.nonzero(apart <= (low + 2.0 * reach + _SPARE_KM + 1e-4 * low)[:, None])
    rank = np.arange(block.size) - np.searchsorted(block, np.arange(first.size))[block]
    since = np.concatenate(([0.0], np.cumsum(legs.km)))[parts.leg] + parts.from_km
    length = parts.to_km - parts.from_km
    arcs = _Arcs(parts.start, parts.end)
    rows = np.empty((3, first.size * size))
    rows[:, :n], rows[:, n:] = places.T, places[-1][:, None]
    fixes = rows.reshape(3, first.size, size)
    km, along = np.full((first.size, size), np.inf), np.zeros((first.size, size))
    for k in range(int(rank.max()) + 1):  # the k-th piece that each block may be nearest to
        here = np.flatnonzero(rank == k)
        of, at = part[here], block[here]
        apart_km, share = arcs.apart(fixes if at.size == first.size else fixes[:, at], of)
        closer = apart_km < km[at]
        km[at] = np.where(closer, apart_km, km[at])
        along[at] = np.where(closer, since[of][:, None] + share * length[of][:, None], along[at])
    return Off(km.ravel()[:n], along.ravel()[:n], path)


def from_chords_km(places: Floats, start: Floats, end: Floats) -> Floats:
    """Distance of m places from k chords, (m, k)."""
    chord = end - start
    squared = np.maximum((chord * chord).sum(axis=1), 1e-18)
    ahead = places @ chord.T - (start * chord).sum(axis=1)
    t = np.clip(ahead / squared, 0.0, 1.0)
    apart = (places * places).sum(axis=1)[:, None] + (start * start).sum(axis=1) - 2.0 * (places @ start.T)
    apart += t * (t * squared - 2.0 * ahead)
    return np.asarray(np.sqrt(np.maximum(apart, 0.0)), float)


def passes_km(lons: Floats, lats: Floats, line: tuple[Floats, Floats], places: Floats, *, beyond_km: float) -> Floats:
    """How near a line of n places came to k others, (k,); exact where that is about `beyond_km` or more.

    `line` holds the longitudes and latitudes of the line's places, and `places` the same earth-centred, (n, 3).
    """
    apart = from_chords_km(earth_centred_km(lons, lats), places[:-1], places[1:])
    near: Floats = apart.min(axis=1)
    far = np.flatnonzero(near > beyond_km * 0.99)
    if not far.size:
        return near
    # An arc lies no farther from its chord than this, nor a great circle from a geodesic.
    sag = np.square(places[1:] - places[:-1]).sum(axis=1) / (7.0 * MEAN_RADIUS_KM)
    at, leg = np.nonzero(apart[far] - sag <= ((apart[far] + sag).min(axis=1) * 1.005 + 0.08)[:, None])
    legs = Legs.between(line[0][leg], line[1][leg], line[0][leg + 1], line[1][leg + 1])
    km, _ = legs.feet(np.arange(leg.size), lons[far[at]], lats[far[at]], legs.km / 2.0)
    near[far] = np.minimum.reduceat(km, np.searchsorted(at, np.arange(far.size)))
    return near


class _Arcs:
    """Short arcs of the path, and how far places lie from them on the ground."""

    def __init__(self, start: Floats, end: Floats):
        normal = np.cross(start, end)
        size = np.sqrt((normal * normal).sum(axis=1))
        self.point = size <= MEAN_RADIUS_KM * _POINT_KM
        self.start, self.end = start, end
        self.unit = (normal / np.maximum(size, 1e-12)[:, None]).T
        chord = end - start
        squared = np.maximum((chord * chord).sum(axis=1), 1e-18)
        self.ahead = (chord / squared[:, None]).T
        self.base = (start * chord).sum(axis=1) / squared

    def apart(self, places: Floats, arc: Ints) -> tuple[Floats, Floats]:
        """Kilometres of m blocks of places (3, m, k) from an arc each, and the share of the arc at the nearest."""
        radius = MEAN_RADIUS_KM
        t = _along(places, self.ahead[:, arc])
        t -= self.base[arc][:, None]
        sideways = np.abs(_along(places, self.unit[:, arc]))
        if float(sideways.max()) < _SHORT_KM:
            km = sideways * (1.0 + np.square(sideways / radius) / 6.0)
        else:
            km = radius * np.arcsin(np.minimum(sideways / radius, 1.0))
        block, fix = np.nonzero((t < 0.0) | (t > 1.0) | self.point[arc][:, None])
        if block.size:
            of = arc[block]
            end = np.where((t[block, fix] > 0.5)[:, None], self.end[of], self.start[of])
            away = places[:, block, fix].T - end
            to_end = np.sqrt(np.einsum("ij,ij->i", away, away))
            km[block, fix] = 2.0 * radius * np.arcsin(np.minimum(to_end / (2.0 * radius), 1.0))
        return np.asarray(km, float), np.clip(t, 0.0, 1.0)


def outline(places: Floats, *, tolerance_km: float) -> Ints:
    """Indices of the fixes, earth-centred (n, 3), that draw a track to within a tolerance.

    Stretches of at most 256 fixes are drawn by their ends; where a fix lies farther off, the stretch is cut at the
    farthest, which in most tracks is where they turn.
    """
    n = len(places)
    rows = np.ascontiguousarray(places.T)
    keep = np.zeros(n, dtype=bool)
    keep[[0, -1]] = True
    since = np.arange(0, n - 1, _STRETCH)
    until = np.minimum(since + _STRETCH, n - 1)
    turns = 0
    while since.size:
        keep[since] = True
        inner = until - since > 1
        since, until, cut = _strays(rows, since[inner], until[inner], tolerance_km)
        if turns >= _TURNS:
            cut = (since + until) // 2
        since, until, turns = np.concatenate([since, cut]), np.concatenate([cut, until]), turns + 1
    return np.flatnonzero(keep)


def _strays(rows: Floats, since: Ints, until: Ints, tolerance_km: float) -> tuple[Ints, Ints, Ints]:
    """The stretches of which some fix lies farther than the tolerance from the line of its ends, and the farthest."""
    if not since.size:
        return since, until, until
    a, b = rows[:, since], rows[:, until]
    along = b - a
    reach = np.sqrt((along * along).sum(axis=0))
    normal = cross(a.T, b.T).T
    length = np.sqrt((normal * normal).sum(axis=0))
    flat = (reach < 1e-6) | (length < 1e-6)
    normal /= np.maximum(length, 1e-12)
    along /= np.maximum(reach, 1e-12)
    inner = np.minimum(since[:, None] + np.arange(1, int((until - since).max())), until[:, None])
    point = rows[:, inner]
    # beyond the ends of the line, or doubling back, the plane says nothing
    beyond = _along(point, along)
    beyond -= (a * along).sum(axis=0)[:, None]
    np.maximum(-beyond, beyond - reach[:, None], out=beyond)
    np.maximum(beyond, 0.0, out=beyond)
    squared = np.square(_along(point, normal))
    squared += np.square(beyond)
    if flat.any():
        away = point[:, flat] - a[:, flat][:, :, None]
        squared[flat] = (away * away).sum(axis=0)
    farthest = squared.argmax(axis=1)
    bad = squared[np.arange(since.size), farthest] > tolerance_km**2
    return since[bad], until[bad], inner[bad, farthest[bad]]


def _along(places: Floats, directions: Floats) -> Floats:
    """Products of m blocks of places (3, m, k) with a direction each (3, m)."""
    out: Floats = places[0] * directions[0][:, None]
    out += places[1] * directions[1][:, None]
    out += places[2] * directions[2][:, None]
    return out


def along_ground_km(chords_km: Floats) -> Floats:
    """Lengths on the ground of chords of at most some tens of kilometres between places on it, to a millimetre."""
    return np.asarray(chords_km * (1.0 + np.square(chords_km / MEAN_RADIUS_KM) / 24.0), float)
