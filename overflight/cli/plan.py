"""`overflight plan`: find, check and compare mission plans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from overflight.cli.plan_campaign import register as register_campaign
from overflight.cli.plan_edit import register as register_edit
from overflight.cli.plan_more import register as register_more
from overflight.cli.plan_negotiate import register as register_negotiate
from overflight.cli.plan_optimise import register as register_optimise
from overflight.cli.plan_options import (
    BordersOption,
    DaylightOption,
    ElevationOption,
    EtaOption,
    MinLegOption,
    MinSunOption,
    OwnSitesOption,
    PlanArgument,
    RangeOption,
    RegionsOption,
    SpeedOption,
    SwathOption,
    SwathsOption,
    TakeOffOption,
    TurnOption,
    TurnRadiusOption,
    ViaOption,
)
from overflight.cli.plan_orienteer import register as register_orienteer
from overflight.cli.plan_picture import register as register_picture
from overflight.cli.plan_words import missed_line, print_check, print_conditions
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Find, check and compare mission plans."
)

register_optimise(app)
register_edit(app)
register_more(app)
register_negotiate(app)
register_orienteer(app)
register_picture(app)
register_campaign(app)


@app.command()
def check(
    plan: PlanArgument,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    arrived: Annotated[
        str | None, typer.Option("--arrived", metavar="TIME", help="Arrival at the Open Skies airfield (VI.II.1).")
    ] = None,
    eta: EtaOption = None,
    submitted: Annotated[
        str | None,
        typer.Option("--submitted", metavar="TIME", help="Submission, instead of the plan's own time (VI.II.4.E)."),
    ] = None,
    regions: RegionsOption = None,
    range_km: RangeOption = None,
    via: ViaOption = None,
    stop_hours: Annotated[
        float | None, typer.Option("--stop-hours", metavar="H", help="Hours on the ground at each stop.")
    ] = None,
    aircraft: Annotated[
        str | None,
        typer.Option("--aircraft", metavar="ID[=KM[/KMH]]", help="Aircraft with its range and speed, or yours."),
    ] = None,
    take_off: TakeOffOption = None,
    speed_kmh: SpeedOption = None,
    min_leg_km: MinLegOption = 0.0,
    turn_radius_km: TurnRadiusOption = 0.0,
    turn: TurnOption = "short",
    daylight: DaylightOption = False,
    min_sun_deg: MinSunOption = 0.0,
    json: JsonOption = False,
) -> None:
    """Check a plan against every rule on plans, one finding each; exits 1 if any is breached.

    --take-off, --speed-kmh, --aircraft, --via and --stop-hours stand in place of what the plan says, or does not say.
    A planner's own conditions (--regions, --range-km and the like) are listed after the treaty's findings;
    one that is not kept exits 1 too.

    Example: overflight plan check plan.json --on 2021-05-17
    """
    from overflight.app import plans
    from overflight.app.plan_edit import as_flown
    from overflight.app.plan_optimise import aircraft_from
    from overflight.app.plan_regions import notes_on, regions_from
    from overflight.planning.conditions import Conditions, check_conditions

    day = regime_of(on, reading, regime)
    read, over = plans.read_plan(plan), plans.ground(borders, elevation)
    use = aircraft_from(aircraft, day) if aircraft else None
    read = as_flown(
        read, day, take_off=moment_of(take_off, "--take-off"), speed_kmh=speed_kmh, via=_stops(via, day) or (),
        stop_hours=stop_hours, aircraft=use,
    )  # fmt: skip
    asked = Conditions(
        regions=regions_from(regions or (), observed=read.observed, regime=day, borders=over.borders),
        stops=_stops(via, day),
        range_km=range_km if range_km is not None or use is None else use.range_km,
        min_leg_km=min_leg_km,
        turn_radius_km=turn_radius_km,
        turn=turn,
        daylight=daylight or min_sun_deg != 0.0,
        min_sun_deg=min_sun_deg,
    )
    found = plans.check(
        read,
        day,
        over,
        arrived_at=moment_of(arrived, "--arrived"),
        eta=moment_of(eta, "--eta"),
        submitted_at=moment_of(submitted, "--submitted"),
        regions=asked.regions,
    )
    own = check_conditions(found.plan, found.facts, asked, day)
    for sentence in notes_on(regions or (), day):
        note(sentence)

    def human() -> None:
        print_check(found)
        print_conditions([one.to_json() for one in own.findings], kept=own.kept)

    answer(found.to_json() | own.to_json(), as_json=json, human=human, code=0 if found.complies and own.kept else 1)


@app.command()
def compare(
    first: PlanArgument,
    second: Annotated[Path, typer.Argument(metavar="OTHER", help="Another plan file.")],
    sites: OwnSitesOption = None,
    swath_km: SwathOption = None,
    swath: SwathsOption = None,
    regions: RegionsOption = None,
    range_km: RangeOption = None,
    via: ViaOption = None,
    min_leg_km: MinLegOption = 0.0,
    turn_radius_km: TurnRadiusOption = 0.0,
    turn: TurnOption = "short",
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """Two plans side by side: distance, hours, findings; value only with --sites.

    With --regions, --range-km, --via, --min-leg-km or --turn-radius-km, a planner's own conditions, also whether each
    keeps them; what lies in a turn is not observed, as in plan optimise.

    Example: overflight plan compare ours.json theirs.json --sites sites.csv --swath-km 10
    """
    from overflight.app import plans
    from overflight.app.plan_optimise import swaths_from
    from overflight.app.plan_regions import notes_on, regions_from
    from overflight.planning.conditions import Conditions

    ours, theirs = plans.read_plan(first), plans.read_plan(second)
    over = plans.ground(borders, elevation)
    wanted = plans.sites_from(sites, observed_party=ours.observed, borders=over.borders) if sites else None
    day = regime_of(on, reading, regime)
    swaths = swaths_from(swath or (), (), None, day)
    named = regions_from(regions or (), observed=ours.observed, regime=day, borders=over.borders)
    for sentence in notes_on(regions or (), day):
        note(sentence)
    found = plans.compare(
        ours, theirs, day, over, sites=wanted, swath_km=swath_km, swaths_km=swaths,
        asked=Conditions(
            regions=named, stops=_stops(via, day), range_km=range_km, min_leg_km=min_leg_km,
            turn_radius_km=turn_radius_km, turn=turn,
        ),
        name_sites=True,
    )  # fmt: skip

    def human() -> None:
        one, two = found["first"], found["second"]
        rows: list[tuple[object, ...]] = [
            (k, one[k], two[k], found["difference"].get(k)) for k in one if not isinstance(one[k], list)
        ]
        lists = [k for k in one if isinstance(one[k], list) and not k.endswith("_names")]
        rows += [(k, ", ".join(one[k]) or "-", ", ".join(two[k]) or "-", None) for k in lists]
        table(rows, ("", str(first), str(second), say("difference")))
        for path, row in ((first, one), (second, two)):
            if row.get("missed_names"):
                print(say("{plan} does not observe: {sites}", plan=path, sites=missed_line(row["missed_names"])))
        if found.get("ignored"):
            print(say("sites left out, {why}: {many}", many=len(found["ignored"]), why=say("outside the territory")))
        for sentence in found.get("notes", ()):
            note(sentence)

    answer(found, as_json=json, human=human)


def _stops(texts: Sequence[str] | None, regime: Regime) -> tuple[str, ...] | None:
    """The codes of --via; a code that is no airfield is a slip of the pen, and no condition that a plan breaks."""
    from overflight.planning.request_ground import stop_named

    return tuple(stop_named(text.strip().upper(), regime).icao for text in texts) if texts else None
