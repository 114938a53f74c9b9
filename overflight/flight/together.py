"""Flights that several Parties share: each one's quota, who of them acts, and what each of them has of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from overflight.flight.book import Book
from overflight.flight.chain import happened
from overflight.flight.facts import Facts
from overflight.flight.ledger import LedgerLine, accepted, ledger_line, used
from overflight.rules import notification, quotas, shared_flights
from overflight.rules.finding import Verdict
from overflight.terms.words import say


def quotas_left(facts: Facts, book: Book, earlier: Iterable[LedgerLine]) -> None:
    """III.I.4, 5, 8 and 10: at the notice, by the flights notified before it, for each observing Party."""
    m, regime = facts.notice, facts.regime
    year = m.number("quota_year") or facts.eta.year
    over = regime.quota_holder(facts.observed)
    lines = list(earlier)
    counted = used(lines, year=year)
    alone = used((line for line in lines if not line.partners), year=year)
    sides: dict[str, Any] = {"observed": facts.observed, "regime": regime}
    for code in _one_of_each_holder(facts):
        holder = regime.quota_holder(code)
        ours = counted[holder, over]
        mine = Counter({of: n for (by, of), n in counted.items() if by == holder and n})
        partners = [other for other in facts.observing_parties if other != code]
        own = book.ask(m.at, m, quotas.has_active_quota_left, observing=code, used=ours, **sides)
        book.ask(m.at, m, quotas.has_total_active_quota_left, observing=code, used=dict(mine), regime=regime)
        book.ask(m.at, m, quotas.stays_within_half_of_the_quotas, observing=code, flown=ours, **sides)
        if own.verdict is not Verdict.UNDETERMINED:  # where no distribution is known, none is known to be shared
            together: dict[str, Any] = {"partners": partners, "used_alone": alone[holder, over]}
            book.ask(m.at, m, quotas.shared_quota_is_flown_together, observing=code, **together, **sides)
    book.ask(m.at, m, quotas.has_passive_quota_left, accepted=accepted(lines, year=year)[over], **sides)


def _one_of_each_holder(facts: Facts) -> tuple[str, ...]:
    """The observing Parties, but of a group that holds common quotas the first alone."""
    firsts: dict[str, str] = {}
    for code in facts.observing_parties:
        firsts.setdefault(facts.regime.quota_holder(code), code)
    return tuple(firsts.values())


def shared(facts: Facts, book: Book) -> None:
    """What the text says, and does not say, of Parties that share a flight."""
    m = facts.notice
    for code in dict.fromkeys(m.texts("partners")):
        if code not in facts.observing_side:
            on = {"observed": facts.observed, "regime": facts.regime_on(facts.eta.date())}
            book.ask(m.at, m, notification.flies_over_a_party_only, observing=code, **on)
    if not facts.partners:
        return
    for act in facts.of_partners:
        book.ask(
            act.at,
            act,
            shared_flights.partner_acts_for_the_observing_side,
            act=act.kind,
            partner=act.sender,
            lead=facts.observing,
            regime=facts.regime,
        )
    _counted(facts, book)


def _counted(facts: Facts, book: Book) -> None:
    """III.I.8, VIII.II.5 and IX: what is counted, who chooses, and who has the data."""
    line, done = ledger_line(facts), facts.completion
    if done is None or line.counted is None:
        return
    who = facts.all_observing
    choices: dict[str, bool] = {}
    for m in facts.messages:
        choice = m.flag("counts")
        if m.kind == "flight.completed" and m.sender in who and choice is not None:
            choices.setdefault(m.sender, choice)
    if len(choices) > 1:
        book.ask(done.at, done.message, shared_flights.observing_parties_choose_alike, choices=choices)
    if not line.counted.data_kept:
        return
    book.ask(
        done.at,
        done.message,
        quotas.shared_flight_counts_for_each,
        observing=facts.observing_parties,
        observed=facts.observed,
        counted_active={d.holder: d.flights for d in line.debits if d.quota == "active"},
        counted_passive=sum(d.flights for d in line.debits if d.quota == "passive"),
        regime=facts.regime,
    )
    parties = len(facts.observing_parties)
    book.ask(done.at, done.message, shared_flights.original_goes_to_one_of_several, parties=parties)
    why = happened(say("flight completed"), done)
    for code in facts.partners:
        book.may(code, say("have first-generation copies of the data"), "IX.IV.1", why, since=done.at)
