"""`overflight plan campaign`: several flights of a quota planned together, or one flight that Parties share."""

from __future__ import annotations

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
    note,
    regime_of,
    table,
)
from overflight.cli.plan_options import (
    BordersOption,
    ElevationOption,
    MaxKmOption,
    ObservedOption,
    ObservingOption,
    RangeOption,
    RegionsOption,
    SeedOption,
    SwathOption,
    SwathsOption,
)
from overflight.cli.plan_words import write_plans
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


def register(app: typer.Typer) -> None:
    """Add this command to the commands on plans."""
    app.command()(campaign)


def campaign(
    file: Annotated[
        Path | None, typer.Argument(metavar="CAMPAIGN", help="TOML file; or give --flights and the options of a plan.")
    ] = None,
    flights: Annotated[int | None, typer.Option("--flights", metavar="N", help="So many flights alike.")] = None,
    observed: ObservedOption = None,
    observing: ObservingOption = None,
    start: Annotated[str | None, typer.Option("--from", metavar="ICAO", help="Airfield where they start.")] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="ICAO", help="Airfield where they end; default the same.")
    ] = None,
    sites: Annotated[str | None, typer.Option("--sites", metavar="FILE", help="CSV or GeoJSON of your sites.")] = None,
    swath_km: SwathOption = None,
    swath: SwathsOption = None,
    regions: RegionsOption = None,
    range_km: RangeOption = None,
    max_km: MaxKmOption = None,
    flown: Annotated[
        int, typer.Option("--flown", metavar="N", min=0, help="Flights of the pair that count already this year.")
    ] = 0,
    accepted: Annotated[
        int | None,
        typer.Option("--accepted", metavar="N", min=0, help="Flights that the observed Party accepted this year."),
    ] = None,
    quota: Annotated[
        int | None, typer.Option("--quota", metavar="N", min=0, help="This year's active quota, where it is not known.")
    ] = None,
    partner: Annotated[
        str | None, typer.Option("--for", metavar="PARTNER", help="Answer what this partner may know, and no more.")
    ] = None,
    node: Annotated[
        Path | None, typer.Option("--node", metavar="DIR", help="Each consent must be a record in this node.")
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", metavar="N", help="Rounds in which flights are planned anew.")] = 2,
    time: Annotated[
        float | None, typer.Option("--time", metavar="S", help="Seconds in all; default 10 for each flight.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", help="Steps of each search: repeatable on any machine.")
    ] = None,
    seed: SeedOption = 0,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="DIR", help="Write the plan files there.")] = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """Plan several flights over one Party together; a site counts once.

    Exits 1 if a rule or the quota is breached, a required site is missed, or a condition (--regions and the like) is
    not kept.

    Example: overflight plan campaign year.toml --on 2021-05-17 -o plans
    """
    from datetime import date

    from overflight.app import campaign_file, plan_campaign, plans
    from overflight.app.files import refuse_unwritable_folder
    from overflight.errors import BadInput
    from overflight.planning.campaign import CampaignFlight
    from overflight.planning.request import PlanRequest

    if out is not None:
        refuse_unwritable_folder(out)
    over = plans.ground(borders, elevation)
    default_day = day_of(on)

    def regime_on(day: date) -> Regime:
        return regime_of(day.isoformat(), reading, regime)

    if file is not None:
        given = {
            "--flights": flights, "--observed": observed, "--observing": observing, "--from": start, "--to": end,
            "--sites": sites, "--swath-km": swath_km, "--swath": swath, "--regions": regions, "--range-km": range_km,
            "--max-km": max_km, "--flown": flown or None, "--accepted": accepted, "--quota": quota,
        }  # fmt: skip
        twice = next((name for name, value in given.items() if value is not None), None)
        if twice:
            raise BadInput(
                say("{option} goes into the campaign's file where there is one; leave it out here", option=twice),
                field=twice,
            )
        asked = campaign_file.read_campaign(file, over=over, regime_on=regime_on, default_day=default_day)
    else:
        needed = {
            "--flights": flights, "--observed": observed, "--observing": observing, "--from": start, "--sites": sites,
            "--swath-km": swath_km,
        }  # fmt: skip
        missing = [name for name, value in needed.items() if value is None]
        if missing:
            raise BadInput(say("give a campaign's file, or {options}", options=", ".join(missing)), field=missing[0])
        from overflight.app.plan_optimise import swaths_from
        from overflight.app.plan_regions import notes_on, regions_from

        party, most = str(observed).strip().upper(), plan_campaign.MOST_FLIGHTS
        if flights is None or not 0 < flights <= most:
            raise BadInput(say("--flights must be from 1 to {most}", most=most), field="--flights")
        code, day = str(observing).strip().upper(), regime_on(default_day)
        request = PlanRequest(
            observed=party,
            start=str(start).strip().upper(),
            end=(end or str(start)).strip().upper(),
            sites=(),
            swath_km=swath_km or 0.0,
            swaths_km=swaths_from(swath or (), (), None, day),
            max_km=max_km,
            observing=code,
            regions=regions_from(regions or (), observed=party, regime=day, borders=over.borders),
            range_km=range_km,
        )
        asked = plan_campaign.Campaign(
            observed=party,
            observing=code,
            flights=tuple(CampaignFlight(str(n + 1), request, day) for n in range(flights)),
            partners=(
                plan_campaign.Partner(code, plans.sites_from(str(sites), observed_party=party, borders=over.borders)),
            ),
            flown=flown,
            accepted=accepted,
            quota=quota,
            notes=tuple(notes_on(regions or (), day)),
        )
    for sentence in asked.notes:
        note(sentence)
    if node is not None:
        from overflight.app.wiring import open_node

        with open_node(node, writer=False) as opened:
            for one in asked.partners:
                if one.code != asked.observing:
                    plan_campaign.consent_from(one, opened)
    found = plan_campaign.campaign(
        asked,
        over,
        stops=lambda _: plans.stop_rule(_each(time, len(asked.flights), rounds), steps),
        rounds=rounds,
        seed=seed,
        told_to=partner.strip().upper() if partner else None,
        progress=_progress if partner is None else None,  # what all have found so far is not a partner's to know
    )
    for sentence in found.get("notes", ())[len(asked.notes) :]:
        note(sentence)
    made = plan_campaign.written(found)
    if out is not None:
        write_plans({out / name: feature for name, feature in made}, answer=found if json else None)

    def human() -> None:
        _print(found)
        if out is not None:
            print(
                say(
                    "{n} plans of {all} flights written to {path}",
                    n=len(made),
                    all=len(found["flights"]),
                    path=out,
                )
            )

    answer(found, as_json=json, human=human, code=0 if found["complies"] else 1)


def _each(time: float | None, flights: int, rounds: int) -> float | None:
    """Seconds for each search, of a whole that all searches share."""
    return time / (flights * (max(0, rounds) + 1)) if time is not None else None


def _progress(turn: int, flight: int, value: float) -> None:
    note(say("round {turn}, flight {n}: value {value:g} so far", turn=turn, n=flight + 1, value=value))


def _print(found: dict[str, Any]) -> None:
    whole = found.get("own") is None
    heads = [say("flight"), say("day"), say("from"), say("to"), say("km"), say("limit"), say("complies")]
    keys = ["name", "on", "from", "to", "length_km", "limit_km", "complies"]
    if whole:
        heads += [say("alone"), say("adds"), say("sites")]
        keys += ["value", "adds", "sites_observed"]
    table([tuple(row.get(key) for key in keys) for row in found["flights"]], heads)
    for row in found["flights"]:
        if row["plan"] is None:
            print(say("flight {name} has no plan: {why}", name=row["name"], why=row["why_none"]))
        for one in row.get("conditions", ()):
            if one["verdict"] != "complies":
                print(say("flight {name}: {line}", name=row["name"], line=finding_line(one)))
    if whole:
        print(
            say(
                "together {value:g} of {total:g}; a site counts once; no more than {bound:g} lies within reach",
                value=found["value"],
                total=found["total_value"],
                bound=found["bound"],
            )
        )
        if found["required_missing"]:
            print(say("required and not observed: {names}", names=", ".join(found["required_missing"][:10])))
        for row in found["partners"]:
            print(
                say(
                    "{code}: {seen} of {all} own sites, {share:.0f} % of its own value, weight {weight:g}",
                    code=row["code"],
                    seen=row["sites_observed"],
                    all=row["sites"],
                    share=100 * (row["share"] or 0.0),
                    weight=row["weight"],
                )
            )
        _print_quota(found["quota"])
    else:
        own = found["own"]
        print(
            say(
                "{code}: {seen} of your {all} sites are observed, value {value:g} of {total:g}",
                code=found["told_to"],
                seen=own["sites_observed"],
                all=len(own["sites"]),
                value=own["value"],
                total=own["total_value"],
            )
        )


def _print_quota(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        quota = row["quota"] if row["quota"] is not None else say("unknown")
        left = row["remaining"] if row["remaining"] is not None else say("unknown")
        print(
            say(
                "{year}: {holder} over {over}: quota {quota}, {flown} flown, {planned} planned here, {left} left",
                year=row["year"],
                holder=row["holder"],
                over=row["over"],
                quota=quota,
                flown=row["flown"],
                planned=row["planned"],
                left=left,
            )
        )
        if row["without_plan"]:
            print(say("{n} flights have no plan and use no quota", n=row["without_plan"]))
        if row["findings"]:
            print(say("before the last planned flight:"))
        for one in row["findings"]:
            print(finding_line(one))
