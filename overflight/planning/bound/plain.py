"""Paths that are no part of the programme: with no waypoint, or one to which a closed path flies out and back."""

from __future__ import annotations

import numpy as np

from overflight.planning.bound.legs import Legs, covers
from overflight.planning.bound.problem import ROUNDING_KM, best_of_groups


def plain_paths(legs: Legs) -> float:
    """The best value of these paths."""
    problem = legs.problem
    limits = [problem.limit_km, *(most for _, most in problem.sub_limits)]
    seen = np.zeros(len(problem.values), dtype=bool)
    seen[legs.sites] = legs.near[: legs.bases].any(axis=0)
    best = 0.0
    if legs.closed:
        best = best_of_groups(problem, seen)
        tables = (legs.km, *legs.inside_km)
        fits = legs.ends[:, 0] == 0
        for table, most in zip(tables, limits, strict=True):
            fits &= 2.0 * table <= most + 2.0 * ROUNDING_KM
        for leg in np.flatnonzero(fits):
            there = seen.copy()
            there[legs.sites[legs.near[legs.ends[leg, 1]]]] = True
            there[legs.sites[legs.sees[legs.start[leg] : legs.start[leg + 1]]]] = True
            best = max(best, best_of_groups(problem, there))
    elif problem.forbidden is None or not (problem.forbidden[0, 1] or problem.forbidden[1, 0]):
        if legs.straight_km <= problem.limit_km + ROUNDING_KM and all(
            min(table[0, 1], table[1, 0]) <= most + ROUNDING_KM for table, most in problem.sub_limits
        ):
            seen |= covers(problem, problem.points[0], problem.points[1])
            best = best_of_groups(problem, seen)
    return best
