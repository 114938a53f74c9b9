"""Every kind of message in the life of an observation flight: who sends it and what its body holds.

Only what no message of the kind makes sense without is required here; what the treaty asks a
notice or report to hold is judged by its rule, so that an incomplete notice is a finding and not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from overflight.flight.fields import Field
from overflight.rules.negotiation import GROUNDS
from overflight.rules.prohibition import DEVIATION_GROUNDS, ELECTIVE_CAUSES, PROHIBITION_GROUNDS

# Which side of a flight sends a kind: either side, the Party that supplies the aircraft, or anyone.
Sender = Literal["observing", "observed", "either", "anyone"]


@dataclass(frozen=True)
class Kind:
    """One kind of message: name, sender, fields, and the paragraphs that it stands under."""

    name: str
    sender: Sender
    title: str
    rules: tuple[str, ...]
    fields: tuple[Field, ...]


def _kind(name: str, sender: Sender, title: str, rules: str, *fields: Field) -> Kind:
    of_flight = (FLIGHT,) if name.split(".")[0] in ("flight", "plan", "report") else (OF_FLIGHT,)
    return Kind(name, sender, title, tuple(rules.split()), (*of_flight, *fields, AGREES))


def _time(name: str, citation: str = "", *, required: bool = True, help: str = "") -> Field:
    return Field(name, "time", required=required, citation=citation, help=help)


def _text(name: str, citation: str = "", *, required: bool = False, help: str = "") -> Field:
    return Field(name, "text", required=required, citation=citation, help=help)


def _airfield(name: str, citation: str = "", *, required: bool = True, help: str = "") -> Field:
    return Field(name, "airfield", required=required, citation=citation, help=help)


def _party(name: str, citation: str = "", *, required: bool = True, many: bool = False, help: str = "") -> Field:
    return Field(name, "party", required=required, many=many, citation=citation, help=help)


def _yes_no(name: str, citation: str = "", *, required: bool = False, help: str = "") -> Field:
    return Field(name, "boolean", required=required, citation=citation, help=help)


def _choice(name: str, choices: tuple[str, ...], citation: str = "", *, required: bool = True, help: str = "") -> Field:
    return Field(name, "choice", required=required, choices=choices, citation=citation, help=help)


def _digest(name: str, citation: str = "", *, required: bool = True, help: str = "") -> Field:
    return Field(name, "digest", required=required, citation=citation, help=help)


FLIGHT = Field("flight", "flight", required=True, citation="AnnB.App1.1", help="The flight's OS number.")
OF_FLIGHT = Field("flight", "flight", citation="AnnB.App1.1", help="The flight's OS number.")
AGREES = Field(
    "agrees",
    "citation",
    many=True,
    help="Paragraphs that both Parties set aside together, each by saying so before the limit.",
)
VERSION = _digest("version", "VI.II.6", help="The record that holds the version of the plan.")
PLAN = Field("plan", "plan", required=True, citation="VI.II.4", help="A mission plan file.")

PERIOD = Field(
    "observation_periods",
    "object",
    many=True,
    citation="VI.I.21",
    help="When and where each sensor ran: [{sensor, began, ended, place}, ...].",
    of=(
        _text("sensor", required=True),
        _time("began"),
        _time("ended"),
        _text("place"),
    ),
)
CONTAINERS = Field(
    "containers",
    "object",
    required=True,
    many=True,
    citation="IX.I.3",
    help="The sealed containers.",
    of=(_text("number", required=True), _text("sensor"), _choice("medium", ("film", "tape", "disk"), required=False)),
)

QUOTAS = Field(
    "quotas",
    "object",
    many=True,
    citation="III.I.5",
    help="Active quotas that this exercise assumes, each an exercise value.",
    of=(
        _text("by", required=True),
        _text("of", required=True),
        Field("flights", "integer", required=True, high=1000),
    ),
)

_ALL: tuple[Kind, ...] = (
    _kind(
        "flight.notification",
        "observing",
        "Notice of an observation flight",
        "VI.I.5 VI.I.8",
        _party("observing", "VI.I.5"),
        _party("observed", "VI.I.5"),
        _time("eta", "VI.I.5.B", help="Estimated arrival at the point of entry."),
        _airfield("point_of_entry", "VI.I.5.A", required=False),
        _airfield("starting_airfield", "VI.I.5.A", required=False, help="Open Skies airfield where the flight starts."),
        _time("departure_to_airfield", "VI.I.5.B", required=False),
        _text("lodging", "VI.I.5.B", help="Lodging needs; write none if there are none."),
        _airfield("inspection_place", "VI.I.5.C", required=False),
        _time("inspection_at", "VI.I.5.C", required=False),
        _text("transport", "VI.I.5.D", help="How the people come if the observed Party supplies the aircraft."),
        _text("clearance", "VI.I.5.E", help="Standing diplomatic clearance number."),
        _text("aircraft", "VI.I.5.F", help="Identification of the observation aircraft."),
        Field(
            "distance_m", "integer", citation="VI.I.5.G", help="Approximate flight distance, metres.", high=50_000_000
        ),
        _digest("people_sha256", "VI.I.5.H", required=False, help="Digest of the list of people, which goes apart."),
        Field("people", "integer", citation="VI.I.5.H", help="How many people the list names.", high=10_000),
        _party("transited", "VII.2", required=False, many=True, help="Parties crossed on the way."),
        _choice(
            "notice", ("VI.I.5", "VI.I.8"), "VI.I.8", required=False, help="To the observed Party, or to all others."
        ),
        Field("quota_year", "integer", citation="III.I.8", low=1992, high=2999),
    ),
    _kind(
        "flight.ack",
        "observed",
        "Acknowledgement of the notice",
        "VI.I.6",
        _yes_no(
            "supplies_aircraft", "VI.I.6.b", required=True, help="Whether the observed Party supplies the aircraft."
        ),
        _text("aircraft", "VI.I.6.b", help="The aircraft that it supplies."),
        _time("confirms_departure", "VI.I.6.d", required=False),
        _airfield("confirms_inspection_place", "VI.I.6.d", required=False),
        _time("confirms_inspection_at", "VI.I.6.d", required=False),
    ),
    _kind(
        "flight.arrival",
        "either",
        "Arrival at the point of entry",
        "VIII.I.2",
        _airfield("place", "VIII.I.2"),
        _time("arrived_at", "VIII.I.2"),
        _airfield("airfield", "VI.II.1", required=False, help="Open Skies airfield, where it is another place."),
        _time("airfield_arrived_at", "VI.II.1", required=False),
    ),
    _kind(
        "flight.covers",
        "either",
        "Check of the sensor covers",
        "VI.I.10 AnnE.6",
        _airfield("place", "AnnE.6"),
        _time("checked_at", "AnnE.6"),
        _choice("stage", ("arrival", "leaving_entry", "leaving_airfield", "departure"), "AnnE.6"),
        _yes_no("in_place", "IV.4", required=True),
    ),
    _kind(
        "flight.inspection",
        "either",
        "Pre-flight inspection",
        "VI.I.11 AnnF.I.4",
        _party("inspecting", "VI.I.11"),
        _time("started_at", "AnnF.I.4"),
        _time("ended_at", "AnnF.I.4"),
        _yes_no("as_certified", "AnnF.I.9", required=True),
        Field("inspectors", "integer", citation="AnnF.I.2", high=1000),
        _text("findings", "AnnF.I.10"),
        _party("demonstration_by", "AnnF.III.4", required=False, help="Who asked for a demonstration flight."),
        _time("demonstration_from", "AnnF.III.3", required=False),
        _time("demonstration_until", "AnnF.III.3", required=False),
    ),
    _kind("plan.submit", "observing", "Mission plan", "VI.II.1 VI.II.4", PLAN),
    _kind(
        "plan.change",
        "observed",
        "Proposed change of the mission plan",
        "VI.II.6 VIII.I.4",
        VERSION,
        _choice("ground", (*GROUNDS, "other"), "VIII.I.4"),
        _text("reason", "VIII.I.4", required=True),
        Field("inconsistent_with", "citation", citation="VIII.I.4.C"),
        _text("hazard", "VI.II.5", help="The published hazardous airspace."),
        _yes_no("makes_room", "VI.II.5", help="The activity is co-ordinated or suppressed."),
        _yes_no("excludes_observation", "VI.II.6.b", help="Whether some area may then not be observed."),
        Field("areas", "ring", many=True, citation="VI.II.6.b", help="The areas concerned."),
        _time("take_off", "VI.II.3", required=False),
        Field("plan", "plan", citation="VI.II.6", help="The plan as proposed."),
    ),
    _kind("plan.accept", "either", "Acceptance of a version of the plan", "VI.II.6", VERSION),
    _kind(
        "plan.alternative",
        "observing",
        "Alternative to a proposed change",
        "VIII.I.5",
        VERSION,
        PLAN,
        _text("reason", "VIII.I.5"),
    ),
    _kind(
        "plan.sign",
        "either",
        "Signature of the agreed mission plan",
        "VI.II.6",
        VERSION,
        _digest("plan_sha256", "VI.II.6", required=False, help="Digest of the plan that is signed."),
    ),
    _kind(
        "flight.plan",
        "either",
        "Flight plan filed",
        "VI.II.8",
        VERSION,
        _time("filed_at", "VI.II.8"),
        _time("starts_at", "VI.II.8", help="Scheduled start of the observation flight."),
        _text("text", "VI.II.8", help="The flight plan as filed."),
    ),
    _kind(
        "flight.takeoff",
        "either",
        "Start of the observation flight",
        "VI.II.4.E",
        _airfield("airfield", "VI.II.3"),
        _time("took_off_at", "VI.II.4.E"),
    ),
    _kind(
        "flight.deviation",
        "either",
        "Deviation from the flight plan",
        "VIII.II.1 VIII.II.8",
        _choice("ground", (*DEVIATION_GROUNDS, "other"), "VIII.II.1"),
        _text("reason", "VIII.II.1"),
        _time("began_at", "VIII.II.8"),
        _time("ended_at", "VIII.II.7", required=False),
        _time("told_at", "VIII.II.8", required=False, help="When those aboard were told."),
        Field("lateral_m", "integer", citation="VIII.II.3.B", help="Largest distance from the plan.", high=20_000_000),
        _text("below_minimum", "VIII.II.3.A", help="Sensors that came below their minimum height."),
    ),
    _kind(
        "flight.completed",
        "either",
        "End of the observation flight",
        "VI.I.9",
        _airfield("airfield", "VI.I.9"),
        _time("completed_at", "VI.I.9"),
        _yes_no("cut_short", "VIII.II.4"),
        _choice("cause", (*ELECTIVE_CAUSES, "other"), "VIII.II.5", required=False),
        _yes_no("counts", "VIII.II.5", help="The observing Party's choice, where it has one."),
    ),
    _kind(
        "flight.prohibition",
        "observed",
        "Prohibition of the flight",
        "VIII.I.1 VIII.I.3",
        _choice("ground", PROHIBITION_GROUNDS, "VIII.I.1"),
        _text("facts", "VIII.I.3", required=True),
        _yes_no("in_plan", "VIII.I.3.a", help="The facts stand in the mission plan."),
    ),
    _kind(
        "flight.decline",
        "observing",
        "The flight is declined",
        "VIII.I.5 VIII.I.6",
        _text("reason", "VIII.I.6", required=True),
        _yes_no("holds_harm", "VIII.I.5", help="It holds that the changes harm its rights."),
        _yes_no("in_plan", "VIII.I.6", help="The explanation stands in the mission plan."),
    ),
    _kind("flight.cancel", "observing", "The flight is cancelled", "III.I.8", _text("reason", "III.I.8")),
    _kind(
        "report.mission",
        "either",
        "Mission report",
        "VI.I.21",
        _choice("part", ("flight", "prohibition", "decline"), "VI.I.21"),
        _time("flown_from", "VI.I.21", required=False),
        _time("flown_until", "VI.I.21", required=False),
        _text("route", "VI.I.21", help="Route and profile flown."),
        _text("weather", "VI.I.21"),
        PERIOD,
        _text("data_amount", "VI.I.21", help="Approximate amount of data collected."),
        _text("covers", "VI.I.21", help="Results of the cover checks."),
        _text("facts", "VIII.I.3", help="The facts or reasons of a prohibition or refusal."),
    ),
    _kind(
        "report.sign",
        "either",
        "Signature of the mission report",
        "VI.I.21.b",
        _digest("report", "VI.I.21.b", help="The record that holds the report."),
        _time("signed_at", "VI.I.21.b"),
        _airfield("place", "VI.I.21.b", required=False),
    ),
    _kind(
        "flight.departure",
        "either",
        "Departure from the point of exit",
        "VI.I.20",
        _airfield("place", "VI.I.20"),
        _time("departed_at", "VI.I.20"),
        _time("arrived_at_exit", "IX.II.3.A", required=False, help="When the aircraft came to the point of exit."),
        _time("left_territory_at", "IX.II.3.B", required=False),
        _choice("excuse", ("weather", "airworthiness"), "VI.I.20", required=False),
    ),
    _kind(
        "data.sealed",
        "either",
        "Media sealed",
        "IX.I.3",
        CONTAINERS,
        _time("sealed_at", "IX.I.3"),
        _yes_no("both_present", "IX.I.3", required=True),
        _party(
            "facility", "IX.II.3", required=False, help="Whose facility develops; the observing Party's if left out."
        ),
    ),
    _kind(
        "data.opened",
        "either",
        "Seals opened",
        "IX.I.3",
        Field("containers", "text", required=True, many=True, citation="IX.I.3", help="Numbers of the containers."),
        _time("opened_at", "IX.I.3"),
        _yes_no("both_present", "IX.I.3", required=True),
    ),
    _kind(
        "data.developed",
        "either",
        "Film developed",
        "IX.II.3",
        _party("facility", "IX.II.3"),
        _time("developed_at", "IX.II.3"),
        Field("observers_asked", "integer", citation="IX.II.4", high=1000),
        Field("observers_admitted", "integer", citation="IX.II.4", high=1000),
        _yes_no("test_strip", "IX.II.5"),
    ),
    _kind(
        "data.catalogued",
        "either",
        "Images catalogued",
        "IX.III.1",
        Field("items", "integer", citation="IX.III.1", high=10_000_000),
        _digest("manifest_sha256", "IX.III.1", required=False),
    ),
    _kind(
        "data.duplicate",
        "either",
        "Duplicate for the observed Party",
        "IX.II.6",
        _party("for_party", "IX.II.6"),
        _choice("extent", ("whole", "part"), "IX.II.6", required=False),
        _choice("form", ("positive", "negative", "digital"), "IX.II.6", required=False),
        _time("handed_over_at", "IX.II.6", required=False),
    ),
    _kind(
        "data.request",
        "anyone",
        "Request for copies",
        "IX.IV.1",
        _party("observing", "IX.IV.1.A", required=False),
        _party("observed", "IX.IV.1.B", required=False),
        Field("flown_on", "day", citation="IX.IV.1.C", help="Date of the flight."),
        _text("sensor", "IX.IV.1.D"),
        _text("portion", "IX.IV.1.E", help="Part of the observation period."),
        _text("medium", "IX.IV.1.F", help="Kind and format of the medium."),
    ),
    _kind("data.refusal", "anyone", "Refusal of copies", "IX.I.4 IX.IV.1", _text("reason", "IX.IV.1")),
    _kind("data.delivery", "anyone", "Delivery of copies", "IX.IV.1"),
    _kind("data.custody", "anyone", "Custody of copies", "IX.I.4"),
    _kind("receipt", "anyone", "Receipt", "XI"),
    _kind("member.announcement", "anyone", "Announcement", "XV.gap", _text("text")),
    _kind("member.notice", "anyone", "Notice of membership", "XV.2", _text("text")),
    _kind(
        "letter",
        "anyone",
        "Letter through an official channel",
        "XI",
        _text("from_state", "XI", help="Code or name of the State that wrote it."),
        _text("channel", "XI", help="Diplomatic note, the OSCE network, or another official channel."),
        _text("number", "XI", help="The channel's own number."),
        _time("sent_at", "XI", required=False),
        _time("received_at", "XI", required=False),
        _time("acknowledged_at", "XI", required=False),
        _digest("of", "XI", required=False, help="The node message that the letter carried, or answers."),
        _text("says_kind", help="The kind of message that the letter amounts to."),
        _yes_no("accepts_node_messages", "XI", help="Whether the sender accepts a node's messages as notices."),
        _text("text"),
    ),
    _kind(
        "exercise.open",
        "anyone",
        "An exercise opens",
        "XI",
        _text("exercise"),
        _yes_no("accepts_node_messages", "XI"),
        QUOTAS,
    ),
    _kind("exercise.close", "anyone", "An exercise closes", "XI", _text("exercise")),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
