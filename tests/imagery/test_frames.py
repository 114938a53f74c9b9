"""Annex B annotation and the table of frames: there and back, and what is no such line or table."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile, BadInput
from overflight.imagery.annotation import Annotation, category_of, decode, encode
from overflight.imagery.camera import Camera
from overflight.imagery.frames import Frame, frames_table, read_frames

FULL = Annotation(
    "OS9001", "OFBP", "INT1V", 100, datetime(2021, 5, 19, 6, 12, tzinfo=UTC), 2500, 37.62, 55.75,
    45, -2, 1, 3, 430, 1, 12,
)  # fmt: skip
LINE = (
    "FLT=OS9001 SEN=OFBP CFG=INT1V FOC=100 UTC=202105190612 HGT=02500M LOC=55.75N 037.62E HDG=045 ROL=2L PIT=1U "
    "DRI=3R GSP=430KM MAG=1 FRM=12"
)


def test_a_full_annotation_is_one_line_of_the_appendix_codes():
    assert encode(FULL) == LINE
    assert decode(LINE) == FULL


def test_feet_knots_and_minutes_of_arc_are_read_too():
    found = decode("FLT=OS9001 SEN=TVTD CFG=PODLR45 HGT=10000F LOC=55 30S 037 06W GSP=250NM")
    assert found.height_agl_m == 3048
    assert (found.lat_deg, found.lon_deg) == pytest.approx((-55.5, -37.1))
    assert found.ground_speed_kmh == 463


@pytest.mark.parametrize(
    ("code", "category"),
    [("OPBI", "optical"), ("OFBR", "optical"), ("TVTA", "video"), ("IRLSTD", "infra-red"), ("SARTD", "radar")],
)
def test_the_sensor_code_names_its_category(code, category):
    assert category_of(code) == category


@pytest.mark.parametrize(
    ("change", "citation"),
    [
        ({"flight": "XX9001"}, "AnnB.App1.1"),
        ({"flight": "OS901"}, "AnnB.App1.1"),
        ({"sensor": "OFXX"}, "AnnB.App1.2"),
        ({"configuration": "WING1"}, "AnnB.App1.3"),
        ({"height_agl_m": 100_000}, "AnnB.App1.6"),
        ({"height_agl_m": -1}, "AnnB.App1.6"),
        ({"lat_deg": 137.0}, "AnnB.App1.7"),
        ({"heading_deg": 360}, "AnnB.App1.8"),
        ({"roll_deg": 181}, "AnnB.App1.9"),
        ({"ground_speed_kmh": 1000}, "AnnB.App1.12"),
        ({"frame": 0}, "AnnB.App1.16"),
    ],
)
def test_a_value_without_a_code_is_refused_with_its_paragraph(change, citation):
    with pytest.raises(BadInput) as caught:
        encode(replace(FULL, **change))
    assert caught.value.citation == citation


@pytest.mark.parametrize(
    "line",
    [
        "",
        "OS9001",
        "FLT=OS9001",
        "FLT=OS9001 FLT=OS9001 SEN=OFBP CFG=INT1V",
        LINE.replace("HGT=02500M", "HGT=2500M"),
        LINE.replace("LOC=55.75N", "LOC=95.75N"),
        LINE.replace("UTC=202105190612", "UTC=202113190612"),
        LINE.replace("HDG=045", "HDG=361"),
        LINE.replace("MAG=1", "MAG=٣"),
        LINE + " XYZ=1",
        LINE + " ",
        "F" * 500,
    ],
)
def test_a_line_that_is_none_is_refused(line):
    with pytest.raises(BadInput):
        decode(line)


@settings(max_examples=50)
@given(
    st.builds(
        Annotation,
        flight=st.from_regex(r"OS[0-9]{4}", fullmatch=True),
        sensor=st.sampled_from(["OPBI", "OFBP", "TVTA", "IRLSTD", "SARTD"]),
        configuration=st.sampled_from(["INT1V", "INT12L45", "PODRF21", "PODCV"]),
        focal_mm=st.none() | st.integers(1, 9999),
        at=st.none() | st.datetimes(datetime(1992, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001
            lambda t: t.replace(second=0, microsecond=0, tzinfo=UTC)),
        height_agl_m=st.none() | st.integers(0, 99_999),
        lon_deg=st.integers(-18_000, 18_000).map(lambda v: v / 100),
        lat_deg=st.integers(-9000, 9000).map(lambda v: v / 100),
        heading_deg=st.none() | st.integers(0, 359),
        roll_deg=st.none() | st.integers(-180, 180),
        pitch_deg=st.none() | st.integers(-90, 90),
        drift_deg=st.none() | st.integers(-90, 90),
        ground_speed_kmh=st.none() | st.integers(0, 999),
        magazine=st.none() | st.integers(1, 99),
        frame=st.none() | st.integers(1, 999_999),
    )
)  # fmt: skip
def test_every_annotation_comes_back_as_it_was(note):
    assert decode(encode(note)) == note


@settings(max_examples=50)
@given(st.text(max_size=120) | st.text("FLTSENCFGOS=09M .NE", max_size=80))
def test_no_text_breaks_the_reader(text):
    with suppress(BadInput):
        decode(text)


# the table

FRAME = Frame(
    "a.png", datetime(2021, 5, 19, 6, 12, 30, tzinfo=UTC), 37.62, 55.75, 2650.0, 2500.0, 15.0,
    45.0, 1.0, -2.0, 3.0, 430.0, 1, 12,
)  # fmt: skip


def table(folder, text):
    (folder / "frames.csv").write_text(text, "utf-8")
    return folder


def test_a_table_comes_back_as_it_was_written(tmp_path):
    bare = Frame("b.tif", FRAME.at, -179.5, -12.25, 900.0)
    assert read_frames(table(tmp_path, frames_table([FRAME, bare]))) == (FRAME, bare)


def test_a_frame_knows_its_annotation():
    camera = Camera("AFA-41-10", 100.0, 1200, 1200, 0.15)
    assert encode(FRAME.annotation("OS9001", camera)) == LINE


HEAD = "file,time,lon,lat,altitude_m,height_agl_m,roll_deg\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no column file"),
        ("file,time\na,b\n", "no column lon"),
        (HEAD, "0 frames"),
        (HEAD + "a.png,2021-05-19T06:12Z,nan,55,2650,2500,0\n", "line 2: lon"),
        (HEAD + "a.png,2021-05-19T06:12Z,37,55,2650,2500,0\nb.png,2021-05-19T06:12Z,37,,2650,2500,0\n", "line 3: lat"),
        (HEAD + "a.png,2021-05-19T06:12Z,55,137,2650,2500,0\n", "lat_deg"),
        (HEAD + "a.png,2021-05-19T06:12Z,37,55,2650,-5,0\n", "height_agl_m"),
        (HEAD + "a.png,2021-05-19T06:12Z,37,55,2650,2500,inf\n", "roll_deg"),
        (HEAD + "a.png,2021-05-19 06:12,37,55,2650,2500,0\n", "time"),
        (HEAD + "../a.png,2021-05-19T06:12Z,37,55,2650,2500,0\n", "plain file name"),
        (HEAD + "/etc/passwd,2021-05-19T06:12Z,37,55,2650,2500,0\n", "plain file name"),
        (HEAD + "a\\b.png,2021-05-19T06:12Z,37,55,2650,2500,0\n", "plain file name"),
        (HEAD + "a.png,2021-05-19T06:12Z,37,55,2650,2500,0,1,2\n", "more cells"),
        (HEAD + "a.png,2021-05-19T06:12Z,37,55,2650,2500,0\n" * 2, "listed twice"),
        ('"', "CSV"),
        (HEAD.replace("roll_deg", "magazine") + "a.png,2021-05-19T06:12Z,37,55,2650,2500,1.5\n", "magazine"),
    ],
)
def test_a_table_that_is_none_is_refused_with_row_and_column(tmp_path, text, what):
    with pytest.raises(BadFile, match=what):
        read_frames(table(tmp_path, text))


def test_a_folder_without_a_table_and_a_table_that_is_no_text_are_refused(tmp_path):
    with pytest.raises(BadFile, match=r"frames\.csv"):
        read_frames(tmp_path)
    (tmp_path / "frames.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFile, match="UTF-8"):
        read_frames(tmp_path)
