"""`overflight plan export`, `import` and `sites`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
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
    moment_of,
    note,
    regime_of,
    table,
)
from overflight.cli.plan_options import (
    BordersOption,
    ObservedOption,
    OutOption,
    PlanArgument,
    SwathOption,
)
from overflight.terms.words import say


def register(app: typer.Typer) -> None:
    """Add these commands to the commands on plans."""
    app.command()(export)
    app.command("import")(import_)
    app.command()(sites)


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
    if not json:
        for sentence in found.get("notes", ()):
            note(sentence)
    made: bytes | None = None
    if csv:
        made = plan_sites_files.as_csv(found).encode()
    elif ics:
        made = plan_sites_files.as_calendar(found, now=datetime.now(UTC)).encode()
    elif pdf:
        made = plan_sites_files.as_pdf(found)
    if made is not None and found.get("sites_not_in_view"):
        note(_not_in_view(found))
    if made is None:
        if out is not None:
            raise BadInput(say("-o goes with --csv, --ics or --pdf"), field="-o")
        answer(found, as_json=json, human=lambda: _print_sites(found))
    elif out is not None:
        write_file(out, made)
        print(say("rows written to {path}: {n}", n=len(found["rows"]), path=out))
    else:
        sys.stdout.write(made.decode())


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
        for reason, words in (
            ("outside_territory", say("outside the territory")),
            ("out_of_reach", say("out of reach")),
        ):
            left_out = [one["site"] for one in found["left_out"] if one["reason"] == reason]
            if left_out:
                print(say("sites left out, {why}: {many}", many=_counted(left_out), why=words))
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
    print(_not_in_view(found))


def _not_in_view(found: dict[str, Any]) -> str:
    return say("sites that do not come into view: {many}", many=_counted(found["sites_not_in_view"]))


def _counted(names: Sequence[str]) -> str:
    """How many, and the first ten by name."""
    if not names:
        return "0"
    shown = ", ".join("".join(letter if letter.isprintable() else " " for letter in name[:60]) for name in names[:10])
    return f"{len(names)} ({shown}{', ...' if len(names) > 10 else ''})"
