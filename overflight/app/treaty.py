"""What the treaty says on a day, as rows that a command, a page or a program can show."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from overflight.app.caseciting import plain
from overflight.errors import BadInput, NoValueOnDate, UnknownOnDate
from overflight.rules.finding import RULES, Rule
from overflight.terms.citation import is_near, is_part
from overflight.terms.words import say
from overflight.treaty import events, paragraphs
from overflight.treaty import instruments as neighbours
from overflight.treaty.coverage import load_coverage
from overflight.treaty.members import load_states
from overflight.treaty.printed import FLAGGED_KM
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from overflight.terms.place import Airfield

QUOTAS = ("passive_quota", "active_quota")
PARAPHRASE = "summaries are paraphrases; the treaty text itself decides"


def code_of(text: str) -> str:
    """A Party's or group's code as people type it: ``rus`` is ``RUS``, ``blr;rus`` is ``BLR;RUS``."""
    cleaned = text.strip()
    return cleaned.upper() if all(len(part) == 3 for part in cleaned.split(";")) else cleaned


def parties(regime: Regime) -> list[dict[str, Any]]:
    """The Parties of the day: code, name, since, until, group, source, verified."""
    return [
        {
            "code": p.code,
            "name": p.name,
            "since": p.since.isoformat(),
            "until": p.until.isoformat() if p.until else None,
            "group": p.group,
            "source": p.source,
            "verified": p.verified,
        }
        for p in regime.parties()
    ]


def quotas(regime: Regime) -> list[dict[str, Any]]:
    """Passive quotas of the day, then active ones; `name` tells which, both marks on each row."""
    return [value.to_json() for name in QUOTAS for value in regime.values(name)]


def former(regime: Regime, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the data tell of codes in `rows` that are no State's there, such as that of a State dissolved since."""
    states = set(load_states(regime.folder).rows)
    codes = {code for row in rows for key in ("of", "by") if (code := row[key])}
    notes = {r.of: r.note for name in QUOTAS if name in regime.table_names() for r in regime.table(name).rows if r.note}
    return {code: notes[code] for code in sorted(codes) if code in notes and not set(code.split(";")) & states}


def values(regime: Regime, name: str, *, of: str | None = None, by: str | None = None) -> list[dict[str, Any]]:
    """The rows of a table on the day, only those of `of` and `by` where given.

    Where a named reading chooses between rows of the same thing, the chosen row comes with
    the rest in its `others`.

    Raises
    ------
    UnknownOnDate
        If there is no such table, or it does not know `of` or `by`; the message says what is near.
    NoValueOnDate
        If it holds no such value on the day.
    """
    of, by = (code_of(of) if of else None), (code_of(by) if by else None)
    found = [
        v
        for v in regime.values(name)
        if (of is None or v.of in (of, regime.quota_holder(of)))
        and (by is None or v.by in (by, regime.quota_holder(by)))
    ]
    if not found:
        try:
            return [regime.value(name, of=of, by=by).to_json()]
        except UnknownOnDate as error:
            if not _knows(regime, name, of, by):
                raise
            raise NoValueOnDate(error.message, citation=error.citation, field=error.field, **error.facts) from None
    if regime.table(name).reading and of:
        return [regime.value(name, of=found[0].of, by=found[0].by).to_json()]
    return [v.to_json() for v in found]


def _knows(regime: Regime, name: str, of: str | None, by: str | None) -> bool:
    """Whether a table's rows of any day, or the States of the data, have these names."""
    rows = regime.table(name).rows
    known = {r.of for r in rows} | {r.by for r in rows} | set(load_states(regime.folder).rows) | {None}
    return {of, by} <= known | {regime.quota_holder(code) for code in known if code}


def names(regime: Regime) -> list[dict[str, Any]]:
    """Every name that `values` knows, with title, unit and paragraph."""
    tables = (regime.table(name) for name in regime.table_names())
    return [{"name": t.name, "title": t.title, "unit": t.unit, "citation": t.citation} for t in tables]


def airfields(regime: Regime, *, party: str | None = None, role: str | None = None) -> list[dict[str, Any]]:
    """Airfields of the day with coordinates, roles and maximum flight distance; `value` is null where none is known.

    `printed_km` is how far the coordinates printed in Annex E lie from those in use, and
    `printed_differs` is true above 5 km: the printed ones are then misprints.

    Raises
    ------
    UnknownParty
        If `party` is no Party on the day.
    """
    found = regime.airfields(code_of(party) if party else None, role)
    if role and not found and not regime.airfields(role=role):
        known = sorted({r for a in regime.airfields() for r in a.roles})
        raise BadInput(
            say("no airfield has the role {role!r}; roles are {known}", role=role, known=", ".join(known)),
            field="--role",
        )
    return [_airfield(regime, a) for a in found]


def _airfield(regime: Regime, field: Airfield) -> dict[str, Any]:
    rows = regime.airfield_rows(field.icao)
    printed = [r for r in rows if r.printed_km is not None]
    worst = max(printed, key=lambda r: r.printed_km or 0.0) if printed else None
    out: dict[str, Any] = {
        "icao": field.icao,
        "name": field.name,
        "party": field.party,
        "lat": field.lat_deg,
        "lon": field.lon_deg,
        "roles": sorted(field.roles),
        "inspection_possible": field.inspection_possible,
        "printed_coordinates": worst.printed if worst else field.treaty_coordinates,
        "printed_km": worst.printed_km if worst else None,
        "printed_differs": bool(worst and (worst.printed_km or 0.0) > FLAGGED_KM),
        "coordinates_from": regime.coordinates_source(field.icao),
        "listed": [
            {
                "role": r.role,
                "since": r.since.isoformat(),
                "source": r.source,
                "verified": r.verified,
                "in_force": r.mark_on(regime.day),
                "note": r.note,
            }
            for r in rows
        ],
    }
    try:
        out |= regime.max_flight_distance(field.icao).to_json()
    except UnknownOnDate as error:
        first = min(rows, key=lambda r: r.since)
        out |= {
            "name": field.name, "value": None, "unit": "km", "of": field.icao, "by": None,
            "since": first.since.isoformat(), "until": field.until.isoformat() if field.until else None,
            "source": first.source, "verified": first.verified, "in_force": first.mark_on(regime.day),
            "note": error.message, "others": [],
        }  # fmt: skip
    out["name"] = field.name
    out["table"] = "max_flight_distance"
    return out


@lru_cache(maxsize=1)
def all_rules() -> Mapping[str, tuple[Rule, ...]]:
    """Every registered rule by its paragraph: all modules of `overflight.rules`, and the checks over a whole plan."""
    import overflight.rules

    for module in pkgutil.walk_packages(overflight.rules.__path__, "overflight.rules."):
        importlib.import_module(module.name)
    return {citation: tuple(rules) for citation, rules in RULES.items()}


def show(regime: Regime, citation: str) -> dict[str, Any]:
    """A paragraph: paraphrase, rules, deadlines, worked cases, values, readings, notices, claims and sources.

    Raises
    ------
    UnknownCitation
        If the data hold no such paragraph.
    """
    citation = plain(citation)  # also in words: Article VI, Section II, paragraph 6
    rows = paragraphs.rows_of(regime.folder, citation)
    whole = paragraphs.find(regime.folder, citation)
    told = {whole.citation, *(c for row in rows for c in (row.citation, *row.covers))}

    def about(other: str) -> bool:
        return any(is_part(other, of=c) for c in told)

    def touches(other: str) -> bool:
        return any(is_near(other, c) for c in told)

    from overflight.app.notices import about as notices_about

    rules = [
        {"citation": r.citation, "name": r.name, "summary": r.summary, "module": r.module}
        for cited in sorted(all_rules(), key=paragraphs.rank)
        for r in all_rules()[cited]
        if about(cited)
    ]
    tables = [regime.table(n) for n in regime.table_names()]
    return {
        "citation": whole.citation,
        "summary": whole.summary,
        "summary_is": PARAPHRASE,
        "mode": whole.mode,
        "actor": whole.actor,
        "number": whole.number,
        "if_fails": whole.if_fails,
        "agreed_otherwise": whole.agreed_otherwise,
        "verified": whole.verified,
        "in_force": whole.mark_on(regime.day) if regime.parties() else "not in force",
        "paragraphs": [p.to_json() for p in rows],
        "rules": rules,
        "deadlines": [d.to_json() for d in regime.deadlines() if about(d.citation)],
        "cases": [c.to_json() for c in paragraphs.load_cases(regime.folder) if any(touches(x) for x in c.citations)],
        "values": [v.to_json() for t in tables if about(t.citation) and len(t.rows) < 9 for v in regime.values(t.name)],
        "tables": [t.name for t in tables if about(t.citation)],
        "readings": [r.to_json() for r in regime.all_readings() if touches(r.citation)],
        "notices": notices_about(regime, told),
        "claims": [c.to_json() for c in events.claims(folder=regime.folder) if any(about(x) for x in c.paragraphs)],
        "sources": list(dict.fromkeys(s for p in rows for s in p.source.split("; ") if s)),
        "carried": [
            {"citation": c.id, "by": c.by, "names": list(c.names), "why": c.why}
            for c in sorted(load_coverage(regime.folder), key=lambda c: paragraphs.rank(c.id))
            if c.table == "paragraph" and c.id.casefold() in {p.citation.casefold() for p in rows}
        ],
    }


def listed(regime: Regime, words: str | None = None) -> list[dict[str, Any]]:
    """Every paragraph in the order of the treaty, or those whose telling has all the words, in any case."""
    wanted = (words or "").casefold().split()
    return [
        {"citation": p.citation, "mode": p.mode, "actor": p.actor, "summary": p.summary, "if_fails": p.if_fails}
        for p in regime.paragraphs()
        for text in (" ".join((p.citation, p.mode, p.actor, p.trigger, p.summary, p.number, p.quota, p.if_fails, p.also,
                               p.term)).casefold(),)
        if all(word in text for word in wanted)
    ]  # fmt: skip


def timeline(
    regime: Regime, *, start: date | None = None, end: date | None = None, actor: str | None = None
) -> list[dict[str, Any]]:
    """Events with sources, oldest first; `start` and `end` are both included.

    Raises
    ------
    BadInput
        If `start` is after `end`, or the timeline knows no such actor.
    """
    if start and end and start > end:
        raise BadInput(say("--from {start} is after --to {end}", start=start, end=end), field="--from")
    found = events.timeline(start, end, actor, folder=regime.folder)
    if actor and not found and not events.timeline(actor=actor, folder=regime.folder):
        known = events.actors(folder=regime.folder)
        near = difflib.get_close_matches(actor, known, n=4, cutoff=0.4)
        raise BadInput(
            say(
                "the timeline names no actor {actor!r}; write a Party's code, or such as {near}",
                actor=actor[:60],
                near=", ".join(near or ("RUS", "OSCC")),
            ),
            field="--actor",
            near=near,
        )
    return [e.to_json() for e in found]


def instruments(regime: Regime) -> list[dict[str, Any]]:
    """Neighbouring instruments with their state on the day: id, status, since, and more.

    Each row also says who is out, who has suspended it, which notices run until when, when it lapses,
    and the views held where its end is contested.
    """
    return [
        i.to_json() | neighbours.standing(i.id, regime.day, folder=regime.folder).to_json()
        for i in events.instruments(regime.day, folder=regime.folder)
    ]


def claims(regime: Regime) -> list[dict[str, Any]]:
    """What two news reports of January 2021 say about the treaty, and whether it holds."""
    return [c.to_json() for c in events.claims(folder=regime.folder)]


def readings(regime: Regime) -> list[dict[str, Any]]:
    """Named readings with their choices and the one in force."""
    return [r.to_json() for r in regime.all_readings()]
