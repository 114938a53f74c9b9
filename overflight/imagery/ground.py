"""A procedural ground with known measures: fields, woods, roads, a runway, buildings and a bar target.

It exists so that footprint, height and ground resolution can be tested against truth, and so that an
exercise has pictures that show nobody's territory. Everything is a list of flat polygons in metres
east and north of a centre; the same seed gives the same ground on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overflight.imagery.ellipsoid import Floats, from_earth, north_east_down, to_earth

GROUP_STEP = 2.0 ** (-1 / 6)  # ratio of neighbouring bar widths; from memory of target drawings, not read in a source
BAR_LENGTH = 5  # bars are five times as long as wide; same mark
BARS = 3
EDGE_TILT_DEG = 5.0
DARK, BRIGHT = 40, 200  # 5 : 1, the least contrast that Annex D, Appendix 1, Section I, paragraph 2 asks for


@dataclass(frozen=True)
class Patch:
    """A flat polygon of one tone (0 black to 255 white); `ring_m` has shape (k, 2), metres east and north."""

    ring_m: Floats
    tone: int


@dataclass(frozen=True)
class BarGroup:
    """Three bright bars on dark. `direction` says along which axis of the ground the bars alternate."""

    width_m: float
    direction: str  # "east" (bars run north) or "north" (bars run east)
    east_m: float  # centre
    north_m: float


@dataclass(frozen=True)
class BarTarget:
    """A calibration target: groups of bars that become narrower by a fixed ratio, and a slanted edge."""

    patches: tuple[Patch, ...]
    groups: tuple[BarGroup, ...]
    east_m: float  # centre of the whole
    north_m: float
    width_m: float
    length_m: float


@dataclass(frozen=True)
class ProceduralGround:
    """Patches about a centre, painted in order. `height_m` is above the ellipsoid, the same everywhere."""

    lon_deg: float
    lat_deg: float
    height_m: float
    patches: tuple[Patch, ...]
    target: BarTarget
    background: int = 95

    def places(self, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats, Floats]:
        """Longitude, latitude (degrees) and height (m) of places on the ground; within 1 cm to 10 km out."""
        centre = to_earth(self.lon_deg, self.lat_deg, self.height_m)
        axes = north_east_down(self.lon_deg, self.lat_deg)
        flat = centre + np.asarray(north_m)[..., None] * axes[:, 0] + np.asarray(east_m)[..., None] * axes[:, 1]
        lon, lat, _ = from_earth(flat)
        return lon, lat, np.full_like(lon, self.height_m)


def bar_target(
    east_m: float = 0.0, north_m: float = 0.0, *, widest_m: float = 0.9, groups: int = 16, edge_m: float = 12.0
) -> BarTarget:
    """A target centred on a place; each width comes twice, with bars across east and across north."""
    widths = [widest_m * GROUP_STEP**k for k in range(groups)]
    cell = [w * (2 * BARS - 1) for w in widths]  # three bars and two gaps; as long as five widths, so square
    gap = 1.2 * widest_m
    column = widest_m * (2 * BARS - 1)
    length = sum(cell) + gap * (groups + 1)
    width = 2 * column + 3 * gap + edge_m + gap
    found: list[BarGroup] = []
    patches = [Patch(_box(east_m, north_m, width, length), DARK)]
    top = north_m + length / 2
    left = east_m - width / 2
    for bar, size in zip(widths, cell, strict=True):
        top -= gap
        for direction, x in (("east", left + gap + column / 2), ("north", left + 2 * gap + 1.5 * column)):
            group = BarGroup(bar, direction, x, top - size / 2)
            found.append(group)
            for k in range(BARS):
                off = (2 * k - (BARS - 1)) * bar
                if direction == "east":
                    patches.append(Patch(_box(x + off, group.north_m, bar, BAR_LENGTH * bar), BRIGHT))
                else:
                    patches.append(Patch(_box(x, group.north_m + off, BAR_LENGTH * bar, bar), BRIGHT))
        top -= size
    edge = _box(left + width - gap - edge_m / 2, north_m, edge_m * 0.7, edge_m * 0.7, turn_deg=EDGE_TILT_DEG)
    patches.append(Patch(edge, BRIGHT))
    return BarTarget(tuple(patches), tuple(found), east_m, north_m, width, length)


def _box(x: float, y: float, wide: float, long: float, *, turn_deg: float = 0.0) -> Floats:
    corners = np.array([[-wide, -long], [wide, -long], [wide, long], [-wide, long]]) / 2
    moved: Floats = _turned(corners, turn_deg) + np.array([x, y])
    return moved


def _turned(points: Floats, turn_deg: float) -> Floats:
    """Turned clockwise as seen from above, as a heading is."""
    t = math.radians(turn_deg)
    turn = np.array([[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]], np.float64)
    return np.asarray(np.matmul(points, turn), np.float64)


def airfield_ground(
    lon_deg: float,
    lat_deg: float,
    height_m: float = 0.0,
    *,
    seed: int = 0,
    half_m: float = 3200.0,
    widest_bar_m: float = 0.9,
) -> ProceduralGround:
    """An invented airfield among fields, `half_m` metres to each side of its centre.

    The runway is 2,500 m by 45 m; the target lies beside it. The seed decides fields, woods,
    buildings and the runway's heading.
    """
    rng = np.random.default_rng(seed)
    heading = float(rng.integers(0, 18)) * 10.0
    patches = [*_fields(rng, half_m), *_woods(rng, half_m), *_roads(rng, half_m), *_airfield(rng, heading)]
    beside = _turned(np.array([[420.0, 300.0]]), heading)[0]
    target = bar_target(float(beside[0]), float(beside[1]), widest_m=widest_bar_m)
    patches.extend(target.patches)
    return ProceduralGround(lon_deg, lat_deg, height_m, tuple(patches), target)


def _fields(rng: np.random.Generator, half_m: float) -> list[Patch]:
    """A jittered grid of fields, so that neighbours share their corners."""
    count = max(2, round(2 * half_m / 330.0))
    line = np.linspace(-half_m, half_m, count + 1)
    x, y = np.meshgrid(line, line)
    step = 2 * half_m / count
    x = x + rng.uniform(-0.3, 0.3, x.shape) * step
    y = y + rng.uniform(-0.3, 0.3, y.shape) * step
    tones = rng.integers(70, 140, (count, count))
    out = []
    for i in range(count):
        for j in range(count):
            at = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j)]
            out.append(Patch(np.array([[x[a], y[a]] for a in at]), int(tones[i, j])))
    return out


def _blob(rng: np.random.Generator, x: float, y: float, radius: float, points: int = 24) -> Floats:
    angle = np.arange(points) / points * 2 * math.pi
    r = radius * (1 + 0.25 * np.sin(angle * 3 + rng.uniform(0, 6)) + rng.uniform(-0.1, 0.1, points))
    ring: NDArray[np.float64] = np.column_stack([x + r * np.cos(angle), y + r * np.sin(angle)])
    return ring


def _woods(rng: np.random.Generator, half_m: float) -> list[Patch]:
    out = []
    for _ in range(10):
        radius = float(rng.uniform(120, 320))
        bearing, far = float(rng.uniform(0, 360)), float(rng.uniform(0.55, 0.95)) * half_m
        x, y = _turned(np.array([[0.0, far]]), bearing)[0]
        out.append(Patch(_blob(rng, float(x), float(y), radius), int(rng.integers(45, 65))))
    pond = _turned(np.array([[0.0, 0.45 * half_m]]), float(rng.uniform(0, 360)))[0]
    out.append(Patch(_blob(rng, float(pond[0]), float(pond[1]), 140.0), 25))
    return out


def _roads(rng: np.random.Generator, half_m: float) -> list[Patch]:
    out = []
    for wide in (9.0, 7.0, 7.0, 5.0):
        turn = float(rng.uniform(0, 180))
        aside = float(rng.uniform(0.3, 0.8)) * half_m * (1 if rng.uniform() < 0.5 else -1)
        strip = np.array([[-wide, -2 * half_m], [wide, -2 * half_m], [wide, 2 * half_m], [-wide, 2 * half_m]]) / 2
        out.append(Patch(_turned(strip * np.array([1.0, 2.0]) + np.array([aside, 0.0]), turn), 165))
    return out


def _airfield(rng: np.random.Generator, heading: float) -> list[Patch]:
    """Runway with centre line and threshold marks, taxiway, apron, buildings with their shadows."""
    runway, paint, concrete = 75, 235, 150
    flat: list[tuple[Floats, int]] = [
        (_box(0, 0, 45, 2500), runway),
        (_box(170, 0, 18, 2300), concrete),
        (_box(85, 1140, 190, 18), concrete),
        (_box(85, -1140, 190, 18), concrete),
        (_box(300, -150, 240, 420), concrete),
    ]
    flat += [(_box(0, y, 0.9, 30), paint) for y in range(-1150, 1151, 60)]
    for end in (-1, 1):
        flat += [(_box(x, end * 1220, 1.8, 30), paint) for x in range(-18, 19, 4) if abs(x) > 2]
        flat += [(_box(x, end * 950, 6, 45), paint) for x in (-11.0, 11.0)]
    for k in range(7):
        wide, long = float(rng.uniform(18, 45)), float(rng.uniform(25, 60))
        x, y = 470 + float(rng.uniform(-15, 15)), -420 + k * 95.0
        flat.append((_box(x + 9, y - 9, wide, long), 30))  # shadow to one side
        flat.append((_box(x, y, wide, long), int(rng.integers(170, 225))))
    for k in range(4):
        flat.append((_box(262 + 34.0 * (k % 2), -250 + 70.0 * k, 3.2, 26), 215))  # parked aircraft: fuselage, wing
        flat.append((_box(262 + 34.0 * (k % 2), -247 + 70.0 * k, 29, 3.6), 215))
    return [Patch(_turned(ring, heading), tone) for ring, tone in flat]
