"""Lists of designated personnel and objections to people on them (Article XIII, Section I).

A record holds a list's digest and how many people it names, never a name; a person is told by the place in the
list, which says nothing to anyone who does not have the list.  Pure, as the lifecycle is: messages and a moment in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.flight.book import Book, Right
from overflight.flight.chain import Start
from overflight.flight.facts import in_order
from overflight.flight.messages import Message
from overflight.rules import people
from overflight.rules.clocks import clock
from overflight.rules.finding import Finding
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

LIST, OBJECTION = "personnel.list", "personnel.objection"


@dataclass(frozen=True)
class Objected:
    """One objection: whose, to which place in the list, when, and since when the person is off for that Party.

    One within 30 days means that the person was never accepted: `since` is the receipt of the list (XIII.I.2.a).  A
    later one works from then on (XIII.I.2.b).
    """

    record: str
    entry: int
    at: datetime
    in_time: bool
    since: datetime

    def to_json(self) -> dict[str, Any]:
        """The objection as a JSON-able mapping."""
        return {
            "record": self.record,
            "entry": self.entry,
            "at": rfc3339(self.at),
            "in_time": self.in_time,
            "since": rfc3339(self.since),
            "citation": "XIII.I.2.a" if self.in_time else "XIII.I.2.b",
        }


@dataclass(frozen=True)
class Review:
    """One Party's review of a list: `accepted` people by now, None until its 30 days are over."""

    party: str
    received: datetime
    until: datetime
    objections: tuple[Objected, ...]
    accepted: int | None

    def to_json(self) -> dict[str, Any]:
        """The review as a JSON-able mapping."""
        return {
            "party": self.party,
            "received": rfc3339(self.received),
            "may_object_until": rfc3339(self.until),
            "objections": [o.to_json() for o in self.objections],
            "accepted": self.accepted,
        }


@dataclass(frozen=True)
class Listed:
    """One list that a Party sent, and what became of it with each Party that is known to have received it."""

    record: str
    party: str
    at: datetime
    occasion: str
    persons: int
    digest: str
    current: bool
    reviews: tuple[Review, ...]

    def review(self, party: str) -> Review | None:
        """What became of it with one Party."""
        return next((r for r in self.reviews if r.party == party), None)

    def to_json(self) -> dict[str, Any]:
        """The list as a JSON-able mapping."""
        return {
            "record": self.record,
            "party": self.party,
            "at": rfc3339(self.at),
            "occasion": self.occasion,
            "persons": self.persons,
            "list_sha256": self.digest,
            "current": self.current,
            "reviews": [r.to_json() for r in self.reviews],
        }


@dataclass(frozen=True)
class Personnel:
    """Every list, the newest of each Party current; who may still object; what was not in compliance."""

    lists: tuple[Listed, ...]
    rights: tuple[Right, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """All of it as a JSON-able mapping."""
        return {
            "lists": [one.to_json() for one in self.lists],
            "rights": [r.to_json() for r in self.rights],
            "findings": [f.to_json() for f in self.findings],
        }


def personnel(messages: Sequence[Message], now: datetime, regime_on: Callable[[date], Regime]) -> Personnel:
    """What holds of all lists at a moment, whatever the order in which messages arrived.

    Parameters
    ----------
    messages : sequence of Message
        Lists and objections; others, and those later than `now`, are left out.
    now : datetime
        Aware UTC time.
    regime_on : callable
        The regime of a day.
    """
    known = [m for m in in_order(messages) if m.at <= now and m.kind in (LIST, OBJECTION)]
    book = Book(now)
    lists = [m for m in known if m.kind == LIST]
    newest = {m.sender: m.rid for m in lists}
    out = []
    for m in lists:
        earlier = [o for o in lists if o.sender == m.sender and (o.at, o.rid) < (m.at, m.rid)]
        _judged(m, earlier, book, regime_on)
        out.append(_listed(m, known, newest[m.sender] == m.rid, book, regime_on))
    return Personnel(tuple(out), tuple(book.rights), tuple(f for _, f in book.entries))


def _judged(m: Message, earlier: Sequence[Message], book: Book, regime_on: Callable[[date], Regime]) -> None:
    """XIII.I.1: how many, when with the instrument, and how soon after the amendment before."""
    here = regime_on(m.at.date())
    persons, deposited = m.number("persons") or 0, m.time("deposited_at")
    book.ask(m.at, m, people.list_holds_at_most_400, persons=persons, regime=here, actor=m.sender)
    if m.text("occasion") == "ratification":
        if deposited is not None:
            first = {"deposited": deposited, "listed": m.at, "regime": here, "actor": m.sender}
            book.ask(m.at, m, people.list_comes_with_the_instrument, **first)
        return
    if not here.is_party(m.sender):
        return
    since = datetime.combine(here.party(m.sender).since, datetime.min.time(), m.at.tzinfo)
    amended = [o.at for o in earlier if o.text("occasion") == "amendment"]
    book.ask(
        m.at,
        m,
        people.list_is_amended_no_sooner_than_allowed,
        amended=m.at,
        in_force_since=since,
        last_amended=max(amended, default=None),
        regime=here,
        actor=m.sender,
    )


def _listed(
    m: Message, known: Sequence[Message], current: bool, book: Book, regime_on: Callable[[date], Regime]
) -> Listed:
    objections: dict[str, list[Message]] = {}
    for o in known:
        if o.kind == OBJECTION and o.text("list") == m.rid and o.sender != m.sender:
            objections.setdefault(o.sender, []).append(o)
    received = _received(m, objections, book.now)
    reviews = tuple(
        _review(m, party, at, objections.get(party, ()), book, regime_on) for party, at in sorted(received.items())
    )
    digest, occasion = m.text("list_sha256") or "", m.text("occasion") or ""
    return Listed(m.rid, m.sender, m.at, occasion, m.number("persons") or 0, digest, current, reviews)


def _received(m: Message, objections: Mapping[str, Sequence[Message]], now: datetime) -> dict[str, datetime]:
    """When each Party had the list: by its receipt, or by its first objection, which proves as much."""
    out = {party: at for party, at in m.received.items() if at <= now and party != m.sender}
    for party, said in objections.items():
        out.setdefault(party, min(o.at for o in said))
    return out


def _review(
    m: Message,
    party: str,
    received: datetime,
    said: Sequence[Message],
    book: Book,
    regime_on: Callable[[date], Regime],
) -> Review:
    held = clock(regime_on(received.date()), "XIII.I.2", received)
    persons = m.number("persons") or 0
    first: dict[int, Message] = {}
    for o in said:
        entry = o.number("entry") or 0
        if 1 <= entry <= persons:  # a place that the list does not have names nobody
            first.setdefault(entry, o)
    objections = tuple(
        Objected(o.rid, entry, o.at, held.held_by(o.at), received if held.held_by(o.at) else o.at)
        for entry, o in sorted(first.items())
    )
    start = Start(say("list of {code} received", code=m.sender), received, m, "receipt", party)
    what = say("object to people on the list of {code}", code=m.sender)
    book.may(party, what, "XIII.I.2.a", start, since=received, until=held)
    accepted = None if held.held_by(book.now) else persons - len(objections)
    return Review(party, received, held.at, objections, accepted)
