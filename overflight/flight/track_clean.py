"""Tracks put in order: clocks that step, places that jump, fixes that come twice.  Whatever is left out is noted."""

from __future__ import annotations

from typing import Final

import numpy as np

from overflight.flight.track_data import Flags, Floats, Ints, Note, Track
from overflight.planning.geodesy import earth_centred_km
from overflight.terms.moment import readable
from overflight.terms.words import say

# Conventions of ours, shown in the notes that use them.
OUT_OF_ORDER_S: Final = 60.0  # fixes that come later than this in the file are of a clock that was set back
FASTEST_KMH: Final = 1_500.0
MOST_SEGMENTS: Final = 1_500
MIXED_STEPS: Final = 20  # so many steps back are no clock's, if in the order of time the fixes make one flight
SAME_PLACE_KM: Final = 0.1
_ROUNDS: Final = 10


def in_order(track: Track) -> Track:
    """Fixes as they stand in the file, put in the order of time.

    Disorder is sorted, if in the order of time the fixes make one flight.  Else, where the clock steps back by
    more than a minute, two parts of the file tell of the same time; the parts with the most fixes that do not
    contradict each other are kept.
    """
    notes: list[Note] = []
    back = np.flatnonzero(np.diff(track.seconds) < -OUT_OF_ORDER_S) + 1
    if back.size and not _only_mixed(track, back.size):
        keep = _one_clock(track.seconds, back)
        says = say(
            "the clock steps back {n} times, first to {at}; {left} fixes of times that are told twice are left out",
            n=len(back),
            at=readable(track.time(int(back[0]))),
            left=int((~keep).sum()),
        )
        notes.append(track.note("clock-step", says, back))
        track = track.take(keep)
    late = np.flatnonzero(np.diff(track.seconds) < 0) + 1
    if late.size:
        notes.append(track.note("out-of-order", say("fixes are not in the order of time: {n}", n=len(late)), late))
        track = track.take(np.argsort(track.seconds, kind="stable"))
    again = np.flatnonzero(np.diff(track.seconds) == 0) + 1
    if again.size:
        places = earth_centred_km(track.lons, track.lats)
        apart = np.linalg.norm(places[again] - places[again - 1], axis=1)
        other = again[apart > SAME_PLACE_KM]
        notes.append(
            track.note(
                "duplicate", say("fixes of a second that was told already: {n}; the first counts", n=len(again)), again
            )
        )
        if other.size:
            notes.append(
                track.note("two-places", say("two places more than 100 m apart at one time: {n}", n=len(other)), other)
            )
        once = np.ones(len(track), dtype=bool)
        once[again] = False
        track = track.take(once)
    return track.noted(*notes)


def _only_mixed(track: Track, steps_back: int) -> bool:
    """Whether the rows of a file are only out of order: in the order of time they make one flight.

    No clock is set back so often, and of one that was every second that is told twice is a jump there and back.
    """
    if steps_back < MIXED_STEPS:
        return False
    order = np.argsort(track.seconds, kind="stable")
    apart = steps_km(earth_centred_km(track.lons[order], track.lats[order]))
    fast = apart * 3600.0 > FASTEST_KMH * np.maximum(np.diff(track.seconds[order]), 1.0)
    return int(np.count_nonzero(fast)) * 4 <= steps_back


def _one_clock(seconds: Floats, back: Ints) -> Flags:
    """The parts of the file, between its steps in time, that hold the most fixes and go forward together."""
    cuts = np.flatnonzero(np.abs(np.diff(seconds)) > OUT_OF_ORDER_S) + 1
    cuts = cuts if cuts.size < MOST_SEGMENTS else back
    if cuts.size >= MOST_SEGMENTS:  # a clock of no use: what goes forward counts
        return np.asarray(seconds >= np.maximum.accumulate(seconds) - OUT_OF_ORDER_S, dtype=bool)
    starts, ends = np.concatenate([[0], cuts]), np.append(cuts, seconds.size)
    least, most = np.minimum.reduceat(seconds, starts), np.maximum.reduceat(seconds, starts)
    best, before = (ends - starts).astype(float), np.full(starts.size, -1)
    for k in range(1, starts.size):
        fits = np.flatnonzero(most[:k] <= least[k])
        if fits.size:
            before[k] = int(fits[np.argmax(best[fits])])
            best[k] += best[before[k]]
    keep = np.zeros(seconds.size, dtype=bool)
    k = int(np.argmax(best))
    while k >= 0:
        keep[starts[k] : ends[k]] = True
        k = int(before[k])
    return keep


def without_spikes(track: Track) -> tuple[Track, Floats, Floats]:
    """The track without fixes that could only be reached faster than any observation aircraft flies.

    Also its fixes' places, earth-centred (n, 3), and the chords between neighbours, (n - 1,).
    """
    every = earth_centred_km(track.lons, track.lats)
    keep, places, seconds, steps = np.arange(len(track)), every, track.seconds, steps_km(every)
    for _ in range(_ROUNDS):
        fast = steps * 3600.0 > FASTEST_KMH * np.diff(seconds)
        if keep.size < 3 or not fast.any():
            break
        # a spike is fast on both sides; at the ends one side is all there is
        spike = np.concatenate([[False], fast]) & np.concatenate([fast, [False]])
        spike[0], spike[-1] = fast[0] and not fast[1:2].any(), fast[-1] and not fast[-2:-1].any()
        if not spike.any():
            break
        keep = keep[~spike]
        places, seconds = every[keep], track.seconds[keep]
        steps = steps_km(places)
    if keep.size == len(track):
        return track, places, steps
    left = np.ones(len(track), dtype=bool)
    left[keep] = False
    gone = np.flatnonzero(left)
    says = say("fixes left out that could only be reached at more than {v:g} km/h: {n}", v=FASTEST_KMH, n=gone.size)
    return track.noted(track.note("spike", says, gone)).take(keep), places, steps


def steps_km(places: Floats) -> Floats:
    """Chords between neighbouring fixes."""
    step = places[1:] - places[:-1]
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", step, step)), float)


def airborne(track: Track, on_ground: Flags) -> Track:
    """The track from the last fix on the ground before take-off to the first after landing."""
    up = np.flatnonzero(~on_ground)
    if not on_ground.any() or not up.size:
        return track
    first, last = max(0, int(up[0]) - 1), min(len(track) - 1, int(up[-1]) + 1)
    gone = len(track) - (last - first + 1)
    if not gone:
        return track
    says = say("fixes on the ground before take-off and after landing, left out: {n}", n=gone)
    index = np.flatnonzero(on_ground)[:1]
    return track.noted(track.note("on-ground", says, index, gone)).take(np.arange(first, last + 1))
