"""What follows from the facts of a flight: duties with due times, rights, and findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from overflight.errors import OverflightError
from overflight.flight.chain import Link, Why, because, links
from overflight.flight.messages import Message
from overflight.rules.finding import RULES, Finding, Verdict, undetermined
from overflight.rules.timing import Limit, unless_agreed
from overflight.terms.moment import rfc3339


@dataclass(frozen=True)
class Duty:
    """What a Party has to do, by when, under which paragraph; `due` is None where the text names no time."""

    who: str
    what: str
    due: datetime | None
    citation: str
    done_at: datetime | None = None
    not_before: bool = False  # `due` is the first moment at which it complies, not the last
    clipped: bool = False
    presumed: bool = False  # the start of the clock is not known: `due` is the earliest it can be, and nobody is late
    chain: tuple[Link, ...] = ()  # from the event that started the clock to the time that is due

    @property
    def because(self) -> str:
        """Why it is due then, in one sentence."""
        return because(self.chain)

    def late(self, now: datetime) -> bool:
        """Whether the time is over and the duty open, or was done after it."""
        if self.due is None or self.not_before or self.presumed:
            return False
        return (self.done_at or now) > self.due

    def to_json(self, now: datetime) -> dict[str, Any]:
        """The contract's who, what, due and citation, with what came of it."""
        out: dict[str, Any] = {
            "who": self.who,
            "what": self.what,
            "due": rfc3339(self.due) if self.due else None,
            "citation": self.citation,
            "done_at": rfc3339(self.done_at) if self.done_at else None,
            "late": self.late(now),
            "because": self.because,
            "chain": [link.to_json() for link in self.chain],
        }
        if self.not_before:
            out["not_before"] = True
        if self.clipped:
            out["clipped"] = True
        if self.presumed:
            out["presumed"] = True
        return out


@dataclass(frozen=True)
class Right:
    """What a Party may do, from when until when; None where the text names no time."""

    who: str
    what: str
    citation: str
    since: datetime | None = None
    until: datetime | None = None
    chain: tuple[Link, ...] = ()  # what `since` or `until` runs from, or the event that gave the right

    @property
    def because(self) -> str:
        """Why it has the right, or until when, in one sentence."""
        return because(self.chain)

    def to_json(self) -> dict[str, Any]:
        """The right as a JSON-able mapping."""
        return {
            "who": self.who,
            "what": self.what,
            "citation": self.citation,
            "since": rfc3339(self.since) if self.since else None,
            "until": rfc3339(self.until) if self.until else None,
            "because": self.because,
            "chain": [link.to_json() for link in self.chain],
        }


@dataclass(frozen=True)
class Bound:
    """A time that follows from the facts and that a Party plans by, without being a duty of its own."""

    what: str
    at: datetime
    citation: str
    chain: tuple[Link, ...] = ()

    @property
    def because(self) -> str:
        """Why it is that time, in one sentence."""
        return because(self.chain)

    def to_json(self) -> dict[str, Any]:
        """The bound as a JSON-able mapping."""
        return {
            "what": self.what,
            "at": rfc3339(self.at),
            "citation": self.citation,
            "because": self.because,
            "chain": [link.to_json() for link in self.chain],
        }


@dataclass
class Book:
    """Collects what the steps of a flight give; `entries` pairs each finding with its moment."""

    now: datetime
    duties: list[Duty] = field(default_factory=list)
    rights: list[Right] = field(default_factory=list)
    entries: list[tuple[datetime, Finding]] = field(default_factory=list)

    def ask(
        self, at: datetime, about: Message | None, rule: Callable[..., Finding], /, *args: Any, **facts: Any
    ) -> Finding:
        """Ask a rule, and keep its answer with its moment and the message that it is about.

        A rule whose table has no value on that day answers `undetermined`, so that one odd date
        never takes the whole flight's state away.
        """
        try:
            found = rule(*args, **facts)
        except OverflightError as error:
            why = undetermined(error.message, error.field or "value")
            found = replace(why, citation=_citation_of(rule), rule=getattr(rule, "__name__", ""))
        return self.keep(at, about, found)

    def keep(self, at: datetime, about: Message | None, found: Finding) -> Finding:
        """Keep a finding with its moment and the message that it is about."""
        if about is not None and found.where is None:
            found = replace(found, where={"message": about.rid})
        self.entries.append((at, found))
        return found

    def not_recorded(self, at: datetime, about: Message, rule: Callable[..., Finding], why: str, missing: str) -> None:
        """Keep that a rule cannot be decided: what nobody recorded may have been done."""
        found = replace(undetermined(why, missing), citation=_citation_of(rule), rule=rule.__name__)
        self.keep(at, about, found)

    def set_aside(self, agreed_at: datetime | None, by: datetime) -> Finding:
        """Let an agreement that both recorded no later than `by` set aside the breach that was found last."""
        at, found = self.entries.pop()
        found = unless_agreed(found, agreed_at, by)
        self.entries.append((at, found))
        return found

    def duty(
        self,
        who: str,
        what: str,
        due: Limit | None,
        citation: str,
        why: Why,
        *,
        done_at: datetime | None = None,
        presumed: bool = False,
    ) -> None:
        """Keep a duty; `why` is the event that started its clock, or the chain of events that led to it.

        `presumed` says that the clock may have started later than `why` says, so that nobody is late for it.
        """
        self.duties.append(
            Duty(
                who,
                what,
                due.at if due else None,
                citation,
                done_at=done_at,
                not_before=bool(due and due.relation == "from"),
                clipped=bool(due and due.clipped),
                presumed=presumed,
                chain=links(why, due, citation),
            )
        )

    def may(
        self,
        who: str,
        what: str,
        citation: str,
        why: Why,
        *,
        since: Limit | datetime | None = None,
        until: Limit | datetime | None = None,
    ) -> None:
        """Keep a right, unless its time is over or has not come; `why` is what gave it, or what its time runs from."""
        begin = since.at if isinstance(since, Limit) else since
        end = until.at if isinstance(until, Limit) else until
        if (end is not None and self.now > end) or (begin is not None and self.now < begin):
            return
        held = until if isinstance(until, Limit) else since if isinstance(since, Limit) else None
        self.rights.append(Right(who, what, citation, begin, end, links(why, held, citation)))

    def breaches_by(self, side: frozenset[str], *, until: datetime) -> list[str]:
        """Paragraphs that Parties of a side breached at or before a moment."""
        return sorted(
            {f.citation for at, f in self.entries if f.verdict is Verdict.BREACHES and f.actor in side and at <= until}
        )


def _citation_of(rule: Callable[..., Finding]) -> str:
    name = getattr(rule, "__name__", "")
    return next((c for c, rules in RULES.items() for r in rules if r.name == name), "")
