"""The proof as a process of its own, which imports nothing of the search.

``python -m overflight.planning.bound.beside`` reads from standard input the length of the problem, the problem, and
then lines with the value of the best path that the search has found; it writes a line with each better bound.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from typing import Final

import numpy as np

from overflight.planning.bound.problem import Discrete
from overflight.planning.bound.upper import upper_bound

LONGEST_S: Final = 86_400.0


def _main() -> None:
    heard = sys.stdin.buffer
    first = heard.readline()
    if not first:
        return  # the search ended before it had a problem
    given = np.load(io.BytesIO(heard.read(int(first))), allow_pickle=False)
    known = [0.0]

    def listen() -> None:
        for line in heard:
            known[0] = max(known[0], float(line))
        os._exit(0)  # the search is gone

    threading.Thread(target=listen, daemon=True).start()
    most = given["most"]
    discrete = Discrete(
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
        discrete,
        seconds=LONGEST_S,
        lower=lambda: known[0],
        first=given["first"].tolist(),
        progress=lambda b: tell(float(b)),
    )
    if found.value is not None:
        tell(float(found.value))
    os._exit(0)  # the thread that listens holds standard input


if __name__ == "__main__":
    _main()
