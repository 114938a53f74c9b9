"""What a planner asks for and gets: the request, the result, and the checks before a search starts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from overflight.errors import BadInput, UnknownOnDate
from overflight.planning.regions import NO_REGIONS, Regions
from overflight.planning.request_values import WIDEST_SWATH_KM, refuse_impossible, refuse_unserved
from overflight.rules.mission_plan import STARTS_OR_ENDS
from overflight.terms.place import Airfield, Site
from overflight.terms.plan import MissionPlan, SensorUse
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.validate import PlanCheck
    from overflight.treaty.regime import Regime


@dataclass(frozen=True)
class PlanRequest:
    """The best path is sought from `start` to `end` over `sites`, within `swath_km` / 2 of which a site is observed.

    `max_km` may only lower the treaty's limit.  The path calls at the airfields `stops` (ICAO) in their order;
    between two airfields it is at most `range_km` long.  `take_off` (aware UTC) and `speed_kmh` over the ground
    say when a place is reached.  Every leg is at least `min_leg_km` long and leaves room to turn with
    `turn_radius_km`: ``short`` cuts the corner inside, ``over`` turns after the waypoint.  `swaths_km` is the
    full width of each instrument that a site may name.  With `daylight` the sun stands at least `min_sun_deg`
    above the horizon wherever an optical sensor observes.  Each stop takes `stop_hours`.

    Raises
    ------
    BadInput
        If a value cannot be meant; the option is named.
    """

    observed: str
    start: str
    end: str
    sites: tuple[Site, ...]
    swath_km: float
    max_km: float | None = None
    observing: str | None = None
    height_agl_m: float | None = None
    sensors: tuple[SensorUse, ...] = ()
    aircraft: str | None = None
    regions: Regions = NO_REGIONS
    stops: tuple[str, ...] = ()
    range_km: float | None = None
    speed_kmh: float | None = None
    take_off: datetime | None = None
    min_leg_km: float = 0.0
    turn_radius_km: float = 0.0
    turn: str = "short"
    swaths_km: Mapping[str, float] = field(default_factory=dict, hash=False)
    daylight: bool = False
    min_sun_deg: float = 0.0
    stop_hours: float = 1.0

    def __post_init__(self) -> None:
        refuse_impossible(self)

    def latest_end(self, limit_km: float) -> datetime | None:
        """When a flight of `limit_km` would end, stops included; None if take-off or speed are not given."""
        if self.take_off is None or self.speed_kmh is None:
            return None
        return self.take_off + timedelta(hours=limit_km / self.speed_kmh + self.stop_hours * len(self.stops))

    def half_km(self, site: Site) -> float:
        """Farthest distance from the path at which `site` is observed: half the swath of its instrument, or of any."""
        return (self.swaths_km[site.instrument] if site.instrument else self.swath_km) / 2


@dataclass(frozen=True)
class Ignored:
    """A site that was left out, and why.

    `reason` is `outside_territory`, `out_of_reach`, `behind_border_distance` or `inside_closed_area`.

    `swapped` if it would lie in the territory with its longitude and latitude exchanged.
    """

    site: Site
    reason: str
    swapped: bool = False

    @property
    def hint(self) -> str:
        """What may be wrong with the site's row; empty if nothing is known."""
        return say("longitude and latitude swapped?") if self.swapped else ""

    def to_json(self) -> dict[str, Any]:
        """Name, place and reason, and a hint if there is one."""
        row: dict[str, Any] = {
            "name": self.site.name,
            "lon_deg": self.site.lon_deg,
            "lat_deg": self.site.lat_deg,
            "reason": self.reason,
        }
        return row | {"hint": self.hint} if self.hint else row


@dataclass(frozen=True)
class PlanResult:
    """A plan that was checked, what it observes, and how it was found.

    `value` is re-measured with geodesics at the nominal swath; `bound` and `gap` belong to
    `discrete_value`, the value of `discrete_plan`, the best path found whose waypoints are candidate points; with
    required sites, of the best that observes them all, 0 where none was found (`bound_note` says so).  `seconds`
    leaves `compile_seconds` out, in which the inner loops were compiled or read from disk.
    """

    plan: MissionPlan
    check: PlanCheck
    value: float
    discrete_value: float
    total_value: float
    bound: float | None
    seconds: float
    steps: int
    stopped_by: str
    ignored: tuple[Ignored, ...]
    observed_sites: tuple[Site, ...] = field(repr=False, default=())
    proven: bool = False
    first_seconds: float | None = None
    compile_seconds: float = 0.0
    bound_note: str | None = None
    discrete_plan: MissionPlan | None = field(repr=False, default=None)

    @property
    def bound_is(self) -> str | None:
        """What `bound` is the bound of."""
        if self.bound is None:
            return None
        if self.proven:
            return (
                "no path whose waypoints are sites, stand-ins or corners of forbidden ground, and whose whole length "
                "keeps the limit, is worth more"
            )
        return "sum of the values of all sites within reach of a path whose whole length keeps the limit"

    @property
    def gap(self) -> float | None:
        """(bound - discrete_value) / bound; None without a bound, or if `discrete_value` was left as it was.

        That is so where the search ended because `plan` observes every site within reach, and where no path over
        candidates was found that may be compared.
        """
        if not self.bound or self.discrete_value <= 0:
            return None
        if self.stopped_by == "proven" and self.discrete_value < self.bound:
            return None
        return (self.bound - self.discrete_value) / self.bound

    def to_json(self) -> dict[str, Any]:
        """The contract's fields of `plan optimise`; holds sites, so it stays on the planner's node."""
        from overflight.planning.planfile import plan_feature

        counts: dict[str, int] = {}
        for left in self.ignored:
            counts[left.reason] = counts.get(left.reason, 0) + 1
        return {
            "value": self.value,
            "discrete_value": self.discrete_value,
            "total_value": self.total_value,
            "bound": self.bound,
            "bound_is": self.bound_is,
            "gap": self.gap,
            "bound_note": self.bound_note,
            "seconds": round(self.seconds, 3),
            "compile_seconds": round(self.compile_seconds, 3),
            "first_seconds": round(self.first_seconds, 3) if self.first_seconds is not None else None,
            "steps": self.steps,
            "stopped_by": self.stopped_by,
            "sites_observed": len(self.observed_sites),
            "ignored": [left.to_json() for left in self.ignored],
            "ignored_counts": counts,
            **self.check.to_json(),
            "plan": plan_feature(self.plan),
        }


def ends_of(request: PlanRequest, regime: Regime) -> tuple[Airfield, Airfield]:
    """Start and end airfield of a request.

    Raises
    ------
    UnknownParty, UnknownAirfield
        If the observed Party or an airfield is none on the day.
    BadInput
        If an airfield is not the observed Party's, or not one where a flight may start or end.
    """
    regime.party(request.observed)
    group = regime.group_of(request.observed)
    owners = set(group.members) if group else {request.observed}
    found = []
    for field_name, icao in (("--from", request.start), ("--to", request.end)):
        airfield = regime.airfield(icao)
        if airfield.party not in owners:
            raise BadInput(
                say(
                    "{field}: {icao} ({name}) belongs to {party}, not to {observed}; choose one of {open}",
                    field=field_name,
                    icao=icao,
                    name=airfield.name,
                    party=airfield.party,
                    observed=request.observed,
                    open=_open(request.observed, regime),
                ),
                citation="AnnE.1",
                field=field_name,
            )
        if not airfield.roles & STARTS_OR_ENDS:
            raise BadInput(
                say(
                    "{field}: {icao} ({name}) is not open on {day} for a flight to start or end; choose one of {open}",
                    field=field_name,
                    icao=icao,
                    name=airfield.name,
                    day=regime.day,
                    open=_open(request.observed, regime),
                ),
                citation="AnnE.1",
                field=field_name,
            )
        found.append(airfield)
    return found[0], found[1]


def _open(observed: str, regime: Regime) -> str:
    return ", ".join(a.icao for a in regime.airfields(observed) if "open_skies" in a.roles) or "-"


def limit_for(request: PlanRequest, regime: Regime) -> float:
    """Longest path that a plan for this request may have, km.

    Raises
    ------
    UnknownParty, UnknownAirfield
        If the observed Party or an airfield is none on the day.
    BadInput
        If an airfield is not one for this flight, `max_km` is no positive number, lies above the treaty's maximum
        (VI.II.4.A), or is missing where the treaty's is not known; or a site's instrument has no swath.
    """
    ends_of(request, regime)  # an airfield of another State has no distance here, and that is not what is wrong
    limit = _limit_for(request, regime)
    refuse_unserved(request)
    return limit


def _limit_for(request: PlanRequest, regime: Regime) -> float:
    asked = request.max_km
    if asked is not None and not (math.isfinite(asked) and asked > 0):
        raise BadInput(say("--max-km must be a finite number of kilometres above 0"), field="--max-km")
    if not (math.isfinite(request.swath_km) and 0 < request.swath_km <= WIDEST_SWATH_KM):
        raise BadInput(
            say(
                "--swath-km must be above 0 and at most {most:g} km; it is the full width that is observed",
                most=WIDEST_SWATH_KM,
            ),
            field="--swath-km",
        )
    try:
        treaty = regime.max_flight_distance(request.start)
    except UnknownOnDate as why:
        if asked is None:
            raise BadInput(
                say("{why}. Give --max-km to plan with a distance of your own", why=why.message.rstrip(".")),
                citation="VI.II.4.A",
                field="--max-km",
            ) from None
        return asked
    if asked is not None and asked > float(treaty.value):
        raise BadInput(
            say(
                "--max-km {asked:g} is above the maximum flight distance from {icao}, {limit} (VI.II.4.A); "
                "it may only lower it",
                asked=asked,
                icao=request.start,
                limit=treaty.marked,
            ),
            citation="VI.II.4.A",
            field="--max-km",
            limit_km=treaty.value,
        )
    return min(float(treaty.value), asked) if asked is not None else float(treaty.value)
