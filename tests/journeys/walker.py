"""Somebody at a real browser. Every page they come to is looked at: axe finds nothing, nothing is wider than the
screen, nothing is said in the console, nothing is fetched from elsewhere.

Fields and buttons are found by the names and addresses of the contract, so that a story reads the same in both
languages.
"""

import re
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.journeys.town import Town

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    # All rules are tried; only what is wrong is written out node by node, which halves the time.
    "resultTypes": ["violations"],
}
PATIENCE = 100.0
WIDER = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(e).position !== 'fixed')
    .slice(0, 5).map(e => e.outerHTML.slice(0, 160))"""


def kind_of(path: str) -> str:
    """The page an address is of, whichever record it shows: codes are capitals and digits."""
    return re.sub(r"/[0-9A-Z]{6,}(?=/|$)", "/…", path)


ASIDE = """() => {
    const tabs = document.querySelector('.tabs');
    if (!tabs || getComputedStyle(tabs).position !== 'fixed') return '';
    const before = scrollY, seen = [...document.querySelectorAll('main :is(a, button, input, select, textarea)')];
    scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'});
    const last = seen.filter(e => e.offsetParent).at(-1), top = tabs.getBoundingClientRect().top;
    const under = last && last.getBoundingClientRect().bottom > top + 1 ? last.outerHTML.slice(0, 160) : '';
    scrollTo({top: before, behavior: 'instant'});
    tabs.style.position = 'static';
    return under;
}"""
"""At the end of a desk's page nothing lies under its fixed tabs. Before that a button may: it comes out by scrolling, but
axe judges a still picture, so it is shown the tabs in the flow."""
BACK = "() => document.querySelector('.tabs')?.style.removeProperty('position')"

SHAPE = """() => {
    const told = new Set(['class', 'style', 'role', 'type', 'tabindex', 'scope', 'autocomplete', 'target', 'dir', 'lang']);
    const points = new Set(['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns', 'list', 'form']);
    const words = new Set(['alt', 'title', 'aria-label', 'placeholder', 'href', 'src', 'value', 'label']);
    const said = ({name, value}) =>
        points.has(name) ? value.split(/\\s+/).every(id => document.getElementById(id))
        : words.has(name) ? Boolean(value.trim())
        : told.has(name) || name.startsWith('aria-') || !value ? value : '';
    const shape = e => {
        const own = [...e.attributes].map(a => `${a.name}=${said(a)}`).sort().join(' ');
        const has_words = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        const inside = e.tagName === 'svg' ? [] : [...e.children].map(shape);
        const unlike = inside.filter((one, n) => one !== inside[n - 1]).join('');
        return `<${e.tagName} ${own} ${has_words} ${e.offsetParent !== null}>${unlike}</>`;
    };
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
    return `${new Set(ids).size === ids.length} ${innerWidth} ${shape(document.body)}`;
}"""
"""All that axe judges a page by: its elements in their order, how they look, what they are called by, whether what they
point to is there. Which words stand there, and how many rows of one kind follow each other, changes nothing."""

_judged: set[str] = set()
"""The shapes that axe has found nothing wrong with, in this process."""


class Walker:
    """One person with their own cookies, on one kind of screen. `abroad`: whose pages they may be sent to (the card
    company's). In a hurry they look closely at each kind of page once: a long story sees the same desk many times."""

    def __init__(self, town: Town, context: BrowserContext, mirror: Page | None, language: str) -> None:
        self.town, self.language, self.mirror = town, language, mirror
        self.page = context.new_page()
        self.seen: list[str] = []
        self.abroad: tuple[str, ...] = ()
        self.is_in_a_hurry = False
        self.trouble: list[str] = []
        self.page.on("console", lambda said: self._hear(f"console {said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self._hear(f"script: {error}"))
        self.page.on("request", lambda request: self._watch(request.url))
        self.page.on("response", lambda answer: self._judge(answer.url, answer.status))
        context.add_cookies([{"name": "lang", "value": language, "url": town.address}])

    # -- what a person does --

    def open(self, path: str) -> Self:
        """Type an address."""
        self.page.goto(self.town.address + path if path.startswith("/") else path)
        return self._look()

    def follow(self, link: str | Locator) -> Self:
        """Press the first link in view whose address begins so."""
        found = self.page.locator(f'main a[href^="{link}"]') if isinstance(link, str) else link
        return self._press(found.first)

    def fill(self, **fields: str) -> Self:
        """Write into the fields of these names; selects, boxes and radio buttons too."""
        for name, value in fields.items():
            self._fill(name, value)
        return self

    def tick(self, box: Locator, on: bool) -> None:
        """By the space bar: many boxes lie unseen under their own words, and a page may still be unfolding."""
        if box.is_checked() != on:
            box.focus()
            box.press("Space")
        expect(box).to_be_checked(checked=on)

    def send(self, action: str, button: str = "") -> Self:
        """Press the button of the form that goes to this address, or that has a field of this name."""
        form = self.form(action)
        return self._press(form.locator(f"button{button}").first if button else self._button(form))

    def tell(self, action: str, **fields: Any) -> Self:
        """Write into the form that goes to this address and press its button."""
        for name, value in fields.items():
            self._fill(name, value, action)
        return self.send(action)

    def press(self, button: Locator) -> Self:
        """Press this one."""
        return self._press(button)

    def wait_for(self, what: Callable[[], bool], why: str) -> Self:
        """Look again until it is so: what the worker does takes a moment."""
        until = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < until, f"{why}: not within {PATIENCE:.0f} s\n{self.town.log()}"
            time.sleep(0.2)
            self.page.reload()
        return self._look()

    def is_refused(self, status: int, action: str) -> Self:
        """Press the button of this form; it is refused, on a page that says why."""
        with self.page.expect_navigation():
            self._button(self.form(action)).click()
        wrong = [one for one in self.trouble if f"answers {status}" in one or f"status of {status}" in one]
        assert wrong, f"{action} was not refused: {self.text[:300]}"
        self.trouble = [one for one in self.trouble if one not in wrong]
        return self._look()

    # -- what a person sees --

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    def form(self, action: str) -> Locator:
        """The form that goes to this address, or that has a field of this name."""
        if not action.startswith("/"):
            return self.page.locator(f'main form:has([name="{action}"])').first
        return self.page.locator(f'form[action="{action}"], form[action^="{action}?"]').first

    def is_at(self, pattern: str) -> "re.Match[str]":
        """They have come to an address that fits; its named parts are given back."""
        found = re.fullmatch(pattern, self.path)
        assert found, f"at {self.path}, not {pattern}. It says: {self.text[:600]}"
        return found

    def sees(self, *words: str) -> Self:
        for one in words:
            assert " ".join(one.split()) in self.text, f"{one!r} is not on {self.path}: {self.text[:900]}"
        return self

    # -- what is the same in every story --

    def sign_in(self, phone: str, password: str) -> Self:
        self.open("/login").fill(login=phone, password=password)
        with self.page.expect_navigation():
            self._button(self.form("/login")).click()
        if self.page.evaluate("document.documentElement.lang") != self.language:
            # They are greeted in the language of their account; today they read the other one.
            self._press(self.page.locator(f'button[formaction="/lang/{self.language}"]').first)
        return self._look()

    def choose_address(self, action: str, province: str, commune: str, street: str) -> Self:
        """Province, then commune, then street: with a script by typing, without one with the button in between."""
        self._fill("province", province, action)
        if self.has_script:
            expect(self.form(action).locator(f'[name="commune"] option[value="{commune}"]')).to_be_attached()
        else:
            self.send(action, '[name="pick_province"]')
        self._fill("commune", commune, action)
        self._fill("street", street, action)
        return self

    def is_content(self) -> None:
        """Nothing went wrong on the way."""
        trouble, self.trouble = self.trouble, []
        assert not trouble, "\n".join(trouble)

    # -- hands --

    @property
    def has_script(self) -> bool:
        return self.mirror is None

    def _press(self, what: Locator) -> Self:
        with self.page.expect_navigation():
            what.click()
        return self._look()

    def _button(self, form: Locator) -> Locator:
        return form.locator("button:not([name]):not([type=button]):visible").last

    def _fill(self, name: str, value: Any, action: str = "") -> None:
        inside = self.form(action) if action else self.page.locator("main")
        field = inside.locator(f'[name="{name}"]').first
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "radio":
            one = inside.locator(f'[name="{name}"][value="{value}"]').first
            folded = one.locator("xpath=ancestor::details[not(@open)]")
            if folded.count():
                folded.locator("summary").first.click()
            self.tick(one, True)
        elif kind == "checkbox":
            self.tick(field, bool(value))
        elif kind == "select":
            field.select_option(value, force=True)
        elif kind == "file":
            field.set_input_files(value)
        else:
            field.fill(str(value))

    # -- eyes --

    def _hear(self, said: str) -> None:
        self.trouble.append(f"{self.page.url}: {said}")

    def _watch(self, url: str) -> None:
        if not url.startswith((self.town.address + "/", "data:", "blob:", *self.abroad)):
            self.trouble.append(f"{self.page.url} reaches for {url}")

    def _judge(self, url: str, status: int) -> None:
        if status >= 400:
            self.trouble.append(f"{url} answers {status}")

    def _look(self) -> Self:
        self.page.wait_for_load_state("load")
        where = f"{self.path} ({'script' if self.has_script else 'no script'}, {self.language})"
        if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.trouble.append(f"{where} scrolls sideways: {self.page.evaluate(WIDER)}")
        if self.page.evaluate("document.documentElement.lang") != self.language:
            self.trouble.append(f"{where} is not in this language")
        if not self.is_in_a_hurry or kind_of(self.path) not in map(kind_of, self.seen):
            self._look_closely(where)
        self.seen.append(self.path)
        self.is_content()
        return self

    def _look_closely(self, where: str) -> None:
        """What axe says, unless it has judged a page of this shape, and that the tabs lie over nothing at its end."""
        shape = self.page.evaluate(SHAPE)
        if shape in _judged:
            return
        page = self.page if self.mirror is None else self._mirrored(self.mirror)
        under = page.evaluate(ASIDE)
        found = Axe().run(page, options=AXE)
        page.evaluate(BACK)
        if under:
            self.trouble.append(f"{where}: under the tabs lies {under}")
        if found.violations_count:
            self.trouble.append(f"{where}: {found.generate_report()}")
        if not under and not found.violations_count:
            _judged.add(shape)

    def _mirrored(self, mirror: Page) -> Page:
        """axe is a script itself: without scripts it looks at the same page, as it came, in a second window."""
        html = self.page.content()
        html = html.replace("<noscript>", "<div>").replace("</noscript>", "</div>")

        def answer(route: Route) -> None:
            if route.request.is_navigation_request():
                policy = {"Content-Security-Policy": "script-src 'none'"}
                route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=policy)
            else:
                route.continue_()

        mirror.unroute_all()
        mirror.route("**/*", answer)
        mirror.goto(self.page.url)
        return mirror
