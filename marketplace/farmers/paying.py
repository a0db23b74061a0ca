"""Where a farm is paid. A changed account holds payouts for three days; one that is somebody else's needs a paper, and
on an open farm holds them until a reviewer has seen it."""

import re
from datetime import timedelta

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import Dossier
from marketplace.farmers import queries
from marketplace.farmers.events import BankAccountChanged
from marketplace.farmers.models import BankAccount, Farm, FarmState, PayBy
from marketplace.farmers.telling import read_line, tell
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.events import publish
from marketplace.foundation.files import ReadyPaper
from marketplace.foundation.fingerprint import fingerprint
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.foundation.sealing import seal, unseal
from marketplace.foundation.words import _

HOLD_PAYOUTS = timedelta(days=3)
HOLDER_PAPER = "holder_paper"
PROCEDURE = "pay_to_another"


def change_bank_account(
    farm: Farm,
    method: PayBy,
    by: Actor,
    bank_bin: str | None = None,
    number: str | None = None,
    holder: str = "",
    holder_paper: ReadyPaper | None = None,
) -> bool:
    """Change where the farm is paid. Everybody at the farm is told, and nothing is paid out for three days.

    An account of somebody else (a spouse, the co-operative) needs a paper that says so; a reviewer looks at it as a
    dossier, and nothing is paid out before they agreed. False: it was that account already, and nothing happened.

    Only the owner, in person: nobody who helps. Whoever calls has asked for the password or a code again (`prove`).
    """
    if farm.state not in (FarmState.OPEN, FarmState.ON_HOLIDAY, FarmState.SUSPENDED):
        raise Conflict(_("Gian hàng chưa mở hoặc đã đóng nên chưa sửa được ở đây."))
    if by.for_id is not None or by.person_id != queries.owner_of(farm).id:
        raise Forbidden(_("Chỉ chủ gian hàng đổi được tài khoản nhận tiền."))
    is_new = write_account(farm, method, bank_bin, number, holder)
    account = farm.bank_account
    assert account is not None
    is_sent_again = holder_paper is not None and account.holder_asked_at is not None
    if not (is_new or is_sent_again):
        return False
    _ask_about_holder(farm, account, holder_paper, by)
    account.payouts_held_until = clock.now() + HOLD_PAYOUTS
    audit.record(by, "farm.change_bank_account", farm, method=method.value, end=account.number_end)
    publish(BankAccountChanged(farm.id))
    bank = queries.bank_of(farm)
    tell(
        farm,
        "bank_changed",
        "/sell/farm",
        bank=bank.short_name if bank is not None else "",
        end=account.number_end,
        held_until=account.payouts_held_until,
    )
    return True


def _ask_about_holder(farm: Farm, account: BankAccount, paper: ReadyPaper | None, by: Actor) -> None:
    """What was asked about the account before is over; somebody else's account is asked about anew."""
    earlier = queries.account_dossier(farm)
    if earlier is not None and not earlier.is_over:
        dossiers.withdraw(earlier, by)
    account.holder_asked_at = None
    if not queries.holder_is_other(farm):
        return
    if paper is None:
        raise holder_needs_paper(farm)
    db.session.flush()
    dossier = dossiers.open(
        PROCEDURE, queries.owner_of(farm), BankAccount.__tablename__, account.id, _facts(farm, account), by
    )
    dossiers.add_paper(dossier, HOLDER_PAPER, paper, by)
    dossiers.submit(dossier, by)
    account.holder_asked_at = clock.now()


def _facts(farm: Farm, account: BankAccount) -> dict[str, str]:
    bank = queries.bank_of(farm)
    assert farm.identity is not None and bank is not None
    return {
        "farm": f"{farm.code} {farm.name}",
        "full_name": farm.identity.full_name,
        "bank": bank.label,
        "account": account.number_shown,
        "holder": account.holder,
    }


def when_holder_agreed(dossier: Dossier) -> None:
    """A reviewer saw the paper: nothing more holds payouts than the three days."""
    account = db.session.get_one(BankAccount, dossier.subject_id)
    account.holder_asked_at = None
    publish(BankAccountChanged(account.farm_id))


def holder_needs_paper(farm: Farm) -> Refusal:
    """What is said when the account is not the holder's own and no paper came with it."""
    assert farm.identity is not None
    return Refusal(
        _(
            "Chủ tài khoản khác người đứng tên %(name)s. Được, nhưng cần chụp thêm một giấy: đăng ký kết "
            "hôn, giấy đồng ý của chủ tài khoản, hoặc giấy của hợp tác xã.",
            name=farm.identity.full_name,
        ),
        "holder_paper",
    )


def write_account(farm: Farm, method: PayBy, bank_bin: str | None, number: str | None, holder: str) -> bool:
    """Write where the farm is paid; tells whether anything changed."""
    account = farm.bank_account or BankAccount()
    wanted: tuple[PayBy, str | None, str]
    if method is PayBy.CASH:
        wanted, digits = (PayBy.CASH, None, ""), ""
    else:
        if queries.bank(bank_bin or "") is None:
            raise Refusal(_("Hãy chọn ngân hàng."), "bank")
        kept = unseal(account.number_sealed) if account.number_sealed else ""
        same_bank = account.bank_bin == bank_bin
        digits = _account_number(number or (kept if same_bank else ""))
        name = read_line(holder, 120, "holder", _("Hãy ghi tên chủ tài khoản, như ngân hàng in."))
        wanted = (PayBy.BANK, bank_bin, name)
    before = (account.method, account.bank_bin, account.holder)
    kept_digits = unseal(account.number_sealed) if account.number_sealed else ""
    if farm.bank_account is not None and before == wanted and kept_digits == digits:
        return False
    account.method, account.bank_bin, account.holder = wanted
    account.number_sealed, account.number_end = (seal(digits), digits[-4:]) if digits else (None, "")
    account.number_print = fingerprint(f"{bank_bin}/{digits}", "bank_account") if digits else None
    account.changed_at = clock.now()
    farm.bank_account = account
    return True


def _account_number(typed: str) -> str:
    digits = re.sub(r"[\s.\-]", "", typed)
    if not re.fullmatch(r"[0-9]{6,19}", digits):
        raise Refusal(_("Số tài khoản chỉ gồm chữ số, từ 6 đến 19 số."), "number")
    return digits


def send_proof_code(person: Person) -> None:
    """Send the owner a code with which to prove that it is really them. Raises Refusal after too many."""
    accounts.send_code(_login(person), "bank")


def prove(person: Person, password: str, code: str, by: Actor) -> bool:
    """Is it really this person? By their password, or by the code that was sent.

    Tries are counted, wrong ones too: give this a transaction of its own.
    """
    login = _login(person)
    if code:
        return accounts.use_code(login, "bank", code, by) == person
    accounts.count_try(login)
    return bool(password) and people.person_by_password(login, password) == person


def _login(person: Person) -> str:
    login = person.phone or person.email
    assert login is not None, "the database sees to it that a person can be reached"
    return login
