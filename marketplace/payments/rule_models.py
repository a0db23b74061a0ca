"""The tables of the dated rules that money follows."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db import Dong, Moment, Prose, state_column
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.words import Text, _


class FeeRule(DatedRule):
    """The market's own rule, dated: what the market keeps, in hundredths of a percent of the goods (0: free for
    farmers), and how many working days money is held after delivery."""

    __tablename__ = "fee_rule"

    commission_per_10_000: Mapped[int] = mapped_column(default=0)
    holding_days: Mapped[int] = mapped_column(default=2)


class PayTimeRule(DatedRule):
    """The market's own rule, dated: how many minutes an order waits for its money, by the way it is paid, and how many
    more when a person asked the buyer for what is missing."""

    __tablename__ = "pay_time_rule"

    method: Mapped[str] = mapped_column(String(16))
    minutes: Mapped[int]
    top_up_minutes: Mapped[int] = mapped_column(default=0)


class TransferAction(StrEnum):
    """What is done with a transfer without asking a person."""

    ADD_UP = "add_up"
    TAKE_AND_RETURN = "take_and_return"
    SEND_BACK = "send_back"
    ASK = "ask"


TRANSFER_ACTION_WORDS: dict[TransferAction, Text] = {
    TransferAction.ADD_UP: _("Chờ chuyển nốt; đủ tiền thì tự nhận"),
    TransferAction.TAKE_AND_RETURN: _("Nhận cho đơn, phần thừa đưa vào danh sách hoàn lại"),
    TransferAction.SEND_BACK: _("Đưa vào danh sách hoàn lại"),
    TransferAction.ASK: _("Chờ thủ quỹ xem"),
}


class TransferRule(DatedRule):
    """The market's own rule, dated: what is done with a transfer that is not simply right. `limit_dong`: up to this
    difference the rule acts, above it a person is asked (none: always acts)."""

    __tablename__ = "transfer_rule"

    case: Mapped[str] = mapped_column(String(32))
    action: Mapped[TransferAction] = state_column(TransferAction, index=False)
    limit_dong: Mapped[int | None] = mapped_column(Dong)


class CarriageRule(DatedRule):
    """The market's own rule, dated: who bears the freight of a parcel that was refused at the door (`farm` or
    `market`; the way there of an order paid before is the buyer's), and what the way back costs, in hundredths of a
    percent of the freight there."""

    __tablename__ = "carriage_rule"

    prepaid_back: Mapped[str] = mapped_column(String(16))
    cod_out: Mapped[str] = mapped_column(String(16))
    cod_back: Mapped[str] = mapped_column(String(16))
    back_per_10_000: Mapped[int] = mapped_column(default=0)


class TaxRule(DatedRule):
    """Tax withheld at source on a farm's sale, in hundredths of a percent, by who sells and what.
    Decree 117/2025/NĐ-CP until 30/6/2026, Decree 252/2026/NĐ-CP Art. 43–45 after. A row holds only once a second admin
    approved it; `is_off`: known, but switched off (rates nobody is sure of)."""

    __tablename__ = "tax_rule"
    __table_args__ = (Index("ix_tax_rule_class", "farm_kind", "tax_class", "valid_from"),)

    farm_kind: Mapped[str] = mapped_column(String(16))
    tax_class: Mapped[str] = mapped_column(String(32))
    vat_per_10_000: Mapped[int]
    pit_per_10_000: Mapped[int]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    is_off: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Prose, default="")
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
