"""The lessons: short texts in `data/lessons`, three minutes each, each ending in something done. Whether it is done
is read off what the learner truly did, never ticked."""

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
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder

FOLDER = Path(__file__).parent / "data" / "lessons"
SPOKEN_WORDS_A_MINUTE = 150
LEAST_DESCRIPTION = 80


@dataclass(frozen=True, slots=True)
class Lesson:
    """`deed` is what to do at the end, `path` where; `html` the text, safe to print (our own Markdown, no HTML in
    it)."""

    number: int
    key: str
    title: str
    deed: str
    path: str
    html: Markup
    minutes: int


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons in the order in which they are taught."""
    return tuple(_read(number, path) for number, path in enumerate(sorted(FOLDER.glob("*.md")), 1))


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


def _read(number: int, path: Path) -> Lesson:
    head, _blank, body = path.read_text("utf8").partition("\n\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    html = MarkdownIt("commonmark", {"html": False}).render(body)
    minutes = max(1, round(len(body.split()) / SPOKEN_WORDS_A_MINUTE))
    return Lesson(number, facts["key"], facts["title"], facts["deed"], facts["path"], Markup(html), minutes)  # noqa: S704


def done_by(person: Person) -> frozenset[str]:
    """The keys of the lessons whose deed this person has done: one SQL statement."""
    deeds = _deeds(person)
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
        "gia-tien": has(Variant.product_id.in_(goods), Variant.price_dong > 0),
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
