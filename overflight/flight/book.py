"""What follows from the facts of a flight: duties with due times, rights, and findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from overflight.errors import OverflightError
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

    def late(self, now: datetime) -> bool:
        """Whether the time is over and the duty open, or was done after it."""
        if self.due is None or self.not_before:
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
        }
        if self.not_before:
            out["not_before"] = True
        if self.clipped:
            out["clipped"] = True
        return out


@dataclass(frozen=True)
class Right:
    """What a Party may do, from when until when; None where the text names no time."""

    who: str
    what: str
    citation: str
    since: datetime | None = None
    until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The right as a JSON-able mapping."""
        return {
            "who": self.who,
            "what": self.what,
            "citation": self.citation,
            "since": rfc3339(self.since) if self.since else None,
            "until": rfc3339(self.until) if self.until else None,
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

    def set_aside(self, agreed_at: datetime | None, by: datetime) -> Finding:
        """Let an agreement that both recorded no later than `by` set aside the breach that was found last."""
        at, found = self.entries.pop()
        found = unless_agreed(found, agreed_at, by)
        self.entries.append((at, found))
        return found

    def duty(self, who: str, what: str, due: Limit | None, citation: str, *, done_at: datetime | None = None) -> None:
        """Keep a duty."""
        self.duties.append(
            Duty(
                who,
                what,
                due.at if due else None,
                citation,
                done_at=done_at,
                not_before=bool(due and due.relation == "from"),
                clipped=bool(due and due.clipped),
            )
        )

    def may(
        self, who: str, what: str, citation: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> None:
        """Keep a right, unless its time is over."""
        if until is None or self.now <= until:
            self.rights.append(Right(who, what, citation, since, until))

    def breaches_by(self, side: frozenset[str], *, until: datetime) -> list[str]:
        """Paragraphs that Parties of a side breached at or before a moment."""
        return sorted(
            {f.citation for at, f in self.entries if f.verdict is Verdict.BREACHES and f.actor in side and at <= until}
        )


def _citation_of(rule: Callable[..., Finding]) -> str:
    name = getattr(rule, "__name__", "")
    return next((c for c, rules in RULES.items() for r in rules if r.name == name), "")
