"""Named points at which a test may kill the process, to see that it starts again whole.

`point("checkout.order_written")` stands between two lines of a deed. Off, it is one comparison. Only a test switches it
on, by calling `arm` in a market whose APP_ENV is test: there is no setting for it, so nothing outside the code can.
"""

from collections.abc import Callable

from marketplace.foundation import market

POINTS: dict[str, str] = {
    "checkout.begun": "the cart is locked, nothing is written",
    "checkout.order_written": "order and lines are written, the stock is held",
    "checkout.money_asked": "payments are asked for",
    "checkout.voucher_used": "the voucher's use is taken",
    "checkout.before_commit": "everything is written, nothing is committed",
    "checkout.committed": "the order stands, the buyer has no answer yet",
    "settlement.posted": "the money is in the ledger, the payment does not say so yet",
    "settlement.paid": "the payment is paid, the farms are not asked yet",
    "settlement.confirmed": "the farms are asked, nothing is committed",
    "delivery.collected": "the cash is taken, the farm is not owed yet",
    "delivery.owed": "the farm is owed, nothing is committed",
    "payout.batched": "payouts are on a list, nothing is committed",
    "payout.approved": "the list may go out, nothing is committed",
    "payout.sent": "some payouts of the list are written as sent, nothing is committed",
    "refund.posted": "the money went back in the ledger, the payment does not say so yet",
}
"""Every point there is, and how things stand at it."""

_armed: Callable[[str], None] | None = None


def point(name: str) -> None:
    """A test may have the process end here."""
    if _armed is not None:
        _armed(name)


def arm(action: Callable[[str], None] | None) -> None:
    """Call `action(name)` at every point from now on (None: no more). Tests only."""
    global _armed
    if action is not None and market.settings().app_env != "test":
        raise RuntimeError("fault points are switched on by tests only")
    _armed = action
