"""Article XVIII, and Article XVII, paragraph 2: entry into force, provisional application and the phase-in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.clocks import keeps_the_clock
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.terms.citation import is_part
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# What was applied provisionally from signature (XVIII.I.1).
PROVISIONAL = ("VI.I.4", "X.1", "X.2", "X.3", "X.6", "X.7", "XI", "XIII.I.1", "XIII.I.2", "XIV", "AnnL.I")


def entered_into_force(regime: Regime) -> date:
    """The day on which the treaty entered into force.

    Raises
    ------
    UnknownOnDate
        If the regime does not know it.
    """
    return date.fromisoformat(str(regime.value("entry_into_force").value))


def last_day_of_phase_in(regime: Regime) -> date:
    """31 December of the third year after the year of entry into force."""
    years = regime.deadline("XVIII.II.1").amount or 0
    return date(entered_into_force(regime).year + years, 12, 31)


def in_phase_in(regime: Regime) -> bool:
    """Whether the day lies between entry into force and the end of the phase-in, both included."""
    return entered_into_force(regime) <= regime.day <= last_day_of_phase_in(regime)


@rule("XVIII.II.1")
def phase_in_has_ended(*, regime: Regime) -> Finding:
    """The rules of the phase-in hold until 31 December of the third year after the year of entry into force."""
    last = last_day_of_phase_in(regime)
    more: dict[str, Any] = {"seen": {"day": regime.day.isoformat()}, "limit": last.isoformat()}
    if regime.day < entered_into_force(regime):
        return silent(say("the treaty is not yet in force on {day}", day=regime.day), **more)
    if regime.day <= last:
        return right(say("the easier rules of the phase-in hold until {last}", last=last), **more)
    return complies(say("the phase-in ended on {last}; the full rules hold", last=last), **more)


@rule("XVIII.I.1")
def paragraph_applies_provisionally(*, paragraph: str, code: str | None = None, regime: Regime) -> Finding:
    """From signature a few paragraphs apply before entry into force: notices, the Commission, lists of people.

    After it only a decision of the Parties applies them to a signatory (`code`) that has not ratified (XVIII.I.2).
    """
    seen = {"paragraph": paragraph, "code": code, "day": regime.day.isoformat()}
    if regime.day >= entered_into_force(regime):
        if code is not None and not regime.is_party(code):
            why = say("{code} is no Party; whether the Parties extended provisional application for it is not known",
                      code=code)  # fmt: skip
            return undetermined(why, "extension", actor=code, seen=seen)
        return complies(say("the treaty is in force; nothing is provisional for its Parties"), seen=seen)
    if any(is_part(paragraph, of=p) for p in PROVISIONAL):
        return complies(say("{paragraph} is applied provisionally", paragraph=paragraph), seen=seen)
    return breaches(say("{paragraph} is not applied before entry into force", paragraph=paragraph), seen=seen)


@rule("XVIII.I.2")
def provisional_application_lasts_12_months(
    *, opened: datetime, on: datetime, extended: bool | None = False, regime: Regime
) -> Finding:
    """Provisional application lasts 12 months from the opening for signature, unless all signatories extend it."""
    found = keeps_the_clock("XVIII.I.2", trigger=opened, event=on, regime=regime, what=say("provisional application"))
    if found.verdict == "breaches" and extended is None:
        return undetermined(say("{because}; whether all signatories extended it is not known", because=found.because),
                            "extended", seen=found.seen, limit=found.limit, data=found.data)  # fmt: skip
    if found.verdict == "breaches" and extended:
        return complies(say("all signatories extended the provisional application"), seen=found.seen)
    return found


@rule("XVIII.II.4-6")
def annotation_follows_national_practice_in_the_phase_in(*, by_annex_b: bool, regime: Regime) -> Finding:
    """In the phase-in data are annotated by national practice; afterwards by Annex B, Section II."""
    seen = {"by_annex_b": by_annex_b, "day": regime.day.isoformat()}
    if by_annex_b or in_phase_in(regime):
        return complies(say("the annotation is as the day asks"), seen=seen)
    return breaches(say("the phase-in is over; data are annotated by Annex B, Section II"), seen=seen)


@rule("XVII.2")
def enters_into_force_60_days_after_the_last_instrument(
    *,
    deposited: int,
    depositaries: Collection[str],
    without: Collection[str] = (),
    last_deposit: datetime,
    on: datetime,
    regime: Regime,
) -> Finding:
    """20 instruments, with both Depositaries and every signatory of passive quota 8 or more; then 60 days.

    `depositaries` are those of the two that have deposited, `without` the signatories of such a
    quota that have not.
    """
    need, quota = regime.value("instruments_needed"), regime.value("passive_quota_needed")
    more: dict[str, Any] = {
        "seen": {"deposited": deposited, "depositaries": sorted(depositaries), "without": sorted(without)},
        "data": (need.to_json(), quota.to_json()),
    }
    if deposited < need.value:
        return breaches(say("{n} instruments; {need} are needed", n=deposited, need=need), limit=need.value, **more)
    if not {"CAN", "HUN"} <= set(depositaries):
        return breaches(say("the instruments of both Depositaries are needed"), **more)
    if without:
        names = ", ".join(sorted(without))
        return breaches(say("no instrument of {names}, of passive quota {q} or more", names=names, q=quota), **more)
    return keeps_the_clock("XVII.2", trigger=last_deposit, event=on, regime=regime, what=say("entry into force"))
