"""`overflight plan orienteer`: the point-visit core on instances that others publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overflight.cli.common import JsonOption, answer, note
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.orienteer import Answer


def register(app: typer.Typer) -> None:
    """Add the command ``orienteer`` to the commands on plans."""
    app.command()(orienteer)


def orienteer(
    file: Annotated[Path, typer.Argument(metavar="FILE.oplib", help="Instance in OPLib form.")],
    time: Annotated[
        float | None, typer.Option("--time", metavar="S", help="Search for S seconds on two cores; default 10.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Another seed, another search.")] = 0,
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", help="Stop after N steps a chain: repeatable on any machine.")
    ] = None,
    bound_time: Annotated[
        float | None,
        typer.Option("--bound-time", metavar="S", help="Then bound for at most S seconds; default as --time, 0 none."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Visit what scores most within a length, on an orienteering instance in OPLib form, with a proven bound.

    Node 1 is start and end and its score counts; distances are whole numbers by the rules of TSPLIB.

    Example: overflight plan orienteer instance.oplib --time 10 --json
    """
    from overflight.app.orienteer import orienteer as solve

    found = solve(file, seconds=time, steps=steps, seed=seed, bound_seconds=bound_time, progress=note)
    answer(found.to_json(), as_json=json, human=lambda: _print(found))


def _print(found: Answer) -> None:
    print(
        say(
            "{name}: score {score} on {visited} of {nodes} nodes, length {length} of {limit}",
            name=found.instance.name,
            score=found.found.tour.score,
            visited=len(found.found.tour.rows),
            nodes=found.instance.nodes,
            length=found.found.tour.length,
            limit=found.instance.limit,
        )
    )
    if found.gap is not None:
        print(
            say(
                "no tour can score more than {bound}; this one is {gap:.2f} % below",
                bound=found.bound.score,
                gap=100 * found.gap,
            )
        )
    if found.bound.note:
        print(found.bound.note)
    print(
        say(
            "stopped by {why} after {steps} steps; search {s:.1f} s, bound {b:.1f} s, compilation {c:.1f} s",
            why=found.found.stopped_by,
            steps=found.found.steps,
            s=found.found.seconds,
            b=found.bound.seconds,
            c=found.found.compile_seconds,
        )
    )
    print(" ".join(str(int(row) + 1) for row in found.found.tour.rows))
