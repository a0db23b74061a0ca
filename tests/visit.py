"""Somebody at a browser. Every page fetched is also checked: strict HTML, one h1, a title, labels, alternative texts,
unique ids, a nonce on scripts, no inline style or handler, no other host, a token in every form.

    page = visit("/products", q="trà")                  a page, 200 or the test fails; redirects are followed
    page = visit("/sell/orders/ABC", status=404)        an expected answer; 3xx is not followed when asked for
    assert "125.000 ₫" in page                          its words, as a person reads them
    page = page.form("/cart/lines").submit(quantity=2)  its form, with the hidden fields that stand in it
    page = page.follow("Giỏ hàng")                      its link with these words
    visit.post("/cart/lines", variant="X", status=422)  a form that no page shows (with a token)
    visit.sign_in(person)                               as a person who has signed in
    somebody_else = visit.another()                     a second browser
"""

import contextvars
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from marketplace.foundation.db import db
from tests import markup

HOST = "http://localhost"
REDIRECTS = (301, 302, 303, 307, 308)
NO_LABEL_NEEDED = ("hidden", "submit", "button", "image", "reset")
WITHOUT_TOKEN = ("/cart/lines", "/lang/vi", "/lang/en", "/my-province", "/of-age")
"""Forms without a token, guarded by their origin: what a visitor without a session may do."""

Field = str | list[str]


class Client(FlaskClient):
    """Flask's own, which writes a large form into a file and forgets it: closed here, or the test that happens to run
    when it is collected is blamed."""

    def open(self, *args: Any, **how: Any) -> TestResponse:
        answer = super().open(*args, **how)
        answer.request.environ["wsgi.input"].close()
        return answer


class Visitor:
    """One browser with its cookies."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        app.test_client_class = Client
        self.client: FlaskClient = app.test_client()
        self.last: Page | None = None

    def __call__(self, path: str, status: int = 200, **query: Any) -> "Page":
        """Look at a page."""
        if query:
            path += ("&" if "?" in path else "?") + urlencode(query, doseq=True)
        return self._page("GET", path, status)

    def post(self, path: str, status: int = 200, token: bool = True, **fields: Any) -> "Page":
        """Send a form that no page showed. `token=False` leaves out the token that a page would have given."""
        if token:
            fields.setdefault("csrf_token", self.token())
        return self._page("POST", path, status, fields)

    def json(self, path: str, status: int = 200, **query: Any) -> Any:
        """What a program gets from the address."""
        answer = self.raw("GET", path, query_string=query)
        assert answer.status_code == status, (
            f"{path}: {answer.status_code}, not {status}: {answer.text[:500]}"
        )
        return answer.get_json(force=True)

    def raw(self, method: str, path: str, **how: Any) -> TestResponse:
        """The bare answer, unchecked. Runs apart from the test's own context, as a request from outside does."""
        session = db.session()
        assert not session.new and not session.dirty, (
            "something is not written yet: use `with transaction():`"
        )
        # What the test has read is from before; the answer may change it.
        session.rollback()
        answer = contextvars.Context().run(
            self.client.open, path, method=method, buffered=True, follow_redirects=False, **how
        )
        session.rollback()
        return answer

    def token(self) -> str:
        """A form token of this browser's session."""
        if self.last is not None:
            for field in self.last.all("input", name="csrf_token"):
                return str(field.get("value"))
        return contextvars.Context().run(self._new_token)

    def _new_token(self) -> str:
        from flask import g
        from flask import session as cookie
        from flask_wtf.csrf import generate_csrf

        with self.app.test_request_context(), self.client.session_transaction() as kept:
            cookie.update(kept)
            made = generate_csrf()
            kept.update(cookie)
            g.pop("csrf_token", None)
        return str(made)

    def sign_in(self, person: Any) -> Self:
        """As somebody who has signed in (the pages of signing in have their own tests)."""
        from marketplace.accounts import service
        from marketplace.accounts.models import Person
        from marketplace.foundation.db import transaction

        with transaction():
            token = service.sign_in(db.session.get_one(Person, person.id), "Firefox · Linux")
        with self.client.session_transaction() as kept:
            kept.clear()
            kept.update(_user_id=token, _fresh=True)
        self.last = None
        return self

    def speak(self, language: str) -> Self:
        """Read in `vi` or `en`."""
        self.client.set_cookie("lang", language)
        return self

    def another(self) -> "Visitor":
        return Visitor(self.app)

    def _page(self, method: str, path: str, status: int, fields: Mapping[str, Any] | None = None) -> "Page":
        headers = {}
        if method == "POST":
            headers = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}
            if self.last is not None:
                headers["Referer"] = HOST + self.last.path
        answer = self.raw(method, path, data=fields, headers=headers)
        hops = 0
        while answer.status_code in REDIRECTS and status not in REDIRECTS:
            hops += 1
            assert hops < 6, f"{path} leads in a circle"
            path = _local(urljoin(path, answer.headers["Location"]))
            method = method if answer.status_code in (307, 308) else "GET"
            answer = self.raw(method, path, data=fields if method == "POST" else None)
        page = Page(self, path, answer)
        said = page.text[:600] if page.is_html else answer.text[:600]
        assert answer.status_code == status, (
            f"{method} {path}: {answer.status_code}, not {status}. It says: {said}"
        )
        if page.is_html and answer.status_code not in REDIRECTS:
            wrong = page.faults()
            assert not wrong, f"{path} is not a good page:\n  " + "\n  ".join(wrong)
            self.last = page
        return page


def _local(url: str) -> str:
    parts = urlsplit(url)
    assert not parts.netloc or parts.netloc == urlsplit(HOST).netloc, f"sent away to {url}"
    return parts.path + (f"?{parts.query}" if parts.query else "")


class Page:
    """What came back, as a person and a program see it."""

    def __init__(self, visitor: Visitor, path: str, answer: TestResponse) -> None:
        self.visitor, self.path, self.answer = visitor, path, answer
        self.status = answer.status_code
        self.is_html = answer.mimetype == "text/html"
        self.html = answer.get_data(as_text=True) if self.is_html else ""
        self.tree, self.broken = markup.read(self.html) if self.is_html else (Element("html"), None)
        self.parents = {child: parent for parent in self.tree.iter() for child in parent}

    # -- what is on it --

    @cached_property
    def text(self) -> str:
        """Its words, with every run of spaces (narrow and unbreakable ones too) as one space."""
        return words(self.tree.find("body") if self.tree.find("body") is not None else self.tree)

    def __contains__(self, said: object) -> bool:
        return " ".join(str(said).split()) in self.text

    @property
    def title(self) -> str:
        return words(self.tree.find("head/title"))

    @property
    def h1(self) -> str:
        return words(self.one("h1"))

    def all(self, tag: str = "*", class_: str | None = None, **attributes: str | bool) -> list[Element]:
        """Elements by tag, class and attributes (`True`: has it; `_` in a name stands for `-`)."""
        return list(self._find(tag, class_, attributes))

    def one(self, tag: str = "*", class_: str | None = None, **attributes: str | bool) -> Element:
        found = self.all(tag, class_, **attributes)
        assert len(found) == 1, (
            f"{len(found)} of <{tag} {class_ or ''} {attributes or ''}> on {self.path}, not 1"
        )
        return found[0]

    def _find(self, tag: str, class_: str | None, attributes: Mapping[str, str | bool]) -> Iterator[Element]:
        wanted = {name.rstrip("_").replace("_", "-") if name != "csrf_token" else name: value
                  for name, value in attributes.items()}  # fmt: skip
        for element in self.tree.iter(None if tag == "*" else tag):
            if not isinstance(element.tag, str) or (
                class_ and class_ not in element.get("class", "").split()
            ):
                continue
            if all(
                (n in element.attrib) == v if isinstance(v, bool) else element.get(n) == v
                for n, v in wanted.items()
            ):
                yield element

    @property
    def links(self) -> dict[str, str]:
        """Its links: words → address."""
        return {
            words(link) or link.get("aria-label", ""): link.get("href", "")
            for link in self.all("a", href=True)
        }

    def follow(self, said: str, status: int = 200) -> "Page":
        """Click the link with these words."""
        for text, address in self.links.items():
            if said in text:
                return self.visitor(_local(urljoin(self.path, address.partition("#")[0])), status)
        raise AssertionError(f"no link says {said!r} on {self.path}; there are: {', '.join(self.links)}")

    def form(self, action: str | None = None, says: str | None = None) -> "Form":
        """The form that goes to this address, or whose words contain `says`."""
        forms = [Form(self, form) for form in self.all("form")]
        found = [
            form
            for form in forms
            if action in (None, form.action) and (says is None or says in words(form.element))
        ]
        there = ", ".join(f"{form.method} {form.action}" for form in forms)
        assert found, f"no form goes to {action} on {self.path}; there are: {there}"
        return found[0]

    def data(self) -> Any:
        return json.loads(self.answer.get_data(as_text=True))

    # -- whether it is a good page --

    def faults(self) -> list[str]:
        """What is wrong with it, a line each."""
        found = [self.broken] if self.broken else []
        if not self.title:
            found.append("no <title>")
        if not self.tree.get("lang"):
            found.append("no lang on <html>")
        if self.path.startswith("/sell") and self.tree.get("translate") != "no":
            found.append("a page of the seller's that a browser may translate over what stands in it")
        headings = self.all("h1")
        if len(headings) != 1:
            found.append(f"{len(headings)} h1: {[words(h) for h in headings]}")
        elif not words(headings[0]):
            found.append("an empty h1")
        found += self._faults_of_names()
        found += self._faults_of_policy()
        for form in self.all("form"):
            found += self._faults_of_form(form)
        for what in re.findall(r"\{\{|\{%|%\(\w+\)s|<marketplace\.|Undefined", self.text):
            found.append(f"shows {what!r}, which is ours")
        return found

    def _faults_of_names(self) -> Iterator[str]:
        """Everything has the name a screen reader says, and every reference leads somewhere."""
        ids = [element.get("id", "") for element in self.all(id=True)]
        yield from (
            f"id {id_!r} {ids.count(id_)} times" for id_ in sorted({i for i in ids if ids.count(i) > 1})
        )
        for element in self.all():
            for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list"):
                for target in element.get(name, "").split():
                    if target not in ids:
                        yield f"{name}={target!r} names nothing on the page"
            href = element.get("href", "")
            if element.tag == "a" and href.startswith("#") and href != "#" and href[1:] not in ids:
                yield f"a link to {href}, which is not there"
        labelled = {label.get("for") for label in self.all("label", for_=True) if words(label)}
        for field in (*self.all("input"), *self.all("select"), *self.all("textarea")):
            if field.tag == "input" and field.get("type", "text") in NO_LABEL_NEEDED:
                continue
            named = field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in labelled
            if not named and not any(
                parent.tag == "label" and words(parent) for parent in self._above(field)
            ):
                yield f"<{field.tag} name={field.get('name')!r}> has no label"
        for picture in self.all("img"):
            if "alt" not in picture.attrib:
                yield f"<img src={picture.get('src')!r}> has no alt"
            if not (picture.get("width") and picture.get("height")):
                yield f"<img src={picture.get('src')!r}> has no width and height: the page would jump"
        for element in (*self.all("button"), *self.all("a", href=True)):
            if element.get("aria-hidden") == "true" and element.get("tabindex") == "-1":
                continue  # a second way to press what has its words beside it
            inside = " ".join(filter(None, (i.get("alt") or i.get("aria-label") for i in element.iter())))
            if not (words(element) or inside or element.get("aria-labelledby") or element.get("title")):
                yield f"a <{element.tag}> without words: {dict(element.attrib)}"

    def _faults_of_policy(self) -> Iterator[str]:
        """The content security policy holds, and nothing is fetched from elsewhere."""
        policy = self.answer.headers.get("Content-Security-Policy", "")
        nonce = re.search(r"script-src[^;]*'nonce-([^']+)'", policy)
        if not nonce:
            yield "no nonce for scripts in Content-Security-Policy"
        if "unsafe-" in policy:
            yield f"an unsafe policy: {policy}"
        for script in self.all("script"):
            is_data = script.get("type", "") in ("application/ld+json", "application/json")
            if not script.get("src") and not is_data and (not nonce or script.get("nonce") != nonce[1]):
                yield "an inline script without the nonce"
        if self.all("style"):
            yield "an inline <style>"
        for element in self.all():
            for name, value in element.attrib.items():
                if name == "style" or (isinstance(name, str) and name.startswith("on")):
                    yield f"inline {name}={value!r} on <{element.tag}>"
                if name in ("href", "src", "action", "formaction") and value.strip().lower().startswith(
                    "javascript:"
                ):
                    yield f"{name}={value!r}"
            fetched = [element.get("src", ""), element.get("poster", ""), element.get("action", "")]
            fetched += [part.split()[0] for part in element.get("srcset", "").split(",") if part.strip()]
            if element.tag == "link" and element.get("rel") not in ("canonical", "alternate"):
                fetched.append(element.get("href", ""))
            for url in fetched:
                if urlsplit(url).netloc not in ("", urlsplit(HOST).netloc):
                    yield f"reaches for another host: {url}"

    def _faults_of_form(self, form: Element) -> Iterator[str]:
        address = form.get("action") or self.path
        method = form.get("method", "get").lower()
        names = [field.get("name") for field in form.iter("input")]
        if method == "post" and "csrf_token" not in names and urlsplit(address).path not in WITHOUT_TOKEN:
            yield f"the form to {address} has no csrf_token"
        if method == "get" and "csrf_token" in names:
            yield f"the form to {address} would show its csrf_token in the address"
        has_file = any(field.get("type") == "file" for field in form.iter("input"))
        if has_file and form.get("enctype") != "multipart/form-data":
            yield f"the form to {address} has a file field and no enctype"

    def _above(self, element: Element) -> Iterator[Element]:
        while (above := self.parents.get(element)) is not None:
            element = above
            yield element


class Form:
    """A form on a page, with what stands in it."""

    def __init__(self, page: Page, element: Element) -> None:
        self.page, self.element = page, element
        self.action = _local(urljoin(HOST + page.path, element.get("action") or page.path))
        self.method = element.get("method", "get").upper()
        self.fields = self._filled()

    def _filled(self) -> dict[str, Field]:
        fields: dict[str, Field] = {}
        own = self.element.get("id")
        outside = self.page.all(form=own) if own else []
        for element in (*self.element.iter(), *outside):
            name, kind = element.get("name"), element.get("type", "text")
            if not name or "disabled" in element.attrib:
                continue
            if element.tag == "select":
                options = list(element.iter("option"))
                chosen = [option for option in options if "selected" in option.attrib] or options[:1]
                for option in chosen:
                    _add(fields, name, option.get("value", words(option)))
            elif element.tag == "textarea":
                _add(fields, name, (element.text or "").removeprefix("\n"))
            elif element.tag == "input" and kind in ("checkbox", "radio"):
                if "checked" in element.attrib:
                    _add(fields, name, element.get("value", "on"))
            elif element.tag == "input" and kind not in ("submit", "button", "image", "reset", "file"):
                _add(fields, name, element.get("value", ""))
        return fields

    def choices(self, name: str) -> dict[str, str]:
        """What a select or a row of radio buttons offers: value → words."""
        found = {}
        for select in self.element.iter("select"):
            if select.get("name") == name:
                found |= {
                    option.get("value", words(option)): words(option) for option in select.iter("option")
                }
        for radio in self.element.iter("input"):
            if radio.get("name") == name and radio.get("type") in ("radio", "checkbox"):
                around = next((e for e in self.page._above(radio) if e.tag == "label"), None)
                label = next((e for e in self.page.all("label") if e.get("for") == radio.get("id")), around)
                found[radio.get("value", "on")] = words(label)
        return found

    def submit(self, status: int = 200, button: tuple[str, str] | None = None, **changes: Any) -> Page:
        """Send it with what stands in it and these changes; a change must be to a field that is there."""
        there = {element.get("name") for element in self.element.iter() if element.get("name")} | set(
            self.fields
        )
        strange = set(changes) - {str(name) for name in there}
        assert not strange, (
            f"the form to {self.action} has no {', '.join(sorted(strange))}; it has {sorted(map(str, there))}"
        )
        fields = {**self.fields, **changes, **(dict([button]) if button else {})}
        fields = {name: value for name, value in fields.items() if value is not None}
        if self.method == "GET":
            address = self.action.partition("?")[0] + "?" + urlencode(fields, doseq=True)
            return self.page.visitor(address, status)
        return self.page.visitor._page("POST", self.action, status, fields)


def _add(fields: dict[str, Field], name: str, value: str) -> None:
    if name in fields:
        before = fields[name]
        fields[name] = [*(before if isinstance(before, list) else [before]), value]
    else:
        fields[name] = value


def words(element: Element | None) -> str:
    """The words in an element as a person reads them."""
    return "" if element is None else " ".join("".join(_texts(element)).split())


BLOCKS = {"p", "div", "li", "td", "th", "dt", "dd", "h1", "h2", "h3", "h4", "br", "option", "label", "tr", "section",
          "button", "legend", "summary", "figcaption", "header", "footer", "nav", "ul", "article", "small"}  # fmt: skip


def _texts(element: Element) -> Iterator[str]:
    if element.tag in ("script", "style", "template") or not isinstance(element.tag, str):
        return
    yield " " if element.tag in BLOCKS else ""
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""
    yield " " if element.tag in BLOCKS else ""
