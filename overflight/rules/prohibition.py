"""Article VIII: prohibiting a flight, deviating from its plan, cutting it short, and what is counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.closed_words import OTHER, known, one_of
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.rules.timing import rows, timed, within
from overflight.terms.amount import Beside
from overflight.terms.citation import is_citation
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# Grounds on which a flight may be prohibited, each under its paragraph.
PROHIBITION_GROUNDS = ("VIII.I.1", "VIII.I.2", "AnnF.I.9", "AnnF.II.7", "AnnF.III.6")
# Grounds for leaving the flight plan.
DEVIATION_GROUNDS = {
    "weather_safety": "VIII.II.1",
    "aircraft_trouble": "VIII.II.1",
    "medical": "VIII.II.1",
    "traffic_control": "VIII.II.1",
    "weather_sensors": "VIII.II.2",
}
DEVIATION_WORDS = (*DEVIATION_GROUNDS, OTHER)
# Causes of a shortened flight after which the observing Party chooses whether it counts (VIII.II.5 A to D).
ELECTIVE_CAUSES = ("sensor_of_observed", "aircraft_of_observed", "medical_of_observed", "force_majeure")
CAUSE_WORDS = (*ELECTIVE_CAUSES, OTHER)
# Those of them that ask for an aircraft which the observed Party supplied (VIII.II.5 A and B).
OF_A_PROVIDED_AIRCRAFT = ("sensor_of_observed", "aircraft_of_observed")


@rule("VIII.I.1")
def may_prohibit(
    *,
    ground: str,
    at: datetime,
    started: datetime | None,
    not_in_compliance: Collection[str],
    late: bool,
    not_as_certified: bool,
    plan_unchecked: bool = False,
    observed: str | None = None,
) -> Finding:
    """Before the start the observed Party may prohibit a flight that does not comply, or one more than 24 hours late.

    Only for the late arrival does the text say "prior to its commencement" (VIII.I.2); an inspection and a
    demonstration come before the flight by their nature. Of a flight that does not comply (VIII.I.1) it names no last
    moment, so a prohibition in the air on that ground is `silent`.

    `not_in_compliance` holds the paragraphs that the observing Party's acts breach at `at`;
    `plan_unchecked` says that a mission plan was handed over and nobody here has checked it. `ground` is the paragraph
    that the Party relies on, or ``other``.

    Raises
    ------
    UnknownWord
        If it is neither; the message lists the paragraphs that give a right.
    """
    if not is_citation(ground):  # another paragraph gives no right, and no paragraph is a slip of the pen
        ground = one_of(ground, (*PROHIBITION_GROUNDS, OTHER), field="ground", citation="VIII.I.1")
    ground = known(ground, PROHIBITION_GROUNDS) or ground
    seen = {
        "ground": ground,
        "at": rfc3339(at),
        "started": rfc3339(started) if started else None,
        "not_in_compliance": sorted(not_in_compliance),
    }
    more: dict[str, Any] = {"actor": observed, "seen": seen}
    if started is not None and at >= started:
        if ground == "VIII.I.1" and not_in_compliance:
            why = say("the flight had started {at}; of a flight that does not comply the text names no last moment",
                      at=readable(started))  # fmt: skip
            return silent(why, **more)
        return breaches(
            say("the flight had started {at}; it can no longer be prohibited", at=readable(started)), **more
        )
    grounds = {"VIII.I.1": bool(not_in_compliance), "VIII.I.2": late, "AnnF.I.9": not_as_certified}
    if ground not in PROHIBITION_GROUNDS:
        return breaches(say("{ground} gives no right to prohibit a flight", ground=ground), **more)
    if ground not in grounds:
        return undetermined(
            say("whether {ground} applies is for the Parties", ground=ground), "inspection report", **more
        )
    if grounds[ground]:
        return complies(say("prohibited under {ground}, whose condition is met", ground=ground), **more)
    if ground == "VIII.I.1" and plan_unchecked:
        return undetermined(say("the mission plan has not been checked"), "check of the plan", **more)
    return breaches(say("prohibited under {ground}, but nothing recorded meets its condition", ground=ground), **more)


@rule("VIII.I.1")
def right_to_prohibit(*, not_in_compliance: Collection[str], observed: str | None = None) -> Finding:
    """A flight that does not comply gives the observed Party the right to prohibit it before it starts."""
    cited = ", ".join(sorted(not_in_compliance))
    if not cited:
        return complies(say("nothing recorded gives a right to prohibit"))
    return right(
        say("not in compliance with {cited}: the observed Party may prohibit the flight before it starts", cited=cited),
        actor=observed,
        seen={"not_in_compliance": sorted(not_in_compliance)},
    )


@rule("VIII.I.3.a")
def facts_of_prohibition_stand_in_the_plan(*, in_plan: bool, observed: str | None = None) -> Finding:
    """A Party that prohibits writes the facts into the mission plan at once."""
    if in_plan:
        return complies(say("the facts stand in the mission plan"), actor=observed)
    return breaches(say("the facts of the prohibition are not in the mission plan"), actor=observed)


@rule("VIII.I.3.b")
def explains_a_prohibition_within_7_days(
    *,
    prohibited: datetime,
    departed: datetime | None,
    explained: datetime | None,
    regime: Regime,
    observed: str | None = None,
) -> Finding:
    """A prohibition is explained in writing to all Parties within 7 days.

    The text names no start: the reading `prohibition_report_start` counts from the
    prohibition (default) or from the observing Party's departure.
    """
    reading = regime.readings.get("prohibition_report_start", "prohibition")
    more: dict[str, Any] = {
        "actor": observed,
        "data": rows(regime, "prohibition_reasons_within"),
        "readings": {"prohibition_report_start": reading},
    }
    start = departed if reading == "departure" else prohibited
    if start is None:
        return undetermined(say("the 7 days run from departure, which is not recorded"), "departure", **more)
    held = within(regime, "prohibition_reasons_within", start, citation="VIII.I.3")
    return timed(held, explained, say("explanation to all Parties"), **more)


@rule("VIII.II.1")
def deviates_on_a_permitted_ground(
    *, ground: str, lateral_km: float | None = None, force_majeure: bool | None = True
) -> Finding:
    """A flight leaves its plan for weather or trouble that touches safety, for health, by order, or for the sensors.

    `ground` is ``weather_safety``, ``aircraft_trouble``, ``medical``, ``traffic_control`` or ``weather_sensors``.
    Anything else is ``other``. Orders of traffic control are a ground only where force majeure brought them about
    (VIII.II.1.D).

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    ground = one_of(ground, DEVIATION_WORDS, field="ground", citation="VIII.II.1")
    seen = {"ground": ground, "lateral_km": lateral_km, "force_majeure": force_majeure}
    if ground == "traffic_control" and force_majeure is None:
        return undetermined(say("whether force majeure lay behind the orders is not known"), "force_majeure",
                            seen=seen)  # fmt: skip
    if ground == "traffic_control" and not force_majeure:
        return breaches(say("orders of traffic control without force majeure are no ground"), seen=seen)
    if ground in DEVIATION_GROUNDS:
        return complies(say("deviation on a permitted ground ({cited})", cited=DEVIATION_GROUNDS[ground]), seen=seen)
    return breaches(say("the deviation names no permitted ground"), seen=seen)


@rule("VIII.II.3.B")
def sensors_beyond_50_km_may_be_forbidden(
    *, deviation_km: float, regime: Regime, observed: str | None = None, place: Any = None
) -> Finding:
    """More than 50 km from the plan the observed Party may forbid the sensors beyond; exactly 50 is inside."""
    held = regime.value("deviation_limit")
    more: dict[str, Any] = {
        "seen": {"deviation_km": round(deviation_km, 3)},
        "limit": str(held),
        "data": rows(regime, "deviation_limit"),
        "where": place,
    }
    if deviation_km > held.value:
        return right(
            say(
                "{km:.1f} km from the plan, more than {limit}: the observed Party may forbid all sensors beyond",
                km=Beside(deviation_km, held.value),
                limit=held,
            ),
            actor=observed,
            **more,
        )
    nearer = Beside(deviation_km, held.value)
    return complies(say("at most {km:.1f} km from the plan; {limit} is the limit", km=nearer, limit=held), **more)


@rule("VIII.II.3.A")
def sensors_below_minimum_height_may_be_forbidden(*, sensors: Collection[str], observed: str | None = None) -> Finding:
    """Below a sensor's minimum height, on a deviation, the observed Party may forbid that sensor."""
    if not sensors:
        return complies(say("no sensor comes below its minimum height"))
    return right(
        say(
            "below the minimum height of {sensors}: the observed Party may forbid it",
            sensors=", ".join(sorted(sensors)),
        ),
        actor=observed,
        seen={"sensors": sorted(sensors)},
    )


@rule("VIII.II.8")
def tells_those_aboard_at_once(*, began: datetime, told: datetime | None) -> Finding:
    """The personnel of both Parties aboard hear of a deviation at once; the paragraph gives no number."""
    seen = {"began": rfc3339(began), "told": rfc3339(told) if told else None}
    if told is None:
        return breaches(say("nothing shows that those aboard were told of the deviation"), seen=seen)
    return complies(say("those aboard were told {at}", at=readable(told)), seen=seen)


@dataclass(frozen=True)
class Counted:
    """What one flight counts: flights against each side's quota, and whether the data may be kept.

    `choice` is true where the observing Party still has to choose (VIII.II.5).
    """

    observing: int
    observed: int
    data_kept: bool
    citation: str
    choice: bool = False


def counts(
    outcome: str,
    *,
    cause: str | None = None,
    elects: bool | None = None,
    quota_free: bool = False,
    provided_by_observed: bool | None = None,
) -> Counted:
    """What an outcome counts (the decision table of III.I.8, VIII.I and VIII.II).

    Parameters
    ----------
    outcome : str
        ``never_came``, ``prohibited``, ``declined``, ``cancelled``, ``completed`` or ``cut_short``.
    cause : str, optional
        Why it was cut short; one of `ELECTIVE_CAUSES` gives the observing Party the choice.
    elects : bool, optional
        That choice: True to count the flight and keep the data, False for neither, None while open.
    provided_by_observed : bool, optional
        Whether the observed Party supplied the aircraft: on any other a fault of a sensor or of the aircraft gives
        no choice (VIII.II.5 A and B). None where nobody says; what the cause claims is then taken as true.
    quota_free : bool
        An extraordinary or bilateral flight (AnnL.III.4).
    """
    if quota_free:
        return Counted(0, 0, True, "AnnL.III.4")
    if outcome == "cut_short":
        if not gives_a_choice(cause, provided_by_observed):
            return Counted(1, 1, True, "VIII.II.5")
        if elects is None:
            return Counted(0, 0, False, "VIII.II.5", choice=True)
        return Counted(int(elects), int(elects), elects, "VIII.II.6")
    citation = {"prohibited": "VIII.I.3", "declined": "VIII.I.5", "cancelled": "III.I.8"}.get(outcome, "III.I.8")
    flown = outcome == "completed"
    return Counted(int(flown), int(flown), flown, citation)


def gives_a_choice(cause: str | None, provided_by_observed: bool | None) -> bool:
    """Whether the observing Party chooses if a flight shortened for this cause counts (VIII.II.5 A to D)."""
    if cause in OF_A_PROVIDED_AIRCRAFT:
        return provided_by_observed is not False
    return cause in ELECTIVE_CAUSES


@rule("VIII.II.6")
def data_are_kept_only_if_counted(counted: Counted, *, keeps: bool, observing: str | None = None) -> Finding:
    """The observing Party keeps the data only of a flight that is counted for both."""
    seen = {"counted": counted.observing, "keeps": keeps}
    if keeps and not counted.data_kept:
        return breaches(say("the flight is not counted, so its data may not be kept"), actor=observing, seen=seen)
    return complies(say("data and quota go together"), actor=observing, seen=seen)
