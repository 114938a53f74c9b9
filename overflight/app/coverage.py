"""What of the treaty is decided: every row with what carries it, and the law cases that try it."""

from __future__ import annotations

import contextlib
import importlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import overflight
from overflight.app.casefile import LawCase, read_cases
from overflight.app.treaty import all_rules
from overflight.errors import CannotAnswer, OverflightError
from overflight.rules.finding import Rule
from overflight.terms.citation import is_part
from overflight.terms.words import say
from overflight.treaty import paragraphs
from overflight.treaty.coverage import WAYS, Covered, load_coverage
from overflight.treaty.regime import OPEN_SKIES, Regime

MOST_FOR_PEOPLE = 0.4  # the share of rows that may be left to people

# Where the law cases of the treaty lie: in the wheel beside its data, in the source tree among the tests.
_PLACES = (OPEN_SKIES / "law-cases", Path(overflight.__file__).parent.parent / "tests" / "cases")


@dataclass(frozen=True)
class Row:
    """One row of the treaty's tables: what carries it, its rules, and how many law cases try them."""

    table: str
    id: str
    by: str
    rules: tuple[str, ...]
    names: tuple[str, ...]
    cases: int
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """The row as a JSON-able mapping."""
        out: dict[str, Any] = {"table": self.table, "id": self.id, "by": self.by, "cases": self.cases}
        if self.rules or self.names:
            out["names"] = list(self.rules or self.names)
        if self.why:
            out["why"] = self.why
        return out


def case_files() -> tuple[Path, ...]:
    """The law cases that come with the treaty; empty where this copy has none."""
    for place in _PLACES:
        found = tuple(sorted(place.glob("*.yaml"))) if place.is_dir() else ()
        if found:
            return found
    return ()


@lru_cache(maxsize=1)
def _all_cases() -> tuple[LawCase, ...]:
    return tuple(case for file in case_files() for case in read_cases(file))


def cases_on(paragraph: str) -> list[dict[str, Any]]:
    """The law cases that come with the treaty and ask about a paragraph or a part of it, for `treaty show`."""
    asked = f"{paragraph}.".casefold()
    return [
        {
            "id": case.id,
            "title": case.title,
            "situation": case.situation,
            "question": case.question.paragraph,
            "expected": str(case.question.expected),
            "citations": list(case.question.citations),
            "file": case.file,
        }
        for case in _all_cases()
        if f"{case.question.paragraph.partition('#')[0]}.".casefold().startswith(asked)
    ]


def coverage(regime: Regime, files: Sequence[Path] | None = None) -> dict[str, Any]:
    """The contract's paragraphs, with_rule, with_case, for_people and missing, and every row.

    `missing` has one sentence for each row that nothing carries, each rule without a case, and
    each citation that does not exist; it is empty when all is well.

    Raises
    ------
    BadFile
        If a file of law cases cannot be read.
    CannotAnswer
        If the regime has no table of coverage: nothing then says which rules are to carry which paragraph.
    """
    if not load_coverage(regime.folder):
        raise CannotAnswer(
            say("{regime} has no table of coverage (coverage.toml); its paragraphs are told by overflight treaty show",
                regime=regime.title),
            field="--regime",
        )  # fmt: skip
    found = [case for file in (case_files() if files is None else files) for case in read_cases(file)]
    tried, by_clock = _tried(found)
    rules = {r.name: r for rs in all_rules().values() for r in rs}
    rows = [_row(c, regime, rules, tried, by_clock) for c in load_coverage(regime.folder)]
    people = sum(r.by == "people" for r in rows)
    missing = [
        *_not_there(regime),
        *_nothing_behind(regime, rows, rules),
        *(say("{name} ({citation}) has no law case", name=r.name, citation=r.citation)
          for r in rules.values() if not tried[r.name]),
        *(say("{id}: no law case", id=r.id) for r in rows if r.by in ("rule", "deadline") and not r.cases),
        *_citations(regime, rules.values(), found),
    ]  # fmt: skip
    if people > MOST_FOR_PEOPLE * max(1, len(rows)):
        missing.append(say("{n} of {all} rows are for people", n=people, all=len(rows)))
    count = Counter(r.by for r in rows)
    return {
        "paragraphs": len(rows),
        "with_rule": sum(bool(r.rules) or r.by == "deadline" for r in rows),
        "with_case": sum(r.cases > 0 for r in rows),
        "for_people": people,
        "missing": list(dict.fromkeys(missing)),
        "carried": {way: count[way] for way in WAYS},
        "tables": {t: dict(Counter(r.by for r in rows if r.table == t)) for t in sorted({r.table for r in rows})},
        "rules": len(rules),
        "cases": len(found),
        "rows": [r.to_json() for r in rows],
    }


def _tried(found: Iterable[LawCase]) -> tuple[Counter[str], Counter[str]]:
    """How many law cases each rule answered, and each clock."""
    from overflight.app import cases as law_cases

    rules: Counter[str] = Counter()
    clocks: Counter[str] = Counter()
    for case in found:
        answer = law_cases.decide(case)
        rules.update(set(answer.asked))
        clocks.update(str(row["id"]) for row in answer.finding.data if "trigger" in row and "id" in row)
    return rules, clocks


def _row(c: Covered, regime: Regime, rules: Mapping[str, Rule], tried: Counter[str], by_clock: Counter[str]) -> Row:
    if c.by == "deadline":
        return Row(c.table, c.id, c.by, c.names, c.names, by_clock[c.id] + sum(tried[n] for n in c.names))
    if c.by != "rule":
        return Row(c.table, c.id, c.by, (), c.names, 0, c.why)
    names = c.names or tuple(r.name for r in _own_rules(c.id, regime))
    return Row(c.table, c.id, c.by, names, c.names, sum(tried[n] for n in names))


def _own_rules(id: str, regime: Regime) -> tuple[Rule, ...]:
    """The rules of a paragraph, of what its row covers, and of their parts."""
    told = {id}
    with contextlib.suppress(OverflightError):
        told |= {*paragraphs.find(regime.folder, id).covers}
    return tuple(r for c, rs in all_rules().items() for r in rs if any(is_part(c, of=t) for t in told))


def _not_there(regime: Regime) -> Iterable[str]:
    """Rows of the data that the table of coverage does not name, and the other way round."""
    named = {(c.table, c.id) for c in load_coverage(regime.folder)}
    known = {("paragraph", p.citation) for p in regime.paragraphs()} | {("deadline", d.id) for d in regime.deadlines()}
    for table, id in sorted(known - named):
        yield say("{table} {id} is not in the table of coverage", table=table, id=id)
    for table, id in sorted(n for n in named - known if n[0] in ("paragraph", "deadline")):
        yield say("{table} {id} is no row of the data", table=table, id=id)


def _nothing_behind(regime: Regime, rows: Iterable[Row], rules: Mapping[str, Rule]) -> Iterable[str]:
    values = set(regime.table_names())
    for r in rows:
        if r.by == "rule" and not r.rules:
            yield say("{id} has no rule", id=r.id)
        for name in r.names:
            if r.by in ("rule", "deadline") and name not in rules:
                yield say("{id}: no rule is called {name}", id=r.id, name=name)
            if r.by == "value" and name not in values:
                yield say("{id}: no value is called {name}", id=r.id, name=name)
            if r.by == "definition" and not _is_there(name):
                yield say("{id}: there is no {name}", id=r.id, name=name)


def _is_there(name: str) -> bool:
    module, _, part = name.partition(":")
    try:
        return hasattr(importlib.import_module(module), part)
    except ImportError:
        return False


def _citations(regime: Regime, rules: Iterable[Rule], found: Iterable[LawCase]) -> Iterable[str]:
    cited = {(r.name, r.citation) for r in rules}
    cited |= {(case.id, c.partition("#")[0]) for case in found for c in case.question.citations}
    for name, citation in sorted(cited):
        try:
            regime.paragraph(citation)
        except OverflightError as error:
            yield say("{name}: {why}", name=name, why=error.message)
