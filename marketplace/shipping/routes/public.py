"""Anybody with a number sees where the parcel is: what happened, when, at which counter. Nothing of a person."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.foundation.access import limiter
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import page, redirect_to
from marketplace.shipping import dispatches, fees, queries, s10

bp = Blueprint("shipping", __name__)
bp.add_app_template_filter(fees.name_of, "freight_name")
bp.add_app_template_filter(queries.service_name, "service_name")


@bp.get("/tracking")
@limiter.limit("120 per minute")
def find() -> Response | tuple[str, int]:
    number = s10.tidy(request.args.get("number", "")[:100])
    if number and (queries.find_parcel(number) or dispatches.find(number)) is not None:
        return redirect_to("shipping.tracking", number=number)
    return page("shipping/public/find.html", 404 if number else 200, number=number)


@bp.get("/tracking/<number>")
@limiter.limit("120 per minute")
def tracking(number: str) -> Response | tuple[str, int]:
    try:
        seen = queries.tracking(number) if queries.find_parcel(number) else dispatches.tracking(number)
    except Missing:
        return page("shipping/public/find.html", 404, number=s10.tidy(number[:100]))
    if seen.number != number:
        return redirect_to("shipping.tracking", number=seen.number)
    return page("shipping/public/tracking.html", seen=seen)
