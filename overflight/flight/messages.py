"""Messages of an observation flight: what a record means, apart from how it was signed.

A record (`overflight.sharing.record`) is what a Party signed; a message is its meaning.
Bodies are checked when they are built and again when they are read, since what another Party
sent is not trusted; fields that are not known are kept and ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from overflight.errors import BadInput
from overflight.flight.fields import read_fields, take
from overflight.flight.kind import Kind
from overflight.flight.kinds import KINDS
from overflight.flight.plan_body import plan_body, plan_digest, plan_from_body
from overflight.terms.moment import parse_moment
from overflight.terms.words import say

__all__ = [
    "Message",
    "build_body",
    "kind_of",
    "plan_body",
    "plan_digest",
    "plan_from_body",
    "read_body",
]


@dataclass(frozen=True)
class Message:
    """One message of a flight.

    `at` is the time that its sender claims; `received` says when each Party received it, as far as
    known; `refs` are pairs (relation, rid).  `by_hand` is true for a message that this node's
    Party took down from a letter of another Party.
    """

    rid: str
    kind: str
    sender: str
    to: tuple[str, ...]
    at: datetime
    body: Mapping[str, Any]
    refs: tuple[tuple[str, str], ...] = ()
    received: Mapping[str, datetime] = field(default_factory=dict)
    info: tuple[str, ...] = ()
    by_hand: bool = False

    @property
    def flight(self) -> str:
        """The OS number, or the empty text."""
        return str(self.body.get("flight", ""))

    def text(self, name: str) -> str | None:
        """A text field, or None."""
        value = self.body.get(name)
        return value if isinstance(value, str) else None

    def time(self, name: str) -> datetime | None:
        """A time field, or None."""
        value = self.body.get(name)
        return parse_moment(value, field=name) if isinstance(value, str) else None

    def flag(self, name: str) -> bool | None:
        """A yes/no field, or None."""
        value = self.body.get(name)
        return value if isinstance(value, bool) else None

    def number(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self.body.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, or nothing."""
        value = self.body.get(name)
        return tuple(v for v in value if isinstance(v, str)) if isinstance(value, Sequence) else ()


def kind_of(name: str) -> Kind:
    """One kind of message.

    Raises
    ------
    BadInput
        If there is none of that name.
    """
    if name not in KINDS:
        raise BadInput(say("{name!r} is no kind of message", name=name[:60]), field="kind")
    return KINDS[name]


def read_body(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A body that arrived, checked strictly: whole numbers, UTC times, required fields; unknown fields stay.

    Raises
    ------
    BadInput
        Naming kind, field and paragraph.
    """
    return read_fields(kind_of(kind).fields, body, kind)


def build_body(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A body of this Party's own, from what a form, an option or a program gave.

    Times may be text or aware datetimes, numbers and yes/no may be text, lists may be separated by commas.

    Raises
    ------
    BadInput
        Naming kind, field and paragraph; also for a field that the kind does not have.
    """
    known = {f.name: f for f in kind_of(kind).fields}
    for name in fields:
        if name not in known:
            raise BadInput(
                say("{kind} has no field {name!r}; it has {known}", kind=kind, name=name, known=", ".join(known)),
                field=name,
            )
    body = {name: take(known[name], value, kind) for name, value in fields.items() if value not in (None, "", [], ())}
    return read_fields(tuple(known.values()), body, kind)
