"""`--regions`, `--range-km` and `--swath ID=KM` where plans are weighed: compare, negotiate, campaign, picture."""

import hashlib
import json
import os

import pytest

from overflight.app import campaign_file
from overflight.cli.main import main
from overflight.planning import warm

DAY = ["--on", "2021-05-17"]
HOME, NORTH, EAST, SOUTH = [9.4272, 52.4573], [9.9, 52.6], [10.6, 52.5], [10.4, 51.9]
BOX = [[10.3, 52.3], [10.9, 52.3], [10.9, 52.7], [10.3, 52.7], [10.3, 52.3]]
SITES = "name,lon,lat,value,required,group,instrument\nnear,9.9,52.6,3,,,\nwide,10.2,52.3,5,,,AFA-41-10\n"
CAMPAIGN = ["--observed", "DEU", "--observing", "RUS", "--from", "ETNW", "--max-km", "300", "--steps", "3",
            "--rounds", "0", "--quota", "3"]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    def plan(name, *points):
        uses = {"observed": "DEU", "start_airfield": "ETNW", "end_airfield": "ETNW", "ground_speed_kmh": 400,
                "take_off": "2021-05-18T14:00:00Z", "submitted_at": "2021-05-17T14:00:00Z"}  # fmt: skip
        line = {"type": "LineString", "coordinates": [HOME, *points, HOME]}
        (tmp_path / name).write_text(json.dumps({"type": "Feature", "geometry": line, "properties": uses}))

    plan("plan.json", NORTH, EAST, SOUTH)
    plan("short.json", NORTH, SOUTH)
    (tmp_path / "sites.csv").write_text(SITES)
    return tmp_path


def regions(folder, **properties):
    row = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [BOX]}, "properties": properties}
    (folder / "regions.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [row]}))
    return str(folder / "regions.geojson")


def change(folder, **fields):
    (folder / "change.json").write_text(json.dumps({"ground": "weather", **fields}))
    return str(folder / "change.json")


def ask(capsys, *words):
    code = main(["plan", *words, "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


# --swath ID=KM: a site that names an instrument is seen with that instrument's width


def test_compare_sees_a_site_with_the_width_of_its_instrument(folder, capsys):
    asked = ["compare", str(folder / "plan.json"), str(folder / "short.json"), "--sites", str(folder / "sites.csv"),
             "--swath-km", "10", *DAY]  # fmt: skip
    code, found, _ = ask(capsys, *asked, "--swath", "AFA-41-10=10")
    assert (code, found["first"]["value"]) == (0, 3.0)
    assert ask(capsys, *asked, "--swath", "AFA-41-10=80")[1]["first"]["value"] == 8.0
    code, found, _ = ask(capsys, *asked)
    assert code == 2
    assert "--swath AFA-41-10=KM" in found["error"]["detail"]


def test_negotiate_weighs_and_repairs_with_the_width_of_the_instrument(folder, capsys):
    asked = ["negotiate", str(folder / "plan.json"), change(folder, cut=[3]), "--sites", str(folder / "sites.csv"),
             "--swath-km", "10", "--steps", "2", *DAY]  # fmt: skip
    _, found, _ = ask(capsys, *asked, "--swath", "AFA-41-10=60")
    assert (found["value_before"], found["sites_lost"]) == (8.0, [])
    assert found["repaired"]["value_after"] == 8.0
    assert ask(capsys, *asked, "--swath", "AFA-41-10=5")[1]["value_before"] == 3.0


def test_a_campaign_by_options_and_by_file_takes_the_width_of_an_instrument(folder, capsys):
    asked = ["campaign", "--flights", "1", *CAMPAIGN, "--sites", str(folder / "sites.csv"), "--swath-km", "10", *DAY]
    code, found, _ = ask(capsys, *asked, "--swath", "AFA-41-10=4")
    assert (code, found["value"]) == (0, 8.0)
    code, found, _ = ask(capsys, *asked)
    assert code == 2
    assert "--swath AFA-41-10=KM" in found["error"]["detail"]


def test_a_picture_fills_a_site_that_its_instrument_sees(folder):
    def drawn(width):
        file = folder / "map.svg"
        words = ["plan", "picture", str(folder / "plan.json"), "--sites", str(folder / "sites.csv"), "--swath-km", "10"]
        assert main([*words, "--swath", f"AFA-41-10={width}", "-o", str(file), *DAY]) == 0
        return "sites-not-observed" in file.read_text()

    assert drawn(4)
    assert not drawn(80)


# --regions and --range-km: a planner's own conditions, packaged regions too


@pytest.mark.parametrize(("km", "kept"), [(500, True), (10, False)])
def test_the_changed_plan_is_held_against_a_sub_limit(folder, capsys, km, kept):
    named = regions(folder, kind="sub_limit", max_km=km, name="R")
    code, found, _ = ask(
        capsys, "negotiate", str(folder / "short.json"), change(folder, move=[{"point": 2, "to": EAST}]),
        "--regions", named, *DAY,
    )  # fmt: skip
    assert found["conditions_kept"] is kept
    assert code == (0 if kept else 1)
    assert [f["rule"] for f in found["conditions"]] == ["within_sub_limits"]


@pytest.mark.parametrize(("km", "kept"), [(225, False), (240, True)])
def test_the_range_is_held_against_the_changed_plan_not_the_submitted_one(folder, capsys, km, kept):
    asked = ["negotiate", str(folder / "short.json"), change(folder, move=[{"point": 2, "to": EAST}]), *DAY]
    code, found, _ = ask(capsys, *asked, "--range-km", str(km))
    (row,) = found["conditions"]
    assert (row["rule"], row["verdict"]) == ("within_range", "complies" if kept else "breaches")
    assert row["seen"]["longest_km"] == pytest.approx(found["length_km"], abs=0.001)
    assert found["length_before_km"] < 225
    assert code == (0 if kept else 1)


def test_repairs_and_offers_keep_the_regions(folder, capsys):
    named = regions(folder, kind="closed", name="R")
    code, found, _ = ask(
        capsys, "negotiate", str(folder / "plan.json"), change(folder, height_agl_m=2500), "--regions", named,
        "--sites", str(folder / "sites.csv"), "--swath-km", "10", "--swath", "AFA-41-10=10", "--steps", "3", *DAY,
    )  # fmt: skip
    assert code == 1
    assert found["conditions_kept"] is False
    assert found["repaired"]["conditions_kept"] is True
    offers = {row["name"]: row["conditions_broken"] for row in found["alternatives"] if row["plan"]}
    assert offers["as_submitted"] == ["outside_closed_areas"]
    assert offers["no_longer"] == offers["most_regained"] == []


def test_the_hours_of_an_area_are_those_of_the_changed_plan(folder, capsys):
    """Over the box from some 13 to 21 minutes after 14:00; the proposed start is two hours later."""
    named = regions(folder, kind="closed", name="R", to="2021-05-18T15:00:00Z")
    first = ask(capsys, "check", str(folder / "plan.json"), "--regions", named, *DAY)[1]
    assert first["conditions_kept"] is False
    later = change(folder, take_off="2021-05-18T16:00:00Z")
    assert ask(capsys, "negotiate", str(folder / "plan.json"), later, "--regions", named, *DAY)[1]["conditions_kept"]


def test_compare_says_which_plan_keeps_the_conditions(folder, capsys):
    named = regions(folder, kind="closed", name="R")
    both = ["compare", str(folder / "plan.json"), str(folder / "short.json"), *DAY]
    _, found, _ = ask(capsys, *both, "--regions", named, "--range-km", "230")
    assert found["first"]["conditions_broken"] == ["outside_closed_areas", "within_range"]
    assert (found["second"]["conditions_kept"], found["second"]["conditions_broken"]) == (True, [])
    assert "conditions_kept" not in ask(capsys, *both)[1]["first"]
    assert main(["plan", *both, "--regions", named]) == 0
    assert "outside_closed_areas" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["compare", "negotiate", "picture", "campaign"])
def test_packaged_regions_are_named_and_unknown_ones_refused_with_the_list(folder, capsys, command):
    plan = str(folder / "plan.json")
    words = {
        "compare": ["compare", plan, plan],
        "negotiate": ["negotiate", plan, change(folder, cut=[3])],
        "picture": ["picture", plan, "-o", str(folder / "map.svg")],
        "campaign": ["campaign", "--flights", "1", *CAMPAIGN, "--sites", "airports:DEU", "--swath-km", "10"],
    }[command]
    code, _, err = ask(capsys, *words, "--regions", "kaliningrad-500km", "--on", "2019-06-01")
    assert code == 0, err
    assert "held by Russia" in err
    code, found, _ = ask(capsys, *words, "--regions", "nowhere", "--on", "2019-06-01")
    assert code == 2
    assert "kaliningrad-500km" in found["error"]["detail"]


# Campaign files: regions beside the file or packaged; a list is used as it was when its digest was taken


def campaign(folder, more="", flight="", partners=""):
    text = (
        'observed = "DEU"\nobserving = "RUS"\nfrom = "ETNW"\nswath_km = 10\nmax_km = 300\nquota = 3\n'
        + (f"{more}\n" if more else "")
        + f"[[flight]]\non = 2021-05-17\n{flight}\n{partners}"
    )
    (folder / "year.toml").write_text(text)
    return ["campaign", str(folder / "year.toml"), "--steps", "3", "--rounds", "0"]


def test_a_campaign_file_names_regions_beside_it_and_packaged_ones(folder, capsys, monkeypatch):
    monkeypatch.chdir("/")
    (folder / "plain.csv").write_text("name,lon,lat,value\nin,10.6,52.5,5\nout,9.9,52.2,1\n")
    regions(folder, kind="closed", name="R")
    words = campaign(folder, 'sites = "plain.csv"', 'regions = ["regions.geojson", "kaliningrad-500km"]')
    code, found, err = ask(capsys, *words)
    assert (code, found["value"]) == (0, 1.0)
    (row,) = found["flights"]
    assert row["conditions_kept"] is True
    assert {f["rule"] for f in row["conditions"]} == {"outside_closed_areas", "within_sub_limits"}
    assert "held by Russia" in err
    assert found["notes"][0] in err
    code, found, _ = ask(capsys, *campaign(folder, 'sites = "plain.csv"', 'regions = "none.geojson"'))
    assert code == 2
    assert found["error"]["field"] == "flight[1].regions"


@pytest.mark.parametrize("option", [["--swath", "AFA-41-10=4"], ["--regions", "x"], ["--range-km", "9"]])
def test_what_belongs_into_the_file_is_not_silently_left_out(folder, capsys, option):
    code, found, _ = ask(capsys, *campaign(folder, 'sites = "sites.csv"'), *option)
    assert code == 2
    assert f"{option[0]} goes into the campaign's file" in found["error"]["detail"]


PARTNERS = """
[[partner]]
code = "RUS"
sites = "{ours}"
[[partner]]
code = "BLR"
sites = "{theirs}"
consent = "letter 12"
sha256 = "{digest}"
"""


def test_a_digest_beside_airports_is_refused(folder, capsys):
    partners = PARTNERS.format(ours="airports:DEU", theirs="airports:DEU", digest="0" * 64)
    code, found, _ = ask(capsys, *campaign(folder, partners=partners))
    assert code == 2
    assert found["error"]["field"] == "partner[2].sha256"
    assert "airports:DEU" in found["error"]["detail"]


def test_the_list_that_is_planned_with_is_the_one_whose_digest_was_checked(folder, capsys, monkeypatch):
    """The file is exchanged the moment after it was read: another list must not slip in under the same consent."""
    agreed = b"name,lon,lat,value\nagreed,9.9,52.6,3\n"
    (folder / "theirs.csv").write_bytes(agreed)
    (folder / "ours.csv").write_text("name,lon,lat,value\nours,9.6,52.5,3\n")
    read = campaign_file.bytes_of

    def then_exchanged(path):
        raw = read(path)
        if path.name == "theirs.csv":
            path.write_text("name,lon,lat,value\nother,10.4,51.9,3\n")
        return raw

    monkeypatch.setattr(campaign_file, "bytes_of", then_exchanged)
    digest = hashlib.sha256(agreed).hexdigest()
    words = campaign(folder, partners=PARTNERS.format(ours="ours.csv", theirs="theirs.csv", digest=digest))
    code, found, _ = ask(capsys, *words, "--for", "BLR")
    assert code == 0
    assert [row["site"] for row in found["own"]["sites"]] == ["agreed"]


def test_a_partners_list_that_is_not_there_is_named(folder, capsys):
    partners = PARTNERS.format(ours="sites.csv", theirs="none.csv", digest="0" * 64)
    code, found, _ = ask(capsys, *campaign(folder, partners=partners))
    assert code == 2
    assert "none.csv" in found["error"]["detail"]


# The planner's machine code on disk


def test_machine_code_of_old_texts_is_deleted_but_the_newest_two_and_other_packages(tmp_path):
    def made(name, package, hours_ago):
        folder = tmp_path / f"loops-{name}"
        folder.mkdir()
        (folder / warm.READY).write_text(package)
        for one in (folder / warm.READY, folder):
            os.utime(one, (100_000 - 3600 * hours_ago,) * 2)
        return folder

    oldest, older = made("a", "swath", 30), made("b", "swath", 20)
    last, new = made("c", "swath", 10), made("d", "swath", 0)
    other = made("e", "bound", 40)
    warm.prune(new, "swath", now=lambda: 100_000.0)
    assert [one.exists() for one in (oldest, older, last, new, other)] == [False, False, True, True, True]
    made("f", "swath", -1)
    made("g", "swath", -2)
    warm.prune(tmp_path / "loops-g", "swath", now=lambda: 100_000.0 + 1800)
    assert new.exists()  # it was in use less than an hour ago
    assert not last.exists()
