"""What happened and what was said: timeline, neighbouring instruments, published claims, counts of flights."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, wrong
from overflight.treaty.regime import OPEN_SKIES


@dataclass(frozen=True)
class Event:
    """One event; `when` is a day, a month or a year as far as the source goes, from `first` to `last`."""

    when: str
    first: date
    last: date
    actor: str
    parties: tuple[str, ...]
    kind: str
    event: str
    sources: tuple[str, ...]
    reports: tuple[str, ...]
    verified: str
    note: str

    def to_json(self) -> dict[str, Any]:
        """The contract's row: date, actor, event, sources, and more."""
        return {
            "date": self.when,
            "actor": self.actor,
            "parties": list(self.parties),
            "kind": self.kind,
            "event": self.event,
            "sources": list(self.sources),
            "reports": list(self.reports),
            "verified": self.verified,
            "note": self.note,
        }


@dataclass(frozen=True)
class Instrument:
    """A neighbouring instrument as it stood on a day."""

    id: str
    name: str
    status: str
    since: date | None
    kind: str
    parties: str
    signed: str
    entered: str
    changes: str
    notice_rule: str
    quota_rule: str
    sources: tuple[str, ...]
    verified: str
    note: str
    status_note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The contract's row: id, status, since, and more."""
        return {
            **asdict(self),
            "since": self.since.isoformat() if self.since else None,
            "sources": list(self.sources),
        }


@dataclass(frozen=True)
class Claim:
    """What a published report says about the treaty, and whether it holds."""

    id: str
    reports: tuple[str, ...]
    claim: str
    kind: str
    verdict: str
    paragraphs: tuple[str, ...]
    note: str

    def to_json(self) -> dict[str, Any]:
        """The claim as a JSON-able mapping."""
        return {**asdict(self), "reports": list(self.reports), "paragraphs": list(self.paragraphs)}


CLAIM_VERDICTS = ("holds", "simplified", "disputed", "differs", "statement", "not borne out")


def timeline(
    start: date | None = None, end: date | None = None, actor: str | None = None, *, folder: Path = OPEN_SKIES
) -> tuple[Event, ...]:
    """Events that touch the days from `start` to `end` (both included), oldest first.

    `actor` is a Party's code or part of an actor's name; an event dated only by month or
    year is in when any of its days is.
    """
    wanted = (actor or "").strip().casefold()
    return tuple(
        e
        for e in _all_events(folder)
        if (start is None or e.last >= start)
        and (end is None or e.first <= end)
        and (not wanted or wanted in e.actor.casefold() or wanted.upper() in e.parties)
    )


def actors(*, folder: Path = OPEN_SKIES) -> tuple[str, ...]:
    """Every actor that the timeline names, sorted."""
    return tuple(sorted({e.actor for e in _all_events(folder)}))


def instruments(day: date, *, folder: Path = OPEN_SKIES) -> tuple[Instrument, ...]:
    """Each neighbouring instrument with its state on `day`; `since` is when that state began.

    Before an instrument was signed its status is ``not yet signed`` and `since` None.
    """
    file = folder / "instruments.toml"
    rows = _instruments(file, changed(file)) if file.exists() else ()
    return tuple(_standing(row, states, day) for row, states in rows)


def claims(*, folder: Path = OPEN_SKIES) -> tuple[Claim, ...]:
    """What two news reports of January 2021 say about the treaty, each with a verdict."""
    file = folder / "claims.toml"
    return _claims(file, changed(file)) if file.exists() else ()


def flights(*, folder: Path = OPEN_SKIES) -> tuple[dict[str, str], ...]:
    """Flights and counts of flights as sources report them; every field is a text."""
    file = folder / "flights.toml"
    return _flights(file, changed(file)) if file.exists() else ()


def _all_events(folder: Path) -> tuple[Event, ...]:
    file = folder / "timeline.toml"
    return _events(file, changed(file)) if file.exists() else ()


def _span(row: Fields) -> tuple[date, date]:
    text = row.text("date")
    try:
        parts = [int(p) for p in text.split("-")]
        year, month = parts[0], parts[1] if len(parts) > 1 else None
        if len(parts) == 3:
            return date(*parts), date(*parts)
        if month:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except (ValueError, TypeError, IndexError):
        wrong(row.file, row.where, say("{key} is no date: {found!r}", key="date", found=text))


@lru_cache(maxsize=16)
def _events(file: Path, _changed: int) -> tuple[Event, ...]:
    out: list[Event] = []
    for row in _entries(file, "event"):
        first, last = _span(row)
        row.text("precision", "")
        sources = row.texts("sources")
        if not sources:
            wrong(file, row.where, say("has no {key}", key="sources"))
        out.append(
            Event(
                when=row.text("date"), first=first, last=last, actor=row.text("actor"),
                parties=row.texts("parties"), kind=row.text("kind"), event=row.text("event"), sources=sources,
                reports=row.texts("reports"), verified=row.text("verified"), note=row.text("note", ""),
            )
        )  # fmt: skip
    return tuple(sorted(out, key=lambda e: (e.first, e.last)))


@lru_cache(maxsize=16)
def _instruments(file: Path, _changed: int) -> tuple[tuple[Instrument, tuple[tuple[date, str, str], ...]], ...]:
    out = []
    for row in _entries(file, "instrument"):
        states = []
        for n, entry in enumerate(row.rows("status"), 1):
            state = Fields(file, f"{row.where}, status {n}", entry)
            states.append((state.day("from"), state.text("is"), state.text("note", "")))
            state.done()
        found = Instrument(
            id=row.text("id"), name=row.text("name"), status="", since=None, kind=row.text("kind"),
            parties=row.text("parties", ""), signed=row.text("signed", ""), entered=row.text("entered", ""),
            changes=row.text("changes", ""), notice_rule=row.text("notice_rule", ""),
            quota_rule=row.text("quota_rule", ""), sources=row.texts("sources"), verified=row.text("verified"),
            note=row.text("note", ""),
        )  # fmt: skip
        out.append((found, tuple(sorted(states))))
    return tuple(out)


def _standing(row: Instrument, states: Iterable[tuple[date, str, str]], day: date) -> Instrument:
    past = [s for s in states if s[0] <= day]
    if not past:
        return replace(row, status="not yet signed")
    since, status, note = past[-1]
    return replace(row, status=status, since=since, status_note=note)


@lru_cache(maxsize=16)
def _claims(file: Path, _changed: int) -> tuple[Claim, ...]:
    out = []
    for row in _entries(file, "claim"):
        found = Claim(
            id=row.text("id"), reports=row.texts("reports"), claim=row.text("claim"), kind=row.text("kind"),
            verdict=row.text("verdict"), paragraphs=row.texts("paragraphs"), note=row.text("note", ""),
        )  # fmt: skip
        if found.verdict not in CLAIM_VERDICTS:
            wrong(
                file,
                row.where,
                say("verdict is {found!r}, not one of {known}", found=found.verdict, known=", ".join(CLAIM_VERDICTS)),
            )
        out.append(found)
    return tuple(out)


@lru_cache(maxsize=16)
def _flights(file: Path, _changed: int) -> tuple[dict[str, str], ...]:
    out = []
    for row in _entries(file, "flight"):
        found = {key: row.text(key) for key in row.row}
        row.text("source")
        row.text("verified")
        out.append(found)
    return tuple(out)


def _entries(file: Path, kind: str) -> Iterable[Fields]:
    head = Fields(file, "the file", read_toml(file))
    for n, entry in enumerate(head.rows(kind), 1):
        row = Fields(file, f"{kind} row {n}", entry)
        yield row
        row.done()
    head.done()
