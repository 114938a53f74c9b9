"""Imports point one way: a room of the house uses only rooms to its left."""

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent / "overflight"
ORDER = ["errors", "terms", "treaty", "rules", "planning", "flight", "imagery", "sharing", "study", "app"]
EDGE = {"cli", "api", "web"}


def imports_of(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in found if name.startswith("overflight")}


def complaints(file: Path, house: Path) -> list[str]:
    """Every import of `file` that points the wrong way, with its direction."""
    inside = file.relative_to(house)
    room = inside.parts[0].removesuffix(".py")
    out: list[str] = []
    for name in sorted(imports_of(file)):
        parts = name.split(".")
        if len(parts) < 2:
            continue
        other = parts[1]
        if other == "storage" and len(parts) > 2 and not parts[2].startswith("port"):
            if room != "storage" and str(inside) != "app/wiring.py":
                out.append(f"{inside}: {name}: only app/wiring.py picks an adapter")
        elif other == "storage":
            if room in {"errors", "terms", "treaty", "rules", "planning", "flight", *EDGE}:
                out.append(f"{inside}: {room} -> storage")
        elif room == "storage":
            if other not in {"errors", "terms"}:
                out.append(f"{inside}: storage -> {other}")
        elif room in EDGE:
            if other in EDGE and other != room and not (room == "api" and other == "web"):
                out.append(f"{inside}: {room} -> {other}")
        elif room in ORDER and (other in EDGE or (other in ORDER and ORDER.index(other) > ORDER.index(room))):
            out.append(f"{inside}: {room} -> {other}")
    return sorted(set(out))


@pytest.mark.parametrize("file", sorted(HOUSE.rglob("*.py")), ids=lambda f: str(f.relative_to(HOUSE)))
def test_imports_point_left(file: Path) -> None:
    if file.parent == HOUSE and file.stem in {"__init__", "__main__"}:
        return
    assert complaints(file, HOUSE) == []


def test_the_check_sees_an_import_that_points_right(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    bad = tmp_path / "rules" / "quotas.py"
    bad.write_text("from overflight.app import flights\n", "utf-8")
    assert complaints(bad, tmp_path) == ["rules/quotas.py: rules -> app"]


def test_no_hand_written_file_is_longer_than_500_lines() -> None:
    root = HOUSE.parent
    files = [
        f
        for top in ("overflight", "tests", "scripts", "web/src")
        for f in (root / top).rglob("*")
        if f.suffix in {".py", ".ts", ".js", ".css", ".html", ".mjs"} and "static/app" not in f.as_posix()
    ]
    assert files
    assert [str(f) for f in files if len(f.read_text("utf-8").splitlines()) > 500] == []
