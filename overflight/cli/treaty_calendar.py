"""`overflight treaty calendar`: a year's flights by quarter, the dates of the yearly round, and clashes (Annex H)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import (
    JsonOption,
    NodeOption,
    NowOption,
    ReadingOption,
    RegimeOption,
    answer,
    finding_line,
    moment_of,
    readings_of,
    table,
)
from overflight.terms.words import say


def register(app: typer.Typer) -> None:
    """Hang the verb under `overflight treaty`."""
    app.command()(calendar)


def calendar(
    year: Annotated[int, typer.Option("--year", metavar="Y", help="The year of the flights.")],
    plans: Annotated[
        Path | None, typer.Option("--plans", metavar="FILE", help="CSV: by,over,quarter,flights or by,over,eta; with.")
    ] = None,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", help="Write dates and flights as iCalendar.")
    ] = None,
    node: NodeOption = None,
    now: NowOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """A year's flights by quarter and the dates of its round; exits 1 if a plan breaches a bound.

    Example: overflight treaty calendar --year 2027 --plans plans.csv --ics 2027.ics
    """
    from contextlib import ExitStack
    from datetime import UTC, datetime

    from overflight.app import year_calendar
    from overflight.app.files import write_file
    from overflight.treaty.regime import Regime

    with ExitStack() as stack:
        open_one = None
        if node is not None:
            from overflight.app.wiring import open_node

            open_one = stack.enter_context(open_node(node, writer=False, now=moment_of(now)))
        at = open_one.now() if open_one else moment_of(now) or datetime.now(UTC)
        here = Regime.on(at.date(), readings=readings_of(reading), folder=regime)
        found = year_calendar.calendar(here, year, plans=plans, node=open_one, at=at)
    if ics is not None:
        write_file(ics, found["calendar"].encode())
    answer(found, as_json=json, human=lambda: _tell(found), code=0 if found["complies"] else 1)


def _tell(found: dict[str, Any]) -> None:
    if found["quarters"]:
        heads = (say("over"), say("quarter"), say("flights"), say("at most"), say("by"), say("under"), "")
        table(
            [
                (
                    q["observed"],
                    q["quarter"],
                    q["flights"],
                    q["limit"],
                    ", ".join(f"{who} {n}" for who, n in q["observing"].items()),
                    q["citation"],
                    q["verdict"],
                )
                for q in found["quarters"]
            ],
            heads,
        )
        print()
    rows = [(d["from"], d["until"], d["what"], d["citation"]) for d in found["dates"]]
    table(rows, (say("from"), say("until"), say("what"), say("under")))
    if found["flights"]:
        print()
        flights = [
            (f["eta"], f["until"], f["flight"] or "-", " + ".join(f["observing"]), f["observed"])
            for f in found["flights"]
        ]
        table(flights, (say("arrival"), say("has until"), say("flight"), say("by"), say("over")))
    for finding in found["findings"]:
        if finding["verdict"] != "complies":
            print(finding_line(finding))
