"""Who somebody is, as far as numbers can tell: the personal id (số định danh cá nhân, 12 digits) and the tax code.

Personal id (Decree 137/2015, Circular 59/2021/TT-BCA): three digits of the province of birth registration (001–096, the
63 provinces of before July 2025), one digit of century and sex (0 and 1: born 19xx, 2 and 3: 20xx), two digits of the
year of birth, six at random. There is no check digit, but the year must be the year.

Tax code: 10 digits with a check digit, 13 for a branch; 12 where the personal id serves as the tax code (Circular
86/2024/TT-BTC, since 1 July 2025), which python-stdnum does not know.
"""

import re
import unicodedata
from datetime import date

from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from marketplace.foundation import clock
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

LEAST_AGE = 18
MOST_AGE = 120


def check_born_on(born_on: date) -> None:
    """Old enough to answer for a shop (Civil Code 91/2015/QH13 Art. 20), and alive."""
    today = clock.today()
    age = today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
    if born_on > today or age > MOST_AGE:
        raise Refusal(_("Ngày sinh chưa đúng. Hãy xem lại năm sinh."), "born_on")
    if age < LEAST_AGE:
        raise Refusal(
            _("Người đứng tên phải đủ 18 tuổi. Hãy nhờ cha mẹ hoặc người lớn trong nhà đứng tên."), "born_on"
        )


def read_personal_id(typed: str, born_on: date) -> str:
    """The twelve digits of a personal id that fits the date of birth; raises Refusal."""
    number = re.sub(r"[\s.\-]", "", typed)
    if not re.fullmatch(r"[0-9]{12}", number):
        raise Refusal(_("Số định danh có đúng 12 chữ số, in trên thẻ căn cước."), "personal_id")
    if not 1 <= int(number[:3]) <= 96:
        raise Refusal(
            _("Ba số đầu của số định danh chưa đúng. Hãy xem lại trên thẻ căn cước."), "personal_id"
        )
    century, year = 1900 + int(number[3]) // 2 * 100, int(number[4:6])
    if century + year != born_on.year:
        raise Refusal(
            _(
                "Số định danh này không khớp năm sinh %(year)s. Hãy xem lại số hoặc ngày sinh.",
                year=born_on.year,
            ),
            "personal_id",
        )
    return number


def describe_personal_id(number: str) -> tuple[str, bool, int]:
    """What a personal id says: the province's code of birth registration, whether a woman's, the year of birth."""
    return number[:3], int(number[3]) % 2 == 1, 1900 + int(number[3]) // 2 * 100 + int(number[4:6])


def is_same_name(one: str, other: str) -> bool:
    """Do two names say the same person? A bank prints them in capitals and without marks."""

    def bare(name: str) -> str:
        plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
        return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())

    return bare(one) == bare(other) != ""


def read_tax_code(typed: str) -> str:
    """A tax code in one form: `0100233488`, `0314409058-002`, or twelve digits; raises Refusal."""
    number = re.sub(r"[\s.\-]", "", typed)
    if re.fullmatch(r"[0-9]{12}", number):
        if 1 <= int(number[:3]) <= 96:
            return number
    elif re.fullmatch(r"[0-9]{10}([0-9]{3})?", number):
        try:
            return str(mst.format(mst.validate(number)))
        except ValidationError:
            pass
    raise Refusal(
        _("Mã số thuế chưa đúng. Mã có 10 hoặc 13 chữ số; hãy xem lại trên giấy đăng ký."), "tax_code"
    )
