"""`overflight plan export`, `import`, `sites`, `negotiate`: what they print, exit codes, one sentence for bad input."""

import csv
import io
import json

import pytest

from overflight.cli.main import main

DAY = ["--on", "2021-05-17"]
LINE = [[9.4272, 52.4573], [9.9, 52.6], [10.6, 52.5], [10.4, 51.9], [9.4272, 52.4573]]
PLAN = {
    "type": "Feature",
    "geometry": {"type": "LineString", "coordinates": LINE},
    "properties": {
        "observed": "DEU", "start_airfield": "ETNW", "end_airfield": "ETNW", "take_off": "2021-05-18T14:00:00Z",
        "submitted_at": "2021-05-17T14:00:00Z", "ground_speed_kmh": 400,
    },
}  # fmt: skip
SITES = "name,lon,lat,value\nSECRET one,9.9,52.6,3\nSECRET two,10.6,52.5,123456789\nabroad,2.3,48.8,1\n"


@pytest.fixture
def plan(tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(PLAN))
    return str(file)


@pytest.fixture
def sites(tmp_path):
    file = tmp_path / "sites.csv"
    file.write_text(SITES)
    return str(file)


def change_file(tmp_path, **fields):
    file = tmp_path / "change.json"
    file.write_text(json.dumps({"ground": "weather", "reason": "icing", **fields}))
    return str(file)


@pytest.mark.parametrize("kind", ["geojson", "kml", "gpx", "fpl"])
def test_what_is_exported_is_imported_again(tmp_path, plan, capsys, kind):
    out, back = tmp_path / f"out.{kind}", tmp_path / "back.json"
    assert main(["plan", "export", plan, "--to", kind, "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(out), "kind": kind, "bytes": out.stat().st_size}
    assert main(["plan", "import", str(out), "-o", str(back), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(back.read_text())
    assert found["properties"]["observed"] == "DEU"
    apart = [
        abs(a - b)
        for p, q in zip(found["geometry"]["coordinates"], LINE, strict=True)
        for a, b in zip(p, q, strict=True)
    ]
    assert max(apart) <= (0.5 / 60 + 1e-9 if kind == "fpl" else 1e-7)


def test_a_paper_plan_is_written(tmp_path, plan):
    out = tmp_path / "plan.pdf"
    assert main(["plan", "export", plan, "--to", "pdf", "-o", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    "args",
    [
        ["export", "{plan}", "--to", "doc", "-o", "{out}"],
        ["export", "{nothing}", "--to", "kml", "-o", "{out}"],
        ["export", "{plan}", "--to", "kml", "-o", "{nothing}/x.kml"],
        ["import", "{nothing}", "-o", "{out}"],
        ["import", "{sites}", "-o", "{out}"],
        ["sites", "{plan}", "--swath-km", "5"],
        ["sites", "{plan}", "--sites", "{sites}"],
        ["sites", "{plan}", "--sites", "{sites}", "--swath-km", "nan"],
        ["sites", "{plan}", "--sites", "{sites}", "--swath-km", "5", "--stage", "soon"],
        ["sites", "{plan}", "--sites", "{sites}", "--swath-km", "5", "--csv", "--ics"],
        ["sites", "{plan}", "--sites", "{sites}", "--swath-km", "5", "-o", "{out}"],
        ["sites", "{plan}", "--sites", "{sites}", "--swath-km", "5", "--speed-tolerance", "100"],
        ["sites", "{plan}", "--sites", "{sites}", "--swath-km", "5", "--time-tolerance", "-1"],
        ["sites", "{plan}", "--sites", "{sites}", "--sensor", "no-such", "--height-m", "1000"],
        ["sites", "{plan}", "--sites", "{sites}", "--swath-km", "5", "--pdf"],
        ["sites", "{plan}", "--sites", "{sites}", "--stage", "clear"],
        ["sites", "{plan}", "--sites", "{sites}", "--stage", "clear", "--completed", "soon"],
        ["sites", "--sites", "{sites}", "--swath-km", "5"],
        ["sites", "--sites", "{sites}", "--stage", "notice", "--observed", "DEU"],
        ["sites", "--sites", "{sites}", "--stage", "notice", "--observed", "DEU", "--from", "ZZZZ"],
        ["sites", "--sites", "{sites}", "--stage", "notice", "--observed", "XXX", "--from", "ETNW"],
        ["sites", "{plan}", "--sites", "{nothing}", "--swath-km", "5"],
        ["negotiate", "{plan}", "{nothing}"],
        ["negotiate", "{plan}", "{sites}"],
        ["negotiate", "{plan}", "{plan}"],
        ["negotiate", "{plan}", "{change}", "--sites", "{sites}"],
        ["negotiate", "{plan}", "{change}", "--sites", "{sites}", "--swath-km", "5", "--steps", "0"],
        ["negotiate", "{plan}", "{change}", "--sites", "{sites}", "--swath-km", "5", "--max-km", "5000"],
    ],
)
def test_wrong_use_exits_2_with_one_sentence_and_writes_nothing(tmp_path, plan, sites, capsys, args):
    out = tmp_path / "out"
    names = {
        "plan": plan, "sites": sites, "out": str(out), "nothing": str(tmp_path / "none"),
        "change": change_file(tmp_path, cut=[3]),
    }  # fmt: skip
    before = sorted(p.name for p in tmp_path.iterdir())
    extra = DAY if args[0] in ("sites", "negotiate") else []
    assert main(["plan", *[a.format(**names) for a in args], *extra]) == 2
    captured = capsys.readouterr()
    assert len(captured.err.strip().splitlines()) == 1
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_owners_get_rows_csv_and_a_calendar(tmp_path, plan, sites, capsys):
    asked = ["plan", "sites", plan, "--sites", sites, "--swath-km", "5", *DAY]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [r["site"] for r in found["rows"]] == ["SECRET one", "SECRET two"]
    assert found["tolerances"]["speed_percent"] == 5.0
    assert found["not_in_view"] == 1
    assert main([*asked, "--csv"]) == 0
    text = capsys.readouterr().out
    assert [r["from"] for r in csv.DictReader(io.StringIO(text))] == [r["from"] for r in found["rows"]]
    assert "123456789" not in text
    out = tmp_path / "sites.ics"
    assert main([*asked, "--ics", "-o", str(out), "--stage", "agreed"]) == 0
    assert out.read_text().startswith("BEGIN:VCALENDAR")
    capsys.readouterr()
    assert main(asked) == 0
    assert "may still change" in capsys.readouterr().out


def test_owners_get_paper_and_the_all_clear(tmp_path, plan, sites, capsys):
    asked, out = ["plan", "sites", plan, "--sites", sites, *DAY], tmp_path / "sites.pdf"
    for stage in (["--swath-km", "5"], ["--stage", "clear", "--completed", "2021-05-18T15:10Z"]):
        assert main([*asked, *stage, "--pdf", "-o", str(out)]) == 0
        assert out.read_bytes().startswith(b"%PDF-")
        assert b"123456789" not in out.read_bytes()
    capsys.readouterr()
    assert main([*asked, "--stage", "clear", "--completed", "2021-05-18T15:10Z"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("All clear")
    assert said.count("2021-05-18T15:10:00Z") == 3


def test_at_the_notice_no_plan_is_needed_and_none_is_claimed(sites, capsys):
    asked = ["plan", "sites", "--stage", "notice", "--observed", "DEU", "--from", "ETNW", "--sites", sites, *DAY]
    assert main([*asked, "--eta", "2021-05-17T08:00Z"]) == 0
    said = capsys.readouterr().out
    assert "No route is known" in said
    assert "2021-05-21T08:00:00Z" in said
    assert "sites left out, outside the territory: 1 (" in said


def test_a_permitted_change_that_keeps_the_plan_legal_exits_0(tmp_path, plan, capsys):
    assert main(["plan", "negotiate", plan, change_file(tmp_path, take_off="2021-05-18T16:00Z"), *DAY]) == 0
    said = capsys.readouterr().out
    assert "permitted; the changed plan complies" in said
    assert "agreement until 2021-05-17T22:00:00Z" in said
    assert "SECRET" not in said


def test_a_ground_that_is_not_permitted_exits_1(tmp_path, plan, capsys):
    asked = ["plan", "negotiate", plan, change_file(tmp_path, ground="other", cut=[3]), *DAY, "--json"]
    assert main(asked) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["permitted"], found["complies"]) == (False, True)
    assert "value_lost" not in found


def test_with_sites_the_cost_and_the_offers_are_printed(tmp_path, plan, sites, capsys):
    asked = ["plan", "negotiate", plan, change_file(tmp_path, cut=[3]), "--sites", sites, "--swath-km", "5", *DAY]
    assert main([*asked, "--steps", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["value_lost"], found["sites_lost"]) == (123456789.0, ["SECRET two"])
    assert len(found["alternatives"]) == 3
    assert main([*asked, "--steps", "2"]) == 0
    said = capsys.readouterr().out
    assert "Only for your own side" in said
    assert "as_submitted" in said


def test_the_offers_are_written_as_plans_without_sites_and_none_is_replaced(tmp_path, plan, sites, capsys):
    asked = ["plan", "negotiate", plan, change_file(tmp_path, cut=[3]), *DAY, "--steps", "2"]
    private = [*asked, "--sites", sites, "--swath-km", "5"]
    out = tmp_path / "offers"
    assert main([*private, "-o", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    names = ["as_submitted", "changed", "most_regained", "no_longer", "repaired"]
    assert sorted(file.stem for file in out.iterdir()) == names
    for offer in (found["repaired"], *found["alternatives"]):
        text = (out / f"{offer['name']}.json").read_text()
        assert json.loads(text) == offer["plan"]
        assert "SECRET" not in text
    assert main([*private, "-o", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*asked, "-o", str(tmp_path / "theirs.json")]) == 0
    assert (tmp_path / "theirs-changed.json").is_file()
    assert str(tmp_path / "theirs-changed.json") in capsys.readouterr().out


def test_a_place_that_cannot_be_written_is_refused_before_any_search(tmp_path, plan, sites, capsys, monkeypatch):
    def never(*_, **__):
        raise AssertionError

    monkeypatch.setattr("overflight.app.plan_optimise.plan", never)
    monkeypatch.setattr("overflight.app.plan_negotiate.negotiate", never)
    nowhere = str(tmp_path / "nowhere" / "out.json")
    search = ["plan", "optimise", "--observed", "DEU", "--from", "ETNW", "--sites", sites, "--swath-km", "5", *DAY]
    for option in ("-o", "--history"):
        assert main([*search, option, nowhere]) == 2
        assert "cannot be written" in capsys.readouterr().err
    assert main([*search, "-o", str(tmp_path)]) == 2
    (tmp_path / "file").write_text("in the way")
    negotiate = ["plan", "negotiate", plan, change_file(tmp_path, cut=[3]), *DAY]
    assert main([*negotiate, "-o", str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_plan_that_cannot_be_written_after_all_is_on_the_screen(tmp_path, sites, capsys, monkeypatch):
    from overflight.errors import BadFile

    def full(*_, **__):
        raise BadFile("no space is left", field="-o")

    monkeypatch.setattr("overflight.planning.planfile.write_plan", full)
    search = ["plan", "optimise", "--observed", "DEU", "--from", "ETNW", "--sites", sites, "--swath-km", "5", *DAY]
    for json_, key in ([], "geometry"), (["--json"], "value"):
        assert main([*search, "--steps", "2", "-o", str(tmp_path / "plan.json"), *json_]) == 2
        said = capsys.readouterr()
        assert key in json.loads(said.out)
        assert "no space is left" in said.err
