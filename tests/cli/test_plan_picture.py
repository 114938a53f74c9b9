"""`overflight plan picture`: whole files, the same bytes each time, private where sites are shown."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from overflight.app.plan_pictures import History
from overflight.cli.main import main
from overflight.planning.pictures import Moment, labels, value_picture
from overflight.planning.regions import ClosedArea, SubLimit

DAY = ["--on", "2021-05-17"]
SVG = "{http://www.w3.org/2000/svg}"
HOME = [9.4283, 52.4573]


def plan_file(folder, points, **more):
    file = folder / "plan.json"
    file.write_text(
        json.dumps(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": points},
                "properties": {"observed": "DEU", "start_airfield": "ETNW", "end_airfield": "ETNW", **more},
            }
        )
    )
    return str(file)


@pytest.fixture
def plan(tmp_path):
    uses = [{"sensor": "AFA-41-10", "certified_h_min_m": 1500}]
    return plan_file(tmp_path, [HOME, [12, 48.5], [13, 52.3], HOME], height_agl_m=2500, sensors=uses)


@pytest.fixture
def sites(tmp_path):
    file = tmp_path / "sites.csv"
    file.write_text("name,lon,lat,value\nSECRET on,12.0,48.5,3\nSECRET off,10.2,50.3,5\nSECRET two,13.0,52.3,1\n")
    return str(file)


def picture(tmp_path, name, *arguments):
    out = tmp_path / name
    assert main(["plan", "picture", *arguments, "-o", str(out), *DAY]) == 0
    return out.read_bytes()


def part(tree, name):
    (found,) = tree.iterfind(f".//*[@id='{name}']")
    return found


def marks(tree, name):
    """How many marks a layer shows."""
    found = part(tree, name)
    defined = {id(e) for defs in found.iter(f"{SVG}defs") for e in defs.iter()}
    return sum(1 for e in found.iter() if e.tag in (f"{SVG}use", f"{SVG}path") and id(e) not in defined)


def corners(tree, name):
    """The places of a layer's only line, as the file has them."""
    line = part(tree, name).find(f".//{SVG}path").get("d")
    assert line.count("M") == 1
    return np.array([float(x) for x in line.replace("M", " ").replace("L", " ").split()]).reshape(-1, 2)


def words(tree):
    return " ".join(" ".join(t.itertext()) for t in tree.iter(f"{SVG}text"))


def test_a_map_holds_path_swath_strip_and_the_datasets_name_and_no_date(tmp_path, plan, capsys):
    made = picture(tmp_path, "map.svg", plan, "--swath-km", "10")
    tree = ET.fromstring(made)
    for name in ("path", "points", "swath", "strip", "airfields", "scale", "land-DEU", "land-AUT"):
        assert part(tree, name) is not None
    said = words(tree)
    assert "Natural Earth" in said
    assert "1:10m" in said
    assert "boundaries imply no position" in said
    assert "VI.II.2" in said
    assert "Mission plan over Germany" in said
    assert "PRIVATE" not in said
    assert not tree.findall(".//*[@id='sites-observed']")
    assert b"<dc:date>" not in made
    assert b"202" not in made.split(b"</metadata>")[0]
    assert marks(tree, "points") == 2
    assert made == picture(tmp_path, "again.svg", plan, "--swath-km", "10")
    assert "private" not in capsys.readouterr().out


def test_a_map_with_sites_says_that_it_is_private_and_fills_what_is_observed(tmp_path, plan, sites, capsys):
    tree = ET.fromstring(picture(tmp_path, "map.svg", plan, "--swath-km", "10", "--sites", sites))
    assert marks(tree, "sites-observed") == 2
    assert marks(tree, "sites-not-observed") == 1
    assert "PRIVATE" in words(tree)
    assert "SECRET" not in words(tree)
    assert "private" in capsys.readouterr().out


def test_sites_without_a_width_are_asked_for_it(tmp_path, plan, sites, capsys):
    assert main(["plan", "picture", plan, "--sites", sites, "-o", str(tmp_path / "x.svg"), *DAY]) == 2
    assert "--swath-km" in capsys.readouterr().err
    assert not (tmp_path / "x.svg").exists()


def test_regions_are_on_the_map(tmp_path, plan):
    ring = [[11, 50], [12, 50], [12, 51], [11, 51], [11, 50]]
    kinds = (
        {"kind": "closed", "name": "A", "from": "2021-05-17T08:00Z", "to": "2021-05-17T12:30Z"},
        {"kind": "sub_limit", "max_km": 50, "name": "B"},
    )
    features = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": kind}
        for kind in kinds
    ]
    file = tmp_path / "regions.json"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    tree = ET.fromstring(picture(tmp_path, "map.svg", plan, "--regions", str(file)))
    assert part(tree, "closed-1") is not None
    assert part(tree, "sub-limit-1") is not None
    assert part(tree, "closed-1-words") is not None
    assert part(tree, "sub-limit-1-words") is not None


def test_an_areas_words_are_its_name_and_its_hours_or_its_distance():
    since, until = datetime(2021, 5, 17, 8, tzinfo=UTC), datetime(2021, 5, 17, 12, 30, tzinfo=UTC)
    said = [
        labels.of_closed(ClosedArea("R 31", None, *hours)).split("\n")
        for hours in ((since, until), (since, until + timedelta(days=1)), (since, None), (None, until), (None, None))
    ]
    assert [name for name, _ in said] == ["R 31"] * 5
    assert [hours for _, hours in said] == [
        "closed 17 May 2021 08:00Z to 12:30Z",
        "closed 17 May 2021 08:00Z to 18 May 2021 12:30Z",
        "closed from 17 May 2021 08:00Z on",
        "closed until 17 May 2021 12:30Z",
        "closed at all times",
    ]
    assert labels.of_limit(SubLimit("North" + 60 * "x", None, 300.0)).split("\n")[1] == "at most 300 km"


@pytest.mark.parametrize(
    ("observed", "points"),
    [
        ("RUS", [[177.5, 64.7], [-172, 66], [177.5, 64.7]]),
        ("RUS", [[55, 81], [100, 88.5], [-150, 86], [55, 81]]),
    ],
    ids=["over 180 degrees", "over the pole"],
)
def test_neither_180_degrees_nor_the_pole_is_an_edge(tmp_path, observed, points):
    """The path is one line, and as long on the paper as the scale beside it says."""
    tree = ET.fromstring(picture(tmp_path, "map.svg", plan_file(tmp_path, points, observed=observed)))
    said = words(tree)
    km = float(re.search(r"([\d.]+) km, \d+ declared points", said)[1])
    scale = float("".join(part(tree, "scale-words").itertext()).split()[0])
    bar, path = (np.hypot(*np.diff(corners(tree, name), axis=0).T).sum() for name in ("scale", "path"))
    assert path / bar == pytest.approx(km / scale, rel=0.02)


def test_disputed_areas_are_hatched(tmp_path):
    points = [[44.9, 41.7], [43.5, 42.7], [44.9, 41.7]]
    tree = ET.fromstring(picture(tmp_path, "map.svg", plan_file(tmp_path, points, observed="GEO")))
    areas = [e for e in tree.iter() if str(e.get("id", "")).startswith("disputed-")]
    assert areas
    assert all("url(#" in ET.tostring(area).decode() for area in areas)
    assert "no side taken" in words(tree)


def test_a_profile_shows_error_band_and_certified_height(tmp_path, plan):
    tree = ET.fromstring(picture(tmp_path, "profile.svg", plan, "--what", "profile"))
    for name in ("ground", "ground-error", "flown", "height", "height-error", "certified-1"):
        assert part(tree, name) is not None
    said = words(tree)
    assert "AFA-41-10, 1500 m (VI.II.4.D)" in said
    assert "ITU-R" in said


def test_a_profile_without_planned_heights_shows_the_ground_alone(tmp_path):
    flat = plan_file(tmp_path, [HOME, [12, 48.5], HOME])
    tree = ET.fromstring(picture(tmp_path, "profile.svg", flat, "--what", "profile"))
    assert part(tree, "ground") is not None
    assert not tree.findall(".//*[@id='height']")


@pytest.mark.parametrize("what", ["map", "profile"])
def test_a_png_can_be_read_and_is_not_blank(tmp_path, plan, what):
    from matplotlib.image import imread

    file = tmp_path / "x.png"
    assert main(["plan", "picture", plan, "--what", what, "--swath-km", "10", "-o", str(file), *DAY, "--json"]) == 0
    pixels = imread(file)
    assert pixels.shape[1] == 1296
    assert len(np.unique((pixels[:, :, :3] * 255).astype(int) @ [1, 256, 65536])) > 50


def test_value_over_time_is_drawn_from_the_history_of_a_search(tmp_path):
    ticks = iter(range(100))
    heard = []
    history = History(clock=lambda: float(next(ticks)), after=lambda *told: heard.append(told))
    history(1, 10.0)
    history(2, 10.0)
    history(3, 12.5, 20.0, 0.4)
    assert [(m.seconds, m.value, m.bound) for m in history.moments] == [(1.0, 10.0, None), (2.0, 12.5, 20.0)]
    assert len(heard) == 3
    file = tmp_path / "history.json"
    file.write_text(json.dumps([m.to_json() for m in history.moments]))
    made = picture(tmp_path, "value.svg", "--what", "value", "--history", str(file))
    tree = ET.fromstring(made)
    assert part(tree, "value") is not None
    assert part(tree, "bound") is not None
    assert "PRIVATE" in words(tree)
    assert "gap 40.0 %" in words(tree)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[1]", '[{"seconds": 1, "step": 1}]', '[{"seconds": 1e999, "step": 1, "value": 1}]',
             '[{"seconds": 2, "step": 1, "value": 1}, {"seconds": 1, "step": 1, "value": 1}]', "[" * 5000],
)  # fmt: skip
def test_a_broken_history_is_one_sentence(tmp_path, capsys, text):
    file = tmp_path / "history.json"
    file.write_text(text)
    out = tmp_path / "x.svg"
    assert main(["plan", "picture", "--what", "value", "--history", str(file), "-o", str(out)]) == 2
    assert "history.json" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "x.jpg"], ".svg nor .png"),
        ([], "-o"),
        (["-o", "x.svg", "--what", "film"], "--what"),
        (["-o", "x.svg", "--what", "value"], "--history"),
        (["-o", "x.svg", "--swath-km", "nan"], "--swath-km"),
        (["-o", "no/such/folder/x.svg"], "x.svg"),
    ],
)
def test_wrong_use_is_one_sentence(tmp_path, plan, capsys, arguments, said, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "picture", plan, *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_search_leaves_its_map_its_curve_and_the_numbers_of_the_curve(tmp_path, sites):
    asked = [
        "plan", "optimise", "--observed", "DEU", "--from", "ETNW", "--sites", sites, "--swath-km", "10", "--steps", "3",
        "--max-km", "1100", *DAY,
    ]  # fmt: skip
    files = {name: tmp_path / name for name in ("map.svg", "curve.svg", "history.json")}
    more = ["--picture", files["map.svg"], "--curve", files["curve.svg"], "--history", files["history.json"]]
    assert main([*asked, *map(str, more)]) == 0
    assert "PRIVATE" in words(ET.parse(files["map.svg"]))
    assert part(ET.parse(files["curve.svg"]), "value") is not None
    told = json.loads(files["history.json"].read_text())
    assert told[-1]["value"] >= 8.0
    assert [m["value"] for m in told] == sorted(m["value"] for m in told)


def test_the_curve_shows_the_value_that_its_gap_belongs_to():
    moments = [Moment(0.5, 1, 6.0), Moment(2.0, 9, 8.5, bound=10.0, gap=0.2)]
    drawn = words(ET.ElementTree(ET.fromstring(value_picture(moments, bound_is="no path is worth more"))))
    assert "through candidate points 8, gap 20.0 %" in drawn
    assert "Proven bound: no path is worth more." in drawn


def test_a_picture_of_another_kind_is_refused_before_the_search(tmp_path, sites, capsys):
    asked = ["plan", "optimise", "--observed", "DEU", "--from", "ETNW", "--sites", sites, "--swath-km", "10"]
    assert main([*asked, "--picture", str(tmp_path / "x.gif")]) == 2
    assert ".svg nor .png" in capsys.readouterr().err
