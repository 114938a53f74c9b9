"""Files of law cases: YAML read safely, each key checked, tries and questions unfolded.

A file comes from anybody.  Size, depth and number of entries are bounded before anything is built;
anchors and aliases, tags and doubled keys are refused; dates and times stay text until a field that
wants one reads them, so that ``on`` is no truth value and ``12:30`` no number.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

from overflight.app.caseciting import plain
from overflight.errors import BadDate, BadFile
from overflight.rules.finding import Verdict
from overflight.terms.moment import parse_day, parse_moment
from overflight.terms.words import say

LARGEST_BYTES = 1_000_000
DEEPEST = 16
MOST_NODES = 200_000
MOST_CASES = 5_000
LONGEST_ID = 120
# Days of the treaty and of what may come of it; anything else is a slip of the pen.
YEARS = range(1900, 2201)

# What one question holds, and what a case holds beside it.
ASKED = (
    "question",
    "rule",
    "actor",
    "about",
    "now",
    "expected",
    "citation",
    "numbers",
    "missing",
    "due",
    "counts",
    "state",
)
SETTING = (
    "day",
    "readings",
    "values",
    "observing",
    "observed",
    "flight",
    "messages",
    "facts",
    "plan",
)
# How far an act lies on the wrong side of its limit, and the seconds of the unit that the name ends in.
LATE = {"late_h": 3600, "late_min": 60, "late_days": 86400}
WHOLE = ("id", "title", "situation", "from", "tries", "questions")
CHANGES = ("name", "change", "without", "add")
When = TypeVar("When", date, datetime)
_NAME = re.compile(r"[^\s/#][^\n/#]*")


@dataclass(frozen=True)
class Question:
    """One question put to the treaty, with the answer that its author expects.

    `paragraph` is what is asked about; `expected` a verdict and `citations` where the answer may stand; the rest is
    optional: `rule`, `actor` and `about` narrow the question, the others are held against the answer.
    """

    paragraph: str
    expected: Verdict
    citations: tuple[str, ...]
    rule: str | None = None
    actor: str | None = None
    about: str | None = None
    now: datetime | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    due: datetime | None = None
    counts: Mapping[str, Any] = field(default_factory=dict)
    state: str | None = None


@dataclass(frozen=True)
class LawCase:
    """A situation with one question; tries and several questions of a file are each a case of their own.

    `messages`, `facts` and `plan` are as the file gives them, unread; `origin` is the worked case it comes from.
    """

    id: str
    file: str
    question: Question
    title: str = ""
    situation: str = ""
    origin: str | None = None
    day: date | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    values: tuple[Mapping[str, Any], ...] = ()
    observing: str = "DEU"
    observed: str = "RUS"
    flight: str | None = None
    messages: tuple[Mapping[str, Any], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] | None = None
    named: frozenset[str] = frozenset()  # of the sides, which the file names; the others are the usual ones

    def wrong(self, key: str, why: str) -> BadFile:
        """The error that names file, case and field, each once."""
        why = why.removeprefix(f"{key}: ")
        return BadFile(
            say("{file}: case {case!r}: {key}: {why}", file=self.file, case=self.id, key=key, why=why),
            field=key,
            case=self.id,
            file=self.file,
        )


def read_cases(source: Path | str | bytes, *, name: str | None = None) -> tuple[LawCase, ...]:
    """Every case of a file, or of its bytes.

    Raises
    ------
    BadFile
        If it is no such file; the message names file, case and field.
    """
    label = name or ("case" if isinstance(source, bytes) else Path(source).name)
    raw = source if isinstance(source, bytes) else _bytes_of(Path(source), label)
    data = _load(raw, label)
    if isinstance(data, dict) and "cases" in data:
        unknown = sorted(set(data) - {"cases", "title"})
        if unknown:
            raise _bad(label, unknown[0], say("is no key of a file of cases; it has title and cases"))
        data = data["cases"]
    if not isinstance(data, list) or not data:
        raise _bad(label, "cases", say("must be a list of cases"))
    out: dict[str, LawCase] = {}
    for n, entry in enumerate(data, 1):
        for case in _unfold(entry, label, n):
            if case.id in out:
                raise case.wrong("id", say("stands twice in this file"))
            out[case.id] = case
            if len(out) > MOST_CASES:
                raise _bad(label, "cases", say("more than {n} cases", n=MOST_CASES))
    return tuple(out.values())


def _bad(file: str, key: str, why: str) -> BadFile:
    return BadFile(say("{file}: {key}: {why}", file=file, key=key, why=why), field=key, file=file)


def _bytes_of(file: Path, label: str) -> bytes:
    try:
        if not file.is_file():
            raise _bad(label, "file", say("is no file"))
        if file.stat().st_size > LARGEST_BYTES:
            raise _bad(label, "file", say("is larger than {n} bytes", n=LARGEST_BYTES))
        return file.read_bytes()
    except OSError as error:
        raise _bad(label, "file", say("cannot be read: {why}", why=error.strerror or "")) from None


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain values only: no dates, no numbers with colons, and only true, false, yes, no and null are words."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  (yaml's own form)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys: list[Any] = []
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key_node.start_mark)
            if key in keys:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
            keys.append(key)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


for _tag, _form, _first in (
    ("tag:yaml.org,2002:bool", r"(?:true|false|yes|no)", "tfyn"),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0|[1-9]\d{0,17})", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"[-+]?\d{1,18}\.\d{1,18}", "-+0123456789"),
    ("tag:yaml.org,2002:null", r"(?:null|~|)", "n~"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^{_form}$"), [*_first, *([""] if "null" in _tag else [])])


def _load(raw: bytes, label: str) -> Any:
    if len(raw) > LARGEST_BYTES:
        raise _bad(label, "file", say("is larger than {n} bytes", n=LARGEST_BYTES))
    try:
        text = raw.decode("utf-8-sig")
        _measure(text, label)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader of our own)
    except UnicodeDecodeError:
        raise _bad(label, "file", say("is no UTF-8 text")) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = say("line {n}", n=mark.line + 1) if mark else "file"
        raise _bad(label, where, str(getattr(error, "problem", None) or error)[:200]) from None
    except (RecursionError, ValueError, OverflowError) as error:
        raise _bad(label, "file", say("cannot be read: {why}", why=str(error)[:200])) from None


def _measure(text: str, label: str) -> None:
    """Refuse what could grow when built: depth, number of entries, aliases, tags, several documents."""
    depth = documents = 0
    for nodes, event in enumerate(yaml.parse(text, Loader=_Loader), 1):
        line = say("line {n}", n=event.start_mark.line + 1 if event.start_mark else 0)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _bad(label, line, say("anchors and aliases are not used in files of cases"))
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _bad(label, line, say("a second document begins; one file holds one list of cases"))
        if getattr(event, "tag", None) and not isinstance(event, yaml.DocumentStartEvent):
            raise _bad(label, line, say("tags are not used in files of cases"))
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _bad(label, line, say("is nested deeper than {n}", n=DEEPEST))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if nodes > MOST_NODES:
            raise _bad(label, line, say("holds more than {n} entries", n=MOST_NODES))


def _unfold(entry: Any, label: str, n: int) -> list[LawCase]:
    """The cases of one entry: its tries, each with its questions."""
    if not isinstance(entry, dict):
        raise _bad(label, say("case {n}", n=n), say("must have keys such as id, question and expected"))
    name = entry.get("id")
    shown = name if isinstance(name, str) and name else say("number {n}", n=n)
    here = LawCase(str(shown), label, Question("I.1", Verdict.COMPLIES, ()))
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > LONGEST_ID:
        raise here.wrong("id", say("must be a short name without / and #"))
    _known_keys(here, entry, (*WHOLE, *SETTING, *ASKED))
    tries = _list(here, entry, "tries")
    bare = {key: value for key, value in entry.items() if key != "tries"}
    if not tries:
        return _questions(here, bare)
    out: list[LawCase] = []
    for k, other in enumerate(tries, 1):
        if not isinstance(other, dict):
            raise here.wrong("tries", say("entry {k} must have keys such as name and expected", k=k))
        part = other.get("name", str(k))
        if not isinstance(part, str | int) or isinstance(part, bool) or not _NAME.fullmatch(str(part)):
            raise here.wrong("tries.name", say("must be a short name without / and #"))
        _known_keys(here, other, (*CHANGES, *SETTING, *ASKED, "situation"))
        whole = _changed(here, bare, other)
        out += _questions(LawCase(f"{here.id}/{part}", label, here.question), whole)
    return out


def _known_keys(case: LawCase, entry: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in entry:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = say("; did you mean {near}?", near=near[0]) if near else ""
            raise case.wrong(str(key)[:60], say("is no key here") + hint)


def _list(case: LawCase, entry: Mapping[str, Any], key: str) -> list[Any]:
    found = entry.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise case.wrong(key, say("must be a list"))
    return found


def _mapping(case: LawCase, entry: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = entry.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(k, str) for k in found):
        raise case.wrong(key, say("must have named entries"))
    return found


def _changed(case: LawCase, base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with one try's changes: facts, readings and plan are merged, messages changed by their name."""
    out = {**base, **{key: value for key, value in other.items() if key not in CHANGES}}
    for key in ("facts", "readings", "plan", "numbers", "counts"):
        if key in base and key in other:
            out[key] = {**_mapping(case, base, key), **_mapping(case, other, key)}
    messages = [dict(m) for m in _list(case, out, "messages") if isinstance(m, dict)]
    if not {"change", "without", "add"} & other.keys():
        return out
    changes, drop = _mapping(case, other, "change"), {str(x) for x in _list(case, other, "without")}
    for wanted in (*changes, *drop):
        if not any(_called(m, wanted) for m in messages):
            raise case.wrong("change", say("no message is called {name!r}", name=wanted[:60]))
    kept = [m for m in messages if not any(_called(m, name) for name in drop)]
    for name, more in changes.items():
        if not isinstance(more, dict):
            raise case.wrong("change", say("{name} must have named entries", name=name))
        kept = [{**m, **more} if _called(m, name) else m for m in kept]
    return {**out, "messages": [*kept, *_list(case, other, "add")]}


def _called(message: Mapping[str, Any], name: str) -> bool:
    """A message is called by its name, else by the key or kind that it begins with."""
    return bool(name == message.get("name", message.get("kind", next(iter(message), None))))


def _questions(case: LawCase, entry: Mapping[str, Any]) -> list[LawCase]:
    asked = _list(case, entry, "questions")
    if not asked:
        return [_case(case.id, case.file, entry)]
    if any(key in entry for key in ("question", "expected")):
        raise case.wrong("questions", say("stand in place of question and expected, not beside them"))
    out = []
    for k, one in enumerate(asked, 1):
        if not isinstance(one, dict):
            raise case.wrong("questions", say("entry {k} must have question and expected", k=k))
        _known_keys(case, one, (*ASKED, "facts"))
        facts = {**_mapping(case, entry, "facts"), **_mapping(case, one, "facts")}
        rest = {key: value for key, value in entry.items() if key != "questions"}
        out.append(_case(f"{case.id}#{k}", case.file, {**rest, **one, "facts": facts}))
    return out


def _case(id: str, file: str, entry: Mapping[str, Any]) -> LawCase:
    blank = LawCase(id, file, Question("I.1", Verdict.COMPLIES, ()))
    messages = _list(blank, entry, "messages")
    if not all(isinstance(m, dict) for m in messages):
        raise blank.wrong("messages", say("each must have a kind and a time"))
    values = _list(blank, entry, "values")
    if not all(isinstance(v, dict) and "name" in v and "value" in v for v in values):
        raise blank.wrong("values", say("each must have name and value"))
    readings = _mapping(blank, entry, "readings")
    return LawCase(
        id=id,
        file=file,
        question=_question(blank, entry),
        title=_text(blank, entry, "title") or "",
        situation=_text(blank, entry, "situation") or "",
        origin=_text(blank, entry, "from"),
        day=_day(blank, entry, "day"),
        readings={name: str(choice) for name, choice in readings.items()},
        values=tuple(values),
        observing=_text(blank, entry, "observing") or "DEU",
        observed=_text(blank, entry, "observed") or "RUS",
        flight=_text(blank, entry, "flight"),
        messages=tuple(messages),
        facts=_mapping(blank, entry, "facts"),
        plan=_mapping(blank, entry, "plan") or None,
        named=frozenset({"observing", "observed"} & entry.keys()),
    )


def _question(case: LawCase, entry: Mapping[str, Any]) -> Question:
    paragraph = _text(case, entry, "question")
    if not paragraph:
        raise case.wrong("question", say("is missing: name a paragraph, such as VI.I.5"))
    expected = _text(case, entry, "expected")
    if expected not in list(Verdict):
        raise case.wrong("expected", say("must be one of {all}", all=", ".join(Verdict)))
    cited = entry.get("citation", paragraph)
    citations = cited if isinstance(cited, list) else [cited]
    if not citations or not all(isinstance(c, str) and c for c in citations):
        raise case.wrong("citation", say("must be a paragraph, or a list of them"))
    for name, number in _mapping(case, entry, "numbers").items():
        if name in LATE and (isinstance(number, bool) or not isinstance(number, int | float)):
            raise case.wrong(f"numbers.{name}", say("must be a number"))
    missing = entry.get("missing")
    return Question(
        paragraph=plain(paragraph),
        expected=Verdict(expected),
        citations=tuple(plain(c) for c in citations),
        rule=_text(case, entry, "rule"),
        actor=_text(case, entry, "actor"),
        about=_text(case, entry, "about"),
        now=_moment(case, entry, "now"),
        numbers=_mapping(case, entry, "numbers"),
        missing=tuple(str(m) for m in (missing if isinstance(missing, list) else [missing])) if missing else (),
        due=_moment(case, entry, "due"),
        counts=_mapping(case, entry, "counts"),
        state=_text(case, entry, "state"),
    )


def _text(case: LawCase, entry: Mapping[str, Any], key: str) -> str | None:
    found = entry.get(key)
    if found is not None and not isinstance(found, str):
        raise case.wrong(key, say("must be text"))
    return found


def _day(case: LawCase, entry: Mapping[str, Any], key: str) -> date | None:
    found = _text(case, entry, key)
    try:
        return within_years(case, key, parse_day(found, field=key)) if found else None
    except BadDate as error:
        raise case.wrong(key, error.message) from None


def _moment(case: LawCase, entry: Mapping[str, Any], key: str) -> datetime | None:
    found = _text(case, entry, key)
    try:
        return within_years(case, key, parse_moment(found, field=key)) if found else None
    except BadDate as error:
        raise case.wrong(key, error.message) from None


def within_years(case: LawCase, key: str, when: When) -> When:
    """A day or time as it is, if it lies in the years of which a case can speak.

    Raises
    ------
    BadFile
        If it does not.
    """
    if when.year not in YEARS:
        raise case.wrong(key, say("{when} lies outside {first} to {last}", when=when, first=YEARS[0], last=YEARS[-1]))
    return when
