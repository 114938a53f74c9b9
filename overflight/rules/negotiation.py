"""Article VI, Section II, and Article VIII, Section I, paragraphs 4 to 6: agreeing on the mission plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.closed_words import OTHER, one_of
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.rules.timing import after, rows, timed, within
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# What a change may rest on (VIII.I.4.A to C, VI.II.5), and the paragraph of each.
GROUNDS = {
    "weather": "VIII.I.4.A",
    "airfield": "VIII.I.4.B",
    "inconsistent": "VIII.I.4.C",
    "hazardous_airspace": "VI.II.5",
}
GROUND_WORDS = (*GROUNDS, OTHER)
TOLD_BY_REASON = ("weather", "airfield")  # the others name their paragraph or their hazard


@rule("VI.II.1")
def hands_over_the_plan_after_arrival(
    *, arrived: datetime | None, submitted: datetime, observing: str | None = None
) -> Finding:
    """The mission plan is handed over after arrival at the Open Skies airfield."""
    seen = {"arrived": rfc3339(arrived) if arrived else None, "submitted": rfc3339(submitted)}
    if arrived is None:
        return undetermined(say("no arrival at the Open Skies airfield is recorded"), "arrival", seen=seen)
    if submitted < arrived:
        return breaches(
            say(
                "plan handed over {at}, before arrival at {arrived}", at=readable(submitted), arrived=readable(arrived)
            ),
            actor=observing,
            seen=seen,
        )
    return complies(say("plan handed over {at}, after arrival", at=readable(submitted)), actor=observing, seen=seen)


@rule("VI.II.6")
def replies_to_the_plan_within_4_hours(
    *, submitted: datetime, replied: datetime | None, regime: Regime, observed: str | None = None
) -> Finding:
    """Within 4 hours of the plan the observed Party accepts it or proposes changes.

    By the text silence is no acceptance, and a proposal that comes later is in breach and
    has nothing deemed accepted (`silence_after_4h`).
    """
    held = within(regime, "plan_reply_within", submitted, citation="VI.II.6")
    reading = regime.readings.get("silence_after_4h", "breach")
    return timed(
        held,
        replied,
        say("answer to the mission plan"),
        actor=observed,
        data=rows(regime, "plan_reply_within"),
        readings={"silence_after_4h": reading},
    )


@rule("VI.II.6")
def proposes_within_4_hours(
    *,
    submitted: datetime,
    proposed: datetime,
    regime: Regime,
    answers_alternative: bool = False,
    observed: str | None = None,
) -> Finding:
    """Each change to the submitted plan is proposed within 4 hours of it; a later one has nothing deemed accepted."""
    if answers_alternative:
        return silent(
            say("the text sets no time for an answer to the observing Party's alternative"),
            actor=observed,
            seen={"proposed": rfc3339(proposed)},
        )
    held = within(regime, "plan_reply_within", submitted, citation="VI.II.6")
    return timed(held, proposed, say("proposed change"), actor=observed, data=rows(regime, "plan_reply_within"))


@rule("VIII.I.4")
def proposal_rests_on_a_permitted_ground(
    *,
    ground: str,
    reason: str = "",
    inconsistent_with: str | None = None,
    plan_breaches: Collection[str] | None = None,
    observed: str | None = None,
) -> Finding:
    """Changes rest on weather that affects safety, on the state of an airfield, on VI.II.2 or VI.II.4, or on a hazard.

    A published hazardous airspace is a ground under VI.II.5 alone, which is judged on its own.
    `plan_breaches` holds the paragraphs that a check of the plan found breached, None if it was not checked. `ground`
    is ``weather``, ``airfield``, ``inconsistent``, ``hazardous_airspace`` or ``other``; an empty `reason` is none.

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    ground = one_of(ground, GROUND_WORDS, field="ground", citation="VIII.I.4")
    seen = {"ground": ground, "reason": reason, "inconsistent_with": inconsistent_with}
    if ground == "inconsistent":
        named = inconsistent_with or ""
        if not named.startswith(("VI.II.2", "VI.II.4")):
            return breaches(
                say(
                    "only a plan inconsistent with VI.II.2 or VI.II.4 is a ground; named is {named}", named=named or "-"
                ),
                actor=observed,
                seen=seen,
            )
        if plan_breaches is not None and not any(b.startswith(named) for b in plan_breaches):
            return breaches(
                say("the plan is said to be inconsistent with {named}, and its check finds no such thing", named=named),
                actor=observed,
                seen={**seen, "plan_breaches": sorted(plan_breaches)},
            )
    if ground not in GROUNDS:
        return breaches(
            say("the reason given is none of the permitted grounds: weather, airfields, VI.II.2 and VI.II.4, hazards"),
            actor=observed,
            seen=seen,
        )
    if ground in TOLD_BY_REASON and not reason.strip():
        return undetermined(
            say("{ground} is a permitted ground ({citation}); why it is given is not said", ground=ground,
                citation=GROUNDS[ground]),
            "reason",
            actor=observed,
            seen=seen,
        )  # fmt: skip
    return complies(
        say("the reason given is a permitted ground ({citation})", citation=GROUNDS[ground]), actor=observed, seen=seen
    )


@rule("VI.II.6.b")
def change_excludes_no_point(*, excludes_observation: bool, observed: str | None = None) -> Finding:
    """A proposed change may not shut out the observation of any point, hazardous airspace included."""
    seen = {"excludes_observation": excludes_observation}
    if excludes_observation:
        return breaches(say("the proposal closes an area to observation"), actor=observed, seen=seen)
    return complies(say("the proposal leaves every point open to observation"), actor=observed, seen=seen)


@rule("VI.II.5")
def hazard_is_named_and_room_made(
    *, hazard: str | None, makes_room: bool, offers_other_way: bool, regime: Regime, observed: str | None = None
) -> Finding:
    """In hazardous airspace the observed Party names the hazard, then makes room or proposes another way.

    "Another way" is another height, route or time.  Under the reading `hazard_duty` =
    any_one, one of the three is enough.
    """
    reading = regime.readings.get("hazard_duty", "name_and_help")
    done = (bool(hazard), makes_room, offers_other_way)
    more: dict[str, Any] = {
        "actor": observed,
        "seen": {"hazard": hazard, "makes_room": makes_room, "offers_other_way": offers_other_way},
        "readings": {"hazard_duty": reading},
    }
    if any(done) if reading.startswith("any") else done[0] and (done[1] or done[2]):
        return complies(say("the hazard is dealt with as the paragraph asks"), **more)
    if not hazard:
        return breaches(say("the hazardous airspace is not named"), **more)
    return breaches(
        say("hazard {hazard} is named, but no room is made and no other way proposed", hazard=hazard), **more
    )


@rule("VIII.I.5")
def may_decline_after_8_hours(
    *,
    submitted: datetime,
    at: datetime,
    agreed: datetime | None,
    holds_harm: bool | None,
    regime: Regime,
    observing: str | None = None,
) -> Finding:
    """With no agreement 8 hours after the original plan, the observing Party may decline if it holds its rights harmed.

    Answers `right` from the eighth hour on while nothing is agreed; `holds_harm` is what the
    observing Party itself says, None while it has said nothing.
    """
    held = after(regime, "plan_agreement_within", submitted, citation="VIII.I.5")
    more: dict[str, Any] = {
        "actor": observing,
        "seen": {"submitted": rfc3339(submitted), "at": rfc3339(at), "holds_harm": holds_harm},
        "limit": rfc3339(held.at),
        "data": rows(regime, "plan_agreement_within"),
    }
    if agreed is not None and agreed <= at:
        return breaches(say("the plan was agreed {at}; no right to decline is left", at=readable(agreed)), **more)
    if not held.held_by(at):
        return breaches(say("no right to decline before {due}", due=readable(held.at)), **more)
    if holds_harm is False:
        return breaches(say("the right to decline belongs to a Party that holds its rights harmed"), **more)
    return right(say("no agreement after {due}; the observing Party may decline", due=readable(held.at)), **more)


@rule("VI.II.4.E")
def starts_24_hours_after_the_plan(
    *, submitted: datetime, starts: datetime, regime: Regime, observing: str | None = None
) -> Finding:
    """The observation flight starts no less than 24 hours after the mission plan was handed over."""
    held = after(regime, "plan_before_take_off", submitted, citation="VI.II.4.E")
    return timed(held, starts, say("start of the flight"), actor=observing, data=rows(regime, "plan_before_take_off"))


@rule("VI.II.6.c")
def both_sign_before_the_flight(
    *, signed_by_observing: datetime | None, signed_by_observed: datetime | None, starts: datetime
) -> Finding:
    """The agreed mission plan carries both signatures before the flight starts."""
    seen = {
        "observing": rfc3339(signed_by_observing) if signed_by_observing else None,
        "observed": rfc3339(signed_by_observed) if signed_by_observed else None,
        "starts": rfc3339(starts),
    }
    lacking = [
        side
        for side, at in ((say("observing"), signed_by_observing), (say("observed"), signed_by_observed))
        if at is None or at > starts
    ]
    if lacking:
        return breaches(
            say("before the start the signature of the {sides} Party was missing", sides=" and ".join(lacking)),
            seen=seen,
        )
    return complies(say("both signed the agreed plan before the start"), seen=seen)


@rule("VI.II.8")
def files_the_flight_plan_at_once(
    *, agreed: datetime, filed: datetime | None, starts: datetime, supplier: str | None = None
) -> Finding:
    """The Party that supplies the aircraft files the flight plan at once after agreement.

    The paragraph gives no number; a plan that was never filed before the start is in breach.
    """
    seen = {"agreed": rfc3339(agreed), "filed": rfc3339(filed) if filed else None}
    if filed is None or filed > starts:
        return breaches(say("no flight plan filed before the start"), actor=supplier, seen=seen)
    return complies(say("flight plan filed {at}", at=readable(filed)), actor=supplier, seen=seen)


@rule("VIII.I.6")
def explains_declining(
    *,
    in_plan: bool,
    departed: datetime | None,
    explained: datetime | None,
    regime: Regime,
    observing: str | None = None,
) -> Finding:
    """A Party that declines writes why into the mission plan, and to all others within 7 days of its departure."""
    if not in_plan:
        return breaches(say("the mission plan does not hold the explanation"), actor=observing, seen={"in_plan": False})
    if departed is None:
        return undetermined(say("the 7 days run from departure, which is not recorded"), "departure", actor=observing)
    held = within(regime, "decline_reasons_within", departed, citation="VIII.I.6")
    return timed(
        held,
        explained,
        say("explanation to all other Parties"),
        actor=observing,
        data=rows(regime, "decline_reasons_within"),
    )
