"""What the Treaty page and its interface show: Parties, quotas, airfields, paragraphs, readings, events."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import asdict
from datetime import date
from typing import Any

from overflight import rules as package
from overflight.errors import UnknownOnDate
from overflight.rules.finding import RULES, Rule
from overflight.terms.words import say
from overflight.treaty import events, members
from overflight.treaty.regime import Regime
from overflight.treaty.values import Value

QUOTA_TABLES = ("passive_quota", "active_quota")


def party_rows(regime: Regime) -> list[dict[str, Any]]:
    """The Parties of the day: code, name, since, until, group, source, verified."""
    return [
        {**asdict(p), "since": p.since.isoformat(), "until": p.until.isoformat() if p.until else None}
        for p in regime.parties()
    ]


def memberships(regime: Regime) -> list[dict[str, Any]]:
    """Each State's times as a Party on every day: code, name, since, until (exclusive, or null)."""
    return [
        {
            "code": row.code,
            "name": row.name,
            "since": row.since.isoformat() if row.since else None,
            "until": row.until.isoformat() if row.until else None,
            "source": row.source,
            "verified": row.verified,
        }
        for rows in members.load_states(regime.folder).rows.values()
        for row in rows
    ]


def quota_values(regime: Regime) -> list[Value]:
    """Passive and active quotas of the day, largest passive first."""
    found = [value for name in QUOTA_TABLES for value in regime.values(name)]
    return sorted(found, key=lambda v: (v.name != "passive_quota", -float(v.value), v.of or "", v.by or ""))


def quota_matrix(regime: Regime) -> list[dict[str, Any]]:
    """One row a quota holder of the day: its passive quota, and the individual active quotas over it."""
    active: dict[str, list[Value]] = {}
    for value in regime.values("active_quota"):
        active.setdefault(value.of or "", []).append(value)
    rows = [
        {"of": v.of, "passive": v, "active": sorted(active.get(v.of or "", ()), key=lambda a: -float(a.value))}
        for v in quota_values(regime)
        if v.name == "passive_quota" and v.of
    ]
    return rows


def airfield_rows(regime: Regime, party: str | None = None) -> list[dict[str, Any]]:
    """The airfields of the day: place, roles, maximum flight distance with both its marks."""
    out = []
    for field in regime.airfields(party.upper() if party else None):
        try:
            distance = regime.max_flight_distance(field.icao).to_json()
        except UnknownOnDate:
            distance = None
        out.append(
            {
                **asdict(field),
                "roles": sorted(field.roles),
                "since": field.since.isoformat(),
                "until": field.until.isoformat() if field.until else None,
                "max_flight_distance": distance,
            }
        )
    return out


def reading_rows(regime: Regime) -> list[dict[str, Any]]:
    """Named readings with the choice in force."""
    return [reading.to_json() for reading in regime.all_readings()]


def slider(regime: Regime) -> dict[str, Any]:
    """First, last and this day as days since 1970, and the latest changes of the list of Parties."""
    rows = [row for row in memberships(regime) if row["since"]]
    words: dict[str, list[str]] = {}
    for row in rows:
        words.setdefault(row["since"], []).append(say("{state} joins", state=row["name"]))
        if row["until"]:
            words.setdefault(row["until"], []).append(say("{state} is out", state=row["name"]))
    changes = [
        {"day": day, "words": told[0] if len(told) == 1 else say("{n} States", n=len(told))}
        for day, told in sorted(words.items())
    ]
    first = date.fromisoformat(changes[0]["day"]) if changes else regime.day
    last = date.fromisoformat(changes[-1]["day"]) if changes else regime.day
    return {
        "first_day": _since_1970(min(first, regime.day)) - 30,
        "last_day": _since_1970(max(last, regime.day)) + 30,
        "this_day": _since_1970(regime.day),
        "changes": changes,
        "recent": changes[-4:],
    }


def search(regime: Regime, words: str, most: int = 30) -> list[dict[str, Any]]:
    """Paragraphs whose number begins with, or whose paraphrase holds, all of `words`."""
    wanted = words.casefold().replace(" ", "")
    by_number = [p for p in regime.paragraphs() if wanted and p.citation.casefold().startswith(wanted)]
    parts = words.casefold().split()
    by_words = [
        p
        for p in regime.paragraphs()
        if parts and p not in by_number and all(w in f"{p.summary} {p.actor}".casefold() for w in parts)
    ]
    found = [*by_number, *by_words] if words.strip() else list(regime.paragraphs())
    return [p.to_json() for p in found[:most]]


def paragraph(regime: Regime, citation: str) -> dict[str, Any]:
    """One paragraph: paraphrase, what Overflight applies of it, its clocks, cases, named readings and sources.

    Raises
    ------
    UnknownCitation
        If the data hold no such paragraph.
    """
    from overflight.treaty.paragraphs import load_cases

    found = regime.paragraph(citation)
    names = {found.citation, *found.covers}

    def tells(other: str) -> bool:
        return any(other == name or other.startswith(name + ".") for name in names)

    return {
        **found.to_json(),
        "rules": [{"name": r.name, "summary": r.summary, "citation": r.citation} for r in rules() if tells(r.citation)],
        "deadlines": [d.to_json() for d in regime.deadlines() if tells(d.citation)],
        "cases": [c.to_json() for c in load_cases(regime.folder) if any(tells(x) for x in c.citations)],
        "readings": [r.to_json() for r in regime.all_readings() if any(tells(x) for x in r.citation.split(";"))],
        "sources": [found.source] if found.source else [],
    }


def rules() -> list[Rule]:
    """Every rule that is registered, whichever module holds it."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return [rule for found in RULES.values() for rule in found]


def timeline(regime: Regime, *, until: date | None = None, actor: str | None = None) -> list[dict[str, Any]]:
    """Events with their sources, newest first."""
    return [e.to_json() for e in reversed(events.timeline(None, until, actor, folder=regime.folder))]


def instruments(regime: Regime) -> list[dict[str, Any]]:
    """Neighbouring instruments as they stood on the day."""
    return [i.to_json() for i in events.instruments(regime.day, folder=regime.folder)]


def day_context(regime: Regime) -> dict[str, Any]:
    """What a map with a day slider needs."""
    return {
        "day": regime.day,
        "parties": party_rows(regime),
        "memberships": memberships(regime),
        "slider": slider(regime),
    }


def page(regime: Regime) -> dict[str, Any]:
    """All that the Treaty page shows of a day."""
    return {
        **day_context(regime),
        "quotas": quota_matrix(regime),
        "airfields": airfield_rows(regime),
        "readings": reading_rows(regime),
        "events": timeline(regime, until=regime.day)[:8],
        "instruments": instruments(regime),
    }


def _since_1970(day: date) -> int:
    return (day - date(1970, 1, 1)).days
