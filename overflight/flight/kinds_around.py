"""Kinds of messages around the flight itself: transit, services, equipment, demonstration, stops, emergencies."""

from __future__ import annotations

from overflight.flight.fields import Field
from overflight.flight.kind import airfield, choice, kind, party, text, time, yes_no
from overflight.rules.conduct import BRIEFING
from overflight.rules.conduct import SERVICES as OWED

TRANSIT = kind(
    "flight.transit",
    "anyone",
    "Transit over a Party",
    "VII.1 VII.2 VII.3 D22.4",
    party("over", "VII.2", help="The State that is crossed."),
    party("starts_in", "VII.1", required=False, help="The State where the transit begins."),
    yes_no("refused", "VII.2.a"),
    yes_no("on_routes", "VII.2.b", help="Whether recognised air traffic routes are followed."),
    yes_no("routes_agreed", "VII.2.b", help="Whether the Parties involved agreed on another way."),
    yes_no("obeyed_control", "VII.2.b"),
    yes_no("sensors_ran", "VII.3.a"),
    time("landed_at", "VII.3.b", required=False, help="A stop on the way."),
    time("checked_after", "VII.3.b", required=False, help="Covers checked after landing."),
    time("checked_before", "VII.3.b", required=False, help="Covers checked before departure."),
    time("left_at", "VII.3.b", required=False),
    yes_no("needed_leg", "D22.1", help="A leg of the flight that part of the observed territory needs."),
    time("details_asked_at", "D22.4", required=False),
    time("details_given_at", "D22.4", required=False),
    time("coordinated_at", "D22.4", required=False, help="When co-ordination of the leg was done."),
)

SERVICES = kind(
    "flight.services",
    "either",
    "Briefing, services and visas",
    "VI.I.13 VI.I.17 XIII.I.3",
    time("given_at", "VI.I.13"),
    choice("briefing", BRIEFING, "VI.I.13", required=False, many=True, help="What the crew was given."),
    choice("asked_for", OWED, "VI.I.17", required=False, many=True),
    choice("refused", OWED, "VI.I.17", required=False, many=True, help="What was owed and not provided."),
    yes_no("visas_lacking", "XIII.I.3", help="Whether an accepted person came to the point of entry without a visa."),
    time("visas_at", "XIII.I.3.B", required=False, help="When the last person had the visa and other documents."),
)

INVENTORY = kind(
    "flight.inventory",
    "either",
    "Inventory of inspection equipment",
    "AnnE.7 AnnE.8",
    party("inspecting", "AnnE.7"),
    time("arrived_at", "AnnE.7", help="When the equipment arrived."),
    time("begun_at", "AnnE.7", required=False),
    time("ended_at", "AnnE.7", required=False),
    text("unlisted", "AnnE.8", many=True, help="Items that are on no list."),
    text("sealed", "AnnE.8", many=True, help="Those of them that are sealed or were refused."),
)

DEMONSTRATION = kind(
    "flight.demonstration",
    "either",
    "Demonstration flight",
    "AnnF.III",
    party("asked_by", "AnnF.III.1-2"),
    time("started_at", "AnnF.III.3.B", required=False),
    time("ended_at", "AnnF.III.3.B", required=False),
    Field(
        "excused_min",
        "integer",
        citation="AnnF.III.3.D",
        help="Minutes that weather or the observed Party's own delay took.",
        high=10_000,
    ),
    yes_no("satisfied", "AnnF.III.6", help="Whether the Party that asked is satisfied."),
    choice("act", ("propose height", "forbid sensor", "prohibit"), "AnnF.III.6", required=False),
    yes_no("depends_on_height", "AnnF.III.6", help="Whether the sensor's resolution depends on height."),
    yes_no("told_oscc", "AnnF.III.8", help="Whether the Commission was told of a flight that was stopped after it."),
)

STOP = kind(
    "flight.stop",
    "either",
    "Stop on the way of the observation flight",
    "VI.II.3 VI.I.17",
    airfield("airfield", "VI.II.3"),
    choice("purpose", ("refuelling", "rest", "diversion"), "VI.II.3"),
    time("landed_at", "VI.II.3"),
    time("left_at", "VI.II.3", required=False),
)

EMERGENCY = kind(
    "flight.emergency",
    "either",
    "Emergency or accident",
    "VIII.III.1-2 VIII.III.3-5",
    choice("nature", ("emergency", "accident"), "VIII.III.1-2"),
    time("began_at", "VIII.III.1-2"),
    time("helped_at", "VIII.III.1-2", required=False, help="When the observed Party gave help in distress."),
    time("searched_at", "VIII.III.3-5", required=False, help="When search and rescue began."),
    time("investigated_at", "VIII.III.3-5", required=False, help="When the investigation was over."),
    yes_no("return_asked", "VIII.III.3-5", help="Whether the return of aircraft and sensors was asked for."),
    time("returned_at", "VIII.III.3-5", required=False, help="When wreckage and sensors were returned."),
    party("damage_caused_by", "XII", required=False),
    yes_no("compensated", "XII"),
)

AROUND = (TRANSIT, SERVICES, INVENTORY, DEMONSTRATION, STOP, EMERGENCY)
