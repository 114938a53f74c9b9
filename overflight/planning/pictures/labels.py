"""What is written beside the areas of a map: their names, hours and distances."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from overflight.planning.pictures import paper
from overflight.terms.moment import readable
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.regions import ClosedArea, SubLimit

LONGEST_NAME: Final = 40


def of_closed(area: ClosedArea) -> str:
    """Name and hours of a closed area, on two lines."""
    since, until = area.since, area.until
    if since is not None and until is not None:
        same_day = since.astimezone(UTC).date() == until.astimezone(UTC).date()
        hours = say(
            "closed {since} to {until}",
            since=readable(since),
            until=f"{until.astimezone(UTC):%H:%MZ}" if same_day else readable(until),
        )
    elif since is not None:
        hours = say("closed from {since} on", since=readable(since))
    elif until is not None:
        hours = say("closed until {until}", until=readable(until))
    else:
        hours = say("closed at all times")
    return f"{_name(area.name)}\n{hours}"


def of_limit(limit: SubLimit) -> str:
    """Name and distance of an area with a distance of its own, on two lines."""
    return f"{_name(limit.name)}\n" + say("at most {km:g} km", km=limit.most_km)


def _name(text: str) -> str:
    plain = paper.plain(text)
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 3] + "..."
