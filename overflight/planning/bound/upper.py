"""`upper_bound`: what no path of the discrete problem exceeds, valid whenever it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from overflight.planning.bound.problem import Discrete, sum_within_reach


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
    """The best bound within `seconds`, at least `lower`, the value of a path that is known.

    Parameters
    ----------
    first : sequence of int, optional
        Rows of `problem.points` in the order of a good path.
    progress : callable, optional
        Told each better bound.
    enough : callable, optional
        Told each better bound; True stops.
    """
    begun = clock()
    value = max(lower, sum_within_reach(problem))
    if progress is not None:
        progress(value)
    return Bound(value, clock() - begun, 0)
