"""`overflight plan campaign`: the quota with its paragraph, partners by consent, and what each may know."""

import json
from types import SimpleNamespace

import pytest

from overflight.app.plan_campaign import Partner, consent_from
from overflight.cli.main import main
from overflight.errors import BadInput

RUN = ["--steps", "4", "--rounds", "1"]
YEAR = """
observed = "DEU"
observing = "RUS"
from = "ETNW"
swath_km = 10
max_km = 400
flown = {flown}
[[flight]]
name = "spring"
on = 2003-04-01
[[flight]]
name = "autumn"
on = "2003-10-01"
"""
PARTNERS = """
[[partner]]
code = "RUS"
sites = "ours.csv"
[[partner]]
code = "BLR"
sites = "theirs.csv"
weight = 2
{consent}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ours.csv").write_text("name,lon,lat,value\nOURS one,9.5,53.4,3\nOURS two,9.55,52.6,5\n")
    (tmp_path / "theirs.csv").write_text("name,lon,lat,value\nTHEIRS one,9.7,51.4,300\nTHEIRS two,9.8,53.3,100\n")
    return tmp_path


def campaign(folder, text, *more):
    file = folder / "year.toml"
    file.write_text(text)
    return main(["plan", "campaign", str(file), *RUN, *more])


def test_flights_within_the_quota_are_planned_and_written(folder, capsys):
    text = YEAR.format(flown=1).replace("from", 'sites = "ours.csv"\nfrom', 1)
    assert campaign(folder, text, "--json", "-o", str(folder / "plans")) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["value"] == 8
    (year,) = found["quota"]
    # The first flight observes everything; the second has no plan and uses no quota.
    assert (year["quota"], year["flown"], year["planned"], year["without_plan"], year["remaining"]) == (3, 1, 1, 1, 1)
    assert [row["plan"] is None for row in found["flights"]] == [False, True]
    assert [f["seen"]["used"] for f in year["findings"] if f["citation"] == "III.I.8"] == [1]
    first = folder / "plans" / "plan-01-spring.json"
    assert "OURS" not in first.read_text()
    assert main(["plan", "check", str(first), "--on", "2003-04-01"]) == 0


def test_one_flight_more_than_the_quota_is_a_finding_with_its_paragraph(folder, capsys):
    text = YEAR.format(flown=3).replace("from", 'sites = "ours.csv"\nfrom', 1)
    assert campaign(folder, text, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    breach = [f for f in found["quota"][0]["findings"] if f["verdict"] == "breaches"]
    assert [f["citation"] for f in breach] == ["III.I.8"]
    assert found["quota"][0]["remaining"] == -1


def test_a_year_without_a_known_distribution_is_undetermined_until_a_quota_is_given(folder, capsys):
    options = [
        "plan", "campaign", "--flights", "1", "--observed", "DEU", "--observing", "RUS", "--from", "ETNW", "--sites",
        str(folder / "ours.csv"), "--swath-km", "10", "--max-km", "400", "--on", "2021-05-17", "--json", *RUN,
    ]  # fmt: skip
    assert main(options) == 0
    assert json.loads(capsys.readouterr().out)["quota"][0]["quota"] is None
    assert main([*options, "--quota", "2", "--flown", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["quota"][0]["remaining"] == 0
    assert main([*options, "--quota", "1", "--flown", "1"]) == 1
    capsys.readouterr()


def test_a_partners_list_needs_its_consent(folder, capsys):
    assert campaign(folder, YEAR.format(flown=0) + PARTNERS.format(consent="")) == 2
    said = capsys.readouterr().err
    assert "BLR" in said
    assert "consent" in said


def test_a_list_other_than_the_one_consented_to_is_refused(folder, capsys):
    consent = f'consent = "letter 12"\nsha256 = "{"0" * 64}"'
    assert campaign(folder, YEAR.format(flown=0) + PARTNERS.format(consent=consent)) == 2
    assert "SHA-256" in capsys.readouterr().err


def test_lists_are_brought_to_one_total_before_their_weights(folder, capsys):
    text = YEAR.format(flown=0) + PARTNERS.format(consent='consent = "letter 12"')
    assert campaign(folder, text, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["total_value"] == pytest.approx(300)
    assert [p["share"] for p in found["partners"]] == [1.0, 1.0]
    assert found["partners"][1]["consent"] == "letter 12"


def test_a_partner_learns_of_its_own_sites_only(folder, capsys):
    text = YEAR.format(flown=0) + PARTNERS.format(consent='consent = "letter 12"')
    assert campaign(folder, text, "--for", "BLR", "--json") == 0
    out = capsys.readouterr()
    found = json.loads(out.out)
    assert [s["site"] for s in found["own"]["sites"]] == ["THEIRS one", "THEIRS two"]
    assert found["own"]["value"] == 400
    assert found.keys() == {"private", "told_to", "observed", "observing", "complies", "flights", "own"}
    assert all("value" not in row and "adds" not in row for row in found["flights"])
    assert "OURS" not in out.out + out.err
    assert "value" not in out.err


def test_a_consent_named_as_a_record_has_to_be_signed_by_that_partner():
    signed = {"rid-of-BLR": "BLR", "rid-of-FRA": "FRA"}
    node = SimpleNamespace(record=lambda rid: SimpleNamespace(record=SimpleNamespace(from_=signed[rid])))
    consent_from(Partner("BLR", (), consent="rid-of-BLR"), node)
    with pytest.raises(BadInput, match="signed by FRA"):
        consent_from(Partner("BLR", (), consent="rid-of-FRA"), node)


def test_only_a_partner_can_be_told(folder, capsys):
    text = YEAR.format(flown=0) + PARTNERS.format(consent='consent = "letter 12"')
    assert campaign(folder, text, "--for", "FRA") == 2
    assert "RUS, BLR" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "observed"),
        ("observed = [", "no TOML"),
        ('observed = "DEU"\nobserving = "RUS"\nsites = "ours.csv"\n', "flight"),
        ('observed = "DEU"\nobservng = "RUS"\n', "observing"),
        (f'sites = "ours.csv"{YEAR.format(flown=-1)}', "flown"),
        (f'sites = "ours.csv"{YEAR.format(flown=0)}'.replace("max_km = 400", "max_km = nan"), "max_km"),
        (YEAR.format(flown=0).replace("from", 'sites = "none.csv"\nfrom', 1), "none.csv"),
        (YEAR.format(flown=0).replace("2003-10-01", "soon").replace("from", 'sites = "ours.csv"\nfrom', 1), "on"),
    ],
)
def test_a_broken_file_is_one_sentence(folder, capsys, text, said):
    assert campaign(folder, text) == 2
    assert said in capsys.readouterr().err


def test_the_screen_says_how_many_plans_were_written(folder, capsys):
    text = YEAR.format(flown=1).replace("from", 'sites = "ours.csv"\nfrom', 1)
    assert campaign(folder, text, "-o", str(folder / "plans")) == 0
    said = capsys.readouterr().out
    assert "1 planned here, 1 left" in said
    assert "1 flights have no plan and use no quota" in said
    assert "1 plans of 2 flights written to" in said


def test_a_place_that_cannot_be_written_is_refused_before_the_search(folder, capsys):
    text = YEAR.format(flown=1).replace("from", 'sites = "ours.csv"\nfrom', 1)
    (folder / "file").write_text("in the way")
    assert campaign(folder, text, "-o", str(folder / "file")) == 2
    said = capsys.readouterr()
    assert "cannot be written" in said.err
    assert "round" not in said.err
