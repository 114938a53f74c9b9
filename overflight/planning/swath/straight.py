"""A site put on a straight leg, where corners are cut and a site at a corner is not seen."""

from __future__ import annotations

import math
from typing import Any, Final

from overflight.planning.orienteering.compiled import inner
from overflight.planning.orienteering.ruin import share
from overflight.planning.swath.path import put_in, put_two, take_away
from overflight.planning.swath.stands import aside, either_side, go_home, past
from overflight.planning.swath.world import AFTER, BEFORE, FOUND, LENGTH, LOG, OTHER, PLACE, VALUE

Array = Any
WAYS: Final = 6


@inner
def try_straight(f: Array, k: Array, rng: Array, v: int, asked: float, logged: int, room: float) -> int:
    """`try_in` where corners are cut: the waypoint beside its site, past it or before it, or one on either side.

    Of the places found and these ways the one that wins most for a kilometre is taken.
    """
    o = k[k[OTHER] + v]
    ways = 3 if k[k[BEFORE] + o] != -2 else WAYS
    value, length = f[VALUE], f[LENGTH]
    best, at, pair = 0.0, -1, False
    x0, x1, x2, y0, y1, y2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for n in range(3):
        if f[k[FOUND] + 2 * n + 1] < 0.0:
            break
        u = int(f[k[FOUND] + 2 * n + 1])
        w = k[k[AFTER] + u]
        for way in range(ways):
            if way == 0:
                aside(f, k, v, u, w, 0.999)
            elif way < 3:
                past(f, k, v, u, w, way == 2)
            else:
                either_side(f, k, v, o, u, w, 0.0 if way == 3 else math.pi * (share(rng) - 0.5))
            if way < 3:
                if not put_in(f, k, v, u):
                    continue
            elif not put_two(f, k, o, v, u):
                continue
            more, gain = f[LENGTH] - length, f[VALUE] - value
            ratio = gain / max(more, 0.5)
            if gain > 1e-12 and gain >= asked * more and more <= room and ratio > best:
                best, at, pair = ratio, u, way >= 3
                x0, x1, x2 = f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2]
                y0, y1, y2 = f[k[PLACE] + 3 * o], f[k[PLACE] + 3 * o + 1], f[k[PLACE] + 3 * o + 2]
            take_away(f, k, v)
            if way >= 3:
                take_away(f, k, o)
    go_home(f, k, v)
    if at < 0:
        return 0
    f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2] = x0, x1, x2
    many = 1
    if pair:
        f[k[PLACE] + 3 * o], f[k[PLACE] + 3 * o + 1], f[k[PLACE] + 3 * o + 2] = y0, y1, y2
        put_two(f, k, o, v, at)
        k[k[LOG] + 2 * logged] = o
        k[k[LOG] + 2 * logged + 1] = -1
        logged += 1
        many = 2
    else:
        put_in(f, k, v, at)
    k[k[LOG] + 2 * logged] = v
    k[k[LOG] + 2 * logged + 1] = -1
    return many
