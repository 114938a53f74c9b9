"""Ground resolution of an imaging chain, and the minimum height that follows from it.

Ground resolution is the width of one bar of a target (Article II, paragraph 13; Annex D, Appendix 1,
Section III, paragraph 2): half of a line pair, and not the ground sample distance of a scan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overflight.errors import BadInput, CannotAnswer
from overflight.imagery.ellipsoid import Floats
from overflight.terms.words import say

# Two readings of "modulation 0.4" exist and no text of Decision Three was read, so they have two names.
IMAGE_THRESHOLD = 0.4  # (b) normalised image modulation at which bars still count as separate; unverified
H_MIN_TARGET_MODULATION = 0.4  # (a) target contrast to which a film H_min is normalised; unverified, not applied

CONTRAST_NOTE = "contrast correction not applied"


@dataclass(frozen=True)
class Chain:
    """An imaging chain on the ground: how it blurs in one direction. Metres and cycles per metre."""

    sample_m: float  # ground sample distance
    blur_m: float = 0.0  # standard deviation of a Gaussian
    smear_m: float = 0.0  # length of motion smear
    cutoff_per_m: float = math.inf  # diffraction cut-off

    def __post_init__(self) -> None:
        numbers = (self.sample_m, self.blur_m, self.smear_m)
        if not all(math.isfinite(v) and v >= 0 for v in numbers) or not self.cutoff_per_m > 0 or self.sample_m <= 0:
            raise BadInput(
                say("an imaging chain needs a positive sample distance and cut-off, and no negative blur"),
                field="sample_m",
            )

    def response(self, frequency_per_m: ArrayLike) -> Floats:
        """What is left of a sine's modulation, 0 to 1, at each frequency in cycles per metre."""
        f = np.asarray(frequency_per_m, float)
        out = np.exp(-2 * (math.pi * self.blur_m * f) ** 2)
        out = out * np.abs(np.sinc(f * self.smear_m)) * np.abs(np.sinc(f * self.sample_m))
        if math.isfinite(self.cutoff_per_m):
            x = np.clip(f / self.cutoff_per_m, 0.0, 1.0)
            out = out * (2 / math.pi) * (np.arccos(x) - x * np.sqrt(1 - x * x))
        return np.asarray(out, float)


def bar_modulation(chain: Chain, width_m: float, *, target_modulation: float, bars: int = 3) -> float:
    """Normalised modulation of a group of square bars in the image: 1 means nothing was lost.

    The spectrum of `bars` bright bars on dark ground times the chain's response, transformed back; the mean
    at bar centres against the mean at the gaps between them, over the target's own modulation.
    Square bars are not sines: see `sine_bar_width`.
    """
    highest = min(chain.cutoff_per_m, 40.0 / width_m)
    f = np.linspace(0.0, highest, 4001)
    centre: Floats = np.asarray((2 * np.arange(bars) - (bars - 1)) * width_m, np.float64)
    spectrum = width_m * np.sinc(f * width_m) * np.cos(2 * math.pi * np.outer(centre, f)).sum(0) * chain.response(f)

    def level(at: Floats) -> float:
        waves = spectrum * np.cos(2 * math.pi * np.outer(at, f))
        part = 2 * np.trapezoid(waves, f, axis=1)
        return float(np.mean(1 - target_modulation + 2 * target_modulation * part))

    bright, dark = level(centre), level((centre[1:] + centre[:-1]) / 2)
    return (bright - dark) / (bright + dark) / target_modulation


def bar_width(chain: Chain, *, target_modulation: float, threshold: float = IMAGE_THRESHOLD, bars: int = 3) -> float:
    """The bar width in metres at which the normalised image modulation of square bars falls to `threshold`.

    Bars under 1.05 sample distances alias: a width that small is no ground resolution that anybody could read.

    Raises
    ------
    BadInput
        If modulation or threshold is not between 0 and 1.
    """
    for name, value in (("target_modulation", target_modulation), ("threshold", threshold)):
        if not 0 < value < 1:
            raise BadInput(say("{name} is {value}; it lies between 0 and 1", name=name, value=value), field=name)
    return _crossing(
        lambda width: bar_modulation(chain, width, target_modulation=target_modulation, bars=bars) - threshold,
        chain,
    )


def sine_bar_width(chain: Chain, *, threshold: float = IMAGE_THRESHOLD) -> float:
    """Half a period in metres at which a *sine's* modulation falls to `threshold`; coarser than by bars."""
    return _crossing(lambda width: float(chain.response(1 / (2 * width))) - threshold, chain)


def _crossing(above: Callable[[float], float], chain: Chain) -> float:
    """The widest width at which `above` falls to zero, coming from wide bars."""
    scale = max(chain.sample_m, chain.blur_m, chain.smear_m, 1 / chain.cutoff_per_m)
    wide = 20 * scale
    while wide > scale / 50:
        narrow = wide / 1.08
        if above(narrow) <= 0:
            for _ in range(50):
                middle = (wide + narrow) / 2
                wide, narrow = (middle, narrow) if above(middle) > 0 else (wide, middle)
            return (wide + narrow) / 2
        wide = narrow
    raise CannotAnswer(say("the modulation never falls to the threshold, so no bar width follows"))


def nadir_sample_m(height_agl_m: ArrayLike, focal_length_mm: float, pixel_pitch_um: float) -> Floats:
    """Metres on flat ground between neighbouring pixels of a vertical camera: height times pitch over focal length.

    Not the treaty's ground resolution (Article II, paragraph 13).

    Raises
    ------
    BadInput
        If a height is not positive and finite; the message gives its index.
    """
    height = np.atleast_1d(np.asarray(height_agl_m, float))
    bad = np.flatnonzero(~((height > 0) & np.isfinite(height)))
    if bad.size:
        raise BadInput(
            say("height {index} is {value} m; it must be positive", index=int(bad[0]), value=float(height[bad[0]])),
            field="height_agl_m",
        )
    return height * (pixel_pitch_um * 1e-6) / (focal_length_mm * 1e-3)


def planning_height_m(focal_length_mm: float, line_pairs_per_mm: float, bar_width_m: float) -> float:
    """Height above ground at which a film camera's bar width is `bar_width_m`: H = 2 f R L.

    A planning estimate by plain optics, not a rule of the treaty and no certificate.
    """
    return 2 * focal_length_mm * line_pairs_per_mm * bar_width_m


@dataclass(frozen=True)
class Pass:
    """One image of the target: heights above it in metres and bar widths read in centimetres, per direction."""

    along: tuple[float, float] | None  # (H_i, L_i,1); None if not read
    across: tuple[float, float] | None


@dataclass(frozen=True)
class MinimumHeight:
    """A minimum height above ground, how it came about and what is not known about it."""

    h_min_m: float
    rule: str
    along_m: float | None
    across_m: float | None
    limit_cm: float
    notes: tuple[str, ...]
    verified: str


def single_h_min_m(height_m: float, bar_width_cm: float, limit_cm: float) -> float:
    """``H_i * L_a / L_ij``: the minimum height from one image and direction (Decision Fourteen, Part V, 2(A)).

    Raises
    ------
    BadInput
        If a number is not positive and finite.
    """
    for name, value in (("height_m", height_m), ("bar_width_cm", bar_width_cm), ("limit_cm", limit_cm)):
        if not (math.isfinite(value) and value > 0):
            raise BadInput(say("{name} is {value}; it must be positive", name=name, value=value), field=name)
    return height_m * limit_cm / bar_width_cm


def _max_of_direction_means(along: Sequence[float], across: Sequence[float]) -> float:
    return max(sum(part) / len(part) for part in (along, across) if part)


def _grand_mean(along: Sequence[float], across: Sequence[float]) -> float:
    values = [*along, *across]
    return sum(values) / len(values)


def _geometric_mean(along: Sequence[float], across: Sequence[float]) -> float:
    values = [*along, *across]
    return math.exp(sum(math.log(v) for v in values) / len(values))


def _max(along: Sequence[float], across: Sequence[float]) -> float:
    return max([*along, *across])


# How single values become one H_min could not be read (Decision Fourteen, Part V, 2(B)), so it is named and recorded.
AVERAGES: dict[str, Callable[[Sequence[float], Sequence[float]], float]] = {
    "max_of_direction_means": _max_of_direction_means,
    "grand_mean": _grand_mean,
    "geometric_mean": _geometric_mean,
    "max": _max,
}


def minimum_height(
    passes: Sequence[Pass], *, limit_cm: float, category: str, average: str = "max_of_direction_means"
) -> MinimumHeight:
    """The minimum height above ground from passes over a target, by the linear rule.

    Parameters
    ----------
    limit_cm : float
        The agreed ground resolution of the category, centimetres (Article IV, paragraph 2).
    category : str
        ``optical`` or ``video``. For infra-red the printed formula could not be read, and radar's
        resolution does not depend on height.
    average : str
        A name in `AVERAGES`.

    Raises
    ------
    CannotAnswer
        For infra-red and radar.
    BadInput
        If there is no pass, an unknown category or average, or a number that is not positive.
    """
    if category == "infra-red":
        raise CannotAnswer(
            say(
                "the formula of Decision Fifteen for infra-red line-scanning devices is an image in the only copy "
                "read, so no H_min is computed; take the certified one from the certification report"
            ),
            citation="AnnD",
            field="--category",
        )
    if category == "radar":
        raise CannotAnswer(
            say("a radar's ground resolution does not depend on height (Article IV, paragraph 2(D)): it has no H_min"),
            citation="IV.2.D",
            field="--category",
        )
    if category not in ("optical", "video"):
        raise BadInput(
            say("category {category!r} is none of optical, video, infra-red, radar", category=category),
            field="--category",
        )
    if average not in AVERAGES:
        raise BadInput(
            say("average {average!r} is none of {all}", average=average, all=", ".join(AVERAGES)), field="--average"
        )
    along = [single_h_min_m(*p.along, limit_cm) for p in passes if p.along]
    across = [single_h_min_m(*p.across, limit_cm) for p in passes if p.across]
    if not along and not across:
        raise BadInput(say("no pass holds a height and a bar width; at least one is needed"), field="passes")
    notes = [say("the averaging rule {average} is a convention: the decision's own could not be read", average=average)]
    if category == "optical":
        notes.append(CONTRAST_NOTE)
    return MinimumHeight(
        h_min_m=AVERAGES[average](along, across),
        rule=f"linear, {average}",
        along_m=sum(along) / len(along) if along else None,
        across_m=sum(across) / len(across) if across else None,
        limit_cm=limit_cm,
        notes=tuple(notes),
        verified="part" if category == "video" else "no",
    )
