"""What all commands share: the options of the contract and how an answer is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overflight.errors import BadInput
from overflight.terms.moment import parse_day, parse_moment
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="Day of the regime, YYYY-MM-DD; default today.")
]
ReadingOption = Annotated[
    list[str] | None,
    typer.Option("--reading", metavar="NAME=VALUE", help="Choose a named reading; may be repeated."),
]
RegimeOption = Annotated[Path | None, typer.Option("--regime", metavar="DIR", help="Another regime's folder of data.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
NodeOption = Annotated[
    Path | None, typer.Option("--node", envvar="OVERFLIGHT_NODE", metavar="DIR", help="The node that acts.")
]
NowOption = Annotated[
    str | None,
    typer.Option("--now", metavar="TIME", help="Time by the exercise clock, such as 2021-05-12T08:00Z; acts set it."),
]


def day_of(text: str | None) -> date:
    """The day that ``--on`` names; today in UTC when it names none."""
    from datetime import UTC

    return parse_day(text) if text else datetime.now(UTC).date()


def moment_of(text: str | None, field: str = "--now") -> datetime | None:
    """The time that an option names, or None."""
    return parse_moment(text, field=field) if text else None


def readings_of(pairs: Sequence[str] | None) -> dict[str, str]:
    """The readings that ``--reading NAME=VALUE`` chose.

    Raises
    ------
    BadInput
        If a pair has no ``=``.
    """
    out: dict[str, str] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name or not value:
            raise BadInput(
                say("--reading {pair!r} is no NAME=VALUE, such as distance_source=treaty", pair=pair),
                field="--reading",
            )
        out[name] = value
    return out


def regime_of(on: str | None, reading: Sequence[str] | None = None, folder: Path | None = None) -> Regime:
    """The regime that ``--on``, ``--reading`` and ``--regime`` name; today's with no reading chosen if none is given.

    Raises
    ------
    BadInput
        If the day, a reading or the folder cannot be used.
    """
    from overflight.treaty.regime import Regime

    return Regime.on(day_of(on), readings=readings_of(reading), folder=folder)


def answer(result: Any, *, as_json: bool, human: Callable[[], None], code: int = 0) -> None:
    """Print `result` as JSON, or call `human` to print it for people; leave with `code` when not 0."""
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    else:
        human()
    if code:
        raise typer.Exit(code)


def finding_line(found: Mapping[str, Any], *, word: str | None = None, place: str = "") -> str:
    """One finding, as its JSON has it, in columns: verdict (or `word` in its stead), citation, reason, `place`."""
    return f"{word or found['verdict']:<12} {found['citation']:<11} {found['because']}{place}"


def note(sentence: str) -> None:
    """A message or progress line, on standard error so that results stay clean."""
    print(sentence, file=sys.stderr, flush=True)


def table(rows: Sequence[Sequence[object]], heads: Sequence[str]) -> None:
    """Print rows as plain aligned columns, readable on any terminal and in any pipe."""
    cells = [[str(h) for h in heads], *[["" if c is None else str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    for n, row in enumerate(cells):
        print("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())
        if n == 0:
            print("  ".join("-" * w for w in widths))
