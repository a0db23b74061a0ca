"""What a program may send by mistake: a sentence, never a 500."""

import pytest

JUNK = [b"", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 50_000, b'{"a":' * 50_000, b"1e999"]


@pytest.mark.parametrize("path", ["/api/v1/shipping-quotes", "/api/v1/addresses/parse"])
@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
def test_a_body_that_is_no_object(visit, path, body):
    answer = visit.raw("POST", path, data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_a_wrong_method_says_which_are_right(visit):
    answer = visit.raw("DELETE", "/api/v1/products")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]
    answer = visit.raw("PUT", "/checkout")
    assert answer.status_code == 405 and {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
