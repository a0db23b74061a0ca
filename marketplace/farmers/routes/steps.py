"""The steps of coming on board, the same for the farm's owner and for a clerk beside them: only where the pages are,
and who does the deeds, differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from marketplace.accounts.models import Person
from marketplace.farmers import forms, onboarding, queries, service
from marketplace.farmers.forms import KINDS, StartForm
from marketplace.farmers.models import Farm
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _


@dataclass(frozen=True)
class Way:
    """One farm on its way. `home` names the blueprint with the pages `start` (the list) and `step`; `place` is what
    their addresses need; `helped` is the person before the counter, when a clerk does it."""

    farm: Farm
    by: Actor
    home: str
    place: Mapping[str, str] = field(default_factory=dict)
    helped: Person | None = None

    def to(self, endpoint: str, **values: str) -> str:
        address: dict[str, Any] = {**self.place, **values}
        return url_for(f"{self.home}.{endpoint}", **address)

    def go(self, endpoint: str, **values: str) -> Any:
        return redirect_to(f"{self.home}.{endpoint}", **self.place, **values)

    def go_on(self, after: str | None = None) -> Any:
        """To the next step that is not done, or to the list when all are."""
        undone = onboarding.next_step(self.farm, after=after)
        return self.go("step", key=undone.key) if undone is not None else self.go("start")


def show_list(way: Way, status: int = 200, refusal: Any = None) -> Any:
    return page("farmers/farmer/start.html", status, refusal=refusal, form=StartForm(), **_facts(way))


def show_step(way: Way, key: str) -> Any:
    """One step; what was typed is kept when something is wrong with it."""
    shown = onboarding.step(key)
    if shown is None:
        raise Missing()
    dossier = queries.dossier_of(way.farm)
    if dossier is not None and dossier.is_with_us:
        notice(_("Hồ sơ đã nộp và đang được xem nên chưa sửa được. Cần sửa, hãy rút hồ sơ trước."), "warn")
        return way.go("start")
    form = FORMS[key](way.farm)
    status = 200
    if request.method == "POST" and not ("pick_province" in request.form and key == "address"):
        if form.does(lambda: SAVES[key](way, form)):
            is_last = onboarding.next_step(way.farm) is None and not _needs_phone(way)
            notice(_("Đã lưu. Mọi mục đã xong, bạn có thể nộp hồ sơ.") if is_last else _("Đã lưu."))
            return way.go_on(after=key)
        status = 422
    # A browser gives a chosen file once: it must be chosen again, and is told so.
    choose_again = status == 422 and any(
        field.data for field in form if field.type in ("PaperField", "PhotosField")
    )
    return page(
        f"farmers/farmer/steps/{key}.html",
        status,
        step=shown,
        form=form,
        choose_again=choose_again,
        **_facts(way),
    )


def hand_in(way: Way, deed: Callable[[], object]) -> Any:
    """Hand the application in; the list again with the reason when something is missing, none when it went well."""
    try:
        with transaction():
            deed()
    except Conflict:
        raise
    except Refusal as refusal:
        return show_list(way, 422, refusal.sentence)
    return None


def _facts(way: Way) -> dict[str, Any]:
    """What the list of steps and each step show of the farm."""
    farm = way.farm
    dossier = queries.dossier_of(farm)
    missing = dossier.missing if dossier is not None and dossier.is_with_applicant else []
    steps_of_papers = (
        {paper["key"]: paper["section"] for paper in dossier.procedure.papers} if dossier else {}
    )
    return {
        "way": way,
        "farm": farm,
        "dossier": dossier,
        "steps": onboarding.STEPS,
        "to_mend": {steps_of_papers.get(key, key) for key in missing or ()},
        "papers": {
            kind: dossier.current_paper(kind) if dossier else None
            for kind in (*service.PAPERS, service.HOLDER_PAPER)
        },
        "next_step": onboarding.next_step(farm),
        "done_count": onboarding.done_count(farm),
        "is_complete": onboarding.next_step(farm) is None,
        "needs_phone": _needs_phone(way),
        "bank": queries.bank_of(farm),
        "address": queries.address_of(farm),
        "plus_code": queries.plus_code_of(farm),
    }


def _needs_phone(way: Way) -> bool:
    """Does the owner, who does it alone, still have to prove their telephone?"""
    return way.helped is None and not queries.has_proved_phone(way.farm)


def _save_who(way: Way, form: forms.WhoForm) -> None:
    assert form.born_on.data is not None
    service.save_who(
        way.farm,
        KINDS[form.kind.data],
        form.full_name.data,
        form.born_on.data,
        way.by,
        personal_id=form.personal_id.data,
        tax_code=form.tax_code.data,
        id_photo=form.id_photo.data,
        registration=form.registration.data,
    )


def _save_farm(way: Way, form: forms.FarmForm) -> None:
    assert form.phone.data is not None
    service.save_farm(
        way.farm,
        form.name.data,
        form.phone.data,
        way.by,
        story=form.story.data or "",
        photos=form.photo.data or (),
    )


def _save_address(way: Way, form: forms.AddressForm) -> None:
    lat, lon = form.position or (None, None)
    service.save_address(
        way.farm,
        form.province.data,
        form.commune.data,
        form.street.data,
        way.by,
        lat=lat,
        lon=lon,
        vpostcode=form.vpostcode.data or "",
    )


def _save_payment(way: Way, form: forms.PaymentForm) -> None:
    service.save_payment(way.farm, by=way.by, holder_paper=form.holder_paper.data, **form.chosen)


FORMS: dict[str, Callable[[Farm], Any]] = {
    "who": forms.who_form,
    "farm": forms.farm_form,
    "address": forms.address_form,
    "payment": forms.payment_form,
}
SAVES: dict[str, Callable[[Way, Any], None]] = {
    "who": _save_who,
    "farm": _save_farm,
    "address": _save_address,
    "payment": _save_payment,
}
