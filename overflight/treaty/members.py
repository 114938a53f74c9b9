"""Who is a Party on a day: memberships, groups and names of each State, from ``parties.toml``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from overflight.errors import UnknownParty
from overflight.terms.party import Group, Party
from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, sources_of, wrong


@dataclass(frozen=True)
class Membership:
    """One State's time as a Party, or its signature alone (`since` is None)."""

    code: str
    name: str
    names: tuple[tuple[date, str], ...]  # first day of each name, oldest first
    how: str  # "ratification", "accession", "continuation", "signed only"
    signed: date | None
    deposited: date | None
    since: date | None
    notice: date | None
    until: date | None
    ended: str
    source: str
    verified: str
    note: str

    def on(self, day: date) -> bool:
        """Whether the treaty is in force for the State on `day` by this row."""
        return self.since is not None and self.since <= day and (self.until is None or day < self.until)

    def name_on(self, day: date) -> str:
        """The State's name as it was on `day`."""
        known = [name for since, name in self.names if since <= day]
        return known[-1] if known else (self.names[0][1] if self.names else self.name)


@dataclass(frozen=True)
class State:
    """A State of the data with all its memberships, oldest first."""

    code: str
    memberships: tuple[Membership, ...]


@dataclass(frozen=True)
class States:
    """Every State and group of a regime."""

    rows: dict[str, tuple[Membership, ...]]
    groups: tuple[Group, ...]

    def parties_on(self, day: date) -> Iterator[Party]:
        """The Parties on `day`, by code."""
        for code in sorted(self.rows):
            for row in self.rows[code]:
                if row.on(day):
                    yield self._party(row, day)

    def _party(self, row: Membership, day: date) -> Party:
        assert row.since is not None  # noqa: S101 - `on` said so
        group = next((g.code for g in self.groups if row.code in g.members and g.on(day)), None)
        return Party(
            code=row.code, name=row.name_on(day), since=row.since, until=row.until, group=group,
            source=row.source, verified=row.verified,
        )  # fmt: skip

    def state(self, code: str) -> State:
        """The State of that code, Party or not.

        Raises
        ------
        UnknownParty
            If the data hold none; the message gives near codes and names.
        """
        if code in self.rows:
            return State(code, self.rows[code])
        names = {c: rows[-1].name for c, rows in self.rows.items()}
        wanted = code.strip().lower()
        near = [c for c, name in names.items() if wanted and (c.lower() == wanted or wanted in name.lower())]
        if len(wanted) > 2:
            near += difflib.get_close_matches(wanted.upper(), names, n=2, cutoff=0.6)
            close = difflib.get_close_matches(wanted, [n.lower() for n in names.values()], n=2, cutoff=0.6)
            near += [c for c, name in names.items() if name.lower() in close]
        near = list(dict.fromkeys(near))[:4]
        sentence = say("{code!r} is no State of this regime's data; write its three-letter code", code=code)
        if near:
            sentence += say(", such as {near}", near=", ".join(f"{c} ({names[c]})" for c in near))
        raise UnknownParty(sentence, field="party", near=near)

    def party_on(self, code: str, day: date) -> Party:
        """The Party of that code on `day`.

        Raises
        ------
        UnknownParty
            If it is no State of the data, or no Party on the day; the message says since when or until when it was.
        """
        state = self.state(code)
        for row in state.memberships:
            if row.on(day):
                return self._party(row, day)
        last = state.memberships[-1]
        times = [r for r in state.memberships if r.since]
        if not times:
            told = say("it signed on {day} and has not ratified", day=last.signed)
        else:
            told = "; ".join(
                say("Party from {since} until {until}", since=r.since, until=r.until or say("today")) for r in times
            )
        raise UnknownParty(
            say("{name} ({code}) is no Party on {day}: {told}", name=last.name_on(day), code=code, day=day, told=told),
            citation=last.ended or "XVII",
            field="party",
        )


def load_states(folder: Path) -> States:
    """States and groups of the regime in `folder`.

    Raises
    ------
    BadData
        If the file is inconsistent: an unknown key, no source, times that overlap, a group of unknown States.
    """
    file = folder / "parties.toml"
    return _load(file, changed(file))


@lru_cache(maxsize=16)
def _load(file: Path, _changed: int) -> States:
    data = read_toml(file)
    head = Fields(file, "the file", data)
    sources = sources_of(file, data)
    defaults = {key: data.get(key) for key in ("verified", "in_force", "source")}
    head.seen.update({"title", "sources", "source", "verified", "in_force"})
    found: dict[str, list[Membership]] = {}
    for n, entry in enumerate(head.rows("party"), 1):
        row = _membership(Fields(file, f"party row {n}", entry, defaults), sources)
        for other in found.setdefault(row.code, []):
            if (row.since or date.min) < (other.until or date.max) and (other.since or date.min) < (
                row.until or date.max
            ):
                wrong(file, f"party row {n}", say("{code} is a Party twice at the same time", code=row.code))
        found[row.code].append(row)
    groups = tuple(
        _group(Fields(file, f"group row {n}", entry, defaults), sources, found)
        for n, entry in enumerate(head.rows("group"), 1)
    )
    head.done()
    return States({c: tuple(sorted(rows, key=lambda r: r.since or date.min)) for c, rows in found.items()}, groups)


def _membership(row: Fields, sources: Any) -> Membership:
    names: list[tuple[date, str]] = []
    for n, entry in enumerate(row.rows("names"), 1):
        name = Fields(row.file, f"{row.where}, name {n}", entry)
        names.append((name.day("from"), name.text("name")))
        name.done()
    out = Membership(
        code=row.text("code"), name=row.text("name"), names=tuple(sorted(names)), how=row.text("how"),
        signed=row.maybe_day("signed"), deposited=row.maybe_day("deposited"), since=row.maybe_day("from"),
        notice=row.maybe_day("notice"), until=row.maybe_day("until"), ended=row.text("ended", ""),
        source=row.source(sources), verified=row.text("verified"), note=row.text("note", ""),
    )  # fmt: skip
    row.done()
    if out.since and out.until and out.until <= out.since:
        wrong(row.file, row.where, say("ends ({end}) before it begins ({since})", end=out.until, since=out.since))
    return out


def _group(row: Fields, sources: Any, states: dict[str, list[Membership]]) -> Group:
    out = Group(
        code=row.text("code"), name=row.text("name"), members=row.texts("members"), since=row.day("from"),
        until=row.maybe_day("until"), source=row.source(sources),
    )  # fmt: skip
    row.text("verified")
    row.text("note", "")
    row.done()
    for member in out.members:
        if member not in states:
            wrong(row.file, row.where, say("{code} is no State of this file", code=member))
    return out
