"""The compiled inner loop: ruin and recreate, shifts and 2-opt over a path with a priced length, annealed.

A step weighs the value that it wins against the price of the length that it needs, and a path may for a while be
longer than the limit; what is remembered keeps it.
"""

from __future__ import annotations

import math
from typing import Any

from overflight.planning.orienteering.compiled import compiled, inner
from overflight.planning.orienteering.ruin import below, share
from overflight.planning.swath.path import bring_in, put_at, put_in, reverse, shift, take_away, take_out, turn_round
from overflight.planning.swath.sight import apart, arc, between
from overflight.planning.swath.stands import aside, go_home
from overflight.planning.swath.straight import try_straight
from overflight.planning.swath.world import (
    AFTER,
    BEFORE,
    BY,
    CANDIDATES,
    CORE,
    CORNER,
    CORNER_WIDTH,
    COUNT,
    EDGES,
    FIXED,
    FOUND,
    GIVE,
    HOME,
    KEYS,
    LEG,
    LENGTH,
    LIMIT,
    LOG,
    LOG_PLACE,
    MARK,
    NEAR,
    NEAR_WIDTH,
    ORIGINAL,
    OTHER,
    PLACE,
    SHORT,
    SITE,
    SITE_OF,
    TURN,
    VALUE,
    WANTED,
)

Array = Any


@inner
def priced(value: float, length: float, limit: float, price: float, over: float) -> float:
    """Value less the price of length; above the limit a kilometre costs `over` times as much."""
    rest = limit - length
    return value + price * rest if rest >= 0.0 else value + over * price * rest


@inner
def added(f: Array, k: Array, v: int, u: int) -> float:
    """Length that `v` would add behind `u`."""
    return float(apart(f, k, u, v) + apart(f, k, v, k[k[AFTER] + u]) - f[k[LEG] + u])


@inner
def keep_three(f: Array, k: Array, cost: float, u: int) -> None:
    """Keep the three cheapest places, each once; `found` holds rows of cost and place."""
    for n in range(3):
        if f[k[FOUND] + 2 * n + 1] == u:
            return
    for n in range(3):
        if cost < f[k[FOUND] + 2 * n]:
            for j in range(2, n, -1):
                f[k[FOUND] + 2 * j] = f[k[FOUND] + 2 * (j - 1)]
                f[k[FOUND] + 2 * j + 1] = f[k[FOUND] + 2 * (j - 1) + 1]
            f[k[FOUND] + 2 * n] = cost
            f[k[FOUND] + 2 * n + 1] = u
            return


@inner
def places_for(f: Array, k: Array, rng: Array, v: int, reach: int, blink: float) -> None:
    """The three cheapest places for `v`: beside `reach` neighbours, on legs that observe them, or with 0 on any leg.

    A share `blink` of the neighbours is overlooked.
    """
    for n in range(3):
        f[k[FOUND] + 2 * n] = 1e18
        f[k[FOUND] + 2 * n + 1] = -1.0
    if reach == 0:
        u = 0
        while u != 1:
            keep_three(f, k, added(f, k, v, u), u)
            u = k[k[AFTER] + u]
        return
    for j in range(-1, reach):
        u = 0 if j < 0 else k[k[NEAR] + v * k[NEAR_WIDTH] + j]
        if k[k[BEFORE] + u] == -2:
            s = k[k[SITE_OF] + u]
            if s < 0 or k[k[COUNT] + s] == 0:
                continue
            u = k[k[BY] + s]
            if u < 0 or k[k[BEFORE] + u] == -2:
                continue
        if blink > 0.0 and share(rng) < blink:
            continue
        if u != 1:
            keep_three(f, k, added(f, k, v, u), u)
        if u != 0:
            keep_three(f, k, added(f, k, v, k[k[BEFORE] + u]), k[k[BEFORE] + u])


@inner
def by_corners(f: Array, k: Array, v: int, u: int, logged: int) -> int:
    """Put `v` in behind `u` by way of one or two corners of forbidden ground; how many changes were logged."""
    for i in range(k[CORNER_WIDTH]):
        c = k[k[CORNER] + v * k[CORNER_WIDTH] + i]
        if c < 0:
            return 0
        if k[k[BEFORE] + c] != -2 or not put_in(f, k, c, u):
            continue
        k[k[LOG] + 2 * logged] = c
        k[k[LOG] + 2 * logged + 1] = -1
        k[k[LOG] + 2 * (logged + 1)] = v
        k[k[LOG] + 2 * (logged + 1) + 1] = -1
        if put_in(f, k, v, u) or put_in(f, k, v, c):
            return 2
        for j in range(k[CORNER_WIDTH]):
            e = k[k[CORNER] + v * k[CORNER_WIDTH] + j]
            if e < 0:
                break
            if k[k[BEFORE] + e] != -2 or not put_in(f, k, e, c):
                continue
            if put_in(f, k, v, c):
                k[k[LOG] + 2 * (logged + 1)] = e
                k[k[LOG] + 2 * (logged + 2)] = v
                k[k[LOG] + 2 * (logged + 2) + 1] = -1
                return 3
            take_away(f, k, e)
        take_away(f, k, c)
    return 0


@inner
def undo(f: Array, k: Array, logged: int, down_to: int) -> None:
    """Take back the logged changes, the last first, until `down_to` are left."""
    for n in range(logged - 1, down_to - 1, -1):
        v, u = k[k[LOG] + 2 * n], k[k[LOG] + 2 * n + 1]
        if u < 0:
            take_away(f, k, v)
        else:
            for j in range(3):
                f[k[PLACE] + 3 * v + j] = f[k[LOG_PLACE] + 3 * n + j]
            bring_in(f, k, v, u)


@inner
def try_in(
    f: Array,
    k: Array,
    rng: Array,
    v: int,
    asked: float,
    logged: int,
    reach: int,
    blink: float,
    room: float,
) -> int:
    """Put `v` in where it wins more than `asked` for a kilometre and adds at most `room`; how many changes."""
    free = f[k[GIVE] + v] > 0.0
    go_home(f, k, v)
    places_for(f, k, rng, v, reach, blink)
    value, length = f[VALUE], f[LENGTH]
    spare = 2.0 * f[k[GIVE] + v]
    most = f[k[SITE] + 5 * k[k[SITE_OF] + v] + 4] if k[k[SITE_OF] + v] >= 0 else 0.0
    turning = free and k[TURN] == SHORT
    if turning:
        if f[k[FOUND] + 1] < 0.0 or f[k[FOUND]] - spare > room:
            return 0
        many = try_straight(f, k, rng, v, asked, logged, room)
        if many > 0:
            return many
    tries = 0 if turning else (3 if k[EDGES] > 0 else 1)
    for n in range(tries):
        if f[k[FOUND] + 2 * n + 1] < 0.0 or f[k[FOUND] + 2 * n] - spare > room:
            if n == 0:
                return 0
            break  # no other place; the first may still be reached around a corner
        # Legs also observe what lies beside them; three times the candidate's own value is looked at, no more.
        if 3.0 * most < asked * (f[k[FOUND] + 2 * n] - spare):
            return 0
        u = int(f[k[FOUND] + 2 * n + 1])
        if free:
            if share(rng) < 0.8:
                aside(f, k, v, u, k[k[AFTER] + u], 0.999)
            else:
                go_home(f, k, v)
        if not put_in(f, k, v, u):
            continue
        more, gain = f[LENGTH] - length, f[VALUE] - value
        if gain > 1e-12 and gain >= asked * more and more <= room:
            k[k[LOG] + 2 * logged] = v
            k[k[LOG] + 2 * logged + 1] = -1
            return 1
        take_away(f, k, v)
        if n == 0:
            return 0
    if k[EDGES] == 0:
        return 0
    go_home(f, k, v)
    many = by_corners(f, k, v, int(f[k[FOUND] + 1]), logged)
    if many == 0:
        return 0
    more, gain = f[LENGTH] - length, f[VALUE] - value
    if gain > 1e-12 and gain >= asked * more and more <= room:
        return many
    undo(f, k, logged + many, logged)
    return 0


@inner
def drop(f: Array, k: Array, v: int, logged: int) -> bool:
    """Take `v` out and log it; False if that is not legal."""
    u = k[k[BEFORE] + v]
    if not take_out(f, k, v):
        return False
    k[k[LOG] + 2 * logged] = v
    k[k[LOG] + 2 * logged + 1] = u
    for j in range(3):
        f[k[LOG_PLACE] + 3 * logged + j] = f[k[PLACE] + 3 * v + j]
    return True


@inner
def visited_near(f: Array, k: Array, seed: int) -> int:
    """`seed`, or the nearest neighbour that is a waypoint and may be dropped; -1 if there is none."""
    if k[k[BEFORE] + seed] != -2 and k[k[FIXED] + seed] == 0:
        return seed
    for j in range(k[NEAR_WIDTH]):
        v = k[k[NEAR] + seed * k[NEAR_WIDTH] + j]
        if k[k[BEFORE] + v] != -2 and k[k[FIXED] + v] == 0:
            return int(v)
    return -1


@inner
def nudge(f: Array, k: Array, rng: Array, v: int, limit: float, price: float, over: float, warm: float) -> None:
    """Shift waypoint `v` a little, or to where the path is shortest, if that is worth it."""
    if v < 0 or f[k[GIVE] + v] <= 0.0:
        return
    x0, y0, z0 = f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2]
    old = priced(f[VALUE], f[LENGTH], limit, price, over)
    kind = below(rng, 4)
    if kind == 0:
        aside(f, k, v, k[k[BEFORE] + v], k[k[AFTER] + v], 0.999)
    elif kind == 1:
        aside(f, k, v, k[k[BEFORE] + v], k[k[AFTER] + v], 0.4 + 0.6 * share(rng))
    else:
        give = f[k[GIVE] + v]
        wide = give * (0.15 if kind == 2 else 0.6)
        for n in range(3):
            f[k[PLACE] + 3 * v + n] += wide * (share(rng) + share(rng) - 1.0)
        d = arc(
            f[k[PLACE] + 3 * v],
            f[k[PLACE] + 3 * v + 1],
            f[k[PLACE] + 3 * v + 2],
            f[k[CORE] + 3 * v],
            f[k[CORE] + 3 * v + 1],
            f[k[CORE] + 3 * v + 2],
        )
        k1 = min(1.0, 0.999 * give / max(d, 1e-9))
        size = 0.0
        radius = 0.0
        for n in range(3):
            f[k[PLACE] + 3 * v + n] = f[k[CORE] + 3 * v + n] + k1 * (f[k[PLACE] + 3 * v + n] - f[k[CORE] + 3 * v + n])
            size += f[k[PLACE] + 3 * v + n] * f[k[PLACE] + 3 * v + n]
            radius += f[k[CORE] + 3 * v + n] * f[k[CORE] + 3 * v + n]
        k2 = math.sqrt(radius / size)
        for n in range(3):
            f[k[PLACE] + 3 * v + n] *= k2
    x, y, z = f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2]
    f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2] = x0, y0, z0
    if not shift(f, k, v, x, y, z):
        return
    new = priced(f[VALUE], f[LENGTH], limit, price, over)
    if new < old and new - old <= warm * math.log(share(rng)):
        put_at(f, k, v, x0, y0, z0)


@inner
def flip(f: Array, k: Array, rng: Array, limit: float, price: float, over: float, warm: float) -> None:
    """2-opt between a waypoint and a neighbour of it, if that is worth it."""
    a = visited_near(f, k, below(rng, k[CANDIDATES]))
    if a < 0:
        return
    d = k[k[NEAR] + a * k[NEAR_WIDTH] + below(rng, min(10, k[NEAR_WIDTH]))]
    if k[k[BEFORE] + d] == -2 or d == a:
        return
    v = a
    while v != 1 and v != d:
        v = k[k[AFTER] + v]
    if v != d:
        a, d = d, a
    if below(rng, 2) == 0:
        if k[k[BEFORE] + a] < 0 or k[k[BEFORE] + d] < 0:
            return
        a, d = k[k[BEFORE] + a], k[k[BEFORE] + d]
    b = k[k[AFTER] + a]
    if d == 1 or b < 0 or b == d or a == d:
        return
    old = priced(f[VALUE], f[LENGTH], limit, price, over)
    if not turn_round(f, k, a, d):
        return
    new = priced(f[VALUE], f[LENGTH], limit, price, over)
    if new < old and new - old <= warm * math.log(share(rng)):
        reverse(f, k, a, b)


@inner
def sort_wanted(f: Array, k: Array, wanted: int) -> None:
    """Put the first `wanted` candidates of the scratch in the order of their keys."""
    for n in range(1, wanted):
        key, v = f[k[KEYS] + n], k[k[WANTED] + n]
        j = n - 1
        while j >= 0 and f[k[KEYS] + j] > key:
            f[k[KEYS] + j + 1] = f[k[KEYS] + j]
            k[k[WANTED] + j + 1] = k[k[WANTED] + j]
            j -= 1
        f[k[KEYS] + j + 1] = key
        k[k[WANTED] + j + 1] = v


@inner
def want(f: Array, k: Array, v: int, wanted: int) -> int:
    """Add `v` to the candidates to try if it observes something that nothing else does."""
    s = k[k[SITE_OF] + v]
    if s < 0 or k[k[MARK] + v] != 0 or k[k[BEFORE] + v] != -2 or k[k[COUNT] + s] > 0 or wanted >= 120:
        return wanted
    if v >= k[ORIGINAL] and k[k[BEFORE] + k[k[OTHER] + v]] == -2:
        return wanted  # the first candidate of the site is free, and wanted for both
    k[k[MARK] + v] = 1
    k[k[WANTED] + wanted] = v
    return wanted + 1


@inner
def rebuild(f: Array, k: Array, rng: Array, limit: float, price: float, over: float, warm: float, longest: int) -> None:
    """Drop runs of waypoints around a place and put in what is worth it there; kept if it is worth it."""
    width = k[NEAR_WIDTH]
    old = priced(f[VALUE], f[LENGTH], limit, price, over)
    seed = below(rng, k[CANDIDATES])
    runs = 1 + below(rng, 3)
    top = 1 + below(rng, longest)
    logged = 0
    for j in range(-1, width):
        c = seed if j < 0 else k[k[NEAR] + seed * k[NEAR_WIDTH] + j]
        if k[k[BEFORE] + c] == -2 or k[k[FIXED] + c] != 0:
            continue
        count = 1 + below(rng, top)
        back = below(rng, count)
        v = c
        while back > 0 and k[k[FIXED] + k[k[BEFORE] + v]] == 0:
            v = k[k[BEFORE] + v]
            back -= 1
        while count > 0 and k[k[FIXED] + v] == 0:
            w = k[k[AFTER] + v]
            if drop(f, k, v, logged):
                logged += 1
            v = w
            count -= 1
        runs -= 1
        if runs == 0:
            break
    wanted = want(f, k, seed, 0)
    dropped = logged
    for n in range(dropped):
        wanted = want(f, k, k[k[LOG] + 2 * n], wanted)
    for n in range(-1, dropped):
        c = seed if n < 0 else k[k[LOG] + 2 * n]
        for j in range(min(10 if n < 0 else 5, width)):
            wanted = want(f, k, k[k[NEAR] + c * k[NEAR_WIDTH] + j], wanted)
    rule = below(rng, 8)
    for n in range(wanted):
        v = k[k[WANTED] + n]
        if rule < 3:
            f[k[KEYS] + n] = share(rng)
        elif rule < 6:
            f[k[KEYS] + n] = -f[k[SITE] + 5 * k[k[SITE_OF] + v] + 4] * (0.5 + share(rng))
        elif rule == 6:
            f[k[KEYS] + n] = between(f, k[HOME] + 3 * seed, k[HOME] + 3 * v)
        else:
            f[k[KEYS] + n] = -between(f, k[HOME] + 3 * seed, k[HOME] + 3 * v)
    sort_wanted(f, k, wanted)
    asked = price * (0.6 + 0.8 * share(rng))
    for n in range(wanted):
        v = k[k[WANTED] + n]
        k[k[MARK] + v] = 0
        if k[k[COUNT] + k[k[SITE_OF] + v]] > 0:
            continue
        logged += try_in(f, k, rng, v, asked, logged, min(12, width), 0.01, 1e18)
    new = priced(f[VALUE], f[LENGTH], limit, price, over)
    if new < old and new - old <= warm * math.log(share(rng)):
        undo(f, k, logged, 0)


@compiled
def anneal(
    f: Array,
    k: Array,
    rng: Array,
    limit: float,
    steps: int,
    warm: float,
    price: float,
    over: float,
    longest: int,
    best: Array,
    best_after: Array,
    best_place: Array,
) -> float:
    """Make `steps` steps; returns the mean length over `limit`.

    Parameters
    ----------
    best, best_after, best_place : arrays
        Length and value of the best path that keeps the world's own limit, its links and places; updated.
    """
    real = f[LIMIT]
    total = 0.0
    for _ in range(steps):
        kind = below(rng, 8)
        if kind == 0:
            flip(f, k, rng, limit, price, over, warm)
        else:
            most = longest
            if below(rng, 40) == 0:
                most = 4 * longest
            rebuild(f, k, rng, limit, price, over, warm, most)
        for _ in range(4):
            v = visited_near(f, k, below(rng, k[CANDIDATES]))
            nudge(f, k, rng, v, limit, price, over, warm)
        if f[LENGTH] <= real and (
            f[VALUE] > best[1] + 1e-9 or (f[VALUE] > best[1] - 1e-9 and f[LENGTH] < best[0] - 1e-6)
        ):
            best[0] = f[LENGTH]
            best[1] = f[VALUE]
            best_after[:] = k[k[AFTER] : k[AFTER] + k[CANDIDATES]]
            best_place[:] = f[k[PLACE] : k[PLACE] + 3 * k[CANDIDATES]]
        total += f[LENGTH] - limit
    return total / steps
