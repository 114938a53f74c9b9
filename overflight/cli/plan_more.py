"""`overflight plan export`, `import`, `sites` and `negotiate`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import (
    JsonOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    finding_line,
    moment_of,
    note,
    regime_of,
    table,
)
from overflight.cli.plan_options import (
    BordersOption,
    ElevationOption,
    EtaOption,
    MaxKmOption,
    ObservedOption,
    OutOption,
    OwnSitesOption,
    PlanArgument,
    RangeOption,
    RegionsOption,
    SeedOption,
    SwathOption,
    SwathsOption,
)
from overflight.cli.plan_words import print_conditions
from overflight.terms.words import say


def register(app: typer.Typer) -> None:
    """Add these commands to the commands on plans."""
    app.command()(export)
    app.command("import")(import_)
    app.command()(sites)
    app.command()(negotiate)


def export(
    plan: PlanArgument,
    to: Annotated[str, typer.Option("--to", metavar="KIND", help="geojson, kml, gpx, fpl or pdf.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Write it there.")],
    borders: BordersOption = None,
    json: JsonOption = False,
) -> None:
    """Write a plan for others: a map file, a route, ICAO flight plan text or paper; never sites or values.

    Example: overflight plan export plan.json --to kml -o plan.kml
    """
    from overflight.app.plan_export import export_plan
    from overflight.planning.planfile import read_plan
    from overflight.treaty.geography import Borders

    map_ = Borders.load(borders) if to.strip().lower() == "pdf" else None
    size = export_plan(read_plan(plan), to, out, borders=map_)
    found = {"file": str(out), "kind": to.strip().lower(), "bytes": size}
    answer(found, as_json=json, human=lambda: print(say("{size} bytes written to {path}", size=size, path=out)))


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="GeoJSON, KML, GPX or flight plan text.")],
    observed: ObservedOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Read a plan back from what was exported, or from another program's KML or GPX, as a plan file.

    Example: overflight plan import plan.gpx --observed RUS -o plan.json
    """
    import json as text

    from overflight.app.plan_export import import_plan
    from overflight.planning.planfile import plan_feature, write_plan

    plan = import_plan(file, observed=observed.strip().upper() if observed else None)
    if out is not None:
        write_plan(plan, out)

    def human() -> None:
        if out is None:
            print(text.dumps(plan_feature(plan), ensure_ascii=False, indent=2))
        else:
            print(say("plan written to {path}", path=out))

    answer(plan_feature(plan), as_json=json, human=human)


def sites(
    plan: Annotated[
        Path | None, typer.Argument(metavar="PLAN", help="Plan file; not needed with --stage notice and --from.")
    ] = None,
    sites: Annotated[str, typer.Option("--sites", metavar="FILE", help="CSV or GeoJSON of the owners' sites.")] = "",
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="notice, plan, agreed, deviation or clear.")
    ] = "plan",
    swath_km: SwathOption = None,
    height_m: Annotated[
        float | None, typer.Option("--height-m", metavar="H", help="Height above ground, metres; default the plan's.")
    ] = None,
    sensor: Annotated[
        list[str] | None,
        typer.Option("--sensor", metavar="ID", help="A sensor of the treaty's tables; may be repeated."),
    ] = None,
    speed_tolerance: Annotated[
        float, typer.Option("--speed-tolerance", metavar="PERCENT", help="How far the speed may differ.")
    ] = 5.0,
    time_tolerance: Annotated[
        float, typer.Option("--time-tolerance", metavar="MINUTES", help="How far the take-off may move.")
    ] = 30.0,
    observed: ObservedOption = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="ICAO", help="At the notice: the airfield where it starts.")
    ] = None,
    eta: Annotated[
        str | None, typer.Option("--eta", metavar="TIME", help="At the notice: the notified time of arrival.")
    ] = None,
    flight: Annotated[
        str | None, typer.Option("--flight", metavar="OS", help="At the notice: the flight's number.")
    ] = None,
    completed: Annotated[
        str | None, typer.Option("--completed", metavar="TIME", help="All clear: when the flight was completed.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    ics: Annotated[bool, typer.Option("--ics", help="Print iCalendar.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write a PDF to the file of -o.")] = False,
    out: OutOption = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    json: JsonOption = False,
) -> None:
    """Tell owners of sites which comes into view, from when to when, and how surely.

    Example: overflight plan sites plan.json --sites owners.csv --swath-km 4.5 --stage agreed --csv
    """
    from overflight.app import plan_sites, plan_sites_files, plans
    from overflight.app.files import write_file
    from overflight.errors import BadInput

    if not sites:
        raise BadInput(say("give --sites, the file of the owners' sites"), field="--sites")
    if csv + ics + json + pdf > 1:
        raise BadInput(say("choose one of --json, --csv, --ics and --pdf"), field="--json")
    if pdf and out is None:
        raise BadInput(say("--pdf needs -o, the file to write"), field="-o")
    if stage not in plan_sites.STAGES:
        raise BadInput(say("--stage: choose one of {all}", all=", ".join(plan_sites.STAGES)), field="--stage")
    day = regime_of(on, reading, regime)
    read = plans.read_plan(plan) if plan is not None else None
    over = plans.ground(borders)
    party = (observed.strip().upper() if observed else None) or (read.observed if read else None)
    if party is None:
        raise BadInput(say("name the observed Party with --observed, or give a plan"), field="--observed")
    places = plans.sites_from(sites, observed_party=party, borders=over.borders)
    if stage == "notice":
        icao = start.strip().upper() if start else (plan_sites.start_of(read, day) if read else "")
        if not icao:
            raise BadInput(say("no airfield is named; give --from, or a plan"), field="--from")
        found = plan_sites.sites_within_reach(
            places,
            day,
            over,
            observed=party,
            start=icao,
            eta=moment_of(eta, "--eta"),
            swath_km=swath_km,
            flight=(flight or "").strip()[:20] or (read.flight if read else None),
        )
    elif read is None:
        raise BadInput(say("at stage {stage} a plan is known: name its file", stage=stage), field="PLAN")
    elif stage == "clear":
        ended = moment_of(completed, "--completed")
        if ended is None:
            raise BadInput(say("--stage clear needs --completed, when the flight was completed"), field="--completed")
        found = plan_sites.all_clear(read, places, completed=ended)
    else:
        seen, unknown = plan_sites.views(read, day, swath_km=swath_km, height_m=height_m, sensors=sensor or ())
        found = plan_sites.sites_in_view(
            read,
            places,
            day,
            seen,
            stage=stage,
            speed_tolerance_percent=speed_tolerance,
            time_tolerance_min=time_tolerance,
        )
        found["views_unknown"] = list(unknown)
    made: bytes | None = None
    if csv:
        made = plan_sites_files.as_csv(found).encode()
    elif ics:
        made = plan_sites_files.as_calendar(found, now=datetime.now(UTC)).encode()
    elif pdf:
        made = plan_sites_files.as_pdf(found)
    if made is None:
        if out is not None:
            raise BadInput(say("-o goes with --csv, --ics or --pdf"), field="-o")
        answer(found, as_json=json, human=lambda: _print_sites(found))
    elif out is not None:
        write_file(out, made)
        print(say("{n} rows written to {path}", n=len(found["rows"]), path=out))
    else:
        sys.stdout.write(made.decode())


def negotiate(
    plan: PlanArgument,
    change: Annotated[Path, typer.Argument(metavar="CHANGE", help="JSON file of the proposed change and its ground.")],
    sites: OwnSitesOption = None,
    swath_km: SwathOption = None,
    swath: SwathsOption = None,
    regions: RegionsOption = None,
    range_km: RangeOption = None,
    max_km: MaxKmOption = None,
    eta: EtaOption = None,
    steps: Annotated[int, typer.Option("--steps", metavar="N", help="Steps of each search.")] = 30,
    seed: SeedOption = 0,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """What a proposed change does: is its ground permitted, what it breaches, what it costs; exits 1 if not legal.

    --regions and --range-km are a planner's own conditions: the changed plan and every offer are held against them.

    Example: overflight plan negotiate plan.json change.json --sites sites.csv --swath-km 4.5 --on 2021-05-17
    """
    from overflight.app import plans
    from overflight.app.plan_negotiate import negotiate as answer_to
    from overflight.app.plan_optimise import swaths_from
    from overflight.app.plan_regions import notes_on, regions_from
    from overflight.planning.change import read_change

    read, wanted = plans.read_plan(plan), read_change(change)
    day, over = regime_of(on, reading, regime), plans.ground(borders, elevation)
    own = plans.sites_from(sites, observed_party=read.observed, borders=over.borders) if sites else None
    for sentence in notes_on(regions or (), day):
        note(sentence)
    found = answer_to(
        read, wanted, day, over, sites=own, swath_km=swath_km, swaths_km=swaths_from(swath or (), (), None, day),
        regions=regions_from(regions or (), observed=read.observed, regime=day, borders=over.borders),
        range_km=range_km, max_km=max_km, eta=moment_of(eta, "--eta"), steps=steps, seed=seed,
    )  # fmt: skip
    code = 0 if found["permitted"] and found["complies"] and found["conditions_kept"] else 1
    answer(found, as_json=json, human=lambda: _print_change(found), code=code)


def _print_sites(found: dict[str, Any]) -> None:
    print(found["means"])
    if found["stage"] == "clear":
        table([(r["site"], r["latest"]) for r in found["rows"]], (say("site"), say("clear since")))
        return
    if found["stage"] == "notice":
        rows: list[tuple[object, ...]] = [
            (r["site"], r["km_from_airfield"], r["earliest"], r["latest"]) for r in found["rows"]
        ]
        table(rows, (say("site"), say("km away"), say("earliest"), say("latest")))
        print(say("{n} sites lie outside the territory or out of reach", n=len(found["left_out"])))
        return
    heads = (say("site"), say("sensor"), say("from"), say("until"), say("earliest"), say("latest"), say("km"))
    names = ("site", "sensor", "from", "until", "earliest", "latest", "from_km")
    table([tuple(r[name] for name in names) for r in found["rows"]], heads)
    told = found["tolerances"]
    print(
        say(
            "earliest and latest allow for {speed:g} % of speed and {minutes:g} minutes of take-off (our conventions)",
            speed=told["speed_percent"],
            minutes=told["time_min"],
        )
    )
    if told["aside_km"]:
        print(
            say("and for {km:g} km to either side ({citation})", km=told["aside_km"], citation=told["aside_citation"])
        )
    print(say("{n} sites do not come into view", n=found["not_in_view"]))


def _print_change(found: dict[str, Any]) -> None:
    for one in (*found["ground_findings"], *found["findings"]):
        print(finding_line(one))
    print_conditions(found["conditions"], kept=found["conditions_kept"])
    verdict = say("permitted") if found["permitted"] else say("not permitted")
    legal = say("complies") if found["complies"] else say("does not comply")
    print(say("the change as proposed: {verdict}; the changed plan {legal}", verdict=verdict, legal=legal))
    print(say("length {a:.1f} km, {b:+.1f} km", a=found["length_km"], b=found["km_added"]))
    if found["minutes_added"] is not None:
        print(say("time in the air {minutes:+.0f} minutes", minutes=found["minutes_added"]))
    if found["start_later_min"]:
        print(say("start {minutes:+.0f} minutes", minutes=found["start_later_min"]))
    if found["stops_cut"]:
        print(say("stops that it cuts: {all}", all=", ".join(found["stops_cut"])))
    if found["deadlines"] is not None:
        due = found["deadlines"]
        print(
            say(
                "proposals until {first}, agreement until {last} (VI.II.6)",
                first=due["proposals_by"]["at"],
                last=due["agreement_by"]["at"],
            )
        )
    if found.get("private"):
        _print_cost(found)


def _print_cost(found: dict[str, Any]) -> None:
    print(say("Only for your own side:"))
    print(say("value lost {lost:g} of {total:g}", lost=found["value_lost"], total=found["total_value"]))
    for key, words in (("sites_lost", say("sites lost")), ("sites_gained", say("sites gained"))):
        names = found[key]
        more = f" (+{len(names) - 10})" if len(names) > 10 else ""
        print(f"{words}: {', '.join(names[:10]) or '-'}{more}")
    offers = ([found["repaired"]] if found["repaired"] else []) + found["alternatives"]
    rows = [
        (
            o["name"], o.get("value_after"), o.get("value_lost"), o.get("km_added"), o.get("complies"),
            o.get("conditions_kept"), o["says"],
        )
        for o in offers
    ]  # fmt: skip
    table(rows, ("", say("value"), say("lost"), say("km added"), say("complies"), say("conditions kept"), ""))
    if not found["repaired"]:
        print(found["repaired_not"])
    for o in offers:
        if o.get("less_because"):
            print(say("{name}: worth less because {why}", name=o["name"], why=o["less_because"]))
