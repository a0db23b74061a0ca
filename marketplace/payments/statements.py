"""The bank's statement of our account, uploaded by a cashier: for a market without a messenger, and for what a
messenger forgot. Read and shown first; settled, every transfer that was not told of yet is treated as if the bank had
told us.

A statement of another account is refused, the same file again is the same statement, and two statements that overlap
count each transfer once.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from sqlalchemy import select

from marketplace.foundation import audit, clock, sheets, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import Text, _
from marketplace.payments import payouts, queries, tables, transfers
from marketplace.payments.models import BankNotice, BankStatement, BankStatementState, Payment, StatementLine

MOST_ROWS = 10_000
COLUMNS = {
    "date": ("ngày giao dịch", "ngay hach toan", "ngay hieu luc", "transaction date", "posting date", "ngay", "date"),
    "reference": ("so tham chieu", "so but toan", "ma giao dich", "so ct", "so chung tu", "reference number",
                  "reference", "transaction no", "ref no"),
    "credit": ("phát sinh có", "ghi co", "so tien ghi co", "co", "credit amount", "credit", "tien vao"),
    "debit": ("phat sinh no", "ghi no", "so tien ghi no", "no", "debit amount", "debit", "tien ra"),
    "amount": ("so tien giao dich", "so tien", "amount"),
    "content": ("nội dung giao dịch", "noi dung chi tiet", "noi dung", "dien giai", "mo ta", "transaction details",
                "description", "remark", "details"),
    "balance": ("so du", "running balance", "balance"),
    "currency": ("loai tien", "currency"),
}  # fmt: skip
DAYS = (
    (r"(\d{4})-(\d{1,2})-(\d{1,2})", (0, 1, 2)),
    (r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", (2, 1, 0)),
)


@dataclass(frozen=True)
class Told:
    """One transfer as the statement tells it."""

    number: int
    booked_on: date
    reference: str
    content: str
    amount_dong: int
    balance: str


def read(stream: IO[bytes], filename: str, by: Actor) -> tuple[BankStatement, bool]:
    """Read a statement (CSV or XLSX) and keep its lines; nothing moves yet. The same file again is the statement it
    was, and False. Raises Refusal for another account, another currency, a column that is missing, a line that cannot
    be read."""
    bank = queries.bank()
    if bank is None:
        raise Refusal(_("Chợ chưa có tài khoản ngân hàng nên chưa đọc sao kê được."), field="file")
    sheet = sheets.read(stream, filename, MOST_ROWS)
    table = tables.find(sheet, COLUMNS, must=("date", "content"))
    if not {"credit", "amount"} & table.columns:
        raise Refusal(
            _("Không tìm thấy cột %(columns)s trong tệp.", columns=COLUMNS["credit"][0]), field="file"
        )
    _of_our_account(table.above, bank.account)
    read = (_told(row) for row in table.rows if re.search(r"\d", row["date"]))
    told = [one for one in read if one is not None]
    if not told:
        raise Refusal(_("Sao kê này không có giao dịch nào."), field="file")
    return _keep(told, filename, bank.account, by)


def _of_our_account(above: Sequence[str], ours: str) -> None:
    """Our number must stand above the table; another one there is another account."""
    numbers = [
        found for cell in above for found in re.findall(r"\d{6,19}", re.sub(r"(?<=\d)[ .-](?=\d)", "", cell))
    ]
    if ours in numbers:
        return
    words = " ".join(above)
    named = re.search(r"(?:tài khoản|account|STK)\D{0,40}(\d[\d .-]{4,24}\d)", words, re.IGNORECASE)
    other = re.sub(r"\D", "", named[1]) if named else ""
    if other:
        raise Refusal(
            _(
                "Sao kê này của tài khoản %(other)s, không phải tài khoản %(ours)s của chợ.",
                other=other,
                ours=ours,
            ),
            field="file",
        )
    raise Refusal(
        _(
            "Không thấy số tài khoản %(ours)s của chợ trong sao kê. Hãy tải lại sao kê có ghi số tài khoản.",
            ours=ours,
        ),
        field="file",
    )


def _told(row: tables.Cells) -> Told | None:
    currency = tables.fold(row.get("currency", ""))
    if currency not in ("", "vnd", "dong", "704"):
        raise Refusal(
            _("Dòng %(line)s không phải tiền Việt Nam. Chợ chỉ nhận đồng.", line=row.number), field="file"
        )
    into = _amount(row, "credit") if "credit" in row else _amount(row, "amount")
    out = abs(_amount(row, "debit")) if "debit" in row else 0
    amount = into - out if "credit" in row else into
    if amount == 0:
        return None
    return Told(
        row.number, _day(row["date"], row.number), row.get("reference", "")[:80], row["content"][:500], amount,
        row.get("balance", ""),
    )  # fmt: skip


def _amount(row: tables.Cells, column: str) -> int:
    amount = tables.whole_dong(row[column])
    if amount is None:
        raise Refusal(
            _("Dòng %(line)s: số tiền “%(typed)s” không đọc được.", line=row.number, typed=row[column][:40]),
            field="file",
        )
    return amount


def _day(typed: str, line: int) -> date:
    for pattern, order in (
        (r"(\d{4})-(\d{1,2})-(\d{1,2})", (0, 1, 2)),
        (r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", (2, 1, 0)),
    ):
        if found := re.search(pattern, typed):
            parts = [int(part) for part in found.groups()]
            try:
                return date(*(parts[i] for i in order))
            except ValueError:
                break
    raise Refusal(
        _("Dòng %(line)s: ngày “%(typed)s” không đọc được.", line=line, typed=typed[:40]), field="file"
    )


def _keep(told: Sequence[Told], filename: str, account: str, by: Actor) -> tuple[BankStatement, bool]:
    facts = "\n".join(
        f"{one.booked_on}|{one.reference}|{one.content}|{one.amount_dong}|{one.balance}" for one in told
    )
    digest = hashlib.sha256(f"{account}\n{facts}".encode()).hexdigest()
    known = db.session.scalars(select(BankStatement).where(BankStatement.digest == digest)).one_or_none()
    if known is not None:
        return known, False
    made = BankStatement(
        filename=filename[:200],
        digest=digest,
        account=account,
        state=BankStatementState.READ,
        uploaded_by_id=by.person_id,
    )
    db.session.add(made)
    db.session.flush()
    for one in told:
        made.lines.append(
            StatementLine(
                number=one.number, booked_on=one.booked_on, reference=one.reference, content=one.content,
                amount_dong=one.amount_dong,
            )
        )  # fmt: skip
    db.session.flush()
    audit.record(by, "bank_statement.read", made, lines=len(told))
    return made, True


@dataclass(frozen=True)
class Preview:
    """What a line would do: it is known already, it pays an order, it waits for a person, it went out."""

    line: StatementLine
    outcome: Text
    tone: str
    payment: Payment | None = None


def preview(statement: BankStatement) -> list[Preview]:
    """Every line with what settling would make of it; nothing is written."""
    shown = []
    for line, key in _keyed(statement):
        if line.amount_dong < 0:
            shown.append(Preview(line, _("Tiền ra, không ghi"), "calm"))
            continue
        if line.notice is not None or _known(line, key) is not None:
            shown.append(Preview(line, _("Chợ đã biết khoản này"), "calm"))
            continue
        found = _payments(line.content)
        if len(found) != 1:
            shown.append(Preview(line, _("Không rõ đơn nào, chờ người xem"), "warm"))
        elif found[0].amount_dong == line.amount_dong and found[0].state.value == "expected":
            shown.append(Preview(line, _("Trả đủ đơn"), "good", found[0]))
        else:
            shown.append(Preview(line, _("Không khớp số tiền hoặc đơn đã khép"), "warm", found[0]))
    return shown


def _payments(content: str) -> Sequence[Payment]:
    codes = transfers.codes_in(content)
    if not codes:
        return []
    return list(
        db.session.scalars(select(Payment).where(Payment.code.in_(codes), Payment.farm_order_id.is_(None)))
    )


def _keyed(statement: BankStatement) -> list[tuple[StatementLine, str]]:
    """Each line with what it is known by when the same day stands in two statements: by the bank's number, else by all
    that stands in it, and the how-manieth of its like it is."""
    seen: Counter[str] = Counter()
    keyed = []
    for line in statement.lines:
        facts = f"{line.booked_on}|{line.reference}|{line.content}|{line.amount_dong}"
        seen[facts] += 1
        keyed.append((line, hashlib.sha256(f"{facts}|{seen[facts]}".encode()).hexdigest()))
    return keyed


def _known(line: StatementLine, key: str) -> BankNotice | None:
    own = select(BankNotice).where(BankNotice.source == "statement", BankNotice.external_id == key)
    known = db.session.scalars(own).one_or_none()
    if known is not None:
        return known
    noon = clock.start_of_day(line.booked_on) + transfers.HALF_A_DAY
    return transfers.told_by_another(
        "statement",
        line.amount_dong,
        line.content,
        transfers.fingerprint(line.reference, line.amount_dong),
        noon,
    )


def settle(statement: BankStatement, by: Actor) -> list[BankNotice]:
    """Treat every transfer of the statement that was not told of yet as if the bank had told us now; returns those.
    Settled again it does nothing."""
    (statement,) = claim(BankStatement, [statement.id])
    if statement.state is BankStatementState.SETTLED:
        return []
    states.move(statement, BankStatementState.SETTLED, by)
    fresh = []
    for line, key in _keyed(statement):
        # What we sent a farm arrived, or came back: the slip's code stands in the text.
        is_payout = any(payouts.settle_by_statement([(line.content, line.amount_dong)], by))
        if line.amount_dong < 0 or is_payout:
            continue
        notice, line.is_new = transfers.keep(
            "statement",
            key,
            line.amount_dong,
            line.content,
            statement.account,
            {"statement": statement.code, "line": line.number},
            line.reference,
            clock.start_of_day(line.booked_on) + transfers.HALF_A_DAY,
        )
        line.notice_id = notice.id
        if line.is_new:
            fresh.append(notice)
    return fresh


def drop(statement: BankStatement, by: Actor) -> None:
    """The wrong file: nothing was written for it, and it may be sent again."""
    (statement,) = claim(BankStatement, [statement.id])
    states.move(statement, BankStatementState.DROPPED, by)
    statement.digest = f"{statement.digest[:40]}:{statement.code}"
