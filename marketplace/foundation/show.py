"""Weights, days and moments as people read them, in the reader's language: on pages, labels and in messages."""

import re
import unicodedata
from datetime import date, datetime

from marketplace.foundation import clock, money, words
from marketplace.foundation.words import _

WEEKDAYS = (
    _("Thứ Hai"), _("Thứ Ba"), _("Thứ Tư"), _("Thứ Năm"), _("Thứ Sáu"), _("Thứ Bảy"), _("Chủ nhật")
)  # fmt: skip


def grams(weight: int) -> str:
    """`500 g`, `1,25 kg`."""
    if weight < 1000:
        return f"{weight}{money.NBSP}g"
    kilos = f"{weight / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{kilos if words.language() == 'en' else kilos.replace('.', ',')}{money.NBSP}kg"


def millilitres(volume: int) -> str:
    """`500 ml`, `1,5 l`."""
    if volume < 1000:
        return f"{volume}{money.NBSP}ml"
    litres = f"{volume / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{litres if words.language() == 'en' else litres.replace('.', ',')}{money.NBSP}l"


def day(value: date | datetime, year: bool | None = None) -> str:
    """`Thứ Tư, 25/11`; the year is said when it is not this one."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    with_year = value.year != clock.today().year if year is None else year
    return f"{WEEKDAYS[value.weekday()]}, {value.day}/{value.month}" + (f"/{value.year}" if with_year else "")


SHORT_WEEKDAYS = (_("T2"), _("T3"), _("T4"), _("T5"), _("T6"), _("T7"), _("CN"))


def day_short(value: date | datetime) -> str:
    """`T4, 25/11`, where there is little room."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return f"{SHORT_WEEKDAYS[value.weekday()]}, {value.day}/{value.month}"


def moment(value: datetime) -> str:
    """`14:05 25/11/2026`."""
    return clock.local(value).strftime("%H:%M %d/%m/%Y")


def slug(text: str) -> str:
    """`che-dinh-tan-cuong`: decoration behind a code in an address."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:80] or "-"


def hour(value: datetime) -> str:
    return clock.local(value).strftime("%H:%M")


def ago(value: datetime) -> str:
    """`5 phút trước`."""
    minutes = int((clock.now() - value).total_seconds() // 60)
    if minutes < 1:
        return str(_("vừa xong"))
    if minutes < 60:
        return str(words.ngettext("%(num)s phút trước", "%(num)s phút trước", minutes))
    if minutes < 24 * 60:
        return str(words.ngettext("%(num)s giờ trước", "%(num)s giờ trước", minutes // 60))
    return str(words.ngettext("%(num)s ngày trước", "%(num)s ngày trước", minutes // (24 * 60)))
