"""What a flight counts against the quotas of all concerned, and the sum over a year (Articles III and VIII)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overflight.flight.facts import Facts
from overflight.flight.messages import Message
from overflight.rules.prohibition import Counted, counts

_STOPPED = {"flight.prohibition": "prohibited", "flight.decline": "declined", "flight.cancel": "cancelled"}


@dataclass(frozen=True)
class Debit:
    """What one holder's quota is debited: `quota` is active or passive, `over` the other holder."""

    quota: str
    holder: str
    over: str
    flights: int
    citation: str

    def to_json(self) -> dict[str, Any]:
        """The debit as a JSON-able mapping."""
        out = {"quota": self.quota, "holder": self.holder, "flights": self.flights, "citation": self.citation}
        return {**out, "over": self.over} if self.quota == "active" else out


@dataclass(frozen=True)
class LedgerLine:
    """One flight in the ledger: the holders of the quotas and what it counts; None while that is open.

    `partners` hold the active quotas of the Parties that share the flight; each is debited as `observing` is.
    """

    flight: str
    year: int
    observing: str  # who holds the active quota: the Party or its group
    observed: str  # who holds the passive quota
    outcome: str
    counted: Counted | None
    partners: tuple[str, ...] = ()
    eta: datetime | None = None
    over_at: datetime | None = None  # when it was completed or stopped
    longer: bool = False  # the observed Party's demonstration flight added to its 96 hours

    @property
    def holders(self) -> tuple[str, ...]:
        """Every holder of an active quota that the flight counts against, the notice's first."""
        return (self.observing, *self.partners)

    @property
    def debits(self) -> tuple[Debit, ...]:
        """One line for each quota debited; none while it is open what the flight counts, or where it counts nothing.

        Each Party's own active quota (III.I.8), and the passive quota of the observed Party once (III.I.4, II.9).
        """
        c = self.counted
        if c is None:
            return ()
        active = [Debit("active", holder, self.observed, c.observing, "III.I.8") for holder in self.holders]
        passive = Debit("passive", self.observed, "", c.observed, "III.I.4")
        return tuple(d for d in (*active, passive) if d.flights)

    def to_json(self) -> dict[str, Any]:
        """The line as a JSON-able mapping."""
        c = self.counted
        return {
            "flight": self.flight,
            "year": self.year,
            "observing": self.observing,
            "observed": self.observed,
            "shared_with": list(self.partners),
            "outcome": self.outcome,
            "counts": None
            if c is None
            else {
                "observing": c.observing,
                "observed": c.observed,
                "data_kept": c.data_kept,
                "citation": c.citation,
                "choice_open": c.choice,
            },
            "debits": [d.to_json() for d in self.debits],
        }


def ledger_line(facts: Facts) -> LedgerLine:
    """What one flight counts, by the decision table of III.I.8, VIII.I and VIII.II."""
    outcome, counted = "open", None
    done = facts.completion
    if facts.stopped is not None:
        outcome = _STOPPED[facts.stopped.kind]
        counted = counts(outcome)
    elif done is not None and facts.take_off is not None:
        outcome, counted = outcome_of_flown(done.message), counted_of_flown(facts, done.message)
    return LedgerLine(
        flight=facts.flight,
        year=facts.notice.number("quota_year") or facts.eta.year,
        observing=facts.observing_holders[0],
        observed=facts.regime.quota_holder(facts.observed),
        outcome=outcome,
        counted=counted,
        partners=facts.observing_holders[1:],
        eta=facts.eta,
        over_at=facts.stopped.at if facts.stopped else done.at if done else None,
        longer=facts.extended,
    )


def outcome_of_flown(done: Message) -> str:
    """Whether a flight that ended was flown as a whole, by the message that tells its end."""
    return "cut_short" if done.flag("cut_short") else "completed"


def counted_of_flown(facts: Facts, done: Message) -> Counted:
    """What a flight counts by the message that tells its end: with its cause, and the choice where one was made."""
    return counts(
        outcome_of_flown(done),
        cause=done.text("cause"),
        elects=choice_of_the_observing_party(facts),
        provided_by_observed=facts.provided_by_observed,
    )


def choice_of_the_observing_party(facts: Facts) -> bool | None:
    """The observing side's first word on whether a shortened flight counts; the choice is its own (VIII.II.5)."""
    said = (m.flag("counts") for m in facts.of("flight.completed", side="observing"))
    return next((choice for choice in said if choice is not None), None)


def used(lines: Iterable[LedgerLine], *, year: int) -> Counter[tuple[str, str]]:
    """Flights counted in a year by (holder of the active quota, holder of the passive quota).

    A shared flight counts for each Party that shares it.
    """
    total: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if line.year == year and line.counted is not None:
            for holder in line.holders:
                total[holder, line.observed] += line.counted.observing
    return total


def accepted(lines: Iterable[LedgerLine], *, year: int) -> Counter[str]:
    """Flights that each observed side accepted in a year; a shared flight is one."""
    total: Counter[str] = Counter()
    for line in lines:
        if line.year == year and line.counted is not None:
            total[line.observed] += line.counted.observed
    return total
