"""Makes static/images/icons.svg, the sprite of the icons the pages use, from a folder of Lucide icons.

    npm pack lucide-static@1.62.0 && tar xzf lucide-static-1.62.0.tgz
    python scripts/build_icons.py package/icons

Only what the pages name belongs here; tests/house/test_look.py fails on a name that is not in the sprite.
"""

import re
import sys
from pathlib import Path

SPRITE = Path(__file__).parent.parent / "static/images/icons.svg"
LUCIDE = "1.62.0"
# our word -> Lucide's word
ICONS = {
    "account": "user",
    "alert": "circle-alert",
    "back": "arrow-left",
    "bell": "bell",
    "box": "package",
    "calendar": "calendar",
    "camera": "camera",
    "cart": "shopping-basket",
    "chart": "chart-column",
    "check": "check",
    "class": "graduation-cap",
    "clock": "clock",
    "copy": "copy",
    "desk": "clipboard-list",
    "down": "chevron-down",
    "download": "download",
    "filter": "sliders-horizontal",
    "good": "circle-check",
    "hand": "hand-coins",
    "home": "house",
    "info": "info",
    "language": "globe",
    "leaf": "leaf",
    "left": "chevron-left",
    "lock": "lock",
    "mail": "mail",
    "minus": "minus",
    "money": "wallet",
    "more": "ellipsis",
    "out": "log-out",
    "paper": "file-text",
    "pencil": "pencil",
    "people": "users",
    "phone": "phone",
    "pin": "map-pin",
    "plus": "plus",
    "printer": "printer",
    "qr": "qr-code",
    "right": "chevron-right",
    "scale": "scale",
    "scan": "scan-line",
    "seal": "badge-check",
    "search": "search",
    "settings": "settings",
    "shop": "store",
    "sun": "sun",
    "trash": "trash-2",
    "truck": "truck",
    "undo": "undo-2",
    "warn": "triangle-alert",
    "wheat": "wheat",
    "x": "x",
}


def symbol(name: str, svg: str) -> str:
    """One icon as a symbol, without what the page's own svg element already says."""
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if drawing is None:
        raise SystemExit(f"{name}: not a Lucide icon")
    shapes = re.sub(r"\s+", " ", drawing[1]).strip().replace(" />", "/>").replace("> <", "><")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def build(folder: Path) -> str:
    symbols = [symbol(ours, (folder / f"{theirs}.svg").read_text("utf8")) for ours, theirs in ICONS.items()]
    note = f"<!-- Lucide {LUCIDE}, ISC and MIT licences: see LICENSE-lucide.txt -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{note}\n' + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    SPRITE.write_text(build(Path(sys.argv[1])), "utf8")
