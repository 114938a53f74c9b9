"""A flight on three nodes of an exercise, records passed by hand from node to node."""

from datetime import UTC, datetime, timedelta

import pytest

from overflight.app import flights
from overflight.app.clock import set_clock
from overflight.app.exchange import export_bundle, import_bundle
from overflight.app.exercise import Exercise
from overflight.app.flight_cost import cost_of, keep_sites
from overflight.app.flight_fill import read_any_plan
from overflight.app.flight_track import as_flown, exercise_track, stated_deviations
from overflight.app.plans import ground
from overflight.app.wiring import init_node, open_node
from overflight.errors import BadFile, BadInput
from overflight.flight.messages import build_body
from overflight.rules.finding import Verdict
from overflight.terms.place import Site

FLIGHT = "OS1001"
FEATURE = {
    "type": "Feature",
    "geometry": {"type": "LineString", "coordinates": [[36.65, 55.61], [44.0, 52.5], [40.0, 54.0], [36.65, 55.61]]},
    "properties": {
        "observed": "RUS",
        "observing": "DEU",
        "start_airfield": "UUMB",
        "end_airfield": "UUMB",
        "take_off": "2021-05-19T06:00:00Z",
        "height_agl_m": [2500],
        "swath_km": 4.5,
    },
}
PERSON = {
    "name": "Exercise person 01",
    "gender": "not given",
    "born": "1980-01-01",
    "birthplace": "Exercise town",
    "passport": "EX0000001",
    "issued_by": "DEU",
    "function": "flight crew",
}
NOTICE = {
    "observed": "RUS",
    "eta": "2021-05-17T08:00Z",
    "point_of_entry": "UUMB",
    "lodging": "none",
    "inspection_place": "UUMB",
    "inspection_at": "2021-05-17T09:00Z",
    "transport": "own aircraft",
    "clearance": "EXERCISE 1",
    "aircraft": "An-30",
    "distance_m": 2_100_000,
    "people_file": [PERSON],
}


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Theatre:
    """Three nodes and their clock."""

    def __init__(self, folder):
        self.exercise = folder / "exercise"
        self.nodes = {}
        for code in ("DEU", "RUS", "CAN"):
            init_node(party=code, exercise=self.exercise, now=utc("2021-05-12T07:00")).close()
        for code in ("DEU", "RUS", "CAN"):
            self.nodes[code] = open_node(self.exercise / code)

    def clock(self, text):
        set_clock(Exercise.open(self.exercise).clock, utc(text))

    def do(self, party, verb, **fields):
        stored = flights.act(self.nodes[party], verb, FLIGHT, fields)
        self.deliver(party)
        return stored

    def deliver(self, party):
        """What the other nodes have not confirmed goes to them by file, and their receipts come back."""
        sender = self.nodes[party]
        for to in sorted({to for _, to in sender.undelivered()} & set(self.nodes)):
            answer = import_bundle(self.nodes[to], export_bundle(sender, to=to)).more["answer"]
            if answer:
                import_bundle(sender, answer)

    def show(self, party):
        return flights.show(self.nodes[party], FLIGHT)


@pytest.fixture
def theatre(tmp_path):
    found = Theatre(tmp_path)
    yield found
    for node in found.nodes.values():
        node.close()


def verdicts(shown, citation):
    return [f["verdict"] for f in shown["findings"] if f["citation"] == citation]


def test_a_flight_from_notice_to_report_on_three_nodes(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    for party in ("DEU", "RUS"):
        assert theatre.show(party)["state"] == "notified"
    canada = theatre.show("CAN")
    assert (canada["state"], canada["observed"]) == ("notified", "RUS")
    assert verdicts(canada, "VI.I.8") == ["complies"]
    assert not [f for f in canada["findings"] if f["verdict"] == "breaches"]
    assert verdicts(theatre.show("RUS"), "VI.I.8") == ["complies"], "the notice to all goes to Russia for information"
    for party in ("DEU", "RUS"):
        theatre.do(party, "accept-messages")
    assert verdicts(theatre.show("DEU"), "XI") == ["complies"]

    theatre.clock("2021-05-12T20:00")
    theatre.do("RUS", "acknowledge", supplies_aircraft="no")
    theatre.clock("2021-05-17T08:00")
    theatre.do("DEU", "arrive")
    theatre.do("RUS", "covers", stage="arrival")
    theatre.clock("2021-05-17T13:00")
    theatre.do("RUS", "inspect", started_at="2021-05-17T09:00Z", inspectors="8")
    theatre.clock("2021-05-17T14:00")
    plan = theatre.do("DEU", "submit", plan=FEATURE)
    theatre.clock("2021-05-17T16:00")
    weather = theatre.do("RUS", "propose", ground="weather", reason="icing", take_off="2021-05-19T07:00Z")
    assert weather.record.body["version"] == plan.rid
    theatre.clock("2021-05-17T16:30")
    taken = theatre.do("DEU", "accept")
    assert taken.record.body["version"] == weather.rid
    theatre.clock("2021-05-17T17:00")
    exercise_area = theatre.do(
        "RUS", "propose", ground="other", reason="an exercise is under way", excludes_observation="yes"
    )
    assert exercise_area.record.body["version"] == weather.rid
    theatre.clock("2021-05-17T18:05")
    theatre.do("RUS", "propose", ground="airfield", reason="works on the runway")
    for party in ("DEU", "RUS"):
        shown = theatre.show(party)
        assert shown["state"] == "in_negotiation"
        assert {"VIII.I.4", "VI.II.6.b", "VI.II.6"} <= {
            f["citation"] for f in shown["findings"] if f["verdict"] == "breaches"
        }
    theatre.clock("2021-05-17T22:00")
    assert "right" in verdicts(theatre.show("DEU"), "VIII.I.5")
    theatre.clock("2021-05-17T22:30")
    offered = theatre.do("DEU", "offer", plan=FEATURE)
    theatre.do("DEU", "sign", version=offered.rid)
    signed = theatre.do("RUS", "sign")
    assert signed.record.body["version"] == offered.rid
    theatre.do("DEU", "file")
    assert theatre.show("RUS")["state"] == "agreed"

    theatre.clock("2021-05-19T06:00")
    theatre.do("DEU", "takeoff")
    theatre.clock("2021-05-19T08:00")
    theatre.do("DEU", "deviate", ground="weather_safety", lateral_m=12000, told_at="2021-05-19T08:00Z")
    theatre.clock("2021-05-19T11:30")
    theatre.do("DEU", "complete")
    theatre.do("DEU", "seal", containers=[{"number": "1", "medium": "film"}], both_present=True)
    theatre.clock("2021-05-20T08:00")
    report = theatre.do(
        "DEU",
        "report",
        route="as planned",
        weather="clear",
        data_amount="900 frames",
        observation_periods=[{"sensor": "AFA-41-10", "began": "2021-05-19T06:10:00Z", "ended": "2021-05-19T11:00:00Z"}],
    )
    for party in ("DEU", "RUS"):
        assert theatre.do(party, "sign-report").record.body["report"] == report.rid
    theatre.do("RUS", "covers", stage="departure")
    theatre.clock("2021-05-20T09:00")
    theatre.do("DEU", "depart")
    theatre.clock("2021-05-22T09:00")
    sent = theatre.do("DEU", "send-report")
    assert sent.record.body == report.record.body
    theatre.clock("2021-06-05T00:00")
    last = theatre.show("DEU")
    assert last["state"] == "reported"
    assert {f["citation"] for f in last["findings"] if f["verdict"] == "breaches"} == {
        "VIII.I.4",
        "VI.II.6.b",
        "VI.II.6",
    }
    assert theatre.show("CAN")["state"] == "reported"
    assert last["ledger"]["counts"]["observing"] == 1


def test_personal_data_go_to_the_observed_party_alone(theatre):
    theatre.clock("2021-05-12T08:00")
    notice = theatre.do("DEU", "notify", **NOTICE)
    digest = notice.record.body["people_sha256"]

    assert b"Exercise person 01" in theatre.nodes["RUS"].blob(digest)
    with pytest.raises(BadInput):
        theatre.nodes["CAN"].blob(digest)
    assert all(b"EX0000001" not in s.record.payload for s in theatre.nodes["CAN"].records())
    (copy,) = theatre.nodes["CAN"].records(kind="flight.notification")
    assert copy.record.body["people_sha256"] == digest
    assert len(copy.record.to) == 31  # 33 Parties less Germany and Russia


def test_a_breach_by_ones_own_act_is_shown_before_and_not_prevented(theatre):
    theatre.clock("2021-05-12T08:00")
    late = {**NOTICE, "eta": "2021-05-14T08:00Z"}

    what = flights.draft(theatre.nodes["DEU"], "notify", FLIGHT, late)
    assert not what.complies
    assert ("VI.I.8", "complies") in [(f.citation, str(f.verdict)) for f in what.findings]
    assert theatre.nodes["DEU"].records() == []

    flights.act(theatre.nodes["DEU"], "notify", FLIGHT, late)
    theatre.deliver("DEU")
    assert verdicts(theatre.show("RUS"), "VI.I.5")[0] == "breaches"


@pytest.mark.parametrize(
    ("party", "verb", "fields", "named"),
    [
        ("CAN", "acknowledge", {"supplies_aircraft": "no"}, "observed Party"),
        ("RUS", "submit", {"plan": FEATURE}, "observing Party"),
        ("DEU", "fly", {}, "no act"),
        ("DEU", "submit", {"plan": {"type": "Feature"}}, "plan"),
        ("DEU", "arrive", {"arrived_at": "noon"}, "arrived_at"),
        ("DEU", "arrive", {"colour": "red"}, "colour"),
    ],
)
def test_wrong_use_is_told_and_stores_nothing(theatre, party, verb, fields, named):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    before = len(theatre.nodes[party].records())

    with pytest.raises(BadInput, match=named):
        flights.act(theatre.nodes[party], verb, FLIGHT, fields)
    assert len(theatre.nodes[party].records()) == before


def test_a_list_of_people_that_lacks_a_field_is_refused(theatre):
    broken = [{**PERSON, "passport": ""}]
    with pytest.raises(BadFile, match="person 1 has no passport"):
        flights.act(theatre.nodes["DEU"], "notify", FLIGHT, {**NOTICE, "people_file": broken})


def test_a_single_party_takes_down_letters_of_those_that_run_no_node(tmp_path):
    with init_node(tmp_path / "DEU", party="DEU", exercise=tmp_path / "E", now=utc("2021-05-12T08:00")) as node:
        flights.act(node, "notify", FLIGHT, NOTICE)
        set_clock(Exercise.open(tmp_path / "E").clock, utc("2021-05-13T12:00"))
        flights.act(
            node,
            "enter",
            FLIGHT,
            {
                "from_state": "RUS",
                "channel": "diplomatic note",
                "number": "12/2021",
                "sent_at": "2021-05-13T06:00Z",
                "received_at": "2021-05-13T07:00Z",
                "says_kind": "flight.ack",
                "says": {"supplies_aircraft": False},
            },
        )
        shown = flights.show(node, FLIGHT)
        assert shown["state"] == "acknowledged"
        assert verdicts(shown, "VI.I.6") == ["complies"]  # it was not received before it was sent
        assert verdicts(shown, "VI.I.5")[0] == "complies"  # the answer proves that it was received in time
        (notice, _) = node.records(kind="flight.notification")
        flights.act(
            node,
            "channel",
            FLIGHT,
            {"of": notice.rid, "channel": "diplomatic note", "number": "77", "received_at": "2021-05-12T09:00Z"},
        )
        shown = flights.show(node, FLIGHT)
        assert verdicts(shown, "VI.I.6") == ["complies"]
        assert verdicts(shown, "XI") == ["complies"]


def test_a_letter_of_another_party_about_my_acts_changes_nothing_here(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    node = theatre.nodes["RUS"]
    node.issue(
        "letter",
        to=["DEU"],
        body={"flight": FLIGHT, "from_state": "DEU", "says_kind": "flight.cancel", "sent_at": "2021-05-12T08:00:00Z"},
    )
    theatre.deliver("RUS")

    assert theatre.show("DEU")["state"] == "notified"


def test_a_record_whose_body_cannot_be_read_is_listed_and_harms_nothing(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    theatre.nodes["RUS"].issue("flight.ack", to=["DEU"], body={"flight": FLIGHT, "supplies_aircraft": "perhaps"})
    theatre.deliver("RUS")
    shown = theatre.show("DEU")

    assert shown["state"] == "notified"
    assert "supplies_aircraft" in shown["unreadable"][0]["why"]


def test_a_notice_prints_as_os_text(theatre):
    theatre.clock("2021-05-12T08:00")
    notice = theatre.do("DEU", "notify", **NOTICE)
    text = flights.notice_text(theatre.nodes["DEU"], notice.rid)

    assert text.startswith("EXERCISE EXERCISE EXERCISE\nOS FORMAT\nPRECEDENCE:\nFROM: Germany (DEU)\n")
    assert "2. OS MESSAGE DATE AND TIME: 120800Z MAY 2021" in text
    assert "3. TREATY REFERENCE: VI.I.5" in text
    assert "G. DISTANCE: 2100 KM" in text
    assert text.rstrip().endswith("EXERCISE EXERCISE EXERCISE")


def test_flights_are_listed_and_an_unknown_one_is_named(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)

    (row,) = flights.flights(theatre.nodes["RUS"])
    assert (row["flight"], row["state"], row["open_duties"] > 0) == (FLIGHT, "notified", True)
    with pytest.raises(BadInput, match="OS1001"):
        flights.show(theatre.nodes["RUS"], "OS1999")


def test_what_is_found_follows_the_clock_of_the_question(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    later = theatre.nodes["DEU"].now() + timedelta(hours=25)

    assert verdicts(flights.show(theatre.nodes["DEU"], FLIGHT, now=later), "VI.I.6") == [str(Verdict.BREACHES)]


def test_what_a_change_costs_is_known_to_the_side_whose_sites_they_are_and_to_nobody_else(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    theatre.clock("2021-05-17T14:00")
    theatre.do("DEU", "arrive")
    theatre.do("DEU", "submit", plan=FEATURE)
    sites = [
        Site("ZANZIBAR-QUAGGA", 44.0, 52.5, 123456789.0),
        Site("XYLOPHONE-OCELOT", 40.0, 54.0, 987654321.0),
        Site("NOWHERE-NEAR", 60.0, 60.0, 5.0),
    ]
    keep_sites(theatre.nodes["DEU"], FLIGHT, sites, swath_km=4.5)
    shorter = {
        **FEATURE,
        "geometry": {"type": "LineString", "coordinates": [[36.65, 55.61], [40.0, 54.0], [36.65, 55.61]]},
    }
    proposed = theatre.do("RUS", "propose", ground="weather", reason="storm", plan=shorter)

    cost = cost_of(theatre.nodes["DEU"], FLIGHT, proposed.rid)
    assert cost["value_lost"] == 123456789.0
    assert cost["sites_lost"] == ["ZANZIBAR-QUAGGA"]
    assert cost["sites_gained"] == []
    assert cost["km_added"] < 0
    with pytest.raises(BadInput, match="no sites are kept"):
        cost_of(theatre.nodes["RUS"], FLIGHT, proposed.rid)
    everything = b"".join(f.read_bytes() for f in (theatre.exercise / "RUS").rglob("*") if f.is_file())
    everything += repr(theatre.show("RUS")).encode()
    for secret in (b"ZANZIBAR", b"OCELOT", b"123456789", b"987654321"):
        assert secret not in everything


def test_an_area_that_would_be_closed_costs_the_sites_in_it(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    theatre.clock("2021-05-17T14:00")
    theatre.do("DEU", "submit", plan=FEATURE)
    keep_sites(theatre.nodes["DEU"], FLIGHT, [Site("in", 44.0, 52.5, 7.0), Site("out", 40.0, 54.0, 2.0)], swath_km=4.5)
    corners = [(43.5, 52.0), (44.5, 52.0), (44.5, 53.0), (43.5, 53.0), (43.5, 52.0)]
    ring = [{"lon_e7": round(x * 1e7), "lat_e7": round(y * 1e7)} for x, y in corners]
    closed = theatre.do("RUS", "propose", ground="other", reason="exercise", excludes_observation=True, areas=[ring])

    cost = cost_of(theatre.nodes["DEU"], FLIGHT, closed.rid)

    assert (cost["value_lost"], cost["sites_lost"]) == (7.0, ["in"])


def test_the_other_side_sees_distance_time_and_findings_of_each_version(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    theatre.clock("2021-05-17T14:00")
    plan = theatre.do("DEU", "submit", plan=FEATURE)

    seen = theatre.show("RUS")["checks"][plan.rid]

    assert seen["length_km"] > 1000
    assert set(seen) == {"complies", "length_km", "counted_km", "limit_km", "breaches"}


def test_a_plan_file_that_leaves_its_airfields_out_is_handed_over_with_those_at_its_ends(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    bare = {**FEATURE, "properties": {"observed": "RUS"}}
    plan = theatre.do("DEU", "submit", plan=bare).record.body["plan"]

    assert (plan["start_airfield"], plan["end_airfield"], plan["flight"]) == ("UUMB", "UUMB", FLIGHT)


def test_a_track_is_held_against_the_plan_with_the_recorded_ground(theatre):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **NOTICE)
    theatre.clock("2021-05-19T06:00")
    plan = read_any_plan(FEATURE)
    flown = exercise_track(plan, ground(), take_off=utc("2021-05-19T06:00"), seed=17, gaps=0)
    theatre.clock("2021-05-19T12:00")
    theatre.do("DEU", "deviate", ground="weather_safety", began_at=flown.deviation_from, ended_at=flown.deviation_until)
    node = theatre.nodes["RUS"]

    found = as_flown(plan, flown.track, node.regime(), ground(), stated=stated_deviations(node, FLIGHT))

    assert found.complies
    assert found.max_deviation_km == pytest.approx(18.0, abs=0.2)
    assert [str(f.verdict) for f in found.findings if f.rule == "follows_the_plan"] == ["complies"]


def test_the_quota_left_is_judged_at_the_notice_by_what_counted_before(theatre):
    theatre.clock("2021-05-12T08:00")
    node = theatre.nodes["DEU"]
    assert verdicts(_notified(node, "OS1001"), "III.I.8") == ["undetermined"]  # no distribution of 2021 is known
    body = build_body("exercise.open", {"quotas": [{"by": "DEU", "of": "BLR;RUS", "flights": 1}]})
    node.issue("exercise.open", to=["RUS"], body=body)
    assert verdicts(flights.show(node, "OS1001"), "III.I.8") == ["complies"]

    theatre.clock("2021-05-19T06:00")
    flights.act(node, "takeoff", "OS1001", {})
    flights.act(node, "complete", "OS1001", {})
    theatre.clock("2021-06-01T08:00")
    second = _notified(node, "OS1002", eta="2021-06-07T08:00Z")
    (found,) = [f for f in second["findings"] if f["citation"] == "III.I.8"]

    assert (found["verdict"], found["seen"]["used"]) == ("breaches", 1)
    assert found["data"][0]["source"] == "exercise value"
    assert verdicts(flights.show(node, "OS1001"), "III.I.8") == ["complies"]  # a later flight changes nothing


def _notified(node, number, **more):
    flights.act(node, "notify", number, {**NOTICE, **more})
    return flights.show(node, number)
