"""Measurements against named peers in one run; peers run in child processes."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from overflight.terms.words import say

Row = dict[str, Any]
# What `overflight version` and `--help` may cost more than bare Python (our own limit, not the treaty's).
START_LIMIT_CPU_S = 0.3


def cpu_seconds_of(command: Sequence[str]) -> float:
    """User and system CPU seconds of one child process, its own children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def start(n: int = 7) -> list[Row]:
    """CPU seconds to start `overflight version` and `--help` beside bare Python, medians of `n` runs."""
    bare = statistics.median(cpu_seconds_of([sys.executable, "-c", "pass"]) for _ in range(n))
    rows = []
    for work, arguments in (("version", ["version"]), ("--help", ["--help"])):
        ours = statistics.median(cpu_seconds_of([sys.executable, "-m", "overflight", *arguments]) for _ in range(n))
        rows.append(
            {
                "work": say("start: overflight {what}, CPU s", what=work),
                "ours": round(ours, 4),
                "peer": round(bare, 4),
                "ratio": round(ours / bare, 2) if bare else None,
                "limit": round(bare + START_LIMIT_CPU_S, 4),
                "n": n,
            }
        )
    return rows


def law() -> list[Row]:
    """See `overflight.app.bench_law`."""
    from overflight.app import bench_law

    return bench_law.law()


def planner() -> list[Row]:
    """See `overflight.app.bench_planner`; the folder of instances is named by OVERFLIGHT_OPLIB."""
    from overflight.app import bench_planner

    return bench_planner.planner()


def validate() -> list[Row]:
    """See `overflight.app.bench_validate`."""
    from overflight.app import bench_validate

    return bench_validate.validate()


def track(tracks: int | None = None) -> list[Row]:
    """See `overflight.app.bench_track`; `tracks` files in the pool."""
    from overflight.app import bench_track

    return bench_track.track(tracks or bench_track.MANY)


BENCHES: dict[str, Callable[[], list[Row]]] = {
    "start": start,
    "law": law,
    "planner": planner,
    "validate": validate,
    "track": track,
}
# Runs of many minutes: only when they are named.
ONLY_BY_NAME = frozenset(["planner"])
