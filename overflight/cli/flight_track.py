"""`overflight flight track`: one track, or a folder of them, as flown against plan."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import (
    JsonOption,
    NodeOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    day_of,
    finding_line,
    note,
    readings_of,
    table,
)
from overflight.errors import BadInput, NoNode
from overflight.terms.words import say

_SHOWN = 40  # rows of a table on the terminal
_GAPS_SHOWN = 5
_TOLD_EVERY_S = 5.0


def register(app: typer.Typer) -> None:
    """Add the command ``track`` to the commands on flights."""
    app.command()(track)


def track(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="Mission plan file.")],
    track_file: Annotated[
        Path | None, typer.Argument(metavar="[TRACK]", help="As flown: CSV, GPX, IGC, or ADS-B as CSV or JSON.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Every track file of a folder, one row each.")
    ] = None,
    listed: Annotated[
        Path | None, typer.Option("--tracks", metavar="LIST", help="Every file that a text file names, one a line.")
    ] = None,
    icao24: Annotated[
        str | None, typer.Option("--icao24", metavar="HEX", help="The aircraft, where a file holds several.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Rows of many tracks as .csv or .jsonl.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", min=1, max=256, help="Processes for many tracks.")
    ] = None,
    flight: Annotated[
        str | None, typer.Option("--flight", metavar="OS", help="Take grounds from its messages.")
    ] = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    node: NodeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold a track against its plan: deviation, distance, gaps, height, borders, sensors; exits 1 on a breach.

    Example: overflight flight track plan.json flown.csv --on 2021-05-19
    """
    given = [one for one in (track_file, folder, listed) if one is not None]
    if len(given) != 1:
        raise BadInput(say("name one TRACK, or many with --folder DIR or --tracks LIST"), field="TRACK")
    if track_file is None:
        if flight is not None:
            raise BadInput(say("--flight goes with one TRACK"), field="--flight")
        _many(plan, folder, listed, icao24, out, workers, on, reading, regime, as_json)
        return
    if out is not None or workers is not None:
        raise BadInput(say("-o and --workers go with --folder or --tracks"), field="-o")
    from overflight.app import flight_track
    from overflight.app.plans import ground
    from overflight.planning.planfile import read_plan
    from overflight.treaty.regime import Regime

    flown = flight_track.read_track_file(track_file, icao24=icao24)
    day = day_of(on) if on else flown.time(0).date()
    stated: tuple[Any, ...] = ()
    if flight is not None:
        if node is None:
            raise NoNode(say("name the node that acts with --node DIR, or OVERFLIGHT_NODE"), field="--node")
        from overflight.app.wiring import open_node

        with open_node(node, writer=False) as open_one:
            stated = flight_track.stated_deviations(open_one, flight.strip().upper())
    found = flight_track.as_flown(
        read_plan(plan), flown, Regime.on(day, readings=readings_of(reading), folder=regime), ground(), stated=stated
    )
    shown = found.to_json()
    answer(shown, as_json=as_json, human=lambda: _tell_track(shown), code=0 if found.complies else 1)


def _tell_track(out: Mapping[str, Any]) -> None:
    print(
        say(
            "{km} km flown; at most {off} km from the plan; fixes: {fixes}; gaps: {n}",
            km=out["flown_km"],
            off=out["max_deviation_km"],
            fixes=out["fixes"],
            n=len(out["gaps"]),
        )
    )
    for one in out["findings"]:
        print(finding_line(one))
    for gap in out["gaps"][:_GAPS_SHOWN]:
        print(say("gap: {since} to {until}, {km:.1f} km apart", since=gap["from"], until=gap["until"], km=gap["km"]))
    if len(out["gaps"]) > _GAPS_SHOWN:
        print(say("gaps not shown: {n}", n=len(out["gaps"]) - _GAPS_SHOWN))
    for gap in out["grounded"]:
        print(say("on the ground at a planned stop: {since} to {until}", since=gap["from"], until=gap["until"]))
    for one in out["notes"]:
        rows = ", ".join(str(row) for row in one["rows"][:3])
        print(f"{say('note'):<12} {one['kind']:<11} {one['says']}" + (say(" (row {rows})", rows=rows) if rows else ""))

    verdicts = [one["verdict"] for one in out["findings"]]
    print(
        say(
            "{verdict}; breaches: {breaches}, open: {open}, rights: {rights}; at most {off} km from the plan, {km} km "
            "flown",
            verdict=say("complies") if out["complies"] else say("does not comply"),
            breaches=verdicts.count("breaches"),
            open=verdicts.count("undetermined"),
            rights=verdicts.count("right"),
            off=out["max_deviation_km"],
            km=out["flown_km"],
        )
    )


def _many(
    plan: Path,
    folder: Path | None,
    listed: Path | None,
    icao24: str | None,
    out: Path | None,
    workers: int | None,
    on: str | None,
    reading: list[str] | None,
    regime: Path | None,
    as_json: bool,
) -> None:
    from contextlib import nullcontext

    from overflight.app import tracks_many as use
    from overflight.planning.planfile import read_plan

    paths = use.tracks_in(folder) if folder is not None else use.tracks_listed(listed or Path())
    task = use.Task(
        read_plan(plan), day_of(on) if on else None, tuple(sorted(readings_of(reading).items())), regime, icao24
    )
    shown: list[dict[str, Any]] = []
    tally, last = use.Tally(), time.monotonic()

    def progress(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last > _TOLD_EVERY_S or done == of:
            last = time.monotonic()
            note(say("tracks: {done} of {of}", done=done, of=of))

    with use.RowFile(out) if out is not None else nullcontext() as file:
        for row in use.check_many(paths, task, workers=workers, progress=progress):
            tally.add(row)
            if file is not None:
                file.write(row)
            if as_json or len(shown) < _SHOWN:
                shown.append(row)
    counts = {"tracks": tally.tracks, "comply": tally.comply, "breach": tally.breach, "errors": tally.failed}
    whole = {"complies": tally.breach == 0, **counts, "rows": shown}
    answer(whole, as_json=as_json, human=lambda: _tell_many(counts, shown), code=_code(tally))


def _code(tally: Any) -> int:
    """1 if a track breaches a rule, 2 if none could be read."""
    return 1 if tally.breach else 2 if tally.failed == tally.tracks else 0


def _tell_many(counts: Mapping[str, int], rows: list[dict[str, Any]]) -> None:
    heads = ("track", "complies", "max_deviation_km", "flown_km", "nearest_border_km", "gaps", "breaches / error")
    cells = []
    for row in rows:
        words = {True: say("yes"), False: say("no"), None: say("error")}
        last = row["error"] or " ".join(row["breaches"])
        cells.append([row["track"], words[row["complies"]], *(row[h] for h in heads[2:6]), last[:100]])
    table(cells, heads)
    if counts["tracks"] > len(rows):
        print(say("… and {n} more; all of them with -o FILE.csv or --json", n=counts["tracks"] - len(rows)))
    print(
        say(
            "tracks: {tracks}; comply: {comply}; breach a rule: {breach}; could not be read: {errors}",
            tracks=counts["tracks"],
            comply=counts["comply"],
            breach=counts["breach"],
            errors=counts["errors"],
        )
    )
