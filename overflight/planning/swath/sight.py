"""Which sites a leg observes, whether it is clear of forbidden ground, and how much of it lies in a region."""

from __future__ import annotations

import math
from typing import Any

from overflight.planning.orienteering.compiled import compiled, inner
from overflight.planning.swath.world import (
    BLOCKED,
    BUSY,
    BY,
    CELL,
    COLUMNS,
    COUNT,
    EDGE,
    EDGES,
    FRAME,
    GRID_CELL,
    GRID_REACH,
    GRID_SOUTH,
    GRID_WEST,
    GROUP,
    MEMBER,
    MEMBER_START,
    PLACE,
    ROWS,
    SITE,
    SUB_EDGE,
    SUB_START,
    WALL,
    WALL_CELL,
    WALL_COLUMNS,
    WALL_ROWS,
    WALL_SOUTH,
    WALL_START,
    WALL_WEST,
)

Array = Any
EARTH_KM = 6371.0


@inner
def arc(ax: float, ay: float, az: float, bx: float, by: float, bz: float) -> float:
    """Length of the arc between two places, km: 1 m off at 500 km, 7 m at 1,000 km."""
    dx, dy, dz = ax - bx, ay - by, az - bz
    square = dx * dx + dy * dy + dz * dz
    x = square / (6371.0 * 6371.0)
    return math.sqrt(square) * (1.0 + x * (1.0 / 24.0 + x * (3.0 / 640.0 + x * (5.0 / 7168.0))))


@inner
def between(f: Array, p: int, q: int) -> float:
    """Length of the arc between the places that begin at `p` and `q` of the floats."""
    return arc(f[p], f[p + 1], f[p + 2], f[q], f[q + 1], f[q + 2])


@inner
def apart(f: Array, k: Array, u: int, v: int) -> float:
    """Length of the leg between two candidates where they stand."""
    return between(f, k[PLACE] + 3 * u, k[PLACE] + 3 * v)


@inner
def ahead(f: Array, p: int) -> float:
    """How far along the centre's direction the place that begins at `p` lies."""
    return float(f[p] * f[FRAME] + f[p + 1] * f[FRAME + 1] + f[p + 2] * f[FRAME + 2])


@inner
def east(f: Array, p: int) -> float:
    """First coordinate on the plane."""
    up = f[p] * f[FRAME + 3] + f[p + 1] * f[FRAME + 4] + f[p + 2] * f[FRAME + 5]
    return float(EARTH_KM * up / ahead(f, p))


@inner
def north(f: Array, p: int) -> float:
    """Second coordinate on the plane."""
    up = f[p] * f[FRAME + 6] + f[p + 1] * f[FRAME + 7] + f[p + 2] * f[FRAME + 8]
    return float(EARTH_KM * up / ahead(f, p))


@inner
def worth_of(f: Array, k: Array, s: int) -> float:
    """What observing site `s` adds, its own count left out: of a group only what its best member adds."""
    g = k[k[GROUP] + s]
    value = f[k[SITE] + 5 * s + 4]
    if g < 0:
        return float(value)
    best = 0.0
    for j in range(k[k[MEMBER_START] + g], k[k[MEMBER_START] + g + 1]):
        other = k[k[MEMBER] + j]
        if other != s and k[k[COUNT] + other] > 0 and f[k[SITE] + 5 * other + 4] > best:
            best = f[k[SITE] + 5 * other + 4]
    return float(max(0.0, value - best))


@inner
def look(f: Array, k: Array, p: int, q: int, start: int, sign: float) -> float:
    """Count the sites beside the leg from place `p` to place `q` of the floats once more (`sign` 1) or once less (-1).

    Returns the change of value; `start` is the waypoint that the leg starts from.
    """
    a0, a1, a2 = f[p], f[p + 1], f[p + 2]
    b0, b1, b2 = f[q], f[q + 1], f[q + 2]
    n0 = a1 * b2 - a2 * b1
    n1 = a2 * b0 - a0 * b2
    n2 = a0 * b1 - a1 * b0
    length = math.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
    if length > 1e-6:
        n0 /= length
        n1 /= length
        n2 /= length
    along0, along1, along2 = n1 * a2 - n2 * a1, n2 * a0 - n0 * a2, n0 * a1 - n1 * a0
    back0, back1, back2 = b1 * n2 - b2 * n1, b2 * n0 - b0 * n2, b0 * n1 - b1 * n0
    x1, y1, x2, y2 = east(f, p), north(f, p), east(f, q), north(f, q)
    if y1 > y2:
        x1, x2 = x2, x1
        y1, y2 = y2, y1
    west, south, cell, reach = f[GRID_WEST], f[GRID_SOUTH], f[GRID_CELL], f[GRID_REACH]
    columns, cells, sites, counts = k[COLUMNS], k[CELL], k[SITE], k[COUNT]
    first = max(0, math.floor((y1 - reach - south) / cell))
    last = min(k[ROWS] - 1, math.floor((y2 + reach - south) / cell))
    rise = y2 - y1
    total = 0.0
    for row in range(first, last + 1):
        low, high = 0.0, 1.0
        if rise > 1e-9:
            low = max(0.0, (south + row * cell - reach - y1) / rise)
            high = min(1.0, (south + (row + 1) * cell + reach - y1) / rise)
        xa = x1 + low * (x2 - x1)
        xb = x1 + high * (x2 - x1)
        if xa > xb:
            xa, xb = xb, xa
        c0 = max(0, math.floor((xa - reach - west) / cell))
        c1 = min(columns - 1, math.floor((xb + reach - west) / cell))
        if c0 > c1:
            continue
        for s in range(k[cells + row * columns + c0], k[cells + row * columns + c1 + 1]):
            at = sites + 5 * s
            s0, s1, s2 = f[at], f[at + 1], f[at + 2]
            h = f[at + 3]
            seen = False
            if length > 1e-6:
                if abs(n0 * s0 + n1 * s1 + n2 * s2) > h:
                    continue
                seen = along0 * s0 + along1 * s1 + along2 * s2 >= 0.0 and back0 * s0 + back1 * s1 + back2 * s2 >= 0.0
            if not seen:
                d0, d1, d2 = s0 - a0, s1 - a1, s2 - a2
                seen = d0 * d0 + d1 * d1 + d2 * d2 <= h * h
            if not seen:
                d0, d1, d2 = s0 - b0, s1 - b1, s2 - b2
                seen = d0 * d0 + d1 * d1 + d2 * d2 <= h * h
            if not seen:
                continue
            if sign > 0.0:
                if k[counts + s] == 0:
                    total += worth_of(f, k, s)
                k[counts + s] += 1
                k[k[BY] + s] = start
            else:
                k[counts + s] -= 1
                if k[counts + s] == 0:
                    total -= worth_of(f, k, s)
    return total


@inner
def crosses(f: Array, e: int, x1: float, y1: float, x2: float, y2: float) -> bool:
    """Whether a straight piece meets the edge that begins at `e` of the floats."""
    x3, y3, x4, y4 = f[e], f[e + 1], f[e + 2], f[e + 3]
    d1 = (x4 - x3) * (y1 - y3) - (y4 - y3) * (x1 - x3)
    d2 = (x4 - x3) * (y2 - y3) - (y4 - y3) * (x2 - x3)
    if (d1 > 0.0) == (d2 > 0.0) and d1 != 0.0 and d2 != 0.0:
        return False
    d3 = (x2 - x1) * (y3 - y1) - (y2 - y1) * (x3 - x1)
    d4 = (x2 - x1) * (y4 - y1) - (y2 - y1) * (x4 - x1)
    return not ((d3 > 0.0) == (d4 > 0.0) and d3 != 0.0 and d4 != 0.0)


@inner
def clear(f: Array, k: Array, p: int, q: int) -> bool:
    """Whether the leg from place `p`, which is clear, to place `q` of the floats meets no forbidden ground."""
    if k[EDGES] == 0:
        return True
    x1, y1, x2, y2 = east(f, p), north(f, p), east(f, q), north(f, q)
    if y1 > y2:
        x1, x2 = x2, x1
        y1, y2 = y2, y1
    west, south, cell = f[WALL_WEST], f[WALL_SOUTH], f[WALL_CELL]
    columns, busy = k[WALL_COLUMNS], k[BUSY]
    first = max(0, math.floor((y1 - south) / cell))
    last = min(k[WALL_ROWS] - 1, math.floor((y2 - south) / cell))
    rise = y2 - y1
    for row in range(first, last + 1):
        low, high = 0.0, 1.0
        if rise > 1e-9:
            low = max(0.0, (south + row * cell - y1) / rise - 1e-9)
            high = min(1.0, (south + (row + 1) * cell - y1) / rise + 1e-9)
        xa = x1 + low * (x2 - x1)
        xb = x1 + high * (x2 - x1)
        if xa > xb:
            xa, xb = xb, xa
        c0 = max(0, math.floor((xa - west) / cell - 1e-9))
        c1 = min(columns - 1, math.floor((xb - west) / cell + 1e-9))
        sums = busy + row * (columns + 1)
        if c0 > c1 or k[sums + c1 + 1] == k[sums + c0]:
            continue
        for c in range(c0, c1 + 1):
            at = row * columns + c
            if k[k[BLOCKED] + at] != 0:
                return False
            for j in range(k[k[WALL_START] + at], k[k[WALL_START] + at + 1]):
                if crosses(f, k[EDGE] + 4 * k[k[WALL] + j], x1, y1, x2, y2):
                    return False
    return True


@inner
def clear_between(f: Array, k: Array, u: int, v: int) -> bool:
    """Whether the leg between two candidates, where they stand, is clear."""
    return clear(f, k, k[PLACE] + 3 * u, k[PLACE] + 3 * v)


@compiled
def inside_km(f: Array, k: Array, region: int, p: int, q: int) -> float:
    """Length inside a region of the leg from place `p` to place `q`, by where it crosses the sides on the plane."""
    whole = between(f, p, q)
    if whole < 1e-9:
        return 0.0
    ha, hb = ahead(f, p), ahead(f, q)
    x1, y1, x2, y2 = east(f, p), north(f, p), east(f, q), north(f, q)
    radius = math.sqrt(f[p] * f[p] + f[p + 1] * f[p + 1] + f[p + 2] * f[p + 2])
    angle = whole / EARTH_KM
    inside = False
    total = 0.0
    # Sides have the region on their left.  Signed crossings need no sorting: each counts what runs to the leg's end.
    for j in range(k[k[SUB_START] + region], k[k[SUB_START] + region + 1]):
        e = k[SUB_EDGE] + 4 * j
        x3, y3, x4, y4 = f[e], f[e + 1], f[e + 2], f[e + 3]
        if (y3 > y1) != (y4 > y1) and x1 < x3 + (y1 - y3) / (y4 - y3) * (x4 - x3):
            inside = not inside
        d1 = (x4 - x3) * (y1 - y3) - (y4 - y3) * (x1 - x3)
        d2 = (x4 - x3) * (y2 - y3) - (y4 - y3) * (x2 - x3)
        if (d1 > 0.0) == (d2 > 0.0):
            continue
        d3 = (x2 - x1) * (y3 - y1) - (y2 - y1) * (x3 - x1)
        d4 = (x2 - x1) * (y4 - y1) - (y2 - y1) * (x4 - x1)
        if (d3 > 0.0) == (d4 > 0.0):
            continue
        t = d1 / (d1 - d2)  # share of the way on the plane
        wa, wb = (1.0 - t) / ha, t / hb
        q0, q1, q2 = f[p] * wa + f[q] * wb, f[p + 1] * wa + f[q + 1] * wb, f[p + 2] * wa + f[q + 2] * wb
        size = math.sqrt(q0 * q0 + q1 * q1 + q2 * q2) * radius
        cosine = (q0 * f[p] + q1 * f[p + 1] + q2 * f[p + 2]) / size
        left = whole * max(0.0, 1.0 - math.acos(min(1.0, max(-1.0, cosine))) / angle)
        total += left if d1 < d2 else -left
    return max(0.0, min(whole, total + (whole if inside else 0.0)))
