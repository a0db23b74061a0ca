"""The books as people read them: words for every kind and account, and the way from a sum to what caused it."""

import re
from pathlib import Path

import pytest

from marketplace.foundation.db import db
from marketplace.payments import ledger
from marketplace.payments.book_words import ACCOUNT_NAMES, ENTRY_WORDS
from marketplace.payments.models import LedgerEntry
from tests import cast, make

pytestmark = pytest.mark.database("sqlite")
ROOM = Path(ledger.__file__).parent


@pytest.fixture
def paid(app):
    make.rules()
    return make.order(state="confirmed", payment_method="vietqr")


def test_every_kind_of_entry_and_every_account_has_words():
    posted = set()
    for file in ROOM.glob("*.py"):
        for first in re.findall(r"ledger\.post\(\s*(.*?),", file.read_text("utf8"), re.DOTALL):
            posted |= set(re.findall(r'"(\w+)"', first))
    assert posted - set(ENTRY_WORDS) == set() and len(posted) > 20
    accounts = {value for name, value in vars(ledger).items() if name.isupper() and isinstance(value, str)}
    assert accounts | {"buyer", "farm"} == set(ACCOUNT_NAMES)


def test_from_a_sum_to_its_entries_their_cause_and_a_sheet(paid, visit):
    visit.sign_in(cast.admin())
    books = visit("/admin/money/books")
    entry = db.session.query(LedgerEntry).one()
    assert "Người mua trả tiền" in books and "Giữ hộ người mua" in books
    assert f"buyer:{paid.id}" not in books and paid.code in books
    account = visit("/admin/money/books/buyer")
    assert paid.code in account and entry.reference.split(":")[0] in account
    mine = visit(f"/admin/money/books/buyer?of={paid.code}")
    assert "1 dòng" in mine
    sheet = visit.raw("GET", f"/admin/money/books/buyer.csv?of={paid.code}").get_data(as_text=True)
    assert str(-paid.total_dong) in sheet and "Người mua trả tiền" in sheet
    bank = visit.raw("GET", "/admin/money/books/bank.csv").get_data(as_text=True)
    assert bank.splitlines()[1].count(str(paid.total_dong)) == 2
    assert "1 dòng" in visit("/admin/money/books/bank?month=2026-99")
    assert "Tháng này chưa có bút toán nào" in visit("/admin/money/books/bank?month=2020-01")


@pytest.mark.parametrize(
    "path",
    ["books/nobody", "books/buyer?of=DH00000000", "books/bank?of=x", "books/buyer:1", "books/farm.csv?of=1"],
)
def test_no_such_account(paid, visit, path):
    visit.sign_in(cast.admin())
    assert visit.raw("GET", f"/admin/money/{path}").status_code == 404


def test_only_who_keeps_the_books_reads_them(paid, visit):
    visit.sign_in(cast.farmer_an())
    assert visit.raw("GET", "/admin/money/books/bank").status_code in (403, 404)
