"""Max-min fair distribution of active quotas: lexicographic and exact, by an integer solver.

The observing side that gets the smallest part of what it asked for gets as large a part as any
distribution can give it; then as few sides as possible stay at that part, the next smallest is
made as large as possible, and so on.  Among distributions equal in this sense the one
with most flights is taken, then the one nearest to the proportional one, then a fixed order decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from overflight.errors import CannotAnswer
from overflight.rules.distribution import Limits, Request, bounds, proportional, shares_of
from overflight.rules.greedy_shares import greedy_totals
from overflight.terms.words import say

SECONDS_A_STEP = 20.0  # far above what a round of 34 Parties takes; a stop, not a result


@dataclass
class _Program:
    """An integer program that grows: columns with bounds, rows ``low <= weights . x <= high``."""

    lower: list[float]
    upper: list[float]
    whole: list[int]
    rows: list[tuple[dict[int, float], float, float]]

    def column(self, upper: float, *, whole: bool) -> int:
        self.lower.append(0.0)
        self.upper.append(upper)
        self.whole.append(int(whole))
        return len(self.upper) - 1

    def copy(self) -> _Program:
        return _Program(list(self.lower), list(self.upper), list(self.whole), list(self.rows))

    def maximise(self, goal: dict[int, float]) -> list[int | float]:
        """The best columns; whole ones as integers.

        Raises
        ------
        CannotAnswer
            If the solver proved no optimum in its time.
        """
        import numpy as np
        from scipy import optimize, sparse

        solver: Any = optimize
        arrays: Any = sparse
        n = len(self.upper)
        cost = np.zeros(n)
        for k, weight in goal.items():
            cost[k] = -weight
        entries = [(i, k, w) for i, (weights, _, _) in enumerate(self.rows) for k, w in weights.items()]
        at_row, at_column, weights_there = zip(*entries, strict=True)
        matrix = arrays.csr_array((weights_there, (at_row, at_column)), shape=(len(self.rows), n))
        held = solver.LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows])
        found = solver.milp(
            cost,
            integrality=np.array(self.whole),
            bounds=solver.Bounds(np.array(self.lower), np.array(self.upper)),
            constraints=held,
            options={"mip_rel_gap": 0.0, "time_limit": SECONDS_A_STEP},
        )
        if found.status != 0 or found.x is None:
            raise CannotAnswer(say("the solver proved no fairest distribution: {why}", why=found.message))
        return [round(x) if whole else float(x) for x, whole in zip(found.x, self.whole, strict=True)]


def max_min_fair(requests: Sequence[Request], limits: Limits) -> tuple[int, ...]:
    """Flights granted to each request, fairest first to the side with the smallest part of its request.

    Raises
    ------
    CannotAnswer
        If the solver proves no optimum in its time.
    """
    if not requests:
        return ()
    quick = _by_totals(requests, limits)
    return quick if quick is not None else _level_by_level(requests, limits)


def _by_totals(requests: Sequence[Request], limits: Limits) -> tuple[int, ...] | None:
    """The fairest totals without the cap, spread so that the cap holds too; None where that cannot be.

    If it can, nothing fairer exists with the cap either.  Shared flights go the longer way.
    """
    if any(len(r.observers) > 1 for r in requests):
        return None
    base, total, _ = _program(requests, limits)
    for code, n in greedy_totals(requests, limits).items():
        base.lower[total[code]] = base.upper[total[code]] = float(n)
    try:
        return _nearest(base, requests, limits)
    except CannotAnswer:
        return None


def _program(requests: Sequence[Request], limits: Limits) -> tuple[_Program, dict[str, int], dict[str, int]]:
    base = _Program([], [], [], [])
    for r in requests:
        base.column(r.flights, whole=True)
    total, asked = _totals(base, requests)
    for b in bounds(requests, limits):
        if min(b.weights.values()) > 0:
            base.rows.append(({k: float(w) for k, w in b.weights.items()}, -math.inf, float(b.most)))
        elif sum(requests[k].flights for k in b.about) > 1:  # one flight over a Party is never more than half
            elsewhere = -min(b.weights.values())
            row = {k: float(b.weights[k] + elsewhere) for k in b.about} | {total[b.of]: -float(elsewhere)}
            base.rows.append((row, -math.inf, float(b.most)))
    return base, total, asked


def _level_by_level(requests: Sequence[Request], limits: Limits) -> tuple[int, ...]:
    """Settle the smallest part first, then how many stay at it, then the next, each by an integer program."""
    base, total, asked = _program(requests, limits)
    level, base = _settled(base, requests, limits, total, asked)
    while True:
        higher = _count_above(base, total, asked, level)
        if higher == 0:
            return _choose(base, requests, limits)
        level = _raise_level(base, requests, total, asked, higher)
        _hold(base, total, asked, level, higher)


def _hold(program: _Program, total: dict[str, int], asked: dict[str, int], level: Fraction, sides: int) -> None:
    """Ask that so many sides get at least the part `level` of their request."""
    marks = _marks(program, total, asked, {code: math.ceil(level * a) for code, a in asked.items()})
    program.rows.append((dict.fromkeys(marks, 1.0), float(sides), math.inf))


def _settled(
    base: _Program, requests: Sequence[Request], limits: Limits, total: dict[str, int], asked: dict[str, int]
) -> tuple[Fraction, _Program]:
    """The levels that can be as high as without the cap, found by halving; nothing can be fairer than those."""
    if any(len(r.observers) > 1 for r in requests):
        return Fraction(-1), base
    parts = [Fraction(n, asked[code]) for code, n in greedy_totals(requests, limits).items()]
    levels = sorted(set(parts))
    low, high = 0, len(levels)  # the first `low` levels can all be held
    best = base
    while low < high:
        middle = (low + high + 1) // 2
        program = base.copy()
        for level in levels[:middle]:
            _hold(program, total, asked, level, sum(part >= level for part in parts))
        try:
            program.maximise({})
        except CannotAnswer:
            high = middle - 1
        else:
            low, best = middle, program
    return (levels[low - 1] if low else Fraction(-1)), best


def _totals(program: _Program, requests: Sequence[Request]) -> tuple[dict[str, int], dict[str, int]]:
    """A column for the flights that each side gets in all, and what it asked for."""
    total: dict[str, int] = {}
    asked: dict[str, int] = {}
    for code in sorted({o for r in requests for o in r.observers}):
        mine = [k for k, r in enumerate(requests) if code in r.observers]
        asked[code] = sum(requests[k].flights for k in mine)
        total[code] = program.column(float(asked[code]), whole=False)
        program.rows.append(({**dict.fromkeys(mine, 1.0), total[code]: -1.0}, 0.0, 0.0))
    return total, asked


def _marks(program: _Program, total: dict[str, int], asked: dict[str, int], least: dict[str, int]) -> list[int]:
    """A 0/1 column for each side that can only be 1 if the side gets at least so many flights."""
    out = []
    for code, column in total.items():
        if least[code] > asked[code]:
            continue
        mark = program.column(1.0, whole=True)
        program.rows.append(({column: 1.0, mark: -float(least[code])}, 0.0, math.inf))
        out.append(mark)
    return out


def _count_above(base: _Program, total: dict[str, int], asked: dict[str, int], level: Fraction) -> int:
    """How many sides can be above `level` at once, with what was settled before kept."""
    program = base.copy()
    marks = _marks(program, total, asked, {code: math.floor(level * a) + 1 for code, a in asked.items()})
    if not marks:
        return 0
    best = program.maximise(dict.fromkeys(marks, 1.0))
    return sum(int(best[m]) for m in marks)


def _raise_level(
    base: _Program, requests: Sequence[Request], total: dict[str, int], asked: dict[str, int], sides: int
) -> Fraction:
    """The largest part that so many sides can all reach, as an exact fraction."""
    program = base.copy()
    part = program.column(1.0, whole=False)
    marks = []
    for code, column in total.items():
        mark = program.column(1.0, whole=True)
        a = float(asked[code])
        # flights - a * part + a * (1 - mark) >= 0
        program.rows.append(({column: 1.0, part: -a, mark: -a}, -a, math.inf))
        marks.append(mark)
    program.rows.append((dict.fromkeys(marks, 1.0), float(sides), math.inf))
    best = program.maximise({part: 1.0})
    granted = [int(x) for x in best[: len(requests)]]
    reached = sorted(shares_of(requests, granted).values(), reverse=True)
    return reached[sides - 1]


def _choose(base: _Program, requests: Sequence[Request], limits: Limits) -> tuple[int, ...]:
    """Of the equally fair: most flights, then nearest to the proportional, then early requests first."""
    n = len(requests)
    program = base.copy()
    flights = dict.fromkeys(range(n), 1.0)
    most = sum(int(x) for x in program.maximise(flights)[:n])
    program.rows.append((flights, float(most), math.inf))
    return _nearest(program, requests, limits)


def _nearest(base: _Program, requests: Sequence[Request], limits: Limits) -> tuple[int, ...]:
    """The distribution of a program that lies nearest to the proportional one."""
    n = len(requests)
    program = base.copy()
    near = proportional(requests, limits)
    short = []
    for k in range(n):
        gap = program.column(float(requests[k].flights), whole=False)
        program.rows.append(({k: 1.0, gap: 1.0}, float(near[k]), math.inf))
        short.append(gap)
    best = program.maximise({**dict.fromkeys(short, -1.0), **{k: 1e-4 * (n - k) / n / n for k in range(n)}})
    return tuple(int(x) for x in best[:n])
