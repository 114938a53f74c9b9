"""`overflight plan negotiate`: what a proposed change does, and what to offer instead."""

from __future__ import annotations

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
    OwnSitesOption,
    PlanArgument,
    RangeOption,
    RegionsOption,
    SeedOption,
    SwathOption,
    SwathsOption,
)
from overflight.cli.plan_words import print_conditions, write_plans
from overflight.terms.words import say


def register(app: typer.Typer) -> None:
    """Add this command to the commands on plans."""
    app.command()(negotiate)


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
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="PLACE", help="Write the changed plan and each offer: a folder, or a FILE.json."
        ),
    ] = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """What a proposed change does: is its ground permitted, what it breaches, what it costs; exits 1 if not legal.

    -o DIR writes plan files, one for each: changed.json, and with sites repaired.json, as_submitted.json,
    no_longer.json and most_regained.json; -o FILE.json writes FILE-changed.json and so on. None holds a site, and
    none that is there is replaced.

    --regions and --range-km are a planner's own conditions: the changed plan and every offer are held against them.

    Example: overflight plan negotiate plan.json change.json --sites sites.csv --swath-km 4.5 --on 2021-05-17
    """
    from overflight.app import plans
    from overflight.app.plan_negotiate import negotiate as answer_to
    from overflight.app.plan_optimise import swaths_from
    from overflight.app.plan_regions import notes_on, regions_from
    from overflight.planning.change import read_change

    if out is not None:
        _refuse_taken(out)
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
    made = _files(found, out) if out is not None else {}
    write_plans(made, answer=found if json else None)
    code = 0 if found["permitted"] and found["complies"] and found["conditions_kept"] else 1

    def human() -> None:
        _print_change(found)
        for path in made:
            print(say("plan written to {path}", path=path))

    answer(found, as_json=json, human=human, code=code)


PLANS = ("changed", "repaired", "as_submitted", "no_longer", "most_regained")


def _file(out: Path, name: str) -> Path:
    """Where the plan of that name goes: into the folder, or beside FILE.json as FILE-name.json."""
    return out.with_name(f"{out.stem}-{name}.json") if out.suffix.lower() == ".json" else out / f"{name}.json"


def _refuse_taken(out: Path) -> None:
    from overflight.app.files import refuse_unwritable_folder
    from overflight.errors import BadInput

    for path in (_file(out, name) for name in PLANS):
        refuse_unwritable_folder(path.parent)
        if path.exists():
            raise BadInput(say("-o: {path} is there already; name another place", path=path), field="-o")


def _files(found: dict[str, Any], out: Path) -> dict[Path, Any]:
    """The plan file of the changed plan, and of each offer that has a plan."""
    offers = [found.get("repaired") or {}, *found.get("alternatives", [])]
    plans = {"changed": found["plan"]} | {o["name"]: o["plan"] for o in offers if o.get("plan")}
    return {_file(out, name): plan for name, plan in plans.items()}


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
