"""What a search works on: the field of sites and candidate points, and one path through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from overflight.planning.coverage import legs_near
from overflight.planning.crossings import EARTH_KM
from overflight.planning.geodesy import earth_centred_km
from overflight.planning.search_area import KeepOut

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

FREE = -1  # number of a waypoint that is no candidate
MOST_REMEMBERED = 200_000_000  # bytes of what legs between candidates observe
MOST_TABLED = 3_000
ROUND_KM = 20.0  # how far corners stand off the forbidden ground, twice over


def arc_km(chord_km: Floats) -> Floats:
    """Length of the arc over a chord of the earth: 1 m off at 500 km, 7 m at 1,000 km."""
    x = np.square(chord_km / EARTH_KM)
    return chord_km * (1 + x / 24 + 3 * x * x / 640 + 5 * x**3 / 7168)


def distances_km(a: Floats, b: Floats) -> Floats:
    """Lengths of the arcs between all points of `a` and all of `b`, earth-centred, km."""
    square = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b)[None, :] - 2 * (a @ b.T)
    return arc_km(np.sqrt(np.maximum(square, 0.0)))


@dataclass
class Field:
    """Sites with values, candidate waypoints, and the forbidden ground, for one search.

    `sites` and `points` are earth-centred, km; `plane` holds the candidates on the
    plane of `area`; candidates 0 and 1 are the start and end airfields and are not
    offered for insertion.
    """

    sites: Floats  # (n, 3)
    values: Floats  # (n,)
    points: Floats  # (m, 3)
    plane: Floats  # (m, 2)
    half_km: float
    limit_km: float
    area: KeepOut
    rows: dict[int, Bools] = field(default_factory=dict)
    clear: dict[int, bool] = field(default_factory=dict)
    table: Floats | None = None
    corners_seen: dict[int, Ints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tree: Any = KDTree(self.sites)  # type: ignore[no-untyped-call]
        near = tree.query_ball_point(self.points, self.half_km, return_sorted=True)
        indptr = np.concatenate(([0], np.cumsum([len(a) for a in near])))
        indices = np.array([site for a in near for site in a], dtype=np.int64)
        shape = (len(self.points), len(self.sites))
        self.around: Any = csr_array((np.ones(len(indices)), indices, indptr), shape=shape)  # type: ignore[no-untyped-call]
        self.table = distances_km(self.points, self.points) if len(self.points) <= MOST_TABLED else None
        self.corners_plane = self.area.corners(ROUND_KM)
        self.corners = earth_centred_km(*self.area.unplane(self.corners_plane))
        self.offered = np.arange(len(self.points)) >= 2

    def distances_from(self, ids: list[int], points: Floats, some: Ints | None = None) -> Floats:
        """Distances of all candidates, or of some, from waypoints, km, shape (candidates, waypoints)."""
        mine = self.points if some is None else self.points[some]
        if self.table is None:
            return distances_km(mine, points)
        out = self.table[:, ids] if some is None else self.table[np.ix_(some, np.array(ids))]
        free = [n for n, i in enumerate(ids) if i < 0]
        if free:
            out[:, free] = distances_km(mine, points[free])
        return out

    def corners_seen_from(self, k: int) -> Ints:
        """The corners of the forbidden ground, of the nearest 60, from which a clear leg leads to candidate `k`."""
        if k not in self.corners_seen:
            near = np.argsort(np.linalg.norm(self.corners - self.points[k], axis=1), kind="stable")[:60]
            clear = self.area.legs_clear(np.broadcast_to(self.plane[k], (near.size, 2)), self.corners_plane[near])
            self.corners_seen[k] = near[clear]
        return self.corners_seen[k]

    def leg_rows(self, ends: list[tuple[int, int]], a: Floats, b: Floats) -> Bools:
        """Which sites each of several legs observes; legs between candidates are remembered."""
        out = np.empty((len(ends), len(self.sites)), dtype=bool)
        missing = []
        for n, (i, j) in enumerate(ends):
            known = self.rows.get(self._key(i, j)) if i >= 0 and j >= 0 else None
            if known is None:
                missing.append(n)
            else:
                out[n] = known
        if missing:
            if len(self.rows) * len(self.sites) > MOST_REMEMBERED:
                self.rows.clear()
            found = legs_near(a[missing], b[missing], self.sites, self.half_km)
            for k, n in enumerate(missing):
                out[n] = found[k]
                i, j = ends[n]
                if i >= 0 and j >= 0:
                    self.rows[self._key(i, j)] = found[k].copy()
        return out

    def legs_clear(self, ends: list[tuple[int, int]], a: Floats, b: Floats) -> Bools:
        """Whether each of several legs (ends on the plane) is clear of the forbidden ground."""
        out = np.ones(len(ends), dtype=bool)
        missing = []
        for n, (i, j) in enumerate(ends):
            known = self.clear.get(self._key(i, j)) if i >= 0 and j >= 0 else None
            if known is None:
                missing.append(n)
            else:
                out[n] = known
        if missing:
            found = self.area.legs_clear(a[missing], b[missing])
            for k, n in enumerate(missing):
                out[n] = found[k]
                i, j = ends[n]
                if i >= 0 and j >= 0:
                    self.clear[self._key(i, j)] = bool(found[k])
        return out

    def forbid(self, i: int, j: int) -> None:
        """Take a leg between two candidates out of the search."""
        self.clear[self._key(i, j)] = False

    def _key(self, i: int, j: int) -> int:
        return (i * len(self.points) + j) if i <= j else (j * len(self.points) + i)


@dataclass
class Path:
    """One path: numbers of its candidates (`FREE` for a shifted point), places, and what each leg observes."""

    ids: list[int]
    points: Floats  # (k, 3)
    plane: Floats  # (k, 2)
    rows: Bools  # (k - 1, sites)
    count: NDArray[np.int32]  # (sites,): by how many legs a site is observed
    lengths: Floats  # (k - 1,)
    value: float

    @classmethod
    def through(cls, ground: Field, ids: list[int], points: Floats, plane: Floats) -> Path:
        """The path through these points, measured."""
        ends = list(pairwise(ids))
        rows = ground.leg_rows(ends, points[:-1], points[1:])
        count = rows.sum(axis=0, dtype=np.int32)
        lengths = arc_km(np.sqrt(np.square(points[1:] - points[:-1]).sum(axis=1)))
        return cls(list(ids), points, plane, rows, count, lengths, float(ground.values[count > 0].sum()))

    @property
    def length_km(self) -> float:
        """Length as the search measures it; the exact one is measured when a plan leaves it."""
        return float(self.lengths.sum())

    def kept(self, ground: Field, keep: Ints) -> Path:
        """The path through only the waypoints numbered in `keep` (both ends among them)."""
        ids = [self.ids[k] for k in keep.tolist()]
        return Path.through(ground, ids, self.points[keep], self.plane[keep])

    def is_clear(self, ground: Field) -> bool:
        """Whether every leg is clear of the forbidden ground."""
        ends = list(pairwise(self.ids))
        return bool(ground.legs_clear(ends, self.plane[:-1], self.plane[1:]).all())

    def inserted(
        self,
        ground: Field,
        at: int,
        number: int,
        point: Floats,
        plane: Floats,
        two: Bools,
        lengths: tuple[float, float],
    ) -> Path:
        """The path with a waypoint after waypoint `at`; `two` are the rows of the two new legs."""
        count = self.count - self.rows[at] + two[0] + two[1]
        return Path(
            [*self.ids[: at + 1], number, *self.ids[at + 1 :]],
            np.concatenate((self.points[: at + 1], point[None, :], self.points[at + 1 :])),
            np.concatenate((self.plane[: at + 1], plane[None, :], self.plane[at + 1 :])),
            np.concatenate((self.rows[:at], two, self.rows[at + 1 :])),
            count,
            np.concatenate((self.lengths[:at], lengths, self.lengths[at + 1 :])),
            float(ground.values[count > 0].sum()),
        )
