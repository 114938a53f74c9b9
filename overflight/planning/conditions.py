"""What a planner asks of a path beyond the treaty, held against any plan.

Sub-limits and closed areas, shortest leg and turns, the aircraft's range, landings on the way and
daylight: each answer is a finding with its place and its margin.  They are the planner's own
conditions, so they stand apart from the findings of the treaty, and cite it only where a
region names the paragraph that it is drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from overflight.planning import conditions_area, conditions_path, conditions_stops, conditions_sun
from overflight.planning.passage import Section, StopPlace, Timetable, sections, stop_places, timetable
from overflight.planning.regions import NO_REGIONS, ClosedArea, Regions
from overflight.planning.request_values import refuse_impossible_conditions
from overflight.rules.finding import Finding, Verdict, all_comply
from overflight.terms.plan import MissionPlan

if TYPE_CHECKING:
    from overflight.planning.measure import PathFacts
    from overflight.planning.request import PlanRequest
    from overflight.treaty.regime import Regime

PLANNER: Final = "planner"  # stands for the citation of a condition that no paragraph makes


@dataclass(frozen=True)
class Conditions:
    """The conditions of one planner; the defaults ask nothing. See `PlanRequest` for each."""

    regions: Regions = NO_REGIONS
    stops: tuple[str, ...] | None = None  # None: those that the plan itself states
    range_km: float | None = None
    speed_kmh: float | None = None
    min_leg_km: float = 0.0
    turn_radius_km: float = 0.0
    turn: str = "short"
    daylight: bool = False
    min_sun_deg: float = 0.0

    def __post_init__(self) -> None:
        refuse_impossible_conditions(
            range_km=self.range_km,
            speed_kmh=self.speed_kmh,
            min_leg_km=self.min_leg_km,
            turn_radius_km=self.turn_radius_km,
            turn=self.turn,
            min_sun_deg=self.min_sun_deg,
        )

    @classmethod
    def of(cls, request: PlanRequest) -> Conditions:
        """Those of a request."""
        return cls(
            regions=request.regions,
            stops=request.stops,
            range_km=request.range_km,
            speed_kmh=request.speed_kmh,
            min_leg_km=request.min_leg_km,
            turn_radius_km=request.turn_radius_km,
            turn=request.turn,
            daylight=request.daylight,
            min_sun_deg=request.min_sun_deg,
        )


@dataclass(frozen=True)
class ConditionsCheck:
    """One finding for each condition, worst first, and where the path lands."""

    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]

    @property
    def kept(self) -> bool:
        """True when no condition is broken; an open one is not."""
        return all_comply(self.findings)

    def to_json(self) -> dict[str, Any]:
        """`conditions` and `conditions_kept`."""
        return {"conditions": [f.to_json() for f in self.findings], "conditions_kept": self.kept}


def check_conditions(plan: MissionPlan, facts: PathFacts, asked: Conditions, regime: Regime) -> ConditionsCheck:
    """Hold `plan`, whose path was measured as `facts`, against what a planner asks."""
    airfields = asked.stops if asked.stops is not None else tuple(s.airfield for s in plan.stops)
    stops: tuple[StopPlace, ...] = stop_places(plan, airfields, regime)
    cuts = sections(facts.lengths_km, stops)
    times: Timetable | None = timetable(plan, facts.length_km, cuts, speed_kmh=asked.speed_kmh)
    landings = frozenset(s.waypoint for s in stops if s.waypoint is not None)
    found = [
        *conditions_path.stops_are_airfields_of_the_day(plan, stops, regime),
        *conditions_stops.stops_fit_the_times(plan, facts.lengths_km, regime),
        *conditions_path.within_range(plan, cuts, asked.range_km),
        *conditions_path.legs_long_enough(plan, facts.lengths_km, asked.min_leg_km),
        *conditions_path.room_to_turn(plan, facts.lengths_km, asked.turn_radius_km, asked.turn, landings),
        *conditions_area.within_sub_limits(plan, asked.regions.sub_limits),
        *conditions_area.outside_closed_areas(plan, asked.regions.closed, times),
    ]
    if asked.daylight:
        found += conditions_sun.in_daylight(plan, facts.length_km, times, asked.min_sun_deg, regime)
    order = (Verdict.BREACHES, Verdict.DISPUTED, Verdict.UNDETERMINED, Verdict.RIGHT, Verdict.SILENT, Verdict.COMPLIES)
    cited = [f if f.citation else replace(f, citation=PLANNER) for f in found]
    return ConditionsCheck(tuple(sorted(cited, key=lambda f: order.index(f.verdict))), cuts)


def entered_while_closed(
    plan: MissionPlan, facts: PathFacts, closed: Sequence[ClosedArea], regime: Regime
) -> dict[str, Any]:
    """The areas that the path enters while they are closed, or may be, by name, with the place."""
    if not closed:
        return {}
    cuts = sections(facts.lengths_km, stop_places(plan, tuple(s.airfield for s in plan.stops), regime))
    times = timetable(plan, facts.length_km, cuts)
    found = conditions_area.outside_closed_areas(plan, closed, times)
    return {
        area.name: one.where for area, one in zip(closed, found, strict=True) if one.verdict is not Verdict.COMPLIES
    }
