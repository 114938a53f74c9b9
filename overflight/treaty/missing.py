"""What to say when a regime holds no such value, airfield or table on a day: which, where, and what is near."""

from __future__ import annotations

import difflib
from datetime import date
from typing import TYPE_CHECKING

from overflight.errors import UnknownAirfield, UnknownOnDate
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.places import Places
    from overflight.treaty.regime import Regime
    from overflight.treaty.tables import Row, Table


def table(regime: Regime, name: str) -> UnknownOnDate:
    """No table has that name; the sentence gives near names."""
    near = difflib.get_close_matches(name, regime.table_names(), n=4, cutoff=0.5)
    return UnknownOnDate(
        say(
            "{regime} has no value named {name!r}; the nearest names are {near}",
            regime=regime.title,
            name=name,
            near=", ".join(near or regime.table_names()[:4]),
        ),
        field="NAME",
        near=near,
    )


def value(regime: Regime, table: Table, of: str | None, by: str | None) -> UnknownOnDate:
    """The table has no such value on the day; the sentence gives the nearest days, or what the table knows."""
    about = ", ".join(f"{key}={code}" for key, code in (("of", of), ("by", by)) if code)
    what = f"{table.name} {about}".strip()
    rows = [r for r in table.rows if _concerns(r, of, by)]
    near: list[str | None] = []
    spans = [(r.since, table.end_of(r, regime.readings)) for r in rows]
    if spans and not any(_off(span, regime.day) == 0 for span in spans):
        since, until = min(spans, key=lambda s: _off(s, regime.day))
        near = [since.isoformat(), until.isoformat() if until else None]
        sentence = say(
            "{what} ({citation}) has no value on {day}; the nearest holds from {since} to {until}",
            what=what,
            citation=table.citation,
            day=regime.day,
            since=since,
            until=until or say("today"),
        )
    else:
        if spans:
            sentence = say("{what} ({citation}) has several values", what=what, citation=table.citation)
        else:
            sentence = say("{what} ({citation}) has no value on any day", what=what, citation=table.citation)
        wanting_by = bool(of and not by and spans)
        known = sorted({code for r in (rows or table.rows) for code in (r.by if wanting_by else r.of,) if code})
        close = difflib.get_close_matches((of or by or "").upper(), known, n=3, cutoff=0.3)
        near = list(close)
        if known and wanting_by:
            sentence += say("; say by whom: {known}", known=", ".join(known[:8]))
        elif known and spans:
            sentence += say("; say of what: {known}", known=", ".join(known[:8]))
        elif known:
            sentence += say("; it knows {known}", known=", ".join(close or known[:8]))
    reason = _reason(regime, table, of)
    if reason:
        sentence += f" ({reason})"
    return UnknownOnDate(sentence, citation=table.citation, field=table.name, nearest=near)


def airfield(regime: Regime, places: Places, icao: str) -> UnknownAirfield:
    """No airfield has that code on the day; the sentence gives its other days, or near codes and names."""
    wanted = icao.strip()
    elsewhere = places.by_code.get(wanted)
    if elsewhere:
        return UnknownAirfield(
            say(
                "{icao} ({name}, {party}) is no airfield of {regime} on {day}: listed from {since} to {until}",
                icao=wanted,
                name=elsewhere.name,
                party=elsewhere.party,
                regime=regime.title,
                day=regime.day,
                since=elsewhere.since,
                until=elsewhere.until or say("today"),
            ),
            field="airfield",
        )
    here = {a.icao: a for a in regime.airfields()}
    names = {a.name.lower(): a.icao for a in here.values()} | {code.lower(): code for code in here}
    near = [names[n] for n in names if wanted and wanted.lower() in n]
    near += [names[n] for n in difflib.get_close_matches(wanted.lower(), names, n=3, cutoff=0.5)]
    near = list(dict.fromkeys(near))[:4]
    sentence = say(
        "{icao!r} is no airfield of {regime} on {day}; write its ICAO code",
        icao=icao[:40],
        regime=regime.title,
        day=regime.day,
    )
    if near:
        sentence += say(", such as {near}", near=", ".join(f"{code} ({here[code].name})" for code in near))
    return UnknownAirfield(sentence, field="airfield", near=near)


def _concerns(row: Row, of: str | None, by: str | None) -> bool:
    """Whether the row speaks of these Parties, alone or in a group that they were ever in; None asks for any."""
    return all(
        wanted is None or wanted == found or (found is not None and wanted in found.split(";"))
        for wanted, found in ((of, row.of), (by, row.by))
    )


def _reason(regime: Regime, table: Table, of: str | None) -> str:
    for slot in table.slots:
        here = (slot.since or date.min) <= regime.day < (slot.until or date.max)
        if here and slot.of in (None, of, of and regime.quota_holder(of)):
            return slot.note
    return ""


def _off(span: tuple[date, date | None], day: date) -> int:
    since, until = span
    if day < since:
        return (since - day).days
    return (day - until).days + 1 if until and day >= until else 0
