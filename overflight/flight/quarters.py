"""A year's flights by quarter: how many over each Party against the annex's bound, when what is due, and clashes.

Planned flights are those notified under Annex H, paragraph 1, or dated ones; a flight that several Parties share is one
flight over the observed Party, whoever of them tells of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from overflight.errors import BadInput
from overflight.flight.due_calendar import Event, calendar_text
from overflight.rules import coordination, quotas
from overflight.rules.arrival import completion_limit
from overflight.rules.clocks import clock
from overflight.rules.finding import Finding, Verdict, all_comply, undetermined
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

QUARTERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Planned:
    """Flights of some Parties over one, in a quarter or from one estimated arrival on.

    `by` is who tells of them, first of `observing`; `flights` is 1 where there is an `eta`; `name` is the flight's
    number where it has one.
    """

    observing: tuple[str, ...]
    observed: str
    quarter: int
    flights: int = 1
    eta: datetime | None = None
    name: str = ""

    @property
    def by(self) -> str:
        """The Party that tells of it."""
        return self.observing[0]


@dataclass(frozen=True)
class Quarter:
    """The flights over one Party in a quarter, and whether they keep within the bound."""

    observed: str
    quarter: int
    flights: int
    observing: tuple[tuple[str, int], ...]
    finding: Finding

    def to_json(self) -> dict[str, Any]:
        """The row as a JSON-able mapping."""
        return {
            "observed": self.observed,
            "quarter": self.quarter,
            "flights": self.flights,
            "limit": self.finding.limit,
            "observing": dict(self.observing),
            "verdict": str(self.finding.verdict),
            "citation": self.finding.citation,
        }


@dataclass(frozen=True)
class YearCalendar:
    """Quarters, the dates of the yearly round, dated flights with their windows, and findings."""

    year: int
    quarters: tuple[Quarter, ...]
    dates: tuple[tuple[str, date, date, str], ...]  # what, first day, last day, paragraph
    windows: tuple[tuple[Planned, datetime, datetime], ...]
    findings: tuple[Finding, ...]

    @property
    def complies(self) -> bool:
        """True when nothing that is planned breaches; a clash is a right and no breach."""
        return all_comply(self.findings)

    def to_json(self) -> dict[str, Any]:
        """All of it as a JSON-able mapping."""
        return {
            "year": self.year,
            "complies": self.complies,
            "quarters": [q.to_json() for q in self.quarters],
            "dates": [
                {"what": what, "from": first.isoformat(), "until": last.isoformat(), "citation": citation}
                for what, first, last, citation in self.dates
            ],
            "flights": [
                {
                    "flight": p.name,
                    "observing": list(p.observing),
                    "observed": p.observed,
                    "quarter": p.quarter,
                    "eta": rfc3339(since),
                    "until": rfc3339(until),
                }
                for p, since, until in self.windows
            ],
            "findings": [f.to_json() for f in self.findings],
        }


def first_day(year: int) -> date:
    """1 January of a year of flights, whose regime decides.

    Raises
    ------
    BadInput
        If the year is none of the calendar.
    """
    if not 2 <= year <= 9998:  # the round begins in the year before
        raise BadInput(say("{year} is no year of a calendar", year=year), field="--year", citation="AnnH.1")
    return date(year, 1, 1)


def year_calendar(planned: Sequence[Planned], year: int, regime_on: Callable[[date], Regime]) -> YearCalendar:
    """The calendar of a year, whatever the order of the plans.

    Parameters
    ----------
    planned : sequence of Planned
        Told by anybody; what two Parties tell of the flights that they share is counted once.
    year : int
        The year of the flights.
    regime_on : callable
        The regime of a day; that of 1 January of the year decides.

    Raises
    ------
    BadInput
        If the year is none of the calendar.
    """
    regime = regime_on(first_day(year))
    dates = _dates(year, regime)
    findings: list[Finding] = []
    flights = _once(planned, regime, findings)
    quarters = _quarters(flights, regime)
    findings += [q.finding for q in quarters]
    findings += _over_quota(flights, regime)
    windows = _windows(flights, regime_on)
    findings += _clashes(windows, regime_on)
    return YearCalendar(year, quarters, dates, windows, tuple(findings))


def ics(found: YearCalendar, *, at: datetime, marking: str = "") -> str:
    """The dates of the round and the windows of dated flights as iCalendar."""
    events = []
    for what, first, last, citation in found.dates:
        start = datetime.combine(first, datetime.min.time(), UTC)
        end = datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1)
        events.append(Event(f"{found.year} {what} {citation}", start, end, f"{marking} {what} ({citation})".strip()))
    for p, since, until in found.windows:
        who = say("{name} {observing} over {observed}", name=p.name, observing=" + ".join(p.observing),
                  observed=p.observed).strip()  # fmt: skip
        key = f"{found.year} {p.name} {'+'.join(sorted(p.observing))} {p.observed} {rfc3339(since)}"
        events.append(Event(key, since, until, f"{marking} {who} (VI.I.9)".strip()))
    return calendar_text(events, at=at)


def _once(planned: Sequence[Planned], regime: Regime, findings: list[Finding]) -> tuple[Planned, ...]:
    """Each flight once: of those that share flights in a quarter, the first to tell, and a finding if they differ."""
    told: dict[tuple[Any, ...], dict[str, Planned]] = defaultdict(dict)
    for p in sorted(planned, key=_order):
        sides = tuple(sorted({regime.quota_holder(code) for code in p.observing}))
        over = regime.quota_holder(p.observed)
        key = (sides, over, p.quarter, p.eta, p.name)
        known = told[key].get(p.by)
        whole = replace(p, observed=over)
        told[key][p.by] = replace(known, flights=known.flights + p.flights) if known and p.eta is None else whole
    out = []
    for by in told.values():
        first = next(iter(by.values()))
        numbers = {p.flights for p in by.values()}
        if len(numbers) > 1:
            shown = ", ".join(f"{code} {p.flights}" for code, p in by.items())
            why = say("those who share flights over {code} in quarter {n} tell different numbers: {shown}",
                      code=first.observed, n=first.quarter, shown=shown)  # fmt: skip
            found = undetermined(why, "flights", seen={"told": {code: p.flights for code, p in by.items()}})
            findings.append(replace(found, citation="AnnH.1", rule="those_who_share_tell_the_same"))
        out.append(replace(first, flights=max(numbers)))
    return tuple(out)


def _order(p: Planned) -> tuple[Any, ...]:
    return (p.observed, p.quarter, p.eta or datetime.max.replace(tzinfo=UTC), p.observing, p.name, p.flights)


def _quarters(flights: Sequence[Planned], regime: Regime) -> tuple[Quarter, ...]:
    over: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for p in flights:
        over[p.observed][p.quarter][" + ".join(p.observing)] += p.flights
    return tuple(
        Quarter(
            code,
            n,
            sum(over[code][n].values()),
            tuple(sorted(over[code][n].items())),
            replace(
                quotas.quarter_is_not_overfull(observed=code, planned=sum(over[code][n].values()), regime=regime),
                where={"observed": code, "quarter": n},
            ),
        )
        for code in sorted(over)
        for n in QUARTERS
    )


def _over_quota(flights: Sequence[Planned], regime: Regime) -> list[Finding]:
    """III.I.8 and III.I.4: what is planned in the year against each active and passive quota that is known."""
    out: list[Finding] = []
    active: Counter[tuple[str, str]] = Counter()
    passive: Counter[str] = Counter()
    for p in flights:
        passive[p.observed] += p.flights
        for holder in {regime.quota_holder(code) for code in p.observing}:
            active[holder, p.observed] += p.flights
    for (holder, over), n in sorted(active.items()):
        by, of = holder.split(";")[0], over.split(";")[0]
        out.append(quotas.has_active_quota_left(observing=by, observed=of, used=n - 1, regime=regime))
    for over, n in sorted(passive.items()):
        out.append(quotas.has_passive_quota_left(observed=over.split(";")[0], accepted=n - 1, regime=regime))
    return [f for f in out if f.verdict is not Verdict.COMPLIES]


def _windows(
    flights: Sequence[Planned], regime_on: Callable[[date], Regime]
) -> tuple[tuple[Planned, datetime, datetime], ...]:
    dated = [(p, p.eta) for p in flights if p.eta is not None]
    found = [(p, eta, completion_limit(eta, regime_on(eta.date())).at) for p, eta in dated]
    return tuple(sorted(found, key=lambda w: (w[1], w[0].observed, w[0].observing, w[0].name)))


def _clashes(
    windows: Sequence[tuple[Planned, datetime, datetime]], regime_on: Callable[[date], Regime]
) -> list[Finding]:
    """VI.I.3.b and AnnH.2: two flights over one Party at one time; it need not accept both."""
    out: list[Finding] = []
    over: dict[str, list[tuple[Planned, datetime, datetime]]] = defaultdict(list)
    for window in windows:
        over[window[0].observed].append(window)
    for code, ones in sorted(over.items()):
        for n, (first, eta, until) in enumerate(ones):
            for other, other_eta, _ in ones[n + 1 :]:
                if other_eta >= until:
                    break
                found = coordination.second_flight_at_one_time_may_be_refused(
                    eta=other_eta, other_eta=eta, regime=regime_on(other_eta.date()), observed=code.split(";")[0]
                )
                where = {"observed": code, "flights": [_called(first), _called(other)]}
                out.append(replace(found, where=where))
    return out


def _called(p: Planned) -> str:
    return p.name or f"{' + '.join(p.observing)} {rfc3339(p.eta) if p.eta else ''}".strip()


def _dates(year: int, regime: Regime) -> tuple[tuple[str, date, date, str], ...]:
    """The days of the yearly round for a year: wishes, plans, talks and sequences, and the choice of aircraft."""
    day = coordination.day_of_the_year
    plans = day("AnnH.1", year - 1, regime)
    out = [
        (say("last day to tell wishes for {year}", year=year), day("AnnL.II.1", year - 1, regime), "AnnL.II.1"),
        (say("last day to tell plans by quarter for {year}", year=year), plans, "AnnH.1"),
    ]
    dates = [(what, on, on, citation) for what, on, citation in out]
    for n in QUARTERS:
        last = day(f"AnnH.3#Q{n}", year - 1 if n == 1 else year, regime)
        begin = plans if n == 1 else last.replace(day=1)  # talks begin at the notices, later on the first of the month
        dates.append((say("talks on quarter {n}, then its sequence is told", n=n), begin, last, "AnnH.3"))
        told = datetime.combine(last, datetime.min.time(), UTC)
        choice = clock(regime, "AnnH.4", told).at.date()
        dates.append((say("choice of aircraft for quarter {n}, if told on the last day", n=n), last, choice, "AnnH.4"))
    return tuple(sorted(dates, key=lambda row: (row[1], row[2], row[3])))


def quarter_of(moment: datetime) -> int:
    """The quarter of the calendar year in which a moment lies, 1 to 4."""
    return (moment.month - 1) // 3 + 1
