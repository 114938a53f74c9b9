"""Why a search has no plan to return, or one of little value: the constraint that binds, and by how much."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overflight.errors import NothingToPlan
from overflight.planning.swath.build import tables_of
from overflight.planning.swath.chain import Chain
from overflight.planning.task import Task
from overflight.planning.turns import SHORT
from overflight.terms.words import say

MUCH: Final = 0.8  # below this share of another value a plan is worth a word


def only_staying(task: Task) -> NothingToPlan:
    """The best that was found is not to leave the airfield."""
    if not (task.values > 0).any():
        return NothingToPlan(
            say(
                "--sites: each of the {n} sites within reach is worth 0, so that no path is better than another",
                n=len(task.sites),
            ),
            field="--sites",
        )
    return NothingToPlan(
        say(
            "the best that the search found within {limit:g} km is to stay at {icao}, which is no path: of {n} sites "
            "none was found that can be observed by leaving it; what binds is {what}",
            n=len(task.sites),
            limit=task.limit_km,
            icao=task.start.icao,
            what=_binding(task),
        ),
        citation="VI.II.4.A",
    )


def required_missing(task: Task, seen: NDArray[np.bool_]) -> NothingToPlan:
    """Says which required sites no path that was found observes with the others, and how long one over all would be."""
    left = [site.name[:60] for site, yes in zip(task.sites, seen.tolist(), strict=True) if site.required and not yes]
    needed = np.array([site.required for site in task.sites])
    p = task.problem
    keep = np.flatnonzero((p.site_of < 0) | np.concatenate(([False], needed))[np.maximum(p.site_of, -1) + 1])
    number = np.cumsum(needed) - 1
    only = replace(
        p,
        sites=p.sites[needed],
        values=p.values[needed],
        half_km=p.half_km[needed],
        group=p.group[needed],
        points=p.points[keep],
        site_of=np.where(p.site_of[keep] >= 0, number[np.maximum(p.site_of[keep], 0)], -1).astype(np.int32),
        rules=replace(p.rules, limit_km=1e6),
    )
    row = {int(v): n for n, v in enumerate(keep)}
    chain = Chain(tables_of(only, free=True), [(row[v], place) for v, place in task.first], 0)
    chain.grow()
    chain.begin()
    for n in range(20):
        chain.advance(n / 20)
    chain.back_to_best()
    chain.settle()
    length = float(chain.best[0])
    if length <= task.limit_km:
        return NothingToPlan(
            say(
                "no path that was found observes all {n} required sites: missing {left}; what binds is {what}",
                n=int(needed.sum()),
                left=", ".join(left[:10]),
                what=_binding(task),
            ),
            citation="VI.II.4.A",
        )
    return NothingToPlan(
        say(
            "no path that was found observes all {n} required sites within {limit:g} km (VI.II.4.A): missing {left}; "
            "the shortest path found over the required sites alone takes {length:.0f} km, {over:.0f} km over",
            n=int(needed.sum()),
            limit=task.limit_km,
            left=", ".join(left[:10]),
            length=length,
            over=length - task.limit_km,
        ),
        citation="VI.II.4.A",
    )


def turns_bind(task: Task, value: float, discrete_value: float) -> list[str]:
    """Notes on a plan whose turns cost much: against paths over candidates, and against a first path without turns."""
    r, notes = task.request, []
    if r.turn_radius_km <= 0:
        return []
    if r.turn == SHORT and discrete_value < MUCH * value:
        notes.append(
            say(
                "a turn short of {km:g} km cuts the corner at a site and observes nothing there, so that paths over "
                "candidates observe less ({discrete:g}) than the plan, whose waypoints stand beside and beyond the "
                "sites ({value:g})",
                km=r.turn_radius_km,
                discrete=discrete_value,
                value=value,
            )
        )
    p = task.problem
    chain = Chain(tables_of(replace(p, rules=replace(p.rules, turn_radius_km=0.0)), free=True), task.first, 0)
    chain.grow()
    weights = task.weight * sum(site.required for site in task.sites)
    without = float(chain.best[1]) - weights
    if value < MUCH * without:
        notes.append(
            say(
                "what binds is turns of {km:g} km: a first path without them observes {without:g}, the best found "
                "with them {value:g}",
                km=r.turn_radius_km,
                without=without,
                value=value,
            )
        )
    return notes


def _binding(task: Task) -> str:
    """The constraints of a request besides the borders, in words."""
    r, told = task.request, [say("the borders to keep clear of (VI.II.2)")]
    if r.regions.closed or r.regions.sub_limits:
        told.append(say("--regions"))
    if r.range_km is not None:
        told.append(say("the range of {km:g} km", km=r.range_km))
    if r.min_leg_km > 0:
        told.append(say("legs of at least {km:g} km", km=r.min_leg_km))
    if r.turn_radius_km > 0:
        told.append(say("turns of {km:g} km", km=r.turn_radius_km))
    return ", ".join(told)
