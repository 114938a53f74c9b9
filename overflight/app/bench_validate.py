"""`bench validate`: a 50-leg plan checked, a point of it dragged, beside dense sampling with shapely and pyproj."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final

import numpy as np

from overflight.app.bench_ways import RUNS, child, memory_mb, timed
from overflight.terms.words import say

Row = dict[str, Any]
LEGS: Final = 50
DAY: Final = date(2021, 5, 17)
# Our own limits, not the treaty's.
WARM_LIMIT_S, DRAG_LIMIT_S, MEMORY_LIMIT_MB = 0.005, 0.016, 1000.0
_AROUND: Final = (50.0, 55.0, 8.0, 4.0)  # middle and half widths of the path, degrees


def points(seed: int) -> list[tuple[float, float]]:
    """A closed path of 50 legs from Kubinka over western Russia; the same seed gives the same path."""
    rng = np.random.default_rng(seed)
    lon, lat, wide, high = _AROUND
    turn = np.linspace(0, 2 * np.pi, LEGS - 1)
    lons, lats = (
        lon + wide * np.cos(turn) * rng.uniform(0.6, 1, turn.size),
        lat + high * np.sin(turn) * rng.uniform(0.6, 1, turn.size),
    )
    home = (36.6528, 55.6083)
    return [home, *zip(lons.round(6).tolist(), lats.round(6).tolist(), strict=True), home]


def ours() -> dict[str, Any]:
    """Seconds of checks in this process: of new plans, of one plan again, and after dragging one point; memory."""
    from overflight.app.plans import check, ground
    from overflight.terms.plan import MissionPlan, SensorUse, Waypoint
    from overflight.treaty.regime import Regime

    regime, over = Regime.on(DAY), ground()

    def plan(seed: int) -> MissionPlan:
        return MissionPlan(
            observed="RUS",
            observing="DEU",
            waypoints=tuple(Waypoint(*point) for point in points(seed)),
            start_airfield="UUMB",
            end_airfield="UUMB",
            height_agl_m=(2500.0,),
            sensors=(SensorUse("AFA-41-10", 1500.0),),
        )

    began = time.process_time()
    check(plan(99), regime, over)
    cold = time.process_time() - began
    check(plan(98), regime, over)
    first = plan(0)
    new = [timed(partial(check, plan(seed), regime, over), 1) for seed in range(1, RUNS + 1)]
    check(first, regime, over)
    again = timed(partial(check, first, regime, over))
    drags = []
    for n in range(RUNS):
        dragged = list(first.waypoints)
        moved = dragged[5 + 7 * n]
        dragged[5 + 7 * n] = Waypoint(moved.lon_deg + 0.05, moved.lat_deg + 0.03)
        drags.append(timed(partial(check, replace(first, waypoints=tuple(dragged)), regime, over), 1))
    found = check(first, regime, over)

    def joined(runs: list[dict[str, Any]], what: str) -> list[float]:
        return sorted(x for one in runs for x in one[what])

    return {
        "cold": {"cpu": [cold], "wall": [cold]},
        "new": {what: joined(new, what) for what in ("cpu", "wall")},
        "again": {what: again[what] for what in ("cpu", "wall")},
        "drag": {what: joined(drags, what) for what in ("cpu", "wall")},
        "length_km": found.length_km,
        "nearest_km": min((n.km for n in found.facts.near), default=None),
        "findings": len(found.findings),
        "memory_mb": memory_mb(),
    }


def row(work: str, ours: dict[str, list[float]], peer: list[float] | None, limit: float | None, n: int) -> Row:
    """One row of the table: medians, with best and worst beside them."""
    mine = ours["cpu"][len(ours["cpu"]) // 2]
    other = peer[len(peer) // 2] if peer else None
    return {
        "work": work,
        "ours": round(mine, 5),
        "peer": None if other is None else round(other, 5),
        "ratio": None if not other else round(mine / other, 4),
        "limit": limit,
        "n": n,
        "best": round(ours["cpu"][0], 5),
        "worst": round(ours["cpu"][-1], 5),
        "wall": round(ours["wall"][len(ours["wall"]) // 2], 5),
    }


def validate() -> list[Row]:
    """CPU seconds of checks, medians of five; the peer is the plain way, every kilometre, in a child process."""
    from overflight.planning.measure import non_parties
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

    mine = child("overflight.app.bench_validate:ours")
    foreign = sorted(non_parties(Regime.on(DAY), Borders.load(), observed="RUS"))
    plain = child("overflight.app.bench_ways:dense", points(0), "RUS", foreign)["cpu"]
    km = round(mine["length_km"])
    peer = say("peer: shapely and pyproj, samples every km")
    rows = [
        row(say("validate: 50 legs of {km} km, known to the process, CPU s ({peer})", km=km, peer=peer),
            mine["again"], plain, WARM_LIMIT_S, RUNS),
        row(say("validate: another 50 legs in a warm process, CPU s ({peer})", peer=peer),
            mine["new"], plain, WARM_LIMIT_S, RUNS),
        row(say("validate: one point of 50 dragged, CPU s ({peer})", peer=peer),
            mine["drag"], plain, DRAG_LIMIT_S, RUNS),
        row(say("validate: the first check of a process, CPU s"), mine["cold"], None, None, 1),
    ]  # fmt: skip
    memory = {"cpu": [mine["memory_mb"]], "wall": [mine["memory_mb"]]}
    return [*rows, row(say("validate: peak memory, MB"), memory, None, MEMORY_LIMIT_MB, 1)]
