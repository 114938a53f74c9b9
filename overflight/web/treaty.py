"""What the Treaty page shows of a day, put together from the use cases of `overflight.app.treaty`."""

from __future__ import annotations

from datetime import date
from typing import Any

from overflight.app import treaty as use
from overflight.terms.words import say
from overflight.treaty import members
from overflight.treaty.regime import Regime
from overflight.treaty.values import Value

MOST_EVENTS = 10


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


def quota_matrix(regime: Regime) -> list[dict[str, Any]]:
    """One row a quota holder of the day, largest first: its passive quota, and the active quotas over it."""
    active: dict[str, list[Value]] = {}
    for value in regime.values("active_quota"):
        active.setdefault(value.of or "", []).append(value)
    return [
        {"of": v.of, "passive": v, "active": sorted(active.get(v.of or "", ()), key=lambda a: -float(a.value))}
        for v in sorted(regime.values("passive_quota"), key=lambda v: (-float(v.value), v.of or ""))
        if v.of
    ]


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
    """Paragraphs whose number begins with `words`, then those whose paraphrase holds all of them."""
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


def day_context(regime: Regime) -> dict[str, Any]:
    """What a map with a day slider needs."""
    return {
        "day": regime.day,
        "parties": use.parties(regime),
        "memberships": memberships(regime),
        "slider": slider(regime),
    }


def page(regime: Regime) -> dict[str, Any]:
    """All that the Treaty page shows of a day."""
    return {
        **day_context(regime),
        "quotas": quota_matrix(regime),
        "airfields": use.airfields(regime),
        "readings": use.readings(regime),
        "events": use.timeline(regime, end=regime.day)[: -MOST_EVENTS - 1 : -1],
        "instruments": use.instruments(regime),
    }


def _since_1970(day: date) -> int:
    return (day - date(1970, 1, 1)).days
