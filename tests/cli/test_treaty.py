"""`overflight treaty`: one JSON document, marks visible for people, one sentence and exit 2 for bad input."""

import json

import pytest

from overflight.cli.main import main

ROW = {"value", "unit", "of", "by", "since", "until", "source", "verified", "in_force"}


@pytest.fixture
def ask(capsys):
    def run(line: str) -> object:
        assert main(["treaty", *line.split(), "--json"]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return run


@pytest.mark.parametrize(
    ("day", "number"),
    [("2001-12-31", 0), ("2002-01-01", 26), ("2020-11-21", 34), ("2021-01-18", 33), ("2021-12-18", 32)],
)
def test_parties_of_a_day(ask, day, number):
    rows = ask(f"parties --on {day}")
    assert len(rows) == number
    for row in rows:
        assert {"code", "name", "since", "until", "group", "source"} <= set(row)


def test_on_18_january_2021_russia_is_a_party_and_the_united_states_is_not(ask):
    codes = {row["code"] for row in ask("parties --on 2021-01-18")}
    assert "RUS" in codes
    assert "USA" not in codes


def test_the_default_day_is_today(ask):
    assert len(ask("parties")) == 32


@pytest.mark.parametrize(
    "line",
    [
        "quotas --on 2002-06-01",
        "airfields --on 2021-01-18",
        "airfields --on 2021-01-18 --party rus",
        "airfields --on 2021-01-18 --role refuelling",
        "value border_clearance",
        "value passive_quota --of RUS --on 2021-01-18",
        "value resolution_limit --of radar",
        "value active_quota --by DEU --on 2002-06-01",
    ],
)
def test_dated_rows_carry_their_source_and_both_marks(ask, line):
    rows = ask(line)
    assert rows
    for row in rows:
        assert set(row) >= ROW
        assert row["source"]


def test_a_reading_switches_the_distance(ask):
    line = "value max_flight_distance --of UUMB --on 2021-01-18"
    assert ask(line)[0]["value"] == 5000
    row = ask(f"{line} --reading distance_source=reported")[0]
    assert row["value"] == 5500
    assert [o["value"] for o in row["others"]] == [5000]


def test_show_timeline_instruments_claims(ask):
    assert {"citation", "summary", "rules", "deadlines", "cases", "readings", "sources"} <= set(ask("show VI.II.6"))
    assert all(r["date"][:4] == "2021" for r in ask("timeline --from 2021-01-01 --to 2021-12-31"))
    assert {r["id"]: r["status"] for r in ask("instruments --on 2021-01-18")}["INF"] == "ended"
    assert len(ask("claims")) == 41
    assert "distance_source" in {r["name"] for r in ask("readings")}
    assert "border_clearance" in {r["name"] for r in ask("values")}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("parties --on 2021-02-30", "is no date"),
        ("parties --on yesterday", "YYYY-MM-DD"),
        ("airfields --party XYZ", "XYZ"),
        ("airfields --party RUS --on 2022-01-01", "until 2021-12-18"),
        ("value passive_quota --of XYZ", "has no value"),
        ("value border_clearanse", "border_clearance"),
        ("show VI.II.99", "no paragraph"),
        ("show nonsense", "no paragraph"),
        ("timeline --actor Atlantis", "Atlantis"),
        ("timeline --from 2021-02-01 --to 2021-01-01", "after --to"),
        ("parties --reading distance_source", "NAME=VALUE"),
        ("parties --reading distance_source=longest", "lower, treaty, reported"),
        ("parties --regime /nowhere", "holds no regime"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(capsys, line, words):
    assert main(["treaty", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert main(["treaty", *line.split(), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["detail"] in err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("value passive_quota --of BLR --on 2022-01-01", "silent"),
        ("value active_quota --of RUS --by DEU --on 2020-06-01", "no yearly distribution"),
        ("value border_clearance --on 2001-12-31", "2002-01-01"),
        ("value notice_before_arrival --regime hungary-romania --on 1995-01-01", "was not read"),
        ("coverage --regime hungary-romania", "no table of coverage"),
        ("calendar --year 1995 --regime hungary-romania", "no yearly round"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence_and_exit_3(capsys, line, words):
    assert main(["treaty", *line.split()]) == 3
    out, err = capsys.readouterr()
    assert (out, len(err.strip().splitlines())) == ("", 1)
    assert words in err


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Article VI, Section II, paragraph 6", "VI.II.6 (a paraphrase"),
        ("VI.I.16", "people (what is safe in the air"),
        ("AnnB.App1.8", "a definition in the program"),
        ("VI.I.8", "at once upon: notification to observed Party"),
        ("AnnL.II.1", "not later than 1 October each year"),
        ("IX.IV.1", "the treaty sets no time"),
        ("VI.I.5", "72 hours or more before: estimated time"),
        ("VI.I.6", "within 24 hours of: notification received"),
    ],
)
def test_a_paragraph_is_told_in_sentences(capsys, asked, words):
    assert main(["treaty", "show", asked]) == 0
    out = capsys.readouterr().out
    assert words in out
    assert "none stated" not in out
    assert "immediates" not in out
    assert "calendar:" not in out


def test_paragraphs_are_listed_and_found(ask, capsys):
    everything = ask("paragraphs")
    assert everything == ask("show")
    assert len(everything) > 300
    assert {r["citation"] for r in ask("paragraphs --find prohibit")} >= {"VIII.I.1", "VIII.I.2", "AnnF.I.9"}
    assert {r["citation"] for r in ask("show --regime hungary-romania")} >= {"hurou.notice"}
    assert ask("show hurou --regime hungary-romania")["citation"] == "hurou"
    assert main(["treaty", "paragraphs", "--find", "zzz"]) == 1
    assert "no paragraph has these words" in capsys.readouterr().err


def test_another_regime_says_what_it_does_not_have(capsys):
    for verb in ("claims", "readings", "instruments"):
        assert main(["treaty", verb, "--regime", "hungary-romania"]) == 0
        assert "Hungary and Romania" in capsys.readouterr().err
    assert main(["treaty", "airfields", "--regime", "hungary-romania", "--on", "1995-01-01"]) == 0
    assert "distance_source" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("parties --on 2021-01-18", "33 Parties on 2021-01-18"),
        ("quotas --on 2021-01-18", "unverified (from memory)"),
        ("quotas --on 2021-01-18", "none known"),
        ("quotas --on 2002-06-01", "CSK: listed in the 1992 text; State dissolved"),
        ("airfields --party RUS --on 2021-01-18", "5500 km (reported; press report, last known)"),
        ("airfields --party RUS --on 2021-01-18", "37.4 km off"),
        ("value max_flight_distance --of UUMB --on 2021-01-18", "contradicted"),
        ("show VI.II.6", "a paraphrase"),
        ("show AnnF.I.4", "last known"),
        ("timeline --from 2021-06-18 --to 2021-06-18", "2021-06-18  Russia"),
        ("instruments --on 2021-01-18", "in force, without the United States"),
        ("claims", "not borne out"),
        ("readings", "* lower"),
        ("values", "border_clearance"),
    ],
)
def test_people_see_tables_with_marks(capsys, line, words):
    assert main(["treaty", *line.split()]) == 0
    assert words in capsys.readouterr().out
