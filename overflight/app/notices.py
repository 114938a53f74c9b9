"""Notices for people: the kinds, their content, and texts of others mapped to a kind by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.acts import VERBS
from overflight.app.treaty import all_rules
from overflight.errors import BadFile, BadInput
from overflight.flight.kinds import KINDS
from overflight.terms.citation import is_near, is_part
from overflight.terms.words import say
from overflight.treaty import notices, paragraphs
from overflight.treaty.os_frame import LARGEST_CHARACTERS, OSMessage, lost, read_frame, read_redistribution

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


def kinds(regime: Regime) -> list[dict[str, Any]]:
    """Every kind of notice: key, event, paragraphs, from, to, deadline, fields, and the names of its rules."""
    return [
        {**n.to_json(), "rules": [r["name"] for r in rules_of(regime, n)]}
        for n in notices.notices(folder=regime.folder)
    ]


def rules_of(regime: Regime, notice: notices.Notice) -> list[dict[str, Any]]:
    """The registered rules that stand under the paragraphs of a kind of notice: citation, name, summary."""
    cited = _cited(regime, notice)
    return [
        {"citation": r.citation, "name": r.name, "summary": r.summary}
        for citation in sorted(all_rules(), key=paragraphs.rank)
        for r in all_rules()[citation]
        if any(is_part(citation, of=c) for c in cited)
    ]


def about(regime: Regime, citations: Collection[str]) -> list[dict[str, Any]]:
    """The kinds of notices that stand under some paragraphs, or under the parts of one: key, event, record."""
    return [
        {"key": n.key, "event": n.event, "record": n.record or None, "paragraphs": list(n.paragraphs)}
        for n in notices.notices(folder=regime.folder)
        if any(is_near(c, asked) for c in _cited(regime, n) for asked in citations)
    ]


def _cited(regime: Regime, notice: notices.Notice) -> set[str]:
    """The paragraphs of a notice and of its clocks, and the rows of the data that hold several of them."""
    named = {*notice.paragraphs, *(clock.partition("#")[0] for clock in notice.clocks)}
    return {*named, *(regime.paragraph(p).citation for p in notice.paragraphs)}


def record_of(notice: notices.Notice) -> dict[str, Any] | None:
    """The kind of signed record that carries a notice: its name, title, acts and fields; None where there is none."""
    kind = KINDS.get(notice.record)
    if kind is None:
        return None
    return {
        "kind": kind.name,
        "title": say(kind.title),
        "paragraphs": list(kind.rules),
        "acts": [verb.name for verb in VERBS.values() if verb.kind == kind.name],
        "fields": [f.name for f in kind.fields],
    }


def codes(regime: Regime) -> list[dict[str, Any]]:
    """How Annex B writes annotations: key, paragraph, pattern, example."""
    return [c.to_json() for c in notices.codes(folder=regime.folder)]


def kind(regime: Regime, key: str) -> dict[str, Any]:
    """One kind of notice with its clocks, rules, record kind, JSON Schema and the paragraphs' paraphrases.

    Raises
    ------
    BadInput
        If there is none of that key.
    """
    found = notices.notice(key, folder=regime.folder)
    return {
        **found.to_json(),
        "clocks": [regime.deadline(id).to_json() for id in found.clocks],
        "rules": rules_of(regime, found),
        "record_kind": record_of(found),
        "summaries": {p: regime.paragraph(p).summary for p in found.paragraphs},
        "schema": found.schema(),
    }


def mapped(regime: Regime, key: str, text: str, content: Mapping[str, str]) -> dict[str, Any]:
    """A text that somebody pasted, mapped by hand to a kind of notice.

    Nothing is guessed out of free text: what the person set is the content, `missing` what
    the kind asks beyond it.  A text in the frame of the OS messages is read as one, and
    content of Format 1 is read into its parts; `lost` shows any word that the frame would drop.

    Raises
    ------
    BadInput
        If there is no such kind, or it has no such field.
    """
    found = notices.notice(key, folder=regime.folder)
    known = {i.name for i in found.items}
    for name in content:
        if name not in known:
            raise BadInput(
                say("{key} has no field {name!r}; its fields are {known}", key=found.key, name=name[:40],
                    known=", ".join(i.name for i in found.items)),
                field="--set",
            )  # fmt: skip
    out: dict[str, Any] = {
        "key": found.key,
        "citation": found.paragraphs[0],
        "content": dict(content),
        "missing": list(found.missing(content)),
        "text": text,
        "frame": None,
    }
    try:
        message = read_frame(text)
    except BadFile as error:
        return {**out, "frame_note": error.message}
    out |= {"frame": _frame(message), "lost": list(lost(text, message)), "printed": message.print()}
    if found.format_number == "1" and message.format_number == "1":
        parts = read_redistribution(message.content)
        out["format_1"] = {
            "year": parts.year,
            "transfers": [{**t.__dict__, "to": [{"party": w, "flights": n} for w, n in t.to]} for t in parts.transfers],
            "faults": list(parts.faults()),
        }
    return out


def read_text(file: Path) -> str:
    """A pasted text from a file.

    Raises
    ------
    BadFile
        If it is missing, too large or not UTF-8.
    """
    try:
        if not file.is_file():
            raise BadFile(say("{file}: no such file", file=file.name), field="--text")
        if file.stat().st_size > 4 * LARGEST_CHARACTERS:
            raise BadFile(
                say("{file}: larger than {n} bytes", file=file.name, n=4 * LARGEST_CHARACTERS), field="--text"
            )
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(say("{file}: is not UTF-8; save it as UTF-8", file=file.name), field="--text") from None
    except OSError as error:
        raise BadFile(say("{file}: {why}", file=file.name, why=error.strerror), field="--text") from None


def _frame(message: OSMessage) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in message.__dict__.items()}
