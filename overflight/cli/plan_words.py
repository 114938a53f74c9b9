"""How the commands on plans print what they found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from overflight.cli.common import finding_line, note
from overflight.errors import BadFile, OverflightError
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.request import Ignored
    from overflight.planning.validate import PlanCheck
    from overflight.rules.finding import Finding

MOST_MISSED = 10  # names on the screen


def print_check(found: PlanCheck) -> None:
    """Every finding, worst first, then the lengths and whose borders they rest on."""
    print_findings(found.findings)
    limit = f"{found.limit_km:g} km" if found.limit_km is not None else say("unknown")
    print(
        say(
            "{verdict}; {length:.1f} km in all, {counted:.1f} km counted, limit {limit}; {open} findings lack a fact",
            verdict=say("complies") if found.complies else say("does not comply"),
            length=found.length_km,
            counted=found.counted_km,
            limit=limit,
            open=len(found.undetermined),
        )
    )
    data: dict[str, Any] = found.borders
    print(say("borders: {name}, {date}, {scale}: {view}", view=data["point_of_view"], **_three(data)))


def _three(data: dict[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in ("name", "date", "scale")}


def at_place(where: Any) -> str:
    """A place as people read it; empty if there is none."""
    if not isinstance(where, dict) or "coordinates" not in where:
        return ""
    lon, lat = where["coordinates"]
    return f" [{abs(lat):.4f}{'N' if lat >= 0 else 'S'} {abs(lon):.4f}{'E' if lon >= 0 else 'W'}]"


def left_out_line(left: Ignored) -> str:
    """Name and place of a site that was left out, and what may be wrong with its row."""
    name = "".join(letter if letter.isprintable() else " " for letter in left.site.name[:60])
    place = at_place({"coordinates": [left.site.lon_deg, left.site.lat_deg]})
    return name + place + (f" ({left.hint})" if left.hint else "")


def missed_line(names: Sequence[str]) -> str:
    """The first of the sites that a plan does not observe, as people read them."""
    shown = ", ".join("".join(c if c.isprintable() else " " for c in name[:40]) for name in names[:MOST_MISSED])
    return shown + (f" (+{len(names) - MOST_MISSED})" if len(names) > MOST_MISSED else "")


def print_findings(findings: Sequence[Finding]) -> None:
    """One line for each: verdict, citation, reason, place."""
    for one in findings:
        print(finding_line(one.to_json(), place=at_place(one.where)))


def print_conditions(rows: Sequence[Mapping[str, Any]], *, kept: bool) -> None:
    """The planner's own conditions, as the answer's `conditions` has them, and whether all are kept."""
    if not rows:
        return
    words = {"complies": say("kept"), "breaches": say("not kept"), "undetermined": say("open")}
    print(say("own conditions:"))
    for one in rows:
        print(finding_line(one, word=words.get(one["verdict"]), place=at_place(one["where"])))
    print(say("all conditions are kept") if kept else say("a condition is not kept"))


def write_plans(made: Mapping[Path, Mapping[str, Any]], *, answer: Any = None) -> None:
    """Write plans as files, in folders that are made; if that fails, print `answer`, or the plans that are not written.

    Raises
    ------
    BadFile
        If a file cannot be written; what a search found then stands on the screen.
    """
    from overflight.planning.planfile import plan_from_feature, write_plan

    left = dict(made)
    try:
        for path, feature in made.items():
            make_folder(path.parent)
            write_plan(plan_from_feature(feature), path)
            del left[path]
    except OverflightError as why:
        if answer is not None:  # one document: the answer, and the sentence beside it
            print(json.dumps(answer, ensure_ascii=False, indent=2))
            note(why.message)
            raise typer.Exit(2) from None
        for one in left.values():
            print(json.dumps(one, ensure_ascii=False, indent=2))
        raise


def make_folder(folder: Path) -> None:
    """Make a folder for plans, if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise BadFile(
            say("{path} cannot be made: {why}", path=str(folder), why=why.strerror or str(why)), field="-o"
        ) from None
