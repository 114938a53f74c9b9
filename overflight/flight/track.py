"""As flown against plan: deviation, distance, gaps, height and borders (Articles VI and VIII)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from overflight.errors import BadInput, OverflightError
from overflight.flight.track_clean import FASTEST_KMH, steps_km, without_spikes
from overflight.flight.track_data import ELLIPSOID, ELLIPSOID_ERROR_M, HEIGHT_NAMES, PRESSURE, Floats, Note, Track
from overflight.flight.track_path import Off, along_ground_km, distances_off, outline, passes_km
from overflight.planning.geodesy import distances_km, earth_centred_km, leg_lengths_km, path_length_km
from overflight.planning.measure import PathFacts, measure
from overflight.rules import flown as rules
from overflight.rules.finding import Finding, all_comply
from overflight.rules.mission_heights import sensors_off_over_other_states
from overflight.rules.mission_plan import keeps_clear_of_disputed_outline, near_borders
from overflight.rules.negotiation import starts_24_hours_after_the_plan
from overflight.rules.prohibition import sensors_beyond_50_km_may_be_forbidden
from overflight.terms.moment import rfc3339
from overflight.terms.plan import MissionPlan, Stop, Waypoint
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime
    from overflight.treaty.values import Value

# Conventions of ours, shown in the findings that use them: the treaty sets no tolerance and no rate of fixes.
FOLLOWS_WITHIN_KM = 5.0
GAP_SECONDS = 60.0
PERIOD_WITHIN_KM = 2.0  # a sensor that runs so much before or after its planned stretch is not named
MM = 6  # decimals of a kilometre
SWAPPED_KM = 500.0  # a track as far as this from its plan may have longitude and latitude exchanged
OUTLINE_KM = 0.05  # the track is drawn this closely where its borders and territory are measured
MOST_JUMPS = 100  # are listed
STOP_LONGER_S = 1800.0  # a stop may last so much longer than planned
STOP_WITHIN_KM = 10.0  # and fixes end and begin again so near its airfield
SPACING_KM = 2.0  # fixes this far apart give the distance flown, so that noise does not lengthen it
TURNS_KM = 0.3  # and those that lie farther from the line between others, so that no corner is cut
FAR_APART_KM = 20.0  # so far apart, across a gap, they are measured on the ellipsoid


@dataclass(frozen=True)
class Gap:
    """A stretch of time without fixes, and how far apart the places before and after it are."""

    since: datetime
    until: datetime
    km: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {"from": rfc3339(self.since), "until": rfc3339(self.until), "km": round(self.km, 3)}


@dataclass(frozen=True)
class Excursion:
    """A stretch in which the aircraft was farther from the plan than `FOLLOWS_WITHIN_KM`."""

    since: datetime
    until: datetime
    km: float  # the farthest
    lon_deg: float
    lat_deg: float

    def where(self) -> dict[str, Any]:
        """The farthest place."""
        return {"type": "Point", "coordinates": [round(self.lon_deg, 6), round(self.lat_deg, 6)]}


@dataclass(frozen=True)
class Stated:
    """A deviation that the Parties recorded: when, and on which ground."""

    since: datetime
    until: datetime | None
    ground: str


@dataclass(frozen=True)
class TrackCheck:
    """Findings on a track, and the numbers behind them."""

    findings: tuple[Finding, ...]
    max_deviation_km: float
    flown_km: float
    counted_km: float
    planned_km: float
    gaps: tuple[Gap, ...]
    jumps: tuple[Gap, ...]
    excursions: tuple[Excursion, ...]
    lowest_agl_m: float | None
    height_is: str
    nearest_border_km: float | None
    fixes: int
    dropped: int
    began: datetime
    ended: datetime
    notes: tuple[Note, ...] = ()
    aircraft: str = ""
    grounded: tuple[Gap, ...] = ()  # gaps while the plan has the aircraft on the ground at a stop

    @property
    def complies(self) -> bool:
        """True when no finding is `breaches`."""
        return all_comply(self.findings)

    def to_json(self) -> dict[str, Any]:
        """The contract's fields of `flight track`, and more."""
        return {
            "complies": self.complies,
            "undetermined": [f.citation for f in self.findings if str(f.verdict) == "undetermined"],
            "findings": [f.to_json() for f in self.findings],
            "max_deviation_km": round(self.max_deviation_km, 3),
            "flown_km": round(self.flown_km, 3),
            "counted_km": round(self.counted_km, 3),
            "planned_km": round(self.planned_km, 3),
            "gaps": [g.to_json() for g in self.gaps],
            "grounded": [g.to_json() for g in self.grounded],
            "jumps": [g.to_json() for g in self.jumps],
            "notes": [n.to_json() for n in self.notes],
            "aircraft": self.aircraft or None,
            "excursions": [
                {"from": rfc3339(e.since), "until": rfc3339(e.until), "km": round(e.km, 3), "where": e.where()}
                for e in self.excursions
            ],
            "lowest_agl_m": None if self.lowest_agl_m is None else round(self.lowest_agl_m, 1),
            "height_is": self.height_is or None,
            "nearest_border_km": None if self.nearest_border_km is None else round(self.nearest_border_km, 3),
            "fixes": self.fixes,
            "dropped": self.dropped,
            "began": rfc3339(self.began),
            "ended": rfc3339(self.ended),
        }


def check_track(
    plan: MissionPlan,
    track: Track,
    regime: Regime,
    *,
    borders: Borders,
    elevation: Elevation | None = None,
    stated: Sequence[Stated] = (),
) -> TrackCheck:
    """Hold a track against the plan that both signed.

    Parameters
    ----------
    stated : sequence of Stated
        Deviations that the Parties recorded, with their grounds.

    Raises
    ------
    BadInput
        If the plan's coordinates are no places.
    """
    clean, places, steps = without_spikes(track)
    off = distances_off(plan.waypoints, places, steps)
    _refuse_swapped(plan, clean, off)
    excursions, farthest, farthest_km = find_excursions(clean, off)
    shape = outline(places, tolerance_km=OUTLINE_KM)
    drawn = clean.lons[shape], clean.lats[shape]
    path = tuple(Waypoint(lon, lat) for lon, lat in zip(*(one.tolist() for one in drawn), strict=True))
    as_flown = replace(plan, waypoints=path, height_agl_m=(), sensors=(), sensors_on=None, stops=())
    facts = measure(as_flown, regime, borders=borders, shape=False, fresh=True)
    gaps, grounded = on_the_ground(find_gaps(clean), clean, plan, regime)
    jumps = find_jumps(clean, steps)
    heights = heights_above_ground(plan, clean, elevation)
    nearest = min((n.km for n in facts.near), default=None)
    planned = path_length_km(plan.waypoints)
    flown = flown_km(clean, places, steps)
    whole = regime.readings.get("distance_counts") == "whole_path"
    # The drawn track follows the noise of its fixes: only its share over the territory is taken from it.
    share = facts.over_territory_km / facts.length_km if facts.length_km > 0 else 1.0
    counted = flown if whole else flown * share
    place = {
        "type": "Point",
        "coordinates": [round(float(clean.lons[farthest]), 6), round(float(clean.lats[farthest]), 6)],
    }
    began = clean.time(0)
    findings = [
        rules.follows_the_plan(
            [(e.since, e.until, e.km) for e in excursions],
            [(s.since, s.until, s.ground) for s in stated],
            tolerance_km=FOLLOWS_WITHIN_KM,
            where=excursions[0].where() if excursions else None,
        ),
        sensors_beyond_50_km_may_be_forbidden(
            deviation_km=round(farthest_km, MM), regime=regime, observed=plan.observed, place=place
        ),
        rules.track_has_no_gaps(
            [(g.since, g.until, g.km) for g in gaps],
            longest_s=GAP_SECONDS,
            jumps=[(g.since, g.until, g.km) for g in jumps],
            fastest_kmh=FASTEST_KMH,
            where=_break(clean, gaps, jumps),
        ),
        *(
            _with_plan_leg(replace(found, rule="flown_clear_of_non_party_border"), plan, off, shape)
            for found in near_borders(facts.near, regime)
        ),
        rules.passes_the_declared_points(_missed(plan, drawn, places[shape]), tolerance_km=FOLLOWS_WITHIN_KM),
        rules.flies_no_farther_than_the_maximum(
            counted_km=counted,
            excess_km=max(0.0, flown - planned),
            stated=bool(stated),
            limit=_limit(plan.start_airfield, regime),
        ),
    ]
    if facts.near_disputed:
        outlines = keeps_clear_of_disputed_outline(facts.near_disputed, plan.observed, regime)
        findings.append(_with_plan_leg(outlines, plan, off, shape))
    findings += [
        rules.flies_above_the_certified_height(
            use.sensor, use.certified_h_min_m, lowest_m=heights.lowest_m, error_m=heights.error_m, why=heights.why
        )
        for use in plan.sensors
    ]
    findings += _sensor_findings(plan, clean, off, shape, facts)
    if plan.submitted_at is not None:
        findings.append(
            starts_24_hours_after_the_plan(
                submitted=plan.submitted_at, starts=began, regime=regime, observing=plan.observing
            )
        )
    return TrackCheck(
        findings=tuple(findings),
        max_deviation_km=farthest_km,
        flown_km=flown,
        counted_km=counted,
        planned_km=planned,
        gaps=gaps,
        grounded=grounded,
        jumps=jumps,
        excursions=excursions,
        lowest_agl_m=heights.lowest_m,
        height_is=heights.what,
        nearest_border_km=nearest,
        fixes=len(clean),
        dropped=len(track) - len(clean),
        began=began,
        ended=clean.time(-1),
        notes=(*clean.notes, *heights.notes),
        aircraft=track.name,
    )


def _refuse_swapped(plan: MissionPlan, track: Track, off: Off) -> None:
    """Raise `BadInput` if the track is nowhere near its plan, but is once its coordinates change places."""
    if 2 * int(np.count_nonzero(off.km < SWAPPED_KM)) > len(track) or np.abs(track.lons).max() > 90:
        return
    places = earth_centred_km(track.lats, track.lons)
    other = distances_off(plan.waypoints, places, steps_km(places))
    if 2 * int(np.count_nonzero(other.km < SWAPPED_KM / 10)) > len(track):
        raise BadInput(
            say(
                "the track looks as if longitude and latitude had changed places: as written it is {km:.0f} km from "
                "the plan, the other way round {other:.0f} km",
                km=float(np.median(off.km)),
                other=float(np.median(other.km)),
            ),
            field="TRACK",
        )


def _with_plan_leg(found: Finding, plan: MissionPlan, off: Off, shape: Any) -> Finding:
    """A finding on a leg of the track with the leg of the plan along which that was flown, both from 1."""
    leg = found.seen.get("leg") if isinstance(found.seen, dict) else None
    if not isinstance(leg, int) or not 0 < leg < len(shape):
        return found
    ends = np.cumsum(leg_lengths_km(*(np.array([(w.lon_deg, w.lat_deg) for w in plan.waypoints]).T)))
    middle = (int(shape[leg - 1]) + int(shape[leg])) // 2
    planned = min(int(np.searchsorted(ends, off.along_km[middle])), len(ends) - 1) + 1
    words = say("a track leg, flown along leg {n} of the plan", n=planned)
    return replace(found, because=f"{found.because}; {words}", seen={**found.seen, "plan_leg": planned})


def _sensor_findings(plan: MissionPlan, track: Track, off: Off, shape: Any, facts: PathFacts) -> list[Finding]:
    """Where sensors ran, held against the plan and against the territory below; nothing if the track does not say."""
    if np.isnan(track.sensor_on).all():
        return []
    on = track.sensor_on == 1.0
    outside = np.zeros(len(track), dtype=bool)
    if plan.sensors_on is not None:
        inside = np.zeros(len(track), dtype=bool)
        for since, until in plan.sensors_on:
            inside |= (off.along_km >= since - PERIOD_WITHIN_KM) & (off.along_km <= until + PERIOD_WITHIN_KM)
        outside = on & ~inside
    rows = [(track.time(a), track.time(b), float(off.along_km[a]), float(off.along_km[b])) for a, b in _runs(outside)]
    first = int(np.argmax(outside)) if outside.any() else 0
    where = {"type": "Point", "coordinates": [round(float(track.lons[first]), 6), round(float(track.lats[first]), 6)]}
    # Kilometres along the path as flown, at every fix: what the stretches over other States are counted in.
    km = np.concatenate(([0.0], np.cumsum(facts.lengths_km)))
    flown = np.interp(np.arange(len(track)), shape, km)
    return [
        rules.sensors_run_where_planned(
            rows, known=plan.sensors_on is not None, tolerance_km=PERIOD_WITHIN_KM, where=where if rows else None
        ),
        replace(
            sensors_off_over_other_states(facts.transit, [(float(flown[a]), float(flown[b])) for a, b in _runs(on)]),
            rule="flown_with_sensors_off_over_other_states",
        ),
    ]


def _runs(flags: Any) -> list[tuple[int, int]]:
    """First and last index of each stretch of true flags."""
    edges = np.concatenate([[False], flags, [False]])
    starts = np.flatnonzero(~edges[:-1] & edges[1:])
    ends = np.flatnonzero(edges[:-1] & ~edges[1:]) - 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


@lru_cache(maxsize=64)
def _limit(airfield: str, regime: Regime) -> Value | None:
    try:
        return regime.max_flight_distance(airfield)
    except OverflightError:
        return None


def flown_km(track: Track, places: Floats, steps: Floats) -> float:
    """Distance flown, by fixes about `SPACING_KM` apart and those where the track turns.

    `places` are those of the fixes, earth-centred (n, 3), and `steps` the chords between neighbours, (n - 1,).
    """
    at = np.concatenate([[0.0], np.cumsum(steps)])
    spaced = np.flatnonzero(np.diff(np.floor(at / SPACING_KM), prepend=-1.0) > 0)
    chosen = np.union1d(spaced, outline(places, tolerance_km=TURNS_KM))
    chords = steps_km(places[chosen])
    km = along_ground_km(chords)
    far = np.flatnonzero(chords > FAR_APART_KM)
    a, b = chosen[far], chosen[far + 1]
    km[far] = distances_km(track.lons[a], track.lats[a], track.lons[b], track.lats[b])
    return float(km.sum())


def find_gaps(track: Track) -> tuple[Gap, ...]:
    """Stretches longer than `GAP_SECONDS` without a fix."""
    found = np.flatnonzero(np.diff(track.seconds) > GAP_SECONDS)
    km = distances_km(track.lons[found], track.lats[found], track.lons[found + 1], track.lats[found + 1])
    return tuple(Gap(track.time(int(n)), track.time(int(n) + 1), float(d)) for n, d in zip(found, km, strict=True))


def _break(track: Track, gaps: Sequence[Gap], jumps: Sequence[Gap]) -> dict[str, Any] | None:
    """The place of the last fix before the longest gap, or before the widest jump where there is no gap."""
    if not gaps and not jumps:
        return None
    worst = max(gaps, key=lambda g: g.until - g.since) if gaps else max(jumps, key=lambda g: g.km)
    n = max(int(np.searchsorted(track.seconds, worst.since.timestamp() + 0.5)) - 1, 0)
    return {"type": "Point", "coordinates": [round(float(track.lons[n]), 6), round(float(track.lats[n]), 6)]}


def on_the_ground(
    gaps: Sequence[Gap], track: Track, plan: MissionPlan, regime: Regime
) -> tuple[tuple[Gap, ...], tuple[Gap, ...]]:
    """Gaps in flight, and those at the airfield of a planned stop, about its time and not much longer than it."""
    in_flight: list[Gap] = []
    grounded: list[Gap] = []
    for gap in gaps:
        still = any(_is_stop(gap, stop, track, regime) for stop in plan.stops)
        (grounded if still else in_flight).append(gap)
    return tuple(in_flight), tuple(grounded)


def _is_stop(gap: Gap, stop: Stop, track: Track, regime: Regime) -> bool:
    longest = stop.leave - stop.arrive + timedelta(seconds=STOP_LONGER_S)
    if gap.since > stop.leave or gap.until < stop.arrive or gap.until - gap.since > longest:
        return False
    try:
        field = regime.airfield(stop.airfield)
    except OverflightError:
        return False
    last = (
        int(np.searchsorted(track.seconds, (gap.since - track.time(0)).total_seconds() + track.seconds[0] + 0.001)) - 1
    )
    at = slice(last, last + 2)
    far = distances_km(track.lons[at], track.lats[at], np.full(2, field.lon_deg), np.full(2, field.lat_deg))
    return bool((far <= STOP_WITHIN_KM).all())


def find_jumps(track: Track, steps: Floats) -> tuple[Gap, ...]:
    """Steps between neighbouring fixes that no observation aircraft can fly, left after single wild fixes are gone."""
    found = np.flatnonzero(steps * 3600.0 > FASTEST_KMH * np.diff(track.seconds))[:MOST_JUMPS]
    km = distances_km(track.lons[found], track.lats[found], track.lons[found + 1], track.lats[found + 1])
    return tuple(Gap(track.time(int(n)), track.time(int(n) + 1), float(d)) for n, d in zip(found, km, strict=True))


def find_excursions(track: Track, off: Off) -> tuple[tuple[Excursion, ...], int, float]:
    """Stretches in which the aircraft was farther from the plan than `FOLLOWS_WITHIN_KM`.

    Also the fix that is farthest of all, and its distance.
    """
    runs = _runs(off.km > FOLLOWS_WITHIN_KM)
    tops = off.farthest(track.lons, track.lats, runs or [(0, len(track) - 1)])
    out = [
        Excursion(track.time(first), track.time(last), km, float(track.lons[top]), float(track.lats[top]))
        for (first, last), (top, km) in zip(runs, tops[: len(runs)], strict=True)
    ]
    return tuple(out), *max(tops, key=lambda one: one[1])


@dataclass(frozen=True)
class Heights:
    """The least height above ground between climb and descent, its error, what it was measured from, and why not."""

    lowest_m: float | None
    error_m: float
    what: str
    why: str = ""
    notes: tuple[Note, ...] = ()


def heights_above_ground(plan: MissionPlan, track: Track, elevation: Elevation | None) -> Heights:
    """The least height above ground between climb and descent, None if unknown.

    Climb and descent are what lies before the first and after the last fix at or above the greatest
    certified minimum height of the sensors in the plan.  Heights of the pressure alone say nothing of the
    ground: the day's pressure at sea level (QNH) is in no track.
    """
    kinds = [name for kind, name in HEIGHT_NAMES.items() if (track.kind == kind).any()]
    what = "+".join(kinds) if kinds else ""
    notes = []
    pressure = track.kind == PRESSURE
    if pressure.any():
        says = say(
            "heights of the pressure alone, not used: {n}; height above ground needs the day's pressure (QNH)",
            n=int(pressure.sum()),
        )
        notes.append(track.note("barometric", says, np.flatnonzero(pressure)))
    agl, given = track.height_agl_m, ~np.isnan(track.height_agl_m)
    if given.any():
        low = _lowest(plan, agl)
        return Heights(None if low is None else float(agl[low]), 0.0, "above_ground", notes=tuple(notes))
    usable = np.where(pressure, np.nan, track.height_m)
    if np.isnan(usable).all():
        why = say("the track gives barometric heights only, and not the day's pressure (QNH)") if pressure.any() else ""
        return Heights(None, 0.0, what, why, tuple(notes))
    if elevation is None:
        return Heights(None, 0.0, what, say("no heights of the ground are at hand"), tuple(notes))
    agl = usable - elevation.ground(track.lons, track.lats)
    if np.isnan(agl).all():
        return Heights(None, 0.0, what, "", tuple(notes))
    low = _lowest(plan, agl)
    if low is None:
        return Heights(None, 0.0, what, "", tuple(notes))
    _, error = elevation.at(track.lons[[low]], track.lats[[low]])
    geometric = track.kind[low] == ELLIPSOID
    if (track.kind == ELLIPSOID).any():
        notes.append(
            track.note(
                "geometric",
                say("geometric heights, above the ellipsoid: good to {m:g} m as heights above sea level",
                    m=ELLIPSOID_ERROR_M),
                np.flatnonzero(track.kind == ELLIPSOID),
            )
        )  # fmt: skip
    more = ELLIPSOID_ERROR_M if geometric else 0.0
    return Heights(float(agl[low]), float(error[0]) + more, what, "", tuple(notes))


def _lowest(plan: MissionPlan, heights: Floats) -> int | None:
    """The fix with the least height between climb and descent; the highest of all if none is high enough."""
    known = ~np.isnan(heights)
    least = max((s.certified_h_min_m or 0.0 for s in plan.sensors), default=0.0)
    up = np.flatnonzero(known & (heights >= least))
    if not up.size:
        return int(np.nanargmax(heights)) if known.any() else None
    between = slice(int(up[0]), int(up[-1]) + 1)
    window = np.where(known[between], heights[between], np.inf)
    return int(np.argmin(window)) + int(up[0])


def _missed(plan: MissionPlan, line: tuple[Floats, Floats], places: Floats) -> list[tuple[int, float]]:
    """Declared points that the track never came near, with the distance; `n` counts from 1."""
    lons = np.array([w.lon_deg for w in plan.waypoints])
    lats = np.array([w.lat_deg for w in plan.waypoints])
    near = passes_km(lons, lats, line, places, beyond_km=FOLLOWS_WITHIN_KM)
    return [(n, km) for n, km in enumerate(near.tolist(), start=1) if km > FOLLOWS_WITHIN_KM]


def shifted(track: Track, by: timedelta) -> Track:
    """The track at another time."""
    return replace(track, seconds=track.seconds + by.total_seconds())
