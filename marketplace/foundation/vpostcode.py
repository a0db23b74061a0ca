"""A house's own code on the post's map (Vpostcode): five figures of the postcode and seven letters or figures. Their
alphabet is not published, so nothing more is checked."""

import re

from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

SHAPE = re.compile(r"\d{5}[0-9A-Z]{7}")


def read_vpostcode(typed: str) -> str:
    """The code without spaces, in capitals; "" where there is none. Raises Refusal for what cannot be one."""
    code = "".join(typed.upper().split())
    if code and not SHAPE.fullmatch(code):
        raise Refusal(_("Vpostcode có 5 chữ số rồi 7 chữ hoặc số. Không có thì để trống."))
    return code
