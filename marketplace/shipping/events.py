"""What shipping tells upstairs."""

from dataclasses import dataclass

from marketplace.foundation.events import Event


@dataclass(frozen=True)
class ParcelScanned(Event):
    parcel_id: int
    kind: str
