"""`Regime.on(day)`: everything that a regime said on one day, with source and marks.

A regime is a folder of data (`overflight/treaty/data/open-skies` by default), so another
regime is another folder.  Files load when first asked for and stay in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.errors import BadData
from overflight.terms.party import Group, Party
from overflight.terms.place import Airfield
from overflight.terms.words import say
from overflight.treaty import members, missing, places, tables
from overflight.treaty.datafile import Fields, read_toml
from overflight.treaty.readings import Reading, choose, load_readings
from overflight.treaty.values import Value

if TYPE_CHECKING:
    from overflight.treaty.equipment import Aircraft, Sensor
    from overflight.treaty.paragraphs import Deadline, Paragraph

OPEN_SKIES = Path(__file__).resolve().parent / "data" / "open-skies"


class Regime:
    """What one regime says on one day, under the readings chosen. Make one with `Regime.on`."""

    def __init__(self, day: date, folder: Path, chosen: Mapping[str, str]):
        self.day = day
        self.folder = folder
        head = read_toml(folder / "regime.toml")
        row = Fields(folder / "regime.toml", "the file", head)
        self.name = row.text("name")
        self.title = row.text("title")
        self._readings = choose(load_readings(folder), chosen)
        self._set: dict[tuple[str, str | None, str | None], Value] = {}
        self._found: dict[tuple[str, str | None, str | None], Value] = {}

    @classmethod
    def on(cls, day: date, *, readings: Mapping[str, str] | None = None, folder: Path | None = None) -> Regime:
        """The regime on `day`; the same arguments give the same, shared regime.

        Parameters
        ----------
        day : date
            Any day, past or future.
        readings : mapping, optional
            Named readings to choose; the others keep their default.
        folder : Path, optional
            Another regime's folder of data, or the name of one that comes with the package.

        Raises
        ------
        UnknownReading
            If a reading or its choice is not known.
        BadData
            If the folder holds no regime or a file of it is inconsistent.
        """
        home = _home(folder or OPEN_SKIES)
        if not (home / "regime.toml").is_file():
            raise BadData(
                say("{folder} holds no regime: there is no regime.toml in it", folder=str(folder)), field="--regime"
            )
        return _regime(day, tuple(sorted((readings or {}).items())), home, _newest(home))

    @property
    def readings(self) -> dict[str, str]:
        """The choice in force of every named reading."""
        return {name: found.chosen for name, found in self._readings.items()}

    def reading(self, name: str) -> Reading:
        """One named reading.

        Raises
        ------
        UnknownReading
            If there is none of that name.
        """
        if name not in self._readings:
            choose(self._readings, {name: ""})
        return self._readings[name]

    def all_readings(self) -> tuple[Reading, ...]:
        """Every named reading, in the order of the data."""
        return tuple(self._readings.values())

    # Parties and groups

    @cached_property
    def _states(self) -> members.States:
        return members.load_states(self.folder)

    def parties(self) -> tuple[Party, ...]:
        """The States Parties on the day, sorted by code; empty before entry into force."""
        return tuple(self._states.parties_on(self.day))

    def party(self, code: str) -> Party:
        """One State Party.

        Raises
        ------
        UnknownParty
            If no State has that code, or it is no Party on the day; the message says which.
        """
        return self._states.party_on(code, self.day)

    def is_party(self, code: str) -> bool:
        """Whether the treaty is in force for the State `code` on the day; False for any other text."""
        return any(p.code == code for p in self._states.rows.get(code, ()) if p.on(self.day))

    def groups(self) -> tuple[Group, ...]:
        """The groups of States Parties that exist on the day."""
        return tuple(g for g in self._states.groups if g.on(self.day))

    def group_of(self, code: str) -> Group | None:
        """The group that a Party belongs to on the day, or None; a group's own code gives the group."""
        return next((g for g in self.groups() if code in g.members or code == g.code), None)

    def quota_holder(self, code: str) -> str:
        """Who holds the quota of `code`: its group's code while the group exists, else the code itself."""
        group = self.group_of(code)
        return group.code if group else code

    def state(self, code: str) -> members.State:
        """All that the data hold of a State: memberships past and present, signature, notice.

        Raises
        ------
        UnknownParty
            If the data hold no State of that code.
        """
        return self._states.state(code)

    # Values

    def value(self, name: str, *, of: str | None = None, by: str | None = None) -> Value:
        """The value of a table on the day.

        Where several rows hold at once, the table's named reading chooses and the other
        rows are in `others`.  A Party that belongs to a group has its group's quota.

        Raises
        ------
        UnknownOnDate
            If the table has no such value on the day; the message names the nearest days that have one.
        """
        key = (name, of, by)
        if key not in self._found:
            self._found[key] = self._set[key] if key in self._set else self._look_up(name, of, by)
        return self._found[key]

    def values(self, name: str) -> tuple[Value, ...]:
        """Every row of a table that holds on the day, each as it stands; empty if none does.

        Raises
        ------
        UnknownOnDate
            If there is no table of that name.
        """
        table = self._table(name)
        rows = [self._as_value(table, r) for r in table.rows if self._holds(table, r)]
        given = {(v.of, v.by): v for (n, _, _), v in self._set.items() if n == name}
        return (*(r for r in rows if (r.of, r.by) not in given), *given.values())

    def table(self, name: str) -> tables.Table:
        """A table with every row of every day.

        Raises
        ------
        UnknownOnDate
            If there is no table of that name.
        """
        return self._table(name)

    def is_complete(self, name: str) -> bool:
        """Whether a table holds all that there is on the day, so that what it does not name is none, not unknown.

        Raises
        ------
        UnknownOnDate
            If there is no table of that name.
        """
        table = self._table(name)
        return any(self._holds(table, whole) for whole in table.complete)

    def table_names(self) -> tuple[str, ...]:
        """The names that `value` knows."""
        return tables.table_names(self.folder)

    def with_value(
        self, name: str, value: Any, *, of: str | None = None, by: str | None = None, source: str = "set for this run"
    ) -> Regime:
        """A copy of this regime in which one value is another; marked as set for this run."""
        table = self._table(name)
        copy = Regime(self.day, self.folder, self.readings)
        copy._set = dict(self._set)
        copy._set[(name, of, by)] = Value(
            name=name, title=table.title, value=value, unit=table.unit, of=of, by=by, since=self.day, until=None,
            source=source, verified="set for this run", in_force="set for this run", citation=table.citation,
        )  # fmt: skip
        return copy

    def _table(self, name: str) -> tables.Table:
        table = tables.load_table(self.folder, name)
        if table is None:
            raise missing.table(self, name)
        return table

    def _holds(self, table: tables.Table, row: tables.Row | tables.Whole) -> bool:
        end = table.end_of(row, self.readings)
        return row.since <= self.day and (end is None or self.day < end)

    def _as_value(self, table: tables.Table, row: tables.Row) -> Value:
        return Value(
            name=table.name, title=table.title, value=row.number, unit=table.unit, of=row.of, by=row.by,
            since=row.since, until=table.end_of(row, self.readings), source=row.source, verified=row.verified,
            in_force=row.mark_on(self.day), note=row.note, variant=row.variant, citation=table.citation,
            ended=row.ended,
        )  # fmt: skip

    def _look_up(self, name: str, of: str | None, by: str | None) -> Value:
        table = self._table(name)
        keys = [(of, by), (of and self.quota_holder(of), by and self.quota_holder(by))]
        for wanted in dict.fromkeys(keys):
            if (name, *wanted) in self._set:
                return self._set[(name, *wanted)]
            found = [self._as_value(table, r) for r in table.rows if (r.of, r.by) == wanted and self._holds(table, r)]
            if found:
                return self._chosen(table, found)
        raise missing.value(self, table, of, by)

    def _chosen(self, table: tables.Table, found: list[Value]) -> Value:
        if len(found) == 1:
            return found[0]
        choice = self.readings.get(table.reading or "", "")
        plain = [v for v in found if not v.variant]
        matching = [v for v in found if v.variant == choice]
        if matching:
            first = matching[0]
        elif plain and not table.reading:
            first = plain[0]
        else:  # "lower", or a reading whose rows are absent: the cautious value
            first = min(found, key=lambda v: v.value)
        return replace(first, others=tuple(v for v in found if v is not first))

    # Airfields

    @cached_property
    def _places(self) -> places.Places:
        return places.load_places(self.folder)

    def airfields(self, party: str | None = None, role: str | None = None) -> tuple[Airfield, ...]:
        """Airfields on the day, sorted by Party and code; those of the group while `party` is in one.

        Raises
        ------
        UnknownParty
            If `party` is no State of the data or no Party on the day.
        """
        owners: tuple[str, ...] = ()
        if party is not None:
            group = self.group_of(party)
            owners = group.members if group else (self.party(party).code,)
        found = [a for a in self._places.airfields_on(self.day) if self.is_party(a.party)]
        return tuple(a for a in found if (not owners or a.party in owners) and (role is None or role in a.roles))

    def airfield(self, icao: str) -> Airfield:
        """One airfield.

        Raises
        ------
        UnknownAirfield
            If no airfield of the regime has that code, or not on the day; the message gives near matches.
        """
        here = self.airfields()
        for found in here:
            if found.icao == icao:
                return found
        raise missing.airfield(self, self._places, icao)

    def airfield_rows(self, icao: str) -> tuple[places.Role, ...]:
        """Each role of an airfield on the day, with its own source and marks."""
        return tuple(r for r in self._places.roles.get(icao, ()) if r.on(self.day))

    def coordinates_source(self, icao: str) -> str:
        """Where the coordinates in use of an airfield come from; empty if unknown."""
        return self._places.coordinates.get(icao, "")

    def places(self) -> tuple[Airfield, ...]:
        """Calibration targets and fixes that have no airfield code (`icao` is empty)."""
        return tuple(p for p in self._places.others if p.since <= self.day and self.is_party(p.party))

    def max_flight_distance(self, icao: str) -> Value:
        """The maximum flight distance of a starting airfield, by the reading `distance_source`.

        `others` holds further rows of the day: the value that was not chosen, and larger
        ones that the treaty gives for flights including certain islands.

        Raises
        ------
        UnknownAirfield, UnknownOnDate
            If there is no such airfield, or no distance for it on the day.
        """
        field = self.airfield(icao)
        found = self.value("max_flight_distance", of=icao)
        wide = [v for v in self.values("max_flight_distance") if v.of == field.party]
        return replace(found, others=(*found.others, *wide)) if wide else found

    # Paragraphs, deadlines, equipment: loaded only when asked for

    def paragraph(self, citation: str) -> Paragraph:
        """One paragraph, paraphrased.

        Raises
        ------
        UnknownCitation
            If the data hold no such paragraph; the message gives near ones.
        """
        from overflight.treaty import paragraphs

        return paragraphs.find(self.folder, citation)

    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Every paragraph of the data, in the order of the treaty."""
        from overflight.treaty import paragraphs

        return paragraphs.load_all(self.folder)

    def deadline(self, id: str) -> Deadline:
        """One clock of the treaty, such as ``VI.II.6#4h``.

        Raises
        ------
        UnknownCitation
            If there is none of that id.
        """
        from overflight.treaty import paragraphs

        return paragraphs.deadline(self.folder, id)

    def deadlines(self) -> tuple[Deadline, ...]:
        """Every clock of the treaty."""
        from overflight.treaty import paragraphs

        return paragraphs.load_deadlines(self.folder)

    def sensor(self, id: str) -> Sensor:
        """One sensor in service. Raises BadInput with near matches if there is none."""
        from overflight.treaty import equipment

        return equipment.sensor(self.folder, id)

    def sensors(self) -> tuple[Sensor, ...]:
        """Every sensor of the data."""
        from overflight.treaty import equipment

        return equipment.load_sensors(self.folder)

    def aircraft(self, id: str) -> Aircraft:
        """One observation aircraft. Raises BadInput with near matches if there is none."""
        from overflight.treaty import equipment

        return equipment.one_aircraft(self.folder, id)

    def all_aircraft(self) -> tuple[Aircraft, ...]:
        """Every observation aircraft of the data."""
        from overflight.treaty import equipment

        return equipment.load_aircraft(self.folder)


def _home(folder: Path) -> Path:
    """The folder meant: as it stands, else the packaged regime of that bare name."""
    packaged = OPEN_SKIES.parent / folder.name
    if len(folder.parts) == 1 and not (folder / "regime.toml").is_file() and (packaged / "regime.toml").is_file():
        return packaged
    return folder.resolve()


def _newest(folder: Path) -> int:
    return max(f.stat().st_mtime_ns for f in folder.glob("*.toml"))


@lru_cache(maxsize=512)
def _regime(day: date, chosen: tuple[tuple[str, str], ...], folder: Path, _newest: int) -> Regime:
    return Regime(day, folder, dict(chosen))
