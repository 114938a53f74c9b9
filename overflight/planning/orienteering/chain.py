"""One chain of the search: it starts from a tour over everything within reach and anneals it down to the limit.

The tour over everything is longer than the limit; for the first part of the run the limit comes down to the real one
while the price of length goes up, so that whole districts leave the tour while it is still warm.  A tour grown from
the start outwards was up to 7 % worse on the published instances, for it never learns of far districts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.orienteering.district import relocate
from overflight.planning.orienteering.field import Field
from overflight.planning.orienteering.finish import ring_to_tour, settle, shorten_all, tour_to_ring
from overflight.planning.orienteering.ruin import anneal

SMALL_STEPS: Final = 200  # small steps of one call
LARGE_STEPS: Final = 6
SETTLE_EVERY: Final = 5  # calls
LOOK_EVERY: Final = 20
NEAR_BEST: Final = 0.01
RAMP: Final = 0.15  # share of the run in which the limit comes down
LARGE_WARMTH: Final = 4.0
STRETCH: Final = 100  # nodes dropped or taken in at once, at most
# The price follows the mean length: fast while the limit comes down, or a large field in little time never gets there.
PRICE_EARLY: Final = (15.0, 0.06)  # gain, most change at once
PRICE_LATE: Final = (5.0, 0.02)
TURNS: Final = 400  # a field of n nodes is annealed so many times over n, as a small one is soon cold
MOST_TURNS: Final = 40
OVER_BY_TURN: Final = (1.0, 2.0, 4.0)
RUNS: Final = 3  # dropped in a small step, at most
AROUND: Final = 5  # neighbours of a dropped node that may go in
REACH: Final = 12  # neighbours beside which a node may go in


@dataclass(frozen=True)
class Manner:
    """How a chain goes: first and last temperature, in mean scores of a node; the longest run that it drops; and how
    many times what a unit of length below the limit costs one above it does."""

    first: float = 1.0
    last: float = 0.02
    longest: int = 10
    over: float = 1.0

    def at(self, done: float) -> float:
        """Temperature when the share `done` of the run is over, in mean scores."""
        return float(self.first * (self.last / self.first) ** min(max(done, 0.0), 1.0))


class Chain:
    """State of one chain; every choice follows from the field, the seed and the shares of the run handed in."""

    def __init__(self, field: Field, seed: int, manner: Manner | None = None) -> None:
        n = len(field)
        self.field, self.manner = field, manner or Manner()
        self.steps = 0
        self._calls = 0
        self._total_over = 0.0
        self._state = np.array([(seed * 2_654_435_761 + 88_172_645) % 4_294_967_295 + 1], dtype=np.int64)
        self._after, self._before = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
        self._after[0] = self._before[0] = 0
        self._now = np.array([0, field.score[0]], dtype=np.int64)
        self._tour, self._pos = np.zeros(n, np.int32), np.full(n, -1, np.int32)
        self._queue, self._queued = np.zeros(n, np.int32), np.zeros(n, np.uint8)
        self._mark = np.zeros(n, np.uint8)
        self._hold, self._work = np.zeros(16, np.int64), np.zeros(n + 2)
        self._scratch, self._keys = np.zeros((400, 3), np.int64), np.zeros(128)
        self._keep = np.zeros((2, n), np.int32)
        self._how = np.array([RUNS, self.manner.longest, AROUND, REACH], dtype=np.int64)
        self._found = np.array([0, field.score[0]], dtype=np.int64)
        self._found_after = self._after.copy()
        self._turns = min(max(1, TURNS // n), MOST_TURNS)
        self._mean = float(field.score.mean())
        self.best_score, self.best_length = int(field.score[0]), 0
        self._best = np.zeros(1, dtype=np.int64)
        self._settle(self._after, self._before, self._now, 2**60)
        self._full = int(self._now[0])
        self._price = 0.35 * int(self._now[1]) / max(1, self._full)
        self._look()

    @property
    def best(self) -> NDArray[np.int64]:
        """Row numbers in the instance of the best tour so far, from the start on."""
        return self.field.nodes[self._best]

    def advance(self, done: float) -> None:
        """Make the next steps, the share `done` of the run being over."""
        field = self.field
        if len(field) < 2:
            return
        limit = max(field.limit, int(field.limit + (self._full - field.limit) * (1.0 - done / RAMP)))
        turn = int(done * self._turns)
        heat = self._mean * self.manner.at(done * self._turns - turn)
        dear = self.manner.over * OVER_BY_TURN[turn % len(OVER_BY_TURN)]
        over = anneal(
            field.far, field.near, field.score, limit, self._after, self._before, self._now, self._state, SMALL_STEPS,
            heat, 1.0, self._price, dear, self._how, self._mark, self._scratch, self._keys,
            field.limit, self._found, self._found_after,
        )  # fmt: skip
        relocate(
            field.far, field.near, field.score, limit, self._after, self._before, self._now, self._state, LARGE_STEPS,
            heat * LARGE_WARMTH, self._price, dear, STRETCH,
            self._tour, self._pos, self._queue, self._queued,
            self._hold, self._work, self._keep, self._mark,
        )  # fmt: skip
        self.steps += SMALL_STEPS + LARGE_STEPS
        self._calls += 1
        self._remember(self._found_after, self._found)
        self._total_over = over if self._calls % SETTLE_EVERY == 1 else self._total_over + over
        if self._calls % SETTLE_EVERY == 0:
            gain, most = PRICE_EARLY if done < 2.0 * RAMP else PRICE_LATE
            change = gain * self._total_over / SETTLE_EVERY / max(1, limit)
            self._price *= 1.0 + min(max(change, -most), most)
            m = ring_to_tour(self._after, self._tour, self._pos)
            saved = shorten_all(self._tour, self._pos, m, field.far, field.near, self._queue, self._queued, self._hold)
            if saved:
                self._now[0] -= saved
                tour_to_ring(self._tour, m, self._after, self._before)
            if self._calls % LOOK_EVERY == 0 and self._promising():
                self._look()

    def _promising(self) -> bool:
        """Whether the ring, its excess paid for, comes near the best tour: others are not worth the work."""
        worth = float(self._now[1]) + self._price * min(0, self.field.limit - int(self._now[0]))
        return worth >= (1.0 - NEAR_BEST) * self.best_score

    def _look(self) -> None:
        """Make a copy that keeps the limit, and remember it if it is the best so far."""
        after, before, now = self._after.copy(), self._before.copy(), self._now.copy()
        self._settle(after, before, now, self.field.limit)
        if now[0] <= self.field.limit:
            self._remember(after, now)

    def _remember(self, after: NDArray[np.int32], now: NDArray[np.int64]) -> None:
        if (int(now[1]), -int(now[0])) > (self.best_score, -self.best_length):
            m = ring_to_tour(after, self._tour, self._pos)
            self._best = self._tour[:m].astype(np.int64)
            self.best_score, self.best_length = int(now[1]), int(now[0])
            if int(now[1]) > self._found[1]:
                self._found[:] = now
                self._found_after[:] = after

    def _settle(self, after: NDArray[np.int32], before: NDArray[np.int32], now: NDArray[np.int64], limit: int) -> None:
        field = self.field
        settle(
            field.far, field.near, field.score, limit, after, before, now, self._tour, self._pos, self._queue,
            self._queued, self._hold, self._work,
        )  # fmt: skip
