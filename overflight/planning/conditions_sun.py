"""Daylight: how high the sun stands where and when an optical sensor observes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadInput, NothingToPlan
from overflight.planning.conditions_path import MM_KM, own_condition
from overflight.planning.geodesy import densify, points_at, wrap
from overflight.planning.passage import Timetable, place_at
from overflight.rules.finding import Finding, breaches, complies, undetermined
from overflight.terms.moment import readable
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.request import PlanRequest
    from overflight.treaty.regime import Regime

Floats = NDArray[np.float64]

STEP_KM: Final = 10.0  # the sun's height changes by less than 0.2 degrees over this, at any speed
STEP: Final = timedelta(minutes=2)
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
    minutes = _km_below(km, heights < min_sun_deg) / times.speed_kmh * 60
    more: dict[str, Any] = {
        "where": place_at(plan, float(km[low])),
        "seen": {
            "lowest_deg": round(float(heights[low]), 2),
            "margin_deg": round(float(heights[low]) - min_sun_deg, 2),
            "share_below": round(float((heights < min_sun_deg).mean()), 3),
            "minutes_below": round(minutes, 1),
        },
        "limit": limit,
    }
    facts: dict[str, Any] = {"deg": float(heights[low]), "at": readable(when[low]), "least": min_sun_deg}
    if heights[low] < min_sun_deg:
        sentence = say(
            "the sun stands {deg:.1f} degrees high at {at}, {short:.1f} below the {least:g} asked; it is too low for "
            "{minutes:.0f} minutes of the path",
            short=min_sun_deg - facts["deg"],
            minutes=minutes,
            **facts,
        )
        return [_named(breaches(sentence, **more))]
    sentence = say("the sun stands at least {deg:.1f} degrees high (at {at}); {least:g} is asked", **facts)
    return [_named(complies(sentence, **more))]


def _km_below(km: Floats, low: NDArray[np.bool_]) -> float:
    """Length in which the sun is too low, between neighbouring places where sensors run: half a step with one end."""
    steps = np.diff(km)
    return float((steps * (low[:-1].astype(float) + low[1:]) / 2)[steps <= STEP_KM + MM_KM].sum())


def light_km(request: PlanRequest, regime: Regime, limit_km: float) -> float:
    """How long a path can be, at most `limit_km`, if it is to end before the sun stands too low at its last airfield.

    Raises
    ------
    NothingToPlan
        If the sun stands too low already where and when the flight starts.
    """
    if request.take_off is None or request.speed_kmh is None:
        return limit_km
    start, end = regime.airfield(request.start), regime.airfield(request.end)
    first = sun_height_deg(start.lon_deg, start.lat_deg, request.take_off)
    if first < request.min_sun_deg:
        raise NothingToPlan(
            say(
                "the sun stands {deg:.1f} degrees high over {icao} at {at}, {short:.1f} below the {least:g} asked; "
                "start at another time, or lower --min-sun-deg",
                deg=first,
                icao=start.icao,
                at=readable(request.take_off),
                short=request.min_sun_deg - first,
                least=request.min_sun_deg,
            ),
            field="--take-off",
        )
    km = limit_km
    ends = request.latest_end(limit_km) or request.take_off
    least = request.take_off + timedelta(hours=request.stop_hours * len(request.stops))
    while ends > least and sun_height_deg(end.lon_deg, end.lat_deg, ends) < request.min_sun_deg:
        ends -= STEP
        km -= STEP.total_seconds() / 3600 * request.speed_kmh
    return max(km, 1.0)


def _category(sensor: str, regime: Regime) -> str:
    try:
        return regime.sensor(sensor).category
    except BadInput:
        return "optical"  # one that the data do not know is taken for a camera


def _named(found: Finding) -> Finding:
    return replace(found, rule="in_daylight")
