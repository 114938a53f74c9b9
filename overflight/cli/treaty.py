"""`overflight treaty`: what the treaty says on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from overflight.cli import treaty_calendar, treaty_show
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
from overflight.cli.treaty_more import register
from overflight.cli.treaty_show import marks as _marks
from overflight.cli.treaty_show import number as _number
from overflight.terms.moment import parse_day
from overflight.terms.words import say

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, add_completion=False, help="What the treaty says on a day."
)

ActorOption = Annotated[
    str | None, typer.Option("--actor", metavar="WHO", help="A Party's code such as RUS, or part of an actor's name.")
]


@app.command()
def parties(
    on: OnOption = None, reading: ReadingOption = None, regime: RegimeOption = None, json: JsonOption = False
) -> None:
    """Who is a Party on a day. Example: overflight treaty parties --on 2021-01-18"""
    from overflight.app import treaty

    here = regime_of(on, reading, regime)
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

    here = regime_of(on, reading, regime)
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
        for code, told in treaty.former(here, rows).items():
            print(f"{code}: {told}")

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

    here = regime_of(on, reading, regime)
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
        choice = here.readings.get("distance_source")
        counted = say("{n} airfields on {day}", n=len(rows), day=here.day)
        by_reading = say("distances by the reading distance_source={choice}", choice=choice) if choice else ""
        print("; ".join(x for x in (counted, by_reading) if x))
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

    rows = treaty.values(regime_of(on, reading, regime), name, of=of, by=by)

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

    rows = treaty.names(regime_of(on, None, regime))

    def human() -> None:
        table([(r["name"], r["citation"], r["unit"], r["title"]) for r in rows], ("name", "paragraph", "unit", "title"))

    answer(rows, as_json=json, human=human)


@app.command()
def readings(
    on: OnOption = None, reading: ReadingOption = None, regime: RegimeOption = None, json: JsonOption = False
) -> None:
    """Named readings of unclear paragraphs, for --reading NAME=VALUE. Example: overflight treaty readings"""
    from overflight.app import treaty

    here = regime_of(on, reading, regime)
    rows = treaty.readings(here)

    def human() -> None:
        for r in rows:
            print(f"{r['name']} ({r['citation']}): {r['title']}")
            for choice, says in r["choices"].items():
                print(f"  {'*' if choice == r['chosen'] else ' '} {choice:<16} {says}")
        if not rows:
            note(say("{regime} has no named readings", regime=here.title))

    answer(rows, as_json=json, human=human)


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
    rows = treaty.timeline(regime_of(None, None, regime), start=first, end=last, actor=actor)

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

    here = regime_of(on, None, regime)
    rows = treaty.instruments(here)

    def human() -> None:
        if not rows:
            note(say("{regime} names no neighbouring instruments", regime=here.title))
            return
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

        check_claims(regime_of(None, None, regime), as_json=json)
        return
    here = regime_of(None, None, regime)
    rows = treaty.claims(here)

    def human() -> None:
        for r in rows:
            print(f"{r['verdict']:<14} {r['claim']} ({', '.join(r['reports'])})")
            more = "; ".join(x for x in (", ".join(r["paragraphs"]), r["note"]) if x)
            if more:
                print(f"{'':15}{more}")
        if not rows:
            note(say("{regime} has no claims of news reports", regime=here.title))

    answer(rows, as_json=json, human=human)


register(app)
treaty_show.register(app)
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
    found = table_of.coverage(regime_of(None, None, regime), files)

    def human() -> None:
        heads = ("table", "rule", "value", "deadline", "definition", "people")
        table([(name, *(row.get(way, 0) for way in heads[1:])) for name, row in found["tables"].items()], heads)
        print(say("{n} rows; {rules} rules, {cases} law cases; {people} rows for people", n=found["paragraphs"],
                  rules=found["rules"], cases=found["cases"], people=found["for_people"]))  # fmt: skip
        for sentence in found["missing"]:
            print(f"{say('missing')}: {sentence}")

    answer(found, as_json=json, human=human, code=1 if found["missing"] else 0)
