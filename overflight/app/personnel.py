"""A node's lists of designated personnel: send one, object to a person, see who is accepted (Article XIII, Section I).

The lists themselves are kept as drafts of this node and go by the official channel; records hold their digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.app.flight_fill import WHOLE, people_of, read_people, whole_name
from overflight.app.flight_holdings import messages_of, regime_of
from overflight.errors import BadInput, OverflightError
from overflight.flight.kinds import KINDS
from overflight.flight.messages import Message, build_body
from overflight.flight.personnel import LIST, OBJECTION, Listed, Personnel, personnel
from overflight.rules.finding import Finding, Verdict
from overflight.sharing.record import Ref
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored

PERSON = ("name", "gender", "born", "birthplace", "passport", "function")  # XIII.I.1
DRAFT = "personnel/{digest}"


@dataclass(frozen=True)
class Act:
    """A list or an objection as it would be signed, and the findings that it would add."""

    kind: str
    to: tuple[str, ...]
    body: Mapping[str, Any]
    findings: tuple[Finding, ...]
    refs: tuple[Ref, ...] = ()
    file: bytes = b""  # the list itself, which stays here

    @property
    def complies(self) -> bool:
        """True when it adds no finding `breaches`; it may be signed all the same."""
        return not any(f.verdict is Verdict.BREACHES for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        """What would be signed, without the list."""
        return {
            "kind": self.kind,
            "to": list(self.to),
            "rules": list(KINDS[self.kind].rules),
            "body": dict(self.body),
            "complies": self.complies,
            "findings": [f.to_json() for f in self.findings],
        }


def view(node: Node, *, extra: Sequence[Message] = ()) -> Personnel:
    """What holds of all lists that this node knows, at its time; `extra` are messages that it might yet sign."""
    found: list[Message] = [*extra]
    for kind in (LIST, OBJECTION):
        for stored in node.records(kind=kind):
            try:
                found += messages_of(node, stored)
            except OverflightError:
                continue  # a body that breaks its form has no effect, as in a flight
    return personnel(found, node.now(), regime_of(node))


def show(node: Node) -> dict[str, Any]:
    """Every list with its reviews, rights to object, and findings, as a JSON-able mapping."""
    return {**view(node).to_json(), "party": node.party, "exercise": node.exercise}


def send(node: Node, file: Any, *, occasion: str, deposited_at: str | datetime | None = None) -> Stored:
    """Sign the notice of a list to all other Parties; see `draft_list`."""
    return commit(node, draft_list(node, file, occasion=occasion, deposited_at=deposited_at))


def commit(node: Node, act: Act) -> Stored:
    """Sign what was drafted; a list itself is kept here and goes apart."""
    kind = KINDS[act.kind]
    stored = node.issue(act.kind, to=act.to, body=act.body, refs=act.refs, rules=kind.rules, subject=kind.title)
    if act.file:
        node.drafts.put(DRAFT.format(digest=act.body["list_sha256"]), act.file)
    return stored


def draft_list(node: Node, file: Any, *, occasion: str, deposited_at: str | datetime | None = None) -> Act:
    """The notice of a list to all other Parties; nothing is signed or kept.

    Parameters
    ----------
    file : path, bytes or list of mappings
        JSON list or CSV with `PERSON`'s fields for each person.
    occasion : str
        ``ratification`` or ``amendment``.

    Raises
    ------
    BadFile
        If the file is no such list.
    """
    data, _, persons = read_people(file, fields=PERSON, option="file", citation="XIII.I.1")
    digest = hashlib.sha256(data).hexdigest()
    fields = {"list_sha256": digest, "persons": persons, "occasion": occasion, "deposited_at": deposited_at}
    body = build_body(LIST, fields)
    to = tuple(sorted(p.code for p in node.regime().parties() if p.code != node.party))
    return Act(LIST, to, body, _would_add(node, LIST, to, body), file=data)


def _would_add(node: Node, kind: str, to: tuple[str, ...], body: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings that were not there before."""
    made = Message("0" * 64, kind, node.party, to, node.now(), body, ())
    before = [f.to_json() for f in view(node).findings]
    return tuple(f for f in view(node, extra=[made]).findings if f.to_json() not in before)


def keep(node: Node, file: Any, record: str) -> Listed:
    """Keep a list that came by the official channel, if it is the one that a record names.

    Raises
    ------
    BadInput
        If no such record is known here, or the list is another.
    """
    data, _, persons = people_of(file, option="file")
    one = _list(node, record)
    if hashlib.sha256(data).hexdigest() != one.digest or len(persons) != one.persons:
        raise BadInput(
            say("the file is not the list of record {rid}: its digest or number differs", rid=one.record[:12]),
            field="file",
            citation="XIII.I.1.a",
        )
    node.drafts.put(DRAFT.format(digest=one.digest), data)
    return one


def object_to(node: Node, record: str, entry: int) -> Stored:
    """Sign an objection; see `draft_objection`."""
    return commit(node, draft_objection(node, record, entry))


def draft_objection(node: Node, record: str, entry: int) -> Act:
    """An objection to the person at a place in a list, counted from 1, to the Party whose list it is; not yet signed.

    Raises
    ------
    BadInput
        If no such list is known here, it is this Party's own, or it has no such place.
    """
    one = _list(node, record)
    if one.party == node.party:
        raise BadInput(say("the list is this Party's own"), field="RECORD", citation="XIII.I.2.a")
    if not 1 <= entry <= one.persons:
        raise BadInput(
            say("the list has places 1 to {n}; {entry} is none", n=one.persons, entry=entry),
            field="ENTRY",
            citation="XIII.I.2.a",
        )
    body = build_body(OBJECTION, {"list": one.record, "entry": entry})
    to = (one.party,)
    return Act(OBJECTION, to, body, _would_add(node, OBJECTION, to, body), (Ref("answers", one.record),))


def count(node: Node, file: Any, *, of: Collection[str], by: str) -> dict[str, Any]:
    """How many people of a flight stand on current lists, and to how many of them Party `by` objects.

    Parameters
    ----------
    file : path, bytes or list of mappings
        The people of the flight, with ``passport``.
    of : collection of str
        The Parties on whose lists they may stand: the observing Party, and others that send people (VI.I.7).

    Returns
    -------
    dict
        ``people, listed, objected_to``: numbers for the notice and its acknowledgement, and no name.

    Raises
    ------
    BadInput
        If no list of such a Party is known, or its file is not kept here.
    """
    _, _, rows = people_of(file, option="file")
    passports = {_passport(person) for person in rows} - {""}
    listed: set[str] = set()
    refused: set[str] = set()
    for code in of:
        one, places = _kept(node, code)
        review = one.review(by)
        off = {o.entry for o in review.objections} if review else set()
        listed |= passports & places.keys()
        refused |= {passport for passport in passports & places.keys() if places[passport] in off}
    return {"people": len(rows), "listed": len(listed), "objected_to": len(refused)}


def _kept(node: Node, code: str) -> tuple[Listed, dict[str, int]]:
    """The current list of a Party and the places of the passports on it, from the file that is kept here."""
    known = [one for one in view(node).lists if one.party == code and one.current]
    if not known:
        raise BadInput(say("no list of {code} is known here", code=code), field="--of", citation="XIII.I.1.a")
    kept = node.drafts.get(DRAFT.format(digest=known[-1].digest))
    if kept is None:
        raise BadInput(
            say("the list of record {rid} is not kept here; `personnel keep` takes it", rid=known[-1].record[:12]),
            field="--of",
            citation="XIII.I.1.a",
        )
    places = {_passport(person): n for n, person in enumerate(people_of(kept)[2], start=1)}
    places.pop("", None)
    return known[-1], places


def listed_of_a_notice(node: Node, people: bytes) -> int | None:
    """How many people of a notice stand on this Party's own current list; None where none is kept here."""
    try:
        return int(count(node, people, of=(node.party,), by="")["listed"])
    except BadInput:
        return None


def _passport(person: Any) -> str:
    return "".join(str(person.get("passport") or "").split()).upper() if isinstance(person, Mapping) else ""


def _list(node: Node, record: str) -> Listed:
    lists = {one.record: one for one in view(node).lists}
    name = whole_name(record, lists, "RECORD") if len(record) < WHOLE else record
    if name not in lists:
        raise BadInput(say("no list of record {rid} is known here", rid=record[:12]), field="RECORD")
    return lists[name]
