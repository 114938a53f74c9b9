"""Height of the ground, with an error bar: a coarse grid by default, or a node's own GeoTIFF.

The default is the 5 arc-minute grid of Recommendation ITU-R P.1511-2 that the Python package
`itur` installs with itself; it is read from there and not copied.  Its cells are about 9 km
wide, so summits are smoothed off: the error bar says by how much, see `Elevation.at`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from overflight.errors import BadFile, CannotAnswer
from overflight.planning.geodesy import Floats, wrap
from overflight.terms.words import say

FLOOR_M: Final = 60.0  # the grid is never taken to be better than this
SPREAD: Final = 6.5  # times the standard deviation of the 16 grid points around a place
OWN_ERROR_M: Final = 30.0  # of a node's own file that states no error
GRID_STEP_KM: Final = 5.0  # between samples along a path over the packaged grid, whose cells are about 9 km wide
LEAST_STEP_KM: Final = 0.1  # at least, over a file whose cells are smaller; what lies between is left to its error
_PER_DEGREE: Final = 12
_FIRST_DEG: Final = (90.125, -180.125)  # latitude and longitude of the grid's first point
_SHAPE: Final = (2164, 4324)
MOST_FILES: Final = 2_000
KM_PER_DEGREE: Final = 111.2
_AROUND: Final = np.array([[i * _SHAPE[1] + j] for i in range(4) for j in range(4)])  # 4 by 4 grid points


@dataclass(frozen=True)
class HeightSource:
    """What the heights are; shown with every verdict that used them."""

    name: str
    source: str
    cell: str
    error: str

    def to_json(self) -> dict[str, Any]:
        """All fields, JSON-able."""
        return dict(vars(self))


class Heights(Protocol):
    """Anything that knows heights: NaN where it does not."""

    source: HeightSource
    step_km: float  # between samples along a path that miss no cell

    def at(self, lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
        """Ground and error at n places, metres above mean sea level."""


@dataclass(frozen=True)
class Elevation:
    """Heights of the ground, from the best of several sources at each place."""

    layers: tuple[Heights, ...]

    @classmethod
    def load(cls, folder: Path | None = None) -> Elevation:
        """The packaged grid, below a node's own GeoTIFF files where `folder` has some.

        Parameters
        ----------
        folder : Path, optional
            A GeoTIFF of heights in metres, or a folder of them, optionally with ``elevation.json``
            (``name``, ``source``, ``error_m``).  Where they have no data the packaged grid answers.

        Raises
        ------
        BadFile
            If a file is no GeoTIFF with a position on Earth.
        CannotAnswer
            If the packaged grid is not installed.
        """
        own: tuple[Heights, ...] = (_own(folder, _stamp(folder)),) if folder else ()
        return cls((*own, _packaged()))

    @property
    def source(self) -> HeightSource:
        """The first source that is asked."""
        return self.layers[0].source

    @property
    def step_km(self) -> float:
        """How near each other the places along a path have to be so that no cell under it is missed."""
        return min(layer.step_km for layer in self.layers)

    def at(self, lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
        """Height of the ground and its error at n places.

        Returns
        -------
        ground_m, error_m : arrays, shape (n,)
            Metres above mean sea level; the ground is taken to lie within ``ground_m`` plus or minus ``error_m``.

        For the packaged grid the height is bilinear between grid points, and the error is the larger of 60 m
        and 6.5 times the standard deviation of the 16 grid points around, our own measure of what a cell
        hides; how often it holds is in ``docs/reference/geography.md``.
        """
        lons, lats = np.asarray(lons, float), np.asarray(lats, float)
        ground, error = np.full(lons.shape, np.nan), np.full(lons.shape, np.nan)
        for layer in self.layers:
            missing = np.isnan(ground)
            if missing.any():
                ground[missing], error[missing] = layer.at(lons[missing], lats[missing])
        return ground, error

    def ground(self, lons: Floats, lats: Floats) -> Floats:
        """Height of the ground alone at n places, as `at` gives it; several times quicker over the packaged grid."""
        lons, lats = np.asarray(lons, float), np.asarray(lats, float)
        if len(self.layers) == 1 and isinstance(self.layers[0], _GridHeights):
            return self.layers[0].ground(lons, lats)
        return self.at(lons, lats)[0]


class _GridHeights:
    """The grid of ITU-R P.1511-2 as `itur` installs it."""

    step_km = GRID_STEP_KM

    def __init__(self, path: Path, release: str):
        self._path = path
        self.source = HeightSource(
            name="ITU-R P.1511-2 topographic height, 5 arc-minutes",
            source=f"data installed by the Python package itur {release}",
            cell="1/12 degree, about 9 km from north to south",
            error=f"larger of {FLOOR_M:g} m and {SPREAD:g} standard deviations of the 16 grid points around",
        )

    @cached_property
    def _grid(self) -> npt.NDArray[np.int16]:
        """Read when first asked for; whole metres are finer than the grid is true, at a quarter of the memory."""
        try:
            with np.load(self._path, allow_pickle=False) as packed:
                grid = packed["arr_0"]
            if grid.shape != _SHAPE:
                raise ValueError(grid.shape)
        except (OSError, ValueError, KeyError) as error:
            raise CannotAnswer(
                say(
                    "{path}: the elevation grid of the package itur cannot be read ({error})",
                    path=self._path,
                    error=error,
                )
            ) from None
        whole: npt.NDArray[np.int16] = np.rint(grid, out=grid).astype(np.int16)
        return whole

    def at(self, lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
        first, down, across = self._cell(lons, lats)
        around = self._grid.ravel()[first - _SHAPE[1] - 1 + _AROUND].astype(float).reshape(4, 4, -1)
        ground = _between(around[1, 1], around[1, 2], around[2, 1], around[2, 2], down, across)
        return ground, np.maximum(FLOOR_M, SPREAD * around.reshape(16, -1).std(axis=0))

    def ground(self, lons: Floats, lats: Floats) -> Floats:
        """The ground alone."""
        first, down, across = self._cell(lons, lats)
        grid, below = self._grid.ravel(), first + _SHAPE[1]
        return _between(grid[first], grid[first + 1], grid[below], grid[below + 1], down, across)

    def _cell(self, lons: Floats, lats: Floats) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
        """The grid point at the upper left of each place, and how far down and across from it the place lies."""
        row = (_FIRST_DEG[0] - lats) * _PER_DEGREE
        column = (wrap(lons) - _FIRST_DEG[1]) * _PER_DEGREE
        top = np.clip(np.floor(row).astype(np.intp), 1, _SHAPE[0] - 3)
        left = np.clip(np.floor(column).astype(np.intp), 1, _SHAPE[1] - 3)
        return top * _SHAPE[1] + left, np.clip(row - top, 0.0, 1.0), np.clip(column - left, 0.0, 1.0)


def _between(a: Any, b: Any, c: Any, d: Any, down: Floats, across: Floats) -> Floats:
    upper = a * (1 - across) + b * across
    lower = c * (1 - across) + d * across
    return np.asarray(upper * (1 - down) + lower * down, float)


@lru_cache(maxsize=1)
def _packaged() -> _GridHeights:
    spec = find_spec("itur")  # found without importing it, which takes seconds
    places = list(spec.submodule_search_locations or []) if spec else []
    path = Path(places[0]) / "data" / "1511" / "v2_topo.npz" if places else None
    if path is None or not path.is_file():
        raise CannotAnswer(say("no elevation grid: the Python package itur is not installed; run `make setup`"))
    try:
        release = version("itur")
    except PackageNotFoundError:
        release = "of unknown version"
    return _GridHeights(path, release)


class _OwnHeights:
    """A node's own GeoTIFF files; NaN outside them."""

    def __init__(self, place: Path):
        paths = sorted([*place.glob("*.tif"), *place.glob("*.tiff")]) if place.is_dir() else [place]
        if not paths or len(paths) > MOST_FILES:
            raise BadFile(
                say(
                    "{place}: {n} GeoTIFF files; give between 1 and {most}", place=place, n=len(paths), most=MOST_FILES
                ),
                field="elevation",
            )
        about = place / "elevation.json" if place.is_dir() else place.with_name("elevation.json")
        facts = _facts(about) if about.is_file() else {}
        self._error_m = float(facts.get("error_m", OWN_ERROR_M))
        self._paths = paths
        # left, bottom, right, top in degrees, to ask a file only for what it may hold
        self._bounds, cells_km = zip(*(_extent_of(path) for path in paths), strict=True)
        self.step_km = min(GRID_STEP_KM, max(LEAST_STEP_KM, min(cells_km)))
        stated = "" if "error_m" in facts else say(" (assumed; elevation.json states none)")
        self.source = HeightSource(
            name=str(facts.get("name") or place.name),
            source=str(facts.get("source") or place.name),
            cell="as in the file",
            error=f"{self._error_m:g} m{stated}",
        )

    def at(self, lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
        from rasterio.warp import transform

        ground = np.full(lons.shape, np.nan)
        east = wrap(lons)
        for path, (left, bottom, right, top) in zip(self._paths, self._bounds, strict=True):
            here = np.flatnonzero(
                np.isnan(ground) & (east >= left) & (east <= right) & (lats >= bottom) & (lats <= top)
            )
            if not here.size:
                continue
            with _opened(path) as file:
                xs, ys = transform("EPSG:4326", file.crs, east[here].tolist(), lats[here].tolist())
                values = np.ma.stack(list(file.sample(zip(xs, ys, strict=True), indexes=1, masked=True)))[:, 0]
                inside = np.array(
                    [
                        file.bounds.left <= x <= file.bounds.right and file.bounds.bottom <= y <= file.bounds.top
                        for x, y in zip(xs, ys, strict=True)
                    ]
                )
            plain = np.where(inside, np.ma.filled(values.astype(float), np.nan), np.nan)
            ground[here] = np.where(np.abs(plain) < 12_000.0, plain, np.nan)
        return ground, np.where(np.isnan(ground), np.nan, self._error_m)


@lru_cache(maxsize=4)
def _own(place: Path, stamp: float) -> _OwnHeights:
    return _OwnHeights(place)


def _stamp(place: Path) -> float:
    """Changes when the files do."""
    files = [*place.iterdir()][: MOST_FILES + 1] if place.is_dir() else [place, place.with_name("elevation.json")]
    return sum(path.stat().st_mtime for path in files if path.exists())


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_bytes()[:100_000].decode("utf-8"))
        error = facts.get("error_m", OWN_ERROR_M)
        if isinstance(error, bool) or not isinstance(error, (int, float)) or not 0 <= error < 10_000:
            raise ValueError
    except (OSError, ValueError, AttributeError, RecursionError):
        raise BadFile(
            say("{path}: give one JSON object with name, source and error_m (metres, 0 or more)", path=path),
            field="elevation.json",
        ) from None
    return dict(facts)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A GeoTIFF that has a position on Earth."""
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path, driver="GTiff") as file:
            if file.crs is None or file.transform.is_identity:
                raise BadFile(say("{path}: this TIFF has no position on Earth", path=path), field="elevation")
            yield file
    except (RasterioError, OSError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadFile(say("{path}: no readable GeoTIFF ({why})", path=path, why=why), field="elevation") from None


def _extent_of(path: Path) -> tuple[tuple[float, float, float, float], float]:
    """Left, bottom, right and top of a file in degrees, and how far apart its rows or columns are, kilometres."""
    from rasterio.warp import transform_bounds

    with _opened(path) as file:
        left, bottom, right, top = (float(one) for one in transform_bounds(file.crs, "EPSG:4326", *file.bounds))
        rows, columns = file.height, file.width
    widest = max(abs(bottom), abs(top))
    across = (right - left) % 360 * KM_PER_DEGREE * float(np.cos(np.radians(min(widest, 89.0)))) / columns
    return (left, bottom, right, top), min((top - bottom) * KM_PER_DEGREE / rows, across or np.inf)
