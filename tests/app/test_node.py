"""A node signs, receives and keeps; whatever is wrong about a parcel, nothing of it is stored."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from overflight.app import logbook
from overflight.app.exchange import verify_path
from overflight.app.wiring import init_node, open_node
from overflight.errors import BadInput, ClockBackwards, Conflict, NodeBusy, NotVerified, OverflightError, Refused
from overflight.sharing.parcel import Parcel
from overflight.sharing.record import EXERCISE_WORDS, Ref
from tests.app.nodes import START, Stage, carry, hand, notice


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path / "E", "DEU", "RUS", "CAN") as found:
        yield found


def test_a_record_carries_number_time_heads_roster_and_key(stage):
    deu, rus = stage["DEU"], stage["RUS"]
    first = notice(deu, "RUS")
    receipt = stage.hand(first, "RUS")
    second = deu.issue("letter", to=["RUS"], body={}, refs=[Ref("supersedes", first.rid)], subject="corrected")
    assert [first.index, second.index] == [first.record.seq, second.record.seq] == [0, 1]
    assert second.record.at == START
    assert second.record.key == "DEU/1/ed25519"
    assert second.record.roster == deu.newest_roster().digest
    assert second.record.heads == ((rus.identity.origin, 1, rus.record(receipt.rid).record and _root(rus)),)
    assert second.record.refs == (Ref("supersedes", first.rid),)
    assert second.record.subject == f"{EXERCISE_WORDS}. corrected"
    assert second.record.remarks == EXERCISE_WORDS


def _root(node):
    with node.view() as v:
        return v.last_checkpoint().root.hex()


def test_the_receipt_says_when_how_and_under_which_state_the_record_came(stage):
    deu, rus = stage["DEU"], stage["RUS"]
    sent = notice(deu, "RUS")
    later = stage.step(minutes=5)
    receipt = stage.hand(sent, "RUS")
    assert dict(receipt.record.body) == {
        "rid": sent.rid,
        "envelope_sha256": sent.record.envelope_sha256,
        "received_at": "2021-05-12T08:05:00Z",
        "via": "https",
        "sender_head": [deu.identity.origin, 1, _root(deu)],
    }
    assert deu.record(sent.rid).receipts == rus.record(sent.rid).receipts == {"RUS": later}
    assert rus.record(sent.rid).received_at == later
    assert deu.record(sent.rid).received_at is None
    assert deu.undelivered() == rus.undelivered() == []


def test_the_same_record_again_gives_the_same_receipt_and_changes_nothing(stage):
    """I16, I17."""
    deu, rus = stage["DEU"], stage["RUS"]
    sent = notice(deu, "RUS")
    (parcel,) = deu.parcels(sent.rid, "RUS")
    first = rus.receive(parcel, via="https")
    stage.step(hours=1)
    assert rus.receive(parcel, via="bag") == first
    assert len(rus.records()) == 2
    for _ in range(2):
        carry(rus, deu, first)
    assert len(deu.records()) == 2


def test_records_are_found_by_kind_and_flight_in_order_of_arrival(stage):
    deu, rus = stage["DEU"], stage["RUS"]
    a, b = notice(deu, "RUS", 1), deu.issue("letter", to=["RUS"], body={})
    stage.hand(b, "RUS")
    stage.hand(a, "RUS")
    assert [s.rid for s in rus.records() if s.record.kind != "receipt"] == [b.rid, a.rid]
    assert [s.rid for s in rus.records(flight="OS1001")] == [a.rid]
    assert [s.record.kind for s in rus.records(kind="receipt")] == ["receipt", "receipt"]
    with pytest.raises(BadInput):
        rus.record("0" * 64)


def test_a_record_is_handed_to_its_addressees_only(stage):
    sent = notice(stage["DEU"], "RUS")
    with pytest.raises(Refused, match="not addressed to CAN"):
        stage["DEU"].parcels(sent.rid, "CAN")
    (parcel,) = stage["DEU"].parcels(sent.rid, "RUS")
    with pytest.raises(Refused, match="not addressed to CAN"):
        stage["CAN"].receive(parcel, via="https")
    with pytest.raises(Refused):
        stage["DEU"].receive(parcel, via="https")
    assert stage["CAN"].records() == []


def test_any_changed_bit_of_a_parcel_is_found_and_nothing_is_stored(stage):
    """I2, over envelope, payload, key id, signature, salt, proof and checkpoint."""
    deu, rus = stage["DEU"], stage["RUS"]
    stage.hand(notice(deu, "RUS"), "RUS")
    sent = notice(deu, "RUS", 1)
    (parcel,) = deu.parcels(sent.rid, "RUS")
    roster = parcel.index(b'"roster":"{\\"payload')  # known to the addressee, so not looked at again
    for at in [*range(3, roster, 17)]:
        bent = bytearray(parcel)
        bent[at] ^= 1 << at % 7
        with pytest.raises((NotVerified, Refused, Conflict)):
            rus.receive(bytes(bent), via="https")
    assert len(rus.records()) == 2
    rus.receive(parcel, via="https")


@pytest.mark.parametrize("bad", [b"", b"{}", b"[]", b"null", b"\xff", b'{"v":1}', b"[" * 5000, b"x" * 1000])
def test_what_is_no_parcel_gives_a_sentence(stage, bad):
    with pytest.raises(NotVerified):
        stage["RUS"].receive(bad, via="https")


@pytest.mark.parametrize(("ahead_s", "taken"), [(0, True), (120, True), (121, False), (3600, False)])
def test_a_record_from_the_future_stays_with_its_sender(stage, ahead_s, taken):
    """More than 120 s ahead is not taken up, and the sentence names the difference."""
    deu, rus = stage["DEU"], stage["RUS"]
    sent = notice(deu, "RUS")
    rus._clock = Fixed(START - timedelta(seconds=ahead_s))
    if taken:
        assert stage.hand(sent, "RUS").record.kind == "receipt"
    else:
        with pytest.raises(NotVerified, match=f"{ahead_s} s ahead") as error:
            stage.hand(sent, "RUS")
        assert error.value.facts["clock_difference_s"] == ahead_s
        assert deu.undelivered() == [(sent.rid, "RUS")]
        rus._clock = Fixed(START)
        stage.hand(sent, "RUS")
    assert deu.undelivered() == []


class Fixed:
    def __init__(self, at):
        self.at = at

    def now(self):
        return self.at

    def keep(self):
        """Nothing to keep: the time is given."""


@pytest.mark.parametrize(
    ("now", "party"),
    [
        (datetime(2021, 12, 17, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2021, 12, 18, 0, 0, 0, tzinfo=UTC), False),
    ],
)
def test_nothing_passes_to_or_from_a_state_from_the_instant_of_its_withdrawal(tmp_path, now, party):
    """IX.I.4, XV.2: asked at the moment of sending and at the moment of reception."""
    with Stage(tmp_path / "E", "DEU", "RUS") as stage:
        out, back = notice(stage["DEU"], "RUS"), notice(stage["RUS"], "DEU")
        (prepared,) = stage["RUS"].parcels(back.rid, "DEU")
        for node in stage.nodes.values():
            node._clock = Fixed(now)
        if party:
            stage.hand(out, "RUS")
            return
        for act in (lambda: stage["DEU"].parcels(out.rid, "RUS"), lambda: stage["DEU"].receive(prepared, via="https")):
            with pytest.raises(Refused) as error:
                act()
            assert error.value.citation == "IX.I.4"
        assert len(stage["DEU"].records()) == 1


def test_exercise_and_operation_do_not_mix(tmp_path):
    with (
        Stage(tmp_path / "one", "DEU", "RUS") as one,
        Stage(tmp_path / "two", "DEU", "RUS", fresh=True) as two,
        init_node(tmp_path / "op", party="RUS") as operational,
        init_node(tmp_path / "op2", party="DEU") as lone,
    ):
        (exercise,) = one["DEU"].parcels(notice(one["DEU"], "RUS").rid, "RUS")
        (real,) = _parcel(lone, "RUS")
        for node, parcel, word in (
            (operational, exercise, "an operational node takes none"),
            (two["RUS"], exercise, "belongs to exercise"),
            (one["RUS"], real, "this is an operational record"),
        ):
            with pytest.raises(Refused, match=word):
                node.receive(parcel, via="https")
            assert node.records() == []
        with pytest.raises(NotVerified, match="other root keys"):
            operational.receive(real, via="https")


def _parcel(node, to):
    sent = node.issue("letter", to=[to], body={})
    stored = node.record(sent.rid)
    return [p.encode() for p in node._parcels(stored, to, None)]


def test_one_process_writes_and_others_may_read(stage):
    folder = stage["DEU"].folder
    sent = notice(stage["DEU"], "RUS")
    with pytest.raises(NodeBusy, match="open for writing"):
        open_node(folder)
    with open_node(folder, writer=False) as reader:
        assert [s.rid for s in reader.records()] == [sent.rid]
        for act in (lambda: notice(reader, "RUS"), lambda: reader.put_blob(b"", type="a/b", name="c")):
            with pytest.raises(NodeBusy, match="reading only"):
                act()


def test_no_earlier_time_than_the_last_record_is_signed(stage):
    deu = stage["DEU"]
    notice(deu, "RUS")
    deu._clock = Fixed(START - timedelta(seconds=1))
    with pytest.raises(ClockBackwards, match="earlier than this node's last record"):
        notice(deu, "RUS")
    deu._clock = Fixed(START)
    assert notice(deu, "RUS").index == 1


def test_nothing_is_signed_over_a_damaged_log(stage):
    """The root is computed again from stored bytes before it is signed."""
    deu = stage["DEU"]
    for n in range(3):
        notice(deu, "RUS", n)
    with deu.store.engine.begin() as c:
        c.exec_driver_sql("UPDATE entry SET commitment = zeroblob(32) WHERE number = 1")
    with pytest.raises(NotVerified, match="nothing more is signed"):
        notice(deu, "RUS")
    assert len(deu.records()) == 3


def test_two_histories_of_one_log_are_never_both_accepted(stage, tmp_path):
    """A node that was put back by hand and signs on is found out by whoever saw the other history."""
    deu, rus = stage["DEU"], stage["RUS"]
    stage.hand(notice(deu, "RUS", 1), "RUS")
    with deu.store.write() as c:
        kept = deu.store.engine
        assert c.entry_count() == 1
    copy = tmp_path / "copy.sqlite3"
    deu.store.copy_to(copy)
    stage.hand(notice(deu, "RUS", 2), "RUS")
    from overflight.storage.sqlite import SqliteStore

    deu.store = SqliteStore.open(copy)
    forked = notice(deu, "RUS", 3)
    with pytest.raises(NotVerified):
        carry(deu, rus, forked)
    more = notice(deu, "RUS", 4)
    with pytest.raises(NotVerified):
        carry(deu, rus, more)
    kept.dispose()


def test_a_database_older_than_the_published_log_is_not_opened_for_writing(stage, tmp_path):
    deu = stage["DEU"]
    notice(deu, "RUS", 1)
    copy = tmp_path / "copy.sqlite3"
    deu.store.copy_to(copy)
    notice(deu, "RUS", 2)
    folder = deu.folder
    deu.close()
    (folder / "node.sqlite3").write_bytes(copy.read_bytes())
    with pytest.raises(NotVerified, match="node restore"):
        open_node(folder)


def test_a_crash_between_commit_and_publication_is_made_good_at_the_next_start(stage, monkeypatch):
    """I7, I8: what was committed is there, and log/ is completed."""
    deu = stage["DEU"]
    notice(deu, "RUS", 0)

    class Crash(BaseException):
        pass

    def crash(*_, **__):
        raise Crash

    monkeypatch.setattr(logbook, "publish", crash)
    with pytest.raises(Crash):
        notice(deu, "RUS", 1)
    monkeypatch.undo()
    folder = deu.folder
    deu.close()
    assert (folder / "log/checkpoint").read_text().split("\n")[1] == "1"
    with open_node(folder) as again:
        assert [s.record.body["n"] for s in again.records()] == [0, 1]
        assert notice(again, "RUS", 2).index == 2
    assert (folder / "log/checkpoint").read_text().split("\n")[1] == "3"
    names = {p.name for p in (folder / "log/tile/0/000.p").iterdir()}
    assert names == {"1", "2", "3"}


def test_a_crash_in_the_middle_of_publication_is_made_good_too(stage, monkeypatch):
    deu = stage["DEU"]
    puts = []

    class Crash(BaseException):
        pass

    def fails_at_second(self, name, data, real=type(deu.log_files).put):
        puts.append(name)
        if len(puts) == 2:
            raise Crash
        real(self, name, data)

    monkeypatch.setattr(type(deu.log_files), "put", fails_at_second)
    with pytest.raises(Crash):
        notice(deu, "RUS")
    monkeypatch.undo()
    folder = deu.folder
    deu.close()
    with open_node(folder) as again:
        assert again.log_files.names() == {"checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"}


def test_a_full_disk_delays_publication_and_loses_nothing(stage, monkeypatch):
    deu = stage["DEU"]
    monkeypatch.setattr(type(deu.log_files), "put", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    sent = notice(deu, "RUS")
    assert not deu.published
    monkeypatch.undo()
    notice(deu, "RUS", 1)
    assert deu.published
    assert {"tile/0/000.p/1", "tile/0/000.p/2"} <= deu.log_files.names()
    assert deu.record(sent.rid).index == 0


def test_a_record_that_fails_leaves_nothing(stage):
    deu = stage["DEU"]
    for draft in ({"body": {"x": 1.5}}, {"body": {}, "subject": "x" * 2000}, {"body": {"x": float("nan")}}):
        with pytest.raises(BadInput):
            deu.issue("letter", to=["RUS"], **draft)
    assert deu.records() == []
    assert notice(deu, "RUS").index == 0


def test_drafts_stay_private(stage):
    deu = stage["DEU"]
    deu.drafts.put("sites", b"PLANTED-NAME-731904562")
    deu.drafts.put("old", b"x")
    deu.drafts.delete("old")
    sent = notice(deu, "RUS")
    assert deu.drafts.names() == ["sites"]
    assert deu.drafts.get("sites") == b"PLANTED-NAME-731904562"
    assert deu.drafts.get("old") is None
    assert all(b"PLANTED" not in p for p in deu.parcels(sent.rid, "RUS"))


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "http://", "http://u:p@x", "http://x/?q", "http://x#y", "file:///etc", "x"]
)
def test_an_address_is_a_plain_http_address(stage, url):
    with pytest.raises(BadInput):
        stage["DEU"].add_peer("RUS", url)
    with pytest.raises(BadInput):
        stage["DEU"].add_peer("DEU", "http://x")


def forged_receipt(rus, sent, **change):
    body = {
        "rid": sent.rid, "envelope_sha256": sent.record.envelope_sha256, "received_at": "2021-05-12T08:00:00Z",
        "via": "https", "sender_head": ["x", 1, "00"], **change,
    }  # fmt: skip
    return rus.issue("receipt", to=["DEU"], body=body, refs=[Ref("receipt-of", sent.rid)])


@pytest.mark.parametrize(
    "change",
    [{"envelope_sha256": "00" * 32}, {"rid": "00" * 32}, {"via": "pigeon"}, {"received_at": "yesterday"}, {"more": 1}],
)
def test_a_receipt_counts_only_for_the_exact_envelope(stage, change):
    deu, rus = stage["DEU"], stage["RUS"]
    sent = notice(deu, "RUS")
    with pytest.raises(NotVerified):
        carry(rus, deu, forged_receipt(rus, sent, **change))
    assert deu.undelivered() == [(sent.rid, "RUS")]


def test_a_third_party_cannot_confirm_what_it_did_not_get(stage):
    deu, can = stage["DEU"], stage["CAN"]
    sent = notice(deu, "RUS")
    with pytest.raises(NotVerified, match="does not fit"):
        carry(can, deu, forged_receipt(can, sent))


def test_files_travel_with_the_record_to_those_who_may_have_them(stage):
    """VI.I.5.H: all see the digest, one addressee gets the file."""
    deu = stage["DEU"]
    secret = deu.put_blob(b"personal data", type="application/pdf", name="crew.pdf")
    open_ = deu.put_blob(b"map", type="image/png", name="map.png")
    sent = deu.issue(
        "flight.notification", to=["RUS"], info=["CAN"], body={"flight": "OS1001"}, blobs=[secret, open_],
        blobs_only_to={secret.sha256: ["RUS"]},
    )  # fmt: skip
    stage.hand(sent, "RUS")
    stage.hand(sent, "CAN")
    assert stage["RUS"].blob(secret.sha256) == b"personal data"
    assert stage["CAN"].blob(open_.sha256) == b"map"
    assert [b.sha256 for b in stage["CAN"].record(sent.rid).record.blobs] == [secret.sha256, open_.sha256]
    with pytest.raises(BadInput):
        stage["CAN"].blob(secret.sha256)


def test_files_that_do_not_fit_one_parcel_follow_in_others(stage):
    from dataclasses import replace

    deu, rus = stage["DEU"], stage["RUS"]
    deu.settings = replace(deu.settings, parcel_blob_bytes=1000)
    blobs = [deu.put_blob(bytes([n]) * 600, type="image/tiff", name=f"{n}.tif") for n in range(3)]
    sent = notice(deu, "RUS", blobs=blobs)
    assert len(deu.parcels(sent.rid, "RUS")) == 3
    receipt = stage.hand(sent, "RUS")
    assert [rus.blob(b.sha256)[0] for b in blobs] == [0, 1, 2]
    assert len(rus.records()) == 2
    assert receipt.record.kind == "receipt"


def test_a_file_that_the_record_does_not_list_or_that_differs_is_refused(stage):
    deu, rus = stage["DEU"], stage["RUS"]
    blob = deu.put_blob(b"film", type="image/tiff", name="a.tif")
    sent = notice(deu, "RUS", blobs=[blob])
    (data,) = deu.parcels(sent.rid, "RUS")
    parcel = Parcel.parse(data, limit=1 << 20)
    for blobs in ({blob.sha256: b"fil_"}, {"0" * 64: b"film"}, {"../../x": b"film"}):
        bent = Parcel(parcel.envelope, parcel.proof, parcel.roster, blobs=blobs).encode()
        with pytest.raises(NotVerified):
            rus.receive(bent, via="https")
    assert rus.records() == []
    assert rus.blob_files.names() == set()


def test_a_file_is_kept_once_and_its_size_is_limited(stage):
    from dataclasses import replace

    deu = stage["DEU"]
    one = deu.put_blob(b"film", type="image/tiff", name="a.tif")
    assert deu.put_blob(b"film", type="image/tiff", name="a.tif") == one
    assert deu.blob_files.names() == {one.sha256}
    deu.settings = replace(deu.settings, blob_max_bytes=4)
    deu.put_blob(b"1234", type="a/b", name="x")
    with pytest.raises(BadInput, match="at most 4"):
        deu.put_blob(b"12345", type="a/b", name="x")
    with pytest.raises(BadInput, match="put it first"):
        notice(deu, "RUS", blobs=[type(one)("0" * 64, 1, "a/b", "x")])
    (deu.folder / "blobs" / one.sha256).write_bytes(b"FILM")
    with pytest.raises(NotVerified):
        deu.blob(one.sha256)


def test_a_party_that_joins_the_exercise_later_is_known_from_its_first_record(tmp_path):
    with Stage(tmp_path / "E", "DEU") as stage, init_node(party="RUS", exercise=tmp_path / "E") as rus:
        deu = stage["DEU"]
        assert hand(rus, deu, notice(rus, "DEU")).record.kind == "receipt"
        assert deu.newest_roster().version == 3
        assert json.loads(deu.newest_roster().payload)["exercise"] == deu.exercise


def test_every_error_is_one_sentence_for_people(stage):
    with pytest.raises(OverflightError) as error:
        stage["DEU"].issue("NO KIND", to=["RUS"], body={})
    assert "kind" in str(error.value)
    assert "\n" not in str(error.value)


def test_several_threads_of_one_process_write_one_log(stage):
    """I5: no gap and no duplicate, whoever comes first."""
    from concurrent.futures import ThreadPoolExecutor

    deu, rus = stage["DEU"], stage["RUS"]
    incoming = [rus.parcels(notice(rus, "DEU", n).rid, "DEU")[0] for n in range(4)]
    newest = incoming[-1:]
    with ThreadPoolExecutor(4) as pool:
        acts = [pool.submit(notice, deu, "RUS", n) for n in range(8)]
        acts += [pool.submit(deu.receive, parcel, via="https") for parcel in newest * 3]
        acts += [pool.submit(deu.records) for _ in range(8)]
        found = [act.result() for act in acts]
    own = [s for s in deu.records() if s.record.from_ == "DEU"]
    assert sorted(s.index for s in own) == list(range(9))
    assert len({s.rid for s in found[8:11]}) == 1
    assert verify_path(deu.folder).ok
