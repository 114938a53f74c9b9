"""Requests for the yearly round from a CSV file: who wishes to fly over whom, and how often (AnnL.II.1)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from overflight.app.treaty import code_of
from overflight.errors import BadFile, UnknownParty
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

LARGEST_BYTES: Final = 1_000_000
MOST_ROWS: Final = 5_000
LONGEST_CELL: Final = 200
COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "by": frozenset({"by", "observing", "party", "requester", "requesting"}),
    "over": frozenset({"over", "of", "observed", "to"}),
    "flights": frozenset({"flights", "requested", "number", "n", "quota"}),
    "with": frozenset({"with", "shared_with", "shared with", "together_with"}),
}
_COUNT = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True)
class Wish:
    """One row: the sides that ask together, the side asked for, flights, the line of the file.

    `named` are the Parties as the row names them: members of a group may each have a row.
    """

    observers: tuple[str, ...]
    over: str
    flights: int
    line: int
    named: tuple[str, ...] = ()


def read_wishes(source: Path | bytes, regime: Regime, *, name: str | None = None) -> tuple[Wish, ...]:
    """The rows of a file with a header ``by,over,flights`` and, for shared flights, ``with``.

    Codes are three letters, or a group's joined by ``;`` in quotes.  `observed`, `observing` and other usual
    names of the columns will do.

    Raises
    ------
    BadFile
        With the line, the column and what to do; nothing is guessed.
    """
    label = name or ("requests" if isinstance(source, bytes) else Path(source).name)
    text = _text(source, label)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        _bad(label, reader.line_num, say("is no CSV: {why}", why=error))
    if len(rows) < 2:
        _bad(label, 1, say("holds no request; write a header by,over,flights and one line a request"))
    if len(rows) - 1 > MOST_ROWS:
        _bad(label, rows[MOST_ROWS + 1][0], say("more than {n} requests", n=MOST_ROWS))
    columns = _columns(label, rows[0][0], rows[0][1])
    wishes = tuple(_wishes(label, columns, rows, regime))
    seen: dict[tuple[str, ...], int] = {}
    for wish in wishes:
        key = wish.named
        if key in seen:
            _bad(
                label,
                wish.line,
                say("{by} over {over} stands on line {n} already; write the sum once",
                    by=" + ".join(wish.observers), over=wish.over, n=seen[key]),
            )  # fmt: skip
        seen[key] = wish.line
    return wishes


def _bad(label: str, line: int, why: str, column: str = "") -> NoReturn:
    raise BadFile(
        say(
            "{file}, line {line}{column}: {why}", file=label, line=line, column=f", {column}" if column else "", why=why
        ),
        field=column or label,
        file=label,
        line=line,
    )


def _text(source: Path | bytes, label: str) -> str:
    try:
        if isinstance(source, bytes):
            raw = source
        elif not source.is_file():
            raise BadFile(say("{file}: no such file", file=label), field=label, file=label)
        elif source.stat().st_size > LARGEST_BYTES:
            raw = b"x" * (LARGEST_BYTES + 1)
        else:
            raw = source.read_bytes()
    except OSError as error:
        raise BadFile(say("{file}: {why}", file=label, why=error.strerror), field=label, file=label) from None
    if len(raw) > LARGEST_BYTES:
        raise BadFile(say("{file}: larger than {n} bytes", file=label, n=LARGEST_BYTES), field=label, file=label)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _bad(label, raw[: error.start].count(b"\n") + 1, say("is not UTF-8; save the file as UTF-8"))
    if "\0" in text:
        _bad(label, text[: text.index("\0")].count("\n") + 1, say("holds a zero byte; save the file as text"))
    return text


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t|", key=first.count)


def _columns(label: str, line: int, header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        known = next((column for column, names in COLUMNS.items() if cell.strip().casefold() in names), None)
        if known is None:
            _bad(label, line, say("is no column of requests; they are by, over, flights and with"), repr(cell[:40]))
        if known in found:
            _bad(label, line, say("stands twice in the header"), known)
        found[known] = place
    for needed in ("by", "over", "flights"):
        if needed not in found:
            _bad(label, line, say("is missing from the header; write by,over,flights"), needed)
    return found


def _wishes(
    label: str, columns: Mapping[str, int], rows: list[tuple[int, list[str]]], regime: Regime
) -> Iterator[Wish]:
    for line, cells in rows[1:]:
        if len(cells) != len(rows[0][1]):
            _bad(label, line, say("has {n} cells where the header has {m}", n=len(cells), m=len(rows[0][1])))
        if any(len(cell) > LONGEST_CELL for cell in cells):
            _bad(label, line, say("has a cell of more than {n} characters", n=LONGEST_CELL))
        row = {column: cells[place].strip() for column, place in columns.items()}
        if not _COUNT.fullmatch(row["flights"]) or int(row["flights"]) < 1:
            _bad(label, line, say("{found!r} is no whole number of flights from 1", found=row["flights"]), "flights")
        together = [row["by"], *re.split(r"[+/&\s]+", row["with"])] if row.get("with") else [row["by"]]
        observers = sorted(
            {_holder(label, line, "by" if k == 0 else "with", c, regime) for k, c in enumerate(together)}
        )
        if len(observers) < len(together):
            _bad(label, line, say("names the same side twice"), "with")
        over = _holder(label, line, "over", row["over"], regime)
        if over in observers:
            _bad(label, line, say("{code} does not fly over itself", code=over), "over")
        codes = (*sorted(code_of(c) for c in together), "over", code_of(row["over"]))
        yield Wish(tuple(observers), over, int(row["flights"]), line, codes)


def _holder(label: str, line: int, column: str, text: str, regime: Regime) -> str:
    """The holder of the quota: the group of a member, else the Party."""
    code = code_of(text)
    if regime.group_of(code) is not None:
        return regime.quota_holder(code)
    try:
        return regime.party(code).code
    except UnknownParty as error:
        _bad(label, line, error.message, column)
