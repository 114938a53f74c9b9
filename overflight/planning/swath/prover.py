"""Runs `overflight.planning.bound` in a process of its own beside the search, which it so does not hold up.

``python -m overflight.planning.swath.prover`` reads the problem from standard input and writes a line with each
better bound.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from typing import IO, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from overflight.planning.swath import world as w
from overflight.planning.swath.build import Problem, forbidden
from overflight.planning.swath.lane import Lane
from overflight.planning.swath.sight import inside_km

Floats = NDArray[np.float64]
LONGEST_S: Final = 86_400.0
# Waypoints of a plan are rounded to 1e-6 degrees, which is 0.16 m at most.
ROUNDED_KM: Final = 0.0002


class Prover:
    """One running proof and the best bound that it has told so far."""

    def __init__(self, process: subprocess.Popen[bytes], given: bytes) -> None:
        self.bound: float | None = None
        self._process = process
        self._threads = [
            threading.Thread(target=self._write, args=(given,), daemon=True),
            threading.Thread(target=self._listen, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _write(self, given: bytes) -> None:
        out = cast(IO[bytes], self._process.stdin)
        try:
            out.write(given)
            out.close()
        except OSError:
            pass  # it was ended before it had read everything

    def _listen(self) -> None:
        for line in cast(IO[bytes], self._process.stdout):
            try:
                told = float(line)
            except ValueError:
                continue
            self.bound = told if self.bound is None else min(self.bound, told)

    def end(self) -> float | None:
        """Stop, and return the best bound; None if there was not time for one."""
        self._process.kill()
        self._process.wait()
        self._threads[1].join(2.0)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return self.bound


def start_prover(problem: Problem, half_km: Floats, values: Floats, lane: Lane) -> Prover | None:
    """Begin a proof for the discrete search `lane`; None where there is no second core or no solver.

    Parameters
    ----------
    half_km, values : arrays, shape (n,)
        Nominal half swath and value of each site, without margins and weights.
    """
    import importlib.util

    if (os.cpu_count() or 1) < 2 or importlib.util.find_spec("highspy") is None:
        return None
    tables = lane.tables
    many = len(problem.points)
    given: dict[str, Any] = {
        "points": problem.points,
        "sites": problem.sites,
        "values": values,
        "half_km": half_km + ROUNDED_KM,
        "limit_km": np.array(problem.rules.limit_km),
        "group": problem.group,
        "first": np.array([v for v, _ in lane.chain.best_order()]),
        "most": np.array([most for _, most in problem.sub_limits], dtype=float),
    }
    closed = forbidden(problem, tables)
    if closed is not None:
        given["forbidden"] = closed
    for r in range(len(problem.sub_limits)):
        inside = np.zeros((many, many))
        for i in range(many):
            for j in range(i):
                p, q = int(tables.k[w.HOME]) + 3 * i, int(tables.k[w.HOME]) + 3 * j
                inside[i, j] = inside[j, i] = inside_km(tables.f, tables.k, r, p, q)
        given[f"inside_{r}"] = inside
    buffer = io.BytesIO()
    np.savez(buffer, **given)
    process = subprocess.Popen(
        [sys.executable, "-m", "overflight.planning.swath.prover"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return Prover(process, buffer.getvalue())


def _main() -> None:
    from overflight.planning.bound import problem as bound_problem
    from overflight.planning.bound.upper import upper_bound

    given = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    most = given["most"]
    discrete = bound_problem.Discrete(
        points=given["points"],
        sites=given["sites"],
        values=given["values"],
        half_km=given["half_km"],
        limit_km=float(given["limit_km"]),
        forbidden=given.get("forbidden"),
        group=given["group"],
        sub_limits=tuple((given[f"inside_{r}"], float(most[r])) for r in range(len(most))),
    )

    def tell(bound: float) -> None:
        sys.stdout.write(f"{bound!r}\n")
        sys.stdout.flush()

    found = upper_bound(
        discrete, seconds=LONGEST_S, lower=0.0, first=given["first"].tolist(), progress=lambda b: tell(float(b))
    )
    if found.value is not None:
        tell(float(found.value))


if __name__ == "__main__":
    _main()
