"""Names and numbers as people type them, put in order or refused with a sentence."""

from marketplace.foundation.db import clean_text
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

LONGEST_NAME = 120


def read_name(typed: str) -> str:
    """A name on one line, or Refusal."""
    name = " ".join(clean_text(typed).split())
    if not name:
        raise Refusal(_("Hãy ghi họ tên."), field="name")
    if len(name) > LONGEST_NAME:
        raise Refusal(_("Dài quá: tối đa %(max)s ký tự.", max=LONGEST_NAME), field="name")
    return name


def read_phone(typed: str) -> str:
    """A Vietnamese number as E.164, or Refusal."""
    phone = parse_phone(clean_text(typed))
    if phone is None:
        raise Refusal(
            _("Số điện thoại chưa đúng. Số di động có 10 chữ số, ví dụ 0912 345 678."), field="phone"
        )
    return phone
