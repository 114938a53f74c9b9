"""One search for the best plan, or one for each aircraft that could fly it, and what else a planner asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.app import plan_hours, plans
from overflight.app.plan_light import light_left, refuse_dark
from overflight.errors import BadInput, NothingToPlan
from overflight.planning.conditions import Conditions, ConditionsCheck, check_conditions
from overflight.planning.conditions_sun import light_km
from overflight.planning.geodesy import path_length_km
from overflight.planning.measure import own_codes
from overflight.planning.request import PlanRequest, PlanResult, limit_for
from overflight.planning.request_ground import refuse_contradictions, refuse_unreachable
from overflight.planning.sites import note_on_waters
from overflight.rules.designation import provided_aircraft_flies_half_the_distance_unrefuelled
from overflight.rules.finding import Verdict
from overflight.rules.phase_in import in_phase_in
from overflight.terms.moment import rfc3339
from overflight.terms.place import Site
from overflight.terms.plan import SensorUse
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.stop import StopRule
    from overflight.rules.finding import Finding
    from overflight.treaty.regime import Regime


MOST_TRIES = 4  # searches, each for a shorter path, until all of it is flown in daylight
SHORTER = 0.9


@dataclass(frozen=True)
class AircraftUse:
    """An aircraft with what it flies at most between two airfields, and how fast; None where nobody says it."""

    id: str
    range_km: float | None = None
    speed_kmh: float | None = None
    operators: tuple[str, ...] = ()
    source: str = ""
    verified: str = ""

    def to_json(self) -> dict[str, Any]:
        """Its numbers with source and mark."""
        return {
            "aircraft": self.id,
            "range_km": self.range_km,
            "speed_kmh": self.speed_kmh,
            "source": self.source,
            "verified": self.verified,
        }


@dataclass(frozen=True)
class Taxi:
    """The observed Party supplies the aircraft (VI.I.1): what range is owed for the notified distance."""

    notified_km: float
    owed_km: float | None  # None: there is no right to a range on this day
    range_km: float | None  # what the plan was made for
    finding: Finding | None

    def to_json(self) -> dict[str, Any]:
        """Numbers and the finding on VI.I.1.c, if the aircraft's range is known."""
        return {
            "notified_km": self.notified_km,
            "owed_range_km": self.owed_km,
            "range_km": self.range_km,
            "finding": self.finding.to_json() if self.finding else None,
        }


@dataclass(frozen=True)
class Planned:
    """The best plan found, the conditions that it was held against, and one row for each aircraft tried."""

    result: PlanResult
    conditions: ConditionsCheck
    request: PlanRequest
    aircraft: AircraftUse | None = None
    taxi: Taxi | None = None
    transit_legs: tuple[Mapping[str, Any], ...] = ()
    by_aircraft: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    take_off_chosen: datetime | None = None  # where none was asked for and a closed area's hours made one necessary

    @property
    def good(self) -> bool:
        """The plan complies, keeps every condition and observes every required site."""
        return self.result.check.complies and self.conditions.kept and not self.required_missing

    @property
    def required_missing(self) -> tuple[str, ...]:
        """Names of the required sites that the plan does not observe."""
        seen = set(map(id, self.result.observed_sites))
        return tuple(site.name for site in self.request.sites if site.required and id(site) not in seen)

    @property
    def missed(self) -> tuple[Site, ...]:
        """Sites that the plan does not observe, less those that were left out of the search (`ignored`)."""
        told = {id(site) for site in self.result.observed_sites} | {id(left.site) for left in self.result.ignored}
        return tuple(site for site in self.request.sites if id(site) not in told)

    def to_json(self) -> dict[str, Any]:
        """The result's fields, and those of the conditions, the aircraft and the ways in and out."""
        lands_at = [*self.request.stops, self.request.end]
        leaves_from = [self.request.start, *self.request.stops]
        cuts = self.conditions.sections
        out: dict[str, Any] = self.result.to_json() | self.conditions.to_json()
        out["sections"] = [
            {"from": a, "to": b, "km": round(cut.km, 3)} for a, b, cut in zip(leaves_from, lands_at, cuts, strict=False)
        ]
        out["transit_legs"] = list(self.transit_legs)
        out["aircraft"] = self.aircraft.to_json() if self.aircraft else None
        out["taxi"] = self.taxi.to_json() if self.taxi else None
        out["by_aircraft"] = list(self.by_aircraft)
        out["observed_names"] = [site.name for site in self.result.observed_sites]
        out["missed_names"] = [site.name for site in self.missed]
        out["required_missing"] = list(self.required_missing)
        out["notes"] = list(self.notes)
        out["take_off_chosen"] = rfc3339(self.take_off_chosen) if self.take_off_chosen else None
        return out


@dataclass(frozen=True)
class Ways:
    """With what and from where the flight is flown.

    Points of entry and exit (ICAO); whether, and for what notified distance, the observed Party supplies the
    aircraft; the aircraft to choose from; and whether the sun must be up, which an aircraft's speed decides.
    """

    entry: str | None = None
    exit: str | None = None
    taxi: bool = False
    notified_km: float | None = None
    aircraft: Sequence[AircraftUse] = ()
    daylight: bool = False


def aircraft_from(text: str, regime: Regime) -> AircraftUse:
    """An aircraft as people type it: ``DEU-A319OH``, or ``ID=RANGE_KM`` or ``ID=RANGE_KM/SPEED_KMH`` with own numbers.

    Raises
    ------
    BadInput
        If the data hold no aircraft of that id and no range is given, or a number is none.
    """
    name, equals, numbers = (part.strip() for part in text.partition("="))
    given: list[float | None] = []
    for part in numbers.split("/") if equals else []:
        try:
            given.append(float(part))
        except ValueError:
            given.append(math.nan)
    if len(given) > 2 or any(g is None or not math.isfinite(g) or g <= 0 for g in given) or not name:
        raise BadInput(
            say(
                "--aircraft {text!r}: write ID, ID=RANGE_KM or ID=RANGE_KM/SPEED_KMH, such as X=3000/450",
                text=text[:60],
            ),
            field="--aircraft",
        )
    range_km, speed_kmh = (*given, None, None)[:2]
    known = next((one for one in regime.all_aircraft() if one.id == name), None)
    if known is None:
        if range_km is None:
            try:
                regime.aircraft(name)  # says which are near
            except BadInput as why:
                raise BadInput(
                    say("--aircraft: {why}; or give its range, {id}=3000", why=why.message, id=name[:40]),
                    field="--aircraft",
                ) from None
        return AircraftUse(name, range_km, speed_kmh, source=say("given by the planner"))
    own = say("given by the planner") if given else ""
    return AircraftUse(
        known.id,
        range_km if range_km is not None else known.range_km,
        speed_kmh if speed_kmh is not None else known.cruise_kmh,
        known.operators,
        "; ".join(part for part in (own, known.source) if part),
        known.verified,
    )


def swaths_from(
    texts: Sequence[str], sensors: Sequence[SensorUse], height_m: float | None, regime: Regime
) -> dict[str, float]:
    """Full width of the strip that each instrument sees: as typed, ``ID=KM``, else from its view and the height.

    Raises
    ------
    BadInput
        If no sensor has that id, one is named twice, or a width is no number.
    """
    from overflight.planning.sensor_swath import swath_km

    out: dict[str, float] = {}
    for text in texts:
        name, equals, width = (part.strip() for part in text.partition("="))
        try:
            km = float(width) if equals else math.nan
        except ValueError:
            km = math.nan
        if not math.isfinite(km):
            raise BadInput(say("--swath {text!r}: write ID=KM, such as AFA-41-10=4.5", text=text[:60]), field="--swath")
        try:
            known = regime.sensor(name).id
        except BadInput as why:
            raise BadInput(say("--swath: {why}", why=why.message), field="--swath") from None
        if known in out:
            raise BadInput(say("--swath: {id} is given twice", id=known), field="--swath")
        out[known] = km
    for use in sensors:
        if use.sensor not in out and height_m is not None:
            try:
                out[use.sensor] = swath_km(regime.sensor(use.sensor), height_m)
            except BadInput:
                continue  # its view is not known: it has no swath unless one is typed
    return out


def plan(
    request: PlanRequest,
    regime: Regime,
    over: plans.Ground,
    ways: Ways,
    *,
    stop: Callable[[], StopRule],
    seed: int = 0,
    progress: Callable[[int, float], None] | None = None,
) -> Planned:
    """The best legal plan; with several aircraft one search each, and the best of them.

    Raises
    ------
    BadInput, NothingToPlan
        As `overflight.planning.optimise.solve`; with several aircraft only if none of them can fly any plan.
    """
    legs = transit_legs(request, regime, ways)
    candidates: list[AircraftUse | None] = [*ways.aircraft] or [None]
    if len({one.id for one in candidates if one}) < len([one for one in candidates if one]):
        raise BadInput(say("--aircraft: one is named twice"), field="--aircraft")
    found: list[Planned] = []
    rows: list[dict[str, Any]] = []
    nothing: NothingToPlan | None = None
    for aircraft in candidates:
        try:
            one = _one(request, regime, over, ways, aircraft, stop=stop, seed=seed, progress=progress)
        except NothingToPlan as why:
            nothing = why
            rows.append((aircraft.to_json() if aircraft else {}) | {"no_plan": why.message, "best": False})
            continue
        found.append(one)
        rows.append((aircraft.to_json() if aircraft else {}) | _row(one))
    if nothing is not None and not found:
        raise nothing
    best = max(found, key=lambda one: (one.good, one.result.value, -one.result.check.length_km))
    for row in rows:
        row.setdefault("best", best.aircraft is not None and row.get("aircraft") == best.aircraft.id)
    return replace(best, transit_legs=tuple(legs), by_aircraft=tuple(rows) if len(candidates) > 1 else ())


def _one(
    request: PlanRequest,
    regime: Regime,
    over: plans.Ground,
    ways: Ways,
    aircraft: AircraftUse | None,
    *,
    stop: Callable[[], StopRule],
    seed: int,
    progress: Callable[[int, float], None] | None,
) -> Planned:
    if aircraft is not None:
        request = replace(
            request,
            aircraft=aircraft.id,
            range_km=request.range_km if request.range_km is not None else aircraft.range_km,
            speed_kmh=request.speed_kmh if request.speed_kmh is not None else aircraft.speed_kmh,
        )
    if ways.daylight:
        request = replace(request, daylight=True)
    limit = limit_for(request, regime)
    taxi = _taxi(request, regime, ways, aircraft, limit) if ways.taxi else None
    if taxi is not None:
        request = replace(request, range_km=taxi.range_km)
    refuse_contradictions(request, regime, limit)
    refuse_unreachable(request, regime, over.borders, limit)
    light = light_km(request, regime, limit) if request.daylight else limit
    notes = [] if light >= limit else [light_left(request, light, limit)]
    refuse_dark(request, regime, light, limit)
    for _ in range(MOST_TRIES):
        found = plan_hours.search(
            request, regime, over, within_km=light if light < limit else None, stop=stop, seed=seed, progress=progress,
            point_of_exit=ways.exit,
        )  # fmt: skip
        result, conditions = found.result, _held(found.result, found.request, regime)
        if _light_enough(conditions):
            break
        # The other way round the path may be back in the light before the sun is too low.
        other = plan_hours.turned_round(result, found.request, regime, over, point_of_exit=ways.exit)
        if other is not None and (held := _held(other, found.request, regime)).kept:
            result, conditions = other, held
            notes.append(say("the path is flown the way round that keeps to daylight"))
            break
        light = SHORTER * min(result.check.length_km, light)
    notes += [*found.notes, *_notes(found.request, result, aircraft, taxi, limit)]
    kept_back = {id(one.site) for one in result.ignored}
    kept = [site for site in found.request.sites if id(site) not in kept_back]
    notes += note_on_waters(kept, own=own_codes(request.observed, regime), borders=over.borders)
    chosen = found.request.take_off if request.take_off is None else None
    return Planned(result, conditions, found.request, aircraft, taxi, notes=tuple(notes), take_off_chosen=chosen)


def _held(result: PlanResult, request: PlanRequest, regime: Regime) -> ConditionsCheck:
    return check_conditions(result.plan, result.check.facts, Conditions.of(request), regime)


def _light_enough(found: ConditionsCheck) -> bool:
    return not any(f.rule == "in_daylight" and f.verdict is Verdict.BREACHES for f in found.findings)


def _taxi(request: PlanRequest, regime: Regime, ways: Ways, aircraft: AircraftUse | None, limit_km: float) -> Taxi:
    notified = ways.notified_km if ways.notified_km is not None else limit_km
    if not (math.isfinite(notified) and notified > 0):
        raise BadInput(say("--notified-km must be a number of kilometres above 0"), field="--notified-km")
    if aircraft is not None and aircraft.operators and request.observed not in aircraft.operators:
        raise BadInput(
            say(
                "--taxi: {observed} supplies an aircraft that it has designated itself (VI.I.1), and {id} is flown by "
                "{operators}; name one of its own, or leave --taxi out",
                observed=request.observed,
                id=aircraft.id,
                operators=", ".join(aircraft.operators),
            ),
            citation="VI.I.1.b",
            field="--aircraft",
        )
    owed = None if in_phase_in(regime) else float(regime.value("provided_range_share").value) * notified
    known = request.range_km
    finding = None
    if known is not None:
        finding = provided_aircraft_flies_half_the_distance_unrefuelled(
            range_km=known, notified_km=notified, regime=regime, observed=request.observed
        )
    # Without a range of its own the plan rests on what is owed, and on no more.
    return Taxi(notified, owed, known if known is not None else owed, finding)


def transit_legs(request: PlanRequest, regime: Regime, ways: Ways) -> list[dict[str, Any]]:
    """The legs from the point of entry and to the point of exit; they are no part of the flight distance (II.11).

    Raises
    ------
    UnknownAirfield, BadInput
        If one is no point of entry or exit of the observed Party on the day.
    """
    out = []
    for option, icao, other in (("--entry", ways.entry, request.start), ("--exit", ways.exit, request.end)):
        if icao is None:
            continue
        point, field_ = regime.airfield(icao), regime.airfield(other)
        if point.party != regime.airfield(other).party or "point_of_entry_exit" not in point.roles:
            raise BadInput(
                say(
                    "{option}: {icao} ({name}) is no point of entry or exit of {party} on {day}; choose one of {open}",
                    option=option,
                    icao=icao,
                    name=point.name,
                    party=request.observed,
                    day=regime.day,
                    open=", ".join(a.icao for a in regime.airfields(field_.party, "point_of_entry_exit")) or "-",
                ),
                citation="AnnE.1",
                field=option,
            )
        km = path_length_km([(point.lon_deg, point.lat_deg), (field_.lon_deg, field_.lat_deg)])
        ends = (icao, other) if option == "--entry" else (other, icao)
        row: dict[str, Any] = {"from": ends[0], "to": ends[1], "km": round(km, 3), "counts": False, "citation": "II.11"}
        if request.speed_kmh:
            row["hours"] = round(km / request.speed_kmh, 2)
        out.append(row)
    return out


def _row(one: Planned) -> dict[str, Any]:
    check = one.result.check
    speed = one.request.speed_kmh
    return {
        "value": one.result.value,
        "length_km": round(check.length_km, 3),
        "hours": round(check.length_km / speed + one.request.stop_hours * len(one.request.stops), 2) if speed else None,
        "complies": check.complies,
        "conditions_kept": one.conditions.kept,
        "sites_observed": len(one.result.observed_sites),
    }


def _notes(
    request: PlanRequest, result: PlanResult, aircraft: AircraftUse | None, taxi: Taxi | None, limit_km: float
) -> list[str]:
    out = []
    members: dict[str, int] = {}
    for site in request.sites:
        if site.group:
            members[site.group] = members.get(site.group, 0) + 1
    single = sorted(name for name, count in members.items() if count == 1)
    if single:
        named = ", ".join(name[:40] for name in single[:5])
        out.append(say("a group of one site is that site alone: {groups}; misspelt?", groups=named))
    if aircraft is not None and aircraft.range_km is None and request.range_km is None:
        out.append(say("no range of {id} is known: the plan is not limited by it; give --range-km", id=aircraft.id))
    elif aircraft is not None and aircraft.verified not in ("", "yes"):
        out.append(say("{id}: {verified}", id=aircraft.id, verified=aircraft.verified))
    if request.range_km is not None and request.range_km < limit_km and not request.stops:
        out.append(
            say(
                "without a stop the path is limited by the range of {range:g} km, not by the {limit:g} km of VI.II.4.A",
                range=request.range_km,
                limit=limit_km,
            )
        )
    if request.stops and not result.plan.stops:
        lacking = [
            option
            for option, given in (("--take-off", request.take_off), ("--speed-kmh", request.speed_kmh))
            if given is None
        ]
        options = " ".join(lacking) or "-"
        out.append(say("the plan states its stops only with their times (VI.II.3): give {options}", options=options))
    if taxi is not None and result.check.length_km > taxi.notified_km:
        out.append(
            say(
                "the path is longer than the {km:g} km that were notified, for which the aircraft's range is owed",
                km=taxi.notified_km,
            )
        )
    if request.speed_kmh is None and any(a.since or a.until for a in request.regions.closed):
        out.append(say("without --speed-kmh an area with hours is kept clear of at all times"))
    return out
