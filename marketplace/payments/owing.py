"""What farms are owed: their net when goods are delivered, and what is made good of goods the post lost."""

from sqlalchemy import select

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder
from marketplace.payments import ledger, payouts, tax
from marketplace.payments.models import LineTax, Payout, PayoutKind, PayoutState
from marketplace.payments.telling import tell_farm
from marketplace.shipping import compensation


def owe(farm_order: FarmOrder, by: Actor) -> Payout:
    """The goods are with the buyer: from what we hold for the buyer the farm gets its net, the post its freight, the
    State its tax. Called twice it writes once."""
    if (known := _known(farm_order, PayoutKind.EARNED)) is not None:
        return known
    assert farm_order.delivered_at is not None
    day = clock.local(farm_order.delivered_at).date()
    farm, fees = farm_order.farm, tax.fees(day)
    kind = farm.kind.value if farm.kind else None
    taxes = [(line, tax.on(kind, line.tax_class, line.sold_for_dong, day)) for line in farm_order.lines]
    tax_dong = sum(taken.dong for _line, taken in taxes)
    commission_dong = tax.commission(farm_order.sold_for_dong, fees)
    payout = Payout(
        farm=farm,
        farm_order=farm_order,
        amount_dong=farm_order.goods_dong - farm_order.farm_bears_dong - commission_dong - tax_dong,
        commission_dong=commission_dong,
        tax_dong=tax_dong,
        due_on=clock.add_working_days(day, fees.holding_days),
        fee_rule_id=fees.id,
        state=PayoutState.DUE,
    )
    db.session.add(payout)
    db.session.flush()
    for line, taken in taxes:
        db.session.add(
            LineTax(
                order_line_id=line.id,
                payout_id=payout.id,
                farm_kind=taken.rule.farm_kind,
                tax_class=line.tax_class,
                base_dong=taken.base_dong,
                vat_per_10_000=taken.rule.vat_per_10_000,
                pit_per_10_000=taken.rule.pit_per_10_000,
                vat_dong=taken.vat_dong,
                pit_dong=taken.pit_dong,
                legal_basis=taken.rule.legal_basis,
                is_confirmed=taken.rule.is_confirmed,
            )
        )
    ledger.post(
        "delivered",
        farm_order.code,
        {
            ledger.buyer(farm_order.order_id): farm_order.total_dong + farm_order.freight_saved_dong,
            ledger.farm(farm.id): -payout.amount_dong,
            ledger.DISCOUNTS: farm_order.market_bears_dong,
            ledger.CARRIER: -farm_order.freight_dong - farm_order.freight_saved_dong,
            ledger.COMMISSION: -commission_dong,
            ledger.TAX_WITHHELD: -tax_dong,
        },
        order_id=farm_order.order_id,
        farm_order_id=farm_order.id,
    )
    _post_saved(farm_order)
    audit.record(by, "payout.owed", payout, amount_dong=payout.amount_dong)
    payouts.review(payout, by)
    return payout


def _known(farm_order: FarmOrder, kind: PayoutKind) -> Payout | None:
    return db.session.scalar(select(Payout).where(Payout.farm_order_id == farm_order.id, Payout.kind == kind))


def _post_saved(farm_order: FarmOrder) -> None:
    """What was saved on its freight (a trip shared with neighbours, a lighter parcel) stands in the books by itself:
    the post gets so much less, and the buyer has paid so much less."""
    if saved := farm_order.freight_saved_dong:
        ledger.post(
            "freight_saved",
            farm_order.code,
            {ledger.CARRIER: saved, ledger.buyer(farm_order.order_id): -saved},
            order_id=farm_order.order_id,
            farm_order_id=farm_order.id,
        )


def compensate(farm_order: FarmOrder, by: Actor) -> Payout:
    """What the post lost, all of an order or some of its parcels, is made good: the farm is paid what it sold the
    goods for, by the post as far as the dated rule goes, by whom it names for the rest. Nothing was sold, so nothing is
    taxed. Twice is once."""
    if (known := _known(farm_order, PayoutKind.COMPENSATION)) is not None:
        return known
    if not farm_order.lost_goods_dong:
        raise Conflict(_("Chỉ bồi thường khi bưu điện đã báo mất hoặc hỏng bưu gửi."))
    borne = compensation.share(farm_order, farm_order.lost_goods_dong)
    payout = Payout(
        farm=farm_order.farm,
        farm_order=farm_order,
        kind=PayoutKind.COMPENSATION,
        amount_dong=borne.made_good_dong,
        due_on=clock.next_working_day(clock.today()),
        state=PayoutState.DUE,
    )
    db.session.add(payout)
    db.session.flush()
    if not payout.amount_dong:
        return payout
    ledger.post(
        "loss_made_good",
        farm_order.code,
        {
            ledger.CARRIER: borne.carrier_dong,
            ledger.LOSSES: borne.market_dong,
            ledger.farm(farm_order.farm_id): -payout.amount_dong,
        },
        order_id=farm_order.order_id,
        farm_order_id=farm_order.id,
        note=borne.basis[:300],
    )
    audit.record(
        by, "payout.compensation", payout, amount_dong=payout.amount_dong, carrier_dong=borne.carrier_dong
    )
    payouts.review(payout, by)
    tell_farm(
        farm_order.farm,
        "payments/made_good",
        code=farm_order.code,
        amount=dong(payout.amount_dong),
        day=payout.due_on.strftime("%d/%m/%Y"),
        basis=borne.basis,
    )
    return payout
