"""Articles XV to XVII: amendments, review conferences, accession, and what the Depositaries must tell."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.clocks import clock, keeps_the_clock
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.rules.timing import rows
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

DEPOSITARIES = ("CAN", "HUN")
# States that accede at any time by deposit alone (XVII.3).
BY_DEPOSIT_ALONE = ("ARM", "AZE", "GEO", "KAZ", "KGZ", "MDA", "TJK", "TKM", "UZB")


@rule("XV.2.b")
def notice_of_withdrawal_goes_to_all(
    *, told_depositary: bool, told: Collection[str], code: str, regime: Regime
) -> Finding:
    """Notice of a withdrawal goes to a Depositary and to all other Parties; the six months run from the Depositary."""
    left_out = sorted({p.code for p in regime.parties()} - set(told) - {code})
    seen = {"told_depositary": told_depositary, "left_out": left_out}
    if not told_depositary:
        return breaches(say("no Depositary was told; no time runs"), actor=code, seen=seen)
    if left_out and "all" not in told:
        names = ", ".join(left_out[:6])
        return breaches(say("not told: {names}; the six months run all the same", names=names), actor=code, seen=seen)
    return complies(say("a Depositary and all other Parties were told"), actor=code, seen=seen)


@rule("XV.2.c")
def depositary_informs_promptly(
    *, received: datetime, informed: datetime | None, depositary: str | None = None
) -> Finding:
    """A Depositary tells all other Parties promptly of a notice of withdrawal; the paragraph gives no number."""
    if informed is None:
        return breaches(say("the Parties were not informed"), actor=depositary, seen={"received": rfc3339(received)})
    seen = {"received": rfc3339(received), "informed": rfc3339(informed)}
    if informed < received:
        return undetermined(say("informed before the notice was received"), "received", actor=depositary, seen=seen)
    if informed.date() == received.date():
        return complies(say("informed on the day of receipt"), actor=depositary, seen=seen)
    return silent(
        say("informed {days} days later; the text says promptly and gives no number",
            days=(informed.date() - received.date()).days),
        actor=depositary,
        seen=seen,
    )  # fmt: skip


@rule("XVI.1.b")
def conference_is_due_when_three_ask(
    *, circulated: datetime, requests: Collection[datetime], regime: Regime
) -> Finding:
    """A conference on an amendment is convened if at least three Parties ask within 90 days of its circulation."""
    need = regime.value("parties_for_conference")
    held = clock(regime, "XVI.1#req", circulated)
    in_time = [at for at in requests if held.held_by(at)]
    more: dict[str, Any] = {
        "seen": {"requests": len(requests), "in_time": len(in_time)},
        "limit": rfc3339(held.at),
        "data": rows(regime, "parties_for_conference"),
    }
    if len(in_time) >= need.value:
        return right(say("{n} Parties asked in time: a conference is due", n=len(in_time)), **more)
    return complies(say("{n} Parties asked in time; {need} are needed: no conference is due", n=len(in_time),
                        need=need), **more)  # fmt: skip


@rule("XVI.1.c")
def amendment_conference_opens_in_its_window(
    *, third_request: datetime, opened: datetime | None, regime: Regime
) -> Finding:
    """The conference opens no sooner than 30 and no later than 60 days after the third request."""
    early = keeps_the_clock("XVI.1#min", trigger=third_request, event=opened, regime=regime, what=say("conference"))
    if early.verdict != "complies":
        return early
    return keeps_the_clock("XVI.1#max", trigger=third_request, event=opened, regime=regime, what=say("conference"))


@rule("XVI.2.a")
def amendment_needs_all_parties(
    *,
    circulated: datetime,
    not_approved_by: Collection[str],
    last_approval: datetime | None,
    at_conference: bool = False,
    regime: Regime,
) -> Finding:
    """An amendment needs every Party: in writing within 90 days of its circulation, or at the conference."""
    lacking = sorted(not_approved_by)
    if lacking:
        names = ", ".join(lacking)
        return breaches(say("not approved by {names}: the amendment fails", names=names), seen={"lacking": lacking})
    if at_conference:
        return complies(say("approved by all at the conference"))
    return keeps_the_clock(
        "XVI.2#approve", trigger=circulated, event=last_approval, regime=regime, what=say("approval by all")
    )


@rule("XVI.2.b")
def amendment_is_in_force_60_days_after_the_deposits(*, deposited: datetime, acts: datetime, regime: Regime) -> Finding:
    """An approved amendment is in force 60 days after the Parties deposited their ratifications."""
    return keeps_the_clock("XVI.2#force", trigger=deposited, event=acts, regime=regime, what=say("act under it"))


@rule("XVI.3")
def review_conference_is_held_in_its_year(
    *, previous: datetime, held: datetime | None, first: bool = False, asked_by: int = 0, regime: Regime
) -> Finding:
    """A review conference three years after entry into force, then every five years; earlier if three Parties ask.

    `previous` is the entry into force where `first`, else the conference before. The text names no day of the
    year, so a conference in the year that is due is taken as held in time (a convention of this program).
    """
    id = "XVI.3#first" if first else "XVI.3#next"
    need = regime.value("parties_for_conference")
    due = clock(regime, id, previous)
    if held is None and regime.day.year <= due.at.year:
        return undetermined(say("no conference yet; due in {due}", due=due.at.year), "held")
    if held is None:
        return breaches(say("no conference was held; due in {due}", due=due.at.year), limit=rfc3339(due.at),
                        data=(regime.deadline(id).to_json(), need.to_json()))  # fmt: skip
    more: dict[str, Any] = {
        "seen": {"held": rfc3339(held)},
        "limit": rfc3339(due.at),
        "data": (regime.deadline(id).to_json(), need.to_json()),
    }
    if held.year == due.at.year:
        return complies(say("held in the year that it was due"), **more)
    if held < due.at and asked_by >= need.value:
        return complies(say("held earlier, as {n} Parties asked", n=asked_by), **more)
    return breaches(say("held in {year}; due in {due}", year=held.year, due=due.at.year), **more)


@rule("XVII.3")
def some_states_accede_by_deposit_alone(*, code: str) -> Finding:
    """Nine States named in the article accede at any time by deposit alone; no decision of the Commission is needed."""
    if code in BY_DEPOSIT_ALONE:
        return right(say("{code} accedes by its deposit alone", code=code), actor=code, seen={"code": code})
    return breaches(say("{code} is none of the nine States of this paragraph", code=code), actor=code,
                    seen={"code": code})  # fmt: skip


@rule("XVII.4")
def other_states_apply_within_six_months(
    *, entered_into_force: datetime, applied: datetime | None, regime: Regime, code: str | None = None
) -> Finding:
    """Other States of the conference apply within six months of entry into force; afterwards XVII.5 is the way."""
    return keeps_the_clock(
        "XVII.4", trigger=entered_into_force, event=applied, regime=regime, actor=code, what=say("application")
    )


@rule("XVII.1")
def instrument_goes_to_a_depositary(*, deposited_with: Collection[str]) -> Finding:
    """Instruments are deposited with Canada or Hungary, or with both."""
    seen = {"deposited_with": sorted(deposited_with)}
    if set(deposited_with) & set(DEPOSITARIES):
        return complies(say("deposited with a Depositary"), seen=seen)
    return breaches(say("deposited with neither Canada nor Hungary"), seen=seen)
