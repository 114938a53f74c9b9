"""The shortest way between two places by way of others, where a look at whether a leg may be flown is costly."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shortest_way(
    many: int,
    apart: Callable[[int], Floats],
    clear: Callable[[int, NDArray[np.int64]], NDArray[np.bool_]],
    most: float = float("inf"),
) -> list[int]:
    """Numbers of the places on the shortest clear way from 0 to 1; empty if there is none (A*, legs looked at late).

    Parameters
    ----------
    many : int
        How many places there are.
    apart : callable
        Lengths from one place to all, shape (many,).
    clear : callable
        Which of several places a clear leg leads to from one.
    most : float
        Longer ways are not looked for.
    """
    goal = apart(1)
    best = np.full(many, np.inf)
    best[0] = 0.0
    came: dict[int, int] = {}
    done: set[int] = set()
    heap = [(float(goal[0]), 0)]
    while heap:
        _, here = heapq.heappop(heap)
        if here in done:
            continue
        done.add(here)
        if here == 1:
            way = [1]
            while way[-1] != 0:
                way.append(came[way[-1]])
            return way[::-1]
        far = best[here] + apart(here)
        better = np.flatnonzero((far < best - 1e-9) & (far + goal <= most))
        for k in better[clear(here, better)].tolist():
            best[k] = far[k]
            came[k] = here
            heapq.heappush(heap, (float(far[k] + goal[k]), k))
    return []
