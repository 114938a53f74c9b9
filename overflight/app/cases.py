"""Law cases: facts and a question in, the treaty's answer out, beside the answer that was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from overflight.app import casefacts, casemessages, casereading, caserules
from overflight.app.caseciting import plain
from overflight.app.casefile import LATE, LawCase, read_cases
from overflight.app.casesense import check_facts, check_sides
from overflight.app.caseusual import latest_day
from overflight.errors import BadFile, OverflightError
from overflight.flight.lifecycle import FlightState, state
from overflight.planning.validate import check_plan
from overflight.rules.finding import WORST_FIRST, Finding, Rule, Verdict, right, undetermined
from overflight.terms.citation import Citation, is_near, is_part
from overflight.terms.moment import parse_moment, readable
from overflight.terms.words import say
from overflight.treaty import paragraphs
from overflight.treaty.regime import OPEN_SKIES, Regime


@dataclass(frozen=True)
class Answer:
    """What was found for one case, and whether it is what was expected; `wrong` says in which points it is not."""

    case: LawCase
    finding: Finding
    wrong: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # the rules that answered

    @property
    def ok(self) -> bool:
        """Whether everything that the case expects was found."""
        return not self.wrong

    def to_json(self) -> dict[str, Any]:
        """The contract's id, expected, found, citation and ok, with the reasons."""
        question = self.case.question
        out: dict[str, Any] = {
            "id": self.case.id,
            "file": self.case.file,
            "question": question.paragraph,
            "expected": str(question.expected),
            "found": str(self.finding.verdict),
            "citation": self.finding.citation,
            "ok": self.ok,
            "because": self.finding.because,
            "rules": list(self.asked),
        }
        if self.wrong:
            out["wrong"] = list(self.wrong)
        return out


def files_in(places: Sequence[Path]) -> tuple[Path, ...]:
    """The files named, and for a folder every ``*.yaml`` below it, sorted.

    Raises
    ------
    BadFile
        If a folder holds none.
    """
    out: list[Path] = []
    for place in places:
        found = sorted(place.rglob("*.yaml")) if place.is_dir() else [place]
        if not found:
            raise BadFile(say("{file}: holds no *.yaml, below it neither", file=place), field="FILE", file=str(place))
        out += found
    return tuple(dict.fromkeys(out))


def run(files: Sequence[Path]) -> dict[str, Any]:
    """Decide every case of every file, or of a folder's: the contract's cases, passed and failed.

    Raises
    ------
    BadFile
        If a file or a case in it cannot be read; nothing is decided then.
    """
    cases = [case for file in files_in(files) for case in read_cases(file)]
    answers = [decide(case) for case in cases]
    return {
        "cases": [a.to_json() for a in answers],
        "passed": sum(a.ok for a in answers),
        "failed": sum(not a.ok for a in answers),
    }


def decide(case: LawCase, *, change: Callable[[Regime], Regime] | None = None) -> Answer:
    """The treaty's answer to one case.

    Parameters
    ----------
    change : callable, optional
        Applied to each day's regime before it decides: a study, or a test that a limit matters.

    Raises
    ------
    BadFile
        If the case cannot be used; the message names file, case and field.
    """
    paragraph = _paragraph(case)
    regime_on = _regimes(case, change)
    check_facts(case)
    if case.messages or {"observing", "observed"} <= case.named:
        check_sides(case)
    if case.messages:
        finding, asked, view = _by_messages(case, paragraph, regime_on)
    elif case.plan is not None:
        finding, asked = _by_plan(case, paragraph, regime_on)
        view = None
    else:
        finding, asked = casefacts.answer(case, paragraph, _regime_of_day(case, regime_on), regime_on)
        view = None
    return Answer(case, finding, tuple(_differences(case, finding, view, paragraph)), asked)


def _paragraph(case: LawCase) -> str:
    asked = case.question.paragraph
    try:
        paragraphs.rows_of(OPEN_SKIES, asked.partition("#")[0])
        return Citation.parse(asked.partition("#")[0]).text + (f"#{asked.partition('#')[2]}" if "#" in asked else "")
    except OverflightError as error:
        raise case.wrong("question", error.message) from None


def _regimes(case: LawCase, change: Callable[[Regime], Regime] | None) -> Callable[[date], Regime]:
    @lru_cache(maxsize=64)
    def on(day: date) -> Regime:
        try:
            here = Regime.on(day, readings=case.readings)
            for row in case.values:
                here = _with_value(case, here, row)
        except (OverflightError, TypeError) as error:
            key = "readings" if "reading" in str(error) else "values"
            raise case.wrong(key, str(error)) from None
        return change(here) if change else here

    return on


def _with_value(case: LawCase, here: Regime, row: Mapping[str, Any]) -> Regime:
    """One value set for the case: a number where the table holds numbers, else text."""
    given = {k: v for k, v in row.items() if k not in ("name", "value")}
    if not all(isinstance(v, str) for v in given.values()):
        raise case.wrong("values", say("of, by and source must be text"))
    value, rows = row["value"], here.table(str(row["name"])).rows
    wants_text = any(isinstance(r.number, str) for r in rows)
    right_kind = isinstance(value, str) if wants_text else isinstance(value, int | float)
    if (
        isinstance(value, bool)
        or not right_kind
        or (isinstance(value, int | float) and abs(value) > casereading.LARGEST)
    ):
        raise case.wrong("values", say("{name} must be a number or text as in its table", name=str(row["name"])[:60]))
    return here.with_value(str(row["name"]), value, **given)


def _regime_of_day(case: LawCase, regime_on: Callable[[date], Regime]) -> Regime:
    day = case.day or latest_day(case)
    if day is None:
        raise case.wrong("day", say("is missing: name the day whose treaty answers, such as 2021-01-18"))
    return regime_on(day)


# A flight's messages


def _by_messages(
    case: LawCase, paragraph: str, regime_on: Callable[[date], Regime]
) -> tuple[Finding, tuple[str, ...], FlightState]:
    messages, rids = casemessages.messages_of(case, regime_on)
    now = case.question.now or max(t for m in messages for t in (m.at, *m.received.values()))
    view = state(messages, now, regime_on)
    about = rids.get(case.question.about, "") if case.question.about else None
    if about == "":
        raise case.wrong("about", say("no message is called {name!r}", name=str(case.question.about)[:60]))
    asked = paragraph.partition("#")[0]
    found = _findings(case, asked, view, about)
    found = [
        f for f in found if is_part(f.citation, of=asked)
    ] or found  # the paragraph itself and its parts go before the whole that holds it
    if case.question.expected is Verdict.RIGHT:
        found += _rights(case, paragraph, view)
    found = found or _duties(case, paragraph, view, now) or _rights(case, paragraph, view)
    for other in () if found else case.question.citations:  # where the answer may stand besides
        found += _findings(case, _cited(case, other), view, about)
    if not found:
        found = [replace(caserules.unanswered(paragraph, regime_on(now.date())), rule="")]
    worst = _pick(found, case.question.expected)
    return worst, tuple(dict.fromkeys(f.rule for f in found if f.rule)), view


def _findings(case: LawCase, asked: str, view: FlightState, about: str | None) -> list[Finding]:
    """What was found about a paragraph, by the actor, rule and message that the question names."""
    return [
        narrowed
        for f in view.findings
        if (narrowed := narrow(casefacts.restated(f, asked, OPEN_SKIES), asked)) is not None
        and _by(case, f.actor)
        and _named(case, f.rule)
        and (about is None or (isinstance(f.where, Mapping) and f.where.get("message") == about))
    ]


def narrow(found: Finding, asked: str) -> Finding | None:
    """The finding as an answer about `asked`: about it, a part of it, or the whole that holds it; else None.

    Where a finding lists the items that are missing and one item is asked about, it answers for that item.
    """
    if not is_near(found.citation, asked):
        return None
    missing = found.seen.get("missing") if isinstance(found.seen, Mapping) else None
    if asked == found.citation or not is_part(asked, of=found.citation):
        return found
    if isinstance(missing, list) and any(is_part(str(m), of=found.citation) for m in missing):
        if asked not in missing:
            because = say("{item} is there", item=asked)
            return replace(found, verdict=Verdict.COMPLIES, citation=asked, because=because)
        return replace(found, citation=asked)
    return found


def _by(case: LawCase, actor: str | None) -> bool:
    wanted = case.question.actor
    if wanted is None or actor is None:
        return True
    return actor == {"observing": case.observing, "observed": case.observed}.get(wanted, wanted)


def _named(case: LawCase, rule: str) -> bool:
    wanted = case.question.rule
    return wanted is None or rule == wanted.strip().replace(" ", "_").casefold()


def _rights(case: LawCase, paragraph: str, view: FlightState) -> list[Finding]:
    return [
        replace(right(r.what, actor=r.who), citation=r.citation, rule="")
        for r in view.rights
        if is_near(r.citation, paragraph) and _by(case, r.who) and not case.question.rule
    ]


def _duties(case: LawCase, paragraph: str, view: FlightState, now: datetime) -> list[Finding]:
    """A duty that nothing was found about: it is still open, and open is neither compliance nor breach."""
    return [
        replace(undetermined(say("{what}: still open", what=d.what), d.what, actor=d.who), citation=d.citation)
        for d in view.duties
        if is_near(d.citation, paragraph) and _by(case, d.who) and d.done_at is None
    ]


def _pick(found: Sequence[Finding], expected: Verdict) -> Finding:
    """The finding that weighs most; a right outweighs compliance only where a right is asked for."""
    order = list(WORST_FIRST)
    if expected is Verdict.RIGHT and not any(f.verdict is Verdict.BREACHES for f in found):
        order = [Verdict.RIGHT, *(v for v in order if v is not Verdict.RIGHT)]
    return min(found, key=lambda f: order.index(f.verdict))


# A plan's path


def _by_plan(case: LawCase, paragraph: str, regime_on: Callable[[date], Regime]) -> tuple[Finding, tuple[str, ...]]:
    given = case.plan or {}
    plan = casemessages.plan_of(case, given)
    regime = regime_on(case.day) if case.day else _regime_of_day(case, regime_on)
    times = {
        key: casereading.read(case, f"plan.{key}", "datetime | None", given.get(key)) for key in ("arrived_at", "eta")
    }
    try:
        check = check_plan(plan, regime, borders=_borders(), elevation=None, **times)
    except OverflightError as error:
        raise case.wrong("plan", error.message) from None
    found = [f for f in check.findings if is_near(f.citation, paragraph) and _named(case, f.rule)]
    if not found:
        return caserules.unanswered(paragraph, regime), ()
    return _pick(found, case.question.expected), tuple(dict.fromkeys(f.rule for f in found))


@lru_cache(maxsize=1)
def _borders() -> Any:
    from overflight.treaty.geography import Borders

    return Borders.load()


# What was expected


def _differences(case: LawCase, found: Finding, view: FlightState | None, paragraph: str) -> Iterable[str]:
    asked = case.question
    if found.verdict is not asked.expected:
        yield say("expected {expected}, found {found}", expected=asked.expected, found=found.verdict)
    if not any(is_near(found.citation, _cited(case, c)) for c in asked.citations):
        yield say("expected {expected}, found {found}", expected=", ".join(asked.citations), found=found.citation)
    for name, wanted in asked.numbers.items():
        seen = _number(found, name)
        if not _same(wanted, seen):
            yield say("{name}: expected {wanted}, found {seen}", name=name, wanted=wanted, seen=seen)
    for name in asked.missing:
        if name not in found.missing:
            yield say("{name} is not named as missing; named are {known}", name=name,
                      known=", ".join(found.missing) or "-")  # fmt: skip
    if view is None and (asked.due or asked.counts or asked.state):
        raise case.wrong("due" if asked.due else "counts" if asked.counts else "state", say("needs messages"))
    if view is not None:
        yield from _of_the_flight(case, view, paragraph)


def _of_the_flight(case: LawCase, view: FlightState, paragraph: str) -> Iterable[str]:
    asked = case.question
    if asked.due is not None:
        dues = [d.due for d in view.duties if is_near(d.citation, paragraph) and _by(case, d.who) and d.due]
        if asked.due not in dues:
            shown = ", ".join(readable(d) for d in dues) or "-"
            yield say("due: expected {wanted}, found {found}", wanted=readable(asked.due), found=shown)
    if asked.state is not None and asked.state != view.state:
        yield say("state: expected {wanted}, found {found}", wanted=asked.state, found=view.state)
    if asked.counts:
        counted = view.ledger.to_json()["counts"] if view.ledger else None
        for name, wanted in asked.counts.items():
            seen = (counted or {}).get(name)
            if not _same(wanted, seen):
                yield say("counts.{name}: expected {wanted}, found {seen}", name=name, wanted=wanted, seen=seen)


def _cited(case: LawCase, text: str) -> str:
    try:
        return Citation.parse(text.partition("#")[0]).text
    except OverflightError as error:
        raise case.wrong("citation", error.message) from None


def _number(found: Finding, name: str) -> Any:
    if name == "limit":
        limit = found.limit
        return limit.get("value") if isinstance(limit, Mapping) else limit
    if name in LATE and name not in found.seen and "late_s" in found.seen:
        return found.seen["late_s"] / LATE[name]
    return found.seen.get(name)


def _same(wanted: Any, seen: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(seen, bool) or wanted is None or seen is None:
        return wanted is seen
    if isinstance(wanted, int | float) and isinstance(seen, int | float):
        return abs(wanted - seen) <= 1e-6 * max(1.0, abs(wanted))
    if isinstance(wanted, list) and isinstance(seen, list | tuple):
        return len(wanted) == len(seen) and all(map(_same, wanted, seen))
    if isinstance(wanted, str) and isinstance(seen, str) and wanted != seen:
        try:
            return parse_moment(wanted) == parse_moment(seen)
        except OverflightError:
            return False
    return bool(wanted == seen)


def rules_under(paragraph: str) -> tuple[Rule, ...]:
    """Every rule that can answer a question about a paragraph: its own, those of its parts, else of what holds it."""
    return caserules.rules_under(Citation.parse(plain(paragraph).partition("#")[0]).text, OPEN_SKIES)


def facts_of(paragraph: str) -> list[dict[str, Any]]:
    """What a case may give as `facts` for a paragraph: rule, what it decides, and its facts with their kinds.

    Raises
    ------
    UnknownCitation
        If the data hold no such paragraph; the message gives near ones.
    """
    paragraphs.rows_of(OPEN_SKIES, plain(paragraph).partition("#")[0])
    return [caserules.described(r) for r in rules_under(paragraph)]
