"""Observation flights of a node: act, show what follows, list.

Nothing is stored but the signed records themselves; state, duties and findings are
derived from them at each question.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.app.acts import VERBS, Verb
from overflight.app.flight_fill import fill, must_know, read_people, whole_name
from overflight.app.flight_holdings import Holdings, regime_of, taken_down
from overflight.app.flight_view import flights, notice_text, plan_findings, show, view
from overflight.app.personnel import listed_of_a_notice
from overflight.errors import BadInput
from overflight.flight.facts import NOTICE_TO_ALL
from overflight.flight.fields import take
from overflight.flight.kinds import KINDS
from overflight.flight.lifecycle import FlightState
from overflight.flight.messages import Message, build_body
from overflight.rules.finding import Finding, Verdict, all_comply
from overflight.sharing.record import BlobRef, Ref
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored

__all__ = [
    "VERBS",
    "Act",
    "act",
    "commit",
    "draft",
    "flights",
    "notice_text",
    "regime_of",
    "show",
    "view",
]


@dataclass(frozen=True)
class Act:
    """An act as it would be: the record's parts, and the findings that it would add."""

    verb: str
    kind: str
    flight: str
    to: tuple[str, ...]
    body: Mapping[str, Any]
    refs: tuple[Ref, ...]
    rules: tuple[str, ...]
    subject: str
    findings: tuple[Finding, ...]
    also_to: tuple[str, ...] = ()  # the other Parties, who get the notice at the same moment (VI.I.8)
    people: tuple[bytes, str, int] | None = None  # the list of VI.I.5.H, for the observed Party alone
    info: tuple[str, ...] = ()  # the Parties that share the flight, who see what is said in it

    @property
    def complies(self) -> bool:
        """True when the act itself adds no finding `breaches`."""
        return all_comply(self.findings)

    def to_json(self) -> dict[str, Any]:
        """What would be sent, as a JSON-able mapping."""
        return {
            "verb": self.verb,
            "kind": self.kind,
            "flight": self.flight,
            "to": list(self.to),
            "also_to": list(self.also_to),
            "info": list(self.info),
            "subject": self.subject,
            "rules": list(self.rules),
            "body": dict(self.body),
            "complies": self.complies,
            "findings": [f.to_json() for f in self.findings],
        }


def draft(node: Node, verb: str, flight: str, fields: Mapping[str, Any]) -> Act:
    """What an act would send, and what it would be found to be; nothing is stored.

    Raises
    ------
    BadInput
        If there is no such verb, it is for the other side, or a field is wrong.
    """
    spec = _verb(verb)
    flight = flight.strip().upper()
    now = node.now()
    given = dict(fields)
    people = read_people(given.pop("people_file")) if given.get("people_file") else None
    given.pop("people_file", None)
    held = Holdings(node)
    before = view(node, flight, now=now, held=held)
    if verb == "enter":
        given = _with_what_it_says(given)
    if verb != "notify" and spec.side != "anyone" and verb != "accept-messages":
        must_know(before, flight)
    given = _with_whole_names(node, spec, given, before)
    known = {f.name for f in spec.fields} | {f.name for f in KINDS[spec.kind].fields}
    extra = {k: v for k, v in given.items() if k not in known} if verb == "enter" else {}
    full = fill(
        spec.kind, node.party, flight, {k: v for k, v in given.items() if k not in extra}, before, now, node.regime()
    )
    if people is not None:
        full.update(people_sha256=_digest(people[0]), people=people[2])
        full.setdefault("listed", listed_of_a_notice(node, people[0]))
    if verb == "accept-messages":
        full.setdefault("accepts_node_messages", True)
    body = {**build_body(spec.kind, full), **extra}
    _check_side(node, spec, before, body)
    to = _addressees(node, spec, before, body)
    also_to: tuple[str, ...] = ()
    if verb == "notify":
        also_to = tuple(sorted(p.code for p in node.regime().parties() if p.code not in (node.party, *to)))
    refs = _refs(before, spec, body, node.party)
    return Act(
        verb=verb,
        kind=spec.kind,
        flight=flight,
        to=to,
        body=body,
        refs=refs,
        rules=spec.rules,
        subject=f"{spec.title}, {flight}",
        findings=_would_add(node, held, before, spec.kind, to, also_to, body, refs, now),
        also_to=also_to,
        people=people,
        info=_partners(before, node, to) if spec.audience == "other_side" and verb != "notify" else (),
    )


def act(node: Node, verb: str, flight: str, fields: Mapping[str, Any]) -> Stored:
    """Sign and store the record of an act; nothing is sent here.

    A notice makes two records: the notice to the observed Party, to which alone the list of
    people is attached, and at the same moment one to all other Parties without it.

    Returns
    -------
    Stored
        The record; of a notice the one to the observed Party.

    Raises
    ------
    BadInput
        If there is no such verb, it is for the other side, or a field is wrong. A breach of the
        treaty is no error: `draft` shows it beforehand, and `show` afterwards.
    """
    if verb == "request-copies":
        from overflight.app.copy_requests import request_copies

        names = {f.name for f in _verb(verb).fields} - {"agrees"}
        made = request_copies(node, flight=flight, **{k: v for k, v in fields.items() if k in names and v})
        return node.record(made["record"])
    what = draft(node, verb, flight, fields)
    return commit(node, what)


def commit(node: Node, what: Act) -> Stored:
    """Sign and store what `draft` made."""
    blobs: tuple[BlobRef, ...] = ()
    if what.people is not None:
        data, kind, _ = what.people
        name = "people.json" if kind == "application/json" else "people.csv"
        blobs = (node.put_blob(data, type=kind, name=name),)
    stored = node.issue(
        what.kind,
        to=what.to,
        info=what.info,
        body=what.body,
        refs=what.refs,
        rules=what.rules,
        subject=what.subject,
        blobs=blobs,
    )
    if what.also_to:
        node.issue(
            what.kind,
            to=what.also_to,
            info=what.to,  # so that the observed Party sees that all others were told
            body={**what.body, "notice": NOTICE_TO_ALL},
            refs=(Ref("copy-of", stored.rid),),
            rules=("VI.I.8",),
            subject=what.subject,
        )
    return stored


def _verb(name: str) -> Verb:
    if name not in VERBS:
        raise BadInput(
            say("{verb!r} is no act of a flight; the acts are {known}", verb=name[:40], known=", ".join(VERBS)),
            field="verb",
        )
    return VERBS[name]


def _with_whole_names(node: Node, verb: Verb, given: dict[str, Any], before: FlightState) -> dict[str, Any]:
    """Names of records that were given by their first characters, whole."""
    known: dict[str, list[str]] = {
        "version": [v.rid for v in before.versions],
        "report": [m.rid for m in before.timeline if m.kind == "report.mission"],
        "of": [s.rid for s in node.records()] if given.get("of") else [],
    }
    own = {f.name for f in verb.fields}
    return {
        name: whole_name(value, known[name], name)
        if name in known and name in own and isinstance(value, str) and value
        else value
        for name, value in given.items()
    }


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _with_what_it_says(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the message that a letter amounts to, checked and laid beside the letter's own."""
    says = given.pop("says", None) or {}
    if isinstance(says, str):
        try:
            says = json.loads(says)
        except (ValueError, RecursionError):
            raise BadInput(say("says: no JSON object"), field="says") from None
    kind = str(given.get("says_kind") or "")
    if not isinstance(says, Mapping) or kind not in KINDS or kind in ("letter", "receipt"):
        raise BadInput(
            say("says_kind must name the kind of message, such as flight.ack, and says its fields"), field="says_kind"
        )
    own = {f.name for f in KINDS[kind].fields} - {"flight", "agrees"}
    wrong = sorted(set(says) - own)
    if wrong:
        raise BadInput(say("{kind} has no field {name!r}", kind=kind, name=wrong[0]), field=wrong[0])
    taken = {f.name: take(f, says[f.name], kind) for f in KINDS[kind].fields if f.name in says}
    return {**given, **taken}


def _check_side(node: Node, verb: Verb, before: FlightState, body: Mapping[str, Any]) -> None:
    if verb.side == "anyone" or (verb.name == "notify" and before.observing in (None, node.party)):
        return
    regime = node.regime()
    own = regime.quota_holder(node.party)
    sides = {
        "observing": before.observing,
        "observed": before.observed,
    }
    allowed = {"either": ("observing", "observed")}.get(verb.side, (verb.side,))
    if "observing" in allowed and regime.readings.get("partner_acts") == "any" and node.party in before.partners:
        return
    if not any(sides[s] and regime.quota_holder(sides[s] or "") == own for s in allowed if s in sides):
        raise BadInput(
            say(
                "{verb} is for the {side} Party of {flight}; this node is {party}",
                verb=verb.name,
                side=say("observing")
                if verb.side == "observing"
                else say("observed")
                if verb.side == "observed"
                else "-",
                flight=body.get("flight"),
                party=node.party,
            ),
            field="verb",
            citation=verb.rules[0] if verb.rules else None,
        )


def _addressees(node: Node, verb: Verb, before: FlightState, body: Mapping[str, Any]) -> tuple[str, ...]:
    if verb.audience == "nobody":
        return ()
    if verb.audience == "all_others":
        return tuple(sorted(p.code for p in node.regime().parties() if p.code != node.party))
    if verb.name == "notify":
        return (str(body["observed"]),)
    other = before.observed if node.party == before.observing else before.observing
    if other is None or other == node.party:
        other = before.observed if other != before.observed else before.observing
    return (other,) if other else ()


def _partners(before: FlightState, node: Node, to: tuple[str, ...]) -> tuple[str, ...]:
    """Which of those who share it are told of an act: still Parties, and neither acting nor addressed anyway."""
    regime = node.regime()
    return tuple(code for code in before.partners if code not in (node.party, *to) and regime.is_party(code))


def _refs(before: FlightState, verb: Verb, body: Mapping[str, Any], party: str) -> tuple[Ref, ...]:
    """What the record answers, acknowledges, supersedes or carries on."""
    out: list[Ref] = []
    notice = before.notice
    if notice is not None and notice.text("notice") != NOTICE_TO_ALL:
        if verb.kind == "flight.ack":
            out.append(Ref("acknowledges", notice.rid))
        if verb.name == "notify" and notice.sender == party:
            out.append(Ref("supersedes", notice.rid))
    for name, rel in (("version", "answers"), ("report", "answers"), ("of", "answers")):
        if isinstance(body.get(name), str):
            out.append(Ref(rel, body[name]))
    if verb.name == "send-report":
        own = [m for m in before.timeline if m.kind == "report.mission" and m.sender == party]
        out += [Ref("copy-of", m.rid) for m in own[-1:]]
    return tuple(out)


def _would_add(
    node: Node,
    held: Holdings,
    before: FlightState,
    kind: str,
    to: tuple[str, ...],
    also_to: tuple[str, ...],
    body: Mapping[str, Any],
    refs: tuple[Ref, ...],
    now: datetime,
) -> tuple[Finding, ...]:
    """The findings that were not there before the act."""
    pairs = tuple((r.rel, r.rid) for r in refs)
    made = [Message("0" * 64, kind, node.party, to, now, body, pairs)]
    if also_to:
        made.append(Message("1" * 64, kind, node.party, also_to, now, {**body, "notice": NOTICE_TO_ALL}, pairs))
    if kind == "letter":
        taken = taken_down(made[0])
        made += [taken] if taken else []
    after = view(node, str(body["flight"]), now=now, extra=made, held=held)
    known = {(f.citation, f.rule, str(f.verdict), f.because) for f in before.findings}
    added = [f for f in after.findings if (f.citation, f.rule, str(f.verdict), f.because) not in known]
    # Whoever hands over, accepts or signs a plan is told of that plan, though the same was found of an earlier one.
    for version in after.versions:
        own = any(m.rid == version.rid for m in made)
        if own or any(_stands_behind(m) == version.rid for m in made):
            of_it = plan_findings(node, version)
            added = [f for f in added if f not in of_it]
            added += [f for f in of_it if own or f.verdict is not Verdict.COMPLIES]
    return tuple(added)


def _stands_behind(m: Message) -> str | None:
    return m.text("version") if m.kind in ("plan.accept", "plan.sign") else None
