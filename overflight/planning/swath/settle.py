"""Makes a path keep the limit, drops what it does not need, and fills the length that is left: the compiled parts."""

from __future__ import annotations

from typing import Any

from overflight.planning.orienteering.compiled import compiled, inner
from overflight.planning.swath.anneal import places_for, try_in
from overflight.planning.swath.path import bring_in, put_at, shift, take_out
from overflight.planning.swath.stands import aside, go_home, nearer
from overflight.planning.swath.world import (
    AFTER,
    BEFORE,
    CANDIDATES,
    COUNT,
    FIXED,
    FOUND,
    GIVE,
    KEYS,
    LENGTH,
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
def drop_until(f: Array, k: Array, limit: float) -> None:
    """Take out the waypoint that loses least value for the length that it saves, until the path keeps the limit."""
    for _ in range(k[CANDIDATES]):
        excess = f[LENGTH] - limit
        if excess <= 0.0:
            return
        chosen, worst = -1, 1e300
        v = k[k[AFTER] + 0]
        while v != 1:
            w, u = k[k[AFTER] + v], k[k[BEFORE] + v]
            length, value = f[LENGTH], f[VALUE]
            if k[k[FIXED] + v] == 0 and take_out(f, k, v):
                saved, lost = length - f[LENGTH], value - f[VALUE]
                bring_in(f, k, v, u)
                if saved > 1e-9:
                    # What is saved beyond the excess counts little: it has to be filled again.
                    ratio = (lost + 1e-9) / (min(saved, excess) + 0.3 * max(0.0, saved - excess))
                    if ratio < worst:
                        worst, chosen = ratio, v
            v = w
        if chosen < 0 or not take_out(f, k, chosen):
            return


@inner
def drop_idle(f: Array, k: Array) -> int:
    """Take out waypoints whose removal loses no value and shortens the path; how many."""
    gone = 0
    v = k[k[AFTER] + 0]
    while v != 1:
        w, u = k[k[AFTER] + v], k[k[BEFORE] + v]
        length, value = f[LENGTH], f[VALUE]
        if k[k[FIXED] + v] == 0 and take_out(f, k, v):
            if f[VALUE] < value - 1e-9 or f[LENGTH] > length - 1e-6:
                bring_in(f, k, v, u)
            else:
                gone += 1
        v = w
    return gone


@inner
def tighten(f: Array, k: Array, rounds: int) -> None:
    """Shift waypoints to where the path is shortest as long as no value is lost."""
    for _ in range(rounds):
        saved = 0.0
        v = k[k[AFTER] + 0]
        while v != 1:
            if f[k[GIVE] + v] > 0.0:
                x0, y0, z0 = f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2]
                for n in range(6 if k[TURN] == SHORT else 3):
                    length, value = f[LENGTH], f[VALUE]
                    if n < 3:
                        aside(f, k, v, k[k[BEFORE] + v], k[k[AFTER] + v], 0.999 - 0.33 * n)
                    else:
                        nearer(f, k, v, k[k[BEFORE] + v], k[k[AFTER] + v], 0.3 / (n - 2) ** 2)
                    x, y, z = f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2]
                    f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2] = x0, y0, z0
                    if not shift(f, k, v, x, y, z):
                        continue
                    if f[VALUE] < value - 1e-9 or (f[VALUE] < value + 1e-9 and f[LENGTH] > length - 1e-6):
                        put_at(f, k, v, x0, y0, z0)
                        continue
                    saved += length - f[LENGTH]
                    break
            v = k[k[AFTER] + v]
        if saved < 1e-3:
            return


@inner
def fill(f: Array, k: Array, rng: Array, limit: float, everywhere: bool) -> int:
    """Put candidates in, most value for length first, while the limit is kept; how many went in."""
    many = 0
    # A number that is written out would compile what is called once more, for that number.
    reach = 0 if everywhere else min(16, k[NEAR_WIDTH])
    for v in range(k[CANDIDATES]):
        s = k[k[SITE_OF] + v]
        if s < 0 or k[k[BEFORE] + v] != -2 or k[k[COUNT] + s] > 0 or f[k[SITE] + 5 * s + 4] <= 0.0:
            continue
        if v >= k[ORIGINAL] and k[k[BEFORE] + k[k[OTHER] + v]] == -2:
            continue  # the first candidate of the site is free, and put in for both
        go_home(f, k, v)
        places_for(f, k, rng, v, reach, 0.0)
        if f[k[FOUND] + 1] < 0.0 or f[LENGTH] + f[k[FOUND] + 2 * 0] - 2.0 * f[k[GIVE] + v] > limit:
            continue
        k[k[WANTED] + many] = v
        f[k[KEYS] + many] = -f[k[SITE] + 5 * s + 4] / max(f[k[FOUND] + 2 * 0] - f[k[GIVE] + v], 0.5)
        many += 1
    if many == 0:
        return 0
    order = f[k[KEYS] : k[KEYS] + many].argsort(kind="mergesort")
    row = k[k[WANTED] : k[WANTED] + many].copy()
    inserted = 0
    for n in range(many):
        v = row[order[n]]
        if k[k[COUNT] + k[k[SITE_OF] + v]] > 0:
            continue
        if try_in(f, k, rng, v, 0.0, min(0, inserted), reach, 0.0, limit - f[LENGTH]) > 0:
            inserted += 1
    return inserted


@compiled
def settle(f: Array, k: Array, rng: Array, limit: float, everywhere: bool, rounds: int) -> None:
    """Shorten the path, make it keep the limit and fill it, until nothing more goes in."""
    for _ in range(rounds):
        tighten(f, k, 3)
        drop_idle(f, k)
        drop_until(f, k, limit)
        if fill(f, k, rng, limit, everywhere) == 0:
            return


@compiled
def rest(f: Array, k: Array, rounds: int) -> None:
    """Shorten the path as far as no value is lost; it may stay longer than the limit."""
    for _ in range(rounds):
        tighten(f, k, 6)
        if drop_idle(f, k) == 0:
            return
