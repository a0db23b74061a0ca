"""At the counter of the post: a clerk draws up a product for a farmer who telephones or walks in, or does their
orders. The farmer's own yes, to the help and to each thing, comes by codes and numbers as in class."""

from typing import Any

from flask import Blueprint

from marketplace.accounts import queries as people
from marketplace.accounts.models import Person
from marketplace.farmers import queries as farms
from marketplace.foundation.access import limiter
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import page, redirect_to
from marketplace.foundation.words import _
from marketplace.training.forms import CodeForm, FarmerForm
from marketplace.training.routes.helping import Helping

bp = Blueprint("training_post", __name__)


@bp.route("", methods=["GET", "POST"], endpoint="farms")
@limiter.limit("60 per minute", methods=["POST"])
def farms_page() -> Any:
    """Whose farm is it?"""
    form = FarmerForm()
    if form.validate_on_submit():
        found = people.person_by_login(form.phone.data or "")
        if found is not None and found.is_active and farms.my_farm(found) is not None:
            return redirect_to("training_post.help_farmer", code=found.code)
        form.refuse(
            Refusal(_("Không có nhà vườn nào dùng số này. Hãy giúp họ mở gian hàng trước."), field="phone")
        )
    return page("training/post/farms.html", 422 if form.is_submitted() else 200, form=form)


def _farmer(code: str) -> Person:
    found = people.person(code)
    if farms.my_farm(found) is None:
        raise Missing(_("Người này chưa có gian hàng."))
    return found


def _page(code: str, status: int = 200, typed: CodeForm | None = None, at: str = "", **forms: Any) -> Any:
    farmer = _farmer(code)
    return page(
        "training/post/help.html",
        status,
        farmer=farmer,
        farm=farms.my_farm(farmer),
        **HELPING.facts(farmer, typed, at, **forms),
    )


@bp.get("/<code>")
def help_farmer(code: str) -> Any:
    return _page(code)


HELPING = Helping(_farmer, _page, "training_post.help_farmer", "post")
HELPING.add_to(bp, "/<code>")
