"""`upper_bound`: what no path of the discrete problem exceeds, valid whenever it is stopped."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from overflight.planning.bound.branches import Branches
from overflight.planning.bound.descent import Descent
from overflight.planning.bound.legs import Legs, TooLarge
from overflight.planning.bound.plain import plain_paths
from overflight.planning.bound.problem import Discrete, Floats, sum_within_reach
from overflight.terms.words import say

SAFE: Final = 1e-9  # of the bound, for rounding in the sums of the pricing
WHOLE: Final = 1e-7
EXACT: Final = 1e-12  # of a value, by which it may miss a whole number of thousandths


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
    lower: float | Callable[[], float],
    first: Sequence[int] | None = None,
    clock: Callable[[], float] = time.monotonic,
    progress: Callable[[float], None] | None = None,
    enough: Callable[[float], bool] | None = None,
) -> Bound:
    """The best bound within `seconds`, at least `lower` or the step below it; Ctrl-C stops too and keeps the bound.

    Every charge that the programme's rows return gives a valid bound once all legs are priced with it, so that
    stopping early costs tightness and never validity.

    Parameters
    ----------
    lower : float or callable
        Value of a path that is known, 0 if there is none; a callable is asked again and again, so that a search that
        runs at the same time can tell what it has found.  Much depends on it: no branch is closed without it.
    first : sequence of int, optional
        Rows of `problem.points` in the order of a good path.
    progress : callable, optional
        Told each better bound.
    enough : callable, optional
        Told each better bound; True stops.
    """
    begun = clock()
    if importlib.util.find_spec("highspy") is None:
        return Bound(None, 0.0, 0, say("no bound: it needs the package highspy (overflight[bound])"))
    step = step_of(problem.values)
    known = _Known(lower, step)
    best = _Best(floored(sum_within_reach(problem), step), known, step, progress, enough)
    rounds, note = 0, None
    try:
        if seconds <= 0 or best.reached():
            return Bound(best.value, clock() - begun, 0)
        legs = Legs.of(problem)
        known.at_least = max(known.at_least, plain_paths(legs))
        descent = Descent(legs, first, lower=known, step=step, left=lambda: seconds - (clock() - begun))
        del legs  # the descent lets go of those that are dead
        for value in descent.run():
            best.see(value * (1 + SAFE))
            rounds = descent.rounds
            if best.reached():
                break
        if descent.converged and not best.reached():
            for value in Branches(descent).run():
                best.see(value * (1 + SAFE))
                rounds = descent.rounds
                if best.reached():
                    break
    except TooLarge as why:
        note = say("only the sites within reach were added up: {why}", why=str(why))
    except KeyboardInterrupt:
        note = say("interrupted: the bound reached so far")
    return Bound(best.value, clock() - begun, rounds, note)


class _Known:
    """The highest value of a path that has been told; what lies between two steps counts as the lower one."""

    def __init__(self, lower: float | Callable[[], float], step: float) -> None:
        self.at_least, self._step = 0.0, step
        self._ask = lower if callable(lower) else lambda: lower

    def __call__(self) -> float:
        self.at_least = max(self.at_least, floored(self._ask(), self._step))
        return self.at_least


@dataclass
class _Best:
    """The best bound so far."""

    value: float
    lower: _Known
    step: float
    progress: Callable[[float], None] | None
    enough: Callable[[float], bool] | None

    def __post_init__(self) -> None:
        self._told = False
        self.value = max(self.value, self.lower())
        self._tell()

    def reached(self) -> bool:
        """Whether there is nothing to gain, or the caller has enough."""
        return self._told or self.value <= self.lower()

    def see(self, value: float) -> None:
        """Take a valid bound into account."""
        better = max(floored(value, self.step), self.lower())
        if better < self.value:  # a bound that is no number is not
            self.value = better
            self._tell()

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.value)
        self._told = self.enough is not None and self.enough(self.value)


def step_of(values: Floats) -> float:
    """Every path's value is a whole multiple of this, found in thousandths; 0 if none is known."""
    if not len(values) or float(values.sum()) > 1e9:
        return 0.0
    thousandths = np.round(values * 1000)
    if (np.abs(values * 1000 - thousandths) > EXACT * values * 1000).any():  # a tiny value is no multiple of 0
        return 0.0
    return float(np.gcd.reduce(thousandths.astype(np.int64))) / 1000


def floored(value: float, step: float) -> float:
    """The highest value of a path that does not exceed a bound."""
    return float(np.floor(value / step + WHOLE) * step) if step else value
