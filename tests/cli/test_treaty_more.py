"""`treaty distribute`, `dispute`, `claims --check`, `notices` as people and programs call them."""

import json
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from overflight.app import claims, distribution
from overflight.app.claim_checks import CHECKS
from overflight.app.quota_requests import read_wishes
from overflight.cli.main import main
from overflight.cli.treaty import app
from overflight.errors import BadFile, OverflightError
from overflight.treaty import events
from overflight.treaty.regime import OPEN_SKIES, Regime

YEAR = Regime.on(date(2020, 6, 1))
CSV = """by,over,flights,with
DEU,RUS,3,
DEU,UKR,1,
FRA,BLR,5,
FRA,POL,4,
USA,RUS,40,
USA,UKR,10,CAN
CAN,RUS,6,
POL,UKR,2,
"""


def call(*words, code=0):
    found = CliRunner().invoke(app, [*words, "--json"])
    assert found.exit_code == code, found.output
    return json.loads(found.stdout)


@pytest.fixture
def requests(tmp_path):
    file = tmp_path / "requests.csv"
    file.write_text(CSV, "utf-8")
    return file


# The yearly round


def test_the_round_proposes_three_distributions_with_who_gains_and_loses(requests):
    found = call("distribute", str(requests), "--on", "2020-06-01")
    assert [p["name"] for p in found["proposals"]] == ["as-asked", "proportional", "max-min-fair"]
    clashes = {c["over"]: c["citation"] for c in found["clashes"]}
    assert clashes == {"BLR;RUS": "AnnL.II.3", "POL": "AnnL.II.2", "UKR": "AnnL.II.3"}
    for proposal in found["proposals"]:
        assert proposal["complies"]
        assert all(o["granted"] <= o["may_be"] for o in proposal["overflown"])
        assert sum(r["granted"] for r in proposal["rows"]) == proposal["flights"]
        for row in proposal["rows"]:
            assert row["granted"] == row["asked"] or row["why"]
            assert row["granted"] <= row["asked"]
        for party in proposal["parties"]:
            mine = [r for r in proposal["rows"] if party["code"] in r["by"]]
            assert party["granted"] == sum(r["granted"] for r in mine)
    fair, ratio = (next(p for p in found["proposals"] if p["name"] == n) for n in ("max-min-fair", "proportional"))
    assert fair["smallest_share"] >= ratio["smallest_share"]
    assert {g["code"] for g in fair["gains"]} | {g["code"] for g in fair["loses"]}
    marks = {q["of"]: q["in_force"] for q in found["quotas"]}
    assert marks["BLR;RUS"] == "last known"


def test_members_of_a_group_ask_as_one(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("by,over,flights\nRUS,DEU,2\nBLR,DEU,1\nNLD,RUS,1\n", "utf-8")
    found = call("distribute", str(file), "--on", "2020-06-01")
    rows = {(r["by"][0], r["over"]): r["asked"] for r in found["proposals"][0]["rows"]}
    assert rows == {("BLR;RUS", "DEU"): 3, ("BEL;LUX;NLD", "BLR;RUS"): 1}


def test_the_order_of_the_file_changes_nothing(tmp_path, requests):
    other = tmp_path / "other.csv"
    head, *lines = CSV.strip().splitlines()
    other.write_text("\n".join([head, *reversed(lines)]), "utf-8")
    first, second = (call("distribute", str(f), "--on", "2020-06-01") for f in (requests, other))
    assert first["proposals"] == second["proposals"]
    assert first == call("distribute", str(requests), "--on", "2020-06-01")


def test_half_of_the_quotas_is_told_with_party_and_line_and_cuts_only_where_it_is_wished(requests):
    without = call("distribute", str(requests), "--on", "2020-06-01")
    with_cap = call("distribute", str(requests), "--on", "2020-06-01", "--half-quota")["proposals"]
    assert without["proposals"][2]["flights"] > with_cap[2]["flights"]
    assert any(r["citation"] == "III.I.10" for r in with_cap[2]["rows"])
    assert with_cap[0]["rows"] == without["proposals"][0]["rows"]
    notes = [f for f in without["checks"] if f["citation"] == "III.I.10"]
    assert notes
    assert {f["verdict"] for f in notes} == {"silent"}
    assert all(f["because"].startswith(f["actor"]) and f["where"]["lines"] for f in notes)


def test_what_annex_a_gives_is_granted_as_asked_in_the_first_distribution(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("by,over,flights\nDEU,RUS,3\nDEU,UKR,1\nFRA,POL,5\n", "utf-8")
    found = call("distribute", str(file), "--on", "2002-06-01")
    assert {(r["by"][0], r["over"]): r["granted"] for r in found["proposals"][0]["rows"]} == {
        ("DEU", "BLR;RUS"): 3,
        ("DEU", "UKR"): 1,
        ("FRA", "POL"): 5,  # Annex A itself lets Poland accept five, above three quarters of its six
    }
    annex = {(f["actor"], f["limit"]): f["verdict"] for f in found["checks"] if f["citation"] == "III.I.6"}
    assert annex == {("DEU", 3): "complies", ("DEU", 1): "complies", ("FRA", 0): "silent"}


@pytest.mark.parametrize(("day", "may_be"), [("2005-12-31", 9), ("2006-01-01", 12)])
def test_during_phase_in_three_quarters_of_the_passive_quota(tmp_path, day, may_be):
    file = tmp_path / "r.csv"
    file.write_text("by,over,flights\nDEU,UKR,12\n", "utf-8")
    assert call("distribute", str(file), "--on", day)["clashes"][0]["may_be"] == may_be


def test_a_quota_that_is_not_known_sets_the_request_aside_unless_given(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("by,over,flights\nPOL,BLR,2\nPOL,UKR,2\n", "utf-8")
    found = call("distribute", str(file), "--on", "2022-06-01")
    assert [f["missing"] for f in found["undetermined"]] == [["passive_quota"]]
    assert {r["over"] for r in found["proposals"][0]["rows"]} == {"UKR"}
    given_ = call("distribute", str(file), "--on", "2022-06-01", "--quota", "BLR=4")
    assert given_["undetermined"] == []
    assert next(q["verified"] for q in given_["quotas"] if q["of"] == "BLR") == "set for this run"


def test_the_fallback_names_last_years_distribution_where_it_is_known(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("by,over,flights\nDEU,RUS,40\n", "utf-8")
    known = call("distribute", str(file), "--on", "2003-06-01")["clashes"][0]["fallback"]
    assert known["citation"] == "III.I.7"
    assert known["rows"]
    assert call("distribute", str(file), "--on", "2012-06-01")["clashes"][0]["finding"]["verdict"] == "complies"


HOSTILE = {
    "nothing": ("", 1),
    "a header alone": ("by,over,flights\n", 1),
    "no column of flights": ("by,over\nDEU,RUS\n", 1),
    "a strange column": ("by,over,flights,colour\nDEU,RUS,1,red\n", 1),
    "a column twice": ("by,over,flights,by\nDEU,RUS,1,DEU\n", 1),
    "no number": ("by,over,flights\nDEU,RUS,many\n", 2),
    "nought": ("by,over,flights\nDEU,RUS,0\n", 2),
    "less than nought": ("by,over,flights\nDEU,RUS,-1\n", 2),
    "half a flight": ("by,over,flights\nDEU,RUS,1.5\n", 2),
    "NaN": ("by,over,flights\nDEU,RUS,nan\n", 2),
    "other digits": ("by,over,flights\nDEU,RUS,\u0663\n", 2),
    "too many": ("by,over,flights\nDEU,RUS,99999\n", 2),
    "a State that left": ("by,over,flights\nDEU,RUS,1\nUSA,RUS,1\n", 3),
    "no State": ("by,over,flights\nDEU,RUS,1\n\nDEU,XYZ,1\n", 4),
    "over itself": ("by,over,flights\nBLR,RUS,1\n", 2),
    "twice": ("by,over,flights\nDEU,RUS,1\ndeu,RUS,2\n", 3),
    "a cell too few": ("by,over,flights\nDEU,RUS\n", 2),
    "a cell too many": ("by,over,flights\nDEU,RUS,1,2\n", 2),
    "a long cell": ("by,over,flights\n" + "D" * 300 + ",RUS,1\n", 2),
    "shared with itself": ("by,over,flights,with\nDEU,RUS,1,DEU\n", 2),
    "a zero byte": ("by,over,flights\nDEU,RUS,1\n\0", 3),
    "an open quote": ('by,over,flights\n"DEU,RUS,1\n', 2),
    "a formula": ('by,over,flights\n"=cmd()",RUS,1\n', 2),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_wrong_file_is_refused_with_the_line(case, tmp_path):
    text, line = HOSTILE[case]
    with pytest.raises(BadFile) as error:
        read_wishes(text.encode("utf-8"), Regime.on(date(2021, 6, 1)), name="r.csv")
    assert f"r.csv, line {line}" in error.value.message
    assert error.value.facts["line"] == line


def test_files_that_are_too_large_or_not_utf_8(tmp_path):
    for raw in (b"x" * 1_000_001, b"by,over,flights\n\xff\xfe,RUS,1\n"):
        with pytest.raises(BadFile):
            read_wishes(raw, YEAR)
    many = "by,over,flights\n" + "DEU,RUS,1\n" * 5001
    with pytest.raises(BadFile, match="more than 5000"):
        read_wishes(many.encode(), YEAR)


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: ("by,over,flights\n" + t).encode())))
def test_no_bytes_break_the_reader(raw):
    try:
        read_wishes(raw, YEAR)
    except OverflightError:
        return


def test_other_names_of_columns_and_other_separators_will_do():
    text = "\ufeffObserving;Observed;Flights\ndeu;RUS;2\n"
    assert [(w.observers, w.over, w.flights) for w in read_wishes(text.encode(), YEAR)] == [(("DEU",), "BLR;RUS", 2)]


def test_34_parties_in_less_than_five_seconds():
    regime = Regime.on(date(2020, 6, 1))
    codes = sorted({regime.quota_holder(p.code) for p in regime.parties()})
    assert len(regime.parties()) == 34
    lines = [f'"{a}","{b}",{1 + (i + j) % 3}' for i, a in enumerate(codes) for j, b in enumerate(codes) if a != b]
    began = time.process_time()
    found = distribution.propose(("by,over,flights\n" + "\n".join(lines)).encode(), regime)
    assert time.process_time() - began < 5
    assert all(p["complies"] for p in found["proposals"])


# Disputes


def test_a_dispute_prints_its_readings_side_by_side():
    found = call("dispute", "kaliningrad-500km")
    assert [r["name"] for r in found["readings"]] == ["annex_entry", "notice"]
    assert all(r["findings"] for r in found["readings"])
    assert found["sources"]
    assert found["changes"]
    assert len(call("dispute")) == 9
    shown = CliRunner().invoke(app, ["dispute", "year-2018"]).stdout
    assert "Reading previous-stays" in shown
    assert "What would change the findings" in shown


def test_an_unknown_dispute_is_a_sentence_and_exit_code_2(capsys):
    assert main(["treaty", "dispute", "atlantis"]) == 2
    assert "kaliningrad-500km" in capsys.readouterr().err


# Claims


def test_no_claim_is_contradicted_by_what_the_engine_works_out():
    rows = call("claims", "--check")
    assert {r["id"] for r in rows} == set(CHECKS) == {c.id for c in events.claims()}
    assert [r["id"] for r in rows if r["agrees"] is False] == []
    assert sum(r["agrees"] is True for r in rows) == 26
    for row in rows:
        assert {"id", "verdict", "computed", "citation"} <= row.keys()
        assert row["computed"]["how"] in ("computed", "recorded", "for people")
    json.dumps(rows, allow_nan=False)


@pytest.mark.parametrize(
    ("id", "wrong"),
    [("members-more", "holds"), ("72-hours", "holds"), ("copies", "simplified"), ("inf", "not borne out")],
)
def test_a_claim_with_the_wrong_verdict_on_record_is_seen(tmp_path, id, wrong):
    for file in OPEN_SKIES.rglob("*.toml"):
        copy = tmp_path / file.relative_to(OPEN_SKIES)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    text = (tmp_path / "claims.toml").read_text("utf-8")
    start = text.index(f'id = "{id}"')
    at = text.index('verdict = "', start)
    end = text.index("\n", at)
    (tmp_path / "claims.toml").write_text(f'{text[:at]}verdict = "{wrong}"{text[end:]}', "utf-8")
    rows = call("claims", "--check", "--regime", str(tmp_path), code=1)
    assert [r["id"] for r in rows if r["agrees"] is False] == [id]


def test_a_changed_number_changes_what_is_worked_out(tmp_path):
    for file in OPEN_SKIES.rglob("*.toml"):
        copy = tmp_path / file.relative_to(OPEN_SKIES)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    text = (tmp_path / "numbers.toml").read_text("utf-8")
    at = text.index("is = 72", text.index("[notice_before_arrival]"))
    (tmp_path / "numbers.toml").write_text(text[:at] + "is = 48" + text[at + 7 :], "utf-8")
    rows = call("claims", "--check", "--regime", str(tmp_path), code=1)
    assert "72-hours" in [r["id"] for r in rows if r["agrees"] is False]


def test_where_the_reports_differ_from_each_other_and_from_the_record():
    rows = claims.differences(Regime.on(date(2021, 1, 18)))
    points = {r["point"]: r for r in rows}
    assert len(rows) == 10
    members = points["number of members"]
    assert members["report_a"] != members["report_b"]
    assert "33 Parties" in members["record"]
    assert points["Alaska"]["report_a"] is None
    assert all(r["record"] for r in rows)
    assert all(r["report_a"] or r["report_b"] for r in rows)
    assert points["who was asked for assurances"]["sources"]


# Notices


def test_notices_are_listed_shown_and_mapped(tmp_path):
    assert len(call("notices")) == 49
    one = call("notices", "ack")
    assert [c["id"] for c in one["clocks"]] == ["VI.I.6"]
    text = tmp_path / "mail.txt"
    text.write_text("Dear colleagues, copies of 19 May please.", "utf-8")
    words = [f"--set={n}=x" for n in ("observing", "observed", "flown_on", "sensor", "portion", "medium")]
    whole = call("notices", "DATA-REQ", "--text", str(text), *words)
    assert whole["missing"] == []
    assert whole["frame"] is None
    assert call("notices", "DATA-REQ", "--text", str(text), *words[:-1], code=1)["missing"] == ["medium"]


def test_a_field_that_the_notice_does_not_have_is_refused(capsys):
    assert main(["treaty", "notices", "DATA-REQ", "--set", "colour=red"]) == 2
    assert "flown_on" in capsys.readouterr().err


def test_alliances_and_reports_for_pages():
    rows = call("alliances", "NATO", "--on", "2021-01-15")
    assert sum(r["party"] for r in rows) == 26
    assert {"USA", "ALB"} <= {r["code"] for r in rows if not r["party"]}
    assert len(call("reports")) == 10


def test_what_a_library_prints_while_the_round_is_worked_out_stays_off_standard_output(requests, monkeypatch, capfd):
    import os

    real = distribution.propose

    def noisy(*args, **more):
        os.write(1, b"a stray line of a library\n")
        return real(*args, **more)

    monkeypatch.setattr(distribution, "propose", noisy)
    assert main(["treaty", "distribute", str(requests), "--on", "2020-06-01", "--json"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["year"] == 2020
    assert "stray line" in err
