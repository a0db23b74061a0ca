"""The deeds at a farmer's side, the same in a class and at a counter: consent, a product drawn up, an order done, the
farmer's own yes. Only whose farmer it is and what the page shows around it differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Blueprint, request, url_for

from marketplace.accounts import queries as people
from marketplace.accounts import yes
from marketplace.accounts.models import HELP_WORDS, Consent, ConsentState, HelpScope, Person
from marketplace.farmers import queries as farms
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, private_file, redirect_to
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder
from marketplace.training import assisted, helped_orders, queries
from marketplace.training.forms import CodeForm, ConsentPaperForm, HelpedListingForm
from marketplace.training.models import ConsentPaper, HelpedWork

SCOPE = "<any(list,papers,orders):scope>"
MONEY_FIELDS = frozenset({"method", "bank_bin", "number", "holder", "account", "payout"})
"""Fields of the pages on which a farm says how it is paid: no page here has one."""


def me() -> Person:
    """The helper, as they are inside the deed."""
    return db.session.get_one(Person, person().id)


class Asked(NamedTuple):
    """What a helper asks the farmer for in one scope, and how it stands."""

    scope: HelpScope
    what: Text
    consent: Consent | None
    is_allowed: bool
    paper: ConsentPaper | None
    signing: ConsentPaperForm


def paper_form(scope: HelpScope, sent: ConsentPaperForm | None) -> ConsentPaperForm:
    """The form for the paper of one scope: there may be several on a page."""
    form = sent or ConsentPaperForm(formdata=None)
    form.signed.id = form.signed.label.field_id = f"signed-{scope.value}"
    return form


@dataclass(frozen=True)
class Helping:
    """A helper's page about one farmer. `farmer` finds them through the helper by the page's address, or raises
    Missing; `page` shows it again with what was refused (its keywords: `form`, `typed`, `signed`, and `at`, which says
    whose form of the page was sent); `home` is its endpoint, `desk` where it hangs."""

    farmer: Callable[..., Person]
    page: Callable[..., Any]
    home: str
    desk: str

    # -- what the page shows --------------------------------------------------------------------------------------

    def facts(
        self,
        farmer: Person,
        typed: CodeForm | None,
        at: str,
        form: HelpedListingForm | None = None,
        signed: ConsentPaperForm | None = None,
    ) -> dict[str, Any]:
        """What stands on a helper's page, whoever the helper is."""
        farm = farms.my_farm(farmer)
        is_open = farm is not None and farm.may_sell
        may = {scope: people.may_act(person(), farmer, scope) for scope in HelpScope}
        orders = helped_orders.to_do(farmer) if is_open and may[HelpScope.ORDERS] else []
        return {
            "asked": [
                Asked(
                    scope,
                    HELP_WORDS[scope],
                    consent,
                    may[scope],
                    queries.consent_paper(consent) if consent else None,
                    paper_form(scope, signed if at == scope.value else None),
                )
                for scope in (assisted.SCOPES_AFTER if is_open else assisted.SCOPES_BEFORE)
                for consent in [queries.consent_between(person(), farmer, scope)]
            ],
            "is_open": is_open,
            "may_list": may[HelpScope.LIST],
            "drawn": [
                (work, may[assisted.SCOPE_OF[type(work)]]) for work in queries.helped_by(person(), farmer)
            ],
            "orders": [(one, helped_orders.waiting_answer(one)) for one in orders],
            "next_number": yes.next_number(farmer),
            "has_phone": farmer.phone_verified_at is not None,
            "form": form or HelpedListingForm(formdata=None),
            "typed": typed or CodeForm(formdata=None),
            "at": at,
        }

    def back(self, here: dict[str, str]) -> Any:
        return redirect_to(self.home, **here)

    # -- consent --------------------------------------------------------------------------------------------------

    def ask_consent(self, scope: str, **here: str) -> Any:
        with transaction():
            farmer = self.farmer(**here)
            assisted.ask_consent(me(), farmer, HelpScope(scope), current_actor())
            has_phone = farmer.phone_verified_at is not None
        if has_phone:
            notice(_("Đã gửi mã về điện thoại của họ. Nhờ họ đọc mã, hoặc tự bấm Đồng ý trên máy của họ."))
        else:
            notice(_("Đã ghi lời xin. Nhờ họ đọc số trên tờ mã, hoặc ký giấy đồng ý."))
        return self.back(here)

    def give_consent(self, scope: str, **here: str) -> Any:
        form = CodeForm()
        if form.validate_on_submit():
            with transaction():
                consent = queries.consent_between(person(), self.farmer(**here), HelpScope(scope))
                is_given = consent is not None and assisted.give_consent(consent, form.code.data or "")
            if is_given:
                notice(_("Họ đã đồng ý. Họ xem và rút lại được ở trang Những điều tôi đã đồng ý."))
                return self.back(here)
            form.refuse(Refusal(yes.why_not(form.code.data or ""), field="code"))
        return self.page(status=422, typed=form, at=scope, **here)

    def consent_form(self, scope: str, **here: Any) -> Any:
        """The paper to sign, with nothing left to fill in but a name and a day."""
        farmer = self.farmer(**here)
        consent = queries.consent_between(person(), farmer, HelpScope(scope))
        if consent is None:
            raise Missing()
        return page(
            "training/_consent_form.html",
            desk=self.desk,
            farmer=farmer,
            consent=consent,
            what=HELP_WORDS[consent.scope],
            back=url_for(self.home, **here),
        )

    def sign(self, scope: str, **here: str) -> Any:
        """The signed paper, photographed."""
        form = ConsentPaperForm()
        if not form.validate_on_submit():
            return self.page(status=422, signed=form, at=scope, **here)
        assert form.signed.data is not None
        with transaction():
            consent = queries.consent_between(person(), self.farmer(**here), HelpScope(scope))
            if consent is None:
                raise Missing()
            assisted.give_consent_on_paper(consent, form.signed.data)
        notice(_("Đã giữ giấy đồng ý, chỉ bạn và người ký xem được. Họ vừa được báo tin."))
        return self.back(here)

    def consent_paper(self, scope: str, **here: str) -> Any:
        with transaction():
            consent = queries.consent_between(person(), self.farmer(**here), HelpScope(scope))
            kept = queries.consent_paper(consent) if consent is not None else None
            if kept is None or consent is None or consent.state is not ConsentState.GIVEN:
                raise Missing()
            by = Actor.of(person().id, for_id=consent.person_id)
            data, stored = assisted.view_consent_paper(kept, by)
            kind, name = stored.content_type, stored.filename
        return private_file(data, kind, name)

    # -- what is prepared, and done -------------------------------------------------------------------------------

    def draw_up(self, **here: str) -> Any:
        self.must_not_speak_of_money(here)
        form = HelpedListingForm()
        if not form.validate_on_submit():
            return self.page(status=422, form=form, **here)
        try:
            with transaction():
                assisted.draw_up(me(), self.farmer(**here), form.listing(), form.photos.data, form.once.data)
        except Refusal as refusal:
            form.refuse(refusal)
            return self.page(status=refusal.status, form=form, **here)
        notice(_("Đã soạn xong. Chưa ai thấy cho tới khi chủ hàng đồng ý."))
        return self.back(here)

    def answer(self, order_code: str, **here: str) -> Any:
        with transaction():
            helped_orders.answer(me(), *self._order(order_code, here))
        notice(_("Đơn chờ lời đồng ý của nhà vườn. Họ vừa được báo tin."))
        return self.back(here)

    def pack(self, order_code: str, **here: str) -> Any:
        with transaction():
            helped_orders.pack(me(), *self._order(order_code, here))
        notice(_("Đã ghi gói xong và báo cho nhà vườn."))
        return self.back(here)

    def hand_over(self, order_code: str, **here: str) -> Any:
        with transaction():
            helped_orders.hand_over(me(), *self._order(order_code, here))
        notice(_("Đã ghi bưu tá lấy hàng và báo cho nhà vườn."))
        return self.back(here)

    def _order(self, code: str, here: dict[str, str]) -> tuple[Person, FarmOrder]:
        farmer = self.farmer(**here)
        # Whether there is such an order is no business of who may not act for the farmer.
        assisted.must_be_allowed(me(), farmer, HelpScope.ORDERS)
        return farmer, helped_orders.order_of(farmer, code)

    # -- the farmer's yes -----------------------------------------------------------------------------------------

    def _work(self, code: str, here: dict[str, str]) -> HelpedWork:
        found = queries.helped_of(self.farmer(**here), code)
        if found.helper_id != person().id:
            raise Missing()
        return found

    def send_code(self, work_code: str, **here: str) -> Any:
        with transaction():
            assisted.send_code(self._work(work_code, here))
        notice(_("Đã gửi mã về điện thoại của họ. Mã này chỉ dùng cho đúng việc này."))
        return self.back(here)

    def agree_by_code(self, work_code: str, **here: str) -> Any:
        form = CodeForm()
        if form.validate_on_submit():
            try:
                with transaction():
                    is_agreed = assisted.agree_by_code(
                        self._work(work_code, here), me(), form.code.data or ""
                    )
                if is_agreed:
                    notice(_("Chủ hàng đã đồng ý. Họ vừa được báo tin và có 24 giờ để lấy lại."))
                    return self.back(here)
                form.refuse(Refusal(yes.why_not(form.code.data or ""), field="code"))
            except Refusal as refusal:
                if refusal.status != 422:
                    raise
                form.refuse(Refusal(refusal.sentence, field="code"))
        return self.page(status=422, typed=form, at=work_code, **here)

    # -- money ----------------------------------------------------------------------------------------------------

    def no_money(self, what: str, **here: str) -> Any:
        """There is no such page: money and the bank account are in no scope. Who tried is written down."""
        self.refuse_money(here)

    def refuse_money(self, here: dict[str, str]) -> None:
        with transaction():
            assisted.refuse_money(me(), self.farmer(**here))
        raise Missing()

    def must_not_speak_of_money(self, here: dict[str, str]) -> None:
        if MONEY_FIELDS & request.form.keys():
            self.refuse_money(here)

    # -- addresses ------------------------------------------------------------------------------------------------

    def add_to(self, bp: Blueprint, base: str) -> None:
        """The deeds' addresses, under the page's own."""
        consent, work, order = (
            f"{base}/consents/{SCOPE}",
            f"{base}/work/<work_code>",
            f"{base}/orders/<order_code>",
        )
        posts: dict[str, Callable[..., Any]] = {
            consent: self.ask_consent,
            f"{consent}/code": self.give_consent,
            f"{base}/listings": self.draw_up,
            f"{order}/answer": self.answer,
            f"{order}/packing": self.pack,
            f"{order}/handover": self.hand_over,
            f"{work}/code": self.send_code,
            f"{work}/agreement": self.agree_by_code,
        }
        for rule, deed in posts.items():
            bp.add_url_rule(rule, deed.__name__, deed, methods=["POST"])
        bp.add_url_rule(f"{consent}/form", "consent_form", self.consent_form)
        bp.add_url_rule(f"{consent}/paper", "sign", self.sign, methods=["POST"])
        bp.add_url_rule(f"{consent}/paper", "consent_paper", self.consent_paper)
        bp.add_url_rule(
            f"{base}/<any(payment,'bank-account',money,payouts):what>", "no_money", self.no_money,
            methods=["GET", "POST"],
        )  # fmt: skip
