"""Annotation of sensor output: the codes of Annex B, Appendix 1, to text and back.

A frame's annotation is one line of ``name=code`` fields in the order of the appendix, the way a data
block on film carries it; every field is also available alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from overflight.errors import BadInput
from overflight.terms.words import say

FLIGHT = re.compile(r"^OS[0-9]{4}$")
SENSOR = re.compile(r"^(OP|OF|TV|IRLS|SAR)(BI|BM|BP|BR|TA|TD)$")
CONFIGURATION = re.compile(r"^(?:INT[0-9]{1,2}|POD[LRC])(?:V|[LR][0-9]{2}|F[0-9]{2})$")

SENSOR_CATEGORY = {"OP": "optical", "OF": "optical", "TV": "video", "IRLS": "infra-red", "SAR": "radar"}


@dataclass(frozen=True)
class Annotation:
    """What Annex B, Section II wants beside a frame. None means that the item does not belong to this sensor."""

    flight: str  # paragraph 1
    sensor: str  # 2
    configuration: str  # 3
    focal_mm: int | None = None  # 4
    at: datetime | None = None  # 5, to the minute
    height_agl_m: int | None = None  # 6
    lon_deg: float | None = None  # 7, to 0.01 degree
    lat_deg: float | None = None
    heading_deg: int | None = None  # 8
    roll_deg: int | None = None  # 9, right is positive
    pitch_deg: int | None = None  # 10, up is positive
    drift_deg: int | None = None  # 11, right is positive
    ground_speed_kmh: int | None = None  # 12
    magazine: int | None = None  # 16
    frame: int | None = None


def category_of(sensor: str) -> str:
    """The category of Article IV, paragraph 1 that a sensor's code names.

    Raises
    ------
    BadInput
        If the text is no code of paragraph 2.
    """
    found = SENSOR.match(sensor)
    if not found:
        raise BadInput(
            say("{code!r} is no sensor code of Annex B, Appendix 1, paragraph 2, such as OFBP", code=sensor[:40]),
            citation="AnnB.App1.2",
            field="sensor",
        )
    return SENSOR_CATEGORY[found[1]]


def _coded(value: int, plus: str, minus: str) -> str:
    return f"{abs(value)}{plus if value >= 0 else minus}"


def location_code(lon_deg: float, lat_deg: float) -> str:
    """``55.75N 037.62E``: latitude and longitude to 0.01 degree (paragraph 7)."""
    return f"{abs(lat_deg):05.2f}{'N' if lat_deg >= 0 else 'S'} {abs(lon_deg):06.2f}{'E' if lon_deg >= 0 else 'W'}"


def encode(note: Annotation) -> str:
    """The annotation as one line.

    Raises
    ------
    BadInput
        If a value has no code: another flight reference, sensor or configuration, or a number out of range.
    """
    for text, form, paragraph in (
        (note.flight, FLIGHT, 1),
        (note.sensor, SENSOR, 2),
        (note.configuration, CONFIGURATION, 3),
    ):
        if not form.match(text):
            raise _bad(text, paragraph)
    parts = [f"FLT={note.flight}", f"SEN={note.sensor}", f"CFG={note.configuration}"]
    if note.focal_mm is not None:
        parts.append(f"FOC={_within(note.focal_mm, 1, 9999, 4)}")
    if note.at is not None:
        parts.append(f"UTC={note.at.astimezone(UTC):%Y%m%d%H%M}")
    if note.height_agl_m is not None:
        parts.append(f"HGT={_within(note.height_agl_m, 0, 99999, 6):05d}M")
    if note.lon_deg is not None and note.lat_deg is not None:
        if not (abs(note.lon_deg) <= 180 and abs(note.lat_deg) <= 90):
            raise _bad(f"{note.lat_deg} {note.lon_deg}", 7)
        parts.append(f"LOC={location_code(note.lon_deg, note.lat_deg)}")
    if note.heading_deg is not None:
        parts.append(f"HDG={_within(note.heading_deg, 0, 359, 8):03d}")
    for name, value, letters, paragraph in (
        ("ROL", note.roll_deg, "RL", 9),
        ("PIT", note.pitch_deg, "UD", 10),
        ("DRI", note.drift_deg, "RL", 11),
    ):
        if value is not None:
            parts.append(f"{name}={_coded(_within(value, -180, 180, paragraph), *letters)}")
    if note.ground_speed_kmh is not None:
        parts.append(f"GSP={_within(note.ground_speed_kmh, 0, 999, 12):03d}KM")
    if note.magazine is not None:
        parts.append(f"MAG={_within(note.magazine, 1, 99, 16)}")
    if note.frame is not None:
        parts.append(f"FRM={_within(note.frame, 1, 999_999, 16)}")
    return " ".join(parts)


def _within(value: int, low: int, high: int, paragraph: int) -> int:
    if not low <= value <= high:
        raise _bad(str(value), paragraph)
    return value


def _bad(text: str, paragraph: int) -> BadInput:
    return BadInput(
        say("{text!r} has no code in Annex B, Appendix 1, paragraph {paragraph}", text=text[:60], paragraph=paragraph),
        citation=f"AnnB.App1.{paragraph}",
        field="annotation",
    )


def _signed(text: str, plus: str, minus: str) -> int:
    found = re.fullmatch(rf"([0-9]{{1,3}})([{plus}{minus}])", text)
    if not found or int(found[1]) > 180:
        raise ValueError(text)
    return int(found[1]) * (1 if found[2] == plus else -1)


def _height(text: str) -> int:
    found = re.fullmatch(r"([0-9]{5})([FM])", text)
    if not found:
        raise ValueError(text)
    return round(int(found[1]) * 0.3048) if found[2] == "F" else int(found[1])


def _speed(text: str) -> int:
    found = re.fullmatch(r"([0-9]{3})(NM|KM)", text)
    if not found:
        raise ValueError(text)
    return round(int(found[1]) * 1.852) if found[2] == "NM" else int(found[1])


def _location(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"([0-9][0-9]\.[0-9][0-9])([NS]) ([0-9]{3}\.[0-9][0-9])([EW])", text)
    if found:
        lat, lon = float(found[1]), float(found[3])
        south, west = found[2] == "S", found[4] == "W"
    else:
        found = re.fullmatch(r"([0-9][0-9]) ([0-9][0-9])([NS]) ([0-9]{3}) ([0-9][0-9])([EW])", text)
        if not found or int(found[2]) > 59 or int(found[5]) > 59:
            raise ValueError(text)
        lat, lon = int(found[1]) + int(found[2]) / 60, int(found[4]) + int(found[5]) / 60
        south, west = found[3] == "S", found[6] == "W"
    if lat > 90 or lon > 180:
        raise ValueError(text)
    return (-lon if west else lon), (-lat if south else lat)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return read


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"[0-9]{12}", text):
        raise ValueError(text)
    return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC)


_FIELD = re.compile(r"([A-Z]{3})=(.*?)(?= [A-Z]{3}=|$)")


def decode(line: str) -> Annotation:
    """Read an annotation line; feet and nautical miles become metres and kilometres.

    Raises
    ------
    BadInput
        If the line is malformed, repeats a field or lacks flight, sensor or configuration; the paragraph is named.
    """
    if len(line) > 400:
        raise BadInput(say("an annotation line has at most 400 characters"), field="annotation")
    found = _FIELD.findall(line)
    fields: dict[str, str] = dict(found)
    if len(fields) != len(found) or " ".join(f"{k}={v}" for k, v in found) != line:
        raise BadInput(
            say("{line!r} is no annotation line: NAME=code fields, each once", line=line[:80]),
            citation="AnnB.II",
            field="annotation",
        )
    forms: dict[str, tuple[str, int, Callable[[str], object]]] = {
        "FOC": ("focal_mm", 4, _whole(1, 9999)),
        "UTC": ("at", 5, _moment),
        "HGT": ("height_agl_m", 6, _height),
        "HDG": ("heading_deg", 8, _whole(0, 359)),
        "ROL": ("roll_deg", 9, lambda t: _signed(t, "R", "L")),
        "PIT": ("pitch_deg", 10, lambda t: _signed(t, "U", "D")),
        "DRI": ("drift_deg", 11, lambda t: _signed(t, "R", "L")),
        "GSP": ("ground_speed_kmh", 12, _speed),
        "MAG": ("magazine", 16, _whole(1, 99)),
        "FRM": ("frame", 16, _whole(1, 999_999)),
    }
    out: dict[str, object] = {}
    for name, form, paragraph, field in (
        ("FLT", FLIGHT, 1, "flight"),
        ("SEN", SENSOR, 2, "sensor"),
        ("CFG", CONFIGURATION, 3, "configuration"),
    ):
        text = fields.pop(name, "")
        if not form.match(text):
            raise _bad(text, paragraph)
        out[field] = text
    if "LOC" in fields:
        text = fields.pop("LOC")
        try:
            out["lon_deg"], out["lat_deg"] = _location(text)
        except ValueError:
            raise _bad(text, 7) from None
    for name, text in fields.items():
        if name not in forms:
            raise BadInput(say("an annotation has no field {name}", name=name), citation="AnnB.App1", field=name)
        field, paragraph, read = forms[name]
        try:
            out[field] = read(text)
        except ValueError:
            raise _bad(text, paragraph) from None
    return Annotation(**out)  # type: ignore[arg-type]
