"""From a case's messages to the messages of a flight: what a case does not mention is taken to be in order.

A notice holds all its items unless the case says what it `lacks`, goes to all other Parties at the same
moment unless it says who was `left_out`, and is received when it is sent unless the case says otherwise.
An event happens when it is reported, at the airfield of the notice.  So a case need say only what it is about.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from overflight.app.casefile import LawCase, within_years
from overflight.errors import BadDate, OverflightError
from overflight.flight.kinds import KINDS
from overflight.flight.messages import Message, build_body, plan_body, read_body
from overflight.planning.planfile import plan_from_feature
from overflight.rules.notification import NOTICE_ITEMS
from overflight.terms.moment import parse_moment, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# Words of the treaty for each kind of message, as a case may write them.
WORDS: Mapping[str, str] = {
    "notice": "flight.notification",
    "acknowledgement": "flight.ack",
    "transit": "flight.transit",
    "arrival": "flight.arrival",
    "services": "flight.services",
    "covers": "flight.covers",
    "inventory": "flight.inventory",
    "inspection": "flight.inspection",
    "demonstration": "flight.demonstration",
    "plan": "plan.submit",
    "change": "plan.change",
    "acceptance": "plan.accept",
    "alternative": "plan.alternative",
    "signature": "plan.sign",
    "flight_plan": "flight.plan",
    "take_off": "flight.takeoff",
    "stop": "flight.stop",
    "deviation": "flight.deviation",
    "emergency": "flight.emergency",
    "completion": "flight.completed",
    "prohibition": "flight.prohibition",
    "refusal": "flight.decline",
    "cancellation": "flight.cancel",
    "report": "report.mission",
    "report_signature": "report.sign",
    "departure": "flight.departure",
    "sealing": "data.sealed",
    "opening": "data.opened",
    "development": "data.developed",
    "catalogue": "data.catalogued",
    "duplicate": "data.duplicate",
    "request": "data.request",
    "letter": "letter",
}
# Other words that people use for the same.
ALSO: Mapping[str, str] = {
    "notification": "notice", "ack": "acknowledgement", "acknowledgment": "acknowledgement", "mission_plan": "plan",
    "proposal": "change", "proposed_change": "change", "accept": "acceptance", "sign": "signature",
    "takeoff": "take_off", "landing": "completion", "completed": "completion", "prohibit": "prohibition",
    "decline": "refusal", "cancel": "cancellation", "mission_report": "report", "preflight_inspection": "inspection",
    "sealed": "sealing", "opened": "opening", "developed": "development", "copy_request": "request",
}  # fmt: skip
# Keys of a message that are not fields of its body.
_ENVELOPE = ("kind", "name", "at", "from", "to", "received", "lacks", "left_out", "told_others_at", "of_message")
# Fields that name another message of the case.
_POINTERS = ("version", "report", "of")
_LACKS: Mapping[str, tuple[str, ...]] = {f"VI.I.5.{item}": fields for item, fields in NOTICE_ITEMS.items()}


def head_of(entry: Mapping[str, Any]) -> str | None:
    """The key that names the kind where a message is written ``notice: <time>``: its first key, or None."""
    first = next(iter(entry), None)
    return first if (first in WORDS or first in ALSO) and "kind" not in entry else None


def messages_of(case: LawCase, regime_on: Callable[[date], Regime]) -> tuple[tuple[Message, ...], Mapping[str, str]]:
    """The messages of a case, and the record's id by each message's name.

    Raises
    ------
    BadFile
        Naming file, case and field.
    """
    desk = _Desk(case, regime_on)
    for n, entry in enumerate(case.messages, 1):
        desk.take(entry, n)
    return tuple(desk.messages), desk.rids


class _Desk:
    """Takes one message of a case after another; later ones refer to earlier ones by name."""

    def __init__(self, case: LawCase, regime_on: Callable[[date], Regime]):
        self.case = case
        self.regime_on = regime_on
        self.messages: list[Message] = []
        self.rids: dict[str, str] = {}
        self.entry_place = "UUMB"
        self.latest: dict[str, str] = {}  # "version" and "report" -> the newest record of that sort

    def take(self, entry: Mapping[str, Any], n: int) -> None:
        kind, at, name, head = self._head(entry, n)
        senders = self._senders(entry, kind)
        body = {k: v for k, v in entry.items() if k not in _ENVELOPE and k != head}
        for field in _POINTERS:
            if isinstance(body.get(field), str) and body[field] in self.rids:
                body[field] = self.rids[body[field]]
        whole = {**self._usual(kind, at, senders[0], entry), **body}
        whole |= dict.fromkeys(self._lacks(entry, kind))
        for sender in senders:
            self._keep(kind, name, sender, at, entry, self._body(kind, dict(whole), n), n)

    def _head(self, entry: Mapping[str, Any], n: int) -> tuple[str, datetime, str, str | None]:
        """Kind, time, name, and the key that gave the kind where the message is written ``notice: <time>``."""
        where = say("messages, number {n}", n=n)
        head = head_of(entry)
        said = str(entry.get("kind", head))
        kind = WORDS.get(ALSO.get(said, said), entry.get("kind", head))
        if kind not in KINDS:
            word = str(entry.get("kind", next(iter(entry), "")))[:60]
            near = difflib.get_close_matches(word, [*WORDS, *ALSO], n=3, cutoff=0.75)
            why = say("{word!r} is no kind of message", word=word)
            if near:
                raise self.case.wrong(where, why + say("; did you mean {near}?", near=", ".join(near)))
            raise self.case.wrong(where, why + say("; kinds are {kinds}", kinds=", ".join(WORDS)))
        at = entry.get("at", entry[head] if head else None)
        if at is None:
            raise self.case.wrong(where, say("{kind} has no time (at)", kind=kind))
        name = entry.get("name", head or kind)
        if not isinstance(name, str):
            raise self.case.wrong(f"{where}.name", say("must be text"))
        return str(kind), self._time(at, where), name, head

    def _time(self, text: Any, where: str) -> datetime:
        try:
            return within_years(self.case, where, parse_moment(text if isinstance(text, str) else "", field=where))
        except BadDate as error:
            raise self.case.wrong(where, error.message) from None

    def _party(self, word: str) -> str:
        return {"observing": self.case.observing, "observed": self.case.observed}.get(word, word)

    def _senders(self, entry: Mapping[str, Any], kind: str) -> list[str]:
        said = entry.get("from")
        if said == "both":
            return [self.case.observing, self.case.observed]
        if said is not None:
            named = said if isinstance(said, list) else [said]
            if not named:
                raise self.case.wrong("from", say("names nobody"))
            return [self._party(str(word)) for word in named]
        side = KINDS[kind].sender
        if side == "observed" or kind in ("flight.covers", "flight.inspection", "plan.accept"):
            return [self.case.observed]
        return [self.case.observing]

    def _lacks(self, entry: Mapping[str, Any], kind: str) -> list[str]:
        said = entry.get("lacks") or []
        items = said if isinstance(said, list) else [said]
        out: list[str] = []
        for item in items:
            key = f"VI.I.5.{item}" if kind == "flight.notification" and str(item) in NOTICE_ITEMS else str(item)
            found = _LACKS.get(key) or ((key,) if any(f.name == key for f in KINDS[kind].fields) else ())
            if not found or ("eta" in found and key == "eta"):
                raise self.case.wrong("lacks", say("{item} is no item of {kind}", item=str(item)[:60], kind=kind))
            out += [name for name in found if name != "eta"]
        return out

    # What is usual

    def _usual(self, kind: str, at: datetime, sender: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        place, now = self.entry_place, rfc3339(at)
        version, report = self.latest.get("version", "0" * 64), self.latest.get("report", "0" * 64)
        usual: dict[str, dict[str, Any]] = {
            "flight.notification": {
                "observing": self.case.observing, "observed": self.case.observed, "eta": entry.get("eta"),
                "point_of_entry": place,
                "lodging": "none", "inspection_place": place, "inspection_at": entry.get("eta"),
                "transport": "own aircraft", "clearance": "standing", "aircraft": "as designated",
                "distance_m": 1_000_000, "people_sha256": "0" * 64, "notice": "VI.I.5",
            },
            "flight.ack": {"supplies_aircraft": False},
            "flight.arrival": {"place": place, "arrived_at": now},
            "flight.services": {"given_at": now},
            "flight.inventory": {"inspecting": sender, "arrived_at": now},
            "flight.demonstration": {"asked_by": sender},
            "flight.stop": {"airfield": place, "purpose": "refuelling", "landed_at": now},
            "flight.emergency": {"nature": "emergency", "began_at": now},
            "flight.covers": {"place": place, "checked_at": now, "stage": "arrival", "in_place": True},
            "flight.inspection": {
                "inspecting": sender, "as_certified": True, "ended_at": now,
                "started_at": rfc3339(at - timedelta(hours=4)),
            },
            "plan.change": {"version": version, "ground": "other", "reason": "not stated"},
            "plan.accept": {"version": version},
            "plan.alternative": {"version": version},
            "plan.sign": {"version": version},
            "flight.plan": {"version": version, "filed_at": now},
            "flight.takeoff": {"airfield": place, "took_off_at": now},
            "flight.deviation": {"ground": "weather_safety", "began_at": now, "told_at": now},
            "flight.completed": {"airfield": place, "completed_at": now},
            "flight.prohibition": {"ground": "VIII.I.1", "facts": "as stated", "in_plan": True},
            "flight.decline": {"reason": "as stated", "holds_harm": True, "in_plan": True},
            "report.mission": {
                "part": "flight", "flown_from": now, "flown_until": now, "route": "as planned", "weather": "clear",
                "observation_periods": [{"sensor": "camera", "began": now, "ended": now}],
                "data_amount": "as planned", "covers": "in place",
            },
            "report.sign": {"report": report, "signed_at": now},
            "flight.departure": {"place": place, "departed_at": now},
            "data.sealed": {
                "containers": [{"number": "1", "medium": "film"}], "sealed_at": now, "both_present": True,
            },
            "data.opened": {"containers": ["1"], "opened_at": now, "both_present": True},
            "data.developed": {"facility": sender, "developed_at": now},
            "data.duplicate": {"for_party": self.case.observed},
        }  # fmt: skip
        return usual.get(kind, {})

    def _body(self, kind: str, whole: dict[str, Any], n: int) -> dict[str, Any]:
        where = say("messages, number {n} ({kind})", n=n, kind=kind)
        whole["flight"] = whole.get("flight") or self.case.flight or self._number(whole)
        if any(f.name == "plan" for f in KINDS[kind].fields) and (kind != "plan.change" or whole.get("plan")):
            whole["plan"] = self._plan(whole.get("plan"), whole.pop("take_off", None), where)
        try:
            for name, value in list(whole.items()):
                if value == "observing" or value == "observed":
                    whole[name] = self._party(value)
            body = read_body(kind, build_body(kind, whole))
        except OverflightError as error:
            key = f"{where}: {error.field}" if error.field else where
            place = rf"(?:{re.escape(error.field)}(?: \([^)]*\))?: )*" if error.field else ""  # said once, in key
            why = re.sub(rf"^{re.escape(kind)}: {place}", "", error.message)
            raise self.case.wrong(key, why) from None
        for f in KINDS[kind].fields:
            if f.kind in ("time", "day") and isinstance(body.get(f.name), str):
                when = body[f.name] if f.kind == "time" else f"{body[f.name]}T00:00Z"
                within_years(self.case, f"{where}: {f.name}", parse_moment(when))
        return body

    def _number(self, whole: Mapping[str, Any]) -> str:
        if self.messages:
            return self.messages[0].flight
        eta = str(whole.get("eta") or "0000")
        year = str(whole.get("quota_year") or eta[:4])
        return f"OS{year[-1] if year[-1].isdigit() else 0}001"

    def _plan(self, given: Any, take_off: Any, where: str) -> dict[str, Any]:
        """The plan of a message: a plan in a case's own form, or a plain one where the case is not about its path."""
        if isinstance(given, Mapping):
            return plan_body(plan_of(self.case, given, where))
        plain = {"points": [[36.65, 55.61], [44.0, 52.0], [36.65, 55.61]], "start_airfield": "UUMB"}
        if take_off is not None:
            plain["take_off"] = take_off
        return plan_body(plan_of(self.case, {**plain, "end_airfield": "UUMB"}, where))

    def _keep(
        self, kind: str, name: str, sender: str, at: datetime, entry: Mapping[str, Any], body: dict[str, Any], n: int
    ) -> None:
        where = say("messages, number {n}", n=n)
        to = self._to(entry, sender)
        rid = hashlib.sha256(f"{self.case.id} {n} {sender} {kind}".encode()).hexdigest()
        received = self._received(entry, to, at, where)
        refs: tuple[tuple[str, str], ...] = ()
        if kind == "flight.notification" and isinstance(entry.get("of_message"), str):
            refs = (("supersedes", self.rids.get(str(entry["of_message"]), "")),)
        made = Message(rid, kind, sender, to, at, body, refs, received)
        self.messages.append(made)
        self.rids.setdefault(name, rid)
        if kind in ("plan.submit", "plan.change", "plan.alternative"):
            self.latest["version"] = rid
        if kind == "report.mission":
            self.latest["report"] = rid
        if kind == "flight.notification":
            self.entry_place = str(body.get("point_of_entry", self.entry_place))
        if kind in ("flight.notification", "report.mission"):
            self._to_all(made, entry, where)

    def _to(self, entry: Mapping[str, Any], sender: str) -> tuple[str, ...]:
        said = entry.get("to")
        if said is not None:
            return tuple(self._party(str(word)) for word in (said if isinstance(said, list) else [said]))
        return (self.case.observing if sender == self.case.observed else self.case.observed,)

    def _received(self, entry: Mapping[str, Any], to: tuple[str, ...], at: datetime, where: str) -> dict[str, datetime]:
        said = entry.get("received")
        if said == "unknown":
            return {}
        if isinstance(said, Mapping):
            return {self._party(str(who)): self._time(t, f"{where}.received") for who, t in said.items()}
        return dict.fromkeys(to, self._time(said, f"{where}.received") if said is not None else at)

    def _to_all(self, made: Message, entry: Mapping[str, Any], where: str) -> None:
        """The copy to all other Parties, unless the case says who was left out or that it came later."""
        said = entry.get("left_out")
        if said == "all":
            return
        left_out = {str(code) for code in (said if isinstance(said, list) else [said] if said else [])}
        late = entry.get("told_others_at")
        at = self._time(late, f"{where}.told_others_at") if late is not None else made.at
        sides = {self.case.observing, self.case.observed}
        if made.kind == "report.mission":
            sides = {made.sender}
        others = {p.code for p in self.regime_on(at.date()).parties()} - sides - left_out
        if not others:
            return
        body = {**made.body, "notice": "VI.I.8"} if made.kind == "flight.notification" else dict(made.body)
        rid = hashlib.sha256(f"{made.rid} to all".encode()).hexdigest()
        to = tuple(sorted(others))
        self.messages.append(replace(made, rid=rid, to=to, at=at, body=body, received=dict.fromkeys(to, at)))


def plan_of(case: LawCase, given: Mapping[str, Any], where: str = "plan") -> Any:
    """A mission plan from a case: the properties of a plan file, with `points` as pairs of longitude and latitude.

    Raises
    ------
    BadFile
        Naming file, case and field.
    """
    more = {k: v for k, v in given.items() if k not in ("points", "eta", "arrived_at")}
    feature = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": given.get("points", [])},
        "properties": {"observed": case.observed, "observing": case.observing, **more},
    }
    try:
        return plan_from_feature(feature, name=where)
    except OverflightError as error:
        raise case.wrong(error.field or where, error.message) from None
