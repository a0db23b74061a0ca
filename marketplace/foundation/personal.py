"""What the house knows of a person: every room tells, and every room forgets (Law 91/2025/QH15, Decree 356/2025)."""

from collections.abc import Callable, Mapping
from typing import Any

Gather = Callable[[int], Any]
Forget = Callable[[int], None]

_rooms: Mapping[str, tuple[Gather, Forget]] = {}


def connect(rooms: Mapping[str, tuple[Gather, Forget]]) -> None:
    """Plug in the switchboard's table, lower rooms first: room → (gather, forget)."""
    global _rooms
    _rooms = rooms


def gather(person_id: int) -> dict[str, Any]:
    """Everything every room knows of the person, ready for JSON."""
    return {room: tell(person_id) for room, (tell, _) in _rooms.items()}


def forget(person_id: int) -> None:
    """Every room forgets what the law lets it, upper rooms first; one that may not yet (an order under way) refuses,
    and then nothing is forgotten. In the caller's transaction."""
    for _, erase in reversed(list(_rooms.values())):
        erase(person_id)
