"""A flight that two Parties share, on three nodes: what the partner is told, and who bears its costs."""

import pytest

from overflight.app import flights
from overflight.app.cost_shares import shares_of
from overflight.cli.main import main
from overflight.errors import BadData, BadInput
from overflight.treaty.costs import costs_on
from overflight.treaty.regime import OPEN_SKIES, Regime
from tests.app.test_flights import FLIGHT, NOTICE, Theatre, utc


@pytest.fixture
def theatre(tmp_path):
    found = Theatre(tmp_path)
    yield found
    for node in found.nodes.values():
        node.close()


def notified(theatre, **more):
    theatre.clock("2021-05-12T08:00")
    theatre.do("DEU", "notify", **{**NOTICE, "partners": "CAN", **more})
    theatre.clock("2021-05-12T20:00")


def test_the_partner_is_told_of_every_act_and_sees_the_flight(theatre):
    notified(theatre)
    theatre.do("RUS", "acknowledge", supplies_aircraft="no")
    theatre.clock("2021-05-17T08:00")
    arrival = theatre.do("DEU", "arrive")

    assert arrival.record.info == ("CAN",)
    canada = theatre.show("CAN")
    assert canada["state"] == "arrived"
    assert [d["who"] for d in canada["duties"] if d["citation"] == "VI.I.6"] == ["RUS"]
    assert canada["ledger"]["shared_with"] == ["CAN"]
    with pytest.raises(BadInput, match="observing"):
        flights.act(theatre.nodes["CAN"], "cancel", FLIGHT, {"reason": "x"})


def test_flight_show_names_all_who_share_it_and_what_each_is_debited(theatre, capsys):
    notified(theatre)
    theatre.clock("2021-05-19T06:00")
    theatre.do("DEU", "takeoff")
    theatre.clock("2021-05-19T11:00")
    theatre.do("DEU", "complete")
    for node in theatre.nodes.values():
        node.close()
    main(["flight", "show", FLIGHT, "--node", str(theatre.exercise / "CAN")])
    said = capsys.readouterr().out

    assert f"{FLIGHT}  DEU + CAN over RUS" in said
    for line in ("active quota of DEU: 1", "active quota of CAN: 1", "passive quota of BLR;RUS: 1"):
        assert line in said


def test_a_state_that_left_is_told_of_nothing(theatre):
    notified(theatre, partners="CAN,USA")

    assert theatre.do("RUS", "acknowledge", supplies_aircraft="no").record.info == ("CAN",)


def test_a_partner_that_is_no_party_bears_no_costs_and_shares_nothing(theatre):
    notified(theatre, partners="CAN,USA")
    germany = theatre.nodes["DEU"]

    assert shares_of(germany, FLIGHT)["observing"] == ["DEU", "CAN"]
    assert flights.view(germany, FLIGHT).partners == ("CAN",)
    assert theatre.show("DEU")["partners"] == ["CAN"]


def test_what_is_filled_in_and_who_is_told_follow_the_notice_that_holds(theatre):
    notified(theatre)
    theatre.do("DEU", "notify", **{**NOTICE, "point_of_entry": "UUEE", "partners": "ROU"})
    theatre.clock("2021-05-17T08:00")
    arrival = theatre.do("DEU", "arrive")

    assert (arrival.record.body["place"], arrival.record.info) == ("UUEE", ("ROU",))


def test_a_notice_without_effect_names_no_partner(theatre):
    notified(theatre, partners="")
    germany, canada = theatre.nodes["DEU"], theatre.nodes["CAN"]
    own = flights.view(germany, FLIGHT).notice
    canada.issue("flight.notification", to=("DEU", "RUS"), body={**own.body, "partners": ["CAN"]})
    theatre.deliver("CAN")
    view = flights.view(germany, FLIGHT)

    assert len([m for m in view.timeline if m.sender == "CAN"]) == 1
    assert (view.notice.rid, view.partners) == (own.rid, ())
    assert shares_of(germany, FLIGHT)["observing"] == ["DEU"]
    assert theatre.do("RUS", "acknowledge", supplies_aircraft="no").record.refs[0].rid == own.rid


def test_costs_of_a_shared_flight_on_the_observed_partys_aircraft(theatre):
    notified(theatre)
    theatre.do("RUS", "acknowledge", supplies_aircraft="yes", aircraft="Tu-214ON")
    found = shares_of(theatre.nodes["DEU"], FLIGHT)
    rows = {row["id"]: row for row in found["costs"]}

    assert (found["observing"], found["observed"], found["supplier"]) == (["DEU", "CAN"], "RUS", "RUS")
    assert rows["shared"]["verdict"] == rows["ground-handling"]["verdict"] == rows["media"]["verdict"] == "silent"
    assert rows["fuel"]["provides"] == rows["transport-of-people"]["provides"] == "RUS"
    assert rows["copies"]["provides"] == "DEU + CAN"
    assert not {"transit", "third", "damage", "doubted", "demonstration", "deviation"} & rows.keys()
    assert all(row["source"] and row["in_force"] == "last known" for row in rows.values())
    assert "amount" in found["note"]


def test_the_media_of_a_doubted_sensor_are_the_observed_partys(theatre):
    notified(theatre)
    theatre.do("RUS", "acknowledge", supplies_aircraft="yes", aircraft="Tu-214ON")
    theatre.clock("2021-05-17T12:00")
    tried = {"asked_by": "DEU", "satisfied": "no", "depends_on_height": "no"}
    theatre.do("DEU", "demonstrate", **tried)
    rows = {row["id"]: row for row in shares_of(theatre.nodes["DEU"], FLIGHT)["costs"]}

    assert (rows["doubted-sensor"]["pays"], rows["doubted-sensor"]["verdict"]) == ("RUS", "right")
    assert "demonstration" in rows


def test_a_borrowed_aircraft_is_by_agreement_and_a_lone_flight_has_no_row_of_sharing(theatre):
    notified(theatre, partners="", designated_by="ROU", arranged="yes")
    found = shares_of(theatre.nodes["DEU"], FLIGHT)
    rows = {row["id"]: row for row in found["costs"]}

    assert (found["supplier"], found["aircraft_of"]) == ("DEU", "ROU"), "who provides it may fly another's (VI.I.1)"
    assert (rows["borrowed-aircraft"]["provides"], rows["borrowed-aircraft"]["verdict"]) == ("ROU", "complies")
    assert rows["media"]["provides"] == "DEU"
    assert "shared" not in rows


def test_every_cost_stands_under_a_paragraph_of_the_treaty_from_its_entry_into_force():
    here = Regime.on(utc("2021-05-19T00:00").date())
    rows = costs_on(OPEN_SKIES, here.day)

    assert len(rows) > 15
    assert all(here.paragraph(row.citation) for row in rows)
    assert costs_on(OPEN_SKIES, utc("2001-12-31T00:00").date()) == ()
    assert costs_on(OPEN_SKIES, utc("2002-01-01T00:00").date()) == rows


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('pays = "everybody"', "not one of"),
        ('pays = "scale"\nwhich = "x"', "unknown key"),
    ],
)
def test_a_wrong_row_of_costs_is_refused_with_its_place(tmp_path, row, why):
    (tmp_path / "costs.toml").write_text(
        'title = "x"\n[[cost]]\nid = "a"\nitem = "a"\ncitation = "XII"\nprovides = "nobody"\nwhen = "all"\nsays = "a"\n'
        f'from = 2002-01-01\nsource = "s"\nverified = "yes"\nin_force = "yes"\n{row}\n',
        "utf-8",
    )
    with pytest.raises(BadData, match=why):
        costs_on(tmp_path, utc("2021-05-19T00:00").date())
