"""Branch and bound where the rows alone leave a gap: a candidate is visited, or it is not.

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

if TYPE_CHECKING:
    from overflight.planning.bound.descent import Descent

MOST_ROUNDS: Final = 40
FEW_ROUNDS: Final = 3
SLOW: Final = 0.1  # of what is left of the gap, by which a round lowers a branch too little
WHOLE: Final = 1e-5


class Branches:
    """The open branches below a descent that has come to its end."""

    def __init__(self, descent: Descent) -> None:
        self.descent = descent
        programme = descent.programme
        self.root = (programme.least.copy(), programme.most.copy())
        self._count = 0
        self._open: list[tuple[float, int, tuple[tuple[int, int], ...]]] = []
        self._closed = descent.lower  # the best of the branches that are settled

    def run(self) -> Iterator[float]:
        """Valid bounds for all paths, as they come."""
        descent = self.descent
        self._push(np.inf, ())
        while self._open and descent.left() > 0:
            known, _, fixed = heapq.heappop(self._open)
            value, node = self._settle(fixed, -known)
            if value is None:  # out of time
                return
            if node < 0:
                self._closed = max(self._closed, value if value > self._target else descent.lower)
            else:
                self._push(value, (*fixed, (node, 1)))
                self._push(value, (*fixed, (node, 0)))
            yield max(self._closed, -self._open[0][0] if self._open else -np.inf)
        descent.programme.limit_visits(*self.root)

    @property
    def _target(self) -> float:
        return self.descent.lower + self.descent.step - 1e-6 * (1 + self.descent.lower)

    def _push(self, value: float, fixed: tuple[tuple[int, int], ...]) -> None:
        self._count += 1
        heapq.heappush(self._open, (-value, self._count, fixed))

    def _settle(self, fixed: tuple[tuple[int, int], ...], known: float) -> tuple[float | None, int]:
        """Bound of a branch and the node to branch on; -1 if the branch holds nothing better than its bound."""
        descent, programme = self.descent, self.descent.programme
        least, most = self.root[0].copy(), self.root[1].copy()
        for node, visited in fixed:
            least[node] = most[node] = visited
        programme.limit_visits(least, most)
        programme.after_rows()
        best = known
        for turn in range(MOST_ROUNDS):
            if not programme.solve(descent.left()):
                return (descent.lower, -1) if programme.infeasible else (None, -1)
            descent.rounds += 1
            priced = descent.price(programme.charges())
            fallen = best - priced.bound
            best = min(best, priced.bound)
            if best < self._target:
                return best, -1
            new = dearest(priced.leg_gain, descent.legs, programme.has_leg)
            visits, sites, used, weight = programme.solution()
            if len(new):
                programme.add_legs(new)
                programme.after_legs()
                continue
            rows = descent.broken_by(visits, sites, used, weight)
            if not rows.many or (turn >= FEW_ROUNDS and fallen < SLOW * (best - self._target)):
                break
            programme.add(rows)
            programme.after_rows()
        return best, self._fractional(visits)

    def _fractional(self, visits: Floats) -> int:
        bases = self.descent.programme.bases
        apart = np.abs(visits[bases:] - np.round(visits[bases:]))
        k = int(np.argmax(apart)) if len(apart) else 0
        return k + bases if len(apart) and apart[k] > WHOLE else -1
