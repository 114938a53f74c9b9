"""What the messages of one flight say happened: who, when, where; nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from overflight.errors import UnknownOnDate
from overflight.flight.kinds import KINDS
from overflight.flight.messages import Message
from overflight.flight.negotiation import Talks, talks
from overflight.rules.arrival import completion_limit
from overflight.rules.inspection import demonstration_extends
from overflight.terms.moment import parse_moment

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# Of messages with the same claimed time, the one that comes first in the life of a flight goes first.
_RANK = {name: n for n, name in enumerate(KINDS)}
NOTICE_TO_ALL = "VI.I.8"


def in_order(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Messages once each, by claimed time, then by place in the life of a flight, however they arrived."""
    once: dict[str, Message] = {}
    for m in messages:
        known = once.get(m.rid, m).received
        times = {who: min(known.get(who, at), at) for who, at in m.received.items()}
        once[m.rid] = replace(m, received={**known, **times}) if m.received or known else m
    return tuple(sorted(once.values(), key=lambda m: (m.at, _RANK.get(m.kind, len(_RANK)), m.sender, m.rid)))


@dataclass(frozen=True)
class Event:
    """Something that happened: when, who said so first, and what others say of it."""

    at: datetime
    message: Message
    others: Mapping[str, datetime] = field(default_factory=dict)  # Party -> another time that it states


@dataclass(frozen=True)
class Facts:
    """One flight as its messages tell it up to a moment.

    `messages` are in order and none is later than `now`; `notice` is the governing notice.
    """

    flight: str
    notice: Message
    messages: tuple[Message, ...]
    now: datetime
    regime_on: Callable[[date], Regime]
    viewer: str | None = None

    @property
    def observing(self) -> str:
        """The observing Party."""
        return str(self.notice.body["observing"])

    @property
    def observed(self) -> str:
        """The observed Party, the member that acts where it is a group."""
        return str(self.notice.body["observed"])

    @cached_property
    def regime(self) -> Regime:
        """The regime on the day of the notice."""
        return self.regime_on(self.notice.at.date())

    def _side(self, code: str) -> frozenset[str]:
        return frozenset({code, *self.regime.quota_holder(code).split(";")})

    @cached_property
    def observing_side(self) -> frozenset[str]:
        """The Parties that may act for the observing side: all members of its group."""
        return self._side(self.observing)

    @cached_property
    def observed_side(self) -> frozenset[str]:
        """The Parties that may act for the observed side."""
        return self._side(self.observed)

    @cached_property
    def partners(self) -> tuple[str, ...]:
        """The Parties that share the flight beside the one that gave the notice (Annex A, Section II).

        Only Parties can; another State that is named is a finding (I.1) and has no quota to debit.
        """
        sides = self.observing_side | self.observed_side
        named = dict.fromkeys(self.notice.texts("partners"))
        return tuple(code for code in named if code not in sides and self.regime.is_party(code))

    @property
    def observing_parties(self) -> tuple[str, ...]:
        """All Parties that conduct the flight, the one that gave the notice first."""
        return (self.observing, *self.partners)

    @cached_property
    def all_observing(self) -> frozenset[str]:
        """Everybody who conducts the flight: the observing side and the partners, whoever of them may act."""
        return self.observing_side | set(self.partners)

    @cached_property
    def observing_holders(self) -> tuple[str, ...]:
        """The holders of the active quotas that the flight counts against, each once."""
        return tuple(dict.fromkeys(self.regime.quota_holder(code) for code in self.observing_parties))

    @cached_property
    def side_of(self) -> Mapping[str, str]:
        """Party -> "observing" or "observed"; other Parties are missing.

        Partners in a shared flight act for the observing side under the reading `partner_acts` = any alone.
        """
        acting = set(self.observing_side)
        if self.regime.readings.get("partner_acts") == "any":
            acting.update(*(self._side(code) for code in self.partners))
        return {**dict.fromkeys(acting, "observing"), **dict.fromkeys(self.observed_side, "observed")}

    @cached_property
    def privy(self) -> bool:
        """Whether the viewer sees all messages of the flight: one of the two sides, or nobody in particular.

        A partner in a shared flight does where its node was sent more than the notice to all.
        """
        if self.viewer is None or self.viewer in self.side_of:
            return True
        told = (m for m in self.messages if m.kind != "flight.notification" and self.viewer in (*m.to, *m.info))
        return self.viewer in self.partners and any(self._of(m) for m in told)

    @property
    def eta(self) -> datetime:
        """Estimated arrival at the point of entry."""
        found = self.notice.time("eta")
        return found if found is not None else self.notice.at

    # Messages

    def of(self, *kinds: str, side: str | None = None) -> tuple[Message, ...]:
        """Messages of some kinds in order, from those who may send them, or from one side."""
        if len(kinds) == 1:
            found = self._by_kind.get(kinds[0], ())
        else:
            found = tuple(m for m in self.messages if m.kind in kinds and self._may(m))
        return found if side is None else tuple(m for m in found if side == self._of(m))

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Message, ...]]:
        """Messages of each kind in order, from those who may send them."""
        out: dict[str, list[Message]] = {}
        for m in self.messages:
            if self._may(m):
                out.setdefault(m.kind, []).append(m)
        return {kind: tuple(found) for kind, found in out.items()}

    def first(self, *kinds: str, side: str | None = None) -> Message | None:
        """The first of them, or None."""
        return next(iter(self.of(*kinds, side=side)), None)

    def _of(self, m: Message) -> str | None:
        return self.side_of.get(m.sender)

    def _may(self, m: Message) -> bool:
        kind = KINDS.get(m.kind)
        if kind is None or kind.sender == "anyone":
            return kind is not None
        return self._of(m) in (("observing", "observed") if kind.sender == "either" else (kind.sender,))

    @cached_property
    def without_effect(self) -> tuple[Message, ...]:
        """Messages from a Party that cannot send that kind in this flight; those of a partner are told apart."""
        return tuple(m for m in self.messages if not self._may(m) and m not in self.of_partners)

    @cached_property
    def of_partners(self) -> tuple[Message, ...]:
        """What a partner in a shared flight sent as the observing Party would."""
        ours = ("observing", "either")
        return tuple(
            m for m in self.messages if m.sender in self.partners and m.kind in KINDS and KINDS[m.kind].sender in ours
        )

    def event(self, kind: str, name: str, *, where: Callable[[Message], bool] = lambda m: True) -> Event | None:
        """When something happened, by the first message that says so; other Parties' times stand beside it."""
        found = [m for m in self.of(kind) if m.time(name) is not None and where(m)]
        if not found:
            return None
        first = found[0]
        at = first.time(name) or first.at
        said = {m.sender: m.time(name) or m.at for m in reversed(found)}
        return Event(at, first, {who: t for who, t in said.items() if t != at and who != first.sender})

    # The notice and its receipt

    @cached_property
    def notices(self) -> tuple[Message, ...]:
        """Every notice of the observing Party for this flight."""
        return tuple(m for m in self.of("flight.notification", side="observing"))

    def received_by(self, message: Message, side: frozenset[str]) -> datetime | None:
        """When the first Party of a side had the message, by receipts and letters; None if nothing shows it."""
        times = [at for who, at in message.received.items() if who in side and at <= self.now]
        times += [
            at
            for m in self.messages
            if m.kind == "letter" and m.text("of") == message.rid
            for at in (m.time("received_at") or m.time("acknowledged_at"),)
            if at is not None and at <= self.now
        ]
        return min(times, default=None)

    def sent(self, message: Message) -> datetime:
        """When a message went out: by its official channel's time where that was taken back, else as it claims."""
        letter = self.letter(message)
        stated = letter.time("sent_at") if letter else None
        return stated or message.at

    def letter(self, message: Message) -> Message | None:
        """The letter that records how a message went through an official channel."""
        return next((m for m in self.messages if m.kind == "letter" and m.text("of") == message.rid), None)

    @cached_property
    def notice_received(self) -> datetime | None:
        """When the observed Party had the notice, as far as a receipt or letter shows."""
        return self.received_by(self.notice, self.observed_side)

    @cached_property
    def notice_received_by(self) -> datetime | None:
        """A moment by which it had the notice: its receipt, or its own acknowledgement, which proves as much."""
        ack = self.first("flight.ack", side="observed")
        times = [self.notice_received, ack.at if ack else None]
        return min((t for t in times if t is not None), default=None)

    @cached_property
    def told(self) -> Mapping[str, datetime]:
        """Party -> when it was sent the notice."""
        out: dict[str, datetime] = {}
        for m in reversed(self.notices):
            for code in (*m.to, *m.info):
                out[code] = self.sent(m)
        return out

    @cached_property
    def node_messages_accepted(self) -> bool:
        """Whether both sides recorded that a node's messages have legal effect between them."""
        said = {m.sender for m in self.messages if m.flag("accepts_node_messages")}
        return bool(said & self.observing_side) and bool(said & self.observed_side)

    # Aircraft

    @cached_property
    def taxi(self) -> bool:
        """Whether the observed Party supplies the aircraft."""
        ack = self.first("flight.ack", side="observed")
        return bool(ack and ack.flag("supplies_aircraft") and ack.text("aircraft"))

    @property
    def provided_by_observed(self) -> bool | None:
        """`taxi`, or None for a viewer to whom the acknowledgement need not have come."""
        return self.taxi if self.privy or self.taxi else None

    @property
    def supplier(self) -> str:
        """The side that supplies the aircraft and files the flight plan."""
        return self.observed if self.taxi else self.observing

    def supplier_at(self, moment: datetime) -> str:
        """The side that supplied the aircraft as far as was said by then: a later answer does not reach back."""
        ack = self.first("flight.ack", side="observed")
        return self.observed if self.taxi and ack is not None and ack.at <= moment else self.observing

    # The parts of the flight

    @cached_property
    def arrival(self) -> Event | None:
        """Arrival at the point of entry."""
        return self.event("flight.arrival", "arrived_at")

    @property
    def at_airfield(self) -> datetime | None:
        """Arrival at the Open Skies airfield, which may be the point of entry itself."""
        there = self.event("flight.arrival", "airfield_arrived_at")
        if there is not None:
            return there.at
        return self.arrival.at if self.arrival else None

    @cached_property
    def talks(self) -> Talks:
        """The negotiation of the mission plan."""
        return talks(self.messages, self.side_of)

    @cached_property
    def take_off(self) -> Event | None:
        """Start of the observation flight."""
        return self.event("flight.takeoff", "took_off_at")

    @cached_property
    def completion(self) -> Event | None:
        """End of the observation flight."""
        return self.event("flight.completed", "completed_at")

    @cached_property
    def departure(self) -> Event | None:
        """Departure from the point of exit."""
        return self.event("flight.departure", "departed_at")

    @cached_property
    def stopped(self) -> Message | None:
        """The first prohibition, refusal or cancellation that came before the flight started."""
        start = self.take_off
        found = [
            m
            for m in self.of("flight.prohibition", "flight.decline", "flight.cancel")
            if start is None or m.at < start.at
        ]
        return next(iter(found), None)

    @cached_property
    def demonstration(self) -> tuple[str, Message] | None:
        """Who asked for a demonstration flight, and the message that says so.

        What is only told after the flight was over, or after its 96 hours, is no demonstration before that flight.
        """
        try:
            last = completion_limit(self.eta, self.regime).at
        except UnknownOnDate:
            return None
        if self.completion is not None:
            last = min(last, self.completion.message.at)
        said = (
            (p, m)
            for m in self.of("flight.inspection", "flight.demonstration")
            if m.at <= last and (p := m.text("demonstration_by") or m.text("asked_by"))
        )
        return next(said, None)

    @property
    def demonstration_by(self) -> str | None:
        """Who asked for a demonstration flight."""
        return self.demonstration[0] if self.demonstration else None

    @property
    def extended(self) -> bool:
        """Whether a demonstration flight adds to the 96 hours: only the observed Party's own does (VI.I.9)."""
        return demonstration_extends(self.demonstration_by, observed_side=self.observed_side)

    @property
    def planned_start(self) -> datetime | None:
        """The start in the filed flight plan, or in the plan that is agreed or stands."""
        filed = self.event("flight.plan", "starts_at")
        if filed is not None:
            return filed.at
        version = self.talks.current
        text = (version.plan or {}).get("take_off") if version else None
        return parse_moment(text) if isinstance(text, str) else None

    # Agreements

    def agreed(self, *citations: str) -> datetime | None:
        """When both sides had said that they set one of these paragraphs aside; None if they have not."""
        done: list[datetime] = []
        for citation in citations:
            said: dict[str, datetime] = {}
            for m in self._agreeing:
                side = self._of(m)
                if side and citation in m.texts("agrees"):
                    said.setdefault(side, m.at)
            if len(said) == 2:
                done.append(max(said.values()))
        return min(done, default=None)

    def agreed_by(self, moment: datetime, *citations: str) -> bool:
        """Whether both sides had set one of these paragraphs aside by a moment; a later word does not reach back."""
        at = self.agreed(*citations)
        return at is not None and at <= moment

    @cached_property
    def _agreeing(self) -> tuple[Message, ...]:
        return tuple(m for m in self.messages if m.body.get("agrees"))

    def signatures_of_report(self) -> tuple[Message | None, Mapping[str, datetime]]:
        """The report on the flight and when each side signed it."""
        reports = [m for m in self.of("report.mission", side="observing") if m.text("part") == "flight"]
        best: tuple[Message | None, Mapping[str, datetime]] = (reports[0] if reports else None, {})
        for report in reports:
            signed: dict[str, datetime] = {}
            for m in self.of("report.sign"):
                side = self._of(m)
                if m.text("report") == report.rid and side:
                    signed.setdefault(side, m.time("signed_at") or m.at)
            if len(signed) > len(best[1]):
                best = (report, signed)
        return best


def gather(
    messages: Sequence[Message],
    now: datetime,
    regime_on: Callable[[date], Regime],
    *,
    viewer: str | None = None,
) -> Facts | None:
    """The facts of a flight up to `now`, or None while no notice of the observing Party is known."""
    known = tuple(m for m in in_order(messages) if m.at <= now)
    notices = [
        m
        for m in known
        if m.kind == "flight.notification"
        and m.body.get("observing")
        and m.body.get("observed")
        and m.time("eta") is not None
    ]
    own = [m for m in notices if _own(m, regime_on)]
    if not own:
        return None
    first = next((m for m in own if m.text("notice") != NOTICE_TO_ALL), own[0])
    governing = _newest(first, own)
    return Facts(governing.flight or first.flight, governing, known, now, regime_on, viewer)


def _own(m: Message, regime_on: Callable[[date], Regime]) -> bool:
    """Whether a notice comes from the Party that it names as observing, or from that Party's group."""
    observing = str(m.body["observing"])
    return m.sender == observing or m.sender in regime_on(m.at.date()).quota_holder(observing).split(";")


def _newest(first: Message, notices: Sequence[Message]) -> Message:
    """The notice at the end of the chain of `supersedes` that begins with the first; no notice is ever removed."""
    found = first
    while True:
        later = [
            m
            for m in notices
            if any(rel == "supersedes" and rid == found.rid for rel, rid in m.refs) and m.sender == found.sender
        ]
        after = [m for m in later if (m.at, m.rid) > (found.at, found.rid)]
        if not after:
            return found
        found = min(after, key=lambda m: (m.at, m.rid))
