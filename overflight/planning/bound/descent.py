"""Brings the bound down: solve, price all legs, look for broken rows, add them, and again.

A solution at a corner of the programme shows rows that the next corner breaks elsewhere; rows are therefore looked
for at a point between the solution and a running mean of the solutions, which takes far fewer rounds.  Legs and rows
are not added at once: after new legs the last solution stays allowed, and the primal simplex goes on from it; after
new rows the dual simplex does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from overflight.planning.bound.legs import Legs
from overflight.planning.bound.pricing import Priced, price
from overflight.planning.bound.problem import Bools, Floats
from overflight.planning.bound.programme import Programme
from overflight.planning.bound.rows import Broken, Charges, Ints
from overflight.planning.bound.sets import Separation

FIRST_NEIGHBOURS: Final = 8
LEGS_FOR_NODE: Final = 5
FEW_LEGS: Final = 5
MOST_SETS: Final = 60
BROKEN: Final = 0.02  # by how much a row is broken to be added
FEW: Final = 10  # rows found at the mixed point; with fewer, the solution itself is looked at
PRICE_EVERY: Final = 4
WIDE: Final = 0.004  # of the bound, by which it lies above the programme: legs are missing
DROP_EVERY: Final = 3
MIXED: Final = 0.5  # share of the solution in the point looked at
FORGET: Final = 0.3  # share of the solution in the mean
SUPPORT: Final = 1e-3
FEWER: Final = 0.7  # of the legs: when no more are alive, the dead are forgotten
NONE: Final = np.zeros(0, dtype=np.int64)


class Descent:
    """The programme with all that its rounds remember."""

    def __init__(
        self,
        legs: Legs,
        first: Sequence[int] | None,
        *,
        lower: Callable[[], float],
        step: float,
        left: Callable[[], float],
    ) -> None:
        self.legs, self.known, self.step, self.left = legs, lower, step, left
        self.programme = Programme(legs, first_legs(legs, first))
        self.alive = np.ones(len(legs), dtype=bool)
        self.rounds = 0
        self.converged = False
        self.broken = BROKEN
        self._pair = np.zeros((len(legs.nodes), len(legs.nodes)))
        self._mean: Floats | None = None
        self._dropped_at = np.inf

    def run(self) -> Iterator[float]:
        """Valid bounds, as they come; they need not fall. `converged` if nothing was left to add."""
        quiet = wide = True
        programme = self.programme
        while self.left() > 0:
            solved = programme.solve(self.left())
            if programme.infeasible:
                if self.add_all():
                    continue
                yield self.known()
                return
            priced: Priced | None = None
            if not solved or quiet or wide or self.rounds % PRICE_EVERY == 0:
                charges = programme.charges()
                priced = self.fix(self.price(charges))
                yield priced.bound
                if not solved:
                    return
            self.rounds += 1
            if priced is not None:
                objective = programme.objective
                wide = priced.bound - objective > WIDE * objective
                new = dearest(priced.leg_gain, self.legs, programme.has_leg)
                if len(new):
                    self._dropped_at = np.inf
                if len(new) > FEW_LEGS:
                    programme.add_legs(new)
                    programme.after_legs()
                    continue
                if not len(new) and quiet and self.broken < BROKEN and self.rounds > 1:
                    self.converged = True
                    return
                if not len(new) and quiet and self.rounds > 1:
                    self.broken = BROKEN / 10
            else:
                new = NONE
            solution = programme.solution()
            # Only after new legs or below where it was last done: else rows dropped and found again could take turns
            # for ever.
            objective = programme.objective
            if self.rounds % DROP_EVERY == 0 and objective < self._dropped_at:
                self._dropped_at = objective - 1e-6 * (1.0 + objective)
                programme.drop_idle(~self.alive)
            rows = self.look(*solution)
            quiet = not rows.many
            programme.after_rows()
            programme.add(rows)
            programme.add_legs(new)

    @property
    def target(self) -> float:
        """Below this there is no path that is better than the one known."""
        lower = self.known()
        return lower + self.step - 1e-6 * (1.0 + lower)

    def add_all(self) -> bool:
        """Add all legs alive, before it is said that no path keeps the rows; False if none was missing."""
        missing = np.flatnonzero(self.alive & ~self.programme.has_leg)
        self.programme.add_legs(missing)
        return len(missing) > 0

    def price(self, charges: Charges, allowed: Bools | None = None) -> Priced:
        """The bound at these charges, over the legs alive or allowed."""
        return price(self.programme, charges, self.alive if allowed is None else allowed, self._pair)

    def fix(self, priced: Priced) -> Priced:
        """Take out legs on which no path is better than the one known; what is left, in numbers of the legs left."""
        dead = np.flatnonzero(self.alive & (priced.bound - priced.leg_loss < self.target))
        self.alive[dead] = False
        self.programme.close_legs(dead)
        if int(self.alive.sum()) >= FEWER * len(self.legs):
            return priced
        kept = self._forget_dead()
        return Priced(priced.bound, priced.leg_gain[kept], priced.leg_loss[kept])

    def _forget_dead(self) -> Bools:
        """Let go of what is known of dead legs: time and memory go with the legs that are left."""
        keep = self.alive | self.programme.named_legs()
        self.legs = self.legs.only(keep)
        self.programme.keep_legs(self.legs, keep)
        self.alive = self.alive[keep]
        if self._mean is not None:
            others = len(self._mean) - len(keep)
            self._mean = np.concatenate([self._mean[:others], self._mean[others:][keep]])
        return keep

    def look(self, visits: Floats, sites: Floats, used: Ints, weight: Floats) -> Broken:
        """Rows broken at the point between the solution and the mean, or by the solution."""
        n, m = len(visits), len(sites)
        now = np.zeros(n + m + len(self.legs))
        now[:n], now[n : n + m], now[n + m + used] = visits, sites, weight
        mean = now if self._mean is None else self._mean
        mixed = MIXED * now + (1.0 - MIXED) * mean
        self._mean = FORGET * now + (1.0 - FORGET) * mean
        some = np.flatnonzero(mixed[n + m :] > SUPPORT)
        between = Separation(self.programme, mixed[:n], mixed[n : n + m], some, mixed[n + m + some])
        rows = between.find(self.broken, MOST_SETS, self.rounds)
        if rows.many < FEW:
            rows = self.broken_by(visits, sites, used, weight)
        return rows

    def broken_by(self, visits: Floats, sites: Floats, used: Ints, weight: Floats) -> Broken:
        """Rows that a solution breaks."""
        return Separation(self.programme, visits, sites, used, weight).find(self.broken, MOST_SETS, self.rounds)


def first_legs(legs: Legs, first: Sequence[int] | None) -> Ints:
    """Legs to begin with: to a few nearest nodes, those of the path that is known, and all at the airfields."""
    n = len(legs.nodes)
    leg_of = np.full((n, n), -1, dtype=np.int64)
    leg_of[legs.ends[:, 0], legs.ends[:, 1]] = np.arange(len(legs))
    leg_of = np.maximum(leg_of, leg_of.T)
    far = np.full((n, n), np.inf)
    far[legs.ends[:, 0], legs.ends[:, 1]] = legs.km
    near = np.argsort(np.minimum(far, far.T), axis=1)[:, :FIRST_NEIGHBOURS]
    chosen = [leg_of[: legs.bases].ravel(), np.take_along_axis(leg_of, near, axis=1).ravel()]
    if first is not None and len(first) > 1:
        place = np.full(len(legs.problem.points), -1)
        place[legs.nodes] = np.arange(n)
        if legs.closed:
            place[1] = 0
        way = place[np.asarray(first, dtype=np.int64)]
        there = (way[:-1] >= 0) & (way[1:] >= 0)
        chosen.append(leg_of[way[:-1][there], way[1:][there]])
    out = np.concatenate(chosen)
    return np.unique(out[out >= 0])


def dearest(gain: Floats, legs: Legs, there: Bools) -> Ints:
    """For each node the legs outside the programme that would raise it most."""
    rows = np.flatnonzero((gain > 1e-6) & ~there)
    node = legs.ends[rows].ravel()
    number = np.repeat(rows, 2)
    order = np.lexsort((-gain[number], node))
    node, number = node[order], number[order]
    keep = np.arange(len(node)) - np.searchsorted(node, node) < LEGS_FOR_NODE
    return np.unique(number[keep])
