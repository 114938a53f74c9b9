"""What a Party wants to see never leaves its node: distinctive names and values are planted and looked for."""

import base64
import gzip
import json
import zlib
from pathlib import Path

import pytest

from overflight.app.exchange import export_bundle
from overflight.app.story import afterwards, cast
from overflight.app.story.leaks import leaks_in, leaks_of
from overflight.app.story.play import all_steps
from overflight.app.story.player import Player
from overflight.app.story.stage import Stage
from overflight.app.wiring import open_node

NAMES = [f"Zyqvorn {letter}{n}" for n, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWX")]
VALUES = [str(731946528 + 1009 * n) for n in range(len(NAMES))]
WORDS = [*NAMES, *VALUES]


def planted_csv() -> str:
    sites = cast.sites()[: len(NAMES)]
    rows = [f"{name},{s.lon_deg},{s.lat_deg},{value}" for name, value, s in zip(NAMES, VALUES, sites, strict=True)]
    return "\n".join(["name,lon,lat,value", *rows]) + "\n"


@pytest.mark.xdist_group("leaks")
def test_no_planted_site_or_value_reaches_another_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records, copies, reports and bundles of a whole flight, decompressed and decoded, hold none of them."""
    monkeypatch.setattr(cast, "sites_csv", planted_csv)
    steps = all_steps()
    until = [s.play for s in steps].index(afterwards.letter_refused) + 1
    stage = Stage(tmp_path / "e", port=0)
    try:
        stage.open(cast.utc("2021-01-15T08:00"))
        player = Player(stage, steps[:until])
        while not player.over:
            player.play_next()
        assert player.ok, [p.transcript() for p in player.played if not p.ok]
        handed_over = json.dumps(player.memory["plan"]).encode()
    finally:
        stage.close()

    assert len(leaks_of(stage.node("DEU"), WORDS)) >= len(WORDS), "the search must find them where they are"
    assert leaks_of(stage.node("RUS"), WORDS) == []
    assert leaks_of(stage.node("CAN"), WORDS) == []
    assert leaks_in(handed_over, WORDS) == set()
    with open_node(stage.node("DEU")) as node:
        for party in ("RUS", "CAN"):
            bundle = export_bundle(node, to=party, everything=True)
            assert leaks_in(bundle, WORDS) == set()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda b: b,
        lambda b: b"\x00\x01junk" + gzip.compress(b) + b"tail",
        lambda b: zlib.compress(b),
        lambda b: b'{"payload":"' + base64.b64encode(b) + b'"}',
        lambda b: base64.urlsafe_b64encode(gzip.compress(base64.b64encode(b))),
    ],
    ids=["plain", "gzip inside", "zlib", "base64", "base64 of gzip of base64"],
)
def test_the_search_sees_a_word_however_it_is_wrapped(wrap) -> None:
    data = ("x" * 40 + "Zyqvorn A0" + "y" * 40).encode()
    assert leaks_in(wrap(data), WORDS) == {"Zyqvorn A0"}
