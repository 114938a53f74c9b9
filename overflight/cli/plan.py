"""`overflight plan`: find, check and compare mission plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overflight.cli.common import (
    JsonOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    day_of,
    moment_of,
    note,
    readings_of,
    table,
)
from overflight.cli.plan_campaign import register as register_campaign
from overflight.cli.plan_edit import register as register_edit
from overflight.cli.plan_more import register as register_more
from overflight.cli.plan_optimise import register as register_optimise
from overflight.cli.plan_options import (
    BordersOption,
    DaylightOption,
    ElevationOption,
    MinLegOption,
    MinSunOption,
    RangeOption,
    RegionsOption,
    SwathsOption,
    TurnOption,
    TurnRadiusOption,
)
from overflight.cli.plan_orienteer import register as register_orienteer
from overflight.cli.plan_picture import register as register_picture
from overflight.cli.plan_words import print_check, print_conditions
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Find, check and compare mission plans."
)

register_optimise(app)
register_edit(app)
register_more(app)
register_orienteer(app)
register_picture(app)
register_campaign(app)

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="Plan file: a GeoJSON Feature, one LineString.")]


def _regime(on: str | None, reading: list[str] | None, folder: Path | None) -> Regime:
    from overflight.treaty.regime import Regime

    return Regime.on(day_of(on), readings=readings_of(reading), folder=folder)


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
    eta: Annotated[
        str | None, typer.Option("--eta", metavar="TIME", help="Notified time of arrival (VI.II.3).")
    ] = None,
    submitted: Annotated[
        str | None,
        typer.Option("--submitted", metavar="TIME", help="Submission, instead of the plan's own time (VI.II.4.E)."),
    ] = None,
    regions: RegionsOption = None,
    range_km: RangeOption = None,
    min_leg_km: MinLegOption = 0.0,
    turn_radius_km: TurnRadiusOption = 0.0,
    turn: TurnOption = "short",
    daylight: DaylightOption = False,
    min_sun_deg: MinSunOption = 0.0,
    json: JsonOption = False,
) -> None:
    """Check a plan against every rule on plans, one finding each; exits 1 if any is breached.

    A planner's own conditions (--regions, --range-km and the like) are listed after the treaty's findings;
    one that is not kept exits 1 too.

    Example: overflight plan check plan.json --on 2021-05-17
    """
    from overflight.app import plans
    from overflight.app.plan_regions import notes_on, regions_from
    from overflight.planning.conditions import Conditions, check_conditions

    day = _regime(on, reading, regime)
    read, over = plans.read_plan(plan), plans.ground(borders, elevation)
    asked = Conditions(
        regions=regions_from(regions or (), observed=read.observed, regime=day, borders=over.borders),
        range_km=range_km,
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
        print_conditions(own)

    answer(found.to_json() | own.to_json(), as_json=json, human=human, code=0 if found.complies and own.kept else 1)


@app.command()
def compare(
    first: PlanArgument,
    second: Annotated[Path, typer.Argument(metavar="OTHER", help="Another plan file.")],
    sites: Annotated[
        str | None, typer.Option("--sites", metavar="FILE", help="Your sites: adds what each plan observes.")
    ] = None,
    swath_km: Annotated[
        float | None, typer.Option("--swath-km", metavar="W", help="Full width that is observed.")
    ] = None,
    swath: SwathsOption = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """Two plans side by side: distance, hours, findings; value only with --sites.

    Example: overflight plan compare ours.json theirs.json --sites sites.csv --swath-km 10
    """
    from overflight.app import plans
    from overflight.app.plan_optimise import swaths_from

    ours, theirs = plans.read_plan(first), plans.read_plan(second)
    over = plans.ground(borders, elevation)
    wanted = plans.sites_from(sites, observed_party=ours.observed, borders=over.borders) if sites else None
    day = _regime(on, reading, regime)
    swaths = swaths_from(swath or (), (), None, day)
    found = plans.compare(ours, theirs, day, over, sites=wanted, swath_km=swath_km, swaths_km=swaths)

    def human() -> None:
        one, two = found["first"], found["second"]
        rows: list[tuple[object, ...]] = [
            (k, one[k], two[k], found["difference"].get(k)) for k in one if k not in ("breaches", "undetermined")
        ]
        lists = ("breaches", "undetermined")
        rows += [(k, ", ".join(one[k]) or "-", ", ".join(two[k]) or "-", None) for k in lists]
        table(rows, ("", str(first), str(second), say("difference")))

    answer(found, as_json=json, human=human)
