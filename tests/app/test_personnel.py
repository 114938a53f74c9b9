"""Lists of designated personnel between nodes: the digest travels, no name ever does."""

import json

import pytest

from overflight.app import personnel
from overflight.app.exchange import export_bundle
from overflight.cli.main import main
from overflight.errors import BadFile, BadInput
from tests.app.test_flights import NOTICE, PERSON, Theatre

PLANTED = ("Planted Surname", "PLANT1234567", "Plantville")


@pytest.fixture
def theatre(tmp_path):
    found = Theatre(tmp_path)
    yield found
    for node in found.nodes.values():
        node.close()


def people(n, first=1):
    return [
        {
            "name": f"{PLANTED[0]} {k}",
            "gender": "not given",
            "born": "1980-01-01",
            "birthplace": PLANTED[2],
            "passport": f"{PLANTED[1]}{k}",
            "function": "flight crew",
        }
        for k in range(first, first + n)
    ]


def sent(theatre, n=5):
    theatre.clock("2021-05-13T09:00")
    stored = personnel.send(theatre.nodes["DEU"], people(n), occasion="amendment")
    theatre.deliver("DEU")
    return stored


def test_a_list_is_told_to_all_and_an_objection_comes_back(theatre):
    record = sent(theatre).rid
    theatre.clock("2021-05-20T09:00")
    personnel.object_to(theatre.nodes["RUS"], record[:12], 3)
    theatre.deliver("RUS")
    theatre.clock("2021-06-14T09:00")
    (one,) = personnel.show(theatre.nodes["DEU"])["lists"]

    reviews = {r["party"]: r for r in one["reviews"]}
    assert {o["entry"] for o in reviews["RUS"]["objections"]} == {3}
    assert (reviews["RUS"]["accepted"], reviews["CAN"]["accepted"]) == (4, 5)


def test_a_second_list_a_day_later_stands_and_exits_1(theatre, tmp_path, capsys):
    file = tmp_path / "people.json"
    file.write_text(json.dumps(people(3)), "utf-8")
    folder = str(theatre.exercise / "DEU")
    theatre.nodes["DEU"].close()
    for now, code in (("2021-05-13T09:00Z", 0), ("2021-05-14T09:00Z", 1)):
        assert main(["personnel", "send", str(file), "--node", folder, "--now", now, "--json"]) == code
        told = json.loads(capsys.readouterr().out)
    assert len(told["lists"]) == 2  # the act stands


def test_no_name_leaves_the_node(theatre, capsys):
    theatre.clock("2021-05-13T09:00")
    record = personnel.send(theatre.nodes["DEU"], people(5), occasion="amendment").rid
    bundles = [export_bundle(theatre.nodes["DEU"], to=to) for to in ("RUS", "CAN")]
    theatre.deliver("DEU")
    theatre.clock("2021-05-20T09:00")
    personnel.object_to(theatre.nodes["RUS"], record, 3)
    theatre.deliver("RUS")
    said = [*bundles, *(json.dumps(personnel.show(node)).encode() for node in theatre.nodes.values())]
    said += [s.record.payload + s.record.envelope for node in theatre.nodes.values() for s in node.records()]
    theatre.nodes["RUS"].close()
    said += [f.read_bytes() for f in (theatre.exercise / "RUS").rglob("*") if f.is_file()]
    assert main(["personnel", "show", "--node", str(theatre.exercise / "RUS")]) == 0
    said.append(capsys.readouterr().out.encode())

    assert len(said) > 10
    for planted in PLANTED:
        assert not [n for n, data in enumerate(said) if planted.encode() in data]


def test_the_list_that_came_by_the_channel_is_kept_only_if_it_is_that_one(theatre):
    record = sent(theatre).rid
    russia = theatre.nodes["RUS"]
    with pytest.raises(BadInput, match="differs"):
        personnel.keep(russia, people(6), record)
    with pytest.raises(BadInput, match="not kept"):
        personnel.count(russia, people(2), of=["DEU"], by="RUS")
    personnel.keep(russia, people(5), record)
    personnel.object_to(russia, record, 2)

    assert personnel.count(russia, people(2), of=["DEU"], by="RUS") == {"people": 2, "listed": 2, "objected_to": 1}
    assert personnel.count(russia, people(3, first=4), of=["DEU"], by="RUS")["listed"] == 2


def test_people_of_several_parties_stand_on_several_lists(theatre):
    sent(theatre)
    theatre.clock("2021-05-13T10:00")
    personnel.send(theatre.nodes["CAN"], people(2, first=6), occasion="amendment")
    theatre.deliver("CAN")
    germany = theatre.nodes["DEU"]
    personnel.keep(germany, people(2, first=6), personnel.show(germany)["lists"][-1]["record"])

    assert personnel.count(germany, people(7), of=["DEU"], by="RUS")["listed"] == 5
    assert personnel.count(germany, people(8), of=["DEU", "CAN"], by="RUS")["listed"] == 7


def test_a_notice_says_how_many_of_its_people_are_listed(theatre):
    sent(theatre)
    aboard = [{**PERSON, "passport": f"{PLANTED[1]}{n}"} for n in (1, 2, 9)]
    theatre.do("DEU", "notify", **{**NOTICE, "eta": "2021-05-18T08:00Z", "people_file": aboard})
    shown = theatre.show("DEU")

    (found,) = [f for f in shown["findings"] if f["rule"] == "people_of_the_flight_are_accepted"]
    assert (found["verdict"], found["seen"]["people"], found["seen"]["listed"]) == ("breaches", 3, 2)


@pytest.mark.parametrize(
    ("entry", "of"),
    [(0, "RUS"), (6, "RUS"), (1, "DEU")],
)
def test_an_objection_to_nobody_or_to_ones_own_is_told(theatre, entry, of):
    record = sent(theatre).rid
    with pytest.raises(BadInput):
        personnel.object_to(theatre.nodes[of], record, entry)


def test_a_list_without_a_passport_number_is_refused(theatre):
    rows = people(2)
    del rows[1]["passport"]
    with pytest.raises(BadFile, match=r"person 2 has no passport \(XIII\.I\.1\)"):
        personnel.send(theatre.nodes["DEU"], rows, occasion="amendment")
    assert personnel.show(theatre.nodes["DEU"])["lists"] == []


def test_the_commands_say_what_stands(theatre, tmp_path, capsys):
    file = tmp_path / "list.csv"
    keys = list(people(1)[0])
    file.write_text("\n".join([",".join(keys), *(",".join(p[k] for k in keys) for p in people(2))]), "utf-8")
    for node in theatre.nodes.values():
        node.close()
    folder = ["--node", str(theatre.exercise / "DEU")]
    assert main(["personnel", "send", str(file), "--json", "--now", "2021-05-13T09:00Z", *folder]) == 0
    record = json.loads(capsys.readouterr().out)["record"]
    assert main(["personnel", "count", str(file), "--of", "DEU", "--by", "RUS", *folder]) == 0
    assert main(["personnel", "keep", str(file), record, *folder]) == 0
    assert main(["personnel", "object", record, "1", *folder]) == 2
    out = capsys.readouterr()
    assert "2 people, 2 on the list, 0 objected to" in out.out
    assert "own" in out.err
