"""Forms of acts: what a person is asked for each field of a verb, and how the answers become fields again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from overflight.app.acts import Verb
from overflight.errors import BadInput
from overflight.flight.fields import Field
from overflight.terms.words import say

LONGEST = 200_000
_LOCAL = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$")


def inputs(verb: Verb, *, parties: Sequence[Any], airfields: Sequence[Any], versions: Sequence[Any]) -> list[Any]:
    """One entry a field: name, label, help, citation, required, and `html`, the kind of control that asks for it."""
    out = []
    for field in verb.fields:
        entry: dict[str, Any] = {
            "name": field.name,
            "label": label(field.name),
            "help": say(field.help) if field.help else "",
            "citation": field.citation,
            "required": field.required,
            "html": _control(field),
            "choices": [(choice, choice) for choice in field.choices],
            "of": [f.name for f in field.of],
        }
        if field.name == "version" and versions:
            entry["html"] = "select"
            entry["choices"] = [
                (v["version"], say("version {n}, {party}", n=v["number"], party=v["by"])) for v in reversed(versions)
            ]
        if entry["html"] == "party":
            entry["html"], entry["choices"] = "select", [(p.code, f"{p.code} {p.name}") for p in parties]
        if entry["html"] == "airfield":
            entry["choices"] = [(a.icao, f"{a.icao} {a.name} ({a.party})") for a in airfields]
        out.append(entry)
    # what must be answered comes first, what both Parties may set aside last
    return sorted(out, key=lambda e: (not e["required"], e["name"] == "agrees"))


def _control(field: Field) -> str:
    if field.kind in ("object", "ring", "place", "json"):
        return "json"
    if field.many:
        return "text"
    return {
        "time": "time",
        "day": "day",
        "party": "party",
        "airfield": "airfield",
        "integer": "integer",
        "boolean": "boolean",
        "choice": "select",
        "plan": "plan",
        "file": "file",
    }.get(field.kind, "long" if field.name in ("reason", "remarks", "text", "covers", "facts") else "text")


def button(verb: str) -> str:
    """What the button of an act says: a verb."""
    return {
        "notify": say("Notify a flight"),
        "acknowledge": say("Acknowledge the notice"),
        "arrive": say("Record the arrival"),
        "transit": say("Record a transit"),
        "services": say("Record briefing and services"),
        "covers": say("Record a check of covers"),
        "inventory": say("Record the inventory"),
        "inspect": say("Record the inspection"),
        "demonstrate": say("Ask for a demonstration flight"),
        "submit": say("Submit mission plan"),
        "propose": say("Propose a change"),
        "accept": say("Accept a version"),
        "offer": say("Offer an alternative"),
        "sign": say("Sign the plan"),
        "file": say("Record the flight plan"),
        "takeoff": say("Record the start"),
        "stop": say("Record a stop"),
        "deviate": say("Record a deviation"),
        "emergency": say("Record an emergency"),
        "complete": say("Record the end"),
        "prohibit": say("Prohibit the flight"),
        "decline": say("Decline the flight"),
        "cancel": say("Cancel the flight"),
        "report": say("Write the mission report"),
        "sign-report": say("Sign the mission report"),
        "depart": say("Record the departure"),
        "send-report": say("Send the report to all"),
        "seal": say("Record the sealing"),
        "open": say("Record the opening"),
        "develop": say("Record the development"),
        "duplicate": say("Record a duplicate"),
        "request-copies": say("Request copies"),
        "channel": say("Enter the channel's reply"),
        "enter": say("Take down a letter"),
        "accept-messages": say("Accept node messages"),
    }.get(verb, label(verb))


def label(name: str) -> str:
    """A field's name as people read it; its unit, where the name ends in one, set apart."""
    if name == "eta":
        return say("Estimated arrival (ETA)")
    words = name.replace("_", " ")
    for ending, unit in ((" m", "m"), (" km", "km"), (" sha256", "SHA-256")):
        if words.endswith(ending):
            words = f"{words.removesuffix(ending)}, {unit}"
    return words[:1].upper() + words[1:]


def fields_from(
    verb: Verb, form: Mapping[str, str], files: Mapping[str, bytes], *, draft: Any = None
) -> dict[str, Any]:
    """The fields of an act out of a filled form.

    A plan comes as an uploaded file or is the planner's `draft`; a list of people as an uploaded file.

    Raises
    ------
    BadInput
        If an answer has not its form; the message names the field.
    """
    out: dict[str, Any] = {}
    for field in verb.fields:
        text = (form.get(field.name) or "").strip()
        if len(text) > LONGEST:
            raise BadInput(
                say("{field} is longer than {most} letters", field=field.name, most=LONGEST), field=field.name
            )
        control = _control(field)
        if control == "plan":
            if files.get(field.name):
                out[field.name] = files[field.name]
            elif text == "draft" and draft is not None:
                out[field.name] = draft
        elif control == "file":
            if files.get(field.name):
                out[field.name] = files[field.name]
        elif text and control == "time":
            out[field.name] = f"{text}Z" if _LOCAL.match(text) else text
        elif text and control == "json":
            out[field.name] = _json(field.name, text)
        elif text:
            out[field.name] = text
    return out


def harmless(verb: Verb, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that came as JSON over HTTP; a text never stands for a file of this machine.

    Raises
    ------
    BadInput
        If a plan or list of people is a text.
    """
    for field in verb.fields:
        value = fields.get(field.name)
        if field.kind in ("plan", "file") and value is not None and not isinstance(value, Mapping | list):
            raise BadInput(
                say("{field} must be the content itself, as JSON, not the name of a file", field=field.name),
                field=field.name,
            )
    return dict(fields)


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(say("{field} is no JSON", field=name), field=name) from None
