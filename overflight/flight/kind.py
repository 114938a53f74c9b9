"""One kind of message, and short words for the fields of its body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from overflight.flight.fields import Field

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


def kind(name: str, sender: Sender, title: str, rules: str, *fields: Field) -> Kind:
    """A kind of message by its name, sender, title, paragraphs and fields; every kind may set paragraphs aside."""
    of_flight = (FLIGHT,) if name.split(".")[0] in ("flight", "plan", "report") else (OF_FLIGHT,)
    return Kind(name, sender, title, tuple(rules.split()), (*of_flight, *fields, AGREES))


def time(name: str, citation: str = "", *, required: bool = True, help: str = "") -> Field:
    """A time."""
    return Field(name, "time", required=required, citation=citation, help=help)


def text(name: str, citation: str = "", *, required: bool = False, many: bool = False, help: str = "") -> Field:
    """A text, or several."""
    return Field(name, "text", required=required, many=many, citation=citation, help=help)


def airfield(name: str, citation: str = "", *, required: bool = True, help: str = "") -> Field:
    """An airfield's ICAO code."""
    return Field(name, "airfield", required=required, citation=citation, help=help)


def party(name: str, citation: str = "", *, required: bool = True, many: bool = False, help: str = "") -> Field:
    """A Party's code, or several."""
    return Field(name, "party", required=required, many=many, citation=citation, help=help)


def yes_no(name: str, citation: str = "", *, required: bool = False, help: str = "") -> Field:
    """Yes or no."""
    return Field(name, "boolean", required=required, citation=citation, help=help)


def choice(
    name: str,
    choices: tuple[str, ...],
    citation: str = "",
    *,
    required: bool = True,
    many: bool = False,
    help: str = "",
) -> Field:
    """One of some words, or several."""
    return Field(name, "choice", required=required, many=many, choices=choices, citation=citation, help=help)


def digest(name: str, citation: str = "", *, required: bool = True, help: str = "") -> Field:
    """The name of a record, or a digest."""
    return Field(name, "digest", required=required, citation=citation, help=help)


FLIGHT = Field("flight", "flight", required=True, citation="AnnB.App1.1", help="The flight's OS number.")
OF_FLIGHT = Field("flight", "flight", citation="AnnB.App1.1", help="The flight's OS number.")
AGREES = Field(
    "agrees",
    "citation",
    many=True,
    help="Paragraphs that both Parties set aside together, each by saying so before the limit.",
)
