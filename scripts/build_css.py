"""Joins the stylesheets into the one file that is served, static/css/site.css.

    python scripts/build_css.py            write it
    python scripts/build_css.py --check    exit 1 when the committed file is not what the parts make

The parts are plain CSS: tokens, base, layout, one file per component, then print. Comments and
spare spaces go; nothing else is changed, so that what a browser shows is what was written.
"""

import re
import sys
from pathlib import Path

CSS = Path(__file__).parent.parent / "static/css"
SERVED = CSS / "site.css"


def parts() -> list[Path]:
    """The stylesheets in the order in which they are joined."""
    return [
        CSS / "tokens.css",
        CSS / "base.css",
        CSS / "layout.css",
        *sorted((CSS / "components").glob("*.css")),
        CSS / "print.css",
    ]


def squeeze(css: str) -> str:
    """The same rules with fewer letters: no comments, no spaces that mean nothing."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,]) ?", r"\1", css)
    css = re.sub(r"([{;][-\w]+): ", r"\1:", css)
    return css.replace(";}", "}").strip()


def build() -> str:
    return "\n".join(squeeze(part.read_text("utf8")) for part in parts()) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(SERVED.read_text("utf8") != build())
    SERVED.write_text(build(), "utf8")
