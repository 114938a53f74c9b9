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
    as_json: JsonOption = False,
) -> None:
    """Measure speed beside named peers in one run.

    Example: overflight bench start --json
    """
    from overflight.app.bench import BENCHES, ONLY_BY_NAME, track

    if what != "all" and what not in BENCHES:
        raise BadInput(
            say("bench {what!r} is not known; there are: {names}", what=what, names=", ".join(["all", *BENCHES])),
            field="bench",
        )
    if tracks is not None and what != "track":
        raise BadInput(say("--tracks goes with bench track"), field="--tracks")
    rows: list[dict[str, Any]] = []
    for name in [b for b in BENCHES if b not in ONLY_BY_NAME] if what == "all" else [what]:
        note(say("measuring: {name}", name=name))
        rows += track(tracks) if name == "track" else BENCHES[name]()

    def human() -> None:
        heads = ("work", "ours", "peer", "ratio", "limit", "n")
        table([[row[h] for h in heads] for row in rows], heads)

    answer({"rows": rows}, as_json=as_json, human=human)
