"""`overflight bench`: speed against named peers, as a table or JSON."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from overflight.cli.common import JsonOption, answer, note, table
from overflight.errors import BadInput
from overflight.terms.words import say

app = typer.Typer(rich_markup_mode=None)


@app.command()
def bench(
    what: Annotated[str, typer.Argument(help="start, law, validate, track, planner; 'all': the short ones.")] = "all",
    tracks: Annotated[
        int | None, typer.Option("--tracks", metavar="N", min=1, max=10_000, help="Files in the pool of bench track.")
    ] = None,
    fixes: Annotated[
        int | None,
        typer.Option("--fixes", metavar="N", min=100, max=400_000, help="Positions of each; 4,000 if not given."),
    ] = None,
    seconds: Annotated[
        list[float] | None,
        typer.Option("--seconds", metavar="S", help="Wall seconds for each run of bench planner; may be repeated."),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", metavar="N", help="Runs of bench planner on each instance; 5 if not given.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="An instance of bench planner; may be repeated.")
    ] = None,
    peer: Annotated[
        list[str] | None,
        typer.Option("--peer", metavar="ea4op=PATH", help="The executable of a peer that bench planner runs too."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure speed beside named peers in one run.

    Example: overflight bench start --json
    Example: overflight bench track --tracks 1000 --fixes 40000
    Example: overflight bench planner --seconds 10 --seconds 60 --peer ea4op=build/src/op-solver
    """
    from overflight.app.bench import BENCHES, ONLY_BY_NAME, planner, track

    if what != "all" and what not in BENCHES:
        raise BadInput(
            say("bench {what!r} is not known; there are: {names}", what=what, names=", ".join(["all", *BENCHES])),
            field="bench",
        )
    for option, given in (("--tracks", tracks), ("--fixes", fixes)):
        if given is not None and what != "track":
            raise BadInput(say("{option} goes with bench track", option=option), field=option)
    if (seconds or seeds is not None or only or peer) and what != "planner":
        raise BadInput(say("--seconds, --seeds, --only and --peer go with bench planner"), field="bench")
    rows: list[dict[str, Any]] = []
    for name in [b for b in BENCHES if b not in ONLY_BY_NAME] if what == "all" else [what]:
        note(say("measuring: {name}", name=name))
        if name == "track":
            rows += track(tracks, fixes)
        elif name == "planner":
            rows += planner(seconds=seconds or (), seeds=seeds, only=only or (), peers=peer or ())
        else:
            rows += BENCHES[name]()

    def human() -> None:
        heads = ["work", "ours", "peer", "ratio", "limit", "n"]
        if what == "planner":
            heads[2:2] = ["worst", "best", "wall_s", "cpu_s"]
        table([[row.get(h) for h in heads] for row in rows], heads)
        for sentence in dict.fromkeys(row["note"] for row in rows if row.get("note")):
            note(sentence)

    answer({"rows": rows}, as_json=as_json, human=human)
