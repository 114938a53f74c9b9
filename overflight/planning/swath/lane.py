"""One chain from its first plan to its last, and two of them side by side: on candidates, and beside them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.orienteering import chain as points
from overflight.planning.orienteering.field import Field
from overflight.planning.orienteering.oplib import Instance
from overflight.planning.swath.build import Problem, forbidden, tables_of
from overflight.planning.swath.chain import Chain, Manner, Order
from overflight.planning.swath.world import LENGTH, VALUE, Tables

POINT_SHARE: Final = 0.5  # of the run, spent on the tour over single points where that helps
LOOK_SHARE: Final = 0.1  # when this is seen
METRES: Final = 1000.0
AROUND: Final = 1.5  # a leg over forbidden ground counts so many times its length
# Where the tour over single points observes more than the greedy plan, sites lie far apart and its order is worth
# keeping.
FROM_POINTS: Final = Manner(first=0.2)
FROM_GREEDY: Final = Manner(first=1.0)


class Lane:
    """A chain with its schedule: first plan, tour over single points, annealing, and a last polish."""

    def __init__(self, problem: Problem, first: Order, seed: int, *, free: bool) -> None:
        self.problem, self.seed, self.free = problem, seed, free
        self.tables = tables_of(problem, free=free)
        self.chain = Chain(self.tables, first, seed)
        self._points: points.Chain | None = None
        self._rows: NDArray[np.int64] | None = None
        self._begun, self._since = False, 0.0
        self._help: bool | None = None
        self.tours: list[Order] = []  # over single points, as they were laid and settled; each keeps the limit

    @property
    def value(self) -> float:
        """Value of the best path so far, as searched."""
        return float(self.chain.best[1])

    def advance(self, done: float, calls: int = 1) -> None:
        """Make the next steps, the share `done` of the run being over."""
        if not self._begun and not self.problem.stops and done < POINT_SHARE and self._points_help(done):
            if self._points is None:
                field, self._rows = point_field(self.problem, self.tables)
                self._points = points.Chain(field, self.seed)
            for _ in range(calls):
                self._points.advance(done / POINT_SHARE)
            return
        if not self._begun:
            self._begun, self._since = True, min(done, POINT_SHARE)
            greedy = self.value
            self.chain.back_to_best()
            if self._points is not None:
                self._from_points()
            self.chain.manner = FROM_POINTS if self._help or self.value > greedy else FROM_GREEDY
            self.chain.begin()
        self.chain.advance((done - self._since) / (1.0 - self._since), calls)

    def _points_help(self, done: float) -> bool:
        """Whether the tour over single points is worth more time: looked at once, early."""
        if done < LOOK_SHARE or self._points is None:
            return True
        if self._help is None:
            greedy = self.value
            self._from_points()
            self._help = self.value > greedy
        return self._help

    def _from_points(self) -> None:
        """Begin with the tour over single points, the way round that observes more."""
        if self._points is None or self._rows is None:
            return
        self.tours.clear()
        best = self.follow([int(v) for v in self._rows[self._points.best] if v > 1])
        self.chain.lay(best if best is not None else self.chain.best_order())

    def follow(self, tour: list[int]) -> Order | None:
        """The best path along a tour over candidates, either way round, brought to rest; None if none keeps the limit.

        It competes, and so does the tour as it was laid: it may observe more at the nominal swath.
        """
        best: tuple[float, Order | None] = (-1.0, None)
        for way in (tour, tour[::-1]):
            self.chain.thread(way)
            self._keep()
            self.chain.settle()
            if self._keep() and float(self.chain.f[VALUE]) > best[0]:
                best = (float(self.chain.f[VALUE]), self.chain.order())
            if self.problem.closed:
                break
        return best[1]

    def _keep(self) -> bool:
        kept = bool(self.chain.f[LENGTH] <= self.chain.limit)
        if kept:
            self.tours.append(self.chain.order())
        return kept

    def polish(self) -> None:
        """Bring the best path to rest."""
        self.chain.back_to_best()
        self.chain.settle(6)

    def take(self, order: Order) -> None:
        """Let a path of the other lane compete, brought to rest here."""
        self.chain.lay(order)
        self.chain.settle(6)


def point_field(problem: Problem, tables: Tables) -> tuple[Field, NDArray[np.int64]]:
    """The problem of the best tour over single sites, and the candidate of each of its nodes; node 0 is the start.

    Start and end become one place: a leg from there is as long as from the middle of both.
    """
    if "points" in problem.kept:
        known: tuple[Field, NDArray[np.int64]] = problem.kept["points"]
        return known
    rows = np.concatenate(([0], np.flatnonzero(problem.site_of >= 0))).astype(np.int64)
    far = _lengths(problem.points[rows])
    far[0] = far[:, 0] = (far[0] + _lengths(problem.points[np.concatenate(([1], rows))])[0, 1:]) / 2
    far[0, 0] = 0.0
    closed = forbidden(problem, tables)
    if closed is not None:
        far = np.where(closed[np.ix_(rows, rows)], far * AROUND + 20.0, far)
    values = np.concatenate(([0.0], problem.values[problem.site_of[rows[1:]]]))
    mean = max(float(values.mean()), 1e-9)
    scores = np.minimum(np.rint(values * 1000.0 / mean), 10**9).astype(np.int64)
    metres = np.rint(far * METRES).astype(np.int32)
    limit = int(problem.rules.limit_km * METRES)
    instance = Instance("sites", "EUC_2D", np.zeros((len(rows), 2)), scores, limit)
    field = Field(instance, np.arange(len(rows), dtype=np.int64), metres, _nearest(metres), scores)
    problem.kept["points"] = field, rows
    return field, rows


def _lengths(places: NDArray[np.float64]) -> NDArray[np.float64]:
    square = np.einsum("ij,ij->i", places, places)
    found = square[:, None] + square[None, :] - 2.0 * (places @ places.T)
    chord = np.sqrt(np.maximum(found, 0.0))
    np.fill_diagonal(chord, 0.0)
    x = np.square(chord / 6371.0)
    out: NDArray[np.float64] = chord * (1 + x / 24 + 3 * x * x / 640)
    return out


def _nearest(far: NDArray[np.int32]) -> NDArray[np.int32]:
    k = min(24, len(far) - 1)
    if k <= 0:
        return np.zeros((len(far), 0), np.int32)
    own = far.copy()
    np.fill_diagonal(own, np.iinfo(np.int32).max)
    some = np.argpartition(own, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(own, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1).astype(np.int32)


class Lanes:
    """The search on candidates and the one beside them, each on its own thread; nothing passes between them."""

    def __init__(self, problem: Problem, first: Order, seed: int) -> None:
        self.discrete = Lane(problem, first, 2 * seed, free=False)
        self.shifted = Lane(problem, first, 2 * seed + 1, free=True)
        self._ready = False
        self.settled = False  # the one on candidates is known to be the best
        self.by_turns = False  # on one core, so that the proof has another
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="swath")

    def first(self) -> None:
        """The first plan, within a few hundredths of a second."""
        self.discrete.chain.grow()
        self.shifted.chain.lay(self.discrete.chain.best_order())
        self.shifted.chain.grow()

    def advance(self, done: float, calls: int = 1) -> None:
        """Make the next steps of both."""
        if not self._ready:  # once, not in each thread
            if not self.discrete.problem.stops:
                point_field(self.discrete.problem, self.discrete.tables)
            self._ready = True
        if self.settled or self.by_turns:
            if not self.settled:
                self.discrete.advance(done, calls)
            self.shifted.advance(done, calls)
            return
        other = self._pool.submit(self.discrete.advance, done, calls)
        try:
            self.shifted.advance(done, calls)
        finally:
            other.result()

    def close(self) -> None:
        """Bring both best paths to rest; the shifted one is then at least as good as the discrete one.

        What the shifted one visits, and its tour over single points, compete on candidates too.
        """
        self._pool.shutdown()
        self.discrete.polish()
        self.shifted.polish()
        fixed = {0, 1, *self.discrete.problem.stops}
        for order in (self.shifted.chain.best_order(), *self.shifted.tours[-1:]):
            self.discrete.follow([v for v, _ in order if v not in fixed])
        self.shifted.take(self.discrete.chain.best_order())

    def on_candidates(self) -> list[Order]:
        """Paths over candidates that keep every limit, the best as searched first."""
        return [self.discrete.chain.best_order(), *self.discrete.tours]
