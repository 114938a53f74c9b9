"""One chain of the search: a path that is annealed, and the best one that kept the limit.

It begins with the best tour over single points (`orienteering.chain`), which knows of every district within reach,
and anneals it with the swath.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.swath.anneal import anneal
from overflight.planning.swath.path import legal, put_in, recount
from overflight.planning.swath.settle import rest, settle
from overflight.planning.swath.world import (
    AFTER,
    BEFORE,
    CORE,
    FIXED,
    GIVE,
    HOME,
    LENGTH,
    LIMIT,
    MIN_LEG,
    ORIGINAL,
    OTHER,
    PART,
    PLACE,
    RADIUS,
    SHORT,
    SITE,
    SITE_OF,
    TURN,
    VALUE,
    Tables,
)

Floats = NDArray[np.float64]
Order = list[tuple[int, Floats]]  # candidates from start to end, and where each stands

STEPS: Final = 100  # of the compiled loop, in one call
SETTLE_EVERY: Final = 5  # calls
LOOK_EVERY: Final = 10
REST_ROUNDS: Final = 5
MOST_OPENED: Final = 60
COURSES: Final = 12  # of the far side of a triangle
SAME_KM: Final = 1e-6
NEAR_BEST: Final = 0.03
GAIN: Final = (8.0, 0.05)  # of the price, and its most change at once


@dataclass(frozen=True)
class Manner:
    """First and last temperature in mean values of a site, the longest run dropped, and what excess length costs."""

    first: float = 0.5
    last: float = 0.02
    longest: int = 8
    over: float = 1.5

    def at(self, done: float) -> float:
        """Temperature when the share `done` of the run is over."""
        return float(self.first * (self.last / self.first) ** min(max(done, 0.0), 1.0))


class Chain:
    """State of one chain; every choice follows from the world, the seed and the shares of the run handed in."""

    def __init__(self, tables: Tables, first: Order, seed: int, manner: Manner | None = None) -> None:
        self.tables, self.manner = tables, manner or Manner()
        self.f, self.k = tables.f, tables.k
        self.limit = float(self.f[LIMIT])
        self.first = first
        self._rng = np.array([(seed * 2_654_435_761 + 88_172_645) % 4_294_967_295 + 1], dtype=np.int64)
        self._after, self._before = tables.table(AFTER), tables.table(BEFORE)
        self._place, self._part, self._fixed = tables.table(PLACE), tables.table(PART), tables.table(FIXED)
        self._home = tables.table(HOME)
        self.best = np.array([np.inf, -1.0])  # length, value
        self._best_after, self._best_place = self._after.copy(), self._place.ravel().copy()
        self._calls, self._over = 0, 0.0
        value = tables.table(SITE)[:, 4]
        self._mean = float(np.median(value[value > 0])) if (value > 0).any() else 1.0
        self._price = 0.0
        self.opened: Order | None = None
        self.lay(first)

    def lay(self, order: Order, *, remember: bool = True) -> None:
        """Make the path lead through these candidates, from start to end, as they stand."""
        self._after[:] = -1
        self._before[:] = -2
        part = 0
        for n, (v, place) in enumerate(order):
            self._place[v] = place
            self._before[v] = order[n - 1][0] if n else -1
            self._after[v] = order[n + 1][0] if n + 1 < len(order) else -1
            if self._fixed[v] and v > 1:
                part += 1
            self._part[v] = part
        recount(self.f, self.k)
        if remember:
            self._remember()

    def thread(self, tour: list[int]) -> None:
        """Lay the first path and lead it through the candidates of `tour` where that is legal."""
        self.lay(self.opened or self.first)
        last = 0
        for v in tour:
            if self._before[v] != -2:
                continue
            self._place[v] = self._home[v]
            if put_in(self.f, self.k, v, last):
                last = v

    def lead(self, order: Order) -> None:
        """Lead the bare path through these candidates as they stand where that is legal, and keep the limit."""
        self.lay(self.first)
        last = 0
        for v, place in order:
            if self._fixed[v]:
                last = v  # a stop: the bare path comes there already
                continue
            self._place[v] = place
            if put_in(self.f, self.k, v, last):
                last = v
        self._remember()
        self.settle()

    def grow(self) -> None:
        """Fill the path from what it is, looking at every leg: the first plan."""
        if self.k[TURN] == SHORT:
            self._open()
        settle(self.f, self.k, self._rng, self.limit, True, 12)
        self._remember()

    def _open(self) -> None:
        """Begin with the best of some triangles over two candidates.

        Where corners are cut nothing is flown out and back, so that no candidate alone can be put in first.
        """
        site_of, value = self.tables.table(SITE_OF), self.tables.table(SITE)[:, 4]
        rows = np.flatnonzero(site_of[: self.k[ORIGINAL]] >= 0)
        rows = rows[np.argsort(-value[site_of[rows]], kind="stable")][:MOST_OPENED]
        order, most, shortest = self.order(), float(self.f[VALUE]), float(self.f[LENGTH])
        for n, a in enumerate(rows.tolist()):
            for b in rows[:n].tolist():
                way = [*order[:1], (a, self._place[a].copy()), (b, self._place[b].copy()), *order[1:]]
                self.lay(way, remember=False)
                if self.f[VALUE] > most and self.f[LENGTH] <= self.limit and legal(self.f, self.k):
                    self.opened, most, shortest = way, float(self.f[VALUE]), float(self.f[LENGTH])
        for way in self._around(rows):
            self.lay(way, remember=False)
            value, length = float(self.f[VALUE]), float(self.f[LENGTH])
            if (value, -length) > (most, -shortest) and length <= self.limit and legal(self.f, self.k):
                self.opened, most, shortest = way, value, length
        self.lay(self.opened if self.opened is not None else order)

    def _around(self, rows: NDArray[np.int64]) -> Iterator[Order]:
        """Triangles from an airfield and back with one of these candidates' sites in the middle of the far side.

        They stand for the first path, whose own corners may be in the way of legs that are not to be short.
        """
        other, core, give = self.tables.table(OTHER), self.tables.table(CORE), self.tables.table(GIVE)
        start, end = self.first[0], self.first[-1]
        if np.linalg.norm(start[1] - end[1]) > SAME_KM or self._fixed.sum() > 2:
            return
        least = max(0.5 * float(self.f[MIN_LEG]), float(self.f[RADIUS]))
        for v in rows[other[rows] >= 0].tolist():
            up = core[v] / np.linalg.norm(core[v])
            east = np.cross((0.0, 0.0, 1.0), up)
            east /= max(float(np.linalg.norm(east)), SAME_KM)
            for course in np.linspace(0.0, 2 * np.pi, COURSES, endpoint=False):
                along = np.cos(course) * np.cross(up, east) + np.sin(course) * east
                for apart in (1.01 * least, 1.75 * least, 3.0 * least):
                    step = min(apart, 0.99 * float(give[v])) * along
                    lift = np.sqrt(1.0 - step @ step / (core[v] @ core[v]))  # as far from the earth's centre
                    yield [start, (int(other[v]), lift * core[v] - step), (v, lift * core[v] + step), end]

    def settle(self, rounds: int = 4) -> None:
        """Shorten, keep the limit, fill; remember it if it is the best."""
        settle(self.f, self.k, self._rng, self.limit, False, rounds)
        self._remember()

    def rest(self) -> None:
        """Shorten the path as it is, whatever its length, without losing value."""
        rest(self.f, self.k, REST_ROUNDS)

    def begin(self) -> None:
        """Set the price of length from the path as it is."""
        length, value = float(self.f[LENGTH]), float(self.f[VALUE])
        self._price = 0.5 * value / max(length, 1.0)

    def advance(self, done: float, calls: int = 1) -> None:
        """Make the next steps, the share `done` of the run being over."""
        for _ in range(calls):
            over = anneal(
                self.f, self.k, self._rng, self.limit, STEPS, self._mean * self.manner.at(done), self._price,
                self.manner.over, self.manner.longest, self.best, self._best_after, self._best_place,
            )  # fmt: skip
            self._calls += 1
            self._over += over
            if self._calls % SETTLE_EVERY == 0:
                gain, most = GAIN
                change = gain * self._over / SETTLE_EVERY / max(1.0, self.limit)
                self._price *= 1.0 + min(max(change, -most), most)
                self._over = 0.0
                recount(self.f, self.k)
                if self._calls % LOOK_EVERY == 0 and self._promising():
                    self._look()

    def _promising(self) -> bool:
        length, value = float(self.f[LENGTH]), float(self.f[VALUE])
        return bool(value + self._price * min(0.0, self.limit - length) >= (1.0 - NEAR_BEST) * self.best[1])

    def _look(self) -> None:
        """Make a copy that keeps the limit, and remember it if it is the best so far."""
        order = self.order()
        self.settle(2)
        self.lay(order)

    def back_to_best(self) -> None:
        """Go on from the best path so far."""
        self.lay(self.best_order())

    def order(self) -> Order:
        """The path as it is."""
        return _followed(self._after, self._place)

    def best_order(self) -> Order:
        """The best path that kept the limit."""
        return _followed(self._best_after, self._best_place.reshape(-1, 3))

    def _remember(self) -> None:
        length, value = float(self.f[LENGTH]), float(self.f[VALUE])
        if length <= self.limit and (value, -length) > (self.best[1] + 1e-9, -self.best[0]):
            self.best[:] = length, value
            self._best_after[:] = self._after
            self._best_place[:] = self._place.ravel()


def _followed(after: NDArray[np.int64], place: Floats) -> Order:
    out: Order = []
    v = 0
    while v >= 0:
        out.append((v, place[v].copy()))
        v = int(after[v])
    return out
