"""What the Planner works with: its choices, sites, checks with observed sites and ground profile, searches."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any

from overflight.app import plans
from overflight.errors import BadInput, OverflightError
from overflight.planning.coverage import observed, value_of
from overflight.planning.geodesy import densify
from overflight.planning.planfile import plan_from_feature
from overflight.planning.request import PlanRequest
from overflight.planning.stop import StopRule, after_seconds, first_of
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.planning.elevation import Elevation

MOST_SITES = 20_000
LONGEST_SEARCH_S = 300.0
PROFILE_POINTS = 240


def choices(regime: Regime, *, own: str | None = None, observed: str | None = None) -> dict[str, Any]:
    """Parties that can be observed on the day, the one to begin with, and the airfields to start from or end at.

    `observed` is the Party that this node observed last; the planner begins with it while it is a Party.
    """
    parties = [{"code": p.code, "name": p.name} for p in regime.parties() if p.code != own]
    fields = [
        {
            "icao": a.icao,
            "name": a.name,
            "party": a.party,
            "owners": list(group.members) if (group := regime.group_of(a.party)) else [a.party],
            "lon_deg": a.lon_deg,
            "lat_deg": a.lat_deg,
            "limit_km": _limit_km(regime, a.icao),
        }
        for a in regime.airfields()
        if a.roles & {"open_skies", "point_of_entry_exit", "point_of_entry", "point_of_exit"}
    ]
    reach = sorted(regime.airfields(), key=lambda a: -(_limit_km(regime, a.icao) or 0.0))
    codes = {p.code for p in regime.parties()} - {own}
    first = next((code for code in (observed, "RUS", *(a.party for a in reach)) if code in codes), None)
    return {"day": regime.day.isoformat(), "parties": parties, "airfields": fields, "own": own, "first": first}


def last_observed(node: Node | None) -> str | None:
    """The Party over which this node's newest flight goes; None if it observes none."""
    if node is None:
        return None
    from overflight.app.flights import flights

    return next((f["observed"] for f in flights(node) if f["observing"] == node.party), None)


def _limit_km(regime: Regime, icao: str) -> float | None:
    try:
        return float(regime.max_flight_distance(icao).value)
    except OverflightError:
        return None


def sites_from(rows: Any) -> tuple[Site, ...]:
    """Sites as a page or program sends them: objects with name, lon_deg, lat_deg and value.

    Raises
    ------
    BadInput
        If one has no finite place and value; the message says which.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > MOST_SITES:
        raise BadInput(say("sites must be a list of at most {most} sites", most=MOST_SITES), field="sites")
    out = []
    for n, row in enumerate(rows):
        given: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
        numbers = [_finite(given.get(key)) for key in ("lon_deg", "lat_deg")] + [_finite(given.get("value", 1.0))]
        lon, lat, value = (math.nan if x is None else x for x in numbers)
        if not (abs(lon) <= 180 and abs(lat) <= 90 and value >= 0):
            raise BadInput(
                say("sites[{n}] needs lon_deg, lat_deg in degrees and a value of 0 or more, finite numbers", n=n),
                field=f"sites[{n}]",
            )
        out.append(Site(str(given.get("name", ""))[:200], lon, lat, value))
    return tuple(out)


def site_rows(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """Sites as the page shows them."""
    return [{"name": s.name, "lon_deg": s.lon_deg, "lat_deg": s.lat_deg, "value": s.value} for s in sites]


def example_sites(regime: Regime, code: str) -> tuple[Site, ...]:
    """The airports of a Party as example sites, each of value 1: places that anyone can look up.

    Raises
    ------
    UnknownParty
        If it is no Party on the day.
    """
    party = regime.party(code)
    return plans.sites_from(plans.AIRPORTS + party.code, observed_party=party.code, borders=ground().borders)


def check(
    feature: Any, regime: Regime, *, sites: Sequence[Site] | None = None, swath_km: float | None = None,
    profile: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Every plan rule over one plan; with `sites`, which of them it observes; with `profile`, the ground below."""
    plan = plan_from_feature(feature)
    over = ground()
    found = plans.check(plan, regime, over).to_json()
    width = swath_km if swath_km is not None else plan.swath_km
    if sites and width:
        seen = observed(plan.waypoints, sites, swath_km=width)
        found["observed"] = {
            "sites": [n for n, yes in enumerate(seen.tolist()) if yes],
            "value": value_of(sites, seen),
            "total_value": sum(s.value for s in sites),
        }
    if profile:
        found["profile"] = profile_of(plan, over.elevation)
    return found


def profile_of(plan: MissionPlan, elevation: Elevation | None) -> dict[str, Any] | None:
    """Ground height along the path, with the grid's error bar; None where no heights are known."""
    if elevation is None or len(plan.waypoints) < 2:
        return None
    lons, lats, km, _ = densify(plan.waypoints, 5.0)
    step = max(1, len(km) // PROFILE_POINTS)
    ground, error = elevation.at(lons[::step], lats[::step])
    known = [(float(k), float(g), float(e)) for k, g, e in zip(km[::step], ground, error, strict=True) if g == g]
    if len(known) < 2:
        return None
    heights = set(plan.height_agl_m)
    return {
        "km": [round(k, 2) for k, _, _ in known],
        "ground_m": [round(g, 1) for _, g, _ in known],
        "error_m": round(max(e for _, _, e in known), 1),
        "height_agl_m": heights.pop() if len(heights) == 1 else None,
        "dataset": elevation.source.name,
    }


def search(
    wanted: Mapping[str, Any], regime: Regime, *, stopped: Callable[[], bool], progress: Callable[[int, float], None]
) -> dict[str, Any]:
    """The best legal path until the time is over or `stopped` says so.

    `wanted` holds observed, from, to, sites, swath_km, and may hold max_km, seconds, seed, observing,
    height_agl_m, aircraft.

    Raises
    ------
    BadInput, NothingToPlan, UnknownAirfield, UnknownParty
        As `overflight.planning.optimise.solve`.
    """
    seconds = _number(wanted, "seconds", 10.0)
    if not 0 < seconds <= LONGEST_SEARCH_S:
        raise BadInput(say("seconds must be above 0 and at most {most:g}", most=LONGEST_SEARCH_S), field="seconds")
    start = _text(wanted, "from").upper()
    request = PlanRequest(
        observed=_text(wanted, "observed").upper(),
        start=start,
        end=(_text(wanted, "to", "") or start).upper(),
        sites=sites_from(wanted.get("sites")),
        swath_km=_number(wanted, "swath_km"),
        max_km=_number(wanted, "max_km") if wanted.get("max_km") is not None else None,
        observing=_text(wanted, "observing", "") or None,
        height_agl_m=_number(wanted, "height_agl_m") if wanted.get("height_agl_m") is not None else None,
        aircraft=_text(wanted, "aircraft", "") or None,
    )

    def asked_to_stop(_: int) -> str | None:
        return "asked" if stopped() else None

    stop: StopRule = first_of(asked_to_stop, after_seconds(seconds, monotonic))
    seed = int(_number(wanted, "seed", 1.0))
    return plans.optimise(request, regime, ground(), stop=stop, seed=seed, progress=progress).to_json()


def day_of(wanted: Mapping[str, Any], default: date) -> date:
    """The day that a request names under ``on``, else `default`."""
    from overflight.terms.moment import parse_day

    return parse_day(_text(wanted, "on"), field="on") if wanted.get("on") else default


def readings_of(wanted: Mapping[str, Any]) -> dict[str, str]:
    """Readings that a request names.

    Raises
    ------
    BadInput
        If they are no object of names and choices.
    """
    found = wanted.get("readings") or {}
    if not isinstance(found, Mapping) or not all(isinstance(v, str) for v in found.values()) or len(found) > 100:
        raise BadInput(say("readings must be an object of names and choices"), field="readings")
    return {str(name): str(choice) for name, choice in found.items()}


@lru_cache(maxsize=1)
def ground() -> plans.Ground:
    """The borders and heights of this process."""
    return plans.ground()


def _finite(value: Any) -> float | None:
    """`value` as a float if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _number(wanted: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = _finite(wanted.get(key, default))
    if value is None:
        raise BadInput(say("{field} must be a finite number", field=key), field=key)
    return value


def _text(wanted: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = wanted.get(key, default)
    if not isinstance(value, str) or len(value) > 100:
        raise BadInput(say("{field} is missing; it must be a short text", field=key), field=key)
    return value.strip()
