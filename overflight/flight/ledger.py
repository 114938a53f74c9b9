"""What a flight counts against the quotas of both sides, and the sum over a year's flights (Articles III and VIII)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from overflight.flight.facts import Facts
from overflight.rules.prohibition import Counted, counts

_STOPPED = {"flight.prohibition": "prohibited", "flight.decline": "declined", "flight.cancel": "cancelled"}


@dataclass(frozen=True)
class LedgerLine:
    """One flight in the ledger: the holders of the quotas and what it counts; None while that is open."""

    flight: str
    year: int
    observing: str  # who holds the active quota: the Party or its group
    observed: str  # who holds the passive quota
    outcome: str
    counted: Counted | None

    def to_json(self) -> dict[str, Any]:
        """The line as a JSON-able mapping."""
        c = self.counted
        return {
            "flight": self.flight,
            "year": self.year,
            "observing": self.observing,
            "observed": self.observed,
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
        }


def ledger_line(facts: Facts) -> LedgerLine:
    """What one flight counts, by the decision table of III.I.8, VIII.I and VIII.II."""
    outcome, counted = "open", None
    done = facts.completion
    if facts.stopped is not None:
        outcome = _STOPPED[facts.stopped.kind]
        counted = counts(outcome)
    elif done is not None and facts.take_off is not None:
        m = done.message
        outcome = "cut_short" if m.flag("cut_short") else "completed"
        counted = counts(outcome, cause=m.text("cause"), elects=_choice(facts))
    return LedgerLine(
        flight=facts.flight,
        year=facts.notice.number("quota_year") or facts.eta.year,
        observing=facts.regime.quota_holder(facts.observing),
        observed=facts.regime.quota_holder(facts.observed),
        outcome=outcome,
        counted=counted,
    )


def _choice(facts: Facts) -> bool | None:
    """The observing side's first word on whether a shortened flight counts; the choice is its own (VIII.II.5)."""
    said = (m.flag("counts") for m in facts.of("flight.completed", side="observing"))
    return next((choice for choice in said if choice is not None), None)


def used(lines: Iterable[LedgerLine], *, year: int) -> Counter[tuple[str, str]]:
    """Flights counted in a year by (holder of the active quota, holder of the passive quota)."""
    total: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if line.year == year and line.counted is not None:
            total[line.observing, line.observed] += line.counted.observing
    return total
