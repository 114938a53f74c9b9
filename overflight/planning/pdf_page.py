"""Pages of a PDF 1.4 file: text in Helvetica, lines and dots.  No more than a plan on paper needs.

Lengths are points (1/72 inch) from the lower left corner of an A4 page.  The same calls give the same bytes.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Sequence

WIDTH, HEIGHT = 595.0, 842.0
_LINES_AT_ONCE = 5_000


class Page:
    """One page, drawn in the order of the calls."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def text(self, x: float, y: float, text: str, *, size: float = 9.0, bold: bool = False) -> None:
        """One line of text that starts at a place; letters outside Windows-1252 lose their marks or become ``?``."""
        self._parts.append(f"BT /{'B' if bold else 'R'} {size:g} Tf {x:.2f} {y:.2f} Td ({_escaped(text)}) Tj ET")

    def line(self, points: Sequence[tuple[float, float]], *, width: float = 0.5, grey: float = 0.0) -> None:
        """A line through places."""
        if len(points) < 2:
            return
        self._parts.append(f"{grey:g} G {width:g} w")
        for k in range(0, len(points) - 1, _LINES_AT_ONCE):
            some = points[k : k + _LINES_AT_ONCE + 1]
            moves = [f"{x:.2f} {y:.2f} {'m' if n == 0 else 'l'}" for n, (x, y) in enumerate(some)]
            self._parts.append(" ".join([*moves, "S"]))

    def box(self, x: float, y: float, wide: float, high: float, *, fill: float | None = None) -> None:
        """A rectangle; filled with a grey, or its outline."""
        paint = f"{fill:g} g" if fill is not None else "0 G 0.5 w"
        self._parts.append(f"{paint} {x:.2f} {y:.2f} {wide:.2f} {high:.2f} re {'f' if fill is not None else 'S'} 0 g")

    def inside(self, x: float, y: float, wide: float, high: float) -> None:
        """What is drawn until `outside` shows only within this rectangle."""
        self._parts.append(f"q {x:.2f} {y:.2f} {wide:.2f} {high:.2f} re W n")

    def outside(self) -> None:
        """End what `inside` began."""
        self._parts.append("Q")

    def content(self) -> bytes:
        """The drawing as a content stream."""
        return "\n".join(self._parts).encode("cp1252")


def pdf(pages: Sequence[Page], *, title: str) -> bytes:
    """The file of these pages."""
    objects: list[bytes] = [b"", b""]

    def put(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    fonts = [
        put(f"<< /Type /Font /Subtype /Type1 /BaseFont /{face} /Encoding /WinAnsiEncoding >>".encode())
        for face in ("Helvetica", "Helvetica-Bold")
    ]
    kids = []
    for page in pages:
        packed = zlib.compress(page.content(), 9)
        head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        stream = put(head + packed + b"\nendstream")
        kids.append(
            put(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH:g} {HEIGHT:g}] /Contents {stream} 0 R "
                f"/Resources << /Font << /R {fonts[0]} 0 R /B {fonts[1]} 0 R >> >> >>".encode()
            )
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] >>".encode()
    about = put(f"<< /Title ({_escaped(title)}) /Producer (Overflight) >>".encode("cp1252"))
    out, starts = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for n, body in enumerate(objects, start=1):
        starts.append(len(out))
        out += f"{n} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{start:010d} 00000 n \n".encode() for start in starts)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {about} 0 R >>\n".encode()
    out += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def _escaped(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text)
    try:
        shown.encode("cp1252")
    except UnicodeEncodeError:
        letters = (c for c in unicodedata.normalize("NFKD", shown) if not unicodedata.combining(c))
        shown = "".join(letters).encode("cp1252", "replace").decode("cp1252")
    return shown.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
