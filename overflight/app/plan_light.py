"""What daylight leaves of a flight: how far it may be flown before the sun is too low, and who does not fit in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from overflight.errors import NothingToPlan
from overflight.planning.request import PlanRequest, ends_of
from overflight.planning.request_ground import stops_of, visits_km, way_km
from overflight.terms.moment import readable
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


def light_left(request: PlanRequest, light_km: float, limit_km: float) -> str:
    """What daylight leaves of the limit, in words."""
    return say(
        "daylight binds: of {limit:g} km it leaves {light:.0f} km, at {speed:g} km/h until {at}, when the sun stands "
        "{least:g} degrees high over {icao}",
        limit=limit_km,
        light=light_km,
        speed=request.speed_kmh or 0.0,
        at=readable(latest) if (latest := request.latest_end(light_km)) else "-",
        least=request.min_sun_deg,
        icao=request.end,
    )


def refuse_dark(request: PlanRequest, regime: Regime, light_km: float, limit_km: float) -> None:
    """Raise `NothingToPlan` if the way between the airfields, or by a required site, is longer than daylight lasts."""
    if light_km >= limit_km:
        return
    start, end = ends_of(request, regime)
    places = (start, *stops_of(request, regime), end)
    required = [site for site in request.sites if site.required]
    visits = visits_km(request, required, places) if required else [way_km(places)]
    needs, n = max((float(km), n) for n, km in enumerate(visits))
    if needs > light_km:
        by = say(" by way of {site}", site=required[n].name[:60]) if required else ""
        raise NothingToPlan(
            say(
                "{why}; the shortest way from {start} to {end}{by} is {needs:.0f} km, {over:.0f} km too many: start "
                "earlier, fly faster, or lower --min-sun-deg",
                why=light_left(request, light_km, limit_km),
                start=request.start,
                end=request.end,
                by=by,
                needs=needs,
                over=needs - light_km,
            ),
            field="--daylight",
            over_km=round(needs - light_km, 3),
        )
