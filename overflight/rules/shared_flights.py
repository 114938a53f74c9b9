"""Several Parties on one flight: what the text says of one observing Party and leaves open where there are more.

Annex A's first distribution speaks of flights that two Parties share; no article says how they act together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, complies, right, rule, silent
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("II.2")
def partner_acts_for_the_observing_side(*, act: str, partner: str, lead: str, regime: Regime) -> Finding:
    """Whether what a partner in a shared flight does counts as an act of the observing Party.

    The text knows one observing Party, or a group; under the reading `partner_acts` = lead (default) only the Party
    that gave the notice acts, under ``any`` each of them does.
    """
    reading = regime.readings.get("partner_acts", "lead")
    seen = {"act": act, "partner": partner, "lead": lead}
    if partner == lead:
        return complies(say("{code} gave the notice and acts as the observing Party", code=lead), seen=seen)
    outcome = (
        say("it has effect") if reading == "any" else say("it has no effect until {lead} does the same", lead=lead)
    )
    return silent(
        say("{partner} shares the flight of {lead}; the text does not say who of them acts: here {outcome}",
            partner=partner, lead=lead, outcome=outcome),
        actor=partner,
        seen=seen,
        readings={"partner_acts": reading},
        under=(
            {"reading": "lead", "verdict": "no effect", "because": say("the Party that gave the notice is the "
                                                                       "observing Party")},
            {"reading": "any", "verdict": "effect", "because": say("each of them conducts the flight")},
        ),
    )  # fmt: skip


@rule("VIII.II.5")
def observing_parties_choose_alike(*, choices: Mapping[str, bool]) -> Finding:
    """After a shortened flight the observing Party chooses whether it counts; for several the text has one choice.

    `choices` is what each of them said.  Where they differ the text does not say whose word decides.
    """
    seen = {"choices": dict(choices)}
    if len(set(choices.values())) < 2:
        return complies(say("those who flew chose alike"), seen=seen)
    return silent(
        say("one says that the flight counts, another that it does not; the text has one observing Party"), seen=seen
    )


@rule("IX.II.6")
def original_goes_to_one_of_several(*, parties: int) -> Finding:
    """The observing Party has the original; which of several the text does not say, and each may ask for copies."""
    seen = {"parties": parties}
    if parties == 1:
        return complies(say("the observing Party has the original"), seen=seen)
    return silent(
        say("{n} Parties share the flight: which of them keeps the original the text does not say; "
            "each may have copies (IX.IV.1)", n=parties),
        seen=seen,
    )  # fmt: skip


@rule("VI.I.18")
def costs_follow_the_commissions_scale(*, item: str, agreed: bool = False, parties: int = 1) -> Finding:
    """All costs of a flight, media and processing included, are shared by the scale of the Commission.

    The scale (AnnL.I.9) stands in no text that could be read, and nothing says how several observing Parties share.
    """
    seen: dict[str, Any] = {"item": item, "parties": parties}
    if agreed:
        return complies(say("{item}: by the arrangement of those concerned", item=item), seen=seen)
    why = say("{item}: reimbursed by the scale of the Commission, which was not read", item=item)
    if parties > 1:
        why = say("{why}; how {n} Parties divide their part the text does not say", why=why, n=parties)
    return silent(why, seen=seen)


@rule("AnnF.III.7")
def media_of_a_doubted_sensor_are_the_observed_partys(
    *, satisfied: bool, height_dependent: bool, flown_as_planned: bool, observed: str | None = None
) -> Finding:
    """Flown as planned with a doubted sensor of the observed Party's aircraft, its media are paid by that Party.

    Only for a sensor whose resolution does not depend on height (AnnF.III.7.C).
    """
    seen = {"satisfied": satisfied, "height_dependent": height_dependent, "flown_as_planned": flown_as_planned}
    if not satisfied and not height_dependent and flown_as_planned:
        return right(say("the observed Party bears the cost of that sensor's media"), actor=observed, seen=seen)
    return complies(say("its media are shared as all other costs are (VI.I.18)"), seen=seen)
