"""For those who own sites on the ground: which of them comes into a sensor's view, from when to when, how surely.

What an owner is told says nothing of what a site is worth to anyone: values in the file are not read out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from overflight.app.plans import Ground
from overflight.errors import BadInput, UnknownAirfield
from overflight.planning.geodesy import distances_km
from overflight.planning.measure import own_codes, with_airfields
from overflight.planning.passes_over_sites import Stretch, Timetable, stretches_in_view, timetable
from overflight.planning.request_values import WIDEST_SWATH_KM
from overflight.planning.sensor_swath import swath_km as width_of
from overflight.planning.sites import inside, note_on_waters
from overflight.rules.timing import after, within
from overflight.terms.moment import rfc3339
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

STAGES = ("notice", "plan", "agreed", "deviation", "clear")
SPEED_TOLERANCE_PERCENT = 5.0  # ours; the treaty names none
MOST_TOLERANCE_PERCENT = 90.0  # at a hundred slower the flight would never come
TIME_TOLERANCE_MIN = 30.0  # ours
HIGHEST_M = 30_000.0
MOST_ROWS = 200_000
COLUMNS = (
    "site", "lon_deg", "lat_deg", "sensor", "from", "until", "earliest", "latest", "from_km", "until_km",
    "nearest_km", "leg", "sensors_run",
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """The strip that one sensor sees: full width, kilometres, for each leg."""

    sensor: str | None
    swath_km: tuple[float, ...]


def views(
    plan: MissionPlan,
    regime: Regime,
    *,
    swath_km: float | None = None,
    height_m: float | None = None,
    sensors: Sequence[str] = (),
) -> tuple[tuple[View, ...], tuple[str, ...]]:
    """What each sensor sees: from a width, else from sensors and heights, else the plan's own; and sensors not known.

    Raises
    ------
    BadInput
        If a number is out of range, or nothing says how wide the view is.
    """
    _in_range("--swath-km", swath_km, WIDEST_SWATH_KM)
    _in_range("--height-m", height_m, HIGHEST_M)
    legs = len(plan.legs)
    if swath_km is not None:
        return (View(None, (swath_km,) * legs),), ()
    asked = tuple(sensors) or tuple(s.sensor for s in plan.sensors)
    heights = (height_m,) if height_m is not None else plan.height_agl_m
    if asked and heights:
        per_leg = tuple(heights) if len(heights) == legs else (heights[0],) * legs
        found, unknown = [], []
        for name in asked:
            try:
                sensor = regime.sensor(name)
                found.append(View(sensor.id, tuple(width_of(sensor, h) for h in per_leg)))
            except BadInput:
                if sensors:
                    raise
                unknown.append(name)
        if found:
            return tuple(found), tuple(unknown)
    if plan.swath_km is not None:
        return (View(None, (plan.swath_km,) * legs),), ()
    raise BadInput(
        say("how wide the view is stands nowhere: give --swath-km, or --sensor and --height-m"), field="--swath-km"
    )


def sites_in_view(
    plan: MissionPlan,
    sites: Sequence[Site],
    regime: Regime,
    seen: Sequence[View],
    *,
    stage: str = "plan",
    speed_tolerance_percent: float = SPEED_TOLERANCE_PERCENT,
    time_tolerance_min: float = TIME_TOLERANCE_MIN,
) -> dict[str, Any]:
    """Every pass of a site through a sensor's view, at a stage at which a route is known.

    Returns
    -------
    dict
        ``rows`` (see `COLUMNS`; times are None where the plan states too little), ``stage, means, observed, flight,
        views, tolerances, not_in_view, sites_not_in_view`` (their names).

    Raises
    ------
    BadInput
        If the stage is none of these, or a tolerance is out of range.
    """
    if stage not in STAGES or stage in ("notice", "clear"):
        raise BadInput(say("--stage: choose one of {all}", all=", ".join(STAGES)), field="--stage")
    if not (math.isfinite(speed_tolerance_percent) and 0 <= speed_tolerance_percent <= MOST_TOLERANCE_PERCENT):
        raise BadInput(
            say("--speed-tolerance must be 0 to {most:g} percent", most=MOST_TOLERANCE_PERCENT),
            field="--speed-tolerance",
        )
    if not (math.isfinite(time_tolerance_min) and 0 <= time_tolerance_min <= 10_000):
        raise BadInput(say("--time-tolerance must be 0 to 10,000 minutes"), field="--time-tolerance")
    aside = regime.value("deviation_limit") if stage == "deviation" else None
    wider = float(aside.value) if aside is not None else 0.0
    clock = timetable(plan, _airfields(plan, regime))
    share, spare = speed_tolerance_percent / 100, timedelta(minutes=time_tolerance_min)
    detour = _detour(plan, clock, wider)
    rows: list[dict[str, Any]] = []
    met: set[int] = set()
    for view in seen:
        found = stretches_in_view(plan, sites, [w / 2 + wider for w in view.swath_km])
        met |= {one.site for one in found}
        for one in found:
            rows.append(_row(plan, sites[one.site], view, one, clock, share, spare, detour))
            if len(rows) > MOST_ROWS:
                raise BadInput(say("more than {n} passes; give fewer sites", n=MOST_ROWS), field="--sites")
    rows.sort(key=lambda r: (r["from_km"], r["site"], r["sensor"] or ""))
    return {
        "stage": stage,
        "means": _MEANS[stage](),
        "observed": plan.observed,
        "flight": plan.flight,
        "views": [_view_json(v) for v in seen],
        "tolerances": {
            "speed_percent": speed_tolerance_percent,
            "time_min": time_tolerance_min,
            "stops_min": clock.unsure.total_seconds() / 60 if clock else None,
            "aside_km": wider,
            "aside_min": round(detour.total_seconds() / 60, 1) if wider else 0.0,
            "aside_citation": "VIII.II.3.B" if wider else None,
            "source": say("speed and time: conventions of this software, for you to change"),
        },
        "not_in_view": len(sites) - len(met),
        "sites_not_in_view": [s.name for n, s in enumerate(sites) if n not in met],
        "rows": rows,
    }


def sites_within_reach(
    sites: Sequence[Site],
    regime: Regime,
    over: Ground,
    *,
    observed: str,
    start: str,
    eta: datetime | None = None,
    swath_km: float | None = None,
    flight: str | None = None,
) -> dict[str, Any]:
    """After the notice no route is known: every site of the territory that a flight from an airfield could reach.

    The flight may end at another airfield, so all of its maximum distance is taken to lead away; half of
    `swath_km`, if given, comes on top.

    Raises
    ------
    UnknownParty, UnknownAirfield, UnknownOnDate
        If the Party, the airfield or its maximum flight distance is not known on the day.
    """
    _in_range("--swath-km", swath_km, WIDEST_SWATH_KM)
    regime.party(observed)
    field, limit = regime.airfield(start), regime.max_flight_distance(start)
    lons, lats = np.array([s.lon_deg for s in sites]), np.array([s.lat_deg for s in sites])
    own = own_codes(observed, regime)
    at_home = inside(lons, lats, own=own, borders=over.borders).tolist()
    away = distances_km(np.full(len(sites), field.lon_deg), np.full(len(sites), field.lat_deg), lons, lats).tolist()
    reach = float(limit.value) + (swath_km or 0.0) / 2
    rows, left_out = [], []
    first = after(regime, "plan_before_take_off", eta).at if eta else None
    last = within(regime, "flight_window", eta).at if eta else None
    for site, mine, km in zip(sites, at_home, away, strict=True):
        if not mine or km > reach:
            reason = "out_of_reach" if mine else "outside_territory"
            left_out.append({"site": site.name, "reason": reason})
            continue
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row |= {"site": site.name, "lon_deg": site.lon_deg, "lat_deg": site.lat_deg}
        rows.append(row | {"earliest": _time(first), "latest": _time(last), "km_from_airfield": round(km, 3)})
    own_sites = [site for site, mine in zip(sites, at_home, strict=True) if mine]
    notes = list(note_on_waters(own_sites, own=own, borders=over.borders))
    if eta is None:
        notes.append(say("earliest and latest are not known without --eta, the time of arrival that was notified"))
    return {
        "stage": "notice",
        "means": _MEANS["notice"](),
        "observed": observed,
        "flight": flight,
        "start": field.icao,
        "reach_km": reach,
        "limit": limit.to_json(),
        "borders": over.borders.dataset.to_json(),
        "left_out": left_out,
        "notes": notes,
        "rows": rows,
    }


def all_clear(plan: MissionPlan, sites: Sequence[Site], *, completed: datetime) -> dict[str, Any]:
    """After the flight: no site comes into view any more; each row is that of a site, free since the completion."""
    at = rfc3339(completed)
    rows = [
        dict.fromkeys(COLUMNS)
        | {"site": s.name, "lon_deg": s.lon_deg, "lat_deg": s.lat_deg, "earliest": at, "latest": at}
        for s in sites
    ]
    return {
        "stage": "clear",
        "means": _MEANS["clear"](),
        "observed": plan.observed,
        "flight": plan.flight,
        "completed": at,
        "rows": rows,
    }


def _detour(plan: MissionPlan, clock: Timetable | None, aside_km: float) -> timedelta:
    """How much later a flight comes that went so far aside and back, at the plan's speed."""
    if clock is None or aside_km <= 0:
        return timedelta(0)
    hours = (clock.times[-1] - clock.times[0]).total_seconds() / 3600
    speed_kmh = plan.ground_speed_kmh or (clock.km[-1] / hours if hours > 0 else 0.0)
    return timedelta(hours=2 * aside_km / speed_kmh) if speed_kmh > 0 else timedelta(0)


def _row(
    plan: MissionPlan,
    site: Site,
    view: View,
    one: Stretch,
    clock: Timetable | None,
    share: float,
    spare: timedelta,
    detour: timedelta,
) -> dict[str, Any]:
    first = clock.arrival(one.from_km) if clock else None
    last = clock.departure(one.to_km) if clock else None
    early = late = None
    if clock is not None and first is not None and last is not None:
        start = clock.times[0]
        early = start + (first - start) / (1 + share) - spare - clock.unsure
        late = start + (last - start) / (1 - share) + spare + clock.unsure + detour
    return {
        "site": site.name,
        "lon_deg": site.lon_deg,
        "lat_deg": site.lat_deg,
        "sensor": view.sensor,
        "from": _time(first),
        "until": _time(last, up=True),
        "earliest": _time(early),
        "latest": _time(late, up=True),
        "from_km": round(one.from_km, 3),
        "until_km": round(one.to_km, 3),
        "nearest_km": round(one.nearest_km, 3),
        "leg": one.leg,
        "sensors_run": _run(plan, one),
    }


def _run(plan: MissionPlan, one: Stretch) -> str | None:
    """Whether sensors run along a stretch by the plan: ``yes``, ``no``, ``partly``; None if the plan does not say."""
    if plan.sensors_on is None:
        return None
    shared = [(max(a, one.from_km), min(b, one.to_km)) for a, b in plan.sensors_on]
    run = sum(b - a for a, b in shared if b > a)
    if run <= 0:
        return "no"
    return "yes" if run >= one.to_km - one.from_km - 1e-6 else "partly"


def _airfields(plan: MissionPlan, regime: Regime) -> list[Any]:
    found = []
    for stop in plan.stops:
        try:
            found.append(regime.airfield(stop.airfield))
        except UnknownAirfield:
            continue
    return found


def start_of(plan: MissionPlan, regime: Regime) -> str:
    """The airfield where a plan starts.

    Raises
    ------
    BadInput
        If it names none and starts at none.
    """
    icao = with_airfields(plan, regime).start_airfield
    if not icao:
        raise BadInput(say("the plan names no airfield; give --from"), field="--from")
    return icao


def _view_json(view: View) -> dict[str, Any]:
    narrow, wide = min(view.swath_km), max(view.swath_km)
    return {"sensor": view.sensor, "swath_km": round(wide, 6), "narrowest_km": round(narrow, 6)}


def _time(moment: datetime | None, *, up: bool = False) -> str | None:
    """To the whole second; the end of a time in view is rounded up."""
    if moment is None:
        return None
    whole = moment.replace(microsecond=0)
    return rfc3339(whole + timedelta(seconds=1) if up and moment.microsecond else whole)


def _in_range(name: str, value: float | None, most: float) -> None:
    if value is not None and not (math.isfinite(value) and 0 < value <= most):
        raise BadInput(say("{name} must be above 0 and at most {most:g}", name=name, most=most), field=name)


_MEANS = {
    "notice": lambda: say(
        "No route is known. A flight could observe any site of the territory that it can reach from its airfield; "
        "it starts only some time after its plan is handed over, and earlier only if both Parties agree."
    ),
    "plan": lambda: say("By the plan as handed over. It may still change until both Parties agree on it."),
    "agreed": lambda: say("By the agreed plan. Weather, safety and traffic control may still lead the flight away."),
    "deviation": lambda: say(
        "The flight may deviate: every site within the distance at which sensors may still run is listed."
    ),
    "clear": lambda: say("All clear: the flight is completed, no site comes into its view any more."),
}
