"""How far each fix lies from the planned path, and the track with no more points than its shape needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from overflight.flight.track_data import Flags, Floats, Ints
from overflight.planning.geodesy import MEAN_RADIUS_KM, Points, distance_to_path_km, lonlat
from overflight.planning.legs import Legs

_PIECE_KM: Final = 40.0  # the path is compared in pieces of this length
_BLOCK: Final = 64  # fixes that are looked at together, at most
_BLOCK_KM: Final = 20.0  # and no more than about so far are flown in them
_FEW: Final = 64
_STRETCH: Final = 256  # fixes that one straight line may draw
_SPARE_KM: Final = 0.1
_SURE_KM: Final = 0.01  # what planes through the Earth's centre may err, and a ten-thousandth of the distance


@dataclass(frozen=True)
class Off:
    """For each of n fixes: kilometres from the path, and kilometres along it to the nearest place; both to metres."""

    km: Floats
    along_km: Floats
    path: Points

    def farthest(self, lons: Floats, lats: Floats, some: Ints | None = None) -> tuple[int, float]:
        """The fix that is farthest from the path, and its exact distance; of all, or of `some`."""
        some = np.arange(self.km.size) if some is None else some
        here = self.km[some]
        most = float(here.max())
        close = some[here >= most - _SURE_KM - 2e-4 * most]
        if close.size > _FEW:
            close = close[np.argsort(-self.km[close], kind="stable")[:_FEW]]
        exact = distance_to_path_km(self.path, lons[close], lats[close])
        n = int(np.argmax(exact))
        return int(close[n]), float(exact[n])


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
    whole = (
        places
        if n == first.size * size
        else np.concatenate([places, np.repeat(places[-1:], first.size * size - n, axis=0)])
    )
    fixes = whole.reshape(first.size, size, 3)
    km, along = np.full((first.size, size), np.inf), np.zeros((first.size, size))
    for k in range(int(rank.max()) + 1):  # the k-th piece that each block may be nearest to
        here = np.flatnonzero(rank == k)
        of, rows = part[here], block[here]
        apart_km, share = arcs.apart(fixes if rows.size == first.size else fixes[rows], of)
        closer = apart_km < km[rows]
        km[rows] = np.where(closer, apart_km, km[rows])
        along[rows] = np.where(closer, since[of][:, None] + share * length[of][:, None], along[rows])
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


class _Arcs:
    """Short arcs of the path, and how far places lie from them on the ground."""

    def __init__(self, start: Floats, end: Floats):
        normal = np.cross(start, end)
        size = np.sqrt((normal * normal).sum(axis=1))
        self.point = size <= 1e-9
        self.start, self.end = start, end
        self.unit = normal / np.maximum(size, 1e-12)[:, None]
        chord = end - start
        squared = np.maximum((chord * chord).sum(axis=1), 1e-18)
        self.ahead = chord / squared[:, None]
        self.base = (start * chord).sum(axis=1) / squared

    def apart(self, places: Floats, arc: Ints) -> tuple[Floats, Floats]:
        """Kilometres of m blocks of places (m, k, 3) from an arc each, and the share of the arc at the nearest."""
        radius = MEAN_RADIUS_KM
        t = np.einsum("mkj,mj->mk", places, self.ahead[arc]) - self.base[arc][:, None]
        sideways = np.abs(np.einsum("mkj,mj->mk", places, self.unit[arc]))
        km = radius * np.arcsin(np.minimum(sideways / radius, 1.0))
        block, fix = np.nonzero((t < 0.0) | (t > 1.0) | self.point[arc][:, None])
        if block.size:
            of = arc[block]
            end = np.where((t[block, fix] > 0.5)[:, None], self.end[of], self.start[of])
            away = places[block, fix] - end
            to_end = np.sqrt(np.einsum("ij,ij->i", away, away))
            km[block, fix] = 2.0 * radius * np.arcsin(np.minimum(to_end / (2.0 * radius), 1.0))
        return np.asarray(km, float), np.clip(t, 0.0, 1.0)


def outline(places: Floats, *, tolerance_km: float) -> Ints:
    """Indices of the fixes, earth-centred (n, 3), that draw a track to within a tolerance.

    Stretches of at most 256 fixes are drawn by their ends; where a fix lies farther off, the stretch is halved.
    """
    n = len(places)
    keep = np.zeros(n, dtype=bool)
    keep[[0, -1]] = True
    since = np.arange(0, n - 1, _STRETCH)
    size = _STRETCH
    while since.size:
        until = np.minimum(since + size, n - 1)
        keep[since] = True
        if size < 2:
            break
        bad = _strays(places, since, until, size, tolerance_km)
        size //= 2
        since = np.concatenate([since[bad], (since[bad] + size)])
        since = since[since < n - 1]
    return np.flatnonzero(keep)


def _strays(places: Floats, since: Ints, until: Ints, size: int, tolerance_km: float) -> Flags:
    """Whether some fix of each stretch lies farther than the tolerance from the line of its ends."""
    a, b = places[since], places[until]
    along = b - a
    reach = np.sqrt((along * along).sum(axis=1))
    normal = np.cross(a, b)
    length = np.sqrt((normal * normal).sum(axis=1))
    flat = (reach < 1e-6) | (length < 1e-6)
    normal /= np.maximum(length, 1e-12)[:, None]
    along /= np.maximum(reach, 1e-12)[:, None]
    inner = np.minimum(since[:, None] + np.arange(1, size), until[:, None])
    point = places[inner]
    off = np.abs(np.einsum("kmj,kj->km", point, normal))
    # beyond the ends of the line, or doubling back, the plane says nothing
    t = np.einsum("kmj,kj->km", point, along) - (a * along).sum(axis=1)[:, None]
    off = np.maximum(off, np.maximum(-t, t - reach[:, None]))
    if flat.any():
        away = point[flat] - a[flat][:, None]
        off[flat] = np.sqrt((away * away).sum(axis=2))
    return np.asarray(off.max(axis=1) > tolerance_km, dtype=bool)
