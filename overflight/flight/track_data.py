"""A track: fixes in the order of time, what its heights are, and what was noticed while it was read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from overflight.terms.moment import rfc3339

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]

# What a fix's height is measured from.
NO_HEIGHT: Final = 0
SEA_LEVEL: Final = 1
ELLIPSOID: Final = 2  # geometric, as a satellite receiver gives it, above WGS84
PRESSURE: Final = 3  # barometric, standard atmosphere: says nothing of the ground unless the day's pressure is known
HEIGHT_NAMES: Final = {SEA_LEVEL: "above_sea_level", ELLIPSOID: "geometric", PRESSURE: "barometric"}
# Between the ellipsoid and mean sea level lie at most 107 m (south of India); no geoid is in the data.
ELLIPSOID_ERROR_M: Final = 107.0
MOST_PLACES: Final = 10


@dataclass(frozen=True)
class Note:
    """Something about a track that is no breach of anything: what, how often, and where it is seen first."""

    kind: str
    says: str
    count: int = 1
    rows: tuple[int, ...] = ()  # rows of the file, the first few
    at: datetime | None = None
    lon_deg: float | None = None
    lat_deg: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        where = None
        if self.lon_deg is not None and self.lat_deg is not None:
            where = {"type": "Point", "coordinates": [round(self.lon_deg, 6), round(self.lat_deg, 6)]}
        return {
            "kind": self.kind,
            "says": self.says,
            "count": self.count,
            "rows": list(self.rows),
            "at": rfc3339(self.at) if self.at else None,
            "where": where,
        }


def _empty() -> Any:
    return np.zeros(0)


@dataclass(frozen=True)
class Track:
    """Fixes in the order of time, arrays of shape (n,).

    `seconds` are POSIX seconds UTC; `lons` and `lats` degrees on WGS84; `height_m` by its `kind` above mean sea
    level, above the ellipsoid or of pressure, `height_agl_m` above ground, metres, NaN where a fix has none.
    `sensor_on` is 1 where a sensor ran, 0 where none did, NaN where the track does not say.
    """

    seconds: Floats
    lons: Floats
    lats: Floats
    height_m: Floats
    height_agl_m: Floats
    kind: Kinds = field(default_factory=_empty)
    sensor_on: Floats = field(default_factory=_empty)
    row: Ints = field(default_factory=_empty)
    notes: tuple[Note, ...] = ()
    name: str = ""  # of the aircraft, as the file has it

    def __post_init__(self) -> None:
        n = self.seconds.size
        if self.kind.size != n:
            heights = np.where(np.isnan(self.height_m), NO_HEIGHT, SEA_LEVEL)
            object.__setattr__(self, "kind", heights.astype(np.int8))
        if self.sensor_on.size != n:
            object.__setattr__(self, "sensor_on", np.full(n, np.nan))
        if self.row.size != n:
            object.__setattr__(self, "row", np.arange(1, n + 1, dtype=np.intp))

    def __len__(self) -> int:
        return int(self.seconds.size)

    def time(self, n: int) -> datetime:
        """Time of fix n."""
        return datetime.fromtimestamp(round(float(self.seconds[n])), UTC)

    def take(self, index: npt.NDArray[Any]) -> Track:
        """The fixes of an index or mask."""
        return replace(self, **{name: getattr(self, name)[index] for name in (*ARRAYS, "kind", "sensor_on", "row")})

    def noted(self, *more: Note) -> Track:
        """The track with further notes."""
        return replace(self, notes=(*self.notes, *more)) if more else self

    def note(self, kind: str, says: str, index: npt.NDArray[Any], count: int | None = None) -> Note:
        """A note on the fixes of an index, at the first of them."""
        n = int(index[0])
        rows = tuple(int(self.row[int(i)]) for i in index[:MOST_PLACES])
        return Note(
            kind,
            says,
            len(index) if count is None else count,
            rows,
            self.time(n),
            float(self.lons[n]),
            float(self.lats[n]),
        )


ARRAYS: Final = ("seconds", "lons", "lats", "height_m", "height_agl_m")
