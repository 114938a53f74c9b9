"""The quick reader of plain tables answers to the last bit what the careful one does, or leaves the file to it."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadFile
from overflight.flight import track_files, track_quick
from overflight.flight.track_files import read_track
from overflight.flight.track_quick import quick_columns

T0 = 1_621_404_000
HEADS = (
    "time",
    "lon",
    "lat",
    "height_m",
    "height_agl_m",
    "geoaltitude",
    "baroaltitude",
    "remark",
    "icao24",
    "onground",
    "sensor_on",
)


def careful(data):
    try:
        return track_files._careful(data.decode("utf-8-sig"), "track", None)
    except UnicodeDecodeError:
        return "track is neither CSV in UTF-8 nor GPX nor IGC"
    except BadFile as error:
        return str(error)


def read(data):
    try:
        return read_track(data)
    except BadFile as error:
        return str(error)


def assert_same(one, other):
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype
            assert a.tobytes() == b.tobytes() or (
                np.array_equal(a, b, equal_nan=True) and not (np.signbit(a) != np.signbit(b))[~np.isnan(a)].any()
            )
        else:
            assert a == b


def moment(second):
    return str(np.datetime64(T0 + second, "s")) + "Z"


NUMBER = st.one_of(
    st.floats(-90, 90).map(lambda x: f"{x:.7f}"),
    st.floats(-90, 90).map(str),
    st.floats(-90, 90).map(lambda x: f"{x:.15f}"),
    st.sampled_from(["0", "-0", "-0.0", "5.", ".5", "-.5", "00012.5", "1e1", "1_0", "+7", "90", "-90"]),
    st.integers(0, 9 * 10**17).map(lambda n: f"{n / 10**16:.16f}"),
)
ODD = st.sampled_from(
    [
        "12345678.12345678",
        "",
        "-",
        ".",
        "nan",
        "inf",
        " 5 ",
        "91",
        "1.2.3",
        "--5",
        "5-",
        "é",
        "0x1",
        "1e400",
        '"5"',
        "\r",
    ]
)
PLACE = st.one_of(*[NUMBER] * 9, ODD)
HEIGHT = st.one_of(st.integers(-1100, 12_000).map(str), st.floats(0, 9000).map(lambda x: f"{x:.1f}"), st.just(""), ODD)
TIME = st.one_of(
    *[st.integers(0, 200_000).map(moment)] * 9,
    st.integers(0, 200_000).map(lambda n: str(T0 + n)),
    st.sampled_from(
        ["2021-05-19T06:00:00+00:00", "2021-05-19T06:00:00.250Z", "2021-02-30T06:00:00Z", "2021-05-19T24:00:00Z",
         "1969-05-19T06:00:00Z", "2021-05-19t06:00:00Z", "2021/05/19T06:00:00Z", "2021-05-19T06:0x:00Z", "-5", ""]
    ),
)  # fmt: skip


@st.composite
def files(draw, odd):
    time = TIME if odd else st.integers(0, 200_000).map(moment)
    place, height = (PLACE, HEIGHT) if odd else (NUMBER, st.integers(-1000, 12_000).map(str))
    heads = draw(st.permutations(("time", "lon", "lat", *draw(st.sets(st.sampled_from(HEADS[3:]))))))
    texts = st.sampled_from(
        ["", "1", "0", "true", "False", " yes", "AFA", *(["a\0", "\0a", "much too long"] if odd else [])]
    )
    one = draw(st.sampled_from(["3c4b26", "ABC ", ""]))
    aircraft = st.sampled_from([one, one, "ffffff", "3c4b26é"] if odd else [one])
    of = {
        "time": time,
        "icao24": aircraft,
        "onground": texts,
        "sensor_on": texts,
        "lon": place,
        "lat": place,
        "remark": st.text("ab .-é" if odd else "ab -", max_size=9),
    }
    rows = draw(st.lists(st.tuples(*(of.get(head, height) for head in heads)), min_size=2, max_size=25))
    delimiter, end = draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\n", "\n", "\r\n"]))
    text = end.join(delimiter.join(row) for row in (heads, *rows)) + draw(st.sampled_from(["", end, end + end]))
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


@given(files(odd=False))
@settings(max_examples=60, deadline=None)
def test_plain_tables_are_read_alike(data):
    assert quick_columns(data.removeprefix(b"\xef\xbb\xbf")) is not None
    assert_same(read(data), careful(data))


@given(files(odd=True))
@settings(max_examples=60, deadline=None)
def test_tables_with_anything_in_them_are_read_alike_and_told_alike(data):
    assert_same(read(data), careful(data))


CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(b'0919.,-:TZ \n\r"e;')), min_size=1, max_size=3)


@given(files(odd=False), CHANGES)
@settings(max_examples=60, deadline=None)
def test_a_byte_changed_anywhere_changes_both_answers_alike(data, changes):
    mutated = bytearray(data)
    for at, byte in changes:
        mutated[at % len(mutated)] = byte
    if mutated.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")) or not mutated.strip():
        return
    assert_same(read(bytes(mutated)), careful(bytes(mutated)))


def plain(rows):
    return (
        "time,lon,lat,height_m\n" + "".join(f"{moment(n)},{36 + n / 999:.7f},-{n / 777},\n" for n in range(rows))
    ).encode()


def test_a_long_table_is_read_in_blocks_that_join_without_a_seam(monkeypatch):
    data = plain(2000)
    whole = read(data)
    assert len(whole) == 2000
    for size in (64, 1000, 4096):
        monkeypatch.setattr(track_quick, "_AT_ONCE", size)
        assert quick_columns(data) is not None
        assert_same(read(data), whole)
    monkeypatch.setattr(track_quick, "_AT_ONCE", 8)  # shorter than a row
    assert quick_columns(data) is None
    assert_same(read(data), careful(data))


@pytest.mark.parametrize("zone", ["Z", "+00:00", ".000Z", ".75Z", "+02:00"])
def test_times_of_any_rfc_3339_spelling_are_read(zone):
    text = "time,lon,lat\n" + "".join(f"2021-05-19T06:00:{n:02d}{zone},36.{n:03d},55\n" for n in range(20))
    assert len(read_track(text.encode())) == 20


def test_every_sixteenth_digit_counts():
    """Digits up to 2^53 are exact quotients; the first three cells are more, and would be rounded twice."""
    cells = [
        "9.513282814504773",
        "95.56474435415693",
        "9.256803545299133",
        "9.007199254740993",
        "9007199254.740993",
        "0.1234567890123456",
        "89.99999999999999",
        "17.123456789012345678",
    ]
    text = "time,lon,lat\n" + "".join(f"{moment(n)},{cell},1\n" for n, cell in enumerate(cells) if float(cell) < 180)
    found = quick_columns(text.encode())
    assert found is not None
    assert found[0]["lon"].tolist() == [float(cell) for cell in cells if float(cell) < 180]
