"""What is told upstairs about a dossier. Whoever opened it looks at subject_type and subject_id."""

from dataclasses import dataclass

from marketplace.foundation.events import Event


@dataclass(frozen=True)
class DossierSubmitted(Event):
    """Handed in: for the first time, or again with what was missing."""

    dossier_id: int


@dataclass(frozen=True)
class DossierReceived(Event):
    dossier_id: int


@dataclass(frozen=True)
class DossierNeedsPapers(Event):
    dossier_id: int


@dataclass(frozen=True)
class DossierApproved(Event):
    dossier_id: int


@dataclass(frozen=True)
class DossierRefused(Event):
    dossier_id: int


@dataclass(frozen=True)
class DossierReturned(Event):
    dossier_id: int


@dataclass(frozen=True)
class DossierResultByPost(Event):
    """Decided, and the result is wanted at home: whoever carries parcels books one. queries.result_by_post says whom,
    where and from which counter."""

    dossier_id: int


@dataclass(frozen=True)
class DossierResultKept(Event):
    """The result is not to go by post, or is handed over at a counter: a parcel that has not left is called off."""

    dossier_id: int


@dataclass(frozen=True)
class DossierFeePaid(Event):
    """A fee was taken at a counter, once: whoever keeps the money's books writes it down."""

    dossier_id: int
    receipt_id: int
    amount_dong: int
