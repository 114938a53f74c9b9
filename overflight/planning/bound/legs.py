"""All legs that a path may fly, and the sites that each observes from its inside: listed once, in compiled loops."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.bound.problem import ACROSS_SPARE, ROUNDING_KM, Bools, Discrete, Floats, shortest_km
from overflight.planning.orienteering.compiled import COMPILED, compiled
from overflight.terms.words import say

Array = Any
Ints = NDArray[np.int64]
# Tables of 3,000 by 3,000 and 60 million sites seen take some 700 MB together.
MOST_NODES: Final = 3_000
MOST_SEEN: Final = 60_000_000
MOST_NODES_PLAIN: Final = 400  # where the loops are not compiled


class TooLarge(Exception):
    """More than the programme can hold; the message says what."""


@compiled
def _wedge(a: Array, half: float, site: Array, most: float) -> float:
    """Angle seen from `a`, either side of a site, within which a leg may pass it; above pi if any may."""
    size = math.sqrt(site[0] ** 2 + site[1] ** 2 + site[2] ** 2)
    base = math.sqrt(a[0] ** 2 + a[1] ** 2 + a[2] ** 2)
    cosine = (a[0] * site[0] + a[1] * site[1] + a[2] * site[2]) / (size * base)
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    along = size * math.acos(max(-1.0, min(1.0, cosine)))
    spare = 8e-8 * 4.0 * along * most + 1e-3
    across = size * sine
    if across <= 1.01 * (half + spare):
        return 4.0
    return 1.02 * math.asin((half + spare) / across) + 1e-6


@compiled
def _passes(a: Array, b: Array, site: Array, half: float, spare: float) -> bool:
    """Whether the leg from `a` to `b` passes the site within `half` with its foot between the ends, or nearly."""
    n0 = a[1] * b[2] - a[2] * b[1]
    n1 = a[2] * b[0] - a[0] * b[2]
    n2 = a[0] * b[1] - a[1] * b[0]
    size = math.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
    if size < 1e-6:
        return False
    n0, n1, n2 = n0 / size, n1 / size, n2 / size
    chord = math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)
    from_a = math.sqrt((a[0] - site[0]) ** 2 + (a[1] - site[1]) ** 2 + (a[2] - site[2]) ** 2)
    rest = max(chord - from_a, 0.0) + half
    # The plane through places a metre apart is good to 1e-5 km.
    wide = half + spare * 4.0 * min(from_a, 1.1 * chord) * min(rest, 1.1 * chord) + 1e-5
    if abs(n0 * site[0] + n1 * site[1] + n2 * site[2]) > wide:
        return False
    slack = 1e-3 * wide * 6400.0
    # (n x a) . site and (b x n) . site
    ahead = (n1 * a[2] - n2 * a[1]) * site[0] + (n2 * a[0] - n0 * a[2]) * site[1] + (n0 * a[1] - n1 * a[0]) * site[2]
    if ahead < -slack:
        return False
    behind = (b[1] * n2 - b[2] * n1) * site[0] + (b[2] * n0 - b[0] * n2) * site[1] + (b[0] * n1 - b[1] * n0) * site[2]
    return bool(behind >= -slack)


@compiled
def _cover(
    i: int,
    points: Array,
    sites: Array,
    half: Array,
    near: Array,
    ends: Array,
    most: float,
    spare: float,
    out: Array,
    count: Array,
) -> Any:
    """The sites that each leg from candidate i to `ends` observes and neither end does, one leg behind the other.

    ``near[i, s]`` tells whether candidate i observes site s; `count` becomes how many sites each leg has.
    """
    some = len(ends)
    a = points[i]
    size = math.sqrt(a[0] ** 2 + a[1] ** 2 + a[2] ** 2)
    u0, u1, u2 = a[0] / size, a[1] / size, a[2] / size
    # Two directions on the plane that touches the earth at a
    if abs(u2) < 0.9:
        e0, e1, e2 = -u1, u0, 0.0
    else:
        e0, e1, e2 = 0.0, -u2, u1
    length = math.sqrt(e0 * e0 + e1 * e1 + e2 * e2)
    e0, e1, e2 = e0 / length, e1 / length, e2 / length
    f0, f1, f2 = u1 * e2 - u2 * e1, u2 * e0 - u0 * e2, u0 * e1 - u1 * e0
    angle = np.empty(some)
    for k in range(some):
        j = ends[k]
        angle[k] = math.atan2(
            points[j, 0] * f0 + points[j, 1] * f1 + points[j, 2] * f2,
            points[j, 0] * e0 + points[j, 1] * e1 + points[j, 2] * e2,
        )
    by = np.argsort(angle)
    turned = angle[by]
    leg = np.empty(1024, dtype=np.int32)
    seen = np.empty(1024, dtype=np.int32)
    total = 0
    count[:] = 0
    for s in range(len(sites)):
        if near[i, s]:
            continue
        wide = _wedge(a, half[s], sites[s], most)
        at = math.atan2(
            sites[s, 0] * f0 + sites[s, 1] * f1 + sites[s, 2] * f2,
            sites[s, 0] * e0 + sites[s, 1] * e1 + sites[s, 2] * e2,
        )
        first = 0
        if wide < 3.0:
            low = at - wide
            if low < -math.pi:
                low += 2.0 * math.pi
            first = int(np.searchsorted(turned, low))
        for k in range(some):
            place = first + k
            if place >= some:
                place -= some
            if wide < 3.0:
                off = turned[place] - at
                if off > math.pi:
                    off -= 2.0 * math.pi
                elif off < -math.pi:
                    off += 2.0 * math.pi
                if abs(off) > wide:
                    break
            j = ends[by[place]]
            if near[j, s] or not _passes(a, points[j], sites[s], half[s], spare):
                continue
            if total == len(leg):
                leg = np.concatenate((leg, np.empty(total, dtype=np.int32)))
                seen = np.concatenate((seen, np.empty(total, dtype=np.int32)))
            leg[total], seen[total] = by[place], s
            count[by[place]] += 1
            total += 1
    start = np.zeros(some + 1, dtype=np.int64)
    for k in range(some):
        start[k + 1] = start[k] + count[k]
    found = np.empty(total, dtype=out.dtype)
    for k in range(total):
        found[start[leg[k]]] = seen[k]
        start[leg[k]] += 1
    return found


@dataclass
class Legs:
    """Nodes, legs and what they observe, numbered from 0.

    Nodes 0 and, unless the path is closed, 1 are the airfields.  ``start[k]:start[k + 1]`` of `sees` are the sites that
    leg k observes and neither of its ends does; ``near[i, s]`` are those that node i observes.
    """

    problem: Discrete
    closed: bool
    nodes: Ints  # rows of the problem's points
    sites: Ints  # rows of the problem's sites
    ends: NDArray[np.int32]  # (legs, 2), the lower node first
    km: Floats  # (legs,), never above the geodesic
    start: Ints
    sees: NDArray[Any]  # the smallest whole numbers that do
    near: Bools  # (nodes, sites)
    inside_km: tuple[Floats, ...]  # per sub-limit, (legs,)
    straight_km: float  # from the start to the end
    away_km: Floats  # (nodes,): from the start to one and from another to the end is at least the sum of theirs

    @property
    def bases(self) -> int:
        """How many of the first nodes are airfields: 1 if the path is closed, else 2."""
        return 1 if self.closed else 2

    @classmethod
    def of(cls, problem: Discrete) -> Legs:
        """The legs of paths that keep the limits, over the candidates that such paths reach."""
        closed = problem.closed
        points = problem.points
        most = problem.limit_km + ROUNDING_KM
        from_start, to_end = shortest_km(points[:1], points)[0], shortest_km(points[1:2], points)[0]
        kept = from_start + to_end <= most
        kept[:2] = (True, not closed)
        nodes = np.flatnonzero(kept)
        if len(nodes) > (MOST_NODES if COMPILED else MOST_NODES_PLAIN):
            raise TooLarge(say("{n} candidates are within reach, too many for the bound's programme", n=len(nodes)))
        far = shortest_km(points[nodes], points[nodes])
        there, back = from_start[nodes], to_end[nodes]
        bases = 1 if closed else 2
        there[0] = 0.0
        apart = 0.0 if closed else float(there[1])
        if closed:
            back[0] = 0.0
        else:
            back[1] = 0.0
        via = np.minimum(there[:, None] + back[None, :], back[:, None] + there[None, :]) + far
        if not closed:  # nothing leads back to the start, and nothing on from the end
            via[0, :] = far[0] + back
            via[1, :] = far[1] + there
            via[:, :2] = via[:2, :].T
        allowed = via <= most
        if problem.forbidden is not None:
            closed_legs = problem.forbidden | problem.forbidden.T
            if closed:  # a path may end at row 1, which is the same place
                closed_legs = closed_legs.copy()
                closed_legs[0] &= closed_legs[1]
                closed_legs[:, 0] = closed_legs[0]
            allowed &= ~closed_legs[np.ix_(nodes, nodes)]
        inner = []
        for table, limit in problem.sub_limits:
            inside = np.minimum(table, table.T)
            if closed:
                inside[0] = np.minimum(inside[0], inside[1])
                inside[:, 0] = inside[0]
            inside = np.maximum(inside[np.ix_(nodes, nodes)] - ROUNDING_KM, 0.0)
            allowed &= inside <= limit
            inner.append(inside)
        allowed[:bases, :bases] = False
        one, two = np.nonzero(np.triu(allowed, 1))
        near_all = _near(problem, points[nodes])
        if closed:
            near_all[0] |= _near(problem, points[1:2])[0]
        sites = np.flatnonzero(problem.values > 0)
        near = np.ascontiguousarray(near_all[:, sites])
        km = far[one, two]
        inside_km = tuple(table[one, two] for table in inner)
        del far, via, allowed, inner
        start, sees = _covered(
            problem, points[nodes], sites, near, one, two.astype(np.int32), float(km.max(initial=0.0))
        )
        return cls(
            problem=problem,
            closed=closed,
            nodes=nodes,
            sites=sites,
            ends=np.stack([one, two], axis=1).astype(np.int32),
            km=km,
            start=start,
            sees=sees,
            near=near,
            inside_km=inside_km,
            straight_km=apart,
            away_km=(there + back - apart) / 2.0,
        )

    def __len__(self) -> int:
        return len(self.km)

    def only(self, keep: Bools) -> Legs:
        """The marked legs alone, numbered anew; shape (legs,)."""
        count = np.diff(self.start)
        return replace(
            self,
            ends=self.ends[keep],
            km=self.km[keep],
            start=np.concatenate([[0], np.cumsum(count[keep])]),
            sees=self.sees[np.repeat(keep, count)],
            inside_km=tuple(table[keep] for table in self.inside_km),
        )


def _covered(
    problem: Discrete, points: Floats, sites: Ints, near: Bools, one: Ints, two: NDArray[np.int32], longest: float
) -> tuple[Ints, NDArray[Any]]:
    """Where the sites of each leg begin, and the sites; legs are in the order of their first end."""
    kind = np.uint16 if len(sites) <= np.iinfo(np.uint16).max else np.int32
    empty = np.empty(0, dtype=kind)
    count = np.zeros(len(one), dtype=np.int32)
    found, total = [empty], 0
    places, half = problem.sites[sites], problem.half_km[sites]
    first = np.searchsorted(one, np.arange(len(points) + 1))
    for i in range(len(points)):
        low, high = first[i], first[i + 1]
        if low == high:
            continue
        given = (i, points, places, half, near, two[low:high], longest, ACROSS_SPARE, empty, count[low:high])
        found.append(_cover(*given))
        total += len(found[-1])
        if total > MOST_SEEN:
            raise TooLarge(say("legs observe too many sites for the memory that the bound may take"))
    return np.concatenate([[0], np.cumsum(count, dtype=np.int64)]), np.concatenate(found)


def covers(problem: Discrete, a: Floats, b: Floats) -> Bools:
    """Which sites the leg from `a` to `b` observes from its inside, a little generously."""
    rows = zip(problem.sites, problem.half_km.tolist(), strict=True)
    return np.array([bool(_passes(a, b, site, half, ACROSS_SPARE)) for site, half in rows], dtype=bool)


def _near(problem: Discrete, points: Floats) -> Bools:
    """Whether each of some points observes each site, a little generously."""
    square = (
        np.einsum("ij,ij->i", points, points)[:, None]
        + np.einsum("ij,ij->i", problem.sites, problem.sites)[None, :]
        - 2.0 * (points @ problem.sites.T)
    )
    return np.asarray(square <= np.square(problem.half_km + ROUNDING_KM)[None, :] + 1e-6, dtype=np.bool_)
