"""Texts for people: translated when they are shown, in the language of the person who reads.

The source language is Vietnamese, so the Vietnamese text is its own key; English is `translations/en`. Babel does the
work underneath; flask is not needed, so rules and jobs speak both languages too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from babel.support import NullTranslations, Translations
from markupsafe import escape

Language = Literal["vi", "en"]
LANGUAGES: dict[Language, str] = {"vi": "Tiếng Việt", "en": "English"}
FOLDER = Path(__file__).parents[2] / "translations"

_language: ContextVar[Language] = ContextVar("language", default="vi")


def language() -> Language:
    return _language.get()


def set_language(code: str) -> None:
    """The language of what follows in this request; anything unknown is Vietnamese."""
    _language.set(code if code in LANGUAGES else "vi")


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Speak to somebody else for a moment (a notice is written in its reader's language)."""
    token = _language.set(code if code in LANGUAGES else "vi")
    try:
        yield
    finally:
        _language.reset(token)


@lru_cache(maxsize=4)
def catalogue(code: str) -> NullTranslations:
    return NullTranslations() if code == "vi" else Translations.load(FOLDER, [code])


def translate(text: str, **facts: Any) -> str:
    """The text in the reader's language now."""
    found = catalogue(language()).gettext(text)
    return found % facts if facts else found


def translate_count(one: str, many: str, num: int, **facts: Any) -> str:
    facts.setdefault("num", num)
    if language() == "vi":
        # Vietnamese has one form for every number.
        return many % facts
    return catalogue(language()).ngettext(one, many, num) % facts


def count_form(one: str, many: str, num: int) -> str:
    """The counted form without its facts: Jinja puts them in."""
    return many if language() == "vi" else catalogue(language()).ngettext(one, many, num)


class Text:
    """A text that is translated when it is shown, so it may be written once at import."""

    __slots__ = ("facts", "many", "num", "text")

    def __init__(self, text: str, facts: dict[str, Any], many: str | None = None, num: int = 0) -> None:
        self.text, self.facts, self.many, self.num = text, facts, many, num

    def __str__(self) -> str:
        if self.many is not None:
            return translate_count(self.text, self.many, self.num, **self.facts)
        return translate(self.text, **self.facts)

    def __html__(self) -> str:
        return str(escape(str(self)))

    def __mod__(self, facts: Any) -> str:
        return str(self) % facts

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __add__(self, other: str) -> str:
        return str(self) + other

    def __radd__(self, other: str) -> str:
        return other + str(self)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, (Text, str)) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.text, self.many))

    def __len__(self) -> int:
        return len(str(self))

    def __repr__(self) -> str:
        return f"_({self.text!r})"


def _(text: str, **facts: Any) -> Text:
    """A text with named facts: `_("Còn %(count)s hộp", count=3)`."""
    return Text(text, facts)


def ngettext(one: str, many: str, num: int, **facts: Any) -> Text:
    """A text that depends on a number: `ngettext("%(num)s món", "%(num)s món", 3)`."""
    return Text(one, facts, many, num)
