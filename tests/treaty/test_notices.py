"""Notices as data, and the frame of the OS messages, which loses no word."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.errors import BadData, BadFile, BadInput
from overflight.treaty import notices, os_frame
from overflight.treaty.os_frame import OSMessage, Redistribution, Transfer, lost, read_frame, read_redistribution
from overflight.treaty.regime import OPEN_SKIES, Regime

HERE = Regime.on(date(2021, 1, 18))


def test_every_kind_of_notice_cites_paragraphs_and_clocks_that_exist():
    found = notices.notices()
    assert len(found) == 49
    assert {n.group for n in found} == set(notices.GROUPS)
    for kind in found:
        assert kind.items
        assert kind.paragraphs
        for cited in kind.paragraphs:
            assert HERE.paragraph(cited).citation
        for clock in kind.clocks:
            assert HERE.deadline(clock)


def test_only_the_known_format_number_is_given():
    assert {n.key: n.format_number for n in notices.notices() if n.format_number} == {"QUOTA-TRANSFER": "1"}
    assert notices.notice("quota-transfer").comes_after_formats == ("36", "37")


def test_a_request_for_copies_names_what_it_lacks():
    kind = notices.notice("DATA-REQ")
    assert [i.item for i in kind.items] == list("ABCDEF")
    whole = {i.name: "given" for i in kind.items}
    assert kind.missing(whole) == ()
    assert kind.missing({**whole, "portion": "", "medium": None}) == ("portion", "medium")
    assert kind.schema()["required"] == [i.name for i in kind.items]


def test_a_key_that_is_near_is_offered():
    with pytest.raises(BadInput, match="INTENT"):
        notices.notice("INTEND")


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("flight", "OS1017", "OS10175"),
        ("sensor", "SARTD", "SARXX"),
        ("configuration", "PODLF31", "PODXV"),
        ("height", "02500M", "2500M"),
        ("location", "55 36(N) 036 39(E)", "55.6(N) 036.65(E)"),
        ("roll", "2L", "2U"),
        ("speed", "430KM", "43KM"),
    ],
)
def test_annotations_have_the_form_of_annex_b(key, good, bad):
    code = next(c for c in notices.codes() if c.key == key)
    assert code.reads(good)
    assert not code.reads(bad)
    assert not code.reads(good + "\n")
    assert HERE.paragraph(code.citation)


def test_a_notice_file_with_an_unknown_clock_is_refused_with_its_row(tmp_path):
    for file in OPEN_SKIES.glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    broken = (tmp_path / "notices.toml").read_text("utf-8").replace('clocks = ["VI.I.6"]', 'clocks = ["VI.I.66"]')
    (tmp_path / "notices.toml").write_text(broken, "utf-8")
    with pytest.raises(BadData, match=r"notices.toml, notice row 2: .*VI\.I\.66"):
        notices.notices(folder=tmp_path)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=90)
LINE = WORDS.map(lambda s: " ".join(s.split()))
OUTSIDE = LINE.filter(lambda s: s and not os_frame._LABEL.fullmatch(s) and not os_frame._FORMAT.fullmatch(s))
MESSAGES = st.builds(
    OSMessage,
    content=st.lists(st.one_of(LINE, LINE.map("  {}".format), st.sampled_from(["6. REMARKS: no", "FROM: me"]))).map(
        tuple
    ),
    before=st.lists(OUTSIDE, max_size=2).map(tuple),
    after=st.lists(OUTSIDE, max_size=2).map(tuple),
    format_number=st.sampled_from(["", "1", "36", "37"]),
    page=st.sampled_from(["", "1-1"]),
    **{name: LINE for name in os_frame.TEXTS if name not in ("format_number", "page")},
)


@settings(max_examples=50, deadline=None)
@given(MESSAGES)
def test_printing_and_reading_a_message_gives_it_back(message):
    printed = message.print()
    if printed.lstrip().startswith(">") and all(x.lstrip().startswith(">") for x in printed.split("\n") if x.strip()):
        return
    found = read_frame(printed)
    assert found == message
    assert lost(printed, found) == ()


PASTED = """
> EXERCISE EXERCISE EXERCISE
> OS FORMAT 1 OS F1-1
> Precedence: ROUTINE
> FROM: Canada
> TO: All States Parties; the Chairman of the OSCC
> SUBJECT: Transfer of part of an active
>    quota
> 1. OS Message Number: CAN/7
> 2. OS MESSAGE DATE AND TIME: 010900Z MAR 2021
> 3. Treaty Reference: III.I.9
> 5. CONTENT:
>    A. REDISTRIBUTION FOR THE CURRENT YEAR: 2021
>    B. STATE TO BE OVERFLOWN: UKR
>    (1) DISTRIBUTED QUOTA: 5
>    (2) USED: 1
>    (3) TRANSFERRED: 2
>    (4) RECEIVING STATES: United States 1; NOR 1
>    (5) REMAINING: 2
>    (6) EFFECTIVE DATE: 2021-03-15
> 7. END OF OS MESSAGE NUMBER: CAN/7
> Kind regards
"""


def test_a_pasted_mail_is_read_with_what_stands_around_the_frame():
    found = read_frame(PASTED)
    assert (found.format_number, found.page, found.number, found.end) == ("1", "1-1", "CAN/7", "CAN/7")
    assert found.subject == "Transfer of part of an active quota"
    assert found.before == ("EXERCISE EXERCISE EXERCISE",)
    assert found.after == ("Kind regards",)
    assert lost(PASTED, found) == ()
    whole = read_redistribution(found.content)
    assert whole == Redistribution(
        2021, (Transfer("UKR", 5, 1, 2, (("United States", 1), ("NOR", 1)), 2, "2021-03-15"),)
    )
    assert whole.faults() == ()
    assert whole.content() == found.content


def test_lost_sees_a_word_that_a_reader_dropped():
    assert lost(PASTED.replace("regards", "regards CONFIRM"), read_frame(PASTED)) == ("CONFIRM",)


def test_sums_of_format_1_that_do_not_add_up_are_named():
    one = Transfer("UKR", 5, 1, 2, (("CAN", 1),), 1, "2021-03-15")
    assert len(one.faults()) == 2
    assert Transfer("UKR", 5, 1, 2, (("CAN", 2),), 2, "x").faults() == ()


@pytest.mark.parametrize(
    ("drop", "field"), [("(2) USED", "content.B.2"), ("(6) EFF", "content.B.6"), ("A. RED", "content.A")]
)
def test_a_format_1_message_with_a_line_missing_is_refused_with_the_line(drop, field):
    content = [line for line in read_frame(PASTED).content if not line.startswith(drop)]
    with pytest.raises(BadFile) as error:
        read_redistribution(content)
    assert error.value.field == field


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text):
    try:
        found = read_frame(text)
    except BadFile:
        return
    assert lost(text, found) == ()


def test_a_letter_without_frame_is_left_to_people():
    with pytest.raises(BadFile, match="by hand"):
        read_frame("Dear colleague, we intend to fly over your country in May.")
    with pytest.raises(BadFile, match="longer"):
        read_frame("x" * (os_frame.LARGEST_CHARACTERS + 1))


def test_what_this_program_prints_for_the_official_channel_is_read_back_word_for_word():
    from datetime import UTC, datetime

    from overflight.flight.messages import Message
    from overflight.flight.os_text import Frame, os_text

    message = Message(
        rid="ab" * 32,
        kind="flight.notification",
        sender="DEU",
        to=("RUS", "CAN"),
        at=datetime(2021, 5, 12, 8, tzinfo=UTC),
        body={"flight": "OS1017", "observing": "DEU", "observed": "RUS", "lodging": "for twenty " * 12},
    )
    frame = Frame(number="DEU/1", subject="Notice of an observation flight " * 4, marking="EXERCISE EXERCISE EXERCISE")
    text = os_text(message, frame)
    found = read_frame(text)
    assert (found.number, found.sender, found.to) == ("DEU/1", "DEU", "RUS, CAN")
    assert lost(text, found) == ()
    assert found.print() == text


def test_each_notice_points_to_its_rules_and_its_record_and_each_paragraph_back():
    from overflight.app import notices as use
    from overflight.app.treaty import all_rules, show
    from overflight.flight.kinds import KINDS

    known = {r.name for rules in all_rules().values() for r in rules}
    for row in use.kinds(HERE):
        one = use.kind(HERE, row["key"])
        assert set(row["rules"]) <= known
        assert [r["name"] for r in one["rules"]] == row["rules"]
        assert (one["record_kind"] is None) == (not row["record"])
        assert not row["record"] or row["record"] in KINDS
        for paragraph in row["paragraphs"]:
            assert row["key"] in [n["key"] for n in show(HERE, paragraph)["notices"]]
    flight = [row for row in use.kinds(HERE) if row["group"] == "flight"]
    assert [row["key"] for row in flight if not row["record"]] == []


def test_no_notice_is_without_a_rule():
    from overflight.app import notices as use

    assert [r["key"] for r in use.kinds(HERE) if not r["rules"]] == []


@pytest.mark.parametrize(
    ("paragraph", "keys"), [("VI.I.6", ["ACK"]), ("VI.I.5.B", ["INTENT"]), ("AnnE.7", ["INVENTORY"]), ("XII", [])]
)
def test_a_paragraph_leads_to_its_notices(paragraph, keys):
    from overflight.app.treaty import show

    assert [n["key"] for n in show(HERE, paragraph)["notices"]] == keys
