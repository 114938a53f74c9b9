"""All plan rules over one plan: measured once, then one finding a rule."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from overflight.errors import BadInput, UnknownAirfield, UnknownOnDate
from overflight.planning.conditions import entered_while_closed
from overflight.planning.crossings import CIRCLE_RADIUS_KM
from overflight.planning.measure import (
    PathFacts,
    foreign_codes,
    leg_heights,
    measure,
    own_codes,
    refuse_swapped,
    with_airfields,
)
from overflight.planning.regions import NO_REGIONS, Regions
from overflight.planning.sea_borders import sea_borders_near
from overflight.rules import mission_heights, mission_plan, mission_shape
from overflight.rules.conduct import plan_holds_what_a_flight_plan_needs
from overflight.rules.finding import WORST_FIRST, Finding, Verdict, all_comply
from overflight.rules.notification import tells_the_parties_that_are_crossed
from overflight.rules.sea_borders import SEA_ACCURACY_KM, keeps_clear_of_sea_border
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.planning.legs import Legs
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime
    from overflight.treaty.values import Value


@dataclass(frozen=True)
class PlanCheck:
    """Findings over one plan, worst first, and the lengths that decide.

    `length_km` is the whole line, `counted_km` what the reading `distance_counts` counts,
    `limit_km` the maximum it is held against (None if none is known).
    """

    findings: tuple[Finding, ...]
    length_km: float
    counted_km: float
    limit_km: float | None
    plan: MissionPlan
    borders: dict[str, Any]
    facts: PathFacts = field(repr=False)

    @property
    def complies(self) -> bool:
        """True when no finding is `breaches`."""
        return all_comply(self.findings)

    @property
    def undetermined(self) -> tuple[Finding, ...]:
        """The findings that lack a fact."""
        return tuple(f for f in self.findings if f.verdict is Verdict.UNDETERMINED)

    def to_json(self) -> dict[str, Any]:
        """The contract's fields of `plan check`."""
        return {
            "complies": self.complies,
            "undetermined": [
                {"citation": f.citation, "rule": f.rule, "missing": list(f.missing), "because": f.because}
                for f in self.undetermined
            ],
            "length_km": round(self.length_km, 6),
            "counted_km": round(self.counted_km, 6),
            "limit_km": self.limit_km,
            "findings": [f.to_json() for f in self.findings],
            "borders": self.borders,
        }


def check_plan(
    plan: MissionPlan,
    regime: Regime,
    *,
    borders: Borders,
    elevation: Elevation | None = None,
    arrived_at: datetime | None = None,
    eta: datetime | None = None,
    regions: Regions = NO_REGIONS,
    fresh: bool = False,
    may_stand: bool = False,
) -> PlanCheck:
    """Check a plan against every rule on plans of the regime's day.

    A leg that was measured before over the same borders is not measured again, so that a path of which one
    point was moved is checked in milliseconds.

    Parameters
    ----------
    fresh : bool
        Measure every leg anew; the answer is the same.
    may_stand : bool
        Measure a path of no length too, as that of a search which has found none yet.
    regions : Regions
        Those whose closed areas are the hazardous airspace that the plan takes account of (VI.II.4.C).
    arrived_at, eta : datetime, optional
        Actual and estimated time of arrival, which a plan itself does not state; without
        them the rules that need them answer `undetermined`.

    Raises
    ------
    UnknownParty
        If the borders hold no State with the observed Party's code.
    BadInput
        If the coordinates are swapped, or all points are one place.
    """
    plan = with_airfields(plan, regime)
    refuse_swapped(plan, regime, borders=borders)
    facts = measure(plan, regime, borders=borders, fresh=fresh)
    if facts.length_km <= 0 and not may_stand:
        raise BadInput(
            say("geometry.coordinates: all points are one place; a path needs a second"), field="geometry.coordinates"
        )
    limit = _limit(plan.start_airfield, regime)
    whole = regime.readings.get("distance_counts") == "whole_path"
    counted = facts.length_km if whole else facts.over_territory_km
    findings = [
        *_path_findings(plan, facts, regime, limit, counted),
        _hazard_finding(plan, facts, regions, regime),
        *_sea_findings(plan, facts.legs, regime, borders),
        _stated(plan),
        *_time_findings(plan, regime, arrived_at, eta),
        *_sensor_findings(plan, facts, regime, elevation, fresh=fresh),
    ]
    return PlanCheck(
        findings=tuple(sorted(findings, key=lambda f: WORST_FIRST.index(f.verdict))),
        length_km=facts.length_km,
        counted_km=counted,
        limit_km=float(limit.value) if limit else None,
        plan=plan,
        borders=borders.dataset.to_json(),
        facts=facts,
    )


@lru_cache(maxsize=256)
def _limit(icao: str, regime: Regime) -> Value | None:
    try:
        return regime.max_flight_distance(icao)
    except (UnknownAirfield, UnknownOnDate):
        return None


def _path_findings(
    plan: MissionPlan, facts: PathFacts, regime: Regime, limit: Value | None, counted_km: float
) -> list[Finding]:
    owners = own_codes(plan.observed, regime)
    out = [
        mission_plan.observed_is_a_party(plan.observed, regime),
        mission_plan.observing_is_a_party(plan.observing, regime),
        mission_plan.starts_or_ends_at_an_airfield_of_the_treaty(facts.start, "start", owners),
        mission_plan.starts_or_ends_at_an_airfield_of_the_treaty(facts.end, "end", owners),
        *([mission_plan.starts_or_ends_at_an_airfield_of_the_treaty(facts.exit, "exit", owners)] if facts.exit else []),
        *mission_plan.near_borders(facts.near, regime),
        mission_plan.keeps_within_maximum_distance(
            plan.start_airfield,
            length_km=facts.length_km,
            over_territory_km=facts.over_territory_km,
            counted_km=counted_km,
            disputed_km=sum(s.to_km - s.from_km for s in facts.over_disputed),
            limit=limit,
            regime=regime,
            used_up_at=_used_up_at(facts, regime, limit),
        ),
        mission_shape.flies_straight_between_declared_points(len(plan.legs)),
        mission_shape.crosses_itself_at_most_once_at_a_point(facts.crossings, regime),
        mission_shape.does_not_circle(facts.circling, radius_km=CIRCLE_RADIUS_KM),
    ]
    if facts.near_disputed:
        out.append(mission_plan.keeps_clear_of_disputed_outline(facts.near_disputed, plan.observed, regime))
    return out


def _hazard_finding(plan: MissionPlan, facts: PathFacts, regions: Regions, regime: Regime) -> Finding:
    entered = entered_while_closed(plan, facts, regions.closed, regime)
    found = mission_plan.takes_account_of_hazardous_airspace(areas_known=bool(regions.closed), entered=tuple(entered))
    return replace(found, where=next(iter(entered.values()), None))


def _stated(plan: MissionPlan) -> Finding:
    """On what the flight plan will need. A check is asked before a plan is handed over, so what lacks is open."""
    stated: dict[str, Any] = {
        "start_airfield": plan.start_airfield,
        "end_airfield": plan.end_airfield,
        "route": plan.waypoints,
        "heights": plan.height_agl_m,
        "take_off": plan.take_off,
        "aircraft": plan.aircraft,
        "alternate": True,  # told once the plan is approved (VI.I.13), and specified in the flight plan (II.31)
    }
    return plan_holds_what_a_flight_plan_needs(
        given=[item for item, value in stated.items() if value], observing=plan.observing, handed_over=False
    )


def _used_up_at(facts: PathFacts, regime: Regime, limit: Value | None) -> dict[str, Any] | None:
    """The place where the path has flown its maximum distance; None if it never has."""
    if limit is None:
        return None
    left, at_km = float(limit.value), 0.0
    whole = regime.readings.get("distance_counts") == "whole_path"
    for since, until in () if whole else sorted((s.from_km, s.to_km) for s in (*facts.transit, *facts.over_disputed)):
        if left < since - at_km:
            break
        left, at_km = left - (since - at_km), until
    return facts.place_at(at_km + left) if at_km + left < facts.length_km else None


def _sea_findings(plan: MissionPlan, legs: Legs, regime: Regime, borders: Borders) -> list[Finding]:
    """On the sea borders of States that are not Parties, where one is near; see `overflight.planning.waters`."""
    if regime.readings.get("sea_border") == "land":
        return []
    near = sea_borders_near(
        legs,
        non_parties=foreign_codes(regime, borders, observed=plan.observed),
        within_km=float(regime.value("border_clearance").value) + borders.dataset.accuracy_m / 1000 + SEA_ACCURACY_KM,
        borders=borders,
    )
    return [keeps_clear_of_sea_border(near, regime)] if near else []


def _time_findings(
    plan: MissionPlan, regime: Regime, arrived_at: datetime | None, eta: datetime | None
) -> list[Finding]:
    stops = [(s.airfield, s.arrive, s.leave) for s in plan.stops]
    return [
        mission_plan.submitted_after_arrival(plan.submitted_at, arrived_at),
        mission_plan.starts_late_enough_after_submission(plan.submitted_at, plan.take_off, regime),
        mission_plan.ends_and_stops_within_the_window(eta, stops, plan.lands, regime),
    ]


def _sensor_findings(
    plan: MissionPlan, facts: PathFacts, regime: Regime, elevation: Elevation | None, *, fresh: bool = False
) -> list[Finding]:
    legs = leg_heights(plan, facts, elevation, fresh=fresh) if plan.sensors else ()
    out = [mission_heights.keeps_certified_height(s.sensor, s.certified_h_min_m, legs) for s in plan.sensors]
    if not plan.sensors:
        out.append(mission_heights.keeps_certified_height(None, None, ()))
    out.append(mission_heights.sensors_off_over_other_states(facts.transit, plan.sensors_on))
    out.append(mission_heights.has_consent_of_crossed_states(facts.transit, regime))
    crossed = [s for s in facts.transit if s.code and regime.is_party(s.code)]
    if crossed:
        codes = sorted({s.code for s in crossed if s.code})
        told = tells_the_parties_that_are_crossed(transited=codes, regime=regime, observing=plan.observing)
        out.append(replace(told, where=crossed[0].where()))
    areas = sorted((*facts.over_disputed, *facts.as_viewed), key=lambda s: s.from_km)
    if areas:
        out.append(mission_heights.stays_off_disputed_territory(areas, regime))
    return out
