"""`bench track`: 40,000 positions against a plan, and many tracks in a pool, beside a loop over positions."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from overflight.app.bench_validate import MEMORY_LIMIT_MB, points, row
from overflight.app.bench_ways import child, memory_mb, timed
from overflight.terms.words import say

Row = dict[str, Any]
FIXES: Final = 40_000
MANY: Final = 200
ALL: Final = 10_000
DISTINCT: Final = 20
FIXES_OF_MANY: Final = 4_000
WORKERS: Final = 2
# Our own limits, not the treaty's.
TRACK_LIMIT_S, ALL_LIMIT_S = 0.050, 240.0
_TAKE_OFF: Final = datetime(2021, 5, 19, 6, tzinfo=UTC)


def plan() -> Any:
    """The plan of `bench validate`, flown at 430 km/h."""
    from overflight.terms.plan import MissionPlan, SensorUse, Waypoint

    return MissionPlan(
        observed="RUS",
        observing="DEU",
        waypoints=tuple(Waypoint(*point) for point in points(0)),
        start_airfield="UUMB",
        end_airfield="UUMB",
        height_agl_m=(2500.0,),
        ground_speed_kmh=430.0,
        sensors=(SensorUse("AFA-41-10", 1500.0),),
    )


def write_tracks(folder: Path, fixes: int, many: int) -> None:
    """Made tracks of the plan, each with its own noise and gaps, as CSV."""
    from overflight.flight.track_files import write_csv
    from overflight.flight.track_model import make_track
    from overflight.planning.geodesy import path_length_km

    flown = plan()
    seconds = path_length_km(flown.waypoints) / flown.ground_speed_kmh * 3600
    # At least a second from fix to fix, so the day is stretched rather than the fixes thinned.
    slow = max(1.0, fixes / seconds)
    flown = replace(flown, ground_speed_kmh=flown.ground_speed_kmh / slow)
    for n in range(many):
        took_off = _TAKE_OFF + timedelta(minutes=n)
        made = make_track(flown, take_off=took_off, seed=n, interval_s=seconds * slow / fixes, gaps=1)
        (folder / f"made{n:03d}.csv").write_text(write_csv(made.track), "utf-8")


def one(path: str) -> dict[str, Any]:
    """Seconds to read and to check one track in this process, and its memory."""
    from overflight.app.flight_track import as_flown, read_track_file
    from overflight.app.plans import ground
    from overflight.treaty.regime import Regime

    flown, over, regime = plan(), ground(), Regime.on(date(2021, 5, 19))
    read = timed(partial(read_track_file, Path(path)))
    track = read.pop("answer")
    as_flown(flown, track, regime, over)
    checked = timed(partial(as_flown, flown, track, regime, over))
    found = checked.pop("answer")
    return {
        "read": read,
        "check": checked,
        "fixes": len(track),
        "max_deviation_km": found.max_deviation_km,
        "memory_mb": memory_mb(),
    }


def many(folder: str, workers: int) -> dict[str, Any]:
    """Wall and CPU seconds to check every track of a folder in a pool, reading included, and memory of all together."""
    from overflight.app.tracks_many import Tally, Task, check_many, tracks_in

    began, stood = os.times(), time.perf_counter()
    tally = Tally()
    for found in check_many(tracks_in(Path(folder)), Task(plan(), date(2021, 5, 19)), workers=workers):
        tally.add(found)
    ended = os.times()
    # Children count once they have ended, which they have when the last row is there.
    cpu = sum(ended[n] - began[n] for n in range(4))
    return {
        "wall": time.perf_counter() - stood,
        "cpu": cpu,
        "tracks": tally.tracks,
        "errors": tally.failed,
        "memory_mb": memory_mb() + (workers - 1) * _child_mb(),
    }


def _child_mb() -> float:
    import resource

    return float(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def track(tracks: int = MANY, fixes: int = FIXES_OF_MANY) -> list[Row]:
    """Medians of five for one track; one run of `tracks` files of `fixes`, whose limit holds for ten thousand only."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_tracks(folder, FIXES, 1)
        path = str(folder / "made000.csv")
        mine = child("overflight.app.bench_track:one", path)
        plain = child("overflight.app.bench_ways:loop", points(0), path)
        apart = abs(mine["max_deviation_km"] - plain["check"]["answer"]["max_deviation_km"])
        lot = folder / "many"
        lot.mkdir()
        write_tracks(lot, fixes, min(DISTINCT, tracks))
        for n in range(DISTINCT, tracks):
            os.link(lot / f"made{n % DISTINCT:03d}.csv", lot / f"same{n:05d}.csv")
        batch = child("overflight.app.bench_track:many", str(lot), WORKERS)
    n = mine["fixes"]
    peer = say("peer: a loop over positions with pyproj")
    limit = ALL_LIMIT_S if tracks == ALL else None
    wall = {"cpu": [batch["wall"]], "wall": [batch["wall"]]}
    cpu = {"cpu": [batch["cpu"]], "wall": [batch["wall"]]}
    note = say("{n} files of {fixes} positions, {some} of them distinct", n=batch["tracks"], fixes=fixes,
               some=min(DISTINCT, tracks))  # fmt: skip

    def single(number: float) -> dict[str, list[float]]:
        return {"cpu": [number], "wall": [number]}

    return [
        row(say("track: a parsed track against its plan, CPU s ({peer}; deviations {m:.0f} m apart)", peer=peer,
                m=apart * 1000), mine["check"], plain["check"]["cpu"], TRACK_LIMIT_S, n),
        row(say("track: read the CSV file, CPU s (peer: csv and datetime)"), mine["read"], plain["read"]["cpu"], None,
            n),
        row(say("track: {note}, {w} processes, wall s", note=note, w=WORKERS), wall, None, limit, tracks),
        row(say("track: the same, CPU s of all processes"), cpu, None, None, tracks),
        row(say("track: the same, files a minute"), single(60.0 * batch["tracks"] / batch["wall"]), None, None, tracks),
        row(say("track: peak memory of one track, MB"), single(mine["memory_mb"]), None, MEMORY_LIMIT_MB, n),
        row(say("track: peak memory of all processes, MB, shared pages counted in each"),
            single(batch["memory_mb"]), None, MEMORY_LIMIT_MB, tracks),
    ]  # fmt: skip
