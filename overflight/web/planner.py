"""What the Planner works with: its choices, sites, checks with observed sites and ground profile, searches."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overflight.app import plan_optimise, plan_regions, plans
from overflight.app.plan_pictures import History
from overflight.errors import BadInput, OverflightError
from overflight.planning.conditions import Conditions, check_conditions
from overflight.planning.coverage import observed_by, value_of
from overflight.planning.geodesy import densify
from overflight.planning.pictures.profile import planned_level
from overflight.planning.planfile import plan_from_feature
from overflight.planning.stop import first_of
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say
from overflight.treaty.regime import Regime
from overflight.web.planner_request import (
    conditions_of,
    finite,
    number_of,
    optional,
    regions_of,
    request_of,
    swaths_of,
    text_of,
)

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.planning.elevation import Elevation

DRAFT = "planner"
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
    return {
        "day": regime.day.isoformat(),
        "parties": parties,
        "airfields": fields,
        "own": own,
        "first": first,
        "sensors": sorted(sensor.id for sensor in regime.sensors()),
        "aircraft": sorted(one.id for one in regime.all_aircraft()),
        "regions": regions(),
        "readings": [f"{one.name}={choice}" for one in regime.all_readings() for choice in one.choices],
    }


def regions() -> list[dict[str, str]]:
    """The packaged regions: name, title, and under which reading they bind."""
    found = {name: plan_regions.about(name) for name in plan_regions.packaged()}
    return [{"name": name, "title": told["title"], "reading": told.get("reading", "")} for name, told in found.items()]


def draft_of(node: Node | None) -> dict[str, Any]:
    """The planner's private draft on this node: ``form, sites, points, regions`` as far as they were kept."""
    found = json.loads(node.drafts.get(DRAFT) or b"{}") if node else {}
    return found if isinstance(found, dict) else {}


def keep_draft(node: Node, draft: Mapping[str, Any]) -> None:
    """Keep form, sites, points and regions as this node's private draft.

    Raises
    ------
    BadInput
        If it holds anything else, or form or sites are none.
    """
    if set(draft) - {"form", "sites", "points", "regions"}:
        raise BadInput(say("a draft holds form, sites, points and regions"), field="draft")
    given = draft.get("form") or {}
    if not isinstance(given, Mapping) or not all(isinstance(text, str) for text in given.values()):
        raise BadInput(say("the form of a draft is an object of names and texts"), field="form")
    sites_from(draft.get("sites") or [])
    node.drafts.put(DRAFT, json.dumps(draft, ensure_ascii=False).encode())


def last_observed(node: Node | None) -> str | None:
    """The Party over which this node's newest flight goes; None if it observes none."""
    if node is None:
        return None
    from overflight.app.flight_view import states

    return next((what.observed for _, what in states(node) if what.observing == node.party), None)


def _limit_km(regime: Regime, icao: str) -> float | None:
    try:
        return float(regime.max_flight_distance(icao).value)
    except OverflightError:
        return None


def sites_from(rows: Any) -> tuple[Site, ...]:
    """Sites as a page or program sends them: objects with name, lon_deg, lat_deg and value.

    They may have ``required`` (true or false), ``group`` and ``instrument``.

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
        numbers = [finite(given.get(key)) for key in ("lon_deg", "lat_deg")] + [finite(given.get("value", 1.0))]
        lon, lat, value = (math.nan if x is None else x for x in numbers)
        if not (abs(lon) <= 180 and abs(lat) <= 90 and value >= 0):
            raise BadInput(
                say("sites[{n}] needs lon_deg, lat_deg in degrees and a value of 0 or more, finite numbers", n=n),
                field=f"sites[{n}]",
            )
        out.append(
            Site(
                str(given.get("name", ""))[:200],
                lon,
                lat,
                value,
                required=given.get("required") is True,
                group=str(given.get("group") or "")[:100],
                instrument=str(given.get("instrument") or "")[:100],
            )
        )
    return tuple(out)


def site_rows(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """Sites as the page shows them."""
    rows = []
    for s in sites:
        row: dict[str, Any] = {"name": s.name, "lon_deg": s.lon_deg, "lat_deg": s.lat_deg, "value": s.value}
        more = {"required": s.required, "group": s.group, "instrument": s.instrument}
        rows.append(row | {key: value for key, value in more.items() if value})
    return rows


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
    profile: bool = False, asked: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Every plan rule over one plan; with `sites`, which of them it observes; with `profile`, the ground below.

    `asked` holds the planner's own conditions, as `overflight.web.planner_request.conditions_of` reads them.
    """
    plan = plan_from_feature(feature)
    over, asked = ground(), asked or {}
    regions = regions_of(asked, plan.observed, regime)
    checked = plans.check(plan, regime, over, regions=regions)
    found = checked.to_json()
    conditions = conditions_of(asked, regions)
    if conditions is not None:
        found |= check_conditions(checked.plan, checked.facts, conditions, regime).to_json()
    width = swath_km if swath_km is not None else plan.swath_km
    if sites and width:
        seen = _seen(plan, sites, width, asked, conditions or Conditions(), regime)
        found["observed"] = {
            "sites": [n for n, yes in enumerate(seen.tolist()) if yes],
            "value": value_of(sites, seen),
            "total_value": value_of(sites, seen | True),
        }
    if profile:
        found["profile"] = profile_of(plan, over.elevation)
    return found


def _seen(
    plan: MissionPlan,
    sites: Sequence[Site],
    width: float,
    asked: Mapping[str, Any],
    conditions: Conditions,
    regime: Regime,
) -> NDArray[np.bool_]:
    """Which sites a plan observes: each within the swath of its instrument, where one is known, else within `width`."""
    swaths = swaths_of(asked, plan, regime)
    widths = np.array([swaths.get(site.instrument, width) for site in sites])
    return observed_by(
        plan.waypoints, sites, widths / 2, radius_km=conditions.turn_radius_km, turn=conditions.turn,
        landings=frozenset(conditions.stops or ()),
    )  # fmt: skip


def profile_of(plan: MissionPlan, elevation: Elevation | None) -> dict[str, Any] | None:
    """Ground height along the path with the grid's error bar, and the planned level; None where none are known.

    Each leg is taken as level, at the planned height above the mean ground below it, as VI.II.4.D is checked.
    """
    if elevation is None or len(plan.waypoints) < 2:
        return None
    lons, lats, km, legs = densify(plan.waypoints, 5.0)
    ground, error = elevation.at(lons, lats)
    level = planned_level(plan, ground, legs)
    step = max(1, len(km) // PROFILE_POINTS)
    picked = [n for n in range(0, len(km), step) if ground[n] == ground[n]]
    if len(picked) < 2:
        return None
    heights = set(plan.height_agl_m)
    return {
        "km": [round(float(km[n]), 2) for n in picked],
        "ground_m": [round(float(ground[n]), 1) for n in picked],
        "errors_m": [round(float(error[n]), 1) for n in picked],
        "error_m": round(max(float(error[n]) for n in picked), 1),
        "height_agl_m": heights.pop() if len(heights) == 1 else None,
        "level_m": [round(float(level[n]), 1) for n in picked] if level is not None else None,
        "certified": [
            {"sensor": use.sensor, "m": use.certified_h_min_m}
            for use in plan.sensors
            if use.certified_h_min_m is not None
        ],
        "dataset": elevation.source.name,
    }


def search(
    wanted: Mapping[str, Any], regime: Regime, *, stopped: Callable[[], bool], progress: Callable[..., None]
) -> dict[str, Any]:
    """The best legal path until the time is over or `stopped` says so.

    `wanted` holds observed, from, to, sites, swath_km, and may hold max_km, seconds, steps, seed, observing,
    height_agl_m and everything that `overflight.web.planner_request.request_of` reads.  The answer's ``history``
    tells when the value or the bound became better.

    Raises
    ------
    BadInput, NothingToPlan, UnknownAirfield, UnknownParty
        As `overflight.planning.optimise.solve`.
    """
    seconds = number_of(wanted, "seconds", 10.0)
    if not 0 < seconds <= LONGEST_SEARCH_S:
        raise BadInput(say("seconds must be above 0 and at most {most:g}", most=LONGEST_SEARCH_S), field="seconds")
    steps = optional(wanted, "steps")
    plans.stop_rule(None, None if steps is None else int(steps))  # refused before anything is read
    request, ways = request_of(wanted, regime, sites=sites_from(wanted.get("sites")))

    def asked_to_stop(_: int) -> str | None:
        return "asked" if stopped() else None

    each = seconds / max(1, len(ways.aircraft))
    history = History(after=progress)
    found = plan_optimise.plan(
        request,
        regime,
        ground(),
        ways,
        stop=lambda: first_of(asked_to_stop, plans.stop_rule(each, None if steps is None else int(steps))),
        seed=int(number_of(wanted, "seed", 0.0)),
        progress=history,
    )
    return found.to_json() | {"history": [m.to_json() for m in history.ended(found.result)]}


def day_of(wanted: Mapping[str, Any], default: date) -> date:
    """The day that a request names under ``on``, else `default`."""
    from overflight.terms.moment import parse_day

    return parse_day(text_of(wanted, "on"), field="on") if wanted.get("on") else default


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
