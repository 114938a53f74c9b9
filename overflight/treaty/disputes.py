"""Disputes as data: facts, quotes, readings and what might be otherwise. The findings are not here."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from overflight.errors import BadInput
from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, wrong
from overflight.treaty.regime import OPEN_SKIES


@dataclass(frozen=True)
class Fact:
    """What happened, when, and how well that is known."""

    text: str
    when: str
    source: str
    verified: str

    def to_json(self) -> dict[str, Any]:
        """The fact as a JSON-able mapping."""
        return {"is": self.text, "when": self.when, "source": self.source, "verified": self.verified}


@dataclass(frozen=True)
class Quote:
    """What somebody said, in our words, with the speaker."""

    speaker: str
    when: str
    says: str
    source: str


@dataclass(frozen=True)
class View:
    """One reading of a dispute: named readings of the regime, and its view of the facts."""

    name: str
    title: str
    held_by: str
    readings: Mapping[str, str]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """Facts that might be otherwise, and the day if it is another."""

    title: str
    assume: Mapping[str, Any]
    day: date | None


@dataclass(frozen=True)
class Dispute:
    """One dossier."""

    name: str
    title: str
    question: str
    paragraphs: tuple[str, ...]
    day: date
    way_out: str
    assume: Mapping[str, Any]
    facts: tuple[Fact, ...]
    quotes: tuple[Quote, ...]
    views: tuple[View, ...]
    changes: tuple[Change, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Every public source of the facts and quotes, once."""
        told = [*(f.source for f in self.facts), *(q.source for q in self.quotes)]
        named = (s.strip() for source in told for s in source.split(" ; "))
        return tuple(dict.fromkeys(s for s in named if s.startswith("http")))

    def head(self) -> dict[str, Any]:
        """Everything but the findings, as a JSON-able mapping."""
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "paragraphs": list(self.paragraphs),
            "day": self.day.isoformat(),
            "way_out": self.way_out,
            "facts": [f.to_json() for f in self.facts],
            "quotes": [asdict(q) for q in self.quotes],
            "sources": list(self.sources),
        }


def disputes(*, folder: Path = OPEN_SKIES) -> tuple[Dispute, ...]:
    """Every dispute of a regime's data; none if it has no such file.

    Raises
    ------
    BadData
        If the file is inconsistent.
    """
    file = folder / "disputes.toml"
    return _load(file, changed(file)) if file.exists() else ()


def dispute(name: str, *, folder: Path = OPEN_SKIES) -> Dispute:
    """One dispute by name.

    Raises
    ------
    BadInput
        If there is none; the message gives the names.
    """
    known = {d.name: d for d in disputes(folder=folder)}
    found = known.get(name.strip().casefold())
    if found is None:
        near = difflib.get_close_matches(name.strip().casefold(), known, n=4, cutoff=0.4)
        near += [n for n in known if name.strip() and name.strip().casefold() in n and n not in near]
        raise BadInput(
            say("{name!r} is no dispute of the data; there are {known}", name=name[:60],
                known=", ".join(near or known)),
            field="NAME",
            near=near,
        )  # fmt: skip
    return found


@lru_cache(maxsize=8)
def _load(file: Path, _changed: int) -> tuple[Dispute, ...]:
    head = Fields(file, "the file", read_toml(file))
    out = tuple(_dispute(Fields(file, f"dispute row {n}", e)) for n, e in enumerate(head.rows("dispute"), 1))
    head.done()
    if len({d.name for d in out}) < len(out):
        wrong(file, "the file", say("has two disputes of one name"))
    return out


def _dispute(row: Fields) -> Dispute:
    def inner(key: str) -> list[Fields]:
        return [Fields(row.file, f"{row.where}, {key} {n}", e) for n, e in enumerate(row.rows(key), 1)]

    found = Dispute(
        name=row.text("name"),
        title=row.text("title"),
        question=row.text("question"),
        paragraphs=row.texts("paragraphs"),
        day=row.day("day"),
        way_out=row.text("way_out"),
        assume=_table(row, "assume"),
        facts=tuple(_fact(f) for f in inner("fact")),
        quotes=tuple(_quote(f) for f in inner("quote")),
        views=tuple(_view(f) for f in inner("reading")),
        changes=tuple(_change(f) for f in inner("change")),
    )
    row.done()
    if len(found.views) < 2:
        wrong(row.file, row.where, say("a dispute has at least two readings"))
    return found


def _table(row: Fields, key: str) -> Mapping[str, Any]:
    found = row.row.get(key, {})
    row.seen.add(key)
    if not isinstance(found, dict):
        wrong(row.file, row.where, say("{key} is no table of keys", key=key))
    return found


def _fact(row: Fields) -> Fact:
    found = Fact(row.text("is"), row.text("when"), row.text("source"), row.text("verified"))
    row.done()
    return found


def _quote(row: Fields) -> Quote:
    found = Quote(row.text("speaker"), row.text("when"), row.text("says"), row.text("source"))
    row.done()
    return found


def _view(row: Fields) -> View:
    found = View(
        row.text("name"), row.text("title"), row.text("held_by"), _table(row, "readings"), _table(row, "facts")
    )
    row.done()
    return found


def _change(row: Fields) -> Change:
    found = Change(row.text("title"), _table(row, "assume"), row.maybe_day("day"))
    row.done()
    return found
