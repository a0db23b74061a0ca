"""The visitor's own eyes: a good page has no faults, and each planted mistake is seen."""

import pytest
from werkzeug.wrappers import Response

from tests.visit import Form, Page

POLICY = "default-src 'self'; script-src 'self' 'nonce-abc'"
GOOD = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Giỏ hàng</title>
<link rel="stylesheet" href="/static/site.css"><script type="module" src="/static/site.js"></script>
<script nonce="abc">go()</script></head>
<body><h1>Giỏ hàng</h1><a href="#main">Tới nội dung</a>
<main id="main"><p>Trà Tân Cương, <b>125.000&nbsp;₫</b></p>
<img src="/media/a.webp" alt="Trà" width="10" height="10"><a href="https://vietnam.example/">Trang của xã</a>
<form method="post" action="/cart/lines/ABC"><input type="hidden" name="csrf_token" value="t">
<label for="q">Số lượng</label><input id="q" name="quantity" value="2">
<label>Nơi nhận <select name="where"><option value="a">An</option>
<option value="b" selected>Bình</option></select></label>
<label><input type="checkbox" name="agree" checked> Đồng ý</label><textarea name="note" aria-label="Lời nhắn">
Gõ cửa</textarea><button>Lưu</button></form></main></body></html>"""


def page(html: str, policy: str = POLICY) -> Page:
    answer = Response(html, mimetype="text/html", headers={"Content-Security-Policy": policy})
    return Page(None, "/cart", answer)  # type: ignore[arg-type]


def test_a_good_page_has_no_faults():
    assert page(GOOD).faults() == []


@pytest.mark.parametrize(
    ("good", "bad", "seen"),
    [
        ("<h1>Giỏ hàng</h1>", "", "0 h1"),
        ("<h1>Giỏ hàng</h1>", "<h1>Giỏ</h1><h1>Hàng</h1>", "2 h1"),
        ("<h1>Giỏ hàng</h1>", "<h1> </h1>", "an empty h1"),
        ("<title>Giỏ hàng</title>", "", "no <title>"),
        (' lang="vi"', "", "no lang"),
        ("</p>", "</p></p>", "not valid HTML"),
        ("<b>125", "<b><p>125", "not valid HTML"),
        ('for="q"', 'for="other"', "has no label"),
        ('for="q"', 'for="other"', "names nothing"),
        (' aria-label="Lời nhắn"', "", "has no label"),
        (' alt="Trà"', "", "has no alt"),
        (' width="10"', "", "no width and height"),
        ('id="q"', 'id="main"', "id 'main' 2 times"),
        ('href="#main"', 'href="#elsewhere"', "which is not there"),
        ("Tới nội dung", "", "without words"),
        ('<script nonce="abc">', "<script>", "without the nonce"),
        ('<script nonce="abc">', '<script nonce="old">', "without the nonce"),
        ("<main ", '<main style="color: red" ', "inline style"),
        ("<main ", '<main onclick="go()" ', "inline onclick"),
        ("<title>", "<style>p {}</style><title>", "an inline <style>"),
        ('src="/media/a.webp"', 'src="https://cdn.example/a.webp"', "another host"),
        ('href="/static/site.css"', 'href="//cdn.example/site.css"', "another host"),
        ('src="/media/a.webp"', 'src="/a.webp" srcset="https://cdn.example/a.webp 2x"', "another host"),
        ('<input type="hidden" name="csrf_token" value="t">', "", "has no csrf_token"),
        ('method="post"', 'method="get"', "would show its csrf_token"),
        ("<textarea", '<input type="file" name="photo" aria-label="Ảnh"><textarea', "no enctype"),
        ("Tân Cương", "{{ name }}", "which is ours"),
        ("Tân Cương", "%(name)s", "which is ours"),
    ],
)
def test_a_planted_mistake_is_seen(good, bad, seen):
    assert good in GOOD
    faults = "\n".join(page(GOOD.replace(good, bad, 1)).faults())
    assert seen in faults, faults


@pytest.mark.parametrize("policy", ["", "script-src 'self'", "script-src 'nonce-abc' 'unsafe-inline'"])
def test_a_weak_policy_is_seen(policy):
    assert page(GOOD, policy).faults()


def test_words_are_read_as_a_person_reads_them():
    seen = page(GOOD)
    assert "Trà Tân Cương, 125.000 ₫" in seen
    assert "go()" not in seen
    assert (seen.title, seen.h1) == ("Giỏ hàng", "Giỏ hàng")
    assert seen.links["Tới nội dung"] == "#main"


def test_a_form_holds_what_stands_in_it():
    form = Form(page(GOOD), page(GOOD).one("form"))
    assert form.fields == {"csrf_token": "t", "quantity": "2", "where": "b", "agree": "on", "note": "Gõ cửa"}
    assert (form.method, form.action) == ("POST", "/cart/lines/ABC")
    assert form.choices("where") == {"a": "An", "b": "Bình"}


def test_a_field_that_is_not_there_cannot_be_sent():
    with pytest.raises(AssertionError, match="has no colour"):
        page(GOOD).form("/cart/lines/ABC").submit(colour="red")
