"""Article VII and OSCC Decision 22/02: on the way over States that are not observed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.clocks import keeps_the_clock
from overflight.rules.finding import Finding, breaches, complies, rule
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("VII.1")
def transit_starts_in_a_party(*, start: str, observing: str | None = None, regime: Regime) -> Finding:
    """A transit flight begins over the territory of the observing Party or of another Party."""
    seen = {"start": start, "day": regime.day.isoformat()}
    if start == observing or regime.is_party(start):
        return complies(say("transit starts in {code}, a Party", code=start), actor=observing, seen=seen)
    return breaches(
        say("transit starts in {code}, no Party on {day}", code=start, day=regime.day), actor=observing, seen=seen
    )


@rule("VII.2.a")
def accepts_transit(*, refused: bool, by: str, regime: Regime) -> Finding:
    """Each Party accepts transit flights over its territory; a State that is no Party owes nothing here."""
    seen = {"by": by, "refused": refused}
    if not regime.is_party(by):
        return complies(say("{code} is no Party on {day} and owes no transit", code=by, day=regime.day), seen=seen)
    if refused:
        return breaches(say("{code} refused the transit", code=by), actor=by, seen=seen)
    return complies(say("{code} accepted the transit", code=by), actor=by, seen=seen)


@rule("VII.2.b")
def transit_follows_recognised_routes(
    *, on_routes: bool, agreed: bool = False, obeyed_control: bool = True, observing: str | None = None
) -> Finding:
    """Transit follows recognised air traffic routes, unless the Parties involved agree, under national control."""
    seen = {"on_routes": on_routes, "agreed": agreed, "obeyed_control": obeyed_control}
    if not obeyed_control:
        return breaches(say("the orders of national traffic control were not followed"), actor=observing, seen=seen)
    if on_routes or agreed:
        return complies(say("on recognised routes, or as the Parties involved agreed"), actor=observing, seen=seen)
    return breaches(say("off the recognised routes, with no agreement"), actor=observing, seen=seen)


@rule("VII.3.a")
def sensors_are_off_in_transit(*, sensors_ran: bool, observing: str | None = None) -> Finding:
    """In transit no sensor runs."""
    if sensors_ran:
        return breaches(say("a sensor ran in transit"), actor=observing, seen={"sensors_ran": True})
    return complies(say("no sensor ran in transit"), actor=observing, seen={"sensors_ran": False})


@rule("VII.3.b")
def covers_are_checked_at_a_stop(
    *, landed: datetime, checked_after: datetime | None, checked_before: datetime | None, left: datetime, at: str = ""
) -> Finding:
    """Where a transit flight lands, that Party checks the covers after landing and again before departure."""
    seen: dict[str, Any] = {"landed": rfc3339(landed), "left": rfc3339(left)}
    lacking = [
        name for name, time in (("checked_after", checked_after), ("checked_before", checked_before)) if time is None
    ]
    if lacking or checked_after is None or checked_before is None:
        seen["missing"] = lacking
        return breaches(
            say("the covers were not checked: {names}", names=", ".join(lacking)), actor=at or None, seen=seen
        )
    if not landed <= checked_after <= checked_before <= left:
        why = say("the checks do not lie between landing {a} and departure {b}", a=readable(landed), b=readable(left))
        return breaches(why, actor=at or None, seen=seen)
    return complies(say("covers checked after landing and before departure"), actor=at or None, seen=seen)


@rule("D22.1")
def accepts_a_leg_that_is_needed(*, needed: bool, coordinated: bool, refused: bool, by: str, regime: Regime) -> Finding:
    """A Party accepts a leg over it that is needed to reach part of the observed territory, once co-ordinated."""
    seen = {"by": by, "needed": needed, "coordinated": coordinated, "refused": refused}
    if not refused or not regime.is_party(by):
        return complies(say("nothing that {code} owes was refused", code=by), seen=seen)
    if needed and coordinated:
        return breaches(say("{code} refused a leg that was needed and co-ordinated", code=by), actor=by, seen=seen)
    return complies(say("the leg was not needed, or not co-ordinated before"), actor=by, seen=seen)


@rule("D22.4")
def answers_with_transit_details_within_72_hours(
    *, asked: datetime, answered: datetime | None, by: str, regime: Regime
) -> Finding:
    """A Party answers a request for transit details of a leg within 72 hours; others may need longer."""
    if not regime.is_party(by):
        return complies(say("{code} is no Party; it may need longer", code=by), seen={"by": by})
    return keeps_the_clock("D22.4", trigger=asked, event=answered, regime=regime, actor=by, what=say("transit details"))


@rule("D22.4")
def coordination_ends_before_the_plan(*, coordinated: datetime | None, submitted: datetime, regime: Regime) -> Finding:
    """Co-ordination of the legs over other States is done before the mission plan is handed over."""
    return keeps_the_clock(
        "D22.4#plan", trigger=submitted, event=coordinated, regime=regime, what=say("co-ordination of the legs")
    )
