"""Plain ways to do the same, run in child processes: shapely and pyproj on dense samples, a loop over positions."""

from __future__ import annotations

import csv
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from pyproj import Geod

GEOD: Final = Geod(ellps="WGS84")
SAMPLE_KM: Final = 1.0
RUNS: Final = 5


def timed(work: Callable[[], Any], runs: int = RUNS) -> dict[str, Any]:
    """CPU and wall seconds of several runs, each sorted, and what the last run answered."""
    cpu, wall, answer = [], [], None
    for _ in range(runs):
        began, stood = time.process_time(), time.perf_counter()
        answer = work()
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - stood)
    return {"cpu": sorted(cpu), "wall": sorted(wall), "answer": answer}


def child(function: str, *arguments: Any) -> Any:
    """What a function of a module, named like ``overflight.app.bench_ways:dense``, answers in a process of its own."""
    module, _, name = function.partition(":")
    code = (
        f"import json, sys; from {module} import {name}; "
        f"print(json.dumps({name}(*json.loads(sys.argv[1]))))"
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(arguments)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def memory_mb() -> float:
    """The most memory that this process and its greatest child ever held, together."""
    own, of_child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return float(own + of_child) / scale


def dense(points: Sequence[Sequence[float]], observed: str, foreign: Sequence[str]) -> dict[str, Any]:
    """Samples of a path every kilometre: the nearest border of `foreign` to each, and whether it lies in `observed`.

    An index of the border lines and prepared polygons are made before the clock starts.
    """
    from overflight.treaty.geography import Borders

    borders = Borders.load()
    rings = shapely.get_parts(
        shapely.boundary(np.array([p for code in foreign for p in borders.territory(code).geoms], object))
    )
    tree = shapely.STRtree(rings)
    own = np.array(list(borders.territory(observed).geoms), object)
    shapely.prepare(own)
    boxes = shapely.STRtree(own)

    def check() -> dict[str, float]:
        lons, lats = [points[0][0]], [points[0][1]]
        for (lon1, lat1), (lon2, lat2) in pairwise(points):
            _, _, metres = GEOD.inv(lon1, lat1, lon2, lat2)
            for lon, lat in GEOD.npts(lon1, lat1, lon2, lat2, int(metres / 1000 / SAMPLE_KM)):
                lons.append(lon)
                lats.append(lat)
            lons.append(lon2)
            lats.append(lat2)
        places = shapely.points(lons, lats)
        lines = rings[tree.nearest(places)]
        ends = shapely.get_coordinates(shapely.shortest_line(places, lines)).reshape(-1, 2, 2)
        _, _, metres = GEOD.inv(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])
        inside = np.unique(boxes.query(places, predicate="intersects")[0]).size
        return {
            "nearest_km": float(np.min(metres)) / 1000,
            "length_km": GEOD.line_length(lons, lats) / 1000,
            "inside_share": inside / len(lons),
        }

    check()
    return timed(check)


def loop(plan: Sequence[Sequence[float]], path: str) -> dict[str, Any]:
    """A file of positions read row by row, and each position measured from every leg in a loop."""
    starts, ends = np.array(plan[:-1]), np.array(plan[1:])
    azimuth, _, length = GEOD.inv(starts[:, 0], starts[:, 1], ends[:, 0], ends[:, 1])
    radius = 6371008.8

    def read() -> list[tuple[float, float, float]]:
        rows = csv.DictReader(io.StringIO(Path(path).read_text("utf-8")))
        return [(datetime.fromisoformat(r["time"]).timestamp(), float(r["lon"]), float(r["lat"])) for r in rows]

    fixes = read()

    def check() -> dict[str, float]:
        most = flown = 0.0
        last = fixes[0]
        n = len(starts)
        for fix in fixes:
            to, _, metres = GEOD.inv(starts[:, 0], starts[:, 1], np.full(n, fix[1]), np.full(n, fix[2]))
            angle, turn = metres / radius, np.radians(to - azimuth)
            along = radius * np.arctan2(np.sin(angle) * np.cos(turn), np.cos(angle))
            inside = (along >= 0) & (along <= length)
            across = np.abs(radius * np.arcsin(np.sin(angle) * np.sin(turn)))
            most = max(most, float(np.where(inside, across, metres).min()))
            flown += GEOD.inv(last[1], last[2], fix[1], fix[2])[2]
            last = fix
        return {"max_deviation_km": most / 1000, "flown_km": flown / 1000}

    return {"read": timed(read, 1) | {"answer": len(fixes)}, "check": timed(check, 1)}
