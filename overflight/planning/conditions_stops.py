"""Whether the stops that a plan states fit its own times: between take-off and landing, and at its speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from overflight.planning.passage import by_arrival, places_of, sections
from overflight.rules.finding import Finding, breaches, complies, undetermined
from overflight.terms.moment import readable
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

ROUNDED: Final = timedelta(minutes=1)  # people write times in whole minutes


def stops_fit_the_times(plan: MissionPlan, lengths_km: Sequence[float], regime: Regime) -> list[Finding]:
    """Each stop lies between take-off and landing, and the ways between can be flown at the plan's speed (VI.II.3)."""
    if not plan.stops:
        return []
    return [replace(_found(plan, lengths_km, regime), rule="stops_fit_the_times", citation="VI.II.3")]


def _found(plan: MissionPlan, lengths_km: Sequence[float], regime: Regime) -> Finding:
    stops = by_arrival(plan)
    since = plan.take_off
    for stop in stops:
        if since is not None and stop.arrive < since:
            return breaches(
                say(
                    "the stop at {icao} begins {arrive}, before the take-off or the stop before it ends ({since})",
                    icao=stop.airfield,
                    arrive=readable(stop.arrive),
                    since=readable(since),
                ),
                seen={"icao": stop.airfield},
            )
        since = stop.leave
    if plan.lands is not None and stops[-1].leave > plan.lands:
        return breaches(
            say(
                "the stop at {icao} ends {leave}, after the landing ({lands})",
                icao=stops[-1].airfield,
                leave=readable(stops[-1].leave),
                lands=readable(plan.lands),
            ),
            seen={"icao": stops[-1].airfield},
        )
    places = places_of(plan, regime)
    lacking = [
        name
        for name, known in (
            ("take_off", plan.take_off),
            ("lands", plan.lands),
            ("ground_speed_kmh", plan.ground_speed_kmh),
            ("waypoint_at_stop", all(place.waypoint is not None for place in places)),
        )
        if not known
    ]
    if lacking or plan.take_off is None or plan.lands is None or not plan.ground_speed_kmh:
        return undetermined(
            say("whether the times of the stops can be flown needs {all}", all=", ".join(lacking)), *lacking
        )
    goes, comes = [plan.take_off, *(s.leave for s in stops)], [*(s.arrive for s in stops), plan.lands]
    ends = [*(s.airfield for s in stops), plan.end_airfield]
    for cut, begin, end, icao in zip(sections(lengths_km, places), goes, comes, ends, strict=True):
        needs = timedelta(hours=cut.km / plan.ground_speed_kmh)
        if needs > end - begin + ROUNDED:
            more: dict[str, Any] = {"seen": {"icao": icao, "km": round(cut.km, 3)}}
            return breaches(
                say(
                    "{km:.1f} km to {icao} take {needs:.0f} minutes at {speed:g} km/h; the plan leaves {has:.0f}",
                    km=cut.km,
                    icao=icao,
                    needs=needs.total_seconds() / 60,
                    speed=plan.ground_speed_kmh,
                    has=(end - begin).total_seconds() / 60,
                ),
                **more,
            )
    return complies(say("the times of take-off, stops and landing can be flown at {v:g} km/h", v=plan.ground_speed_kmh))
