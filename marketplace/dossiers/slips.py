"""Slips: what stands on paper about a dossier, as lines that the page and the PDF print alike, in Vietnamese.

Forms of Circular 03/2025/TT-VPCP, Annex I: 01 receipt and appointment, 02 request for papers, 03 refusal at reception,
04 apology and extension, 05 stop; the fee's receipt; and the hand-over list. The fields are those of
data/admin_procedure.json; the exact layout of the 2025 annex is still to be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from marketplace.accounts.models import Person
from marketplace.dossiers import fetching, queries
from marketplace.dossiers.models import (
    DIRECTION_WORDS,
    RETURN_WORDS,
    Dossier,
    DossierState,
    HandOver,
    ReturnWay,
    is_asked,
    said,
)
from marketplace.foundation import clock, market
from marketplace.foundation.money import dong
from marketplace.foundation.printed import PrintedSheet
from marketplace.foundation.show import day, moment
from marketplace.foundation.words import _, in_language

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập – Tự do – Hạnh phúc"


@dataclass(frozen=True)
class Slip:
    """One slip, in words ready to print."""

    form: str
    title: str
    number: str
    office: str
    made: str
    facts: Sequence[tuple[str, str]]
    papers: Sequence[str] = field(default=())
    text: Sequence[str] = field(default=())
    link: str = ""
    secret: str = ""
    signs: tuple[str, str] = ("", "")


KINDS = ("receipt", "request", "refusal", "extension", "stop", "fee")


def slips_of(dossier: Dossier) -> list[str]:
    """Which slips there are of a dossier now."""
    found = []
    if dossier.submitted_at is not None:
        found.append("receipt")
    if dossier.state is DossierState.NEEDS_PAPERS:
        found.append("request")
    if dossier.refused_at is not None:
        found.append("refusal")
    if dossier.extensions:
        found.append("extension")
    if dossier.stopped_at is not None:
        found.append("stop")
    if dossier.fee_receipt is not None:
        found.append("fee")
    return found


def slip(dossier: Dossier, kind: str = "receipt") -> Slip:
    """A slip of the dossier, in Vietnamese whoever prints it."""
    with in_language("vi"):
        return {
            "receipt": _receipt,
            "request": _request,
            "refusal": _refusal,
            "extension": _extension,
            "stop": _stop,
            "fee": _fee,
        }[kind](dossier)


def promise(at: datetime) -> str:
    """`16:59 Thứ Năm, 11/2/2027`: the same words on page, slip and notice."""
    there = clock.local(at)
    return f"{there:%H:%M} {day(there, True)}"


def _receipt(dossier: Dossier) -> Slip:
    procedure = dossier.procedure
    taken = dossier.received_at or dossier.submitted_at
    assert taken is not None and dossier.submitted_at is not None
    facts: list[tuple[object, str]] = [
        *_who(dossier),
        (_("Nội dung yêu cầu"), procedure.name),
        (_("Số lượng hồ sơ"), str(_("01 bộ"))),
        (
            _("Thời hạn theo quy định"),
            str(_("%(count)s ngày làm việc", count=procedure.working_days)),
        ),
        (_("Nhận hồ sơ lúc"), promise(dossier.submitted_at)),
        (_("Hẹn trả kết quả lúc"), promise(dossier.due_at) if dossier.due_at else str(_("đang tạm dừng"))),
        (_("Nhận kết quả"), _way(dossier)),
        (_("Lệ phí"), _fee_said(dossier)),
        (_("Tình trạng"), str(dossier.state.label)),
    ]
    if dossier.book_no:
        facts.append((_("Vào sổ theo dõi"), f"{clock.local(taken).year} / {dossier.book_no}"))
    return _made(
        dossier,
        "01",
        _("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"),
        facts,
        papers=[
            f"{said(spec)} ({spec.get('copies', 1)})"
            for spec in procedure.papers
            if is_asked(spec, dossier.facts) and dossier.current_paper(spec["key"]) is not None
        ],
        text=[
            _("Ngày hẹn tính theo ngày làm việc; nộp sau giờ đóng cửa thì tính từ giờ mở cửa kế tiếp."),
            *(
                [_("Thời gian gửi bưu điện về nhà tính thêm, ngoài thời hạn trên.")]
                if dossier.return_way is ReturnWay.POST
                else []
            ),
        ],
        signs=(_("Người nộp hồ sơ"), _("Người tiếp nhận")),
    )


def _request(dossier: Dossier) -> Slip:
    missing = queries.missing_names(dossier)
    return _made(
        dossier,
        "02",
        _("PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ"),
        [
            *_who(dossier),
            (_("Nội dung yêu cầu"), dossier.procedure.name),
            (_("Tạm dừng tính từ"), promise(dossier.paused_at) if dossier.paused_at else ""),
        ],
        papers=missing,
        text=[dossier.reason or "", _("Trong lúc chờ bổ sung, thời gian giải quyết tạm dừng tính.")],
    )


def _refusal(dossier: Dossier) -> Slip:
    assert dossier.refused_at is not None
    at_reception = dossier.received_at is None
    title = (
        _("PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ") if at_reception else _("THÔNG BÁO KHÔNG DUYỆT HỒ SƠ")
    )
    return _made(
        dossier,
        "03" if at_reception else "",
        title,
        [
            *_who(dossier),
            (_("Nội dung yêu cầu"), dossier.procedure.name),
            (_("Ngày"), promise(dossier.refused_at)),
        ],
        text=[dossier.reason or ""],
    )


def _extension(dossier: Dossier) -> Slip:
    last = dossier.extensions[-1]
    return _made(
        dossier,
        "04",
        _("PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"),
        [
            *_who(dossier),
            (_("Nội dung yêu cầu"), dossier.procedure.name),
            (_("Đã hẹn trả lúc"), promise(last.old_due_at)),
            (_("Nay hẹn lại lúc"), promise(last.new_due_at)),
        ],
        text=[
            _("Chúng tôi xin lỗi vì chưa giải quyết xong đúng hẹn. Lý do:"),
            last.reason,
        ],
    )


def _stop(dossier: Dossier) -> Slip:
    assert dossier.stopped_at is not None
    return _made(
        dossier,
        "05",
        _("THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ"),
        [
            *_who(dossier),
            (_("Nội dung yêu cầu"), dossier.procedure.name),
            (_("Ngày"), promise(dossier.stopped_at)),
        ],
        text=[dossier.reason or ""],
    )


def _fee(dossier: Dossier) -> Slip:
    receipt = dossier.fee_receipt
    assert receipt is not None
    return _made(
        dossier,
        "",
        _("BIÊN LAI THU LỆ PHÍ"),
        [
            *_who(dossier),
            (_("Khoản thu"), f"{_('Lệ phí')}: {dossier.procedure.name}"),
            (_("Số tiền"), dong(receipt.amount_dong)),
            (_("Cách nộp"), str(_("Tiền mặt tại quầy"))),
            (_("Thu lúc"), promise(receipt.created_at)),
            (_("Người thu"), receipt.taken_by.name if receipt.taken_by else ""),
            (_("Số biên lai"), receipt.number or receipt.code),
        ],
        signs=(_("Người nộp tiền"), _("Người thu tiền")),
    )


def _who(dossier: Dossier) -> list[tuple[object, str]]:
    applicant: Person = dossier.applicant
    facts = dossier.facts
    phone = applicant.contact_phone or ""
    return [
        (_("Nhận hồ sơ của"), str(facts.get("full_name") or applicant.name)),
        (_("Số định danh"), str(facts.get("personal_id") or facts.get("tax_code") or "")),
        (_("Điện thoại"), f"••• ••• {phone[-3:]}" if phone else ""),
    ]


def _way(dossier: Dossier) -> str:
    words = str(RETURN_WORDS[dossier.return_way])
    if dossier.return_way is ReturnWay.COUNTER and dossier.point is not None:
        later = fetching.fetched_from(dossier)
        shut = f" ({_('quầy nghỉ, lấy từ %(day)s', day=day(later, True))})" if later is not None else ""
        return f"{words}: {dossier.point.name}{shut}"
    return words


def _fee_said(dossier: Dossier) -> str:
    if dossier.procedure.fee_varies:
        return str(_("Theo mức của tỉnh"))
    if not dossier.fee_dong:
        return str(_("Không mất phí"))
    paid = _("đã thu") if dossier.fee_receipt is not None else _("chưa thu")
    return f"{dong(dossier.fee_dong)} ({paid})"


def _made(
    dossier: Dossier,
    form: str,
    title: object,
    facts: Sequence[tuple[object, str]],
    papers: Sequence[object] = (),
    text: Sequence[object] = (),
    signs: tuple[object, object] = ("", ""),
) -> Slip:
    procedure = dossier.procedure
    settings = market.settings()
    office = dossier.point.name if dossier.point is not None else settings.site_name
    if procedure.is_public:
        office = f"{office}, {_('tiếp nhận thay')} {procedure.agency}"
    return Slip(
        form=form,
        title=str(title),
        number=f"{dossier.code}/TNHS",
        office=office,
        made=promise(clock.now()),
        facts=[(str(name), str(value)) for name, value in facts],
        papers=[str(paper) for paper in papers],
        text=[str(line) for line in text if str(line)],
        link=f"{settings.site_url}/dossiers/{dossier.code}?key={dossier.secret}",
        secret=dossier.secret,
        signs=(str(signs[0]), str(signs[1])),
    )


# -- on paper -----------------------------------------------------------------------------------------------------


def pdf(made: Slip) -> bytes:
    """The slip as an A5 sheet with a QR code to the tracking page."""
    paper = PrintedSheet("A5", title=f"{made.title} {made.number}", margin=10)
    top = paper.place()
    paper.say(made.office, 8.5, bold=True, wide=92)
    paper.say(f"Số: {made.number}" + (f" · Mẫu {made.form}" if made.form else ""), 8.5, wide=92)
    paper.say(COUNTRY, 7.5, bold=True, wide=92)
    paper.say(MOTTO, 7.5, wide=92, gap=1)
    paper.qr(made.link, paper.pdf.w - 10 - 26, top, 26)
    paper.pdf.set_y(max(paper.place(), top + 28))
    paper.say(made.title, 12, bold=True, align="C", gap=2)
    for name, value in made.facts:
        paper.fact(name, value, 9, 40)
    if made.papers:
        paper.rule()
        paper.say("Thành phần hồ sơ:" if made.form == "01" else "Cần bổ sung:", 9, bold=True)
        for number, line in enumerate(made.papers, 1):
            paper.say(f"{number}. {line}", 9)
    if made.text:
        paper.rule()
        for line in made.text:
            paper.say(line, 8.5, gap=0.8)
    paper.say(f"Tra cứu: {made.link.partition('?')[0]} · mã tra cứu {made.secret}", 8.5, bold=True)
    if made.signs[0]:
        paper.signatures(*made.signs)
    paper.say(f"In lúc {made.made}", 7.5)
    return paper.done()


def hand_over_pdf(made: HandOver) -> bytes:
    """The hand-over list as an A4 sheet, to be signed by both sides."""
    with in_language("vi"):
        paper = PrintedSheet("A4", title=made.number, margin=15)
        paper.say(f"{COUNTRY}\n{MOTTO}", 9, bold=True, align="C", gap=3)
        paper.say("DANH SÁCH BÀN GIAO HỒ SƠ", 14, bold=True, align="C")
        paper.say(f"Số {made.number}", 10, align="C", gap=3)
        paper.fact("Việc", str(DIRECTION_WORDS[made.direction]))
        paper.fact("Bưu cục", made.point.name)
        paper.fact("Cơ quan", made.agency)
        paper.fact("Lập lúc", moment(made.created_at))
        paper.fact("Số hồ sơ", str(len(made.lines)))
        paper.rule()
        paper.table(
            ["Số", "Mã hồ sơ", "Người nộp", "Thủ tục", "Hẹn trả", "Kết quả"],
            [
                [
                    str(line.position),
                    line.dossier.code,
                    line.dossier.applicant.name,
                    line.dossier.procedure.name,
                    moment(line.dossier.due_at) if line.dossier.due_at else "",
                    line.dossier.agency_no,
                ]
                for line in made.lines
            ],
            [5, 14, 22, 34, 16, 14],
        )
        giver, taker = ("Bưu điện", "Cơ quan") if made.direction == "to_agency" else ("Cơ quan", "Bưu điện")
        paper.signatures(f"Bên giao: {giver}", f"Bên nhận: {taker}")
        return paper.done()
