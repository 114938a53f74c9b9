"""A node's records read as messages of flights: one pass over all of them, as many flights as are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from overflight.errors import OverflightError
from overflight.flight.facts import gather
from overflight.flight.kinds import KINDS
from overflight.flight.ledger import LedgerLine, ledger_line
from overflight.flight.messages import Message, read_body
from overflight.terms.words import say
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored

_LETTER_FIELDS = {f.name for f in KINDS["letter"].fields}


class Holdings:
    """The messages of every flight that a node holds, as they are at the moment of the question."""

    def __init__(self, node: Node):
        self._node = node
        self._flights: dict[str, list[Message]] = {}
        self._unreadable: dict[str, list[dict[str, str]]] = {}
        self._of_all: list[Message] = []
        self._lines: dict[datetime, list[tuple[datetime, str, LedgerLine]]] = {}
        for stored in node.records():
            kind, body = stored.record.kind, stored.record.body
            number = body.get("flight")
            if kind not in KINDS or kind == "receipt" or not (number or body.get("accepts_node_messages")):
                continue
            try:
                found = messages_of(node, stored)
            except OverflightError as error:
                why = {"rid": stored.rid, "from": stored.record.from_, "kind": kind, "why": error.message}
                self._unreadable.setdefault(str(number), []).append(why)
                continue
            if isinstance(number, str):
                self._flights.setdefault(number, []).extend(found)
            if body.get("accepts_node_messages"):
                self._of_all.extend(found)

    @property
    def numbers(self) -> list[str]:
        """Every flight of which at least one message can be read."""
        return sorted(self._flights)

    def messages(self, flight: str) -> list[Message]:
        """The messages of a flight, and those that speak for every flight."""
        own = self._flights.get(flight, [])
        names = {m.rid for m in own}
        return [*own, *(m for m in self._of_all if m.rid not in names)]

    def unreadable(self, flight: str) -> list[dict[str, str]]:
        """Records of a flight whose body cannot be read, with why."""
        return self._unreadable.get(flight, [])

    def earlier(self, flight: str, found: Sequence[Message], at: datetime) -> list[LedgerLine]:
        """The ledger lines of flights that were notified before this one."""
        first = min((m.at for m in found if m.kind == "flight.notification"), default=at)
        if at not in self._lines:
            self._lines[at] = self._all_lines(at)
        return [line for when, number, line in self._lines[at] if number != flight and when < first]

    def _all_lines(self, at: datetime) -> list[tuple[datetime, str, LedgerLine]]:
        out = []
        regime_on = regime_of(self._node)
        for number in self.numbers:
            facts = gather(self._flights[number], at, regime_on, viewer=self._node.party)
            if facts is not None:
                out.append((facts.notice.at, number, ledger_line(facts)))
        return out


def messages_of(node: Node, stored: Stored) -> list[Message]:
    """The message of a record, and, for a letter of this node's own, the message that it amounts to.

    Raises
    ------
    BadInput
        If the body is not of its kind.
    """
    record = stored.record
    received = dict(stored.receipts)
    if stored.received_at is not None:
        received[node.party] = stored.received_at
    message = Message(
        rid=record.rid,
        kind=record.kind,
        sender=record.from_,
        to=record.to,
        at=record.at,
        body=read_body(record.kind, record.body),
        refs=tuple((r.rel, r.rid) for r in record.refs),
        received=received,
        info=record.info,
    )
    taken = taken_down(message) if record.from_ == node.party else None
    return [message] if taken is None else [message, taken]


def taken_down(letter: Message) -> Message | None:
    """The message that a letter amounts to; only this Party's own letters count, and only in its own view."""
    kind = letter.text("says_kind") or ""
    sender = letter.text("from_state") or ""
    if letter.kind != "letter" or kind not in KINDS or kind == "letter" or len(sender) != 3:
        return None
    names = {f.name for f in KINDS[kind].fields}
    body = {k: v for k, v in letter.body.items() if k in names or k not in _LETTER_FIELDS}
    received = letter.time("received_at") or letter.at
    return Message(
        rid=letter.rid[::-1],  # another name than the letter's own, and always the same
        kind=kind,
        sender=sender,
        to=(letter.sender,),
        at=min(letter.time("sent_at") or received, letter.at),
        body=read_body(kind, body),
        received={letter.sender: received},
        by_hand=True,
    )


def regime_of(node: Node) -> Callable[[date], Regime]:
    """The regime of any day, under the node's readings; in an exercise with the quotas that it assumes."""
    assumed = _assumed_quotas(node)

    def regime_on(day: date) -> Regime:
        return _regime(day, tuple(sorted(node.readings.items())), assumed)

    return regime_on


@lru_cache(maxsize=256)
def _regime(day: date, readings: tuple[tuple[str, str], ...], assumed: tuple[tuple[str, str, int], ...]) -> Regime:
    found = Regime.on(day, readings=dict(readings))
    for by, of, flights_ in assumed:
        found = found.with_value("active_quota", flights_, of=of, by=by, source=say("exercise value"))
    return found


def _assumed_quotas(node: Node) -> tuple[tuple[str, str, int], ...]:
    """Quotas that the opening record of an exercise names; an operational node assumes none."""
    if node.exercise is None:
        return ()
    out: dict[tuple[str, str], int] = {}
    for stored in node.records(kind="exercise.open"):
        try:
            rows = read_body("exercise.open", stored.record.body).get("quotas", ())
        except OverflightError:
            continue
        out.update({(row["by"], row["of"]): row["flights"] for row in rows})
    return tuple(sorted((by, of, n) for (by, of), n in out.items()))
