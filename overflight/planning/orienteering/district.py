"""Large steps: drop a whole stretch of the tour, or take in a whole district that it passes by.

The small steps of `ruin` seldom leave a district or enter one, for the way there and back has to be paid before the
district is worth it.  A large step does it at once, shortens the result and only then weighs it.
"""

from __future__ import annotations

import math
from typing import Any

from overflight.planning.orienteering.compiled import compiled
from overflight.planning.orienteering.finish import place_for, ring_to_tour, tour_to_ring
from overflight.planning.orienteering.ruin import below, link, share, unlink, worth
from overflight.planning.orienteering.tours import shorten

Array = Any


@compiled
def drop_stretch(far: Array, score: Array, after: Array, before: Array, now: Array, first: int, count: int) -> int:
    """Take out `count` nodes from `first` forward, but not the start; returns the node before the gap."""
    u = before[first]
    v = first
    while count > 0 and v != 0:
        w = after[v]
        now[0] -= far[u, v] + far[v, w] - far[u, w]
        now[1] -= score[v]
        unlink(v, after, before)
        v = w
        count -= 1
    return int(u)


@compiled
def put_in(v: int, place: int, cost: int, score: Array, after: Array, before: Array, now: Array) -> None:
    """Put `v` in behind `place`."""
    link(v, place, after, before)
    now[0] += cost
    now[1] += score[v]


@compiled
def grow(
    far: Array,
    near: Array,
    score: Array,
    after: Array,
    before: Array,
    now: Array,
    seed: int,
    most: int,
    queue: Array,
    mark: Array,
    found: Array,
    around: int,
) -> int:
    """Take in up to `most` unvisited nodes, from `seed` outwards; ``queue[:...]`` gets them, their count returns."""
    best = -1
    place = 0
    u = 0
    while True:
        w = after[u]
        cost = far[u, seed] + far[seed, w] - far[u, w]
        if best < 0 or cost < best:
            best = cost
            place = u
        u = w
        if u == 0:
            break
    put_in(seed, place, best, score, after, before, now)
    queue[0] = seed
    mark[seed] = 1
    many = 1
    k = 0
    while k < many:
        c = queue[k]
        k += 1
        for j in range(min(around, near.shape[1])):
            v = near[c, j]
            if many < most and after[v] < 0 and mark[v] == 0:
                mark[v] = 1
                queue[many] = v
                many += 1
    for k in range(many):
        v = queue[k]
        mark[v] = 0
        if k > 0 and place_for(v, far, near, after, before, found):
            put_in(v, int(found[0]), int(found[1]), score, after, before, now)
    return many


@compiled
def trim(far: Array, score: Array, after: Array, before: Array, now: Array, price: float) -> None:
    """Take out nodes that are worth less than the length that they cost."""
    v = after[0]
    while v != 0:
        p, q = before[v], after[v]
        saved = far[p, v] + far[v, q] - far[p, q]
        if score[v] < price * saved:
            now[0] -= saved
            now[1] -= score[v]
            unlink(v, after, before)
            if p != 0:
                q = p  # its neighbour may not be worth it any more
        v = q


@compiled
def relocate(
    far: Array,
    near: Array,
    score: Array,
    limit: int,
    after: Array,
    before: Array,
    now: Array,
    state: Array,
    steps: int,
    warm: float,
    price: float,
    over: float,
    stretch: int,
    tour: Array,
    pos: Array,
    queue: Array,
    queued: Array,
    hold: Array,
    found: Array,
    keep: Array,
    mark: Array,
) -> int:
    """Make `steps` large steps; returns how many were kept.  `keep` is scratch of shape (2, n)."""
    n = len(score)
    kept = 0
    value = worth(now[1], now[0], limit, price, over)
    for _ in range(steps):
        keep[0, :] = after
        keep[1, :] = before
        length, points = now[0], now[1]
        kind = below(state, 3)
        waiting = 0
        most = 2 + int(stretch * share(state) ** 2)
        if kind != 1:
            v = 1 + below(state, n - 1)
            for j in range(near.shape[1]):
                if after[v] >= 0 and v != 0:
                    break
                v = near[v, j]
            if after[v] < 0 or v == 0:
                continue
            u = drop_stretch(far, score, after, before, now, v, most)
            queue[waiting] = u
            queued[u] = 1
            waiting += 1
            if after[u] != u:
                queue[waiting] = after[u]
                queued[after[u]] = 1
                waiting += 1
        if kind != 0:
            seed = 1 + below(state, n - 1)
            if after[seed] >= 0:
                for j in range(near.shape[1]):
                    if after[near[seed, j]] < 0:
                        seed = near[seed, j]
                        break
            if after[seed] < 0 and seed != 0:
                for k in range(waiting):
                    queued[queue[k]] = 0
                waiting = grow(far, near, score, after, before, now, seed, most, queue, mark, found, 8)
                for k in range(waiting):
                    queued[queue[k]] = 1
        m = ring_to_tour(after, tour, pos)
        now[0] -= shorten(tour, pos, m, far, near, queue, queued, waiting, hold)
        tour_to_ring(tour, m, after, before)
        if kind != 0:
            trim(far, score, after, before, now, price)
        new = worth(now[1], now[0], limit, price, over)
        if new >= value or new - value > warm * math.log(share(state)):
            value = new
            kept += 1
        else:
            after[:] = keep[0]
            before[:] = keep[1]
            now[0] = length
            now[1] = points
    return kept
