"""Closed lists of words: what a fact or a field may say, other names for the same, and a refusal that lists them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from overflight.errors import BadInput
from overflight.terms.words import say

# The categories of Article IV.1, and for each the codes of Annex B, Appendix 1, paragraph 2, and words in use.
CATEGORIES = ("optical", "video", "infra-red", "radar")
CATEGORY_NAMES: Mapping[str, str] = {
    "op": "optical",
    "of": "optical",
    "panoramic": "optical",
    "framing": "optical",
    "tv": "video",
    "irls": "infra-red",
    "infrared": "infra-red",
    "sar": "radar",
}
# The kinds of which Article IV.2 counts the sensors aboard. A framing camera is vertical or oblique, so `OF` is none.
SENSOR_KINDS = ("panoramic", "vertical framing", "oblique framing", "video", "infra-red", "radar")
KIND_NAMES: Mapping[str, str] = {
    "op": "panoramic",
    "panoramic camera": "panoramic",
    "vertical": "vertical framing",
    "oblique": "oblique framing",
    "tv": "video",
    "irls": "infra-red",
    "infrared": "infra-red",
    "sar": "radar",
}
OTHER = "other"  # in a list of what a paragraph gives: something that it does not give


class UnknownWord(BadInput):
    """A word that is none of a closed list; the message lists them."""


def plain(word: str) -> str:
    """A word as it is compared: small letters, single blanks, no underscores."""
    return re.sub(r"[\s_]+", " ", word).strip().casefold()


def known(word: str, words: Collection[str], names: Mapping[str, str] | None = None) -> str | None:
    """The word of the list that `word` is or means; None if it is none of them.

    Examples
    --------
    >>> known("IRLS", CATEGORIES, CATEGORY_NAMES)
    'infra-red'
    >>> known("lidar", CATEGORIES, CATEGORY_NAMES) is None
    True
    """
    asked = plain(word)
    by_plain = {plain(w): w for w in words}
    if asked in by_plain:
        return by_plain[asked]
    return (names or {}).get(asked)


def one_of(
    word: str, words: Collection[str], names: Mapping[str, str] | None = None, *, field: str, citation: str
) -> str:
    """The word of the list that `word` is or means.

    Raises
    ------
    UnknownWord
        If it is none of them; the message lists the words.
    """
    found = known(word, words, names)
    if found is None:
        raise UnknownWord(
            say("{field}: {word!r} is none of {words}", field=field, word=word[:60], words="; ".join(words)),
            field=field,
            citation=citation,
        )
    return found


def all_of(
    given: Iterable[str], words: Collection[str], names: Mapping[str, str] | None = None, *, field: str, citation: str
) -> list[str]:
    """Each word given, as the list has it. Raises UnknownWord."""
    return [one_of(word, words, names, field=field, citation=citation) for word in given]
