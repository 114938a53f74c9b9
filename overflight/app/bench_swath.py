"""`bench planner`, the swath part: our plans beside what the best route over single sites observes on the way.

Sites are airports by name (airportsdata) or drawn evenly over a territory from a seed, so that anyone can repeat a row.
Values are measured again on geodesics; the peer is our own point search (the tour that `plan orienteer` would fly over
the same sites), whose legs are given the same swath and, in its favour, may cross forbidden ground.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import shapely

from overflight.planning.coverage import observed_by, value_of
from overflight.planning.request import PlanRequest
from overflight.planning.stop import after_seconds
from overflight.terms.place import Site
from overflight.terms.words import say
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime

Row = dict[str, Any]
ASKED: Final = 1.15  # of the point route's own swath
LESS_KM: Final = 0.1  # full width: 50 m on either side


@dataclass(frozen=True)
class Case:
    """One named set of sites: `spread` are drawn evenly over the territory with values 1 to 5, else its airports."""

    name: str
    observed: str
    start: str
    day: date
    swath_km: float
    spread: int = 0
    max_km: float | None = None
    seed: int = 1

    def request(self, borders: Borders) -> PlanRequest:
        """The request of this case."""
        sites = spread(self.observed, self.spread, self.seed, borders) if self.spread else airports(self.observed)
        return PlanRequest(self.observed, self.start, self.start, sites, self.swath_km, max_km=self.max_km)


DAY: Final = date(2019, 5, 17)
CASES: Final = (
    Case("DEU from ETNW, 2,000 even sites", "DEU", "ETNW", DAY, 10.0, spread=2000),
    Case("USA from KFFO, 2,000 even sites", "USA", "KFFO", DAY, 10.0, spread=2000),
    Case("RUS from UUMB, 2,000 even sites", "RUS", "UUMB", DAY, 10.0, spread=2000),
    Case("DEU from ETNW, airports", "DEU", "ETNW", DAY, 10.0),
    Case("DEU from ETNW, 150 even sites, 900 km", "DEU", "ETNW", DAY, 10.0, spread=150, max_km=900.0),
    # What a proof is measured on: at most 3 % in 10 s where 150 sites are within reach.
    Case("RUS from UUMB, airports, 2,000 km", "RUS", "UUMB", date(2021, 5, 17), 4.5, max_km=2000.0),
    Case("RUS from UIUU, airports, 5,000 km", "RUS", "UIUU", date(2021, 5, 17), 4.5, max_km=5000.0),
    Case("DEU from ETNW, airports, 1,000 km", "DEU", "ETNW", date(2021, 5, 17), 4.5, max_km=1000.0),
)
COUNTRY: Final = {"DEU": "DE", "RUS": "RU", "USA": "US"}


def airports(code: str) -> tuple[Site, ...]:
    """All airports of a country in airportsdata, each worth 1."""
    import airportsdata

    rows = sorted(airportsdata.load("ICAO").items())
    return tuple(Site(k, r["lon"], r["lat"]) for k, r in rows if r["country"] == COUNTRY[code])


def spread(code: str, many: int, seed: int, borders: Borders) -> tuple[Site, ...]:
    """`many` sites drawn evenly over a territory, with whole values from 1 to 5."""
    rng = np.random.default_rng(seed)
    territory = borders.territory(code)
    west, south, east, north = territory.bounds
    low, high = np.sin(np.radians([south, north]))
    found: list[tuple[float, float]] = []
    while len(found) < many:
        lons, lats = rng.uniform(west, east, 4000), np.degrees(np.arcsin(rng.uniform(low, high, 4000)))
        inside = shapely.contains_xy(territory, lons, lats)
        found += list(zip(lons[inside].tolist(), lats[inside].tolist(), strict=True))
    values = rng.integers(1, 6, many).tolist()
    return tuple(Site(f"S{n}", *found[n], float(values[n])) for n in range(many))


def swath(
    seconds: Sequence[float] = (10.0,), *, seeds: int = 5, only: Sequence[str] = (), point_seconds: float = 10.0
) -> list[Row]:
    """A row for each case and budget of wall seconds: value against the point route's, bound, gap, 50 m less swath.

    Parameters
    ----------
    only : sequence of str
        Names of cases; all where empty.
    """
    from overflight.planning.optimise import solve

    cases = [case for case in CASES if not only or case.name in only]
    if not cases:
        return []
    borders = Borders.load()
    rows: list[Row] = []
    for case in cases:
        regime, request = Regime.on(case.day), case.request(borders)
        _warm(request, regime, borders)
        point = point_route_value(request, regime, borders, point_seconds)
        for budget in seconds:
            runs = []
            for seed in range(seeds):
                before = _cpu()
                found = solve(request, regime, borders=borders, stop=after_seconds(budget, time.monotonic), seed=seed)
                half = np.array([request.half_km(site) for site in request.sites]) - LESS_KM / 2
                narrow = value_of(request.sites, observed_by(found.plan.waypoints, request.sites, half))
                runs.append((found, _cpu() - before, 1.0 - narrow / found.value))
            runs.sort(key=lambda run: run[0].value)
            middle = runs[(len(runs) - 1) // 2][0]
            rows.append(
                {
                    "work": say("swath: {name}, {s:g} s", name=case.name, s=budget),
                    "n": seeds,
                    "sites": len(request.sites) - len(middle.ignored),
                    "ours": middle.value,
                    "worst": runs[0][0].value,
                    "best": runs[-1][0].value,
                    "peer": point,
                    "ratio": round(middle.value / point, 4) if point else None,
                    "limit": ASKED,
                    "discrete": middle.discrete_value,
                    "bound": middle.bound,
                    "gap": round(middle.gap, 4) if middle.gap is not None else None,
                    "first_s": round(statistics.median(run[0].first_seconds or 0.0 for run in runs), 3),
                    "lost_50_m": round(max(run[2] for run in runs), 4),
                    "cpu_s": round(statistics.median(run[1] for run in runs), 1),
                    "wall_s": round(statistics.median(run[0].seconds for run in runs), 1),
                    "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
                }
            )
    return rows


def point_route_value(request: PlanRequest, regime: Regime, borders: Borders, seconds: float) -> float:
    """What the best route found over single sites observes with the swath, nominal widths, on geodesics."""
    from overflight.planning.geodesy import lonlat_of
    from overflight.planning.orienteering.solve import search
    from overflight.planning.swath.build import tables_of
    from overflight.planning.swath.leg_tables import point_field
    from overflight.planning.task import prepare
    from overflight.terms.plan import Waypoint

    task, _ = prepare(request, regime, borders)
    field, candidates = point_field(task.problem, tables_of(task.problem, free=False))
    found = search(field, seconds=seconds)
    order = [0, *(int(v) for v in candidates[found.tour.rows] if v > 1), 1]
    lons, lats = lonlat_of(task.problem.points[order])
    path = [Waypoint(float(lon), float(lat)) for lon, lat in zip(lons, lats, strict=True)]
    return value_of(task.sites, observed_by(path, task.sites, task.half_km))


def _warm(request: PlanRequest, regime: Regime, borders: Borders) -> None:
    """Compile, and build what is kept with the borders, outside the clock."""
    from overflight.planning.optimise import solve
    from overflight.planning.stop import after_steps

    solve(request, regime, borders=borders, stop=after_steps(12))


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
