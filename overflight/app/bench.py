"""Measurements against named peers in one run; peers run in child processes."""

from __future__ import annotations

import math
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from overflight.errors import BadInput
from overflight.terms.words import say

Row = dict[str, Any]
LONGEST_BUDGET_S = 3600.0
MOST_SEEDS = 100
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


def planner(
    *, seconds: Sequence[float] = (), seeds: int | None = None, only: Sequence[str] = (), peers: Sequence[str] = ()
) -> list[Row]:
    """See `overflight.app.bench_planner`; the folder of instances is named by OVERFLIGHT_OPLIB.

    Parameters
    ----------
    seconds, seeds, only
        Budgets of 10 s, five seeds and all instances unless given.
    peers : sequence of str
        ``ea4op=PATH``, the executable of EA4OP.

    Raises
    ------
    BadInput
        If an option is out of range or a peer cannot be run.
    """
    from overflight.app import bench_planner, bench_planner_ea4op

    if any(not (math.isfinite(s) and 0 < s <= LONGEST_BUDGET_S) for s in seconds):
        raise BadInput(say("--seconds must be above 0 and at most {most:g}", most=LONGEST_BUDGET_S), field="--seconds")
    if seeds is not None and not 1 <= seeds <= MOST_SEEDS:
        raise BadInput(say("--seeds must be from 1 to {most}", most=MOST_SEEDS), field="--seeds")
    programs = [bench_planner_ea4op.executable(text) for text in peers]
    return bench_planner.planner(
        seconds=list(seconds) or bench_planner.SECONDS,
        seeds=seeds or bench_planner.SEEDS,
        only=only,
        ea4op=programs[-1] if programs else None,
    )


def validate() -> list[Row]:
    """See `overflight.app.bench_validate`."""
    from overflight.app import bench_validate

    return bench_validate.validate()


def track(tracks: int | None = None, fixes: int | None = None) -> list[Row]:
    """See `overflight.app.bench_track`; `tracks` files in the pool, each of `fixes` positions."""
    from overflight.app import bench_track

    return bench_track.track(tracks or bench_track.MANY, fixes or bench_track.FIXES_OF_MANY)


BENCHES: dict[str, Callable[[], list[Row]]] = {
    "start": start,
    "law": law,
    "planner": planner,
    "validate": validate,
    "track": track,
}
# Runs of many minutes: only when they are named.
ONLY_BY_NAME = frozenset(["planner"])
