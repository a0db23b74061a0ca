"""Filling a dossier in, the same for its applicant and at a counter: what is stated, which papers are in it, how the
result comes. Only who reaches it, who does it, and where one goes on from there differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request

from marketplace.dossiers import service
from marketplace.dossiers.forms import PaperForm, ReturnForm, facts_form, facts_typed
from marketplace.dossiers.models import RETURN_WORDS, Dossier
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import transaction
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _


@dataclass(frozen=True)
class Filling:
    """How an audience fills a dossier in. `reach` finds it through the person, or raises Missing; `show` is its page;
    `home` the endpoint of that page; `way_page` the template that asks how the result is wanted."""

    reach: Callable[[str], Dossier]
    by: Callable[[Dossier], Actor]
    show: Callable[..., Any]
    choose: Callable[[Dossier, ReturnForm], None]
    home: str
    way_page: str

    def describe(self, code: str) -> Any:
        """Save what was filled in; nothing typed is lost when something is wrong."""
        found = self.reach(code)
        form = facts_form(found.procedure, found.facts, is_sent=True)
        if not form.validate():
            return self.show(self.reach(code), 422, form=form)
        with transaction():
            found = self.reach(code)
            service.describe(found, facts_typed(found.procedure, form, found.facts), self.by(found))
        notice(_("Đã lưu."))
        return redirect_to(self.home, code=code, _anchor="papers")

    def add_paper(self, code: str, kind: str) -> Any:
        """Put one paper in."""
        self.reach(code)
        form = PaperForm()

        def put_in() -> None:
            assert form.file.data is not None
            found = self.reach(code)
            service.add_paper(found, kind, form.file.data, self.by(found))

        if not form.does(put_in):
            return self.show(self.reach(code), 422, paper_form=form, paper_kind=kind)
        notice(_("Đã nhận giấy."))
        return redirect_to(self.home, code=code, _anchor="papers")

    def choose_way(self, code: str, known: dict[str, str]) -> Any:
        """How and where the result is wanted; `known` is what the form starts from."""
        found = self.reach(code)
        form = ReturnForm(data={"way": found.return_way.value, **known})
        form.way.choices = [(way.value, RETURN_WORDS[way]) for way in found.procedure.ways]
        is_sent = request.method == "POST" and not form.asks_for_communes
        if is_sent and form.does(lambda: self.choose(self.reach(code), form)):
            notice(_("Đã ghi cách nhận kết quả."))
            return redirect_to(self.home, code=code)
        return page(self.way_page, 422 if is_sent else 200, dossier=self.reach(code), form=form)
