"""Compiles the inner loops of the planner before a clock runs: `compile_all`, once for a version of the code."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, Final

import numpy as np

from overflight.planning.orienteering.compiled import COMPILED, cache_folder
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.swath.build import Problem
    from overflight.planning.swath.chain import Chain

SWATH: Final = "swath"
POINTS: Final = "orienteering"
BOUND: Final = "bound"
READY: Final = "ready"  # a file beside the machine code: all of it is there; it holds the package's name
KEPT: Final = 2  # texts of a package whose machine code is kept
IN_USE_S: Final = 3600.0  # what was made or read so lately may be in use by another process
_HERE: Final = Path(__file__).resolve().parent
_done: set[str] = set()


def compile_all(
    progress: Callable[[str], None] | None = None, *, only: Sequence[str] = (SWATH, POINTS, BOUND)
) -> float:
    """Compile every loop, or read it from disk where it was compiled before; the seconds that it took.

    Parameters
    ----------
    progress : callable, optional
        Told in a sentence if something has to be compiled.
    only : sequence of str
        Of the swath search, the point search and the bound.
    """
    if not COMPILED:
        return 0.0
    begun = monotonic()
    work = {SWATH: _swath, POINTS: _points, BOUND: _bound}
    left = [name for name in work if name in only and name not in _done]
    if progress is not None and not all(is_compiled(name) for name in left):
        progress(say("compiling the planner's inner loops, once, about a minute"))
    for name in left:
        work[name]()
        _done.add(name)
        folder = cache_folder(_HERE / name)
        if folder is not None:
            (folder / READY).write_text(name, encoding="utf-8")
            prune(folder, name)
    return monotonic() - begun if left else 0.0


def prune(folder: Path, name: str, *, now: Callable[[], float] = time) -> None:
    """Deletes the machine code of a package's older texts beside `folder`; the newest two stay, and what is in use.

    Several packages may keep theirs in one place: each folder says whose it is.
    """
    ours = [one for one in folder.parent.glob("loops-*") if one.is_dir() and _is_of(one, name)]
    for old in sorted(ours, key=_used_at)[:-KEPT]:
        if old != folder and now() - _used_at(old) > IN_USE_S:
            shutil.rmtree(old, ignore_errors=True)


def _is_of(folder: Path, name: str) -> bool:
    ready = folder / READY
    beside_the_code = folder.parent == _HERE / name / "__pycache__"
    return beside_the_code or (ready.is_file() and ready.read_text("utf-8", errors="replace") == name)


def _used_at(folder: Path) -> float:
    """When the machine code was last made or read; 0 if it is gone."""
    try:
        return max(one.stat().st_mtime for one in (folder, folder / READY) if one.exists())
    except (OSError, ValueError):
        return 0.0


def is_compiled(name: str) -> bool:
    """Whether the loops of a package were compiled before, by this or another process."""
    folder = cache_folder(_HERE / name)
    return name in _done or not COMPILED or (folder is not None and (folder / READY).exists())


def small_problem() -> Problem:
    """Six sites of value 1 around the start, with forbidden ground and a corner of it, a sub-limit and a group."""
    import shapely

    from overflight.planning.geodesy import earth_centred_km
    from overflight.planning.swath.build import Problem, Rules
    from overflight.planning.swath.grids import Walls

    lons = np.array([0.0, 0.0, 0.5, 0.6, -0.5, 0.1, -0.3, 0.2, 0.15])
    lats = np.array([0.0, 0.0, 0.5, 0.1, 0.4, 0.6, -0.5, 0.3, 0.15])
    places = earth_centred_km(lons, lats)
    sites = len(places) - 3
    return Problem(
        sites=places[2:-1],
        values=np.ones(sites),
        half_km=np.full(sites, 4.0),
        group=np.array([0, 0, -1, -1, -1, -1], dtype=np.int32),
        points=places,
        site_of=np.array([-1, -1, *range(sites), -1], dtype=np.int32),
        centre=places[0] / np.linalg.norm(places[0]),
        rules=Rules(250.0),
        walls=Walls([shapely.box(20.0, 20.0, 30.0, 30.0)]),
        sub_limits=((shapely.box(-40.0, -60.0, -30.0, -50.0), 50.0),),
    )


def small_chain() -> Chain:
    """A search over `small_problem` that has run every loop once."""
    from overflight.planning.swath.build import tables_of
    from overflight.planning.swath.chain import Chain
    from overflight.planning.swath.leg_tables import inside, point_field
    from overflight.planning.swath.path import legal

    problem = small_problem()
    chain = Chain(tables_of(problem, free=True), [(0, problem.points[0]), (1, problem.points[1])], 0)
    point_field(problem, chain.tables)
    inside(problem, chain.tables, 0)
    legal(chain.f, chain.k)
    chain.grow()
    chain.begin()
    chain.advance(0.5, 5)
    chain.thread([2, 3])
    chain.rest()
    chain.settle()
    return chain


def _swath() -> None:
    small_chain()


def _points() -> None:
    from overflight.planning.orienteering.field import Field
    from overflight.planning.orienteering.oplib import Instance
    from overflight.planning.orienteering.solve import compile_loops, solve_small

    compile_loops(monotonic)
    places = np.array([[0, 0], [0, 9], [8, 0], [9, 9], [4, 5]], dtype=np.float64)
    solve_small(Field.of(Instance("small", "EUC_2D", places, np.arange(5, dtype=np.int64), 40)))


def _bound() -> None:
    """The bound of twelve sites on a small field, closed and open; nothing where there is no solver."""
    from overflight.planning.bound.problem import EARTH_KM, Discrete
    from overflight.planning.bound.upper import upper_bound

    if importlib.util.find_spec("highspy") is None:
        return
    rng = np.random.default_rng(0)
    flat = rng.uniform(-100.0, 100.0, (12, 2))
    places = np.column_stack((np.full(12, EARTH_KM), flat))
    places *= EARTH_KM / np.linalg.norm(places, axis=1)[:, None]
    points = np.concatenate((places[:1], places[:1], places[1:]))
    upper_bound(Discrete(points, places, np.ones(12), np.full(12, 8.0), 400.0), seconds=60.0, lower=0.0)


if __name__ == "__main__":
    compile_all(lambda sentence: print(sentence, flush=True))
