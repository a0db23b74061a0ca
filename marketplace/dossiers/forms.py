"""What handlers type into a dossier."""

from typing import Any

from wtforms import HiddenField

from marketplace.dossiers.models import Dossier, is_asked, said
from marketplace.dossiers.service import LONGEST_REASON
from marketplace.foundation.form import Form, ProseField, SeveralField
from marketplace.foundation.words import _


class DecisionForm(Form):
    """One press of a button. `seen` is the version of the dossier the page showed."""

    seen = HiddenField()


class RequestForm(DecisionForm):
    """What is missing, in words and by name."""

    missing = SeveralField(_("Mục cần bổ sung"))
    reason = ProseField(
        _("Viết cho người nộp: thiếu gì, làm lại thế nào"),
        max=LONGEST_REASON,
        must=_("Hãy ghi lý do để người nộp biết cần làm gì."),
    )

    def __init__(self, dossier: Dossier, **options: Any) -> None:
        super().__init__(**options)
        self.missing.choices = [
            (item["key"], said(item))
            for item in (*dossier.procedure.sections, *dossier.procedure.papers)
            if is_asked(item, dossier.facts)
        ]


class RefusalForm(DecisionForm):
    """Why not."""

    reason = ProseField(
        _("Lý do không duyệt"),
        id="refusal-reason",
        max=LONGEST_REASON,
        must=_("Hãy ghi lý do để người nộp biết cần làm gì."),
    )
