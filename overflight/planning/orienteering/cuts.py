"""Finds sets of nodes that a fractional solution cuts off from the start: generalised subtour rows.

For a set S without the start and a node k in S, a tour that visits k crosses the edge of S at least twice; within S
this reads: the edges inside S are at most the visits of S less the visit of k.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overflight.planning.orienteering.compiled import compiled

Array = Any
SERVED: Final = 8  # sets that may hold the same node, in one round
NESTED: Final = 10  # sets found in a row for one node, from the start outwards


@compiled
def flow_to(
    target: int, most: float, start: Array, head: Array, twin: Array, room: Array, via: Array, queue: Array
) -> float:
    """Push up to `most` from node 0 to `target`, shortest ways first; ``via[v] >= 0`` marks what is still reached."""
    flow = 0.0
    while True:
        via[:] = -1
        via[0] = len(head)
        queue[0] = 0
        k, many = 0, 1
        while k < many and via[target] < 0:
            u = queue[k]
            k += 1
            for a in range(start[u], start[u + 1]):
                v = head[a]
                if via[v] < 0 and room[a] > 1e-9:
                    via[v] = a
                    queue[many] = v
                    many += 1
        if via[target] < 0:
            return flow
        least = most - flow
        v = target
        while v != 0:
            a = via[v]
            least = min(least, room[a])
            v = head[twin[a]]
        v = target
        while v != 0:
            a = via[v]
            room[a] -= least
            room[twin[a]] += least
            v = head[twin[a]]
        flow += least
        if flow >= most - 1e-9:
            return flow


@compiled
def reaches(target: int, start: Array, head: Array, twin: Array, room: Array, via: Array, queue: Array) -> None:
    """Mark by ``via[v] >= 0`` the nodes from which `target` can still be reached: the smallest side that holds it."""
    via[:] = -1
    via[target] = 0
    queue[0] = target
    k, many = 0, 1
    while k < many:
        u = queue[k]
        k += 1
        for a in range(start[u], start[u + 1]):
            v = head[a]
            if via[v] < 0 and room[twin[a]] > 1e-9:
                via[v] = 0
                queue[many] = v
                many += 1


class Support:
    """The edges that a solution uses, as a graph on the nodes that it visits."""

    def __init__(self, n: int, ends: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        used = x > 1e-7
        one, two, weight = ends[used, 0], ends[used, 1], x[used]
        tail = np.concatenate([one, two])
        order = np.argsort(tail, kind="stable")
        many = len(one)
        place = np.empty(2 * many, dtype=np.int64)
        place[order] = np.arange(2 * many)
        self.n, self.y = n, y
        self.tail = tail[order]
        self.head = np.concatenate([two, one])[order]
        self.twin = np.concatenate([place[many:], place[:many]])[order]
        self.room = np.concatenate([weight, weight])[order]
        self.start = np.searchsorted(tail[order], np.arange(n + 1)).astype(np.int64)

    def cut_off(self, least: float, most: int, seed: int) -> list[NDArray[np.int64]]:
        """Up to `most` sets whose row is broken by at least `least`, each found by a maximum flow from the start."""
        found: dict[bytes, tuple[float, NDArray[np.int64]]] = {}
        served = np.zeros(self.n, dtype=np.int64)
        via, queue = np.empty(self.n, dtype=np.int64), np.empty(self.n, dtype=np.int64)
        wanted = np.flatnonzero(self.y > max(least, 1e-6))
        wanted = np.random.default_rng(seed).permutation(wanted[wanted != 0])
        for k in wanted:
            if served[k] >= SERVED:
                continue
            asked = 2.0 * float(self.y[k])
            widened = self.room
            for _ in range(NESTED):
                room = widened.copy()
                flow = flow_to(int(k), asked, self.start, self.head, self.twin, room, via, queue)
                if flow >= asked - least:
                    break
                far_side = via < 0
                reaches(int(k), self.start, self.head, self.twin, room, via, queue)
                near_side = np.flatnonzero(via >= 0)
                for side in (near_side, np.flatnonzero(far_side)):
                    key = side.tobytes()
                    if len(side) > 1 and key not in found:
                        served[side] += 1
                        found[key] = (self._broken_by(side), side)
                # The next set for the same node has to lie elsewhere: the edges just cut carry all they are asked to.
                widened = np.where(far_side[self.tail] != far_side[self.head], 2.0, widened)
        chosen = sorted(found.values(), key=lambda pair: (-pair[0], len(pair[1])))
        return [side for _, side in chosen[:most]]

    def _broken_by(self, side: NDArray[np.int64]) -> float:
        inside = np.zeros(self.n, dtype=bool)
        inside[side] = True
        crossing = float(self.room[inside[self.tail] & ~inside[self.head]].sum())
        return 2.0 * float(self.y[side].max()) - crossing
