"""Article VI, Section I, paragraph 21: the mission report."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, breaches, complies, rule
from overflight.rules.timing import rows, timed, within
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# What the report holds (VI.I.21) and the fields of its body.
REPORT_ITEMS = ("flown_from", "flown_until", "route", "weather", "observation_periods", "data_amount", "covers")


@rule("VI.I.21.a")
def report_is_complete(body: Mapping[str, Any], *, observing: str | None = None) -> Finding:
    """The report says when, where, in what weather, each observation period, how much data, the cover checks."""
    missing = [name for name in REPORT_ITEMS if body.get(name) in (None, "", [])]
    if missing:
        return breaches(
            say("the mission report lacks {items}", items=", ".join(missing)),
            actor=observing,
            seen={"missing": missing},
        )
    return complies(say("the mission report holds all that it must"), actor=observing)


@rule("VI.I.21.b")
def both_sign_before_departure(
    *, signed_by_observing: datetime | None, signed_by_observed: datetime | None, departed: datetime
) -> Finding:
    """Both Parties sign the report at the point of exit before the observing Party departs."""
    signed = {"observing": signed_by_observing, "observed": signed_by_observed}
    seen: dict[str, Any] = {side: rfc3339(at) if at else None for side, at in signed.items()}
    seen["departed"] = rfc3339(departed)
    lacking = [side for side, at in signed.items() if at is None or at > departed]
    if lacking:
        return breaches(say("not signed before departure by: {sides}", sides=", ".join(lacking)), seen=seen)
    return complies(say("both signed the report before departure"), seen=seen)


@rule("VI.I.21.c")
def sends_the_report_within_7_days(
    *,
    departed: datetime,
    sent: datetime | None,
    left_out: Collection[str] = (),
    regime: Regime,
    observing: str | None = None,
) -> Finding:
    """The report goes to all other Parties within 7 days of the departure."""
    held = within(regime, "report_within", departed, citation="VI.I.21")
    if sent is not None and left_out:
        return breaches(
            say("the report did not go to {names}", names=", ".join(sorted(left_out))),
            actor=observing,
            seen={"sent": rfc3339(sent), "left_out": sorted(left_out)},
            limit=rfc3339(held.at),
        )
    return timed(held, sent, say("report to all Parties"), actor=observing, data=rows(regime, "report_within"))
