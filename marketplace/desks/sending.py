"""Parcels that carry no sale, scanned in the counter's one box like all others."""

from datetime import datetime

from marketplace.foundation.audit import Actor
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.words import Text, _
from marketplace.places.models import ServicePoint
from marketplace.shipping import dispatches
from marketplace.shipping.dispatch_models import Dispatch
from marketplace.shipping.models import ScanKind


def scan(
    found: Dispatch,
    kind: ScanKind | None,
    by: Actor,
    point: ServicePoint,
    at: datetime | None = None,
    once: str | None = None,
) -> Text:
    """One scan of it (no kind: the usual next step), and the sentence that says what was done. Raises Conflict when
    somebody's paper must be looked at first, or nothing is left to do."""
    kind = kind or dispatches.USUAL.get(found.state)
    if kind is None or dispatches.asks_who(found, kind):
        raise Conflict(_("Bưu gửi này cần hỏi người nhận. Hãy mở trang của nó."))
    if once is None or not dispatches.is_scanned(once):
        dispatches.record(found.tracking, kind, by, point, at=at, once=once)
    return _("%(number)s: %(state)s.", number=found.number_in_groups, state=found.state.label)
