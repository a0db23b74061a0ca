"""What a helper put together counts for nothing until the applicant's own yes: they hand it in on their own telephone,
or read a code of an SMS, or the next number of their paper slip, out to the helper. Either stands for these facts and
papers; a code asked for before they were changed opens nothing.

Verbs: send_code, hand_in_by_code.
"""

import hashlib
import json

from marketplace.accounts import service as accounts
from marketplace.dossiers import service
from marketplace.dossiers.models import Dossier
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.words import _, in_language

WRONG_CODE = _(
    "Mã chưa đúng, đã quá 10 phút, hoặc hồ sơ đã sửa sau khi xin mã. Hãy xin mã mới cho đúng hồ sơ này."
)


def send_code(dossier: Dossier, by: Actor) -> None:
    """A code that stands for the yes to this dossier as it is now goes to the applicant. Raises Refusal while something
    is missing: nobody is asked to agree to half a dossier."""
    service.must_be_helper(dossier.applicant, by)
    service.must_be_ready(dossier)
    with in_language(dossier.applicant.language):
        what = str(_("nộp hồ sơ %(code)s “%(title)s”", code=dossier.code, title=dossier.procedure.title))
    accounts.send_deed_code(dossier.applicant, _deed(dossier), what)
    audit.record(by, "dossier.yes_asked", dossier)


def hand_in_by_code(dossier: Dossier, typed: str, by: Actor) -> bool:
    """The applicant read the code, or the next number of their slip, out to the helper, who still may act: it is handed
    in as theirs. False for a code of another deed, or of the dossier as it was; nothing is handed in then."""
    service.must_be_helper(dossier.applicant, by)
    service.must_be_ready(dossier)
    how = accounts.said_yes(dossier.applicant, _deed(dossier), typed, by)
    if how is None:
        return False
    service.submit(dossier, Actor.of(dossier.applicant_id))
    # The yes is the applicant's, the hand that typed it the helper's: the trail names both.
    audit.record(by, "dossier.yes_typed", dossier, how=how.value)
    return True


def _deed(dossier: Dossier) -> str:
    papers = sorted((one.kind, one.paper.sha256) for one in dossier.papers if one.replaced_at is None)
    said = [dossier.facts, papers, dossier.return_way.value, dossier.return_address, dossier.service_point_id]
    whole = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return f"dossier {dossier.code} {hashlib.sha256(whole.encode()).hexdigest()[:16]}"
