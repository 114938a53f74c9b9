"""`bench planner`, the point-visit part: our tours beside PyVRP's, OR-tools', EA4OP's and the best published scores.

The folder of OPLib instances is the user's (``OVERFLIGHT_OPLIB``); nothing of it is kept.  Peers run in child
processes, in the environment of ``OVERFLIGHT_PEER_PYTHON`` where that names another Python than this one.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from overflight.app import bench_planner_ea4op
from overflight.app.bench_swath import swath
from overflight.errors import BadFile, OverflightError
from overflight.planning.orienteering.distances import matrix
from overflight.planning.orienteering.field import Field
from overflight.planning.orienteering.oplib import Instance, read_oplib
from overflight.planning.orienteering.solve import checked
from overflight.terms.words import say

Row = dict[str, Any]
PEERS: Final = ("pyvrp", "ortools")
SECONDS: Final = 10.0
SEEDS: Final = 5
BEST_KNOWN: Final = "best_known.csv"


def best_known(folder: Path) -> dict[str, int]:
    """Best published scores by instance, from ``best_known.csv`` of the folder; empty where there is none.

    Raises
    ------
    BadFile
        If a row has no instance or no whole number.
    """
    path = folder / BEST_KNOWN
    if not path.is_file():
        return {}
    out: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                out[row["instance"]] = int(row["best_known_score"])
            except (KeyError, TypeError, ValueError) as error:
                raise BadFile(
                    say("{path}, line {line}: instance and best_known_score were expected", path=path, line=number),
                    field=BEST_KNOWN,
                ) from error
    return out


def planner(
    folder: Path | None = None,
    *,
    seconds: float | Sequence[float] = SECONDS,
    seeds: int = SEEDS,
    peers: Sequence[str] = PEERS,
    only: Sequence[str] = (),
    ea4op: Path | None = None,
) -> list[Row]:
    """A row for each instance and peer: scores, worst, median and best of our seeds, gaps, wall and CPU seconds.

    Parameters
    ----------
    folder : Path, optional
        OPLib files and, for the published scores, ``best_known.csv``; default what ``OVERFLIGHT_OPLIB`` names.
    seconds : float, or several
        Wall seconds for each run, compilation apart; ours runs two chains, so a peer gets twice its share of CPU
        only if it uses more than one core itself.
    only : sequence of str
        Names of instances; all where empty.
    ea4op : Path, optional
        Its executable; without it, its published scores are shown as such.
    """
    budgets = [seconds] if isinstance(seconds, (int, float)) else list(seconds)
    swaths = swath(budgets, seeds=seeds, only=only)
    place = folder or (Path(os.environ["OVERFLIGHT_OPLIB"]) if os.environ.get("OVERFLIGHT_OPLIB") else None)
    if place is None or not place.is_dir():
        return [*swaths, _skipped(say("orienteering: set OVERFLIGHT_OPLIB to a folder of OPLib instances"))]
    published = best_known(place)
    files = [file for file in sorted(place.glob("*.oplib")) if not only or file.stem in only]
    if not files:
        return [*swaths, _skipped(say("orienteering: {folder} holds no OPLib instance", folder=place))]
    there = {peer: _installed(peer) for peer in peers}
    rows: list[Row] = [
        _skipped(say("orienteering: {peer} is not installed; its rows are left out", peer=peer))
        for peer, found in there.items()
        if not found
    ]
    for budget in budgets:
        ratios: list[float] = []
        for file in files:
            mine = _of_instance(file, budget, seeds, published.get(file.stem), [p for p in peers if there[p]], ea4op)
            ratios += [row["gap"] for row in mine[:1] if row["gap"] is not None]
            rows += mine
        if ratios:
            rows.append(_summary(budget, ratios))
    return [*swaths, *rows]


def _of_instance(
    file: Path, seconds: float, seeds: int, known: int | None, peers: Sequence[str], ea4op: Path | None
) -> list[Row]:
    """The rows of one instance at one budget; the first is that of the best published score."""
    instance = read_oplib(file)
    ours = [_ours(file, seconds, seed) for seed in range(seeds)]
    scores = sorted(run["score"] for run in ours)
    base: Row = {
        "n": seeds,
        "nodes": instance.nodes,
        "seconds": seconds,
        "ours": statistics.median_low(scores),
        "worst": scores[0],
        "best": scores[-1],
        "wall_s": round(statistics.median(run["wall_s"] for run in ours), 2),
        "cpu_s": round(statistics.median(run["cpu_s"] for run in ours), 2),
        "compile_s": round(max(run["compile_s"] for run in ours), 2),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }
    name = say("{name}, {s:g} s", name=file.stem, s=seconds)
    rows = [_row(say("{name}: best published score", name=name), base, known, limit=None)]
    for peer in peers:
        found = _peer(peer, instance, seconds)
        row = _row(say("{name}: {peer}", name=name, peer=peer), base, found["score"], limit=1.0)
        rows.append({**row, "peer_cpu_s": found["cpu_s"], "note": found["note"]})
    if ea4op is not None:
        runs = [bench_planner_ea4op.run(ea4op, file, instance, seed, _most(seconds)) for seed in range(seeds)]
        got = sorted(run["score"] for run in runs if run["score"] is not None)
        row = _row(say("{name}: {peer}", name=name, peer="ea4op"), base, statistics.median_low(got) if got else None)
        row |= {"peer_worst": got[0], "peer_best": got[-1]} if got else {}
        cpu = round(statistics.median(run["cpu_s"] for run in runs), 2)
        rows.append({**row, "peer_cpu_s": cpu, "note": next((run["note"] for run in runs if run["note"]), None)})
    elif file.stem in bench_planner_ea4op.PUBLISHED:
        score, took = bench_planner_ea4op.PUBLISHED[file.stem]
        row = _row(say("{name}: EA4OP as published, not run here", name=name), base, score)
        note = say("published: {source}", source=bench_planner_ea4op.SOURCE)
        rows.append({**row, "peer_published_s": took, "note": note})
    return rows


def _summary(seconds: float, gaps: Sequence[float]) -> Row:
    """Gaps of our medians to the best published scores over all instances."""
    return {
        "work": say("orienteering, {s:g} s: mean and worst gap to the best published scores", s=seconds),
        "n": len(gaps),
        "seconds": seconds,
        "ours": round(statistics.fmean(gaps), 5),
        "worst": round(max(gaps), 5),
        "best": round(min(gaps), 5),
        "peer": None,
        "ratio": None,
        "limit": None,
    }


def _most(seconds: float) -> float:
    """Wall seconds after which a child process is ended."""
    return 20 * seconds + 600


def _row(work: str, base: Row, peer: int | None, *, limit: float | None = None) -> Row:
    ratio = round(base["ours"] / peer, 4) if peer else None
    gap = round(1.0 - base["ours"] / peer, 4) if peer else None
    return {"work": work, **base, "peer": peer, "ratio": ratio, "gap": gap, "limit": limit}


def _skipped(sentence: str) -> Row:
    return {"work": sentence, "ours": None, "peer": None, "ratio": None, "limit": None, "n": 0}


def _ours(file: Path, seconds: float, seed: int) -> dict[str, Any]:
    """One run of our own in a child process, so that its CPU seconds are its own; the tour is checked here."""
    command = [sys.executable, "-m", "overflight.app.bench_planner", str(file), str(seconds), str(seed)]
    answer, used = _child(command, None, seconds)
    if answer is None:
        raise OverflightError(say("our own run on {file} failed; please report it", file=file.name))
    tour = checked(read_oplib(file), np.array(answer["tour"], dtype=np.int64))
    return {"score": tour.score, "wall_s": answer["seconds"], "cpu_s": used, "compile_s": answer["compile_seconds"]}


def _peer(peer: str, instance: Instance, seconds: float) -> dict[str, Any]:
    """One run of a peer in a child process, on the nodes within reach; its tour is checked as ours is."""
    field = Field.of(instance)
    problem = {
        "far": matrix(instance, field.nodes).tolist(),
        "scores": field.score.tolist(),
        "limit": instance.limit,
    }
    command = [_python(), str(Path(__file__).with_name("bench_planner_peers.py")), peer, str(seconds)]
    answer, used = _child(command, json.dumps(problem), seconds)
    if answer is None:
        return {"score": None, "cpu_s": used, "note": say("{peer} failed on this instance", peer=peer)}
    try:
        tour = checked(instance, field.nodes[np.array(answer["tour"], dtype=np.int64)])
    except OverflightError:
        return {"score": None, "cpu_s": used, "note": say("{peer} returned no legal tour", peer=peer)}
    return {"score": tour.score, "cpu_s": used, "note": None}


def _child(command: list[str], given: str | None, seconds: float) -> tuple[dict[str, Any] | None, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=_most(seconds), check=False)
        answer = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError, IndexError):
        answer = None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return answer, round(used, 2)


def _python() -> str:
    return os.environ.get("OVERFLIGHT_PEER_PYTHON") or sys.executable


def _installed(peer: str) -> bool:
    return subprocess.run([_python(), "-c", f"import {peer}"], capture_output=True, check=False).returncode == 0


def _run_one(arguments: Sequence[str]) -> None:
    from overflight.planning.orienteering.solve import search

    file, seconds, seed = arguments
    found = search(Field.of(read_oplib(Path(file))), seconds=float(seconds), seed=int(seed))
    answer = {
        "tour": found.tour.rows.tolist(),
        "seconds": found.seconds,
        "compile_seconds": found.compile_seconds,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    _run_one(sys.argv[1:])
