"""`overflight treaty show | paragraphs`: one paragraph with all that hangs on it, and the list to find one in."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from overflight.cli.common import (
    JsonOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    note,
    regime_of,
    table,
)
from overflight.terms.words import say

LISTED = 12  # law cases of a paragraph that are shown to people; --json has all
_DAY_OF_YEAR = re.compile(r"calendar:(\d\d)-(\d\d)")
_NONE_STATED = "none stated"

FindOption = Annotated[
    str | None, typer.Option("--find", metavar="WORDS", help="Only paragraphs with all these words.")
]


def register(app: typer.Typer) -> None:
    """Hang these verbs under `overflight treaty`."""
    app.command()(show)
    app.command()(paragraphs)


def marks(row: dict[str, Any]) -> str:
    """What is to be said of a row beside its value: not verified, no longer in force."""
    said = [row["verified"]] if row.get("verified") not in ("yes", None) else []
    if row.get("in_force") not in ("yes", None):
        said.append(row["in_force"])
    return ", ".join(said)


def number(row: dict[str, Any]) -> str:
    """A value with its unit; ``-`` where there is none."""
    value = row["value"]
    if value is None:
        return "-"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {row['unit']}".strip()


def show(
    citation: Annotated[
        str | None,
        typer.Argument(help='A paragraph such as VI.II.2, AnnE.5.B or "Article VI, Section II, paragraph 6"; or none.'),
    ] = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """A paragraph: paraphrase, rules, deadlines, cases, readings, sources; without one, the list of all.

    Example: overflight treaty show VI.II.6
    """
    from overflight.app import coverage as table_of
    from overflight.app import treaty

    if citation is None:
        paragraphs(find=None, on=on, regime=regime, json=json)
        return
    found = treaty.show(regime_of(on, reading, regime), citation)
    if regime is None:
        found["cases"] = [*found["cases"], *table_of.cases_on(found["citation"])]
    answer(found, as_json=json, human=lambda: _print_paragraph(found))


def paragraphs(
    find: FindOption = None, on: OnOption = None, regime: RegimeOption = None, json: JsonOption = False
) -> None:
    """All paragraphs, or those with certain words. Example: overflight treaty paragraphs --find prohibit"""
    from overflight.app import treaty

    rows = treaty.listed(regime_of(on, folder=regime), find)

    def human() -> None:
        table(
            [(r["citation"], r["mode"], r["actor"], r["summary"]) for r in rows],
            (say("paragraph"), say("mode"), say("who"), say("what")),
        )
        if not rows:
            note(say("no paragraph has these words: {words}", words=find or ""))

    answer(rows, as_json=json, human=human, code=0 if rows else 1)


def _print_paragraph(found: dict[str, Any]) -> None:
    said = marks(found)
    print(f"{found['citation']} ({say('a paraphrase; the treaty text itself decides')}{'; ' + said if said else ''})")
    for p in found["paragraphs"]:
        who = " ".join(x for x in (p["mode"], p["actor"]) if x)
        print(f"  {p['citation']}{f' [{who}]' if who else ''}: {p['summary']}")
        told = (
            (say("term"), p["term"]), (say("when"), p["trigger"]), (say("number"), p["number"]),
            (say("quota"), p["quota"]), (say("if it fails"), _if_it_fails(p["if_fails"])), (say("more"), p["also"]),
        )  # fmt: skip
        for label, text in told:
            if text:
                print(f"      {label}: {text}")
        if p["verified"] != "yes":
            print(f"      {say('verified')}: {p['verified']}")
    _block(say("Carried by"), [_carrier(c) for c in found["carried"]])
    _block(say("Values"), [f"{v['name']}{' of ' + v['of'] if v['of'] else ''}: {number(v)}"
                           f"{' (' + marks(v) + ')' if marks(v) else ''}" for v in found["values"]])  # fmt: skip
    _block(say("Rules"), [f"{r['citation']} {r['name']}: {r['summary']}" for r in found["rules"]])
    _block(say("Deadlines"), [deadline(d) for d in found["deadlines"]])
    shown = found["cases"][:LISTED]
    lines = [f"{': '.join(x for x in (c['id'], c['title'], c['situation']) if x)} -> {c['expected']}" for c in shown]
    if len(found["cases"]) > LISTED:
        lines.append(say("and {n} more; --json lists them all", n=len(found["cases"]) - LISTED))
    _block(say("Cases"), lines)
    _block(say("Readings"), [f"{r['name']}={r['chosen']}: {r['title']}" for r in found["readings"]])
    _block(say("Notices"), [f"{n['key']}: {n['event']}{' -> ' + n['record'] if n['record'] else ''}"
                            for n in found["notices"]])  # fmt: skip
    _block(say("Claims"), [f"{c['id']}: {c['claim']} ({c['verdict']})" for c in found["claims"]])
    _block(say("Sources"), found["sources"])


def _if_it_fails(text: str) -> str:
    """What follows, told apart from what the text does not say: "none stated" alone sounds like no consequence."""
    if _NONE_STATED not in text:
        return text
    parts = [p.strip() for p in text.split(";")]
    others = [p for p in parts if p != _NONE_STATED]
    if len(others) == len(parts):  # with words of its own after it
        return text.replace(_NONE_STATED, say("the text names no consequence"))
    return "; ".join([*others, say("the text names no further consequence") if others
                      else say("the text names no consequence")])  # fmt: skip


def deadline(d: dict[str, Any]) -> str:
    """A clock as a sentence: who, what, and by when; also where the treaty gives a date, "at once", or no time."""
    who = f"{' '.join(x for x in (d['id'], d['actor']) if x)}: {d['event']}"
    fixed = _DAY_OF_YEAR.match(d["trigger"])
    if fixed:
        more = d["trigger"][fixed.end() :].strip()
        when = say("not later than {day} {month}", day=int(fixed.group(2)), month=_month(int(fixed.group(1))))
        when += f" {more}" if more else ""
    elif d["unit"] == "none" or d["amount"] is None:
        when = say("after: {trigger}; the treaty sets no time", trigger=d["trigger"])
    elif d["unit"] == "calendar":
        when = say("reckoned by the calendar from: {trigger}", trigger=d["trigger"])
    elif d["amount"] == 0 and d["relation"] == "within" and not d["trigger"].startswith("end of "):
        when = say("at once upon: {trigger}", trigger=d["trigger"])
    elif d["amount"] == 0:
        way = say("not before") if d["relation"] == "after" else say("not later than")
        when = f"{way}: {d['trigger']}"
    else:
        units = d["unit"] if d["amount"] == 1 else f"{d['unit']}s"
        when = say("{relation} {amount} {units} of: {trigger}", relation=_relation(d["relation"]), amount=d["amount"],
                   units=units, trigger=d["trigger"])  # fmt: skip
        if d["relation"] != "within":
            when = say("{amount} {units} {relation}: {trigger}", amount=d["amount"], units=units,
                       relation=_relation(d["relation"]), trigger=d["trigger"])  # fmt: skip
    opens = d.get("opens") or ""
    return f"{who}, {when}" + (say("; after that {right}", right=opens) if opens else "")


def _relation(word: str) -> str:
    return {"within": say("within"), "before": say("or more before"), "after": say("or more after")}[word]


def _month(n: int) -> str:
    names = say("January February March April May June July August September October November December").split()
    return names[n - 1]


def _carrier(row: dict[str, Any]) -> str:
    """What of the program carries a paragraph, or why it is left to people."""
    how = {
        "rule": say("rules"), "value": say("dated values"), "deadline": say("a clock"),
        "definition": say("a definition in the program"), "people": say("people"),
    }[row["by"]]  # fmt: skip
    more = ", ".join(row["names"]) or row["why"]
    return f"{row['citation']}: {how}" + (f" ({more})" if more else "")


def _block(title: str, lines: list[str]) -> None:
    if lines:
        print(title)
        for line in lines:
            print(f"  {line}")
