"""Coming to the counter for a result: on which day, and whether the counter is open then."""

from collections.abc import Sequence
from datetime import date

from marketplace.dossiers import due
from marketplace.dossiers.due import OfficeHours
from marketplace.dossiers.models import Dossier, DossierState, ReturnWay
from marketplace.foundation import clock
from marketplace.places import counters
from marketplace.places.counters import Going

OVER = frozenset({DossierState.RETURNED, DossierState.WITHDRAWN, DossierState.STOPPED})


def day_promised(dossier: Dossier) -> date:
    """The day its result can be fetched: today once it is there, the day promised, else what would be promised now."""
    if dossier.is_to_return:
        return clock.today()
    if dossier.due_at is not None:
        return max(clock.today(), clock.local(dossier.due_at).date())
    office = OfficeHours(dossier.procedure.opens, dossier.procedure.closes)
    return clock.local(due.due_moment(clock.now(), dossier.procedure.working_days, office)).date()


def goings(dossier: Dossier) -> Sequence[Going]:
    """What to know of its counter before going there: its hours today, and the day promised when it is shut then;
    nothing when the result is not fetched at a counter."""
    if dossier.point is None or dossier.return_way is not ReturnWay.COUNTER or dossier.state in OVER:
        return []
    today = counters.going_to(dossier.point)
    promised = counters.going_to(dossier.point, day_promised(dossier))
    return [today, promised] if promised.is_shut and not promised.is_today else [today]


def fetched_from(dossier: Dossier) -> date | None:
    """The first day the counter is open once the result is due, where that is later than the day promised."""
    if dossier.point is None or dossier.return_way is not ReturnWay.COUNTER or dossier.due_at is None:
        return None
    due_on = clock.local(dossier.due_at).date()
    first = counters.first_day_open(dossier.point, due_on)
    return first if first is not None and first > due_on else None
