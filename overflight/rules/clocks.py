"""Every clock of the treaty by its name in the table of deadlines: trigger and event in, finding out.

The number, its unit and its relation are a row of `regime.deadline(id)`; how time is counted
stands in `overflight.rules.timing`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from overflight.rules.finding import Finding, Verdict, silent, undetermined
from overflight.rules.timing import Limit, limit, timed
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.paragraphs import Deadline
    from overflight.treaty.regime import Regime


def clock(regime: Regime, id: str, trigger: datetime) -> Limit:
    """The last or first moment that the clock `id` gives from its trigger, such as ``V.2`` or ``XVI.1#max``.

    Raises
    ------
    UnknownCitation
        If the regime has no such clock.
    BadData
        If the clock has no length: a calendar date, or no limit at all.
    """
    row = regime.deadline(id)
    how = cast(Literal["within", "before", "after"], row.relation)
    return limit(trigger, row.amount or 0, row.unit, how, citation=paragraph_of(row), name=row.id)


def paragraph_of(row: Deadline) -> str:
    """The paragraph that a clock stands under: its name without what keeps it apart from its neighbours."""
    return row.id.partition("#")[0]


def keeps_the_clock(
    id: str,
    *,
    trigger: datetime | None,
    event: datetime | None,
    regime: Regime,
    actor: str | None = None,
    what: str | None = None,
) -> Finding:
    """Whether an event kept a clock of the treaty; exactly at the limit it did.

    `event` is None while it has not happened: once the regime's day lies behind the limit it came too late, and until
    then the answer is `undetermined`, as it is where the trigger is not known. A clock that opens a right when
    it has run out (`opens`) is nobody's duty: past it the answer is that right. What is due "immediately" has no
    number, so later than at once the text is `silent`.
    """
    row = regime.deadline(id)
    citation = paragraph_of(row)
    more: dict[str, Any] = {"actor": actor, "data": (row.to_json(),)}
    event_name = what or row.event
    if row.unit == "none" or row.amount is None:
        found = silent(say("{what}: the treaty sets no time", what=event_name), **more)
    elif row.unit == "calendar":
        why = say("{what}: a fixed day of the calendar, which another rule reckons", what=event_name)
        found = undetermined(why, "calendar day", **more)
    elif trigger is None:
        why = say("{what}: the time runs from {trigger}, which is not known", what=event_name, trigger=row.trigger)
        found = undetermined(why, "trigger", **more)
    else:
        held = clock(regime, id, trigger)
        if event is None and (row.relation == "after" or regime.day <= held.at.date()):
            why = say("{what}: not recorded; the limit is {due}", what=event_name, due=str(held))
            found = undetermined(why, "event", **more)
        else:
            found = _when_late(timed(held, event, event_name, **more), row)
        if held.clipped:
            found = replace(found, seen={**found.seen, "month_clipped": True})
    return replace(found, citation=citation, rule="keeps_the_clock")


def _when_late(found: Finding, row: Deadline) -> Finding:
    """What is late under a clock: a breach, a right of the other side, or a word without a number."""
    if found.verdict is not Verdict.BREACHES:
        return found
    if row.opens:
        return replace(found, verdict=Verdict.RIGHT, because=say("{because}: {opens}", because=found.because,
                                                                 opens=row.opens))  # fmt: skip
    if row.unit == "immediate":
        because = say("{because}; the text says at once and gives no number", because=found.because)
        return replace(found, verdict=Verdict.SILENT, because=because)
    return found
