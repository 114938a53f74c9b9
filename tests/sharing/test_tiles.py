"""File names and contents of the published log: C2SP tlog-tiles."""

import pytest

from overflight.errors import NotVerified
from overflight.sharing.tiles import Tile, decode_entries, edge, encode_entries, expected


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "tile/0/000"),
        (Tile(0, 0, 5), "tile/0/000.p/5"),
        (Tile(1, 999, 256), "tile/1/999"),
        (Tile(2, 1000, 1), "tile/2/x001/000.p/1"),
        (Tile(0, 1234067, 256), "tile/0/x001/x234/067"),  # the specification's own example
        (Tile(-1, 1234067, 255), "tile/entries/x001/x234/067.p/255"),
    ],
)
def test_names_are_those_of_the_specification(tile, path):
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/001/000",
        "tile/0/x000/001",
        "tile/00/000",
        "tile/64/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/../000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/entries/٠٠٠",
        "checkpoint",
    ],
)
def test_other_spellings_name_no_file(path):
    assert Tile.parse(path) is None


def test_70000_entries_are_the_tiles_that_the_specification_lists():
    tiles = expected([70_000])
    count = {}
    for t in tiles:
        count[(t.level, t.width == 256)] = count.get((t.level, t.width == 256), 0) + 1
    assert count == {
        (-1, True): 273,
        (-1, False): 1,
        (0, True): 273,
        (0, False): 1,
        (1, True): 1,
        (1, False): 1,
        (2, False): 1,
    }
    assert {t for t in tiles if t.width < 256} == {
        Tile(-1, 273, 112), Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)
    }  # fmt: skip


def test_256_entries_are_one_full_tile_and_a_partial_one_above():
    assert edge(256) == [Tile(-1, 0, 256), Tile(0, 0, 256), Tile(1, 0, 1)]
    assert edge(0) == []


def test_partial_tiles_of_every_signed_size_stay_until_the_full_one_is_there():
    assert {t.width for t in expected([1, 2, 5]) if t.level == 0} == {1, 2, 5}
    assert {t.width for t in expected([1, 2, 5, 256]) if t.level == 0} == {256}
    assert {t.width for t in expected([1, 300]) if t.level == 0 and t.index == 1} == {44}


def test_bundles_hold_exactly_their_entries():
    entries = [bytes([n]) * 32 for n in range(3)]
    data = encode_entries(entries)
    assert data[:2] == b"\x00\x20"
    assert decode_entries(data, 3) == entries
    for bad in (data[:-1], data + b"\x00", data[:1] + b"\x1f" + data[2:], b""):
        with pytest.raises(NotVerified):
            decode_entries(bad, 3)
