"""What no tour can exceed: a linear programme with subtour rows and all edges priced, valid whenever it is stopped."""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.orienteering.cuts import Support
from overflight.planning.orienteering.field import Field
from overflight.planning.orienteering.master import Duals, Master
from overflight.planning.orienteering.solve import Tour
from overflight.terms.words import say

FIRST_NEIGHBOURS: Final = 8
MOST_FOR_NODE: Final = 4
MOST_CUTS: Final = 120
BROKEN: Final = 0.02  # by how much a row is broken to be added
PRICE_EVERY: Final = 6  # rounds of cuts
DROP_EVERY: Final = 18
ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class Bound:
    """No tour scores more than `score`; None without a solver, and `note` says so."""

    score: int | None
    seconds: float
    note: str | None = None


def upper_bound(field: Field, tour: Tour, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> Bound:
    """The best bound within `seconds`, at least the score of `tour`; it stops when it has come down to that.

    Every charge that the programme's rows return gives a valid bound once all edges are priced with it (see
    `Master.price`), so that stopping early costs tightness and never validity.
    """
    begun = clock()
    everything = int(field.score.sum())
    if seconds <= 0:
        return Bound(None, 0.0, say("no bound was asked for"))
    if everything == tour.score:
        return Bound(everything, clock() - begun)
    if len(field) < 3:
        return Bound(_small(field), clock() - begun)
    if importlib.util.find_spec("highspy") is None:
        return Bound(None, 0.0, say("no bound: it needs the package highspy (overflight[bound])"))
    least = max(tour.score, _small(field))  # tours through fewer than three nodes are no part of the programme
    best = float(everything)
    master = Master(field, _first_edges(field, tour))
    turn, broken = 0, BROKEN
    duals: Duals | None = None
    note = None
    try:
        while (left := seconds - (clock() - begun)) > 0 and master.solve(left):
            duals = master.duals()
            x, y = master.solution()
            sets = Support(len(field), master.ends, x, y).cut_off(broken, MOST_CUTS, turn)
            turn += 1
            if not sets or turn % PRICE_EVERY == 0:
                value, edges = master.price(duals, MOST_FOR_NODE)
                best = min(best, value)
                if math.floor(best + ROUNDING) <= least:
                    break
                if not sets and not len(edges):
                    if broken < BROKEN:
                        break
                    broken = BROKEN / 100
                if turn % DROP_EVERY == 0:
                    duals = master.drop_slack(duals)
                master.add_edges(edges)
            master.add_sets(sets, y)
        else:
            if duals is not None:
                best = min(best, master.price(duals, MOST_FOR_NODE)[0])
    except KeyboardInterrupt:  # the bound reached so far holds, and the tour with it
        note = say("interrupted: the bound reached so far")
    return Bound(max(least, math.floor(best + ROUNDING)), clock() - begun, note)


def _small(field: Field) -> int:
    """Best score of a tour through the start and at most one more node."""
    return int(field.score[0]) + (int(field.score[1:].max()) if len(field) > 1 else 0)


def _first_edges(field: Field, tour: Tour) -> NDArray[np.int64]:
    """Edges to begin with: to a few nearest nodes, those of the tour, and all at the start."""
    n = len(field)
    few = min(FIRST_NEIGHBOURS, field.near.shape[1])
    place = np.zeros(field.instance.nodes, dtype=np.int64)
    place[field.nodes] = np.arange(n)
    flown = place[tour.rows]
    one = np.concatenate([np.repeat(np.arange(n), few), flown, np.zeros(n - 1, dtype=np.int64)])
    two = np.concatenate([field.near[:, :few].ravel().astype(np.int64), np.roll(flown, -1), np.arange(1, n)])
    low, high = np.minimum(one, two), np.maximum(one, two)
    codes = np.unique(low * n + high)
    ends: NDArray[np.int64] = np.stack([codes // n, codes % n], axis=1)
    apart: NDArray[np.int64] = ends[ends[:, 0] != ends[:, 1]]
    return apart
