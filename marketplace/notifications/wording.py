"""The wording of every notice: files in templates/messages/<room>/, written in the reader's language.

`<name>.txt` is inbox and e-mail: its first line is the subject. `<name>.sms.txt` is the SMS; it is sent without
accents, because with them one SMS holds 70 letters instead of 160, and some phones show squares. `<name>.zalo.txt` are
the parameters of the form registered with Zalo for this notice, one `name: value` a line.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    select_autoescape,
)

from marketplace.foundation import money, show, words
from marketplace.foundation.phones import show_phone

FOLDER = Path(__file__).parents[2] / "templates"
SMS_LENGTH = 160
ZALO_LENGTH = 200
"""The longest parameter Zalo takes."""
SHORTEST_FACT = 12
NEVER_CUT = {"link", "site_url", "code", "secret"}
_PLAIN = str.maketrans(
    {"đ": "d", "Đ": "D", "₫": "d", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...",
     "·": "-", "→": "->", "★": "*", "×": "x"}
)  # fmt: skip


@dataclass(frozen=True)
class Wording:
    """A notice in words: for the inbox and e-mail, and for SMS and Zalo where it is worth one."""

    subject: str
    body: str
    mail: str
    sms: str | None
    zalo: str | None = None


def write(template: str, language: str, facts: Mapping[str, Any]) -> Wording:
    """The notice in the reader's language. A fact that the template names and nobody gave is an error."""
    with words.in_language(language):
        text = environment().get_template(f"messages/{template}.txt").render(facts).strip()
        subject, _, body = text.partition("\n")
        mail = environment().get_template("messages/notifications/_mail.txt").render(facts, body=body.strip())
        sms, zalo = _file(f"messages/{template}.sms.txt"), _file(f"messages/{template}.zalo.txt")
        return Wording(
            short(subject.strip(), 200),
            body.strip(),
            mail.strip() + "\n",
            _sms(sms, facts) if sms is not None else None,
            _parameters(zalo, facts) if zalo is not None else None,
        )


def _file(name: str) -> Template | None:
    """A wording that not every notice has."""
    try:
        return environment().get_template(name)
    except TemplateNotFound as missing:
        if missing.name != name:
            raise
        return None


def _parameters(template: Template, facts: Mapping[str, Any]) -> str:
    """The parameters of a form, one a line, each as long as Zalo takes."""
    lines = (line.partition(":") for line in template.render(facts).splitlines() if line.strip())
    return "\n".join(f"{name.strip()}: {short(value.strip(), ZALO_LENGTH)}" for name, _colon, value in lines)


def _sms(template: Template, facts: Mapping[str, Any]) -> str:
    """One SMS: where it is too long, its longest fact (a list of goods, a farm's name) is cut, not its end."""
    facts = dict(facts)
    while True:
        text = plain(template.render(facts))
        too_much = len(text) - SMS_LENGTH
        names = [name for name, fact in facts.items() if isinstance(fact, str) and name not in NEVER_CUT]
        longest = max(names, key=lambda name: len(facts[name]), default=None)
        if too_much <= 0 or longest is None or len(facts[longest]) <= SHORTEST_FACT:
            return short(text, SMS_LENGTH, "...")
        facts[longest] = short(facts[longest], max(SHORTEST_FACT, len(facts[longest]) - too_much - 2))


def plain(text: str) -> str:
    """On one line, in letters every phone has."""
    marked = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    bare = "".join(letter for letter in marked if not unicodedata.combining(letter))
    return " ".join(bare.encode("ascii", "replace").decode().split())


def short(text: Any, length: int, tail: str = "…") -> str:
    """A long name cut so that the rest of an SMS fits."""
    text = str(text)
    return text if len(text) <= length else text[: length - len(tail)].rstrip() + tail


@lru_cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        words.translate, words.count_form, newstyle=True
    )
    made.filters.update(
        dong=money.dong, number=money.number, grams=show.grams, millilitres=show.millilitres, day=show.day,
        moment=show.moment, hour=show.hour, phone=show_phone, short=short,
    )  # fmt: skip
    return made
