"""Agreeing on the mission plan: its versions, who stands behind each, and when both do.

The observing Party hands over the plan; the observed Party proposes changes; the observing
Party takes them up or offers alternatives.  A version is agreed when the observed Party
accepts one that the observing Party stands behind, or when both have signed it.  Silence is
never acceptance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from overflight.flight.messages import Message
from overflight.flight.plan_body import plan_digest
from overflight.terms.moment import rfc3339

Origin = Literal["plan", "change", "alternative"]
_ORIGIN: Mapping[str, Origin] = {"plan.submit": "plan", "plan.change": "change", "plan.alternative": "alternative"}


@dataclass(frozen=True)
class Version:
    """One version of the mission plan, named by the record that holds it.

    `plan` is its body, None where a proposal only describes a change; `assents` and `signatures`
    say when each side stood behind it and signed it ("observing", "observed").
    """

    rid: str
    number: int
    origin: Origin
    by: str
    at: datetime
    plan: Mapping[str, Any] | None
    answers: str | None = None
    ground: str | None = None
    reason: str = ""
    assents: Mapping[str, datetime] = field(default_factory=dict)
    signatures: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def agreed_at(self) -> datetime | None:
        """When both sides stood behind it: the later assent, or the later signature."""
        times = [max(m.values()) for m in (self.assents, self.signatures) if len(m) == 2]
        return min(times, default=None)

    @property
    def signed_at(self) -> datetime | None:
        """When the second side signed."""
        return max(self.signatures.values()) if len(self.signatures) == 2 else None

    def to_json(self) -> dict[str, Any]:
        """The version as a JSON-able mapping; `plan` is the body of the record."""
        return {
            "version": self.rid,
            "number": self.number,
            "origin": self.origin,
            "by": self.by,
            "at": rfc3339(self.at),
            "answers": self.answers,
            "ground": self.ground,
            "reason": self.reason,
            "accepted": {side: rfc3339(at) for side, at in self.assents.items()},
            "signed": {side: rfc3339(at) for side, at in self.signatures.items()},
            "agreed_at": rfc3339(self.agreed_at) if self.agreed_at else None,
            "plan": self.plan,
            "plan_sha256": plan_digest(self.plan) if self.plan is not None else None,
        }


@dataclass(frozen=True)
class Talks:
    """All versions in order, and which of them is agreed."""

    versions: tuple[Version, ...] = ()

    def get(self, rid: str | None) -> Version | None:
        """The version that a record holds, or None."""
        return next((v for v in self.versions if v.rid == rid), None)

    @property
    def original(self) -> Version | None:
        """The first plan that was handed over: the 4, 8 and 24 hours run from it."""
        return next((v for v in self.versions if v.origin == "plan"), None)

    @property
    def agreed(self) -> Version | None:
        """The version on which both agreed first and, where they later both signed another, that one."""
        done = [v for v in self.versions if v.agreed_at]
        signed = [v for v in done if v.signed_at]
        if signed:
            return max(signed, key=lambda v: (v.signed_at, v.number))
        return min(done, key=lambda v: (v.agreed_at, v.number), default=None)

    @property
    def agreed_at(self) -> datetime | None:
        """When there first was agreement."""
        return min((v.agreed_at for v in self.versions if v.agreed_at), default=None)

    @property
    def current(self) -> Version | None:
        """The agreed version, or else the newest one that the observing Party stands behind."""
        standing = [v for v in self.versions if "observing" in v.assents and v.plan is not None]
        newest = max(standing, key=lambda v: (v.assents["observing"], v.number), default=None)
        return self.agreed or newest or self.original

    def answers_alternative(self, version: Version) -> bool:
        """Whether a proposal answers an alternative of the observing Party rather than the plan itself."""
        seen: set[str] = set()
        base = self.get(version.answers)
        while base is not None and base.rid not in seen:
            if base.origin != "change":
                return base.origin == "alternative"
            seen.add(base.rid)
            base = self.get(base.answers)
        return False

    def submission(self, version: Version) -> Version | None:
        """The plan as handed over that a proposal answers, through the proposals between them."""
        seen: set[str] = set()
        base: Version | None = version
        while base is not None and base.origin != "plan" and base.rid not in seen:
            seen.add(base.rid)
            base = self.get(base.answers)
        return base if base is not None and base.origin == "plan" else self.original


def talks(messages: Iterable[Message], side_of: Mapping[str, str]) -> Talks:
    """The negotiation that the messages, in order, describe.

    Parameters
    ----------
    messages : iterable of Message
        In order; messages of other kinds are passed over.
    side_of : mapping
        Party -> "observing" or "observed"; messages of anyone else have no effect here.
    """
    versions: dict[str, Version] = {}
    rest: list[tuple[Message, str]] = []
    for m in messages:
        side = side_of.get(m.sender)
        if side is None:
            continue
        if m.kind in _ORIGIN and side == ("observed" if m.kind == "plan.change" else "observing"):
            if m.rid not in versions:
                versions[m.rid] = _version(m, len(versions) + 1, side, versions)
        elif m.kind in ("plan.accept", "plan.sign"):
            rest.append((m, side))
    for m, side in rest:
        found = versions.get(m.text("version") or "")
        if found is None or m.at < found.at:
            continue
        if m.kind == "plan.accept":
            versions[found.rid] = replace(found, assents={side: m.at, **found.assents})
        elif _signs_that_plan(m, found):
            versions[found.rid] = replace(found, signatures={side: m.at, **found.signatures})
    return Talks(tuple(versions.values()))


def _version(m: Message, number: int, side: str, earlier: Mapping[str, Version]) -> Version:
    plan: Any = m.body.get("plan")
    answers = m.text("version")
    base = earlier.get(answers or "")
    if plan is None and m.text("take_off") and base is not None and base.plan is not None:
        plan = {**base.plan, "take_off": m.text("take_off")}
    return Version(
        rid=m.rid,
        number=number,
        origin=_ORIGIN[m.kind],
        by=m.sender,
        at=m.at,
        plan=plan if isinstance(plan, Mapping) else None,
        answers=answers,
        ground=m.text("ground"),
        reason=m.text("reason") or "",
        # A proposal of the observed Party is no acceptance of the rest of the plan: it says what it would change.
        assents={side: m.at} if side == "observing" else {},
    )


def _signs_that_plan(m: Message, version: Version) -> bool:
    """A signature that names a digest counts only for the plan with that digest."""
    named = m.text("plan_sha256")
    return named is None or (version.plan is not None and named == plan_digest(version.plan))
