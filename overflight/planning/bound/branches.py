"""Branch and bound where the rows alone leave a gap: a candidate is visited or not, a leg is flown or not.

All rows hold for every path, so that the branches share one programme.  The bound is the highest of the open branches;
the one that holds it is looked at next.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from overflight.planning.bound.descent import dearest
from overflight.planning.bound.problem import Floats
from overflight.planning.bound.rows import Ints

if TYPE_CHECKING:
    from overflight.planning.bound.descent import Descent

MOST_ROUNDS: Final = 40
FEW_ROUNDS: Final = 3
SLOW: Final = 0.1  # of what is left of the gap, by which a round lowers a branch too little
WHOLE: Final = 1e-5
DROP_EVERY: Final = 8  # rounds


Fixed = tuple[tuple[str, int, bool], ...]  # ("visit", node, yes) or ("leg", number, yes)


class Branches:
    """The open branches below a descent that has come to its end."""

    def __init__(self, descent: Descent) -> None:
        self.descent = descent
        programme = descent.programme
        self.root = (programme.least.copy(), programme.most.copy())
        self._count = 0
        self._dropped_at = descent.rounds
        self._open: list[tuple[float, int, Fixed]] = []
        self._closed = descent.known()  # the best of the branches that are settled

    def run(self) -> Iterator[float]:
        """Valid bounds for all paths, as they come."""
        descent = self.descent
        self._push(np.inf, ())
        while self._open and descent.left() > 0:
            known, _, fixed = heapq.heappop(self._open)
            value, split = self._settle(fixed, -known)
            if value is None:  # out of time
                return
            if split is None:
                self._closed = max(self._closed, value if value > descent.target else descent.known())
            else:
                self._push(value, (*fixed, (*split, True)))
                self._push(value, (*fixed, (*split, False)))
            yield max(self._closed, -self._open[0][0] if self._open else -np.inf)

    def _push(self, value: float, fixed: Fixed) -> None:
        self._count += 1
        heapq.heappush(self._open, (-value, self._count, fixed))

    def _settle(self, fixed: Fixed, known: float) -> tuple[float | None, tuple[str, int] | None]:
        """Bound of a branch, None if the time is up, and where to branch; nowhere if it holds nothing better."""
        descent, programme = self.descent, self.descent.programme
        least, most = self.root[0].copy(), self.root[1].copy()
        allowed = descent.alive.copy()
        flown = np.array([item for kind, item, yes in fixed if kind == "leg" and yes], dtype=np.int64)
        for kind, item, yes in fixed:
            if kind == "visit":
                least[item] = most[item] = yes
            elif not yes:
                allowed[item] = False
        programme.limit_visits(least, most)
        if descent.rounds >= self._dropped_at + DROP_EVERY:
            self._dropped_at = descent.rounds
            programme.drop_idle(~descent.alive)
        programme.limit_legs(allowed, flown)
        programme.after_rows()
        best = known
        for turn in range(MOST_ROUNDS):
            if not programme.solve(descent.left()):
                if not programme.infeasible:
                    return None, None
                if descent.add_all():
                    programme.limit_legs(allowed, flown)
                    continue
                return descent.known(), None
            descent.rounds += 1
            priced = descent.price(programme.charges(), allowed)
            value = priced.bound + float(np.minimum(priced.leg_gain[flown], 0.0).sum())
            fallen = best - value
            best = min(best, value)
            if best < descent.target:
                return best, None
            closed = allowed & (priced.bound - priced.leg_loss < descent.target)
            if closed[flown].any():
                return descent.known(), None
            if closed.any():
                allowed &= ~closed
                programme.limit_legs(allowed, flown)
            new = dearest(priced.leg_gain, descent.legs, programme.has_leg)
            visits, sites, used, weight = programme.solution()
            if len(new):
                programme.add_legs(new)
                programme.after_legs()
                continue
            rows = descent.broken_by(visits, sites, used, weight)
            if not rows.many or (turn >= FEW_ROUNDS and fallen < SLOW * (best - descent.target)):
                break
            programme.add(rows)
            programme.after_rows()
        return best, self._split(visits, used, weight)

    def _split(self, visits: Floats, used: Ints, weight: Floats) -> tuple[str, int] | None:
        """The visit, or if all are whole the leg, that is furthest from being decided."""
        bases = self.descent.programme.bases
        apart = np.abs(visits[bases:] - np.round(visits[bases:]))
        if apart.max(initial=0.0) > WHOLE:
            return "visit", int(np.argmax(apart)) + bases
        apart = np.abs(weight - np.round(weight))
        return ("leg", int(used[np.argmax(apart)])) if apart.max(initial=0.0) > WHOLE else None
