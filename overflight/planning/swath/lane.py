"""One chain from its first plan to its last, and two of them side by side: on candidates, and beside them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.orienteering import chain as points
from overflight.planning.orienteering.field import Field
from overflight.planning.swath.build import Problem, tables_of
from overflight.planning.swath.chain import Chain, Manner, Order
from overflight.planning.swath.leg_tables import METRES, OutOfTime, Pause, go_on, point_field
from overflight.planning.swath.world import LENGTH, VALUE

# A run is made of cycles: a tour over single points, then annealing from it.
TOUR_SHARE: Final = 0.55  # of a cycle
CYCLE: Final = 3000  # calls; two cycles find more than one of twice the length
MOST_CYCLES: Final = 6
KNOWN_SHARE: Final = 0.05  # of the run, after which its number of calls is known well enough
LOOKS: Final = 5  # parts of a tour's time, after each of which it competes as it is
# A tour that observes less than this share of the best tour, or of the greedy plan, is not annealed.
POOR: Final = 0.95
FROM_POINTS: Final = Manner(first=0.2)  # cool, so as to keep its order
FROM_GREEDY: Final = Manner(first=1.0)
APART: Final = 1_000_003  # between the seeds of two tours
# A waypoint beside its site saves some length: at first taken for this share of the site's half swath, then measured.
SAVED_SHARE: Final = 0.5
MOST_SAVED: Final = 1.0


class Lane:
    """A chain with its schedule: first plan, then cycles of tours over single points and annealing, a last polish."""

    def __init__(self, problem: Problem, first: Order, seed: int, *, free: bool) -> None:
        self.problem, self.seed, self.free = problem, seed, free
        self.tables = tables_of(problem, free=free)
        self.chain = Chain(self.tables, first, seed)
        self.tours: list[Order] = []  # the best over single points, as laid and as settled; each keeps the limit
        self._tours_value = -1.0
        self._saved = SAVED_SHARE if free else 0.0
        self._left = 0.0  # of the limit by the last tour at rest, for each waypoint
        self._points: points.Chain | None = None
        self._laid, self._looks = 0, 0  # tours so far, and looks at this one
        self._greedy, self._calls, self._last = -1.0, 0, 0.0
        self._cycles, self._from, self._annealing = 1, 0.0, False  # how many in the run; when this one began
        self.tour_share = 0.0 if problem.stops else TOUR_SHARE  # of each cycle

    @property
    def value(self) -> float:
        """Value of the best path so far, as searched."""
        return float(self.chain.best[1])

    def advance(self, done: float, calls: int = 1) -> None:
        """Make the next steps, the share `done` of the run being over."""
        if self._greedy < 0.0:
            self._greedy = self.value
        if done < self._last:  # another run begins, for a search of unknown length
            self._calls, self._cycles = 0, 1
            self._begin(0.0)
        self._last = done
        first = self.tour_share
        if self._cycles == 1 and self._from == 0.0 and done >= KNOWN_SHARE and first:
            self._cycles = min(max(1, round(self._calls / done / CYCLE)), MOST_CYCLES)
        self._calls += calls
        share = (done - self._from) * self._cycles
        if share >= 1.0:
            self._begin(done)
            share = 0.0
        if share < first:
            self._tour(share / first, calls)
            return
        if not self._annealing:
            self._warm_up()
        self.chain.advance((share - first) / (1.0 - first), calls)

    def _begin(self, done: float) -> None:
        """Begin a cycle."""
        self._from, self._annealing, self._points = done, False, None

    def _tour(self, done: float, calls: int) -> None:
        """Make the next steps of the tour over single points, and now and then let it compete."""
        if self._points is None:
            self._points = points.Chain(self._field(), self.seed + APART * self._laid)
            self._looks = 0
        for _ in range(calls):
            self._points.advance(done)
        if int(done * LOOKS) > self._looks:
            self._looks = int(done * LOOKS)
            self._follow_points()

    def _follow_points(self) -> tuple[float, Order | None]:
        if self._points is None:
            return -1.0, None
        rows = point_field(self.problem, self.tables)[1]
        return self.follow([int(v) for v in rows[self._points.best] if v > 1])

    def _warm_up(self) -> None:
        """Begin to anneal the tour over single points, or the best path where the tour is a poor one."""
        best = self._tours_value
        value, order = self._follow_points()
        self._laid, self._points = self._laid + 1, None
        if self.free and order is not None and value >= best:
            half = max(float(np.median(self.problem.half_km)), 1e-9)
            self._saved = min(max(0.0, self._saved + self._left / half), MOST_SAVED)
        helps = order is not None and value >= POOR * max(self._tours_value, self._greedy)
        self.chain.lay(order if order is not None and helps else self.chain.best_order())
        self.chain.manner = FROM_POINTS if helps or self._laid > 1 else FROM_GREEDY
        self.chain.begin()
        self._annealing = True

    def _field(self) -> Field:
        field, rows = point_field(self.problem, self.tables)
        if not self._saved:
            return field
        half = self.problem.half_km[np.maximum(self.problem.site_of[rows], 0)]
        half[0] = 0.0
        return _shorter(field, np.rint(self._saved * METRES * half / 2).astype(np.int32))

    def follow(self, tour: list[int]) -> tuple[float, Order | None]:
        """Value and order of the best path along a tour over candidates, either way round, brought to rest.

        It competes, and so does the tour as it was laid: it may observe more at the nominal swath.
        """
        best: tuple[float, Order | None] = (-1.0, None)
        kept: list[Order] = []
        for way in (tour, tour[::-1]):
            self.chain.thread(way)
            self._keep(kept)
            self.chain.rest()
            left = self.chain.limit - float(self.chain.f[LENGTH])
            self.chain.settle()
            if self._keep(kept) and float(self.chain.f[VALUE]) > best[0]:
                best = (float(self.chain.f[VALUE]), self.chain.order())
                self._left = left / max(len(tour), 1)
            if self.problem.closed:
                break
        if best[0] > self._tours_value:
            self._tours_value, self.tours = best[0], kept
        return best

    def _keep(self, kept: list[Order]) -> bool:
        within = bool(self.chain.f[LENGTH] <= self.chain.limit)
        if within:
            kept.append(self.chain.order())
        return within

    def polish(self) -> None:
        """Bring the best path to rest; a tour that was not finished competes."""
        self._follow_points()
        self.chain.back_to_best()
        self.chain.settle(6)

    def take(self, order: Order) -> None:
        """Let a path of the other lane compete, brought to rest here."""
        self.chain.lay(order)
        self.chain.settle(6)


def _shorter(field: Field, give: NDArray[np.int32]) -> Field:
    """A field whose distances are less by what the nodes at both ends give."""
    far = np.maximum(field.far - give[:, None] - give[None, :], 0).astype(np.int32)
    np.fill_diagonal(far, 0)
    return replace(field, far=far)


class Lanes:
    """The search on candidates and the one beside them, each on its own thread; nothing passes between them."""

    def __init__(self, problem: Problem, first: Order, seed: int) -> None:
        self.discrete = Lane(problem, first, 2 * seed, free=False)
        self.shifted = Lane(problem, first, 2 * seed + 1, free=True)
        self.settled = False  # the one on candidates is known to be the best
        self.by_turns = False  # on one core, so that the proof has another
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="swath")

    def first(self) -> None:
        """The first plan, within a few hundredths of a second."""
        self.discrete.chain.grow()
        self.shifted.chain.lay(self.discrete.chain.best_order())
        self.shifted.chain.grow()

    def make_ready(self, pause: Pause = go_on) -> None:
        """Make what tours over single points need, once for both; without it, if there is no time, they are left out.

        Raises
        ------
        OutOfTime
            If `pause` says so.
        """
        if not self.discrete.tour_share:
            return
        try:
            point_field(self.discrete.problem, self.discrete.tables, pause)
        except OutOfTime:
            self.discrete.tour_share = self.shifted.tour_share = 0.0
            raise

    def advance(self, done: float, calls: int = 1) -> None:
        """Make the next steps of both; `make_ready` comes before, once and not in each thread."""
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
            self.discrete.follow([v for v, _ in order if v not in fixed and v < len(self.discrete.problem.points)])
        self.shifted.take(self.discrete.chain.best_order())

    def on_candidates(self) -> list[Order]:
        """Paths over candidates that keep every limit, the best as searched first."""
        return [self.discrete.chain.best_order(), *self.discrete.tours]
