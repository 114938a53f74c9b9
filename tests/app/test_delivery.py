"""Delivery over HTTP: what has no receipt stays undelivered, and nobody gets what is not his."""

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from overflight.api import exchange, problems
from overflight.app.delivery import deliver
from overflight.sharing.checkpoint import Checkpoint, NoteKey
from overflight.sharing.tiles import decode_entries
from tests.app.nodes import Stage, notice


class Desk:
    def __init__(self, node):
        self.node = node


def served(node):
    api = FastAPI()
    api.state.desk = Desk(node)
    problems.install(api)
    api.include_router(exchange.router)
    return TestClient(api, raise_server_exceptions=False)


class Wire(httpx.BaseTransport):
    """Routes each host name to a node in this process; `drop` loses answers, `down` whole nodes."""

    def __init__(self, stage):
        self.clients = {f"{p.lower()}.example": served(n) for p, n in stage.nodes.items()}
        self.down = set()
        self.drop = 0
        self.sent = []

    def handle_request(self, request):
        host = request.url.host
        if host in self.down:
            raise httpx.ConnectError("connection refused", request=request)
        self.sent.append((host, request.read()))
        found = self.clients[host].request(
            request.method, request.url.raw_path.decode(), content=request.read(), headers=dict(request.headers)
        )
        if self.drop:
            self.drop -= 1
            raise httpx.ReadTimeout("timed out", request=request)
        return httpx.Response(found.status_code, headers=found.headers, content=found.content, request=request)


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path / "E", "DEU", "RUS", "CAN") as found:
        for party, node in found.nodes.items():
            for other in found.nodes:
                if other != party:
                    node.add_peer(other, f"http://{other.lower()}.example")
        yield found


@pytest.fixture
def wire(stage):
    return Wire(stage)


def send(stage, wire, party):
    with httpx.Client(transport=wire) as client:
        return deliver(stage[party], client=client)


def test_records_reach_every_addressee_and_receipts_come_back(stage, wire):
    deu = stage["DEU"]
    sent = [
        deu.issue("flight.notification", to=["RUS"], info=["CAN"], body={"n": n, "flight": "OS1001"}) for n in range(3)
    ]
    done = send(stage, wire, "DEU")
    assert [(d.rid, d.party, d.ok) for d in done] == [(s.rid, p, True) for s in sent for p in ("CAN", "RUS")]
    assert deu.undelivered() == []
    assert set(deu.record(sent[0].rid).receipts) == {"RUS", "CAN"}
    assert send(stage, wire, "DEU") == []


def test_a_lost_answer_is_repaired_by_sending_again(stage, wire):
    deu, rus = stage["DEU"], stage["RUS"]
    notice(deu, "RUS", 1)
    wire.drop = 1
    assert [d.ok for d in send(stage, wire, "DEU")] == [False]
    assert len(rus.records()) == 2
    notice(deu, "RUS", 2)
    assert [d.ok for d in send(stage, wire, "DEU")] == [True, True]
    assert len(rus.records()) == 4


def test_the_two_sides_agree_on_the_log_again_after_answers_were_lost(stage, wire):
    deu = stage["DEU"]
    for n in range(3):
        notice(deu, "RUS", n)
        notice(stage["RUS"], "DEU", n)
        wire.drop = 1
        send(stage, wire, "DEU")
        wire.drop = 1
        send(stage, wire, "RUS")
    for party in ("DEU", "RUS", "DEU", "RUS"):
        send(stage, wire, party)
    assert deu.undelivered() == stage["RUS"].undelivered() == []


def test_a_node_that_is_down_is_asked_once_and_nothing_is_lost(stage, wire):
    deu = stage["DEU"]
    for n in range(3):
        deu.issue("letter", to=["RUS", "CAN"], body={"n": n})
    wire.down = {"rus.example"}
    done = send(stage, wire, "DEU")
    assert {d.party for d in done if not d.ok} == {"RUS"}
    assert all("did not answer" in d.detail for d in done if not d.ok)
    assert [p for _, p in deu.undelivered()] == ["RUS"] * 3
    wire.down = set()
    assert all(d.ok for d in send(stage, wire, "DEU"))


def test_without_an_address_a_record_waits_for_a_file(stage, wire, tmp_path):
    with Stage(tmp_path / "F", "DEU", "RUS") as lone:
        notice(lone["DEU"], "RUS")
        (only,) = deliver(lone["DEU"])
        assert (only.ok, "no address" in only.detail) == (False, True)


def test_what_waits_for_a_party_that_leaves_stays(stage, wire):
    """XV.2: no byte goes out from the instant of withdrawal."""
    from datetime import UTC, datetime

    from overflight.app.clock import set_clock

    notice(stage["DEU"], "RUS")
    set_clock(stage.folder / "clock", datetime(2021, 12, 18, tzinfo=UTC))
    (only,) = send(stage, wire, "DEU")
    assert not only.ok
    assert "no Party on 2021-12-18" in only.detail
    assert wire.sent == []


def test_a_former_party_s_request_is_refused_with_the_paragraph(stage, wire):
    from datetime import UTC, datetime

    from overflight.app.clock import set_clock

    set_clock(stage.folder / "clock", datetime(2021, 12, 18, tzinfo=UTC))
    stage["RUS"].issue("data.request", to=["DEU"], body={"flight": "OS1001"})
    (only,) = send(stage, wire, "RUS")
    assert not only.ok
    assert "403" in only.detail
    assert "RUS is no Party" in only.detail
    assert stage["DEU"].records() == []


def test_the_log_is_public_and_checkable_and_says_nothing(stage, wire):
    deu = stage["DEU"]
    client = wire.clients["deu.example"]
    assert client.get("/log/checkpoint").status_code == 404
    sent = notice(deu, "RUS")
    me = deu.identity
    answer = client.get("/log/checkpoint")
    state = Checkpoint.verify(answer.text, NoteKey(me.origin, me.log_signer.public))
    assert state.size == 1
    assert client.get("/head").text == answer.text
    (entry,) = decode_entries(client.get("/log/tile/entries/000.p/1").content, 1)
    assert bytes.fromhex(sent.rid) not in entry
    assert client.get("/log/tile/0/000.p/1").headers["content-type"] == "application/octet-stream"
    assert client.get("/roster").content == deu.newest_roster().envelope


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/0/001",
        "/log/tile/0/000.p/2",
        "/log/tile/%2e%2e%2fcheckpoint",
        "/log/tile/..%2f..%2fnode.sqlite3",
        "/log/../node.sqlite3",
        "/blob/x",
        "/record/x",
        "/inbox",
    ],
)
def test_nothing_else_is_handed_out(stage, wire, path):
    notice(stage["DEU"], "RUS")
    assert wire.clients["deu.example"].get(path).status_code in (404, 405)


def test_the_inbox_answers_nonsense_with_a_problem(stage, wire):
    client = wire.clients["rus.example"]
    for body in (b"", b"{}", b"x" * 100, b"[" * 10_000, b"\xff\xfe"):
        answer = client.post("/inbox", content=body)
        assert answer.status_code == 422
        assert answer.json()["code"] == "not-verified"


def test_the_inbox_stops_reading_at_its_limit(stage, wire):
    from dataclasses import replace

    rus = stage["RUS"]
    rus.settings = replace(rus.settings, parcel_blob_bytes=0, blob_max_bytes=0)
    answer = wire.clients["rus.example"].post("/inbox", content=b"x" * ((8 << 20) + 1))
    assert answer.status_code == 400


def test_an_answer_that_is_no_receipt_does_not_count(stage, tmp_path):
    class Liar(httpx.BaseTransport):
        def handle_request(self, request):
            return httpx.Response(self.status, content=self.content, request=request)

    notice(stage["DEU"], "RUS")
    for status, content in ((200, b"{}"), (200, b"thank you"), (500, b"<html>"), (409, b'{"held":true,"detail":"x"}'),
                            (409, b'{"held":999,"detail":"x"}'), (302, b""), (200, b"[" * 10_000)):  # fmt: skip
        liar = Liar()
        liar.status, liar.content = status, content
        with httpx.Client(transport=liar) as client:
            assert [d.ok for d in deliver(stage["DEU"], client=client, to=["RUS"])] == [False]
    assert len(stage["DEU"].undelivered()) == 1


def test_heads_of_other_logs_are_told(stage, wire):
    stage.hand(notice(stage["DEU"], "RUS"), "RUS")
    (note,) = wire.clients["rus.example"].get("/heads").json()["heads"]
    assert note == stage["DEU"].log_files.get("checkpoint").decode()
