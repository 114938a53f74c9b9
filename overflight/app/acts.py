"""What a Party can do in a flight: each verb with its side, its kind of message, its fields and its paragraphs.

One table serves the command line, the pages' forms and the programming interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from overflight.flight.fields import Field
from overflight.flight.kinds import KINDS

# Who gets the record: the other side, all other Parties, or nobody (a note in one's own log).
Audience = Literal["other_side", "all_others", "nobody"]


@dataclass(frozen=True)
class Verb:
    """One act.

    `fields` are those that a person fills in; what the node knows by itself (this Party, now, the version under
    discussion) is filled in when it is left out.
    """

    name: str
    kind: str
    title: str
    side: str  # "observing", "observed", "either" or "anyone"
    audience: Audience
    rules: tuple[str, ...]
    fields: tuple[Field, ...]
    help: str

    def to_json(self) -> dict[str, Any]:
        """The verb as a JSON-able mapping, for forms."""
        return {
            "verb": self.name,
            "kind": self.kind,
            "title": self.title,
            "side": self.side,
            "rules": list(self.rules),
            "help": self.help,
            "fields": [f.to_json() for f in self.fields],
        }


PEOPLE = Field(
    "people_file",
    "file",
    citation="VI.I.5.H",
    help="List of the people; goes to the observed Party alone, others get its digest.",
)
SAYS = Field("says", "json", help="Fields of the message that the letter amounts to, as a JSON object.")

# Fields that the node fills in when they are left out, so that no form has to ask for them.
_FILLED_IN = {
    "flight.notification": {"observing", "notice", "people", "people_sha256"},
    "plan.sign": {"plan_sha256"},
}
# Required in the message, but known to the node: optional for people.
_KNOWN: Mapping[str, set[str]] = {
    "flight.arrival": {"place", "arrived_at"},
    "flight.services": {"given_at"},
    "flight.inventory": {"inspecting", "arrived_at"},
    "flight.demonstration": {"asked_by"},
    "flight.stop": {"landed_at"},
    "flight.emergency": {"began_at"},
    "flight.covers": {"place", "checked_at", "in_place"},
    "flight.inspection": {"inspecting", "ended_at", "as_certified"},
    "plan.change": {"version"},
    "plan.accept": {"version"},
    "plan.alternative": {"version"},
    "plan.sign": {"version"},
    "flight.plan": {"version", "filed_at", "starts_at"},
    "flight.takeoff": {"airfield", "took_off_at"},
    "flight.deviation": {"began_at"},
    "flight.completed": {"airfield", "completed_at"},
    "report.mission": {"part"},
    "report.sign": {"report", "signed_at"},
    "flight.departure": {"place", "departed_at"},
    "data.sealed": {"sealed_at"},
    "data.opened": {"opened_at"},
    "data.developed": {"facility", "developed_at"},
    "data.duplicate": {"for_party"},
    "letter": {"from_state"},
}


def _verb(
    name: str,
    kind: str,
    help: str,
    *,
    audience: Audience = "other_side",
    side: str | None = None,
    extra: tuple[Field, ...] = (),
    rules: str = "",
    title: str = "",
) -> Verb:
    found = KINDS[kind]
    hidden = {"flight", *_FILLED_IN.get(kind, ())}
    known = _KNOWN.get(kind, set())
    fields = tuple(replace(f, required=False) if f.name in known else f for f in found.fields if f.name not in hidden)
    return Verb(
        name,
        kind,
        title or found.title,
        side or found.sender,
        audience,
        tuple(rules.split()) or found.rules,
        (*fields, *extra),
        help,
    )


_ALL = (
    _verb(
        "notify",
        "flight.notification",
        "Notify the observed Party, and at the same moment all others.",
        extra=(PEOPLE,),
        rules="VI.I.5",
    ),
    _verb("acknowledge", "flight.ack", "Acknowledge the notice; say whether this Party supplies the aircraft."),
    _verb("arrive", "flight.arrival", "Record the arrival at the point of entry."),
    _verb("transit", "flight.transit", "Record what happened on the way over a State that is crossed."),
    _verb("services", "flight.services", "Record the briefing of the crew, services asked for or refused, and visas."),
    _verb("covers", "flight.covers", "Record a check of the sensor covers."),
    _verb("inventory", "flight.inventory", "Record the inventory of inspection equipment."),
    _verb("inspect", "flight.inspection", "Record the pre-flight inspection."),
    _verb("demonstrate", "flight.demonstration", "Ask for a demonstration flight, or record it and what came of it."),
    _verb("submit", "plan.submit", "Hand over the mission plan."),
    _verb("propose", "plan.change", "Propose a change of the mission plan, with its ground."),
    _verb("accept", "plan.accept", "Accept a version of the plan, or take up a proposed change."),
    _verb("offer", "plan.alternative", "Offer an alternative to a proposed change."),
    _verb("sign", "plan.sign", "Sign a version of the plan."),
    _verb("file", "flight.plan", "Record that the flight plan was filed."),
    _verb("takeoff", "flight.takeoff", "Record the start of the observation flight."),
    _verb("stop", "flight.stop", "Record a stop for fuel or rest within the observation flight."),
    _verb("deviate", "flight.deviation", "Record a deviation from the flight plan."),
    _verb("emergency", "flight.emergency", "Record an emergency or accident, and the help given."),
    _verb("complete", "flight.completed", "Record the end of the observation flight."),
    _verb("prohibit", "flight.prohibition", "Prohibit the flight, with the ground and the facts."),
    _verb("decline", "flight.decline", "Decline the flight for want of agreement on the plan."),
    _verb("cancel", "flight.cancel", "Cancel the flight before it starts."),
    _verb("report", "report.mission", "Write the mission report and show it to the other side.", rules="VI.I.21"),
    _verb("sign-report", "report.sign", "Sign the mission report at the point of exit."),
    _verb("depart", "flight.departure", "Record the departure from the point of exit."),
    _verb(
        "send-report",
        "report.mission",
        "Send the mission report, or the reasons of a prohibition or refusal, to all other Parties.",
        audience="all_others",
        rules="VI.I.21.c",
        title="Mission report to all",
    ),
    _verb("seal", "data.sealed", "Record that the media were sealed before both Parties."),
    _verb("open", "data.opened", "Record that seals were opened before both Parties."),
    _verb("develop", "data.developed", "Record that the film was developed."),
    _verb("duplicate", "data.duplicate", "Record the observed Party's choice and receipt of a duplicate."),
    _verb("request-copies", "data.request", "Ask the observing Party for copies with the six particulars."),
    _verb(
        "channel",
        "letter",
        "Take back the official channel's number, time and acknowledgement of a message.",
        audience="nobody",
        side="anyone",
        title="Taken back from the official channel",
    ),
    _verb(
        "enter",
        "letter",
        "Take down what another Party sent by letter, so that it counts in this node's view of the flight.",
        audience="nobody",
        side="anyone",
        extra=(SAYS,),
        title="Letter taken down",
    ),
    _verb(
        "accept-messages",
        "letter",
        "Record that this Party accepts a node's messages as notices in this flight.",
        side="either",
        title="Node messages accepted",
    ),
)

VERBS: Mapping[str, Verb] = {verb.name: verb for verb in _ALL}
