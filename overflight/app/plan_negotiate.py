"""What a proposed change does to a mission plan: is its ground permitted, what it costs, what to offer instead.

Anyone learns the findings, the distance and the time.  Value and sites are answered only to whoever brings
the sites, and everything that rests on them stands under names that are missing without them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from overflight.app.plan_offers import Cost, alternatives, best_of, offer, stops_cut
from overflight.app.plans import Ground
from overflight.errors import BadInput, OverflightError
from overflight.planning.change import ProposedChange, changed_plan
from overflight.planning.conditions import Conditions, check_conditions
from overflight.planning.detour import centre_of, closed_ground
from overflight.planning.measure import with_airfields
from overflight.planning.passage import retimed, without_cut_stops
from overflight.planning.planfile import plan_feature
from overflight.planning.regions import NO_REGIONS, Regions
from overflight.planning.repair import Repairs, differing_points
from overflight.planning.request import PlanRequest, limit_for
from overflight.planning.request_values import LONGEST_STOP_H, SPEEDS_KMH
from overflight.planning.search_area import KeepOut
from overflight.planning.validate import PlanCheck, check_plan
from overflight.rules import negotiation
from overflight.rules.finding import Finding, Verdict, all_comply
from overflight.rules.timing import within
from overflight.terms.moment import rfc3339
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

STEPS = 30
MOST_STEPS = 100_000
MOST_POINTS = 300  # of a plan that is repaired
MOST_NAMES = 500


def negotiate(
    plan: MissionPlan,
    change: ProposedChange,
    regime: Regime,
    over: Ground,
    *,
    sites: Sequence[Site] | None = None,
    swath_km: float | None = None,
    swaths_km: Mapping[str, float] | None = None,
    regions: Regions = NO_REGIONS,
    range_km: float | None = None,
    max_km: float | None = None,
    eta: datetime | None = None,
    steps: int = STEPS,
    seed: int = 0,
) -> dict[str, Any]:
    """Everything that either side wants to know of a proposed change.

    With the notified time of arrival `eta`, every plan is held against the time that VI.I.9 gives from it.

    `regions` and `range_km` are a planner's own conditions: the changed plan is held against them, and so is
    every plan that is offered instead.

    Returns
    -------
    dict
        ``permitted, ground_findings, complies, findings, undetermined, conditions, conditions_kept, length_km,
        counted_km, limit_km, km_added, minutes_added, start_later_min, stops_cut, deadlines, plan``; with sites also
        ``private, value_before, value_after, value_lost, total_value, sites_lost, sites_gained, repaired,
        alternatives``.

    Raises
    ------
    BadInput
        If the change names no point of the plan, or sites come without a width.
    NothingToPlan
        If no path is left at all.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise BadInput(say("--steps must be from 1 to {most}", most=MOST_STEPS), field="--steps")
    plan = with_airfields(plan, regime)
    wanted = change.plan
    if wanted is not None and wanted.observed != plan.observed:
        raise BadInput(
            say("the proposed plan is over {code}, not {own}", code=wanted.observed, own=plan.observed), field="plan"
        )
    changed = _timed(with_airfields(changed_plan(plan, change), regime), change.plan or plan, regime)
    asked = Conditions(regions=regions, range_km=range_km)
    before, after = (
        check_plan(one, regime, borders=over.borders, elevation=over.elevation, regions=regions, eta=eta)
        for one in (plan, changed)
    )
    grounds = _ground_findings(change, plan, before, changed, regime)
    out: dict[str, Any] = {
        "permitted": all_comply(grounds),
        "ground": change.ground,
        "ground_findings": [f.to_json() for f in grounds],
        **after.to_json(),
        **check_conditions(after.plan, after.facts, asked, regime).to_json(),
        "length_before_km": round(before.length_km, 6),
        **_added(plan, changed, before.length_km, after.length_km),
        "stops_cut": stops_cut(plan, changed),
        "deadlines": _deadlines(plan, regime),
        "plan": plan_feature(changed),
    }
    if sites is not None:
        out |= _private(
            plan,
            changed,
            after,
            change,
            regime,
            over,
            list(sites),
            _width(plan, swath_km),
            max_km,
            steps=steps,
            seed=seed,
            swaths_km=swaths_km or {},
            asked=asked,
            eta=eta,
        )
    return out


def _timed(changed: MissionPlan, was: MissionPlan, regime: Regime) -> MissionPlan:
    """The changed plan with the times that follow, less the stops that its path no longer comes to."""
    if changed.waypoints == was.waypoints and changed.take_off == was.take_off:
        return changed
    return retimed(without_cut_stops(changed, was, regime), was, regime)


def _ground_findings(
    change: ProposedChange, plan: MissionPlan, before: PlanCheck, changed: MissionPlan, regime: Regime
) -> list[Finding]:
    """The rules on proposals over this one; the same that a node asks of a recorded proposal."""
    found = [
        negotiation.proposal_rests_on_a_permitted_ground(
            ground=change.ground,
            reason=change.reason,
            inconsistent_with=change.inconsistent_with,
            plan_breaches={f.citation for f in before.findings if f.verdict is Verdict.BREACHES},
            observed=plan.observed,
        ),
        negotiation.change_excludes_no_point(excludes_observation=change.excludes_observation, observed=plan.observed),
    ]
    if change.ground == "hazardous_airspace":
        other_way = changed != plan
        found.append(
            negotiation.hazard_is_named_and_room_made(
                hazard=change.hazard,
                makes_room=change.makes_room,
                offers_other_way=other_way,
                regime=regime,
                observed=plan.observed,
            )
        )
    if plan.submitted_at is not None and change.proposed_at is not None:
        found.append(
            negotiation.proposes_within_4_hours(
                submitted=plan.submitted_at, proposed=change.proposed_at, regime=regime, observed=plan.observed
            )
        )
    return found


def _added(before: MissionPlan, after: MissionPlan, before_km: float, after_km: float) -> dict[str, Any]:
    speed = after.ground_speed_kmh or before.ground_speed_kmh
    moved = (after.take_off - before.take_off) if after.take_off and before.take_off else None
    return {
        "km_added": round(after_km - before_km, 3),
        "minutes_added": round((after_km - before_km) / speed * 60, 1) if speed else None,
        "start_later_min": round(moved.total_seconds() / 60, 1) if moved is not None else None,
    }


def _deadlines(plan: MissionPlan, regime: Regime) -> dict[str, Any] | None:
    """By when to propose and to agree; None if the plan does not say when it was handed over."""
    submitted = plan.submitted_at
    if submitted is None:
        return None

    def due(name: str) -> dict[str, Any]:
        held = within(regime, name, submitted, citation="VI.II.6")
        return {"at": rfc3339(held.at), "citation": held.citation, "amount": regime.value(name).marked}

    return {"proposals_by": due("plan_reply_within"), "agreement_by": due("plan_agreement_within")}


def _width(plan: MissionPlan, swath_km: float | None) -> float:
    width = swath_km if swath_km is not None else plan.swath_km
    if width is None or not (math.isfinite(width) and width > 0):
        raise BadInput(say("--sites needs --swath-km, the full width that is observed"), field="--swath-km")
    return width


def _private(
    plan: MissionPlan,
    changed: MissionPlan,
    after: PlanCheck,
    change: ProposedChange,
    regime: Regime,
    over: Ground,
    sites: list[Site],
    width: float,
    max_km: float | None,
    *,
    steps: int,
    seed: int,
    swaths_km: Mapping[str, float],
    asked: Conditions,
    eta: datetime | None,
) -> dict[str, Any]:
    open_ = _still_open(sites, change, plan)
    cost = Cost(plan, sites, open_, width, swaths_km, asked)
    out: dict[str, Any] = {"private": True, **cost.of(changed)}
    del out["km_added"]
    if max(len(plan.waypoints), len(changed.waypoints)) > MOST_POINTS:
        out |= {"repaired": None, "repaired_not": say("plans of more than {n} points are not repaired", n=MOST_POINTS)}
        return out | {"alternatives": []}
    speed = changed.ground_speed_kmh
    rest = max(((s.leave - s.arrive).total_seconds() / 3600 for s in changed.stops), default=0.0)
    request = PlanRequest(
        observed=plan.observed,
        start=changed.start_airfield,
        end=changed.end_airfield,
        sites=tuple(site for site, yes in zip(sites, open_, strict=True) if yes),
        swath_km=width,
        max_km=max_km,
        swaths_km=swaths_km,
        regions=asked.regions,
        range_km=asked.range_km,
        take_off=changed.take_off if rest <= LONGEST_STOP_H else None,  # unknown: areas are closed at all their hours
        speed_kmh=speed if speed and SPEEDS_KMH[0] <= speed <= SPEEDS_KMH[1] else None,
        stop_hours=min(rest, LONGEST_STOP_H),
    )
    if max_km is not None:
        limit_for(request, regime)  # a limit above the treaty's is misuse, not a repair that failed
    work = Repairs(request, regime, over.borders, over.elevation, change.closed, eta)
    shunned, held = differing_points(plan, changed)
    repaired: MissionPlan | None = None
    fixed = not change.closed or change.plan is not None or bool(change.moves or change.cuts)
    try:
        best, check = best_of(
            lambda: work.best_from(
                changed, steps=steps, seed=seed, held=held if fixed else (), shunned=shunned if fixed else ()
            ),
            [(changed, after)],
            work,
            cost,
        )
        repaired = best
        out["repaired"] = offer("repaired", say("best within the proposal"), best, check, cost, regime)
    except OverflightError as why:
        out |= {"repaired": None, "repaired_not": why.message}
    # At the proposed time and height, with everything else as submitted.
    moved = replace(plan, take_off=changed.take_off) if change.take_off else plan
    own = replace(
        _timed(moved, plan, regime),
        height_agl_m=changed.height_agl_m if change.height_agl_m else plan.height_agl_m,
    )
    others = [changed] if repaired is None else [changed, repaired]
    out["alternatives"] = alternatives(own, others, work, cost, steps=steps, seed=seed, lost=out["sites_lost"])
    return out


def _still_open(sites: Sequence[Site], change: ProposedChange, plan: MissionPlan) -> list[bool]:
    """Which sites may still be observed: those in closed areas not, if the change shuts out their observation."""
    if not (change.closed and change.excludes_observation):
        return [True] * len(sites)
    import shapely

    plane = KeepOut(centre_of(plan.waypoints), [])
    shapes = shapely.union_all(closed_ground(change.closed, plane.centre))
    # A plane holds half the world only; a site beyond it is in no area near the plan.
    lons, lats = np.radians([s.lon_deg for s in sites]), np.radians([s.lat_deg for s in sites])
    units = np.column_stack((np.cos(lats) * np.cos(lons), np.cos(lats) * np.sin(lons), np.sin(lats)))
    near = np.flatnonzero(units @ plane.centre > 0.2)
    out = np.ones(len(sites), dtype=bool)
    if near.size:
        places = plane.plane(np.degrees(lons[near]), np.degrees(lats[near]))
        out[near] = ~shapely.covers(shapes, shapely.points(places))
    found: list[bool] = out.tolist()
    return found
