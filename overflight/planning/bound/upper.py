"""`upper_bound`: what no path of the discrete problem exceeds, valid whenever it is stopped."""

from __future__ import annotations

import importlib.util
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from overflight.planning.bound.legs import Legs
from overflight.planning.bound.pricing import price
from overflight.planning.bound.problem import Bools, Discrete, Floats, best_of_groups, sum_within_reach
from overflight.planning.bound.programme import Ints, Programme
from overflight.planning.bound.sets import Separation
from overflight.terms.words import say

TRACE = os.environ.get("BTRACE")

FIRST_NEIGHBOURS: Final = 8
MOST_CUTS: Final = 120
BROKEN: Final = 0.02
PRICE_EVERY: Final = 4
DROP_EVERY: Final = 8
SAFE: Final = 1e-9  # of the sum of all values, for rounding


@dataclass(frozen=True)
class Bound:
    """No path of the problem is worth more than `value`; None without a solver, and `note` says so."""

    value: float | None
    seconds: float
    rounds: int
    note: str | None = None


def upper_bound(
    problem: Discrete,
    *,
    seconds: float,
    lower: float,
    first: Sequence[int] | None = None,
    clock: Callable[[], float] = time.monotonic,
    progress: Callable[[float], None] | None = None,
    enough: Callable[[float], bool] | None = None,
) -> Bound:
    """The best bound within `seconds`, at least `lower`, the value of a path that is known."""
    begun = clock()
    best = sum_within_reach(problem)
    legs = Legs.of(problem)
    if TRACE:
        print("legs", len(legs), len(legs.sees), clock() - begun)
    step = _step(problem.values)
    programme = Programme(legs, _first_legs(legs, first))
    alive = np.ones(len(legs), dtype=bool)
    pair = np.zeros((len(legs.nodes),) * 2)
    broken, rounds = BROKEN, 0
    total = float(problem.values.sum())
    tlp = tsep = tpr = 0.0
    charges = None
    while (left := seconds - (clock() - begun)) > 0:
        t0 = time.process_time()
        if not programme.solve(left):
            break
        t1 = time.process_time()
        tlp += t1 - t0
        charges = programme.charges()
        visits, sites, used, weight = programme.solution()
        rounds += 1
        rows = Separation(programme, visits, sites, used, weight).find(broken, MOST_CUTS, rounds)
        t2 = time.process_time()
        tsep += t2 - t1
        new = np.zeros(0, dtype=np.int64)
        if not rows.many or rounds % PRICE_EVERY == 0:
            priced = price(programme, charges, alive, pair)
            best = min(best, priced.bound + SAFE * total)
            fixed = priced.bound + np.minimum(priced.leg_gain, 0.0) < lower + step - 1e-6
            alive &= ~fixed
            new = _dearest(priced.leg_gain, legs, programme.has_leg, 3)
            t3 = time.process_time()
            tpr += t3 - t2
            if TRACE:
                print(
                    f"{clock() - begun:6.1f}s r{rounds} lp {-programme.solver.getObjectiveValue() if 0 else -programme.solver.getInfo().objective_function_value:.3f} bound {best:.3f} ({priced.bound:.3f}) gap {1 - lower / best:.4f} legs {programme.has_leg.sum()} alive {alive.sum()} sets {len(programme.set_of)} rows {len(programme.row_kind)} new {len(new)} cuts {rows.many} used {len(used)} str {len(programme.stretches)}+{len(rows.stretches)} | lp {tlp:.1f} sep {tsep:.1f} price {tpr:.1f}",
                    flush=True,
                )
            if math.floor(best / step + 1e-7) * step <= lower + 1e-9 if step else best <= lower:
                break
            if not rows.many and not len(new):
                if broken < BROKEN:
                    break
                broken = BROKEN / 10
            if rounds % DROP_EVERY == 0:
                programme.drop_idle()
                visits, sites, used, weight = visits, sites, used, weight
                rows = None
        if rows is not None:
            programme.add_sets(rows.sets)
            programme.add_visit_links(*rows.visit_links)
            programme.add_site_links(*rows.site_links)
            programme.add_pairs(*rows.pairs)
            programme.add_stretches(rows.stretches)
        programme.add_legs(new)
    else:
        if charges is not None and rows is None:
            pass
    return Bound(max(best, lower), clock() - begun, rounds)


def _step(values: Floats) -> float:
    """Every path's value is a multiple of this; 0 if nothing is known."""
    thousandths = np.round(values * 1000)
    if np.abs(values * 1000 - thousandths).max(initial=0.0) > 1e-7:
        return 0.0
    return float(np.gcd.reduce(thousandths.astype(np.int64))) / 1000 if len(values) else 0.0


def _first_legs(legs: Legs, first: Sequence[int] | None) -> Ints:
    n = len(legs.nodes)
    leg_of = np.full((n, n), -1, dtype=np.int64)
    leg_of[legs.ends[:, 0], legs.ends[:, 1]] = np.arange(len(legs))
    leg_of = np.maximum(leg_of, leg_of.T)
    far = np.full((n, n), np.inf)
    far[legs.ends[:, 0], legs.ends[:, 1]] = legs.km
    far = np.minimum(far, far.T)
    chosen = [leg_of[: legs.bases].ravel()]
    near = np.argsort(far, axis=1)[:, :FIRST_NEIGHBOURS]
    chosen.append(np.take_along_axis(leg_of, near, axis=1).ravel())
    if first is not None:
        place = np.full(len(legs.problem.points), -1)
        place[legs.nodes] = np.arange(n)
        if legs.closed:
            place[1] = 0
        way = place[np.asarray(list(first), dtype=np.int64)]
        chosen.append(leg_of[way[:-1], way[1:]])
    out = np.concatenate(chosen)
    return np.unique(out[out >= 0])


def _dearest(gain: Floats, legs: Legs, there: Bools, each: int) -> Ints:
    """For each node the legs outside the programme that would raise it most."""
    rows = np.flatnonzero((gain > 1e-6) & ~there)
    if not len(rows):
        return rows
    node = legs.ends[rows].ravel()
    number = np.repeat(rows, 2)
    order = np.lexsort((-gain[number], node))
    node, number = node[order], number[order]
    keep = np.arange(len(node)) - np.searchsorted(node, node) < each
    return np.unique(number[keep])
