"""Article III and Annex A: who may fly over whom, and how often.

Quotas belong to a Party or, while it exists, to its group (`regime.quota_holder`).  How many
flights were counted is a fact that the caller brings; the numbers come from the regime.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from overflight.errors import UnknownOnDate
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime
    from overflight.treaty.values import Value

SET = "set for this run"  # the mark of a value that the data do not give
SHARED = "shared with "  # how a row of `active_quota` names the Party that shares the flight


def individual_active(*, observing: str, observed: str, regime: Regime) -> tuple[int, tuple[Value, ...]]:
    """Flights that one side may conduct over another in the year, and the rows they come from.

    A flight that two Parties share is a row of its own and counts in full for each.  While the data hold a whole
    distribution (that of Annex A), a pair of States of Annex A, Section I that it does not name has none: 0 and no
    rows.  Of a year of which single rows are known, any other pair is unknown.

    Raises
    ------
    UnknownOnDate
        If no distribution for the year is in the data.
    """
    try:
        row = regime.value("active_quota", by=observing, of=observed)
    except UnknownOnDate:
        if regime.is_complete("active_quota") and all(_in_annex_a(code, regime) for code in (observing, observed)):
            return 0, ()
        raise
    rows = (row, *(r for r in row.others if r.variant != "reported"))
    return sum(int(r.value) for r in rows), rows


def _in_annex_a(code: str, regime: Regime) -> bool:
    """Whether Annex A, Section I itself names the State: its passive quota was read there, not given later."""
    try:
        return regime.value("passive_quota", of=code).verified == "yes"
    except UnknownOnDate:
        return False


def total_active(code: str, *, regime: Regime) -> tuple[int, tuple[Value, ...]]:
    """The sum of a side's individual active quotas in the year, and their rows (III.I.4-5).

    Without rows the total is unknown: a sum is one only of a whole distribution, never of the single rows of a year
    that a report gives.  What a run sets for a side is the whole of that side's distribution in that run.
    """
    holder = regime.quota_holder(code)
    rows = tuple(v for v in regime.values("active_quota") if v.by == holder)
    whole = regime.is_complete("active_quota") and _in_annex_a(code, regime)
    if not whole and not all(v.verified == SET for v in rows):
        return 0, ()
    return sum(int(r.value) for r in rows), rows


def total_passive(code: str, *, regime: Regime) -> Value:
    """Flights that a side must accept in the year: its own or its group's (III.I.4).

    Raises
    ------
    UnknownOnDate
        If the data hold none on the day; that of Belarus after 18 December 2021 is such a gap.
    """
    return regime.value("passive_quota", of=code)


def _unknown(error: UnknownOnDate, missing: str, **more: Any) -> Finding:
    return undetermined(error.message, missing, **more)


def _data(rows: tuple[Value, ...]) -> tuple[Mapping[str, Any], ...]:
    return tuple(r.to_json() for r in rows)


@rule("III.I.8")
def has_active_quota_left(*, observing: str, observed: str, used: int, regime: Regime) -> Finding:
    """The observing Party still has a flight left over the observed Party this year.

    `used` is how many flights were counted already (III.I.8 and Article VIII say which count).
    """
    seen: dict[str, Any] = {
        "used": used,
        "holder": regime.quota_holder(observing),
        "over": regime.quota_holder(observed),
        "year": regime.day.year,
    }
    try:
        quota, rows = individual_active(observing=observing, observed=observed, regime=regime)
    except UnknownOnDate as error:
        return _unknown(error, "active_quota", actor=observing, seen=seen)
    more: dict[str, Any] = {"actor": observing, "seen": seen, "limit": quota, "data": _data(rows)}
    marks = ", ".join(dict.fromkeys(r.marks for r in rows if r.marks and r.verified != SET))
    shown = f"{quota} ({marks})" if marks else quota
    sides = {"holder": seen["holder"], "over": seen["over"], "used": used, "quota": shown, "year": seen["year"]}
    if used < quota:
        return complies(say("{holder} over {over}: {used} of {quota} flights used in {year}", **sides), **more)
    return breaches(
        say("{holder} over {over}: {used} of {quota} flights used in {year}; none is left", **sides), **more
    )


@rule("III.I.4")
def has_passive_quota_left(*, observed: str, accepted: int, regime: Regime) -> Finding:
    """The observed Party has accepted fewer flights than it must in the year; beyond that it need accept none."""
    holder = regime.quota_holder(observed)
    seen: dict[str, Any] = {"accepted": accepted, "holder": holder, "year": regime.day.year}
    try:
        row = total_passive(observed, regime=regime)
    except UnknownOnDate as error:
        return _unknown(error, "passive_quota", actor=observed, seen=seen)
    more: dict[str, Any] = {"actor": observed, "seen": seen, "limit": row.value, "data": _data((row,))}
    sides = {"holder": holder, "accepted": accepted, "quota": row.marked, "year": regime.day.year}
    if accepted < row.value:
        return complies(say("{holder} accepted {accepted} of {quota} in {year}", **sides), **more)
    return right(say("{holder} accepted {accepted} of {quota} in {year} and need accept no more", **sides), **more)


def half_quota_cap(*, own_total_active: int, their_total_passive: int, regime: Regime) -> int:
    """The most flights that one Party may conduct over another in a year (III.I.10).

    Half of its own total active quota or half of the other's total passive quota, each
    rounded up, whichever is smaller.
    """
    share: float = regime.value("half_quota_share").value
    return min(math.ceil(share * own_total_active), math.ceil(share * their_total_passive))


@rule("III.I.10")
def stays_within_half_of_the_quotas(
    *,
    observing: str,
    observed: str,
    flown: int,
    regime: Regime,
    own_total_active: int | None = None,
    their_total_passive: int | None = None,
) -> Finding:
    """With the next flight the Party stays within half of its own and of the other's quota, transfers or not.

    The two totals are taken from the regime unless the caller knows this year's.  The first
    distribution of Annex A itself gives some Parties more over one other than this paragraph's
    half of their total (Germany 3 of 4, the United States 8 of 9); which of the two then yields
    the text does not say, so such a flight is `silent`, with both answers.
    """
    seen: dict[str, Any] = {"flown": flown, "holder": regime.quota_holder(observing)}
    rows: tuple[Value, ...] = (regime.value("half_quota_share"),)
    if own_total_active is None:
        own_total_active, mine = total_active(observing, regime=regime)
        rows = (*rows, *mine)
        if not mine:
            return undetermined(
                say("the total active quota of {code} in {year} is not known", code=observing, year=regime.day.year),
                "own_total_active",
                actor=observing,
                seen=seen,
            )
    if their_total_passive is None:
        try:
            row = total_passive(observed, regime=regime)
        except UnknownOnDate as error:
            return _unknown(error, "their_total_passive", actor=observing, seen=seen)
        their_total_passive, rows = int(row.value), (*rows, row)
    cap = half_quota_cap(own_total_active=own_total_active, their_total_passive=their_total_passive, regime=regime)
    seen |= {"own_total_active": own_total_active, "their_total_passive": their_total_passive}
    more: dict[str, Any] = {"actor": observing, "seen": seen, "limit": cap, "data": _data(rows)}
    facts = {"n": flown + 1, "cap": cap, "own": own_total_active, "theirs": their_total_passive}
    if flown + 1 <= cap:
        return complies(say("flight {n} of at most {cap} (half of {own} own, half of {theirs})", **facts), **more)
    beyond = say("flight {n} is beyond {cap}: half of {own} own active, half of {theirs} passive, rounded up", **facts)
    try:
        given, given_rows = individual_active(observing=observing, observed=observed, regime=regime)
    except UnknownOnDate:
        return breaches(beyond, **more)
    if flown >= given:
        return breaches(beyond, **more)
    more["data"] = (*more["data"], *_data(given_rows))
    granted = say("the distribution itself gives {given} flights over this Party", given=given)
    return silent(
        say("{beyond}; but {granted}, and the text does not say which yields", beyond=beyond, granted=granted),
        under=(
            {"reading": "half_of_the_quotas", "verdict": "breaches", "because": beyond},
            {"reading": "distribution", "verdict": "complies", "because": granted},
        ),
        **more,
    )


@rule("III.I.5")
def active_stays_within_passive(
    code: str, *, regime: Regime, own_total_active: int | None = None, own_total_passive: int | None = None
) -> Finding:
    """A Party's total active quota is no larger than its total passive quota."""
    data: tuple[Mapping[str, Any], ...] = ()
    if own_total_active is None:
        own_total_active, mine = total_active(code, regime=regime)
        if not mine:
            return undetermined(
                say("the total active quota of {code} in {year} is not known", code=code, year=regime.day.year),
                "own_total_active",
                actor=code,
            )
        data = _data(mine)
    if own_total_passive is None:
        try:
            row = total_passive(code, regime=regime)
        except UnknownOnDate as error:
            return _unknown(error, "passive_quota", actor=code)
        own_total_passive, data = int(row.value), (*data, *_data((row,)))
    facts = {"active": own_total_active, "passive": own_total_passive}
    more: dict[str, Any] = {"actor": code, "seen": facts, "limit": own_total_passive, "data": data}
    if own_total_active <= own_total_passive:
        return complies(say("total active quota {active}, total passive quota {passive}", **facts), **more)
    return breaches(say("total active quota {active} is above the total passive quota {passive}", **facts), **more)


@rule("III.I.9")
def passes_on_quota_with_consent(*, giving: str, consent: bool | None, told_all: bool | None) -> Finding:
    """Quota passes to another Party only with the consent of the Party to be overflown, and all are told promptly."""
    seen = {"consent": consent, "told_all": told_all}
    if consent is False:
        return breaches(say("the Party to be overflown has not consented"), actor=giving, seen=seen)
    if told_all is False:
        return breaches(say("not all Parties and the OSCC were told of the transfer"), actor=giving, seen=seen)
    missing = [name for name, fact in seen.items() if fact is None]
    if missing:
        return undetermined(say("whether quota may pass on is not known"), *missing, actor=giving, seen=seen)
    return complies(
        say("consent is there and all were told; the half-quota cap (III.I.10) stays"), actor=giving, seen=seen
    )


def member_cap(individual: int, *, regime: Regime) -> int:
    """Flights that a third Party may conduct over one member of a group that shares active quotas (III.II.2.C).

    One and a half times its individual quota there, rounded up, or a fixed number if it holds none there.
    """
    if individual == 0:
        return int(regime.value("group_member_flights").value)
    share: float = regime.value("group_member_share").value
    return math.ceil(share * individual)


@rule("AnnH.2")
def quarter_is_not_overfull(*, observed: str, planned: int, regime: Regime) -> Finding:
    """The flights planned over one Party in a quarter stay within the annex's bound; exactly at it complies."""
    row = regime.value("flights_per_quarter")
    facts = {"planned": planned, "limit": row.marked}
    more: dict[str, Any] = {"actor": observed, "seen": {"planned": planned}, "limit": row.value, "data": _data((row,))}
    if planned <= row.value:
        return complies(say("{planned} flights planned in the quarter; at most {limit}", **facts), **more)
    return breaches(say("{planned} flights planned in the quarter; at most {limit}", **facts), **more)


@rule("III.I.8")
def shared_flight_counts_for_each(
    *,
    observing: Collection[str],
    observed: str,
    counted_active: Mapping[str, int],
    counted_passive: int,
    regime: Regime,
) -> Finding:
    """A flight that several Parties conduct together counts one for each of them, and one for the observed Party.

    Each Party's flights count against its own active quota (III.I.8); what the observed Party accepts is one flight
    (II.9).  Annex A's own first distribution over Ukraine keeps its 75 per cent only when a shared flight is one.
    Members of a group that holds common quotas are one holder.
    """
    holders = sorted({regime.quota_holder(code) for code in observing})
    seen: dict[str, Any] = {
        "observing": sorted(observing),
        "observed": observed,
        "counted_active": dict(counted_active),
        "counted_passive": counted_passive,
    }
    wrong = sorted({h for h in holders if counted_active.get(h, 0) != 1} | (set(counted_active) - set(holders)))
    if wrong:
        return breaches(say("to be counted once for each that flies: {names}", names=", ".join(wrong)), seen=seen)
    if counted_passive != 1:
        return breaches(
            say("{n} counted for {code}, which accepts one flight", n=counted_passive, code=observed),
            seen=seen,
            limit=1,
        )
    return complies(say("one for each of {names}, one for {code}", names=", ".join(holders), code=observed), seen=seen)


@rule("III.I.5")
def has_total_active_quota_left(
    *, observing: str, used: Mapping[str, int], regime: Regime, own_total_active: int | None = None
) -> Finding:
    """All flights of a year together stay within the sum of the individual active quotas.

    `used` is how many flights were counted already, by the side flown over.
    """
    total = sum(used.values())
    holder = regime.quota_holder(observing)
    seen: dict[str, Any] = {"used": total, "holder": holder, "year": regime.day.year}
    rows: tuple[Value, ...] = ()
    if own_total_active is None:
        own_total_active, rows = total_active(observing, regime=regime)
        over = {r.of for r in rows}
        strange = sorted(code for code in used if code not in over)
        if not rows or strange:
            return undetermined(
                say("the total active quota of {holder} in {year} is not known", holder=holder, year=regime.day.year),
                "own_total_active",
                actor=observing,
                seen=seen,
            )
    more: dict[str, Any] = {"actor": observing, "seen": seen, "limit": own_total_active, "data": _data(rows)}
    facts = {"holder": holder, "used": total, "quota": own_total_active}
    if total < own_total_active:
        return complies(say("{holder}: {used} of {quota} flights used in all", **facts), **more)
    return breaches(say("{holder}: {used} of {quota} flights used in all; none is left", **facts), **more)


@rule("AnnA.II.1")
def shared_quota_is_flown_together(
    *, observing: str, observed: str, partners: Collection[str], used_alone: int, regime: Regime
) -> Finding:
    """A flight that the distribution gives two Parties together is theirs together.

    `used_alone` is how many flights over the observed Party this one counted without a partner.  Whether one of the
    two may fly such a flight alone the text does not say.
    """
    seen: dict[str, Any] = {"partners": sorted(partners), "used_alone": used_alone}
    try:
        _, rows = individual_active(observing=observing, observed=observed, regime=regime)
    except UnknownOnDate as error:
        return _unknown(error, "active_quota", actor=observing, seen=seen)
    shared = {r.variant.removeprefix(SHARED): r for r in rows if r.variant.startswith(SHARED)}
    own = sum(int(r.value) for r in rows) - sum(int(r.value) for r in shared.values())
    more: dict[str, Any] = {"actor": observing, "seen": seen, "limit": own, "data": _data(rows)}
    together = sorted(set(partners) & shared.keys())
    if together:
        return complies(say("the flight shared with {names}", names=", ".join(together)), **more)
    if not shared or used_alone < own:
        return complies(say("{n} flights are its own; this one is flown on those", n=own), **more)
    with_whom = ", ".join(sorted(shared))
    return silent(
        say("what is left is a flight shared with {names}; the text does not say that one may fly it alone",
            names=with_whom),
        under=(
            {"reading": "together", "verdict": "breaches", "because": say("the right is to a flight with {names}",
                                                                          names=with_whom)},
            {"reading": "either", "verdict": "complies", "because": say("each has the right to conduct it")},
        ),
        **more,
    )  # fmt: skip
