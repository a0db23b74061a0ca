"""What can be seen of vouchers: the one a word names, what it takes off this cart, those of a farm or of the market."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from marketplace.campaigns import discounts
from marketplace.campaigns.discounts import Part, Share
from marketplace.campaigns.models import Voucher, VoucherKind, VoucherShare, VoucherState, VoucherUse
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.words import Text, _
from marketplace.orders.models import Order


class VoucherRefused(Refusal):
    """The word does not work for this cart; the sentence says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence, field="voucher")


@dataclass(frozen=True)
class Applied:
    """A voucher and what it takes off each part of the cart, in the cart's order."""

    voucher: Voucher
    shares: Sequence[Share]

    @property
    def total_dong(self) -> int:
        return sum(share.total_dong for share in self.shares)


def clean_word(typed: str) -> str:
    """`tet 2027` and `TET-2027` are one word: letters and digits without marks, in capitals."""
    plain = unicodedata.normalize("NFD", typed.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain.upper() if letter.isascii() and letter.isalnum())[:20]


def people_of(buyer_id: int | None, phone: str, cart_code: str | None = None) -> list[str]:
    """Who counts as one person: the account, and the telephone it goes to; for a guest, whom nobody asked to prove a
    telephone, also the browser with its cart (`cart_code`)."""
    if buyer_id is not None:
        return [f"phone:{phone}", f"person:{buyer_id}"]
    return [f"phone:{phone}", *([f"cart:{cart_code}"] if cart_code is not None else [])]


def apply(typed: str, parts: Sequence[Part], people: Sequence[str] = ()) -> Applied:
    """What a typed word takes off these parts now. Raises VoucherRefused with the reason; nothing is written."""
    voucher = db.session.scalars(select(Voucher).where(Voucher.word == clean_word(typed))).one_or_none()
    if voucher is None:
        raise VoucherRefused(_("Không có mã giảm giá này. Hãy xem lại từng chữ."))
    refuse_when_over(voucher)
    scope = discounts.in_scope(voucher, parts)
    if not scope:
        assert voucher.farm is not None
        raise VoucherRefused(_("Mã này chỉ dùng cho hàng của %(farm)s.", farm=voucher.farm.name))
    missing = voucher.least_dong - sum(part.goods_dong for part in scope)
    if missing > 0:
        raise VoucherRefused(
            _(
                "Mã này dùng cho đơn từ %(least)s tiền hàng. Mua thêm %(missing)s nữa là dùng được.",
                least=dong(voucher.least_dong),
                missing=dong(missing),
            )
        )
    if _used_by(voucher, people) >= voucher.most_per_person:
        raise VoucherRefused(_("Bạn đã dùng hết lượt của mã này."))
    applied = Applied(voucher, discounts.shares(voucher, parts))
    if voucher.used_dong + applied.total_dong > voucher.budget_dong:
        raise VoucherRefused(_("Mã này vừa hết lượt dùng."))
    if not applied.total_dong:
        raise VoucherRefused(_("Mã này không giảm được gì cho đơn này."))
    return applied


def refuse_when_over(voucher: Voucher) -> None:
    now = clock.now()
    if voucher.state is not VoucherState.OPEN:
        raise VoucherRefused(_("Mã này không còn dùng được."))
    if now < voucher.starts_at:
        raise VoucherRefused(
            _("Mã này dùng được từ %(day)s.", day=clock.local(voucher.starts_at).strftime("%d/%m/%Y"))
        )
    if now >= voucher.ends_at:
        raise VoucherRefused(_("Mã này đã hết hạn."))
    if voucher.used_count >= voucher.most_uses:
        raise VoucherRefused(_("Mã này vừa hết lượt dùng."))


def _used_by(voucher: Voucher, people: Sequence[str]) -> int:
    if not people:
        return 0
    counts = db.session.scalars(
        select(VoucherShare.used_count).where(
            VoucherShare.voucher_id == voucher.id, VoucherShare.who.in_(people)
        )
    )
    return max(counts, default=0)


def vouchers_of_market() -> Select[Voucher]:
    """All vouchers, those of farms too, newest first: the market sees what its farms promise."""
    return select(Voucher).order_by(Voucher.id.desc())


def vouchers_of(farm: Farm) -> Sequence[Voucher]:
    """A farm's own, newest first."""
    return list(
        db.session.scalars(select(Voucher).where(Voucher.farm_id == farm.id).order_by(Voucher.id.desc()))
    )


def voucher_for(farm: Farm, code: str) -> Voucher:
    """One of the farm's own; anybody else's is Missing."""
    found = db.session.scalars(
        select(Voucher).where(Voucher.farm_id == farm.id, Voucher.code == code)
    ).one_or_none()
    if found is None:
        raise Missing()
    return found


def voucher(code: str) -> Voucher:
    found = db.session.scalars(select(Voucher).where(Voucher.code == code)).one_or_none()
    if found is None:
        raise Missing()
    return found


def use_of(order: Order) -> VoucherUse | None:
    """The voucher an order was placed with, given back or not."""
    return db.session.scalars(select(VoucherUse).where(VoucherUse.order_id == order.id)).one_or_none()


def terms(voucher: Voucher) -> Text:
    """`Giảm 10%, nhiều nhất 50.000 ₫, cho đơn từ 300.000 ₫`."""
    least = dong(voucher.least_dong)
    if voucher.kind is VoucherKind.FREIGHT:
        return _(
            "Giảm cước gửi tới %(amount)s, cho đơn từ %(least)s",
            amount=dong(voucher.amount_dong),
            least=least,
        )
    if voucher.kind is VoucherKind.DONG:
        return _("Giảm %(amount)s, cho đơn từ %(least)s", amount=dong(voucher.amount_dong), least=least)
    share = f"{voucher.per_10_000 / 100:g}".replace(".", ",")
    if voucher.most_dong is None:
        return _("Giảm %(share)s%% tiền hàng, cho đơn từ %(least)s", share=share, least=least)
    return _(
        "Giảm %(share)s%% tiền hàng, nhiều nhất %(most)s, cho đơn từ %(least)s",
        share=share,
        most=dong(voucher.most_dong),
        least=least,
    )
