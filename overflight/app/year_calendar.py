"""The calendar of a year's flights from a file of plans and from the flights that a node knows (Annex H)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from overflight.app.flight_holdings import Holdings, regime_of
from overflight.app.treaty import code_of
from overflight.errors import BadDate, BadFile, CannotAnswer, UnknownParty
from overflight.flight.facts import gather
from overflight.flight.quarters import Planned, first_day, ics, quarter_of, year_calendar
from overflight.sharing.record import EXERCISE_WORDS
from overflight.terms.moment import parse_moment
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.treaty.regime import Regime

LARGEST_BYTES: Final = 1_000_000
ROUND: Final = "AnnH.1"  # the paragraph that opens the yearly round
MOST_ROWS: Final = 5_000
COLUMNS: Final = ("by", "over", "with", "quarter", "flights", "eta", "name")


def calendar(
    here: Regime, year: int, *, plans: Path | bytes | None = None, node: Node | None = None, at: datetime
) -> dict[str, Any]:
    """Flights of a year by quarter, dates of the round, windows and clashes, and all of it as iCalendar.

    Parameters
    ----------
    here : Regime
        Whose readings and data are used, each day as of itself.
    plans : path or bytes, optional
        CSV with header ``by,over`` and ``quarter,flights`` or ``eta``, and ``with`` and ``name`` if need be.
    node : Node, optional
        Its flights of the year stand beside those of the file.

    Returns
    -------
    dict
        ``year, complies, quarters, dates, flights, findings, calendar``.

    Raises
    ------
    BadFile
        With the line and the column, if the file is no such CSV.
    CannotAnswer
        If the regime knows no yearly round.
    """
    if not any(d.citation == ROUND for d in here.deadlines()):
        raise CannotAnswer(say("{regime} has no yearly round of flights", regime=here.title), field="--regime")
    regime_on = regime_of(node) if node is not None else _same_readings(here)
    planned = [] if plans is None else list(read_plans(plans, year, regime_on(first_day(year))))
    if node is not None:
        planned += _known(node, year, at)
    found = year_calendar(planned, year, regime_on)
    marking = EXERCISE_WORDS if node is not None and node.exercise else ""
    return {**found.to_json(), "calendar": ics(found, at=at, marking=marking)}


def _same_readings(here: Regime) -> Any:
    def on(day: date) -> Regime:
        return type(here).on(day, readings=dict(here.readings), folder=here.folder)

    return on


def _known(node: Node, year: int, at: datetime) -> Iterator[Planned]:
    """The flights that the node knows and that were neither stopped nor of another year."""
    held = Holdings(node)
    for number in held.numbers:
        facts = gather(held.messages(number), at, regime_of(node), viewer=node.party)
        if facts is None or facts.stopped is not None or facts.eta.year != year:
            continue
        eta = facts.eta
        yield Planned(facts.observing_parties, facts.observed, quarter_of(eta), eta=eta, name=number)


def read_plans(source: Path | bytes, year: int, regime: Regime) -> Iterator[Planned]:
    """The planned flights of a file.

    Raises
    ------
    BadFile
        With the line, the column and what to do; nothing is guessed.
    """
    label = "plans" if isinstance(source, bytes) else source.name
    try:
        raw = source if isinstance(source, bytes) else _bytes_of(source)
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        _bad(label, 1, say("is not UTF-8; save the file as UTF-8"))
    except OSError as error:
        _bad(label, 1, say("cannot be read: {why}", why=error.strerror or ""))
    if len(raw) > LARGEST_BYTES:
        _bad(label, 1, say("larger than {n} bytes", n=LARGEST_BYTES))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        _bad(label, reader.line_num, say("is no CSV: {why}", why=error))
    if not rows:
        _bad(label, 1, say("holds no plan; write a header by,over,quarter,flights"))
    if len(rows) - 1 > MOST_ROWS:
        _bad(label, rows[MOST_ROWS + 1][0], say("more than {n} plans", n=MOST_ROWS))
    header = [cell.strip().casefold() for cell in rows[0][1]]
    strange = [name for name in header if name not in COLUMNS or header.count(name) > 1]
    if strange or not {"by", "over"} <= set(header):
        _bad(label, rows[0][0], say("the columns are by, over, with, quarter, flights, eta and name"))
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            _bad(label, line, say("has {n} cells where the header has {m}", n=len(cells), m=len(header)))
        row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        yield _plan(label, line, row, year, regime)


def _bytes_of(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(LARGEST_BYTES + 1)


def _plan(label: str, line: int, row: Mapping[str, str], year: int, regime: Regime) -> Planned:
    others = [cell for cell in re.split(r"[+/&\s]+", row.get("with", "")) if cell]
    by = [_party(label, line, "by" if n == 0 else "with", code, regime) for n, code in enumerate([row["by"], *others])]
    over = _party(label, line, "over", row["over"], regime)
    if len(set(by)) < len(by) or regime.quota_holder(over) in {regime.quota_holder(code) for code in by}:
        _bad(label, line, say("{code} does not fly over itself, nor twice", code=over), "with")
    dated, quarter, number = row.get("eta", ""), row.get("quarter", ""), row.get("flights", "")
    if bool(dated) == bool(quarter):
        _bad(label, line, say("give a quarter or an eta, one of the two"), "quarter")
    if dated:
        try:
            eta = parse_moment(dated)
        except BadDate as error:
            _bad(label, line, error.message, "eta")
        if eta.year != year:
            _bad(label, line, say("{eta} does not lie in {year}", eta=dated, year=year), "eta")
        if number not in ("", "1"):
            _bad(label, line, say("a flight with an eta is one flight"), "flights")
        return Planned(tuple(by), over, quarter_of(eta), eta=eta, name=row.get("name", "")[:60])
    if quarter not in ("1", "2", "3", "4"):
        _bad(label, line, say("{found!r} is no quarter from 1 to 4", found=quarter[:20]), "quarter")
    if not re.fullmatch(r"[0-9]{1,3}", number) or int(number) < 1:
        _bad(label, line, say("{found!r} is no whole number of flights from 1", found=number[:20]), "flights")
    return Planned(tuple(by), over, int(quarter), int(number))


def _party(label: str, line: int, column: str, text: str, regime: Regime) -> str:
    code = code_of(text)
    holder = regime.quota_holder(code.split(";")[0])
    if ";" in code and code != holder:
        _bad(label, line, say("{code} is no group on {day}", code=code, day=regime.day), column)
    try:
        return regime.party(code.split(";")[0]).code
    except UnknownParty as error:
        _bad(label, line, error.message, column)


def _bad(label: str, line: int, why: str, column: str = "") -> NoReturn:
    place = f", {column}" if column else ""
    raise BadFile(
        say("{file}, line {line}{column}: {why}", file=label, line=line, column=place, why=why),
        field=column or label,
        file=label,
        line=line,
    )
