"""Where a waypoint stands for its site: at the edge of the disc, and where corners are cut beyond it.

A turn short by t takes r tan(t / 2) of the legs on both sides, and nothing is observed while turning.  A waypoint past
its site by so much, or before it, leaves the site on a straight leg; so do two waypoints, one on either side.
"""

from __future__ import annotations

import math
from typing import Any, Final

from overflight.planning.orienteering.compiled import inner
from overflight.planning.swath.world import CORE, GIVE, HOME, MIN_LEG, PLACE, RADIUS, SITE, SITE_OF

Array = Any
MARGIN_KM: Final = 0.05
ROUNDS: Final = 4  # turn and distance hang on each other
INSIDE: Final = 0.9  # of the half swath: so much of the turn may lie past the site


@inner
def aside(f: Array, k: Array, v: int, u: int, w: int, part: float) -> None:
    """Let candidate `v` stand where a path from `u` to `w` that touches the edge of its disc is shortest.

    On the edge of a disc the two legs make equal angles with its radius, so that the radius points along the sum of
    the directions to both ends; `part` is the share of the disc's radius that is used.
    """
    give = min(f[k[GIVE] + v], f[k[SITE] + 5 * k[k[SITE_OF] + v] + 3]) * part
    c0, c1, c2 = f[k[CORE] + 3 * v], f[k[CORE] + 3 * v + 1], f[k[CORE] + 3 * v + 2]
    u0, u1, u2 = f[k[PLACE] + 3 * u], f[k[PLACE] + 3 * u + 1], f[k[PLACE] + 3 * u + 2]
    w0, w1, w2 = f[k[PLACE] + 3 * w], f[k[PLACE] + 3 * w + 1], f[k[PLACE] + 3 * w + 2]
    # the foot on the chord first: where the leg passes the disc itself, there is nothing to touch
    d0, d1, d2 = w0 - u0, w1 - u1, w2 - u2
    square = d0 * d0 + d1 * d1 + d2 * d2
    t = 0.5
    if square > 1e-9:
        t = ((c0 - u0) * d0 + (c1 - u1) * d1 + (c2 - u2) * d2) / square
        t = min(1.0, max(0.0, t))
    f0, f1, f2 = u0 + t * d0, u1 + t * d1, u2 + t * d2
    radius = math.sqrt(c0 * c0 + c1 * c1 + c2 * c2)
    size = math.sqrt(f0 * f0 + f1 * f1 + f2 * f2)
    f0, f1, f2 = f0 * radius / size, f1 * radius / size, f2 * radius / size
    r0, r1, r2 = f0 - c0, f1 - c1, f2 - c2
    size = math.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
    if size <= give:
        x0, x1, x2 = f0, f1, f2
    else:
        x0, x1, x2 = c0 + r0 * give / size, c1 + r1 * give / size, c2 + r2 * give / size
        for _ in range(3):
            p0, p1, p2 = u0 - x0, u1 - x1, u2 - x2
            q0, q1, q2 = w0 - x0, w1 - x1, w2 - x2
            p = max(1e-9, math.sqrt(p0 * p0 + p1 * p1 + p2 * p2))
            q = max(1e-9, math.sqrt(q0 * q0 + q1 * q1 + q2 * q2))
            r0, r1, r2 = p0 / p + q0 / q, p1 / p + q1 / q, p2 / p + q2 / q
            n = (r0 * c0 + r1 * c1 + r2 * c2) / (radius * radius)
            r0, r1, r2 = r0 - n * c0, r1 - n * c1, r2 - n * c2
            size = math.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
            if size < 1e-9:
                break
            x0, x1, x2 = c0 + r0 * give / size, c1 + r1 * give / size, c2 + r2 * give / size
    n = radius / math.sqrt(x0 * x0 + x1 * x1 + x2 * x2)
    f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2] = x0 * n, x1 * n, x2 * n


@inner
def go_home(f: Array, k: Array, v: int) -> None:
    """Let candidate `v` stand where it was given."""
    for n in range(3):
        f[k[PLACE] + 3 * v + n] = f[k[HOME] + 3 * v + n]


@inner
def trim_of(f: Array, a0: float, a1: float, a2: float, b0: float, b1: float, b2: float) -> float:
    """Length that a turn short from direction `a` to direction `b` takes of each leg, km."""
    size = math.sqrt((a0 * a0 + a1 * a1 + a2 * a2) * (b0 * b0 + b1 * b1 + b2 * b2))
    if size < 1e-9:
        return 0.0
    cosine = min(1.0, max(-1.0, (a0 * b0 + a1 * b1 + a2 * b2) / size))
    return float(f[RADIUS] * math.tan(min(math.acos(cosine), 3.13) / 2.0))


@inner
def stand(f: Array, k: Array, v: int, x0: float, x1: float, x2: float) -> None:
    """Let candidate `v` stand at this place, lifted to the height of its core."""
    c = k[CORE] + 3 * v
    radius = math.sqrt(f[c] * f[c] + f[c + 1] * f[c + 1] + f[c + 2] * f[c + 2])
    n = radius / math.sqrt(x0 * x0 + x1 * x1 + x2 * x2)
    f[k[PLACE] + 3 * v], f[k[PLACE] + 3 * v + 1], f[k[PLACE] + 3 * v + 2] = x0 * n, x1 * n, x2 * n


@inner
def past(f: Array, k: Array, v: int, u: int, w: int, before: bool) -> None:
    """Let `v` stand past its site as seen from `u`, so that the turn to `w` begins behind it; or `before`, for `w`."""
    if before:
        u, w = w, u
    c, p, q = k[CORE] + 3 * v, k[PLACE] + 3 * u, k[PLACE] + 3 * w
    e0, e1, e2 = f[c] - f[p], f[c + 1] - f[p + 1], f[c + 2] - f[p + 2]
    size = max(1e-9, math.sqrt(e0 * e0 + e1 * e1 + e2 * e2))
    e0, e1, e2 = e0 / size, e1 / size, e2 / size
    most = 0.999 * f[k[GIVE] + v]
    inside = INSIDE * f[k[SITE] + 5 * k[k[SITE_OF] + v] + 3]
    d = 0.0
    for _ in range(ROUNDS):
        x0, x1, x2 = f[c] + d * e0, f[c + 1] + d * e1, f[c + 2] + d * e2
        trim = trim_of(f, e0, e1, e2, f[q] - x0, f[q + 1] - x1, f[q + 2] - x2)
        d = min(most, max(0.0, trim - inside) + MARGIN_KM)
    stand(f, k, v, f[c] + d * e0, f[c + 1] + d * e1, f[c + 2] + d * e2)


@inner
def either_side(f: Array, k: Array, v: int, o: int, u: int, w: int, course: float) -> None:
    """Let `o` stand before the site of `v` and `v` behind it, on a line whose course is `course` off that to `w`."""
    c, p, q = k[CORE] + 3 * v, k[PLACE] + 3 * u, k[PLACE] + 3 * w
    radius = math.sqrt(f[c] * f[c] + f[c + 1] * f[c + 1] + f[c + 2] * f[c + 2])
    n0, n1, n2 = f[c] / radius, f[c + 1] / radius, f[c + 2] / radius
    e0, e1, e2 = f[q] - f[p], f[q + 1] - f[p + 1], f[q + 2] - f[p + 2]
    if e0 * e0 + e1 * e1 + e2 * e2 < 1e-6:  # out and back: across
        g0, g1, g2 = f[c] - f[p], f[c + 1] - f[p + 1], f[c + 2] - f[p + 2]
        e0, e1, e2 = n1 * g2 - n2 * g1, n2 * g0 - n0 * g2, n0 * g1 - n1 * g0
    up = e0 * n0 + e1 * n1 + e2 * n2
    e0, e1, e2 = e0 - up * n0, e1 - up * n1, e2 - up * n2
    size = math.sqrt(e0 * e0 + e1 * e1 + e2 * e2)
    if size < 1e-9:
        e0, e1, e2 = -n1, n0, 0.0
        size = max(1e-9, math.sqrt(e0 * e0 + e1 * e1))
    e0, e1, e2 = e0 / size, e1 / size, e2 / size
    s0, s1, s2 = n1 * e2 - n2 * e1, n2 * e0 - n0 * e2, n0 * e1 - n1 * e0
    cosine, sine = math.cos(course), math.sin(course)
    e0, e1, e2 = cosine * e0 + sine * s0, cosine * e1 + sine * s1, cosine * e2 + sine * s2
    most, least = 0.999 * f[k[GIVE] + v], 0.5 * f[MIN_LEG] + MARGIN_KM
    a, b = 0.0, 0.0
    for _ in range(ROUNDS):
        x0, x1, x2 = f[c] - a * e0, f[c + 1] - a * e1, f[c + 2] - a * e2
        a = min(most, max(least, MARGIN_KM + trim_of(f, x0 - f[p], x1 - f[p + 1], x2 - f[p + 2], e0, e1, e2)))
        x0, x1, x2 = f[c] + b * e0, f[c + 1] + b * e1, f[c + 2] + b * e2
        b = min(most, max(least, MARGIN_KM + trim_of(f, e0, e1, e2, f[q] - x0, f[q + 1] - x1, f[q + 2] - x2)))
    stand(f, k, o, f[c] - a * e0, f[c + 1] - a * e1, f[c + 2] - a * e2)
    stand(f, k, v, f[c] + b * e0, f[c + 1] + b * e1, f[c + 2] + b * e2)


@inner
def nearer(f: Array, k: Array, v: int, u: int, w: int, part: float) -> None:
    """Let `v` stand nearer to the middle between `u` and `w` by a share of the way, and near enough to its site."""
    c, x, p, q = k[CORE] + 3 * v, k[PLACE] + 3 * v, k[PLACE] + 3 * u, k[PLACE] + 3 * w
    d0 = f[x] + part * (0.5 * (f[p] + f[q]) - f[x]) - f[c]
    d1 = f[x + 1] + part * (0.5 * (f[p + 1] + f[q + 1]) - f[x + 1]) - f[c + 1]
    d2 = f[x + 2] + part * (0.5 * (f[p + 2] + f[q + 2]) - f[x + 2]) - f[c + 2]
    n = min(1.0, 0.999 * f[k[GIVE] + v] / max(1e-9, math.sqrt(d0 * d0 + d1 * d1 + d2 * d2)))
    stand(f, k, v, f[c] + n * d0, f[c + 1] + n * d1, f[c + 2] + n * d2)
