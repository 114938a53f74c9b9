"""What the search and the bound work on: the nodes within reach, their distances, nearest nodes and scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadInput
from overflight.planning.orienteering.distances import Ints, between, matrix
from overflight.planning.orienteering.oplib import Instance
from overflight.terms.words import say

NEAREST: Final = 24
# A table of distances between so many nodes takes 400 MB.
MOST_REACHABLE: Final = 10_000
_CURVE: Final = 1024


@dataclass(frozen=True)
class Field:
    """The part of an instance that a tour within the limit can touch.

    Attributes
    ----------
    nodes : ndarray
        Row number in the instance of each node here, int64, shape (n,); the start is first, the others follow a
        curve that keeps neighbours together, so that the tables are read in place.
    far, near : ndarray
        Distances, int32, shape (n, n); the nearest nodes of each, nearest first, int32, shape (n, k).
    score : ndarray
        int64, shape (n,).
    """

    instance: Instance
    nodes: NDArray[np.int64]
    far: Ints
    near: Ints
    score: NDArray[np.int64]

    @classmethod
    def of(cls, instance: Instance) -> Field:
        """The nodes that can be visited and returned from within the limit.

        Raises
        ------
        BadInput
            If more than 10,000 are within reach.
        """
        there = between(instance.kind, instance.points[:1], instance.points)
        reachable = np.flatnonzero(2 * there <= instance.limit)
        reachable = reachable[reachable != 0]
        if len(reachable) >= MOST_REACHABLE:
            raise BadInput(
                say(
                    "{name} has {n} nodes within reach of the start; at most {most} can be planned at once",
                    name=instance.name,
                    n=len(reachable) + 1,
                    most=MOST_REACHABLE,
                ),
                field="DIMENSION",
            )
        along = _place_on_curve(instance.points[reachable])
        nodes = np.concatenate([[0], reachable[np.argsort(along, kind="stable")]]).astype(np.int64)
        far = matrix(instance, nodes)
        return cls(instance, nodes, far, _nearest(far), instance.scores[nodes])

    @property
    def limit(self) -> int:
        """Longest tour, in the units of the distances."""
        return self.instance.limit

    def __len__(self) -> int:
        return len(self.nodes)


def _nearest(far: Ints) -> Ints:
    n = len(far)
    k = min(NEAREST, n - 1)
    near = np.zeros((n, k), dtype=np.int32)
    for row in range(n):
        if k:
            order = np.argsort(far[row], kind="stable")
            near[row] = order[order != row][:k]
    return near


def _place_on_curve(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Place of each point on Hilbert's curve through a grid of 1,024 by 1,024 cells."""
    place = np.zeros(len(points), dtype=np.int64)
    if not len(points):
        return place
    low = points.min(axis=0)
    size = max(float((points - low).max()), 1e-9)
    cells: Any = ((points - low) / size * (_CURVE - 1)).astype(np.int64)
    x, y = cells[:, 0].copy(), cells[:, 1].copy()
    side = _CURVE // 2
    while side:
        right, up = (x & side) > 0, (y & side) > 0
        place += side * side * ((3 * right) ^ up)
        flip = ~up & right
        x[flip], y[flip] = _CURVE - 1 - x[flip], _CURVE - 1 - y[flip]
        turn = ~up
        x[turn], y[turn] = y[turn], x[turn]
        side //= 2
    return place
