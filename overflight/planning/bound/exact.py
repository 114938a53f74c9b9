"""The best path of a small discrete problem, proven by listing: for certificates and tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from overflight.errors import BadInput
from overflight.planning.bound.problem import (
    ACROSS_SPARE,
    LENGTH_SPARE,
    ROUNDING_KM,
    Discrete,
    arcs_km,
    best_of_groups,
)
from overflight.planning.coverage import legs_near
from overflight.terms.words import say

MOST_CANDIDATES: Final = 14
MOST_PARTS: Final = 30_000  # of paths, for a bound

Label = tuple[int, float, tuple[float, ...], tuple[int, ...]]  # sites seen, km, km inside regions, the path


def exact(problem: Discrete) -> tuple[float, list[int]]:
    """The highest value of a path and the rows that it goes through, the start and the end included.

    Of two paths through the same candidates to the same last one, the one that is no shorter and sees no more is
    dropped; nothing else is.  Lengths and swaths are nominal.

    Raises
    ------
    BadInput
        If there are more than 14 candidates beside the airfields, or no path keeps the limits.
    """
    m = len(problem.points)
    if m - 2 > MOST_CANDIDATES:
        raise BadInput(say("at most {most} candidates can be listed exactly", most=MOST_CANDIDATES))
    best = _listed(problem)
    if best is None:
        raise BadInput(say("no path keeps the limits of the discrete problem"))
    return best


def exact_bound(problem: Discrete) -> float | None:
    """The highest value of a path where lengths and swaths are a little better than nominal, and so never below it.

    As much as legs over chords may be measured too long, and their planes may lie beside the geodesics, is given.
    None if the list grows beyond some thousands of parts of paths, which takes tenths of a second; or if it is empty.
    """
    if len(problem.sites) > MOST_CANDIDATES:
        return None
    longest = min(problem.limit_km, float(arcs_km(problem.points, problem.points).max()))
    spare = LENGTH_SPARE * problem.limit_km**3 + len(problem.points) * ROUNDING_KM
    # A difference of squares of 40 million km2 is good to 1e-7 km2, a plane through places a metre apart to 1e-5 km.
    wider = np.sqrt(np.square(problem.half_km + ACROSS_SPARE * longest**2 + 1e-5) + 1e-7)
    found = _listed(_needed(replace(problem, limit_km=problem.limit_km + spare, half_km=wider)), most=MOST_PARTS)
    return None if found is None else found[0]


def _needed(problem: Discrete) -> Discrete:
    """The problem without candidates that are out of reach, and without those that no best path needs.

    A candidate that observes nothing, whose legs observe nothing but what their other ends do, and of whose
    neighbours no two are kept apart by forbidden ground, can be left out of every path: what is left is no longer.
    """
    m = len(problem.points)
    far = arcs_km(problem.points, problem.points)
    closed = np.zeros((m, m), dtype=bool) if problem.forbidden is None else problem.forbidden | problem.forbidden.T
    one_way = far[0][:, None] + far + far[:, 1][None, :]
    legs = (np.minimum(one_way, one_way.T) <= problem.limit_km + 0.01) & ~closed
    keep = (far[0] + far[:, 1] <= problem.limit_km + 0.01) | (np.arange(m) < 2)
    seen = _seen(problem) if not problem.sub_limits else []
    for k in range(2, m if seen else 2):
        if keep[k] and not seen[k][k]:
            others = [i for i in np.flatnonzero(legs[k] & keep).tolist() if i != k]
            apart = closed[np.ix_(others, others)].any()
            keep[k] = apart or any((seen[i][k] | seen[k][i]) & ~seen[i][i] for i in others)
    rows = np.flatnonzero(keep)
    return replace(
        problem,
        points=problem.points[rows],
        forbidden=None if problem.forbidden is None else problem.forbidden[np.ix_(rows, rows)],
        sub_limits=tuple((table[np.ix_(rows, rows)], most) for table, most in problem.sub_limits),
    )


def _listed(problem: Discrete, *, most: int | None = None) -> tuple[float, list[int]] | None:
    """The best path and its value; None if none keeps the limits, or more than `most` parts of paths came up."""
    m = len(problem.points)
    far = arcs_km(problem.points, problem.points)
    seen = _seen(problem)
    closed = np.zeros((m, m), dtype=bool) if problem.forbidden is None else problem.forbidden | problem.forbidden.T
    # The way home is no shorter by way of others; a metre and what arcs may be off are left out of it.
    home = np.maximum(far[:, 1] - LENGTH_SPARE * far[:, 1] ** 3 - 0.001, 0.0)
    limits = [allowed for _, allowed in problem.sub_limits]
    tables = [np.minimum(table, table.T) for table, _ in problem.sub_limits]
    best: tuple[float, list[int]] | None = None
    values: dict[int, float] = {}

    def longer(label: Label, here: int, there: int) -> Label | None:
        mask, km, inside, path = label
        if closed[here, there]:
            return None
        km += float(far[here, there])
        inside = tuple(k + float(table[here, there]) for k, table in zip(inside, tables, strict=True))
        if km + float(home[there]) > problem.limit_km + ROUNDING_KM or any(
            k > allowed + ROUNDING_KM for k, allowed in zip(inside, limits, strict=True)
        ):
            return None
        return mask | seen[here][there], km, inside, (*path, there)

    made = 0
    layer: dict[tuple[int, int], list[Label]] = {(0, 0): [(seen[0][0], 0.0, (0.0,) * len(tables), (0,))]}
    while layer:
        following: dict[tuple[int, int], list[Label]] = {}
        for (visited, here), labels in layer.items():
            for label in labels:
                out = problem.closed and here == 0  # never left
                ended = (*label[:3], (0, 1)) if out else longer(label, here, 1)
                if ended is not None:
                    value = values.get(ended[0])
                    if value is None:
                        value = values[ended[0]] = _value(problem, ended[0])
                    if best is None or value > best[0]:
                        best = (value, list(ended[3]))
                for there in range(2, m):
                    if visited >> there & 1:
                        continue
                    new = longer(label, here, there)
                    if new is not None:
                        made += 1
                        _keep(following.setdefault((visited | 1 << there, there), []), new)
            if most is not None and made > most:
                return None
        layer = following
    return best


def _keep(labels: list[Label], new: Label) -> None:
    for mask, km, inside, _ in labels:
        if mask | new[0] == mask and km <= new[1] and all(a <= b for a, b in zip(inside, new[2], strict=True)):
            return
    labels[:] = [
        old
        for old in labels
        if not (
            old[0] | new[0] == new[0] and new[1] <= old[1] and all(a <= b for a, b in zip(new[2], old[2], strict=True))
        )
    ]
    labels.append(new)


def _seen(problem: Discrete) -> list[list[int]]:
    """Sites that each leg observes, its ends included, as bits."""
    m = len(problem.points)
    masks = [[0] * m for _ in range(m)]
    for width in np.unique(problem.half_km):
        some = np.flatnonzero(problem.half_km == width)
        for i in range(m):
            ends = np.broadcast_to(problem.points[i], problem.points.shape)
            near = legs_near(ends, problem.points, problem.sites[some], float(width))
            for j in range(m):
                for s in some[near[j]]:
                    masks[i][j] |= 1 << int(s)
    return masks


def _value(problem: Discrete, mask: int) -> float:
    marks = np.array([mask >> s & 1 == 1 for s in range(len(problem.values))], dtype=bool)
    return best_of_groups(problem, marks)
