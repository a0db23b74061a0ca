"""Papers the market writes: what stands on them is kept as it was on the day, and their numbers have no gaps.

A number is given when the paper is written, in the same transaction and under the lock of its series' row: a paper that
is not written after all leaves no hole. The second time the same paper is asked for it is the first one again.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm
from marketplace.foundation import audit, clock, market
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.money import dong, number
from marketplace.foundation.phones import show_phone
from marketplace.foundation.printed import PrintedSheet
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.words import _, in_language
from marketplace.orders.models import TAX_CLASS_WORDS, FarmOrder, Order, OrderLine, TaxClass
from marketplace.payments.models import (
    Document,
    DocumentCounter,
    DocumentSeries,
    LineTax,
    Payment,
    Payout,
    PayoutKind,
    PayoutSlip,
    TaxReturned,
)
from marketplace.places import queries as places

Content = dict[str, Any]
D = DocumentSeries


# -- numbers -------------------------------------------------------------------------------------------------------


def next_number(series: DocumentSeries, year: int) -> int:
    """The next number of a series in a year. Its row stays locked until the transaction ends, so nobody gets the same
    one and a rolled-back one is given again."""
    start = {"series": series.value, "year": year, "last": 0}
    kinds: dict[str, Any] = {"postgresql": insert_postgres, "sqlite": insert_sqlite}
    make = kinds.get(db.session.get_bind().dialect.name, insert)
    db.session.execute(make(DocumentCounter).values(start).on_conflict_do_nothing())
    return int(
        db.session.execute(
            update(DocumentCounter)
            .where(DocumentCounter.series == series.value, DocumentCounter.year == year)
            .values(last=DocumentCounter.last + 1)
            .returning(DocumentCounter.last)
            .execution_options(synchronize_session=False)
        ).scalar_one()
    )


def written(series: DocumentSeries, key: str) -> Document | None:
    return db.session.scalars(
        select(Document).where(Document.series == series, Document.key == key)
    ).one_or_none()


def write(series: DocumentSeries, key: str, content: Content, by: Actor) -> Document:
    """Write a paper, once: with the next number of its series and this year."""
    year = clock.today().year
    number = next_number(series, year)
    # Whoever waited for the number looks again: the paper may be there by now.
    known = written(series, key)
    if known is not None:
        db.session.execute(
            update(DocumentCounter)
            .where(DocumentCounter.series == series.value, DocumentCounter.year == year)
            .values(last=DocumentCounter.last - 1)
            .execution_options(synchronize_session=False)
        )
        return known
    made = Document(series=series, year=year, number=number, key=key, content=content)
    db.session.add(made)
    db.session.flush()
    audit.record(by, "document.written", made, number=made.title_number)
    return made


def gaps() -> list[str]:
    """Series whose numbers are not one after the other; for the auditor."""
    found = db.session.execute(
        select(
            Document.series, Document.year, func.count(), func.min(Document.number), func.max(Document.number)
        )
        .group_by(Document.series, Document.year)
        .order_by(Document.series, Document.year)
    )
    return [
        f"documents {series.value}/{year}: {count} papers, numbers {first} to {last}"
        for series, year, count, first, last in found
        if (first, last) != (1, count)
    ]


# -- what stands on them -------------------------------------------------------------------------------------------


@in_language("vi")
def confirmation(order: Order, by: Actor) -> Document:
    """The contract as it was agreed: who sells what to whom, at which price, with which delivery, by which rules."""
    if (known := written(D.CONFIRMATION, order.code)) is not None:
        return known
    several = len(order.farm_orders) > 1
    rows = [
        [*([str(place)] if several else []), line.product_name, line.variant_name, str(line.ordered_quantity),
         dong(line.unit_price_dong), dong(line.unit_price_dong * line.ordered_quantity)]
        for place, part in enumerate(order.farm_orders, start=1)
        for line in part.lines
    ]  # fmt: skip
    content = _paper(
        _("XÁC NHẬN ĐƠN HÀNG, HỢP ĐỒNG MUA BÁN"),
        [
            *_owner(),
            (_("Đơn hàng"), order.code),
            (_("Đặt lúc"), _moment(order.created_at)),
            (_("Người mua"), f"{order.name}, {show_phone(order.phone)}"),
            (_("Giao tới"), _address(order)),
            *[
                (
                    _("Người bán %(number)s", number=place),
                    f"{_seller(part.farm)}. {part.service_name}, giao {_day(part.promised_to)}",
                )
                for place, part in enumerate(order.farm_orders, start=1)
            ],
        ],
        [*([_("Người bán")] if several else []),
         _("Hàng"), _("Gói"), _("Số lượng"), _("Đơn giá"), _("Thành tiền")],
        rows,
        [
            (_("Tiền hàng"), dong(order.goods_dong)),
            (_("Cước gửi và phí thu hộ"), dong(order.shipping_dong + order.cod_fee_dong)),
            *([(_("Giảm giá"), dong(-order.discount_dong))] if order.discount_dong else []),
            (_("Tổng cộng"), dong(order.total_dong)),
            (_("Cách trả tiền"), str(_PAID_BY.get(order.payment_method, order.payment_method))),
        ],
        [
            _(
                "Hai bên giao kết qua chợ theo quy chế công bố tại trang Về chợ. Người mua hủy được cho tới khi hàng "
                "rời nhà vườn. Thời hạn khiếu nại ghi ở trang Khiếu nại; hàng không đúng mô tả thì theo luật."
            ),
        ],
        [*([1] if several else []), 3, 2, 1, 2, 2],
    )  # fmt: skip
    return write(D.CONFIRMATION, order.code, content, by)


@in_language("vi")
def delivery_note(part: FarmOrder, by: Actor) -> Document:
    """What lies in the parcel, for whoever opens it."""
    if part.handed_over_at is None:
        raise Conflict(_("Hàng chưa gửi nên chưa có phiếu giao hàng."))
    if (known := written(D.DELIVERY_NOTE, part.code)) is not None:
        return known
    content = _paper(
        _("PHIẾU GIAO HÀNG"),
        [
            (_("Đơn hàng"), part.code),
            (_("Gửi lúc"), _moment(part.handed_over_at)),
            (_("Người gửi"), _seller(part.farm)),
            (_("Người nhận"), f"{part.order.name}, {show_phone(part.order.phone)}"),
            (_("Giao tới"), _address(part.order)),
        ],
        [_("Hàng"), _("Gói"), _("Lô"), _("Số lượng")],
        [
            [line.product_name, line.variant_name, line.lot_code or "–", _supplied(line)]
            for line in part.lines
            if line.quantity
        ],
        [],
        [],
        [4, 3, 2, 2],
        [_("Người giao"), _("Người nhận")],
    )
    return write(D.DELIVERY_NOTE, part.code, content, by)


def _supplied(line: OrderLine) -> str:
    """`3`, and what goods sold by weight truly weighed: `3 (1.480 g)`."""
    return str(line.quantity) if line.real_grams is None else f"{line.quantity} ({number(line.real_grams)} g)"


@in_language("vi")
def receipt(payment: Payment, by: Actor) -> Document:
    """What the buyer paid, when, for what: of an order paid ahead, its parts as they were paid for, whatever was sent
    less and given back later."""
    if not payment.received_dong:
        raise Conflict(_("Khoản này chưa trả nên chưa có biên nhận."))
    if (known := written(D.RECEIPT, payment.code)) is not None:
        return known
    parts = [payment.farm_order] if payment.farm_order is not None else payment.order.farm_orders
    paid_at = payment.paid_at or payment.collected_at or payment.created_at
    content = _paper(
        _("BIÊN NHẬN TIỀN"),
        [
            *_owner(),
            (_("Người trả"), payment.order.name),
            (_("Đơn hàng"), payment.order.code),
            (_("Trả lúc"), _moment(paid_at)),
            (_("Cách trả tiền"), str(_PAID_BY.get(payment.method, payment.method))),
            (_("Mã khoản trả"), payment.code),
        ],
        [_("Nhà vườn"), _("Hàng"), _("Số tiền")],
        [[part.farm.name, *_paid_for(part, is_ahead=payment.farm_order is None)] for part in parts],
        [(_("Đã nhận"), dong(payment.received_dong))],
        [_("Biên nhận này không thay hóa đơn. Hóa đơn do người bán xuất.")],
        [3, 5, 2],
    )
    return write(D.RECEIPT, payment.code, content, by)


def _paid_for(part: FarmOrder, is_ahead: bool) -> list[str]:
    if not is_ahead:
        return [part.goods_in_words, dong(part.total_dong)]
    goods = ", ".join(
        f"{line.ordered_quantity} × {line.product_name} {line.variant_name}" for line in part.lines
    )
    return [goods, dong(part.total_dong + part.short_dong)]


@in_language("vi")
def payout_slip(slip: PayoutSlip, by: Actor) -> Document:
    """One sentence per đồng: which orders, what was taken off and why, what was sent."""
    if slip.sent_reference is None:
        raise Conflict(_("Khoản này chưa chuyển nên chưa có phiếu."))
    if (known := written(D.PAYOUT, slip.code)) is not None:
        return known
    rows = [
        [payout.farm_order.code, _day(payout.due_on), *map(dong, _adds_up(payout))] for payout in slip.payouts
    ]
    content = _paper(
        _("PHIẾU TRẢ TIỀN NHÀ VƯỜN"),
        [
            *_owner(),
            (_("Nhà vườn"), _seller(slip.farm)),
            (_("Phiếu"), slip.code),
            (_("Mã giao dịch"), slip.sent_reference),
            (_("Chuyển lúc"), _moment(slip.sent_at or slip.settled_at or slip.ready_at or slip.created_at)),
        ],
        [_("Đơn"), _("Đến hạn"), _("Tiền hàng"), _("Nhà vườn giảm"), _("Thuế"), _("Phí chợ"), _("Còn lại")],
        rows,
        [
            (_("Cộng"), dong(slip.gross_dong)),
            *[(one.debt.words, dong(-one.amount_dong)) for one in slip.deductions],
            (_("Nhận"), dong(slip.net_dong)),
        ],
        [],
        [3, 2, 2, 2, 2, 2, 2],
    )
    return write(D.PAYOUT, slip.code, content, by)


def _adds_up(payout: Payout) -> tuple[int, int, int, int, int]:
    """A payout as it is read from left to right: goods (or what was lost of them), less the farm's own discounts, tax
    and commission, is what it is paid."""
    given = payout.farm_order.farm_bears_dong if payout.kind is PayoutKind.EARNED else 0
    goods = payout.amount_dong + payout.tax_dong + payout.commission_dong + given
    return goods, -given, -payout.tax_dong, -payout.commission_dong, payout.amount_dong


@in_language("vi")
def statement(
    farm: Farm, first: date, opening_dong: int, lines: Sequence[Any], words: dict[str, Any], by: Actor
) -> Document:
    """A farm's month, every line of its account, from what stood there before. Written when the month is over."""
    key = f"{farm.code}:{first:%Y-%m}"
    if (known := written(D.STATEMENT, key)) is not None:
        return known
    _must_be_over(_month_end(first))
    content = _paper(
        _("SAO KÊ THÁNG"),
        [*_owner(), (_("Nhà vườn"), _seller(farm)), (_("Tháng"), f"{first:%m/%Y}")],
        [_("Ngày giờ"), _("Việc"), _("Đơn"), _("Số tiền"), _("Còn lại")],
        [
            [_moment(line.at), str(words.get(line.kind, line.kind)), line.order_code or "–", dong(line.amount_dong),
             dong(line.balance_dong)]
            for line in lines
        ],
        [
            (_("Số dư đầu tháng"), dong(opening_dong)),
            (_("Còn lại cuối tháng"), dong(lines[-1].balance_dong if lines else opening_dong)),
        ],
        [],
        [3, 4, 2, 2, 2],
    )  # fmt: skip
    return write(D.STATEMENT, key, content, by)


# -- tax -----------------------------------------------------------------------------------------------------------


def tax_rows(farm: Farm, first: date, last: date) -> list[list[Any]]:
    """What was withheld from a farm from one day to another, line by line as stamped, and what was given back: day,
    order, goods, class, base, VAT %, VAT, PIT %, PIT, legal basis. Figures are numbers."""
    begin, end = clock.start_of_day(first), clock.start_of_day(last + timedelta(days=1))
    lines = db.session.execute(
        select(LineTax, OrderLine, FarmOrder)
        .join(OrderLine, OrderLine.id == LineTax.order_line_id)
        .join(FarmOrder, FarmOrder.id == OrderLine.farm_order_id)
        .where(FarmOrder.farm_id == farm.id, LineTax.created_at >= begin, LineTax.created_at < end)
        .order_by(LineTax.id)
    )
    rows = [
        [clock.local(tax.created_at).date(), part.code, line.product_name, _class(tax.tax_class), tax.base_dong,
         tax.vat_per_10_000 / 100, tax.vat_dong, tax.pit_per_10_000 / 100, tax.pit_dong,
         tax.legal_basis + ("" if tax.is_confirmed else str(_(" (mức chưa được xác nhận)")))]
        for tax, line, part in lines
    ]  # fmt: skip
    given = db.session.scalars(
        select(TaxReturned)
        .join(Payout, Payout.id == TaxReturned.payout_id)
        .where(Payout.farm_id == farm.id, TaxReturned.created_at >= begin, TaxReturned.created_at < end)
        .order_by(TaxReturned.id)
    )
    rows += [
        [clock.local(one.created_at).date(), one.farm_order.code, str(_("Hoàn tiền cho khách")), "", -one.base_dong,
         "", -one.vat_dong, "", -one.pit_dong, str(_("Bù trừ giao dịch hủy, trả lại"))]
        for one in given
    ]  # fmt: skip
    return rows


TAX_HEADS = (
    _("Ngày"),
    _("Đơn"),
    _("Hàng"),
    _("Loại"),
    _("Doanh thu"),
    _("GTGT %"),
    _("GTGT"),
    _("TNCN %"),
    _("TNCN"),
    _("Căn cứ"),
)


def tax_sums(rows: Sequence[Sequence[Any]]) -> tuple[int, int, int]:
    """Turnover, VAT and income tax of such rows, in đồng."""
    return sum(row[4] for row in rows), sum(row[6] for row in rows), sum(row[8] for row in rows)


@in_language("vi")
def tax_month(farm: Farm, first: date, by: Actor) -> Document:
    """What was withheld in a month, line by line."""
    key, last = f"{farm.code}:{first:%Y-%m}", _month_end(first)
    if (known := written(D.TAX_MONTH, key)) is not None:
        return known
    _must_be_over(last)
    content = _tax_paper(
        _("BẢNG KÊ THUẾ ĐÃ KHẤU TRỪ"), farm, f"{first:%m/%Y}", tax_rows(farm, first, last), detailed=True
    )
    return write(D.TAX_MONTH, key, content, by)


@in_language("vi")
def tax_year(farm: Farm, year: int, by: Actor) -> Document:
    """The yearly certificate a farm takes to the tax office: what was withheld, month by month."""
    key = f"{farm.code}:{year}"
    if (known := written(D.TAX_YEAR, key)) is not None:
        return known
    _must_be_over(date(year, 12, 31))
    content = _tax_paper(
        _("CHỨNG TỪ KHẤU TRỪ THUẾ NĂM"),
        farm,
        str(year),
        tax_rows(farm, date(year, 1, 1), date(year, 12, 31)),
        detailed=False,
    )
    return write(D.TAX_YEAR, key, content, by)


def _tax_paper(title: Any, farm: Farm, period: str, rows: Sequence[Sequence[Any]], detailed: bool) -> Content:
    identity = farm.identity
    base, vat, pit = tax_sums(rows)
    if detailed:
        heads: list[Any] = [_("Ngày"), _("Đơn"), _("Hàng"), _("Doanh thu"), _("GTGT"), _("TNCN"), _("Căn cứ")]
        shown = [
            [_day(row[0]), row[1], row[2], dong(row[4]), dong(row[6]), dong(row[8]), str(row[9])]
            for row in rows
        ]
        widths = [20, 25, 27, 22, 18, 18, 50]
    else:
        heads = [_("Tháng"), _("Doanh thu"), _("GTGT đã khấu trừ"), _("TNCN đã khấu trừ")]
        months: dict[str, list[Sequence[Any]]] = {}
        for row in rows:
            months.setdefault(f"{row[0]:%m/%Y}", []).append(row)
        shown = [[month, *map(dong, tax_sums(found))] for month, found in sorted(months.items())]
        widths = [1, 2, 2, 2]
    return _paper(
        title,
        [
            *_owner(),
            (_("Người bán"), _seller(farm)),
            (_("Họ tên"), identity.full_name if identity is not None else "–"),
            (_("Mã số thuế"), (identity.tax_code or "–") if identity is not None else "–"),
            (_("Kỳ"), period),
        ],
        heads,
        shown,
        [
            (_("Doanh thu tính thuế"), dong(base)),
            (_("Thuế GTGT đã khấu trừ"), dong(vat)),
            (_("Thuế TNCN đã khấu trừ"), dong(pit)),
            (_("Tổng cộng đã khấu trừ"), dong(vat + pit)),
        ],
        [
            _(
                "Lập từ mức và căn cứ ghi trên từng dòng đơn lúc bán, không tính lại. "
                "Mức chưa được cơ quan thuế xác nhận được ghi rõ trong bảng kê."
            )
        ],
        widths,
        [_("Người lập")],
    )  # fmt: skip


def _class(tax_class: str) -> str:
    return str(TAX_CLASS_WORDS[TaxClass(tax_class)])


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _must_be_over(last: date) -> None:
    if last >= clock.today():
        raise Conflict(
            _(
                "Kỳ này chưa hết nên chưa lập được chứng từ có số. Hãy tải bảng tính, hoặc đợi qua ngày %(day)s.",
                day=_day(last),
            )
        )


# -- on paper ------------------------------------------------------------------------------------------------------


def _paper(
    title: Any,
    facts: Sequence[tuple[Any, str]],
    heads: Sequence[Any],
    rows: Sequence[Sequence[str]],
    sums: Sequence[tuple[Any, str]],
    notes: Sequence[Any],
    widths: Sequence[int],
    signatures: Sequence[Any] = (),
) -> Content:
    """What stands on a paper, ready to be kept: in Vietnamese whoever asks for it, so every paper is written
    `in_language("vi")`, its figures and words alike."""
    return {
        "title": str(title),
        "facts": [[str(name), str(value)] for name, value in facts],
        "heads": [str(head) for head in heads],
        "rows": [[str(cell) for cell in row] for row in rows],
        "sums": [[str(name), str(value)] for name, value in sums],
        "notes": [str(note) for note in notes],
        "widths": list(widths),
        "signatures": [str(who) for who in signatures],
    }


def pdf(document: Document) -> bytes:
    """The paper as a PDF: the same whenever it is asked for."""
    content = document.content
    paper = PrintedSheet("A4", f"{content['title']} {document.title_number}")
    paper.say(content["title"], 14, bold=True, align="C")
    with in_language("vi"):
        day = clock.local(document.created_at).strftime("%d/%m/%Y")
        paper.say(
            str(_("Số %(number)s, ngày %(day)s", number=document.title_number, day=day)),
            9.5,
            align="C",
            gap=3,
        )
    for name, value in content["facts"]:
        paper.fact(name, value)
    paper.rule()
    if content["rows"]:
        paper.table(content["heads"], content["rows"], content["widths"])
        paper.rule()
    for name, value in content["sums"]:
        paper.fact(name, value, name_wide=80)
    for note in content["notes"]:
        paper.say(note, 8.5, gap=1)
    if content["signatures"]:
        paper.signatures(*content["signatures"])
    return paper.done()


_PAID_BY = {
    "cod": _("Tiền mặt khi nhận hàng"),
    "vietqr": _("Chuyển khoản"),
    "card": _("Thẻ"),
    "counter": _("Tại điểm bưu điện"),
}


def _owner() -> list[tuple[Any, str]]:
    said = market.settings()
    name = said.owner_name or said.site_name
    more = [said.owner_address, said.owner_phone, said.owner_registration]
    return [(_("Sàn"), ", ".join(part for part in (name, *more) if part))]


def _seller(farm: Farm) -> str:
    return ", ".join(
        part for part in (farm.name, farmers.address_of(farm), show_phone(farm.phone or "")) if part
    )


def _address(order: Order) -> str:
    commune = places.commune(order.commune_code)
    return places.print_address(order.street, commune) if commune is not None else order.street


def _moment(at: Any) -> str:
    return clock.local(at).strftime("%H:%M %d/%m/%Y")


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
