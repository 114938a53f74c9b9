"""Runs `overflight.planning.bound.beside` in a process of its own beside the search, which it so does not hold up."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from overflight.planning.bound.problem import Discrete
from overflight.planning.swath.build import Problem
from overflight.planning.swath.lane import Lane
from overflight.planning.swath.leg_tables import Pause, forbidden, go_on, inside

Floats = NDArray[np.float64]
LEFT_ALONE_S: Final = 2.0  # for a line that is under way when the search ends
# Waypoints of a plan are rounded to 1e-6 degrees, which is 0.16 m at most.
ROUNDED_KM: Final = 0.0002


class Prover:
    """A process that is ready to prove, and the best bound that it has told so far."""

    def __init__(self) -> None:
        self.bound: float | None = None
        self.lower = 0.0
        self._sent: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "overflight.planning.bound.beside"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._threads = [
            threading.Thread(target=self._write, daemon=True),
            threading.Thread(target=self._listen, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def give(self, problem: bytes) -> None:
        """Hand over the problem: the proof begins."""
        self._sent.put(f"{len(problem)}\n".encode() + problem)

    def tell(self, lower: float) -> None:
        """Say that a path of this value is known."""
        if lower > self.lower:
            self.lower = lower
            self._sent.put(f"{lower!r}\n".encode())

    def _write(self) -> None:
        out = cast(IO[bytes], self._process.stdin)
        try:
            while (line := self._sent.get()) is not None:
                out.write(line)
                out.flush()
            out.close()
        except (OSError, ValueError):
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
        self._sent.put(None)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(LEFT_ALONE_S)
        for pipe in (self._process.stdout, self._process.stdin):
            with contextlib.suppress(OSError):  # what was left to write has no reader any more
                cast(IO[bytes], pipe).close()
        return self.bound


@dataclass(frozen=True)
class Listed:
    """The proof of a problem so small that all its paths were listed: in the same process, and there at once."""

    bound: float

    def tell(self, lower: float) -> None:
        """Nothing hangs on what is known."""

    def end(self) -> float:
        """The bound."""
        return self.bound


def can_prove() -> bool:
    """Whether there is a second core and a solver."""
    return (os.cpu_count() or 1) > 1 and importlib.util.find_spec("highspy") is not None


def nominal(
    problem: Problem,
    half_km: Floats,
    values: Floats,
    lane: Lane,
    *,
    limit_km: float,
    most_km: Sequence[float],
    pause: Pause = go_on,
) -> Discrete:
    """The problem of the discrete search `lane` as a proof reads it: without the margins that the search keeps.

    Parameters
    ----------
    half_km, values : arrays, shape (n,)
        Nominal half swath and value of each site, without margins and weights.
    limit_km : float
        Nominal limit; the one in `problem` is a little shorter, so that a path in between would be above the bound.
    most_km : sequence of float
        The same for each sub-limit.
    pause : callable
        Called between slices of the work; may raise `OutOfTime`.
    """
    return Discrete(
        points=problem.points,
        sites=problem.sites,
        values=values,
        half_km=half_km + ROUNDED_KM,
        limit_km=limit_km,
        forbidden=forbidden(problem, lane.tables, pause),
        group=problem.group,
        sub_limits=tuple((inside(problem, lane.tables, r, pause), most) for r, most in enumerate(most_km)),
    )


def stated(discrete: Discrete, first: Sequence[int]) -> bytes:
    """The problem, and the candidates on a path that is known, as the other process reads them."""
    given: dict[str, Any] = {name: getattr(discrete, name) for name in ("points", "sites", "values", "half_km")}
    given["limit_km"] = np.array(discrete.limit_km)
    given["group"] = discrete.group
    given["first"] = np.array(first)
    given["most"] = np.array([most for _, most in discrete.sub_limits], dtype=float)
    if discrete.forbidden is not None:
        given["forbidden"] = discrete.forbidden
    for r, (km, _) in enumerate(discrete.sub_limits):
        given[f"inside_{r}"] = km
    buffer = io.BytesIO()
    np.savez(buffer, **given)
    return buffer.getvalue()
