"""How the commands on plans print what they found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from overflight.cli.common import finding_line
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.request import Ignored
    from overflight.planning.validate import PlanCheck
    from overflight.rules.finding import Finding


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
