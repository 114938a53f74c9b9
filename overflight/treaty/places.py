"""Airfields and other places that Parties named, from ``airfields.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from overflight.terms.place import Airfield
from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, sources_of, wrong


@dataclass(frozen=True)
class Role:
    """One use of an airfield, with its own source and marks.

    `printed` is what Annex E prints for it, `printed_km` how far that lies from the coordinates in use.
    """

    icao: str
    role: str
    since: date
    until: date | None
    printed: str
    printed_km: float | None
    inspection: bool | None
    source: str
    verified: str
    in_force: str
    last_known_from: date | None
    note: str

    def on(self, day: date) -> bool:
        """Whether the row holds on `day`."""
        return self.since <= day and (self.until is None or day < self.until)

    def mark_on(self, day: date) -> str:
        """Whether the row was in force on `day`: yes, last known or contradicted."""
        return "last known" if self.last_known_from and day >= self.last_known_from else self.in_force


@dataclass(frozen=True)
class Places:
    """Every place of a regime."""

    by_code: Mapping[str, Airfield]  # with every role of every day
    roles: Mapping[str, tuple[Role, ...]]
    coordinates: Mapping[str, str]  # where lat and lon come from
    others: tuple[Airfield, ...]

    def airfields_on(self, day: date) -> Iterator[Airfield]:
        """The airfields on `day`, by Party and code, each with the roles of that day."""
        for field in self.by_code.values():
            rows = [r for r in self.roles[field.icao] if r.on(day)]
            if rows and (field.until is None or day < field.until):
                yield _airfield(field, rows)


def _airfield(field: Airfield, rows: list[Role]) -> Airfield:
    """The airfield with these roles; the row of the text speaks before a press report."""
    ranked = sorted(rows, key=lambda r: (r.verified != "yes", r.role != "open_skies", r.printed == ""))
    printed = next((r for r in ranked if r.printed), ranked[0])
    inspection = [r.inspection for r in ranked if r.inspection is not None]
    return Airfield(
        icao=field.icao, name=field.name, party=field.party, lat_deg=field.lat_deg, lon_deg=field.lon_deg,
        roles=frozenset(r.role for r in rows), since=min(r.since for r in rows), until=field.until,
        source=ranked[0].source, verified=ranked[0].verified, treaty_coordinates=printed.printed,
        treaty_km=printed.printed_km, inspection_possible=any(inspection) if inspection else None,
    )  # fmt: skip


def load_places(folder: Path) -> Places:
    """Airfields and other places of the regime in `folder`; empty if it has none.

    Raises
    ------
    BadData
        If the file is inconsistent: an unknown key, no source, coordinates off the Earth, a code twice.
    """
    file = folder / "airfields.toml"
    return _load(file, changed(file)) if file.exists() else Places({}, {}, {}, ())


@lru_cache(maxsize=16)
def _load(file: Path, _changed: int) -> Places:
    data = read_toml(file)
    sources = sources_of(file, data)
    head = Fields(file, "the file", data)
    head.seen.update({"title", "citation", "sources", "verified", "in_force", "source"})
    defaults = {key: data.get(key) for key in ("verified", "in_force", "source")}
    fields: dict[str, Airfield] = {}
    roles: dict[str, tuple[Role, ...]] = {}
    coordinates: dict[str, str] = {}
    for n, entry in enumerate(head.rows("airfield"), 1):
        row = Fields(file, f"airfield row {n}", entry)
        icao = row.text("icao")
        if icao in fields:
            wrong(file, row.where, say("{icao} stands twice", icao=icao))
        found = tuple(
            _role(Fields(file, f"airfield {icao}, role {m}", inner, defaults), icao, sources)
            for m, inner in enumerate(row.rows("role"), 1)
        )
        if not found:
            wrong(file, row.where, say("has no {key}", key="role"))
        lat, lon = _position(row)
        bare = Airfield(
            icao, row.text("name"), row.text("party"), lat, lon, frozenset(), found[0].since,
            row.maybe_day("until"), "", "",
        )  # fmt: skip
        roles[icao] = tuple(sorted(found, key=lambda r: r.since))
        fields[icao] = _airfield(bare, list(found))
        coordinates[icao] = row.text("coordinates", "")
        row.done()
    others = tuple(
        _place(Fields(file, f"place row {n}", entry, defaults), sources)
        for n, entry in enumerate(head.rows("place"), 1)
    )
    head.done()
    order = sorted(fields, key=lambda c: (fields[c].party, c))
    return Places({c: fields[c] for c in order}, roles, coordinates, others)


def _position(row: Fields) -> tuple[float, float]:
    lat, lon = row.number("lat"), row.number("lon")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        wrong(row.file, row.where, say("lat {lat}, lon {lon} is no place on the Earth", lat=lat, lon=lon))
    return float(lat), float(lon)


def _role(row: Fields, icao: str, sources: Mapping[str, str]) -> Role:
    out = Role(
        icao=icao, role=row.text("is"), since=row.day("from"), until=row.maybe_day("until"),
        printed=row.text("printed", ""), printed_km=row.maybe_number("printed_km"),
        inspection=row.maybe_flag("inspection"), source=row.source(sources), verified=row.text("verified"),
        in_force=row.mark(), last_known_from=row.maybe_day("last_known_from"), note=row.text("note", ""),
    )  # fmt: skip
    row.done()
    return out


def _place(row: Fields, sources: Mapping[str, str]) -> Airfield:
    lat, lon = _position(row)
    out = Airfield(
        icao="", name=row.text("name"), party=row.text("party"), lat_deg=lat, lon_deg=lon,
        roles=frozenset({row.text("role")}), since=row.day("from"), until=row.maybe_day("until"),
        source=row.source(sources), verified=row.text("verified"), treaty_coordinates=row.text("treaty", ""),
    )  # fmt: skip
    row.mark()
    row.maybe_day("last_known_from")
    row.text("note", "")
    row.done()
    return out
