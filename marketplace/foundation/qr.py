"""QR codes (ISO/IEC 18004), error correction M as bank apps expect: for pages, for paper, for a telephone's album."""

import io
from functools import lru_cache

import segno
from markupsafe import Markup

QUIET = 4
"""Empty modules around a code, as the standard asks."""


@lru_cache(maxsize=256)
def rows(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code of a text, row by row from the top, without its quiet zone; True is dark."""
    return tuple(tuple(bool(cell) for cell in row) for row in segno.make_qr(text, error="m").matrix)


def path(text: str) -> tuple[str, int]:
    """The code as an SVG path, and how many units wide it is, without its quiet zone."""
    drawn = rows(text)
    squares = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(drawn) for x, is_dark in enumerate(row) if is_dark)
    return "".join(squares), len(drawn)


def svg(text: str) -> Markup:
    """The code as an SVG picture that scales, without styles of its own."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        nl=False,
        omitsize=True,
        border=QUIET,
        svgclass=None,
        lineclass=None,
    )
    return Markup(out.getvalue().decode())  # noqa: S704 (drawn here, of squares only)


def png(text: str) -> bytes:
    """The code as a picture to be kept on a telephone."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=12, border=QUIET)
    return out.getvalue()
