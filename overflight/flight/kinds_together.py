"""Fields of shared flights, of borrowed aircraft and of the people aboard, and the kinds of personnel lists."""

from __future__ import annotations

from overflight.flight.fields import Field
from overflight.flight.kind import choice, digest, kind, party, time, yes_no
from overflight.rules.closed_words import CATEGORIES


def _number(name: str, citation: str, *, low: int = 0, high: int, required: bool = False, help: str = "") -> Field:
    return Field(name, "integer", required=required, citation=citation, low=low, high=high, help=help)


# The aircraft, as the side that supplies it states it (VI.I.5.F, Annex C).
AIRCRAFT = (
    party("designated_by", "VI.I.2", required=False, help="The Party that designated the aircraft, if another."),
    Field("designated_on", "day", citation="VI.I.1.a", help="When it was designated (Article V)."),
    Field("certified_on", "day", citation="IV.11", help="When the type with its sensors was certified."),
    _number("range_m", "VI.I.1.c", help="Unrefuelled range with reserves, metres.", high=50_000_000),
    _number("mass_kg", "VI.III.2", help="Maximum take-off mass, kilograms.", high=1_000_000),
    _number("seats", "V.5", help="People that the aircraft carries, crew included.", high=1000),
    _number("crew", "V.5", help="The flight crew.", high=1000),
    _number("stations", "VI.III.1", help="Sensor control stations aboard.", high=100),
)
# This side's people aboard the other side's, or a third Party's, aircraft.
ABOARD = (
    _number("aboard", "VI.III.1", help="This side's monitors or representatives but those at stations.", high=1000),
    _number("interpreters", "VI.III.1", help="Its interpreters.", high=1000),
    _number("at_stations", "VI.III.1", help="Its people at sensor control stations.", high=1000),
    party("chief", "AnnG.I.2", required=False, help="Nationality of its chief monitor or representative."),
    Field("languages", "text", many=True, citation="VI.I.12", help="Languages that its crew speaks, or has notified."),
)
MOST_PARTIES = 60  # more than the treaty can have
OF_NOTICE = (
    Field(
        "partners",
        "party",
        many=True,
        most=MOST_PARTIES,
        citation="AnnA.II.1",
        help="Parties that share the flight as observing.",
    ),
    *AIRCRAFT,
    yes_no("arranged", "VI.I.2", help="The use of another Party's aircraft is arranged with it."),
    *ABOARD,
    party("nationalities", "VI.I.7", required=False, many=True, help="Nationalities of the people."),
    _number("listed", "XIII.I.1.a", help="How many of them stand on a list of designated personnel.", high=10_000),
)
OF_ACKNOWLEDGEMENT = (
    *AIRCRAFT,
    choice("categories", CATEGORIES, "IV.9", required=False, many=True, help="Sensors aboard its aircraft."),
    _number("radar_resolution_mm", "IV.9", help="Of its radar, by separating two objects.", high=1_000_000),
    *ABOARD,
    _number("objected_to", "XIII.I.2.a", help="People of the notice that it does not accept.", high=10_000),
)

LIST = kind(
    "personnel.list",
    "anyone",
    "List of designated personnel",
    "XIII.I.1.a XIII.I.1.b XIII.I.1.c",
    digest("list_sha256", "XIII.I.1.a", help="Digest of the list, which goes apart: no name stands in a record."),
    _number("persons", "XIII.I.1.b", required=True, high=100_000, help="How many people it lists."),
    choice("occasion", ("ratification", "amendment"), "XIII.I.1.a", help="With the instrument, or changed later."),
    time("deposited_at", "XIII.I.1.a", required=False, help="When the instrument of ratification was deposited."),
)
OBJECTION = kind(
    "personnel.objection",
    "anyone",
    "Objection to a designated person",
    "XIII.I.2.a XIII.I.2.b",
    digest("list", "XIII.I.2.a", help="The record of the list."),
    _number("entry", "XIII.I.2.a", required=True, low=1, high=100_000, help="The person's place in the list."),
)
