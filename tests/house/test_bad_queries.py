"""An address with anything behind its question mark is answered, never with a 500."""

import pytest

from tests.house.test_doors import look, pages

pytestmark = pytest.mark.database("sqlite")

ODD = [
    "endpoint=x&code=y&slug=z&page=2",
    "_scheme=gopher&_anchor=a&_method=POST&_external=1&values=1&self=1",
    "page=0&sort=; drop table&price_min=-1&price_max=99999999999999999999&stars=x&set=0&province=%F0%9F%8D%B5",
    "q=%00%FF%FE&page=999999999999&group[]=1&filename=..%2F..%2Fetc",
    "key=%27%22%3E%3Cscript%3E&next=//elsewhere.example&next=%0d%0aSet-Cookie:x=1",
    "q=" + "a" * 5000,
]


@pytest.mark.parametrize("query", ODD, ids=range(len(ODD)))
def test_odd_queries_are_answered(visit, query):
    for path, audience in pages(visit.app):
        if audience == "public":
            page = look(visit, f"{path}?{query}")
            assert page.status < 500, f"{path}?{query}: {page.status}"
            sent_to = page.answer.headers.get("Location", "")
            assert "elsewhere.example" not in sent_to.partition("?")[0], sent_to


def test_nothing_is_behind_a_nul(visit):
    for path in ("/products/AB%00CD", "/shops/%00", "/pay/%00x", "/account/orders/%00"):
        assert look(visit, path).status == 404


@pytest.mark.database("sqlite", "postgresql")
def test_what_is_asked_is_clean(visit):
    """NUL is dropped and letters are put together before anybody looks at them; PostgreSQL stores neither."""
    page = look(visit, "/products?q=tra%CC%80%00%20xanh&province=%00&group=a%00")
    assert page.status == 200
    assert page.one("input", type="search", name="q").get("value") == "trà xanh"


def test_what_is_sent_in_a_form_is_clean(app):
    from flask import request

    body = "n%00ame=tra%CC%80%00&n%00ame=%FF&empty="
    how = {"method": "POST", "data": body, "content_type": "application/x-www-form-urlencoded"}
    for looks_at_files_first in (False, True):
        with app.test_request_context("/", **how):
            assert not (looks_at_files_first and request.files)
            assert request.form.to_dict(flat=False) == {"name": ["trà", "%FF"], "empty": [""]}
