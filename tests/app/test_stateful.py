"""Two nodes that exchange in any order, over a wire that loses and repeats, with restarts: nothing is lost."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from overflight.app.exchange import export_bundle, import_bundle, verify_path
from overflight.app.wiring import open_node
from overflight.errors import BadInput, Conflict, NotVerified, Refused
from tests.app.nodes import Stage, notice

PARTIES = ("DEU", "RUS")
party = st.sampled_from(PARTIES)


class TwoNodes(RuleBasedStateMachine):
    parcels = Bundle("parcels")
    bags = Bundle("bags")

    @initialize()
    def start(self):
        self.folder = tempfile.TemporaryDirectory()
        self.stage = Stage(Path(self.folder.name) / "E", *PARTIES)
        self.acts = dict.fromkeys(PARTIES, 0)
        self.confirmed = set()

    @rule(sender=party)
    def act(self, sender):
        notice(self.stage[sender], other(sender), self.acts[sender])
        self.acts[sender] += 1

    @rule(target=parcels, sender=party)
    def post(self, sender):
        """Something is put on the wire; it may arrive late, twice or never."""
        waiting = self.stage[sender].undelivered()
        return self.stage[sender].parcels(waiting[0][0], other(sender))[0] if waiting else None

    @rule(parcel=parcels, to=party)
    def arrive(self, parcel, to):
        if parcel is not None:
            receipt = self.quietly(lambda: self.stage[to].receive(parcel, via="https"))
            if receipt is not None:
                self.confirmed.add(receipt.record.body["rid"])

    @rule(sender=party, lost=st.booleans())
    def deliver(self, sender, lost):
        for rid, to in self.stage[sender].undelivered()[:1]:
            self.stage.hand(self.stage[sender].record(rid), to, back=not lost)
            self.confirmed.add(rid)

    @rule(target=bags, sender=party)
    def pack(self, sender):
        return self.quietly(lambda: export_bundle(self.stage[sender], to=other(sender)))

    @rule(target=bags, bag=bags, to=party)
    def unpack(self, bag, to):
        if bag is None:
            return None
        report = self.quietly(lambda: import_bundle(self.stage[to], bag))
        if report is None:
            return None
        if report.more["answer"]:
            self.confirmed |= {r["rid"] for r in report.more["records"] if r["kind"] != "receipt"}
        return report.more["answer"]

    @rule(which=party)
    def restart(self, which):
        folder = self.stage[which].folder
        self.stage[which].close()
        self.stage.nodes[which] = open_node(folder)

    @rule(minutes=st.integers(0, 90))
    def time_passes(self, minutes):
        self.stage.step(minutes=minutes)

    @invariant()
    def what_was_confirmed_is_there(self):
        """I7, I16: a receipt exists only for what is stored, and stays."""
        for sender in PARTIES if hasattr(self, "stage") else ():
            held = {s.rid: s.record.envelope for s in self.stage[other(sender)].records()}
            for stored in self.stage[sender].records():
                if stored.record.from_ == sender and stored.rid in self.confirmed:
                    assert held[stored.rid] == stored.record.envelope

    def teardown(self):
        if not hasattr(self, "stage"):
            return
        for sender in PARTIES * 2:
            for rid, to in self.stage[sender].undelivered():
                self.stage.hand(self.stage[sender].record(rid), to)
        stores = []
        for p in PARTIES:
            node = self.stage[p]
            assert node.undelivered() == []
            stores.append({s.rid: s.record.envelope for s in node.records() if s.record.kind != "receipt"})
            own = [s for s in node.records() if s.record.from_ == p]
            assert [s.record.seq for s in own] == list(range(len(own)))
            assert verify_path(node.folder).problems == []
        assert stores[0] == stores[1]
        assert len(stores[0]) == sum(self.acts.values())
        for node in self.stage.nodes.values():
            node.close()
        self.folder.cleanup()

    @staticmethod
    def quietly(act):
        """Late, repeated and misdirected messages are refused with a sentence; that is all that may happen."""
        try:
            return act()
        except (Conflict, BadInput, Refused, NotVerified):
            return None


def other(which):
    return PARTIES[1 - PARTIES.index(which)]


TestTwoNodes = TwoNodes.TestCase
TestTwoNodes.settings = settings(max_examples=5, stateful_step_count=14, deadline=None)
