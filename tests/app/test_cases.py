"""Files of law cases: read safely, refused with file, case and field; what a case does not mention is in order."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.app.casefile import read_cases
from overflight.app.casemessages import WORDS
from overflight.app.caserules import facts_asked
from overflight.app.cases import decide, facts_of, run
from overflight.app.coverage import case_files
from overflight.app.treaty import all_rules
from overflight.cli.main import main
from overflight.errors import BadFile
from overflight.flight.kinds import KINDS

ONE = """
- id: sixty-hours
  messages:
    - {notice: 2021-02-01T06:00Z, eta: 2021-02-03T18:00Z}
  question: VI.I.5
  expected: breaches
"""


def case(text):
    (found,) = read_cases(text.encode())
    return found


def test_a_case_of_three_lines_is_decided():
    answer = decide(case(ONE))
    assert answer.ok
    assert (answer.finding.citation, answer.finding.actor) == ("VI.I.5", "DEU")


def test_the_row_has_the_fields_that_others_rely_on(tmp_path):
    file = tmp_path / "one.yaml"
    file.write_text(ONE, "utf-8")
    found = run([file])
    assert (found["passed"], found["failed"]) == (1, 0)
    row = found["cases"][0]
    assert {k: row[k] for k in ("id", "expected", "found", "citation", "ok")} == {
        "id": "sixty-hours", "expected": "breaches", "found": "breaches", "citation": "VI.I.5", "ok": True,
    }  # fmt: skip


def test_a_wrong_expectation_is_told_and_ends_with_1(tmp_path, capsys):
    file = tmp_path / "one.yaml"
    file.write_text(ONE.replace("expected: breaches", "expected: complies"), "utf-8")
    assert main(["case", "run", str(file), "--json"]) == 1
    row = json.loads(capsys.readouterr().out)["cases"][0]
    assert row["wrong"] == ["expected complies, found breaches"]
    assert main(["case", "run", str(file)]) == 1
    assert "NOT AS EXPECTED sixty-hours" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("expected: breaches", "expected: violates", "expected", "complies"),
        ("question: VI.I.5", "question: VI.I.99", "question", "VI.I.9"),
        ("question: VI.I.5", "question: the notice", "question", "the notice"),
        ("question: VI.I.5", "", "question", "missing"),
        ("question:", "qestion:", "qestion", "question"),
        ("- {notice: 2021-02-01T06:00Z,", "- {notice: 2021-02-30T06:00Z,", "messages, number 1", "2021-02-30"),
        ("- {notice: 2021-02-01T06:00Z,", "- {notice: 2021-02-01T06:00,", "messages, number 1", "UTC"),
        ("notice:", "nottice:", "messages, number 1", "notice"),
        ("eta: 2021-02-03T18:00Z", "eta: soon", "eta", "soon"),
        ("eta: 2021-02-03T18:00Z", "eta: 2021-02-03T18:00Z, wings: 2", "wings", "wings"),
        ("eta: 2021-02-03T18:00Z", "eta: 2021-02-03T18:00Z, lacks: [Z]", "lacks", "Z"),
        ("expected: breaches", "expected: breaches\n  about: the letter", "about", "the letter"),
        ("expected: breaches", "expected: breaches\n  readings: {notice_counts: smoke}", "readings", "smoke"),
        ("expected: breaches", "expected: breaches\n  values: [{name: no_value, value: 3}]", "values", "no_value"),
        ("expected: breaches", "expected: breaches\n  citation: 5", "citation", "paragraph"),
        ("expected: breaches", "expected: breaches\n  observed: XXX", "observed", "XXX"),
        ("expected: breaches", "expected: breaches\n  observed: DEU", "observed", "itself"),
        ("expected: breaches", "expected: breaches\n  actor: XXX", "actor", "XXX"),
        ("expected: breaches", "expected: breaches\n  numbers: {late_h: twelve}", "numbers.late_h", "number"),
    ],
)
def test_a_mistake_is_told_with_file_case_and_field(old, new, field, says):
    def decide_all():
        return [decide(found) for found in read_cases(ONE.replace(old, new).encode(), name="mine.yaml")]

    with pytest.raises(BadFile) as told:
        decide_all()
    assert "mine.yaml" in told.value.message
    assert "sixty-hours" in told.value.message
    assert field in told.value.field
    assert says in told.value.message


FACTS = "- {id: one, day: 2021-02-01, question: XV.2, facts: {notice: 2020-05-22, intended: %s}, expected: complies}"


@pytest.mark.parametrize(
    "wrong", ["22 November", "2020-11-31", "5", "[2020-11-22]", "yes", "{a: 1}", "2020-11-22T00:00Z"]
)
def test_a_fact_of_another_kind_is_told(wrong):
    with pytest.raises(BadFile, match=r"facts\.intended"):
        decide(case(FACTS % wrong))


def test_a_fact_that_is_not_known_is_named_as_missing():
    answer = decide(case(FACTS % "unknown"))
    assert (answer.finding.verdict, answer.finding.missing) == ("undetermined", ("intended",))


@pytest.mark.parametrize(
    ("question", "facts", "missing"),
    [
        ("AnnF.I.2", "{inspectors: 7, by_observing: unknown}", "by_observing"),
        ("XVIII.II.2", "{category: infra-red, agreed: unknown}", "agreed"),
        ("III.II.2.C", "{individual: 0, flown: 2, members_may_fly_over_it: unknown}", "members_may_fly_over_it"),
    ],
)
def test_a_fact_with_a_default_may_be_unknown_too(question, facts, missing):
    answer = decide(case(f"- {{id: a, day: 2003-06-03, question: {question}, facts: {facts}, expected: undetermined}}"))
    assert (answer.finding.verdict, answer.finding.missing) == ("undetermined", (missing,))


def test_what_is_unknown_and_does_not_matter_leaves_the_answer_as_it_is():
    """Five inspectors are within either limit, whoever inspects."""
    facts = "{inspectors: 5, by_observing: unknown}"
    assert decide(case(f"- {{id: a, day: 2010-06-03, question: AnnF.I.2, facts: {facts}, expected: complies}}")).ok


@pytest.mark.parametrize(
    ("question", "facts", "field"),
    [
        ("III.I.8", "{observing: DEU, observed: RUS, used: -2}", "used"),
        ("AnnE.5.B", "{distance_km: -5, reached: no}", "distance_km"),
        ("III.I.8", "{observing: RUS, observed: RUS, used: 1}", "observed"),
        ("III.I.8", "{observing: XXX, observed: RUS, used: 1}", "observing"),
    ],
)
def test_what_makes_no_sense_is_refused(question, facts, field):
    with pytest.raises(BadFile) as told:
        decide(case(f"- {{id: a, day: 2003-03-01, question: {question}, facts: {facts}, expected: complies}}"))
    assert told.value.field == f"facts.{field}"


@pytest.mark.parametrize(
    ("question", "facts", "words"),
    [
        ("VIII.II.1", "ground: shopping", "weather_safety; aircraft_trouble; medical; traffic_control"),
        ("VIII.I.4", "ground: holiday", "weather; airfield; inconsistent; hazardous_airspace; other"),
        (
            "VIII.I.1",
            "ground: weather, at: 2021-05-19T09:00Z, not_in_compliance: [VI.I.5]",
            "VIII.I.1; VIII.I.2; AnnF.I.9",
        ),
        ("VIII.II.4", "cause: lunch", "sensor fault; safety; other"),
        ("VIII.II.5", "cause: lunch, counted: 1", "sensor_of_observed; aircraft_of_observed"),
        ("VI.I.20", "completed: 2021-05-19T09:00Z, departed: 2021-05-20T09:01Z, excuse: fog", "weather; airworthiness"),
        ("AnnF.III.6", "satisfied: no, act: shorten the route", "propose height; forbid sensor; prohibit; other"),
    ],
)
def test_a_word_that_is_none_of_the_list_is_refused_with_the_list(question, facts, words):
    text = f"- {{id: a, day: 2021-05-19, question: {question}, facts: {{{facts}}}, expected: breaches}}"
    with pytest.raises(BadFile, match=r"is none of") as error:
        decide(read_cases(text.encode())[0])

    assert words in error.value.message
    assert error.value.field.startswith("facts.")


@pytest.mark.parametrize("ground", ["weather_safety", "Weather safety", "WEATHER_SAFETY"])
def test_a_word_of_a_list_may_be_written_with_blanks_and_great_letters(ground):
    text = f"- {{id: a, day: 2021-05-19, question: VIII.II.1, facts: {{ground: {ground}}}, expected: complies}}"

    assert decide(read_cases(text.encode())[0]).ok


def test_a_place_is_named_once_in_an_error():
    with pytest.raises(BadFile) as told:
        decide(case(ONE.replace("2021-02-01T06:00Z", "2021-02-30T06:00Z")))
    assert told.value.message.count("messages, number 1") == 1
    assert "no such day" in told.value.message


def test_a_time_with_an_offset_is_the_same_moment():
    assert decide(case(ONE.replace("2021-02-01T06:00Z", "2021-02-01T07:00+01:00"))).ok


def test_a_folder_means_every_file_below_it(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.yaml").write_text(ONE.replace("sixty-hours", "two"), "utf-8")
    (tmp_path / "one.yaml").write_text(ONE, "utf-8")
    assert [row["id"] for row in run([tmp_path])["cases"]] == ["two", "sixty-hours"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadFile, match="holds no"):
        run([tmp_path / "empty"])


def test_a_fact_that_no_rule_asks_for_is_told_with_near_ones():
    with pytest.raises(BadFile, match="intended"):
        decide(case((FACTS % "2020-11-22").replace("intended", "intnded")))


def test_facts_that_contradict_each_other_leave_the_answer_open():
    text = """
- id: backwards
  day: 2021-02-01
  question: AnnF.I.4
  facts: {started: 2021-02-05T12:00Z, ended: 2021-02-05T11:00Z}
  expected: undetermined
  missing: ended
"""
    assert decide(case(text)).ok


def test_words_of_yaml_keep_their_meaning():
    """`on` is a word and 12:30 no number; NO is Norway-safe; a day stays a day."""
    text = """
- id: words
  day: 2020-11-25
  question: IX.I.4
  facts: {to: NOR, on: 2020-11-25}
  expected: complies
"""
    assert decide(case(text)).ok


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &x [1]\nb: *x", "anchors"),
        ("- &a [1,1]\n- &b [*a,*a]", "anchors"),
        ("- !!python/object/apply:os.system [ls]", "tags"),
        ("- !x {a: 1}", "tags"),
        ("[" * 40 + "]" * 40, "deeper"),
        ("{a: " * 40 + "1" + "}" * 40, "deeper"),
        ("- {id: a, id: b}", "twice"),
        ("- {? [a, b] : 1}", "key"),
        ("- 1\n---\n- 2", "second document"),
        ("- {id: ", "line"),
        ("just text", "list"),
        ("", "list"),
        ("cases: {}", "list"),
        ("cases: []\nextra: 1", "extra"),
        ("- 5", "keys"),
        ("- {id: [1]}", "id"),
        ("- {id: a/b, question: I.1, expected: complies}", "id"),
        ("- {id: a, tries: [5]}", "tries"),
        ("- {id: a, questions: [5]}", "questions"),
        ("- {id: a, messages: 5, question: I.1, expected: complies}", "list"),
        ("\x00", "control characters"),
    ],
)
def test_a_hostile_file_is_refused(text, says):
    with pytest.raises(BadFile, match=says):
        read_cases(text.encode())


def test_a_file_that_is_too_large_or_no_text_is_refused():
    with pytest.raises(BadFile, match="larger"):
        read_cases(b"- 1\n" * 300_000)
    with pytest.raises(BadFile, match="UTF-8"):
        read_cases(b"\xff\xfe\x00")
    with pytest.raises(BadFile, match="no file"):
        read_cases(Path("no-such-file.yaml"))


PIECES = ["- ", "id: a", *"{}[]|>'1", '"', ", ", ": ", "&x", "*x", "!!str", "\n", "  ", "facts"]
VALUES = st.one_of(
    st.none(),
    st.integers(),
    st.text(st.characters(exclude_categories=["C"]), max_size=12),
    st.booleans(),
    st.just("2021-02-01"),
    st.lists(st.none(), max_size=2),
)
PARAGRAPHS = ["XV.2", "XV.3", "I.1", "VI.I.9", "X.4", "VI.I.16"]


def answered(text):
    """Every case of a text decided, or the error that refused it."""
    try:
        return [decide(found).finding for found in read_cases(text.encode())]
    except BadFile as told:
        return told


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_no_text_makes_the_reader_fall_over(text):
    found = answered(text)
    assert isinstance(found, list) or found.message


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["notice", "intended", "code", "kind", "made", "conference", "x"]), VALUES),
    st.sampled_from(PARAGRAPHS),
)
def test_no_facts_make_a_question_fall_over(facts, paragraph):
    case = {"id": "one", "day": "2021-02-01", "question": paragraph, "facts": facts, "expected": "complies"}
    found = answered(json.dumps([case], ensure_ascii=False))
    assert "one" in found.message if isinstance(found, BadFile) else found[0].citation


ODD = (None, "unknown", "never", 0, -1, 10**18, 0.5, "", "x", "RUS", "UUMB", "2021-02-01", "2021-02-01T06:00Z",
       "2021-02-31", "9999-12-31", "9999-12-31T23:59Z", "0001-01-01", True, [], ["RUS"], [[1]], {"a": 1})  # fmt: skip


def test_no_rule_falls_over_whatever_it_is_told():
    """A thousand questions with odd facts, the same each time: an answer, or one sentence of refusal."""
    dice = random.Random(7)
    rules = [r for rules in all_rules().values() for r in rules]
    for _ in range(1000):
        rule = dice.choice(rules)
        facts = {f.name: dice.choice(ODD) for f in facts_asked(rule) if dice.random() < 0.9}
        day = dice.choice(["2021-02-01", "1950-01-01", "2003-01-01"])
        case = {"id": "one", "day": day, "question": rule.citation, "rule": rule.name, "facts": facts}
        found = answered(json.dumps([{**case, "expected": "complies"}], ensure_ascii=False))
        assert "one" in found.message if isinstance(found, BadFile) else found[0].citation


def test_no_message_falls_over_whatever_it_says():
    dice = random.Random(7)
    fields = sorted({f.name for kind in KINDS.values() for f in kind.fields} | {"from", "to", "received", "lacks"})
    for _ in range(150):
        messages = [{"notice": "2021-02-01T06:00Z", "eta": "2021-02-05T06:00Z"}]
        for _ in range(dice.randint(0, 4)):
            messages.append({dice.choice(list(WORDS)): f"2021-02-0{dice.randint(1, 9)}T06:00Z"})
            messages[-1] |= {dice.choice(fields): dice.choice(ODD) for _ in range(dice.randint(0, 2))}
        case = {"id": "one", "messages": messages, "question": dice.choice(PARAGRAPHS), "expected": "complies"}
        found = answered(json.dumps([case], ensure_ascii=False))
        assert "one" in found.message if isinstance(found, BadFile) else found[0].citation


def test_a_paragraph_for_people_says_why_it_is_open():
    answer = decide(case("- {id: a, day: 2021-02-01, question: VI.I.16, expected: undetermined}"))
    assert answer.ok
    assert "pilot-in-command" in answer.finding.because


def test_an_open_answer_names_the_facts_that_would_settle_it():
    """A development without the sealing of a film says nothing of a film: the answer names what it lacks."""
    text = """
- id: no-film
  messages:
    - {notice: 2019-09-02T07:00Z, eta: 2019-09-06T07:00Z}
    - {completion: 2019-09-07T14:00Z}
    - {development: 2019-09-19T10:00Z, facility: DEU}
  question: IX.II.3
  expected: undetermined
  missing: [developed, left_territory]
"""
    answer = decide(case(text))
    assert answer.ok, answer.wrong
    assert "left_territory" in answer.finding.because


def test_an_answer_may_stand_under_another_paragraph_that_the_case_names():
    """Too early for VIII.I.2; the prohibition itself is found under VIII.I.1."""
    text = """
- id: before-the-day-is-over
  observing: CAN
  observed: UKR
  messages:
    - {notice: 2019-09-02T07:00Z, eta: 2019-09-06T07:00Z}
    - {acknowledgement: 2019-09-02T10:00Z}
    - {prohibition: 2019-09-07T06:00Z, ground: VIII.I.2, in_plan: yes}
  question: VIII.I.2
  actor: observed
  citation: [VIII.I.1, VIII.I.2]
  expected: breaches
"""
    assert decide(case(text)).ok


def test_what_is_taken_where_nothing_is_said_is_told(capsys):
    told = {f["name"]: f["usual"] for r in facts_of("XVIII.II.2") for f in r["facts"]}
    assert told["agreed"] == "no"
    assert all(
        f["needed"] or f["usual"] for p in ("IV.9", "VIII.II.5", "AnnE.6") for r in facts_of(p) for f in r["facts"]
    )
    assert main(["case", "facts", "XX.9"]) == 2
    assert "near ones are" in capsys.readouterr().err


def test_facts_of_a_paragraph_are_told_to_those_who_write_cases(capsys):
    rows = {r["rule"]: r for r in facts_of("XV.2")}
    names = {f["name"]: f for f in rows["gives_six_months_notice"]["facts"]}
    assert names["notice"] == {"name": "notice", "kind": "day", "needed": True, "usual": ""}
    assert main(["case", "facts", "XV.2"]) == 0
    assert "intended" in capsys.readouterr().out


def test_every_example_of_the_page_runs():
    page = Path(__file__).parents[2] / "docs" / "reference" / "law-cases.md"
    blocks = page.read_text("utf-8").split("```yaml\n")[1:]
    assert len(blocks) >= 5
    for block in blocks:
        for found in read_cases(block.split("```")[0].encode(), name="law-cases.md"):
            answer = decide(found)
            assert answer.ok, (found.id, answer.wrong, answer.finding.because)


def test_every_case_fits_its_schema():
    import yaml
    from jsonschema import Draft202012Validator

    from overflight.cli.schema import FOLDER

    schema = json.loads((FOLDER / "case.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    for file in case_files():
        data = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)
        assert not [e.message for e in check.iter_errors(data)][:3], file.name
