"""Read and check the data files of a regime: dated rows, each with a source and two marks.

A regime is a folder of TOML files.  A table is a list of dated rows::

    name     = "passive_quota"
    title    = "Individual passive quota"
    unit     = "flights/year"
    citation = "AnnA.I.1"
    verified = "yes"            # default of the rows: a source was read
    in_force = "yes"            # default of the rows: it held on that day

    [[value]]
    of       = "USA"
    is       = 42
    from     = 2002-01-01
    until    = 2020-11-22       # exclusive: the first day on which it no longer held
    source   = "AnnA.I.1"

Anything that a file gets wrong raises `BadData` with the file and the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, sources_of, wrong

OTHER_FILES = frozenset(
    [
        "regime", "parties", "airfields", "numbers", "readings", "deadlines", "cases", "ledger",
        "timeline", "instruments", "claims", "flights", "aircraft", "sensors",
        "coverage", "costs", "disputes", "notices", "alliances",
        "notices", "alliances", "disputes", "instruments_steps",
    ]
)  # fmt: skip
WHOLE_UNITS = frozenset(["flights/year", "flight"])
_FILE_KEYS = frozenset(["verified", "in_force", "source", "sources"])


@dataclass(frozen=True)
class Row:
    """One dated value. `until` is exclusive, or the name of a reading whose choice gives the day."""

    number: float | int | str
    of: str | None
    by: str | None
    since: date
    until: date | str | None
    source: str
    verified: str
    in_force: str
    last_known_from: date | None
    contradicted_from: date | None
    ended: str
    note: str
    variant: str

    def mark_on(self, day: date) -> str:
        """Whether the row was in force on `day`: yes, last known or contradicted."""
        if self.contradicted_from and day >= self.contradicted_from:
            return "contradicted"
        if self.last_known_from and day >= self.last_known_from:
            return "last known"
        return self.in_force


@dataclass(frozen=True)
class Slot:
    """A gap that nobody could fill from a source: kept open, with the reason."""

    of: str | None
    by: str | None
    since: date | None
    until: date | None
    note: str


@dataclass(frozen=True)
class Whole:
    """A time in which the rows are all that there are: what no row names is none, not unknown."""

    since: date
    until: date | str | None
    source: str
    note: str


@dataclass(frozen=True)
class Table:
    """All rows of one name; `reading` chooses between rows that hold at the same time."""

    name: str
    title: str
    unit: str
    citation: str
    reading: str | None
    rows: tuple[Row, ...]
    slots: tuple[Slot, ...]
    until_by_reading: Mapping[str, Mapping[str, date]]
    complete: tuple[Whole, ...] = ()

    def end_of(self, row: Row | Whole, readings: Mapping[str, str]) -> date | None:
        """The first day on which `row` no longer holds, under the readings chosen."""
        if isinstance(row.until, str):
            return self.until_by_reading[row.until][readings[row.until]]
        return row.until


def table_from(file: Path, name: str, data: Mapping[str, Any], outer: Mapping[str, Any]) -> Table:
    """One table out of a file; `outer` holds the file's own defaults.

    Raises
    ------
    BadData
        On an unknown key, a missing source, a bad date or number, or rows of the same
        `of`, `by` and `variant` whose times overlap.
    """
    sources = {**sources_of(file, outer), **sources_of(file, data)}
    head = Fields(file, f"[{name}]", data)
    head.seen.update({"name", "note", "until", *_FILE_KEYS})
    citation = head.text("citation")
    defaults = {key: data.get(key, outer.get(key)) for key in ("verified", "in_force", "source")}
    if data is not outer and "source" in outer and "source" not in data:
        defaults["source"] = f"{citation}, {outer['source']}"
    until = _ends(file, name, data.get("until", {}))
    table = Table(
        name=name,
        title=head.text("title"),
        unit=head.text("unit", ""),
        citation=citation,
        reading=head.maybe_text("reading"),
        rows=tuple(_rows(file, name, head.rows("value"), defaults, sources, until, head.text("unit", ""))),
        slots=tuple(_slots(file, name, head.rows("slot"))),
        until_by_reading=until,
        complete=tuple(_complete(file, name, head.rows("complete"), sources, until)),
    )
    head.done()
    _no_overlap(file, table)
    return table


def _ends(file: Path, name: str, raw: Any) -> Mapping[str, Mapping[str, date]]:
    """``[until.READING]``: the first day on which rows no longer hold, by choice of a reading."""
    if not isinstance(raw, dict) or not all(isinstance(days, dict) and days for days in raw.values()):
        wrong(file, f"[{name}]", say("{key} is no table of keys", key="until"))
    for reading, days in raw.items():
        row = Fields(file, f"[until.{reading}]", days)
        for choice in days:
            row.day(choice)
    return raw


def _rows(
    file: Path,
    name: str,
    raw: Sequence[Any],
    defaults: Mapping[str, Any],
    sources: Mapping[str, str],
    until: Mapping[str, Any],
    unit: str,
) -> Iterator[Row]:
    for n, entry in enumerate(raw, 1):
        row = Fields(file, f"{name} row {n}", entry, defaults)
        since, end = row.day("from"), _end(row, until)
        if isinstance(end, date) and end <= since:
            wrong(file, row.where, say("ends ({end}) before it begins ({since})", end=end, since=since))
        yield Row(
            number=_number(row, unit),
            of=row.maybe_text("of"),
            by=row.maybe_text("by"),
            since=since,
            until=end,
            source=row.source(sources),
            verified=row.text("verified"),
            in_force=row.mark(),
            last_known_from=row.maybe_day("last_known_from"),
            contradicted_from=row.maybe_day("contradicted_from"),
            ended=row.text("ended", ""),
            note=row.text("note", ""),
            variant=row.text("variant", ""),
        )
        row.done()


def _number(row: Fields, unit: str) -> float | int | str:
    """What a row gives: a word where the table has no unit, else a number not below 0; of flights, a whole one."""
    if isinstance(row.row.get("is"), str) and not unit:
        return row.text("is")
    found = row.number("is")
    if unit and found < 0:
        wrong(row.file, row.where, say("is = {found} {unit} is below 0", found=found, unit=unit))
    if unit in WHOLE_UNITS and not float(found).is_integer():
        wrong(row.file, row.where, say("is = {found} {unit} is no whole number", found=found, unit=unit))
    return found


def _end(row: Fields, until: Mapping[str, Any]) -> date | str | None:
    if not isinstance(row.row.get("until"), str):
        return row.maybe_day("until")
    name = row.text("until")
    if name not in until:
        wrong(row.file, row.where, say("until names the reading {name}, which [until] does not list", name=name))
    return name


def _complete(
    file: Path, name: str, raw: Sequence[Any], sources: Mapping[str, str], until: Mapping[str, Any]
) -> Iterator[Whole]:
    for n, entry in enumerate(raw, 1):
        row = Fields(file, f"{name} complete {n}", entry)
        since, end = row.day("from"), _end(row, until)
        if isinstance(end, date) and end <= since:
            wrong(file, row.where, say("ends ({end}) before it begins ({since})", end=end, since=since))
        yield Whole(since, end, row.source(sources), row.text("note", ""))
        row.done()


def _slots(file: Path, name: str, raw: Sequence[Any]) -> Iterator[Slot]:
    for n, entry in enumerate(raw, 1):
        row = Fields(file, f"{name} slot {n}", entry)
        row.text("source")
        yield Slot(
            row.maybe_text("of"), row.maybe_text("by"), row.maybe_day("from"), row.maybe_day("until"), row.text("note")
        )
        row.done()


def _no_overlap(file: Path, table: Table) -> None:
    spans: dict[tuple[str, str, str], list[tuple[date, date, int]]] = {}
    for n, row in enumerate(table.rows, 1):
        end = max(table.until_by_reading[row.until].values()) if isinstance(row.until, str) else row.until
        spans.setdefault((row.of or "", row.by or "", row.variant), []).append((row.since, end or date.max, n))
    for same in spans.values():
        same.sort()
        for (_, end, first), (since, _, second) in pairwise(same):
            if since < end:
                a, b = sorted((first, second))
                wrong(
                    file,
                    f"{table.name} row {b}",
                    say("holds at the same time as row {other}; give one a variant or an end", other=a),
                )


@lru_cache(maxsize=512)
def _tables(file: Path, _changed: int) -> dict[str, Table]:
    data = read_toml(file)
    if "name" in data:
        name = Fields(file, "the file", data).text("name")
        return {name: table_from(file, name, data, data)}
    out: dict[str, Table] = {}
    for name, inner in data.items():
        if name in _FILE_KEYS:
            continue
        if not isinstance(inner, dict):
            wrong(file, name, say("has an unknown key: {keys}", keys=name))
        out[name] = table_from(file, name, inner, data)
    return out


def tables_in(file: Path) -> Mapping[str, Table]:
    """The tables of one file, by name; none if there is no such file.

    Raises
    ------
    BadData
        If the file is inconsistent.
    """
    return _tables(file, changed(file)) if file.exists() else {}


def table_names(folder: Path) -> tuple[str, ...]:
    """Names of every table of the regime in `folder`, sorted."""
    single = (f.stem for f in folder.glob("*.toml") if f.stem not in OTHER_FILES)
    return tuple(sorted({*single, *tables_in(folder / "numbers.toml")}))


def load_table(folder: Path, name: str) -> Table | None:
    """The table of that name, from its own file or from ``numbers.toml``; None if there is none.

    Raises
    ------
    BadData
        If its file is inconsistent.
    """
    own = folder / f"{name}.toml"
    if name.isidentifier() and name not in OTHER_FILES and own.is_file():
        found = tables_in(own)
        if name not in found:
            wrong(own, "name", say("is not the name of the file"))
        return found[name]
    return tables_in(folder / "numbers.toml").get(name)
