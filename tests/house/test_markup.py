"""The quick reading of pages is the strict one's, and hides no fault."""

import pytest

from tests import markup

PAGE = """<!doctype html><html lang="vi"><head><title>{words}</title></head><body><!-- {words} -->
<h1 id="a">{words}</h1><svg viewBox="0 0 1 1"><use href="#{words}"/></svg><table><tr><td>{words}<td>&amp;</table>
<script type="application/json">{{"a": 1}}</script><textarea>
{words}</textarea><p hidden>{words}</body></html>"""


def test_a_page_of_a_known_shape_is_read_alike(monkeypatch):
    markup.read(PAGE.format(words="chè"))
    monkeypatch.setattr(markup.html5lib, "HTMLParser", None)
    quick, fault = markup.read(PAGE.format(words="tôm khô"))
    monkeypatch.undo()
    strict = markup.html5lib.parse(PAGE.format(words="tôm khô"), namespaceHTMLElements=False)
    assert fault is None
    assert markup._facts(quick) == markup._facts(strict)


@pytest.mark.parametrize(
    "spoilt", ["</b>", "<p>chè</b></p>", '<a href="x" href="y">chè</a>', "chè & trà &copy", "<td>chè</td>"]
)
def test_a_fault_is_found_after_a_good_page(spoilt):
    markup.read(PAGE.format(words="chè"))
    assert markup.read(PAGE.format(words=spoilt))[1].startswith("not valid HTML")
