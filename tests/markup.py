"""Pages as trees, and whether they are valid HTML.

The strict parser is slow, and the suite reads some ten thousand pages that are the same but for their words. So a page
of a shape (its tags, the names of their attributes, where words stand) that was found valid before, and that the quick
parser read as the strict one did, is read by the quick one.
"""

import re
from typing import Any
from xml.etree.ElementTree import Comment, Element

import html5lib
from html5lib.html5parser import ParseError
from selectolax.lexbor import LexborHTMLParser

SVG = "http://www.w3.org/2000/svg"
_quick: set[int] = set()
"""Shapes that were valid, and read alike by both."""


def read(html: str) -> tuple[Element, str | None]:
    """The tree of a page, and what is wrong with it."""
    shape = hash(_shape(html))
    if shape in _quick:
        return _read_quickly(html), None
    try:
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    except ParseError as error:
        return html5lib.parse(html, namespaceHTMLElements=False), f"not valid HTML: {error}"
    if _facts(tree) == _facts(_read_quickly(html)):
        _quick.add(shape)
    return tree, None


def _shape(html: str) -> str:
    """The page without its words, and without the values of attributes; where there were words an x stands."""
    without_values = re.sub(
        r'="[^"]*"', '=""', re.sub(r"<!--(?:(?!--).)*-->", "<!---->", html, flags=re.DOTALL)
    )
    return re.sub(
        r">(\n?)([^<&]+)", lambda run: f">{run[1]}" + ("x" if run[2].strip() else ""), without_values
    )


def _read_quickly(html: str) -> Element:
    root: Any = LexborHTMLParser(html).root
    return _element(root, "")


def _element(node: Any, space: str) -> Element:
    """A node of the quick parser, with all in it, as the strict one would have made it."""
    if node.tag == "svg":
        space = f"{{{SVG}}}"
    made = Element(space + node.tag, {name: value or "" for name, value in node.attributes.items()})
    before: Element | None = None
    child = node.child
    while child is not None:
        if child.tag == "-text":
            words = child.text_content or ""
            if before is None:
                made.text = (made.text or "") + words
            else:
                before.tail = (before.tail or "") + words
        else:
            before = Comment() if child.tag == "-comment" else _element(child, space)
            made.append(before)
        child = child.next
    return made


def _facts(tree: Element) -> list[tuple[Any, ...]]:
    """All a test could ask of a tree, but what a comment says."""
    return [
        (one.tag, one.attrib, (one.text or "") if isinstance(one.tag, str) else "", one.tail or "")
        for one in tree.iter()
    ]
