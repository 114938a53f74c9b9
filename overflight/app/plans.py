"""Plans: read, check, find and compare.  Sites and what they are worth stay with whoever asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from overflight.errors import BadFile, BadInput
from overflight.planning.conditions import Conditions, check_conditions
from overflight.planning.coverage import observed, value_of
from overflight.planning.measure import own_codes
from overflight.planning.passage import stop_places
from overflight.planning.planfile import read_plan, write_plan
from overflight.planning.regions import NO_REGIONS, Regions
from overflight.planning.request import Ignored, PlanRequest, PlanResult
from overflight.planning.sites import inside, note_on_waters, read_sites
from overflight.planning.stop import StopRule, after_seconds, after_steps, first_of
from overflight.planning.validate import PlanCheck, check_plan
from overflight.rules.finding import Verdict
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan, SensorUse
from overflight.terms.words import say
from overflight.treaty.geography import Borders

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.regime import Regime

DEFAULT_SECONDS = 10.0
LONGEST_SECONDS = 86_400.0
MOST_STEPS = 10_000_000
AIRPORTS = "airports:"


@dataclass(frozen=True)
class Ground:
    """The borders and heights that a question is asked over."""

    borders: Borders
    elevation: Elevation | None


def ground(borders_folder: Path | None = None, elevation_folder: Path | None = None) -> Ground:
    """The packaged borders and heights, or those of a folder.

    Raises
    ------
    BadFile
        If a folder holds none, or broken ones.
    """
    from overflight.planning.elevation import Elevation

    return Ground(Borders.load(borders_folder), Elevation.load(elevation_folder))


def check(
    plan: MissionPlan,
    regime: Regime,
    over: Ground,
    *,
    arrived_at: datetime | None = None,
    eta: datetime | None = None,
    submitted_at: datetime | None = None,
    regions: Regions = NO_REGIONS,
) -> PlanCheck:
    """Every plan rule over one plan; see `overflight.planning.validate.check_plan`.

    `submitted_at`, if given, stands in place of the time that the plan itself states.

    Raises
    ------
    BadInput
        If a Party would observe itself.
    """
    if plan.observing is not None and plan.observing == plan.observed:
        raise BadInput(
            say("observing: {party} does not observe itself; name the Party that flies", party=plan.observed),
            field="observing",
        )
    if submitted_at is not None:
        plan = replace(plan, submitted_at=submitted_at)
    return check_plan(
        plan,
        regime,
        borders=over.borders,
        elevation=over.elevation,
        arrived_at=arrived_at,
        eta=eta,
        regions=regions,
    )


def sites_from(text: str, *, observed_party: str, borders: Borders) -> tuple[Site, ...]:
    """Sites of a file (CSV or GeoJSON), or ``airports:RUS``: the airports of airportsdata inside that State, value 1.

    Raises
    ------
    BadFile
        If the file cannot be used.
    BadInput
        If the borders hold no State of that code.
    """
    if text.startswith(AIRPORTS):
        return _airports(text.removeprefix(AIRPORTS).strip().upper() or observed_party, borders)
    path = Path(text)
    if not path.is_file():
        raise BadFile(
            say(
                "--sites: there is no file {path}; give a CSV or GeoJSON file, or airports:{code}",
                path=text[:200],
                code=observed_party,
            ),
            field="--sites",
        )
    return read_sites(path, observed=observed_party, borders=borders)


@lru_cache(maxsize=8)
def _airports(code: str, borders: Borders) -> tuple[Site, ...]:
    import airportsdata

    borders.territory(code)  # names a State that the borders do not hold
    rows = sorted(airportsdata.load("ICAO").items())
    units = borders.units_at(np.array([r["lon"] for _, r in rows]), np.array([r["lat"] for _, r in rows]))
    return tuple(
        Site(icao, row["lon"], row["lat"], 1.0)
        for (icao, row), unit in zip(rows, units.tolist(), strict=True)
        if unit >= 0 and borders.units[unit].code == code
    )


def stop_rule(seconds: float | None, steps: int | None, *, clock: Callable[[], float] = monotonic) -> StopRule:
    """Stop after so many seconds or steps, whichever comes first; after 10 seconds if neither is given.

    Raises
    ------
    BadInput
        If a number is not above 0, not finite, or absurdly large.
    """
    if seconds is not None and not (math.isfinite(seconds) and 0 < seconds <= LONGEST_SECONDS):
        raise BadInput(say("--time must be above 0 and at most {most:g} seconds", most=LONGEST_SECONDS), field="--time")
    if steps is not None and not 0 < steps <= MOST_STEPS:
        raise BadInput(say("--steps must be from 1 to {most}", most=MOST_STEPS), field="--steps")
    rules = [after_steps(steps)] if steps is not None else []
    if seconds is not None or steps is None:
        rules.append(after_seconds(seconds if seconds is not None else DEFAULT_SECONDS, clock))
    return first_of(*rules)


def sensor_uses(texts: Sequence[str], regime: Regime) -> tuple[SensorUse, ...]:
    """Sensors as people type them: ``AFA-41-10``, or ``AFA-41-10=1500`` with the certified minimum height in metres.

    Raises
    ------
    BadInput
        If no sensor has that id, or the height is no number of metres.
    """
    out = []
    for text in texts:
        name, equals, height = text.partition("=")
        found = regime.sensor(name.strip())
        h_min = found.certified_h_min_m
        if equals:
            try:
                h_min = float(height)
            except ValueError:
                h_min = math.nan
            if not (math.isfinite(h_min) and 0 <= h_min < 100_000):
                raise BadInput(
                    say("--sensor {text!r}: write ID=METRES, such as {id}=1500", text=text[:60], id=found.id),
                    field="--sensor",
                )
        out.append(SensorUse(found.id, h_min))
    return tuple(out)


def optimise(
    request: PlanRequest,
    regime: Regime,
    over: Ground,
    *,
    stop: StopRule,
    seed: int = 0,
    progress: Callable[..., None] | None = None,
) -> PlanResult:
    """The best legal path; see `overflight.planning.optimise.solve`."""
    from overflight.planning.optimise import solve

    return solve(
        request, regime, borders=over.borders, elevation=over.elevation, stop=stop, seed=seed, progress=progress
    )


def compare(
    first: MissionPlan,
    second: MissionPlan,
    regime: Regime,
    over: Ground,
    *,
    sites: tuple[Site, ...] | None = None,
    swath_km: float | None = None,
    swaths_km: Mapping[str, float] | None = None,
    asked: Conditions | None = None,
    name_sites: bool = False,
) -> dict[str, Any]:
    """Two plans side by side: lengths, hours and findings; value only to whoever brings the sites.

    With `asked`, a planner's own conditions, each row says whether they are kept, and the rules of those that are not;
    where it has turns, they observe nothing, as in `optimise`.  With `name_sites` each row names the sites that its
    plan observes and misses.
    Sites outside the observed Party's territory are `ignored`, as by `optimise`.

    Raises
    ------
    BadInput
        If the plans are over different Parties, or sites are given but neither a swath nor a plan that names one.
    """
    states = own_codes(first.observed, regime)
    if second.observed not in states:
        raise BadInput(
            say(
                "observed: the first plan is over {one}, the second over {two}; compare plans over one Party",
                one=first.observed,
                two=second.observed,
            ),
            field="observed",
        )
    ignored: list[Site] = []
    if sites:
        there = inside(
            np.array([s.lon_deg for s in sites]), np.array([s.lat_deg for s in sites]), own=states, borders=over.borders
        )
        ignored = [site for site, within in zip(sites, there.tolist(), strict=True) if not within]
        sites = tuple(site for site, within in zip(sites, there.tolist(), strict=True) if within)
    rows = []
    for plan in (first, second):
        found = check(plan, regime, over, regions=asked.regions if asked else NO_REGIONS)
        row: dict[str, Any] = {
            "length_km": round(found.length_km, 3),
            "counted_km": round(found.counted_km, 3),
            "limit_km": found.limit_km,
            "waypoints": len(plan.waypoints),
            "hours": round(found.length_km / plan.ground_speed_kmh, 2) if plan.ground_speed_kmh else None,
            "complies": found.complies,
            "breaches": sorted({f.citation for f in found.findings if f.verdict is Verdict.BREACHES}),
            "undetermined": sorted({f.citation for f in found.undetermined}),
        }
        if sites is not None:
            width = swath_km if swath_km is not None else plan.swath_km
            if width is None or not (math.isfinite(width) and width > 0):
                raise BadInput(say("--sites needs --swath-km, the full width that is observed"), field="--swath-km")
            turns = asked or Conditions()
            landings = turns.stops if turns.stops is not None else tuple(s.airfield for s in plan.stops)
            at = {place.waypoint: place.icao for place in stop_places(plan, landings, regime)}
            # The path of another's making need not name the points where it lands.
            points = [replace(point, name=at.get(n, point.name)) for n, point in enumerate(plan.waypoints)]
            seen = observed(
                points, sites, swath_km=width, swaths_km=swaths_km or {}, radius_km=turns.turn_radius_km,
                turn=turns.turn, landings=frozenset(landings),
            )  # fmt: skip
            row["value"] = value_of(sites, seen)
            if name_sites:
                row["observed_names"] = [s.name for s, yes in zip(sites, seen, strict=True) if yes]
                row["missed_names"] = [s.name for s, yes in zip(sites, seen, strict=True) if not yes]
        own = check_conditions(found.plan, found.facts, asked, regime) if asked else None
        if own is not None and own.findings:
            row["conditions_kept"] = own.kept
            row["conditions_broken"] = sorted({f.rule for f in own.findings if f.verdict is Verdict.BREACHES})
        rows.append(row)
    out: dict[str, Any] = {"first": rows[0], "second": rows[1]}
    if sites is not None:
        out["ignored"] = [Ignored(site, "outside_territory").to_json() for site in ignored]
        out["notes"] = list(note_on_waters(sites, own=states, borders=over.borders))
    out["difference"] = {
        key: round(rows[1][key] - rows[0][key], 3)
        for key in ("length_km", "counted_km", "hours", "value")
        if rows[0].get(key) is not None and rows[1].get(key) is not None
    }
    return out


__all__ = [
    "Ground",
    "PlanRequest",
    "PlanResult",
    "check",
    "compare",
    "ground",
    "optimise",
    "read_plan",
    "sensor_uses",
    "sites_from",
    "stop_rule",
    "write_plan",
]
