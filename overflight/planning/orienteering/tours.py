"""Shortening a closed tour held in an array: 2-opt and moves of up to three nodes, over neighbour lists.

Every function works on plain arrays and compiles.  ``tour[:m]`` holds the nodes in flown order and ``pos`` the place
of each node in it, or -1 for one that is not visited.
"""

from __future__ import annotations

from typing import Any

from overflight.planning.orienteering.compiled import compiled

Array = Any  # arrays of numpy; the compiled code takes any integer width


@compiled
def beside(place: int, side: int, m: int) -> int:
    """The next place round the tour for side 0, the one before for side 1."""
    if side == 0:
        return place + 1 if place + 1 < m else 0
    return place - 1 if place > 0 else m - 1


@compiled
def reverse(tour: Array, pos: Array, m: int, first: int, last: int) -> None:
    """Reverse the run from place `first` forward to place `last`, round the end; or the rest, if that is shorter."""
    inside = last - first
    if inside < 0:
        inside += m
    inside += 1
    if 2 * inside > m:
        first, last = last + 1, first - 1
        if first >= m:
            first = 0
        if last < 0:
            last = m - 1
        inside = m - inside
    i, j = first, last
    for _ in range(inside // 2):
        a, b = tour[i], tour[j]
        tour[i] = b
        pos[b] = i
        tour[j] = a
        pos[a] = j
        i += 1
        if i >= m:
            i = 0
        j -= 1
        if j < 0:
            j = m - 1


@compiled
def shift_run(tour: Array, pos: Array, m: int, first: int, count: int, before: int, turned: bool, hold: Array) -> None:
    """Move the `count` nodes from place `first` forward so that they follow the node at place `before`."""
    for k in range(count):
        hold[k] = tour[(first + k) % m]
    ahead = before - (first + count - 1)
    if ahead < 0:
        ahead += m
    if 2 * ahead <= m:  # nodes after the run move back
        i = first
        j = (first + count) % m
        for _ in range(ahead):
            v = tour[j]
            tour[i] = v
            pos[v] = i
            i += 1
            if i >= m:
                i = 0
            j += 1
            if j >= m:
                j = 0
    else:  # nodes before the run move on
        behind = m - count - ahead
        i = (first + count - 1) % m
        j = first - 1 if first > 0 else m - 1
        for _ in range(behind):
            v = tour[j]
            tour[i] = v
            pos[v] = i
            i -= 1
            if i < 0:
                i = m - 1
            j -= 1
            if j < 0:
                j = m - 1
        i = (i - count + 1) % m
    for k in range(count):
        v = hold[count - 1 - k] if turned else hold[k]
        tour[i] = v
        pos[v] = i
        i += 1
        if i >= m:
            i = 0


@compiled
def two_opt_from(a: int, tour: Array, pos: Array, m: int, far: Array, near: Array, ends: Array) -> int:
    """The first 2-opt move from node `a` that shortens the tour, made; returns what it saves, or 0."""
    at = pos[a]
    for side in range(2):
        b = tour[beside(at, side, m)]
        old = far[a, b]
        for k in range(near.shape[1]):
            c = near[a, k]
            gain = old - far[a, c]
            if gain <= 0:
                break
            pc = pos[c]
            if pc < 0:
                continue
            d = tour[beside(pc, side, m)]
            gain += far[c, d] - far[b, d]
            if gain <= 0 or d == a or c == b:
                continue
            if side == 0:
                reverse(tour, pos, m, pos[b], pc)
            else:
                reverse(tour, pos, m, pc, pos[b])
            ends[0], ends[1], ends[2], ends[3] = a, b, c, d
            ends[4] = a
            ends[5] = a
            return int(gain)
    return 0


@compiled
def or_opt_from(a: int, tour: Array, pos: Array, m: int, far: Array, near: Array, ends: Array, hold: Array) -> int:
    """The first move of up to three nodes from `a` on that shortens the tour, made; what it saves, or 0."""
    at = pos[a]
    for count in range(1, 4):
        if m < count + 3:
            break
        for side in range(2):
            if side == 0:
                first = at
                e = tour[(at + count - 1) % m]
                p = tour[at - 1 if at > 0 else m - 1]
                q = tour[(at + count) % m]
            else:
                first = at - count + 1
                if first < 0:
                    first += m
                e = tour[first]
                p = tour[at + 1 if at + 1 < m else 0]
                q = tour[first - 1 if first > 0 else m - 1]
            if count == 1 and side == 1:
                break
            out = far[p, a] + far[e, q] - far[p, q]
            for k in range(near.shape[1]):
                c = near[a, k]
                if far[a, c] >= out:
                    break
                pc = pos[c]
                if pc < 0:
                    continue
                inside = pc - first
                if inside < 0:
                    inside += m
                if inside < count:
                    continue
                for way in range(2):
                    pd = beside(pc, way, m)
                    inside = pd - first
                    if inside < 0:
                        inside += m
                    if inside < count:
                        continue
                    d = tour[pd]
                    gain = out - far[c, a] - far[e, d] + far[c, d]
                    if gain <= 0:
                        continue
                    shift_run(tour, pos, m, first, count, pc if way == 0 else pd, side != way, hold)
                    ends[0], ends[1], ends[2], ends[3], ends[4], ends[5] = a, e, p, q, c, d
                    return int(gain)
    return 0


@compiled
def shorten(
    tour: Array, pos: Array, m: int, far: Array, near: Array, queue: Array, queued: Array, waiting: int, hold: Array
) -> int:
    """Make 2-opt and or-opt moves until none from a node of the queue helps; returns the length saved.

    ``queue[:waiting]`` holds nodes, marked in `queued`; it is a ring with one place for each node of the instance,
    and both are empty afterwards.  `hold` is scratch of 16 places.
    """
    size = len(queue)
    head = 0
    tail = waiting if waiting < size else 0
    saved = 0
    ends = hold[8:14]
    while waiting > 0:
        a = queue[head]
        head += 1
        if head >= size:
            head = 0
        waiting -= 1
        queued[a] = 0
        if m < 5 or pos[a] < 0:
            continue
        gain = two_opt_from(a, tour, pos, m, far, near, ends)
        if gain == 0:
            gain = or_opt_from(a, tour, pos, m, far, near, ends, hold)
        if gain == 0:
            continue
        saved += gain
        for k in range(6):
            v = ends[k]
            if queued[v] == 0:
                queued[v] = 1
                queue[tail] = v
                tail += 1
                if tail >= size:
                    tail = 0
                waiting += 1
    return saved
