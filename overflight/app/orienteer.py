"""Standard orienteering instances, solved by the planner's own core, with a proven bound."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from overflight.errors import BadInput
from overflight.planning.orienteering.bound import Bound, upper_bound
from overflight.planning.orienteering.field import Field
from overflight.planning.orienteering.oplib import Instance, read_oplib
from overflight.planning.orienteering.solve import Found, search, solve_small
from overflight.terms.words import say

DEFAULT_SECONDS: Final = 10.0
LONGEST_SECONDS: Final = 86_400.0
MOST_STEPS: Final = 10**12
LARGEST_SEED: Final = 2**31


@dataclass(frozen=True)
class Answer:
    """The best tour found, what no tour can exceed, and what both took."""

    instance: Instance
    found: Found
    bound: Bound

    @property
    def gap(self) -> float | None:
        """Share of the bound that is missing, or None without a bound."""
        if self.bound.score is None:
            return None
        return (self.bound.score - self.found.tour.score) / self.bound.score if self.bound.score else 0.0

    def to_json(self) -> dict[str, Any]:
        """The contract's fields; `tour` lists the file's node numbers from node 1 on, the way back to it left out."""
        return {
            "instance": self.instance.name,
            "nodes": self.instance.nodes,
            "score": self.found.tour.score,
            "length": self.found.tour.length,
            "limit": self.instance.limit,
            "tour": [int(row) + 1 for row in self.found.tour.rows],
            "bound": self.bound.score,
            "gap": None if self.gap is None else round(self.gap, 6),
            "seconds": round(self.found.seconds, 3),
            "bound_seconds": round(self.bound.seconds, 3),
            "bound_note": self.bound.note,
            "compile_seconds": round(self.found.compile_seconds, 3),
            "steps": self.found.steps,
            "stopped_by": self.found.stopped_by,
        }


def orienteer(
    path: Path,
    *,
    seconds: float | None = None,
    steps: int | None = None,
    seed: int = 0,
    bound_seconds: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Answer:
    """Search a tour for the instance in a file, then bound what any tour can score.

    Parameters
    ----------
    seconds : float, optional
        Wall seconds of the search on two cores; 10 unless `steps` is given.
    steps : int, optional
        Steps of each of the two chains; alone, it makes the tour repeatable.
    bound_seconds : float, optional
        Wall seconds for the bound after that; as long as the search unless given, 0 for none.

    Raises
    ------
    BadFile
        If the file cannot be used, with line and field.
    BadInput
        If an option is out of range.
    """
    _in_range("--time", seconds, LONGEST_SECONDS)
    _in_range("--bound-time", bound_seconds, LONGEST_SECONDS)
    _in_range("--steps", steps, MOST_STEPS)
    _in_range("--seed", seed, LARGEST_SEED)
    if seconds is None and steps is None:
        seconds = DEFAULT_SECONDS
    field = Field.of(read_oplib(path))
    small = solve_small(field)
    if small is not None:
        return Answer(
            field.instance, small, Bound(small.tour.score, 0.0, say("proven by looking at every set of nodes"))
        )
    found = search(field, seconds=seconds, steps=steps, seed=seed)
    if progress is not None:
        progress(say("score {score} after {s:.1f} s; now the bound", score=found.tour.score, s=found.seconds))
    for_bound = bound_seconds if bound_seconds is not None else (seconds or DEFAULT_SECONDS)
    try:
        bound = upper_bound(field, found.tour, seconds=for_bound)
    except KeyboardInterrupt:  # before the first round: the tour stands without a bound
        bound = Bound(None, 0.0, say("interrupted before there was a bound"))
    return Answer(field.instance, found, bound)


def _in_range(option: str, number: float | None, most: float) -> None:
    if number is not None and not (math.isfinite(number) and 0 <= number <= most):
        raise BadInput(say("{option} must be a number from 0 to {most:g}", option=option, most=most), field=option)
