"""A notice to the applicant, in the applicant's words: what happened, and what happens next."""

from marketplace.accounts import queries as people
from marketplace.dossiers import queries
from marketplace.dossiers.models import RETURN_WORDS, Dossier, said
from marketplace.foundation.words import in_language
from marketplace.notifications import service as notices


def tell(dossier: Dossier, what: str) -> None:
    """Say it to the applicant; `what` names the template."""
    to = people.recipient_of(dossier.applicant)
    with in_language(to.language):
        procedure, missing = dossier.procedure.title, ", ".join(queries.missing_names(dossier))
        agency, way = said(dossier.procedure, "agency"), str(RETURN_WORDS[dossier.return_way])
    notices.send(
        to,
        f"dossiers/{what}",
        path=f"/dossiers/{dossier.code}?key={dossier.secret}",
        code=dossier.code,
        procedure=procedure,
        due_at=dossier.due_at,
        reason=dossier.reason or "",
        missing=missing,
        agency=agency,
        way=way,
        on_page=dossier.return_way == "page",
    )
