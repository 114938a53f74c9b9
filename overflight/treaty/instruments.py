"""Neighbouring instruments in time: steps, notices and what they lead to, lapses, contested ends; alliances."""

from __future__ import annotations

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

KINDS = frozenset(
    [
        "signature", "entry into force", "notice", "withdrawal", "suspension", "resumption", "extension", "expiry",
        "end", "step", "ratification withdrawn",
    ]
)  # fmt: skip
FILE = "instruments_steps.toml"


@dataclass(frozen=True)
class Step:
    """Something that one or more actors did to an instrument; `lapses` is its end unless extended, from then on."""

    instrument: str
    day: date
    actors: tuple[str, ...]
    kind: str
    text: str
    towards: str
    lapses: date | None
    source: str
    verified: str


@dataclass(frozen=True)
class Term:
    """How long before it takes effect an instrument asks notice of withdrawal."""

    instrument: str
    citation: str
    amount: int
    unit: str
    source: str
    verified: str

    def earliest(self, notice: date) -> date:
        """The first day on which a withdrawal of that notice can take effect; a month's missing day is its last."""
        if self.unit == "day":
            return date.fromordinal(notice.toordinal() + self.amount)
        year, month = divmod(notice.year * 12 + notice.month - 1 + self.amount, 12)
        for back in range(4):
            try:
                return date(year, month + 1, notice.day - back)
            except ValueError:
                continue
        raise AssertionError(notice)


@dataclass(frozen=True)
class View:
    """What some hold of an instrument where its end is contested."""

    instrument: str
    since: date
    held_by: tuple[str, ...]
    text: str
    source: str
    verified: str


@dataclass(frozen=True)
class Standing:
    """An instrument on a day: who is out, who has suspended it, whose notice runs until when, when it lapses."""

    out: tuple[str, ...]
    suspended_by: tuple[str, ...]
    notices: tuple[Mapping[str, Any], ...]
    lapses: date | None
    term: Term | None
    views: tuple[View, ...]
    steps: tuple[Step, ...]

    @property
    def contested(self) -> bool:
        """Whether more than one view of its end is held on the day."""
        return len(self.views) > 1

    def to_json(self) -> dict[str, Any]:
        """The standing as a JSON-able mapping."""
        return {
            "out": list(self.out),
            "suspended_by": list(self.suspended_by),
            "notices": [dict(n) for n in self.notices],
            "lapses": self.lapses.isoformat() if self.lapses else None,
            "term": asdict(self.term) if self.term else None,
            "contested": self.contested,
            "views": [
                {"since": v.since.isoformat(), "held_by": list(v.held_by), "is": v.text, "source": v.source,
                 "verified": v.verified}
                for v in self.views
            ],
            "steps": [
                {"date": s.day.isoformat(), "actors": list(s.actors), "kind": s.kind, "is": s.text,
                 "towards": s.towards, "source": s.source, "verified": s.verified}
                for s in self.steps
            ],
        }  # fmt: skip


def standing(instrument: str, day: date, *, folder: Path = OPEN_SKIES) -> Standing:
    """How an instrument stood on `day`; an unknown one stands with nothing known.

    A notice runs from its day until the day before it takes effect; a suspension until it is taken
    back, the Party leaves or the instrument ends.
    """
    steps, terms, views = _load(folder / FILE, changed(folder / FILE)) if (folder / FILE).exists() else ((), (), ())
    past = tuple(s for s in steps if s.instrument == instrument and s.day <= day)
    term = next((t for t in terms if t.instrument == instrument), None)
    out: set[str] = set()
    suspended: dict[str, str] = {}
    notices: dict[str, dict[str, Any]] = {}
    lapses: date | None = None
    for step in past:
        lapses = step.lapses or lapses
        for actor in step.actors:
            if step.kind == "notice":
                due = term.earliest(step.day) if term else None
                notices[actor] = {"by": actor, "given": step.day.isoformat(),
                                  "earliest_effect": due.isoformat() if due else None}  # fmt: skip
            elif step.kind == "withdrawal":
                out.add(actor)
                suspended.pop(actor, None)
                notices.pop(actor, None)
            elif step.kind == "suspension":
                suspended[actor] = f"{actor} towards {step.towards}" if step.towards else actor
            elif step.kind == "resumption":
                suspended.pop(actor, None)
        if step.kind in ("end", "expiry"):
            suspended, notices = {}, {}
    return Standing(
        out=tuple(sorted(out)),
        suspended_by=tuple(suspended[a] for a in sorted(suspended)),
        notices=tuple(notices[a] for a in sorted(notices)),
        lapses=lapses,
        term=term,
        views=tuple(v for v in views if v.instrument == instrument and v.since <= day),
        steps=past,
    )


@lru_cache(maxsize=8)
def _load(file: Path, _changed: int) -> tuple[tuple[Step, ...], tuple[Term, ...], tuple[View, ...]]:
    head = Fields(file, "the file", read_toml(file))
    defaults = {"verified": head.text("verified", "")}
    steps = tuple(_step(Fields(file, f"step row {n}", e, defaults)) for n, e in enumerate(head.rows("step"), 1))
    terms = tuple(_term(Fields(file, f"term row {n}", e, defaults)) for n, e in enumerate(head.rows("term"), 1))
    views = tuple(_view(Fields(file, f"view row {n}", e, defaults)) for n, e in enumerate(head.rows("view"), 1))
    head.done()
    return tuple(sorted(steps, key=lambda s: s.day)), terms, views


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _step(row: Fields) -> Step:
    found = Step(
        instrument=row.text("instrument"), day=row.day("date"), actors=_codes(row.text("actor")),
        kind=row.text("kind"), text=row.text("is"), towards=row.text("towards", ""), lapses=row.maybe_day("lapses"),
        source=row.source({}), verified=row.text("verified"),
    )  # fmt: skip
    if found.kind not in KINDS:
        wrong(row.file, row.where, say("kind is {found!r}, not one of {known}", found=found.kind,
                                       known=", ".join(sorted(KINDS))))  # fmt: skip
    row.done()
    return found


def _term(row: Fields) -> Term:
    found = Term(
        instrument=row.text("instrument"), citation=row.text("citation"), amount=int(row.number("amount")),
        unit=row.text("unit"), source=row.source({}), verified=row.text("verified"),
    )  # fmt: skip
    if found.unit not in ("day", "month"):
        wrong(row.file, row.where, say("unit is {found!r}, neither day nor month", found=found.unit))
    row.done()
    return found


def _view(row: Fields) -> View:
    found = View(
        instrument=row.text("instrument"), since=row.day("from"), held_by=_codes(row.text("held_by")),
        text=row.text("is"), source=row.source({}), verified=row.text("verified"),
    )  # fmt: skip
    row.done()
    return found


# Alliances and the European Union


@dataclass(frozen=True)
class Member:
    """One State's time in an alliance; `until` is the first day out."""

    of: str
    code: str
    since: date
    until: date | None
    source: str
    verified: str
    note: str

    def on(self, day: date) -> bool:
        """Whether the State is a member on `day`."""
        return self.since <= day and (self.until is None or day < self.until)


def alliances(*, folder: Path = OPEN_SKIES) -> Mapping[str, str]:
    """The alliances of the data: short name -> name."""
    file = folder / "alliances.toml"
    return _members(file, changed(file))[0] if file.exists() else {}


def members(alliance: str, day: date, *, folder: Path = OPEN_SKIES) -> tuple[Member, ...]:
    """The members of an alliance on a day, by code.

    Raises
    ------
    BadInput
        If the data hold no such alliance.
    """
    known = alliances(folder=folder)
    if alliance not in known:
        raise BadInput(
            say("{name!r} is no alliance of the data; there are {known}", name=alliance[:40], known=", ".join(known)),
            field="alliance",
        )
    rows = _members(folder / "alliances.toml", changed(folder / "alliances.toml"))[1]
    return tuple(sorted((m for m in rows if m.of == alliance and m.on(day)), key=lambda m: m.code))


@lru_cache(maxsize=8)
def _members(file: Path, _changed: int) -> tuple[Mapping[str, str], tuple[Member, ...]]:
    data = read_toml(file)
    head = Fields(file, "the file", data)
    head.seen.add("names")
    names: Mapping[str, str] = data.get("names", {})
    defaults = {"verified": head.text("verified", ""), "source": head.text("source", "")}
    out: list[Member] = []
    for n, entry in enumerate(head.rows("member"), 1):
        row = Fields(file, f"member row {n}", entry, defaults)
        found = Member(
            of=row.text("of"), code=row.text("code"), since=row.day("from"), until=row.maybe_day("until"),
            source=row.source({}), verified=row.text("verified"), note=row.text("note", ""),
        )  # fmt: skip
        row.done()
        if found.of not in names:
            wrong(file, row.where, say("{name} is not under [names]", name=found.of))
        if any(m.of == found.of and m.code == found.code and m.since < (found.until or date.max)
               and found.since < (m.until or date.max) for m in out):  # fmt: skip
            wrong(file, row.where, say("{code} is a member twice at the same time", code=found.code))
        out.append(found)
    head.done()
    return names, tuple(out)
