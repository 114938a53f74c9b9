"""`overflight plan picture`: a plan on a map, its height profile, or what a search found when, as SVG or PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overflight.cli.common import (
    JsonOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    note,
    regime_of,
)
from overflight.cli.plan_options import (
    BordersOption,
    ElevationOption,
    OutOption,
    OwnSitesOption,
    RegionsOption,
    SwathOption,
    SwathsOption,
)
from overflight.terms.words import say


def register(app: typer.Typer) -> None:
    """Add this command to the commands on plans."""
    app.command()(picture)


def picture(
    plan: Annotated[
        Path | None, typer.Argument(metavar="PLAN", help="Plan file; not needed with --what value.")
    ] = None,
    out: OutOption = None,
    what: Annotated[str, typer.Option("--what", metavar="KIND", help="map, profile or value.")] = "map",
    sites: OwnSitesOption = None,
    swath_km: SwathOption = None,
    swath: SwathsOption = None,
    regions: RegionsOption = None,
    history: Annotated[
        Path | None, typer.Option("--history", metavar="FILE", help="With --what value: what plan optimise wrote.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="AXIS", help="With --what value: seconds or steps.")] = "seconds",
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """Draw a plan: on a map with its swath, or its height above ground; or the value that a search found over time.

    -o ends in .svg or .png. A map with --sites is private.

    Example: overflight plan picture plan.json --swath-km 4.5 -o plan.svg
    """
    from overflight.app import plan_pictures, plans
    from overflight.app.files import write_file
    from overflight.errors import BadInput

    if out is None:
        raise BadInput(say("name the file to write with -o, such as plan.svg"), field="-o")
    kind = plan_pictures.kind_of(out)
    if what not in plan_pictures.PICTURES:
        raise BadInput(say("--what: choose {all}", all=", ".join(plan_pictures.PICTURES)), field="--what")
    if by not in ("seconds", "steps"):
        raise BadInput(say("--by: choose seconds or steps"), field="--by")
    if what == "value":
        if history is None:
            raise BadInput(say("--what value needs --history, the file of a search"), field="--history")
        moments = plan_pictures.read_history(history)
        made = plan_pictures.value_curve(moments, by="step" if by == "steps" else "seconds", kind=kind)
    else:
        if plan is None:
            raise BadInput(say("name the plan's file"), field="PLAN")
        from overflight.app.plan_optimise import swaths_from
        from overflight.app.plan_regions import notes_on, regions_from

        read = plans.read_plan(plan)
        over = plans.ground(borders, elevation)
        day = regime_of(on, reading, regime)
        named = regions_from(regions or (), observed=read.observed, regime=day, borders=over.borders)
        for sentence in notes_on(regions or (), day):
            note(sentence)
        own = plans.sites_from(sites, observed_party=read.observed, borders=over.borders) if sites else ()
        if own and swath_km is None and read.swath_km is None:
            raise BadInput(say("--sites needs --swath-km, the full width that is observed"), field="--swath-km")
        made = plan_pictures.picture(
            what, read, day, over, sites=own, swath_km=swath_km,
            swaths_km=swaths_from(swath or (), (), None, day),
            regions=named, kind=kind,
        )  # fmt: skip
    write_file(out, made)
    private = what == "value" or (what == "map" and sites is not None)
    found = {"file": str(out), "what": what, "kind": kind, "bytes": len(made), "private": private}

    def human() -> None:
        print(say("{size} bytes written to {path}", size=len(made), path=out))
        if private:
            print(say("It is private: it shows sites or their value."))

    answer(found, as_json=json, human=human)
