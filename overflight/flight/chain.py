"""Why something is due: the message or event that started the clock, whose time that is, and what a paragraph adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from overflight.flight.facts import Event
from overflight.flight.messages import Message
from overflight.rules.timing import Limit
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

# Whose time an event has: the receipt of the Party that got the message, the dispatch that its sender
# claims, what a message states of the world, or what was reckoned from the link before.
TimeOf = Literal["receipt", "dispatch", "stated", "reckoned"]


@dataclass(frozen=True)
class Start:
    """An event as the start of a clock: in words, when, from which message, and whose time that is."""

    event: str
    at: datetime
    message: Message | None
    time_of: TimeOf
    by: str | None = None
    reading: str = ""  # the named reading in force that chose this start, as name=choice


@dataclass(frozen=True)
class Link:
    """One link of a chain: an event, and what its paragraph adds to the time of it.

    `amount`, `unit` and `relation` are None and empty where the paragraph adds nothing, because it gives no
    number or because a later link does; `row` names the dated value that gave the number.
    """

    start: Start
    citation: str
    row: str = ""
    amount: float | None = None
    unit: str = ""
    relation: str = ""

    def to_json(self) -> dict[str, Any]:
        """The link as a JSON-able mapping: event, rid, kind, from, at, time_of, by, citation, and what is added."""
        m = self.start.message
        return {
            "event": self.start.event,
            "rid": m.rid if m else None,
            "kind": m.kind if m else None,
            "from": m.sender if m else None,
            "by_hand": bool(m and m.by_hand),
            "at": rfc3339(self.start.at),
            "time_of": self.start.time_of,
            "by": self.start.by,
            "citation": self.citation,
            "row": self.row or None,
            "amount": self.amount,
            "unit": self.unit or None,
            "relation": self.relation or None,
            "reading": self.start.reading or None,
        }


Why = Start | Sequence[tuple[Start, Limit | None, str]]


def said(event: str, m: Message, *, reading: str = "") -> Start:
    """An act that is a message: it has the time that its sender gives it."""
    return Start(event, m.at, m, "dispatch", m.sender, reading)


def happened(event: str, told: Event, *, reading: str = "") -> Start:
    """Something that happened, at the time that the first message about it states."""
    return Start(event, told.at, told.message, "stated", told.message.sender, reading)


def stated(event: str, m: Message, at: datetime, *, reading: str = "") -> Start:
    """A time that a message states, such as an estimate."""
    return Start(event, at, m, "stated", m.sender, reading)


def links(why: Why, due: Limit | None, citation: str) -> tuple[Link, ...]:
    """The chain from its first event to the time that is due."""
    if isinstance(why, Start):
        why = ((why, due, citation),)
    return tuple(_link(start, held, cited) for start, held, cited in why)


def _link(start: Start, held: Limit | None, citation: str) -> Link:
    if held is None or held.amount is None:
        return Link(start, citation)
    return Link(start, citation, held.name, held.amount, held.unit, held.how)


def because(chain: Sequence[Link]) -> str:
    """A chain in one sentence, from what decides back to what began it."""
    return "; ".join(_spoken(link) for link in reversed(chain))


def _spoken(link: Link) -> str:
    start, m = link.start, link.start.message
    if m is None:
        event = say("{event} ({at})", event=start.event, at=readable(start.at))
    elif m.by_hand:
        event = say("{event} (letter of {party}, {whose} {at})", event=start.event, party=m.sender,
                    whose=_whose(start), at=readable(start.at))  # fmt: skip
    else:
        event = say(
            "{event} (record {rid} of {party}, {whose} {at})",
            event=start.event,
            rid=m.rid[:12],
            party=m.sender,
            whose=_whose(start),
            at=readable(start.at),
        )
    if link.amount:
        length = _length(link.amount, link.unit)
        event = {
            "within": say("{length} after {event}", length=length, event=event),
            "before": say("{length} before {event}", length=length, event=event),
            "after": say("not before {length} after {event}", length=length, event=event),
        }[link.relation]
    if start.reading:
        return say("{event}, {citation}, reading {reading}", event=event, citation=link.citation, reading=start.reading)
    return say("{event}, {citation}", event=event, citation=link.citation)


def _whose(start: Start) -> str:
    if start.time_of == "receipt":
        return say("received by {party}", party=start.by) if start.by else say("received")
    return {"dispatch": say("sent"), "stated": say("stated"), "reckoned": say("reckoned")}[start.time_of]


def _length(amount: float, unit: str) -> str:
    number = f"{amount:g}"
    if unit in ("h", "hour"):
        return say("{n} h", n=number)
    if unit == "day":
        return say("{n} days", n=number)
    return f"{number} {unit}"
