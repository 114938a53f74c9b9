"""The search as a whole: two chains at once, one best tour, checked from the coordinates before it is handed out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.errors import OverflightError
from overflight.planning.orienteering.chain import Chain, Manner
from overflight.planning.orienteering.distances import tour_length
from overflight.planning.orienteering.exact import best_tour
from overflight.planning.orienteering.field import Field
from overflight.planning.orienteering.oplib import Instance
from overflight.terms.words import say

CHAINS: Final = 2
MANNERS: Final = (Manner(), Manner(longest=20, over=1.5))


@dataclass(frozen=True)
class Tour:
    """A closed tour that keeps the limit: row numbers from the start on, without coming back to it at the end."""

    rows: NDArray[np.int64]
    score: int
    length: int


@dataclass(frozen=True)
class Found:
    """The best tour of a search and what it took."""

    tour: Tour
    seconds: float
    compile_seconds: float
    steps: int
    stopped_by: str


def checked(instance: Instance, rows: NDArray[np.int64]) -> Tour:
    """The tour with its score and length counted anew from the instance alone.

    Raises
    ------
    OverflightError
        If it does not begin at the start, visits a node twice or is longer than the limit: a fault of the search.
    """
    length = tour_length(instance, rows)
    if rows[0] != 0 or len(np.unique(rows)) != len(rows) or length > instance.limit:
        raise OverflightError(say("the search returned a tour that breaks the rules of the instance; please report it"))
    return Tour(rows, int(instance.scores[rows].sum()), length)


def search(
    field: Field,
    *,
    seconds: float | None,
    steps: int | None = None,
    seed: int = 0,
    enough: Callable[[int], bool] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Found:
    """Search with two chains until the time or the steps are used up, or until interrupted.

    With `steps` alone the result follows from (instance, seed, steps) and nothing else.  The compiled loops leave
    Python's lock, so that the chains run on two cores.

    Parameters
    ----------
    seconds : float, optional
        Wall seconds, compilation not counted.
    steps : int, optional
        Steps of each chain.
    enough : callable, optional
        Told the best score of a chain; True ends the search (a bound that is reached, say).
    """
    compile_seconds = compile_loops(clock)
    begun = clock()
    halt = threading.Event()
    chains: list[Chain | None] = [None] * CHAINS
    reasons = ["steps"] * CHAINS
    faults: list[BaseException] = []

    def run(k: int) -> None:
        try:
            chain = Chain(field, seed * CHAINS + k, MANNERS[k % len(MANNERS)])
            chains[k] = chain
            while not halt.is_set():
                passed = (clock() - begun) / seconds if seconds else 0.0
                made = chain.steps / steps if steps else 0.0
                if len(field) < 2:
                    reasons[k] = "nothing within reach"
                    return
                if made >= 1.0 and steps:
                    return
                if passed >= 1.0 and seconds:
                    reasons[k] = "time"
                    return
                if enough is not None and enough(chain.best_score):
                    reasons[k] = "proven"
                    halt.set()
                    return
                chain.advance(made if steps else passed)
        except BaseException as fault:
            faults.append(fault)
            halt.set()

    threads = [threading.Thread(target=run, args=(k,), daemon=True) for k in range(CHAINS)]
    interrupted = False
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            try:
                thread.join(0.2)
            except KeyboardInterrupt:
                interrupted = True
                halt.set()
    if faults:
        raise faults[0]
    made = [chain for chain in chains if chain is not None]
    if not made:
        made = [Chain(field, seed)]
    best = max(made, key=lambda chain: (chain.best_score, -chain.best_length))
    return Found(
        tour=checked(field.instance, best.best),
        seconds=clock() - begun,
        compile_seconds=compile_seconds,
        steps=sum(chain.steps for chain in made),
        stopped_by="interrupt" if interrupted else _main_reason(reasons),
    )


def solve_small(field: Field, clock: Callable[[], float] = time.monotonic) -> Found | None:
    """The best tour there is, proven, if at most 13 nodes are within reach; else None."""
    begun = clock()
    rows = best_tour(field)
    if rows is None:
        return None
    return Found(checked(field.instance, rows), clock() - begun, 0.0, 0, "proven")


def _main_reason(reasons: list[str]) -> str:
    for reason in ("proven", "time"):
        if reason in reasons:
            return reason
    return reasons[0]


def compile_loops(clock: Callable[[], float]) -> float:
    """Compile every loop, or load it from disk, on an instance of seven nodes; seconds that it took."""
    begun = clock()
    points = np.array([[0, 0], [0, 9], [8, 0], [9, 9], [4, 5], [30, 4], [5, 30]], dtype=np.float64)
    scores = np.array([0, 3, 1, 4, 1, 5, 9], dtype=np.int64)
    small = Chain(Field.of(Instance("small", "EUC_2D", points, scores, 40)), 0)
    for k in range(10):
        small.advance(k / 10)
    return clock() - begun
