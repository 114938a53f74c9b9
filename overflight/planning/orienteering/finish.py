"""Makes a tour keep the limit and fills what is left of it: the compiled parts that run between annealing steps."""

from __future__ import annotations

from typing import Any

from overflight.planning.orienteering.compiled import compiled
from overflight.planning.orienteering.tours import shorten

Array = Any


@compiled
def ring_to_tour(after: Array, tour: Array, pos: Array) -> int:
    """Write the ring into the array from node 0 on; returns how many nodes it visits."""
    pos[:] = -1
    m = 0
    v = 0
    while True:
        tour[m] = v
        pos[v] = m
        m += 1
        v = after[v]
        if v == 0:
            return m


@compiled
def tour_to_ring(tour: Array, m: int, after: Array, before: Array) -> None:
    """Write the array into the ring."""
    after[:] = -1
    before[:] = -1
    for i in range(m):
        v, w = tour[i], tour[i + 1 if i + 1 < m else 0]
        after[v] = w
        before[w] = v


@compiled
def shorten_all(
    tour: Array, pos: Array, m: int, far: Array, near: Array, queue: Array, queued: Array, hold: Array
) -> int:
    """Shorten with every visited node in the queue; returns the length saved."""
    for i in range(m):
        queue[i] = tour[i]
        queued[tour[i]] = 1
    return shorten(tour, pos, m, far, near, queue, queued, m, hold)


@compiled
def drop_until(far: Array, score: Array, limit: int, after: Array, before: Array, now: Array) -> None:
    """Take out the node with the least score for the length that it saves, until the ring keeps the limit."""
    while now[0] > limit and after[0] != 0:
        excess = now[0] - limit
        worst = -1.0
        chosen = -1
        v = after[0]
        while v != 0:
            p, q = before[v], after[v]
            saved = far[p, v] + far[v, q] - far[p, q]
            if saved > 0:
                # What is saved beyond the excess counts little: it has to be filled again.
                useful = min(saved, excess) + 0.3 * max(0, saved - excess)
                loss = (score[v] + 1e-9) / useful
                if chosen < 0 or loss < worst:
                    worst = loss
                    chosen = v
            v = q
        if chosen < 0:
            return
        p, q = before[chosen], after[chosen]
        now[0] -= far[p, chosen] + far[chosen, q] - far[p, q]
        now[1] -= score[chosen]
        after[p] = q
        before[q] = p
        after[chosen] = -1


@compiled
def place_for(v: int, far: Array, near: Array, after: Array, before: Array, found: Array) -> bool:
    """The cheapest place for `v` beside one of its neighbours: ``found`` gets the node before it and the cost."""
    least = -1
    for j in range(-1, near.shape[1]):
        u = 0 if j < 0 else near[v, j]  # the start may be nobody's neighbour
        if after[u] < 0:
            continue
        for side in range(2):
            w = after[u] if side == 0 else before[u]
            cost = far[u, v] + far[v, w] - far[u, w]
            if least < 0 or cost < found[1]:
                least = 1
                found[0] = u if side == 0 else w
                found[1] = cost
    return least > 0


@compiled
def fill(
    far: Array, near: Array, score: Array, limit: int, after: Array, before: Array, now: Array, work: Array
) -> int:
    """Put unvisited nodes in, best score for length first, while the limit is kept; returns how many went in."""
    n = len(score)
    found = work[:2]
    ratio = work[2 : 2 + n]
    many = 0
    for v in range(n):
        ratio[v] = -1.0
        if after[v] < 0 and score[v] > 0 and place_for(v, far, near, after, before, found):
            if now[0] + found[1] <= limit:
                ratio[v] = score[v] / max(found[1], 0.5)
                many += 1
    if many == 0:
        return 0
    inserted = 0
    order = (-ratio).argsort(kind="mergesort")
    for k in range(many):
        v = order[k]
        if place_for(v, far, near, after, before, found) and now[0] + found[1] <= limit:
            u = int(found[0])
            w = after[u]
            after[u] = v
            before[v] = u
            after[v] = w
            before[w] = v
            now[0] += int(found[1])
            now[1] += score[v]
            inserted += 1
    return inserted


@compiled
def settle(
    far: Array,
    near: Array,
    score: Array,
    limit: int,
    after: Array,
    before: Array,
    now: Array,
    tour: Array,
    pos: Array,
    queue: Array,
    queued: Array,
    hold: Array,
    work: Array,
) -> None:
    """Shorten the ring, make it keep the limit, and fill it, until nothing more goes in."""
    for _ in range(8):
        m = ring_to_tour(after, tour, pos)
        saved = shorten_all(tour, pos, m, far, near, queue, queued, hold)
        if saved > 0:
            now[0] -= saved
            tour_to_ring(tour, m, after, before)
        drop_until(far, score, limit, after, before, now)
        if fill(far, near, score, limit, after, before, now, work) == 0:
            return
