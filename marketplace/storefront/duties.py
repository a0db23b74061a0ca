"""Facts of the pages a platform owes the public (Law 122/2025/QH15, Decree 248/2026/NĐ-CP Arts. 4–16): who runs it,
what it takes, how long things take, what it is made of. Figures come from today's rules, never from a page's text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from marketplace.claims.models import ClaimRule
from marketplace.farmers.models import KIND_WORDS, FarmKind
from marketplace.foundation import clock, market
from marketplace.foundation.rules import KeepingRule, history, rule_on
from marketplace.foundation.words import Text, _
from marketplace.orders.models import TAX_CLASS_WORDS, AnswerRule, TaxClass
from marketplace.payments.models import FeeRule, TaxRule
from marketplace.shipping import price_list
from marketplace.shipping.models import Tariff
from marketplace.shipping.price_list import Sheet

ASKED_FOR = Path(__file__).parents[2] / "requirements.in"


@dataclass(frozen=True)
class Owner:
    """Who runs the market, as the law wants it said. Empty: nobody filled it in yet."""

    name: str
    address: str
    phone: str
    email: str
    registration: str

    @property
    def is_known(self) -> bool:
        return bool(self.name and self.address and (self.phone or self.email))


def owner() -> Owner:
    """The operator, from the settings."""
    said = market.settings()
    return Owner(
        said.owner_name, said.owner_address, said.owner_phone, said.owner_email, said.owner_registration
    )


@dataclass(frozen=True)
class TaxRow:
    """What is withheld of one class of goods, by who sells it (in the order of `Fees.sellers`)."""

    goods: Text
    rules: Sequence[TaxRule | None]


@dataclass(frozen=True)
class Fees:
    """What is taken today, of whom: the market's share, tax at source, carriage."""

    fee: FeeRule | None
    sellers: Sequence[Text]
    taxes: Sequence[TaxRow]
    tariff: Tariff | None
    sheets: Sequence[Sheet]

    @property
    def tax_bases(self) -> Sequence[str]:
        """The laws the tax rows rest on, each once."""
        return list(
            dict.fromkeys(rule.legal_basis for row in self.taxes for rule in row.rules if rule is not None)
        )

    @property
    def is_all_confirmed(self) -> bool:
        """Has an accountant confirmed every rate?"""
        return all(rule is not None and rule.is_confirmed for row in self.taxes for rule in row.rules)


def fees() -> Fees:
    """Every rate of today, each with its basis."""
    today = clock.today()
    tariff = rule_on(Tariff, today)
    return Fees(
        fee=rule_on(FeeRule, today),
        sellers=[KIND_WORDS[kind] for kind in FarmKind],
        taxes=[
            TaxRow(
                TAX_CLASS_WORDS[goods],
                [
                    rule_on(
                        TaxRule,
                        today,
                        TaxRule.farm_kind == kind.value,
                        TaxRule.tax_class == goods.value,
                        TaxRule.approved_at.is_not(None),
                    )
                    for kind in FarmKind
                ],
            )
            for goods in TaxClass
        ],
        tariff=tariff,
        sheets=price_list.sheets(tariff.table) if tariff is not None else (),
    )


def claim_rule() -> ClaimRule | None:
    """The times of claims and complaints today."""
    return rule_on(ClaimRule, clock.today())


def answer_rule() -> AnswerRule | None:
    """How long farms may take to answer today."""
    return rule_on(AnswerRule, clock.today())


@dataclass(frozen=True)
class Package:
    """A library the market runs on: as it states its licence itself."""

    name: str
    version: str
    licence: str


@lru_cache(maxsize=1)
def packages() -> Sequence[Package]:
    """The libraries asked for by name, with the versions that are installed."""
    names = re.findall(r"^([A-Za-z][\w.-]*)", ASKED_FOR.read_text("utf8"), re.MULTILINE)
    found = [_package(name) for name in names]
    return sorted((one for one in found if one is not None), key=lambda one: one.name.lower())


def _package(name: str) -> Package | None:
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    return Package(said["Name"], said["Version"], _licence(said))


def _licence(said: Any) -> str:
    """As written: an expression, a short name, or the trove classifiers."""
    expression = said.get("License-Expression")
    if expression:
        return str(expression)
    classified = [
        line.split(" :: ")[-1].removesuffix(" License").removeprefix("The ")
        for line in said.get_all("Classifier") or ()
        if line.startswith("License ::") and line.count(" :: ") > 1
    ]
    short = (said.get("License") or "").strip()
    if short and "\n" not in short and len(short) < 60:
        return short
    return ", ".join(classified) or _read_licence(said["Name"])


def _read_licence(name: str) -> str:
    """What the licence file that came along says, for a package that states nothing else."""
    for file in metadata.files(name) or ():
        if file.name.upper().startswith("LICEN") and "Permission is hereby granted, free of charge" in (
            file.read_text()
        ):
            return "MIT"
    return "—"


# -- each duty, and where it is met --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Duty:
    """What the law asks of a market like this one, by which article, and the pages that do it."""

    basis: str
    words: Text
    where: Sequence[tuple[Text, str]]


DUTIES: Sequence[Duty] = (
    Duty("Luật 122/2025/QH15 Đ.17(1)(c)", _("Xác thực danh tính người bán trước khi cho bán"),
         [(_("Mở gian hàng"), "/sell/start"), (_("Thủ tục"), "/procedures")]),
    Duty("NĐ 248/2026 Đ.4", _("Công bố chủ sở hữu sàn"), [(_("Chợ là gì"), "/about")]),
    Duty("NĐ 248/2026 Đ.5; Luật 91/2025/QH15", _("Bảo vệ dữ liệu cá nhân: báo trước, xem, tải về, xóa"),
         [(_("Dữ liệu cá nhân"), "/about/privacy"), (_("Tài khoản"), "/account")]),
    Duty("NĐ 248/2026 Đ.6", _("Quy chế hoạt động"), [(_("Quy chế chợ"), "/about/terms")]),
    Duty("NĐ 248/2026 Đ.7", _("Kênh tiếp nhận phản ánh, có mã tra cứu và thời hạn"),
         [(_("Phản ánh với chợ"), "/complaints"), (_("Thời hạn"), "/about/complaints")]),
    Duty("NĐ 248/2026 Đ.9; Luật 19/2023/QH15 Đ.37, 38", _("Cung cấp thông tin, cho xem lại và sửa đơn trước khi đặt"),
         [(_("Giỏ hàng"), "/cart"), (_("Đặt hàng"), "/checkout")]),
    Duty("Luật 19/2023/QH15 Đ.38", _("Xác nhận và cho tải hợp đồng"), [(_("Đơn hàng của tôi"), "/account/orders")]),
    Duty("NĐ 248/2026 Đ.10", _("Phiếu giảm giá không đổi thành tiền"), [(_("Quy chế chợ"), "/about/terms")]),
    Duty("NĐ 248/2026 Đ.11", _("Công bố tiêu chí xếp hạng"), [(_("Tiêu chí xếp hạng"), "/about/ranking")]),
    Duty("NĐ 248/2026 Đ.12", _("Ghi rõ người bán trên từng gian hàng, từng món"), [(_("Nông sản"), "/products")]),
    Duty("Luật 122/2025/QH15 Đ.17(2)(b)", _("Nhận lại hàng không đúng mô tả, hoàn tiền"),
         [(_("Khiếu nại trong trang đơn"), "/account/orders"), (_("Khiếu nại và trả hàng"), "/about/complaints")]),
    Duty("NĐ 248/2026 Đ.13", _("Công bố phí, thuế, cước"), [(_("Phí và thuế"), "/about/fees")]),
    Duty("NĐ 252/2026 Đ.43–45", _("Khấu trừ thuế, bảng kê tháng, chứng từ năm cho người bán"),
         [(_("Tiền của gian hàng"), "/sell/money"), (_("Phí và thuế"), "/about/fees")]),
    Duty("Luật 122/2025/QH15; Luật 88/2015/QH13", _("Lưu dữ liệu đúng hạn rồi xóa"),
         [(_("Thời hạn lưu"), "/about/duties")]),
    Duty("NĐ 118/2025", _("Thủ tục tiếp nhận tại bưu điện, có phiếu hẹn và mã tra cứu"),
         [(_("Thủ tục"), "/procedures")]),
)  # fmt: skip
"""Articles 4–16 as public transcriptions give them: a lawyer confirms numbers and wording before a market opens."""


def kept() -> Sequence[KeepingRule]:
    """What is kept of people today, and how long."""
    today = clock.today()
    rows: dict[str, KeepingRule] = {}
    for row in reversed(history(KeepingRule)):
        if not row.is_waiting and row.valid_from <= today and (row.valid_to is None or row.valid_to >= today):
            rows[row.what] = row
    return list(rows.values())
