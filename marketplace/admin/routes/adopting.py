"""Adopting a dated rule on its page: the form is read, the verb called, and what is wrong stands beside its field."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from marketplace.foundation.db import transaction
from marketplace.foundation.form import Form
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import Text, _

ADOPTED = _("Đã thêm. Quy định mới tự có hiệu lực từ ngày đã chọn.")
PROPOSED = _("Đã ghi. Một quản trị khác duyệt thì quy định có hiệu lực từ ngày của nó.")


def adopt_on(
    form: Form,
    adopt: Callable[[], None],
    endpoint: str,
    template: str,
    facts: Callable[[], Mapping[str, Any]],
    back_to: Mapping[str, str] | None = None,
    says: Text = ADOPTED,
) -> Any:
    """A page of a kind of rule, and the form for a new one."""
    looks_for_communes = getattr(form, "asks_for_communes", False)
    if request.method == "POST" and not looks_for_communes and form.validate_on_submit():
        try:
            with transaction():
                adopt()
            notice(says)
            return redirect_to(endpoint, **(back_to or {}))
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if form.problems and not looks_for_communes else 200
    return page(template, status, form=form, **facts())


def typed(form: Form) -> dict[str, Any]:
    """What was typed, by the names of the verb's parameters."""
    return {name: value for name, value in form.data.items() if name != "csrf_token"}
