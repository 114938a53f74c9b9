"""Delivery over HTTP: own records go to their addressees' nodes, whose receipts come back in the answer.

Addresses come only from this node's own list of peers.  Whether the addressee is a Party is
asked at the moment of sending.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from overflight.errors import OverflightError, PeerUnreachable
from overflight.terms.words import say

if TYPE_CHECKING:
    import httpx

    from overflight.app.node import Node

PARCEL_TYPE = "application/vnd.overflight.parcel+json"


@dataclass(frozen=True)
class Delivery:
    """What became of one record for one addressee."""

    rid: str
    party: str
    ok: bool
    detail: str

    def to_json(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {"rid": self.rid, "party": self.party, "ok": self.ok, "detail": self.detail}


def deliver(node: Node, *, to: Iterable[str] | None = None, client: httpx.Client | None = None) -> list[Delivery]:
    """Send every own record that an addressee with a known address has not confirmed, in log order.

    A Party that cannot be reached is asked once, not once a record.  Nothing is lost by a
    failure: what has no receipt stays undelivered.

    Parameters
    ----------
    node : Node
        The node that sends.
    to : codes, optional
        Only these addressees.
    client : httpx.Client, optional
        For tests and for several deliveries in a row.

    Returns
    -------
    list of Delivery
        One for each record and addressee that was tried, and for each that has no address.
    """
    wanted = None if to is None else set(to)
    peers = node.peers()
    out: list[Delivery] = []
    silent: dict[str, str] = {}
    own = client is None
    client = client or _client(node)
    try:
        for rid, party in node.undelivered():
            if wanted is not None and party not in wanted:
                continue
            if party not in peers:
                out.append(Delivery(rid, party, False, say("no address of {party} is known; export it", party=party)))
            elif party in silent:
                out.append(Delivery(rid, party, False, silent[party]))
            else:
                out.append(_deliver_one(node, client, rid, party, peers[party], silent))
    finally:
        if own:
            client.close()
    return out


def _client(node: Node) -> httpx.Client:
    import httpx

    return httpx.Client(timeout=node.settings.http_timeout_s, follow_redirects=False, trust_env=False)


def _deliver_one(node: Node, client: httpx.Client, rid: str, party: str, url: str, silent: dict[str, str]) -> Delivery:
    try:
        for receipt in _send(node, client, rid, party, url):
            node.receive(receipt, via="https")
    except PeerUnreachable as error:
        silent[party] = error.message
        return Delivery(rid, party, False, error.message)
    except OverflightError as error:
        return Delivery(rid, party, False, error.message)
    return Delivery(rid, party, True, say("received"))


def _send(node: Node, client: httpx.Client, rid: str, party: str, url: str) -> list[bytes]:
    """Post a record's parcels; once more from where the addressee's copy of the log ends, if it says so."""
    held: int | None = None
    for _ in range(3):
        answers = []
        for parcel in node.parcels(rid, party, held=held):
            status, answer = _post(node, client, party, f"{url}/inbox", parcel)
            if status == 200:
                answers.append(answer)
                continue
            problem = _problem(answer)
            if status == 409 and isinstance(problem.get("held"), int) and not isinstance(problem["held"], bool):
                held = problem["held"]
                break
            raise OverflightError(
                say("{party} answered {status}: {detail}", party=party, status=status, detail=problem["detail"])
            )
        else:
            return answers
    raise OverflightError(say("{party} and this node do not agree on the state of the log", party=party))


def _post(node: Node, client: httpx.Client, party: str, url: str, parcel: bytes) -> tuple[int, bytes]:
    import httpx

    limit = node.settings.parcel_max_bytes
    try:
        with client.stream("POST", url, content=parcel, headers={"Content-Type": PARCEL_TYPE}) as answer:
            found = bytearray()
            for chunk in answer.iter_bytes():
                found += chunk
                if len(found) > limit:
                    raise PeerUnreachable(say("{party} answered with too many bytes", party=party))
            return answer.status_code, bytes(found)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PeerUnreachable(
            say("{party} did not answer: {why}", party=party, why=str(error)[:200] or type(error).__name__)
        ) from None


def _problem(answer: bytes) -> dict[str, Any]:
    import json

    try:
        found = json.loads(answer[:20_000])
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("detail"), str):
        return {"detail": say("no explanation")}
    return {**found, "detail": found["detail"][:500]}
