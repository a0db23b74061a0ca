"""Where a parcel is, read off everything that was seen of it, in the order in which it happened, whatever the order in
which it was told. No database: the verb that records a scan asks here.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from marketplace.shipping.models import ENDED, SCANS_LEAD, ParcelState, ScanKind

P = ParcelState
MAX_FAILED = 3
"""After the third failed attempt the parcel goes back (postal rule, DOMAIN §5)."""
_USUAL = list(ScanKind)
"""Of two scans of one moment, the one that usually comes first."""

Seen = tuple[datetime, ScanKind]


def was_missed(before: ParcelState, to: ParcelState) -> bool:
    """The first scan was never made, but the goods have left the farm all the same."""
    return before in (P.ASKED, P.BOOKED) and to in SCANS_LEAD[P.PICKED_UP]


def read(seen: Iterable[Seen]) -> tuple[ParcelState, int]:
    """Where these scans leave a parcel that was booked, and how many attempts failed. A scan that cannot follow on what
    happened before it says nothing; the third failed attempt sends the parcel back."""
    state, failed = P.BOOKED, 0
    for _at, kind in sorted(seen, key=lambda one: (one[0], _USUAL.index(one[1]))):
        to = ParcelState(kind.value)
        if to not in SCANS_LEAD.get(state, frozenset()) and not was_missed(state, to):
            continue
        state = to
        if to is P.FAILED:
            failed += 1
            state = P.RETURNING if failed >= MAX_FAILED else to
    return state, failed


def steps(before: ParcelState, to: ParcelState) -> Sequence[ParcelState]:
    """The fewest steps that lead on to a state; none when the parcel has ended, or no way leads there."""
    if before in ENDED or before is to:
        return []
    ways: deque[tuple[ParcelState, list[ParcelState]]] = deque([(before, [])])
    known = {before}
    while ways:
        here, path = ways.popleft()
        for on in sorted(SCANS_LEAD.get(here, frozenset()), key=lambda state: (state in ENDED, state.value)):
            if on is to:
                return [*path, on]
            if on not in known and on not in ENDED:
                known.add(on)
                ways.append((on, [*path, on]))
    return []
