"""Article VI, Section I, paragraph 11, and Annex F: the pre-flight inspection."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from overflight.rules.finding import Finding, breaches, complies, right, rule
from overflight.rules.timing import before, rows, timed, within
from overflight.terms.moment import readable
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("AnnF.I.4")
def inspection_lasts_at_most_8_hours(
    *,
    started: datetime,
    ended: datetime | None,
    regime: Regime,
    by_observing: bool = False,
    formalities_ended: datetime | None = None,
    inspecting: str | None = None,
) -> Finding:
    """A pre-flight inspection begins after the formal arrival procedures and lasts at most 8 hours.

    `formalities_ended` is when those procedures were over; not said, nothing is asked about them.
    `by_observing` is true under the taxi option, when the observing Party inspects the
    observed Party's sensors (AnnF.II.4, the same length).
    """
    citation = "AnnF.II.4" if by_observing else "AnnF.I.4"
    if formalities_ended is not None and started < formalities_ended:
        why = say("the inspection began {at}, before the formal arrival procedures were over", at=readable(started))
        return replace(breaches(why, actor=inspecting), citation=citation)
    held = within(regime, "inspection_longest", started, citation=citation)
    found = timed(held, ended, say("end of the inspection"), actor=inspecting, data=rows(regime, "inspection_longest"))
    return replace(found, citation=citation)


@rule("VI.I.11")
def inspection_ends_4_hours_before_the_start(
    *, ended: datetime, starts: datetime, regime: Regime, inspecting: str | None = None
) -> Finding:
    """The inspection is over at least 4 hours before the start of the observation flight in the flight plan."""
    held = before(regime, "inspection_before_start", starts, citation="VI.I.11")
    return timed(
        held, ended, say("end of the inspection"), actor=inspecting, data=rows(regime, "inspection_before_start")
    )


@rule("AnnF.I.9")
def aircraft_is_as_certified(
    *, as_certified: bool, by_observing: bool = False, observed: str | None = None, observing: str | None = None
) -> Finding:
    """Equipment that is not as certified, or forbidden, and not cleared up gives a right and costs no quota.

    The observed Party may prohibit (AnnF.I.9); under the taxi option the observing Party may take
    another package, go on, wait or cancel (AnnF.II.8).
    """
    if as_certified:
        return complies(say("aircraft and sensors are as certified"))
    if by_observing:
        found = right(
            say("not as certified: the observing Party may take another package, go on, wait, or cancel"),
            actor=observing,
        )
        return replace(found, citation="AnnF.II.8")
    return right(say("not as certified: the observed Party may prohibit the flight"), actor=observed)


@rule("AnnF.I.2")
def inspectors_are_few_enough(
    *, inspectors: int, regime: Regime, by_observing: bool = False, inspecting: str | None = None
) -> Finding:
    """An inspection has at most 10 inspectors, or 5 where the observing Party inspects (AnnF.II.2)."""
    name = "inspectors_observing" if by_observing else "inspectors_observed"
    held = regime.value(name)
    seen = {"inspectors": inspectors}
    answer = breaches if inspectors > held.value else complies
    found = answer(
        say("{n} inspectors; {limit} at most", n=inspectors, limit=held),
        actor=inspecting,
        seen=seen,
        limit=str(held),
        data=rows(regime, name),
    )
    return replace(found, citation="AnnF.II.2") if by_observing else found


def demonstration_extends(requested_by: str | None, *, observed_side: frozenset[str]) -> bool:
    """Whether a demonstration flight adds time to the 96 hours: only one that the observed Party asked for."""
    return requested_by is not None and requested_by in observed_side
