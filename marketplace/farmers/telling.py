"""A notice to everybody at a farm, and how a line they typed is read."""

from typing import Any

from marketplace.farmers import queries
from marketplace.farmers.models import Farm
from marketplace.foundation.db import clean_text
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import Text, _
from marketplace.notifications import service as notices


def tell(farm: Farm, what: str, path: str, **facts: Any) -> None:
    """A notice to everybody who works for the farm; `what` names the template."""
    for to in queries.members_recipients(farm):
        notices.send(to, f"farmers/{what}", path=path, farm=farm.name, **facts)


def read_line(typed: str, most: int, field: str, must: Text) -> str:
    """One tidy line; raises Refusal beside its field when it is empty or too long."""
    text = " ".join(clean_text(typed).split())
    if not text:
        raise Refusal(must, field)
    if len(text) > most:
        raise Refusal(_("Dài quá: tối đa %(max)s ký tự.", max=most), field)
    return text
