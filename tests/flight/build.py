"""Builds the messages of a flight for tests: the exercise of the design, each message at the time it speaks of."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from overflight.flight.lifecycle import FlightState, state
from overflight.flight.messages import Message, plan_body, read_body
from overflight.terms.moment import rfc3339
from overflight.terms.plan import MissionPlan, SensorUse, Waypoint
from overflight.treaty.regime import Regime

FLIGHT = "OS1017"
PEOPLE = "0" * 64


def utc(text: str) -> datetime:
    """``17 14:00`` is 17 May 2021, 14:00 UTC; longer texts are read as they stand."""
    if len(text) <= 8:
        day, clock = text.split()
        text = f"2021-05-{int(day):02d}T{clock}"
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def regime_on(day: date) -> Regime:
    return Regime.on(day)


def plan(take_off: str = "19 06:00", **more: Any) -> dict[str, Any]:
    return plan_body(
        MissionPlan(
            observed="RUS",
            observing="DEU",
            flight=FLIGHT,
            waypoints=(Waypoint(36.65, 55.61), Waypoint(44.0, 52.0), Waypoint(36.65, 55.61)),
            start_airfield="UUMB",
            end_airfield="UUMB",
            take_off=utc(take_off),
            height_agl_m=(2500.0,),
            sensors=(SensorUse("AFA-41-10", 1500.0),),
            **more,
        )
    )


class Flight:
    """Messages of one flight; `say` adds one and answers its rid."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def say(self, at: str, sender: str, kind: str, *, to: tuple[str, ...] = (), refs: Any = (), **body: Any) -> str:
        when = utc(at)
        other = {"DEU": "RUS", "RUS": "DEU"}.get(sender, "DEU")
        to = to or (other,)
        rid = hashlib.sha256(f"{len(self.messages)} {at} {sender} {kind}".encode()).hexdigest()
        whole = {"flight": FLIGHT, **{k: rfc3339(v) if isinstance(v, datetime) else v for k, v in body.items()}}
        self.messages.append(
            Message(rid, kind, sender, to, when, read_body(kind, whole), refs, dict.fromkeys(to, when))
        )
        return rid

    def at(self, when: str, **more: Any) -> FlightState:
        return state(self.messages, utc(when), regime_on, **more)

    # the parts of the exercise

    def notify(self, at: str = "12 08:00", eta: str = "17 08:00", *, others: bool = True, **more: Any) -> str:
        body = {
            "observing": "DEU",
            "observed": "RUS",
            "eta": utc(eta),
            "point_of_entry": "UUMB",
            "lodging": "none",
            "inspection_place": "UUMB",
            "inspection_at": utc(eta),
            "transport": "own aircraft",
            "clearance": "EXERCISE 1",
            "aircraft": "An-30",
            "distance_m": 2_100_000,
            "people_sha256": PEOPLE,
            **more,
        }
        rid = self.say(at, "DEU", "flight.notification", notice="VI.I.5", **body)
        if others:
            rest = tuple(sorted(p.code for p in regime_on(utc(at).date()).parties() if p.code not in ("DEU", "RUS")))
            self.say(at, "DEU", "flight.notification", to=rest, notice="VI.I.8", **body)
        return rid

    def acknowledge(self, at: str = "12 20:00", **more: Any) -> str:
        return self.say(at, "RUS", "flight.ack", **{"supplies_aircraft": False, **more})

    def arrive(self, at: str = "17 08:00") -> None:
        self.say(at, "DEU", "flight.arrival", place="UUMB", arrived_at=utc(at))

    def inspect(self, start: str = "17 09:00", end: str = "17 13:00", **more: Any) -> None:
        self.say(start, "RUS", "flight.covers", place="UUMB", checked_at=utc(start), stage="arrival", in_place=True)
        more = {"inspecting": "RUS", "as_certified": True, "inspectors": 8, **more}
        self.say(end, "RUS", "flight.inspection", started_at=utc(start), ended_at=utc(end), **more)

    def submit(self, at: str = "17 14:00", **more: Any) -> str:
        return self.say(at, "DEU", "plan.submit", plan=plan(**more))

    def to_the_plan(self) -> str:
        self.notify()
        self.acknowledge()
        self.arrive()
        self.inspect()
        return self.submit()

    def agree(self, version: str, at: str = "17 22:30") -> None:
        self.say(at, "RUS", "plan.accept", version=version)
        for party in ("DEU", "RUS"):
            self.say(at, party, "plan.sign", version=version)
        starts = utc("19 06:00")
        self.say(at, "DEU", "flight.plan", version=version, filed_at=utc(at), starts_at=starts)

    def fly(self, start: str = "19 06:00", end: str = "19 11:30") -> None:
        self.say(start, "DEU", "flight.takeoff", airfield="UUMB", took_off_at=utc(start))
        self.say(end, "DEU", "flight.completed", airfield="UUMB", completed_at=utc(end))

    def leave(self, at: str = "20 09:00", sign: str = "20 08:00") -> None:
        others = tuple(sorted(p.code for p in regime_on(utc(at).date()).parties() if p.code != "DEU"))
        report = self.say(
            sign,
            "DEU",
            "report.mission",
            to=("RUS",),
            part="flight",
            flown_from=utc("19 06:00"),
            flown_until=utc("19 11:30"),
            route="as planned, at 2,500 m above ground",
            weather="clear",
            observation_periods=[
                {"sensor": "AFA-41-10", "began": "2021-05-19T06:10:00Z", "ended": "2021-05-19T11:00:00Z"}
            ],
            data_amount="about 900 frames",
            covers="in place at each check",
        )
        for party in ("DEU", "RUS"):
            self.say(sign, party, "report.sign", report=report, signed_at=utc(sign))
        self.say(sign, "RUS", "flight.covers", place="UUMB", checked_at=utc(sign), stage="departure", in_place=True)
        self.say(at, "DEU", "flight.departure", place="UUMB", departed_at=utc(at))
        self.say("22 10:00", "DEU", "report.mission", to=others, **dict(self.messages[-5].body))

    def whole(self) -> Flight:
        version = self.to_the_plan()
        self.agree(version, "17 17:00")
        self.fly()
        self.leave()
        return self


def found(view: FlightState, citation: str, rule: str = "") -> list[str]:
    """The verdicts under a paragraph, of one rule if it is named."""
    return [str(f.verdict) for f in view.findings if f.citation == citation and rule in f.rule]


def breached(view: FlightState) -> set[str]:
    """The paragraphs under which something is not in compliance."""
    return {f.citation for f in view.findings if f.verdict == "breaches"}
