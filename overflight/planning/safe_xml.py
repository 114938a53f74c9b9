"""XML from outside, read without document types, entities or endless nesting."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from overflight.errors import BadFile
from overflight.terms.words import say

DEEPEST = 64
MOST_ELEMENTS = 400_000

Element = ET.Element


def read_xml(data: bytes, *, name: str) -> Element:
    """The root of an XML file.

    Raises
    ------
    BadFile
        If it is no XML, declares a document type or an entity, or is nested too deeply.
    """
    builder = ET.TreeBuilder()
    depth = count = 0

    def refuse(*_: Any) -> None:
        raise BadFile(say("{name} declares a document type or an entity; save it without", name=name), field=name)

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > DEEPEST or count > MOST_ELEMENTS:
            raise BadFile(say("{name} is nested too deeply, or has too many parts", name=name), field=name)
        builder.start(_clark(tag), attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_clark(tag))

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = lambda *_: 0
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadFile(say("{name} is no XML ({why})", name=name, why=str(error)[:80]), field=name) from None


def xml_bytes(root: Element) -> bytes:
    """The file of a tree, UTF-8."""
    ET.indent(root, " ")
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """A new last child; letters that XML cannot hold are left out of `text`."""
    child = ET.SubElement(parent, tag, {k: plain(v) for k, v in attributes.items()})
    child.text = None if text is None else plain(text)
    return child


def plain(text: str) -> str:
    """`text` without letters that XML 1.0 does not allow."""
    return "".join(
        c for c in text if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )


def local(element: Element) -> str:
    """Tag without its namespace."""
    return element.tag.rpartition("}")[2]


def each(parent: Element, tag: str) -> Iterator[Element]:
    """Elements anywhere below `parent` whose tag, without namespace, is `tag`."""
    return (element for element in parent.iter() if local(element) == tag)


def fields_text(fields: Mapping[str, Any]) -> dict[str, str]:
    """Fields of a plan as texts, one JSON value each."""
    return {key: json.dumps(value, ensure_ascii=False) for key, value in fields.items() if key != "points"}


def fields_from(texts: Mapping[str, str], *, name: str) -> dict[str, Any]:
    """The fields again.

    Raises
    ------
    BadFile
        If a text is no JSON.
    """
    out = {}
    for key, text in texts.items():
        try:
            out[key] = json.loads(text)
        except (ValueError, RecursionError):
            raise BadFile(say("{name}: {field} cannot be read", name=name, field=key[:60]), field=key[:60]) from None
    return out


def number(text: str | None, *, name: str) -> float:
    """A coordinate from a text.

    Raises
    ------
    BadFile
        If it is no number.
    """
    plain = (text or "").strip()
    try:
        if not plain.isascii() or "_" in plain:  # numbers to Python and to no map
            raise ValueError
        return float(plain)
    except ValueError:
        raise BadFile(
            say("{name}: {text!r} is no coordinate", name=name, text=(text or "")[:40]), field="coordinates"
        ) from None


def _clark(tag: str) -> str:
    space, brace, rest = tag.rpartition("}")
    return f"{{{space}}}{rest}" if brace else rest
