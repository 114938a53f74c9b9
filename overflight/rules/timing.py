"""Due times: how the treaty's hours, days and months are counted, and where each number comes from.

The treaty has no article on computing time.  Overflight's convention, the same everywhere:
hours are elapsed hours; days are calendar days in UTC, the day of the trigger is day 0 and
the whole of day N still complies; months are calendar months, and a month that would end on
a date that does not exist ends on its last day, flagged as `clipped`.  Every number is a
row of the regime's dated tables (`regime.value(name)`); none stands here.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from overflight.errors import BadData
from overflight.rules.finding import Finding, Verdict, breaches, complies
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

Relation = Literal["by", "from"]

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Limit:
    """The last moment at which an act still complies ("by"), or the first ("from").

    `citation` is the paragraph, `name` the row of the regime that gave the number, and
    `clipped` says that a month ended early because the date does not exist.  `start`, `amount`, `unit` and
    `how` say how it was reckoned; an act that is due at once has no amount.
    """

    at: datetime
    relation: Relation
    citation: str
    name: str = ""
    clipped: bool = False
    start: datetime | None = None
    amount: float | None = None
    unit: str = ""
    how: str = ""

    def held_by(self, act_at: datetime) -> bool:
        """Whether an act at `act_at` complies; exactly at the limit does."""
        return self.late_by(act_at) <= timedelta(0)

    def late_by(self, act_at: datetime) -> timedelta:
        """How far `act_at` lies on the wrong side; zero or negative when it complies."""
        return act_at - self.at if self.relation == "by" else self.at - act_at

    def days_late(self, act_at: datetime) -> int | None:
        """Whole days on the wrong side of a limit counted in days, months or years; None for hours and "at once"."""
        if self.unit not in ("day", "week", "month", "year") or not self.amount:
            return None
        days = (act_at.astimezone(UTC).date() - self.at.date()).days
        return days if self.relation == "by" else -days

    def __str__(self) -> str:
        return f"{self.relation} {rfc3339(self.at)}"


def shift_months(moment: datetime, months: int) -> tuple[datetime, bool]:
    """`moment` some calendar months later (earlier when negative), and whether the day had to be clipped.

    Examples
    --------
    >>> shift_months(datetime(2021, 8, 31, tzinfo=UTC), 6)
    (datetime.datetime(2022, 2, 28, 0, 0, tzinfo=datetime.timezone.utc), True)
    """
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last)), moment.day > last


def _start_of_day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _end_of_day(moment: datetime) -> datetime:
    return _start_of_day(moment) + timedelta(days=1) - _SECOND


def limit(
    trigger: datetime,
    amount: float,
    unit: str,
    how: Literal["within", "before", "after"],
    *,
    citation: str,
    name: str = "",
) -> Limit:
    """The limit that stands `amount` of `unit` from `trigger`.

    ``within``: no later than so long after the trigger; ``before``: at least so long earlier;
    ``after``: not earlier than so long after.

    Raises
    ------
    BadData
        If the unit is none of hour, day, week, month, year, immediate.
    """
    sign = -1 if how == "before" else 1
    relation: Relation = "from" if how == "after" else "by"
    clipped = False
    match unit:
        case "h" | "hour" | "immediate":
            at = trigger + sign * timedelta(hours=amount)
        case "day" | "week":
            moved = trigger + sign * timedelta(days=amount * (7 if unit == "week" else 1))
            at = _start_of_day(moved) if relation == "from" else _end_of_day(moved)
            if amount == 0:  # "at once": not "any time today"
                at = trigger
        case "month" | "year":
            moved, clipped = shift_months(trigger, sign * int(amount) * (12 if unit == "year" else 1))
            at = _start_of_day(moved) if relation == "from" else _end_of_day(moved)
        case _:
            raise BadData(
                say("deadline {citation} counts in {unit!r}, which has no length", citation=citation, unit=unit),
                citation=citation,
            )
    return Limit(at, relation, citation, name, clipped, trigger, amount, unit, how)


def within(regime: Regime, name: str, trigger: datetime, *, citation: str | None = None) -> Limit:
    """No later than the regime's value `name` after `trigger`."""
    row = regime.value(name)
    return limit(trigger, row.value, row.unit, "within", citation=citation or row.citation, name=name)


def before(regime: Regime, name: str, trigger: datetime, *, citation: str | None = None) -> Limit:
    """At least the regime's value `name` earlier than `trigger`."""
    row = regime.value(name)
    return limit(trigger, row.value, row.unit, "before", citation=citation or row.citation, name=name)


def after(regime: Regime, name: str, trigger: datetime, *, citation: str | None = None) -> Limit:
    """Not earlier than the regime's value `name` after `trigger`."""
    row = regime.value(name)
    return limit(trigger, row.value, row.unit, "after", citation=citation or row.citation, name=name)


def spoken(length: timedelta) -> str:
    """A length of time as people say it: ``5 min``, ``2 h 20 min``, ``3 days 4 h``.

    Examples
    --------
    >>> spoken(timedelta(hours=26, minutes=5))
    '26 h 5 min'
    """
    seconds = int(abs(length).total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, over = divmod(hours, 24)
    if days >= 5:
        return say("{days} days", days=days) + (f" {over} h" if over else "")
    parts = [f"{hours} h"] if hours else []
    if minutes:
        parts.append(f"{minutes} min")
    if rest and not hours:
        parts.append(f"{rest} s")
    return " ".join(parts)


def rows(regime: Regime, *names: str) -> tuple[Mapping[str, Any], ...]:
    """The dated rows behind a finding, for its `data`."""
    return tuple(regime.value(name).to_json() for name in names)


def timed(held: Limit, at: datetime | None, what: str, **more: Any) -> Finding:
    """Whether an act came in time, in one sentence; None means that it is not recorded though the limit has passed.

    `what` names the act, such as "acknowledgement"; `more` goes to the finding.
    """
    seen: dict[str, Any] = {"at": rfc3339(at) if at else None, "limit": rfc3339(held.at)}
    due = readable(held.at)
    more.setdefault("limit", rfc3339(held.at))
    if at is None:
        return breaches(say("{what}: none recorded by the limit, {due}", what=what, due=due), seen=seen, **more)
    late = held.late_by(at)
    seen["late_s"] = int(late.total_seconds())
    moment, margin = readable(at), spoken(late)
    days = held.days_late(at)
    if days is not None:  # such a limit is a day, and its seconds are a convention
        seen["late_days"] = days
        margin = say("1 day") if abs(days) == 1 else say("{days} days", days=abs(days))
    if days == 0:
        return complies(say("{what}: {at}, on the day of the limit", what=what, at=moment), seen=seen, **more)
    if late == timedelta(0):
        return complies(say("{what}: {at}, exactly at the limit", what=what, at=moment), seen=seen, **more)
    if late < timedelta(0):
        sentence = say("{what}: {at}, {margin} inside the limit {due}", what=what, at=moment, margin=margin, due=due)
        return complies(sentence, seen=seen, **more)
    if held.relation == "from":
        sentence = say(
            "{what}: {at}, {margin} too early; not before {due}", what=what, at=moment, margin=margin, due=due
        )
    else:
        sentence = say("{what}: {at}, {margin} after the limit {due}", what=what, at=moment, margin=margin, due=due)
    return breaches(sentence, seen=seen, **more)


def unless_agreed(found: Finding, agreed_at: datetime | None, before_at: datetime) -> Finding:
    """The finding of a rule that the Parties concerned may set aside together.

    An agreement that both recorded no later than `before_at` turns a breach into compliance;
    a later one does not reach back, so nothing that comes later unmakes a breach.
    """
    if found.verdict is not Verdict.BREACHES or agreed_at is None or agreed_at > before_at:
        return found
    because = say("{because}; both Parties agreed otherwise on {at}", because=found.because, at=readable(agreed_at))
    return replace(found, verdict=Verdict.COMPLIES, because=because, seen={**found.seen, "agreed": rfc3339(agreed_at)})
