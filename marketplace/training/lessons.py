"""The lessons: short texts in `data/lessons`, three minutes each, each ending in something done. Whether it is done
is read off what the learner truly did, never ticked.

A lesson shows the product as it is: its head names each picture as data (`picture: key | who | way | control`), its
text says where it stands (`![words](key)` on a line of its own). `flask lessons illustrate` takes the pictures; a test
goes the same ways and fails when a control is gone. Words of the product stand between backticks: a test knows whether
the product still says so.

They are written in Vietnamese; `data/lessons/en` holds each in English, which has its own title, deed and text and
shares the rest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup
from sqlalchemy import exists, func, or_, select
from sqlalchemy.sql import ColumnElement

from marketplace.accounts.models import Person
from marketplace.catalog.models import Lot, Product, ProductPhoto, Variant
from marketplace.farmers.models import BankAccount, FarmMember, Identity
from marketplace.foundation import market
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import _, language
from marketplace.orders.models import FarmOrder
from marketplace.training.models import PracticeReport

FOLDER = Path(__file__).parent / "data" / "lessons"
SPOKEN_WORDS_A_MINUTE = 150
LEAST_DESCRIPTION = 80
PICTURE_WIDTH, PICTURE_HEIGHT = 360, 460
"""Of a picture on the page: a part of a telephone's screen. The file has twice as many points."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of our own pages. `who` looks (a role of `illustrate.PEOPLE`), `way` is the address to open, then what
    to press on the way there; `control` is what is marked, as a CSS selector; `words` stand below it."""

    key: str
    who: str
    way: tuple[str, ...]
    control: str
    words: str
    language: str

    @property
    def path(self) -> str:
        """Where its file lies, in static/."""
        return f"lessons/{self.language}/{self.key}.webp"


@dataclass(frozen=True, slots=True)
class Lesson:
    """`deed` is what to do at the end, `path` where; `parts` are texts, safe to print (our own Markdown, no HTML in
    it), and pictures between them."""

    number: int
    key: str
    title: str
    deed: str
    path: str
    parts: tuple[Markup | Picture, ...]
    minutes: int
    controls: tuple[str, ...]
    """Words of the product it speaks of."""

    @property
    def html(self) -> Markup:
        """The text alone."""
        return Markup("").join(part for part in self.parts if isinstance(part, Markup))

    @property
    def pictures(self) -> list[Picture]:
        return [part for part in self.parts if isinstance(part, Picture)]


def lessons() -> tuple[Lesson, ...]:
    """All lessons in the order in which they are taught, in the language spoken."""
    return _lessons(language())


@cache
def _lessons(spoken: str) -> tuple[Lesson, ...]:
    return tuple(_read(number, path, spoken) for number, path in enumerate(sorted(FOLDER.glob("*.md")), 1))


def lesson(key: str) -> Lesson:
    """One lesson; raises Missing."""
    found = next((one for one in lessons() if one.key == key), None)
    if found is None:
        raise Missing(_("Không có bài học này. Hãy chọn một bài trong danh sách."))
    return found


def neighbours(one: Lesson) -> tuple[Lesson | None, Lesson | None]:
    """The lesson before and the one after."""
    every = lessons()
    before = every[one.number - 2] if one.number > 1 else None
    return before, every[one.number] if one.number < len(every) else None


def _read(number: int, path: Path, spoken: str) -> Lesson:
    lines, body = _head_and_body(path)
    if spoken != "vi":
        told, body = _head_and_body(FOLDER / spoken / path.name)
        lines += told
    facts = {name: said for name, said in lines if name != "picture"}
    shown = {key: rest for name, said in lines if name == "picture" for key, *rest in [said.split(" | ")]}
    return Lesson(
        number=number,
        key=facts["key"],
        title=facts["title"],
        deed=facts["deed"],
        path=facts["path"],
        parts=tuple(_parts(body, shown, spoken)),
        minutes=max(1, round(len(body.split()) / SPOKEN_WORDS_A_MINUTE)),
        controls=tuple(CONTROL.findall(body)),
    )


def _head_and_body(path: Path) -> tuple[list[list[str]], str]:
    head, _blank, body = path.read_text("utf8").partition("\n\n")
    return [line.split(": ", 1) for line in head.splitlines()], body


PICTURE_LINE = re.compile(r"^!\[(.+)\]\((\S+)\)$", re.MULTILINE)
CONTROL = re.compile(r"`([^`]+)`")


def _parts(body: str, shown: dict[str, list[str]], spoken: str) -> Iterator[Markup | Picture]:
    markdown = MarkdownIt("commonmark", {"html": False})
    body = CONTROL.sub(r"**\1**", body)
    text, *pictures = PICTURE_LINE.split(body)
    yield Markup(markdown.render(text))  # noqa: S704 (our own texts, without HTML)
    for words, key, text in zip(*[iter(pictures)] * 3, strict=True):
        who, way, control = shown[key]
        yield Picture(key, who, tuple(way.split(" > ")), control, words, spoken)
        yield Markup(markdown.render(text))  # noqa: S704 (our own texts, without HTML)


PRACTISED = frozenset(
    {
        "chup-anh", "mo-ta", "gia-tien", "ton-kho-lo", "ocop-nhan", "goi-hang-tuoi", "gui-hang", "tra-loi-khach",
    }
)  # fmt: skip
"""The lessons whose deed can be done in the practice shop too. The others are about the learner's own account, money
and papers, which the practice market makes up."""


def can_be_done(one: Lesson) -> bool:
    """Can its deed be done here? Everything in the real market, in the practice market what can be practised."""
    return not market.settings().practice or one.key in PRACTISED


def practised_by(person: Person) -> frozenset[str]:
    """The keys of the lessons whose deed this person did in the practice market, as far as it told."""
    told = db.session.scalars(select(PracticeReport.step).where(PracticeReport.person_id == person.id))
    return PRACTISED & frozenset(told)


def done_by(person: Person) -> frozenset[str]:
    """The keys of the lessons whose deed this person has done in this market: one SQL statement."""
    deeds = _deeds(person)
    if market.settings().practice:
        deeds = {key: deed for key, deed in deeds.items() if key in PRACTISED}
    row = db.session.execute(
        select(*(deed.label(key.replace("-", "_")) for key, deed in deeds.items()))
    ).one()
    return frozenset(key for key, is_done in zip(deeds, row, strict=True) if is_done)


def _deeds(person: Person) -> dict[str, ColumnElement[bool]]:
    farms = select(FarmMember.farm_id).where(FarmMember.person_id == person.id)
    goods = select(Product.id).where(Product.farm_id.in_(farms))

    def has(*where: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(select(1).where(*where))

    def orders(*where: ColumnElement[bool]) -> ColumnElement[bool]:
        return has(FarmOrder.farm_id.in_(farms), *where)

    return {
        "tai-khoan": has(Person.id == person.id, Person.phone_verified_at.is_not(None)),
        "chup-anh": has(ProductPhoto.product_id.in_(goods), ProductPhoto.removed_at.is_(None)),
        "mo-ta": has(Product.farm_id.in_(farms), func.length(Product.description) >= LEAST_DESCRIPTION),
        "gia-tien": has(Variant.product_id.in_(goods), Variant.removed_at.is_(None), Variant.price_dong > 0),
        "ton-kho-lo": has(Lot.product_id.in_(goods)),
        "ocop-nhan": has(Product.farm_id.in_(farms), Product.is_categorised.is_(True)),
        "goi-hang-tuoi": orders(FarmOrder.packed_at.is_not(None)),
        "gui-hang": orders(FarmOrder.handed_over_at.is_not(None)),
        "tien-thu-ho": has(BankAccount.farm_id.in_(farms)),
        "tra-loi-khach": orders(or_(FarmOrder.accepted_at.is_not(None), FarmOrder.refused_at.is_not(None))),
        "an-toan": has(Person.id == person.id, Person.password_hash.is_not(None)),
        "thue": has(
            Identity.farm_id.in_(farms),
            or_(Identity.tax_code.is_not(None), Identity.personal_id_sealed.is_not(None)),
        ),
    }
