"""Files in OPLib form: what is read, and the line and field that are named when one is broken."""

from pathlib import Path

import pytest

from overflight.errors import BadFile
from overflight.planning.orienteering.oplib import parse_oplib, read_oplib

GOOD = """NAME : three
COMMENT : written for this test
TYPE : OP
DIMENSION : 3
COST_LIMIT : 40
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1.5e1 0
3 0 10
NODE_SCORE_SECTION
1 0
2 5
3 7
DEPOT_SECTION
1
-1
EOF
"""


def test_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "three.oplib"
    path.write_text(GOOD, "utf-8")
    instance = read_oplib(path)
    assert (instance.name, instance.kind, instance.limit, instance.nodes) == ("three", "EUC_2D", 40, 3)
    assert instance.points.tolist() == [[0, 0], [15, 0], [0, 10]]
    assert instance.scores.tolist() == [0, 5, 7]


@pytest.mark.parametrize(
    "good",
    [
        GOOD.replace(" : ", ": "),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("TYPE : OP\n", "TYPE : OP\nDISPLAY_DATA_TYPE: COORD_DISPLAY\nTSPSOL : 1234\n", 1),
        GOOD.replace("DEPOT_SECTION\n1\n-1\n", ""),
        GOOD.replace("EOF\n", ""),
        "\ufeff" + GOOD,
    ],
)
def test_other_spellings_are_read_too(good: str, tmp_path: Path) -> None:
    path = tmp_path / "x.oplib"
    path.write_text(good, "utf-8")
    assert read_oplib(path).limit == 40


@pytest.mark.parametrize(
    ("old", "new", "field", "line"),
    [
        ("DIMENSION : 3", "DIMENSION : x", "DIMENSION", 4),
        ("DIMENSION : 3", "DIMENSION : 0", "DIMENSION", 4),
        ("DIMENSION : 3", "DIMENSION : 999999999", "DIMENSION", 4),
        ("DIMENSION : 3\n", "", "NODE_COORD_SECTION", 6),
        ("COST_LIMIT : 40", "COST_LIMIT : -1", "COST_LIMIT", 5),
        ("COST_LIMIT : 40", "COST_LIMIT : nan", "COST_LIMIT", 5),
        ("COST_LIMIT : 40", "COST_LIMIT : 40.5", "COST_LIMIT", 5),
        ("COST_LIMIT : 40\n", "", "COST_LIMIT", 17),
        ("EUC_2D", "EXPLICIT", "EDGE_WEIGHT_TYPE", 6),
        ("TYPE : OP", "TYPE : TSP", "TYPE", 3),
        ("2 1.5e1 0", "2 inf 0", "NODE_COORD_SECTION", 9),
        ("2 1.5e1 0", "2 1e300 0", "NODE_COORD_SECTION", 9),
        ("2 1.5e1 0", "2 1.5e1", "NODE_COORD_SECTION", 9),
        ("2 1.5e1 0", "1 1.5e1 0", "NODE_COORD_SECTION", 9),
        ("2 1.5e1 0", "4 1.5e1 0", "NODE_COORD_SECTION", 9),
        ("2 1.5e1 0\n", "", "NODE_COORD_SECTION", 17),
        ("2 5", "2 -5", "NODE_SCORE_SECTION", 13),
        ("2 5\n", "", "NODE_SCORE_SECTION", 17),
        ("2 5", "2 9999999999999999", "NODE_SCORE_SECTION", 13),
        ("DEPOT_SECTION\n1", "DEPOT_SECTION\n2", "DEPOT_SECTION", 18),
        ("COMMENT :", "???", "??? written for this test", 2),
    ],
)
def test_broken_file_names_line_and_field(old: str, new: str, field: str, line: int) -> None:
    with pytest.raises(BadFile) as raised:
        parse_oplib(GOOD.replace(old, new), where="three.oplib")
    assert raised.value.field == field
    assert raised.value.facts["line"] == line
    assert "three.oplib" in raised.value.message


def test_place_off_the_earth_is_refused() -> None:
    with pytest.raises(BadFile, match="latitude first"):
        parse_oplib(GOOD.replace("EUC_2D", "GEO").replace("2 1.5e1 0", "2 95 0"))


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        read_oplib(tmp_path / "none.oplib")
    binary = tmp_path / "binary.oplib"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(BadFile):
        read_oplib(binary)
    with pytest.raises(BadFile):
        parse_oplib("")
