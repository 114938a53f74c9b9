"""Paragraphs, clocks and worked situations of the treaty: paraphrases, never its wording.

Each Article or Annex is a file under ``paragraphs/`` that loads when one of its paragraphs is asked for.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from overflight.errors import UnknownCitation
from overflight.terms.citation import Citation, is_part
from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, wrong

_ARTICLES = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX"
_ROMAN = {article: n for n, article in enumerate(re.findall(r"\S+", _ARTICLES), 1)}


@dataclass(frozen=True)
class Paragraph:
    """One rule of the treaty in our own words; `covers` lists the paragraphs that one row tells together.

    `mode` is DEF, MUST, MUST NOT, MAY, SHOULD or EFFECT, empty where the row only states a fact.
    """

    citation: str
    mode: str
    actor: str
    summary: str
    number: str
    if_fails: str
    source: str
    verified: str
    term: str = ""
    trigger: str = ""
    quota: str = ""
    also: str = ""
    agreed_otherwise: bool = False
    covers: tuple[str, ...] = ()
    last_known_from: date | None = None

    def to_json(self) -> dict[str, Any]:
        """The paragraph as a JSON-able mapping."""
        since = self.last_known_from.isoformat() if self.last_known_from else None
        return {**asdict(self), "covers": list(self.covers), "last_known_from": since}

    def mark_on(self, day: date) -> str:
        """Whether the wording was in force on `day` as far as known: yes or last known."""
        return "last known" if self.last_known_from and day >= self.last_known_from else "yes"

    def matches(self, citation: str) -> bool:
        """Whether this row tells of `citation` or of a part of it."""
        return any(is_part(c, of=citation) for c in (self.citation, *self.covers))


@dataclass(frozen=True)
class Deadline:
    """One clock: the `event` is due `relation` (within, before, after) `amount` `unit` of the `trigger`.

    `amount` is None where the treaty sets no limit. `opens` tells the right that arises once the time has run out,
    where nobody owes the event.
    """

    id: str
    citation: str
    actor: str
    trigger: str
    relation: str
    amount: int | None
    unit: str
    event: str
    consequence: str
    verified: str
    source: str = ""
    opens: str = ""

    def to_json(self) -> dict[str, Any]:
        """The clock as a JSON-able mapping."""
        return asdict(self)


@dataclass(frozen=True)
class WorkedCase:
    """A situation with the answer that the paragraphs give."""

    id: str
    title: str
    situation: str
    expected: str
    citations: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The case as a JSON-able mapping."""
        return {**asdict(self), "citations": list(self.citations)}


def rank(citation: str) -> tuple[Any, ...]:
    """A sort key that puts citations in the order of the treaty: Articles, Annexes, decisions."""
    parts = citation.replace("#", ".").split(".")
    head = parts[0]
    if head in _ROMAN or head == "Preamble":
        first = (0, _ROMAN.get(head, 0), "")
    else:
        first = (1 if head.startswith("Ann") else 2, 0, head)
    return first, *((0, _ROMAN[p], "") if p in _ROMAN else _part(p) for p in parts[1:])


def _part(text: str) -> tuple[int, int, str]:
    digits = re.match(r"\d+", text)
    return (0, int(digits.group()), text) if digits else (1, 0, text)


def load_all(folder: Path) -> tuple[Paragraph, ...]:
    """Every paragraph of the regime in `folder`, in the order of the treaty. Raises BadData."""
    files = sorted((folder / "paragraphs").glob("*.toml"), key=lambda f: rank(f.stem))
    return tuple(p for file in files for p in _paragraphs(file, changed(file)))


def rows_of(folder: Path, citation: str) -> tuple[Paragraph, ...]:
    """The rows that tell of a paragraph: its own, those of its parts, else that of the paragraph that holds it.

    Raises
    ------
    UnknownCitation
        If the text is no citation, or the data hold no such paragraph; the message gives near ones.
    """
    wanted = _normal(citation, folder)
    file = folder / "paragraphs" / f"{wanted.split('.')[0]}.toml"
    here = _paragraphs(file, changed(file)) if file.is_file() else ()
    found = tuple(p for p in here if p.matches(wanted))
    if found:
        return found
    held = _holding(here, wanted)
    if held:
        return held
    raise _unknown(wanted, (p.citation for p in (here or load_all(folder))))


def _holding(here: Sequence[Paragraph], wanted: str) -> tuple[Paragraph, ...]:
    """The rows of the paragraph that tells a part in one sentence, such as (C) of VIII.I.4 or (1) of IX.II.6.B.

    A number that no row tells is no part of a Section: XIII.I.7 does not exist.
    """
    whole, _, part = wanted.rpartition(".")
    if not whole.count(".") or not re.fullmatch(r"[A-Za-z]|\d", part):
        return ()
    held = tuple(p for p in here if whole in (p.citation, *p.covers))
    if held:
        return held
    if part.isalpha():
        return tuple(p for p in here if p.matches(whole)) or _holding(here, whole)
    return _holding(here, whole) if whole.rpartition(".")[2].isalpha() and len(whole.rpartition(".")[2]) == 1 else ()


def find(folder: Path, citation: str) -> Paragraph:
    """One paragraph; a paragraph told in several rows is put together from them.

    Raises
    ------
    UnknownCitation
        As `rows_of`.
    """
    wanted = _normal(citation, folder)
    rows = rows_of(folder, citation)
    exact = [p for p in rows if wanted.casefold() == p.citation.casefold()]
    if len(rows) == 1 or exact:
        return (exact or list(rows))[0]

    def joined(texts: Iterable[str]) -> str:
        return "; ".join(dict.fromkeys(t for t in texts if t))

    return Paragraph(
        citation=wanted, mode=joined(p.mode for p in rows), actor=joined(p.actor for p in rows),
        summary=joined(p.summary for p in rows), number=joined(p.number for p in rows),
        if_fails=joined(p.if_fails for p in rows), source=joined(p.source for p in rows),
        verified=joined(p.verified for p in rows), agreed_otherwise=any(p.agreed_otherwise for p in rows),
        covers=tuple(p.citation for p in rows), last_known_from=rows[0].last_known_from,
    )  # fmt: skip


def load_deadlines(folder: Path) -> tuple[Deadline, ...]:
    """Every clock of the regime in `folder`. Raises BadData."""
    file = folder / "deadlines.toml"
    return _deadlines(file, changed(file)) if file.exists() else ()


def deadline(folder: Path, id: str) -> Deadline:
    """One clock, by its id such as ``VI.II.6#4h``. Raises UnknownCitation with near ids."""
    known = {d.id: d for d in load_deadlines(folder)}
    if id not in known:
        raise _unknown(id, known)
    return known[id]


def load_cases(folder: Path) -> tuple[WorkedCase, ...]:
    """Every worked situation of the regime in `folder`. Raises BadData."""
    file = folder / "cases.toml"
    return _cases(file, changed(file)) if file.exists() else ()


def _normal(citation: str, folder: Path) -> str:
    text = citation.strip().replace(" ", "")
    if re.fullmatch(r"[a-z][a-z0-9-]{0,40}", text) and (folder / "paragraphs" / f"{text}.toml").is_file():
        return text  # a whole document of another regime, such as hurou
    annex = re.fullmatch(r"(?i)ann(?:ex)?\.?([a-l])(\..*)?", text)
    if annex:
        return Citation.parse(f"Ann{annex.group(1).upper()}{(annex.group(2) or '')}").text
    return Citation.parse(citation).text


def _unknown(wanted: str, known: Iterable[str]) -> UnknownCitation:
    near = difflib.get_close_matches(wanted, list(dict.fromkeys(known)), n=4, cutoff=0.4)
    sentence = say("{wanted} is no paragraph of the data", wanted=wanted[:60])
    if near:
        sentence += say("; near ones are {near}", near=", ".join(near))
    return UnknownCitation(sentence, citation=wanted[:60], near=near)


@lru_cache(maxsize=128)
def _paragraphs(file: Path, _changed: int) -> tuple[Paragraph, ...]:
    data = read_toml(file)
    head = Fields(file, "the file", data)
    head.text("title")
    defaults = {"source": head.text("source"), "verified": head.text("verified")}
    last_known = head.maybe_day("last_known_from")
    out: dict[str, Paragraph] = {}
    for n, entry in enumerate(head.rows("paragraph"), 1):
        row = Fields(file, f"paragraph row {n}", entry, defaults)
        found = Paragraph(
            citation=row.text("citation"), mode=row.text("mode", ""), actor=row.text("actor", ""),
            summary=row.text("summary"), number=row.text("number", ""), if_fails=row.text("if_fails", ""),
            source=row.text("source"), verified=row.text("verified"), term=row.text("term", ""),
            trigger=row.text("trigger", ""), quota=row.text("quota", ""), also=row.text("also", ""),
            agreed_otherwise=bool(row.maybe_flag("agreed_otherwise")), covers=row.texts("covers"),
            last_known_from=last_known,
        )  # fmt: skip
        row.done()
        if found.citation in out:
            wrong(file, row.where, say("{icao} stands twice", icao=found.citation))
        if found.citation.split(".")[0] != file.stem:
            wrong(file, row.where, say("{citation} belongs in another file", citation=found.citation))
        out[found.citation] = found
    head.done()
    return tuple(out.values())


@lru_cache(maxsize=16)
def _deadlines(file: Path, _changed: int) -> tuple[Deadline, ...]:
    head = Fields(file, "the file", read_toml(file))
    defaults = {"source": head.text("source"), "verified": head.text("verified")}
    out: dict[str, Deadline] = {}
    for n, entry in enumerate(head.rows("deadline"), 1):
        row = Fields(file, f"deadline row {n}", entry, defaults)
        amount = row.maybe_number("amount")
        found = Deadline(
            id=row.text("id"), citation=row.text("citation"), actor=row.text("actor", ""),
            trigger=row.text("trigger"), relation=row.text("relation"),
            amount=None if amount is None else int(amount), unit=row.text("unit"), event=row.text("event"),
            consequence=row.text("consequence", ""), verified=row.text("verified"), source=row.text("source"),
            opens=row.text("opens", ""),
        )  # fmt: skip
        row.done()
        if found.relation not in {"within", "before", "after"}:
            wrong(file, row.where, say("relation is {found!r}, not within, before or after", found=found.relation))
        if found.id in out:
            wrong(file, row.where, say("{icao} stands twice", icao=found.id))
        out[found.id] = found
    head.done()
    return tuple(out.values())


@lru_cache(maxsize=16)
def _cases(file: Path, _changed: int) -> tuple[WorkedCase, ...]:
    head = Fields(file, "the file", read_toml(file))
    head.text("source")
    head.text("verified")
    out: list[WorkedCase] = []
    for n, entry in enumerate(head.rows("case"), 1):
        row = Fields(file, f"case row {n}", entry)
        out.append(
            WorkedCase(
                row.text("id"), row.text("title"), row.text("situation"), row.text("expected"), row.texts("citations")
            )
        )
        row.done()
    head.done()
    return tuple(out)
