"""What all pictures share: their colours, their paper, and the same bytes for the same input."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from overflight.terms.words import say

OURS: Final = "#1d5a9f"
THEIRS: Final = "#96480b"
COMPLIES: Final = "#17643a"
BREACHES: Final = "#b0231b"
DISPUTED: Final = "#68399c"
INK: Final = "#1a1f25"
MUTED: Final = "#545d68"
LINE: Final = "#d5d8d6"
PAPER: Final = "#ffffff"

DPI: Final = 144  # of PNG
WIDTH_IN: Final = 9.0
LETTERS: Final = 165  # of small print on a line
_SETTINGS: Final[dict[str, Any]] = {
    "svg.hashsalt": "overflight",  # otherwise every file has other ids
    "svg.fonttype": "none",  # text stays text: it can be read out, searched and translated
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "hatch.linewidth": 0.5,
    "path.simplify": True,
}


@contextmanager
def style() -> Iterator[None]:
    """Our settings, and nobody's own from a file in the home folder."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings: Any = matplotlib.rcParams
        settings.update(_SETTINGS)
        yield


def sheet(height_in: float) -> Any:
    """An empty sheet, `WIDTH_IN` wide."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height_in), facecolor=PAPER)
    FigureCanvasAgg(figure)  # no screen and no global list of figures
    return figure


def head(figure: Any, title: str, under: str = "") -> None:
    """The title, and one line under it, at the upper edge."""
    height = figure.get_figheight()
    figure.text(0.03, 1 - 0.30 / height, plain(title), size=13, weight="bold", va="baseline", gid="title")
    if under:
        figure.text(0.03, 1 - 0.52 / height, plain(under), size=9, color=MUTED, va="baseline", gid="under-title")


def foot(figure: Any, sentences: list[str], *, private: bool) -> None:
    """Small print at the lower edge; a private picture says that it is."""
    height = figure.get_figheight()
    y = 0.12
    for line in reversed([part for text in sentences for part in textwrap.wrap(plain(text), LETTERS)]):
        figure.text(0.03, y / height, line, size=7, color=MUTED, va="baseline")
        y += 0.14
    if private:
        figure.text(
            0.97,
            1 - 0.30 / height,
            say("PRIVATE: shows sites or their value; not for other Parties"),
            size=8,
            weight="bold",
            color=BREACHES,
            ha="right",
            va="baseline",
            gid="private",
        )


def foot_height_in(sentences: list[str]) -> float:
    """How much of the sheet the small print takes, inches."""
    return 0.14 * sum(len(textwrap.wrap(plain(text), LETTERS)) for text in sentences) + 0.2


def plain(text: str) -> str:
    """`text` without letters that cannot be printed, or that XML does not take."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def as_bytes(figure: Any, kind: str, *, title: str) -> bytes:
    """The finished picture, `svg` or `png`; no date and no version in it."""
    out = io.BytesIO()
    if kind == "svg":
        about = {"Date": None, "Creator": "Overflight", "Title": plain(title), "Format": None, "Type": None}
        figure.savefig(out, format="svg", metadata=about)
    else:
        figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None, "Title": plain(title)})
    return out.getvalue()


def nice(whole: float, parts: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that cuts `whole` into about so many parts."""
    rough = whole / max(1, parts)
    power = 10.0
    while power > rough:
        power /= 10
    while power * 10 <= rough:
        power *= 10
    return next((n * power for n in (1.0, 2.0, 5.0) if n * power >= rough), 10 * power)
