"""Each dispute under each reading: the findings differ where the Parties do, and say which facts decide."""

import json
import re
from datetime import date

import pytest

from overflight.app import disputes as app
from overflight.app.dispute_cases import CASES
from overflight.errors import BadData, BadInput
from overflight.rules.finding import RULES
from overflight.treaty import disputes
from overflight.treaty.regime import OPEN_SKIES, Regime

HERE = Regime.on(date(2021, 1, 18))
NAMES = [d.name for d in disputes.disputes()]


@pytest.fixture(scope="module")
def run():
    return {name: app.run(HERE, name) for name in NAMES}


def verdicts(found, reading):
    return next(r["verdicts"] for r in found["readings"] if r["name"] == reading)


def test_the_nine_disputes_of_the_issue_are_there():
    assert list(CASES) == NAMES
    assert len(NAMES) == 9


@pytest.mark.parametrize("name", NAMES)
def test_a_dossier_has_facts_sources_two_readings_and_what_would_change_them(run, name):
    found = run[name]
    assert len(found["readings"]) >= 2
    assert found["differ"]
    assert found["sources"]
    assert found["quotes"]
    assert all(r["findings"] for r in found["readings"])
    assert all(c["changes"] for c in found["changes"])
    assert all(f["source"] and f["verified"] for f in found["facts"])
    json.dumps(found, allow_nan=False)
    for cited in found["paragraphs"]:
        assert HERE.paragraph(cited)


@pytest.mark.parametrize("name", NAMES)
def test_most_findings_come_from_registered_rules(run, name):
    rules = {r.name for rules in RULES.values() for r in rules}
    findings = [f for r in run[name]["readings"] for f in r["findings"]]
    if name not in ("crimea-refuelling-airfield",):  # whose territory it is, is no rule of the treaty
        assert any(f["rule"] in rules for f in findings)


def test_words_of_blame_stand_with_a_speaker_only():
    blame = re.compile(r"violat|annex(?!_| [A-L])|occup|pretext", re.I)
    for dossier in disputes.disputes():
        told = [dossier.title, dossier.question, *(f.text for f in dossier.facts), *(v.title for v in dossier.views)]
        assert not [t for t in told if blame.search(t.replace("Annex", ""))]
        assert all(q.speaker and q.source for q in dossier.quotes)


def test_kaliningrad_the_change_is_open_to_russia_on_its_own_reading_only(run):
    found = run["kaliningrad-500km"]
    assert {"AnnE.5.B.3 complies", "VIII.I.4 breaches"} <= set(verdicts(found, "annex_entry"))
    assert {"AnnE.5.B.3 breaches", "VIII.I.4 complies"} <= set(verdicts(found, "notice"))
    for reading in ("annex_entry", "notice"):
        assert {"VI.II.4.A complies", "AnnE.5.A complies", "X.5.b disputed"} <= set(verdicts(found, reading))
    reach = next(f for f in found["readings"][0]["findings"] if f["citation"] == "AnnE.5.A")
    assert 1000 < reach["seen"]["farthest_km"] < 1150  # Kubinka to the far end of the region
    assert reach["limit"] == 1750


@pytest.mark.parametrize(
    ("reading", "verdict"),
    [("none", "disputed"), ("base", "complies"), ("GEO", "complies"), ("self-administered", "breaches")],
)
def test_ten_kilometres_under_each_recognition_setting(run, reading, verdict):
    found = next(r for r in run["abkhazia-south-ossetia-10km"]["readings"] if r["name"] == reading)
    outline = [f for f in found["findings"] if f["rule"] == "keeps_clear_of_disputed_outline"]
    assert {f["seen"]["area"] for f in outline} == {"abkhazia", "south-ossetia"}
    assert {f["verdict"] for f in outline} == {verdict}


def test_crimea_by_recognition_and_by_who_names_it(run):
    found = run["crimea-refuelling-airfield"]
    assert "AnnE.4 disputed" in verdicts(found, "none")
    assert "AnnE.4 breaches" in verdicts(found, "UKR")
    assert "AnnE.4 complies" in verdicts(found, "RUS")


@pytest.mark.parametrize(
    ("name", "closed", "open_"),
    [
        ("exercise-september-2019", "exercise", "hazard"),
        ("closed-sites", "national-security", "airspace"),
        ("chechnya", "closed", "hazard"),
    ],
)
def test_neither_an_exercise_nor_security_is_a_ground(run, name, closed, open_):
    assert {"VIII.I.4 breaches", "VI.II.6.b breaches"} <= set(verdicts(run[name], closed))
    assert set(verdicts(run[name], open_)) == {"VI.II.5 complies", "VI.II.6.b complies", "VIII.I.4 complies"}


def test_what_was_not_published_stays_undetermined(run):
    findings = run["chechnya"]["readings"][2]["findings"]
    assert {m for f in findings for m in f["missing"]} == {"ground", "excludes_observation"}


def test_alaska_and_hawaii_are_measured(run):
    findings = [f for f in run["alaska-hawaii"]["readings"][0]["findings"] if f["citation"] == "AnnE.5.B"]
    km = sorted(f["seen"]["distance_km"] for f in findings)
    assert 600 < km[0] < 1200  # Alaska's nearest point to the States south of Canada
    assert 3500 < km[1] < 4000  # Hawaii


@pytest.mark.parametrize(("day", "verdict"), [(date(2020, 11, 21), "complies"), (date(2020, 11, 22), "breaches")])
def test_data_for_the_united_states_the_day_before_and_on_the_day_it_left(day, verdict):
    found = app.run(HERE, "assurances-onward-passing", on=day)
    assert f"IX.I.4 {verdict}" in found["readings"][0]["verdicts"]


def test_an_unknown_name_gives_near_ones():
    with pytest.raises(BadInput, match="kaliningrad-500km"):
        app.run(HERE, "kaliningrad")


def test_a_dispute_with_one_reading_is_refused_with_its_row(tmp_path):
    text = (OPEN_SKIES / "disputes.toml").read_text("utf-8")
    first = text[: text.index("[[dispute]]", text.index("[[dispute]]") + 1)]
    broken = first[: first.index("[[dispute.reading]]")]
    (tmp_path / "disputes.toml").write_text(broken, "utf-8")
    with pytest.raises(BadData, match=r"disputes.toml, dispute row 1: .*two readings"):
        disputes.disputes(folder=tmp_path)
