"""Checks of a plan request that need no treaty: numbers, times and words that cannot be meant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from overflight.errors import BadInput
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.request import PlanRequest

WIDEST_SWATH_KM = 200.0
WIDEST_TURN_KM = 100.0
LONGEST_LEG_KM = 1000.0
LONGEST_RANGE_KM = 40_000.0
SPEEDS_KMH = (50.0, 3000.0)
SUN_DEG = (-18.0, 90.0)
MOST_STOPS = 20
LONGEST_STOP_H = 48.0
TURNS = ("short", "over")


def refuse_impossible(request: PlanRequest) -> None:
    """Raise `BadInput`, naming the option, if a value of the request cannot be meant."""
    refuse_impossible_conditions(
        range_km=request.range_km,
        speed_kmh=request.speed_kmh,
        min_leg_km=request.min_leg_km,
        turn_radius_km=request.turn_radius_km,
        turn=request.turn,
        min_sun_deg=request.min_sun_deg,
    )
    if request.observing == request.observed:
        raise BadInput(
            say("--observing: {party} does not observe itself; name the Party that flies", party=request.observed),
            field="--observing",
        )
    between(request.stop_hours, "--stop-hours", 0.0, LONGEST_STOP_H, "h")
    for sensor, width in request.swaths_km.items():
        between(width, f"--swath {sensor}", 0.0, WIDEST_SWATH_KM, "km", open_below=True)
    if len(request.stops) > MOST_STOPS:
        raise BadInput(say("--via: more than {most} stops", most=MOST_STOPS), field="--via")
    if request.take_off is not None and request.take_off.utcoffset() is None:
        raise BadInput(
            say("--take-off needs a time in UTC, such as 2021-05-17T08:00Z; it has no zone"), field="--take-off"
        )
    if request.daylight:
        for given, option in ((request.take_off, "--take-off"), (request.speed_kmh, "--speed-kmh")):
            if given is None:
                raise BadInput(
                    say("--daylight needs {option}: the sun's height depends on when the path is flown", option=option),
                    field=option,
                )


def refuse_impossible_conditions(
    *,
    range_km: float | None,
    speed_kmh: float | None,
    min_leg_km: float,
    turn_radius_km: float,
    turn: str,
    min_sun_deg: float,
) -> None:
    """Raise `BadInput`, naming the option, if a condition cannot be meant."""
    between(range_km, "--range-km", 0.0, LONGEST_RANGE_KM, "km", open_below=True)
    between(speed_kmh, "--speed-kmh", *SPEEDS_KMH, "km/h")
    between(min_leg_km, "--min-leg-km", 0.0, LONGEST_LEG_KM, "km")
    between(turn_radius_km, "--turn-radius-km", 0.0, WIDEST_TURN_KM, "km")
    between(min_sun_deg, "--min-sun-deg", *SUN_DEG, say("degrees"))
    if turn not in TURNS:
        raise BadInput(say("--turn is {turn!r}; write short or over", turn=str(turn)[:40]), field="--turn")


def refuse_unserved(request: PlanRequest) -> None:
    """Every instrument that a site names needs a swath, or nothing would ever observe the site."""
    for site in request.sites:
        if site.instrument and site.instrument not in request.swaths_km:
            given = ", ".join(sorted(request.swaths_km)) or say("none")
            raise BadInput(
                say(
                    "site {site} is for the instrument {id}, which has no swath; give --swath {id}=KM (given: {given})",
                    site=site.name[:60],
                    id=site.instrument[:60],
                    given=given,
                ),
                field="--swath",
                site=site.name,
            )


def between(given: float | None, option: str, least: float, most: float, unit: str, open_below: bool = False) -> None:
    """Raise `BadInput`, naming the option, if a number that was given is not finite or out of its bounds."""
    if given is None:
        return
    fits = math.isfinite(given) and least <= given <= most and not (open_below and given == least)
    if not fits:
        raise BadInput(
            say(
                "{option} is {given:g}; it must be {above} {least:g} and at most {most:g} {unit}",
                option=option,
                given=given,
                above=say("above") if open_below else say("at least"),
                least=least,
                most=most,
                unit=unit,
            ),
            field=option.split()[0],
        )
