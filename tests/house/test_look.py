"""The look keeps its promises: one served stylesheet, small files, readable colours, known icons, no inline code."""

import re
import subprocess
import sys
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PARTS = [p for p in sorted((STATIC / "css").rglob("*.css")) if p.name != "site.css"]
BUDGET = 1024
TOKENS = (STATIC / "css/tokens.css").read_text("utf8")


def squeezed(*files: Path) -> int:
    return sum(len(brotli.compress(file.read_bytes())) for file in files)


def test_served_stylesheet_is_what_its_parts_make() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts/build_css.py", "--check"], check=False)
    assert done.returncode == 0, "run: python scripts/build_css.py"


def test_first_view_stays_light() -> None:
    """A page fetches site.js and only the parts it has a use for; the largest four are weighed, and all of them."""
    assert squeezed(STATIC / "css/site.css") <= 11 * BUDGET
    scripts = {file.stem: squeezed(file) for file in (STATIC / "js").glob("*.js")}
    # The camera and the tones of the counter came on top: only a clerk fetches them.
    assert sum(scripts.values()) <= 23 * BUDGET
    for page in (
        "site suggest list quantity gallery buy",
        "site suggest list places draft",
        "site suggest list till dong",
        "site listing dong net",
    ):
        assert sum(scripts[part] for part in page.split()) <= 6 * BUDGET, page
    assert squeezed(STATIC / "images/icons.svg") <= 3 * BUDGET


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_has_no_inline_code_and_only_known_icons(template: Path) -> None:
    text = template.read_text("utf8")
    if "messages" not in template.parts:  # e-mail knows no stylesheets
        assert not re.search(r"<[^>{]*\sstyle=", text), "a style attribute: the CSP forbids it"
        assert not re.search(r"<style[\s>]", text)
    assert not re.search(r"<[a-z][^>{]*\son[a-z]+=", text), "an inline event handler: the CSP forbids it"
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or "nonce=" in script or "ld+json" in script
    known = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "images/icons.svg").read_text("utf8")))
    named = set(re.findall(r'\bicon\("([^"]+)"\)', text)) | set(re.findall(r'"icon": "([^"]+)"', text))
    assert named <= known, f"not in the sprite: {named - known} (scripts/build_icons.py)"


def colours(block: str) -> dict[str, tuple[int, ...]]:
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", block)
    return {name: hexes(code) for name, code in found}


def hexes(code: str) -> tuple[int, ...]:
    digits = code[1:] if len(code) == 7 else "".join(2 * letter for letter in code[1:])
    return tuple(int(digits[i : i + 2], 16) for i in (0, 2, 4))


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """WCAG 2 contrast of two colours."""

    def luminance(colour: tuple[int, ...]) -> float:
        parts = [
            v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


LIGHT = colours(TOKENS.split("@media (prefers-color-scheme: dark)")[0])
DARK = LIGHT | colours(TOKENS.split("@media (prefers-color-scheme: dark)")[1])
READ = [
    *((words, ground) for words in ("ink", "ink-soft", "leaf", "danger") for ground in ("paper", "surface", "rice")),
    ("ink", "leaf-tint"), ("ink-soft", "leaf-tint"), ("on-tint", "leaf-tint"), ("on-leaf", "leaf-fill"),
    ("on-leaf", "leaf-press"), ("on-forest", "forest"), ("forest-gold", "forest"), ("persimmon", "paper"),
    ("persimmon", "surface"), ("on-leaf", "badge"), ("on-turmeric", "turmeric-tint"), ("danger", "danger-tint"),
    ("ink", "danger-tint"), ("on-plum", "plum"),
]  # fmt: skip
SEEN = [("edge", "surface"), ("edge", "paper"), ("leaf", "surface"), ("danger", "surface")]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_told_apart_in_both_themes(theme: dict[str, tuple[int, ...]]) -> None:
    weak = {pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in READ}
    assert not {pair: ratio for pair, ratio in weak.items() if ratio < 4.5}
    edges = {pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in SEEN}
    assert not {pair: ratio for pair, ratio in edges.items() if ratio < 3}


@pytest.mark.parametrize("part", PARTS, ids=lambda path: path.name)
def test_no_text_is_smaller_than_13_pixels(part: Path) -> None:
    for size, unit in re.findall(r"font-size:\s*([\d.]+)(rem|px)", part.read_text("utf8")):
        pixels = float(size) * (16 if unit == "rem" else 1)
        assert pixels >= 13, f"{size}{unit}"
