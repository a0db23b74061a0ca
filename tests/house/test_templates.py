"""Templates and stylesheets: all compile, none is forgotten, nothing inline, nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from marketplace.notifications import wording

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.database("sqlite")
TEMPLATES = ROOT / "templates"
FILES = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
NAMES = [str(path.relative_to(TEMPLATES)) for path in FILES]
HTML = [name for name in NAMES if name.endswith(".html") and not name.startswith("messages/")]

INLINE = {
    "an inline style": re.compile(r"\sstyle\s*="),
    "an inline <style>": re.compile(r"<style\b"),
    "an inline handler": re.compile(r"<[^>{]*\son[a-z]+\s*="),
    "an address of the script kind": re.compile(r"javascript:", re.IGNORECASE),
    "an inline <script> without nonce": re.compile(
        r"<script\b(?![^>]*(?:\bsrc=|nonce=|application/(?:ld\+)?json))"
    ),
    "a fixed address of static/": re.compile(r"[\"']/static/"),
}
FETCHED = re.compile(
    r"""(?:\b(?:src|srcset|poster|action|formaction|data-src)\s*=\s*["']?\s*|<link\b[^>]*\bhref\s*=\s*["']?\s*"""
    r"""|url\(\s*["']?|@import\s+["']?|\bfrom\s+["']|\bimport\s*\(?\s*["']|\bfetch\(\s*["'`])(?:https?:)?//"""
)


def inline_faults(source: str) -> list[str]:
    bare = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    return [what for what, pattern in INLINE.items() if pattern.search(bare)]


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(market, name):
    environment = wording.environment() if name.startswith("messages/") else market.jinja_env
    environment.get_template(name)


@pytest.mark.parametrize("name", HTML)
def test_nothing_inline(name):
    found = inline_faults((TEMPLATES / name).read_text())
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "mistake",
    [
        '<p style="color: red">',
        "<style>",
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        "<script>go()</script>",
        '<img src="/static/images/a.png">',
    ],
)
def test_what_is_inline_is_found(mistake):
    assert inline_faults(mistake)


def test_a_script_with_a_nonce_is_let_through():
    assert not inline_faults(
        '<script nonce="{{ csp_nonce() }}">go()</script><script type="module" src="x"></script>'
    )


def test_nothing_comes_from_another_host():
    sources = [TEMPLATES / name for name in NAMES]
    sources += [
        path
        for path in (ROOT / "static").rglob("*")
        if path.suffix in (".css", ".js", ".svg", ".webmanifest")
    ]
    found = [str(path.relative_to(ROOT)) for path in sources if FETCHED.search(path.read_text())]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "mistake",
    [
        '<script src="https://cdn.example/a.js">',
        '<link rel="stylesheet" href="//fonts.example/a.css">',
        '@import "https://fonts.example/a.css";',
        "src: url(https://fonts.example/a.woff2)",
        'import { a } from "https://cdn.example/a.js"',
        '<form action="https://elsewhere.example/">',
    ],
)
def test_another_host_is_found(mistake):
    assert FETCHED.search(mistake)


def test_no_template_is_forgotten():
    """Each is named somewhere: by a page, by another template, or, if it is a message, by who sends it."""
    code = "\n".join(path.read_text() for path in ROOT.glob("marketplace/**/*.py"))
    others = {name: (TEMPLATES / name).read_text() for name in NAMES}
    forgotten = []
    for name in NAMES:
        if name.startswith("errors/") and name[7:10].isdigit():
            continue  # named by their number
        if name.startswith("messages/") and "/_" not in name:
            _, room, file = name.split("/")
            what = file.partition(".")[0]
            # Sent by its name, or by the state it tells of.
            rooms_code = "\n".join(path.read_text() for path in (ROOT / "marketplace" / room).glob("*.py"))
            found = re.search(rf"""["']{room}[/.]{what}["']""", code) or re.search(
                rf"""["']{what}["']""", rooms_code
            )
        else:
            quoted = re.compile(rf"""["']{re.escape(name)}["']""")
            one_of_a_row = f'f"{name.rpartition("/")[0]}/{{' in code
            found = (
                quoted.search(code)
                or one_of_a_row
                or any(quoted.search(text) for other, text in others.items() if other != name)
            )
        if not found:
            forgotten.append(name)
    assert not forgotten, "\n" + "\n".join(forgotten)


@pytest.mark.parametrize("name", [name for name in HTML if "{% extends" in (TEMPLATES / name).read_text()])
def test_a_page_has_one_h1(name):
    """Its own or that of a part. (`visit` counts them on the real page.)"""
    source = (TEMPLATES / name).read_text()
    if name.startswith(("layouts/", "errors/_")):
        return
    if name.startswith("errors/"):
        assert "errors/_error.html" in source or "<h1" in source
        return
    parts = re.findall(r"""(?:include|extends|from|import)\s+["']([^"']+)["']""", source)
    own = len(re.findall(r"<h1\b", source))
    of_parts = sum("<h1" in (TEMPLATES / part).read_text() for part in parts)
    assert own or of_parts, "no h1"
