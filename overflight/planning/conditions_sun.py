"""Daylight: how high the sun stands where and when an optical sensor observes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from overflight.errors import BadInput
from overflight.planning.conditions_path import own_condition
from overflight.planning.geodesy import densify, points_at, wrap
from overflight.planning.passage import Timetable, place_at
from overflight.rules.finding import Finding, breaches, complies, undetermined
from overflight.terms.moment import readable
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

STEP_KM: Final = 10.0  # the sun's height changes by less than 0.2 degrees over this, at any speed
NEEDS_LIGHT: Final = frozenset({"optical", "video"})


def sun_height_deg(lon_deg: float, lat_deg: float, at: datetime) -> float:
    """Height of the sun's middle above the level horizon, degrees, without the bending of light in the air."""
    from astral import Observer
    from astral.sun import elevation

    # astral divides by the cosine of the latitude
    return float(elevation(Observer(min(max(lat_deg, -89.9), 89.9), lon_deg), at, with_refraction=False))


def in_daylight(
    plan: MissionPlan, length_km: float, times: Timetable | None, min_sun_deg: float, regime: Regime
) -> list[Finding]:
    """The sun stands at least `min_sun_deg` high all along the path where an optical sensor runs.

    A plan that names no sensor is taken to observe with an optical one.  Radar and infra-red need no light.
    """
    limit = own_condition(min_sun_deg, "deg", note=say("no paragraph asks for daylight"))
    if plan.sensors and not any(_category(s.sensor, regime) in NEEDS_LIGHT for s in plan.sensors):
        return [_named(complies(say("no optical sensor is on board"), limit=limit))]
    if times is None:
        lacking = "take_off" if plan.take_off is None else "ground_speed_kmh"
        return [_named(undetermined(say("when the path is flown is not known"), lacking, limit=limit))]
    km = densify(plan.waypoints, STEP_KM)[2]
    if plan.sensors_on is not None:
        edges = np.array([edge for period in plan.sensors_on for edge in period if edge <= length_km])
        km = np.sort(np.concatenate((km, edges)))
        runs = [(km >= since) & (km <= until) for since, until in plan.sensors_on]
        km = km[np.any(runs, axis=0)] if runs else km[:0]
    if not km.size:
        return [_named(complies(say("no sensor runs"), limit=limit))]
    lons, lats = points_at(plan.waypoints, km)
    when = [times.at(float(one)) for one in km]
    heights = np.array(
        [sun_height_deg(a, b, c) for a, b, c in zip(wrap(lons).tolist(), lats.tolist(), when, strict=True)]
    )
    low = int(heights.argmin())
    more: dict[str, Any] = {
        "where": place_at(plan, float(km[low])),
        "seen": {
            "lowest_deg": round(float(heights[low]), 2),
            "margin_deg": round(float(heights[low]) - min_sun_deg, 2),
            "share_below": round(float((heights < min_sun_deg).mean()), 3),
        },
        "limit": limit,
    }
    facts: dict[str, Any] = {"deg": float(heights[low]), "at": readable(when[low]), "least": min_sun_deg}
    if heights[low] < min_sun_deg:
        sentence = say("the sun stands {deg:.1f} degrees high at {at}; at least {least:g} is asked", **facts)
        return [_named(breaches(sentence, **more))]
    sentence = say("the sun stands at least {deg:.1f} degrees high (at {at}); {least:g} is asked", **facts)
    return [_named(complies(sentence, **more))]


def _category(sensor: str, regime: Regime) -> str:
    try:
        return regime.sensor(sensor).category
    except BadInput:
        return "optical"  # one that the data do not know is taken for a camera


def _named(found: Finding) -> Finding:
    return replace(found, rule="in_daylight")
