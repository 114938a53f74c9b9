"""What every page shows around its content: places, Party, regime, day, clock, exercise banner."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.terms.words import say
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime
from overflight.web.words import for_scripts

if TYPE_CHECKING:
    from overflight.app.node import Node

THEMES = ("light", "dark")


def places(has_node: bool) -> list[tuple[str, str, str]]:
    """Name, address and label of each place; those that need a node stand only where there is one."""
    everywhere = [("today", "/", say("Today")), ("planner", "/planner", say("Planner"))]
    of_node = [
        ("flights", "/flights", say("Flights")),
        ("images", "/images", say("Images")),
        ("records", "/records", say("Records")),
    ]
    return [*everywhere, *(of_node if has_node else ()), ("treaty", "/treaty", say("Treaty"))]


def frame(
    *, node: Node | None, place: str, now: datetime, day: date, language: str = "en", theme: str = ""
) -> dict[str, Any]:
    """The frame of one page."""
    regime = Regime.on(day)
    dataset = Borders.load().dataset
    return {
        "place": place,
        "places": places(node is not None),
        "party": node.party if node else None,
        "party_name": party_name(regime, node.party) if node else None,
        "exercise": node.exercise if node else None,
        "regime_title": regime.title,
        "now": now,
        "day": day,
        "language": language,
        "theme": theme if theme in THEMES else "",
        "words": for_scripts(),
        "credit": say(
            "{name} ({date}, {scale}); boundaries imply no position",
            name=dataset.name,
            date=dataset.date,
            scale=dataset.scale,
        ),
    }


def party_name(regime: Regime, code: str) -> str:
    """A State's name on the day, Party or not; its code where the data hold none."""
    from overflight.errors import UnknownParty

    try:
        return regime.state(code).memberships[-1].name_on(regime.day)
    except UnknownParty:
        return code
