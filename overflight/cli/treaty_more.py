"""`overflight treaty distribute | dispute | notices`: the yearly round, disputes, notices."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overflight.cli.common import (
    JsonOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    day_of,
    finding_line,
    readings_of,
    regime_of,
    table,
)
from overflight.errors import BadInput
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


def register(app: typer.Typer) -> None:
    """Hang these verbs under `overflight treaty`."""
    app.command()(distribute)
    app.command()(notices)
    app.command()(dispute)
    app.command()(reports)
    app.command()(alliances)


def distribute(
    requests: Annotated[Path, typer.Argument(metavar="REQUESTS.csv", help="Header by,over,flights; with for shared.")],
    on: OnOption = None,
    quota: Annotated[
        list[str] | None,
        typer.Option("--quota", metavar="CODE=N", help="A passive quota that the data do not hold; may be repeated."),
    ] = None,
    half_quota: Annotated[
        bool, typer.Option("--half-quota/--no-half-quota", help="Whether III.I.10 also limits the proposals.")
    ] = False,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """Share out a year's flights. Example: overflight treaty distribute requests.csv --on 2020-01-01"""
    from overflight.app import distribution

    here = regime_of(on, reading, regime)
    with _solver_speaks_on_stderr():
        found = distribution.propose(requests, here, quotas_set=_quotas(quota), half_quota=half_quota)
    answer(found, as_json=json, human=lambda: _print_round(found))


@contextmanager
def _solver_speaks_on_stderr() -> Iterator[None]:
    """The solver's library prints a stray line on standard output now and then; results stay clean."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _quotas(pairs: list[str] | None) -> dict[str, int]:
    out: dict[str, int] = {}
    for pair in pairs or ():
        code, equals, number = pair.partition("=")
        if not equals or not number.isascii() or not number.isdigit() or len(number) > 3:
            raise BadInput(say("--quota {pair!r} is no CODE=N, such as BLR=6", pair=pair[:60]), field="--quota")
        out[code.strip().upper()] = int(number)
    return out


def _print_round(found: dict[str, Any]) -> None:
    print(say("Requests for {year}, quotas of {day}", year=found["year"], day=found["day"]))
    heads = ("over", "asked", "may be", "paragraph", "marks")
    table([(c["over"], c["asked"], c["may_be"], c["citation"], c["marks"]) for c in found["clashes"]], heads)
    for finding in (*found["undetermined"], *(f for f in found["checks"] if f["verdict"] != "complies")):
        print(finding_line(finding))
    for clash in found["clashes"]:
        if "fallback" in clash:
            print(f"{clash['over']}: {clash['fallback']['because']} (III.I.7)")
    for proposal in found["proposals"]:
        print()
        print(f"{proposal['name']}: {proposal['how']}")
        print(say("{n} flights; the smallest part of a request is {part}", n=proposal["flights"],
                  part=proposal["shares"][0] if proposal["shares"] else "-"))  # fmt: skip
        against = say("against {other}", other=proposal["against"])
        table(
            [
                (p["code"], p["asked"], p["granted"], f"{p['compared'][proposal['against']]:+d}", "; ".join(p["why"]))
                for p in proposal["parties"]
            ],
            ("by", "asked", "granted", against, "why not more"),
        )


def notices(
    key: Annotated[str | None, typer.Argument(help="A kind such as INTENT or QUOTA-TRANSFER; without it, all.")] = None,
    text: Annotated[
        Path | None, typer.Option("--text", metavar="FILE", help="A text of another Party, to map to this kind.")
    ] = None,
    put: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="What the text says; may be repeated.")
    ] = None,
    codes: Annotated[bool, typer.Option("--codes", help="The codes of annotations instead.")] = False,
    on: OnOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """Kinds of notices: who tells whom what by when. Example: overflight treaty notices INTENT"""
    from overflight.app import notices as app

    here = regime_of(on, folder=regime)
    if codes:
        rows = app.codes(here)
        heads = ("code", "paragraph", "example", "is")
        shown = [(r["key"], r["citation"], r["example"], r["is"]) for r in rows]
        answer(rows, as_json=json, human=lambda: table(shown, heads))
    elif key is None:
        if text or put:
            raise BadInput(say("--text and --set need a kind of notice, such as INTENT"), field="KEY")
        rows = app.kinds(here)
        shown = [(r["key"], ", ".join(r["paragraphs"]), r["event"], r["deadline"]) for r in rows]
        answer(rows, as_json=json, human=lambda: table(shown, ("key", "paragraphs", "event", "deadline")))
    elif text or put:
        given = app.read_text(text) if text else ""
        found = app.mapped(here, key, given, readings_of(put))
        code = 1 if found["missing"] or found.get("lost") else 0
        answer(found, as_json=json, human=lambda: _print_mapped(found), code=code)
    else:
        found = app.kind(here, key)
        answer(found, as_json=json, human=lambda: _print_notice(found))


def _print_notice(found: dict[str, Any]) -> None:
    print(f"{found['key']}: {found['event']} ({', '.join(found['paragraphs'])})")
    print(f"  {found['from']} -> {found['to']}")
    print(f"  {found['deadline']}")
    number = found["format_number"] or say("number not known")
    print(f"  OS FORMAT: {number}")
    for field in found["fields"]:
        mark = "*" if field["required"] else " "
        print(f"  {mark} {field['item'] or '-':<4} {field['name']}: {field['is']}")
    for p, summary in found["summaries"].items():
        print(f"  {p}: {summary}")
    for rule in found["rules"]:
        print(f"  {say('rule')} {rule['citation']} {rule['name']}: {rule['summary']}")
    carrier = found["record_kind"]
    if carrier:
        acts = ", ".join(f"flight {act}" for act in carrier["acts"]) or "-"
        print("  " + say("record {kind} ({acts})", kind=carrier["kind"], acts=acts))
    for extra in (found["note"], "" if found["verified"] == "yes" else found["verified"]):
        if extra:
            print(f"  {extra}")


def _print_mapped(found: dict[str, Any]) -> None:
    if found["frame"]:
        print(found["printed"], end="")
    for name, value in found["content"].items():
        print(f"{name}: {value}")
    if found["missing"]:
        print(say("missing: {names} ({citation})", names=", ".join(found["missing"]), citation=found["citation"]))
    if found.get("lost"):
        print(say("words outside the frame that printing would drop: {words}", words=" ".join(found["lost"])))
    for fault in found.get("format_1", {}).get("faults", ()):
        print(fault)


def dispute(
    name: Annotated[str | None, typer.Argument(help="Such as kaliningrad-500km; without it, the list.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Another day than the dossier's own.")] = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """A dispute under each reading, side by side. Example: overflight treaty dispute kaliningrad-500km"""
    from overflight.app import disputes

    here = regime_of(on, reading, regime)
    if name is None:
        rows = disputes.names(here)
        shown = [(r["name"], r["day"], r["question"]) for r in rows]
        answer(rows, as_json=json, human=lambda: table(shown, ("name", "day", "question")))
        return
    found = disputes.run(here, name, on=day_of(on) if on else None)
    answer(found, as_json=json, human=lambda: _print_dispute(found))


def _print_dispute(found: dict[str, Any]) -> None:
    print(f"{found['title']} ({found['day']})")
    print(found["question"])
    print(say("Facts"))
    for fact in found["facts"]:
        mark = "" if fact["verified"] == "yes" else f" [{fact['verified']}]"
        print(f"  {fact['when']}: {fact['is']}{mark}")
    print(say("Said, in our words"))
    for quote in found["quotes"]:
        print(f"  {quote['when']} {quote['speaker']}: {quote['says']}")
    for view in found["readings"]:
        print()
        print(say("Reading {name}: {title} ({held_by})", **{k: view[k] for k in ("name", "title", "held_by")}))
        for finding in view["findings"]:
            print("  " + finding_line(finding))
    print()
    print(say("What would change the findings"))
    for change in found["changes"]:
        moved = [r for r in change["readings"] if r["changes"]]
        told = "; ".join(
            f"{r['reading']}: {', '.join(r['before']) or '-'} -> {', '.join(r['after']) or '-'}" for r in moved
        )
        print(f"  {change['if']}: {told or say('nothing')}")
    print(f"{found['way_out']}")
    print(found["note"])
    for source in found["sources"]:
        print(f"  {source}")


def check_claims(regime: Regime, *, as_json: bool) -> None:
    """Every claim beside what the engine works out; exit code 1 if one contradicts the other."""
    from overflight.app import claims

    rows = claims.check(regime)
    wrong = [r for r in rows if r["agrees"] is False]

    def human() -> None:
        for r in rows:
            computed = r["computed"] or {"how": say("no check"), "because": ""}
            mark = "!" if r["agrees"] is False else "=" if r["agrees"] else " "
            print(f"{mark} {r['verdict']:<14} {r['claim']} ({', '.join(r['reports'])}; {r['citation'] or '-'})")
            print(f"  {computed['how']:<14} {computed['because']}")
        print(say("{n} claims, {k} worked out, {m} contradicted", n=len(rows), m=len(wrong),
                  k=sum(r["agrees"] is not None for r in rows)))  # fmt: skip

    answer(rows, as_json=as_json, human=human, code=1 if wrong else 0)


def reports(regime: RegimeOption = None, json: JsonOption = False) -> None:
    """Where two news reports differ from each other and from the record. Example: overflight treaty reports"""
    from overflight.app import claims

    rows = claims.differences(regime_of(None, folder=regime))

    def human() -> None:
        for r in rows:
            print(f"{r['point']} ({r['citation'] or '-'})")
            for label, text in (("A", r["report_a"]), ("B", r["report_b"]), (say("record"), r["record"])):
                print(f"  {label:<7} {text or '-'}")

    answer(rows, as_json=json, human=human)


def alliances(
    name: Annotated[str | None, typer.Argument(help="NATO, EU or CSTO; without it, all.")] = None,
    on: OnOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """Members of alliances on a day, for claims about allies. Example: overflight treaty alliances NATO"""
    from overflight.app import claims

    here = regime_of(on, folder=regime)
    rows = claims.alliances(here, name.strip().upper() if name else None)
    shown = [(r["alliance"], r["code"], r["since"], r["until"], "x" if r["party"] else "", r["verified"]) for r in rows]
    heads = ("of", "code", "since", "until", "Party", "marks")
    answer(rows, as_json=json, human=lambda: table(shown, heads))
