"""The Today page: before an exercise starts, the news of January 2021; afterwards duties, clocks and flights."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.app import treaty as use
from overflight.terms.words import say
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from overflight.app.node import Node

NEWS_DAY = date(2021, 1, 15)


def is_prologue(node: Node | None, story: dict[str, Any] | None) -> bool:
    """Whether Today shows the news: an exercise is told here, and its first step has not been played."""
    return node is not None and node.exercise is not None and story is not None and story["done"] == 0


def prologue(regime: Regime, story: dict[str, Any] | None) -> dict[str, Any]:
    """The claims of two news reports with what the treaty's data say of each."""
    claims = use.claims(regime)
    counts: dict[str, int] = {}
    for claim in claims:
        counts[claim["verdict"]] = counts.get(claim["verdict"], 0) + 1
    return {"claims": claims, "counts": counts, "story": story}


def page(node: Node | None, regime: Regime, now: datetime, story: dict[str, Any] | None) -> dict[str, Any]:
    """Duties with their clocks, soonest first, flights and the story's progress."""
    flights: list[dict[str, Any]] = []
    if node is not None:
        from overflight.app.flight_view import states

        flights = [{**what.to_json(), "flight": number} for number, what in states(node)]
    duties = [
        {**duty, "flight": flight["flight"], "ours": node is not None and duty["who"] == node.party, **left(duty, now)}
        for flight in flights
        for duty in flight["duties"]
        if not duty.get("done_at")
    ]
    duties.sort(key=lambda d: (d["due"] is None, d["due"] or ""))
    return {"duties": duties, "flights": flights, "story": story, "parties": len(regime.parties())}


def left(duty: dict[str, Any], now: datetime) -> dict[str, Any]:
    """How long a duty still has, in words; late when its time is over."""
    from overflight.terms.moment import parse_moment

    if not duty.get("due"):
        return {"in_words": say("no fixed time"), "late": False}
    if duty.get("presumed"):
        return {"in_words": say("the start of its clock is not known"), "late": False}
    due = parse_moment(duty["due"]) if isinstance(duty["due"], str) else duty["due"]
    seconds = int((due - now).total_seconds())
    words = span(abs(seconds))
    if seconds < 0:
        return {"in_words": say("{span} late", span=words), "late": True}
    return {"in_words": say("in {span}", span=words), "late": False}


def span(seconds: int) -> str:
    """A length of time as people say it: minutes below two hours, hours below three days, then days."""
    minutes = seconds // 60
    if minutes < 120:
        return say("{n} min", n=minutes)
    if minutes < 72 * 60:
        hours, rest = divmod(minutes, 60)
        return say("{h} h {m} min", h=hours, m=rest) if rest else say("{h} h", h=hours)
    return say("{n} days", n=round(minutes / 1440, 1)).replace(".0 ", " ")
