"""Annex G: what flight representatives may do with the sensors of the observed Party's aircraft."""

from __future__ import annotations

from datetime import datetime

from overflight.rules.finding import Finding, breaches, right, rule
from overflight.terms.moment import rfc3339
from overflight.terms.words import say


@rule("AnnG.I.8")
def representatives_operate_sensors_after_notice(
    *, told: datetime | None, started: datetime, observing: str | None = None
) -> Finding:
    """Flight representatives direct the sensors; they operate them where the observed Party was told before the start.

    `told` is when it was told, `started` when the flight began. What then goes wrong with the data is not for the
    observed Party to answer for.
    """
    seen = {"told": rfc3339(told) if told else None, "started": rfc3339(started)}
    if told is None or told >= started:
        return breaches(say("the observed Party was not told before the start"), actor=observing, seen=seen)
    return right(say("flight representatives may operate the sensors, at their own risk"), actor=observing, seen=seen)
