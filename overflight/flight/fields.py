"""The fields of a message's body: their kinds, and how each is read strictly or taken from a form.

One table of fields (`overflight.flight.kinds`) serves the check of what others send, the
building of what this Party sends, the command line, the pages' forms and the reference page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from overflight.errors import BadInput, OverflightError
from overflight.terms.citation import Citation
from overflight.terms.moment import parse_day, parse_moment, rfc3339
from overflight.terms.words import say

LONGEST_TEXT = 20_000  # characters
LONGEST_LIST = 2_000  # entries
YEARS = (1900, 9900)  # of a time in a message
LARGEST = 2**53 - 1  # what every JSON reader keeps exact

_FLIGHT = re.compile(r"^OS\d{4,5}$")
_PARTY = re.compile(r"^[A-Z]{3}$")
_AIRFIELD = re.compile(r"^[A-Z][A-Z0-9]{3}$")
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
_YES = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False, "off": False}


@dataclass(frozen=True)
class Field:
    """One field of a body.

    `kind` is text, time, day, flight, party, airfield, integer, boolean, choice, digest, citation,
    place (a point of 1e-7 degrees), ring (a closed line of such points), plan, or object.  `many` makes it
    a list of at most `most` entries; `of` are the fields of an object; `low` and `high` bound an integer, whose
    unit is in its name.
    """

    name: str
    kind: str = "text"
    required: bool = False
    many: bool = False
    choices: tuple[str, ...] = ()
    citation: str = ""
    help: str = ""
    low: int = 0
    high: int = LARGEST
    of: tuple[Field, ...] = ()
    most: int = LONGEST_LIST

    def to_json(self) -> dict[str, Any]:
        """The field as a JSON-able mapping, for forms and reference pages."""
        out: dict[str, Any] = {"name": self.name, "kind": self.kind, "required": self.required, "many": self.many}
        for key in ("choices", "citation", "help"):
            if getattr(self, key):
                out[key] = list(self.choices) if key == "choices" else getattr(self, key)
        if self.of:
            out["of"] = [f.to_json() for f in self.of]
        return out


def wrong(field: Field, kind: str, why: str) -> BadInput:
    """The error that names message kind, field, paragraph and what was expected."""
    where = f"{kind}: {field.name}"
    if field.citation:
        where += f" ({field.citation})"
    return BadInput(say("{where}: {why}", where=where, why=why), field=field.name, citation=field.citation or None)


def read(field: Field, value: Any, kind: str) -> Any:
    """The value of a field as another Party sent it, checked strictly.

    Raises
    ------
    BadInput
        Naming message kind, field and paragraph.
    """
    if not field.many:
        return _one(field, value, kind)
    if not isinstance(value, list):
        raise wrong(field, kind, say("must be a list"))
    if len(value) > field.most:
        raise wrong(field, kind, say("has {n} entries; {most} at most", n=len(value), most=field.most))
    return [_one(field, entry, kind) for entry in value]


def take(field: Field, value: Any, kind: str) -> Any:
    """The value of a field as a person or program of this Party gave it: times, numbers and yes/no may be text.

    Raises
    ------
    BadInput
        Naming message kind, field and paragraph.
    """
    if field.many:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, tuple):
            value = list(value)
        if isinstance(value, list):
            value = [_plain(field, entry, kind) for entry in value]
    else:
        value = _plain(field, value, kind)
    return read(field, value, kind)


def _plain(field: Field, value: Any, kind: str) -> Any:
    """What a form or option holds, as the type that the strict check wants."""
    match field.kind, value:
        case ("time", datetime()):
            if value.tzinfo is None:
                raise wrong(field, kind, say("must be a time with a zone"))
            return rfc3339(value)
        case ("day", date()):
            return value.isoformat()[:10]
        case ("time", str()):
            return rfc3339(_from(parse_moment, field, value, kind))
        case ("integer", str()) if re.fullmatch(r"[+-]?\d{1,16}", value.strip()):
            return int(value)
        case ("boolean", str()) if value.strip().lower() in _YES:
            return _YES[value.strip().lower()]
        case ("object", Mapping()):
            return {**value, **{f.name: take(f, value[f.name], kind) for f in field.of if f.name in value}}
        case (("flight" | "party" | "airfield"), str()):
            return value.strip().upper()
        case (_, str()):
            return unicodedata.normalize("NFC", value).strip()
    return value


def _from(parse: Callable[..., Any], field: Field, value: str, kind: str) -> Any:
    try:
        return parse(value, field=field.name)
    except OverflightError as error:
        raise wrong(field, kind, error.message) from None


def _one(field: Field, value: Any, kind: str) -> Any:
    check = _CHECKS.get(field.kind)
    if check is None:
        raise KeyError(field.kind)
    return check(field, value, kind)


def _text(field: Field, value: Any, kind: str) -> str:
    if not isinstance(value, str):
        raise wrong(field, kind, say("must be text"))
    if len(value) > LONGEST_TEXT:
        raise wrong(field, kind, say("has {n} characters; {most} at most", n=len(value), most=LONGEST_TEXT))
    if field.required and not value.strip():
        raise wrong(field, kind, say("is empty"))
    return value


def _matching(pattern: re.Pattern[str], form: str) -> Callable[[Field, Any, str], str]:
    def check(field: Field, value: Any, kind: str) -> str:
        if not isinstance(value, str) or not pattern.match(value):
            raise wrong(field, kind, say("{value!r} is not {form}", value=_short(value), form=form))
        return value

    return check


def _time(field: Field, value: Any, kind: str) -> str:
    if not isinstance(value, str) or not value.endswith("Z"):
        raise wrong(field, kind, say("{value!r} is no UTC time such as 2021-05-12T08:00:00Z", value=_short(value)))
    found: datetime = _from(parse_moment, field, value, kind)
    first, last = YEARS
    if not first <= found.year <= last:  # room on both sides for every clock of the treaty
        said = {"value": _short(value), "first": first, "last": last}
        raise wrong(field, kind, say("{value!r} lies outside the years {first} to {last}", **said))
    return rfc3339(found)


def _day(field: Field, value: Any, kind: str) -> str:
    if not isinstance(value, str):
        raise wrong(field, kind, say("must be a date, YYYY-MM-DD"))
    found: date = _from(parse_day, field, value, kind)
    return found.isoformat()


def _integer(field: Field, value: Any, kind: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(field, kind, say("must be a whole number"))
    if not field.low <= value <= field.high:
        raise wrong(
            field, kind, say("{value} lies outside {low} to {high}", value=value, low=field.low, high=field.high)
        )
    return value


def _boolean(field: Field, value: Any, kind: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(field, kind, say("must be yes or no (true or false)"))
    return value


def _choice(field: Field, value: Any, kind: str) -> str:
    if value not in field.choices:
        raise wrong(
            field, kind, say("{value!r} is none of {choices}", value=_short(value), choices=", ".join(field.choices))
        )
    return str(value)


def _citation(field: Field, value: Any, kind: str) -> str:
    if not isinstance(value, str) or len(value) > 60:
        raise wrong(field, kind, say("must be a paragraph such as VI.I.9"))
    try:
        return Citation.parse(value).text
    except OverflightError as error:
        raise wrong(field, kind, error.message) from None


_LON = Field("lon_e7", "integer", low=-1_800_000_000, high=1_800_000_000)
_LAT = Field("lat_e7", "integer", low=-900_000_000, high=900_000_000)


def _place(field: Field, value: Any, kind: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not {"lon_e7", "lat_e7"} <= value.keys():
        raise wrong(field, kind, say("must have lon_e7 and lat_e7, in 1e-7 degrees"))
    return {**value, "lon_e7": _integer(_LON, value["lon_e7"], kind), "lat_e7": _integer(_LAT, value["lat_e7"], kind)}


def _ring(field: Field, value: Any, kind: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 4 <= len(value) <= LONGEST_LIST or value[0] != value[-1]:
        raise wrong(field, kind, say("must be a closed line of at least four points"))
    return [_place(field, point, kind) for point in value]


def _object(field: Field, value: Any, kind: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise wrong(field, kind, say("must be an object with {names}", names=", ".join(f.name for f in field.of)))
    return read_fields(field.of, value, f"{kind}: {field.name}")


def _plan(field: Field, value: Any, kind: str) -> dict[str, Any]:
    from overflight.flight.plan_body import read_plan_body

    if not isinstance(value, Mapping):
        raise wrong(field, kind, say("must be a mission plan"))
    return read_plan_body(value, kind)


def read_fields(fields: tuple[Field, ...], body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Every known field of `body` checked; fields that are not known are kept as they are.

    Raises
    ------
    BadInput
        If a required field is missing or any known field is wrong.
    """
    out = dict(body)
    for field in fields:
        if body.get(field.name) is None:
            if field.required:
                raise wrong(field, kind, say("is missing"))
            out.pop(field.name, None)
            continue
        out[field.name] = read(field, body[field.name], kind)
    return out


def _short(value: Any) -> str:
    shown = value if isinstance(value, str) else repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."


_CHECKS: Mapping[str, Callable[[Field, Any, str], Any]] = {
    "text": _text,
    "time": _time,
    "day": _day,
    "flight": _matching(_FLIGHT, "a flight number such as OS1017"),
    "party": _matching(_PARTY, "a Party's code of three letters, such as DEU"),
    "airfield": _matching(_AIRFIELD, "an airfield's ICAO code of four letters, such as UUMB"),
    "digest": _matching(_DIGEST, "a SHA-256 digest of 64 hexadecimal digits"),
    "integer": _integer,
    "boolean": _boolean,
    "choice": _choice,
    "citation": _citation,
    "place": _place,
    "ring": _ring,
    "object": _object,
    "plan": _plan,
}
