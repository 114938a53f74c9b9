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

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Never

from overflight.errors import BadData
from overflight.terms.words import say

LARGEST_FILE_BYTES = 4_000_000
MARKS = ("yes", "last known", "contradicted")

_ROW_KEYS = frozenset(
    "of by is from until source verified in_force last_known_from contradicted_from ended note variant".split()
)
_TABLE_KEYS = frozenset(
    "name title unit citation reading source sources verified in_force until value slot note".split()
)
_SLOT_KEYS = frozenset("of by from until source note".split())


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

    def end_of(self, row: Row, readings: Mapping[str, str]) -> date | None:
        """The first day on which `row` no longer holds, under the readings chosen."""
        if isinstance(row.until, str):
            return self.until_by_reading[row.until][readings[row.until]]
        return row.until


def wrong(file: Path, where: str, what: str) -> Never:
    """Say what is wrong in a data file, and where.

    Raises
    ------
    BadData
        Always.
    """
    raise BadData(say("{file}, {where}: {what}", file=file.name, where=where, what=what), field=where, file=file.name)


@lru_cache(maxsize=256)
def _read(path: str, _changed: int) -> dict[str, Any]:
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            wrong(file, "the file", say("larger than {n} bytes", n=LARGEST_FILE_BYTES))
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        wrong(file, "the file", say("is no TOML: {error}", error=error))
    except OSError as error:
        wrong(file, "the file", say("cannot be read: {error}", error=error.strerror))


def read_toml(file: Path) -> dict[str, Any]:
    """The whole file; read once until it changes on disk. Do not change what you get.

    Raises
    ------
    BadData
        If the file is missing, too large or no TOML.
    """
    try:
        changed = file.stat().st_mtime_ns
    except OSError:
        wrong(file, "the file", say("is missing from the regime's folder"))
    return _read(str(file), changed)


class Fields:
    """One row of a file, read key by key with checks; `done` complains of keys that nobody asked for."""

    def __init__(self, file: Path, where: str, row: Any, defaults: Mapping[str, Any] | None = None):
        if not isinstance(row, dict):
            wrong(file, where, say("is no table of keys"))
        self.file, self.where, self.row = file, where, row
        self.defaults = defaults or {}
        self.seen: set[str] = set()

    def _get(self, key: str) -> Any:
        self.seen.add(key)
        return self.row.get(key, self.defaults.get(key))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; needed unless a default is given."""
        found = self._get(key)
        if found is None:
            found = default
        if found is None:
            wrong(self.file, self.where, say("has no {key}", key=key))
        if not isinstance(found, str):
            wrong(self.file, self.where, say("{key} is no text: {found!r}", key=key, found=found))
        return found

    def maybe_text(self, key: str) -> str | None:
        """A text or None."""
        return self.text(key, "") or None

    def day(self, key: str) -> date:
        """A date; needed."""
        found = self.maybe_day(key)
        if found is None:
            wrong(self.file, self.where, say("has no {key}", key=key))
        return found

    def maybe_day(self, key: str) -> date | None:
        """A date or None."""
        found = self._get(key)
        if found is not None and (not isinstance(found, date) or isinstance(found, datetime)):
            wrong(self.file, self.where, say("{key} is no date: {found!r}", key=key, found=found))
        return found

    def maybe_number(self, key: str) -> float | None:
        """A finite number or None."""
        found = self._get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            wrong(self.file, self.where, say("{key} is no finite number: {found!r}", key=key, found=found))
        return found

    def number(self, key: str) -> float:
        """A finite number; needed."""
        found = self.maybe_number(key)
        if found is None:
            wrong(self.file, self.where, say("has no {key}", key=key))
        return found

    def maybe_flag(self, key: str) -> bool | None:
        """True, False or None."""
        found = self._get(key)
        if found is not None and not isinstance(found, bool):
            wrong(self.file, self.where, say("{key} is neither true nor false: {found!r}", key=key, found=found))
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty if absent."""
        found = self._get(key)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(x, str) for x in found):
            wrong(self.file, self.where, say("{key} is no list of texts", key=key))
        return tuple(found)

    def rows(self, key: str) -> list[Any]:
        """A list of inner tables, empty if absent."""
        found = self._get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            wrong(self.file, self.where, say("{key} is no list of tables", key=key))
        return found

    def source(self, sources: Mapping[str, str]) -> str:
        """The row's source, spelt out where the file lists it under a short name; needed."""
        found = self.text("source")
        if not found.strip():
            wrong(self.file, self.where, say("has no {key}", key="source"))
        return sources.get(found, found)

    def mark(self) -> str:
        """The mark `in_force`: yes, last known or contradicted; needed."""
        found = self.text("in_force")
        if found not in MARKS:
            wrong(
                self.file,
                self.where,
                say("in_force is {found!r}, not one of: yes, last known, contradicted", found=found),
            )
        return found

    def done(self) -> None:
        """Complain of keys that no reader asked for: a misspelt key is a lost fact."""
        unknown = sorted(set(self.row) - self.seen)
        if unknown:
            wrong(self.file, self.where, say("has an unknown key: {keys}", keys=", ".join(unknown)))


def sources_of(file: Path, data: Mapping[str, Any]) -> Mapping[str, str]:
    """The short names of sources that a file lists under ``[sources]``."""
    found = data.get("sources", {})
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        wrong(file, "[sources]", say("is no list of texts"))
    return found


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
    unknown = sorted(set(data) - _TABLE_KEYS)
    if unknown:
        wrong(file, f"[{name}]", say("has an unknown key: {keys}", keys=", ".join(unknown)))
    citation = head.text("citation")
    defaults = {key: data.get(key, outer.get(key)) for key in ("verified", "in_force", "source")}
    if data is not outer and defaults["source"] is not None and "source" not in data:
        defaults["source"] = f"{citation}, {defaults['source']}"
    until = data.get("until", {})
    if not isinstance(until, dict):
        wrong(file, f"[{name}]", say("{key} is no table of keys", key="until"))
    rows = tuple(_rows(file, name, head.rows("value"), defaults, sources, until))
    table = Table(
        name=name,
        title=head.text("title"),
        unit=head.text("unit", ""),
        citation=citation,
        reading=head.maybe_text("reading"),
        rows=rows,
        slots=tuple(_slots(file, name, head.rows("slot"))),
        until_by_reading=until,
    )
    _no_overlap(file, table)
    return table


def _rows(
    file: Path,
    name: str,
    raw: Sequence[Any],
    defaults: Mapping[str, Any],
    sources: Mapping[str, str],
    until: Mapping[str, Any],
) -> Iterator[Row]:
    for n, entry in enumerate(raw, 1):
        where = f"{name} row {n}"
        row = Fields(file, where, entry, defaults)
        unknown = sorted(set(entry) - _ROW_KEYS)
        if unknown:
            wrong(file, where, say("has an unknown key: {keys}", keys=", ".join(unknown)))
        end = entry.get("until")
        if isinstance(end, str):
            if end not in until:
                wrong(file, where, say("until names the reading {name}, which [until] does not list", name=end))
        else:
            end = row.maybe_day("until")
        since = row.day("from")
        if isinstance(end, date) and end <= since:
            wrong(file, where, say("ends ({end}) before it begins ({since})", end=end, since=since))
        is_ = entry.get("is")
        yield Row(
            number=is_ if isinstance(is_, str) else row.number("is"),
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


def _slots(file: Path, name: str, raw: Sequence[Any]) -> Iterator[Slot]:
    for n, entry in enumerate(raw, 1):
        where = f"{name} slot {n}"
        row = Fields(file, where, entry)
        unknown = sorted(set(entry) - _SLOT_KEYS)
        if unknown:
            wrong(file, where, say("has an unknown key: {keys}", keys=", ".join(unknown)))
        row.text("source")
        yield Slot(
            row.maybe_text("of"), row.maybe_text("by"), row.maybe_day("from"), row.maybe_day("until"), row.text("note")
        )


def _no_overlap(file: Path, table: Table) -> None:
    seen: dict[tuple[str | None, str | None, str], list[tuple[int, date, date]]] = {}
    for n, row in enumerate(table.rows, 1):
        if isinstance(row.until, str):
            ends = table.until_by_reading[row.until].values()
            if not all(isinstance(d, date) for d in ends) or not ends:
                wrong(file, f"{table.name} row {n}", say("{key} is no date: {found!r}", key="until", found=row.until))
            end = max(ends)
        else:
            end = row.until or date.max
        for other, since, until in seen.setdefault((row.of, row.by, row.variant), []):
            if row.since < until and since < end:
                wrong(
                    file,
                    f"{table.name} row {n}",
                    say("holds at the same time as row {other}; give one a variant or an end", other=other),
                )
        seen[(row.of, row.by, row.variant)].append((n, row.since, end))


@lru_cache(maxsize=512)
def _tables(path: str, _changed: int) -> dict[str, Table]:
    file = Path(path)
    data = _read(path, _changed)
    if "name" in data:
        name = Fields(file, "the file", data).text("name")
        return {name: table_from(file, name, data, data)}
    out: dict[str, Table] = {}
    for name, inner in data.items():
        if isinstance(inner, dict) and name != "sources":
            out[name] = table_from(file, name, inner, data)
        elif name not in {"verified", "in_force", "source", "sources"}:
            wrong(file, name, say("has an unknown key: {keys}", keys=name))
    return out


def table_names(folder: Path) -> tuple[str, ...]:
    """Names of every table of the regime in `folder`, sorted."""
    single = (f.stem for f in folder.glob("*.toml") if f.stem not in OTHER_FILES)
    numbers = folder / "numbers.toml"
    many = load_numbers(numbers) if numbers.exists() else {}
    return tuple(sorted({*single, *many}))


OTHER_FILES = frozenset(
    "regime parties airfields numbers readings deadlines cases timeline instruments claims flights aircraft sensors".split()
)


def load_numbers(file: Path) -> Mapping[str, Table]:
    """The tables of a file that holds several."""
    if not file.exists():
        return {}
    return _tables(str(file), file.stat().st_mtime_ns)


def load_table(folder: Path, name: str) -> Table | None:
    """The table of that name, from its own file or from ``numbers.toml``; None if there is none.

    Raises
    ------
    BadData
        If its file is inconsistent.
    """
    if name.isidentifier() and name not in OTHER_FILES and (folder / f"{name}.toml").is_file():
        found = load_numbers(folder / f"{name}.toml")
        if name not in found:
            wrong(folder / f"{name}.toml", "name", say("is not the name of the file"))
        return found[name]
    return load_numbers(folder / "numbers.toml").get(name)
