"""Conditions over regions: sub-limits of length, and closed areas with their hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from overflight.planning.conditions_path import MM_KM, own_condition
from overflight.planning.passage import Timetable, place_at
from overflight.planning.region_lengths import stretches_inside
from overflight.planning.regions import ClosedArea, SubLimit
from overflight.rules.finding import Finding, breaches, complies, undetermined
from overflight.terms.moment import readable, rfc3339
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

LEAST_KM = 0.001  # less inside an area is a touch of its edge


def within_sub_limits(plan: MissionPlan, limits: Sequence[SubLimit]) -> list[Finding]:
    """Inside each region the path is no longer than its sub-limit; exactly that much complies."""
    out = []
    for limit in limits:
        inside = stretches_inside(plan.waypoints, limit.shape)
        km = sum(b - a for a, b in inside)
        more: dict[str, Any] = {
            "where": place_at(plan, inside[0][0]) if inside else None,
            "seen": {
                "region": limit.name,
                "km": round(km, 3),
                "margin_km": round(limit.most_km - km, 3),
                "stretches": [{"from_km": round(a, 3), "to_km": round(b, 3)} for a, b in inside],
            },
            "limit": own_condition(limit.most_km, "km") | ({"source": limit.source} if limit.source else {}),
        }
        if limit.readings:
            more["readings"] = dict(limit.readings)
        sentence = say("{km:.1f} km inside {region}; at most {most:g} km", km=km, region=limit.name, most=limit.most_km)
        if km > limit.most_km + MM_KM:
            more_km = say("{sentence}, {over:.1f} km too many", sentence=sentence, over=km - limit.most_km)
            found = breaches(more_km, **more)
        else:
            found = complies(sentence, **more)
        out.append(replace(found, rule="within_sub_limits", citation=limit.citation))
    return out


def outside_closed_areas(plan: MissionPlan, areas: Sequence[ClosedArea], times: Timetable | None) -> list[Finding]:
    """The path is inside no closed area while it is closed; a passage at the very end of the closure complies."""
    return [replace(_closed(plan, area, times), rule="outside_closed_areas") for area in areas]


def _closed(plan: MissionPlan, area: ClosedArea, times: Timetable | None) -> Finding:
    inside = [(a, b) for a, b in stretches_inside(plan.waypoints, area.shape) if b - a > LEAST_KM]
    limit = {"area": area.name, "from": _text(area.since), "to": _text(area.until), "source": area.source}
    if not inside:
        return complies(
            say("the path does not enter {area}", area=area.name), seen={"area": area.name, "km": 0.0}, limit=limit
        )
    km = sum(b - a for a, b in inside)
    seen: dict[str, Any] = {
        "area": area.name,
        "km": round(km, 3),
        "stretches": [{"from_km": round(a, 3), "to_km": round(b, 3)} for a, b in inside],
    }
    more: dict[str, Any] = {"where": place_at(plan, inside[0][0]), "seen": seen, "limit": limit}
    if area.since is None and area.until is None:
        return breaches(say("{km:.1f} km inside {area}, which is closed at all times", km=km, area=area.name), **more)
    if times is None:
        return undetermined(
            say(
                "{km:.1f} km inside {area}, closed {hours}: when the path is there is not known",
                km=km,
                area=area.name,
                hours=_hours(area),
            ),
            *(["take_off"] if plan.take_off is None else ["ground_speed_kmh"]),
            **more,
        )
    visits = [(a, b, times.at(a), times.at(b)) for a, b in inside]
    met = [visit for visit in visits if area.may_be_met(visit[2], visit[3])]
    seen["times"] = [{"from": rfc3339(since), "to": rfc3339(until)} for _, _, since, until in visits]
    facts = {"area": area.name, "hours": _hours(area)}
    if met:
        more["where"] = place_at(plan, met[0][0])
        return breaches(
            say(
                "inside {area} from {since} to {until}; it is closed {hours}",
                since=readable(met[0][2]),
                until=readable(met[0][3]),
                **facts,
            ),
            **more,
        )
    return complies(
        say("inside {area} from {since}, while it is open; closed {hours}", since=readable(visits[0][2]), **facts),
        **more,
    )


def _hours(area: ClosedArea) -> str:
    if area.since is None:
        return say("until {until}", until=readable(area.until) if area.until else "-")
    if area.until is None:
        return say("from {since} on", since=readable(area.since))
    return say("from {since} to {until}", since=readable(area.since), until=readable(area.until))


def _text(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None
