"""The file of a campaign: TOML with the Party, the sites, the flights and, if several Parties share, the partners."""

from __future__ import annotations

import difflib
import hashlib
import math
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from overflight.app.plan_campaign import (
    MOST_FLIGHTS,
    MOST_PARTNERS,
    SCALES,
    Campaign,
    Partner,
    refuse_without_consent,
)
from overflight.app.plan_regions import notes_on, packaged, regions_from
from overflight.app.plans import AIRPORTS, Ground, sensor_uses, sites_from
from overflight.errors import BadFile
from overflight.planning.campaign import CampaignFlight
from overflight.planning.request import PlanRequest
from overflight.planning.sites import bytes_of, read_sites
from overflight.terms.place import Site
from overflight.terms.words import say
from overflight.treaty.regime import Regime

LARGEST_BYTES = 1_000_000
FLIGHT = (
    "name", "from", "to", "on", "max_km", "swath_km", "swaths_km", "height_m", "sensors", "aircraft", "via", "range_km",
    "speed_kmh", "take_off", "min_leg_km", "turn_radius_km", "turn", "regions",
)  # fmt: skip
WHOLE = ("observed", "observing", "sites", "flown", "accepted", "quota", "scale", "flight", "partner", *FLIGHT[1:])
PARTNER = ("code", "sites", "weight", "consent", "sha256")
RegimeOn = Callable[[date], Regime]


def read_campaign(path: Path, *, over: Ground, regime_on: RegimeOn, default_day: date) -> Campaign:
    """Read a campaign; what all flights share may stand once, outside of ``[[flight]]``.

    Files that it names lie beside it.  Each partner's list needs the consent under which it is used.

    Raises
    ------
    BadFile
        If the file is no such campaign; the message names the field.
    BadInput
        If a partner's consent is missing, or a value cannot be meant.
    """
    data = _toml(path)
    reader = _Reader(path, data, WHOLE, "")
    observed = reader.text("observed").upper()
    observing = reader.text("observing").upper()
    partners = _partners(path, reader, data, observed, observing, over)
    given = data.get("flight")
    if not isinstance(given, list) or not 0 < len(given) <= MOST_FLIGHTS:
        raise reader.bad("flight", say("must be one to {most} tables [[flight]]", most=MOST_FLIGHTS))
    shared = {key: data[key] for key in FLIGHT[1:] if key in data}
    flights, notes = [], list[str]()
    for n, row in enumerate(given, start=1):
        if not isinstance(row, dict):
            raise reader.bad(f"flight[{n}]", say("must be a table"))
        one = _Reader(path, shared | row, FLIGHT, f"flight[{n}].")
        flights.append(_flight(one, n, observed, observing, regime_on, default_day, over))
        notes += notes_on(one.files("regions"), flights[-1].regime, folder=path.parent)
    return Campaign(
        observed=observed,
        observing=observing,
        flights=tuple(flights),
        partners=partners,
        scale=reader.choice("scale", SCALES),
        flown=reader.count("flown") or 0,
        accepted=reader.count("accepted"),
        quota=reader.count("quota"),
        notes=tuple(dict.fromkeys(notes)),
    )


def _flight(
    one: _Reader, n: int, observed: str, observing: str, regime_on: RegimeOn, default_day: date, over: Ground
) -> CampaignFlight:
    day = one.day("on") or default_day
    regime = regime_on(day)
    start = one.text("from").upper()
    return CampaignFlight(
        one.text("name", str(n)),
        PlanRequest(
            observed=observed,
            start=start,
            end=one.text("to", start).upper(),
            sites=(),
            swath_km=one.number("swath_km") or 0.0,
            max_km=one.number("max_km"),
            observing=observing,
            height_agl_m=one.number("height_m"),
            sensors=sensor_uses(one.texts("sensors"), regime),
            aircraft=one.text("aircraft", "") or None,
            regions=regions_from(
                one.files("regions"), observed=observed, regime=regime, borders=over.borders, folder=one.path.parent
            ),
            stops=tuple(code.upper() for code in one.texts("via")),
            range_km=one.number("range_km"),
            speed_kmh=one.number("speed_kmh"),
            take_off=one.moment("take_off"),
            min_leg_km=one.number("min_leg_km") or 0.0,
            turn_radius_km=one.number("turn_radius_km") or 0.0,
            turn=one.text("turn", "short"),
            swaths_km=one.numbers("swaths_km"),
        ),
        regime,
    )


def _partners(
    path: Path, reader: _Reader, data: Mapping[str, Any], observed: str, observing: str, over: Ground
) -> tuple[Partner, ...]:
    given = data.get("partner")
    if given is None:
        name = reader.text("sites")
        return (Partner(observing, _sites(path, name, observed, over, None)),)
    if "sites" in data:
        raise reader.bad("sites", say("stands beside [[partner]]; write the lead's own list as a partner too"))
    if not isinstance(given, list) or not 0 < len(given) <= MOST_PARTNERS:
        raise reader.bad("partner", say("must be one to {most} tables [[partner]]", most=MOST_PARTNERS))
    out: list[Partner] = []
    for n, row in enumerate(given, start=1):
        if not isinstance(row, dict):
            raise reader.bad(f"partner[{n}]", say("must be a table"))
        one = _Reader(path, row, PARTNER, f"partner[{n}].")
        code = one.text("code").upper()
        if code in {p.code for p in out}:
            raise one.bad("code", say("{code} stands twice", code=code))
        name, agreed = one.text("sites"), one.text("sha256", "")
        if name.startswith(AIRPORTS) and agreed:
            raise one.bad("sha256", say("is the digest of a file, and {sites} is none; leave one out", sites=name))
        # What the consent is held against is what is used: the file is not read again, it may be another by then.
        raw = None if name.startswith(AIRPORTS) else bytes_of(path.parent / name)
        weight = one.number("weight", 1.0)
        if weight is None or not 0 < weight <= 1e6:
            raise one.bad("weight", say("must be a number above 0"))
        digest = hashlib.sha256(raw).hexdigest() if raw is not None else ""
        partner = Partner(code, (), weight, one.text("consent", ""), digest)
        refuse_without_consent(partner, lead=observing, data=raw, agreed=agreed)
        sites = _sites(path, name, observed, over, raw)
        out.append(Partner(code, sites, weight, partner.consent, digest))
    return tuple(out)


def _sites(path: Path, name: str, observed: str, over: Ground, data: bytes | None) -> tuple[Site, ...]:
    if name.startswith(AIRPORTS):
        return sites_from(name, observed_party=observed, borders=over.borders)
    return read_sites(path.parent / name, observed=observed, borders=over.borders, data=data)


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as why:
        raise BadFile(
            say("{name} cannot be read: {why}", name=path.name, why=why.strerror or str(why)), field="CAMPAIGN"
        ) from None
    if len(raw) > LARGEST_BYTES:
        raise BadFile(say("{name} is larger than {n} bytes", name=path.name, n=LARGEST_BYTES), field="CAMPAIGN")
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as why:
        raise BadFile(say("{name} is no TOML: {why}", name=path.name, why=str(why)[:120]), field="CAMPAIGN") from None


class _Reader:
    """Checked access to the fields of one table."""

    def __init__(self, path: Path, data: Mapping[str, Any], fields: tuple[str, ...], where: str):
        self.path, self.data, self.where = path, data, where
        for key in data:
            if key not in fields:
                close = difflib.get_close_matches(str(key)[:60].lower(), fields, 1, 0.6)
                hint = say("; did you mean {close}?", close=close[0]) if close else ""
                raise self.bad(str(key)[:60], say("is no field of a campaign{hint}", hint=hint))

    def bad(self, field: str, what: str) -> BadFile:
        field = f"{self.where}{field}"
        return BadFile(say("{name}: {field} {what}", name=self.path.name, field=field, what=what), field=field)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str) or len(value) > 500 or (default is None and not value.strip()):
            raise self.bad(key, say("is missing; it must be a short text"))
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or len(value) > 50 or not all(isinstance(v, str) for v in value):
            raise self.bad(key, say("must be a list of short texts"))
        return tuple(v.strip()[:100] for v in value)

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.text(key, choices[0])
        if value not in choices:
            raise self.bad(key, say("must be one of {all}", all=", ".join(choices)))
        return value

    def number(self, key: str, default: float | None = None) -> float | None:
        value = self.data.get(key, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise self.bad(key, say("must be a finite number, 0 or more"))
        return float(value)

    def numbers(self, key: str) -> dict[str, float]:
        value = self.data.get(key, {})
        if not isinstance(value, dict) or len(value) > 50:
            raise self.bad(key, say("must be a table of sensors and kilometres"))
        out = {}
        for name, width in value.items():
            if isinstance(width, bool) or not isinstance(width, int | float) or not math.isfinite(width):
                raise self.bad(key, say("{name} must be a number of kilometres", name=str(name)[:40]))
            out[str(name)] = float(width)
        return out

    def count(self, key: str) -> int | None:
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1000:
            raise self.bad(key, say("must be a whole number, 0 or more"))
        return value

    def day(self, key: str) -> date | None:
        from overflight.terms.moment import parse_day

        value = self.data.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        if isinstance(value, str):
            return parse_day(value, field=f"{self.where}{key}")
        raise self.bad(key, say("must be a day such as 2021-05-17"))

    def moment(self, key: str) -> datetime | None:
        from overflight.terms.moment import parse_moment

        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        if isinstance(value, str):
            return parse_moment(value, field=f"{self.where}{key}")
        raise self.bad(key, say("must be a UTC time such as 2021-05-17T08:00Z"))

    def files(self, key: str) -> tuple[str, ...]:
        """One file of regions or several: each lies beside the campaign, or is packaged."""
        names = self.texts(key) if isinstance(self.data.get(key), list) else (self.text(key, ""),)
        for name in filter(None, names):
            if not (self.path.parent / name).is_file() and name not in packaged():
                known = ", ".join(packaged())
                raise self.bad(key, say("names {name}: no such file; nor is it one of {all}", name=name, all=known))
        return tuple(filter(None, names))
