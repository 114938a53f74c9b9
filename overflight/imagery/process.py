"""Reading and checking pictures; cloud-optimised copies and thumbnails.  Originals are never rewritten."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadFile
from overflight.imagery.headers import Header, read_header
from overflight.terms.words import say

Pixels = NDArray[Any]  # shape (bands, rows, columns)

COG_OPTIONS = {
    "compress": "ZSTD",
    "level": "1",
    "predictor": "YES",
    "blocksize": "512",
    "overview_resampling": "AVERAGE",
}
# Intermediate overviews uncompressed: a quarter of the processor time on a large frame. A circle of names, a
# broken strip or a libjpeg warning is an error, no sibling file is looked for, nothing is fetched.
GDAL_OPTIONS = {
    "COG_TMP_COMPRESSION": "NONE",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_ERROR_ON_LIBJPEG_WARNING": "TRUE",
    "GTIFF_IGNORE_READ_ERRORS": "FALSE",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
}
THUMBNAIL_SIDE = 640


@dataclass(frozen=True)
class Limits:
    """The most that one picture may ask for."""

    file_bytes: int = 2 << 30
    pixels: int = 400_000_000
    side: int = 100_000
    decoded_bytes: int = 2 << 30


@dataclass(frozen=True)
class Picture:
    """One original as it was handed in, decoded once. `data` are its bytes, never rewritten."""

    name: str
    data: bytes
    sha256: str
    header: Header
    pixels: Pixels
    crs: str | None  # of a georeferenced picture, such as EPSG:32637
    bounds_deg: tuple[float, float, float, float] | None  # west, south, east, north, if georeferenced


def read_picture(path: Path, limits: Limits | None = None) -> Picture:
    """Read a TIFF, PNG or JPEG file; its size and its header are checked before anything is decoded.

    Raises
    ------
    BadFile
        If the file is missing, a link, too large, cut short or malformed; the message names it and the limit.
    """
    most = limits or Limits()
    name = path.name
    try:
        if not path.is_file() or path.is_symlink():
            raise BadFile(say("{file} is no plain file", file=name), field=str(path))
        with path.open("rb") as file:
            data = file.read(most.file_bytes + 1)
    except OSError as error:
        raise BadFile(say("{file}: {why}", file=name, why=error.strerror or str(error)), field=str(path)) from None
    return decode_picture(data, name, most)


def decode_picture(data: bytes, name: str, limits: Limits | None = None) -> Picture:
    """As `read_picture`, from bytes already in hand."""
    most = limits or Limits()
    if len(data) > most.file_bytes:
        raise BadFile(
            say("{file} is larger than {most} bytes, the limit for one picture", file=name, most=most.file_bytes),
            field=name,
        )
    header = read_header(data, name)
    if not (
        1 <= header.columns <= most.side
        and 1 <= header.rows <= most.side
        and header.columns * header.rows <= most.pixels
        and header.decoded_bytes <= most.decoded_bytes
    ):
        raise BadFile(
            say(
                "{file} states {columns} x {rows} pixels; at most {side} a side, {pixels} in all and {bytes} bytes "
                "decoded are read",
                file=name,
                columns=header.columns,
                rows=header.rows,
                side=most.side,
                pixels=most.pixels,
                bytes=most.decoded_bytes,
            ),
            field=name,
        )
    pixels, crs, bounds = _decode(data, name, header)
    return Picture(name, data, hashlib.sha256(data).hexdigest(), header, pixels, crs, bounds)


def _gdal() -> Any:
    """GDAL with this module's options; that a frame has no georeference of its own is no news."""
    import warnings

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)
    return rasterio.Env(**GDAL_OPTIONS)


def _decode(
    data: bytes, name: str, header: Header
) -> tuple[Pixels, str | None, tuple[float, float, float, float] | None]:
    from rasterio.errors import RasterioError
    from rasterio.io import MemoryFile
    from rasterio.warp import transform_bounds

    try:
        with _gdal(), MemoryFile(data) as memory, memory.open(driver=header.driver) as source:
            if (source.width, source.height) != (header.columns, header.rows):
                raise BadFile(say("{file}: two parts of its header state different sizes", file=name), field=name)
            if len(set(source.dtypes)) > 1 or source.dtypes[0] not in ("uint8", "uint16", "int16", "float32"):
                raise BadFile(
                    say(
                        "{file} has samples of type {types}; 8 or 16 bits or 32-bit floating point are read",
                        file=name,
                        types=", ".join(sorted(set(source.dtypes))),
                    ),
                    field=name,
                )
            pixels = source.read()
            crs = source.crs.to_string() if source.crs and not source.transform.is_identity else None
            bounds = None
            if crs:
                west, south, east, north = transform_bounds(source.crs, "OGC:CRS84", *source.bounds, densify_pts=21)
                if not all(np.isfinite(v) for v in (west, south, east, north)) or abs(south) > 90 or abs(north) > 90:
                    raise BadFile(say("{file}: its georeference lies outside the globe", file=name), field=name)
                bounds = (west, south, east, north)
    except BadFile:
        raise
    except (RasterioError, OSError, ValueError, MemoryError) as error:
        why = str(error).split("\n")[0][:200]
        raise BadFile(say("{file} cannot be decoded: {why}", file=name, why=why), field=name) from None
    return pixels, crs, bounds


def write_cog(picture: Picture) -> bytes:
    """A cloud-optimised GeoTIFF with the picture's own pixels, tiles of 512 and averaged overviews."""
    from rasterio.io import MemoryFile
    from rasterio.shutil import copy

    with (
        _gdal(),
        MemoryFile(picture.data) as memory,
        memory.open(driver=picture.header.driver) as source,
        MemoryFile(ext=".tif") as out,
    ):
        copy(source, out.name, driver="COG", **COG_OPTIONS)
        return bytes(out.getbuffer())


def same_pixels(cog: bytes, picture: Picture) -> bool:
    """Whether a cloud-optimised copy decodes to exactly the picture's pixels."""
    return bool(np.array_equal(decode_picture(cog, "cloud-optimised copy").pixels, picture.pixels))


def grey_or_colour(pixels: Pixels) -> NDArray[np.uint8]:
    """8-bit pixels for eyes, shape (rows, columns) or (rows, columns, 3); deeper samples are stretched linearly."""
    bands = pixels[:3] if pixels.shape[0] >= 3 else pixels[:1]
    if bands.dtype != np.uint8:
        fine = bands.astype(np.float32)
        known = fine[np.isfinite(fine)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        fine = np.nan_to_num((fine - low) * (255.0 / (high - low or 1.0)), nan=0.0, posinf=255.0, neginf=0.0)
        bands = np.clip(np.rint(fine), 0, 255).astype(np.uint8)
    return bands[0] if bands.shape[0] == 1 else np.ascontiguousarray(np.moveaxis(bands, 0, -1))


def thumbnail(pixels: Pixels, *, label: str | None, side: int = THUMBNAIL_SIDE) -> bytes:
    """A small JPEG of the picture; `label` (the words of an exercise) is written across it.

    The label goes on this copy only: evidence pixels are never altered.
    """
    from PIL import Image, ImageDraw, ImageFont

    step = max(1, min(pixels.shape[1:]) // (2 * side))
    image = Image.fromarray(grey_or_colour(pixels[:, ::step, ::step]))
    image.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=None)
    if label:
        image = image.convert("RGB")
        draw = ImageDraw.Draw(image)
        font: Any = ImageFont.load_default(max(10, image.width // 22))
        while font.size > 6 and draw.textlength(label, font=font) > image.width * 0.94:
            font = ImageFont.load_default(font.size * 0.9)
        for share in (0.07, 0.86):
            place = (image.width / 2, image.height * share)
            draw.text(place, label, font=font, fill=(255, 210, 40), stroke_width=2, stroke_fill=(0, 0, 0), anchor="mm")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()
