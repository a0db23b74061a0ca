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
