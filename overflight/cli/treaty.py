"""`overflight treaty`: what the treaty says on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overflight.cli import treaty_calendar
from overflight.cli.common import (
    JsonOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    day_of,
    note,
    readings_of,
    table,
)
from overflight.cli.treaty_more import register
from overflight.terms.moment import parse_day
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

LISTED = 12  # law cases of a paragraph that are shown to people; --json has all
app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, add_completion=False, help="What the treaty says on a day."
)

ActorOption = Annotated[
    str | None, typer.Option("--actor", metavar="WHO", help="A Party's code such as RUS, or part of an actor's name.")
]


def _regime(on: str | None, reading: list[str] | None, folder: Path | None) -> Regime:
    from overflight.app import treaty

    return treaty.regime_on(day_of(on), readings=readings_of(reading), folder=folder)


def _marks(row: dict[str, Any]) -> str:
    said = [row["verified"]] if row.get("verified") not in ("yes", None) else []
    if row.get("in_force") not in ("yes", None):
        said.append(row["in_force"])
    return ", ".join(said)


def _number(row: dict[str, Any]) -> str:
    value = row["value"]
    if value is None:
        return "-"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {row['unit']}".strip()


@app.command()
def parties(
    on: OnOption = None, reading: ReadingOption = None, regime: RegimeOption = None, json: JsonOption = False
) -> None:
    """Who is a Party on a day. Example: overflight treaty parties --on 2021-01-18"""
    from overflight.app import treaty

    here = _regime(on, reading, regime)
    rows = treaty.parties(here)

    def human() -> None:
        heads = ("code", "name", "since", "until", "group", "marks")
        table([(r["code"], r["name"], r["since"], r["until"], r["group"], _marks(r)) for r in rows], heads)
        print(say("{n} Parties on {day}", n=len(rows), day=here.day))

    answer(rows, as_json=json, human=human)


@app.command()
def quotas(
    on: OnOption = None, reading: ReadingOption = None, regime: RegimeOption = None, json: JsonOption = False
) -> None:
    """Passive and active quotas of a day. Example: overflight treaty quotas --on 2002-06-01"""
    from overflight.app import treaty

    here = _regime(on, reading, regime)
    rows = treaty.quotas(here)

    def human() -> None:
        passive = [r for r in rows if r["name"] == "passive_quota"]
        active = [r for r in rows if r["name"] == "active_quota"]
        print(say("Passive quotas on {day}: flights that each must accept in the year", day=here.day))
        table([(r["of"], r["value"], _marks(r)) for r in passive], ("of", "flights", "marks"))
        print()
        print(say("Active quotas on {day}: flights that each may conduct over another in the year", day=here.day))
        if active:
            heads = ("by", "over", "flights", "how", "marks")
            table([(r["by"], r["of"], r["value"], r["variant"], _marks(r)) for r in active], heads)
        else:
            print(say("none known: no yearly distribution of this year was found in a public source"))

    answer(rows, as_json=json, human=human)


@app.command()
def airfields(
    on: OnOption = None,
    party: Annotated[
        str | None, typer.Option("--party", metavar="CODE", help="Only this Party's, or its group's.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", help="Only this role, such as open_skies or refuelling.")
    ] = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """Airfields of a day: place, roles, distance. Example: overflight treaty airfields --party RUS --on 2021-01-18"""
    from overflight.app import treaty

    here = _regime(on, reading, regime)
    rows = treaty.airfields(here, party=party, role=role)

    def human() -> None:
        heads = ("ICAO", "name", "Party", "lat", "lon", "roles", "distance", "marks", "other rows")
        table(
            [
                (
                    r["icao"],
                    r["name"],
                    r["party"],
                    f"{r['lat']:.4f}",
                    f"{r['lon']:.4f}",
                    ", ".join(r["roles"]),
                    _number(r),
                    _marks(r),
                    "; ".join(f"{_number(o)} ({o['variant'] or '-'}; {_marks(o) or 'yes'})" for o in r["others"]),
                )
                for r in rows
            ],
            heads,
        )
        print(
            say(
                "{n} airfields on {day}; distances by the reading distance_source={choice}",
                n=len(rows),
                day=here.day,
                choice=here.readings.get("distance_source", "-"),
            )
        )
        for r in rows:
            if r["printed_differs"]:
                print(
                    say(
                        "{icao}: Annex E prints {printed}, {km:.1f} km off; lat and lon above are the values to use",
                        icao=r["icao"],
                        printed=r["printed_coordinates"],
                        km=r["printed_km"],
                    )
                )

    answer(rows, as_json=json, human=human)


@app.command()
def value(
    name: Annotated[str, typer.Argument(help="Such as border_clearance; see: overflight treaty values")],
    of: Annotated[
        str | None, typer.Option("--of", help="Of what: a Party, a group, an airfield, a sensor category.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="By whom, for active quotas.")] = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """Rows of one dated table. Example: overflight treaty value max_flight_distance --of UUMB --on 2021-01-18"""
    from overflight.app import treaty

    rows = treaty.values(_regime(on, reading, regime), name, of=of, by=by)

    def human() -> None:
        print(f"{rows[0]['title']} ({rows[0]['citation']})")
        flat = [(r, "") for r in rows] + [(o, say("also reported")) for r in rows for o in r["others"]]
        heads = ("of", "by", "value", "since", "until", "marks", "which", "source")
        table(
            [
                (r["of"], r["by"], _number(r), r["since"], r["until"], _marks(r),
                 "; ".join(x for x in (r["variant"], also) if x), r["source"])
                for r, also in flat
            ],
            heads,
        )  # fmt: skip
        for r, _ in flat:
            if r["note"]:
                print(f"{r['of'] or name}: {r['note']}")

    answer(rows, as_json=json, human=human)


@app.command()
def values(on: OnOption = None, regime: RegimeOption = None, json: JsonOption = False) -> None:
    """Names of all dated tables. Example: overflight treaty values"""
    from overflight.app import treaty

    rows = treaty.names(_regime(on, None, regime))

    def human() -> None:
        table([(r["name"], r["citation"], r["unit"], r["title"]) for r in rows], ("name", "paragraph", "unit", "title"))

    answer(rows, as_json=json, human=human)


@app.command()
def readings(
    on: OnOption = None, reading: ReadingOption = None, regime: RegimeOption = None, json: JsonOption = False
) -> None:
    """Named readings of unclear paragraphs, for --reading NAME=VALUE. Example: overflight treaty readings"""
    from overflight.app import treaty

    rows = treaty.readings(_regime(on, reading, regime))

    def human() -> None:
        for r in rows:
            print(f"{r['name']} ({r['citation']}): {r['title']}")
            for choice, says in r["choices"].items():
                print(f"  {'*' if choice == r['chosen'] else ' '} {choice:<16} {says}")

    answer(rows, as_json=json, human=human)


@app.command()
def show(
    citation: Annotated[str, typer.Argument(help="A paragraph such as VI.II.2, AnnE.5.B or IX.IV.1")],
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """A paragraph: paraphrase, rules, deadlines, cases, readings, sources. Example: overflight treaty show VI.II.6"""
    from overflight.app import coverage as table_of
    from overflight.app import treaty

    found = treaty.show(_regime(on, reading, regime), citation)
    if regime is None:
        found["cases"] = [*found["cases"], *table_of.cases_on(found["citation"])]
    answer(found, as_json=json, human=lambda: _print_paragraph(found))


def _print_paragraph(found: dict[str, Any]) -> None:
    marks = _marks(found)
    print(f"{found['citation']} ({say('a paraphrase; the treaty text itself decides')}{'; ' + marks if marks else ''})")
    for p in found["paragraphs"]:
        who = " ".join(x for x in (p["mode"], p["actor"]) if x)
        print(f"  {p['citation']}{f' [{who}]' if who else ''}: {p['summary']}")
        told = (
            (say("term"), "term"), (say("when"), "trigger"), (say("number"), "number"), (say("quota"), "quota"),
            (say("if it fails"), "if_fails"), (say("more"), "also"),
        )  # fmt: skip
        for label, key in told:
            if p[key]:
                print(f"      {label}: {p[key]}")
        if p["verified"] != "yes":
            print(f"      {say('verified')}: {p['verified']}")
    _block(say("Values"), [f"{v['name']}{' of ' + v['of'] if v['of'] else ''}: {_number(v)}"
                           f"{' (' + _marks(v) + ')' if _marks(v) else ''}" for v in found["values"]])  # fmt: skip
    _block(say("Rules"), [f"{r['citation']} {r['name']}: {r['summary']}" for r in found["rules"]])
    _block(
        say("Deadlines"),
        [
            f"{d['id']} {d['actor']}: {d['event']}, {d['relation']} "
            f"{say('no limit') if d['amount'] is None else d['amount']} {d['unit']} of: {d['trigger']}"
            for d in found["deadlines"]
        ],
    )
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


def _block(title: str, lines: list[str]) -> None:
    if lines:
        print(title)
        for line in lines:
            print(f"  {line}")


@app.command()
def timeline(
    start: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day, included.")] = None,
    actor: ActorOption = None,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """What happened, with sources. Example: overflight treaty timeline --from 2021-01-01 --to 2021-12-31 --actor RUS"""
    from overflight.app import treaty

    first: date | None = parse_day(start, field="--from") if start else None
    last: date | None = parse_day(end, field="--to") if end else None
    rows = treaty.timeline(_regime(None, None, regime), start=first, end=last, actor=actor)

    def human() -> None:
        for r in rows:
            mark = "" if r["verified"] == "yes" else f" [{r['verified']}]"
            print(f"{r['date']:<10}  {r['actor']}: {r['event']}{mark}")
            print(f"{'':12}{'; '.join(r['sources'])}")
        if not rows:
            note(say("no event in that time"))

    answer(rows, as_json=json, human=human)


@app.command()
def instruments(on: OnOption = None, regime: RegimeOption = None, json: JsonOption = False) -> None:
    """State of neighbouring instruments on a day. Example: overflight treaty instruments --on 2021-01-18"""
    from overflight.app import treaty

    rows = treaty.instruments(_regime(on, None, regime))

    def human() -> None:
        table([(r["id"], r["name"], r["status"], r["since"]) for r in rows], ("id", "name", "status", "since"))
        for r in rows:
            if r["status_note"] or r["verified"] != "yes":
                print(f"{r['id']}: {'; '.join(x for x in (r['status_note'], r['verified']) if x)}")

    answer(rows, as_json=json, human=human)


@app.command()
def claims(
    check: Annotated[bool, typer.Option("--check", help="Work out what the engine says to each, and compare.")] = False,
    regime: RegimeOption = None,
    json: JsonOption = False,
) -> None:
    """What two news reports say about the treaty, and whether it holds. Example: overflight treaty claims --check"""
    from overflight.app import treaty

    if check:
        from overflight.cli.treaty_more import check_claims

        check_claims(_regime(None, None, regime), as_json=json)
        return
    rows = treaty.claims(_regime(None, None, regime))

    def human() -> None:
        for r in rows:
            print(f"{r['verdict']:<14} {r['claim']} ({', '.join(r['reports'])})")
            more = "; ".join(x for x in (", ".join(r["paragraphs"]), r["note"]) if x)
            if more:
                print(f"{'':15}{more}")

    answer(rows, as_json=json, human=human)


register(app)
treaty_calendar.register(app)


@app.command()
def coverage(
    regime: RegimeOption = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", metavar="DIR", help="Law cases; those of the treaty by default.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Which rows of the treaty have a rule and a case; exits 1 if any lacks one. Example: overflight treaty coverage"""
    from overflight.app import coverage as table_of

    files = sorted(cases.glob("*.yaml")) if cases else None
    found = table_of.coverage(_regime(None, None, regime), files)

    def human() -> None:
        heads = ("table", "rule", "value", "deadline", "definition", "people")
        table([(name, *(row.get(way, 0) for way in heads[1:])) for name, row in found["tables"].items()], heads)
        print(say("{n} rows; {rules} rules, {cases} law cases; {people} rows for people", n=found["paragraphs"],
                  rules=found["rules"], cases=found["cases"], people=found["for_people"]))  # fmt: skip
        for sentence in found["missing"]:
            print(f"{say('missing')}: {sentence}")

    answer(found, as_json=json, human=human, code=1 if found["missing"] else 0)
