"""Changes to a path: a candidate put in, taken out or shifted, a stretch turned round; each keeps every count in step.

A change that would make a leg illegal is refused and leaves the path as it was.  With a turn radius what a leg
observes depends on the turns at its ends, so that a change reaches one leg farther.
"""

from __future__ import annotations

import math
from typing import Any

from overflight.planning.orienteering.compiled import compiled, inner
from overflight.planning.swath.sight import apart, clear_between, inside_km, look
from overflight.planning.swath.world import (
    AFTER,
    BEFORE,
    COUNT,
    FIXED,
    LEG,
    LENGTH,
    MIN_LEG,
    PART,
    PARTS,
    PLACE,
    RADIUS,
    RANGE,
    REGIONS,
    SITES,
    SUB_MOST,
    TRIM,
    TURN,
    USED,
    VALUE,
    WAS,
)

Array = Any


@inner
def turn_at(f: Array, k: Array, v: int) -> float:
    """Change of direction at a waypoint, radians; 0 at airfields."""
    if k[k[FIXED] + v] != 0:
        return 0.0
    p, q = k[k[BEFORE] + v], k[k[AFTER] + v]
    if p < 0 or q < 0:
        return 0.0
    v0, v1, v2 = f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2]
    square = v0 * v0 + v1 * v1 + v2 * v2
    n = (f[k[PLACE] + 3 * p] * v0 + f[k[PLACE] + 3 * p + 1] * v1 + f[k[PLACE] + 3 * p + 2] * v2) / square
    a0, a1, a2 = v0 * n - f[k[PLACE] + 3 * p], v1 * n - f[k[PLACE] + 3 * p + 1], v2 * n - f[k[PLACE] + 3 * p + 2]
    n = (f[k[PLACE] + 3 * q] * v0 + f[k[PLACE] + 3 * q + 1] * v1 + f[k[PLACE] + 3 * q + 2] * v2) / square
    b0, b1, b2 = f[k[PLACE] + 3 * q] - v0 * n, f[k[PLACE] + 3 * q + 1] - v1 * n, f[k[PLACE] + 3 * q + 2] - v2 * n
    size = math.sqrt((a0 * a0 + a1 * a1 + a2 * a2) * (b0 * b0 + b1 * b1 + b2 * b2))
    if size < 1e-12:
        return math.pi
    return math.acos(min(1.0, max(-1.0, (a0 * b0 + a1 * b1 + a2 * b2) / size)))


@inner
def trim_before(f: Array, k: Array, turn: float) -> float:
    """How long before a waypoint the turn begins, km: r tan(turn / 2) where the corner is cut."""
    if k[TURN] != 1:
        return 0.0
    return float(f[RADIUS] * math.tan(min(turn, 3.13) / 2.0))


@inner
def trim_after(f: Array, k: Array, turn: float) -> float:
    """How far behind a waypoint the path is back on its leg, km.

    Where the waypoint is flown over, the aircraft turns too far by one arc and comes back by another of the same
    radius; the centres of the two circles are 2 r apart, and r (1 + cos turn) across the leg.
    """
    if k[TURN] == 1:
        return float(f[RADIUS] * math.tan(min(turn, 3.13) / 2.0))
    if k[TURN] == 2:
        across = 1.0 + math.cos(turn)
        return float(f[RADIUS] * (math.sin(turn) + math.sqrt(max(0.0, 4.0 - across * across))))
    return 0.0


@inner
def see(f: Array, k: Array, u: int, sign: float) -> float:
    """Count what the leg from `u` observes, once more or once less; where the aircraft turns, it observes nothing.

    Returns the change of value.
    """
    w = k[k[AFTER] + u]
    p, q = k[PLACE] + 3 * u, k[PLACE] + 3 * w
    leg = f[k[LEG] + u]
    if k[TURN] != 0 and leg > 1e-9:
        first = trim_after(f, k, turn_at(f, k, u)) / leg
        last = 1.0 - trim_before(f, k, turn_at(f, k, w)) / leg
        if first >= last:
            return 0.0
        radius = math.sqrt(f[p] * f[p] + f[p + 1] * f[p + 1] + f[p + 2] * f[p + 2])
        for end in range(2):
            share = first if end == 0 else last
            at = TRIM + 3 * end
            for n in range(3):
                f[at + n] = f[p + n] + share * (f[q + n] - f[p + n])
            size = radius / math.sqrt(f[at] * f[at] + f[at + 1] * f[at + 1] + f[at + 2] * f[at + 2])
            for n in range(3):
                f[at + n] *= size
        p, q = TRIM, TRIM + 3
    return look(f, k, p, q, u, sign)


@inner
def room_to_turn(f: Array, k: Array, u: int) -> bool:
    """Whether the leg from `u` is as long as the turns at its ends need."""
    w = k[k[AFTER] + u]
    need = trim_after(f, k, turn_at(f, k, u)) + trim_before(f, k, turn_at(f, k, w))
    return bool(need <= f[k[LEG] + u])


@inner
def see_around(f: Array, k: Array, u: int, w: int, sign: float) -> float:
    """`see` for the legs from `u` on to `w`, and with a turn radius for the one before and the one behind."""
    turning = k[TURN] != 0
    total = 0.0
    if turning and k[k[BEFORE] + u] >= 0:
        total += see(f, k, k[k[BEFORE] + u], sign)
    v = u
    while v != w:
        total += see(f, k, v, sign)
        v = k[k[AFTER] + v]
    if turning and k[k[AFTER] + w] >= 0:
        total += see(f, k, w, sign)
    return total


@inner
def turns_fit(f: Array, k: Array, u: int, w: int) -> bool:
    """Whether the legs from `u` to `w`, the one before and the one behind leave room for their turns."""
    if k[k[BEFORE] + u] >= 0 and not room_to_turn(f, k, k[k[BEFORE] + u]):
        return False
    v = u
    while v != w:
        if not room_to_turn(f, k, v):
            return False
        v = k[k[AFTER] + v]
    return bool(k[k[AFTER] + w] < 0 or room_to_turn(f, k, w))


@inner
def use(f: Array, k: Array, u: int, w: int, sign: float) -> None:
    """Book the length of the leg from `u` to `w` on its part and on each region."""
    parts = k[PARTS]
    f[k[USED] + k[k[PART] + u]] += sign * f[k[LEG] + u]
    for r in range(k[REGIONS]):
        f[k[USED] + parts + r] += sign * inside_km(f, k, r, k[PLACE] + 3 * u, k[PLACE] + 3 * w)


@inner
def bring_in(f: Array, k: Array, v: int, u: int) -> None:
    """Put candidate `v`, where it stands, behind `u`."""
    w = k[k[AFTER] + u]
    old = f[k[LEG] + u]
    change = see_around(f, k, u, w, -1.0)
    use(f, k, u, w, -1.0)
    k[k[AFTER] + u] = v
    k[k[BEFORE] + v] = u
    k[k[AFTER] + v] = w
    k[k[BEFORE] + w] = v
    f[k[LEG] + u] = apart(f, k, u, v)
    f[k[LEG] + v] = apart(f, k, v, w)
    k[k[PART] + v] = k[k[PART] + u]
    use(f, k, u, v, 1.0)
    use(f, k, v, w, 1.0)
    f[LENGTH] += f[k[LEG] + u] + f[k[LEG] + v] - old
    f[VALUE] += change + see_around(f, k, u, w, 1.0)


@inner
def take_away(f: Array, k: Array, v: int) -> None:
    """Take waypoint `v` out."""
    u, w = k[k[BEFORE] + v], k[k[AFTER] + v]
    old = f[k[LEG] + u] + f[k[LEG] + v]
    change = see_around(f, k, u, w, -1.0)
    use(f, k, u, v, -1.0)
    use(f, k, v, w, -1.0)
    f[k[LEG] + u] = apart(f, k, u, w)
    k[k[AFTER] + u] = w
    k[k[BEFORE] + w] = u
    k[k[AFTER] + v] = -1
    k[k[BEFORE] + v] = -2
    use(f, k, u, w, 1.0)
    f[LENGTH] += f[k[LEG] + u] - old
    f[VALUE] += change + see_around(f, k, u, w, 1.0)


@inner
def put_at(f: Array, k: Array, v: int, x: float, y: float, z: float) -> None:
    """Move waypoint `v` to another place."""
    u, w = k[k[BEFORE] + v], k[k[AFTER] + v]
    old = f[k[LEG] + u] + f[k[LEG] + v]
    change = see_around(f, k, u, w, -1.0)
    use(f, k, u, v, -1.0)
    use(f, k, v, w, -1.0)
    f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2] = x, y, z
    f[k[LEG] + u] = apart(f, k, u, v)
    f[k[LEG] + v] = apart(f, k, v, w)
    use(f, k, u, v, 1.0)
    use(f, k, v, w, 1.0)
    f[LENGTH] += f[k[LEG] + u] + f[k[LEG] + v] - old
    f[VALUE] += change + see_around(f, k, u, w, 1.0)


@inner
def reverse(f: Array, k: Array, a: int, d: int) -> None:
    """Fly the stretch behind `a` up to and with `d` the other way round."""
    b, e = k[k[AFTER] + a], k[k[AFTER] + d]
    turning = k[TURN] != 0
    use(f, k, a, b, -1.0)
    use(f, k, d, e, -1.0)
    change = see_around(f, k, a, e, -1.0) if turning else see(f, k, a, -1.0) + see(f, k, d, -1.0)
    old = f[k[LEG] + a] + f[k[LEG] + d]
    v = b
    length = 0.0
    while v != e:  # `length` is that of the leg which led to v
        w = k[k[AFTER] + v]
        own = f[k[LEG] + v]
        k[k[AFTER] + v] = k[k[BEFORE] + v]
        k[k[BEFORE] + v] = w
        f[k[LEG] + v] = length
        length = own
        v = w
    k[k[AFTER] + a] = d
    k[k[BEFORE] + d] = a
    k[k[AFTER] + b] = e
    k[k[BEFORE] + e] = b
    f[k[LEG] + a] = apart(f, k, a, d)
    f[k[LEG] + b] = apart(f, k, b, e)
    use(f, k, a, d, 1.0)
    use(f, k, b, e, 1.0)
    if turning:
        change += see_around(f, k, a, e, 1.0)
    else:
        change += see(f, k, a, 1.0) + see(f, k, b, 1.0)
    f[LENGTH] += f[k[LEG] + a] + f[k[LEG] + b] - old
    f[VALUE] += change


@inner
def keeps(f: Array, k: Array, u: int, w: int, part: int, was: float) -> bool:
    """Whether turns from `u` to `w` have room, and no part or region holds more than it may and more than before."""
    if k[TURN] != 0 and not turns_fit(f, k, u, w):
        return False
    if f[k[USED] + part] > f[RANGE] and f[k[USED] + part] > was + 1e-9:
        return False
    parts = k[PARTS]
    for r in range(k[REGIONS]):
        if f[k[USED] + parts + r] > f[k[SUB_MOST] + r] and f[k[USED] + parts + r] > f[k[WAS] + r] + 1e-9:
            return False
    return True


@inner
def note_regions(f: Array, k: Array) -> None:
    """Remember the length inside each region as it is, for `keeps`."""
    for r in range(k[REGIONS]):
        f[k[WAS] + r] = f[k[USED] + k[PARTS] + r]


@compiled
def put_in(f: Array, k: Array, v: int, u: int) -> bool:
    """Put candidate `v`, where it stands, behind `u`; False, and nothing changed, if that is not legal."""
    w, least = k[k[AFTER] + u], f[MIN_LEG]
    if least > 0.0 and (apart(f, k, u, v) < least or apart(f, k, v, w) < least):
        return False
    if not (clear_between(f, k, u, v) and clear_between(f, k, v, w)):
        return False
    part = k[k[PART] + u]
    was = f[k[USED] + part]
    note_regions(f, k)
    bring_in(f, k, v, u)
    if not keeps(f, k, u, w, part, was):
        take_away(f, k, v)
        return False
    return True


@inner
def put_two(f: Array, k: Array, a: int, b: int, u: int) -> bool:
    """Put candidates `a` and then `b` behind `u`; False, and nothing changed, if that is not legal."""
    w, least = k[k[AFTER] + u], f[MIN_LEG]
    if least > 0.0 and (apart(f, k, u, a) < least or apart(f, k, a, b) < least or apart(f, k, b, w) < least):
        return False
    if not (clear_between(f, k, u, a) and clear_between(f, k, a, b) and clear_between(f, k, b, w)):
        return False
    part = k[k[PART] + u]
    was = f[k[USED] + part]
    note_regions(f, k)
    bring_in(f, k, a, u)
    bring_in(f, k, b, a)
    if not keeps(f, k, u, w, part, was):
        take_away(f, k, b)
        take_away(f, k, a)
        return False
    return True


@inner
def take_out(f: Array, k: Array, v: int) -> bool:
    """Take `v` out; False, and nothing changed, if the leg that closes the gap is not legal."""
    u, w = k[k[BEFORE] + v], k[k[AFTER] + v]
    if f[MIN_LEG] > 0.0 and apart(f, k, u, w) < f[MIN_LEG]:
        return False
    if not clear_between(f, k, u, w):
        return False
    part = k[k[PART] + u]
    was = f[k[USED] + part]
    note_regions(f, k)
    take_away(f, k, v)
    if not keeps(f, k, u, w, part, was):
        bring_in(f, k, v, u)
        return False
    return True


@inner
def shift(f: Array, k: Array, v: int, x: float, y: float, z: float) -> bool:
    """Move waypoint `v` to another place; False, and nothing changed, if that is not legal."""
    u, w = k[k[BEFORE] + v], k[k[AFTER] + v]
    x0, y0, z0 = f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2]
    f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2] = x, y, z
    legal = clear_between(f, k, u, v) and clear_between(f, k, v, w)
    if legal and f[MIN_LEG] > 0.0:
        legal = apart(f, k, u, v) >= f[MIN_LEG] and apart(f, k, v, w) >= f[MIN_LEG]
    f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2] = x0, y0, z0
    if not legal:
        return False
    part = k[k[PART] + u]
    was = f[k[USED] + part]
    note_regions(f, k)
    put_at(f, k, v, x, y, z)
    if not keeps(f, k, u, w, part, was):
        put_at(f, k, v, x0, y0, z0)
        return False
    return True


@inner
def turn_round(f: Array, k: Array, a: int, d: int) -> bool:
    """`reverse` (2-opt); False, and nothing changed, if that is not legal or an airfield lies between."""
    b, e = k[k[AFTER] + a], k[k[AFTER] + d]
    v = b
    while v != e:
        if k[k[FIXED] + v] != 0:
            return False
        v = k[k[AFTER] + v]
    if f[MIN_LEG] > 0.0 and (apart(f, k, a, d) < f[MIN_LEG] or apart(f, k, b, e) < f[MIN_LEG]):
        return False
    if not (clear_between(f, k, a, d) and clear_between(f, k, b, e)):
        return False
    part = k[k[PART] + a]
    was = f[k[USED] + part]
    note_regions(f, k)
    reverse(f, k, a, d)
    if not keeps(f, k, a, e, part, was):
        reverse(f, k, a, b)
        return False
    return True


@compiled
def recount(f: Array, k: Array) -> None:
    """Measure the path anew: rounding adds up over millions of changes."""
    for s in range(k[SITES]):
        k[k[COUNT] + s] = 0
    for r in range(k[PARTS] + k[REGIONS]):
        f[k[USED] + r] = 0.0
    f[LENGTH] = 0.0
    f[VALUE] = 0.0
    v = 0
    while v != 1:
        w = k[k[AFTER] + v]
        f[k[LEG] + v] = apart(f, k, v, w)
        f[LENGTH] += f[k[LEG] + v]
        use(f, k, v, w, 1.0)
        v = w
    v = 0
    while v != 1:
        f[VALUE] += see(f, k, v, 1.0)
        v = k[k[AFTER] + v]


@compiled
def legal(f: Array, k: Array) -> bool:
    """Whether every leg of the path is clear, long enough and leaves room to turn, and nothing holds too much."""
    v = 0
    while v != 1:
        w = k[k[AFTER] + v]
        if not clear_between(f, k, v, w) or (f[MIN_LEG] > 0.0 and f[k[LEG] + v] < f[MIN_LEG]):
            return False
        if k[TURN] != 0 and not room_to_turn(f, k, v):
            return False
        v = w
    for n in range(k[PARTS]):
        if f[k[USED] + n] > f[RANGE]:
            return False
    kept = True
    for r in range(k[REGIONS]):
        kept = kept and f[k[USED] + k[PARTS] + r] <= f[k[SUB_MOST] + r]
    return kept
