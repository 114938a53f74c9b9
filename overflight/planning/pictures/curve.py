"""What a search found when: value against time, under its proven bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from overflight.errors import BadInput
from overflight.planning.pictures import paper
from overflight.terms.words import say


@dataclass(frozen=True)
class Moment:
    """What a search had reached `seconds` after it began: the best value, and what was proven so far, if anything.

    `gap` is that of the best path through candidate points, for which the bound holds; not of `value`.
    """

    seconds: float
    step: int
    value: float
    bound: float | None = None
    gap: float | None = None

    def to_json(self) -> dict[str, Any]:
        """All fields, JSON-able."""
        return dict(vars(self))


def value_picture(
    moments: Sequence[Moment], *, total_value: float | None = None, bound_is: str = "", by: str = "seconds",
    kind: str = "svg",
) -> bytes:  # fmt: skip
    """Value against time, and the bound above it.

    Parameters
    ----------
    moments : sequence of Moment
        In the order of time; the last stands for the end of the search.
    total_value : float, optional
        The value of all sites together.
    bound_is : str
        What the bound is a bound of.
    by : str
        ``seconds``, or ``step``: then the same search gives the same picture on any machine.

    Raises
    ------
    BadInput
        If there is no moment.
    """
    if not moments:
        raise BadInput(say("the search told of no value, so there is no curve to draw"), field="history")
    when = [m.seconds if by == "seconds" else float(m.step) for m in moments]
    values = [m.value for m in moments]
    bounded = [(t, m.bound) for t, m in zip(when, moments, strict=True) if m.bound is not None]
    title = say("Value of the best plan found")
    sentences = [say("Proven bound: {what}.", what=bound_is)] if bounded and bound_is else []
    sentences.append(say("Every plan on this curve is re-measured with geodesics at the end only."))
    with paper.style():
        foot_in = paper.foot_height_in(sentences)
        figure = paper.sheet(4.0)
        whole = figure.get_figheight()
        axes = figure.add_axes((0.09, (foot_in + 0.5) / whole, 0.88, 1 - (foot_in + 0.5 + 0.75) / whole))
        axes.step([*when], values, where="post", color=paper.OURS, linewidth=1.5, gid="value", label=say("value"))
        last = max(when[-1], 1e-9)
        if bounded:
            axes.step(
                [t for t, _ in bounded], [b for _, b in bounded], where="post", color=paper.BREACHES, linewidth=1.3,
                linestyle="--", gid="bound", label=say("proven bound"),
            )  # fmt: skip
        highest = max([*values, *(b for _, b in bounded if b is not None)])
        if total_value is not None and total_value <= 1.5 * highest:
            axes.axhline(
                total_value, color=paper.MUTED, linewidth=0.8, linestyle=":", gid="total", label=say("all sites")
            )
            highest = max(highest, total_value)
        axes.set(xlim=(0, last * 1.02), ylim=(0, highest * 1.06 or 1.0))
        axes.grid(color=paper.LINE, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_xlabel(say("seconds") if by == "seconds" else say("steps"))
        axes.set_ylabel(say("value"))
        axes.legend(loc="lower right", frameon=True, fontsize=8)
        under = say("{value:g} after {t:g} {unit}", value=values[-1], t=round(when[-1], 2), unit=_unit(by))
        if bounded:
            under += say("; proven bound {bound:g}", bound=round(float(bounded[-1][1] or 0.0), 2))
            last_gap = next((m for m in reversed(moments) if m.gap is not None and m.bound is not None), None)
            if last_gap is not None and last_gap.gap is not None and last_gap.bound is not None:
                under += say(
                    "; through candidate points {value:g}, gap {gap:.1f} %",
                    value=round(last_gap.bound * (1 - last_gap.gap), 2),
                    gap=100 * last_gap.gap,
                )
        paper.head(figure, title, under)
        paper.foot(figure, sentences, private=True)
        return paper.as_bytes(figure, kind, title=title)


def _unit(by: str) -> str:
    return say("seconds") if by == "seconds" else say("steps")
