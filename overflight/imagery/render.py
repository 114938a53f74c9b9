"""Pictures of a procedural ground through a camera and a pose, with blur and noise of a known size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadInput
from overflight.imagery.camera import Camera, Pose
from overflight.imagery.footprint import see
from overflight.imagery.ground import ProceduralGround
from overflight.terms.words import say

Grey = NDArray[np.uint8]

MOST_PIXELS = 40_000_000
BAND_PIXELS = 32_000_000


def render(
    camera: Camera,
    pose: Pose,
    ground: ProceduralGround,
    *,
    blur_px: float = 0.6,
    noise: float = 1.5,
    seed: int = 0,
    supersample: int = 4,
) -> Grey:
    """One 8-bit grey picture; the same arguments give the same bytes.

    Parameters
    ----------
    camera : Camera
        Its columns and rows are the picture's; `Camera.window` renders a part at full fineness.
    pose : Pose
        One exposure.
    blur_px : float
        Standard deviation of the Gaussian blur of lens, film and motion, in pixels.
    noise : float
        Standard deviation of the noise, in grey levels.
    supersample : int
        Sub-pixels per pixel and side over which each pixel is averaged.

    Raises
    ------
    BadInput
        If there is more than one exposure, or the picture has more than 40 million pixels.
    """
    from rasterio.features import rasterize
    from scipy.ndimage import gaussian_filter  # type: ignore[attr-defined]

    if len(pose) != 1 or camera.columns * camera.rows > MOST_PIXELS:
        raise BadInput(
            say(
                "a rendered picture has one exposure and at most {most} pixels; scan the camera more coarsely or "
                "render a window of it",
                most=MOST_PIXELS,
            ),
            field="camera",
        )
    s = supersample
    shapes = _shapes(camera, pose, ground, s)
    wide = camera.columns * s
    rows_at_once = max(1, min(camera.rows, BAND_PIXELS // (wide * s)))
    exact = np.empty((camera.rows, camera.columns), np.float32)
    for first in range(0, camera.rows, rows_at_once):
        last = min(camera.rows, first + rows_at_once)
        top, bottom = first * s, last * s
        seen = [({"type": "Polygon", "coordinates": [ring]}, tone) for ring, tone, low, high in shapes
                if high >= top and low <= bottom]  # fmt: skip
        fine: Grey = np.full((bottom - top, wide), ground.background, np.uint8)
        if seen:
            # a pixel takes the tone of the polygon that holds its centre, so edges are not moved
            rasterize(seen, out=fine, transform=_shifted(top))
        exact[first:last] = fine.reshape(last - first, s, camera.columns, s).mean(axis=(1, 3), dtype=np.float32)
    if blur_px > 0:
        exact = gaussian_filter(exact, blur_px, mode="nearest", truncate=4.0)
    if noise > 0:
        exact = exact + np.random.default_rng(seed).normal(0.0, noise, exact.shape).astype(np.float32)
    return np.clip(np.rint(exact), 0, 255).astype(np.uint8)


def _shifted(top: int) -> Any:
    from affine import Affine

    return Affine.translation(0, top)


def _shapes(
    camera: Camera, pose: Pose, ground: ProceduralGround, s: int
) -> list[tuple[list[tuple[float, float]], int, float, float]]:
    """Rings of the ground in sub-pixels with tone and first and last row, in painting order."""
    sizes = [len(p.ring_m) for p in ground.patches]
    points = np.concatenate([p.ring_m for p in ground.patches])
    column, row = see(camera, pose, *ground.places(points[:, 0], points[:, 1]))
    x, y = column[0] * s, row[0] * s
    out = []
    start = 0
    for patch, size in zip(ground.patches, sizes, strict=True):
        part = slice(start, start + size)
        start += size
        px, py = x[part], y[part]
        if np.isnan(px).any() or px.max() < 0 or px.min() > camera.columns * s:
            continue
        ring = list(zip(px.tolist(), py.tolist(), strict=True))
        out.append(([*ring, ring[0]], patch.tone, float(py.min()), float(py.max())))
    return out


def burn_label(picture: Grey, lines: list[str], *, share: float = 0.022) -> Grey:
    """A copy with lines of text in a black strip along the lower edge, as film cameras print their data block.

    Only rendered exercise pictures get it, while they are made; evidence is never altered.
    """
    from PIL import Image, ImageDraw, ImageFont

    rows, columns = picture.shape
    size = max(9, int(columns * share))
    strip = int(size * 1.5)
    image = Image.fromarray(picture).copy()
    draw = ImageDraw.Draw(image)
    font: Any = ImageFont.load_default(size)
    while font.size > 6 and max(draw.textlength(line, font=font) for line in lines) > columns - size:
        font = ImageFont.load_default(font.size * 0.95)
    top = max(0, rows - strip * len(lines))
    draw.rectangle((0, top, columns, rows), fill=0)
    for k, line in enumerate(lines):
        draw.text((size // 2, top + k * strip + size // 8), line, fill=235, font=font)
    return np.asarray(image, np.uint8)
