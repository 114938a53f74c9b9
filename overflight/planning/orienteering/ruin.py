"""Ruin and recreate over a closed tour, annealed: the compiled inner loop of the search.

The tour is a ring of links, so that one step costs what it changes and not the length of the tour.  Length has a
price, in score for a unit of length: a step weighs the score that it wins against the price of the length that it
needs, wherever in the tour that happens, and a tour may for a while be longer than the limit.  This couples distant
parts of the tour (drop here, add there) through one number.
"""

from __future__ import annotations

import math
from typing import Any

from overflight.planning.orienteering.compiled import compiled

Array = Any


@compiled
def random(state: Array) -> int:
    """A whole number from 1 to 2**32 - 1 (xorshift, Marsaglia 2003)."""
    x = int(state[0])
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    state[0] = x
    return x


@compiled
def below(state: Array, most: int) -> int:
    """A random whole number from 0 to `most` - 1."""
    return (random(state) * most) >> 32


@compiled
def share(state: Array) -> float:
    """A random number from 0 to 1."""
    return random(state) / 4294967296.0


@compiled
def worth(score: int, length: int, limit: int, price: float, over: float) -> float:
    """Score less the price of length; above the limit a unit of length costs `over` times as much."""
    rest = limit - length
    return score + price * rest if rest >= 0 else score + over * price * rest


@compiled
def link(v: int, place: int, after: Array, before: Array) -> None:
    """Put `v` into the ring behind `place`."""
    w = after[place]
    after[place] = v
    before[v] = place
    after[v] = w
    before[w] = v


@compiled
def unlink(v: int, after: Array, before: Array) -> None:
    """Take `v` out of the ring; it keeps its own link back, by which it may be put in again."""
    p, w = before[v], after[v]
    after[p] = w
    before[w] = p
    after[v] = -1


@compiled
def anneal(
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
    cool: float,
    price: float,
    over: float,
    how: Array,
    mark: Array,
    scratch: Array,
    keys: Array,
    real: int,
    best: Array,
    best_after: Array,
) -> float:
    """Make `steps` steps; returns the mean length over the limit.

    Parameters
    ----------
    far, near : int arrays (n, n) and (n, k)
        Distances, and the nearest nodes of each node, nearest first.
    after, before : int arrays (n,)
        The ring; -1 for nodes that are not visited.  Node 0 always is.
    now : int array (2,)
        Length and score of the ring; kept up to date.
    warm, cool : float
        Temperature of the first step, and its factor from step to step.
    how : int array (4,)
        Most runs dropped in a step, longest run, neighbours of a dropped node tried, neighbours for insertion.
    real, best, best_after
        The limit of the instance (`limit` may still be above it); length and score of the best ring that keeps it,
        and its links, updated.
    """
    n = len(score)
    width = near.shape[1]
    most_runs, longest, around, reach = how[0], how[1], how[2], min(how[3], width)
    total_over = 0.0
    value = worth(now[1], now[0], limit, price, over)
    for _ in range(steps):
        seed = below(state, n)
        length = now[0]
        points = now[1]
        logged = 0
        wanted = 0
        runs = 1 + below(state, most_runs)
        top = 1 + below(state, longest)
        for j in range(-1, width):
            c = seed if j < 0 else near[seed, j]
            if c == 0 or after[c] < 0 or mark[c] != 0:
                continue
            count = 1 + below(state, top)
            back = below(state, count)
            v = c
            while back > 0 and before[v] != 0:
                v = before[v]
                back -= 1
            while count > 0 and v != 0:
                p, q = before[v], after[v]
                length += far[p, q] - far[p, v] - far[v, q]
                points -= score[v]
                unlink(v, after, before)
                scratch[logged, 0] = v
                scratch[logged, 1] = p
                logged += 1
                mark[v] = 1
                scratch[wanted, 2] = v
                wanted += 1
                v = q
                count -= 1
            runs -= 1
            if runs == 0:
                break
        # What may go in: the dropped nodes and unvisited ones near them and near the seed.
        dropped = wanted
        for k in range(-1, dropped):
            c = seed if k < 0 else scratch[k, 2]
            if k < 0 and after[seed] < 0 and mark[seed] == 0:
                mark[seed] = 1
                scratch[wanted, 2] = seed
                wanted += 1
            most = 2 * around if k < 0 else around
            for j in range(min(most, width)):
                v = near[c, j]
                if after[v] < 0 and mark[v] == 0 and wanted < 100:
                    mark[v] = 1
                    scratch[wanted, 2] = v
                    wanted += 1
        rule = below(state, 8)
        for k in range(wanted):
            v = scratch[k, 2]
            if rule < 3:
                keys[k] = share(state)
            elif rule < 6:
                keys[k] = -score[v] * (0.5 + share(state))
            elif rule == 6:
                keys[k] = far[seed, v]
            else:
                keys[k] = -far[seed, v]
        for k in range(1, wanted):
            key, v = keys[k], scratch[k, 2]
            j = k - 1
            while j >= 0 and keys[j] > key:
                keys[j + 1] = keys[j]
                scratch[j + 1, 2] = scratch[j, 2]
                j -= 1
            keys[j + 1] = key
            scratch[j + 1, 2] = v
        asked = price * (0.6 + 0.8 * share(state))
        for k in range(wanted):
            v = scratch[k, 2]
            mark[v] = 0
            least = 2147483647
            place = -1
            for j in range(-1, reach):
                u = 0 if j < 0 else near[v, j]  # the start may be nobody's neighbour
                if after[u] < 0:
                    continue
                reaching = far[u, v]
                w = after[u]
                cost = reaching + far[v, w] - far[u, w]
                if cost < least and random(state) > 43000000:
                    least = cost
                    place = u
                w = before[u]
                cost = reaching + far[v, w] - far[u, w]
                if cost < least and random(state) > 43000000:
                    least = cost
                    place = w
            if place < 0 or score[v] < asked * least:
                continue
            link(v, place, after, before)
            length += least
            points += score[v]
            scratch[logged, 0] = v
            scratch[logged, 1] = -1
            logged += 1
        new = worth(points, length, limit, price, over)
        if new >= value or new - value > warm * math.log(share(state)):
            value = new
            now[0] = length
            now[1] = points
            if length <= real and (points > best[1] or (points == best[1] and length < best[0])):
                best[0] = length
                best[1] = points
                best_after[:] = after
        else:
            for k in range(logged - 1, -1, -1):
                v, p = scratch[k, 0], scratch[k, 1]
                if p < 0:
                    unlink(v, after, before)
                else:
                    link(v, p, after, before)
        total_over += now[0] - limit
        warm *= cool
    return total_over / steps
