"""Look at another Party's published log from outside: its roster, checkpoint, tiles and entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from overflight.app.exchange import roots_of
from overflight.errors import BadInput, NotVerified, PeerUnreachable
from overflight.sharing.checkpoint import LONGEST_NOTE_BYTES, Checkpoint
from overflight.sharing.envelope import LONGEST_ENVELOPE_BYTES
from overflight.sharing.log import Tree
from overflight.sharing.report import Report
from overflight.sharing.roster import Roots, verify_roster
from overflight.sharing.tiles import Tile, decode_entries, edge, expected, tiles_of_entries
from overflight.terms.words import say

if TYPE_CHECKING:
    import httpx

MOST_ENTRIES = 1_000_000
LONGEST_TILE_BYTES = 16 << 10


def verify_address(url: str, *, pinned: Roots | None) -> Report:
    """Fetch and verify the log of the node at `url`; records are not public, so `checked` stays 0.

    Raises
    ------
    PeerUnreachable
        If nothing answers there.
    BadInput
        If the log is longer than is fetched in one go.
    """
    import httpx

    base = url.rstrip("/")
    report = Report()
    with httpx.Client(timeout=20, follow_redirects=False, trust_env=False) as client:
        roster = verify_roster(_get(client, f"{base}/roster", LONGEST_ENVELOPE_BYTES), pinned)
        report.more = roots_of(roster, pinned)
        note = _get(client, f"{base}/log/checkpoint", LONGEST_NOTE_BYTES).decode("utf-8", "replace")
        log = next((p.log for p in roster.parties if p.log.name == note.split("\n", 1)[0]), None)
        try:
            if log is None:
                raise NotVerified(say("the roster has no log of that name"))
            state = Checkpoint.verify(note, log)
            if state.size > MOST_ENTRIES:
                raise BadInput(say("a log of {size} entries is too long to fetch here", size=state.size))
            report.entries = _entries(client, base, state)
        except NotVerified as error:
            report.problems.append(error.message)
    return report


def _entries(client: httpx.Client, base: str, state: Checkpoint) -> int:
    """Every tile and bundle of the checkpoint, each compared with what the entries give."""
    wanted = sorted(expected([state.size]) | set(edge(state.size)))
    entries: list[bytes] = []
    tiles: dict[Tile, bytes] = {}
    for tile in wanted:
        data = _get(client, f"{base}/log/{tile.path}", LONGEST_TILE_BYTES)
        if tile.level < 0:
            entries += decode_entries(data, tile.width)
        else:
            tiles[tile] = data
    reader = tiles_of_entries(entries)
    if Tree(reader, len(entries)).root() != state.root or len(entries) != state.size:
        raise NotVerified(say("the published entries do not give the root that the checkpoint signs"))
    for tile, data in tiles.items():
        if b"".join(reader(tile.level, tile.index, tile.width)) != data:
            raise NotVerified(say("{path} is not what the entries give", path=tile.path))
    return len(entries)


def fetch(url: str, limit: int) -> bytes:
    """The answer to one request, of at most `limit` bytes.

    Raises
    ------
    PeerUnreachable
        If there is none, or it is too long.
    """
    import httpx

    with httpx.Client(timeout=20, follow_redirects=False, trust_env=False) as client:
        return _get(client, url, limit)


def _get(client: httpx.Client, url: str, limit: int) -> bytes:
    import httpx

    try:
        with client.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise PeerUnreachable(say("{url} answered {status}", url=url, status=answer.status_code))
            found = bytearray()
            for chunk in answer.iter_bytes():
                found += chunk
                if len(found) > limit:
                    raise PeerUnreachable(say("{url} sent more than {limit} bytes", url=url, limit=limit))
            return bytes(found)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PeerUnreachable(
            say("{url} did not answer: {why}", url=url, why=str(error)[:200] or type(error).__name__)
        ) from None
