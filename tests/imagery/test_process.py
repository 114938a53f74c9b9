"""Pictures from outside: what is read, what is refused before it is decoded, and copies with equal pixels."""

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from overflight.errors import BadFile
from overflight.imagery.process import Limits, decode_picture, read_picture, same_pixels, thumbnail, write_cog

GREY = (np.add.outer(np.arange(300), np.arange(260)) % 251).astype(np.uint8)


def as_file(pixels: np.ndarray, kind: str, **how) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **how)
    return out.getvalue()


def directory(entries, following=0) -> bytes:
    return struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries) + struct.pack(
        "<I", following)  # fmt: skip


def tiff(*directories: bytes) -> bytes:
    return b"II*\0" + struct.pack("<I", 8) + b"".join(directories)


def png(columns: int, rows: int, data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


COLOUR = np.dstack([GREY, GREY[::-1], GREY.T[:300, :260] if GREY.T.shape == (300, 260) else GREY])
KINDS = {
    "grey PNG": as_file(GREY, "PNG"),
    "colour PNG": as_file(COLOUR, "PNG"),
    "16-bit PNG": as_file(GREY.astype(np.uint16) * 200, "PNG"),
    "PNG with alpha": as_file(np.dstack([COLOUR, GREY]), "PNG"),
    "grey JPEG": as_file(GREY, "JPEG", quality=90),
    "colour JPEG": as_file(COLOUR, "JPEG", quality=90),
    "TIFF": as_file(GREY, "TIFF"),
    "deflated TIFF": as_file(COLOUR, "TIFF", compression="tiff_adobe_deflate"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_cloud_optimised_copy_has_the_pixels_of_the_source(kind):
    picture = decode_picture(KINDS[kind], kind)
    cog = write_cog(picture)
    assert same_pixels(cog, picture)
    assert cog[:4] in (b"II*\0", b"II+\0")


def test_the_check_of_pixels_sees_one_that_differs():
    picture = decode_picture(KINDS["TIFF"], "a.tif")
    other = GREY.copy()
    other[17, 3] ^= 1
    assert not same_pixels(write_cog(decode_picture(as_file(other, "TIFF"), "b.tif")), picture)


def test_the_copy_is_a_valid_cloud_optimised_tiff(tmp_path):
    from rio_cogeo.cogeo import cog_validate

    large = np.tile(GREY, (4, 5))
    (tmp_path / "c.tif").write_bytes(write_cog(decode_picture(as_file(large, "PNG"), "large.png")))
    valid, errors, warnings = cog_validate(str(tmp_path / "c.tif"), quiet=True)
    assert (valid, errors, warnings) == (True, [], [])


def test_a_georeferenced_tiff_states_its_bounds(tmp_path):
    import rasterio
    from rasterio.transform import from_origin

    file = tmp_path / "geo.tif"
    with rasterio.open(file, "w", driver="GTiff", width=100, height=50, count=1, dtype="uint8", crs="EPSG:32637",
                       transform=from_origin(400_000, 6_200_000, 10, 10)) as out:  # fmt: skip
        out.write(np.zeros((1, 50, 100), np.uint8))
    found = read_picture(file)
    assert found.crs == "EPSG:32637"
    west, south, east, north = found.bounds_deg
    assert 37.0 < west < east < 38.0
    assert 55.0 < south < north < 56.5


# hostile files


@pytest.mark.parametrize("kind", ["grey PNG", "grey JPEG", "TIFF", "deflated TIFF"])
def test_a_file_that_is_cut_short_is_refused_by_name(kind):
    data = KINDS[kind]
    for cut in (0, 1, 9, 30, len(data) // 3, len(data) // 2, len(data) - 40):
        with pytest.raises(BadFile, match=r"short\.tif"):
            decode_picture(data[:cut], "short.tif")


def test_a_tiff_whose_directories_point_in_a_circle_is_refused():
    looped = tiff(directory([(256, 4, 1, 10), (257, 4, 1, 10)], following=8))
    with pytest.raises(BadFile, match="circle"):
        decode_picture(looped, "loop.tif")


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        ([(256, 4, 1, 4_000_000), (257, 4, 1, 4_000_000)], "4000000 x 4000000"),
        ([(256, 4, 1, 90_000), (257, 4, 1, 90_000)], "90000 x 90000"),
        ([(256, 4, 1, 0), (257, 4, 1, 10)], "no size"),
        ([(256, 4, 1, 10)], "no size"),
        ([(256, 4, 1, 10), (257, 4, 1, 10), (273, 4, 1, 5000), (279, 4, 1, 100)], "cut short"),
        ([(256, 4, 1, 10), (257, 4, 1, 10), (700, 2, 4_000_000_000, 8)], "longer than the file"),
        ([(256, 4, 1, 10), (257, 4, 1, 10), (700, 4, 9, 400)], "outside the file"),
        ([(256, 4, 1, 10), (257, 4, 1, 10), (277, 3, 1, 60_000)], "bands"),
    ],
)
def test_a_tiff_that_asks_for_too_much_or_points_outside_is_refused_before_decoding(entries, what):
    with pytest.raises(BadFile, match=what):
        decode_picture(tiff(directory(entries)), "bad.tif")


def test_a_directory_outside_the_file_is_refused():
    with pytest.raises(BadFile, match="outside"):
        decode_picture(b"II*\0" + struct.pack("<I", 4_000_000_000), "far.tif")
    with pytest.raises(BadFile):
        decode_picture(b"II+\0" + struct.pack("<HHQ", 8, 0, 2**63), "far.tif")


def test_a_png_that_swells_is_refused_before_it_is_decoded():
    bomb = png(100_000, 100_000, b"\0" * 1000)
    assert len(bomb) < 200
    with pytest.raises(BadFile, match="100000 x 100000"):
        decode_picture(bomb, "bomb.png")
    with pytest.raises(BadFile, match="100001"):
        decode_picture(png(100_001, 1, b"\0"), "wide.png")


def test_a_png_whose_data_do_not_fill_its_size_is_refused():
    with pytest.raises(BadFile, match=r"thin\.png"):
        decode_picture(png(500, 500, b"\0" * 50), "thin.png")


def test_a_file_over_the_limit_and_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(BadFile, match="larger than 100"):
        decode_picture(KINDS["TIFF"], "a.tif", Limits(file_bytes=100))
    with pytest.raises(BadFile, match="at most"):
        decode_picture(KINDS["TIFF"], "a.tif", Limits(pixels=100))
    for data in (b"", b"GIF89a" + b"\0" * 50, b"<VRTDataset/>", b"\x89PNG\r\n\x1a\n"):
        with pytest.raises(BadFile, match=r"x\.png"):
            decode_picture(data, "x.png")
    with pytest.raises(BadFile, match="plain file"):
        read_picture(tmp_path / "none.png")
    (tmp_path / "link.png").symlink_to("/etc/hostname")
    with pytest.raises(BadFile, match="plain file"):
        read_picture(tmp_path / "link.png")


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["grey PNG", "grey JPEG", "TIFF", "deflated TIFF"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_no_changed_bytes_end_in_anything_but_a_picture_or_a_refusal(kind, changes):
    data = bytearray(KINDS[kind])
    for share, value in changes:
        data[int(share * share * (len(data) - 1))] = value  # headers more often than data
    with suppress(BadFile):
        assert decode_picture(bytes(data), "changed").pixels.size <= 64 * 400_000


def test_an_exercise_says_so_on_the_small_picture_and_not_on_evidence():
    plain = decode_picture(KINDS["grey PNG"], "a.png")
    labelled = np.asarray(Image.open(io.BytesIO(thumbnail(plain.pixels, label="EXERCISE EXERCISE EXERCISE"))))
    bare = np.asarray(Image.open(io.BytesIO(thumbnail(plain.pixels, label=None))))
    assert labelled.ndim == 3
    assert bare.ndim == 2
    yellow = (labelled[..., 0].astype(int) - labelled[..., 2]) > 100
    assert yellow.sum() > 50
    assert same_pixels(write_cog(plain), plain)
    assert plain.data == KINDS["grey PNG"]
