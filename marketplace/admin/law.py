"""Dated rules as they stand: what holds today and why, what comes, what held."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, func, or_, select

from marketplace.admin import wording
from marketplace.claims.models import ClaimRule
from marketplace.dossiers.models import Procedure
from marketplace.farmers.models import FarmKind
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Missing
from marketplace.foundation.rules import ApprovedRule, DatedRule, DayOverride, KeepingRule, history, rule_on
from marketplace.foundation.words import Text, _
from marketplace.orders.models import AnswerRule, DoorRule, TaxClass
from marketplace.payments.models import FeeRule, TaxRule
from marketplace.places import queries as places
from marketplace.shipping.models import (
    WITHIN_WORDS,
    CartonList,
    CompensationRule,
    DifferenceRule,
    HandInRule,
    PerishableRule,
    RemoteCommune,
    SharingRule,
    Tariff,
)

R = TypeVar("R", bound=DatedRule)


@dataclass(frozen=True)
class Standing(Generic[R]):
    """One thing ruled by dated rows as it stands: what holds today, what comes next (the soonest first), what held."""

    now: R | None
    coming: Sequence[R]
    past: Sequence[R]


def standing(kind: type[R], *about: ColumnElement[bool]) -> Standing[R]:
    """What holds today of a kind of rule, what comes, what held."""
    today = clock.today()
    now = rule_on(kind, today, *about)
    rows = history(kind, *about)
    return Standing(
        now,
        [row for row in reversed(rows) if row.valid_from > today],
        [row for row in rows if row.valid_from <= today and row is not now and not _never_held(row)],
    )


def _never_held(row: DatedRule) -> bool:
    """Its day came before a second person approved it."""
    return isinstance(row, ApprovedRule) and row.is_waiting


@dataclass(frozen=True)
class RuleLine:
    """A kind of rule in the list of all: what it is about, what holds today, and when something changes."""

    slug: str
    title: Text
    says: Text | str
    since: date | None
    legal_basis: str
    next_on: date | None
    is_warning: bool = False


def rule_lines() -> list[RuleLine]:
    """Every dated table of the market, a line each."""
    return [
        _rule_line(
            "tariff",
            _("Biểu cước vận chuyển"),
            Tariff,
            lambda now: _(
                "%(name)s; phụ phí vùng xa %(remote)s %%",
                name=now.name,
                remote=wording.percent(round(dict(surcharges(now)).get("remote", 0) * 100)),
            ),
            is_warning=lambda now: now.is_illustration,
        ),
        _many(
            "remote-communes",
            _("Xã tính phụ phí vùng xa"),
            RemoteCommune,
            lambda number: _("%(number)s xã, đặc khu", number=number),
        ),
        _rule_line(
            "cartons",
            _("Cỡ thùng đóng hàng"),
            CartonList,
            lambda now: _("%(number)s cỡ thùng", number=len(now.cartons)),
        ),
        _rule_line(
            "sharing",
            _("Gửi chung: giảm cước"),
            SharingRule,
            lambda now: _("Từ %(farms)s nhà vườn giảm %(percent)s %%", **_first_level(now)),
        ),
        _many(
            "differences",
            _("Cước khác báo giá: ai chịu"),
            DifferenceRule,
            lambda number: _("%(number)s trường hợp", number=number),
        ),
        _rule_line(
            "perishables",
            _("Hàng tươi chờ tại bưu cục"),
            PerishableRule,
            lambda now: _(
                "Gọi người nhận sau %(call)s giờ, được hủy sau %(end)s giờ",
                call=now.call_after_hours,
                end=now.give_up_after_hours,
            ),
        ),
        _rule_line(
            "hand-in",
            _("Gửi ở bưu cục khác"),
            HandInRule,
            lambda now: WITHIN_WORDS[now.within],
        ),
        _rule_line(
            "compensation",
            _("Mất, hỏng trên đường: ai đền"),
            CompensationRule,
            _compensation_says,
            is_warning=lambda now: now.is_off or not now.is_confirmed,
        ),
        _rule_line(
            "fees",
            _("Phí bán hàng và thời gian giữ tiền"),
            FeeRule,
            lambda now: _(
                "Phí %(percent)s %% tiền hàng; trả tiền sau %(days)s ngày làm việc",
                percent=wording.percent(now.commission_per_10_000),
                days=now.holding_days,
            ),
        ),
        _many(
            "taxes",
            _("Thuế khấu trừ"),
            TaxRule,
            lambda number: _("%(number)s mức theo người bán và loại hàng", number=number),
        ),
        _rule_line(
            "answers",
            _("Thời gian trả lời đơn"),
            AnswerRule,
            lambda now: _(
                "Nhắc sau %(first)s và %(second)s giờ, bưu điện gọi sau %(calls)s giờ, hủy sau %(cancel)s giờ",
                first=now.first_reminder_hours,
                second=now.second_reminder_hours,
                calls=now.point_calls_hours,
                cancel=now.cancel_hours,
            ),
        ),
        _rule_line(
            "door",
            _("Trả khi nhận: người mua mới"),
            DoorRule,
            lambda now: _(
                "Chờ xác nhận %(hours)s giờ, tối đa %(count)s đơn",
                hours=now.confirm_hours,
                count=now.most_open,
            ),
        ),
        _rule_line(
            "claims",
            _("Thời hạn khiếu nại"),
            ClaimRule,
            lambda now: _(
                "Hàng tươi %(fresh)s giờ, hàng khô %(dry)s ngày, không đúng mô tả %(law)s ngày",
                fresh=now.fresh_hours,
                dry=now.dry_days,
                law=now.not_as_described_days,
            ),
        ),
        _many(
            "keeping",
            _("Giữ thông tin bao lâu"),
            KeepingRule,
            lambda number: _("%(number)s loại thông tin", number=number),
        ),
        _days(),
        _many(
            "procedures",
            _("Thủ tục: lệ phí và thời hạn"),
            Procedure,
            lambda number: _("%(number)s thủ tục", number=number),
        ),
    ]


def _first_level(rule: SharingRule) -> dict[str, Any]:
    farms, per_10_000 = rule.steps[0]
    return {"farms": farms, "percent": wording.percent(per_10_000)}


def _never(_now: Any) -> bool:
    return False


def _rule_line(
    slug: str,
    title: Text,
    kind: type[R],
    says: Callable[[R], Text],
    is_warning: Callable[[R], bool] = _never,
) -> RuleLine:
    """A kind of which one row holds at a time: what it says today."""
    found = standing(kind)
    now, coming = found.now, found.coming
    return RuleLine(
        slug,
        title,
        says(now) if now is not None else _("Chưa có quy định nào có hiệu lực."),
        now.valid_from if now is not None else None,
        now.legal_basis if now is not None else "",
        coming[0].valid_from if coming else None,
        now is None or is_warning(now),
    )


def _many(slug: str, title: Text, kind: type[R], says: Callable[[int], Text]) -> RuleLine:
    rows = in_force(kind)
    latest = max(rows, key=lambda row: row.valid_from, default=None)
    return RuleLine(
        slug,
        title,
        says(len(rows)),
        latest.valid_from if latest is not None else None,
        latest.legal_basis if latest is not None else "",
        _next_day(kind),
        not rows,
    )


def _days() -> RuleLine:
    coming = standing(DayOverride).coming
    says = _("%(number)s ngày sắp tới được hoán đổi", number=len(coming))
    return RuleLine(
        "days", _("Ngày nghỉ, ngày làm bù"), says, None, "", coming[0].valid_from if coming else None
    )


def coming_holidays(days: int = 400) -> list[tuple[date, str]]:
    """Public holidays of the year ahead as the calendar has them."""
    first = clock.today()
    ahead = (first + timedelta(days=number) for number in range(days))
    return [(day, clock.holiday_name(day) or "") for day in ahead if clock.is_holiday(day)]


def in_force(kind: type[R]) -> list[R]:
    """Every row of a kind that holds today, where several hold at once."""
    today = clock.today()
    return list(
        db.session.scalars(
            select(kind)
            .where(kind.valid_from <= today, or_(kind.valid_to.is_(None), kind.valid_to >= today))
            .order_by(kind.id)
        )
    )


def _next_day(kind: type[DatedRule]) -> date | None:
    return db.session.scalar(select(func.min(kind.valid_from)).where(kind.valid_from > clock.today()))


def surcharges(tariff: Tariff) -> list[tuple[str, float | int]]:
    """The surcharges of a price list: code and figure."""
    return [(row["code"], row["value"]) for row in tariff.table["surcharges"]]


def rule(kind: type[R], code: str) -> R:
    """A row of a kind by its code, or Missing."""
    found = db.session.scalars(select(kind).where(kind.code == code)).one_or_none()
    if found is None:
        raise Missing()
    return found


@dataclass(frozen=True)
class TaxCell:
    """What is withheld of one class of goods sold by one kind of farm."""

    farm_kind: str
    tax_class: str
    standing: Standing[TaxRule]


def _compensation_says(now: CompensationRule) -> Text:
    if now.is_off:
        return _("Đang tắt: chợ trả đủ, chưa đòi bưu điện")
    if not now.per_kg_dong:
        return _("Không khai giá: %(times)s lần cước", times=now.freight_times)
    return _(
        "Không khai giá: %(times)s lần cước hoặc %(kg)s mỗi kg",
        times=now.freight_times,
        kg=dong(now.per_kg_dong),
    )


def tax_cells() -> list[TaxCell]:
    """Every pair of seller and goods there is, with its rule."""
    return [
        TaxCell(
            kind.value,
            tax.value,
            _tax_standing(TaxRule.farm_kind == kind.value, TaxRule.tax_class == tax.value),
        )
        for kind in FarmKind
        for tax in TaxClass
    ]


def _tax_standing(*about: ColumnElement[bool]) -> Standing[TaxRule]:
    """A rate holds only when a second admin approved it."""
    found = standing(TaxRule, *about)
    return Standing(
        rule_on(TaxRule, clock.today(), *about, TaxRule.approved_at.is_not(None)), found.coming, found.past
    )


@dataclass(frozen=True)
class Kept:
    """One kind of information about people and how long it is kept."""

    what: str
    name: str
    standing: Standing[KeepingRule]


def kept() -> list[Kept]:
    """Everything the market keeps of people, with its rule."""
    names = {row.what: row.name for row in history(KeepingRule)}
    return [Kept(what, name, standing(KeepingRule, KeepingRule.what == what)) for what, name in names.items()]


@dataclass(frozen=True)
class RemotePlace:
    """A commune on the list of those that are far."""

    rule: RemoteCommune
    name: str
    province: str
    is_coming: bool


def remote_places() -> list[RemotePlace]:
    """Communes that pay the remote surcharge today or will, by province."""
    today = clock.today()
    rows = db.session.scalars(
        select(RemoteCommune).where(or_(RemoteCommune.valid_to.is_(None), RemoteCommune.valid_to >= today))
    )
    found = []
    for row in rows:
        commune = places.commune(row.commune_code)
        name, province = (commune.name, commune.province.name) if commune else (row.commune_code, "")
        found.append(RemotePlace(row, name, province, row.valid_from > today))
    return sorted(found, key=lambda place: (place.province, place.name, place.rule.valid_from))
